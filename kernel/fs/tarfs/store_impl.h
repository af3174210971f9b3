/*
 * Between the files of the store only. The words used:
 *
 *   head      a sector where a reader of the archive expects a header
 *   O         the archive on the disk: as the last checkpoint left it
 *   N         the archive as the tree now says; the next commit's
 *   image     what a sector shall hold in N, waiting in memory; see struct image
 *   segment   sectors [start, start + len) that are free, laid out as store_layout.c says
 *
 * Space that is given back may be used again only when the transaction that gave it back
 * has been checkpointed and can't be replayed any more: until then its segment waits.
 *
 * Locking: everything is T's (store.h), except what [C] marks; [I] never changes.
 */
#ifndef TARFS_STORE_IMPL_H
#define TARFS_STORE_IMPL_H

#include <types.h>
#include "fs/tarfs/store.h"
#include "fs/tarfs/store_format.h"
#include "lib/list.h"
#include "lib/rbtree.h"

#define SECTORS(bytes) (((bytes) + STORE_SECTOR - 1) / STORE_SECTOR)
#define BUFFER	       65536u /* bytes moved at once */

/* tar_name.marks, beside STORE_ATTR and STORE_XATTR */
enum {
	MARK_WHOLE = 4, /* the member must be written: new, or its path or link changed */
	MARK_DEAD = 8, /* the name is gone: cookie sectors of data go with its headers */
	MARK_OURS = 16, /* one x header of whole sectors stands before the member's own */
	MARK_SPAN = 32, /* a record of it may cross sectors */
	MARK_HELD =
		64, /* dead, its space is kept for who has the file open; hash: since which gen */
	MARK_FRESH = 128, /* it has a new place, where no header has been written yet */
	MARK_PLACE = MARK_OURS | MARK_SPAN | MARK_FRESH, /* what belongs to the place */
	MARK_DIRTY = STORE_ATTR | STORE_XATTR | MARK_WHOLE | MARK_DEAD,
};

/*
 * A sector that differs between O and N, or that was a head in O inside something that changed.
 * It is in the journal's next record when it has data. For sectors without one: a head
 * of O is what its segment's or member's layout says.
 */
struct image {
	struct rb_node rb;
	struct list_head link; /* store.changed, when gen is the next commit's */
	u64 sector;
	u32 gen; /* the commit that it last changed for */
	bool old; /* a head in O */
	bool head; /* a head in N */
	bool mid_head; /* a head in the last commit, were it checkpointed now */
	u8 *mid; /* owned; what the last commit said, when data is newer; NULL: nothing */
	u8 *data; /* owned; NULL: no longer anything, only remembered */
};

/* A free segment: in store.free, or on store.waiting or store.held. */
struct seg {
	struct rb_node rb; /* by start */
	struct list_head link;
	u64 start, len;
	u64 max; /* the largest len of the subtree */
	bool rest; /* in the form that it has at rest: not to be had before it is thawed */
	u32 gen; /* waiting: the commit that gives it back; held: the next one when it was promised */
	const struct tar_node *node; /* held: for this one's names; NULL: for a new name */
};

/* What a file has that is being written. Its room is a segment, laid out so, but in no tree. */
struct store_file {
	struct list_head link; /* store.files */
	struct tar_node *node;
	u32 settled; /* when data_settle() came by, by store.settles */
	u64 room_first,
		room; /* sectors; right behind its data, to grow, or where it will move to */
	bool moves; /* which of them */
	u64 asked; /* sectors of data that were accepted */
	u64 over; /* moves: sectors of the room that are for headers and links */
	u64 owed; /* a file with holes: what the room must have for it */
	u32 room_gen; /* what is given back waits for that commit's checkpoint */
	bool grew; /* since the last checkpoint */
	bool sparse; /* it was accepted as a file with holes */
};

/* A transaction on its way to the journal: what changed since the last one. */
struct store_log {
	u32 count, gone;
	u64 sectors; /* its head, items and images */
	u8 **chunks; /* BUFFER bytes of them each */
};

/* What is set aside of one kind: a list through the first word of each. */
enum spare_kind { SPARE_IMAGE, SPARE_SECTOR, SPARE_SEG, SPARE_KINDS };
struct spare_pool {
	void *list;
	u64 count;
};

