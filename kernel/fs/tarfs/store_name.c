/*
 * What happens to names, and what must be written because of it. A member is written for each
 * name: the first name of a node (node->names) has its attributes and data, the others are
 * hard links. A mark puts a name on the list that the next commit goes through. A name that is
 * taken away stays on that list, dead, until its sectors have become free space.
 *
 * Interface in store.h and store_impl.h. Locking: T.
 */
#include <compiler.h>
#include <uapi/errno.h>
#include "alloc/slab.h"
#include "fs/tarfs/store_impl.h"
#include "lib/string.h"

/* --- marks --- */

void names_wake(struct store *st)
{
	while (st->passive != LIST_END) {
		struct tar_name *e = st->passive;

		st->passive = e->dirty;
		e->dirty = st->dirty;
		st->dirty = e;
		st->dirty_count++;
	}
}

void name_mark(struct store *st, struct tar_name *e, unsigned marks)
{
	e->marks |= (u8)marks;
	/* What mounting found to be put right has a change of its own now. */
	if (e->dirty && !store_dirty(st))
		names_wake(st);
	if (e->dirty)
		return;
	e->dirty = st->dirty;
	st->dirty = e;
	st->dirty_count++;
}

void name_mark_whole(struct store *st, struct tar_name *e)
{
	struct tar_name *l = e;

	do {
		name_mark(st, l, MARK_WHOLE);
		l = l->next;
	} while (is_home(e) && l != e);
}

void store_changed(struct store *st, struct tar_node *n, unsigned what)
{
	struct tar_name *e = n->names;

	if (!st || !e || e->marks & (MARK_DEAD | MARK_HELD))
		return;
	name_mark(st, e, what);
	/* Python gives a file what its links say. */
	for (struct tar_name *l = e->next; l != e; l = l->next)
		name_mark(st, l, STORE_ATTR);
}

void store_accessed(struct store *st, struct tar_node *n)
{
	struct tar_name *e = n->names;

	if (st && e && !(e->marks & (MARK_DEAD | MARK_HELD)) && e->headers && e->marks & MARK_OURS)
		name_mark(st, e, STORE_ATTR);
}

bool store_dirty(const struct store *st)
{
	return st->dirty != LIST_END;
}

/* --- taking names away --- */

/* Two names change places on the disk. */
static void swap_places(struct tar_name *a, struct tar_name *b)
{
	const unsigned kept = MARK_PLACE;
	unsigned marks = a->marks & kept;
	u64 first = a->first, headers = a->headers;

	a->first = b->first;
	a->headers = b->headers;
	a->marks = (u8)((a->marks & ~kept) | (b->marks & kept));
	b->first = first;
	b->headers = headers;
	b->marks = (u8)((b->marks & ~kept) | marks);
}

void name_promote(struct store *st, struct tar_name *e)
{
	if (!is_home(e) || e->next == e)
		return;
	swap_places(e, e->next);
	e->node->names = e->next;
	name_mark_whole(st, e->next);
}

/* A name that is in no tree any more: its sectors die with the next commit. */
static void entomb(struct store *st, struct tar_name *e, u64 data)
{
	if (!e->headers && !e->dirty && e != st->hand) {
		if (e->node && e->node->names == e)
			e->node->names = NULL;
		kfree(e);
		return;
	}
	e->cookie = e->headers ? data : 0;
	name_mark(st, e, MARK_DEAD);
}

int name_bury(struct store *st, u64 first, u64 headers, u64 data)
{
	struct tar_name *e = kzalloc(sizeof(*e) + 1, 0);

	if (!e)
		return -ENOMEM;
	e->first = first & ((1ULL << 40) - 1);
	e->headers = headers & ((1u << 24) - 1);
	entomb(st, e, data);
	return 0;
}

/* The last name goes: the node keeps it, dead, so that store_forget() finds it. */
static struct tar_node *take(struct store *st, struct tar_node *dir, struct tar_name *e)
{
	struct tar_node *n = e->node;
	bool data;

	name_promote(st, e);
	data = is_file_home(e);
	tar_take(dir, e);
	if (!n->names && n->type == TAR_FILE)
		n->names = e;
	else
		e->node = NULL;
	entomb(st, e, data ? n->file.used : 0);
	return n;
}

