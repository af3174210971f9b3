/*
 * scan_float.c - floating point from text, rounded exactly (C11 7.22.1.3).
 *
 * The digits become a whole number, the point and the exponent a power of ten. Where
 * both are small a division or a product of doubles is exact but for its own rounding
 * (Clinger's fast path). Else both are binary numbers of any length: the number is
 * their product, or their quotient by long division (Knuth, volume 2, algorithm D) to
 * 128 bits and the knowledge whether anything is left, which is then rounded once.
 */
#include "charsrc.h"
#include "float.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

/* A whole number, lowest limb first, no zero limbs on top. */
struct big {
	uint32_t *limb;
	int count;
};

static void mul_add(struct big *b, uint32_t by, uint32_t add)
{
	uint64_t carry = add;

	for (int i = 0; i < b->count; i++) {
		carry += (uint64_t)b->limb[i] * by;
		b->limb[i] = (uint32_t)carry;
		carry >>= 32;
	}
	if (carry)
		b->limb[b->count++] = (uint32_t)carry;
}

static void mul_power_of_5(struct big *b, long n)
{
	for (; n >= 13; n -= 13)
		mul_add(b, 1220703125, 0);
	for (; n > 0; n--)
		mul_add(b, 5, 0);
}

static long bits_of(const struct big *b)
{
	return 32l * b->count - __builtin_clz(b->limb[b->count - 1]);
}

static void shift_left(struct big *b, long n)
{
	int limbs = (int)(n / 32), bits = (int)(n % 32);

	if (limbs) {
		memmove(b->limb + limbs, b->limb, (size_t)b->count * sizeof(*b->limb));
		memset(b->limb, 0, (size_t)limbs * sizeof(*b->limb));
		b->count += limbs;
	}
	if (bits)
		mul_add(b, 1u << bits, 0);
}

/* The 128 bits at the top, the highest of them set; *e: the power of two of the lowest. */
static unsigned __int128 top(const struct big *b, long *e, int *more)
{
	unsigned __int128 m = 0;
	int i = b->count - 1, have = 0, zeros = __builtin_clz(b->limb[i]);

	for (; i >= 0 && have < 4; i--, have++)
		m = m << 32 | b->limb[i];
	*e = 32l * (i + 1);
	for (; have < 4; have++, *e -= 32)
		m <<= 32;
	if (zeros) {
		m <<= zeros;
		*e -= zeros;
		if (i >= 0) {
			m |= b->limb[i] >> (32 - zeros);
			*more |= b->limb[i] << zeros != 0;
			i--;
		}
	}
	for (; i >= 0; i--)
		*more |= b->limb[i] != 0;
	return m;
}

/*
 * a / b into q[0..count], count is what a has more limbs than b. b has its highest bit
 * set, and a a zero limb on top. Leaves the rest in a.
 */
static void divide(struct big *a, const struct big *b, uint32_t *q, int count)
{
	int n = b->count;

	for (int j = count - 1; j >= 0; j--) {
		uint64_t two = (uint64_t)a->limb[j + n] << 32 | a->limb[j + n - 1];
		uint64_t guess = two / b->limb[n - 1], rest = two % b->limb[n - 1];
		uint64_t carry = 0;
		int64_t borrow = 0;

		while (guess >> 32 ||
		       (n > 1 && guess * b->limb[n - 2] > (rest << 32 | a->limb[j + n - 2]))) {
			guess--;
			rest += b->limb[n - 1];
			if (rest >> 32)
				break;
		}
		for (int i = 0; i < n; i++) {
			int64_t t;

			carry += guess * b->limb[i];
			t = (int64_t)a->limb[i + j] - (int64_t)(uint32_t)carry + borrow;
			a->limb[i + j] = (uint32_t)t;
			borrow = t >> 32;
			carry >>= 32;
		}
		borrow += (int64_t)a->limb[j + n] - (int64_t)carry;
		a->limb[j + n] = (uint32_t)borrow;
		if (borrow < 0) {
			guess--;
			carry = 0;
			for (int i = 0; i < n; i++) {
				carry += (uint64_t)a->limb[i + j] + b->limb[i];
				a->limb[i + j] = (uint32_t)carry;
				carry >>= 32;
			}
			a->limb[j + n] += (uint32_t)carry;
		}
		q[j] = (uint32_t)guess;
	}
}

