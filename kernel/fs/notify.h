/*
 * Change notification: what the rooms tell of files, and who hears it.
 *
 * Somebody who listens is a group (an inotify or fanotify descriptor, a descriptor with F_NOTIFY);
 * what it listens to has a mark of the group: an inode, a mount, or a whole super. All that can be
 * watched has a list of its marks (struct watched), which is there only while it has any. The hooks,
 * notify_*(), look at one number, notify_marks, first; it is 0 when nobody watches anything.
 *
 * Events bear the bits of uapi/inotify.h and uapi/fanotify.h, which agree.
 *
 * [N] notify_lock guards marks, their lists and the queues of events. Events are made and queued
 * under it, so none comes to a mark that was taken out. Hooks are called from tasks with no spinlock
 * held; mutexes and rwsems of files may be. What somebody sees without the lock (inode->watches and
 * the mask there) is freed after a grace period.
 */
#ifndef FS_NOTIFY_H
#define FS_NOTIFY_H

#include <uapi/fanotify.h>
#include <uapi/inotify.h>
#include "core/wait.h"
#include "fs/fs.h"

#define NOTIFY_EVENTS (IN_ALL_EVENTS | FAN_OPEN_EXEC)
/* Those of a file that the listeners of its directory hear of too. */
#define NOTIFY_CHILD_EVENTS \
	(IN_ACCESS | IN_MODIFY | IN_ATTRIB | IN_CLOSE | IN_OPEN | FAN_OPEN_EXEC | NOTIFY_PERM)
#define NOTIFY_PERM   (FAN_OPEN_PERM | FAN_ACCESS_PERM | FAN_OPEN_EXEC_PERM)
#define NOTIFY_DIRENT (IN_CREATE | IN_DELETE | IN_MOVE | FAN_RENAME)

/* --- what the rooms tell --- */

extern int notify_marks; /* that there are */
extern int notify_max_queued; /* fs.inotify, inotify(7); other limits: core/userns.h */
extern int fanotify_max_queued; /* fs.fanotify */
extern int notify_dnotify; /* fs.dir-notify-enable, proc(5) */

static inline bool notify_any(void)
{
	return unlikely(READ_ONCE(notify_marks) != 0);
}
void notify_file_slow(struct file *f, u32 mask);
int notify_ask_slow(struct file *f, u32 mask);
void notify_dentry_slow(struct dentry *d, u32 mask);
void notify_inode_slow(struct inode *i, u32 mask);
void notify_name_slow(struct inode *dir, const char *name, size_t len, struct inode *i, u32 mask);

/* Something was done through an open file. */
static inline void notify_file(struct file *f, u32 mask)
{
	if (notify_any())
		notify_file_slow(f, mask);
}
/* May it be done? 0; -EPERM, -ERESTARTSYS. Sleeps. mask: one of NOTIFY_PERM. */
static inline int notify_ask(struct file *f, u32 mask)
{
	return notify_any() ? notify_ask_slow(f, mask) : 0;
}
/* A file found by a name was changed. */
static inline void notify_dentry(struct dentry *d, u32 mask)
{
	if (notify_any())
		notify_dentry_slow(d, mask);
}
/* An inode was changed, whatever its names. */
static inline void notify_inode(struct inode *i, u32 mask)
{
	if (notify_any())
		notify_inode_slow(i, mask);
}
/* A name of i came to or left dir: IN_CREATE, IN_DELETE. */
static inline void notify_name(struct inode *dir, const char *name, size_t len, struct inode *i,
			       u32 mask)
{
	if (notify_any())
		notify_name_slow(dir, name, len, i, mask);
}
struct notify_move {
	struct inode *from, *to; /* directories */
	const char *old_name, *new_name;
	size_t old_len, new_len;
	struct inode *inode; /* what moved */
	struct inode *over; /* what had the new name before; NULL: nothing */
};
void notify_moved(const struct notify_move *m);
/* What chmod(2) and the like did to d, by ATTR_*. */
void notify_changed(struct dentry *d, u32 valid);
/* The last name of an inode went, and nobody has it open: IN_DELETE_SELF, and its marks go. */
void notify_removed(struct inode *i);
void notify_inode_gone(struct inode *i); /* the last reference went */
void notify_mount_gone(struct mount *m);
void notify_super_gone(struct super *sb); /* no names are left of it: IN_UNMOUNT */
/* A descriptor of the table `owner` closes; NULL: f itself goes. */
void dnotify_close_slow(struct file *f, const void *owner);
static inline void dnotify_close(struct file *f, const void *owner)
{
	if (unlikely(READ_ONCE(f->inode->watches) != NULL))
		dnotify_close_slow(f, owner);
}

/* --- the calls --- */

void notify_init(void);
struct file *inotify_create(int flags); /* IN_NONBLOCK; ERR_PTR */
int inotify_add(struct file *f, const char *name, u32 mask); /* a watch descriptor */
int inotify_remove(struct file *f, int wd);
struct file *fanotify_create(unsigned flags, unsigned event_flags); /* ERR_PTR */
int fanotify_check(unsigned flags, u64 mask); /* 0 or -EINVAL, whatever the group */
/* name NULL: dfd's own file */
int fanotify_change(struct file *f, unsigned flags, u64 mask, int dfd, const char *name);
int dnotify_set(struct file *f, int fd, u32 mask); /* F_NOTIFY, fcntl(2) */
/* pidfd_prepare of proc/, which sets it: fs knows nothing of pidfds. */
extern int (*notify_pidfd)(struct pid *pid, unsigned flags, struct file **out);

/* --- groups and marks, for inotify.c, fanotify*.c and dnotify.c --- */

