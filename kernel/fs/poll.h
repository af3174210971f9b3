/*
 * Polling: a file's poll operation reports ready events and, when pt has a
 * queue function, registers the wait queues that will tell of changes. poll,
 * select and epoll share it.
 */
#ifndef FS_POLL_H
#define FS_POLL_H

#include "core/wait.h"
#include "fs/fs.h"
#include <uapi/poll.h>
#include <uapi/epoll.h>

/* For wake_up_key: those who sleep in a call look again; it is no event that epoll would tell of. */
#define POLL_NO_NEWS (1u << 27)

struct poll_table {
	void (*queue)(struct poll_table *pt, struct file *f, struct waitq *q); /* NULL: only ask */
	u32 events; /* what the caller is interested in; a hint */
};

static inline void poll_wait(struct file *f, struct waitq *q, struct poll_table *pt)
{
	if (pt && pt->queue)
		pt->queue(pt, f, q);
}
u32 file_poll(struct file *f, struct poll_table *pt);
/*
 * poll(2) on kernel copies: fds changed in place; returns ready count, 0 at the deadline, or
 * -errno.
 */
int do_poll(struct pollfd *fds, unsigned n, u64 deadline);
void epoll_file_gone(struct file *f); /* from the last file_put */
#endif
