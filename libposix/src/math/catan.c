/*
 * catan.c - the complex arc tangent (C11 7.3.5.3, annex G.6): picolibc's gives NaN on half of the imaginary axis.
 *
 *	catan(x + iy) = atan2(2x, 1 - x^2 - y^2) / 2 + i log1p(4y / (x^2 + (1 - y)^2)) / 4
 */
#include <complex.h>
#include <math.h>

#define TYPE	    double
#define COMPLEX	    double complex
#define NAME	    catan
#define F(name)	    name
#define MAKE	    CMPLX
#define HALF_PI	    1.57079632679489661923
#define LOG_TWO	    0.693147180559945309417
#define BIG	    0x1p60
#define SMALLEST_SQ 0x1p-500
#include "catan.h"

#undef TYPE
#undef COMPLEX
#undef NAME
#undef F
#undef MAKE
#undef BIG
#undef SMALLEST_SQ
#define TYPE	    float
#define COMPLEX	    float complex
#define NAME	    catanf
#define F(name)	    name##f
#define MAKE	    CMPLXF
#define BIG	    0x1p30f
#define SMALLEST_SQ 0x1p-60f
#include "catan.h"

#undef TYPE
#undef COMPLEX
#undef NAME
#undef F
#undef MAKE
#undef HALF_PI
#undef LOG_TWO
#undef BIG
#undef SMALLEST_SQ
#define TYPE	    long double
#define COMPLEX	    long double complex
#define NAME	    catanl
#define F(name)	    name##l
#define MAKE	    CMPLXL
#define HALF_PI	    1.57079632679489661923132169163975144L
#define LOG_TWO	    0.693147180559945309417232121458176568L
#define BIG	    0x1p120L
#define SMALLEST_SQ 0x1p-8000L
#include "catan.h"