struct notify_group;
struct notify_mark;

/* By what a mark comes to hear of an event. */
enum notify_hit { HIT_SUPER, HIT_MOUNT, HIT_PARENT, HIT_SELF, HIT_TO, NOTIFY_HITS };

struct notify_event {
	u32 mask; /* what happened; IN_ISDIR: to a directory */
	u32 cookie; /* the same for the two halves of a move */
	struct inode *inode; /* to what */
	struct inode *dir; /* where: of a change of names, else if somebody there may listen */
	const char *name; /* in dir; NULL: without */
	size_t len;
	const struct path *path; /* of the open file; NULL: none */
	const struct notify_move *move; /* FAN_RENAME */
	struct list_head *asks; /* hear() puts here what must be answered before it may be done */
	struct list_head *dead; /* for notify_mark_out */
	struct list_head *spare; /* hear() puts items here that fanotify.c shall free */
	bool unlinked; /* the name is gone */
};

struct notify_ops {
	/* e concerns the marks g->hit[]. [N] */
	void (*hear)(struct notify_group *g, const struct notify_event *e);
	void (*left)(struct notify_mark *m); /* m is taken out. [N] May be NULL. */
	void (*free)(struct notify_group *g); /* the last reference went */
};

/* An event in a queue. */
struct notify_item {
	struct list_head link; /* [N] */
};

struct notify_group {
	const struct notify_ops *ops; /* [I] */
	atomic_t refs; /* [a] its file, its marks, who waits for its answer */
	int rank; /* [I] higher ones are asked first */
	u32 uid; /* [I] whose limits count, */
	struct user_ns *user; /* [I] referenced: and where */
	struct list_head marks; /* [N] by group_link, newest first */
	struct list_head queue; /* [N] of items, oldest first */
	unsigned len, max; /* [N] of the queue */
	struct notify_item *overflow; /* [I] stands for those that did not fit */
	bool closed; /* [N] nothing is queued any more */
	struct waitq q; /* readers */
	struct list_head asyncs; /* fs/async.h */
	struct list_head hit_link; /* [N] while an event is given out */
	struct notify_mark *hit[NOTIFY_HITS]; /* [N] the same */
	bool is_hit; /* [N] it is on the list by hit_link */
};

int fanotify_answers(struct list_head *asks); /* 0 or why it may not be done. Sleeps. */
void fanotify_spare(struct list_head *spare);

struct notify_mark {
	struct list_head object_link; /* [N] of watched->marks */
	struct list_head group_link; /* [N] of group->marks */
	struct watched *on; /* [N] NULL: taken out */
	struct notify_group *group; /* [I] referenced */
	struct inode *inode; /* [N] of a mark that keeps it: referenced */
	u32 mask; /* [N] events, FAN_EVENT_ON_CHILD, FAN_ONDIR */
	u32 ignore; /* [N] the same, not to be told */
	u32 flags; /* [N] MARK_* */
	int wd; /* [I] inotify's */
	__kernel_fsid_t fsid; /* [I] fanotify's */
	int charge; /* [I] a user_count to give back; -1: none */
};
#define MARK_ONESHOT	 1u /* IN_ONESHOT */
#define MARK_EXCL_UNLINK 2u /* IN_EXCL_UNLINK */
#define MARK_SURVIVES	 4u /* FAN_MARK_IGNORED_SURV_MODIFY */
#define MARK_EVICTABLE	 8u /* FAN_MARK_EVICTABLE: does not keep the inode */
#define MARK_IGNORE	 16u /* FAN_MARK_IGNORE: ignore has its own FAN_ONDIR, FAN_EVENT_ON_CHILD */

/* What can be watched: an inode, a mount or a super, whose `watches` it is. */
enum watched_kind { WATCHED_INODE, WATCHED_MOUNT, WATCHED_SUPER };
struct watched {
	struct list_head marks; /* [N] */
	u32 mask; /* [N] of all marks; read without */
	enum watched_kind kind; /* [I] */
	void *object; /* [I] */
	struct list_head super_link; /* [N] of an inode's: in super->watched */
	struct rcu_head rcu;
};

extern spinlock_t notify_lock;
void notify_group_init(struct notify_group *g, const struct notify_ops *ops, unsigned max);
void notify_group_get(struct notify_group *g);
void notify_group_put(struct notify_group *g);
void notify_group_close(struct notify_group *g); /* its marks go */
/* g's mark of the object, or NULL. [N] */
struct notify_mark *notify_find(struct notify_group *g, enum watched_kind kind, void *object);
/*
 * Puts m, filled but for links, on the object: takes a reference on the group, and of an inode if it
 * isn't MARK_EVICTABLE. 0; -ENOMEM; -EEXIST: the group has one there. [N] is taken inside.
 */
int notify_mark_add(struct notify_mark *m, enum watched_kind kind, void *object);
void notify_mark_changed(struct notify_mark *m); /* its masks. [N] */
/* Takes m out; dead collects what notify_bury frees without the lock. [N] */
void notify_mark_out(struct notify_mark *m, struct list_head *dead);
void notify_bury(struct list_head *dead);
/* Queues it; false: it did not fit or nobody reads, it is the caller's. NULL: memory is out. [N] */
bool notify_queue(struct notify_group *g, struct notify_item *item);
void notify_unqueue(struct notify_group *g, struct notify_item *item); /* [N] */
/* Waits for something in the queue: 0, -EAGAIN, -ERESTARTSYS. */
int notify_wait(struct notify_group *g, struct file *f);
u32 notify_poll(struct file *f, struct poll_table *pt); /* of files whose priv is a group */
struct list_head *notify_asyncs(struct file *f);
#endif
