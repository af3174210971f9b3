/*
 * test_lib_rbtree.c - red-black trees against a set, with the tree's rules checked.
 *
 * The augmented value is the sum of the keys of the subtree.
 */
#include "tests/host/t.h"
#include "lib/rbtree.h"

#define KEYS 200

struct item {
	struct rb_node rb;
	u64 key;
	u64 sum;
};

static struct item items[KEYS], spare[KEYS];
static struct item *at[KEYS]; /* the item in the tree with this key, or NULL */
static struct rb_root_cached root;

static struct item *item_of(struct rb_node *node)
{
	return rb_entry(node, struct item, rb);
}

static void update_sum(struct rb_node *node)
{
	struct item *it = item_of(node);

	it->sum = it->key;
	if (node->left)
		it->sum += item_of(node->left)->sum;
	if (node->right)
		it->sum += item_of(node->right)->sum;
}

static void insert(struct item *it)
{
	struct rb_node **link = &root.root.node, *parent = NULL;
	bool leftmost = true;

	while (*link) {
		parent = *link;
		if (it->key < item_of(parent)->key) {
			link = &parent->left;
		} else {
			link = &parent->right;
			leftmost = false;
		}
	}
	rb_insert_cached(&root, &it->rb, parent, link, leftmost, update_sum);
}

/* The black height; checks colours, parents, order and sums below. */
static int check_subtree(struct rb_node *node, struct rb_node *parent, u64 low, u64 high)
{
	struct item *it;
	u64 sum;
	int left, right;

	if (!node)
		return 0;
	it = item_of(node);
	CHECK_EQ(rb_parent(node), parent);
	CHECK(it->key >= low && it->key < high);
	if (!rb_is_black(node))
		CHECK(parent && rb_is_black(parent));
	left = check_subtree(node->left, node, low, it->key);
	right = check_subtree(node->right, node, it->key + 1, high);
	CHECK_EQ(left, right);
	sum = it->sum;
	update_sum(node);
	CHECK_EQ(sum, it->sum);
	return left + rb_is_black(node);
}

static void check_tree(void)
{
	struct rb_node *forward = rb_first(&root.root), *backward = rb_last(&root.root);

	if (root.root.node)
		CHECK(rb_is_black(root.root.node));
	check_subtree(root.root.node, NULL, 0, KEYS);
	CHECK_EQ(rb_first_cached(&root), forward);
	for (int k = 0; k < KEYS; k++) {
		if (at[k]) {
			CHECK_EQ(forward, &at[k]->rb);
			forward = rb_next(forward);
		}
		if (at[KEYS - 1 - k]) {
			CHECK_EQ(backward, &at[KEYS - 1 - k]->rb);
			backward = rb_prev(backward);
		}
	}
	CHECK(!forward && !backward);
}

static void random_operations(void)
{
	for (int i = 0; i < 40000 && !t.failed; i++) {
		/* Phases of growing and of shrinking. */
		u64 k = t_below(KEYS);
		bool grow = t_below(10) < (i / 2000 % 2 ? 3 : 7);

		if (at[k] && !grow) {
			rb_erase_cached(&root, &at[k]->rb, update_sum);
			CHECK(rb_node_empty(&at[k]->rb));
			at[k] = NULL;
		} else if (!at[k] && grow) {
			at[k] = &items[k];
			items[k].key = k;
			insert(&items[k]);
		} else if (at[k]) {
			struct item *other = at[k] == &items[k] ? &spare[k] : &items[k];

			if (root.leftmost == &at[k]->rb)
				root.leftmost = &other->rb;
			other->key = k;
			rb_replace(&root.root, &at[k]->rb, &other->rb, update_sum);
			at[k] = other;
		}
		check_tree();
	}
}

static void orders(void)
{
	struct item *it;
	u64 k = 0;

	root = (struct rb_root_cached)RB_ROOT_CACHED;
	for (k = 0; k < KEYS; k++) {
		at[k] = &items[k];
		items[k].key = k;
		insert(&items[k]);
		for (u64 j = k + 1; j < KEYS; j++)
			at[j] = NULL;
		check_tree();
	}
	k = 0;
	rb_for_each_entry(it, &root.root, rb)
		CHECK_EQ(it->key, k++);
	CHECK_EQ(k, KEYS);
	for (k = KEYS; k-- > 0;) {
		rb_erase_cached(&root, &at[k]->rb, update_sum);
		at[k] = NULL;
		check_tree();
	}
	CHECK(rb_empty(&root.root));
}

/* Children come before their parents, so each may be freed at once. */
static void teardown(void)
{
	struct item *it, *next;
	int n = 0;

	root = (struct rb_root_cached)RB_ROOT_CACHED;
	for (int i = 0; i < 100; i++) {
		it = malloc(sizeof(*it));
		it->key = t_below(KEYS);
		insert(it);
	}
	rb_for_each_entry_postorder_safe(it, next, &root.root, rb) {
		free(it);
		n++;
	}
	CHECK_EQ(n, 100);
}

int main(void)
{
	RUN(random_operations);
	RUN(orders);
	RUN(teardown);
	return t_done();
}
