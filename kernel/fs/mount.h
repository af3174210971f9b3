/*
 * Mounts for those who change them or look at all of them: the calls (sys_mount.c), /proc/PID/mounts,
 * and the files of fs/ that do the work, each with a part of its own:
 *	mount.c		the tree: what hangs where, finding it, taking it off
 *	propagate.c	peer groups, and what follows elsewhere from a change in one place
 *	mount_ns.c	namespaces of mounts
 *	mount_ops.c	the verbs of mount(2), umount(2), pivot_root(2)
 *	mount_tree.c	those of open_tree(2), move_mount(2), mount_setattr(2)
 *	fscontext.c	fsopen(2), fsconfig(2), fsmount(2), fspick(2)
 *	statmount.c	statmount(2), listmount(2)
 *	super.c		file systems, mounted once each
 * All changes are made under mount_mutex [m], which mounts_lock takes.
 */
#ifndef FS_MOUNT_H
#define FS_MOUNT_H

#include <uapi/mount.h>
#include "core/ns.h"
#include "core/wait.h"
#include "fs/fs.h"

struct fs_ctx;
struct mount_attr;
struct mnt_id_req;

/* What mount(2) can set of one mount, and the same as mount_setattr(2) names it. */
#define MOUNT_FLAGS                                                                                \
	(MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_NOATIME | MS_NODIRATIME | MS_RELATIME | \
	 MS_NOSYMFOLLOW)
#define MOUNT_SECURE  (MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC)
#define MOUNT_ATIME   (MS_NOATIME | MS_NODIRATIME | MS_RELATIME)
#define MOUNT_LOCKED  (1UL << 32) /* in locked: it must not be taken off its place alone */
#define MOUNT_ID_BASE (1UL << 31) /* statmount(2), statx(2): what is no number of mountinfo */
#define MOUNT_TYPES   (MS_SHARED | MS_PRIVATE | MS_SLAVE | MS_UNBINDABLE)

struct mnt_ns {
	struct ns ns;
	u64 id; /* [I] NS_GET_MNTNS_ID */
	bool anon; /* [I] of mounts that hang nowhere yet: open_tree(2), fsmount(2) */
	struct mount *root; /* [m] the first; referenced by the tree */
	struct list_head mounts; /* [m] by id */
	int nr, pending; /* [m] mounts, and such as are about to come */
	u64 event; /* [m] counts changes, for poll(2) */
	struct waitq wait; /* woken at each */
	struct list_head all_link; /* [m] */
};

/* --- mount.c --- */
extern int mount_max; /* fs.mount-max, proc(5): mount(2) gives ENOSPC beyond */
void mounts_lock(void);
void mount_put_unused(struct mount *m); /* mount_put, but it was not used: MNT_EXPIRE */
void mounts_unlock(void); /* then what was taken off the tree is put: a file system may end */
struct mount *mount_next(struct mount *m, struct mount *top); /* of the tree, parents first; NULL */
unsigned mount_count(struct mount *top);
bool mount_below(const struct mount *m, const struct mount *top); /* or the same */
/* [m] What hangs at that place itself, not over it: the lowest. NULL: nothing. */
struct mount *mount_at(struct mount *parent, const struct dentry *d);
/* [m] Hangs m, with all that is below and over it, on a place where nothing is: 0 or -ENOENT. */
int mount_hang(struct mount *m, struct mount *parent, struct dentry *d);
/*
 * [m] The steps of that, for several moves that are seen as one: between _begin and _end, sleeping
 * not; the place was claimed by d_set_mounted. What m was hung on, if anything, is put by the caller
 * afterwards.
 */
void mount_change_begin(void);
void mount_change_end(void);
void mount_link(struct mount *m, struct mount *parent, struct dentry *d);
void mount_unlink(struct mount *m, struct path *was);
/* [m] Takes the tree of m off, and with `propagate` what came of it elsewhere. */
void mount_drop_tree(struct mount *m, bool propagate);
/* [m] copy_tree's of m from `root` on, in no namespace and hung nowhere. ERR_PTR. */
#define COPY_SLAVE	  1u /* each a slave of its original */
#define COPY_SHARED	  2u /* each shared: a peer, or with COPY_SLAVE of a new group */
#define COPY_PRIVATE	  4u
#define COPY_UNBINDABLE	  8u /* such as well */
#define COPY_NS_FILES	  16u /* and what shows a namespace of mounts */
#define COPY_SLAVE_SHARED 32u /* each that is shared becomes a slave */
struct mount *mount_copy(struct mount *m, struct dentry *root, unsigned how);
struct mount *mount_copy_tree(struct mount *m, struct dentry *root, unsigned how);

/* --- propagate.c, [m] --- */
void mount_set_type(struct mount *m, u32 type); /* one of MOUNT_TYPES */
int mount_group_new(void);
/* m's group to be told in mountinfo: the next that it gets things from and that is seen from root */
bool mount_reachable(const struct mount *m,
		     const struct path *root); /* can who is there come to m? */
int mount_dominator(struct mount *m, struct mnt_ns *ns, const struct path *root);
/*
 * Copies of the tree `m` for all that get what comes to (dest, d), onto the list by batch; each
 * knows by parent and mountpoint where to go, but hangs nowhere yet. 0 or -errno, with nothing left.
 */