struct tar_node *store_unlink(struct store *st, struct tar_node *dir, struct tar_name *name)
{
	return st ? take(st, dir, name) : tar_unlink(dir, name);
}

/* Nobody needs what a dead name's file had any more: the name goes, and the space waits. */
static int release(struct store *st, struct tar_name *e)
{
	int err = space_wait(st, e->first, e->cookie, e->hash);

	list_del(&e->grave);
	if (e->node)
		e->node->names = NULL;
	kfree(e);
	return err;
}

void store_forget(struct store *st, struct tar_node *n)
{
	struct tar_name *e = n->names;
	struct store_file *rw;

	if (!st)
		return;
	if (st->moving == n) {
		st->moving = NULL;
		st->orphan = n->type == TAR_FILE ? n->file.map : NULL;
		if (st->orphan)
			n->file.map = NULL;
	}
	space_forget(st, n);
	if (n->type != TAR_FILE)
		return;
	rw = n->file.rw;
	n->file.rw = NULL;
	if (rw) {
		space_wait(st, rw->room_first, rw->room, rw->room_gen);
		st->room_sectors -= rw->room;
		list_del(&rw->link);
		kfree(rw);
	}
	if (!e)
		return;
	n->names = NULL;
	e->node = NULL;
	if (e->marks & MARK_HELD)
		release(st, e);
}

int names_release(struct store *st)
{
	struct tar_name *e, *next;

	list_for_each_entry_safe(e, next, &st->graves, grave) {
		int err = spare_fill(st, spare_for(0));

		if (!err)
			err = release(st, e);
		if (err)
			return err;
	}
	return 0;
}

/*
 * The first sector of the grave [from, to), from s on, that free space will write to: its heads, and in either form
 * what stands right beside one.
 */
static u64 next_written(u64 from, u64 to, u64 s)
{
	u64 head;

	s = s < from ? from : s;
	head = s < from + 2 ? from : seg_next_head(from, to, s - 2);
	return head > s + 1 ? head - 1 : s;
}

u64 store_keep(const struct store *st, const struct tar_node *n, u64 pos)
{
	const struct tar_name *e = n->names;
	const struct image *i;
	u64 from, to, at, run, s;

	if (!st || n->type != TAR_FILE || !e || !e->headers)
		return TAR_HOLE;
	space_grave(e->first, e->headers, n->file.used, &from, &to);
	for (; pos < n->size; pos += run) {
		run = tar_map(n, pos, &at);
		if (at == TAR_HOLE)
			continue;
		s = next_written(from, to, at / STORE_SECTOR);
		/* What only an image has goes with it. */
		i = image_from(st, at / STORE_SECTOR);
		if (i && i->sector < s)
			s = i->sector;
		if (s < to && s * STORE_SECTOR < at + run)
			return s * STORE_SECTOR > at ? pos + s * STORE_SECTOR - at : pos;
	}
	return TAR_HOLE;
}

/* --- giving names --- */

int store_link(struct store *st, struct tar_node *dir, const char *name, size_t len,
	       struct tar_node *n)
{
	int err = tar_link(dir, name, len, n);

	if (!err && st)
		name_mark_whole(st, n->names->prev);
	return err;
}

/* The new name e takes the old one's place, and is the first where that was. */
static void inherit(struct store *st, struct tar_name *old, struct tar_name *e)
{
	swap_places(old, e);
	if (is_home(old))
		old->node->names = e;
	name_mark_whole(st, e);
}

static int rename_plain(struct tar_node *od, struct tar_name *from, struct tar_node *nd,
			const char *name, size_t len, struct tar_name *to, bool exchange,
			struct tar_node **gone)
{
	struct tar_node *n = from->node, *other = to ? to->node : NULL;
	int err = 0;

	if (to)
		tar_retarget(nd, to, n);
	else
		err = tar_link(nd, name, len, n);
	if (!err && exchange)
		tar_retarget(od, from, other);
	else if (!err)
		tar_unlink(od, from);
	*gone = exchange ? NULL : other;
	return err;
}

