/*
 * rbtree.h - red-black trees threaded through their elements.
 *
 * The caller searches for the place of a new node and hands it over as `parent`
 * and `link`, the child pointer of parent (or root->node) that is NULL now:
 *
 *	struct rb_node **link = &root->node, *parent = NULL;
 *	while (*link) {
 *		parent = *link;
 *		link = key < rb_entry(parent, ...)->key ? &parent->left : &parent->right;
 *	}
 *	rb_insert(root, &new->rb, parent, link, NULL);
 *
 * `update`, when given, recomputes the augmented data of one node from the node
 * itself and its two children.  It is called bottom-up for every node whose
 * subtree changed.  The data must depend on which nodes a subtree holds, not on
 * its shape: a rotation updates only the two nodes that it turns.  Nothing
 * here locks, allocates or keeps state.
 */
#ifndef LIB_RBTREE_H
#define LIB_RBTREE_H

#include <compiler.h>
#include <types.h>

struct rb_node {
	unsigned long parent_color; /* parent's address; bit 0: black */
	union {
		struct {
			struct rb_node *left, *right;
		};
		struct rb_node *child[2];
	};
} __aligned(8);

struct rb_root {
	struct rb_node *node;
};

/* A root that also knows its least node. */
struct rb_root_cached {
	struct rb_root root;
	struct rb_node *leftmost;
};

typedef void (*rb_update_fn)(struct rb_node *node);

#define RB_ROOT_CACHED         \
	{                      \
		{ NULL }, NULL \
	}

#define rb_entry(ptr, type, member) container_of(ptr, type, member)
#define rb_entry_safe(ptr, type, member)                          \
	__extension__({                                           \
		struct rb_node *rbnode_ = (ptr);                  \
		rbnode_ ? rb_entry(rbnode_, type, member) : NULL; \
	})

static inline struct rb_node *rb_parent(const struct rb_node *node)
{
	return (struct rb_node *)(node->parent_color & ~3UL);
}

static inline bool rb_is_black(const struct rb_node *node)
{
	return node->parent_color & 1;
}

static inline bool rb_empty(const struct rb_root *root)
{
	return root->node == NULL;
}

/* Marks a node as being in no tree: it is its own parent. */
static inline void rb_clear_node(struct rb_node *node)
{
	node->parent_color = (unsigned long)node;
}

static inline bool rb_node_empty(const struct rb_node *node)
{
	return node->parent_color == (unsigned long)node;
}

void rb_insert(struct rb_root *root, struct rb_node *node, struct rb_node *parent,
	       struct rb_node **link, rb_update_fn update);
/* The node is marked as rb_clear_node does. */
void rb_erase(struct rb_root *root, struct rb_node *node, rb_update_fn update);
/* Puts `node` in the place and colour of `old`; the keys must sort alike. */
void rb_replace(struct rb_root *root, struct rb_node *old, struct rb_node *node,
		rb_update_fn update);
/* Calls update for node and every ancestor: after the node's own data changed. */
void rb_update_path(struct rb_node *node, rb_update_fn update);

/* In order; NULL at the end. */
struct rb_node *rb_first(const struct rb_root *root);
struct rb_node *rb_last(const struct rb_root *root);
struct rb_node *rb_next(const struct rb_node *node);
struct rb_node *rb_prev(const struct rb_node *node);

/* Children before parents: for tearing a whole tree down, freeing as one goes. */
struct rb_node *rb_first_postorder(const struct rb_root *root);
struct rb_node *rb_next_postorder(const struct rb_node *node);

/* The cached root; `leftmost` of insert: the search only ever went left. */
static inline struct rb_node *rb_first_cached(const struct rb_root_cached *root)
{
	return root->leftmost;
}

static inline void rb_insert_cached(struct rb_root_cached *root, struct rb_node *node,
				    struct rb_node *parent, struct rb_node **link, bool leftmost,
				    rb_update_fn update)
{
	if (leftmost)
		root->leftmost = node;
	rb_insert(&root->root, node, parent, link, update);
}

static inline void rb_erase_cached(struct rb_root_cached *root, struct rb_node *node,
				   rb_update_fn update)
{
	if (root->leftmost == node)
		root->leftmost = rb_next(node);
	rb_erase(&root->root, node, update);
}

#define rb_for_each_entry(pos, root, member)                                       \
	for (pos = rb_entry_safe(rb_first(root), __typeof__(*(pos)), member); pos; \
	     pos = rb_entry_safe(rb_next(&(pos)->member), __typeof__(*(pos)), member))

/* The current element may be freed, but not rebalanced: for tearing down. */
#define rb_for_each_entry_postorder_safe(pos, n, root, member)                                    \
	for (pos = rb_entry_safe(rb_first_postorder(root), __typeof__(*(pos)), member);           \
	     pos &&                                                                               \
	     ((n = rb_entry_safe(rb_next_postorder(&(pos)->member), __typeof__(*(pos)), member)), \
	      1);                                                                                 \
	     pos = n)

#endif
