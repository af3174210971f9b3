/*
 * Where the data of files lies: room that is kept while a file grows, places that are made
 * before data is written, and moves. A file's sectors are [headers][used][room]: `used` belong to
 * the member, the room behind is free space on the disk that nobody else gets. A file
 * that does not fit any more is given twice what it needs, elsewhere, and moves there when its
 * data is written. So a file that grows byte by byte moves O(log n) times.
 *
 * Interface in store.h and store_impl.h, with the locking.
 */
#include <compiler.h>
#include <uapi/errno.h>
#include "alloc/slab.h"
#include "fs/tarfs/store_impl.h"
#include "lib/string.h"

#define ROOM_MAX 131072u /* sectors of room beyond what is needed: 64 MiB */

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

/* The first `size` bytes of a file, as it was then, to `at`. T not held. */
static int copy(struct store *st, const struct tar_node *n, u64 size, u64 at)
{
	int err = 0;

	for (u64 pos = 0; pos < size && !err; pos += BUFFER) {
		size_t part = size - pos < BUFFER ? size - pos : BUFFER;
		size_t whole = SECTORS(part) * STORE_SECTOR;

		err = tar_read(n, pos, st->buffer, part);
		memset(st->buffer + part, 0, whole - part);
		if (!err)
			err = put_data(st, at + pos, st->buffer, whole);
	}
	return err;
}

/* --- room --- */

/* Where the sectors of n's member end; 0: it has none. */
static u64 member_end(const struct tar_node *n)
{
	return n->names->headers ? n->names->first + n->names->headers + n->file.used : 0;
}

/* Is the room right behind the data? */
static bool adjoins(const struct tar_node *n, const struct store_file *rw)
{
	return rw->room && rw->room_first == member_end(n);
}

static int give_back(struct store *st, struct store_file *rw, u64 first, u64 n)
{
	st->room_sectors -= n;
	return rw->room_gen ? space_wait(st, first, n, rw->room_gen) : space_free(st, first, n);
}

/* Gives up what is behind the first `keep` sectors of a room. */
static int cut_room(struct store *st, struct store_file *rw, u64 keep)
{
	u64 first = rw->room_first, end = first + rw->room;
	int err = 0;

	if (rw->room <= keep)
		return 0;
	if (keep)
		err = seg_split(st, first, end, first + keep);
	rw->room = keep;
	return err ? err : give_back(st, rw, first + keep, end - first - keep);
}

bool data_moves(const struct tar_node *n)
{
	return n->file.rw && n->file.rw->room && !(n->names && adjoins(n, n->file.rw));
}

static struct store_file *file_rw(struct store *st, struct tar_node *n)
{
	struct store_file *rw = n->file.rw;

	if (rw)
		return rw;
	rw = kzalloc(sizeof(*rw), 0);
	if (!rw)
		return NULL;
	rw->node = n;
	list_add_tail(&rw->link, &st->files);
	n->file.rw = rw;
	return rw;
}

/* The headers that n's member would have; at least what it has. */
static u64 headers_of(struct store *st, const struct tar_node *n)
{
	struct member m;
	u64 headers;

	if (!n->names ||
	    member_make(st, n->names, n->names->headers > 3 ? n->names->headers : 3, &m))
		return 3 + TAR_PATH_MAX / 256;
	headers = m.headers;
	member_free(&m);
	return headers;
}

/* Does the room, and what lies free behind it, hold n sectors in all? Takes them then. */
static bool extend(struct store *st, struct store_file *rw, u64 first, u64 n, u64 more)
{
	u64 got;

	if (rw->room >= n)
		return true;
	got = space_extend(st, first + rw->room, n - rw->room, n + more - rw->room);
	if (!got)
		return false;
	if (rw->room && seg_merge(st, first, first + rw->room, first + rw->room + got))
		return false;
	rw->room_first = first;
	rw->room += got;
	st->room_sectors += got;
	/* What names were promised of it is not to be had. */
	return space_tail_kept(st) || (cut_room(st, rw, rw->room - got), false);
}

/* A room elsewhere, for this many sectors in all, instead of the one there is. */
static int new_room(struct store *st, struct store_file *rw, u64 sectors, u64 headers)
{
	u64 first;
	int err = space_alloc(st, sectors, headers, 0, &first);

	if (!err)
		err = give_back(st, rw, rw->room_first, rw->room);
	if (err)
		return err;
	rw->room_gen = 0;
	rw->room_first = first;
	rw->room = sectors;
	st->room_sectors += sectors;
	return seg_lay(st, first, first + sectors);
}

