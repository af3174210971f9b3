/*
 * Asynchronous I/O: io_setup(2) and its family. A context belongs to an address space, which has its
 * ring of events mapped.
 */
#ifndef FS_AIO_H
#define FS_AIO_H

#include <uapi/aio_abi.h>
#include "fs/fs.h"

extern u64 aio_max_nr; /* fs.aio-max-nr, proc(5) */
u64 aio_nr(void); /* fs.aio-nr */

struct aio_ctx;
void aio_init(void);
int aio_setup(u32 nr, u64 *id); /* 0; -EINVAL, -EAGAIN, -ENOMEM */
struct aio_ctx *aio_find(u64 id); /* current's: referenced, or NULL */
void aio_put(struct aio_ctx *c);
int aio_destroy(struct aio_ctx *c); /* 0; -EINVAL: somebody else did */
u32 aio_room(const struct aio_ctx *c); /* events of the ring */
/* Begins one; user is where the program has it. 0 or -errno: then there is no event. */
int aio_submit(struct aio_ctx *c, const struct iocb *cb, u64 user);
int aio_cancel(struct aio_ctx *c, u64 user); /* -EINPROGRESS: its event comes; -EINVAL */
/* At least min events, or what there is at the deadline; -EINTR, -EFAULT, -EINVAL: destroyed. */
long aio_events(struct aio_ctx *c, long min, long nr, struct io_event __user *to, u64 deadline);
#endif
