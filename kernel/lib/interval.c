/*
 * interval.c - a tree of intervals; see interval.h.
 */
#include "lib/interval.h"

static struct interval *of(const struct rb_node *n)
{
	return rb_entry(n, struct interval, node);
}

static void update(struct rb_node *n)
{
	struct interval *i = of(n);

	i->min_first = i->first;
	i->max_last = i->last;
	for (int side = 0; side < 2; side++) {
		if (!n->child[side])
			continue;
		i->min_first = min(i->min_first, of(n->child[side])->min_first);
		i->max_last = max(i->max_last, of(n->child[side])->max_last);
	}
}

/* Does i come behind (group, first, at)? */
static bool behind(const struct interval *i, u64 group, u64 first, u64 at)
{
	if (i->group != group)
		return i->group > group;
	return i->first != first ? i->first > first : (u64)i > at;
}

void interval_insert(struct rb_root *root, struct interval *i)
{
	struct rb_node **link = &root->node, *parent = NULL;

	while (*link) {
		parent = *link;
		link = &parent->child[!behind(of(parent), i->group, i->first, (u64)i)];
	}
	rb_insert(root, &i->node, parent, link, update);
}

void interval_erase(struct rb_root *root, struct interval *i)
{
	rb_erase(root, &i->node, update);
}

static bool hit(const struct interval *i, const struct interval_search *s)
{
	return i->first <= s->last && i->last >= s->first;
}

/* May there be hits in the subtree of n? */
static bool promising(const struct rb_node *n, const struct interval_search *s)
{
	return n && of(n)->min_first <= s->last && of(n)->max_last >= s->first;
}

/* The first node in order that the search has not passed yet; NULL: none. */
static struct rb_node *resume(const struct rb_root *root, const struct interval_search *s)
{
	struct rb_node *n = root->node, *best = NULL;

	while (n) {
		bool to_come = behind(of(n), s->at_group, s->at_first, s->at);

		best = to_come ? n : best;
		n = n->child[!to_come];
	}
	return best;
}

/* The first promising node in order below n. */
static struct rb_node *leftmost(struct rb_node *n, const struct interval_search *s)
{
	while (promising(n->left, s))
		n = n->left;
	return n;
}

struct interval *interval_next(const struct rb_root *root, const struct interval_search *s)
{
	struct rb_node *n, *child;

	if (!promising(root->node, s))
		return NULL;
	n = s->begun ? resume(root, s) : leftmost(root->node, s);
	while (n) {
		if (hit(of(n), s))
			return of(n);
		if (promising(n->right, s)) {
			n = leftmost(n->right, s);
			continue;
		}
		do {
			child = n;
			n = rb_parent(n);
		} while (n && n->right == child);
	}
	return NULL;
}