struct store {
	struct tar_tree *tree; /* [I] */
	struct tar_disk *disk; /* [I] */
	const struct store_ops *ops; /* [I] */
	void *owner;
	struct tar_source src; /* [I] */
	u64 journal, journal_sectors; /* [I] */
	u64 limit; /* [I] first sector that the archive can't have */
	u64 seq; /* [C] of the last record */
	u64 next; /* [C] sector of the journal where the next record of the chain stands */
	u32 chain, last_crc; /* [C] records in the chain, the last one's crc */
	bool logged; /* [C] something is committed and not checkpointed */
	u8 *buffer; /* [C] BUFFER bytes */
	bool spilled; /* [C] the log lies in the slack */
	bool wrote; /* data went to the disk since the last flush */
	const struct tar_node *writing; /* between store_place() and store_written() */
	bool cut; /* and meanwhile store_shrink() made it smaller */
	const struct tar_node *moving; /* whose data is copied, T let go; NULL: it was forgotten */
	struct tar_extent *orphan; /* the map that it had then */
	const struct tar_name *hand; /* that a commit is about, T let go or not: it is not freed */
	int error;

	struct spare_pool spare[SPARE_KINDS];
	u64 spare_claimed; /* of each kind, for what let T go half-way */
	u64 spare_now; /* for the operation under way */
	struct rb_root images;
	struct list_head changed; /* those that the next commit is about */
	u32 image_count;
	u64 placed; /* how often images were dropped because they are in their places */
	u32 gen; /* of the next commit */
	struct rb_root free;
	u64 free_sectors; /* in all segments that are not at rest */
	u64 rest_sectors; /* at rest */
	u64 thawed_to; /* where space_thaw() goes on */
	enum { THAW_NOT, THAW_SOME, THAW_ALL } thaw; /* what of it the next commit shall thaw */
	u64 free_small; /* of it, in segments shorter than SEG_SMALL */
	struct list_head waiting;
	u64 waiting_sectors;
	struct list_head files;
	u32 settles; /* times that data_settle() went over all of them, and one */
	u64 room_sectors; /* in all files' rooms */
	u64 end; /* the archive's first zero sector in N */
	u64 root_kept; /* sectors behind it that nobody gets but the root's member */
	u64 seen; /* mounting: where the member before ended */
	u64 burden; /* images that renamed directories will make */
	struct list_head graves; /* dead names whose space is kept for who has the file open */
	struct list_head held; /* promised, set aside where the archive's end has not enough */
	u64 held_sectors;
	u64 promised; /* sectors of space_tail() that marks may need; each promise lasts for two commits */
	u64 promised_before; /* of it, before the last commit */
	struct tar_name *root; /* the root's member; the last of the archive when it has one */
	struct tar_name *dirty; /* what must be written; its last one's dirty is LIST_END */
	bool unlogged; /* images say more than the last log */
	struct tar_name *passive; /* the same, but no reason for a commit: what mounting found */
	u32 dirty_count;
	char path[TAR_PATH_MAX + 2], link[TAR_PATH_MAX + 2];
};

/* Segments shorter than this don't count when room for data is asked for. */
#define SEG_SMALL 12u
/* A name that must be written makes about so many images. */
#define NAME_IMAGES 16u

#define LIST_END    ((struct tar_name *)1)

_Static_assert(MARK_PLACE == STORE_PLACE, "store.h tells the index");

static inline void store_lock(struct store *st)
{
	if (st->ops && st->ops->lock)
		st->ops->lock(st);
}

static inline void store_unlock(struct store *st)
{
	if (st->ops && st->ops->unlock)
		st->ops->unlock(st);
}

/* Everything that stands at e's member's first sector and behind it, but for data: is it a link's? */
static inline bool is_home(const struct tar_name *e)
{
	return e->node->names == e;
}

static inline bool is_file_home(const struct tar_name *e)
{
	return e->node->type == TAR_FILE && is_home(e);
}

/* --- store_spare.c --- */

/* So many of each kind are needed where `sectors` sectors become free space, or are taken from it. */
static inline u64 spare_for(u64 sectors)
{
	return 48 + sectors / 256;
}
/* An operation begins that will take up to n of each kind: 0, or -ENOMEM and it must not begin. */
int spare_fill(struct store *st, u64 n);
/* The same inside of one: n beyond what that needs. */
int spare_more(struct store *st, u64 n);
/* One of them, zeroed but for sectors. NULL: spare_fill() was told too few. */
void *spare_take(struct store *st, enum spare_kind kind);
/* Most of it goes. */
void spare_trim(struct store *st);
void spare_drop(struct store *st);

/* --- store_image.c --- */

/* The image of a sector, or the first one behind; NULL. */
struct image *image_from(const struct store *st, u64 sector);
/*
 * The sector holds data (512 bytes, copied) in N, a head or not. old: was it a head of O,
 * if no image knows? 0 or -ENOMEM.
 */
