/*
 * siphash.h - SipHash-2-4 (Aumasson, Bernstein 2012), a keyed hash.
 *
 * For tables whose keys an enemy may choose (connections, names from the net) and
 * for sequence numbers. No state; nothing locks.
 */
#ifndef LIB_SIPHASH_H
#define LIB_SIPHASH_H

#include <types.h>

struct siphash_key {
	u64 k[2];
};

u64 siphash(const void *data, size_t n, const struct siphash_key *key);

#endif
