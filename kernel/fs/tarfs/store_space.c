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

/* --- the tree --- */

static void update(struct rb_node *n)
{
	struct seg *s = seg_of(n), *l = seg_of(n->left), *r = seg_of(n->right);

	s->max = s->rest ? 0 : s->len;
	if (l && l->max > s->max)
		s->max = l->max;
	if (r && r->max > s->max)
		s->max = r->max;
}

struct seg *seg_before(const struct store *st, u64 at)
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

static void count(struct store *st, const struct seg *s, u64 len, s64 sign)
{
	if (s->rest) {
		st->rest_sectors += (u64)sign * len;
		return;
	}
	st->free_sectors += (u64)sign * len;
	if (len < SEG_SMALL)
		st->free_small += (u64)sign * len;
}

void seg_insert(struct store *st, struct seg *s)
{
	struct rb_node **link = &st->free.node, *parent = NULL;

	while (*link) {
		parent = *link;
		link = s->start < seg_of(parent)->start ? &parent->left : &parent->right;
	}
	s->max = s->rest ? 0 : s->len;
	rb_insert(&st->free, &s->rb, parent, link, update);
	rb_update_path(&s->rb, update);
	count(st, s, s->len, 1);
}

void seg_remove(struct store *st, struct seg *s)
{
	rb_erase(&st->free, &s->rb, update);
	count(st, s, s->len, -1);
}

/* Its place or its length changed; it stays between its neighbours. */
static void resize(struct store *st, struct seg *s, u64 start, u64 len)
{
	count(st, s, s->len, -1);
	count(st, s, len, 1);
	s->start = start;
	s->len = len;
	rb_update_path(&s->rb, update);
}

struct seg *seg_new(struct store *st, u64 start, u64 len)
{
	struct seg *s = spare_take(st, SPARE_SEG);

	if (s) {
		s->start = start;
		s->len = len;
	}
	return s;
}

/* --- taking --- */

u64 seg_fit(const struct store *st, const struct seg *s, u64 n, u64 headers, u64 min)
{
	u64 at = s->start > min ? s->start : min;

	/* What ends with its header may be a link: that may not flip by itself behind a 'K' that is still there. */
	if (headers > 1 && n == headers) {
		n++;
		headers++;
	}
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
			*at = s->rest ? TAR_HOLE : seg_fit(st, s, n, headers, min);
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
		left = seg_new(st, s->start, at - s->start);
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
		seg_remove(st, s);
		kfree(s);
	}
	if (left)
		seg_insert(st, left);
	return err;
}

int space_take(struct store *st, u64 n, u64 headers, u64 min, u64 *first)
{
	struct seg *s = first_fit(st, st->free.node, n, headers, min, first);

	if (!s) {
		int err = space_grow(st, n + headers);

		/* What is at rest may serve the next one who asks, or must. */
		st->thaw = err == -ENOSPC ? THAW_ALL : st->thaw == THAW_NOT ? THAW_SOME : st->thaw;
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
	u64 tail = space_tail(st);
	int err = space_take(st, n, headers, min, first);

	if (err || space_tail(st) >= tail || space_tail_kept(st))
		return err;
	err = unalloc(st, *first, n);
	return err ? err : -ENOSPC;
}

u64 space_extend(struct store *st, u64 first, u64 n, u64 want)
{
	struct seg *s = seg_before(st, first);
	u64 got;

	if (!s || s->rest || s->start != first || s->len < n)
		return 0;
	got = s->len < want ? s->len : want;
	if (got < s->len && seg_split(st, first, first + s->len, first + got))
		return 0;
	if (got < s->len) {
		resize(st, s, first + got, s->len - got);
	} else {
		seg_remove(st, s);
		kfree(s);
	}
	return got;
}

/* --- giving back --- */

int space_join(struct store *st, struct seg *s)
{
	struct seg *left = seg_before(st, s->start), *right;
	int err;

	if (left && !left->rest && left->start + left->len == s->start) {
		err = seg_merge(st, left->start, s->start, s->start + s->len);
		if (err)
			return err;
		resize(st, left, left->start, left->len + s->len);
		kfree(s);
		s = left;
	} else {
		seg_insert(st, s);
	}
	right = seg_of(rb_next(&s->rb));
	if (right && !right->rest && s->start + s->len == right->start) {
		u64 len = right->len;

		err = seg_merge(st, s->start, right->start, right->start + len);
		if (err)
			return err;
		seg_remove(st, right);
		kfree(right);
		resize(st, s, s->start, s->len + len);
	}
	return 0;
}

int space_free(struct store *st, u64 first, u64 n)
{
	struct seg *s = n ? seg_new(st, first, n) : NULL;

	if (!n)
		return 0;
	return s ? space_join(st, s) : -ENOMEM;
}

int space_wait(struct store *st, u64 first, u64 n, u32 gen)
{
	struct seg *s = n ? seg_new(st, first, n) : NULL;

	if (!n)
		return 0;
	if (!s)
		return -ENOMEM;
	s->gen = gen;
	list_add_tail(&s->link, &st->waiting);
	st->waiting_sectors += n;
	return 0;
}

int space_waited(struct store *st, u32 gen, u32 most)
{
	struct seg *s, *next;

	list_for_each_entry_safe(s, next, &st->waiting, link) {
		int err;

		if (s->gen > gen)
			continue;
		if (!most--)
			return 1;
		err = spare_fill(st, spare_for(0));
		if (err)
			return err;
		list_del(&s->link);
		st->waiting_sectors -= s->len;
		err = space_join(st, s);
		if (err)
			return err;
	}
	return 0;
}

int space_found(struct store *st, u64 first, u64 n, bool rest)
{
	struct seg *s = seg_before(st, first);

	/* At such a border one segment and two look the same. */
	if (s && s->start + s->len == first && !s->rest && !rest && first % SEG_PIECE == 0) {
		resize(st, s, s->start, s->len + n);
		return 0;
	}
	s = seg_new(st, first, n);
	if (!s)
		return -ENOMEM;
	s->rest = rest;
	seg_insert(st, s);
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
	u64 tail = st->end + 32 + st->root_kept;

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

	if (!root->headers || !s || s->rest || end != root->first)
		return 0;
	start = seg_member_start(st, s->start, root->headers + 4);
	if (start + root->headers + 2 > end)
		return 0;
	err = spare_fill(st, spare_for(end - s->start) + root->headers);
	if (!err)
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

int space_ask_root(struct store *st, u64 headers)
{
	u64 need = 2 * (headers + SEG_SMALL);

	if (st->limit < st->end + need)
		return -ENOSPC;
	if (st->root_kept < need)
		st->root_kept = need;
	return 0;
}

/*
 * The two zero sectors at the old end stay zero until the sector that covers them flips: a
 * lone one followed by something else would confuse busybox.
 */
int space_grow(struct store *st, u64 n)
{
	struct tar_name *root = st->root;
	u64 end = st->end, from, room, start, want = end / GROW_SHARE;
	u64 limit = st->limit - (n ? st->root_kept : 0);
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
	while (start + m.headers + 2 > limit && want > n) {
		want = n + (want - n) / 2;
		start = seg_member_start(st, room + want, m.headers + 4);
	}
	err = start + m.headers + 2 > limit ? -ENOSPC :
					      spare_more(st, spare_for(start - from) + m.headers);
	if (err) {
		member_free(&m);
		return err;
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
