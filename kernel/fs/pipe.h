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
struct pipe *file_pipe(const struct file *f); /* NULL: it is none */
int pipe_broken(void); /* sends current SIGPIPE; -EPIPE */
void pipe_init(void);

/* proc(5), /proc/sys/fs: bytes without CAP_SYS_RESOURCE; pages a user may have in pipes, 0: any. */
extern unsigned pipe_max_size;
extern u64 pipe_user_pages_soft, pipe_user_pages_hard;
int pipe_set_max_size(s64 size); /* a power of two from there up. 0 */
#endif
