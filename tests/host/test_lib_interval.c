/*
 * test_lib_interval.c - the tree of intervals against a plain array of the same intervals.
 */
#include "tests/host/t.h"
#include "lib/interval.h"

#define ITEMS 300
#define SPAN  120 /* short enough that many overlap, and many are alike */

static struct interval item[ITEMS];
static bool in[ITEMS];
static struct rb_root root;
static u64 stamp;

static void add(unsigned n)
{
	item[n].first = t_below(SPAN);
	item[n].last = item[n].first + (t_below(4) ? t_below(8) : t_below(SPAN));
	item[n].stamp = ++stamp;
	interval_insert(&root, &item[n]);
	in[n] = true;
}

static void take(unsigned n)
{
	interval_erase(&root, &item[n]);
	in[n] = false;
}

static bool hit(unsigned n, u64 first, u64 last, u64 above)
{
	return in[n] && item[n].first <= last && item[n].last >= first && item[n].stamp > above;
}

static unsigned hits(u64 first, u64 last, u64 above)
{
	unsigned found = 0;

	for (unsigned n = 0; n < ITEMS; n++)
		found += hit(n, first, last, above);
	return found;
}

/* What subtrees know, against what they hold; how many there are. */
static unsigned check_below(struct rb_node *n, u64 *last, u64 *newest)
{
	struct interval *i;
	u64 low = 0, young = 0;
	unsigned many;

	if (!n)
		return 0;
	i = rb_entry(n, struct interval, node);
	many = 1 + check_below(n->left, &low, &young) + check_below(n->right, &low, &young);
	low = max(low, i->last);
	young = max(young, i->stamp);
	CHECK_EQ(i->max_last, low);
	CHECK_EQ(i->max_stamp, young);
	*last = max(*last, low);
	*newest = max(*newest, young);
	return many;
}

static void check_search(u64 first, u64 last, u64 above)
{
	struct interval_search s = { .first = first, .last = last, .stamp = above };
	struct interval *i, *before = NULL;
	unsigned found = 0;

	interval_for_each(i, &root, &s)
	{
		CHECK(hit((unsigned)(i - item), first, last, above));
		if (before)
			CHECK(before->first < i->first ||
			      (before->first == i->first && before < i));
		before = i;
		found++;
	}
	CHECK_EQ(found, hits(first, last, above));
}

static void against_an_array(void)
{
	for (unsigned step = 0; step < 20000 && !t.failed; step++) {
		unsigned n = (unsigned)t_below(ITEMS);
		bool grow = t_below(10) < (step / 2000 % 2 ? 3 : 7);
		u64 first = t_below(SPAN + 20), last = 0, newest = 0;

		if (in[n] && !grow)
			take(n);
		else if (!in[n] && grow)
			add(n);
		check_search(first, first + (t_below(3) ? t_below(5) : t_below(SPAN)),
			     t_below(3) ? 0 : stamp - t_below(ITEMS) % (stamp + 1));
		if (step % 100 == 0)
			CHECK_EQ(check_below(root.node, &last, &newest), hits(0, ~0UL, 0));
	}
	check_search(0, ~0UL, 0);
	check_search(~0UL, ~0UL, 0);
	for (unsigned n = 0; n < ITEMS; n++)
		if (in[n])
			take(n);
	CHECK(rb_empty(&root));
}

/*
 * A walk with pauses in which others change the tree. What is there from its begin to its end is met once, and
 * what came meanwhile is met by a second walk for newer stamps, however often the first one's last hit went.
 */
static void with_pauses(void)
{
	static u64 since[ITEMS]; /* its stamp when the walk began */
	static unsigned met[ITEMS], later[ITEMS];

	for (unsigned round = 0; round < 200 && !t.failed; round++) {
		struct interval_search s = { .first = 20, .last = 60 };
		struct interval *i;
		u64 begin;

		for (unsigned n = 0; n < ITEMS; n++) {
			if (!in[n])
				add(n);
			since[n] = item[n].stamp;
			met[n] = later[n] = 0;
		}
		begin = stamp;
		while ((i = interval_next(&root, &s))) {
			interval_pass(&s, i);
			met[i - item] += i->stamp == since[i - item];
			for (unsigned k = (unsigned)t_below(3); k; k--) {
				unsigned n = t_below(4) ? (unsigned)t_below(ITEMS) :
							  (unsigned)(i - item);

				if (in[n])
					take(n);
				if (t_below(2) && !in[n])
					add(n);
			}
		}
		s = (struct interval_search){ .first = 20, .last = 60, .stamp = begin };
		interval_for_each(i, &root, &s) later[i - item]++;
		for (unsigned n = 0; n < ITEMS && !t.failed; n++) {
			bool old = in[n] && item[n].stamp == since[n];

			CHECK(met[n] <= 1 && later[n] <= 1);
			if (old)
				CHECK_EQ(met[n], hit(n, 20, 60, 0));
			else
				CHECK_EQ(later[n], hit(n, 20, 60, 0));
		}
	}
}

int main(void)
{
	RUN(against_an_array);
	RUN(with_pauses);
	return t_done();
}
