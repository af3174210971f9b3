/*
 * exact.c - functions that picolibc's build for riscv64 gets wrong: ceil and floor near
 * 2^23 and 2^52, trunc and truncf of large numbers, tgamma by a dozen units, cbrtf by two, log2 in other rounding modes, and
 * the sign of yn of odd negative order at 0.
 */
#include "pico.h"

#include <fenv.h>
#include <math.h>

/* x without a fraction, rounded as the mode of the instruction says. From 2^52 on none has any. */
#define ROUNDED(x, mode)                                                          \
	({                                                                        \
		double whole = (x) + 0.0; /* a signalling NaN is quiet then */    \
		long n;                                                           \
                                                                                  \
		if (__builtin_isless(__builtin_fabs(whole), 0x1p52)) {            \
			__asm__("fcvt.l.d %0, %1, " mode : "=r"(n) : "f"(whole)); \
			whole = __builtin_copysign((double)n, x);                 \
		}                                                                 \
		whole;                                                            \
	})

double floor(double x)
{
	return ROUNDED(x, "rdn");
}

double ceil(double x)
{
	return ROUNDED(x, "rup");
}

double trunc(double x)
{
	return ROUNDED(x, "rtz");
}

float truncf(float x)
{
	int n;

	if (!__builtin_isless(__builtin_fabsf(x), 0x1p23f))
		return x + 0.0f;
	__asm__("fcvt.w.s %0, %1, rtz" : "=r"(n) : "f"(x));
	return __builtin_copysignf((float)n, x);
}

float cbrtf(float x)
{
	return (float)cbrt(x);
}

double log2(double x)
{
	int mode = fegetround();
	double y;

	if (mode == FE_TONEAREST)
		return __pico_log2(x);
	fesetround(FE_TONEAREST);
	y = __pico_log2(x);
	fesetround(mode);
	return y;
}

/* With 113 bits nothing is lost before the last rounding. */
double tgamma(double x)
{
	return isfinite(x) && x != 0 && (x > 0 || x != floor(x)) ? (double)tgammal(x) :
								   __pico_tgamma(x);
}

float tgammaf(float x)
{
	return (float)tgamma(x);
}

double yn(int n, double x)
{
	double y = __pico_yn(n, x);

	return x == 0 && n < 0 && n & 1 ? -y : y;
}

float ynf(int n, float x)
{
	float y = __pico_ynf(n, x);

	return x == 0 && n < 0 && n & 1 ? -y : y;
}
