/*
 * bitmap.c - ranges and searches in arrays of bits; see bitmap.h.
 */
#include "lib/bitmap.h"

#include <compiler.h>

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
