/*
 * Between the files of the mounted tarfs: the super's own part, and where an
 * archive's bytes come from (tarfs_io.c).
 */
#ifndef TARFS_TARFS_H
#define TARFS_TARFS_H

#include "fs/fs.h"
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
	spinlock_t lock; /* RANK_FS */
	struct tar_tree tree;
	/* [l] inodes changed since mounting, by sb_link; each referenced */
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

/* --- tarfs.c --- */

/* The inode of a node, made when there is none: referenced. ERR_PTR(-ENOMEM). */
struct inode *tarfs_iget(struct super *sb, struct tar_node *n);
/* super_ops.evict_inode: the node stays as long as it has a name or an inode. */
void tarfs_evict(struct inode *i);

/* --- tarfs_io.c --- */

void tarfs_source_disk(struct tarfs_source *s, struct block_device *bd);
void tarfs_source_memory(struct tarfs_source *s, const void *p, u64 size);
/* Page cache of files that lie in an archive. */
extern const struct vmobject_ops tarfs_vmobject_ops;

#endif
