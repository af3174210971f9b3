/*
 * radix.h - a map from u64 to pointers, 64 ways a level, with up to 3 tags an entry.
 *
 * The caller's lock serialises every function that changes the tree and every
 * walk with radix_next*.  radix_get and radix_tag_get may run without a lock
 * inside an RCU read section: nodes are published with release and given to
 * ops->free only after nothing in the tree points at them, so ops->free must
 * wait for a grace period in a tree that is read so.
 * The tree's height fits its greatest index; it shrinks when entries go.
 * Entries are not NULL.  Nothing here keeps state or sleeps, unless ops does.
 */
#ifndef LIB_RADIX_H
#define LIB_RADIX_H

#include <compiler.h>
#include <types.h>

#define RADIX_BITS 6
#define RADIX_WAYS (1U << RADIX_BITS)
#define RADIX_TAGS 3

struct radix_ops {
	void *(*alloc)(size_t size); /* any content; 8-byte aligned; NULL: no memory */
	void (*free)(void *node); /* begins with room for two pointers, e.g. an rcu_head */
};

struct radix_node;

struct radix_tree {
	struct radix_node *root;
	const struct radix_ops *ops;
	u64 count; /* entries */
};

#define RADIX_TREE_INIT(ops_)                           \
	{                                               \
		.root = NULL, .ops = (ops_), .count = 0 \
	}

static inline void radix_init(struct radix_tree *tree, const struct radix_ops *ops)
{
	tree->root = NULL;
	tree->ops = ops;
	tree->count = 0;
}

static inline bool radix_empty(const struct radix_tree *tree)
{
	return tree->root == NULL;
}

/* The entry at index, or NULL. */
void *radix_get(const struct radix_tree *tree, u64 index);

/*
 * Stores item (not NULL) at index, over what is there: tags of a replaced entry
 * stay, a new entry has none.  0, or -ENOMEM with the tree's entries unchanged.
 */
int radix_set(struct radix_tree *tree, u64 index, void *item);

/* Takes the entry out, with its tags; returns it, or NULL when there was none. */
void *radix_del(struct radix_tree *tree, u64 index);

/* First entry at or after *index; *index becomes its index. NULL: none. */
void *radix_next(const struct radix_tree *tree, u64 *index);
/* Last entry at or before *index; likewise. */
void *radix_prev(const struct radix_tree *tree, u64 *index);
/* First index at or after `index` without an entry; a step for each 64 entries between. */
u64 radix_next_free(const struct radix_tree *tree, u64 index);
/* First entry at or after *index that bears the tag (0 .. RADIX_TAGS - 1). */
void *radix_next_tagged(const struct radix_tree *tree, u64 *index, unsigned int tag);

/* Set and clear do nothing where there is no entry. */
void radix_tag_set(struct radix_tree *tree, u64 index, unsigned int tag);
void radix_tag_clear(struct radix_tree *tree, u64 index, unsigned int tag);
bool radix_tag_get(const struct radix_tree *tree, u64 index, unsigned int tag);
/* Whether any entry bears the tag. */
bool radix_tagged(const struct radix_tree *tree, unsigned int tag);

/* Frees every node; the entries are the caller's. The tree is empty afterwards. */
void radix_clear(struct radix_tree *tree);

/* The current entry may be deleted. Ends also after index 2^64 - 1. */
#define radix_for_each(item, tree, index)                        \
	for (index = 0, item = radix_next(tree, &(index)); item; \
	     item = ++(index) ? radix_next(tree, &(index)) : NULL)

#define radix_for_each_tagged(item, tree, index, tag)                        \
	for (index = 0, item = radix_next_tagged(tree, &(index), tag); item; \
	     item = ++(index) ? radix_next_tagged(tree, &(index), tag) : NULL)

#endif
