/*
 * format_float.c - floating point as decimal and hexadecimal text, exactly.
 *
 * A number is m * 2^e. For e >= 0 that is a whole number; else it is the whole
 * number m * 5^-e with -e digits behind the point. Either is held in limbs of nine
 * decimal digits, the lowest first, rounded there to the digits wanted (by the
 * rounding mode of the unit), and printed from them. When only some digits of a double are
 * wanted, short_float.c mostly has them for less.
 */
#include "format.h"
#include "../internal/float.h"

#include <limits.h>
#include <string.h>

#define LIMB 1000000000u

struct decimal {
	uint32_t *limb; /* one more than used is always 0 */
	int count;
	int digits; /* of the whole number */
	int point; /* how many of them are behind the point; below 0: so many zeros follow (%e) */
};

static const uint32_t tens[] = { 1,	 10,	  100,	    1000,      10000,
				 100000, 1000000, 10000000, 100000000, 1000000000 };

static void multiply(struct decimal *d, uint64_t by)
{
	uint64_t carry = 0;

	for (int i = 0; i < d->count; i++) {
		uint64_t v = d->limb[i] * by + carry;

		carry = v / LIMB;
		d->limb[i] = (uint32_t)(v - carry * LIMB);
	}
	while (carry) {
		d->limb[d->count++] = (uint32_t)(carry % LIMB);
		carry /= LIMB;
	}
}

static void count_digits(struct decimal *d)
{
	int n = 1;

	while (d->count > 1 && !d->limb[d->count - 1])
		d->count--;
	while (n < 9 && d->limb[d->count - 1] >= tens[n])
		n++;
	d->digits = (d->count - 1) * 9 + n;
	d->limb[d->count] = 0;
}

static void load(struct decimal *d, unsigned __int128 m, int e)
{
	d->count = 0;
	if (!(uint64_t)m && m) {
		m >>= 64;
		e += 64;
	}
	if (m) {
		int low = __builtin_ctzl((uint64_t)m);

		m >>= low;
		e += low;
	}
	if (!(m >> 64)) {
		for (uint64_t v = (uint64_t)m; v; v /= LIMB)
			d->limb[d->count++] = (uint32_t)(v % LIMB);
	} else {
		for (; m; m /= LIMB)
			d->limb[d->count++] = (uint32_t)(m % LIMB);
	}
	if (!d->count) {
		d->limb[d->count++] = 0;
		e = 0;
	}
	d->point = e < 0 ? -e : 0;
	for (; e >= 32; e -= 32)
		multiply(d, 1ul << 32);
	if (e > 0)
		multiply(d, 1ul << e);
	for (; e <= -13; e += 13)
		multiply(d, 1220703125);
	if (e < 0) {
		uint64_t five = 1;

		for (; e < 0; e++)
			five *= 5;
		multiply(d, five);
	}
	count_digits(d);
}

/* No more digits than are printed, rounded already, where they are few. */
static bool load_short(struct decimal *d, const struct fp *x, int conv, long p)
{
	long digits = conv == 'e' ? p + 1 : conv == 'f' ? 0 : p ? p : 1;
	uint64_t v;

	if (x->bits != 53 || !x->m || digits > 100 || __float_rounding() ||
	    !__short_float(x, (int)digits, p, &v, &d->point))
		return false;
	d->count = 0;
	do {
		d->limb[d->count++] = (uint32_t)(v % LIMB);
		v /= LIMB;
	} while (v);
	count_digits(d);
	return true;
}

/* The digit at place i from below. */
static unsigned int digit(const struct decimal *d, int i)
{
	return i / 9 < d->count ? d->limb[i / 9] / tens[i % 9] % 10 : 0;
}

static int zero_below(const struct decimal *d, int i)
{
	int q = i / 9;

	if (q >= d->count)
		q = d->count;
	else if (d->limb[q] % tens[i % 9])
		return 0;
	while (q--)
		if (d->limb[q])
			return 0;
	return 1;
}

/* Make the lowest `drop` digits zero, and round what is above. */
static void round_off(struct decimal *d, int drop, int negative)
{
	unsigned int first;
	int exact, up, q;

	if (drop <= 0)
		return;
	first = digit(d, drop - 1);
	exact = zero_below(d, drop - 1);
	up = __round_up(__float_rounding(), negative, (int)(digit(d, drop) & 1),
			first > 5 || (first == 5 && !exact) ? 1 :
			first == 5			    ? 0 :
							      -1,
			exact && !first);
	q = drop / 9;
	while (d->count <= q)
		d->limb[d->count++] = 0;
	for (int i = 0; i < q; i++)
		d->limb[i] = 0;
	d->limb[q] -= d->limb[q] % tens[drop % 9];
	if (up) {
		d->limb[d->count] = 0;
		d->limb[q] += tens[drop % 9];
		for (; d->limb[q] >= LIMB; q++) {
			d->limb[q] -= LIMB;
			d->limb[q + 1]++;
		}
		if (d->limb[d->count])
			d->count++;
	}
	count_digits(d);
}

