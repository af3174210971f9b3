/*
 * The file layer's four structures and their operation tables: inode (a file),
 * dentry (a name), file (an open file description), mount (where a file system
 * hangs). A file system implements super_ops, inode_ops and file_ops.
 *
 * Locks: [D] dcache_lock, [M] mount_lock, [i] inode->rwsem, [l] inode->lock,
 * [f] file->lock, [I] immutable, [a] atomic. Order: rename_mutex of the super, directory rwsems
 * (parent before child, else by address), file rwsem, mm->sem. Names are looked up under RCU +
 * dcache_lock-free hash walk when hot; a miss takes the directory's rwsem for reading and calls
 * inode_ops.lookup.
 */
#ifndef FS_FS_H
#define FS_FS_H

#include <types.h>
#include <atomic.h>
#include <uapi/ioctl.h>
#include <uapi/stat.h>
#include <uapi/statfs.h>
#include <uapi/time.h>
#include <uapi/limits.h>
#include "core/cred.h"
#include "core/mutex.h"
#include "core/rcu.h"
#include "dev/block.h"
#include "lib/list.h"
#include "mm/iter.h"
#include "mm/vm.h"
#include "mm/vmobject.h"

struct inode;
struct inode_locks;
struct acl;
struct dentry;
struct file;
struct super;
struct path;
struct poll_table;
struct dir_context;
struct file_map;
struct file_system;
struct mnt_ns;
struct watched;

/*
 * Linux's internal form: major and minor packed as new_encode_dev on the ABI's edge (stat:
 * MKDEV64).
 */
#define MKDEV(ma, mi) (((u64)(ma) << 32) | (u32)(mi))
#define DEV_MAJOR(d)  ((u32)((d) >> 32))
#define DEV_MINOR(d)  ((u32)(d))
u64 dev_encode(u64 dev); /* for st_dev, st_rdev, mknod's argument (glibc layout) */
u64 dev_decode(u64 abi);

#define ATTR_MODE      (1u << 0)
#define ATTR_UID       (1u << 1)
#define ATTR_GID       (1u << 2)
#define ATTR_SIZE      (1u << 3)
#define ATTR_ATIME     (1u << 4)
#define ATTR_MTIME     (1u << 5)
#define ATTR_CTIME     (1u << 6)
#define ATTR_ATIME_NOW (1u << 7) /* time is "now": write permission suffices */
#define ATTR_MTIME_NOW (1u << 8)
#define ATTR_FORCE     (1u << 9) /* no permission check: the kernel itself (write clears set-uid) */

struct attrs {
	u32 valid;
	u32 mode, uid, gid;
	u64 size;
	struct timespec64_k {
		s64 sec;
		u32 nsec;
	} atime, mtime, ctime;
};
typedef struct timespec64_k ktimespec;
ktimespec now_ktimespec(void); /* now_real() */

struct inode_ops {
	/*
	 * Directories. The dentry is hashed, negative, its name set; lookup makes it positive by
	 * d_instantiate or leaves it. dir->rwsem held (read for lookup, write for the others).
	 */
	int (*lookup)(struct inode *dir, struct dentry *d);
	/* What mode says; rdev is a device's, target a symbolic link's. */
	int (*make)(struct inode *dir, struct dentry *d, u32 mode, u64 rdev, const char *target);
	int (*link)(struct inode *dir, struct dentry *d, struct inode *target);
	int (*unlink)(struct inode *dir, struct dentry *d);
	int (*rmdir)(struct inode *dir, struct dentry *d);
	/*
	 * flags: RENAME_NOREPLACE (checked before), RENAME_EXCHANGE. Both dirs locked; nd may be
	 * positive.
	 */
	int (*rename)(struct inode *od, struct dentry *o, struct inode *nd, struct dentry *n,
		      unsigned flags);
	/* Unnamed file for O_TMPFILE and memfd: a fresh inode with nlink 0. ERR_PTR. */
	struct inode *(*tmpfile)(struct inode *dir, u32 mode);
	/*
	 * Symlinks: the target, stable under RCU or for the inode's life; ERR_PTR. buf of PATH_MAX
	 * may be used (magic /proc links).
	 */
	const char *(*get_link)(struct inode *i, char *buf);
	/*
	 * Magic links (/proc/PID/fd/N): jumps straight to a path; then get_link is only for
	 * readlink.
	 */
	int (*follow)(struct inode *i, struct path *out);
	/* All. NULL means the generic one. */
	/* i->rwsem held for writing; generic_setattr applies it */
	int (*setattr)(struct inode *i, const struct attrs *a);
	/*
	 * len bytes at pos are about to be written: is there room? Also for a write through a mapping,
	 * with mm->sem held; else with i->rwsem. 0, -ENOSPC, -EROFS. May be NULL: always.
	 */
	int (*room)(struct inode *i, u64 pos, u64 len);
	/*
	 * chattr(1): i->attr is about to have the FS_*_FL `flags`; the change's time is set here. i->rwsem held for
	 * writing. NULL: memory keeps them.
	 */
	int (*setflags)(struct inode *i, u32 flags);
	/* inode_touch() gave it times (ATTR_ATIME, ...). Does not sleep. NULL: nobody stores them. */
	void (*touched)(struct inode *i, u32 which);
	int (*getattr)(struct inode *i, struct stat *st);
	/* MAY_*; generic: mode bits and capabilities */
	int (*permission)(struct inode *i, int mask);
	ssize_t (*getxattr)(struct inode *i, const char *name, void *buf, size_t n);
	int (*setxattr)(struct inode *i, const char *name, const void *v, size_t n, int flags);
	ssize_t (*listxattr)(struct inode *i, char *buf, size_t n);
	int (*removexattr)(struct inode *i, const char *name);
	/* Directory entry cache may be stale (procfs): false drops the dentry. */
	bool (*revalidate)(struct dentry *d);
};