/* Can a member with so many headers begin where the room does? */
static bool begins(const struct store *st, const struct store_file *rw, u64 headers)
{
	return seg_member_start(st, rw->room_first, headers) == rw->room_first;
}

/* Room for `need` sectors of data: behind the member, or elsewhere with headers before it. */
static int find_room(struct store *st, struct tar_node *n, struct store_file *rw, u64 need)
{
	u64 headers, more = need < ROOM_MAX ? need : ROOM_MAX;
	u64 spare = space_left(st), links;
	u64 kept = st->promised + TAR_PATH_MAX / 256;
	int err;

	spare -= spare < kept ? spare : kept;
	if (spare < need)
		return -ENOSPC;
	if (more > (spare - need) / 2)
		more = (spare - need) / 2;
	if (n->names && n->names->headers && n->names->marks & MARK_OURS && !n->file.map) {
		u64 end = member_end(n);

		if (!rw->room || adjoins(n, rw)) {
			if (need <= n->file.used + rw->room ||
			    extend(st, rw, end, need - n->file.used, more))
				return 0;
		}
	}
	headers = headers_of(st, n);
	links = name_links(st, n, 0);
	need += headers + links;
	if (data_moves(n) && begins(st, rw, headers) && extend(st, rw, rw->room_first, need, more))
		return 0;
	err = new_room(st, rw, need + more, headers);
	return err == -ENOSPC && more ? new_room(st, rw, need, headers) : err;
}

int data_ask(struct store *st, struct tar_node *n, u64 headers, unsigned links)
{
	struct store_file *rw = file_rw(st, n);
	u64 need = n->file.used;

	if (!rw)
		return -ENOMEM;
	if (need < rw->asked)
		need = rw->asked;
	need += headers + name_links(st, n, links);
	rw->grew = true;
	if (data_moves(n) && begins(st, rw, headers) && extend(st, rw, rw->room_first, need, 0))
		return 0;
	return new_room(st, rw, need, headers);
}

int store_room(struct store *st, struct tar_node *n, u64 size, u64 bytes __unused)
{
	u64 need = SECTORS(size);
	struct store_file *rw;
	int err = 0;

	if (!st || (n->names && n->names->marks & (MARK_DEAD | MARK_HELD)))
		return 0;
	if (st->error)
		return -EROFS;
	rw = n->file.rw;
	if (rw && need <= rw->asked)
		return 0;
	/* Not what is cut off, and given back by the next commit. */
	if (!rw && need <= SECTORS(n->size) && need <= n->file.used && n->names &&
	    n->names->marks & MARK_OURS)
		return 0;
	if (need > st->limit)
		return -ENOSPC;
	rw = file_rw(st, n);
	if (!rw)
		return -ENOMEM;
	err = find_room(st, n, rw, need);
	if (!err) {
		rw->asked = need;
		rw->grew = true;
	}
	return err;
}

/* --- places --- */

/* Takes a new place out of the file's room, and one for its links behind; or out of free space. */
static int new_place(struct store *st, struct tar_node *n, u64 headers, u64 need, bool optional,
		     u64 *first)
{
	struct store_file *rw = n->file.rw;
	u64 links, end, taken = headers + need;
	int err;

	if (!data_moves(n) || !begins(st, rw, headers) || rw->room < taken)
		return space_place(st, n, taken, headers, 0, optional, first);
	*first = rw->room_first;
	end = *first + rw->room;
	err = seg_take(st, *first, end, taken);
	st->room_sectors -= taken;
	rw->room_first += taken;
	rw->room -= taken;
	links = name_links(st, n, 0);
	if (err || !links || rw->room < links)
		return err;
	if (rw->room > links)
		err = seg_split(st, rw->room_first, end, end - links);
	rw->room -= links;
	st->room_sectors -= links;
	return err ? err : space_hold(st, n, end - links, links);
}

