/*
 * underflow.c - functions of picolibc whose flags or accuracy are not all that C11 annex F
 * and POSIX ask for, each around picolibc's own, which libposix.mk names __pico_NAME:
 * results too small for a normal number raise underflow, and only these do.
 */
#include "pico.h"

#include <fenv.h>
#include <float.h>
#include <math.h>

/* The flags of before, those of the call, and underflow by the result. */
static inline void settle(unsigned int before, int tiny)
{
	unsigned int f;

	__asm__ volatile("frflags %0" : "=r"(f));
	if (tiny && f & FE_INEXACT)
		f |= FE_UNDERFLOW;
	else if (!tiny)
		f &= ~(unsigned int)FE_UNDERFLOW;
	__asm__ volatile("fsflags %0" : : "r"(f | before));
}

static inline unsigned int begin(void)
{
	unsigned int f;

	__asm__ volatile("fsflags %0, zero" : "=r"(f));
	return f;
}

static inline int tiny(double y)
{
	return __builtin_fabs(y) < DBL_MIN;
}

static inline int tinyf(float y)
{
	return __builtin_fabsf(y) < FLT_MIN;
}

double asin(double x)
{
	unsigned int before = begin();
	double y = __pico_asin(x);

	settle(before, tiny(y));
	return y;
}

float asinf(float x)
{
	unsigned int before = begin();
	float y = __pico_asinf(x);

	settle(before, tinyf(y));
	return y;
}

double atan(double x)
{
	unsigned int before = begin();
	double y = __pico_atan(x);

	settle(before, tiny(y));
	return y;
}

float atanf(float x)
{
	unsigned int before = begin();
	float y = __pico_atanf(x);

	settle(before, tinyf(y));
	return y;
}

double atanh(double x)
{
	unsigned int before = begin();
	double y = __pico_atanh(x);

	settle(before, tiny(y));
	return y;
}

float atanhf(float x)
{
	unsigned int before = begin();
	float y = __pico_atanhf(x);

	settle(before, tinyf(y));
	return y;
}

double exp(double x)
{
	unsigned int before = begin();
	double y = __pico_exp(x);

	settle(before, tiny(y));
	return y;
}

float expf(float x)
{
	unsigned int before = begin();
	float y = __pico_expf(x);

	settle(before, tinyf(y));
	return y;
}

double exp2(double x)
{
	unsigned int before = begin();
	double y = __pico_exp2(x);

	settle(before, tiny(y));
	return y;
}

float exp2f(float x)
{
	unsigned int before = begin();
	float y = __pico_exp2f(x);

	settle(before, tinyf(y));
	return y;
}

double expm1(double x)
{
	unsigned int before = begin();
	double y = __pico_expm1(x);

	settle(before, tiny(y));
	return y;
}

float expm1f(float x)
{
	unsigned int before = begin();
	float y = __pico_expm1f(x);

	settle(before, tinyf(y));
	return y;
}

double log1p(double x)
{
	unsigned int before = begin();
	double y = __pico_log1p(x);

	settle(before, tiny(y));
	return y;
}

float log1pf(float x)
{
	unsigned int before = begin();
	float y = __pico_log1pf(x);

	settle(before, tinyf(y));
	return y;
}

double sin(double x)
{
	unsigned int before = begin();
	double y = x == 0 ? x : __pico_sin(x);

	settle(before, tiny(y));
	return y;
}

float sinf(float x)
{
	unsigned int before = begin();
	float y = x == 0 ? x : __pico_sinf(x);

	settle(before, tinyf(y));
	return y;
}

double sinh(double x)
{
	unsigned int before = begin();
	double y = __pico_sinh(x);

	settle(before, tiny(y));
	return y;
}

float sinhf(float x)
{
	unsigned int before = begin();
	float y = __pico_sinhf(x);

	settle(before, tinyf(y));
	return y;
}

double tan(double x)
{
	unsigned int before = begin();
	double y = __pico_tan(x);

	settle(before, tiny(y));
	return y;
}

float tanf(float x)
{
	unsigned int before = begin();
	float y = __pico_tanf(x);

	settle(before, tinyf(y));
	return y;
}

double tanh(double x)
{
	unsigned int before = begin();
	double y = __pico_tanh(x);

	settle(before, tiny(y));
	return y;
}

float tanhf(float x)
{
	unsigned int before = begin();
	float y = __pico_tanhf(x);

	settle(before, tinyf(y));
	return y;
}

double atan2(double y, double x)
{
	unsigned int before = begin();
	double angle = __pico_atan2(y, x);

	settle(before, tiny(angle));
	return angle;
}

float atan2f(float y, float x)
{
	unsigned int before = begin();
	float angle = __pico_atan2f(y, x);

	settle(before, tinyf(angle));
	return angle;
}
