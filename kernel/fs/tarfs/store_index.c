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

static int next_free(void *arg, u64 from, struct index_pad *pad)
{
	pad->sector = from;
	return store_next_free(arg, &pad->sector, &pad->sectors);
}

static int take_free(void *arg, const struct index_pad *pad)
{
	return store_add_free(arg, pad->sector, pad->sectors);
}

int store_write_index(struct store *st)
{
	const struct tar_name *root = store_root(st);
	struct index_store s = { .next = next_free,
				 .arg = st,
				 .root_first = root->first,
				 .root_headers = root->headers,
				 .root_marks = root->marks & STORE_PLACE };
	struct store_super sb;
	int got;

	if (!store_settled(st) || st->tree->global || !root->headers)
		return -EBUSY;
	got = journal_super(st->disk, &sb);
	if (got <= 0)
		return got ? got : -EINVAL;
	got = tar_index_current(st->disk, &sb, st->seq);
	if (got)
		return got < 0 ? got : 0;
	return tar_index_write(st->tree, st->disk, &sb, st->seq, st->end, &s);
}

int store_load_index(struct store *st, struct tar_tree *t)
{
	struct index_store s = { .take = take_free, .arg = st };
	struct tar_name *root = store_root(st);
	struct store_super sb;
	int got = journal_super(st->disk, &sb);

	if (got > 0)
		got = tar_index_read(t, &st->src, &sb, st->seq, &s);
	if (got <= 0) {
		space_drop(st);
		st->free_sectors = 0;
		return 0;
	}
	store_set_end(st, s.end);
	root->first = s.root_first & ((1ULL << 40) - 1);
	root->headers = s.root_headers & ((1u << 24) - 1);
	root->marks = s.root_marks & STORE_PLACE;
	return 1;
}
