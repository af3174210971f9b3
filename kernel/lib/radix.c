/*
 * radix.c - the u64-to-pointer map; see radix.h for the interface and the locking.
 *
 * A node of shift s maps bits s .. s+5 of the index; leaves have shift 0.  A node
 * has as many maps as there are tags and one more: bit i of map 0 says that slot i
 * is in use, bit i of a tag's map that the entry, or one below that child, bears
 * the tag.  No node is empty between calls, and the root has no lower equivalent.
 */
#include "lib/radix.h"
#include "lib/string.h"

#include <bitops.h>
#include <uapi/errno.h>

#define PRESENT	  0
#define MAPS	  (1 + RADIX_TAGS)
#define SLOT_MASK (RADIX_WAYS - 1)

struct radix_node {
	union {
		struct radix_node *parent;
		void *free_room[2]; /* for ops->free; lock-free readers look at what follows */
	};
	u8 shift;
	u8 offset; /* slot in the parent */
	u64 maps[MAPS];
	void *slots[RADIX_WAYS];
};

/* All bits of an index that a node of this shift and its children decide. */
static inline u64 span_mask(unsigned int shift)
{
	return shift + RADIX_BITS < 64 ? (1UL << (shift + RADIX_BITS)) - 1 : ~0UL;
}

static inline unsigned int slot_of(const struct radix_node *node, u64 index)
{
	return (unsigned int)(index >> node->shift) & SLOT_MASK;
}

static inline unsigned int shift_for(u64 index)
{
	unsigned int bits = fls64(index);

	return bits ? (bits - 1) / RADIX_BITS * RADIX_BITS : 0;
}

static struct radix_node *node_new(const struct radix_tree *tree, unsigned int shift)
{
	struct radix_node *node = tree->ops->alloc(sizeof(*node));

	if (node) {
		memset(node, 0, sizeof(*node));
		node->shift = (u8)shift;
	}
	return node;
}

static void adopt(struct radix_node *parent, unsigned int slot, struct radix_node *child)
{
	child->parent = parent;
	child->offset = (u8)slot;
	for (unsigned int m = 1; m < MAPS; m++)
		if (child->maps[m])
			__set_bit(slot, &parent->maps[m]);
	__set_bit(slot, &parent->maps[PRESENT]);
	__atomic_store_n(&parent->slots[slot], child, __ATOMIC_RELEASE);
}

/* The leaf that holds index, or NULL; safe without the lock. */
static struct radix_node *find_leaf(const struct radix_tree *tree, u64 index)
{
	struct radix_node *node = READ_ONCE(tree->root);

	if (!node || index & ~span_mask(node->shift))
		return NULL;
	while (node && node->shift)
		node = READ_ONCE(node->slots[slot_of(node, index)]);
	return node;
}

void *radix_get(const struct radix_tree *tree, u64 index)
{
	struct radix_node *leaf = find_leaf(tree, index);

	return leaf ? READ_ONCE(leaf->slots[index & SLOT_MASK]) : NULL;
}

/* Clears a slot's bit in map m, and upwards while that leaves maps empty. */
static void map_clear(struct radix_node *node, unsigned int slot, unsigned int m)
{
	__clear_bit(slot, &node->maps[m]);
	while (!node->maps[m] && node->parent) {
		__clear_bit(node->offset, &node->parent->maps[m]);
		node = node->parent;
	}
}

/* Frees node and its ancestors as far as they are empty, and needless roots. */
static void prune(struct radix_tree *tree, struct radix_node *node)
{
	struct radix_node *root;

	while (node && !node->maps[PRESENT]) {
		struct radix_node *parent = node->parent;

		if (parent) {
			WRITE_ONCE(parent->slots[node->offset], NULL);
			__clear_bit(node->offset, &parent->maps[PRESENT]);
		} else {
			WRITE_ONCE(tree->root, NULL);
		}
		tree->ops->free(node);
		node = parent;
	}
	while ((root = tree->root) && root->shift && root->maps[PRESENT] == 1) {
		struct radix_node *child = root->slots[0];

		child->parent = NULL;
		WRITE_ONCE(tree->root, child);
		tree->ops->free(root);
	}
}

/* Adds roots until index is in reach. On failure the tree is as it was. */
static int grow(struct radix_tree *tree, u64 index)
{
	unsigned int shift = shift_for(index);
	struct radix_node *node;

	if (!tree->root) {
		node = node_new(tree, shift);
		if (!node)
			return -ENOMEM;
		__atomic_store_n(&tree->root, node, __ATOMIC_RELEASE);
		return 0;
	}
	while (tree->root->shift < shift) {
		node = node_new(tree, tree->root->shift + RADIX_BITS);
		if (!node) {
			prune(tree, NULL);
			return -ENOMEM;
		}
		adopt(node, 0, tree->root);
		__atomic_store_n(&tree->root, node, __ATOMIC_RELEASE);
	}
	return 0;
}