/* a / b times 2^*e as its 128 highest bits. */
static unsigned __int128 quotient(struct big *a, struct big *b, long *e, int *more)
{
	uint32_t q[8];
	struct big result = { .limb = q };
	unsigned __int128 m;
	long shift = 32 - bits_of(b) % 32, up, low;

	if (shift < 32) {
		shift_left(b, shift);
		shift_left(a, shift);
	}
	/* Five limbs of quotient have at least 128 bits. */
	up = 32l * (b->count + 5 - a->count);
	if (up > 0) {
		shift_left(a, up);
		*e -= up;
	}
	a->limb[a->count++] = 0;
	result.count = a->count - b->count;
	if (result.count > 8) {
		/* Much longer than its divisor: what is below the top doesn't matter much. */
		int drop = result.count - 7;

		for (int i = 0; i < drop; i++)
			*more |= a->limb[i] != 0;
		memmove(a->limb, a->limb + drop, (size_t)(a->count - drop) * sizeof(*a->limb));
		a->count -= drop;
		*e += 32l * drop;
		result.count = a->count - b->count;
	}
	divide(a, b, q, result.count);
	while (result.count > 1 && !q[result.count - 1])
		result.count--;
	for (int i = 0; i < a->count; i++)
		*more |= a->limb[i] != 0;
	m = top(&result, &low, more);
	*e += low;
	return m;
}

/* 2^e exactly, and slowly at the far ends. */
static long double scale(long double x, long e)
{
	union {
		unsigned __int128 bits;
		long double value;
	} two;

	while (e) {
		long step = e > 16000 ? 16000 : e < -16000 ? -16000 : e;

		two.bits = (unsigned __int128)(unsigned long)(step + 16383) << 112;
		x *= two.value;
		e -= step;
	}
	return x;
}

/* m * 2^e (m's highest bit is set) and `more` as the nearest number of the format. */
static long double assemble(unsigned __int128 m, long e, int more, int bits, int negative)
{
	int max = bits == 24 ? 128 : bits == 53 ? 1024 : 16384;
	int min = bits == 24 ? -149 : bits == 53 ? -1074 : -16494; /* of the lowest bit */
	int mode = __float_rounding();
	unsigned __int128 rest, half;
	long double x;
	long drop = 128 - bits;
	int exact;

	if (e + drop < min)
		drop = min - e;
	if (drop > 128) {
		rest = 0;
		m = 0;
		exact = 0;
		if (__round_up(mode, negative, 0, -1, 0))
			m = 1;
	} else {
		half = (unsigned __int128)1 << (drop - 1);
		rest = drop == 128 ? m : m & ((half << 1) - 1);
		exact = !rest && !more;
		int cmp = rest > half || (rest == half && more) ? 1 : rest == half ? 0 : -1;

		m = drop == 128 ? 0 : m >> drop;
		m += (unsigned)__round_up(mode, negative, (int)(m & 1), cmp, exact);
	}
	e += drop;
	if (m >> bits) {
		m >>= 1;
		e++;
	}
	if (e + bits > max && m) {
		errno = ERANGE;
		if (!__round_up(mode, negative, 1, 1, 0)) {
			/* The largest number there is. */
			m = ((unsigned __int128)1 << bits) - 1;
			x = scale((long double)m, max - bits);
		} else {
			x = __builtin_infl();
		}
		return negative ? -x : x;
	}
	if (!exact && !(m >> (bits - 1)))
		errno = ERANGE;
	x = scale((long double)m, e);
	return negative ? -x : x;
}

#define CHUNK 9

