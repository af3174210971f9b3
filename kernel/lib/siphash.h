/*
 * siphash.h - SipHash (Aumasson, Bernstein 2012), a keyed hash.
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

u64 siphash(const void *data, size_t n, const struct siphash_key *key); /* SipHash-2-4 */
/* SipHash-1-3, for the places of tables, which nobody is shown; what goes over a wire is siphash's. */
u64 siphash_table(const void *data, size_t n, const struct siphash_key *key);

#endif
