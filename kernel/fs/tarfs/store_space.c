/*
 * The archive's free space: segments in a red-black tree by place, each node with the
 * longest of its subtree, so that the first fit from any place on is found in O(log n). Space that a commit
 * gives back waits in a list until that commit's checkpoint; then it joins its neighbours.
 * When nothing fits, the end of the archive moves: the root's member, which is the last, is
 * written anew further behind, and what lies between is free.
 *
 * Interface in store_impl.h. Locking: T.
 */
#include <compiler.h>
#include <uapi/errno.h>
#include "alloc/slab.h"
#include "fs/tarfs/store_impl.h"
#include "lib/string.h"

#define GROW_MIN   8192u /* sectors: 4 MiB */
#define GROW_MAX   524288u /* 256 MiB */
#define GROW_SHARE 16u
#define GROW_LOSS  128u /* sectors: what moving the end costs, as often as it may until a checkpoint */
#define TAIL_LOSS  64u /* what is too short at the end of its last piece */
#define MARGIN	   64u /* sectors that are kept from everybody */

/* --- the tree --- */

static struct seg *seg_of(struct rb_node *n)
{
	return rb_entry_safe(n, struct seg, rb);
}

static void update(struct rb_node *n)
{
	struct seg *s = seg_of(n), *l = seg_of(n->left), *r = seg_of(n->right);

	s->max = s->len;
	if (l && l->max > s->max)
		s->max = l->max;
	if (r && r->max > s->max)
		s->max = r->max;
}

/* The last segment that starts at or before a place. */
static struct seg *seg_before(const struct store *st, u64 at)
{
	struct rb_node *n = st->free.node;
	struct seg *best = NULL;

	while (n) {
		struct seg *s = seg_of(n);

		if (s->start <= at) {
			best = s;
			n = n->right;
		} else {
			n = n->left;
		}
	}
	return best;
}

static void count(struct store *st, u64 len, s64 sign)
{
	st->free_sectors += (u64)sign * len;
	if (len < SEG_SMALL)
		st->free_small += (u64)sign * len;
}

static void insert(struct store *st, struct seg *s)
{
	struct rb_node **link = &st->free.node, *parent = NULL;

	while (*link) {
		parent = *link;
		link = s->start < seg_of(parent)->start ? &parent->left : &parent->right;
	}
	s->max = s->len;
	rb_insert(&st->free, &s->rb, parent, link, update);
	rb_update_path(&s->rb, update);
	count(st, s->len, 1);
}

static void take_out(struct store *st, struct seg *s)
{
	rb_erase(&st->free, &s->rb, update);
	count(st, s->len, -1);
}

/* Its place or its length changed; it stays between its neighbours. */
static void resize(struct store *st, struct seg *s, u64 start, u64 len)
{
	count(st, s->len, -1);
	count(st, len, 1);
	s->start = start;
	s->len = len;
	rb_update_path(&s->rb, update);
}

static struct seg *seg_new(u64 start, u64 len)
{
	struct seg *s = kzalloc(sizeof(*s), 0);

	if (s) {
		s->start = start;
		s->len = len;
	}
	return s;
}

/* --- taking --- */

/* Where n sectors fit in s, not before min; ~0: nowhere. */
static u64 fit_in(const struct store *st, const struct seg *s, u64 n, u64 headers, u64 min)
{
	u64 at = s->start > min ? s->start : min;

	if (at >= s->start + s->len || s->start + s->len - at < n)
		return TAR_HOLE;
	at = seg_member_start(st, at, headers);
	return at < s->start + s->len && s->start + s->len - at >= n ? at : TAR_HOLE;
}

static struct seg *first_fit(const struct store *st, struct rb_node *node, u64 n, u64 headers,
			     u64 min, u64 *at)
{
	while (node && seg_of(node)->max >= n) {
		struct seg *s = seg_of(node);

		if (s->start + s->len > min) {
			struct seg *found = first_fit(st, node->left, n, headers, min, at);

			if (found)
				return found;
			*at = fit_in(st, s, n, headers, min);
			if (*at != TAR_HOLE)
				return s;
		}
		node = node->right;
	}
	return NULL;
}

/* n sectors from `at` on, inside s. */
static int carve(struct store *st, struct seg *s, u64 at, u64 n)
{
	u64 end = s->start + s->len;
	struct seg *left = NULL;
	int err = 0;

	if (at > s->start) {
		left = seg_new(s->start, at - s->start);
		err = left ? seg_split(st, s->start, end, at) : -ENOMEM;
		if (err) {
			kfree(left);
			return err;
		}
	}
	err = seg_take(st, at, end, n);
	if (at + n < end) {
		resize(st, s, at + n, end - at - n);
	} else {
		take_out(st, s);
		kfree(s);
	}
	if (left)
		insert(st, left);
	return err;
}

