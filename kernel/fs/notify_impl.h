/* What inotify.c and fanotify*.c share beside notify.h. */
#ifndef FS_NOTIFY_IMPL_H
#define FS_NOTIFY_IMPL_H

#include "fs/notify.h"

/* "fhandle-bytes: ..." of i for /proc/PID/fdinfo: the length written. */
int notify_put_fid(struct inode *i, char *buf, size_t n);
/* A device number as Linux has it inside: 12 bits major, 20 minor. */
static inline u32 notify_sdev(const struct super *sb)
{
	return DEV_MAJOR(sb->dev) << 20 | DEV_MINOR(sb->dev);
}
#endif
