/*
 * pico.h - what libposix.mk renames in picolibc's libm, since functions of ours are
 * around it.
 */
#ifndef LIBPOSIX_PICO_H
#define LIBPOSIX_PICO_H

#define BOTH(name)                      \
	double __pico_##name(double x); \
	float __pico_##name##f(float x)
BOTH(asin);
BOTH(atan);
BOTH(atanh);
BOTH(exp);
BOTH(exp2);
BOTH(expm1);
BOTH(log1p);
BOTH(sin);
BOTH(sinh);
BOTH(tan);
BOTH(tanh);
BOTH(tgamma);
#undef BOTH
double __pico_atan2(double y, double x);
float __pico_atan2f(float y, float x);
double __pico_log2(double x);
double __pico_yn(int n, double x);
float __pico_ynf(int n, float x);

#endif
