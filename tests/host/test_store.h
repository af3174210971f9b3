/*
 * Shared by the parts of test_store: a disk that records writes and flushes and can lose what
 * was not flushed, a model of files that knows what must be on it, and the workload.
 */
#ifndef TEST_STORE_H
#define TEST_STORE_H

#include "fs/tarfs/store.h"
#include "test_tar.h"

/* --- test_store_disk.c --- */

/* One sector written since the last flush. */
struct pending {
	u64 sector;
	u8 data[TAR_BLOCK];
};

struct sim_disk {
	struct tar_disk d;
	u8 *now; /* what reads give */
	u8 *stable; /* what surely survives a power cut */
	struct pending *pending;
	size_t count, cap;
	u64 writes, flushes;
	s64 fail_in; /* so many writes or flushes from now on succeed; below 0: all */
	/* Called before each flush takes effect; may be NULL. */
	void (*before_flush)(struct sim_disk *s);
};

void sim_init(struct sim_disk *s, size_t size);
void sim_free(struct sim_disk *s);
/* A plain disk over a copy of bytes. */
void sim_copy(struct sim_disk *s, const u8 *data, size_t size);
/* One disk that a power cut now could leave: each unflushed sector's writes up to any of them. */
void sim_cut(const struct sim_disk *s, u8 *out, unsigned percent);

/* --- test_store_model.c --- */

/* A file's bytes, shared by snapshots; changed only where nobody else has it. */
struct blob {
	unsigned refs;
	u64 size;
	u8 data[];
};

struct blob *blob_new(u64 size);
struct blob *blob_get(struct blob *b);
void blob_put(struct blob *b);
/* A copy with another size, zeros behind the old one. */
struct blob *blob_resized(const struct blob *b, u64 size);

struct mxattr {
	char name[40];
	u16 len;
	u8 value[400];
};

#define XATTRS 3

/* A file of any type, as it is meant to be. */
struct mnode {
	unsigned id, links, refs;
	u8 type;
	u32 mode, uid, gid, major, minor;
	s64 mtime, atime, ctime;
	u32 mtime_nsec, atime_nsec, ctime_nsec;
	char *target;
	struct mxattr *xattrs[XATTRS];
	struct blob *cache; /* what a reader sees */
	struct blob *disk; /* what has been given to the disk */
	u8 *dirty; /* a byte a sector of the cache: it differs from disk */
	struct tar_node *n;
	bool open; /* without a name, but read still */
	struct blob *kept; /* then: what the page cache holds of it */
	u8 *kept_map;
};

struct mentry {
	char *path;
	size_t len;
	struct mnode *m;
};

/* A tree as a commit left it. */
struct snapshot {
	size_t count;
	struct mentry *e; /* by path; m are copies */
	struct mnode *nodes;
};

struct model {
	struct mentry *e;
	size_t count, cap;
	struct mnode **all; /* by id */
	unsigned nodes, nodes_cap;
};

struct snapshot *snapshot_take(const struct model *mo);
void snapshot_free(struct snapshot *s);
/* The model of what a tree has; reads all its files. */
void model_load(struct model *mo, const struct tar_tree *t);
void model_free(struct model *mo);
struct mnode *model_node(struct model *mo, u8 type);
struct mentry *model_find(struct model *mo, const char *path, size_t len);
void model_add(struct model *mo, const char *path, size_t len, struct mnode *m);
void model_remove(struct model *mo, struct mentry *e);
/*
 * Is t the tree of a snapshot? A sector of a file may also be one that live's node has given to
 * the disk since. NULL: yes, else why not.
 */
const char *snapshot_compare(const struct snapshot *s, const struct model *live,
			     const struct tar_tree *t);

/* --- test_store_work.c --- */

struct work {
	struct sim_disk disk;
	struct tar_tree t;
	struct model mo;
	struct snapshot *durable, *coming;
	u64 seed;
	u64 states, wanted; /* power cuts tried, and how many there shall be */
	u64 chance; /* one of so many flushes is looked at */
	u64 nospace;
	u64 maps; /* files with holes written */
	u64 ops;
	const char *what; /* the operation under way */
	bool verbose;
	bool short_of_memory; /* now and then allocations of the store fail */
	u64 nomem; /* calls that said so */
	const char *dump; /* a folder for some of the states */
	u64 dumped, dump_wanted;
	struct mnode *open[8];
};

struct work_options {
	u64 seed, ops, states;
	size_t disk;
	const u8 *start; /* an archive */
	size_t start_len;
	const char *dump;
	u64 dumps;
	bool small; /* fill the disk */
	bool verbose;
};

/* Runs a workload; the number of power cuts tried. Ends the program where something is wrong. */
u64 work_run(const struct work_options *o);
/* A workload, and then a disk that fails. */
void work_fault(const struct work_options *o);
/* A workload where memory ends inside of calls; each is made again. How many said -ENOMEM. */
u64 work_nomem(const struct work_options *o);

extern struct work *current_work; /* the one that has a disk */
void must(const struct work *w, int err, const char *what);
void set_time(struct mnode *m, bool data);
void settle(struct work *w);
void checkpoint(struct work *w);
void fsync_one(struct work *w, struct mnode *m);
void sync_all(struct work *w);
/* How many bytes of m are no holes at most, when len are written besides. */
u64 no_holes(const struct mnode *m, u64 size, u64 len);
/* Was there room? A full disk is asked twice. */
bool room(struct work *w, int err, bool again);
/* From a moment on during the next call of the store, there may be no memory. */
void memory_ends(const struct work *w);
/* There is again: was it told, with the store as good as before? */
bool memory_ended(struct work *w, int err);
#define ROOM(w, ask) ((memory_ends(w), room(w, ask, false)) || (memory_ends(w), room(w, ask, true)))

/* --- test_store_large.c --- */

/* So many members, and a file that grows byte by byte. */
void work_large(u64 count, u64 bytes);

/* --- test_store_ops.c --- */

struct mentry *any(struct work *w);
/* The entry of the directory that a path lies in. */
struct mentry *parent(struct work *w, const struct mentry *e);
struct tar_name *name_of(struct work *w, const struct mentry *e);
void op_make(struct work *w, u8 type);
void op_link(struct work *w);
void op_unlink(struct work *w);
void op_rename(struct work *w, bool exchange);
void op_write(struct work *w, bool append);
void op_truncate(struct work *w);
void op_attrs(struct work *w);
void op_xattr(struct work *w);
void op_read(struct work *w);
/* The last one who reads an unlinked file goes. */
void close_one(struct work *w, unsigned slot);

/* --- test_store_cut.c --- */

/* Writes a disk to the folder for dumps. */
void work_dump(struct work *w, const char *kind, const u8 *data, size_t n);
/*
 * The members of a disk, as a reader without a journal sees them; links: with the tree that they
 * make (before replay a link may name what is to come).
 */
void work_parse(struct work *w, const u8 *data, size_t n, bool links, const char *when);
/* What a mount that ended left: no fault that fsck.tarn would name, and free space that every reader bears. */
void work_rested(struct work *w);
/* Is such a disk, replayed, what was durable, or what was about to be? */
void work_check(struct work *w, const u8 *cut);
void work_power_cut(struct sim_disk *s);

/* --- test_store_work.c again --- */

u64 rnd(void);
u64 below(u64 n);
void rnd_seed(u64 seed);
void __noreturn die_at(const struct work *w, const char *why, const char *more);

#endif