#define MAY_EXEC  1
#define MAY_WRITE 2
#define MAY_READ  4

struct inode {
	atomic_t refs; /* [a] */
	u32 mode; /* [i] write, READ_ONCE */
	u32 uid, gid; /* [i] */
	u32 nlink; /* [i] */
	u64 ino; /* [I] */
	u64 rdev; /* [I] */
	ktimespec atime, mtime, ctime, btime; /* [l] */
	struct super *sb; /* [I] */
	const struct inode_ops *ops; /* [I] */
	/* [I] what open() gives its files (devices: replaced by open) */
	const struct file_ops *fops;
	struct rwsem rwsem; /* directory contents; size and data of files against truncation */
	spinlock_t lock; /* RANK_INODE */
	struct vmobject pages; /* page cache of regular files; pages.size is the file size */
	atomic_t writers; /* [a] > 0: open for writing; < 0: being executed (ETXTBSY) */
	atomic_t readers; /* [a] open files that only read */
	void *priv; /* [I] the file system's */
	void *special; /* [l] pipe of a fifo, socket, device */
	struct list_head sb_link; /* [l of sb] */
	struct list_head dirty_link; /* [sb->dirty_lock] in sb->dirty */
	u32 dirty_at; /* [sb->dirty_lock] since when: 1/100 s */
	bool dirty_held; /* [sb->dirty_lock] the list has a reference: while it has a name */
	struct inode_locks *locks; /* [l] file locks (fs/lock.c); NULL: there never was one */
	struct acl *acl; /* [i] to write, RCU: its access control list; NULL: the mode says all */
	struct watched *watches; /* who listens (fs/notify.h); NULL: nobody */
	void *xattrs; /* [i] extended attributes kept in memory (fs/xattr.c) */
	bool handle; /* [a] fs/handle.c knows it */
	u32 seals; /* [i] F_SEAL_* of memfd_create(2); 0 for most */
	u8 write_hint; /* [a] RWH_WRITE_LIFE_* of F_SET_RW_HINT, fcntl(2): kept, not obeyed */
	u32 attr; /* [i] FS_*_FL of chattr(1) (fs/fileattr.h); read any time */
	struct rcu_head rcu;
};
static inline u64 inode_size(const struct inode *i)
{
	return READ_ONCE(i->pages.size);
}