static int alloc(struct store *st, u64 n, u64 headers, u64 min, u64 *first)
{
	struct seg *s = first_fit(st, st->free.node, n, headers, min, first);

	if (!s) {
		int err = space_grow(st, n + headers);

		if (err)
			return err;
		s = first_fit(st, st->free.node, n, headers, min, first);
	}
	return s ? carve(st, s, *first, n) : -ENOSPC;
}

/* Gives back what alloc() gave. */
static int unalloc(struct store *st, u64 first, u64 n)
{
	int err = seg_lay(st, first, first + n);

	return err ? err : space_free(st, first, n);
}

int space_alloc(struct store *st, u64 n, u64 headers, u64 min, u64 *first)
{
	int err = alloc(st, n, headers, min, first);

	if (err || space_tail_kept(st))
		return err;
	err = unalloc(st, *first, n);
	return err ? err : -ENOSPC;
}

u64 space_extend(struct store *st, u64 first, u64 n, u64 want)
{
	struct seg *s = seg_before(st, first);
	u64 got;

	if (!s || s->start != first || s->len < n)
		return 0;
	got = s->len < want ? s->len : want;
	if (got < s->len && seg_split(st, first, first + s->len, first + got))
		return 0;
	if (got < s->len) {
		resize(st, s, first + got, s->len - got);
	} else {
		take_out(st, s);
		kfree(s);
	}
	return got;
}

/* --- giving back --- */

/* Puts a segment into the tree and joins it with its neighbours. Frees s where they take it in. */
static int join(struct store *st, struct seg *s)
{
	struct seg *left = seg_before(st, s->start), *right;
	int err;

	if (left && left->start + left->len == s->start) {
		err = seg_merge(st, left->start, s->start, s->start + s->len);
		if (err)
			return err;
		resize(st, left, left->start, left->len + s->len);
		kfree(s);
		s = left;
	} else {
		insert(st, s);
	}
	right = seg_of(rb_next(&s->rb));
	if (right && s->start + s->len == right->start) {
		u64 len = right->len;

		err = seg_merge(st, s->start, right->start, right->start + len);
		if (err)
			return err;
		take_out(st, right);
		kfree(right);
		resize(st, s, s->start, s->len + len);
	}
	return 0;
}

int space_free(struct store *st, u64 first, u64 n)
{
	struct seg *s = n ? seg_new(first, n) : NULL;

	if (!n)
		return 0;
	return s ? join(st, s) : -ENOMEM;
}

int space_wait(struct store *st, u64 first, u64 n, u32 gen)
{
	struct seg *s = n ? seg_new(first, n) : NULL;

	if (!n)
		return 0;
	if (!s)
		return -ENOMEM;
	s->gen = gen;
	list_add_tail(&s->link, &st->waiting);
	st->waiting_sectors += n;
	return 0;
}

int space_waited(struct store *st, u32 gen)
{
	struct seg *s, *next;

	list_for_each_entry_safe(s, next, &st->waiting, link) {
		int err;

		if (s->gen > gen)
			continue;
		list_del(&s->link);
		st->waiting_sectors -= s->len;
		err = join(st, s);
		if (err)
			return err;
	}
	return 0;
}

/* --- promises --- */

u64 space_tail(const struct store *st)
{
	const struct seg *s = seg_of(rb_last(&st->free));
	u64 tail = st->end + 32, n = 0;

	if (st->limit > tail + GROW_LOSS)
		n = st->limit - tail - GROW_LOSS;
	if (s && s->start + s->len == st->root->first && s->len > TAIL_LOSS)
		n += s->len - TAIL_LOSS;
	return n;
}

bool space_tail_kept(const struct store *st)
{
	return !st->promised || space_tail(st) >= st->promised + MARGIN;
}

int space_hold(struct store *st, const struct tar_node *node, u64 first, u64 n)
{
	struct seg *s = seg_new(first, n);

	if (!s)
		return -ENOMEM;
	s->node = node;
	s->gen = st->gen;
	list_add_tail(&s->link, &st->held);
	st->held_sectors += n;
	return 0;
}