struct digits {
	struct big big;
	uint32_t chunk;
	int chunk_digits;
	long kept; /* of significance */
	long max;
	long exponent; /* of ten, of the last digit kept */
	int more; /* something other than 0 was dropped */
	uint64_t small; /* the number while it has at most 19 digits */
};

static const uint32_t tens[] = { 1,	 10,	  100,	    1000,      10000,
				 100000, 1000000, 10000000, 100000000, 1000000000 };

static void push_chunk(struct digits *d)
{
	if (d->chunk_digits)
		mul_add(&d->big, tens[d->chunk_digits], d->chunk);
	d->chunk = 0;
	d->chunk_digits = 0;
}

static void push(struct digits *d, int digit, int behind_point)
{
	if (!d->kept && !digit) {
		d->exponent -= behind_point;
		return;
	}
	if (d->kept >= d->max) {
		d->more |= digit != 0;
		d->exponent += !behind_point;
		return;
	}
	d->kept++;
	d->exponent -= behind_point;
	if (d->kept <= 19)
		d->small = d->small * 10 + (uint64_t)digit;
	d->chunk = d->chunk * 10 + (uint32_t)digit;
	if (++d->chunk_digits == CHUNK)
		push_chunk(d);
}

/* An exponent behind its letter; what is too big for any number stays just that. */
static long exponent(struct charsrc *src, long *good)
{
	long e = 0;
	int negative = 0;
	int c = __src_get(src);

	if (c == '+' || c == '-') {
		negative = c == '-';
		c = __src_get(src);
	}
	for (; c >= '0' && c <= '9'; c = __src_get(src)) {
		if (e < LONG_MAX / 100)
			e = e * 10 + c - '0';
		*good = src->taken;
	}
	__src_unget(src, c);
	return negative ? -e : e;
}

static long double to_number(struct digits *d, struct big *power, int bits, int negative)
{
	static const double exact[] = { 1e0,  1e1,  1e2,  1e3,	1e4,  1e5,  1e6,  1e7,
					1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
					1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22 };
	long limit = bits == 24 ? 60 : bits == 53 ? 400 : 5000;
	long e = d->exponent, low;
	unsigned __int128 m;
	int more = d->more;

	if (!d->kept)
		return negative ? -0.0l : 0.0l;
	if (bits == 53 && d->kept <= 15 && e >= -22 && e <= 22) {
		double x = (double)d->small * (negative ? -1.0 : 1.0);

		return e < 0 ? x / exact[-e] : x * exact[e];
	}
	if (e + d->kept > limit)
		return assemble((unsigned __int128)1 << 127, 1l << 20, 0, bits, negative);
	if (e + d->kept < -limit)
		return assemble((unsigned __int128)1 << 127, -(1l << 20), 1, bits, negative);
	push_chunk(d);
	if (e >= 0) {
		mul_power_of_5(&d->big, e);
		m = top(&d->big, &low, &more);
		return assemble(m, low + e, more, bits, negative);
	}
	power->limb[0] = 1;
	power->count = 1;
	mul_power_of_5(power, -e);
	low = e;
	m = quotient(&d->big, power, &low, &more);
	return assemble(m, low, more, bits, negative);
}

/* c is the first digit or the point. */
static long scan_decimal(struct charsrc *src, int c, int bits, int negative, long double *value,
			 long good, uint32_t *room, int limbs)
{
	struct digits d = { .big.limb = room, .max = bits == 113 ? 11600 : bits == 53 ? 790 : 130 };
	struct big power = { .limb = room + limbs };
	int behind = 0;

	for (;; c = __src_get(src)) {
		if (c == '.' && !behind) {
			behind = 1;
			/* Alone it is no number, behind digits it belongs to one. */
			if (good)
				good = src->taken;
			continue;
		}
		if (c < '0' || c > '9')
			break;
		push(&d, c - '0', behind);
		good = src->taken;
	}
	if (good && (c == 'e' || c == 'E')) {
		long e = exponent(src, &good);

		if (good == src->taken)
			d.exponent += e;
	} else {
		__src_unget(src, c);
	}
	*value = good ? to_number(&d, &power, bits, negative) : 0;
	return good;
}

