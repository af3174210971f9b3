/* What the files of fanotify(7) share: fanotify.c makes events, fanotify_file.c hands them out. */
#ifndef FS_FANOTIFY_H
#define FS_FANOTIFY_H

#include "fs/handle.h"
#include "fs/notify_impl.h"

#define FAN_CLASSES  (FAN_CLASS_CONTENT | FAN_CLASS_PRE_CONTENT)
#define FAN_FID_BITS (FAN_REPORT_FID | FAN_REPORT_DIR_FID | FAN_REPORT_NAME | FAN_REPORT_TARGET_FID)
#define FAN_OUTGOING                                                                   \
	(IN_ALL_EVENTS | FAN_OPEN_EXEC | NOTIFY_PERM | FAN_Q_OVERFLOW | FAN_FS_ERROR | \
	 FAN_RENAME | FAN_ONDIR)

/* What becomes of an event that asks. */
enum fan_answer { FAN_ASKED, FAN_SHOWN, FAN_ANSWERED, FAN_GIVEN_UP };

struct fan_item {
	struct notify_item item;
	struct list_head ask_link; /* while it is asked: of who asks; FAN_SHOWN: of fan->shown */
	struct fanotify *fan; /* [I] of one that asks: referenced by who asks */
	struct pid *pid; /* [I] referenced; NULL: of nobody */
	u64 mask; /* [N] */
	struct path path; /* [I] referenced; mnt NULL: none */
	__kernel_fsid_t fsid; /* [I] */
	struct fid object, dir,
		to; /* [I] bytes 0: not told; dir: with the first name, to: the second */
	enum fan_answer state; /* [N] of one that asks */
	u32 answer; /* [N] FAN_ALLOW, FAN_DENY */
	int fd; /* [N] by which it is answered */
	u32 len, to_len; /* [I] of names: 0: none */
	char names[]; /* [I] each with its NUL */
};

struct fanotify {
	struct notify_group group;
	unsigned flags; /* [I] fanotify_init(2) */
	unsigned event_flags; /* [I] of the descriptors in events */
	bool unprivileged; /* [I] made by somebody without CAP_SYS_ADMIN */
	struct list_head shown; /* [N] events read that wait for an answer */
	struct waitq answers; /* who waits for them */
	struct fan_item overflow;
};

extern const struct file_ops fanotify_fops;
void fan_item_free(struct fan_item *n); /* but for the overflow's. No lock held. */
/* Who asked hears it, and n is theirs again. [N] */
void fan_answer(struct fan_item *n, u32 answer);
static inline bool fan_asks(const struct fan_item *n)
{
	return n->fan != NULL;
}
static inline struct fanotify *fanotify_of(struct notify_group *g)
{
	return container_of(g, struct fanotify, group);
}
#endif
