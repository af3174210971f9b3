/*
 * In-memory directories: names to inodes in an rb-tree with stable readdir
 * cookies. tmpfs, devfs and tarfs (whose writes live in memory over the
 * archive) are made of it.
 */
#ifndef FS_MEMFS_H
#define FS_MEMFS_H

#include "lib/rbtree.h"

struct inode;
struct dentry;
struct super;
struct file;
struct dir_context;

#define MEMFS_NAME 1024 /* what a name costs where there is a limit: super_ops.charge_names */

struct memdir { /* inode->priv of a directory begins with it */
	struct rb_root by_name; /* [inode->rwsem] */
	struct rb_root by_cookie; /* [inode->rwsem] readdir order: creation */
	u64 next_cookie; /* starts at 2: 0 is ".", 1 is ".." */
	u64 count;
};
struct mement {
	struct rb_node name_node, cookie_node;
	u64 cookie;
	struct inode *inode; /* referenced */
	u32 hash, len;
	char name[]; /* NUL-terminated */
};

struct mement *memdir_find(struct memdir *d, const char *name, size_t len);
int memdir_add(struct memdir *d, const char *name, size_t len,
	       struct inode *i); /* takes its own reference; -ENOMEM, -EEXIST */
void memdir_remove(struct memdir *d, struct mement *e);
int memfs_lookup(struct inode *dir, struct dentry *d); /* inode_ops.lookup of a memdir */
int memdir_readdir(struct file *f, struct dir_context *dc);

extern const struct inode_ops memfs_dir_ops; /* create, mkdir, rename, ... all of it */
extern const struct inode_ops memfs_file_ops;
extern const struct inode_ops memfs_symlink_ops;
extern const struct file_ops memfs_dir_fops, memfs_file_fops;
/* A new inode of a memfs-like super: mode says the type; symlink target copied. ERR_PTR. */
struct inode *memfs_inode(struct super *sb, u32 mode, u64 rdev, const char *target);
/* A super of such inodes with its root directory, of that mode. ERR_PTR. */
struct super *memfs_super(const struct file_system *fs, const struct super_ops *ops, u32 mode);
void memfs_evict(struct inode *i); /* super_ops.evict_inode, or called by it */
/* xattrs in memory (fs/xattr.c); kept in inode->xattrs. */
ssize_t memxattr_get(struct inode *i, const char *name, void *buf, size_t n);
int memxattr_set(struct inode *i, const char *name, const void *v, size_t n, int flags);
ssize_t memxattr_list(struct inode *i, char *buf, size_t n);
int memxattr_remove(struct inode *i, const char *name);
void memxattr_free(struct inode *i);
#endif
