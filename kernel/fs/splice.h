/* Moving bytes between files by the pages they lie in: splice(2), tee(2), vmsplice(2), sendfile(2). */
#ifndef FS_SPLICE_H
#define FS_SPLICE_H

#include "fs/fs.h"
#include "mm/iter.h"

/*
 * One of the two is a pipe. A pos is where to read or write and advances; NULL: at the file's own
 * position, and for the pipe. flags: SPLICE_F_*. Bytes, or -errno as splice(2).
 */
ssize_t vfs_splice(struct file *in, u64 *ipos, struct file *out, u64 *opos, size_t n,
		   unsigned flags);
ssize_t vfs_tee(struct file *in, struct file *out, size_t n, unsigned flags);
/* The pages of user memory that it describes, into a pipe; or what is in the pipe, copied there. */
ssize_t vfs_vmsplice(struct file *f, struct iter *it, unsigned flags);
/* From a file with a position at *ipos to another one (opos NULL: its own): sendfile(2). */
ssize_t vfs_send(struct file *in, u64 *ipos, struct file *out, u64 *opos, size_t n);
#endif
