/*
 * short_float.c - the first digits of a double, when they are few: most numbers that are printed.
 *
 * m * 2^e * 10^k is had to 128 bits, from a table of powers of ten: 10^k = 10^(27 j) * 5^r * 2^r. What the table leaves
 * out makes the product too small by less than two units of its last bit. Only when half a digit lies
 * that near to what is cut off is the answer left to who computes exactly (format_float.c).
 */
#include "format.h"
#include "../internal/float.h"

#define STEP   27 /* 5^27 is below 2^64 */
#define FIRST  (-12) /* j of the first entry */
#define EXACT  2 /* 10^(27 j) has no more than 128 bits up to here, from j = 0 */
#define DIGITS 18

typedef unsigned __int128 wide;

/* 10^(27 j), its first 128 bits. */
static const uint64_t powers[][2] = {
	{ 0xcf42894a5dce35ea, 0x52064cac828675b9 }, { 0xa76c582338ed2621, 0xaf2af2b80af6f24e },
	{ 0x873e4f75e2224e68, 0x5a7744a6e804a291 }, { 0xda7f5bf590966848, 0xaf39a475506a899e },
	{ 0xb080392cc4349dec, 0xbd8d794d96aacfb3 }, { 0x8e938662882af53e, 0x547eb47b7282ee9c },
	{ 0xe65829b3046b0afa, 0x0cb4a5a3112a5112 }, { 0xba121a4650e4ddeb, 0x92f34d62616ce413 },
	{ 0x964e858c91ba2655, 0x3a6a07f8d510f86f }, { 0xf2d56790ab41c2a2, 0xfae27299423fb9c3 },
	{ 0xc428d05aa4751e4c, 0xaa97e14c3c26b886 }, { 0x9e74d1b791e07e48, 0x775ea264cf55347d },
	{ 0x8000000000000000, 0x0000000000000000 }, { 0xcecb8f27f4200f3a, 0x0000000000000000 },
	{ 0xa70c3c40a64e6c51, 0x999090b65f67d924 }, { 0x86f0ac99b4e8dafd, 0x69a028bb3ded71a3 },
	{ 0xda01ee641a708de9, 0xe80e6f4820cc9495 }, { 0xb01ae745b101e9e4, 0x5ec05dcff72e7f8f },
	{ 0x8e41ade9fbebc27d, 0x14588f13be847307 }, { 0xe5d3ef282a242e81, 0x8f1668c8a86da5fa },
	{ 0xb9a74a0637ce2ee1, 0x6d953e2bd7173692 }, { 0x95f83d0a1fb69cd9, 0x4abdaf101564f98e },
	{ 0xf24a01a73cf2dccf, 0xbc633b39673c8cec }, { 0xc3b8358109e84f07, 0x0a862f80ec4700c8 },
	{ 0x9e19db92b4e31ba9, 0x6c07a2c26a8346d1 },
};

/* 5^r */
static const uint64_t fives[STEP] = {
	1ul,
	5ul,
	25ul,
	125ul,
	625ul,
	3125ul,
	15625ul,
	78125ul,
	390625ul,
	1953125ul,
	9765625ul,
	48828125ul,
	244140625ul,
	1220703125ul,
	6103515625ul,
	30517578125ul,
	152587890625ul,
	762939453125ul,
	3814697265625ul,
	19073486328125ul,
	95367431640625ul,
	476837158203125ul,
	2384185791015625ul,
	11920928955078125ul,
	59604644775390625ul,
	298023223876953125ul,
	1490116119384765625ul,
};

static uint64_t ten_to(int n)
{
	return fives[n] << n;
}

/* floor(n * log2(10)) and floor(n * log10(2)), for exponents of doubles. */
static int bits_of_ten(int n)
{
	return (n * 217706) >> 16;
}

static int tens_of_bit(int n)
{
	return (n * 78913) >> 18;
}

/* The first 128 bits of a 256-bit product, and whether the others are all 0. */
static wide multiply(wide a, uint64_t high, uint64_t low, bool *rest)
{
	wide ll = (wide)(uint64_t)a * low, lh = (wide)(uint64_t)a * high;
	wide hl = (a >> 64) * low, hh = (a >> 64) * high;
	wide middle = (ll >> 64) + (uint64_t)lh + (uint64_t)hl;

	*rest = (uint64_t)ll || (uint64_t)middle;
	return hh + (lh >> 64) + (hl >> 64) + (middle >> 64);
}

/* m * 2^e * 10^k, rounded to the nearest whole number below 2^63. False: it is too near to a half. */
static bool scaled(uint64_t m, int e, int k, uint64_t *out)
{
	int j = (k - FIRST * STEP) / STEP + FIRST, r = k - j * STEP, shift, cut;
	wide n = (wide)m * fives[r], h, fraction, half;
	bool rest, up;

	shift = n >> 64 ? __builtin_clzl((uint64_t)(n >> 64)) : 64 + __builtin_clzl((uint64_t)n);
	h = multiply(n << shift, powers[j - FIRST][0], powers[j - FIRST][1], &rest);
	cut = -(e + r - shift + bits_of_ten(j * STEP) - 127 + 128);
	if (cut > 128) { /* below a half; 2^128 - 2 units of the last bit may be one */
		*out = 0;
		return h < (wide)-2;
	}
	half = (wide)1 << (cut - 1);
	fraction = h & (half + half - 1);
	*out = cut == 128 ? 0 : (uint64_t)(h >> cut);
	if (j >= 0 && j <= EXACT)
		up = fraction > half || (fraction == half && (rest || *out & 1));
	else if (fraction - (half - 2) <= 2)
		return false;
	else
		up = fraction > half;
	*out += up;
	return true;
}

bool __short_float(const struct fp *x, int digits, long places, uint64_t *value, int *behind)
{
	uint64_t m = (uint64_t)x->m;
	int first =
		tens_of_bit(x->e + 63 - __builtin_clzl(m)); /* of the power of ten; or one more */
	int k;

	if (!digits) {
		*behind = (int)places;
		return places <= DIGITS + 308 && first + 2 + places <= DIGITS &&
		       scaled(m, x->e, *behind, value);
	}
	if (digits > DIGITS - 1)
		return false;
	k = digits - 1 - first;
	if (!scaled(m, x->e, k, value))
		return false;
	if (*value >= ten_to(digits) && !scaled(m, x->e, --k, value))
		return false;
	if (*value == ten_to(digits)) {
		*value = ten_to(digits - 1);
		k--;
	}
	*behind = k;
	return true;
}
