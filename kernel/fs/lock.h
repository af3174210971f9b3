/*
 * File locks: record locks and open-file-description locks of fcntl(2), and flock(2).
 * They hang off the inode.
 */
#ifndef FS_LOCK_H
#define FS_LOCK_H

#include "fs/fs.h"
#include <uapi/fcntl.h>

/* F_GETLK, F_OFD_GETLK: *fl says what stands in the way, or F_UNLCK. 0 or -errno. */
int lock_get(struct file *f, int cmd, struct flock *fl);
/*
 * F_SETLK(W), F_OFD_SETLK(W): 0, -EAGAIN, -EDEADLK, -ENOLCK, -EBADF, -EINVAL, -EOVERFLOW,
 * -ERESTARTSYS. Sleeps.
 */
int lock_set(struct file *f, int cmd, const struct flock *fl);
/* flock(2) with a checked operation: LOCK_SH, LOCK_EX or LOCK_UN; wait or -EAGAIN. */
int lock_flock(struct file *f, int op, bool wait);

/* A line of /proc/locks: a lock, or one that is waited for. */
enum lock_kind { LOCK_RECORD, LOCK_OFD, LOCK_FLOCK, LOCK_LEASE, LOCK_LEASE_BREAKING };
struct lock_line {
	u64 nr; /* counts the locks; who waits has the number of what is in the way */
	bool waits;
	int type; /* F_RDLCK, F_WRLCK; of a lease that goes: F_UNLCK */
	enum lock_kind kind;
	int pid; /* -1: of an open file */
	const struct inode *inode;
	u64 start, end; /* S64_MAX: to the end of the file */
};
/* Called with inode->lock held: does not sleep. False: no more. */
typedef bool (*lock_line_fn)(const struct lock_line *line, void *arg);
/* All locks of the system. Sleeps. */
void lock_for_each(lock_line_fn fn, void *arg);
#endif
