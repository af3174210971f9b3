/*
 * bitmap.h - ranges and searches in arrays of bits.
 *
 * Single bits are in bitops.h.  Nothing here is atomic: the caller's lock guards
 * the map.  `bits` is the size of the map; bits beyond it in the last word are
 * never returned and may hold anything.
 */
#ifndef LIB_BITMAP_H
#define LIB_BITMAP_H

#include <bitops.h>

/* First one (zero) bit at or after `from`; `bits` when there is none. */
unsigned long bitmap_find_next(const unsigned long *map, unsigned long bits, unsigned long from);
unsigned long bitmap_find_next_zero(const unsigned long *map, unsigned long bits,
				    unsigned long from);

/*
 * First run of n zero bits that starts at or after `from` at a multiple of align
 * (a power of two); `bits` when there is none.
 */
unsigned long bitmap_find_zero_area(const unsigned long *map, unsigned long bits,
				    unsigned long from, unsigned long n, unsigned long align);

void bitmap_set(unsigned long *map, unsigned long start, unsigned long n);
void bitmap_clear(unsigned long *map, unsigned long start, unsigned long n);
void bitmap_zero(unsigned long *map, unsigned long bits);

static inline unsigned long bitmap_find_first_zero(const unsigned long *map, unsigned long bits)
{
	return bitmap_find_next_zero(map, bits, 0);
}

#define find_first_zero_bit(map, bits)	    bitmap_find_first_zero(map, bits)
#define find_next_zero_bit(map, bits, from) bitmap_find_next_zero(map, bits, from)

#endif