int image_set(struct store *st, u64 sector, bool old, bool head, const void *data);
/* The sector holds nothing that matters in N; old as above. */
int image_gone(struct store *st, u64 sector, bool old);
/* The same for all images in [from, to). */
int images_gone(struct store *st, u64 from, u64 to);
/* The commit `gen` has been checkpointed: what it said is O. Call images_drop() next. */
void images_done(struct store *st, u32 gen);
/* Frees what waited for that, some of it, from sector `at` on: where to go on, T let go between; ~0: that was all. */
u64 images_drop(struct store *st, u32 gen, u64 at);
void images_free(struct store *st);
/* Sectors that the next commit's log would have, the record's head among them. */
u64 images_sectors(const struct store *st);
/* That log; ERR_PTR(-ENOMEM). What changes from then on is the commit's behind it. */
struct store_log *images_log(struct store *st);
void log_free(struct store_log *log);
/* The log's n-th sector. */
u8 *log_sector(const struct store_log *log, u64 n);
/*
 * Copies what the last commit said of neighbouring sectors that the checkpoint's phase writes, from *at on, at
 * most BUFFER bytes: how many sectors, the first is *first. 0: none there; *at is where to go on, ~0: nowhere.
 */
u32 images_committed(const struct store *st, u32 phase, u64 *at, u64 *first, u8 *buf);

/* --- store_layout.c: headers of free space --- */

#define SEG_PIECE 2048u /* sectors: at multiples of it a segment's pieces begin */

/* A free segment [a, b): the next head behind s in it; b: none. */
u64 seg_next_head(u64 a, u64 b, u64 s);
/* Sectors of members become the free segment [a, b). */
int seg_lay(struct store *st, u64 a, u64 b);
/* The first n sectors of the free segment [a, b) become a member's. */
int seg_take(struct store *st, u64 a, u64 b, u64 n);
/* The free segment [a, b) becomes [a, m) and [m, b). */
int seg_split(struct store *st, u64 a, u64 b, u64 m);
/* The free segments [a, b) and [b, c) become one. */
int seg_merge(struct store *st, u64 a, u64 b, u64 c);
/* Where the piece of [a, b) ends that begins with the head s: a 'K' and its "./", or a "./" alone. */
u64 seg_piece(u64 a, u64 b, u64 s);
/* A piece [a, b) takes the form of rest; dot: all but its "./", of 1 or more than 3 sectors. */
int seg_rest(struct store *st, u64 a, u64 b, bool dot);
/* What is at rest in [a, b) takes the other form; if it may. A checkpoint must come before it is used. */
bool seg_can_thaw(u64 a, u64 b);
int seg_thaw(struct store *st, u64 a, u64 b);
/* A header of free space at s, whose data ends at next. */
int seg_write_head(struct store *st, u64 s, u64 next, bool old);
/*
 * Where a member with `headers` sectors of headers may begin at or behind s: no extended
 * header's data on a sector where free space would have a head, or where O has one.
 */
u64 seg_member_start(const struct store *st, u64 s, u64 headers);

/* --- store_space.c: which segments are free --- */

static inline struct seg *seg_of(struct rb_node *n)
{
	return rb_entry_safe(n, struct seg, rb);
}

struct seg *seg_new(struct store *st, u64 start, u64 len);
/* Into store.free, and out of it. */
void seg_insert(struct store *st, struct seg *s);
void seg_remove(struct store *st, struct seg *s);
/* The last segment of store.free that starts at or before a place. */
struct seg *seg_before(const struct store *st, u64 at);
/* Where n sectors fit in s, not before min, the first of them headers; ~0: nowhere. */
u64 seg_fit(const struct store *st, const struct seg *s, u64 n, u64 headers, u64 min);
/* Puts a segment into store.free and joins it with its neighbours, which may take it in. */
int space_join(struct store *st, struct seg *s);
/* n sectors, the first `headers` of them headers, not before min. 0, -ENOSPC, -ENOMEM. */
int space_take(struct store *st, u64 n, u64 headers, u64 min, u64 *first);
/* The same, but the archive's end keeps what names were promised of it. */
int space_alloc(struct store *st, u64 n, u64 headers, u64 min, u64 *first);

/* --- store_promise.c --- */

/*
 * A place for a member of node: what was promised to it, or what is free. optional: nobody asked for it, so
 * it may not take what others were promised.
 */
int space_place(struct store *st, const struct tar_node *node, u64 n, u64 headers, u64 min,
		bool optional, u64 *first);
/*
 * Promises a member of node's (NULL: of a new name's) `sectors` in one piece behind min, until the commit after the
 * next: 0, -ENOSPC, -ENOMEM. It is either counted in what the archive's end has, which lies
 * behind everything, or set aside.
 */
