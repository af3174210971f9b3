/*
 * The structure under the routing tables: a binary trie with compressed paths (a Patricia trie),
 * whose nodes are prefixes. A node without entries has two children, so there are fewer than twice
 * as many nodes as prefixes, and no path is longer than the address has bits.
 *
 * Locks: changed under net->mutex; walks down, to look up, take none (RCU).
 */
#ifndef NET_ROUTE_TRIE_H
#define NET_ROUTE_TRIE_H

#include <types.h>
#include "core/rcu.h"
#include "lib/list.h"
#include "net/ip.h"

/* An address as a number: its first bit is the highest of hi. */
struct route_bits {
	u64 hi, lo;
};

struct route_node {
	struct route_bits key; /* [I] bits behind the prefix are zero */
	u8 bits; /* [I] 0 .. 128 */
	struct route_node *child[2]; /* RCU: by the bit behind the prefix */
	struct route_node *parent; /* NULL: the root */
	struct list_head entries; /* RCU: of struct route_entry */
	struct rcu_head rcu;
};

struct route_trie {
	struct route_node *root; /* RCU */
};

struct route_bits route_bits_of(const struct in6_addr *a);
/* How many leading bits are the same, 0 .. 128. */
unsigned route_common(const struct route_bits *a, const struct route_bits *b);
static inline unsigned route_bit(const struct route_bits *k, unsigned i)
{
	return (i < 64 ? k->hi >> (63 - i) : k->lo >> (127 - i)) & 1;
}

struct route_node *trie_find(const struct route_trie *t, const struct route_bits *key, u8 bits);
/* The node of a prefix, made if it isn't there. NULL: no memory. It is empty: fill it. */
struct route_node *trie_get(struct route_trie *t, const struct route_bits *key, u8 bits);
void trie_drop(struct route_trie *t, struct route_node *n); /* if it holds no entry any more */
/* In the order of prefixes; NULL: n was the last. */
struct route_node *trie_next(struct route_node *n);

/* From the shortest prefix that key has to the longest; RCU. */
static inline struct route_node *trie_enter(struct route_node *n, const struct route_bits *key)
{
	return n && route_common(&n->key, key) >= n->bits ? n : NULL;
}
static inline struct route_node *trie_down(struct route_node *n, const struct route_bits *key)
{
	if (n->bits == 128)
		return NULL;
	return trie_enter(__atomic_load_n(&n->child[route_bit(key, n->bits)], __ATOMIC_CONSUME),
			  key);
}
#endif
