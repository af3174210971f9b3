/*
 * Opening a store: the journal is replayed, the archive read, and each member's place noted. What
 * mounting finds that the tree does not show (a member that a later one replaces,
 * names that lead through symbolic links, directories that have no member) is put right
 * by the first commit. Interface in store.h, with the locking; here nobody else knows the store yet.
 */
#include <compiler.h>
#include <err.h>
#include <uapi/errno.h>
#include "alloc/slab.h"
#include "fs/tarfs/store_impl.h"
#include "fs/tarfs/tar_impl.h"
#include "lib/printf.h"
#include "lib/string.h"

/* --- the source of the tree's files --- */

static int source_read(struct tar_source *src, u64 off, void *buf, size_t n)
{
	struct store *st = container_of(src, struct store, src);
	u64 first = off / STORE_SECTOR * STORE_SECTOR, end = SECTORS(off + n) * STORE_SECTOR;
	u8 sector[STORE_SECTOR];
	u8 *to = buf;
	int err;

	if (first == off && end == off + n) {
		err = st->disk->read(st->disk, off, buf, n);
		if (!err)
			store_patch(st, off, buf, n);
		return err;
	}
	/* The ends by themselves. */
	while (n) {
		u64 at = off / STORE_SECTOR * STORE_SECTOR;
		size_t part = STORE_SECTOR - (size_t)(off - at);

		if (off == at && n >= STORE_SECTOR) {
			part = n / STORE_SECTOR * STORE_SECTOR;
			err = source_read(src, off, to, part);
		} else {
			part = part < n ? part : n;
			err = source_read(src, at, sector, STORE_SECTOR);
			memcpy(to, sector + (off - at), part);
		}
		if (err)
			return err;
		off += part;
		to += part;
		n -= part;
	}
	return 0;
}

struct tar_source *store_source(struct store *st)
{
	return &st->src;
}

void *store_owner(const struct store *st)
{
	return st->owner;
}

void store_set_owner(struct store *st, void *owner)
{
	st->owner = owner;
}

/* --- places --- */

/*
 * Free space in [first, end), which ends with a "./" and has nothing but 'K' headers before: are its heads where
 * they belong (1), or elsewhere, as an earlier form had them (0)? *any: whatever there is, it
 * is free space. put: elsewhere is put right, by the first commit.
 */
static int walk_chain(struct store *st, u64 first, u64 end, bool *any, bool put)
{
	u8 block[STORE_SECTOR];
	const struct tar_header *h = (const struct tar_header *)block;
	bool right = true;

	*any = false;
	for (u64 s = first, next, size; s < end; s = next) {
		int err = source_read(&st->src, s * STORE_SECTOR, block, STORE_SECTOR);

		if (err)
			return err;
		if (tar_num_size(h->size, 12, &size) || size / STORE_SECTOR >= end - s)
			return 0;
		next = s + 1 + size / STORE_SECTOR;
		if (h->typeflag != (s == end - 1 ? '5' : 'K') && !(h->typeflag == '5' && !size))
			return 0;
		right = right && next == seg_next_head(first, end, s) &&
			(next > s + 1 || block[STORE_SECTOR - 1] == '\n');
		err = put ? image_gone(st, s, true) : 0;
		if (err)
			return err;
	}
	*any = true;
	return right;
}

/* Notes [first, end), which ends with a "./", if it is free space as store_layout.c has it: 1. */
static int found_free(struct store *st, u64 first, u64 end)
{
	bool any;
	int err = walk_chain(st, first, end, &any, false);

	if (err < 0 || !any)
		return err;
	if (err) {
		err = space_found(st, first, end - first, false);
		return err ? err : 1;
	}
	err = walk_chain(st, first, end, &any, true);
	if (err >= 0)
		err = seg_lay(st, first, end);
	if (!err)
		err = space_wait(st, first, end - first, st->gen);
	st->unlogged = true;
	return err ? err : 1;
}

/* Between two members: global headers that are free space at rest. */
static int find_rest(struct store *st, u64 from, u64 to)
{
	u8 *two = st->buffer;
	const struct tar_header *h = (const struct tar_header *)two;
	char want[24];

	for (u64 s = from, size, n; s < to; s += n) {
		int err = source_read(&st->src, s * STORE_SECTOR, two,
				      (s + 1 < to ? 2 : 1) * STORE_SECTOR);

		if (!err && tar_num_size(h->size, 12, &size))
			err = -EINVAL;
		if (err)
			return err;
		n = 1 + SECTORS(size);
		if (h->typeflag != 'g' || size % STORE_SECTOR || !seg_can_thaw(s, s + n))
			continue;
		snprintf(want, sizeof(want), "%lu comment=", size);
		if (size && memcmp(two + STORE_SECTOR, want, strlen(want)) != 0)
			continue;
		err = space_found(st, s, n, true);
		if (err)
			return err;
	}
	return 0;
}

