/*
 * Free space at rest (store_layout.c): store_finish() lets all of it go there, and what is needed
 * later is thawed: it waits for a checkpoint, as space that a commit gave back does.
 *
 * Interface in store_impl.h. Locking: T.
 */
#include <compiler.h>
#include <uapi/errno.h>
#include "alloc/slab.h"
#include "fs/tarfs/store_impl.h"

/*
 * bsdtar bears 32 extended headers in a row. So many pieces at rest in a row, and then a "./" stays; and so
 * many with those that stand behind already. A member has up to four of its own.
 */
#define RUN_PIECES 24u
#define RUN_MAX	   27u

static int thaw_seg(struct store *st, struct seg *s)
{
	int err = spare_fill(st, spare_for(s->len));

	if (!err)
		err = seg_thaw(st, s->start, s->start + s->len);
	if (err)
		return err;
	seg_remove(st, s);
	s->rest = false;
	s->gen = st->gen;
	list_add_tail(&s->link, &st->waiting);
	st->waiting_sectors += s->len;
	st->unlogged = true;
	return 0;
}

int space_thaw(struct store *st, u64 most)
{
	bool all = st->thaw == THAW_ALL;
	struct seg *s = seg_before(st, st->thawed_to);
	int err = 0;

	if (!s)
		s = seg_of(rb_first(&st->free));
	for (u64 images = 0; s && images < most && !err;) {
		struct seg *next = seg_of(rb_next(&s->rb));

		/* Small ones only where every sector counts. */
		if (s->rest && (all || s->len >= SEG_SMALL)) {
			err = thaw_seg(st, s);
			images += 3;
		}
		s = next;
	}
	st->thawed_to = s ? s->start : 0;
	if (!all || !s)
		st->thaw = THAW_NOT;
	return err;
}

int space_thaw_end(struct store *st)
{
	struct seg *s = seg_of(rb_last(&st->free));
	int any = 0;
	u64 at;

	if (!s || s->rest || s->start + s->len != st->root->first)
		return 0;
	for (at = s->start; at; at = s->start) {
		int err;

		s = seg_before(st, at - 1);
		if (!s || s->start + s->len != at)
			break;
		at = s->start;
		if (!s->rest)
			continue;
		err = thaw_seg(st, s);
		if (err)
			return err;
		any = 1;
	}
	return any;
}

/* How many pieces at rest stand in a row from sector `at` on? */
static unsigned run_from(const struct store *st, u64 at)
{
	const struct seg *s = seg_before(st, at);
	unsigned n = 0;

	while (s && s->rest && s->start == at && n < RUN_MAX) {
		at += s->len;
		n++;
		s = seg_of(rb_next(&s->rb));
	}
	return n;
}

static int add_seg(struct store *st, u64 start, u64 end, bool rest)
{
	struct seg *s = start < end ? seg_new(st, start, end - start) : NULL;

	if (start == end)
		return 0;
	if (!s)
		return -ENOMEM;
	s->rest = rest;
	seg_insert(st, s);
	return 0;
}

/*
 * A piece that is in no tree goes to rest behind `run` others, and `behind` before others. Answers the new run; *images
 * grows by those that it took.
 */
static int settle_piece(struct store *st, u64 a, u64 b, unsigned run, unsigned behind, u64 *images)
{
	bool dot = run + 1 >= RUN_PIECES || run + 1 + behind > RUN_MAX;
	u64 end = dot ? b - 1 : b;
	int err;

	/* Too short for both: it stays. */
	if (dot && b - a <= 3) {
		err = add_seg(st, a, b, false);
		return err ? err : 0;
	}
	err = seg_rest(st, a, b, dot);
	if (!err)
		err = add_seg(st, a, end, true);
	if (!err)
		err = add_seg(st, end, b, false);
	*images += 4;
	st->unlogged = true;
	return err ? err : dot ? 0 : (int)run + 1;
}

/* The segment s, piece by piece; what is left of it when there are enough images stays in the form that it has. */
static int settle_seg(struct store *st, struct seg *s, int run, u64 most, u64 *images)
{
	u64 start = s->start, end = start + s->len, a, b;

	if (spare_fill(st, spare_for(min(s->len, (most / 4 + 1) * SEG_PIECE))))
		return -ENOMEM;
	seg_remove(st, s);
	kfree(s);
	for (a = start; a < end && run >= 0 && *images < most; a = b) {
		b = seg_piece(start, end, a);
		run = settle_piece(st, a, b, (unsigned)run, b == end ? run_from(st, end) : 0,
				   images);
	}
	if (run >= 0 && a < end) {
		int err = add_seg(st, a, end, false);

		return err ? err : run;
	}
	return run;
}

int space_settle(struct store *st, u64 most)
{
	struct seg *s = seg_of(rb_first(&st->free));
	u64 at = 0, images = 0;
	int run = 0;

	while (s && images < most) {
		u64 end = s->start + s->len;

		if (s->start != at)
			run = 0;
		at = end;
		if (s->rest)
			run++;
		else if (s->len > 3 || run + 1 < (int)RUN_PIECES)
			run = settle_seg(st, s, run, most, &images);
		else
			run = 0;
		if (run < 0)
			return run;
		s = seg_before(st, at);
		if (s && s->start < at)
			s = seg_of(rb_next(&s->rb));
		else if (!s)
			s = seg_of(rb_first(&st->free));
	}
	return images != 0;
}
