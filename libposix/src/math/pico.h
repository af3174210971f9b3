/*
 * pico.h - what libposix.mk renames in picolibc's libm, since functions of ours are
 * around it.
 */
#ifndef LIBPOSIX_PICO_H
#define LIBPOSIX_PICO_H

double __pico_asin(double x);
float __pico_asinf(float x);
double __pico_atan(double x);
float __pico_atanf(float x);
double __pico_atanh(double x);
float __pico_atanhf(float x);
double __pico_exp(double x);
float __pico_expf(float x);
double __pico_exp2(double x);
float __pico_exp2f(float x);
double __pico_expm1(double x);
float __pico_expm1f(float x);
double __pico_log1p(double x);
float __pico_log1pf(float x);
double __pico_sin(double x);
float __pico_sinf(float x);
double __pico_sinh(double x);
float __pico_sinhf(float x);
double __pico_tan(double x);
float __pico_tanf(float x);
double __pico_tanh(double x);
float __pico_tanhf(float x);
double __pico_atan2(double y, double x);
float __pico_atan2f(float y, float x);
double __pico_log2(double x);
double __pico_tgamma(double x);
float __pico_tgammaf(float x);
double __pico_yn(int n, double x);
float __pico_ynf(int n, float x);

#endif