int data_move(struct store *st, struct tar_node *n, u64 headers, u64 need, bool optional)
{
	struct store_file *rw = n->file.rw;
	struct tar_node was = *n;
	struct tar_name *e;
	u64 first, from, sectors;
	int err = new_place(st, n, headers, need, optional, &first);

	if (err)
		return err;
	store_unlock(st);
	err = copy(st, &was, was.size, (first + headers) * STORE_SECTOR);
	store_lock(st);
	e = n->names;
	if (!e || e->marks & (MARK_DEAD | MARK_HELD))
		err = -ENOENT;
	if (err) {
		if (!seg_lay(st, first, first + headers + need))
			space_wait(st, first, headers + need, st->gen);
		return err;
	}
	/* Room behind the old place is of no use; behind the new one it is. */
	if (rw && rw->room && rw->room_first != first + headers + need) {
		err = cut_room(st, rw, 0);
		rw->room_gen = 0;
	}
	if (!err && e->headers)
		err = space_bury(st, e, n->file.used, false, &from, &sectors);
	e->first = first & ((1ULL << 40) - 1);
	e->headers = headers & ((1u << 24) - 1);
	e->marks = (u8)((e->marks & ~MARK_SPAN) | MARK_OURS | MARK_FRESH);
	name_mark(st, e, MARK_WHOLE);
	n->file.used = need;
	n->file.src = &st->src;
	n->file.data = (first + headers) * STORE_SECTOR;
	kfree(n->file.map);
	n->file.map = NULL;
	n->extents = 0;
	for (struct tar_name *l = e->next; l != e; l = l->next) {
		if (l->headers && l->first < first)
			name_mark(st, l, MARK_WHOLE);
	}
	return err;
}

static int place(struct store *st, struct tar_node *n, u64 size)
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
	stays = member_stays(e, &m, e->marks) && !n->file.map && n->file.src;
	member_free(&m);
	if (stays && need <= n->file.used)
		return 0;
	if (stays && rw && adjoins(n, rw) && need <= n->file.used + rw->room) {
		u64 more = need - n->file.used;

		end = rw->room_first + rw->room;
		err = seg_take(st, rw->room_first, end, more);
		rw->room_first += more;
		rw->room -= more;
		st->room_sectors -= more;
		n->file.used = need;
		return err;
	}
	return data_move(st, n, m.headers, need, false);
}

int store_place(struct store *st, struct tar_node *n, u64 size,
		const struct tar_extent *map __unused, u32 count __unused)
{
	int err;

	if (st->error)
		return -EROFS;
	store_lock(st);
	err = place(st, n, size);
	st->writing = n;
	st->cut = false;
	store_unlock(st);
	return err;
}

void store_written(struct store *st, struct tar_node *n, u64 size)
{
	store_lock(st);
	if (!st->cut) { /* else all that was written lies before the new end */
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
	if (n->file.rw && n->file.rw->asked > SECTORS(size))
		n->file.rw->asked = SECTORS(size);
	store_changed(st, n, STORE_ATTR);
}

int data_trim(struct store *st, struct tar_name *e, u64 need)
{
	struct tar_node *n = e->node;
	struct store_file *rw = n->file.rw;
	u64 from = e->first + e->headers + need, end = member_end(n);
	int err;

	if (need >= n->file.used)
		return 0;
	err = seg_lay(st, from, end);
	if (!err && rw && adjoins(n, rw)) {
		err = seg_merge(st, from, end, end + rw->room);
		rw->room_first = from;
		rw->room += end - from;
		rw->room_gen = st->gen;
		st->room_sectors += end - from;
	} else if (!err && rw && !rw->room) {
		rw->room_first = from;
		rw->room = end - from;
		rw->room_gen = st->gen;
		st->room_sectors += rw->room;
	} else if (!err) {
		err = space_wait(st, from, end - from, st->gen);
	}
	n->file.used = need;
	return err;
}

int data_settle(struct store *st, bool all)
{
	struct store_file *rw, *next;
	int err = 0;

	list_for_each_entry_safe(rw, next, &st->files, link) {
		struct tar_node *n = rw->node;
		u64 keep = rw->asked > n->file.used ? rw->asked - n->file.used : 0;

		if (all)
			keep = 0;
		if (rw->grew && !all) {
			rw->grew = false;
			continue;
		}
		if (n->names && n->names->headers && !adjoins(n, rw) && keep)
			continue;
		if (!n->names || !n->names->headers)
			continue;
		err = err ? err : cut_room(st, rw, keep);
		if (rw->room)
			continue;
		n->file.rw = NULL;
		list_del(&rw->link);
		kfree(rw);
	}
	return err;
}

void data_drop(struct store *st)
{
	struct store_file *rw, *next;

	list_for_each_entry_safe(rw, next, &st->files, link) {
		rw->node->file.rw = NULL;
		kfree(rw);
	}
	list_init(&st->files);
}
