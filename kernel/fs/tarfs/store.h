/*
 * The store: a TAR archive on a device that is written, safe from power cuts.
 * docs/tar.md ("Writing") tells the layout and the rules. The tree (tree.h) says
 * what the archive shall be; the store finds places, makes headers and keeps the
 * order of writes. The same files make the kernel's tarfs, mkfs/ and the tests.
 *
 * Locks, all the caller's:
 *   T  guards the tree, the marks and the free space. In the kernel a spinlock:
 *      nothing called with it sleeps. Functions marked [T] want it held. The
 *      others take it themselves with ops->lock where they need it.
 *   C  serialises commits. Functions marked [C] want it held and T not; they may
 *      sleep in the disk's operations. A sleeping mutex in the kernel.
 * Functions marked [T] may run while somebody else sleeps with C: what they change
 * belongs to the next commit. On the host both locks may be nothing.
 *
 * The life of a change:
 *   1. [T] store_ask*() or store_room() before it: -ENOSPC here or never.
 *   2. [T] store_link(), store_unlink(), ... or store_changed(): the tree and the marks.
 *   3. [C] for each file whose data shall go along: store_place(), then the dirty
 *      bytes to where store_run() says, then store_written().
 *   4. [C] store_commit(): all marks become one transaction. When it is back,
 *      they are durable, and so is the data of step 3.
 *   5. [C] store_checkpoint(), some time later: the archive itself changes.
 *
 * Sizes: node->size is what the file's header will say at the next commit. It grows
 * in store_written() only, and shrinks in store_shrink(). An inode's own size may be
 * larger meanwhile: then its data has not been written yet.
 */
#ifndef TARFS_STORE_H
#define TARFS_STORE_H

#include <types.h>
#include "fs/tarfs/tree.h"

struct store;

/* The device. Offsets and lengths in bytes, whole sectors. 0 or a negative errno. Sleeps. */
struct tar_disk {
	int (*read)(struct tar_disk *d, u64 off, void *buf, size_t n);
	int (*write)(struct tar_disk *d, u64 off, const void *buf, size_t n);
	int (*flush)(struct tar_disk *d); /* what was written before is durable */
	u64 size;
};

struct store_ops {
	/* T. Both may be NULL. */
	void (*lock)(struct store *st);
	void (*unlock)(struct store *st);
	/*
	 * [T] Before a node's header is made: copies attributes, times and, where
	 * STORE_XATTR was marked, n->xattrs from the inode to the node. May be NULL.
	 * Does not touch n->size of a file.
	 */
	void (*refresh)(struct store *st, struct tar_node *n);
	/* The file system became read-only on the disk; told once. May be NULL. */
	void (*broken)(struct store *st, int err, const char *why);
};

/* --- opening: store.c --- */

enum {
	STORE_MAKE = 1, /* a foreign archive with room behind it gets a journal */
};

/*
 * Opens d for writing: replays its journal, reads the archive into t (initialised,
 * empty), finds its free space. *why is set with every error, for the log:
 * -EROFS: no journal, and no room or leave to make one (t is empty: mount it read-only);
 * -EINVAL, …: as tar_tree_add(), t->err tells. t->store is the store from now on.
 * The source of t's files is store_source(). Sleeps; no lock needed yet.
 */
int store_open(struct tar_tree *t, struct tar_disk *d, const struct store_ops *ops, unsigned flags,
	       const char **why);
/*
 * Frees the store without writing anything; call store_sync() before. The tree stays,
 * its files can't be read any more. t->store becomes NULL.
 */
void store_close(struct store *st);
/* Reads as the newest commit has it: the disk with the images that wait for a checkpoint. */
struct tar_source *store_source(struct store *st);
/* The caller's own, for its ops; store_set_owner may come at any time. */
void *store_owner(const struct store *st);
void store_set_owner(struct store *st, void *owner);

/*
 * Only replays: the newest transaction of a journal goes to the archive. 1: something was
 * replayed; 0: nothing was to do, or no journal; negative errno. For mkfs/, and before an
 * archive is mounted read-only on a device that can be written.
 */
int store_replay(struct tar_disk *d, const char **why);
/*
 * The same for a device that must not be written: a source that shows d as replay would
 * leave it. ERR_PTR. Free with store_overlay_free().
 */
struct tar_source *store_overlay(struct tar_disk *d);
bool store_overlay_plain(const struct tar_source *src); /* the device itself says the same */
/*
 * Fills t (initialised, empty) from the device's index, its files to be read from `from`: 1; 0: there is none that
 * counts, read the headers then; -ENOMEM, -EIO.
 */