/* Digits from place `from` down to place `to` (from below); those below 0 are zeros. */
static int put_digits(struct sink *s, const struct decimal *d, int from, int to)
{
	char run[9];

	while (from >= to && from >= 0) {
		int q = from / 9, n = from % 9 + 1;
		uint32_t v = q < d->count ? d->limb[q] : 0;

		for (int i = 8; i >= 0; i--, v /= 10)
			run[i] = (char)('0' + v % 10);
		if (from - n + 1 < to)
			n = from - to + 1;
		if (__emit(s, run + 8 - from % 9, (size_t)n))
			return -1;
		from -= n;
	}
	return __pad(s, '0', from >= to ? (long)from - to + 1 : 0);
}

/* Sign, zeros of the field, and what follows it on the right, around a body of len. */
static int begin(struct sink *s, const struct spec *sp, const char *prefix, size_t plen, long len)
{
	long fill = sp->width - (long)plen - len;

	if (!(sp->flags & (FMT_LEFT | FMT_ZERO)) && __pad(s, ' ', fill))
		return -1;
	if (plen && __emit(s, prefix, plen))
		return -1;
	return (sp->flags & (FMT_LEFT | FMT_ZERO)) == FMT_ZERO ? __pad(s, '0', fill) : 0;
}

static int end(struct sink *s, const struct spec *sp, long len)
{
	return sp->flags & FMT_LEFT ? __pad(s, ' ', sp->width - len) : 0;
}

static int put_fixed(struct sink *s, const struct spec *sp, const struct decimal *d, long precision,
		     const char *sign, size_t slen)
{
	int whole = d->digits > d->point ? d->digits - d->point : 1;
	int dot = precision > 0 || sp->flags & FMT_ALT;
	long len = whole + dot + precision;

	if (begin(s, sp, sign, slen, len) || put_digits(s, d, whole - 1 + d->point, d->point) ||
	    (dot && __emit(s, ".", 1)))
		return -1;
	if (precision > d->point) {
		if (put_digits(s, d, d->point - 1, 0) || __pad(s, '0', precision - d->point))
			return -1;
	} else if (put_digits(s, d, d->point - 1, (int)(d->point - precision))) {
		return -1;
	}
	return end(s, sp, (long)slen + len);
}

static int put_exponent(struct sink *s, const struct spec *sp, const struct decimal *d,
			long precision, int exponent, const char *sign, size_t slen)
{
	int dot = precision > 0 || sp->flags & FMT_ALT;
	char tail[8];
	char *t = tail + sizeof(tail);
	int e = exponent < 0 ? -exponent : exponent;
	size_t tlen;
	long len;

	do {
		*--t = (char)('0' + e % 10);
		e /= 10;
	} while (e);
	if (t == tail + sizeof(tail) - 1)
		*--t = '0';
	*--t = exponent < 0 ? '-' : '+';
	*--t = sp->conv == 'e' || sp->conv == 'g' ? 'e' : 'E';
	tlen = (size_t)(tail + sizeof(tail) - t);
	len = 1 + dot + precision + (long)tlen;
	if (begin(s, sp, sign, slen, len) || put_digits(s, d, d->digits - 1, d->digits - 1) ||
	    (dot && __emit(s, ".", 1)))
		return -1;
	if (precision > d->digits - 1) {
		if (put_digits(s, d, d->digits - 2, 0) || __pad(s, '0', precision - d->digits + 1))
			return -1;
	} else if (put_digits(s, d, d->digits - 2, (int)(d->digits - 1 - precision))) {
		return -1;
	}
	return __emit(s, t, tlen) ? -1 : end(s, sp, (long)slen + len);
}

static int trailing_zeros(const struct decimal *d)
{
	int n = 0;

	while (n < d->digits - 1 && !digit(d, n))
		n++;
	return n;
}

/* The power of ten of the first digit. */
static int exponent_of(const struct decimal *d)
{
	return d->count == 1 && !d->limb[0] ? 0 : d->digits - 1 - d->point;
}

static int put_general(struct sink *s, const struct spec *sp, struct decimal *d, long p,
		       int negative, const char *sign, size_t slen)
{
	int x;

	p = p ? p : 1;
	round_off(d, p < d->digits ? (int)(d->digits - p) : 0, negative);
	x = exponent_of(d);
	if (!(sp->flags & FMT_ALT)) {
		int shown = d->digits - trailing_zeros(d);

		/* As many as there are digits that are not zeros at the end. */
		if (x < p && x >= -4) {
			long behind = d->point - trailing_zeros(d);

			return put_fixed(s, sp, d, behind > 0 ? behind : 0, sign, slen);
		}
		return put_exponent(s, sp, d, shown - 1, x, sign, slen);
	}
	if (x < p && x >= -4)
		return put_fixed(s, sp, d, p - 1 - x, sign, slen);
	return put_exponent(s, sp, d, p - 1, x, sign, slen);
}

