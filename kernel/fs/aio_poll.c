/*
 * IOCB_CMD_POLL of io_submit(2): waits until a file is ready, once, without a task that does. The file's
 * wakes queue work, which asks it and completes the request.
 *
 * Locking: who takes a request off c->polls (c->lock) ends it. A request is referenced by that list and
 * by the work that is queued.
 */
#include <compiler.h>
#include <uapi/errno.h>

#include "alloc/slab.h"
#include "core/work.h"
#include "fs/aio_impl.h"
#include "fs/internal.h"

#define QUEUES 4

struct aio_poll {
	atomic_t refs; /* [a] */
	struct list_head link; /* [ctx->lock] empty: ended */
	struct aio_ctx *ctx; /* [I] referenced */
	struct file *file; /* [I] referenced */
	struct aio_event event; /* [I] its eventfd referenced */
	u32 events; /* [I] */
	struct poll_table table; /* while it is armed */
	struct work work;
	unsigned used; /* [I] once armed */
	struct waiter waiters[QUEUES];
	struct waitq *queues[QUEUES];
};

static void poll_put(struct aio_poll *p)
{
	if (!atomic_dec_and_test(&p->refs))
		return;
	file_put(p->file);
	if (p->event.eventfd)
		file_put(p->event.eventfd);
	aio_put(p->ctx);
	kfree(p);
}

/* True for the one who ends it. */
static bool claim(struct aio_poll *p)
{
	bool mine;

	spin_lock(&p->ctx->lock);
	mine = !list_empty(&p->link);
	list_del_init(&p->link);
	spin_unlock(&p->ctx->lock);
	return mine;
}

static void disarm(struct aio_poll *p)
{
	for (unsigned i = 0; i < p->used; i++)
		waitq_remove(p->queues[i], &p->waiters[i]);
}

/* Of one that was claimed. */
static void finish(struct aio_poll *p, u32 mask)
{
	disarm(p);
	aio_complete(p->ctx, &p->event, mask);
	poll_put(p);
}

static void poll_work(struct work *w)
{
	struct aio_poll *p = container_of(w, struct aio_poll, work);
	u32 all = file_poll(p->file, NULL), mask = all & p->events;

	/* As Linux tells one that was woken: what goes with it as well. */
	if (mask & EPOLLIN)
		mask |= all & EPOLLRDNORM;
	if (mask & EPOLLOUT)
		mask |= all & EPOLLWRNORM;
	if (mask && claim(p))
		finish(p, mask);
	poll_put(p);
}

static bool poll_wake(struct waiter *w, u32 key)
{
	struct aio_poll *p = w->arg;

	if (key && !(key & p->events))
		return false;
	atomic_inc(&p->refs); /* while it is on the queue, it is not the only one */
	if (!work_queue(&p->work))
		atomic_dec(&p->refs);
	return false;
}

static void poll_arm(struct poll_table *pt, struct file *f __unused, struct waitq *q)
{
	struct aio_poll *p = container_of(pt, struct aio_poll, table);
	unsigned i = p->used;

	if (i == QUEUES)
		return;
	p->queues[i] = q;
	waiter_init_fn(&p->waiters[i], poll_wake, p);
	p->used++;
	waitq_add(q, &p->waiters[i]);
}

int aio_poll(struct aio_ctx *c, struct file *f, const struct iocb *cb, const struct aio_event *e)
{
	struct aio_poll *p;
	u32 mask;

	if (cb->aio_buf != (u16)cb->aio_buf || cb->aio_offset || cb->aio_nbytes ||
	    cb->aio_rw_flags || !f->ops->poll)
		return -EINVAL;
	p = kzalloc(sizeof(*p), 0);
	if (!p)
		return -EAGAIN;
	atomic_set(&p->refs, 2); /* the list's, and this function's */
	p->ctx = c;
	atomic_inc(&c->refs);
	p->file = file_get(f);
	p->event = *e;
	if (e->eventfd)
		file_get(e->eventfd);
	p->events = (u32)cb->aio_buf | EPOLLERR | EPOLLHUP;
	work_init(&p->work, poll_work);
	p->table = (struct poll_table){ .queue = poll_arm, .events = p->events };
	spin_lock(&c->lock);
	list_add_tail(&p->link, &c->polls);
	spin_unlock(&c->lock);
	mask = file_poll(f, &p->table) & p->events;
	if (mask && claim(p))
		finish(p, mask);
	else if (READ_ONCE(c->dead))
		aio_poll_drop_all(c);
	poll_put(p);
	return 0;
}

int aio_cancel(struct aio_ctx *c, u64 user)
{
	struct aio_poll *p, *found = NULL;

	spin_lock(&c->lock);
	list_for_each_entry(p, &c->polls, link) {
		if (p->event.user == user) {
			found = p;
			list_del_init(&p->link);
			break;
		}
	}
	spin_unlock(&c->lock);
	if (!found)
		return -EINVAL;
	finish(found, 0);
	return -EINPROGRESS;
}

void aio_poll_drop_all(struct aio_ctx *c)
{
	struct aio_poll *p;

	for (;;) {
		spin_lock(&c->lock);
		p = list_first_entry_or_null(&c->polls, struct aio_poll, link);
		if (p)
			list_del_init(&p->link);
		spin_unlock(&c->lock);
		if (!p)
			return;
		finish(p, 0);
	}
}