int space_promise(struct store *st, const struct tar_node *node, u64 sectors, u64 min)
{
	u64 first;
	int err;

	if (sectors <= TAIL_LOSS && space_tail(st) >= st->promised + sectors + MARGIN) {
		st->promised += sectors;
		return 0;
	}
	err = space_alloc(st, sectors, 0, min, &first);
	if (!err)
		err = seg_lay(st, first, first + sectors);
	return err ? err : space_hold(st, node, first, sectors);
}

static int let_go(struct store *st, struct seg *s)
{
	list_del(&s->link);
	st->held_sectors -= s->len;
	return join(st, s);
}

int space_promises_kept(struct store *st)
{
	struct seg *s, *next;
	int err = 0;

	st->promised -= st->promised_before;
	st->promised_before = st->promised;
	list_for_each_entry_safe(s, next, &st->held, link) {
		if (s->gen < st->gen && !err)
			err = let_go(st, s);
	}
	return err;
}

void space_forget(struct store *st, const struct tar_node *n)
{
	struct seg *s;

	list_for_each_entry(s, &st->held, link) {
		if (s->node == n)
			s->node = NULL;
	}
}

/* The shortest of what is held for node where n sectors fit. */
static struct seg *held_for(const struct store *st, const struct tar_node *node, u64 n, u64 headers,
			    u64 min, u64 *at)
{
	struct seg *s, *best = NULL;

	list_for_each_entry(s, &st->held, link) {
		u64 first = fit_in(st, s, n, headers, min);

		if (s->node != node || first == TAR_HOLE || (best && best->len <= s->len))
			continue;
		*at = first;
		best = s;
	}
	return best;
}

/* The first n sectors from `at` on of what is held in s. */
static int take_held(struct store *st, struct seg *s, u64 at, u64 n)
{
	u64 end = s->start + s->len, before = at - s->start;
	int err = before ? seg_split(st, s->start, end, at) : 0;

	if (!err && before)
		err = space_free(st, s->start, before);
	if (!err)
		err = seg_take(st, at, end, n);
	st->held_sectors -= before + n;
	s->start = at + n;
	s->len = end - s->start;
	if (!s->len) {
		list_del(&s->link);
		kfree(s);
	}
	return err;
}

int space_place(struct store *st, const struct tar_node *node, u64 n, u64 headers, u64 min,
		bool optional, u64 *first)
{
	struct seg *s = held_for(st, node, n, headers, min, first);

	if (!s)
		s = held_for(st, NULL, n, headers, min, first);
	if (s)
		return take_held(st, s, *first, n);
	return (optional ? space_alloc : alloc)(st, n, headers, min, first);
}

int space_found(struct store *st, u64 first, u64 n, bool coarse, bool fine)
{
	struct seg *s = seg_before(st, first);

	/* At such a border one segment and two look the same. */
	if (s && s->start + s->len == first) {
		bool as_coarse = coarse && !s->fine && first % 32768 == 0;

		if (as_coarse || (fine && s->fine && first % 128 == 0)) {
			resize(st, s, s->start, s->len + n);
			return 0;
		}
	}
	s = seg_new(first, n);
	if (!s)
		return -ENOMEM;
	s->fine = !coarse || (fine && n > 1);
	insert(st, s);
	return 0;
}

int space_coarsen(struct store *st)
{
	for (struct rb_node *n = rb_first(&st->free); n; n = rb_next(n)) {
		struct seg *s = seg_of(n);
		int err = s->fine ? seg_coarsen(st, s->start, s->start + s->len) : 0;

		if (err)
			return err;
		s->fine = false;
	}
	return 0;
}

int space_refine(struct store *st, u64 most)
{
	u64 images = 0;

	for (struct rb_node *n = rb_first(&st->free); n; n = rb_next(n)) {
		struct seg *s = seg_of(n);
		int err;

		if (s->fine)
			continue;
		if (images && images + s->len / 8 > most)
			return -EAGAIN;
		err = seg_refine(st, s->start, s->start + s->len);
		if (err)
			return err;
		images += s->len / 8 + 3;
		s->fine = true;
		st->unlogged = true;
	}
	return 0;
}

void space_drop(struct store *st)
{
	struct seg *s, *next;

	rb_for_each_entry_postorder_safe(s, next, &st->free, rb)
		kfree(s);
	st->free.node = NULL;
	list_for_each_entry_safe(s, next, &st->waiting, link)
		kfree(s);
	list_init(&st->waiting);
	list_for_each_entry_safe(s, next, &st->held, link)
		kfree(s);
	list_init(&st->held);
}