static int put_decimal(struct sink *s, const struct spec *sp, const struct fp *x, uint32_t *limbs,
		       const char *sign, size_t slen)
{
	struct decimal d = { .limb = limbs };
	long p = sp->precision < 0 ? 6 : sp->precision;
	int negative = x->negative;

	if (!load_short(&d, x, sp->conv | 0x20, p))
		load(&d, x->m, x->e);
	switch (sp->conv | 0x20) {
	case 'e':
		round_off(&d, p + 1 < d.digits ? (int)(d.digits - p - 1) : 0, negative);
		return put_exponent(s, sp, &d, p, exponent_of(&d), sign, slen);
	case 'g':
		return put_general(s, sp, &d, p, negative, sign, slen);
	default:
		if (d.point - p > d.digits) {
			/* All that is left is whether it rounds away from zero. */
			int some = d.count > 1 || d.limb[0];
			int up = __round_up(__float_rounding(), negative, 0, -1, !some);

			d.limb[0] = up ? 1 : 0;
			d.limb[1] = 0;
			d.count = d.digits = 1;
			d.point = (int)p;
		} else {
			round_off(&d, p < d.point ? (int)(d.point - p) : 0, negative);
		}
		return put_fixed(s, sp, &d, p, sign, slen);
	}
}

/* %a: one hexadecimal digit, 1 unless the number is subnormal or zero, then the rest. */
static int put_hex(struct sink *s, const struct spec *sp, const struct fp *x, char *prefix,
		   size_t plen)
{
	const char *set = sp->conv == 'a' ? "0123456789abcdef" : "0123456789ABCDEF";
	unsigned __int128 m = x->m;
	int digits = (x->bits + 2) / 4; /* behind the point */
	int e = m ? x->e + x->bits - 1 : 0;
	long precision = sp->precision;
	char body[32], tail[8];
	char *t = tail + sizeof(tail);
	int n = 0, k, dot;
	size_t tlen;
	long len, zeros;

	prefix[plen++] = '0';
	prefix[plen++] = sp->conv == 'a' ? 'x' : 'X';
	/* Subnormals too begin with 1. */
	while (m && !(m >> (x->bits - 1))) {
		m <<= 1;
		e--;
	}
	m <<= digits * 4 - (x->bits - 1);
	if (precision >= 0 && precision < digits) {
		int drop = (int)(digits - precision) * 4;
		unsigned __int128 unit = (unsigned __int128)1 << drop;
		unsigned __int128 rest = m & (unit - 1), half = unit / 2;

		m -= rest;
		if (__round_up(__float_rounding(), x->negative, (m & unit) != 0,
			       rest > half  ? 1 :
			       rest == half ? 0 :
					      -1,
			       !rest))
			m += unit;
	}
	body[n++] = set[(int)(m >> (digits * 4))];
	for (k = digits - 1; k >= 0; k--) {
		unsigned __int128 below = m & (((unsigned __int128)1 << (k * 4 + 4)) - 1);

		if (precision < 0 ? !below : digits - 1 - k >= precision)
			break;
		body[n++] = set[(int)(below >> (k * 4))];
	}
	zeros = precision > n - 1 ? precision - (n - 1) : 0;
	dot = n > 1 || zeros || sp->flags & FMT_ALT;
	k = e < 0 ? -e : e;
	do {
		*--t = (char)('0' + k % 10);
		k /= 10;
	} while (k);
	*--t = e < 0 ? '-' : '+';
	*--t = sp->conv == 'a' ? 'p' : 'P';
	tlen = (size_t)(tail + sizeof(tail) - t);
	len = n + dot + zeros + (long)tlen;
	if (begin(s, sp, prefix, plen, len) || __emit(s, body, 1) || (dot && __emit(s, ".", 1)) ||
	    __emit(s, body + 1, (size_t)n - 1) || __pad(s, '0', zeros) || __emit(s, t, tlen))
		return -1;
	return end(s, sp, (long)plen + len);
}

static int put(struct sink *s, const struct spec *sp, const struct fp *x, uint32_t *limbs)
{
	int upper = sp->conv >= 'A' && sp->conv <= 'Z';
	char prefix[4];
	size_t plen = 0;

	if (x->negative)
		prefix[plen++] = '-';
	else if (sp->flags & FMT_PLUS)
		prefix[plen++] = '+';
	else if (sp->flags & FMT_SPACE)
		prefix[plen++] = ' ';
	if (x->kind != FP_IS_NUMBER) {
		struct spec plain = *sp;

		plain.flags &= ~FMT_ZERO;
		return __field(s, &plain, prefix, plen,
			       x->kind == FP_IS_NAN ? upper ? "NAN" : "nan" :
			       upper		    ? "INF" :
						      "inf",
			       3);
	}
	if ((sp->conv | 0x20) == 'a')
		return put_hex(s, sp, x, prefix, plen);
	return put_decimal(s, sp, x, limbs, prefix, plen);
}

/* 2^-1074 has 751 digits, 2^1024 309. */
int __format_double(struct sink *s, const struct spec *sp, double x)
{
	uint32_t limbs[92];
	struct fp fp;

	__fp_from_double(&fp, x);
	return put(s, sp, &fp, limbs);
}

/* 2^-16494 has 11,529 digits. */
int __format_long_double(struct sink *s, const struct spec *sp, long double x)
{
	uint32_t limbs[1300];
	struct fp fp;

	__fp_from_long_double(&fp, x);
	return put(s, sp, &fp, limbs);
}
