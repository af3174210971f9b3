/*
 * A thread-local variable that is found through a descriptor (TLSDESC). This compiler makes none, so the
 * call is written out, and shared_objects.py turns the general dynamic relocation into one.
 */
#include <stddef.h>
#include <string.h>
#include <sys/auxv.h>

#define TEXT_(word) #word
#define TEXT(word)  TEXT_(word)

__thread long before[3] = { 1, 2, 3 };
__thread int described = 17;

static int *where(void)
{
#ifdef DESCRIBED
	register long a0 __asm__("a0");

	/* Nothing but a0 and t0 may change. */
	__asm__ volatile(
		"la.tls.gd a0, " TEXT(described) "\n\tld t1, 0(a0)\n\tjalr t0, t1\n\tadd a0, a0, tp"
		: "=r"(a0)
		:
		: "t0", "t1", "memory");
	return (int *)a0;
#else
	return &described;
#endif
}

double described_step(double a, double b, long c, long d)
{
	double e = a * b, f = a + b, g = a - b;
	long h = c * d, i = c + d, j = c - d;

	(*where())++;
	return e + f + g + (double)(h + i + j) + *where() * 1000;
}

#define VECTORS (1ul << ('v' - 'a')) /* of AT_HWCAP */

/* Whether the vector registers, their length, type and rounding are as before: 1, 0; -1 on a hart without. */
int described_vectors(void)
{
	static unsigned char in[32 * 512], out[32 * 512];
	size_t size = 0;
	long vl = 3, type, control = 5;

	if (!(getauxval(AT_HWCAP) & VECTORS))
		return -1;
	for (size_t i = 0; i < sizeof(in); i++)
		in[i] = (unsigned char)(i * 7 + i / 256 + 1);
#ifdef DESCRIBED
	long was;

	__asm__ volatile(
		".option push\n\t.option arch, +v\n\t"
		"vsetvli %[size], zero, e8, m8, ta, ma\n\tmv t1, %[in]\n\tvl8re8.v v0, (t1)\n\t"
		"add t1, t1, %[size]\n\tvl8re8.v v8, (t1)\n\tadd t1, t1, %[size]\n\tvl8re8.v v16, (t1)\n\t"
		"add t1, t1, %[size]\n\tvl8re8.v v24, (t1)\n\tcsrw vcsr, %[control]\n\t"
		"vsetvli zero, %[vl], e16, m2, tu, mu\n\tcsrr %[was], vtype\n\t"
		"la.tls.gd a0, " TEXT(
			described) "\n\tld t1, 0(a0)\n\tjalr t0, t1\n\t"
				   "csrr %[type], vtype\n\tcsrr %[vl], vl\n\tcsrr %[control], vcsr\n\t"
				   "mv t1, %[out]\n\tvs8r.v v0, (t1)\n\tadd t1, t1, %[size]\n\tvs8r.v v8, (t1)\n\t"
				   "add t1, t1, %[size]\n\tvs8r.v v16, (t1)\n\tadd t1, t1, %[size]\n\tvs8r.v v24, (t1)\n\t"
				   ".option pop"
		: [size] "=&r"(size), [was] "=&r"(was), [type] "=&r"(type), [vl] "+&r"(vl),
		  [control] "+&r"(control)
		: [in] "r"(in), [out] "r"(out)
		: "a0", "t0", "t1", "memory");
	size *= 4;
	type -= was;
#else
	type = 0;
#endif
	return vl == 3 && !type && control == 5 && !memcmp(in, out, size);
}
