/*
 * interval.h - a tree of intervals of numbers, and those of them that overlap a given one.
 *
 * Intervals are inclusive, may overlap each other and may be equal: the order is by `first`, then by
 * address. Each bears a stamp of the caller's, and a search may ask only for those whose stamp is
 * greater than one: so who walks the tree with pauses, and stamps rising numbers, finds what came
 * behind his back. Adding, removing and the next hit of a search take logarithmic time; where a
 * search asks for stamps, the time is that for the hits among both kinds of what it asks for.
 *
 * (Cormen et al., Introduction to Algorithms, 14.3.) Nothing here locks, allocates or keeps state.
 */
#ifndef LIB_INTERVAL_H
#define LIB_INTERVAL_H

#include "lib/rbtree.h"

struct interval {
	struct rb_node node;
	u64 first, last; /* first <= last */
	u64 stamp;
	u64 max_last, max_stamp; /* of the subtree */
};

/* What is looked for, and how far the search has come: it goes on behind (at_first, at). */
struct interval_search {
	u64 first, last; /* what hits overlap */
	u64 stamp; /* what their stamps exceed */
	bool begun;
	u64 at_first; /* the last hit: only its numbers, it may be gone by now */
	u64 at;
};

/* first, last and stamp are set. */
void interval_insert(struct rb_root *root, struct interval *i);
void interval_erase(struct rb_root *root, struct interval *i);

/* The hit that comes next in order, or NULL; the search goes on behind it only after interval_pass. */
struct interval *interval_next(const struct rb_root *root, const struct interval_search *s);
static inline void interval_pass(struct interval_search *s, const struct interval *i)
{
	s->begun = true;
	s->at_first = i->first;
	s->at = (u64)i;
}

/* All that overlap [lo, hi]; the tree stays as it is meanwhile. */
#define interval_for_each(pos, root, s) \
	for (pos = interval_next(root, s); pos; interval_pass(s, pos), pos = interval_next(root, s))

#endif
