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

/* node's right child takes its place, node becomes that child's left child. */
static void rotate_left(struct rb_root *root, struct rb_node *node, rb_update_fn update)
{
	struct rb_node *up = node->right, *parent = rb_parent(node);

	node->right = up->left;
	if (up->left)
		set_parent(up->left, node);
	up->left = node;
	set_parent(up, parent);
	replace_child(root, parent, node, up);
	set_parent(node, up);
	if (update) {
		update(node);
		update(up);
	}
}

static void rotate_right(struct rb_root *root, struct rb_node *node, rb_update_fn update)
{
	struct rb_node *up = node->left, *parent = rb_parent(node);

	node->left = up->right;
	if (up->right)
		set_parent(up->right, node);
	up->right = node;
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
		struct rb_node *uncle = grand->left == parent ? grand->right : grand->left;

		if (is_red(uncle)) {
			set_black(parent);
			set_black(uncle);
			set_red(grand);
			node = grand;
			continue;
		}
		if (parent == grand->left) {
			if (node == parent->right) {
				rotate_left(root, parent, update);
				parent = node;
			}
			set_black(parent);
			set_red(grand);
			rotate_right(root, grand, update);
		} else {
			if (node == parent->left) {
				rotate_right(root, parent, update);
				parent = node;
			}
			set_black(parent);
			set_red(grand);
			rotate_left(root, grand, update);
		}
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
		struct rb_node *sibling;

		if (node == parent->left) {
			sibling = parent->right;
			if (is_red(sibling)) {
				set_black(sibling);
				set_red(parent);
				rotate_left(root, parent, update);
				sibling = parent->right;
			}
			if (is_red(sibling->left) || is_red(sibling->right)) {
				if (!is_red(sibling->right)) {
					set_black(sibling->left);
					set_red(sibling);
					rotate_right(root, sibling, update);
					sibling = parent->right;
				}
				if (is_red(parent))
					set_red(sibling);
				else
					set_black(sibling);
				set_black(parent);
				set_black(sibling->right);
				rotate_left(root, parent, update);
				return;
			}
		} else {
			sibling = parent->left;
			if (is_red(sibling)) {
				set_black(sibling);
				set_red(parent);
				rotate_right(root, parent, update);
				sibling = parent->left;
			}
			if (is_red(sibling->left) || is_red(sibling->right)) {
				if (!is_red(sibling->left)) {
					set_black(sibling->right);
					set_red(sibling);
					rotate_left(root, sibling, update);
					sibling = parent->left;
				}
				if (is_red(parent))
					set_red(sibling);
				else
					set_black(sibling);
				set_black(parent);
				set_black(sibling->left);
				rotate_right(root, parent, update);
				return;
			}
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

struct rb_node *rb_first(const struct rb_root *root)
{
	struct rb_node *node = root->node;

	while (node && node->left)
		node = node->left;
	return node;
}

struct rb_node *rb_last(const struct rb_root *root)
{
	struct rb_node *node = root->node;

	while (node && node->right)
		node = node->right;
	return node;
}

struct rb_node *rb_next(const struct rb_node *node)
{
	struct rb_node *up;

	if (rb_node_empty(node))
		return NULL;
	if (node->right) {
		for (up = node->right; up->left; up = up->left)
			;
		return up;
	}
	for (up = rb_parent(node); up && node == up->right; up = rb_parent(node))
		node = up;
	return up;
}

struct rb_node *rb_prev(const struct rb_node *node)
{
	struct rb_node *up;

	if (rb_node_empty(node))
		return NULL;
	if (node->left) {
		for (up = node->left; up->right; up = up->right)
			;
		return up;
	}
	for (up = rb_parent(node); up && node == up->left; up = rb_parent(node))
		node = up;
	return up;
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
