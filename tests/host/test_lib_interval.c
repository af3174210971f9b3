/*
 * test_lib_interval.c - the tree of intervals against a plain array of the same intervals.
 */
#include "tests/host/t.h"
#include "lib/interval.h"

#define ITEMS  300
#define SPAN   120 /* short enough that many overlap, and many are alike */
#define GROUPS 5

static struct interval item[ITEMS];
static bool in[ITEMS];
static struct rb_root root;

static void add(unsigned n)
{
	item[n].group = t_below(GROUPS);
	item[n].first = t_below(SPAN);
	item[n].last = item[n].first + (t_below(4) ? t_below(8) : t_below(SPAN));
	interval_insert(&root, &item[n]);
	in[n] = true;
}

static void take(unsigned n)
{
	interval_erase(&root, &item[n]);
	in[n] = false;
}

static bool hit(unsigned n, u64 first, u64 last)
{
	return in[n] && item[n].first <= last && item[n].last >= first;
}

static bool in_order(const struct interval *a, const struct interval *b)
{
	if (a->group != b->group)
		return a->group < b->group;
	return a->first != b->first ? a->first < b->first : a < b;
}

/* What subtrees know, against what they hold; how many there are. */
static unsigned check_below(struct rb_node *n, u64 *low, u64 *high)
{
	struct interval *i;
	unsigned many;

	*low = ~0UL;
	*high = 0;
	if (!n)
		return 0;
	i = rb_entry(n, struct interval, node);
	many = 1;
	for (int side = 0; side < 2; side++) {
		u64 least, most;

		many += check_below(n->child[side], &least, &most);
		*low = min(*low, least);
		*high = max(*high, most);
	}
	*low = min(*low, i->first);
	*high = max(*high, i->last);
	CHECK_EQ(i->min_first, *low);
	CHECK_EQ(i->max_last, *high);
	return many;
}

/* skip: groups below it are left out. */
static void check_search(u64 first, u64 last, u64 skip)
{
	struct interval_search s = { .first = first, .last = last };
	struct interval *i, *before = NULL;
	unsigned found = 0, want = 0;

	if (skip)
		interval_pass_group(&s, skip - 1);
	interval_for_each(i, &root, &s)
	{
		CHECK(hit((unsigned)(i - item), first, last) && i->group >= skip);
		if (before)
			CHECK(in_order(before, i));
		before = i;
		found++;
	}
	for (unsigned n = 0; n < ITEMS; n++)
		want += hit(n, first, last) && item[n].group >= skip;
	CHECK_EQ(found, want);
}

static void against_an_array(void)
{
	for (unsigned step = 0; step < 20000 && !t.failed; step++) {
		unsigned n = (unsigned)t_below(ITEMS), all = 0;
		bool grow = t_below(10) < (step / 2000 % 2 ? 3 : 7);
		u64 first = t_below(SPAN + 20), low, high;

		if (in[n] && !grow)
			take(n);
		else if (!in[n] && grow)
			add(n);
		check_search(first, first + (t_below(3) ? t_below(5) : t_below(SPAN)),
			     t_below(2) * t_below(GROUPS + 1));
		if (step % 100)
			continue;
		for (unsigned k = 0; k < ITEMS; k++)
			all += in[k];
		CHECK_EQ(check_below(root.node, &low, &high), all);
	}
	check_search(0, ~0UL, 0);
	check_search(~0UL, ~0UL, 0);
	for (unsigned n = 0; n < ITEMS; n++)
		if (in[n])
			take(n);
	CHECK(rb_empty(&root));
}

/* A search with pauses in which others change the tree: what stays as it is is met, and all only once. */
static void with_pauses(void)
{
	static unsigned met[ITEMS];
	static bool changed[ITEMS];

	for (unsigned round = 0; round < 200 && !t.failed; round++) {
		struct interval_search s = { .first = 20, .last = 60 };
		struct interval *i;

		for (unsigned n = 0; n < ITEMS; n++) {
			if (!in[n])
				add(n);
			met[n] = 0;
			changed[n] = false;
		}
		while ((i = interval_next(&root, &s))) {
			interval_pass(&s, i);
			met[i - item]++;
			for (unsigned k = (unsigned)t_below(3); k; k--) {
				unsigned n = t_below(4) ? (unsigned)t_below(ITEMS) :
							  (unsigned)(i - item);

				if (in[n])
					take(n);
				if (t_below(2))
					add(n);
				changed[n] = true;
			}
		}
		for (unsigned n = 0; n < ITEMS && !t.failed; n++)
			if (!changed[n])
				CHECK_EQ(met[n], hit(n, 20, 60));
	}
}

int main(void)
{
	RUN(against_an_array);
	RUN(with_pauses);
	return t_done();
}
