/*
 * Where the data of files lies: what of it goes to the disk at once, places that are made before data is written,
 * and moves. What room there is for it, store_room.c knows.
 *
 * Interface in store.h and store_impl.h, with the locking.
 */
#include <compiler.h>
#include <uapi/errno.h>
#include "alloc/slab.h"
#include "fs/tarfs/store_impl.h"
#include "lib/string.h"

#define PAGE_BYTES 4096u

/* --- writing sectors --- */

u64 store_run(struct store *st, const struct tar_node *n, u64 pos, u64 len, u64 *at)
{
	const struct image *i;
	u64 run;

	store_lock(st);
	run = tar_map(n, pos, at);
	/* Behind n->size, in what store_place() made. */
	if (!n->file.map) {
		*at = n->file.data + pos;
		run = len;
	} else if (*at == TAR_HOLE) {
		run = run < len ? run : len;
	}
	if (*at != TAR_HOLE) {
		len = run < len ? run : len;
		i = image_from(st, *at / STORE_SECTOR);
		run = i ? i->sector * STORE_SECTOR - *at : len;
		run = run < len ? run : len;
		if (run)
			st->wrote = true;
	}
	store_unlock(st);
	return run;
}

int store_image(struct store *st, u64 at, const void *sector)
{
	int err;

	store_lock(st);
	err = spare_fill(st, spare_for(0));
	if (!err)
		err = image_set(st, at / STORE_SECTOR, false, false, sector);
	store_unlock(st);
	return err;
}

void store_patch(struct store *st, u64 at, void *buf, size_t n)
{
	u64 first = at / STORE_SECTOR;

	store_lock(st);
	for (struct image *i = image_from(st, first); i && i->sector * STORE_SECTOR < at + n;
	     i = rb_entry_safe(rb_next(&i->rb), struct image, rb)) {
		u64 off = i->sector * STORE_SECTOR - at;
		size_t part = n - off < STORE_SECTOR ? n - off : STORE_SECTOR;

		if (i->data)
			memcpy((u8 *)buf + off, i->data, part);
	}
	store_unlock(st);
}

u64 store_placed(const struct store *st)
{
	return st->placed;
}

/* Whole sectors to `at`, past the images. T not held. */
static int put_data(struct store *st, u64 at, const u8 *buf, size_t n)
{
	int err = 0;

	while (n && !err) {
		struct image *i;
		size_t run = n;

		store_lock(st);
		i = image_from(st, at / STORE_SECTOR);
		if (i && i->sector * STORE_SECTOR - at < run)
			run = i->sector * STORE_SECTOR - at;
		if (!run) {
			run = STORE_SECTOR;
			err = spare_fill(st, spare_for(0));
			if (!err)
				err = image_set(st, at / STORE_SECTOR, false, false, buf);
			store_unlock(st);
		} else {
			st->wrote = true;
			store_unlock(st);
			err = st->disk->write(st->disk, at, buf, run);
		}
		at += run;
		buf += run;
		n -= run;
	}
	return err;
}

/* A copy of a file's pieces to neighbouring sectors: what st->buffer has of it goes to `at`. */
struct copying {
	const struct tar_node *n; /* the file as it was then */
	u64 at;
	size_t fill;
};

static int copy_flush(struct store *st, struct copying *c)
{
	int err = c->fill ? put_data(st, c->at, st->buffer, c->fill) : 0;

	c->at += c->fill;
	c->fill = 0;
	return err;
}

/* The file's bytes [pos, end), zeros where it had none, up to the end of a sector. T not held. */
static int copy(struct store *st, struct copying *c, u64 pos, u64 end)
{
	const struct tar_node *n = c->n;
	int err = 0;

	while (pos < end && !err) {
		u64 part = end - pos < BUFFER - c->fill ? end - pos : BUFFER - c->fill, had = part;
		u8 *to = st->buffer + c->fill;

		if (pos + had > n->size)
			had = pos < n->size ? n->size - pos : 0;
		err = tar_read(n, pos, to, had);
		memset(to + had, 0, SECTORS(part) * STORE_SECTOR - had);
		c->fill += SECTORS(part) * STORE_SECTOR;
		pos += part;
		if (!err && c->fill == BUFFER)
			err = copy_flush(st, c);
	}
	return err;
}

/* The map, and the pieces behind it; each comes to know its place. */
static int copy_pieces(struct store *st, const struct tar_node *n, struct sparse_map *m, u64 at)
{
	struct copying c = { .n = n, .at = at + m->text_len };
	int err = put_data(st, at, (const u8 *)m->text, m->text_len);

	for (u32 i = 0; i < m->n && !err; i++) {
		struct tar_extent *e = &m->v[i];

		e->at += at + m->text_len;
		err = copy(st, &c, e->off, e->off + e->len);
	}
	return err ? err : copy_flush(st, &c);
}