int radix_set(struct radix_tree *tree, u64 index, void *item)
{
	struct radix_node *node, *child;
	unsigned int slot;
	int err = grow(tree, index);

	if (err)
		return err;
	for (node = tree->root; node->shift; node = child) {
		slot = slot_of(node, index);
		child = node->slots[slot];
		if (child)
			continue;
		child = node_new(tree, node->shift - RADIX_BITS);
		if (!child) {
			prune(tree, node);
			return -ENOMEM;
		}
		adopt(node, slot, child);
	}
	slot = slot_of(node, index);
	if (!__test_and_set_bit(slot, &node->maps[PRESENT]))
		tree->count++;
	__atomic_store_n(&node->slots[slot], item, __ATOMIC_RELEASE);
	return 0;
}

void *radix_del(struct radix_tree *tree, u64 index)
{
	struct radix_node *leaf = find_leaf(tree, index);
	unsigned int slot = index & SLOT_MASK;
	void *item = leaf ? leaf->slots[slot] : NULL;

	if (!item)
		return NULL;
	WRITE_ONCE(leaf->slots[slot], NULL);
	for (unsigned int m = 1; m < MAPS; m++)
		map_clear(leaf, slot, m);
	__clear_bit(slot, &leaf->maps[PRESENT]);
	tree->count--;
	prune(tree, leaf);
	return item;
}

/* Bits of a map at or above (at or below) slot; slot may lie one outside. */
static inline u64 bits_from(u64 map, int slot)
{
	return slot < 64 ? map >> slot << slot : 0;
}

static inline u64 bits_upto(u64 map, int slot)
{
	return slot < 0 ? 0 : map << (63 - slot) >> (63 - slot);
}

/*
 * The nearest entry of map m at or after (dir > 0), at or before (dir < 0) *index.
 * While it walks, the bits of i above a node's span are those of the node's place.
 */
static void *find_near(const struct radix_tree *tree, u64 *index, unsigned int m, int dir)
{
	struct radix_node *node = tree->root;
	u64 i = *index;

	if (!node)
		return NULL;
	if (i & ~span_mask(node->shift)) {
		if (dir > 0)
			return NULL;
		i = span_mask(node->shift);
	}
	for (;;) {
		int slot = (int)slot_of(node, i);
		int from = slot, found;
		u64 bits;

		while (bits = dir > 0 ? bits_from(node->maps[m], from) :
					bits_upto(node->maps[m], from),
		       !bits) {
			if (!node->parent)
				return NULL;
			from = node->offset + dir;
			slot = -1;
			node = node->parent;
		}
		found = (int)(dir > 0 ? ctz64(bits) : ilog2(bits));
		if (found != slot) {
			i = (i & ~span_mask(node->shift)) | (u64)(unsigned int)found << node->shift;
			if (dir < 0)
				i |= (1UL << node->shift) - 1;
		}
		if (!node->shift) {
			*index = i;
			return node->slots[found];
		}
		node = node->slots[found];
	}
}

void *radix_next(const struct radix_tree *tree, u64 *index)
{
	return find_near(tree, index, PRESENT, 1);
}

void *radix_prev(const struct radix_tree *tree, u64 *index)
{
	return find_near(tree, index, PRESENT, -1);
}

u64 radix_next_free(const struct radix_tree *tree, u64 index)
{
	struct radix_node *leaf;

	while ((leaf = find_leaf(tree, index)) && !(~leaf->maps[PRESENT] >> (index & SLOT_MASK)))
		index = (index | SLOT_MASK) + 1;
	return leaf ? index + ctz64(~leaf->maps[PRESENT] >> (index & SLOT_MASK)) : index;
}

void *radix_next_tagged(const struct radix_tree *tree, u64 *index, unsigned int tag)
{
	return find_near(tree, index, tag + 1, 1);
}

void radix_tag_set(struct radix_tree *tree, u64 index, unsigned int tag)
{
	struct radix_node *node = find_leaf(tree, index);

	if (!node || !node->slots[index & SLOT_MASK])
		return;
	for (; node; node = node->parent)
		__set_bit(slot_of(node, index), &node->maps[tag + 1]);
}

void radix_tag_clear(struct radix_tree *tree, u64 index, unsigned int tag)
{
	struct radix_node *leaf = find_leaf(tree, index);

	if (leaf)
		map_clear(leaf, index & SLOT_MASK, tag + 1);
}

bool radix_tag_get(const struct radix_tree *tree, u64 index, unsigned int tag)
{
	struct radix_node *leaf = find_leaf(tree, index);

	return leaf && (READ_ONCE(leaf->maps[tag + 1]) >> (index & SLOT_MASK) & 1);
}

bool radix_tagged(const struct radix_tree *tree, unsigned int tag)
{
	return tree->root && tree->root->maps[tag + 1] != 0;
}

void radix_clear(struct radix_tree *tree)
{
	struct radix_node *node = tree->root;

	WRITE_ONCE(tree->root, NULL);
	tree->count = 0;
	while (node) {
		struct radix_node *parent = node->parent;
		u64 left = node->shift ? node->maps[PRESENT] : 0;

		if (left) {
			node->maps[PRESENT] = left & (left - 1);
			node = node->slots[ctz64(left)];
			continue;
		}
		tree->ops->free(node);
		node = parent;
	}
}