#define DNAME_INLINE 40
struct dentry {
	atomic_t refs; /* [a] 0: on the unused list, still hashed */
	u32 hash; /* [D] of parent and name */
	u32 len; /* [D] of name */
	u32 flags; /* [D] */
	struct dentry *parent; /* [D] referenced; itself for a root */
	struct inode *inode; /* [D] referenced; NULL: negative */
	const char *name; /* [D] inline_name or RCU-freed allocation; NUL-terminated */
	char inline_name[DNAME_INLINE];
	struct hlist_node hash_link; /* [D] */
	struct list_head children; /* [D] */
	struct list_head sibling; /* [D] */
	struct list_head lru; /* [D] */
	struct super *sb; /* [I] */
	void *priv; /* [I] the file system's (procfs) */
	u32 mounts; /* [D] that hang here, under any mount */
	struct rcu_head rcu;
};
#define D_MOUNTED  (1u << 0) /* something is mounted here: ask the mount hash */
#define D_DEAD	   (1u << 1) /* removed directory */
#define D_HASHED   (1u << 2)
#define D_NOCACHE  (1u << 3) /* drop at last reference */
#define D_LINKABLE (1u << 4) /* of O_TMPFILE without O_EXCL: linkat(2) may give it a name */
#define D_GOING	   (1u << 5) /* between d_remove_begin and d_delete or d_keep */
#define D_DROPPED  (1u << 6) /* its file system goes: dcache_drop_super was here */
#define D_NOMOUNT  (1u << 7) /* nothing may be mounted here */
#define D_HANDLE   (1u << 8) /* fs/handle.c holds it */

/*
 * [m] mount_mutex as well: changed with both, read with either or under RCU. A mount on the root of
 * another is over it, and all that are over one another are a stack: `base` is its lowest, and
 * knows the `top`. So whoever comes to the place of a stack is at its top in one step.
 */
struct mount {
	atomic_t refs; /* [a] */
	atomic_t writers; /* [a] files open for writing */
	struct super *sb; /* [I] referenced */
	struct dentry *root; /* [I] referenced */
	struct mount *parent; /* [M m] referenced; itself for the first */
	struct dentry *mountpoint; /* [M m] referenced */
	struct mount *base; /* [M m] itself unless it is over its parent */
	struct mount *top; /* [M m] of a base; itself when nothing is over it */
	struct mount *over; /* [M m] the one on its root, or NULL */
	struct mnt_ns *ns; /* [m] where it is to be seen; NULL: off the tree */
	struct list_head link; /* [m] ns->mounts */
	struct hlist_node hash_link; /* [M m] of a base: by (parent, mountpoint) */
	struct list_head children, sibling; /* [M m] */
	u64 flags; /* [m] MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_NOATIME... */
	u64 locked; /* [m] such of them as a lesser namespace can't change; MOUNT_LOCKED */
	u64 id; /* [I] rises; nobody else's ever */
	/* mount_namespaces(7), "Shared subtrees": fs/propagate.c */
	int group; /* [m] of peers; 0: it is not shared */
	bool unbindable; /* [m] */
	bool marked; /* [m] of one change: it goes */
	struct list_head peers; /* [m] a ring */
	struct mount *master; /* [m] whose slave it is, or NULL */
	struct list_head slaves, slave_link; /* [m] */
	struct mount *copy; /* [m] of one change: of a target, what came there */
	struct mount *goes_to; /* [m] of one change: of such a copy, the target */
	struct list_head target, batch; /* [m] of one change */
	bool expiring; /* [w] umount2(MNT_EXPIRE) came by, and nobody used it since */
	char *devname; /* [I] */
	struct watched *watches; /* who listens (fs/notify.h); NULL: nobody */
	struct rcu_head rcu;
};

/* The number that /proc/PID/mountinfo, fdinfo and name_to_handle_at(2) tell. */
static inline int mount_id(const struct mount *m)
{
	return (int)(m->id & S32_MAX);
}

struct path {
	struct mount *mnt;
	struct dentry *dentry;
};

struct super_ops {
	/* The last reference went: frees priv. The caller has dropped the pages. */
	void (*evict_inode)(struct inode *i);
	int (*statfs)(struct super *sb, struct statfs *st);
	/* All that is not yet durable, after the files' data was written back (syncfs(2)). May be NULL. */
	int (*sync)(struct super *sb);
	/* The same from time to time, as far as it is due: 1: there is more to come. May be NULL. */
	int (*commit)(struct super *sb);
	/* The machine stops: what sync left to be done. Nothing is written after it. May be NULL. */
	void (*finish)(struct super *sb);
	/*
	 * Unmounting, with no name in use any more: puts the inodes that the file system itself
	 * holds. May be NULL.
	 */
	void (*let_go)(struct super *sb);
	void (*unmount)(struct super *sb); /* after the last inode has gone */
	int (*show_options)(struct super *sb, char *buf, size_t n);
	/*
	 * mount(2) MS_REMOUNT and fsconfig(2): becomes what flags (of SUPER_FLAGS) and the options
	 * in data (NULL: none) say; then sb->flags are set. NULL: any will do.
	 */
	int (*remount)(struct super *sb, u64 flags, const char *data);
	/*
	 * In-memory file systems: a new inode in place of memfs_inode (limits, ENOSPC). ERR_PTR.
	 * May be NULL.
	 */
	struct inode *(*new_inode)(struct super *sb, u32 mode, u64 rdev, const char *target);
	/*
	 * The same: so many bytes come (-ENOSPC refuses) or, less than 0, went: of attributes, and
	 * MEMFS_NAME of a name that isn't a file's first. May be NULL.
	 */
	int (*charge_names)(struct super *sb, long bytes);
};

