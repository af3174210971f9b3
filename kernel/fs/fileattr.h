/*
 * The flags of a file that chattr(1) sets: ioctl_iflags(2). inode->attr holds them, ATTR_ACL beside
 * them. What they forbid is asked where permission is: inode_permission (a file not to be changed is
 * not written), and the few places that name FS_APPEND_FL.
 */
#ifndef FS_FILEATTR_H
#define FS_FILEATTR_H

#include "fs/fs.h"

/* May be neither changed nor linked to, nor removed. */
static inline bool inode_fixed(const struct inode *i)
{
	return unlikely(READ_ONCE(i->attr) & (FS_IMMUTABLE_FL | FS_APPEND_FL));
}
static inline bool inode_appends_only(const struct inode *i)
{
	return unlikely(READ_ONCE(i->attr) & FS_APPEND_FL);
}

/* The FS_IOC_* of ioctl(2) that any file of a file system knows. -ENOTTY: none of them. */
long fileattr_ioctl(struct file *f, unsigned cmd, void __user *arg);
/* statx(2): STATX_ATTR_* that the file has, and in *mask those that it may have. */
u64 fileattr_statx(const struct inode *i, u64 *mask);
#endif
