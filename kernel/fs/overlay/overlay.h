/*
 * Between the files of overlay, the union of folders: Linux's
 * Documentation/filesystems/overlayfs.rst tells what it does, and its attributes and whiteouts are
 * the same here, so that layers are good on both.
 *
 * A layer is a folder of another file system, on a mount of its own that hangs nowhere. What
 * belongs to a layer is called real. The operations of real inodes are called without asking for
 * permission: that was asked for at the union's inode, which has the same owner and mode. Who mounted it from a
 * user namespace of his own gets nowhere that way where he could not go himself (overlay_may), gives nobody a file
 * that has no owner there, and has no attributes but "user.overlay.".
 *
 * Locks: the union's inode rwsems are held as fs.h says; then overlay_inode.copying; then those of
 * real inodes, of which no two belong to one layer unless real.c takes them.
 * [I] immutable once mounted, or once the inode is seen by others
 */
#ifndef OVERLAY_OVERLAY_H
#define OVERLAY_OVERLAY_H

#include "fs/fs.h"
#include "fs/internal.h"
#include "lib/rbtree.h"

#define OVERLAY_LAYERS	  500 /* at most, as Linux has it */
#define OVERLAY_NAME_ROOM 64 /* for the name of an attribute of ours */

struct overlay_layer {
	struct mount *mnt; /* [I] */
	u64 dev; /* [I] st_dev of what isn't a directory, when the layers are of several systems */
};

/* A name of a layer. */
struct overlay_at {
	struct dentry *dentry; /* referenced */
	unsigned layer;
};

/* Option redirect_dir: folders of lower layers under other names. */
enum overlay_redirect {
	REDIRECT_FOLLOWED, /* but not made */
	REDIRECT_REFUSED,
	REDIRECT_MADE,
};

/* super->priv */
struct overlay {
	spinlock_t lock; /* RANK_FS */
	struct rb_root inodes; /* [lock] by key */
	const struct cred *cred; /* [I] who mounted: layers are changed in that name */
	struct dentry *work; /* [I] the folder "work" of the workdir; NULL: nothing is writable */
	const char *prefix; /* [I] of our attributes' names */
	char *options; /* [I] text for /proc/mounts */
	atomic_long_t serial; /* names in the work folder */
	bool marks; /* [I] attributes of ours may be read and set */
	bool unsynced; /* [I] option volatile: nothing waits for the disk */
	enum overlay_redirect redirect; /* [I] */
	bool same; /* [I] all layers are of one file system */
	unsigned first_lower; /* [I] 1 if layer 0 is the upper one */
	unsigned nr; /* [I] */
	struct overlay_layer layer[]; /* [I] the highest first */
};

/* inode->priv */
struct overlay_inode {
	struct rb_node node; /* [overlay.lock] */
	const struct inode *key; /* [overlay.lock] a real inode that only this stands for, or NULL */
	struct inode *inode; /* [I] back */
	struct mutex copying; /* copy-up */
	struct dentry *upper; /* [copying] referenced; set once, read any time */
	struct inode *parent; /* [I] referenced; of what is in no upper layer, and the root's NULL */
	char *name; /* [I] there: what the copy will be called */
	u64 origin; /* [copying] st_ino of what it was copied from; 0: of itself */
	unsigned origin_layer;
	unsigned nr_lower; /* [I] */
	struct overlay_at lower[]; /* [I] the highest first; of files one at most */
};

static inline struct overlay *overlay_of(const struct super *sb)
{
	return sb->priv;
}
static inline struct overlay_inode *overlay_node(const struct inode *i)
{
	return i->priv;
}
static inline struct dentry *overlay_upper(const struct inode *i)
{
	return __atomic_load_n(&overlay_node(i)->upper, __ATOMIC_ACQUIRE);
}
/* What holds the attributes and the data now. */
struct overlay_at overlay_real(const struct inode *i);
static inline struct inode *overlay_real_inode(const struct inode *i)
{
	return overlay_real(i).dentry->inode;
}

/* --- real.c: layers --- */

bool overlay_is_whiteout(struct overlay *o, struct inode *real);
/* May a folder have whiteouts that are files? */
bool overlay_has_file_whiteouts(struct overlay *o, struct inode *real);
/* May who mounted it do this with a real inode? MAY_*; 0 or -errno. Asked only of those from a user namespace. */
int overlay_may(struct overlay *o, struct inode *real, int mask);
/* An attribute of ours, of a real inode. Its length, or -errno. */
ssize_t overlay_mark_get(struct overlay *o, struct inode *real, const char *mark, void *v,
			 size_t n);
int overlay_mark_set(struct overlay *o, struct inode *real, const char *mark, const void *v,
		     size_t n);