void space_grave(u64 first, u64 headers, u64 data, u64 *from, u64 *to)
{
	*from = first;
	*to = first + headers + data;
	/* A head of free space would lie in extended headers that a reader may still read. */
	for (u64 s = first; s + 1 < first + headers; s = seg_next_head(s, TAR_HOLE, s)) {
		if (s > first)
			*from = first + headers;
	}
}

int space_bury(struct store *st, const struct tar_name *e, u64 data, bool hold, u64 *from, u64 *n)
{
	u64 first = e->first, last = first + e->headers - 1, to;
	bool old = !(e->marks & MARK_FRESH);
	int err = image_gone(st, first, old);

	if (!err)
		err = image_gone(st, last, old);
	space_grave(first, e->headers, data, from, &to);
	*n = to - *from;
	if (!err && *from != first) {
		err = images_gone(st, first, *from);
		if (!err)
			err = seg_write_head(st, first, last, old);
		if (!err)
			err = seg_write_head(st, last, last + 1, old);
	}
	if (!err && *n)
		err = seg_lay(st, *from, to);
	if (!err && !hold)
		err = space_wait(st, *from, *n, st->gen);
	return err;
}

/* --- the end of the archive --- */

u64 space_left(const struct store *st)
{
	u64 tail = st->end + 32;

	return st->free_sectors - st->free_small + (st->limit > tail ? st->limit - tail : 0);
}

static int write_end(struct store *st, u64 end)
{
	static const u8 zeros[STORE_SECTOR];
	int err = image_set(st, end, false, true, zeros);

	return err ? err : image_set(st, end + 1, false, false, zeros);
}

int space_trim(struct store *st)
{
	struct tar_name *root = st->root;
	struct seg *s = seg_of(rb_last(&st->free));
	u64 end = s ? s->start + s->len : 0, start;
	struct member m;
	int err;

	if (!root->headers || !s || end != root->first)
		return 0;
	start = seg_member_start(st, s->start, root->headers + 4);
	if (start + root->headers + 2 > end)
		return 0;
	err = member_make(st, root, root->headers, &m);
	if (err)
		return err;
	if (m.headers != root->headers) {
		member_free(&m);
		return 0;
	}
	err = carve(st, s, start, end - start);
	if (!err)
		err = image_gone(st, root->first, true);
	if (!err)
		err = image_gone(st, st->end - 1, true);
	if (!err)
		err = image_gone(st, st->end, true);
	root->first = start & ((1ULL << 40) - 1);
	root->marks |= MARK_FRESH;
	st->end = start + root->headers;
	st->unlogged = true;
	if (!err)
		err = member_put(st, root, &m, MARK_WHOLE);
	member_free(&m);
	return err ? err : write_end(st, st->end);
}

/*
 * The two zero sectors at the old end stay zero until the sector that covers them flips: a
 * lone one followed by something else would confuse busybox.
 */
int space_grow(struct store *st, u64 n)
{
	struct tar_name *root = st->root;
	u64 end = st->end, from, room, start, want = end / GROW_SHARE;
	struct member m;
	int err = member_make(st, root, 3, &m);

	if (err)
		return err;
	if (want < GROW_MIN)
		want = GROW_MIN;
	if (want > GROW_MAX)
		want = GROW_MAX;
	if (want < n)
		want = n;
	/* The old end's own space, [.., room), can't be used before a checkpoint. */
	room = end + (root->headers ? 3 : 4);
	from = root->headers ? root->first : end;
	start = seg_member_start(st, room + want, m.headers + 4);
	while (start + m.headers + 2 > st->limit && want > n) {
		want = n + (want - n) / 2;
		start = seg_member_start(st, room + want, m.headers + 4);
	}
	if (start + m.headers + 2 > st->limit) {
		member_free(&m);
		return -ENOSPC;
	}
	if (root->headers) {
		err = image_gone(st, from, true);
		if (!err)
			err = image_gone(st, end - 1, true);
		if (!err)
			err = image_gone(st, end, true);
		if (!err)
			err = seg_lay(st, from, room);
		if (!err)
			err = space_wait(st, from, room - from, st->gen);
	} else {
		err = seg_write_head(st, end, end + 3, true);
		if (!err)
			err = seg_write_head(st, end + 3, end + 4, false);
	}
	if (!err)
		err = seg_lay(st, room, start);
	if (!err)
		err = space_free(st, room, start - room);
	root->first = start;
	root->headers = m.headers;
	root->marks |= MARK_FRESH;
	st->end = start + m.headers;
	if (!err)
		err = member_put(st, root, &m, MARK_WHOLE);
	if (!err)
		err = write_end(st, st->end);
	name_mark(st, root, STORE_ATTR);
	member_free(&m);
	return err;
}