int space_promise(struct store *st, const struct tar_node *node, u64 sectors, u64 min);
/* A segment, laid out, is set aside for node's names. */
int space_hold(struct store *st, const struct tar_node *node, u64 first, u64 n);
/* A commit has been prepared: what was promised before the last one, or all of it, is free again. */
int space_promises_kept(struct store *st, bool all);
/* n goes: what is held for it is anybody's. */
void space_forget(struct store *st, const struct tar_node *n);
/* What is free in one piece, more or less, behind all members; without what names were promised? */
u64 space_tail(const struct store *st);
bool space_tail_kept(const struct store *st);

/* --- store_space.c again --- */

/* Takes what is free from `first` on, at least n, at most `want` sectors: how many; 0: not so many. */
u64 space_extend(struct store *st, u64 first, u64 n, u64 want);
/* A segment, laid out, that belonged to nobody in O; or one that waits for the next checkpoint. */
int space_free(struct store *st, u64 first, u64 n);
int space_wait(struct store *st, u64 first, u64 n, u32 gen);
/* What waited for commit gen, or earlier ones, is free now. */
int space_waited(struct store *st, u32 gen,
		 u32 most); /* of at most so many pieces; 1: there are more */
/* Mounting: free space was found, which is at rest or is not. */
int space_found(struct store *st, u64 first, u64 n, bool rest);
/* The root's member will have so many headers, behind all that there is: 0 or -ENOSPC. */
int space_ask_root(struct store *st, u64 headers);
/* Moves the end of the archive back to where its last member ends. */
int space_trim(struct store *st);
void space_drop(struct store *st);
/* Sectors that could still be had. */
u64 space_left(const struct store *st);
/*
 * e's member's sectors, its headers and `data` more, become free space. It waits; with hold it is lost
 * until space_wait() is called for [*from, *from + *n).
 */
int space_bury(struct store *st, const struct tar_name *e, u64 data, bool hold, u64 *from, u64 *n);
/* The part of it that becomes a segment. */
void space_grave(u64 first, u64 headers, u64 data, u64 *from, u64 *to);
/* Moves the end of the archive so that n sectors and the root's member find room. */
int space_grow(struct store *st, u64 n);

/* --- store_rest.c --- */

/* Some of what is at rest, or all (st->thaw), will be free behind the next checkpoint, by about `most` images. */
int space_thaw(struct store *st, u64 most);
/* The same with what stands before the free space at the archive's end: 1; 0: nothing there. */
int space_thaw_end(struct store *st);
/* All that is free goes to rest, by about `most` images: 1: some did, commit and call again; 0: it is there. */
int space_settle(struct store *st, u64 most);

/* --- store_member.c: headers of members --- */

/* A new member's only sector of records is no fuller: owners and times may grow. */
#define MEMBER_FULL (STORE_SECTOR - 64)

struct member {
	size_t bytes; /* of the x header's data, before it is filled up */
	u64 headers; /* sectors: 1, or the x header, its data, and the member's own */
	bool span; /* a record crosses sectors */
	u8 *x; /* the x header's data, owned; NULL: there is none */
	u8 head[STORE_SECTOR]; /* the member's own header, without its sum */
};

/* Makes the headers of e's member, at least `headers` sectors. 0, -ENOMEM, -ENAMETOOLONG. */
int member_make(struct store *st, const struct tar_name *e, u64 headers, struct member *m);
void member_free(struct member *m);
/* Puts them where e says. */
int member_put(struct store *st, struct tar_name *e, struct member *m, unsigned marks);
/* May e's member be written again where it is, when this changed? */
bool member_stays(const struct tar_name *e, const struct member *m, unsigned marks);
/* Writes a header block of a kind with this name. */
void member_header(u8 *block, char type, const char *name, size_t name_len, u64 size);
void member_sum(u8 *block);
/* The path of an entry without a leading slash, NUL-terminated: its length, or -ENAMETOOLONG. */
ssize_t member_path(const struct store *st, const struct tar_name *e, char *buf, size_t size);
/* --- store_name.c --- */

void name_mark(struct store *st, struct tar_name *e, unsigned marks);
/* What was only to be put right (store.passive) goes with the next commit. */
void names_wake(struct store *st);
/* The member must be written again; so must the links that name it. */
void name_mark_whole(struct store *st, struct tar_name *e);
/* e, the first of its node's names, hands the data to the next one. */
void name_promote(struct store *st, struct tar_name *e);
/* The sectors that n's links, and `more` of them, may need behind it. */
u64 name_links(const struct store *st, const struct tar_node *n, unsigned more);
/* A grave without a name: sectors that no name has. -ENOMEM. */
int name_bury(struct store *st, u64 first, u64 headers, u64 data);
/* The space of files without a name waits, open or not: 0 or -ENOMEM. */
int names_release(struct store *st);