int store_rename(struct store *st, struct tar_node *od, struct tar_name *from, struct tar_node *nd,
		 const char *name, size_t len, struct tar_name *to, bool exchange,
		 struct tar_node **gone)
{
	struct tar_node *n = from->node, *other = to ? to->node : NULL;
	struct tar_name *e;
	int err;

	*gone = NULL;
	if (!st)
		return rename_plain(od, from, nd, name, len, to, exchange, gone);
	if (exchange) {
		bool home = is_home(from), other_home = is_home(to);

		if (n == other)
			return 0;
		swap_places(from, to);
		tar_retarget(od, from, other);
		tar_retarget(nd, to, n);
		if (home)
			n->names = to;
		if (other_home)
			other->names = from;
		name_mark_whole(st, to);
		name_mark_whole(st, from);
		return 0;
	}
	err = tar_link(nd, name, len, n);
	if (err)
		return err;
	e = n->names->prev;
	inherit(st, from, e);
	tar_take(od, from);
	from->node = NULL;
	entomb(st, from, 0);
	if (to)
		*gone = take(st, nd, to);
	return 0;
}

/* --- asking for room --- */

/*
 * The headers that e's member needs when its records grow by so many bytes; 0: it is written again
 * where it is. whole: more than attributes changes.
 */
static u64 headers_after(struct store *st, const struct tar_name *e, size_t extra, bool whole)
{
	struct member m;
	size_t bytes;
	u64 need;

	if (!e || member_make(st, e, 1, &m))
		return 5 + (extra + 600) / 256;
	member_free(&m);
	bytes = m.bytes + extra;
	/* Where less than a comment is left, the last record goes to the next sector. */
	need = bytes <= MEMBER_FULL || (bytes <= STORE_SECTOR - 12 && e->headers == 3) ?
		       3 :
		       4 + SECTORS(bytes + bytes / 16);
	if (m.headers == 1 && e->headers == 1 && !extra)
		return 0;
	if (e->headers < need || !(e->marks & MARK_OURS))
		return need;
	return e->headers == 3 || !whole || !(e->marks & MARK_SPAN) ? 0 : e->headers;
}

/* The length of a directory's path, its last '/' included; 0 for the root. */
static size_t dir_path(const struct store *st, const struct tar_node *dir)
{
	size_t len = 0;

	for (; dir != st->tree->root && dir->names; dir = dir->names->dir)
		len += dir->names->len + 1u;
	return len;
}

/* What a link's member needs at most whose path and whose target's have so many bytes together. */
static u64 link_need(size_t paths)
{
	return SEG_SMALL + paths / 256;
}

u64 name_links(const struct store *st, const struct tar_node *n, unsigned more)
{
	const struct tar_name *e = n->names;
	u64 need = 0;
	size_t home;

	if (!e || e->marks & (MARK_DEAD | MARK_HELD))
		return more * link_need(2 * (size_t)TAR_PATH_MAX);
	home = dir_path(st, e->dir) + e->len;
	for (const struct tar_name *l = e->next; l != e; l = l->next)
		need += link_need(home + dir_path(st, l->dir) + l->len);
	return need + more * link_need(home + TAR_PATH_MAX);
}

/* What n's links need, each by itself, when the path that they name has `path` bytes. */
static int ask_links(struct store *st, struct tar_node *n, size_t path)
{
	const struct tar_name *e = n->names, *l = e;
	int err = 0;

	/* Without data to carry along, all go to one place: the first is the lowest there. */
	if (n->type != TAR_FILE) {
		u64 need = name_links(st, n, 1) + n->nlink * (path / 256);

		return space_promise(st, n, need + link_need(path), 0);
	}
	do {
		err = space_promise(st, n, link_need(path + dir_path(st, l->dir) + l->len),
				    e->first);
		l = l->next;
	} while (l != e && !err);
	return err;
}

/*
 * Room for what happens to n when its path grows to `path` bytes, or its records by `extra`. whole: a
 * name comes, goes, or changes.
 */
