/*
 * interval.h - a tree of intervals of numbers, and those of them that overlap a given one.
 *
 * Intervals are inclusive, may overlap each other and may be equal. They belong to groups, and the
 * order is by group, then by `first`, then by address: so a search has all hits of a group together.
 * Adding, removing and the next hit of a search take logarithmic time; where a search passes groups
 * without a hit, a step for each of them besides.
 *
 * (Cormen et al., Introduction to Algorithms, 14.3.) Nothing here locks, allocates or keeps state.
 */
#ifndef LIB_INTERVAL_H
#define LIB_INTERVAL_H

#include "lib/rbtree.h"

struct interval {
	struct rb_node node;
	u64 group;
	u64 first, last; /* first <= last */
	u64 min_first, max_last; /* of the subtree */
};

/* What is looked for, and how far the search has come. The tree may change between two steps. */
struct interval_search {
	u64 first, last; /* what hits overlap */
	bool begun; /* it goes on behind what follows, numbers only: the interval may be gone by now */
	u64 at_group, at_first, at;
};

/* group, first and last are set. */
void interval_insert(struct rb_root *root, struct interval *i);
void interval_erase(struct rb_root *root, struct interval *i);

/* The hit that comes next in order, or NULL; the search goes on behind it only after interval_pass. */
struct interval *interval_next(const struct rb_root *root, const struct interval_search *s);
static inline void interval_pass(struct interval_search *s, const struct interval *i)
{
	s->begun = true;
	s->at_group = i->group;
	s->at_first = i->first;
	s->at = (u64)i;
}
/* It goes on behind all of this group. */
static inline void interval_pass_group(struct interval_search *s, u64 group)
{
	s->begun = true;
	s->at_group = group;
	s->at_first = s->at = ~0UL;
}

/* All hits; the tree stays as it is meanwhile. */
#define interval_for_each(pos, root, s) \
	for (pos = interval_next(root, s); pos; interval_pass(s, pos), pos = interval_next(root, s))

#endif