bool overlay_is_opaque(struct overlay *o, struct inode *real);
int overlay_set_opaque(struct overlay *o, struct inode *real);
int overlay_real_setattr(struct inode *real, const struct attrs *a);
/* A new file of a layer, when there is none of that name (-EEXIST): referenced. ERR_PTR. */
struct dentry *overlay_real_make(struct dentry *dir, const char *name, u32 mode, u64 rdev,
				 const char *target);
int overlay_real_link(struct dentry *dir, const char *name, struct inode *target);
/* 0 too when there is nothing of that name */
int overlay_real_remove(struct dentry *dir, const char *name);
/* rename(2) between folders of one layer; what there is of the new name goes, or is -EEXIST. */
int overlay_real_rename(struct dentry *from, const char *old, struct dentry *to, const char *name,
			unsigned flags);
/* A name for the work folder, in buf (of OVERLAY_NAME_ROOM). */
void overlay_work_name(struct overlay *o, char *buf);
/* Something in the work folder, under a name that is put into buf (of OVERLAY_NAME_ROOM). */
struct dentry *overlay_work_make(struct overlay *o, char *buf, u32 mode, u64 rdev,
				 const char *target);
/* Puts a whiteout in the place of a name of an upper folder, if there is one, and of nothing else. */
int overlay_whiteout(struct overlay *o, struct dentry *dir, const char *name);

/* --- redirect.c --- */

/*
 * Reads the mark of a real folder. *redirect, a name or an absolute path or NULL, and what it becomes, is for the
 * layers below; to be kfree'd. 0; -EINVAL; -EACCES; -ENOMEM.
 */
int overlay_redirect_follow(struct overlay *o, struct inode *real, char **redirect);
/*
 * What such a path leads to in a layer, referenced; NULL: nothing. *redirect becomes what that is called in the layers
 * below, as the marks of the folders on the way say; *stop: those don't show there. ERR_PTR.
 */
struct dentry *overlay_redirect_lookup(struct overlay *o, unsigned layer, char **redirect,
				       bool *stop);
/*
 * d, a merged folder that is in the upper layer, is about to be renamed; `stays`: in its folder. rename_mutex held.
 * -EXDEV: its place can't be noted.
 */
int overlay_redirect_set(struct dentry *d, bool stays);

/* --- inode.c --- */

/* Reads what is found by that name in the layers of a directory. rwsem of dir held. */
int overlay_lookup(struct inode *dir, struct dentry *d);
/*
 * The inode of a stack, whose references it takes over, also when it fails. parent: the directory,
 * for what is in no upper layer. ERR_PTR.
 */
struct inode *overlay_iget(struct super *sb, struct inode *parent, struct dentry *upper,
			   const struct overlay_at *lower, unsigned nr_lower);
void overlay_evict(struct inode *i);
/* Takes over attributes of the real inode, after they have changed. */
void overlay_refresh(struct inode *i);
/* Reads the mark that a copy has of what it was copied from; false: none, or not of these layers. */
bool overlay_origin(struct overlay *o, struct inode *real, u64 *ino, unsigned *layer);
/* Marks the copy of i with what it is a copy of. i's `copying` held. */
int overlay_note_origin(struct inode *i, struct inode *copy);
/* i's copy is found by the copy's real inode from here on. */
void overlay_rekey(struct inode *i, const struct inode *copy);
extern const struct inode_ops overlay_dir_ops;

/* --- copy.c --- */

/*
 * Sees to it that i is in the upper layer, and the folders above it; of a file's data so many bytes
 * at most. 0; -EROFS; whatever writing may fail with.
 */
int overlay_copy_up(struct inode *i, u64 size);
static inline int overlay_writable(struct inode *i)
{
	return overlay_upper(i) ? 0 : overlay_copy_up(i, U64_MAX);
}

/* --- dir.c: names are made and go --- */

int overlay_make(struct inode *dir, struct dentry *d, u32 mode, u64 rdev, const char *target);
int overlay_link(struct inode *dir, struct dentry *d, struct inode *i);
int overlay_unlink(struct inode *dir, struct dentry *d);
int overlay_rmdir(struct inode *dir, struct dentry *d);
int overlay_rename(struct inode *od, struct dentry *o, struct inode *nd, struct dentry *n,
		   unsigned flags);
struct inode *overlay_tmpfile(struct inode *dir, u32 mode);

/* --- file.c, readdir.c --- */

/* Opens a real file, read-only when flags say so. ERR_PTR. */
struct file *overlay_open_real(struct overlay *o, struct overlay_at at, u32 flags);
/* Has the directory no entry? 1, 0, -errno. */
int overlay_dir_empty(struct inode *dir);
int overlay_real_empty(struct overlay *o, struct dentry *dir); /* likewise, of a real one */
/* Takes the whiteouts out of an upper folder, which becomes opaque first. */
int overlay_dir_clear(struct inode *dir);
/* Takes out of the work folder what somebody left there. */
int overlay_clear_work(struct overlay *o, struct dentry *work);
extern const struct file_ops overlay_file_fops, overlay_dir_fops;

#endif
