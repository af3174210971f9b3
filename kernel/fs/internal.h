/* What the files of fs/ share among themselves. */
#ifndef FS_INTERNAL_H
#define FS_INTERNAL_H

#include "fs/fs.h"

void mount_put(struct mount *m);
u64 dev_anonymous(void); /* a device number that nothing else has */
/* What is mounted at (parent, d), the topmost; valid until the caller sleeps. */
struct mount *mount_lookup_rcu(struct mount *parent, struct dentry *d);
/* What m hangs on; false: nothing. Valid until the caller sleeps. */
bool mount_up_rcu(const struct mount *m, struct path *up);
/* Is something mounted on d that current sees? Then all of that comes off, wherever it is. */
bool mounts_here(const struct dentry *d);
void mounts_leave(const struct dentry *d);
/* Moves a referenced place to the top of what is mounted there. */
void path_cross(struct path *p);
/* A mount that hangs nowhere yet: references to both. NULL: no memory. */
struct mount *mount_alloc(struct super *sb, struct dentry *root, const char *devname, u64 flags);

/*
 * The child of dir, referenced, perhaps negative. ERR_PTR. The second with dir's rwsem held for
 * writing.
 */
struct dentry *dir_lookup(struct dentry *dir, const char *name, size_t len);
struct dentry *dir_lookup_locked(struct dentry *dir, const char *name, size_t len);
/*
 * Hashes d unless its name came to be hashed meanwhile: then d is put and that one returned,
 * referenced.
 */
struct dentry *d_hash_unique(struct dentry *d);
/*
 * fs/lock.c: drops the record locks that a descriptor table held on a file (close(2) semantics of
 * fcntl(2)).
 */
void lock_release_owner_slow(struct file *f, void *owner);
static inline void lock_release_owner(struct file *f, void *owner)
{
	if (unlikely(READ_ONCE(f->inode->locks) != NULL))
		lock_release_owner_slow(f, owner);
}
/* fs/special.c: sets the file operations of fifos, devices and sockets. */
void special_init(struct inode *i);
extern const struct file_ops
	no_open_fops; /* open fails with ENXIO: sockets; symlinks by O_PATH only */
bool dir_emit_dots(struct file *f, struct dir_context *dc); /* "." and ".." at positions 0 and 1 */
unsigned mode_to_dtype(u32 mode); /* DT_* */
s64 dir_llseek(struct file *f, s64 off, int whence);
/*
 * SEEK_DATA and SEEK_HOLE, a page being the smallest of either. next: the first page from index up
 * to end that is data, or is none; end if there is none. f->pos_mutex held.
 */
s64 seek_data_hole(struct file *f, s64 off, int whence,
		   u64 (*next)(struct inode *i, u64 index, u64 end, bool data));
s64 noop_llseek(struct file *f, s64 off, int whence);
int noop_fsync(struct file *f, u64 start, u64 end, bool datasync);
int generic_fallocate(struct file *f, int mode, u64 off, u64 len);
void lock_release_file_slow(struct file *f);
static inline void lock_release_file(struct file *f) /* flock and OFD locks of a file that goes */
{
	if (unlikely(READ_ONCE(f->inode->locks) != NULL))
		lock_release_file_slow(f);
}
void lock_inode_gone(struct inode *i); /* frees what lock.c keeps of an inode; it may sleep */
void open_init(void);
void anon_init(void);
void d_rename_pseudo(struct dentry *d,
		     const char *name); /* before others see it; at most DNAME_INLINE - 1 bytes */
/* A mount of a registered type that hangs nowhere and stays (memfds). ERR_PTR. */
struct mount *mount_kernel(const char *fstype);
/* In mount->flags: no path leads there from a root. */
#define MOUNT_INTERNAL (1ULL << 40)
/* A mount that hangs nowhere (pipes, anonymous files, sockets), and files of it. */
int pseudo_mount(const struct file_system *fs, u64 magic, struct mount **out);
int pseudo_statfs(struct super *sb, struct statfs *st);
struct file *pseudo_file(struct mount *m, const char *name, u32 mode, const struct file_ops *ops,
			 void *priv, int flags);
/* Flags that open(2) refuses whatever the name is: 0 or -EINVAL. */
int file_open_check(int flags);
struct file *file_open_resolve(int dfd, const char *name, int flags, u32 mode,
			       u32 resolve); /* openat2(2) */
int size_within_limit(u64 size); /* 0, or -EFBIG after SIGXFSZ: RLIMIT_FSIZE */
void memdev_init(void);
void tty_lines_init(void);
void inode_init(void);
void super_put(struct super *sb);
/* By mode bits and capabilities; for inode_ops.permission to fall back on. */
int generic_permission(struct inode *i, int mask);
bool inode_owner_or_capable(const struct inode *i);
/* Has current the capability, in a user namespace that knows i's owner and group? */
bool inode_capable(const struct inode *i, int cap);
/*
 * write(2) takes file capabilities away, and, by someone without CAP_FSETID, the set-id bits.
 * i->rwsem held for writing.
 */
void inode_drop_setid(struct inode *i);
static inline void inode_strip_setid(struct inode *i)
{
	if (unlikely((i->mode & (S_ISUID | S_ISGID)) || i->xattrs))
		inode_drop_setid(i);
}
/*
 * What is left of unlink(2), rmdir(2) and rename(2) when all is checked: the file system does it and
 * the cache is told. The directories' rwsems are held for writing; of two directories, with the
 * super's rename_mutex held, by vfs_lock_dirs (an ancestor first, else by address).
 */
int vfs_remove_locked(struct inode *dir, struct dentry *d, bool is_dir);
int vfs_rename_locked(struct dentry *odir, struct dentry *od, struct dentry *ndir,
		      struct dentry *nd, unsigned flags);
void vfs_lock_dirs(struct dentry *a, struct dentry *b);
void vfs_unlock_dirs(struct dentry *a, struct dentry *b);
int path_lookup_resolve(int dfd, const char *name, unsigned flags, u32 resolve, struct path *out);
#endif
