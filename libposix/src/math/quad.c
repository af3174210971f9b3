/*
 * quad.c - sqrtl and fmal of the 128-bit long double, by whole numbers: picolibc's raise `inexact` where the result is
 * exact, and its fmal may round twice.
 */
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

typedef unsigned __int128 wide;

#define FRACTION 112
#define BIAS	 16383
#define KEPT \
	116 /* bits: those of a long double, and some that say how to round; the last is sticky */

/* The whole number m and exponent of a finite x that is not 0: |x| = m * 2^e, with 113 bits. */
static wide split(long double x, int *e)
{
	wide b, m;
	int field;

	memcpy(&b, &x, sizeof(b));
	m = b & (((wide)1 << FRACTION) - 1);
	field = (int)(b >> FRACTION) & 0x7fff;
	if (field) {
		m |= (wide)1 << FRACTION;
	} else {
		field = 1;
		for (; !(m >> FRACTION); m <<= 1)
			field--;
	}
	*e = field - BIAS - FRACTION;
	return m;
}

static long double power_of_two(int e)
{
	wide b = (wide)(e + BIAS) << FRACTION;
	long double x;

	memcpy(&x, &b, sizeof(x));
	return x;
}

static int top_bit(wide v)
{
	return v >> 64 ? 127 - __builtin_clzl((uint64_t)(v >> 64)) :
			 63 - __builtin_clzl((uint64_t)v);
}

/* v / 2^n; what is lost is kept in the last bit. */
static wide shift_right(wide v, int n)
{
	if (n <= 0)
		return v;
	return n > 127 ? v != 0 : v >> n | ((v & (((wide)1 << n) - 1)) != 0);
}

static long double with_sign(wide v, bool negative)
{
	return (long double)(negative ? -(__int128)v : (__int128)v);
}

/* v * 2^e of KEPT bits, with that sign, rounded once, by the mode. */
static long double make(wide v, int e, bool negative)
{
	const int least =
		1 - BIAS - FRACTION - 2; /* the exponent of a quarter of the smallest number */
	int half = e / 2;
	long double low;
	wide first;

	if (e + KEPT - 1 >= 1 - BIAS) /* not subnormal */
		return with_sign(v, negative) * power_of_two(half) * power_of_two(e - half);
	/* Of 114 bits one would be too many: the first is a number of its own then. */
	v = shift_right(v, least - e);
	first = v >> (FRACTION + 1) << (FRACTION + 1);
	low = with_sign(v - first, negative) * power_of_two(-8000) * power_of_two(least + 8000);
	if (!first)
		return low;
	return with_sign(1, negative) * power_of_two(-8000) *
		       power_of_two(least + FRACTION + 1 + 8000) +
	       low;
}

long double sqrtl(long double x)
{
	wide m, root = 0, rest = 0;
	int e;

	if (!isgreater(x, 0) || isinf(x))
		return isless(x, 0) ? (x - x) / (x - x) : x + x;
	m = split(x, &e);
	/* Digit by digit, two bits of m (and zeros behind it) at a time. */
	if (e & 1) {
		m <<= 1;
		e--;
	}
	m <<= 128 - (FRACTION + 2);
	e -= 128 - (FRACTION + 2);
	for (int i = 0; i < KEPT - 1; i++) {
		rest = rest << 2 | m >> 126;
		m <<= 2;
		e -= i < 64 ? 0 : 2;
		root <<= 1;
		if (rest > root << 1) {
			rest -= root << 1 | 1;
			root |= 1;
		}
	}
	return make(root << 1 | (rest != 0), e / 2 - 1, false);
}

/* A number of 256 bits. */
struct huge {
	wide high, low;
};

static struct huge product(wide a, wide b)
{
	wide a0 = (uint64_t)a, a1 = a >> 64, b0 = (uint64_t)b, b1 = b >> 64;
	wide low = a0 * b0, mid = a0 * b1 + (low >> 64), mid2 = a1 * b0 + (uint64_t)mid;

	return (struct huge){ a1 * b1 + (mid >> 64) + (mid2 >> 64), mid2 << 64 | (uint64_t)low };
}

static struct huge left(struct huge v, int n)
{
	if (!n)
		return v;
	if (n >= 128)
		return (struct huge){ v.low << (n - 128), 0 };
	return (struct huge){ v.high << n | v.low >> (128 - n), v.low << n };
}

/* As shift_right. */
static struct huge right(struct huge v, int n)
{
	if (!n)
		return v;
	if (n >= 128)
		return (struct huge){ 0, shift_right(v.high, n - 128) | (v.low != 0) };
	return (struct huge){ v.high >> n, v.high << (128 - n) | shift_right(v.low, n) };
}

static struct huge sum(struct huge a, struct huge b, bool minus)
{
	struct huge r;

	if (minus) {
		r.low = a.low - b.low;
		r.high = a.high - b.high - (a.low < b.low);
	} else {
		r.low = a.low + b.low;
		r.high = a.high + b.high + (r.low < a.low);
	}
	return r;
}

static bool smaller(struct huge a, struct huge b)
{
	return a.high != b.high ? a.high < b.high : a.low < b.low;
}

long double fmal(long double x, long double y, long double z)
{
	bool negative = signbit(x) != signbit(y), minus = negative != signbit(z);
	struct huge p, q, swap;
	int ex, ey, ep, eq, n;

	if (!isfinite(x) || !isfinite(y) || x == 0 || y == 0)
		return x * y + z;
	if (!isfinite(z))
		return z + z;
	if (z == 0)
		return x * y;
	/* Both with their first bit at 252, one above it left for the sum. */
	p = product(split(x, &ex), split(y, &ey));
	n = 252 - 128 - top_bit(p.high);
	p = left(p, n);
	ep = ex + ey - n;
	q = (struct huge){ split(z, &eq) << (252 - 128 - FRACTION), 0 };
	eq -= 252 - FRACTION;
	if (ep < eq || (ep == eq && smaller(p, q))) {
		swap = p;
		p = q;
		q = swap;
		n = ep;
		ep = eq;
		eq = n;
		negative = minus ? !negative : negative;
	}
	n = ep - eq;
	q = right(q, n > 255 ? 255 : n);
	p = sum(p, q, minus);
	if (!p.high && !p.low)
		return z - z;
	n = p.high ? 128 + top_bit(p.high) : top_bit(p.low);
	n -= KEPT - 1;
	if (n >= 0)
		p = right(p, n);
	else
		p = left(p, -n);
	return make(p.low, ep + n, negative);
}
