/*
 * Wait queues for the small kernels of this folder: who waits is told, but nobody sleeps here. A
 * waiter without a function of its own is taken off its queue and counts in waitq_woken.
 */
#include "waitq.h"

#include "core/sched.h"
#include "lib/string.h"

bool waitq_woken;

void waitq_init(struct waitq *q)
{
	memset(q, 0, sizeof(*q));
	list_init(&q->waiters);
}

void waiter_init(struct waiter *w)
{
	memset(w, 0, sizeof(*w));
	list_init(&w->link);
	w->task = current;
}

void waiter_init_fn(struct waiter *w, wake_fn fn, void *arg)
{
	waiter_init(w);
	w->wake = fn;
	w->arg = arg;
}

void waitq_add(struct waitq *q, struct waiter *w)
{
	if (!list_empty(&w->link))
		return;
	if (w->exclusive)
		list_add_tail(&w->link, &q->waiters);
	else
		list_add(&w->link, &q->waiters);
}

void waitq_remove(struct waitq *q __unused, struct waiter *w)
{
	list_del_init(&w->link);
}

void wait_prepare(struct waitq *q, struct waiter *w, int state __unused)
{
	waitq_woken = false;
	waitq_add(q, w);
}

void wait_finish(struct waitq *q, struct waiter *w)
{
	waitq_remove(q, w);
}

/* exclusive: so many of those that want to be alone; 0: all. */
static void wake(struct waitq *q, u32 key, unsigned exclusive)
{
	struct waiter *w, *next;

	list_for_each_entry_safe(w, next, &q->waiters, link) {
		bool alone = w->exclusive, told = true;

		if (w->wake) {
			told = w->wake(w, key);
		} else {
			waitq_woken = true;
			list_del_init(&w->link);
		}
		if (alone && told && exclusive && !--exclusive)
			return;
	}
}

void wake_up_key(struct waitq *q, u32 key)
{
	wake(q, key, 1);
}

void wake_up(struct waitq *q, unsigned n)
{
	wake(q, 0, n);
}

void wake_up_all(struct waitq *q)
{
	wake(q, 0, 0);
}