struct super {
	atomic_t refs; /* [a] mounts, and while it is being made */
	const struct file_system *fs; /* [I] */
	const struct super_ops *ops; /* [I] */
	struct dentry *root; /* [I] */
	u64 dev; /* [I] st_dev: of its block device, or anonymous */
	struct block_device *device; /* [I] that one, of which it is a user; NULL: none */
	struct user_ns *user; /* [I] of who mounted it first; referenced */
	u64 flags; /* [super_mutex] MS_RDONLY, MS_SYNCHRONOUS, MS_DIRSYNC..., SUPER_FLAGS */
	atomic_t writers; /* [a] files open for writing */
	struct mutex rename_mutex; /* one directory rename at a time */
	atomic_long_t next_ino; /* [a] */
	atomic_long_t inodes; /* [a] that exist; the last one's going wakes `idle` */
	struct waitq idle; /* unmounting waits for inodes == 0 */
	void *priv; /* [I] the file system's */
	bool handles; /* [a] fs/handle.c knows, or knew, one of its inodes */
	struct watched *watches; /* who listens (fs/notify.h); NULL: nobody */
	struct list_head watched; /* the same of inodes */
	struct list_head link; /* [M] all supers */
	struct mutex writeback; /* one walk of `dirty` at a time */
	spinlock_t dirty_lock;
	struct list_head dirty; /* [dirty_lock] inodes with pages to be written back, by dirty_link */
	u32 error; /* [a] of write-back: vmobject_error_since */
	struct rcu_head rcu;
};

/* A file-system type; registered by FILE_SYSTEM in a linker section. */
struct file_system {
	const char *name;
	unsigned flags;
	/*
	 * A new super with root dentry; source: device name or NULL. ERR_PTR. data: option string
	 * or NULL.
	 */
	struct super *(*mount)(const struct file_system *fs, const char *source, u64 flags,
			       const char *data);
	/*
	 * fsconfig(2): would mount take the option (val NULL: without value)? 0; -ENOPARAM: there
	 * is none of that name; -EINVAL. NULL: mount alone tells.
	 */
	int (*option)(const char *key, const char *val);
	/* Whose namespace of users a new one belongs to. NULL: the mounter's. Borrowed. */
	struct user_ns *(*owner)(void);
};
#define FS_NODEV   1u /* needs no block device: "nodev" in /proc/filesystems */
#define FS_SINGLE  2u /* one super, mounted again and again (devfs, procfs) */
#define FS_HANDLES 8u /* inodes stay, and are found by name_to_handle_at(2) */
#define FS_USERNS  4u /* who has CAP_SYS_ADMIN in a user namespace of their own may mount it */
#define ENOPARAM   519 /* internal: an unknown option */
#define SUPER_FLAGS \
	(MS_RDONLY | MS_SYNCHRONOUS | MS_MANDLOCK | MS_DIRSYNC | MS_LAZYTIME) /* sb->flags */
#define FS_REVEALS 32u /* tells of the machine: FS_USERNS only where one is seen already */
#define FS_ATTRS \
	128u /* inodes have a time of birth and the flags of chattr(1), as statx(2) tells */
#define FS_BLOCKS_1K 256u /* st_blksize, and FIGETBSZ's answer; else a page */
#define FS_ATTR_FILES \
	512u /* of a tree: files are a page long, folders 0755, the mode alone lets write */
#define FS_NOEXEC	  64u /* nothing of it is run or mapped to be run, whatever the mount says */
#define FS_NO_PERM_EVENTS 16u /* no fanotify_mark(2) for events that ask */
#define FILE_SYSTEM(ident)                                                                  \
	static const struct file_system *const __fs_entry_##ident __section("file_systems") \
		__used = &(ident)

