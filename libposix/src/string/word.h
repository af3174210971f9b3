/*
 * word.h - eight bytes of a string at once. An aligned word lies in one page, so it
 * may be read when any byte of it may.
 */
#ifndef LIBPOSIX_WORD_H
#define LIBPOSIX_WORD_H

#include <stddef.h>
#include <stdint.h>

typedef uint64_t __attribute__((may_alias)) word;

#define WORD	   sizeof(word)
#define ONES	   0x0101010101010101ul
#define HIGHS	   0x8080808080808080ul
#define ALIGNED(p) (((uintptr_t)(p) & (WORD - 1)) == 0)

/* The highest bit of each byte that is 0; above the first of them there may be others. */
static inline word zero_bytes(word w)
{
	return (w - ONES) & ~w & HIGHS;
}

static inline int has_zero(word w)
{
	return zero_bytes(w) != 0;
}

/* Without Zbb counting zeros is a call: look at the eight bytes instead. */
static inline const char *find_zero(const char *p)
{
	while (*p)
		p++;
	return p;
}

#endif
