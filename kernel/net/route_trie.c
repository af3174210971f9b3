/*
 * The trie under the routing tables (route_trie.h).
 */
#include "net/route_trie.h"

#include <byteorder.h>
#include <compiler.h>

#include "alloc/slab.h"

struct route_bits route_bits_of(const struct in6_addr *a)
{
	return (struct route_bits){
		(u64)bswap32(a->s6_addr32[0]) << 32 | bswap32(a->s6_addr32[1]),
		(u64)bswap32(a->s6_addr32[2]) << 32 | bswap32(a->s6_addr32[3]),
	};
}

unsigned route_common(const struct route_bits *a, const struct route_bits *b)
{
	if (a->hi != b->hi)
		return clz64(a->hi ^ b->hi);
	return a->lo == b->lo ? 128 : 64 + clz64(a->lo ^ b->lo);
}

static struct route_bits cut(const struct route_bits *k, unsigned bits)
{
	return (struct route_bits){
		.hi = !bits	 ? 0 :
		      bits >= 64 ? k->hi :
				   k->hi & ~0UL << (64 - bits),
		.lo = bits <= 64 ? 0 : k->lo & ~0UL << (128 - bits),
	};
}

static struct route_node *node_alloc(const struct route_bits *key, unsigned bits)
{
	struct route_node *n = kzalloc(sizeof(*n), 0);

	if (!n)
		return NULL;
	n->key = cut(key, bits);
	n->bits = (u8)bits;
	list_init(&n->entries);
	return n;
}

static void node_free(struct rcu_head *h)
{
	kfree(container_of(h, struct route_node, rcu));
}

/* The pointer that leads to n. */
static struct route_node **place_of(struct route_trie *t, struct route_node *n)
{
	return n->parent ? &n->parent->child[n->parent->child[1] == n] : &t->root;
}

static void put_at(struct route_node **place, struct route_node *n, struct route_node *parent)
{
	if (n)
		n->parent = parent;
	__atomic_store_n(place, n, __ATOMIC_RELEASE);
}

struct route_node *trie_find(const struct route_trie *t, const struct route_bits *key, u8 bits)
{
	struct route_node *n = trie_enter(t->root, key);

	while (n && n->bits < bits)
		n = trie_down(n, key);
	return n && n->bits == bits ? n : NULL;
}

struct route_node *trie_get(struct route_trie *t, const struct route_bits *key, u8 bits)
{
	struct route_node **place = &t->root, *parent = NULL, *n, *fresh, *fork;
	unsigned common = 0;

	while ((n = *place)) {
		common = route_common(&n->key, key);
		common = min(common, (unsigned)min(n->bits, bits));
		if (common < n->bits)
			break;
		if (n->bits == bits)
			return n;
		parent = n;
		place = &n->child[route_bit(key, n->bits)];
	}
	fresh = node_alloc(key, bits);
	if (!fresh)
		return NULL;
	if (!n) {
		put_at(place, fresh, parent);
		return fresh;
	}
	if (common == bits) {
		put_at(&fresh->child[route_bit(&n->key, bits)], n, fresh);
		put_at(place, fresh, parent);
		return fresh;
	}
	fork = node_alloc(key, common);
	if (!fork) {
		kfree(fresh);
		return NULL;
	}
	put_at(&fork->child[route_bit(&n->key, common)], n, fork);
	put_at(&fork->child[route_bit(key, common)], fresh, fork);
	put_at(place, fork, parent);
	return fresh;
}

void trie_drop(struct route_trie *t, struct route_node *n)
{
	while (n && list_empty(&n->entries) && !(n->child[0] && n->child[1])) {
		struct route_node *parent = n->parent;

		put_at(place_of(t, n), n->child[0] ? n->child[0] : n->child[1], parent);
		call_rcu(&n->rcu, node_free);
		n = parent;
	}
}

struct route_node *trie_next(struct route_node *n)
{
	if (n->child[0] || n->child[1])
		return n->child[0] ? n->child[0] : n->child[1];
	for (struct route_node *up = n->parent; up; n = up, up = up->parent)
		if (up->child[0] == n && up->child[1])
			return up->child[1];
	return NULL;
}