int store_overlay_index(const struct tar_source *src, struct tar_source *from, struct tar_tree *t);
void store_overlay_free(struct tar_source *src);

#define STORE_PLACE \
	0xb0u /* the bits of tar_name.marks that belong to its place: an index has them */

/* --- names: store_name.c. They do what tar_link() and the others do, and mark. [T] --- */

/*
 * Is there room for a name of len bytes in dir: of a node n, or of a new one (NULL)? Holds what the
 * name and its file's move would need until the next commit: so what was asked for is done with T held all
 * the while. Call it before store_link and before
 * store_rename (for the moved node). For a directory it walks what is beneath: that moves too.
 * 0, -ENOSPC, -ENAMETOOLONG (the path, or one beneath, is longer than TAR_PATH_MAX - 2).
 */
int store_ask(struct store *st, struct tar_node *dir, size_t len, struct tar_node *n);
/* The same before store_unlink() and for what a rename replaces: other links may have to be written. */
int store_ask_unlink(struct store *st, const struct tar_name *name);
/*
 * The same before n's attributes change (chmod, chown, utimes, setxattr): a foreign member may have to
 * move for it. xattrs: bytes of all its extended attributes' names and values afterwards.
 */
int store_ask_attrs(struct store *st, struct tar_node *n, size_t xattrs);
/* The same before store_shrink(): a file with holes moves then. */
int store_ask_cut(struct store *st, struct tar_node *n);
/* As tar_link(). A symbolic link's target and a device's numbers are in the node already. */
int store_link(struct store *st, struct tar_node *dir, const char *name, size_t len,
	       struct tar_node *n);
/* As tar_unlink(). When n->nlink is 0 then, store_forget(n) must come before tar_node_free(). */
struct tar_node *store_unlink(struct store *st, struct tar_node *dir, struct tar_name *name);
/*
 * rename(2): `from` of `od` becomes the new name in nd. `to` is what stands there, or NULL. exchange: both change
 * places. *gone: the node that lost its name to a plain rename-over, else NULL. 0 or -ENOMEM.
 */
int store_rename(struct store *st, struct tar_node *od, struct tar_name *from, struct tar_node *nd,
		 const char *name, size_t len, struct tar_name *to, bool exchange,
		 struct tar_node **gone);
/*
 * Nobody reads n's data any more, and it has no name: its room may be used again. Before
 * tar_node_free() of every node, whether it was ever named or not.
 */
void store_forget(struct store *st, struct tar_node *n);
/*
 * A file without a name that is still open: its data stays where it was, but at the commit some
 * sectors of it will be overwritten by headers of free space, and some are only in memory yet. Call it in a loop from pos 0, with T held, when
 * the last name goes and the inode lives on; read those bytes into the page cache and
 * keep them there (dirty). Answers the file offset of the next sector to keep, from pos on; ~0: none.
 */
u64 store_keep(const struct store *st, const struct tar_node *n, u64 pos);

/* --- marks [T] --- */

enum {
	STORE_ATTR = 1, /* mode, owner, times */
	STORE_XATTR = 2,
};
/* Attributes changed: ops->refresh is called for n at the next commit. */
void store_changed(struct store *st, struct tar_node *n, unsigned what);
/*
 * n was read: its time of access goes to the disk with the next commit, if its member can be written again
 * where it is. Another program's is not moved for that: it goes with the next change of something else.
 */
void store_accessed(struct store *st, struct tar_node *n);
/* A file is cut to this size, whatever n->size is. Nothing is given back before the commit. */
void store_shrink(struct store *st, struct tar_node *n, u64 size);
/* Is anything marked that a commit would write? */
bool store_dirty(const struct store *st);
/*
 * So much is marked that a commit should come before more is: who makes changes
 * waits for one (no lock held) when this says so. Asked after each change; cheap.
 */
bool store_pressed(const struct store *st);

/* --- data: store_data.c --- */

/*
 * [T] Room for a file of `size` bytes, kept for n: what is accepted here will be written. Call it
 * in write(2), truncate(2) upwards, fallocate(2), a shared page's first write, before they succeed.
 * bytes: an upper bound of how many of them are no holes, by whole pages of 4096; `size` when nobody knows. Where
 * it is much smaller the file will be stored as a sparse one. Grows by doubling where it can; cheap when there
 * is room already. -ENOSPC: commit, checkpoint, and ask once more.
 */