static int copy_whole(struct store *st, const struct tar_node *n, u64 size, u64 at)
{
	struct copying c = { .n = n, .at = at };
	int err = copy(st, &c, 0, size);

	return err ? err : copy_flush(st, &c);
}

/* --- places --- */

static int move_to(struct store *st, struct tar_node *n, u64 headers, u64 need, bool optional,
		   struct sparse_map *m);

/* The headers that n's member has as a file with these pieces; m->v NULL: without holes. */
static int headers_with(struct store *st, struct tar_node *n, const struct sparse_map *map,
			u64 *headers)
{
	struct tar_node was = *n;
	struct member m;
	int err;

	n->file.map = map->v;
	n->extents = map->n;
	n->size = map->size;
	n->file.used = map->sectors;
	err = member_make(st, n->names, n->names->headers > 3 ? n->names->headers : 3, &m);
	n->file.map = was.file.map;
	n->extents = was.extents;
	n->size = was.size;
	n->file.used = was.file.used;
	if (err)
		return err;
	*headers = m.headers > 3 ? m.headers : 3;
	member_free(&m);
	return 0;
}

/* data_move() of what becomes, or stays, a file with holes. Takes over m. */
static int move_sparse(struct store *st, struct tar_node *n, struct sparse_map *m, bool optional)
{
	u64 headers, need = m->sectors;
	int err;

	if (sparse_is_whole(m) || !m->size) {
		sparse_free(m);
		need = SECTORS(m->size);
		m->sectors = need;
		m->n = 0;
	}
	err = headers_with(st, n, m, &headers);
	if (!err)
		err = move_to(st, n, headers, need, optional, m);
	sparse_free(m);
	return err;
}

int data_move(struct store *st, struct tar_node *n, u64 headers, u64 need, bool optional)
{
	struct sparse_map m = { .size = n->size };
	int err;

	if (!data_has_holes(n))
		return move_to(st, n, headers, need, optional, &m);
	err = sparse_union(n, n->size, NULL, 0, false, &m);
	return err ? err : move_sparse(st, n, &m, optional);
}

/* m->v: the pieces of a file with holes, which the node takes over; NULL: it has none. */
static int move_to(struct store *st, struct tar_node *n, u64 headers, u64 need, bool optional,
		   struct sparse_map *m)
{
	struct store_file *rw = n->file.rw;
	struct tar_node was = *n;
	struct tar_name *e;
	u64 first, from, sectors;
	u64 spare = spare_for(2 * (headers + need) + n->file.used + (rw ? rw->room : 0)) +
		    (n->names ? n->names->headers : 0);
	int err = spare_fill(st, 2 * spare);

	if (!err)
		err = room_place(st, n, headers, need, optional, &first);
	if (err)
		return err;
	st->moving = n;
	st->spare_claimed += spare;
	store_unlock(st);
	if (m->v)
		err = copy_pieces(st, &was, m, (first + headers) * STORE_SECTOR);
	else
		err = copy_whole(st, &was, m->size, (first + headers) * STORE_SECTOR);
	store_lock(st);
	st->spare_claimed -= spare;
	e = st->moving ? n->names : NULL; /* or n is no more */
	st->moving = NULL;
	kfree(st->orphan);
	st->orphan = NULL;
	if (!e || e->marks & (MARK_DEAD | MARK_HELD))
		err = -ENOENT;
	if (err) {
		if (!seg_lay(st, first, first + headers + need))
			space_wait(st, first, headers + need, st->gen);
		return err;
	}
	/* Room behind the old place is of no use; behind the new one it is, or for the next move of a map. */
	if (rw && rw->room && rw->room_first != first + headers + need && !(rw->moves && m->v)) {
		err = room_cut(st, rw, 0);
		rw->room_gen = 0;
	}
	if (rw)
		rw->moves = m->v != NULL;
	if (!err && e->headers)
		err = space_bury(st, e, n->file.used, false, &from, &sectors);
	e->first = first & ((1ULL << 40) - 1);
	e->headers = headers & ((1u << 24) - 1);
	e->marks = (u8)((e->marks & ~MARK_SPAN) | MARK_OURS | MARK_FRESH);
	name_mark(st, e, MARK_WHOLE);
	n->file.used = need;
	n->file.src = &st->src;
	n->file.data = (first + headers) * STORE_SECTOR + (m->v ? m->text_len : 0);
	/* Cut meanwhile: the map tells too much. */
	n->resized = m->v && n->size != was.size;
	if ((m->v || was.file.map) && n->size == was.size) {
		n->size = m->size;
		n->file.data_size = m->size;
	}
	kfree(n->file.map);
	n->file.map = m->v;
	n->extents = m->n;
	m->v = NULL;
	for (struct tar_name *l = e->next; l != e; l = l->next) {
		if (l->headers && l->first < first)
			name_mark(st, l, MARK_WHOLE);
	}
	return err;
}

