/*
 * math.h - mathematics (C11 7.12, POSIX). The functions are picolibc's; link with -lm.
 */
#ifndef _MATH_H
#define _MATH_H

#include <features.h>

#if __XSI_VISIBLE || __MISC_VISIBLE || __POSIX_VISIBLE
#define M_E	   2.7182818284590452354
#define M_LOG2E	   1.4426950408889634074
#define M_LOG10E   0.43429448190325182765
#define M_LN2	   0.69314718055994530942
#define M_LN10	   2.30258509299404568402
#define M_PI	   3.14159265358979323846
#define M_PI_2	   1.57079632679489661923
#define M_PI_4	   0.78539816339744830962
#define M_1_PI	   0.31830988618379067154
#define M_2_PI	   0.63661977236758134308
#define M_2_SQRTPI 1.12837916709551257390
#define M_SQRT2	   1.41421356237309504880
#define M_SQRT1_2  0.70710678118654752440
#define MAXFLOAT   3.40282346638528859812e+38F
#endif

#define HUGE_VALF	     __builtin_huge_valf()
#define HUGE_VAL	     __builtin_huge_val()
#define HUGE_VALL	     __builtin_huge_vall()
#define INFINITY	     __builtin_inff()
#define NAN		     __builtin_nanf("")

#define MATH_ERRNO	     1
#define MATH_ERREXCEPT	     2
#define math_errhandling     2

#define FP_NAN		     0
#define FP_INFINITE	     1
#define FP_ZERO		     2
#define FP_SUBNORMAL	     3
#define FP_NORMAL	     4

#define FP_ILOGB0	     (-0x7fffffff)
#define FP_ILOGBNAN	     0x7fffffff
#define FP_FAST_FMA	     1
#define FP_FAST_FMAF	     1

#define fpclassify(x)	     __builtin_fpclassify(FP_NAN, FP_INFINITE, FP_NORMAL, FP_SUBNORMAL, FP_ZERO, x)
#define isfinite(x)	     __builtin_isfinite(x)
#define isinf(x)	     __builtin_isinf_sign(x)
#define isnan(x)	     __builtin_isnan(x)
#define isnormal(x)	     __builtin_isnormal(x)
#define signbit(x)	     __builtin_signbit(x)
#define isgreater(x, y)	     __builtin_isgreater(x, y)
#define isgreaterequal(x, y) __builtin_isgreaterequal(x, y)
#define isless(x, y)	     __builtin_isless(x, y)
#define islessequal(x, y)    __builtin_islessequal(x, y)
#define islessgreater(x, y)  __builtin_islessgreater(x, y)
#define isunordered(x, y)    __builtin_isunordered(x, y)

typedef float float_t;
typedef double double_t;

__BEGIN_DECLS

