/*
 * File locks: record locks and open-file-description locks of fcntl(2), and flock(2).
 * They hang off the inode; nothing but these calls looks at them.
 */
#ifndef FS_LOCK_H
#define FS_LOCK_H

#include "fs/fs.h"
#include <uapi/fcntl.h>

/* F_GETLK, F_OFD_GETLK: *fl says what stands in the way, or F_UNLCK. 0 or -errno. */
int lock_get(struct file *f, int cmd, struct flock *fl);
/* F_SETLK(W), F_OFD_SETLK(W): 0, -EAGAIN, -EDEADLK, -ENOLCK, -EBADF, -EINVAL, -EOVERFLOW, -ERESTARTSYS. Sleeps. */
int lock_set(struct file *f, int cmd, const struct flock *fl);
/* flock(2) with a checked operation: LOCK_SH, LOCK_EX or LOCK_UN; wait or -EAGAIN. */
int lock_flock(struct file *f, int op, bool wait);
#endif