/* The parts that are to be written come to have a place in a file with holes. */
static int place_sparse(struct store *st, struct tar_node *n, u64 size,
			const struct tar_extent *parts, u32 count)
{
	struct sparse_map m;
	int err;

	for (int grow = 1; grow >= 0; grow--) {
		err = sparse_union(n, size, parts, count, grow, &m);
		if (!err)
			err = move_sparse(st, n, &m, grow);
		if (err != -ENOSPC)
			break;
	}
	return err;
}

/* Is this a file with holes, or about to be one? What it has a place for without holes keeps that. */
static bool comes_sparse(const struct tar_node *n, u64 size, const struct tar_extent *parts,
			 u32 count)
{
	u64 end = n->file.src ? n->size : 0;
	u64 had = n->file.src ? n->file.used : 0;

	if (n->file.map || !n->file.rw || !n->file.rw->sparse)
		return n->file.map;
	if (SECTORS(size) > had && SECTORS(size) > n->file.rw->asked)
		return true;
	for (u32 i = 0; i < count; i++) {
		if (parts[i].off > end + 4 * PAGE_BYTES)
			return true;
		end = parts[i].off + parts[i].len > end ? parts[i].off + parts[i].len : end;
	}
	return count && size > end + 4 * PAGE_BYTES;
}

static bool all_covered(const struct tar_node *n, const struct tar_extent *parts, u32 count)
{
	for (u32 i = 0; i < count; i++) {
		if (!store_has(n, parts[i].off, parts[i].len))
			return false;
	}
	return true;
}

bool store_has_place(const struct tar_node *n, u64 size, const struct tar_extent *parts, u32 count)
{
	if (n->file.map)
		return !n->resized && size <= n->size && all_covered(n, parts, count);
	return n->file.src && SECTORS(size) <= n->file.used && !comes_sparse(n, size, parts, count);
}

static int place(struct store *st, struct tar_node *n, u64 size, const struct tar_extent *parts,
		 u32 count)
{
	u64 need = SECTORS(size > n->size ? size : n->size), end;
	struct tar_name *e = n->names;
	struct store_file *rw = n->file.rw;
	struct member m;
	bool stays;
	int err;

	if (!e || e->marks & (MARK_DEAD | MARK_HELD))
		return -ENOENT;
	if (st->ops && st->ops->refresh)
		st->ops->refresh(st, n);
	err = member_make(st, e, e->headers > 3 ? e->headers : 3, &m);
	if (err)
		return err;
	stays = member_stays(e, &m, e->marks) && n->file.src;
	member_free(&m);
	if (comes_sparse(n, size, parts, count)) {
		if (stays && store_has_place(n, size, parts, count))
			return 0;
		return place_sparse(st, n, size > n->size ? size : n->size, parts, count);
	}
	if (stays && need <= n->file.used)
		return 0;
	if (stays && rw && room_adjoins(n, rw) && need <= n->file.used + rw->room) {
		u64 more = need - n->file.used;

		end = rw->room_first + rw->room;
		err = spare_fill(st, spare_for(more));
		if (err)
			return err;
		err = seg_take(st, rw->room_first, end, more);
		rw->room_first += more;
		rw->room -= more;
		st->room_sectors -= more;
		n->file.used = need;
		return err;
	}
	return data_move(st, n, m.headers, need, false);
}

int store_place(struct store *st, struct tar_node *n, u64 size, const struct tar_extent *map,
		u32 count)
{
	int err;

	if (st->error)
		return -EROFS;
	store_lock(st);
	err = place(st, n, size, map, count);
	st->writing = n;
	st->cut = false;
	store_unlock(st);
	return err;
}

void store_written(struct store *st, struct tar_node *n, u64 size)
{
	store_lock(st);
	/* A map tells the size already; or else, cut, all that was written lies before the new end. */
	if (!st->cut && !n->file.map) {
		n->size = size;
		n->file.data_size = size;
	}
	st->writing = NULL;
	store_changed(st, n, STORE_ATTR);
	store_unlock(st);
}

void store_shrink(struct store *st, struct tar_node *n, u64 size)
{
	if (st && st->writing == n && size < n->size)
		st->cut = true;
	if (size < n->size)
		n->size = size;
	if (size < n->file.data_size)
		n->file.data_size = size;
	if (!st)
		return;
	if (n->file.map)
		n->resized = true;
	else if (n->file.rw && n->file.rw->asked > SECTORS(size))
		n->file.rw->asked = SECTORS(size);
	store_changed(st, n, STORE_ATTR);
}

void store_all_written(struct tar_node *n)
{
	if (n->file.rw && n->file.map)
		n->file.rw->asked = n->file.rw->owed = 0;
}
