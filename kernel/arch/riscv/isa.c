/*
 * What the harts can do, from their ISA strings (RISC-V ISA manual, "ISA
 * Extension Naming Conventions"; device tree binding riscv/extensions). The
 * features are those that all harts have. Boot only; read-only afterwards.
 */
#include "arch/riscv/cpu.h"

#include <compiler.h>
#include "arch/riscv/boot.h"
#include "arch/riscv/csr.h"
#include "lib/string.h"

struct cpu_features cpu_features;
char cpu_isa[256];

/* The first few are the kernel's own concern, all may be asked for by name. */
enum ext { EXT_SSTC, EXT_ZBA, EXT_ZBB, EXT_ZBS, EXT_ZICBOZ, EXT_SVPBMT, EXT_SVADU };

static const char *const ext_names[] = {
	[EXT_SSTC] = "sstc",
	[EXT_ZBA] = "zba",
	[EXT_ZBB] = "zbb",
	[EXT_ZBS] = "zbs",
	[EXT_ZICBOZ] = "zicboz",
	[EXT_SVPBMT] = "svpbmt",
	[EXT_SVADU] = "svadu",
	"zbc",
	"zbkb",
	"zbkc",
	"zbkx",
	"zknd",
	"zkne",
	"zknh",
	"zksed",
	"zksh",
	"zkt",
	"zfh",
	"zfhmin",
	"zihintntl",
	"zfa",
	"ztso",
	"zacas",
	"zicond",
	"zihintpause",
	"zimop",
	"zca",
	"zcb",
	"zcd",
	"zcmop",
	"zawrs",
};
static_assert(ARRAY_SIZE(ext_names) <= 64, "a bit each");

static u64 all_letters = U64_MAX, all_exts = U64_MAX; /* common to the harts so far */
static u64 letters, exts; /* of the hart being described */
static bool any_hart;

/* The letters that Linux shows in AT_HWCAP. */
static u64 letter_bit(char c)
{
	return islower_(c) ? 1UL << (c - 'a') : 0;
}

#define HWCAP_LETTERS                                                                              \
	(letter_bit('i') | letter_bit('m') | letter_bit('a') | letter_bit('f') | letter_bit('d') | \
	 letter_bit('c') | letter_bit('v'))

static void close_hart(void)
{
	if (!any_hart)
		return;
	all_letters &= letters;
	all_exts &= exts;
}

void isa_begin_hart(void)
{
	close_hart();
	letters = exts = 0;
	any_hart = true;
}

static void add_letter(char c)
{
	if (c == 'g')
		letters |= HWCAP_LETTERS & ~(letter_bit('c') | letter_bit('v'));
	letters |= letter_bit(c);
}

static void add_named(const char *name, size_t n)
{
	for (unsigned i = 0; i < ARRAY_SIZE(ext_names); i++)
		if (strlen(ext_names[i]) == n && memcmp(ext_names[i], name, n) == 0)
			exts |= 1UL << i;
}

void isa_add_extension(const char *name)
{
	size_t have = strlen(cpu_isa);

	if (name[0] && !name[1])
		add_letter(name[0]);
	else
		add_named(name, strlen(name));
	/* The text of the first hart: letters stand together, names behind underscores. */
	if (all_letters != U64_MAX)
		return;
	if (have == 0)
		have = strlcpy(cpu_isa, "rv64", sizeof(cpu_isa));
	if (name[0] && name[1])
		strlcat(cpu_isa, "_", sizeof(cpu_isa));
	strlcat(cpu_isa, name, sizeof(cpu_isa));
}

void isa_add_string(const char *isa)
{
	if (all_letters == U64_MAX)
		strlcpy(cpu_isa, isa, sizeof(cpu_isa));
	if (str_starts_with(isa, "rv64"))
		isa += 4;
	while (*isa && *isa != '_')
		add_letter(*isa++);
	while (*isa == '_') {
		const char *end = strchrnul(++isa, '_');

		add_named(isa, (size_t)(end - isa));
		isa = end;
	}
}

bool isa_has(const char *name)
{
	for (unsigned i = 0; i < ARRAY_SIZE(ext_names); i++)
		if (str_equal(ext_names[i], name))
			return all_exts >> i & 1;
	return false;
}

/* Does the hart know the CSR? Firmware that has not turned Sstc on makes the access trap. */
static bool stimecmp_works(void)
{
	u64 old, value, ok;

	__asm__ volatile("lla	%[v], 1f\n\t"
			 "csrrw	%[old], stvec, %[v]\n\t"
			 "li	%[ok], 0\n\t"
			 "csrr	%[v], %[csr]\n\t"
			 "li	%[ok], 1\n\t"
			 ".balign 4\n"
			 "1:\n\t"
			 "csrw	stvec, %[old]"
			 : [old] "=&r"(old), [v] "=&r"(value), [ok] "=&r"(ok)
			 : [csr] "i"(CSR_STIMECMP)
			 : "memory");
	return ok;
}

void isa_done(void)
{
	close_hart();
	if (!any_hart)
		all_letters = all_exts = 0;
	cpu_features = (struct cpu_features){
		.sstc = (all_exts & 1UL << EXT_SSTC) && stimecmp_works(),
		.zba = all_exts & 1UL << EXT_ZBA,
		.zbb = all_exts & 1UL << EXT_ZBB,
		.zbs = all_exts & 1UL << EXT_ZBS,
		.zicboz = all_exts & 1UL << EXT_ZICBOZ,
		.svpbmt = all_exts & 1UL << EXT_SVPBMT,
		.svadu = all_exts & 1UL << EXT_SVADU,
		.hwcap = all_letters & HWCAP_LETTERS,
	};
}