/* One of the root's members: free space, or the root's own. */
static int placed_root(struct store *st, const struct tar_member *m)
{
	u64 first = m->first / TAR_BLOCK, end = m->end / TAR_BLOCK;
	struct tar_name *root = st->root;
	int free = !m->ours && m->end == m->header + TAR_BLOCK ? found_free(st, first, end) : 0;

	if (free)
		return free < 0 ? free : 0;
	if (root->headers) {
		int err = name_bury(st, root->first, root->headers, 0);

		if (err)
			return err;
	}
	root->first = first & ((1ULL << 40) - 1);
	root->headers = (end - first) & ((1u << 24) - 1);
	root->marks = m->ours ? MARK_OURS : 0;
	if (root->headers > 3)
		root->marks |= MARK_SPAN;
	return 0;
}

static int placed(struct tar_tree *t, const struct tar_member *m, struct tar_name *e, bool root,
		  bool plain)
{
	struct store *st = t->store;
	u64 first, headers, data;
	int err;

	if (!m) {
		name_mark(st, e, MARK_WHOLE);
		return 0;
	}
	first = m->first / TAR_BLOCK;
	err = find_rest(st, st->seen, first);
	st->seen = m->end / TAR_BLOCK;
	if (err)
		return err;
	if (root)
		return placed_root(st, m);
	headers = m->header / TAR_BLOCK + 1 - first;
	data = m->end / TAR_BLOCK - first - headers;
	/* Left out, or a link to itself. */
	if (!e || (e->headers && e->node->type != TAR_DIR))
		return name_bury(st, first, headers, data);
	if (e->headers) {
		err = name_bury(st, e->first, e->headers, 0);
		if (err)
			return err;
	}
	e->marks &= (u8) ~(MARK_DIRTY | MARK_PLACE);
	if (data && !is_file_home(e)) {
		err = name_bury(st, first, headers, data);
		e->headers = 0;
		name_mark(st, e, MARK_WHOLE);
		return err;
	}
	e->first = first & ((1ULL << 40) - 1);
	e->headers = headers & ((1u << 24) - 1);
	if (m->ours)
		e->marks |= MARK_OURS;
	if (headers > 3)
		e->marks |= MARK_SPAN;
	if (is_file_home(e))
		e->node->file.used = data;
	if (!plain)
		name_mark(st, e, MARK_WHOLE);
	return 0;
}

static int replaced(struct tar_tree *t, struct tar_name *e)
{
	struct store *st = t->store;
	u64 data;

	name_promote(st, e);
	data = is_file_home(e) ? e->node->file.used : 0;
	if (e->dirty) {
		/* On the list still: a grave with its place stays there instead. */
		struct tar_name **at = &st->dirty;

		while (*at != e)
			at = &(*at)->dirty;
		*at = e->dirty;
		st->dirty_count--;
	}
	return e->headers ? name_bury(st, e->first, e->headers, data) : 0;
}

/* The archive's last member must be the root's, with room to flip its end. */
static int check_root(struct store *st)
{
	struct tar_name *root = st->root;
	u64 end = st->end;
	int err = 0;

	if (!root->headers)
		return 0;
	if (root->first + root->headers == end && root->marks & MARK_OURS &&
	    seg_member_start(st, root->first, root->headers + 4) == root->first)
		return 0;
	err = name_bury(st, root->first, root->headers, 0);
	root->headers = 0;
	root->marks = 0;
	return err;
}

/* --- opening and closing --- */

static struct store *store_new(struct tar_tree *t, struct tar_disk *d, const struct store_ops *ops)
{
	struct store *st = kzalloc(sizeof(*st), 0);

	if (!st)
		return NULL;
	st->root = kzalloc(sizeof(*st->root) + 1, 0);
	st->buffer = kmalloc(BUFFER, 0);
	st->tree = t;
	st->disk = d;
	st->ops = ops;
	st->src.read = source_read;
	st->gen = 1;
	list_init(&st->changed);
	st->dirty = LIST_END;
	st->passive = LIST_END;
	list_init(&st->waiting);
	list_init(&st->graves);
	list_init(&st->held);
	list_init(&st->files);
	st->settles = 1;
	t->store = st;
	if (st->root && st->buffer)
		return st;
	store_close(st);
	return NULL;
}

