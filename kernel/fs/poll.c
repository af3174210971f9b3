/*
 * poll(2), ppoll(2) and select(2): one set of waiters on the stack of the
 * caller (or the heap when there are many), one for each wait queue that the
 * files name. A waker marks the set triggered and wakes the task.
 */
#include "fs/poll.h"

#include <compiler.h>
#include <uapi/errno.h>

#include "alloc/slab.h"
#include "core/sched.h"
#include "fs/files.h"

#define INLINE_ENTRIES 12

struct poll_entry {
	struct waiter waiter;
	struct waitq *q;
	struct file *file; /* referenced: keeps the queue alive */
};

/* Entries beyond the first few come in chunks, so that none moves while it is queued. */
struct poll_chunk {
	struct poll_chunk *next;
	unsigned used;
	struct poll_entry entries[INLINE_ENTRIES];
};

struct poll_set {
	struct poll_table table;
	struct task *task;
	u32 triggered; /* [a] */
	int error;
	struct poll_chunk *last;
	struct poll_chunk first;
};

static bool poll_wake(struct waiter *w, u32 key __unused)
{
	struct poll_set *s = w->arg;

	__atomic_store_n(&s->triggered, 1, __ATOMIC_RELEASE);
	wake_task(s->task, TASK_INTERRUPTIBLE);
	return false; /* never eats an exclusive wake */
}

static void poll_queue(struct poll_table *pt, struct file *f, struct waitq *q)
{
	struct poll_set *s = container_of(pt, struct poll_set, table);
	struct poll_entry *e;

	if (s->last->used == INLINE_ENTRIES) {
		struct poll_chunk *c = kmalloc(sizeof(*c), 0);

		if (!c) {
			s->error = -ENOMEM;
			return;
		}
		c->next = NULL;
		c->used = 0;
		s->last->next = c;
		s->last = c;
	}
	e = &s->last->entries[s->last->used++];
	e->q = q;
	e->file = file_get(f);
	waiter_init_fn(&e->waiter, poll_wake, s);
	waitq_add(q, &e->waiter);
}

static void set_init(struct poll_set *s)
{
	s->table.queue = poll_queue;
	s->table.events = ~0u;
	s->task = current;
	s->triggered = 0;
	s->error = 0;
	s->last = &s->first;
	s->first.next = NULL;
	s->first.used = 0;
}

static void set_free(struct poll_set *s)
{
	struct poll_chunk *c = &s->first, *next;

	for (; c; c = next) {
		next = c->next;
		for (unsigned i = 0; i < c->used; i++) {
			waitq_remove(c->entries[i].q, &c->entries[i].waiter);
			file_put(c->entries[i].file);
		}
		if (c != &s->first)
			kfree(c);
	}
}

/* One round over the files; pt is NULL or has no queue function when only asking. */
static int poll_once(struct pollfd *fds, unsigned n, struct poll_table *pt)
{
	int ready = 0;

	for (unsigned i = 0; i < n; i++) {
		struct pollfd *p = &fds[i];
		u32 want = (u16)p->events | EPOLLERR | EPOLLHUP, ev;
		struct fdref r;

		p->revents = 0;
		if (p->fd < 0)
			continue;
		r = fd_borrow(p->fd);
		if (!r.file) {
			p->revents = POLLNVAL;
		} else {
			if (pt)
				pt->events = want;
			ev = file_poll(r.file, pt) & want;
			p->revents = (short)ev;
			fd_drop(r);
		}
		if (p->revents) {
			ready++;
			if (pt)
				pt->queue = NULL; /* no need to wait for the rest */
		}
	}
	return ready;
}

int do_poll(struct pollfd *fds, unsigned n, u64 deadline)
{
	struct poll_set s;
	int ready, err = 0;

	if (deadline == 0)
		return poll_once(fds, n, NULL);
	set_init(&s);
	ready = poll_once(fds, n, &s.table);
	s.table.queue = NULL;
	while (!ready && !err) {
		if (s.error) {
			err = s.error;
			break;
		}
		/* The state first: a wake after this line is not lost. */
		__atomic_store_n(&current->state, TASK_INTERRUPTIBLE, __ATOMIC_SEQ_CST);
		if (__atomic_exchange_n(&s.triggered, 0, __ATOMIC_ACQ_REL))
			__atomic_store_n(&current->state, TASK_RUNNING, __ATOMIC_SEQ_CST);
		else
			err = wait_sleep(deadline);
		ready = poll_once(fds, n, &s.table);
	}
	set_free(&s);
	if (ready)
		return ready;
	return err == -ETIMEDOUT ? 0 : err;
}
