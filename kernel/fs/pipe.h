/* Pipes and fifos: pipe(7), fifo(7). */
#ifndef FS_PIPE_H
#define FS_PIPE_H

#include "fs/fs.h"

extern const struct file_ops fifo_fops; /* what a fifo's inode gives its files */
/* The two ends of a new pipe; flags: O_NONBLOCK. 0 or -errno. */
int pipe_create(struct file *ends[2], int flags);
/* F_GETPIPE_SZ and F_SETPIPE_SZ: bytes, or -EBADF (no pipe), -EBUSY, -EPERM, -ENOMEM, -EINVAL. */
long pipe_get_size(struct file *f);
long pipe_set_size(struct file *f, unsigned long size);
void pipe_init(void);
#endif
