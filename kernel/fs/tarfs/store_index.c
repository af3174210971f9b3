/*
 * The store and the index (index.h): what mounting would find, read in one piece when
 * nothing was written since, and written when everything is in its place. Interface in
 * store.h, with the locking.
 */
#include <compiler.h>
#include <types.h>
#include <uapi/errno.h>
#include "alloc/slab.h"
#include "fs/tarfs/index.h"
#include "fs/tarfs/store_impl.h"
#include "lib/string.h"

/* The first free segment at or behind a sector. */
static int next_free(void *arg, u64 from, struct index_pad *pad)
{
	struct store *st = arg;
	struct rb_node *n = st->free.node;

	*pad = (struct index_pad){ .sector = TAR_HOLE };
	while (n) {
		struct seg *s = rb_entry(n, struct seg, rb);

		if (s->start >= from)
			*pad = (struct index_pad){ s->start, s->len, s->rest };
		n = s->start >= from ? n->left : n->right;
	}
	return pad->sector != TAR_HOLE;
}

static int take_free(void *arg, const struct index_pad *pad)
{
	return space_found(arg, pad->sector, pad->sectors, pad->rest);
}

static bool hold(void *arg)
{
	store_lock(arg);
	return !store_dirty(arg);
}

static void let_go(void *arg)
{
	store_unlock(arg);
}

/* Is the disk what the tree says, with nothing left to be put right? */
static bool settled(const struct store *st)
{
	return !st->error && !st->logged && !st->image_count && !store_dirty(st) &&
	       st->passive == LIST_END && list_empty(&st->waiting) && list_empty(&st->held) &&
	       list_empty(&st->files) && !st->tree->global && !st->tree->hidden &&
	       st->root->headers;
}

int store_write_index(struct store *st)
{
	struct index_store s = { .lock = hold,
				 .unlock = let_go,
				 .next = next_free,
				 .arg = st,
				 .root_first = st->root->first,
				 .root_headers = st->root->headers,
				 .root_marks = st->root->marks };
	struct store_super sb;
	int err;

	if (!settled(st))
		return -EBUSY;
	err = journal_super(st->disk, &sb);
	if (err <= 0)
		return err ? err : -EINVAL;
	err = tar_index_current(st->disk, &sb, st->seq);
	if (err)
		return err < 0 ? err : 0;
	err = tar_index_write(st->tree, st->disk, &sb, st->seq, st->end, &s);
	if (!err) {
		st->limit = sb.index;
		st->src.size = st->limit * STORE_SECTOR;
	}
	return err;
}

int store_read_index(struct store *st)
{
	struct index_store s = { .take = take_free, .arg = st };
	struct store_super sb;
	struct journal_tip tip = { 0 };
	int got = journal_super(st->disk, &sb);

	if (got > 0)
		got = journal_newest(st->disk, &sb, &tip);
	if (got > 0)
		got = tip.count || tip.chain ? 0 :
					       tar_index_read(st->tree, &st->src, &sb, tip.seq, &s);
	if (got <= 0) {
		space_drop(st);
		st->free_sectors = st->free_small = st->rest_sectors = 0;
		return got;
	}
	st->end = s.end;
	st->root->first = s.root_first & ((1ULL << 40) - 1);
	st->root->headers = s.root_headers & ((1u << 24) - 1);
	st->root->marks = s.root_marks;
	return 1;
}