/* --- store_data.c --- */

/*
 * T held, let go and taken again while it copies: a new place with `headers` sectors and need sectors of data for
 * n's first name. optional: as space_place(). 0, -ENOENT (no name any more), -ENOSPC, -ENOMEM, -EIO.
 */
int data_move(struct store *st, struct tar_node *n, u64 headers, u64 need, bool optional);
/* --- store_room.c --- */

/* Room for n's file to move to, with so many sectors of headers, and for its links and `more` of them behind. */
int data_ask(struct store *st, struct tar_node *n, u64 headers, unsigned more);
/* Is n's file about to move, to a room of its own? */
bool data_moves(const struct tar_node *n);
/* Is it stored with a map, or (another program's archive) nothing but a hole? */
bool data_has_holes(const struct tar_node *n);
/* Is the room right behind the data? */
bool room_adjoins(const struct tar_node *n, const struct store_file *rw);
/* Gives up what is behind the first `keep` sectors of a room. */
int room_cut(struct store *st, struct store_file *rw, u64 keep);
/* A new place out of the file's room, and one for its links behind; or out of free space. As space_place(). */
int room_place(struct store *st, struct tar_node *n, u64 headers, u64 need, bool optional,
	       u64 *first);
/* Gives what is behind `need` sectors of data back, to the file's room or to free space. */
int data_trim(struct store *st, struct tar_name *e, u64 need);
/* Room of files that don't grow any more is given back; or all room. At most so many files: 1, there are more. */
int data_settle(struct store *st, bool all, u32 most);
void data_drop(struct store *st);

/* --- store_sparse.c --- */

/* The pieces of a file that are stored, and the map's text. */
struct sparse_map {
	struct tar_extent *v; /* owned */
	u32 n;
	char *text; /* owned */
	size_t text_len; /* whole sectors */
	u64 size; /* the file's */
	u64 sectors; /* of the member's data: the map and all pieces */
};

/* A map's text, NUL up to the sector; NULL: no memory. */
char *sparse_text(const struct tar_extent *v, u32 count, u64 size, size_t *len);
u64 sparse_stored(const struct tar_extent *v,
		  u32 count); /* bytes of all pieces, as they lie one behind the other */
/*
 * What n has and these parts too, in a file of this size; grow: with room for what may follow them. Each piece's `at`
 * counts from where the map's text ends. 0, -ENOMEM.
 */
int sparse_union(const struct tar_node *n, u64 size, const struct tar_extent *parts, u32 count,
		 bool grow, struct sparse_map *m);
void sparse_free(struct sparse_map *m);
bool sparse_is_whole(const struct sparse_map *m); /* no hole */

static inline bool node_has_map(const struct tar_node *n)
{
	return n->type == TAR_FILE && n->file.map;
}

/* Sectors of the data behind a file's headers, as its header tells. */
static inline u64 data_sectors(const struct tar_node *n)
{
	return n->file.map ? n->file.used : SECTORS(n->size);
}

/* --- store_journal.c --- */

/* The journal's newest record, and the sector where its next one would stand. */
struct journal_tip {
	u64 seq, next;
	u32 chain, count, crc;
};
/* Finds it: 1; 0: there is none. */
int journal_newest(struct tar_disk *d, const struct store_super *sb, struct journal_tip *tip);
/* Writes a log, or with NULL a record that says that all is in place; flushes. [C] */
int journal_write(struct store *st, const struct store_log *log);
/* Do so many images fit into an empty slot? anywhere: or into the slack behind the archive. */
bool journal_fits(const struct store *st, u64 count, bool anywhere);
/* Do so many sectors fit behind what the slot has? */
bool journal_room(const struct store *st, u64 sectors);
/* Reads the superblock: 1; 0: it is none. */
int journal_super(struct tar_disk *d, struct store_super *sb);
/* Makes a journal behind the archive of a foreign device, whose first zero sector is end; *crc: its record's. */
int journal_make(struct tar_disk *d, u64 end, struct store_super *sb, u32 *crc, const char **why);
/* Brings a record's images to their places. 1: there were some; 0: none; or an error. */
int journal_replay(struct tar_disk *d, const struct store_super *sb, const char **why);

/* --- store_index.c --- */

/* Fills tree and free space from the index: 1; 0 or an error: both are as they were. */
int store_read_index(struct store *st);

/* Notes the first error; nothing is written any more. Answers it. */
int store_broken(struct store *st, int err, const char *why);

#endif
