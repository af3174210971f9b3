/*
 * Between the files of the mounted tarfs: the super's own part, and where an
 * archive's bytes come from (tarfs_io.c).
 */
#ifndef TARFS_TARFS_H
#define TARFS_TARFS_H

#include "fs/fs.h"
#include "fs/tarfs/store.h"
#include "fs/tarfs/tree.h"
#include "sync/spinlock.h"

/*
 * An archive on a block device, or in memory (an initrd).
 * [I] immutable once mounted
 */
struct tarfs_source {
	struct tar_source src; /* [I] first: a tar_source pointer is one to this */
	struct block_device *bd; /* [I] NULL: in memory */
	const u8 *memory; /* [I] */
};

/*
 * super->priv. [l] lock, [i] the inode's rwsem
 *
 * A directory's names are changed with its rwsem held for writing and the lock;
 * read with either. What all nodes share (counts, nlink, node->inode) is [l].
 */
struct tarfs {
	spinlock_t lock; /* RANK_TREE; T of the store */
	struct tar_tree tree;
	struct super *sb; /* [I] */
	/* Changes are kept on the device; NULL: in memory alone. [I] */
	struct store *store;
	struct mutex commit; /* C of the store */
	struct tar_disk device; /* [I] the store's */
	bool fixed; /* [I] read-only for good: the device's archive can't be written */
	/* [I] The device, not written, as its journal leaves it; or NULL. */
	struct tar_source *replayed;
	u64 commits_begun; /* [a] */
	int commit_error; /* [commit] of the last one */
	bool unsettled; /* [commit to set] a checkpoint is to come */
	bool down; /* [commit to set] the archive is finished */
	/* [l] inodes changed since mounting, and not kept, by sb_link; each referenced */
	struct list_head pinned;
	struct tarfs_source disk, initrd; /* [I] src.size 0: not there */
	/* [I] as many files as memory may hold: those of the archive and half its pages */
	u64 max_nodes;
	unsigned told; /* mounting: members left out that were logged */
	char name[16]; /* [I] the device's, for the log */
};

static inline struct tarfs *tarfs_of(const struct super *sb)
{
	return sb->priv;
}

static inline struct tar_node *tarfs_node(const struct inode *i)
{
	return i->priv;
}

/* Does what is done to n reach the device? */
static inline bool tarfs_kept(const struct tarfs *fs, const struct tar_node *n)
{
	return fs->store && (!fs->tree.overlay || n->archive != fs->tree.overlay);
}

/* --- tarfs.c --- */

/* The inode of a node, made when there is none: referenced. ERR_PTR(-ENOMEM). */
struct inode *tarfs_iget(struct super *sb, struct tar_node *n);
/* super_ops.evict_inode: the node stays as long as it has a name or an inode. */
void tarfs_evict(struct inode *i);
/* Owner, mode and times go from the inode to the node. [l] */
void tarfs_save(struct tar_node *n, void *inode);

/* From here on the inode holds what its node does not: it stays while it has a name. */
void tarfs_pin(struct inode *i);
u32 tarfs_format(const struct tar_node *n); /* S_IFMT's bits */
/* inode_ops that directories have too */
int tarfs_setattr(struct inode *i, const struct attrs *a);
int tarfs_setflags(struct inode *i, u32 flags);
void tarfs_touched(struct inode *i, u32 which);
int tarfs_setxattr(struct inode *i, const char *name, const void *v, size_t n, int flags);
int tarfs_removexattr(struct inode *i, const char *name);

/* --- tarfs_dir.c --- */

extern const struct inode_ops tarfs_dir_ops;
extern const struct file_ops tarfs_dir_fops;

/* --- tarfs_io.c --- */

void tarfs_source_disk(struct tarfs_source *s, struct block_device *bd);
void tarfs_source_memory(struct tarfs_source *s, const void *p, u64 size);
/* Page cache of files that lie in an archive. */
extern const struct vmobject_ops tarfs_vmobject_ops;
int tarfs_fill(struct vmobject *obj, u64 index, struct page **pages, unsigned n);

/* --- tarfs_rw.c: with a store --- */

void tarfs_device(struct tarfs *fs); /* fs->device comes to be fs->disk */
extern const struct store_ops tarfs_store_ops;
extern const struct vmobject_ops tarfs_kept_ops; /* page cache of files that are kept */
int tarfs_commit(struct tarfs *fs, bool settle); /* settle: and the archive itself is up to date */
int tarfs_sync(struct super *sb);
void tarfs_finish(struct super *sb); /* nothing is written any more */
int tarfs_commit_due(struct super *sb);
/* After a change of names: commits if there are many. fs->lock not held. */
void tarfs_relieve(struct tarfs *fs);
/* What is about to happen to names; what does not concern the store is NULL. */
struct tarfs_asked {
	struct tar_node *dir,
		*node; /* node, or a new one (NULL), gets a name of len bytes in dir */
	size_t len;
	struct tar_node *dir2, *node2; /* and another */
	size_t len2;
	const struct tar_name *goes; /* a name that is taken away */
};
/* 0: there is room for it, and fs->lock is held, until it is done. Else -errno, and it is not. */
int tarfs_ask_names(struct tarfs *fs, const struct tarfs_asked *a);
int tarfs_ask_attrs(struct inode *i, size_t more); /* more: bytes of a new extended attribute */
int tarfs_room(struct inode *i, u64 pos, u64 len); /* inode_ops.room */
int tarfs_ask_cut(struct inode *i); /* before a file is cut */
void tarfs_changed(struct inode *i); /* owner, mode or times */
int tarfs_fsync(struct file *f, u64 start, u64 end, bool datasync);
/*
 * i is about to lose its last name. If more than `users` have it, what a commit will write over stays
 * in its page cache.
 */
void tarfs_keep_data(struct inode *i, int users);

#endif