static int open_journal(struct store *st, unsigned flags, bool *foreign, const char **why)
{
	struct store_super sb;
	struct journal_tip tip;
	int err = journal_super(st->disk, &sb);

	*why = "cannot read the superblock";
	if (err < 0)
		return err;
	*foreign = !err;
	st->src.size = st->disk->size / STORE_SECTOR * STORE_SECTOR;
	*why = "no journal";
	if (*foreign)
		return flags & STORE_MAKE ? 0 : -EROFS;
	err = journal_replay(st->disk, &sb, why);
	if (err >= 0)
		err = journal_newest(st->disk, &sb, &tip);
	if (err < 0)
		return err;
	st->seq = tip.seq;
	st->next = tip.next;
	st->chain = tip.chain + 1;
	st->last_crc = tip.crc;
	st->journal = sb.journal;
	st->journal_sectors = sb.journal_sectors;
	st->limit = sb.journal;
	st->src.size = st->limit * STORE_SECTOR;
	return 0;
}

static int make_journal(struct store *st, const char **why)
{
	struct store_super sb;
	int err;

	if (st->tree->global) {
		*why = "a global extended header speaks of all members: pack the archive anew";
		return -EROFS;
	}
	err = journal_make(st->disk, st->end, &sb, &st->last_crc, why);
	if (err)
		return err;
	st->seq = 1;
	st->chain = 1;
	st->next = sb.journal + sb.journal_sectors / 2 + 1;
	st->journal = sb.journal;
	st->journal_sectors = sb.journal_sectors;
	st->limit = sb.journal;
	st->src.size = st->limit * STORE_SECTOR;
	return 0;
}

/* An empty tree again, with what the caller had set. */
static void start_again(struct tar_tree *t)
{
	struct tar_tree was = *t;

	tar_tree_free(t);
	if (!tar_tree_init(t))
		t->err = was.err;
	t->warn = was.warn;
	t->breathe = was.breathe;
	t->owner = was.owner;
}

static int read_archive(struct store *st, const char **why)
{
	struct tar_tree *t = st->tree;
	int err;

	t->placed = placed;
	t->replaced = replaced;
	err = tar_tree_add(t, &st->src);
	t->placed = NULL;
	t->replaced = NULL;
	*why = t->err.why;
	st->end = t->end / STORE_SECTOR;
	return err ? err : check_root(st);
}

int store_open(struct tar_tree *t, struct tar_disk *d, const struct store_ops *ops, unsigned flags,
	       const char **why)
{
	struct store *st = store_new(t, d, ops);
	struct tar_node *root = t->root;
	bool foreign = false;
	int err;

	*why = "no memory";
	if (!st)
		return -ENOMEM;
	st->root->node = root;
	st->root->next = st->root->prev = st->root;
	root->names = st->root;
	err = open_journal(st, flags, &foreign, why);
	/* The headers are read where no index tells what they say. */
	if (!err && (foreign || store_read_index(st) <= 0))
		err = read_archive(st, why);
	if (!err && foreign)
		err = make_journal(st, why);
	/* What is to be put right waits for a change. */
	st->passive = st->dirty;
	st->dirty = LIST_END;
	st->dirty_count = 0;
	if (err) {
		store_close(st);
		start_again(t);
	}
	return err;
}

/* Graves go; names stay, they are the tree's. */
static void drop_list(struct tar_name *e)
{
	while (e != LIST_END) {
		struct tar_name *next = e->dirty;

		e->dirty = NULL;
		if (e->marks & MARK_DEAD)
			kfree(e);
		e = next;
	}
}

void store_close(struct store *st)
{
	drop_list(st->dirty);
	drop_list(st->passive);
	data_drop(st);
	space_drop(st);
	images_free(st);
	spare_drop(st);
	if (st->root && st->root->node)
		st->root->node->names = NULL;
	st->tree->store = NULL;
	kfree(st->root);
	kfree(st->buffer);
	kfree(st);
}

void store_space(const struct store *st, struct store_space *s)
{
	u64 held = st->promised + st->held_sectors;

	s->total = st->limit;
	s->free = space_left(st) + st->waiting_sectors + st->held_sectors + st->rest_sectors;
	for (const struct store_file *rw = list_first_entry(&st->files, struct store_file, link);
	     &rw->link != &st->files; rw = list_first_entry(&rw->link, struct store_file, link)) {
		u64 used = rw->node->file.used;

		s->free += rw->room;
		held += rw->asked > used ? rw->asked - used : 0;
	}
	s->free -= s->free < held ? s->free : held;
	s->waiting = st->waiting_sectors + st->rest_sectors;
}
