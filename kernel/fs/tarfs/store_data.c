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

#define ROOM_MAX       131072u /* sectors of room beyond what is needed: 64 MiB */
#define SPARSE_MIN     (1u << 20) /* bytes: no smaller holes are worth a map */
#define SPARSE_MORE    128u /* sectors: a map's first ones, pieces' ends, records */
#define SPARSE_HEADERS (6 + TAR_PATH_MAX / STORE_SECTOR) /* of its records */
#define PAGE_BYTES     4096u

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

/* A file's bytes [from, end), as it was then, to `at`, zeros where it had none. T not held. */
static int copy(struct store *st, const struct tar_node *n, u64 from, u64 end, u64 at)
{
	int err = 0;

	for (u64 pos = from; pos < end && !err; pos += BUFFER) {
		size_t part = end - pos < BUFFER ? end - pos : BUFFER;
		size_t whole = SECTORS(part) * STORE_SECTOR, had = part;

		if (pos + had > n->size)
			had = pos < n->size ? (size_t)(n->size - pos) : 0;
		err = tar_read(n, pos, st->buffer, had);
		memset(st->buffer + had, 0, whole - had);
		if (!err)
			err = put_data(st, at + (pos - from), st->buffer, whole);
	}
	return err;
}

/* The map, and the pieces behind it; each comes to know its place. */
static int copy_pieces(struct store *st, const struct tar_node *n, struct sparse_map *m, u64 at)
{
	int err = put_data(st, at, (const u8 *)m->text, m->text_len);

	at += m->text_len;
	for (u32 i = 0; i < m->n && !err; i++) {
		struct tar_extent *e = &m->v[i];

		e->at = at;
		err = copy(st, n, e->off, e->off + e->len, at);
		at += SECTORS(e->len) * STORE_SECTOR;
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
	return rw->room && !rw->moves && rw->room_first == member_end(n);
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
	return n->file.rw && n->file.rw->room && n->file.rw->moves;
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
	rw->moves = true;
	st->room_sectors += sectors;
	return seg_lay(st, first, first + sectors);
}

/* Can a member with so many headers begin where the room does? */
static bool begins(const struct store *st, const struct store_file *rw, u64 headers)
{
	return seg_member_start(st, rw->room_first, headers) == rw->room_first;
}

/* Is it stored with a map, or (another program's archive) nothing but a hole? */
static bool has_holes(const struct tar_node *n)
{
	return n->file.map || (!n->file.src && n->size >= SPARSE_MIN);
}

/*
 * A room elsewhere, for `need` sectors of data behind so many of headers, and for links. A file with holes that is written
 * (asked: so many sectors) moves with what it has when a commit comes before its pages, and then with them: twice the room.
 */
static int room_to_move(struct store *st, struct tar_node *n, struct store_file *rw, u64 need,
			u64 headers, u64 asked, u64 more, unsigned links)
{
	bool holes = rw->sparse || has_holes(n);
	int err = 0;

	if (need < asked)
		need = asked;
	headers += holes ? SPARSE_HEADERS : 0;
	if (holes && asked) /* and what is left out so that headers may begin there */
		need = 2 * (need + 2 * headers + 4);
	need += headers + name_links(st, n, links);
	if (!data_moves(n) || !(holes || begins(st, rw, headers)) ||
	    !extend(st, rw, rw->room_first, need, more)) {
		err = new_room(st, rw, need + more, headers);
		if (err == -ENOSPC && more)
			err = new_room(st, rw, need, headers);
	}
	if (!err)
		rw->owed = holes && asked ? need : 0;
	return err;
}

/* Room for `need` sectors of data: behind the member, or elsewhere with headers before it. */
static int find_room(struct store *st, struct tar_node *n, struct store_file *rw, u64 need)
{
	u64 more = need < ROOM_MAX ? need : ROOM_MAX;
	u64 spare = space_left(st);
	u64 kept = st->promised + TAR_PATH_MAX / 256;

	spare -= spare < kept ? spare : kept;
	if (spare < need)
		return -ENOSPC;
	if (more > (spare - need) / 2)
		more = (spare - need) / 2;
	if (n->names && n->names->headers && n->names->marks & MARK_OURS && !n->file.map &&
	    !rw->sparse) {
		u64 end = member_end(n);

		if (!rw->room)
			rw->moves = false;
		if (!rw->room || adjoins(n, rw)) {
			if (need <= n->file.used + rw->room ||
			    extend(st, rw, end, need - n->file.used, more)) {
				rw->owed = 0;
				return 0;
			}
		}
	}
	return room_to_move(st, n, rw, n->file.used, headers_of(st, n), need, more, 0);
}

int data_ask(struct store *st, struct tar_node *n, u64 headers, unsigned links)
{
	struct store_file *rw = file_rw(st, n);
	u64 need = n->file.used;
	struct sparse_map m;

	if (!rw)
		return -ENOMEM;
	/* Another program's pieces are rounded on the way. */
	if (has_holes(n)) {
		if (sparse_union(n, n->size, NULL, 0, false, &m))
			return -ENOMEM;
		need = m.sectors;
		sparse_free(&m);
	}
	rw->grew = true;
	return room_to_move(st, n, rw, need, headers, rw->asked, 0, links);
}

/* Where less is stored than left out, a map pays. */
static bool sparse_pays(u64 size, u64 bytes)
{
	return bytes < size / 2 && size - bytes >= SPARSE_MIN;
}

int store_room(struct store *st, struct tar_node *n, u64 size, u64 bytes)
{
	bool sparse = n->file.map || sparse_pays(size, bytes) || (n->file.rw && n->file.rw->sparse);
	/* Pieces are rounded, and the map has two numbers for each. */
	u64 need = sparse ? SECTORS(bytes + bytes / 64) + SPARSE_MORE : SECTORS(size);
	struct store_file *rw;
	bool was;
	int err;

	if (!st || (n->names && n->names->marks & (MARK_DEAD | MARK_HELD)))
		return 0;
	if (st->error)
		return -EROFS;
	rw = n->file.rw;
	if (rw && need <= rw->asked && sparse == rw->sparse &&
	    (!sparse || (data_moves(n) && rw->room >= rw->owed)))
		return 0;
	/* Not what is cut off, and given back by the next commit. */
	if (!rw && !sparse && need <= SECTORS(n->size) && need <= n->file.used && n->names &&
	    n->names->marks & MARK_OURS)
		return 0;
	if (need > st->limit)
		return -ENOSPC;
	rw = file_rw(st, n);
	if (!rw)
		return -ENOMEM;
	was = rw->sparse;
	rw->sparse = sparse;
	err = find_room(st, n, rw, need);
	if (err) {
		rw->sparse = was;
		return err;
	}
	rw->asked = need;
	rw->grew = true;
	return 0;
}

/* --- places --- */

/* Takes a new place out of the file's room, and one for its links behind; or out of free space. */
static int new_place(struct store *st, struct tar_node *n, u64 headers, u64 need, bool optional,
		     u64 *first)
{
	struct store_file *rw = n->file.rw;
	u64 links, skip, end, taken = headers + need;
	int err = 0;

	*first = data_moves(n) ? seg_member_start(st, rw->room_first, headers) : 0;
	skip = *first ? *first - rw->room_first : 0;
	/* What nobody asked for leaves the half that is for what was. */
	if (!*first || rw->room < skip + taken + (optional ? rw->owed / 2 : 0))
		return space_place(st, n, taken, headers, 0, optional, first);
	end = rw->room_first + rw->room;
	if (skip) {
		err = seg_split(st, rw->room_first, end, *first);
		if (!err)
			err = give_back(st, rw, rw->room_first, skip);
		rw->room_first += skip;
		rw->room -= skip;
	}
	if (!err)
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

	if (!has_holes(n))
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
	int err = new_place(st, n, headers, need, optional, &first);

	if (err)
		return err;
	st->moving = n;
	store_unlock(st);
	if (m->v)
		err = copy_pieces(st, &was, m, (first + headers) * STORE_SECTOR);
	else
		err = copy(st, &was, 0, m->size, (first + headers) * STORE_SECTOR);
	store_lock(st);
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
	if (rw && rw->room && rw->room_first != first + headers + need &&
	    !(rw->moves && m->v)) {
		err = cut_room(st, rw, 0);
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

/* Is this a file with holes, or about to be one? */
static bool comes_sparse(const struct tar_node *n, u64 size, const struct tar_extent *parts,
			 u32 count)
{
	u64 end = n->file.src ? n->size : 0;

	if (n->file.map || !n->file.rw || !n->file.rw->sparse)
		return n->file.map;
	if (SECTORS(size) > n->file.rw->asked)
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
		if (stays && n->file.map && !n->resized && size <= n->size &&
		    all_covered(n, parts, count))
			return 0;
		return place_sparse(st, n, size > n->size ? size : n->size, parts, count);
	}
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
		rw->moves = false;
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

		if (rw->owed)
			keep = rw->room;
		if (all)
			keep = 0;
		/* What was asked for it is about to be written. */
		if (!all && n->names && n->names->marks & (MARK_WHOLE | STORE_XATTR | STORE_ATTR))
			continue;
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
