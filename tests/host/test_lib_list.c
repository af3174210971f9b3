/*
 * test_lib_list.c - lists and hash chains.
 */
#include "tests/host/t.h"
#include "lib/list.h"

struct item {
	int n;
	struct list_head link;
	struct hlist_node hash;
};

static struct item items[8];

/* The list's numbers as one decimal number; its backward links must agree. */
static long digits(struct list_head *head)
{
	struct item *it;
	long forward = 0, backward = 0, scale = 1;

	list_for_each_entry(it, head, link)
		forward = forward * 10 + it->n;
	list_for_each_entry_reverse(it, head, link) {
		backward += scale * it->n;
		scale *= 10;
	}
	return forward == backward ? forward : -1;
}

static void fill(struct list_head *head, int from, int to)
{
	list_init(head);
	for (int i = from; i <= to; i++) {
		items[i].n = i;
		list_add_tail(&items[i].link, head);
	}
}

static void adding(void)
{
	LIST_HEAD(head);

	CHECK(list_empty(&head));
	fill(&head, 1, 3);
	CHECK_EQ(digits(&head), 123);
	items[4].n = 4;
	list_add(&items[4].link, &head);
	CHECK_EQ(digits(&head), 4123);
	list_del(&items[2].link);
	CHECK_EQ(digits(&head), 413);
	CHECK(items[2].link.next == LIST_POISON);
	list_del_init(&items[1].link);
	list_del_init(&items[1].link);
	CHECK(list_empty(&items[1].link));
	list_add_tail(&items[1].link, &items[3].link);
	CHECK_EQ(digits(&head), 413);
	CHECK(list_first_entry(&head, struct item, link) == &items[4]);
	CHECK(list_last_entry(&head, struct item, link) == &items[3]);
	CHECK(!list_is_singular(&head));
}

static void moving(void)
{
	struct list_head a, b;

	fill(&a, 1, 3);
	fill(&b, 4, 6);
	list_move(&items[2].link, &b);
	CHECK_EQ(digits(&a), 13);
	CHECK_EQ(digits(&b), 2456);
	list_move_tail(&items[4].link, &a);
	CHECK_EQ(digits(&a), 134);
	list_splice_init(&a, &b);
	CHECK(list_empty(&a));
	CHECK_EQ(digits(&b), 134256);
	list_splice_tail_init(&b, &a);
	CHECK(list_empty(&b));
	list_splice_init(&b, &a);
	list_splice_tail(&b, &a);
	CHECK_EQ(digits(&a), 134256);
	CHECK(list_first_entry_or_null(&b, struct item, link) == NULL);
}

static void iterating(void)
{
	struct list_head head;
	struct item *it, *next;

	fill(&head, 1, 7);
	list_for_each_entry_safe(it, next, &head, link)
		if (it->n % 2)
			list_del(&it->link);
	CHECK_EQ(digits(&head), 246);
}

static void chains(void)
{
	struct hlist_head head = HLIST_HEAD_INIT;
	struct hlist_node *next;
	struct item *it;
	int sum = 0;

	CHECK(!head.first);
	for (int i = 1; i <= 5; i++) {
		items[i].n = i;
		hlist_add_head(&items[i].hash, &head);
	}
	hlist_del_init(&items[3].hash);
	CHECK(hlist_unhashed(&items[3].hash));
	hlist_del_init(&items[3].hash);
	hlist_del(&items[5].hash);
	hlist_for_each_entry(it, &head, hash)
		sum = sum * 10 + it->n;
	CHECK_EQ(sum, 421);
	hlist_for_each_entry_safe(it, next, &head, hash)
		hlist_del_init(&it->hash);
	CHECK(!head.first);
}

int main(void)
{
	RUN(adding);
	RUN(moving);
	RUN(iterating);
	RUN(chains);
	return t_done();
}
