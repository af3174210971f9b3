/*
 * tgmath.h - functions of mathematics by the type of their arguments (C11 7.25).
 */
#ifndef _TGMATH_H
#define _TGMATH_H

#include <complex.h>
#include <math.h>

#ifndef __cplusplus

/* What arithmetic makes of arguments of these types: integers count as double. */
#define __tg_pick(fn, t) _Generic((t), float : fn##f, long double : fn##l, default : fn)
#define __tg_pick_c(fn, t)                     \
	_Generic((t), float                    \
		 : fn##f, long double          \
		 : fn##l, float _Complex       \
		 : c##fn##f, double _Complex   \
		 : c##fn, long double _Complex \
		 : c##fn##l, default           \
		 : fn)
#define __tg_pick_abs(t)                      \
	_Generic((t), float                   \
		 : fabsf, long double         \
		 : fabsl, float _Complex      \
		 : cabsf, double _Complex     \
		 : cabs, long double _Complex \
		 : cabsl, default             \
		 : fabs)
#define __tg_pick_only(fn, t)               \
	_Generic((t), float                 \
		 : fn##f, long double       \
		 : fn##l, float _Complex    \
		 : fn##f, double _Complex   \
		 : fn, long double _Complex \
		 : fn##l, default           \
		 : fn)
/* An integer beside a float makes it a double. */
#define __tg_int(x)                                                    \
	_Generic((x), float : 0.0f, long double : 0.0L, float _Complex \
		 : (float _Complex)0, double _Complex                  \
		 : (double _Complex)0, long double _Complex            \
		 : (long double _Complex)0, default : 0.0)
#define __tg_two(x, y)	    (__tg_int(x) + __tg_int(y))
#define __tg_three(x, y, z) (__tg_int(x) + __tg_int(y) + __tg_int(z))

#define acos(x)		    (__tg_pick_c(acos, x)(x))
#define acosh(x)	    (__tg_pick_c(acosh, x)(x))
#define asin(x)		    (__tg_pick_c(asin, x)(x))
#define asinh(x)	    (__tg_pick_c(asinh, x)(x))
#define atan(x)		    (__tg_pick_c(atan, x)(x))
#define atanh(x)	    (__tg_pick_c(atanh, x)(x))
#define cos(x)		    (__tg_pick_c(cos, x)(x))
#define cosh(x)		    (__tg_pick_c(cosh, x)(x))
#define exp(x)		    (__tg_pick_c(exp, x)(x))
#define log(x)		    (__tg_pick_c(log, x)(x))
#define sin(x)		    (__tg_pick_c(sin, x)(x))
#define sinh(x)		    (__tg_pick_c(sinh, x)(x))
#define sqrt(x)		    (__tg_pick_c(sqrt, x)(x))
#define tan(x)		    (__tg_pick_c(tan, x)(x))
#define tanh(x)		    (__tg_pick_c(tanh, x)(x))
#define cbrt(x)		    (__tg_pick(cbrt, x)(x))
#define ceil(x)		    (__tg_pick(ceil, x)(x))
#define erf(x)		    (__tg_pick(erf, x)(x))
#define erfc(x)		    (__tg_pick(erfc, x)(x))
#define exp2(x)		    (__tg_pick(exp2, x)(x))
#define expm1(x)	    (__tg_pick(expm1, x)(x))
#define floor(x)	    (__tg_pick(floor, x)(x))
#define lgamma(x)	    (__tg_pick(lgamma, x)(x))
#define log10(x)	    (__tg_pick(log10, x)(x))
#define log1p(x)	    (__tg_pick(log1p, x)(x))
#define log2(x)		    (__tg_pick(log2, x)(x))
#define logb(x)		    (__tg_pick(logb, x)(x))
#define nearbyint(x)	    (__tg_pick(nearbyint, x)(x))
#define rint(x)		    (__tg_pick(rint, x)(x))
#define round(x)	    (__tg_pick(round, x)(x))
#define tgamma(x)	    (__tg_pick(tgamma, x)(x))
#define trunc(x)	    (__tg_pick(trunc, x)(x))
#define ilogb(x)	    (__tg_pick(ilogb, x)(x))
#define lrint(x)	    (__tg_pick(lrint, x)(x))
#define llrint(x)	    (__tg_pick(llrint, x)(x))
#define lround(x)	    (__tg_pick(lround, x)(x))
#define llround(x)	    (__tg_pick(llround, x)(x))
#define atan2(x, y)	    (__tg_pick(atan2, __tg_two(x, y))(x, y))
#define copysign(x, y)	    (__tg_pick(copysign, __tg_two(x, y))(x, y))
#define fdim(x, y)	    (__tg_pick(fdim, __tg_two(x, y))(x, y))
#define fmax(x, y)	    (__tg_pick(fmax, __tg_two(x, y))(x, y))
#define fmin(x, y)	    (__tg_pick(fmin, __tg_two(x, y))(x, y))
#define fmod(x, y)	    (__tg_pick(fmod, __tg_two(x, y))(x, y))
#define hypot(x, y)	    (__tg_pick(hypot, __tg_two(x, y))(x, y))
#define nextafter(x, y)	    (__tg_pick(nextafter, __tg_two(x, y))(x, y))
#define remainder(x, y)	    (__tg_pick(remainder, __tg_two(x, y))(x, y))
#define pow(x, y)	    (__tg_pick_c(pow, __tg_two(x, y))(x, y))
#define fabs(x)		    (__tg_pick_abs(x)(x))
#define fma(x, y, z)	    (__tg_pick(fma, __tg_three(x, y, z))(x, y, z))
#define frexp(x, e)	    (__tg_pick(frexp, x)(x, e))
#define ldexp(x, e)	    (__tg_pick(ldexp, x)(x, e))
#define scalbn(x, e)	    (__tg_pick(scalbn, x)(x, e))
#define scalbln(x, e)	    (__tg_pick(scalbln, x)(x, e))
#define nexttoward(x, y)    (__tg_pick(nexttoward, x)(x, y))
#define remquo(x, y, q)	    (__tg_pick(remquo, __tg_two(x, y))(x, y, q))
#define carg(x)		    (__tg_pick_only(carg, x)(x))
#define cimag(x)	    (__tg_pick_only(cimag, x)(x))
#define creal(x)	    (__tg_pick_only(creal, x)(x))
#define conj(x)		    (__tg_pick_only(conj, x)(x))
#define cproj(x)	    (__tg_pick_only(cproj, x)(x))

#endif

#endif