struct file_ops {
	/* pos: NULL for streams. Return bytes or -errno; it->count shrinks accordingly. */
	ssize_t (*read)(struct file *f, struct iter *it, u64 *pos);
	ssize_t (*write)(struct file *f, struct iter *it, u64 *pos);
	s64 (*llseek)(struct file *f, s64 off, int whence); /* NULL: -ESPIPE */
	u32 (*poll)(struct file *f, struct poll_table *pt); /* NULL: always EPOLLIN|EPOLLOUT */
	long (*ioctl)(struct file *f, unsigned cmd, unsigned long arg); /* NULL: -ENOTTY */
	int (*mmap)(struct file *f, struct file_map *m); /* NULL: -ENODEV */
	int (*readdir)(struct file *f, struct dir_context *dc);
	int (*open)(struct inode *i, struct file *f); /* may replace f->ops and f->priv */
	int (*flush)(struct file *f); /* at each close(2) of a descriptor */
	void (*release)(struct file *f); /* the last reference; task context */
	int (*fsync)(struct file *f, u64 start, u64 end, bool datasync);
	int (*fallocate)(struct file *f, int mode, u64 off, u64 len);
	int (*setfl)(struct file *f, unsigned flags); /* F_SETFL check */
	int (*show_fdinfo)(struct file *f, char *buf, size_t n);
	/* The list for O_ASYNC of what f refers to; NULL: it has none (fs/async.h) */
	struct list_head *(*asyncs)(struct file *f);
};

/* What mmap of a file yields; the caller maps it. */
struct file_map {
	u64 pgoff, len;
	u32 vm_flags; /* in: VM_*; out: may lose VM_MAY* */
	/* out: referenced page cache; NULL: anonymous memory, with zero_area_ops or none */
	struct vmobject *obj;
	const struct area_ops *ops; /* out: default file_area_ops */
};

/* [o] set while it is opened, by one task, and never after. */
struct file {
	atomic_t refs; /* [a] */
	u32 mode; /* [o] FMODE_* */
	u32 flags; /* [f] O_* status flags; read any time */
	const struct file_ops *ops; /* [o] */
	struct path path; /* [I] referenced; dentry of anonymous files: a pseudo dentry */
	struct inode *inode; /* [I] */
	u64 pos; /* [pos_mutex] when shared */
	struct mutex pos_mutex;
	spinlock_t lock; /* RANK_FS */
	struct cred *cred; /* [I] opener's */
	void *priv; /* [o] of who implements ops */
	u32 error_since, super_error_since; /* [f] of inode and super: vmobject_error_since */
	struct list_head epoll_links; /* [f] fs/epoll.c: items that watch it */
	u64 epoll_walk; /* fs/epoll.c: [nesting_mutex] the last walk that came by */
	struct file_async *async; /* [a] fs/async.c; NULL: none of it was ever set */
	struct file *dying_next; /* [its last holder] fs/open.c: to be released after another */
	struct rcu_head rcu;
};
#define FMODE_READ    (1u << 0)
#define FMODE_WRITE   (1u << 1)
#define FMODE_PATH    (1u << 2) /* O_PATH: nothing but *at() and fstat */
#define FMODE_PREAD   (1u << 3) /* seekable: pread/pwrite allowed */
#define FMODE_STREAM  (1u << 4) /* no position: no pos lock */
#define FMODE_CREATED (1u << 5) /* this open made the file: F_CREATED_QUERY */
#define FMODE_MOUNTS \
	(1u << 6) /* mounts that nobody else sees end with it: open_tree(2), fsmount(2) */
#define FMODE_WRITER   (1u << 7) /* counted in the writers of its mount */
#define FMODE_NONOTIFY (1u << 8) /* nobody is told what is done through it */
/* What its opener's domain forbids (fs/landlock.h). */
#define FMODE_NO_TRUNCATE (1u << 9)
#define FMODE_NO_IOCTL	  (1u << 10) /* of a device */
/* What files of /proc leave out, as on Linux. */
#define FMODE_NO_PWRITE	    (1u << 11) /* it is written at its own position alone: ESPIPE */
#define FMODE_NO_SPLICE	    (1u << 12) /* splice(2) and sendfile(2) read nothing from it: EINVAL */
#define FMODE_NO_SPLICE_OUT (1u << 13) /* nor write to it */
#define FMODE_NO_MAP	    (1u << 14) /* mmap(2) says EIO, not ENODEV */
#define FMODE_NOWAIT	    (1u << 15) /* its read and write obey RWF_NOWAIT; of others it is EOPNOTSUPP */

/*
 * readdir: the file system calls emit for each entry; false = buffer full, stop without advancing
 * past it. pos is the cookie.
 */