int store_room(struct store *st, struct tar_node *n, u64 size, u64 bytes);
/*
 * [C] Before data is written: makes sure that n has a place for `size` bytes. map: the parts that are about
 * to be written (off and len; in order, from multiples of 4096 on); count 0: all of it. When n->file.map is set
 * afterwards, n->size is `size` already, and what lies between the parts is zeros. When the
 * file must move, its old bytes [0, min(size, n->size)) are copied first, and n->file.data is the
 * new place afterwards (what was read from the old one while this ran is as good; a page read
 * that *began* before and ends later must look at n->file.data again, and start anew if it changed).
 * -ENOENT: no name any more, nothing needs writing. -ENOSPC only if store_room was not asked.
 */
int store_place(struct store *st, struct tar_node *n, u64 size, const struct tar_extent *map,
		u32 count);
/*
 * [C] Where the file's bytes [pos, pos + len) go, pos on a sector: how many of them (whole sectors, but
 * for the file's end: round up) may be written to the disk directly at *at; or 0: the one
 * sector there must be handed over with store_image() instead. Pad the last sector with zeros.
 * *at == TAR_HOLE: the answer's bytes are a hole of a sparse file, nothing is written.
 */
u64 store_run(struct store *st, const struct tar_node *n, u64 pos, u64 len, u64 *at);
/* [C] Takes one sector for the place *at that store_run() gave with 0. 0 or -ENOMEM. */
int store_image(struct store *st, u64 at, const void *sector);
/*
 * [C] The data up to size has been written (submitted and done, not flushed): n->size = size. Everything
 * between the old n->size and this one was written, holes as zeros: first the sector that
 * holds the old end, whose rest may be anything. Not called on a failed write.
 */
void store_written(struct store *st, struct tar_node *n, u64 size);
/* [T] Is n stored with holes, or was it accepted so? Then its map had better come once for all that is to be written. */
bool store_comes_sparse(const struct tar_node *n);
/* [T] Has n a place for `size` bytes, the parts that are about to be written (as store_place() has them) among them? */
bool store_has_place(const struct tar_node *n, u64 size, const struct tar_extent *parts, u32 count);
/* [T] Has all of [off, off + len) a place already, as far as the file goes? */
bool store_has(const struct tar_node *n, u64 off, u64 len);
/* [T] Nothing of n waits to be written: what a file with holes may need is not kept any more. */
void store_all_written(struct tar_node *n);
/*
 * Puts waiting images over what was read from the disk at byte offset `at` (on a sector), n bytes of
 * it. After each read that did not go through store_source(). Takes T; never sleeps.
 */
void store_patch(struct store *st, u64 at, void *buf, size_t n);
/*
 * [T] A number that is another one once images went to their places: who read the disk before, and has the images that
 * wait from behind that, may have neither; he reads again.
 */
u64 store_placed(const struct store *st);

/* --- commits: store_commit.c --- */

/*
 * [C] Everything marked becomes durable: 0, or -EIO, -EROFS, -ENOMEM. After -ENOMEM nothing is lost: it
 * can be tried again. After -EIO the store is broken: see store_error.
 * Flushes the device even when nothing is marked (data may have been written in place).
 */
int store_commit(struct store *st);
/* [C] Brings what was committed to its place in the archive and frees what waited for that. */
int store_checkpoint(struct store *st);
/* [C] commit and checkpoint: afterwards the disk is an archive as it is. For sync(2) at power-off, unmount. */
int store_sync(struct store *st);
/*
 * [C] At unmount and power-off, instead of store_sync(): the archive ends behind its last member, and every reader,
 * busybox too, reads it. Afterwards only store_write_index() and store_close() may come.
 */
int store_finish(struct store *st);
/*
 * [C] After store_finish(), when nobody uses the tree any more: the index with which the next mount need not read all
 * headers (store_index.c). Nothing is lost without it: -EBUSY, -ENOSPC where it can't be.
 */
int store_write_index(struct store *st);
/* Should somebody call store_checkpoint() soon (many images, or much freed space that waits)? */
bool store_wants_checkpoint(const struct store *st);
/* 0, or the error after which nothing is written any more: all [C] functions answer it. */
int store_error(const struct store *st);

/* statfs(2), in sectors. [T] */
struct store_space {
	u64 total; /* of the device, what is not journal */
	u64 free; /* could be written, freed space that waits included */
	u64 waiting; /* of it: free only after a checkpoint */
};
void store_space(const struct store *st, struct store_space *s);

#endif
