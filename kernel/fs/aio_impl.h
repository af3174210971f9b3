/* What aio.c and aio_poll.c share. Locks: see aio.c. */
#ifndef FS_AIO_IMPL_H
#define FS_AIO_IMPL_H

#include "core/mutex.h"
#include "core/wait.h"
#include "fs/aio.h"
#include "fs/poll.h"

struct aio_ctx {
	atomic_t refs; /* [a] the address space's, calls', requests' */
	struct aio_ctx *next; /* [contexts_lock] of the same address space */
	u64 id; /* [I] where its ring is mapped */
	u32 asked; /* [I] what counts against fs.aio-max-nr */
	u32 nr, nr_pages; /* [I] of the ring: events, pages */
	struct page **pages; /* [I] each referenced */
	struct vmobject *ring; /* [I] referenced */
	spinlock_t lock; /* RANK_FS */
	u32 tail; /* [lock] where the next event goes */
	u32 busy; /* [lock] requests without an event yet */
	bool dead; /* [w] io_destroy(2), or the address space is gone */
	struct list_head polls; /* [lock] struct aio_poll that may be cancelled */
	struct mutex reading;
	struct waitq wait; /* for events */
};

/* What is told of a request when it is done. */
struct aio_event {
	u64 data, user; /* the program's own words, and where its iocb is */
	struct file *eventfd; /* or NULL */
};

void aio_complete(struct aio_ctx *c, const struct aio_event *e, s64 res);
int aio_poll(struct aio_ctx *c, struct file *f, const struct iocb *cb, const struct aio_event *e);
void aio_poll_drop_all(struct aio_ctx *c);
#endif