double acos(double __x);
float acosf(float __x);
long double acosl(long double __x);
double acosh(double __x);
float acoshf(float __x);
long double acoshl(long double __x);
double asin(double __x);
float asinf(float __x);
long double asinl(long double __x);
double asinh(double __x);
float asinhf(float __x);
long double asinhl(long double __x);
double atan(double __x);
float atanf(float __x);
long double atanl(long double __x);
double atanh(double __x);
float atanhf(float __x);
long double atanhl(long double __x);
double cbrt(double __x);
float cbrtf(float __x);
long double cbrtl(long double __x);
double ceil(double __x);
float ceilf(float __x);
long double ceill(long double __x);
double cos(double __x);
float cosf(float __x);
long double cosl(long double __x);
double cosh(double __x);
float coshf(float __x);
long double coshl(long double __x);
double erf(double __x);
float erff(float __x);
long double erfl(long double __x);
double erfc(double __x);
float erfcf(float __x);
long double erfcl(long double __x);
double exp(double __x);
float expf(float __x);
long double expl(long double __x);
double exp2(double __x);
float exp2f(float __x);
long double exp2l(long double __x);
double expm1(double __x);
float expm1f(float __x);
long double expm1l(long double __x);
double fabs(double __x);
float fabsf(float __x);
long double fabsl(long double __x);
double floor(double __x);
float floorf(float __x);
long double floorl(long double __x);
double lgamma(double __x);
float lgammaf(float __x);
long double lgammal(long double __x);
double log(double __x);
float logf(float __x);
long double logl(long double __x);
double log10(double __x);
float log10f(float __x);
long double log10l(long double __x);
double log1p(double __x);
float log1pf(float __x);
long double log1pl(long double __x);
double log2(double __x);
float log2f(float __x);
long double log2l(long double __x);
double logb(double __x);
float logbf(float __x);
long double logbl(long double __x);
double nearbyint(double __x);
float nearbyintf(float __x);
long double nearbyintl(long double __x);
double rint(double __x);
float rintf(float __x);
long double rintl(long double __x);
double round(double __x);
float roundf(float __x);
long double roundl(long double __x);
double sin(double __x);
float sinf(float __x);
long double sinl(long double __x);
double sinh(double __x);
float sinhf(float __x);
long double sinhl(long double __x);
double sqrt(double __x);
float sqrtf(float __x);
long double sqrtl(long double __x);
double tan(double __x);
float tanf(float __x);
long double tanl(long double __x);
double tanh(double __x);
float tanhf(float __x);
long double tanhl(long double __x);
double tgamma(double __x);
float tgammaf(float __x);
long double tgammal(long double __x);
double trunc(double __x);
float truncf(float __x);
long double truncl(long double __x);
double atan2(double __x, double __y);
float atan2f(float __x, float __y);
long double atan2l(long double __x, long double __y);
double copysign(double __x, double __y);
float copysignf(float __x, float __y);
long double copysignl(long double __x, long double __y);
double fdim(double __x, double __y);
float fdimf(float __x, float __y);
long double fdiml(long double __x, long double __y);
double fmax(double __x, double __y);
float fmaxf(float __x, float __y);
long double fmaxl(long double __x, long double __y);
double fmin(double __x, double __y);
float fminf(float __x, float __y);
long double fminl(long double __x, long double __y);
double fmod(double __x, double __y);
float fmodf(float __x, float __y);
long double fmodl(long double __x, long double __y);
double hypot(double __x, double __y);
float hypotf(float __x, float __y);
long double hypotl(long double __x, long double __y);
double nextafter(double __x, double __y);
float nextafterf(float __x, float __y);
long double nextafterl(long double __x, long double __y);
double pow(double __x, double __y);
float powf(float __x, float __y);
long double powl(long double __x, long double __y);
double remainder(double __x, double __y);
float remainderf(float __x, float __y);
long double remainderl(long double __x, long double __y);
double fma(double __x, double __y, double __z);
double frexp(double __x, int *__exp);
int ilogb(double __x);
double ldexp(double __x, int __exp);
long lrint(double __x);
long long llrint(double __x);
long lround(double __x);
long long llround(double __x);
double modf(double __x, double *__int);
double nan(const char *__tag);
double nexttoward(double __x, long double __y);
double remquo(double __x, double __y, int *__quo);
double scalbn(double __x, int __exp);
double scalbln(double __x, long __exp);
float fmaf(float __x, float __y, float __z);
float frexpf(float __x, int *__exp);
int ilogbf(float __x);
float ldexpf(float __x, int __exp);
long lrintf(float __x);
long long llrintf(float __x);
long lroundf(float __x);
long long llroundf(float __x);
float modff(float __x, float *__int);
float nanf(const char *__tag);
float nexttowardf(float __x, long double __y);
float remquof(float __x, float __y, int *__quo);
float scalbnf(float __x, int __exp);
float scalblnf(float __x, long __exp);
long double fmal(long double __x, long double __y, long double __z);
long double frexpl(long double __x, int *__exp);
int ilogbl(long double __x);
long double ldexpl(long double __x, int __exp);
long lrintl(long double __x);
long long llrintl(long double __x);
long lroundl(long double __x);
long long llroundl(long double __x);
long double modfl(long double __x, long double *__int);
long double nanl(const char *__tag);
long double nexttowardl(long double __x, long double __y);
long double remquol(long double __x, long double __y, int *__quo);
long double scalbnl(long double __x, int __exp);
long double scalblnl(long double __x, long __exp);

#if __ISO_C_VISIBLE >= 2023 || __GNU_VISIBLE
#define FP_LLOGB0   (-__LONG_MAX__)
#define FP_LLOGBNAN __LONG_MAX__
int __issignaling(double __x);
int __issignalingf(float __x);
int __issignalingl(long double __x);
#ifndef __cplusplus
#define iszero(x)      ((x) == 0)
#define issubnormal(x) (fpclassify(x) == FP_SUBNORMAL)
#define iscanonical(x) ((void)sizeof(x), 1)
/* Ordered and equal, where a quiet NaN raises `invalid` too. */
#define iseqsig(x, y)                        \
	(__extension__({                     \
		__typeof__(x) __a = (x);     \
		__typeof__(y) __b = (y);     \
		(__a <= __b) & (__a >= __b); \
	}))
#define issignaling(x)                         \
	_Generic((x), float                    \
		 : __issignalingf, long double \
		 : __issignalingl, default     \
		 : __issignaling)(x)
