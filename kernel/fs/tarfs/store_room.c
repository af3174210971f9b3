/*
 * Room that is kept for files' data: behind it while a file grows, or elsewhere, where it will move to. A file's sectors
 * are [headers][used][room]: `used` belong to the member, the room behind is free space on the disk that
 * nobody else gets. A file that does not fit any more is given twice what it needs, elsewhere, and moves there when its
 * data is written. So a file that grows byte by byte moves O(log n) times.
 *
 * Interface in store.h and store_impl.h, with the locking.
 */
#include <compiler.h>
#include <uapi/errno.h>
#include "alloc/slab.h"
#include "fs/tarfs/store_impl.h"

#define ROOM_MAX       131072u /* sectors of room beyond what is needed: 64 MiB */
#define SPARSE_MIN     (1u << 20) /* bytes: no smaller holes are worth a map */
#define SPARSE_MORE    128u /* sectors: a map's first ones, pieces' ends, records */
#define SPARSE_HEADERS (6 + TAR_PATH_MAX / STORE_SECTOR) /* of its records */

/* Where the sectors of n's member end; 0: it has none. */
static u64 member_end(const struct tar_node *n)
{
	return n->names->headers ? n->names->first + n->names->headers + n->file.used : 0;
}

bool room_adjoins(const struct tar_node *n, const struct store_file *rw)
{
	return rw->room && !rw->moves && rw->room_first == member_end(n);
}

static int give_back(struct store *st, struct store_file *rw, u64 first, u64 n)
{
	st->room_sectors -= n;
	return rw->room_gen ? space_wait(st, first, n, rw->room_gen) : space_free(st, first, n);
}

int room_cut(struct store *st, struct store_file *rw, u64 keep)
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
	if (spare_fill(st, spare_for(0)))
		return false;
	got = space_extend(st, first + rw->room, n - rw->room, n + more - rw->room);
	if (!got)
		return false;
	if (rw->room && seg_merge(st, first, first + rw->room, first + rw->room + got))
		return false;
	rw->room_first = first;
	rw->room += got;
	st->room_sectors += got;
	/* What names were promised of it is not to be had. */
	return space_tail_kept(st) || (room_cut(st, rw, rw->room - got), false);
}

/* A room elsewhere, for this many sectors in all, instead of the one there is. */
static int new_room(struct store *st, struct store_file *rw, u64 sectors, u64 headers)
{
	u64 first;
	int err = spare_fill(st, spare_for(2 * sectors + rw->room));

	if (!err)
		err = space_alloc(st, sectors, headers, 0, &first);
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

bool data_has_holes(const struct tar_node *n)
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
	bool holes = rw->sparse || data_has_holes(n);
	u64 over;
	int err = 0;

	if (need < asked)
		need = asked;
	headers += holes ? SPARSE_HEADERS : 0;
	if (holes && asked) /* and what is left out so that headers may begin there */
		need = 2 * (need + 2 * headers + 4);
	over = headers + name_links(st, n, links);
	need += over;
	if (!data_moves(n) || !(holes || begins(st, rw, headers)) ||
	    !extend(st, rw, rw->room_first, need, more)) {
		err = new_room(st, rw, need + more, headers);
		if (err == -ENOSPC && more)
			err = new_room(st, rw, need, headers);
	}
	if (err)
		return err;
	rw->over = over;
	rw->owed = holes && asked ? need : 0;
	return 0;
}

/* Room for `need` sectors of data: behind the member, or elsewhere with headers before it. */
static int find_room(struct store *st, struct tar_node *n, struct store_file *rw, u64 need)
{
	u64 more = need < ROOM_MAX ? need : ROOM_MAX;
	u64 spare = space_left(st);
	u64 kept = st->promised + TAR_PATH_MAX / 256;

	spare -= spare < kept ? spare : kept;
	if (spare < need) {
		/* All that is at rest is to serve who asks once more. */
		if (spare + st->rest_sectors >= need)
			st->thaw = THAW_ALL;
		return -ENOSPC;
	}
	if (more > (spare - need) / 2)
		more = (spare - need) / 2;
	if (n->names && n->names->headers && n->names->marks & MARK_OURS && !n->file.map &&
	    !rw->sparse) {
		u64 end = member_end(n);

		if (!rw->room)
			rw->moves = false;
		if (!rw->room || room_adjoins(n, rw)) {
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
	if (data_has_holes(n)) {
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
	int err = 0;

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
	/* For pieces there is room already, of which more is owed now. */
	if (sparse && was && data_moves(n) && need > rw->asked && rw->owed &&
	    rw->room >= rw->owed + 2 * (need - rw->asked)) {
		rw->owed += 2 * (need - rw->asked);
		rw->asked = need;
		rw->grew = true;
		return 0;
	}
	rw->sparse = sparse;
	/* What changes its headers or links asks by itself. */
	if (sparse || was || !data_moves(n) || need + rw->over > rw->room)
		err = find_room(st, n, rw, need);
	if (err) {
		rw->sparse = was;
		return err;
	}
	rw->asked = need;
	rw->grew = true;
	return 0;
}

int room_place(struct store *st, struct tar_node *n, u64 headers, u64 need, bool optional,
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

int data_trim(struct store *st, struct tar_name *e, u64 need)
{
	struct tar_node *n = e->node;
	struct store_file *rw = n->file.rw;
	u64 from = e->first + e->headers + need, end = member_end(n);
	int err;

	if (need >= n->file.used)
		return 0;
	err = seg_lay(st, from, end);
	if (!err && rw && room_adjoins(n, rw)) {
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

/* The first of store.files goes behind those that stay, or is given up. */
static int settle(struct store *st, struct store_file *rw, bool all)
{
	struct tar_node *n = rw->node;
	u64 keep = rw->asked > n->file.used ? rw->asked - n->file.used : 0;
	int err;

	rw->settled = st->settles;
	list_move_tail(&rw->link, &st->files);
	if (rw->owed)
		keep = rw->room;
	if (all)
		keep = 0;
	/* What was asked for it is about to be written. */
	if (!all && n->names && n->names->marks & (MARK_WHOLE | STORE_XATTR | STORE_ATTR))
		return 0;
	if (rw->grew && !all) {
		rw->grew = false;
		return 0;
	}
	if (!all && (!n->names || !n->names->headers || (keep && !room_adjoins(n, rw))))
		return 0;
	err = spare_fill(st, spare_for(0));
	if (!err)
		err = room_cut(st, rw, keep);
	if (err || rw->room)
		return err;
	n->file.rw = NULL;
	list_del(&rw->link);
	kfree(rw);
	return 0;
}

int data_settle(struct store *st, bool all, u32 most)
{
	struct store_file *rw;
	int err = 0;

	while (!err && (rw = list_first_entry_or_null(&st->files, struct store_file, link))) {
		if (rw->settled == st->settles)
			break;
		if (!most--)
			return 1;
		err = settle(st, rw, all);
	}
	st->settles++;
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