struct dir_context {
	bool (*emit)(struct dir_context *dc, const char *name, size_t len, u64 ino, unsigned type,
		     u64 next_pos);
	u64 pos; /* in/out: file->pos */
};

/* --- inodes (fs/inode.c) --- */
struct inode *inode_alloc(struct super *sb); /* refs 1, empty; NULL when out of memory */
void inode_get(struct inode *i);
void inode_put(struct inode *i);
/* fsuid/fsgid, set-gid directories; umask was applied before */
void inode_init_owner(struct inode *i, const struct inode *dir, u32 mode);
int generic_setattr(struct inode *i, const struct attrs *a);
int generic_getattr(struct inode *i, struct stat *st);
static inline u32 inode_block_size(const struct inode *i)
{
	return i->sb->fs && i->sb->fs->flags & FS_BLOCKS_1K ? 1024 : PAGE_SIZE;
}
int inode_permission(struct mount *m, struct inode *i, int mask); /* 0, -EACCES, -EROFS */
/* Checks, locks, setattr. 0 or -errno */
int inode_change(struct path *p, struct attrs *a);
/* chown(2): *a from the caller's numbers, ~0 is to stay. 0; -EINVAL: there are no such. */
int attrs_owner(struct attrs *a, u32 uid, u32 gid);
void inode_touch(struct inode *i, u32 which); /* ATTR_ATIME/MTIME/CTIME to now */
/* A read: the time of access changes as the flags of the mount and the relatime rule say. */
void inode_accessed(const struct mount *m, struct inode *i);
bool inode_access_due(const struct mount *m, const struct inode *i); /* would it note a time? */
int inode_deny_write(struct inode *i); /* exec: 0 or -ETXTBSY */
void inode_allow_write(struct inode *i);
int inode_get_write(struct inode *i); /* open for writing: 0 or -ETXTBSY */
void inode_put_write(struct inode *i);

/* --- dentries (fs/dcache.c) --- */
void dcache_init(void);
/* negative, unhashed, refs 1 */
struct dentry *d_alloc(struct dentry *parent, const char *name, size_t len);
/* takes over the inode reference */
struct dentry *d_alloc_root(struct super *sb, struct inode *root);
struct dentry *d_alloc_pseudo(struct super *sb, const char *name, struct inode *i);
void d_instantiate(struct dentry *d, struct inode *i); /* takes over the inode reference */
/* referenced or NULL; RCU walk */
struct dentry *d_lookup(struct dentry *parent, const char *name, size_t len);
void d_delete(struct dentry *d); /* after unlink/rmdir: negative or unhashed */
/*
 * A rename in the cache. What a long name needs is got before the file system renames, by
 * d_move_prepare (0 or -ENOMEM), so that d_move, which takes it over, can't fail: a directory
 * must not come to have two dentries.
 */
int d_move_prepare(const char *name, size_t len, char **heap);
void d_move(struct dentry *d, struct dentry *new_parent, const char *name, size_t len, char *heap);
/* RENAME_EXCHANGE: both positive, they swap places */
void d_exchange(struct dentry *a, struct dentry *b);
/* a reference to one found under RCU; false: it is being freed */
bool d_get_live(struct dentry *d);
/* no reference: valid until the caller sleeps */
struct dentry *d_lookup_rcu(struct dentry *parent, const char *name, size_t len);
/* a is d or above it; rename_mutex held */
bool d_is_ancestor(const struct dentry *a, const struct dentry *d);
int d_set_mounted(struct dentry *d, bool mounted); /* 0; -ENOENT: not on a name that goes */
void d_set_handle(struct dentry *d); /* D_HANDLE */
void d_keep_mounted(struct dentry *d); /* as with true, for what may be gone already */
/*
 * A name is about to be removed, so nothing may be mounted there: 0 or -EBUSY. Then d_delete, or
 * d_keep when it failed.
 */
int d_remove_begin(struct dentry *d);
void d_keep(struct dentry *d);
void dcache_drop_super(struct super *sb);
void d_drop(struct dentry *d); /* unhash */
void d_named(struct dentry *d); /* it is not D_LINKABLE any more */
void d_drop_children(struct dentry *d); /* of a directory that was removed: none is positive */
struct dentry *d_get(struct dentry *d);
/* Its directory, referenced, and its name there: room for NAME_MAX + 1. */
struct inode *d_parent_and_name(struct dentry *d, char *name, size_t *len);
void d_put(struct dentry *d);
u64 dcache_shrink(u64 n); /* frees unused ones, oldest first */
u64 dcache_unused(void); /* how many are on the list of those, some of them used again */
/*
 * Absolute path of p as seen from root, into buf from its end. Pointer into buf;
 * ERR_PTR(-ENAMETOOLONG). " (deleted)" appended; *unreachable set when above root.
 */
