/*
 * What riscv adds to the calls of Linux: riscv_hwprobe(2), riscv_flush_icache(2). Nothing changes
 * after boot: no locks.
 */
#include <compiler.h>
#include <syscalls.h>
#include <uapi/errno.h>
#include <uapi/hwprobe.h>
#include <uapi/prctl.h>

#include "arch/riscv/cpu.h"
#include "arch/riscv/pgtable.h"
#include "arch/riscv/vdso_data.h"
#include "core/sched.h"
#include "core/time.h"
#include "mm/usercopy.h"
#include "mm/vm.h"
#include "sbi/sbi.h"
#include "sync/log.h"
#include "syscall/syscall.h"

long sys_riscv_flush_icache(unsigned long start __unused, unsigned long end __unused,
			    unsigned long flags)
{
	if (flags & ~SYS_RISCV_FLUSH_ICACHE_ALL)
		return -EINVAL;
	/* For the caller alone too: it may run on any hart next. */
	icache_flush(all_harts());
	return 0;
}

/* --- riscv_hwprobe ----------------------------------------------------------------------------------------------- */

/*
 * Extensions of which a program may know, but for those whose registers are not kept (vectors) or
 * that S-mode would have to turn on for it (Zicboz).
 */
static u64 extensions(void)
{
	static const struct {
		const char *name;
		u8 bit;
	} table[] = {
		{ "zba", 3 },	       { "zbb", 4 },	{ "zbs", 5 },	  { "zbc", 7 },
		{ "zbkb", 8 },	       { "zbkc", 9 },	{ "zbkx", 10 },	  { "zknd", 11 },
		{ "zkne", 12 },	       { "zknh", 13 },	{ "zksed", 14 },  { "zksh", 15 },
		{ "zkt", 16 },	       { "zfh", 27 },	{ "zfhmin", 28 }, { "zihintntl", 29 },
		{ "zfa", 32 },	       { "ztso", 33 },	{ "zacas", 34 },  { "zicond", 35 },
		{ "zihintpause", 36 }, { "zimop", 42 }, { "zcb", 44 },	  { "zcmop", 47 },
		{ "zawrs", 48 },
	};
	/* C with D is Zca and Zcd under newer names. */
	u64 bits = RISCV_HWPROBE_IMA_FD | RISCV_HWPROBE_IMA_C | RISCV_HWPROBE_EXT_ZCA |
		   RISCV_HWPROBE_EXT_ZCD;

	if (v_size())
		bits |= RISCV_HWPROBE_IMA_V;
	for (unsigned i = 0; i < ARRAY_SIZE(table); i++)
		if (isa_has(table[i].name))
			bits |= 1UL << table[i].bit;
	return bits;
}

/* False: no such key. All harts are alike as far as programs are told. */
static bool probe(s64 key, u64 *value)
{
	*value = 0;
	switch (key) {
	case RISCV_HWPROBE_KEY_MVENDORID:
		*value = sbi_info.mvendorid;
		return true;
	case RISCV_HWPROBE_KEY_MARCHID:
		*value = sbi_info.marchid;
		return true;
	case RISCV_HWPROBE_KEY_MIMPID:
		*value = sbi_info.mimpid;
		return true;
	case RISCV_HWPROBE_KEY_ZICBOZ_BLOCK_SIZE: /* programs are not let to use it */
		return true;
	case RISCV_HWPROBE_KEY_CPUPERF_0:
	case RISCV_HWPROBE_KEY_MISALIGNED_SCALAR_PERF:
		*value = RISCV_HWPROBE_MISALIGNED_UNKNOWN;
		return true;
	case RISCV_HWPROBE_KEY_BASE_BEHAVIOR:
		*value = RISCV_HWPROBE_BASE_BEHAVIOR_IMA;
		return true;
	case RISCV_HWPROBE_KEY_IMA_EXT_0:
		*value = extensions();
		return true;
	case RISCV_HWPROBE_KEY_HIGHEST_VIRT_ADDRESS:
		*value = USER_TOP;
		return true;
	case RISCV_HWPROBE_KEY_TIME_CSR_FREQ:
		*value = timebase();
		return true;
	default:
		return false;
	}
}

/* All harts' values, for the vDSO. */
void hwprobe_publish(void)
{
	for (unsigned key = 0; key < VDSO_PROBE_KEYS; key++)
		BUG_ON(!probe(key, &vdso_data->probe[key]));
}

static bool probe_is_bitmask(s64 key)
{
	return key == RISCV_HWPROBE_KEY_BASE_BEHAVIOR || key == RISCV_HWPROBE_KEY_IMA_EXT_0;
}

/* The cpu set that the caller names: a mask of harts. */
static int probe_cpus(u64 *harts, size_t size, const void __user *cpus)
{
	*harts = all_harts();
	if (!size && !cpus)
		return 0;
	*harts = 0;
	if (copy_from_user(harts, cpus, min(size, sizeof(*harts))))
		return -EFAULT;
	*harts &= all_harts();
	return 0;
}

static long probe_values(struct riscv_hwprobe __user *pairs, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct riscv_hwprobe p;

		if (copy_from_user(&p.key, &pairs[i].key, sizeof(p.key)))
			return -EFAULT;
		if (!probe(p.key, &p.value))
			p.key = -1;
		if (copy_to_user(&pairs[i], &p, sizeof(p)))
			return -EFAULT;
		cond_resched();
	}
	return 0;
}

/* RISCV_HWPROBE_WHICH_CPUS: leaves in the set those harts that have all that the pairs say. */
static long probe_which(struct riscv_hwprobe __user *pairs, size_t n, u64 harts, size_t size,
			void __user *cpus)
{
	if (!harts)
		harts = all_harts();
	for (size_t i = 0; i < n; i++) {
		struct riscv_hwprobe p;
		u64 value;

		if (copy_from_user(&p, &pairs[i], sizeof(p)))
			return -EFAULT;
		if (!probe(p.key, &value)) {
			s64 unknown = -1;

			harts = 0;
			if (copy_to_user(&pairs[i].key, &unknown, sizeof(unknown)))
				return -EFAULT;
		} else if (probe_is_bitmask(p.key) ? (value & p.value) != p.value :
						     value != p.value) {
			harts = 0;
		}
		cond_resched();
	}
	return copy_to_user(cpus, &harts, min(size, sizeof(harts)));
}

long sys_riscv_hwprobe(void __user *pairs, size_t pair_count, size_t cpu_count, void __user *cpus,
		       unsigned long flags)
{
	u64 harts;
	int err;

	if ((u32)flags & ~(u32)RISCV_HWPROBE_WHICH_CPUS)
		return -EINVAL;
	if (((u32)flags & RISCV_HWPROBE_WHICH_CPUS) && (!cpu_count || !cpus))
		return -EINVAL;
	err = probe_cpus(&harts, cpu_count, cpus);
	if (err)
		return err;
	if ((u32)flags & RISCV_HWPROBE_WHICH_CPUS)
		return probe_which(pairs, pair_count, harts, cpu_count, cpus);
	if (!harts)
		return -EINVAL;
	return probe_values(pairs, pair_count);
}
