/*
 * rbtree.c - red-black trees; see rbtree.h.
 *
 * The rules that hold between calls: the root is black; a red node has no red
 * child; every path from a node down to a NULL passes equally many black nodes.
 * (Cormen et al., Introduction to Algorithms, chapter 13, NULL standing for the
 * black leaves.)
 */
#include "lib/rbtree.h"

#define BLACK 1UL

static inline bool is_red(const struct rb_node *node)
{
	return node && !(node->parent_color & BLACK);
}

static inline void set_black(struct rb_node *node)
{
	node->parent_color |= BLACK;
}

static inline void set_red(struct rb_node *node)
{
	node->parent_color &= ~BLACK;
}

static inline void set_parent(struct rb_node *node, struct rb_node *parent)
{
	node->parent_color = (unsigned long)parent | (node->parent_color & BLACK);
}

/* Makes whatever pointed at `old`, a child of parent or the root, point at `node`. */
static inline void replace_child(struct rb_root *root, struct rb_node *parent, struct rb_node *old,
				 struct rb_node *node)
{
	if (!parent)
		root->node = node;
	else if (parent->left == old)
		parent->left = node;
	else
		parent->right = node;
}

/* The child of node opposite `side` takes its place, node becomes that one's child on `side`. */
static void rotate(struct rb_root *root, struct rb_node *node, int side, rb_update_fn update)
{
	struct rb_node *up = node->child[!side], *parent = rb_parent(node);

	node->child[!side] = up->child[side];
	if (up->child[side])
		set_parent(up->child[side], node);
	up->child[side] = node;
	set_parent(up, parent);
	replace_child(root, parent, node, up);
	set_parent(node, up);
	if (update) {
		update(node);
		update(up);
	}
}

void rb_update_path(struct rb_node *node, rb_update_fn update)
{
	if (!update)
		return;
	for (; node; node = rb_parent(node))
		update(node);
}

/* node is in its place, red. */
static noinline void rebalance_inserted(struct rb_root *root, struct rb_node *node,
					rb_update_fn update)
{
	struct rb_node *parent;

	rb_update_path(node, update);
	while (is_red(parent = rb_parent(node))) {
		struct rb_node *grand = rb_parent(parent); /* a red node is not the root */
		int side = parent == grand->right;
		struct rb_node *uncle = grand->child[!side];

		if (is_red(uncle)) {
			set_black(parent);
			set_black(uncle);
			set_red(grand);
			node = grand;
			continue;
		}
		if (node == parent->child[!side]) {
			rotate(root, parent, side, update);
			parent = node;
		}
		set_black(parent);
		set_red(grand);
		rotate(root, grand, !side, update);
		break;
	}
	set_black(root->node);
}

/* Small trees, as most are, mostly need no more than the hooking up. */
void rb_insert(struct rb_root *root, struct rb_node *node, struct rb_node *parent,
	       struct rb_node **link, rb_update_fn update)
{
	node->left = NULL;
	node->right = NULL;
	node->parent_color = (unsigned long)parent; /* red */
	*link = node;
	if (update || is_red(parent))
		rebalance_inserted(root, node, update);
	else if (!parent)
		set_black(node);
}

/* The paths through `node` (may be NULL), a child of parent, lack one black node. */
static void rebalance_erased(struct rb_root *root, struct rb_node *node, struct rb_node *parent,
			     rb_update_fn update)
{
	while (parent && !is_red(node)) {
		int side = node != parent->left;
		struct rb_node *sibling = parent->child[!side];

		if (is_red(sibling)) {
			set_black(sibling);
			set_red(parent);
			rotate(root, parent, side, update);
			sibling = parent->child[!side];
		}
		if (is_red(sibling->left) || is_red(sibling->right)) {
			if (!is_red(sibling->child[!side])) {
				set_black(sibling->child[side]);
				set_red(sibling);
				rotate(root, sibling, !side, update);
				sibling = parent->child[!side];
			}
			if (is_red(parent))
				set_red(sibling);
			else
				set_black(sibling);
			set_black(parent);
			set_black(sibling->child[!side]);
			rotate(root, parent, side, update);
			return;
		}
		set_red(sibling);
		node = parent;
		parent = rb_parent(node);
	}
	if (node)
		set_black(node);
}

static noinline void erase_any(struct rb_root *root, struct rb_node *node, rb_update_fn update)
{
	struct rb_node *child, *parent = rb_parent(node);
	bool black = rb_is_black(node);

	if (node->left && node->right) {
		/* The next node in order, which has no left child, takes node's place. */
		struct rb_node *heir = node->right;

		while (heir->left)
			heir = heir->left;
		child = heir->right;
		black = rb_is_black(heir);
		replace_child(root, parent, node, heir);
		parent = heir;
		if (heir != node->right) {
			parent = rb_parent(heir);
			parent->left = child;
			if (child)
				set_parent(child, parent);
			heir->right = node->right;
			set_parent(heir->right, heir);
		}
		heir->left = node->left;
		set_parent(heir->left, heir);
		heir->parent_color = node->parent_color;
	} else {
		child = node->left ? node->left : node->right;
		if (child)
			set_parent(child, parent);
		replace_child(root, parent, node, child);
	}
	rb_clear_node(node);
	rb_update_path(parent, update);
	if (black)
		rebalance_erased(root, child, parent, update);
}

void rb_erase(struct rb_root *root, struct rb_node *node, rb_update_fn update)
{
	struct rb_node *parent = rb_parent(node);

	if (update || node->left || node->right || (parent && rb_is_black(node))) {
		erase_any(root, node, update);
		return;
	}
	/* A red leaf, or the only node: no path comes to lack a black one. */
	replace_child(root, parent, node, NULL);
	rb_clear_node(node);
}

void rb_replace(struct rb_root *root, struct rb_node *old, struct rb_node *node,
		rb_update_fn update)
{
	*node = *old;
	if (node->left)
		set_parent(node->left, node);
	if (node->right)
		set_parent(node->right, node);
	replace_child(root, rb_parent(node), old, node);
	rb_clear_node(old);
	rb_update_path(node, update);
}

static inline struct rb_node *outermost(struct rb_node *node, int side)
{
	while (node && node->child[side])
		node = node->child[side];
	return node;
}

struct rb_node *rb_first(const struct rb_root *root)
{
	return outermost(root->node, 0);
}

struct rb_node *rb_last(const struct rb_root *root)
{
	return outermost(root->node, 1);
}

static __always_inline struct rb_node *neighbour(const struct rb_node *node, int side)
{
	struct rb_node *up;

	if (rb_node_empty(node))
		return NULL;
	if (node->child[side])
		return outermost(node->child[side], !side);
	for (up = rb_parent(node); up && node == up->child[side]; up = rb_parent(node))
		node = up;
	return up;
}

struct rb_node *rb_next(const struct rb_node *node)
{
	return neighbour(node, 1);
}

struct rb_node *rb_prev(const struct rb_node *node)
{
	return neighbour(node, 0);
}

/* The first node of a subtree in postorder: as deep as the left edge goes. */
static struct rb_node *deepest(struct rb_node *node)
{
	while (node->left || node->right)
		node = node->left ? node->left : node->right;
	return node;
}

struct rb_node *rb_first_postorder(const struct rb_root *root)
{
	return root->node ? deepest(root->node) : NULL;
}

struct rb_node *rb_next_postorder(const struct rb_node *node)
{
	struct rb_node *parent = rb_parent(node);

	if (parent && node == parent->left && parent->right)
		return deepest(parent->right);
	return parent;
}
