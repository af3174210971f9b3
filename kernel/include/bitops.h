/*
 * bitops.h - single bits of unsigned long arrays, and searches within a word.
 *
 * set_bit, clear_bit and change_bit are atomic and unordered; the test_and_
 * forms are atomic and fully ordered; names with __ are plain accesses for
 * memory that the caller's lock guards.  The searches are portable C: the
 * kernel links no compiler library.
 */
#ifndef TARN_BITOPS_H
#define TARN_BITOPS_H

#include <compiler.h>
#include <types.h>

#define BITS_PER_LONG		   64
#define BIT_WORD(n)		   ((n) / BITS_PER_LONG)
#define BIT_MASK(n)		   (1UL << ((n) % BITS_PER_LONG))
#define BITS_TO_LONGS(n)	   (((n) + BITS_PER_LONG - 1) / BITS_PER_LONG)
#define DECLARE_BITMAP(name, bits) unsigned long name[BITS_TO_LONGS(bits)]

static inline bool test_bit(unsigned long n, const unsigned long *map)
{
	return (__atomic_load_n(&map[BIT_WORD(n)], __ATOMIC_RELAXED) & BIT_MASK(n)) != 0;
}

static inline void set_bit(unsigned long n, unsigned long *map)
{
	__atomic_fetch_or(&map[BIT_WORD(n)], BIT_MASK(n), __ATOMIC_RELAXED);
}

static inline void clear_bit(unsigned long n, unsigned long *map)
{
	__atomic_fetch_and(&map[BIT_WORD(n)], ~BIT_MASK(n), __ATOMIC_RELAXED);
}

static inline void __set_bit(unsigned long n, unsigned long *map)
{
	map[BIT_WORD(n)] |= BIT_MASK(n);
}

static inline void __clear_bit(unsigned long n, unsigned long *map)
{
	map[BIT_WORD(n)] &= ~BIT_MASK(n);
}

static inline bool __test_and_set_bit(unsigned long n, unsigned long *map)
{
	bool was = (map[BIT_WORD(n)] & BIT_MASK(n)) != 0;

	__set_bit(n, map);
	return was;
}

static inline unsigned int popcount64(u64 x)
{
	x -= (x >> 1) & 0x5555555555555555UL;
	x = (x & 0x3333333333333333UL) + ((x >> 2) & 0x3333333333333333UL);
	x = (x + (x >> 4)) & 0x0f0f0f0f0f0f0f0fUL;
	return (unsigned int)((x * 0x0101010101010101UL) >> 56);
}

/* Number of zero bits below the lowest one; 64 for 0. */
static inline unsigned int ctz64(u64 x)
{
	return popcount64(~x & (x - 1));
}

/* Number of zero bits above the highest one; 64 for 0. */
static inline unsigned int clz64(u64 x)
{
	x |= x >> 1;
	x |= x >> 2;
	x |= x >> 4;
	x |= x >> 8;
	x |= x >> 16;
	x |= x >> 32;
	return 64 - popcount64(x);
}

/* 1-based place of the lowest one; 0 for 0. */
static inline unsigned int ffs64(u64 x)
{
	return x ? ctz64(x) + 1 : 0;
}

/* 1-based place of the highest one; 0 for 0. */
static inline unsigned int fls64(u64 x)
{
	return 64 - clz64(x);
}

/* Floor of the logarithm to base 2; x is not 0. */
static inline unsigned int ilog2(u64 x)
{
	return 63 - clz64(x);
}

static inline u16 bswap16(u16 x)
{
	return (u16)(x >> 8 | x << 8);
}

static inline u32 bswap32(u32 x)
{
	return x >> 24 | (x >> 8 & 0xff00) | (x << 8 & 0xff0000) | x << 24;
}

static inline u64 bswap64(u64 x)
{
	return (u64)bswap32((u32)x) << 32 | bswap32((u32)(x >> 32));
}

static inline u32 rol32(u32 x, unsigned int n)
{
	return x << (n & 31) | x >> (-n & 31);
}

static inline u64 rol64(u64 x, unsigned int n)
{
	return x << (n & 63) | x >> (-n & 63);
}

#endif
