/*
 * A thread-local variable that is found through a descriptor (TLSDESC). This compiler makes none, so the
 * call is written out, and shared_objects.py turns the general dynamic relocation into one.
 */
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