char *d_path(const struct path *p, const struct path *root, char *buf, size_t n, bool *unreachable);

/* --- paths (fs/namei.c) --- */
#define LOOKUP_FOLLOW	 1u
#define LOOKUP_DIRECTORY 2u
#define LOOKUP_EMPTY	 4u /* AT_EMPTY_PATH */
#define LOOKUP_PARENT	 8u
/* name: a kernel string. 0 or -errno */
int path_lookup(int dfd, const char *name, unsigned flags, struct path *out);
/*
 * The walk to the last component, for those who create, remove or open it. After walk_parent, dir
 * is the directory (referenced) and last/len the component with slashes stripped; kind says what it
 * is. walk_end releases everything. walk_follow goes on through a symlink found as last component
 * (referenced in *link).
 */
enum last_kind { LAST_NORM, LAST_DOT, LAST_DOTDOT, LAST_ROOT };
struct walk {
	struct path dir;
	struct path root; /* the task's, referenced */
	const char *last;
	size_t len;
	enum last_kind kind;
	bool must_dir; /* slashes followed the last component */
	unsigned links; /* symlinks passed: 40 is too many */
	u32 resolve; /* RESOLVE_* of openat2(2) */
	char *heap; /* the expanded string, when a symlink was passed */
	struct path cur; /* referenced only when held */
	bool held;
};
int walk_parent(struct walk *w, int dfd, const char *name, u32 resolve);
int walk_follow(struct walk *w, struct path *link);
void walk_end(struct walk *w);
/*
 * The last component of w as a path (mounts crossed, symlink not followed): referenced; dentry may
 * be negative.
 */
int walk_last(struct walk *w, struct path *out);
void path_get(const struct path *p);
void path_put(struct path *p);
/*
 * User paths: kmalloc'ed, at most PATH_MAX. ERR_PTR(-EFAULT, -ENAMETOOLONG, -ENOENT when empty and
 * !allow_empty).
 */
char *getname(const char __user *uname, bool allow_empty);
void putname(char *name);
/* The same for a call that is made often: in `few`, if there is room. Given back by putname_few. */
#define NAME_FEW 160
char *getname_few(char few[NAME_FEW], const char __user *uname);
static inline void putname_few(const char *few, char *name)
{
	if (unlikely(name != few))
		putname(name);
}
int user_path(int dfd, const char __user *uname, unsigned flags, struct path *out);

/* --- opening and the vfs_* verbs (fs/open.c, fs/vfs.c): checks done, locks taken inside --- */
struct file *file_open(int dfd, const char *name, int flags, u32 mode); /* ERR_PTR */
struct file *file_open_path(const struct path *p, int flags); /* no creation; permission checked */
/* Nothing checked, and nobody told of what is done with it: fanotify(7)'s events. */
struct file *file_open_unnoticed(const struct path *p, int flags);
struct file *file_alloc(const struct path *p, u32 fmode, u32 flags, const struct file_ops *ops);
/* A file of its own anonymous inode ("anon_inode:[eventfd]"): eventfd, epoll, pidfd... ERR_PTR. */
struct file *anon_file(const char *name, const struct file_ops *ops, void *priv, int flags);
struct file *file_get(struct file *f);
s64 file_count(void); /* that exist */
extern s64 file_max; /* fs.file-max, proc(5): ENFILE beyond, without CAP_SYS_ADMIN */
/*
 * Any task context. The release runs at once; out of another's release, after that one: files that
 * hold files (unix(7), SCM_RIGHTS) need no stack for each.
 */
