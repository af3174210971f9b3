/*
 * tsearch.c - a binary tree (POSIX tsearch and its relatives), kept balanced: an AVL tree
 * (Adelson-Velsky and Landis 1962). A node begins with the key's pointer, which is what
 * callers see of it.
 */
#include <search.h>
#include <stdlib.h>

struct node {
	const void *key;
	struct node *child[2];
	int height;
};

#define DEPTH_MAX 96 /* 1.44 log2 of all the nodes there could be */

static int height(const struct node *n)
{
	return n ? n->height : 0;
}

static void measure(struct node *n)
{
	int left = height(n->child[0]), right = height(n->child[1]);

	n->height = 1 + (left > right ? left : right);
}

/* The child on side d comes up. */
static struct node *rotate(struct node *n, int d)
{
	struct node *up = n->child[d];

	n->child[d] = up->child[!d];
	up->child[!d] = n;
	measure(n);
	measure(up);
	return up;
}

static struct node *balance(struct node *n)
{
	int lean = height(n->child[1]) - height(n->child[0]);
	int d = lean > 0;
	struct node *deep = n->child[d];

	if (lean >= -1 && lean <= 1) {
		measure(n);
		return n;
	}
	if (height(deep->child[!d]) > height(deep->child[d]))
		n->child[d] = rotate(deep, !d);
	return rotate(n, d);
}

void *tfind(const void *key, void *const *root, int (*cmp)(const void *, const void *))
{
	struct node *n = root ? *root : NULL;

	while (n) {
		int order = cmp(key, n->key);

		if (!order)
			break;
		n = n->child[order > 0];
	}
	return n;
}

void *tsearch(const void *key, void **root, int (*cmp)(const void *, const void *))
{
	struct node **path[DEPTH_MAX];
	struct node **at = (struct node **)root;
	struct node *new;
	int depth = 0;

	if (!root)
		return NULL;
	while (*at) {
		int order = cmp(key, (*at)->key);

		if (!order)
			return *at;
		path[depth++] = at;
		at = &(*at)->child[order > 0];
	}
	new = calloc(1, sizeof(*new));
	if (!new)
		return NULL;
	new->key = key;
	new->height = 1;
	*at = new;
	while (depth--)
		*path[depth] = balance(*path[depth]);
	return new;
}

/* The parent of what went, or the root itself when that went; NULL: it isn't there. */
void *tdelete(const void *restrict key, void **restrict root,
	      int (*cmp)(const void *, const void *))
{
	struct node **path[DEPTH_MAX];
	struct node **at = (struct node **)root;
	struct node *gone, *parent;
	int depth = 0;

	if (!root)
		return NULL;
	while (*at) {
		int order = cmp(key, (*at)->key);

		if (!order)
			break;
		path[depth++] = at;
		at = &(*at)->child[order > 0];
	}
	gone = *at;
	if (!gone)
		return NULL;
	parent = depth ? *path[depth - 1] : gone;
	if (gone->child[0] && gone->child[1]) {
		/* Its successor gives up its own place and takes this one. */
		struct node **next = &gone->child[1];
		struct node *heir;
		int mine = depth;

		path[depth++] = at;
		while ((*next)->child[0]) {
			path[depth++] = next;
			next = &(*next)->child[0];
		}
		heir = *next;
		*next = heir->child[1];
		heir->child[0] = gone->child[0];
		heir->child[1] = gone->child[1];
		*at = heir;
		if (depth > mine + 1)
			path[mine + 1] = &heir->child[1];
		if (parent == gone)
			parent = heir;
	} else {
		*at = gone->child[!gone->child[0]];
	}
	while (depth--)
		*path[depth] = balance(*path[depth]);
	free(gone);
	return parent == gone ? (*root ? *root : (void *)root) : parent;
}

static void walk(const struct node *n, void (*act)(const void *, VISIT, int), int depth)
{
	if (!n->child[0] && !n->child[1]) {
		act(n, leaf, depth);
		return;
	}
	act(n, preorder, depth);
	if (n->child[0])
		walk(n->child[0], act, depth + 1);
	act(n, postorder, depth);
	if (n->child[1])
		walk(n->child[1], act, depth + 1);
	act(n, endorder, depth);
}

void twalk(const void *root, void (*act)(const void *, VISIT, int))
{
	if (root && act)
		walk(root, act, 0);
}

static void walk_r(const struct node *n, void (*act)(const void *, VISIT, void *), void *arg)
{
	if (!n->child[0] && !n->child[1]) {
		act(n, leaf, arg);
		return;
	}
	act(n, preorder, arg);
	if (n->child[0])
		walk_r(n->child[0], act, arg);
	act(n, postorder, arg);
	if (n->child[1])
		walk_r(n->child[1], act, arg);
	act(n, endorder, arg);
}

void twalk_r(const void *root, void (*act)(const void *, VISIT, void *), void *arg)
{
	if (root && act)
		walk_r(root, act, arg);
}

void tdestroy(void *root, void (*free_key)(void *))
{
	struct node *n = root;

	if (!n)
		return;
	tdestroy(n->child[0], free_key);
	tdestroy(n->child[1], free_key);
	if (free_key)
		free_key((void *)n->key);
	free(n);
}
