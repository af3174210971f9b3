/*
 * float.h - floating-point numbers as their parts: m * 2^e, exactly.
 */
#ifndef LIBPOSIX_FLOAT_H
#define LIBPOSIX_FLOAT_H

#include <stdint.h>

enum { FP_IS_NUMBER, FP_IS_INF, FP_IS_NAN };

struct fp {
	unsigned __int128 m; /* below 2^bits */
	int e;
	int bits; /* of the format: 24, 53 or 113 */
	int negative;
	int kind;
};

void __fp_from_double(struct fp *fp, double x);
void __fp_from_long_double(struct fp *fp, long double x);

/* The rounding mode of this thread, an FE_ value of fenv.h. */
static inline int __float_rounding(void)
{
	int mode;

	__asm__ volatile("frrm %0" : "=r"(mode));
	return mode;
}

/*
 * Does a number of this sign go away from zero when it is cut off? `half` compares
 * what is cut off with half a unit (-1, 0, 1); `exact`: it is nothing at all.
 */
static inline int __round_up(int mode, int negative, int odd, int half, int exact)
{
	if (exact)
		return 0;
	switch (mode) {
	case 1: /* FE_TOWARDZERO */
		return 0;
	case 2: /* FE_DOWNWARD */
		return negative;
	case 3: /* FE_UPWARD */
		return !negative;
	default:
		return half > 0 || (half == 0 && odd);
	}
}

#endif
