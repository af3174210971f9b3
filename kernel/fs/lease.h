/*
 * Leases of fcntl(2): who holds one hears of it before somebody else opens or truncates the file.
 */
#ifndef FS_LEASE_H
#define FS_LEASE_H

#include <uapi/fcntl.h>
#include "fs/fs.h"

extern int leases_enable, lease_break_time; /* fs.leases-enable, fs.lease-break-time (s): proc(5) */

/* F_SETLEASE by descriptor fd: F_RDLCK, F_WRLCK, F_UNLCK. 0, -EAGAIN, -EACCES, -EINVAL, -ENOMEM. */
int lease_set(struct file *f, int fd, int type);
int lease_get(struct file *f); /* F_GETLEASE: what f has, or is to have once it has given way */
int lease_break_slow(struct inode *i, int flags);
void lease_release_slow(struct file *f);

/*
 * i shall be opened as flags say (open(2)): tells those with leases in the way and waits for them.
 * 0; -EWOULDBLOCK (O_NONBLOCK), -ERESTARTSYS. Sleeps.
 */
static inline int lease_break(struct inode *i, int flags)
{
	return likely(!READ_ONCE(i->locks)) ? 0 : lease_break_slow(i, flags);
}
static inline void lease_release(struct file *f) /* f goes */
{
	if (unlikely(READ_ONCE(f->inode->locks) != NULL))
		lease_release_slow(f);
}
#endif
