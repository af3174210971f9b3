/*
 * What names are promised before they change, so that no commit fails for want of room. Mostly a
 * number: as long as the archive's end has more, in one piece and behind all members, whatever they will
 * need is there, a place for a hard link behind its file's too. Where it has not, a segment is set
 * aside for the node (held). Either lasts until the commit after the next one.
 *
 * Interface in store_impl.h. Locking: T.
 */
#include <compiler.h>
#include <uapi/errno.h>
#include "alloc/slab.h"
#include "fs/tarfs/store_impl.h"

#define GROW_LOSS \
	128u /* sectors: what moving the end costs, as often as it may until a checkpoint */
#define TAIL_LOSS 64u /* what is too short at the end of its last piece */
#define MARGIN	  64u /* sectors that are kept from everybody */

u64 space_tail(const struct store *st)
{
	const struct seg *s = seg_of(rb_last(&st->free));
	u64 tail = st->end + 32 + st->root_kept, n = 0;

	if (st->limit > tail + GROW_LOSS)
		n = st->limit - tail - GROW_LOSS;
	if (s && !s->rest && s->start + s->len == st->root->first && s->len > TAIL_LOSS)
		n += s->len - TAIL_LOSS;
	return n;
}

bool space_tail_kept(const struct store *st)
{
	return !st->promised || space_tail(st) >= st->promised + MARGIN;
}

int space_hold(struct store *st, const struct tar_node *node, u64 first, u64 n)
{
	struct seg *s = seg_new(st, first, n);

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
	err = spare_fill(st, spare_for(2 * sectors));
	if (!err)
		err = space_alloc(st, sectors, 0, min, &first);
	if (!err)
		err = seg_lay(st, first, first + sectors);
	return err ? err : space_hold(st, node, first, sectors);
}

static int release_held(struct store *st, struct seg *s)
{
	int err = spare_fill(st, spare_for(0));

	if (err)
		return err;
	list_del(&s->link);
	st->held_sectors -= s->len;
	return space_join(st, s);
}

int space_promises_kept(struct store *st, bool all)
{
	struct seg *s, *next;
	int err = 0;

	st->promised -= st->promised_before;
	st->promised_before = st->promised;
	list_for_each_entry_safe(s, next, &st->held, link) {
		if ((all || s->gen < st->gen) && !err)
			err = release_held(st, s);
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
		u64 first = seg_fit(st, s, n, headers, min);

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
	return (optional ? space_alloc : space_take)(st, n, headers, min, first);
}