static long scan_hex(struct charsrc *src, int bits, int negative, long double *value, long good)
{
	unsigned __int128 m = 0;
	int behind = 0, more = 0, any = 0, zeros;
	long e = 0, extra = 0;
	int c;

	for (c = __src_get(src);; c = __src_get(src)) {
		int v;

		if (c == '.' && !behind) {
			behind = 1;
			if (any)
				good = src->taken;
			continue;
		}
		if (c >= '0' && c <= '9')
			v = c - '0';
		else if ((c | 32) >= 'a' && (c | 32) <= 'f')
			v = (c | 32) - 'a' + 10;
		else
			break;
		any = 1;
		good = src->taken;
		if (m >> 124) {
			more |= v != 0;
			e += behind ? 0 : 4;
		} else {
			m = m << 4 | (unsigned)v;
			e -= behind ? 4 : 0;
		}
	}
	if (any && (c == 'p' || c == 'P')) {
		extra = exponent(src, &good);
		if (good != src->taken)
			extra = 0;
	} else {
		__src_unget(src, c);
	}
	if (!m) {
		*value = negative ? -0.0l : 0.0l;
		return good;
	}
	e += extra;
	for (zeros = 0; !(m >> 127); zeros++)
		m <<= 1;
	*value = assemble(m, e - zeros, more, bits, negative);
	return good;
}

/* The rest of `word` without regard to case; the first character that isn't of it in *c. */
static int word(struct charsrc *src, const char *rest, int *c)
{
	for (; *rest; rest++) {
		*c = __src_get(src);
		if (*c < 0 || (*c | 32) != *rest)
			return 0;
	}
	return 1;
}

static int in_nan(int c)
{
	return (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z') || c == '_';
}

/* Infinity or a NaN; `first` is the letter that promises which. */
static long scan_word(struct charsrc *src, int first, int negative, long double *value)
{
	long good = 0;
	int c = first;

	if ((first | 32) == 'i' && word(src, "nf", &c)) {
		good = src->taken;
		*value = negative ? -__builtin_infl() : __builtin_infl();
		if (word(src, "inity", &c))
			return src->taken;
		__src_unget(src, c);
		return good;
	}
	if ((first | 32) == 'n' && word(src, "an", &c)) {
		good = src->taken;
		*value = negative ? -__builtin_nanl("") : __builtin_nanl("");
		c = __src_get(src);
		if (c == '(') {
			do
				c = __src_get(src);
			while (in_nan(c));
			if (c == ')')
				return src->taken;
		}
		__src_unget(src, c);
		return good;
	}
	__src_unget(src, c);
	return 0;
}

/* 800 digits and 5^1150 have below 2,700 bits. */
static long scan_double(struct charsrc *src, int c, int bits, int negative, long double *value,
			long good)
{
	uint32_t room[2 * 112];

	return scan_decimal(src, c, bits, negative, value, good, room, 112);
}

/* 11,600 digits and 5^16600 have below 38,600 bits. */
static long scan_long_double(struct charsrc *src, int c, int negative, long double *value,
			     long good)
{
	uint32_t room[2 * 1240];

	return scan_decimal(src, c, 113, negative, value, good, room, 1240);
}

long __scan_float(struct charsrc *src, int bits, long double *value)
{
	int negative = 0;
	long good = 0;
	int c = __src_get(src);

	*value = 0;
	if (c == '+' || c == '-') {
		negative = c == '-';
		c = __src_get(src);
	}
	if ((c | 32) == 'i' || (c | 32) == 'n')
		return scan_word(src, c, negative, value);
	if (c == '0') {
		good = src->taken;
		c = __src_get(src);
		if (c == 'x' || c == 'X') {
			*value = negative ? -0.0l : 0.0l;
			return scan_hex(src, bits, negative, value, good);
		}
	}
	if (bits == 113)
		return scan_long_double(src, c, negative, value, good);
	return scan_double(src, c, bits, negative, value, good);
}
