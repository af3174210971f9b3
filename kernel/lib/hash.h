/*
 * hash.h - hashes for tables.
 *
 * hash64 spreads integers; hash_bytes takes byte strings such as names.
 * None of them resists an enemy who chooses keys: siphash.h does.
 */
#ifndef LIB_HASH_H
#define LIB_HASH_H

#include <bitops.h>
#include <byteorder.h>
#include <types.h>

/* A bijection on 64 bits: every input bit reaches every output bit. */
static inline u64 hash64(u64 x)
{
	x ^= x >> 30;
	x *= 0xbf58476d1ce4e5b9UL;
	x ^= x >> 27;
	x *= 0x94d049bb133111ebUL;
	return x ^ x >> 31;
}

static inline u64 hash_ptr(const void *p)
{
	return hash64((u64)(uintptr_t)p);
}

static inline u64 hash_mix(u64 h, u64 x)
{
	return hash64(h ^ (x + 0x9e3779b97f4a7c15UL));
}

/* The index of a table of 1 << bits chains; bits is 1 .. 63. */
static inline unsigned long hash_index(u64 hash, unsigned int bits)
{
	return (unsigned long)(hash >> (64 - bits));
}

static inline u64 hash_bytes(const void *data, size_t n, u64 seed)
{
	const u8 *p = data;
	u64 h = seed ^ n * 0x9e3779b97f4a7c15UL;
	u64 tail = 0;

	for (; n >= 8; n -= 8, p += 8)
		h = hash_mix(h, get_le64(p));
	for (size_t i = 0; i < n; i++)
		tail |= (u64)p[i] << (8 * i);
	return hash_mix(h, tail);
}

/* The same for n whole words, a multiplication each: to tell what was written whole from what was not. */
static inline u64 hash_words(const u64 *p, size_t n, u64 seed)
{
	u64 h = seed;

	while (n--) {
		h = (h ^ *p++) * 0x9e3779b97f4a7c15UL;
		h ^= h >> 32;
	}
	return h;
}

#endif