int propagate_copies(struct mount *dest, struct dentry *d, struct mount *m, struct list_head *out);
void propagate_umount(struct list_head *batch); /* adds to it what goes with it */
bool propagate_busy(struct mount *m, int refs); /* is something in use that would go with m? */

/* --- mount_ns.c --- */
extern struct mnt_ns first_mnt_ns;
struct mnt_ns *mnt_ns_of(const struct ns *n); /* n: of NS_MNT or NULL (current's first) */
static inline struct mnt_ns *current_mnt_ns(void)
{
	return mnt_ns_of(current->ns[NS_MNT]);
}
static inline bool mount_is_ours(const struct mount *m)
{
	return m->ns == current_mnt_ns();
}
bool mnt_ns_may_admin(const struct mnt_ns *ns); /* CAP_SYS_ADMIN over it */
/*
 * May m, a new mount, come into current's namespace? In one that is not boot's owner's, of FS_REVEALS
 * only what is to be seen there whole already, and with its locks, which m gets. 0; -EPERM, and m goes.
 */
int mount_may_reveal(struct mount *m);
static inline bool mnt_may_admin(void)
{
	return mnt_ns_may_admin(current_mnt_ns());
}
struct mnt_ns *
mnt_ns_anon(struct mount *tree); /* [m] holds a tree that hangs nowhere. NULL: no memory */
void mnt_ns_anon_put(struct mnt_ns *ns); /* [m] its tree went elsewhere, or goes now */
void mnt_ns_add(struct mnt_ns *ns, struct mount *tree); /* [m] all of it */
void mnt_ns_del(struct mount *m); /* [m] */
void mnt_ns_touch(struct mnt_ns *ns); /* [m] something changed */
void mnt_ns_dissolve(struct mount *m); /* the file with FMODE_MOUNTS goes */
struct mnt_ns *mnt_ns_find_get(u64 id); /* ns referenced; NULL */
/* Mounts whose id is `from` or higher, in order, until fn says false. mount_mutex is held. */
void mounts_for_each(struct mnt_ns *ns, u64 from, bool (*fn)(struct mount *m, void *arg),
		     void *arg);

/* --- mount_ops.c --- */
int vfs_mount(const char *source, const struct path *on, const char *fstype, u64 flags,
	      const char *data);
int vfs_umount(struct path *p, int flags); /* p is put */
int vfs_pivot_root(const struct path *new_root, const struct path *put_old);
/* [m] Hangs the tree m on the place, or under what is at its top; and where else it comes so. */
int mount_attach(struct mount *m, const struct path *on, bool beneath);
int mount_bindable(const struct path *from, bool all); /* [m] 0 or -EINVAL */
int mount_add(struct mount *m, struct path *on); /* hangs a new one on the top of a place */
/* Would the flags be a lesser namespace's to change? 0 or -EPERM. [m] */
int mount_may_set(const struct mount *m, u64 flags);
/* [m] 0, -EINVAL, -ELOOP... */
int mount_move(const struct path *from, const struct path *to, bool beneath);

/* --- mount_tree.c --- */
struct file *vfs_open_tree(const struct path *p, bool clone, bool all); /* O_PATH. ERR_PTR */
int vfs_move_mount(const struct path *from, const struct path *to, unsigned flags);
/* Flags (MOUNT_FLAGS) and type (one of MOUNT_TYPES, or 0) of one mount or of all below. */
int vfs_mount_setattr(const struct path *p, u64 set, u64 clr, u32 type, bool all);
struct file *mount_file(struct mount *m); /* m, in nothing yet, lives in the file. ERR_PTR */
#define MOUNT_ATTRS                                                                     \
	(MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC | \
	 MOUNT_ATTR__ATIME | MOUNT_ATTR_NODIRATIME | MOUNT_ATTR_NOSYMFOLLOW)
int mount_attr_flags(u64 attr, u64 *flags); /* of MOUNT_ATTRS to MOUNT_FLAGS: 0 or -EINVAL */
u64 mount_flags_attr(u64 flags); /* and back */

/* --- fscontext.c --- */
struct file *fscontext_open(const char *fstype); /* ERR_PTR */
struct file *fscontext_pick(const struct path *p);
struct fsconfig_param {
	char *key, *value; /* or NULL */
};
int fscontext_takes(struct file *f, unsigned cmd); /* 0; -EINVAL: it is none; -EOPNOTSUPP */
int fscontext_config(struct file *f, unsigned cmd, const struct fsconfig_param *param);
struct file *fscontext_mount(struct file *f, u64 flags); /* ERR_PTR */

/* --- statmount.c --- */
long vfs_statmount(const struct mnt_id_req *req, void __user *buf, size_t size);
long vfs_listmount(const struct mnt_id_req *req, u64 __user *ids, size_t n, bool reverse);
/* The folder of its file system that a mount shows, by a buffer of PATH_MAX; /proc's too. */
struct text;
void mount_put_root(struct text *out, const struct mount *m, char *buf);

/* --- super.c --- */
const struct file_system *fs_find(const char *name);
/* A file system to be mounted, referenced; for FS_SINGLE the one there is. ERR_PTR. */
struct super *super_get(const struct file_system *fs, const char *source, u64 flags,
			const char *data);
int super_remount(struct super *sb, u64 flags, const char *data); /* flags of SUPER_FLAGS */
bool super_may_admin(const struct super *sb); /* CAP_SYS_ADMIN over it */
bool fs_may_mount(const struct file_system *fs); /* may current mount one? */
#endif