#else
/* Functions, as programs of C++ use such names for their own. */
extern "C++" {
template <class __t> inline bool iszero(__t __x)
{
	return __x == 0;
}
template <class __t> inline bool issubnormal(__t __x)
{
	return __builtin_fpclassify(FP_NAN, FP_INFINITE, FP_NORMAL, FP_SUBNORMAL, FP_ZERO, __x) ==
	       FP_SUBNORMAL;
}
template <class __t> inline bool iscanonical(__t)
{
	return true;
}
template <class __t, class __u> inline bool iseqsig(__t __x, __u __y)
{
	return (__x <= __y) & (__x >= __y);
}
inline bool issignaling(float __x)
{
	return __issignalingf(__x);
}
inline bool issignaling(double __x)
{
	return __issignaling(__x);
}
inline bool issignaling(long double __x)
{
	return __issignalingl(__x);
}
}
#endif
/* For the type __t, whose functions have the suffix __s. */
#define __MATH_C23(__t, __s)                                    \
	__t sinpi##__s(__t __x);                                \
	__t cospi##__s(__t __x);                                \
	__t tanpi##__s(__t __x);                                \
	__t asinpi##__s(__t __x);                               \
	__t acospi##__s(__t __x);                               \
	__t atanpi##__s(__t __x);                               \
	__t atan2pi##__s(__t __y, __t __x);                     \
	__t roundeven##__s(__t __x);                            \
	long llogb##__s(__t __x);                               \
	__t nextup##__s(__t __x);                               \
	__t nextdown##__s(__t __x);                             \
	__t fmaximum##__s(__t __x, __t __y);                    \
	__t fmaximum_num##__s(__t __x, __t __y);                \
	__t fmaximum_mag##__s(__t __x, __t __y);                \
	__t fmaximum_mag_num##__s(__t __x, __t __y);            \
	__t fminimum##__s(__t __x, __t __y);                    \
	__t fminimum_num##__s(__t __x, __t __y);                \
	__t fminimum_mag##__s(__t __x, __t __y);                \
	__t fminimum_mag_num##__s(__t __x, __t __y);            \
	int canonicalize##__s(__t *__to, const __t *__x);       \
	int totalorder##__s(const __t *__x, const __t *__y);    \
	int totalordermag##__s(const __t *__x, const __t *__y); \
	__t getpayload##__s(const __t *__x);                    \
	int setpayload##__s(__t *__to, __t __payload);          \
	int setpayloadsig##__s(__t *__to, __t __payload);
__MATH_C23(double, )
__MATH_C23(float, f)
__MATH_C23(long double, l)
#undef __MATH_C23
/* Rounded once to the type __n, from __w; their names have the prefix __p and the suffix __s. */
#define __MATH_NARROW(__n, __w, __p, __s)             \
	__n __p##add##__s(__w __x, __w __y);          \
	__n __p##sub##__s(__w __x, __w __y);          \
	__n __p##mul##__s(__w __x, __w __y);          \
	__n __p##div##__s(__w __x, __w __y);          \
	__n __p##fma##__s(__w __x, __w __y, __w __z); \
	__n __p##sqrt##__s(__w __x);
__MATH_NARROW(float, double, f, )
__MATH_NARROW(float, long double, f, l)
__MATH_NARROW(double, long double, d, l)
#undef __MATH_NARROW
#endif

#if __XSI_VISIBLE || __MISC_VISIBLE
extern int signgam;
double j0(double __x);
double j1(double __x);
double y0(double __x);
double y1(double __x);
double jn(int __n, double __x);
double yn(int __n, double __x);
#endif

#if __MISC_VISIBLE
#define HUGE 3.40282346638528859812e+38F
int finite(double __x);
double drem(double __x, double __y);
double scalb(double __x, double __exp);
double significand(double __x);
double lgamma_r(double __x, int *__sign);
int finitef(float __x);
float dremf(float __x, float __y);
float scalbf(float __x, float __exp);
float significandf(float __x);
float lgammaf_r(float __x, int *__sign);
float j0f(float __x);
float j1f(float __x);
float y0f(float __x);
float y1f(float __x);
float jnf(int __n, float __x);
float ynf(int __n, float __x);
#endif

#if __GNU_VISIBLE
void sincos(double __x, double *__sin, double *__cos);
double exp10(double __x);
double pow10(double __x);
void sincosf(float __x, float *__sin, float *__cos);
float exp10f(float __x);
float pow10f(float __x);
void sincosl(long double __x, long double *__sin, long double *__cos);
long double exp10l(long double __x);
long double pow10l(long double __x);
long double lgammal_r(long double __x, int *__sign);
#define M_El	 2.718281828459045235360287471352662498L
#define M_PIl	 3.141592653589793238462643383279502884L
#define M_LN2l	 0.693147180559945309417232121458176568L
#define M_LN10l	 2.302585092994045684017991454684364208L
#define M_SQRT2l 1.414213562373095048801688724209698079L
#define M_PI_2l	 1.570796326794896619231321691639751442L
#define M_PI_4l	 0.785398163397448309615660845819875721L
#endif

__END_DECLS

#endif
