/*
 * SBI calls. The one ecall of the kernel is here: a7 the extension, a6 the
 * function, a0.. arguments; a0 the error and a1 the value come back (SBI
 * specification, "Binary Encoding"). The firmware keeps all other registers.
 */
#include "sbi/sbi.h"

#define EXT_BASE	   0x10
#define EXT_TIME	   0x54494d45
#define EXT_IPI		   0x735049
#define EXT_RFENCE	   0x52464e43
#define EXT_HSM		   0x48534d
#define EXT_SRST	   0x53525354
#define EXT_DBCN	   0x4442434e
#define EXT_LEGACY_TIMER   0x00
#define EXT_LEGACY_PUTCHAR 0x01

struct sbi_info sbi_info;

struct sbi_ret {
	long error;
	long value;
};

static struct sbi_ret sbi_call(u64 ext, u64 fn, u64 arg0, u64 arg1, u64 arg2, u64 arg3, u64 arg4)
{
	register u64 a0 __asm__("a0") = arg0;
	register u64 a1 __asm__("a1") = arg1;
	register u64 a2 __asm__("a2") = arg2;
	register u64 a3 __asm__("a3") = arg3;
	register u64 a4 __asm__("a4") = arg4;
	register u64 a6 __asm__("a6") = fn;
	register u64 a7 __asm__("a7") = ext;

	__asm__ volatile("ecall"
			 : "+r"(a0), "+r"(a1)
			 : "r"(a2), "r"(a3), "r"(a4), "r"(a6), "r"(a7)
			 : "memory");
	return (struct sbi_ret){ (long)a0, (long)a1 };
}

static bool probe(u64 ext)
{
	struct sbi_ret r = sbi_call(EXT_BASE, 3, ext, 0, 0, 0, 0);

	return r.error == 0 && r.value != 0;
}

void sbi_init(void)
{
	sbi_info = (struct sbi_info){
		.version = (u32)sbi_call(EXT_BASE, 0, 0, 0, 0, 0, 0).value,
		.impl_id = (u32)sbi_call(EXT_BASE, 1, 0, 0, 0, 0, 0).value,
		.impl_version = (u32)sbi_call(EXT_BASE, 2, 0, 0, 0, 0, 0).value,
		.mvendorid = (u64)sbi_call(EXT_BASE, 4, 0, 0, 0, 0, 0).value,
		.marchid = (u64)sbi_call(EXT_BASE, 5, 0, 0, 0, 0, 0).value,
		.mimpid = (u64)sbi_call(EXT_BASE, 6, 0, 0, 0, 0, 0).value,
		.time = probe(EXT_TIME),
		.ipi = probe(EXT_IPI),
		.rfence = probe(EXT_RFENCE),
		.hsm = probe(EXT_HSM),
		.srst = probe(EXT_SRST),
		.dbcn = probe(EXT_DBCN),
	};
}

long sbi_set_timer(u64 ticks)
{
	if (!sbi_info.time)
		return sbi_call(EXT_LEGACY_TIMER, 0, ticks, 0, 0, 0, 0).error;
	return sbi_call(EXT_TIME, 0, ticks, 0, 0, 0, 0).error;
}

long sbi_send_ipi(u64 mask, u64 base)
{
	return sbi_call(EXT_IPI, 0, mask, base, 0, 0, 0).error;
}

long sbi_remote_fence_i(u64 mask, u64 base)
{
	return sbi_call(EXT_RFENCE, 0, mask, base, 0, 0, 0).error;
}

long sbi_remote_sfence_vma(u64 mask, u64 base, u64 start, u64 size)
{
	return sbi_call(EXT_RFENCE, 1, mask, base, start, size, 0).error;
}

long sbi_remote_sfence_vma_asid(u64 mask, u64 base, u64 start, u64 size, u64 asid)
{
	return sbi_call(EXT_RFENCE, 2, mask, base, start, size, asid).error;
}

long sbi_hart_start(u64 hartid, u64 addr, u64 opaque)
{
	if (!sbi_info.hsm)
		return SBI_ERR_NOT_SUPPORTED;
	return sbi_call(EXT_HSM, 0, hartid, addr, opaque, 0, 0).error;
}

long sbi_system_reset(enum sbi_reset type, bool failure)
{
	if (!sbi_info.srst)
		return SBI_ERR_NOT_SUPPORTED;
	return sbi_call(EXT_SRST, 0, type, failure, 0, 0, 0).error;
}

void sbi_console_write(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (sbi_info.dbcn)
			sbi_call(EXT_DBCN, 2, (u8)s[i], 0, 0, 0, 0);
		else
			sbi_call(EXT_LEGACY_PUTCHAR, 0, (u8)s[i], 0, 0, 0, 0);
	}
}
