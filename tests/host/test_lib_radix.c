/*
 * test_lib_radix.c - the radix tree against a plain array, with failing allocations.
 */
#include "tests/host/t.h"
#include "lib/radix.h"

#include <uapi/errno.h>

#define KEYS 400

static long live_nodes;
static long fail_after = -1; /* allocations that still succeed; -1: all */

static void *node_alloc(size_t size)
{
	if (fail_after == 0)
		return NULL;
	if (fail_after > 0)
		fail_after--;
	live_nodes++;
	return malloc(size);
}

static void node_free(void *node)
{
	live_nodes--;
	/* What a deferred free writes must not disturb; what it does not, is gone. */
	((void **)node)[0] = (void *)1;
	((void **)node)[1] = (void *)1;
	free(node);
}

static const struct radix_ops ops = { node_alloc, node_free };
static struct radix_tree tree = RADIX_TREE_INIT(&ops);

static struct entry {
	u64 key;
	bool in;
	bool tag[RADIX_TAGS];
} model[KEYS]; /* sorted by key */

static void make_keys(void)
{
	for (int i = 0; i < KEYS; i++) {
		u64 k = t_random() >> t_below(64);

		if (i == 0)
			k = 0;
		if (i == 1)
			k = ~0UL;
		for (int j = 0; j < i; j++)
			if (model[j].key == k)
				k = t_random();
		model[i] = (struct entry){ .key = k };
	}
	for (int i = 0; i < KEYS; i++)
		for (int j = i + 1; j < KEYS; j++)
			if (model[j].key < model[i].key)
				swap(model[i], model[j]);
}

static struct entry *model_near(u64 key, int tag, int dir)
{
	for (int n = 0; n < KEYS; n++) {
		struct entry *e = &model[dir > 0 ? n : KEYS - 1 - n];

		if (e->in && (dir > 0 ? e->key >= key : e->key <= key) && (tag < 0 || e->tag[tag]))
			return e;
	}
	return NULL;
}

static u64 model_next_free(u64 key)
{
	struct entry *e;

	while ((e = model_near(key, -1, 1)) && e->key == key)
		key++;
	return key;
}

static void check_near(u64 key)
{
	u64 i = key;
	struct entry *want = model_near(key, -1, 1);

	CHECK_EQ(radix_next(&tree, &i), want);
	CHECK_EQ(i, want ? want->key : key);
	CHECK_EQ(radix_next_free(&tree, key), model_next_free(key));
	i = key;
	want = model_near(key, -1, -1);
	CHECK_EQ(radix_prev(&tree, &i), want);
	CHECK_EQ(i, want ? want->key : key);
	for (int g = 0; g < RADIX_TAGS; g++) {
		i = key;
		want = model_near(key, g, 1);
		CHECK_EQ(radix_next_tagged(&tree, &i, (unsigned int)g), want);
		CHECK_EQ(i, want ? want->key : key);
	}
}

static void check_all(void)
{
	u64 count = 0, index;
	void *item;
	bool tagged[RADIX_TAGS] = { false };

	for (int i = 0; i < KEYS; i++) {
		struct entry *e = &model[i];

		count += e->in;
		CHECK_EQ(radix_get(&tree, e->key), e->in ? e : NULL);
		for (unsigned int g = 0; g < RADIX_TAGS; g++) {
			CHECK_EQ(radix_tag_get(&tree, e->key, g), e->tag[g]);
			tagged[g] |= e->tag[g];
		}
	}
	CHECK_EQ(tree.count, count);
	CHECK_EQ(radix_empty(&tree), count == 0);
	for (unsigned int g = 0; g < RADIX_TAGS; g++)
		CHECK_EQ(radix_tagged(&tree, g), tagged[g]);
	radix_for_each(item, &tree, index) {
		CHECK_EQ(((struct entry *)item)->key, index);
		count--;
	}
	CHECK_EQ(count, 0);
}

static void step(struct entry *e)
{
	unsigned int g = (unsigned int)t_below(RADIX_TAGS);
	int err;

	switch (t_below(5)) {
	case 0:
	case 1:
		fail_after = t_below(3) ? -1 : (long)t_below(4);
		err = radix_set(&tree, e->key, e);
		fail_after = -1;
		CHECK(err == 0 || (err == -ENOMEM && !e->in));
		e->in |= err == 0;
		break;
	case 2:
		CHECK_EQ(radix_del(&tree, e->key), e->in ? e : NULL);
		*e = (struct entry){ .key = e->key };
		break;
	case 3:
		radix_tag_set(&tree, e->key, g);
		e->tag[g] = e->in;
		break;
	default:
		radix_tag_clear(&tree, e->key, g);
		e->tag[g] = false;
		break;
	}
}

static void random_operations(void)
{
	for (int round = 0; round < 20 && !t.failed; round++) {
		make_keys();
		for (int i = 0; i < 3000; i++) {
			struct entry *e = &model[t_below(KEYS)];

			step(e);
			if (i % 10 == 0) {
				check_near(e->key);
				check_near(e->key + 1);
				check_near(t_random() >> t_below(64));
			}
			if (i % 200 == 0)
				check_all();
		}
		check_all();
		if (round % 2) {
			radix_clear(&tree);
		} else {
			for (int i = 0; i < KEYS; i++)
				radix_del(&tree, model[i].key);
		}
		CHECK(radix_empty(&tree));
		CHECK_EQ(tree.count, 0);
		CHECK_EQ(live_nodes, 0);
	}
}

/* An empty tree whose first insertion runs out of memory stays empty. */
static void no_memory(void)
{
	int x;

	fail_after = 0;
	CHECK_EQ(radix_set(&tree, 5, &x), -ENOMEM);
	fail_after = 3;
	CHECK_EQ(radix_set(&tree, ~0UL, &x), -ENOMEM);
	CHECK(radix_empty(&tree));
	fail_after = -1;
	CHECK_EQ(radix_set(&tree, 5, &x), 0);
	fail_after = 4;
	CHECK_EQ(radix_set(&tree, 1UL << 60, &x), -ENOMEM);
	CHECK_EQ(live_nodes, 1);
	CHECK_EQ(radix_get(&tree, 5), &x);
	fail_after = -1;
	CHECK_EQ(radix_del(&tree, 5), &x);
	CHECK_EQ(live_nodes, 0);
}

/* A dense file: one leaf per 64 pages, and walks may delete as they go. */
static void dense(void)
{
	static char page[4096];
	u64 index, seen = 0;
	void *item;

	for (u64 i = 0; i < 4096; i++)
		CHECK_EQ(radix_set(&tree, i, &page[i]), 0);
	CHECK_EQ(live_nodes, 64 + 1);
	for (u64 i = 0; i < 4096; i += 3)
		radix_tag_set(&tree, i, 1);
	radix_for_each_tagged(item, &tree, index, 1) {
		CHECK_EQ(item, &page[index]);
		CHECK_EQ(index % 3, 0);
		radix_del(&tree, index);
		seen++;
	}
	CHECK_EQ(seen, 1366);
	CHECK_EQ(tree.count, 4096 - 1366);
	radix_clear(&tree);
	CHECK_EQ(live_nodes, 0);
}

int main(void)
{
	RUN(random_operations);
	RUN(no_memory);
	RUN(dense);
	return t_done();
}
