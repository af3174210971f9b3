/*
 * bitmap.c - ranges and searches in arrays of bits; see bitmap.h.
 */
#include "lib/bitmap.h"

#include <compiler.h>

/* Bits of the last word that belong to a map of this size. */
static inline unsigned long last_mask(unsigned long bits)
{
	return ~0UL >> (-bits % BITS_PER_LONG);
}

/* Search for a one in the map with every word exclusive-ored by flip. */
static unsigned long find_from(const unsigned long *map, unsigned long bits, unsigned long from,
			       unsigned long flip)
{
	unsigned long word, i;

	if (from >= bits)
		return bits;
	i = BIT_WORD(from);
	word = (map[i] ^ flip) & (~0UL << (from % BITS_PER_LONG));
	while (!word) {
		if (++i >= BITS_TO_LONGS(bits))
			return bits;
		word = map[i] ^ flip;
	}
	return min(i * BITS_PER_LONG + ctz64(word), bits);
}

unsigned long bitmap_find_next(const unsigned long *map, unsigned long bits, unsigned long from)
{
	return find_from(map, bits, from, 0);
}

unsigned long bitmap_find_next_zero(const unsigned long *map, unsigned long bits,
				    unsigned long from)
{
	return find_from(map, bits, from, ~0UL);
}

unsigned long bitmap_find_last(const unsigned long *map, unsigned long bits)
{
	unsigned long i = BITS_TO_LONGS(bits);
	unsigned long mask = last_mask(bits);

	while (i--) {
		if (map[i] & mask)
			return i * BITS_PER_LONG + ilog2(map[i] & mask);
		mask = ~0UL;
	}
	return bits;
}

unsigned long bitmap_find_zero_area(const unsigned long *map, unsigned long bits,
				    unsigned long from, unsigned long n, unsigned long align)
{
	unsigned long start, end;

	for (;; from = end) {
		start = bitmap_find_next_zero(map, bits, from);
		start = ALIGN_UP(start, align);
		if (start >= bits || n > bits - start)
			return bits;
		end = bitmap_find_next(map, start + n, start);
		if (end == start + n)
			return start;
	}
}

/* For every word of start .. start + n - 1: a mask of the bits concerned. */
static void change_range(unsigned long *map, unsigned long start, unsigned long n, bool set)
{
	while (n) {
		unsigned long first = start % BITS_PER_LONG;
		unsigned long count = min(n, BITS_PER_LONG - first);
		unsigned long mask = ~0UL >> (BITS_PER_LONG - count) << first;

		if (set)
			map[BIT_WORD(start)] |= mask;
		else
			map[BIT_WORD(start)] &= ~mask;
		start += count;
		n -= count;
	}
}

void bitmap_set(unsigned long *map, unsigned long start, unsigned long n)
{
	change_range(map, start, n, true);
}

void bitmap_clear(unsigned long *map, unsigned long start, unsigned long n)
{
	change_range(map, start, n, false);
}

void bitmap_zero(unsigned long *map, unsigned long bits)
{
	for (unsigned long i = 0; i < BITS_TO_LONGS(bits); i++)
		map[i] = 0;
}

void bitmap_fill(unsigned long *map, unsigned long bits)
{
	change_range(map, 0, bits, true);
}

void bitmap_copy(unsigned long *dst, const unsigned long *src, unsigned long bits)
{
	for (unsigned long i = 0; i < BITS_TO_LONGS(bits); i++)
		dst[i] = src[i];
}

void bitmap_and(unsigned long *dst, const unsigned long *a, const unsigned long *b,
		unsigned long bits)
{
	for (unsigned long i = 0; i < BITS_TO_LONGS(bits); i++)
		dst[i] = a[i] & b[i];
}

void bitmap_or(unsigned long *dst, const unsigned long *a, const unsigned long *b,
	       unsigned long bits)
{
	for (unsigned long i = 0; i < BITS_TO_LONGS(bits); i++)
		dst[i] = a[i] | b[i];
}

void bitmap_andnot(unsigned long *dst, const unsigned long *a, const unsigned long *b,
		   unsigned long bits)
{
	for (unsigned long i = 0; i < BITS_TO_LONGS(bits); i++)
		dst[i] = a[i] & ~b[i];
}

/* Word i of the map without the bits that lie beyond its size. */
static inline unsigned long word_at(const unsigned long *map, unsigned long i, unsigned long bits)
{
	return i + 1 == BITS_TO_LONGS(bits) ? map[i] & last_mask(bits) : map[i];
}

unsigned long bitmap_weight(const unsigned long *map, unsigned long bits)
{
	unsigned long sum = 0;

	for (unsigned long i = 0; i < BITS_TO_LONGS(bits); i++)
		sum += popcount64(word_at(map, i, bits));
	return sum;
}

bool bitmap_empty(const unsigned long *map, unsigned long bits)
{
	return bitmap_find_next(map, bits, 0) == bits;
}

bool bitmap_full(const unsigned long *map, unsigned long bits)
{
	return bitmap_find_next_zero(map, bits, 0) == bits;
}

bool bitmap_equal(const unsigned long *a, const unsigned long *b, unsigned long bits)
{
	for (unsigned long i = 0; i < BITS_TO_LONGS(bits); i++)
		if (word_at(a, i, bits) != word_at(b, i, bits))
			return false;
	return true;
}

bool bitmap_subset(const unsigned long *sub, const unsigned long *of, unsigned long bits)
{
	for (unsigned long i = 0; i < BITS_TO_LONGS(bits); i++)
		if (word_at(sub, i, bits) & ~of[i])
			return false;
	return true;
}

bool bitmap_intersects(const unsigned long *a, const unsigned long *b, unsigned long bits)
{
	for (unsigned long i = 0; i < BITS_TO_LONGS(bits); i++)
		if (word_at(a, i, bits) & b[i])
			return true;
	return false;
}
