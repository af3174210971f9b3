/*
 * pi.c - sinpi, cospi, tanpi, asinpi, acospi, atanpi and atan2pi (C23 7.12.4): trigonometry whose angles are half
 * turns, so that they are reduced without an error. The double ones are series and carry what a product lost; the
 * float ones are computed in double, and the angles of doubles in long double.
 */
#include <math.h>

/* pi, 1 / pi and pi^2 / 2: the nearest number, and the nearest one to what that lacks. */
static const double pi = 0x1.921fb54442d18p1, pi_rest = 0x1.1a62633145c07p-53;
static const long double pi_long = 0x1.921fb54442d18469898cc51701b8p1L,
			 pi_long_rest = 0x1.cd129024e088a67cc74020bbea64p-114L;
static const double inverse = 0x1.45f306dc9c883p-2;
static const long double inverse_long = 0x1.45f306dc9c882a53f84eafa3ea6ap-2L,
			 inverse_long_rest = -0x1.11f924eb53361de37df00d74e2a1p-116L;
static const double half_square = 0x1.3bd3cc9be45dep2, half_square_rest = 0x1.692b71366cc04p-52;

/* A sum of two, of which the first is the nearest number to it. */
struct pair {
	double high, low;
};

static struct pair sum(double large, double small)
{
	double high = large + small;

	return (struct pair){ high, small - (high - large) };
}

static double polynomial(double x, const double *c, int n)
{
	double y = c[n - 1];

	for (int i = n - 2; i >= 0; i--)
		y = fma(y, x, c[i]);
	return y;
}

/* (-1)^k pi^(2k+1) / (2k+1)! from k = 1 on. */
static struct pair sine(double r)
{
	static const double c[] = { -0x1.4abbce625be53p2,   0x1.466bc6775aae2p1,
				    -0x1.32d2cce62bd86p-1,  0x1.50783487ee782p-4,
				    -0x1.e3074fde8871fp-8,  0x1.e8f434d018d63p-12,
				    -0x1.6fadb9f155744p-16, 0x1.aaec32af93359p-21,
				    -0x1.8a404211f9547p-26 };
	double high = pi * r, square = r * r;

	return sum(high, fma(pi, r, -high) +
				 r * fma(square, polynomial(square, c, sizeof(c) / sizeof(c[0])),
					 pi_rest));
}

/* (-1)^k pi^2k / (2k)! from k = 2 on. */
static struct pair cosine(double r)
{
	static const double c[] = { 0x1.03c1f081b5ac4p2,   -0x1.55d3c7e3cbffap0,
				    0x1.e1f506891babbp-3,  -0x1.a6d1f2a204a8cp-6,
				    0x1.f9d38a3763cc3p-10, -0x1.b6e24f44b128fp-14,
				    0x1.20c62c2f2d7f5p-18, -0x1.2a0c591af8314p-23 };
	double square = r * r, square_rest = fma(r, r, -square), second = half_square * square,
	       second_rest = fma(half_square, square, -second) +
			     (half_square_rest * square + half_square * square_rest);
	struct pair most = sum(1, -second);

	return sum(most.high,
		   most.low - second_rest +
			   square * square * polynomial(square, c, sizeof(c) / sizeof(c[0])));
}

static double quotient(struct pair a, struct pair b)
{
	double q = a.high / b.high;

	return q + (fma(-q, b.high, a.high) + (a.low - q * b.low)) / b.high;
}

/* So small that they are pi r; what a product loses there may be too small for a number. */
static double small_sine(double r)
{
	double large = r * 0x1p600, high = pi * large;

	return (high + (fma(pi, large, -high) + pi_rest * large)) * 0x1p-600;
}

static double pi_sin(double r)
{
	return fabs(r) < 0x1p-40 ? small_sine(r) : sine(r).high;
}

static double pi_cos(double r)
{
	return fabs(r) < 0x1p-40 ? 1 : cosine(r).high;
}

static double pi_tan(double r)
{
	return fabs(r) < 0x1p-40 ? small_sine(r) : quotient(sine(r), cosine(r));
}

static double pi_cot(double r)
{
	return -quotient(cosine(r), sine(r));
}

static float pi_sinf(float r)
{
	return (float)sine((double)r).high;
}

static float pi_cosf(float r)
{
	return (float)cosine((double)r).high;
}

static float pi_tanf(float r)
{
	return (float)quotient(sine((double)r), cosine((double)r));
}

static float pi_cotf(float r)
{
	return (float)pi_cot((double)r);
}

/* pi r and the sine of a small one. */
static long double angle(long double r, long double *rest)
{
	long double high = pi_long * r;

	*rest = fmal(pi_long, r, -high) + pi_long_rest * r;
	return high;
}

static long double small_sinel(long double r)
{
	long double rest, high = angle(r * 0x1p8000L, &rest);

	return (high + rest) * 0x1p-8000L;
}

static long double pi_sinl(long double r)
{
	long double rest, high;

	if (fabsl(r) < 0x1p-70L)
		return small_sinel(r);
	high = angle(r, &rest);
	return sinl(high) + rest * cosl(high);
}

static long double pi_cosl(long double r)
{
	long double rest, high;

	if (fabsl(r) < 0x1p-70L)
		return 1;
	high = angle(r, &rest);
	return cosl(high) - rest * sinl(high);
}

static long double pi_tanl(long double r)
{
	long double rest, high, t;

	if (fabsl(r) < 0x1p-70L)
		return small_sinel(r);
	high = angle(r, &rest);
	t = tanl(high);
	return t + rest * (1 + t * t);
}

static long double pi_cotl(long double r)
{
	return -1 / pi_tanl(r);
}

/* The angles. */
static long double turns(long double a)
{
	return fmal(a, inverse_long, a * inverse_long_rest);
}

#define ANGLES(type, s, wide, w, result)                         \
	static type pi_asin##s(type x)                           \
	{                                                        \
		return (type)result(asin##w((wide)x));           \
	}                                                        \
	static type pi_acos##s(type x)                           \
	{                                                        \
		return (type)result(acos##w((wide)x));           \
	}                                                        \
	static type pi_atan##s(type x)                           \
	{                                                        \
		return (type)result(atan##w((wide)x));           \
	}                                                        \
	static type pi_atan2##s(type y, type x)                  \
	{                                                        \
		return (type)result(atan2##w((wide)y, (wide)x)); \
	}

#define IN_DOUBLE(a) ((a)*inverse)
#define IN_LONG(a)   ((a)*inverse_long)
ANGLES(float, f, double, , IN_DOUBLE)
ANGLES(double, , long double, l, IN_LONG)
ANGLES(long double, l, long double, l, turns)

#define TYPE	 float
#define F(name)	 name##f
#define FRACTION 23
#include "pi.h"

#define TYPE	 double
#define F(name)	 name
#define FRACTION 52
#include "pi.h"

#define TYPE	 long double
#define F(name)	 name##l
#define FRACTION 112
#include "pi.h"