void file_put(struct file *f);
/* Check the mode. pos NULL: f->pos, with its mutex where others may be using f. */
ssize_t file_read(struct file *f, struct iter *it, u64 *pos);
ssize_t file_write(struct file *f, struct iter *it, u64 *pos); /* O_APPEND, RLIMIT_FSIZE too */
ssize_t kernel_read(struct file *f, void *buf, size_t n, u64 pos);
s64 generic_llseek(struct file *f, s64 off, int whence);
/* May nothing there be run? By the mount, or by the kind of the file system. */
bool path_noexec(const struct path *p);
ssize_t generic_file_read(struct file *f, struct iter *it, u64 *pos); /* page cache */
ssize_t generic_file_write(struct file *f, struct iter *it, u64 *pos);
/* open(2), O_DIRECT: 0, or -EINVAL for places, lengths and user memory that are no whole sectors. */
int direct_check(const struct file *f, const struct iter *it, u64 pos);
int generic_file_mmap(struct file *f, struct file_map *m);
extern const struct area_ops file_area_ops;
/* Anonymous memory that a file stands for: /dev/zero, private. */
extern const struct area_ops zero_area_ops;
bool area_of_file(const struct area *a); /* with one of these two: its owner is the struct file */
extern int protected_hardlinks, protected_symlinks; /* proc(5) */
extern int protected_fifos, protected_regular;
int vfs_mkdir(int dfd, const char *name, u32 mode);
int vfs_mknod(int dfd, const char *name, u32 mode, u64 dev);
int vfs_symlink(const char *target, int dfd, const char *name);
/*
 * Of vfs_link and vfs_rename the new name may be an ERR_PTR, which is told where the name would be looked up: behind
 * what is wrong with the old one; of vfs_rename the old one, too, behind what is wrong with the flags.
 */
int vfs_link(int odfd, const char *oname, int ndfd, const char *nname, int flags);
int vfs_unlink(int dfd, const char *name);
int vfs_rmdir(int dfd, const char *name);
/* Removes a name of that directory; must_dir: slashes followed it. For who has walked there. */
int vfs_remove_at(const struct path *dir, const char *name, size_t len, bool is_dir, bool must_dir);
int vfs_rename(int odfd, const char *o, int ndfd, const char *n, unsigned flags);
int vfs_stat(const struct path *p, struct stat *st);
int vfs_statfs(const struct path *p, struct statfs *st); /* f_flags and f_fsid filled in here */
int vfs_truncate(const struct path *p, u64 size);
int file_truncate(struct file *f, u64 size);

/* --- mounts: mount.h has what is seldom asked for --- */
void vfs_init(void);
void fs_for_each(void (*fn)(const struct file_system *fs, void *arg), void *arg);
/* Boot: tarfs from a disk or an initrd, else panic with words; then /dev, /proc and /sys. */
int mount_root(void);
bool super_on_device(u64 dev); /* is the block device mounted? */
/* All supers, each referenced meanwhile, no lock held. */
void supers_for_each(void (*fn)(struct super *sb, void *arg), void *arg);

/* --- write-back (fs/writeback.c) --- */
void fs_sync_all(void); /* sync(2) */
void fs_finish(void); /* the machine stops: all is durable, and nothing is written after it */
int super_sync(struct super *sb);
/* Writes back files that have been dirty for at least age/100 s. 0 or -errno of any. */
int super_write_data(struct super *sb, u32 age);
void writeback_start(void); /* somebody will have dirty files: the thread is needed from now on */
/* Something is dirty that super_ops.commit will see to. Any lock of a rank below RANK_WAITQ may be held. */
void writeback_note(void);
void inode_dirtied(struct vmobject *obj); /* for vmobject_ops.dirtied of an inode's pages */
/* Off the list if nothing of it is dirty; the caller has a reference. */
void inode_settle(struct inode *i);
void super_drop_dirty(struct super *sb); /* what could not be written back: the file system ends */
void inode_undirty(struct inode *i); /* off the list; nobody refers to it any more */
/* Its last name went: the list need not keep it. The caller has a reference. */
void inode_unhold(struct inode *i);
/* Brings bytes [start, end) of f's pages, which are obj, to the store: 0, or the error that f was not told yet. */
int file_writeback(struct file *f, struct vmobject *obj, u64 start, u64 end);
int file_fsync(struct file *f, u64 start, u64 end, bool datasync); /* -EINVAL: not for such files */
int file_syncfs(struct file *f);
/* sync_file_range(2), the data alone */
int file_sync_range(struct file *f, u64 start, u64 end);
/* proc(5), /proc/sys/vm: in 1/100 s */
extern int dirty_writeback_interval, dirty_expire_interval;
void writeback_retime(void); /* the first of them has changed */
struct super *super_alloc(const struct file_system *fs, const struct super_ops *ops, void *priv);
extern struct path init_root;

/* Generic in-memory directory and file helpers that tmpfs, devfs and tarfs share (fs/memfs.c). */
#include "fs/memfs.h"
#endif