static int ask_node(struct store *st, struct tar_node *n, size_t path, size_t extra, bool whole)
{
	struct tar_name *e = n->names;
	bool links = whole && n->nlink > 1 && n->type != TAR_DIR, file = n->type == TAR_FILE;
	u64 headers;
	int err = 0;

	if (path > 100)
		extra += path + 60;
	if (node_has_map(n))
		extra += path + 60; /* GNU.sparse.name */
	headers = headers_after(st, e, extra, whole);
	if (n == st->tree->root)
		return headers ? space_ask_root(st, headers) : 0;
	/* What is to move takes its links along. */
	if (file && e && ((headers && (n->file.used || n->file.rw)) || (whole && data_moves(n))))
		return data_ask(st, n, headers > e->headers ? headers : e->headers, whole);
	if (headers)
		err = space_promise(st, n, headers + SEG_SMALL, 0);
	if (!err && links)
		err = ask_links(st, n, path);
	return err;
}

/* All beneath a directory, whose path will have `len` bytes with its '/'. */
static int ask_beneath(struct store *st, const struct tar_node *top, size_t len)
{
	const struct tar_node *dir = top;
	u64 cookie = 0, images = st->burden;

	for (;;) {
		const struct tar_name *e = tar_seek(dir, cookie);
		int err;

		if (!e) {
			if (dir == top)
				break;
			e = dir->names;
			len -= e->len + 1u;
			dir = e->dir;
			cookie = e->cookie + 1;
			continue;
		}
		if (len + e->len + 1u >= TAR_PATH_MAX)
			return -ENAMETOOLONG;
		images += NAME_IMAGES;
		err = ask_node(st, e->node, len + e->len + 1u, 0, true);
		if (err)
			return err;
		if (e->node->type == TAR_DIR && !tar_dir_empty(e->node)) {
			len += e->len + 1u;
			dir = e->node;
			cookie = 0;
		} else {
			cookie = e->cookie + 1;
		}
	}
	/* All of it is one transaction. */
	if (!journal_fits(st, st->image_count + NAME_IMAGES * (u64)st->dirty_count + images, true))
		return -ENOSPC;
	st->burden = images;
	return 0;
}

int store_ask(struct store *st, struct tar_node *dir, size_t len, struct tar_node *n)
{
	size_t path;
	int err;

	if (!st)
		return 0;
	path = dir_path(st, dir) + len + 1;
	if (path >= TAR_PATH_MAX)
		return -ENAMETOOLONG;
	/* The directory's own times change too. */
	err = ask_node(st, dir, 0, 0, false);
	if (!err)
		err = space_promise(st, n,
				    SEG_SMALL + 5 + path / 256 + (n ? 0 : TAR_PATH_MAX / 256),
				    n && n->names ? n->names->first : 0);
	if (!err && n)
		err = ask_node(st, n, path, 0, true);
	if (!err && n && n->type == TAR_DIR)
		err = ask_beneath(st, n, path);
	return err;
}

int store_ask_unlink(struct store *st, const struct tar_name *name)
{
	struct tar_node *n = name->node;
	const struct tar_name *next = name->next;

	if (!st || next == name || !is_home(name))
		return 0;
	return ask_node(st, n, next->dir ? dir_path(st, next->dir) + next->len : 0, 0, true);
}

int store_ask_cut(struct store *st, struct tar_node *n)
{
	if (!st || !n->file.map || !n->names || n->names->marks & (MARK_DEAD | MARK_HELD))
		return 0;
	return data_ask(st, n, n->names->headers + 2, false);
}

int store_ask_attrs(struct store *st, struct tar_node *n, size_t xattrs)
{
	size_t was = 0;
	int err;

	if (!st || !n->names || n->names->marks & (MARK_DEAD | MARK_HELD))
		return 0;
	for (const struct tar_xattr *x = n->xattrs; x; x = x->next)
		was += x->name_len + x->value_len;
	/* Large numbers of owners take records, attributes too. */
	err = ask_node(st, n, 0, 50 + (xattrs > was ? 2 * (xattrs - was) + 100 : 0), xattrs != was);
	/* A foreign member moves for what was asked for, unlike for a time that changes by the way. */
	if (!err && !(n->names->marks & MARK_OURS))
		name_mark(st, n->names, STORE_XATTR);
	return err;
}
