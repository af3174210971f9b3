/*
 * Inside of pipes: what pipe.c and splice.c share.
 *
 * Locks: [mutex] pipe->mutex. Who writes a pipe's buffers elsewhere, which may take long, sets
 * draining and gives up the mutex: they stay as they are meanwhile, and readers wait. Who reads from
 * elsewhere into a pipe reserves slots first.
 */
#ifndef FS_PIPE_IMPL_H
#define FS_PIPE_IMPL_H

#include <types.h>
#include "core/mutex.h"
#include "core/rcu.h"
#include "fs/fs.h"

struct page;

struct pipe_buf {
	struct page *page;
	u32 off, len;
	bool packet; /* O_DIRECT: one read takes it all */
	bool given; /* the page is or may be another's, too: nothing is appended to it */
};

struct pipe {
	struct mutex mutex;
	struct pipe_buf *ring; /* [mutex] */
	u32 uid; /* [I] whose pages they count as */
	unsigned slots; /* [mutex] a power of two */
	unsigned head, tail; /* [mutex] head - tail buffers are in use */
	unsigned reserved; /* [mutex] slots for what is being read */
	unsigned readers, writers; /* [mutex] open ends */
	unsigned r_opens, w_opens; /* [mutex] ever: a fifo's open waits for a change */
	unsigned files; /* [mutex] descriptions that point here */
	bool polled; /* [mutex] an edge-triggered watcher wants every write told */
	bool draining; /* [mutex] somebody is about to take from the tail */
	struct page *spare; /* [mutex] a page kept from the last emptied buffer */
	struct waitq rd, wr;
	struct list_head asyncs; /* fs/async.c */
	struct rcu_head rcu;
};

static inline struct pipe_buf *pipe_slot(struct pipe *p, unsigned i)
{
	return &p->ring[i & (p->slots - 1)];
}
static inline bool pipe_empty(const struct pipe *p)
{
	return p->head == p->tail;
}
static inline unsigned pipe_used(const struct pipe *p)
{
	return p->head - p->tail + p->reserved;
}
static inline bool pipe_full(const struct pipe *p)
{
	return pipe_used(p) >= p->slots;
}

/* [mutex] Gives a buffer's page back. */
void pipe_drop(struct pipe *p, struct pipe_buf *b);
/* [mutex] given up while it sleeps on q until woken. *slept: pass the wake on. 0 or -ERESTARTSYS. */
int pipe_sleep(struct pipe *p, struct waitq *q, bool *slept);
/* There is more to read, room to write. No lock. */
void pipe_wake_readers(struct pipe *p);
void pipe_wake_writers(struct pipe *p);
#endif
