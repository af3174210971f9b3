/*
 * Wait queues: the one blocking primitive under everything that sleeps.
 *
 * The loop a sleeper writes:
 *	struct waiter w;
 *	waiter_init(&w);
 *	for (;;) {
 *		wait_prepare(&q, &w, TASK_INTERRUPTIBLE);	// on the queue, state set
 *		if (condition)
 *			break;
 *		err = wait_sleep(deadline);			// 0 woken, -ETIMEDOUT, -ERESTARTSYS
 *		if (err)
 *			break;
 *	}
 *	wait_finish(&q, &w);
 * Condition may be guarded by any lock the waker also takes (unlock before wait_sleep).
 * Wakers: any context, any lock held with a rank below RANK_WAITQ.
 */
#ifndef CORE_WAIT_H
#define CORE_WAIT_H

#include <types.h>
#include "lib/list.h"
#include "sync/spinlock.h"

struct task;
struct waiter;

struct waitq {
	spinlock_t lock;
	struct list_head waiters; /* [lock] */
};

/*
 * Called under q->lock with the wake's key (poll events; 0 = anything). Returns true if it counts
 * as woken. It may wake another queue, never this one.
 */
typedef bool (*wake_fn)(struct waiter *w, u32 key);

/* [i] is written before it is queued. */
struct waiter {
	struct list_head link; /* [q->lock]; empty when not queued */
	struct task *task; /* [i] */
	wake_fn wake; /* [i] default: wakes task and takes w off the queue */
	bool exclusive; /* [i] queued at the tail; a wake of n stops after n of these */
	void *arg; /* [i] */
};

#define WAITQ_INIT(n)                                                                         \
	{                                                                                     \
		.lock = SPINLOCK_INIT(RANK_WAITQ, #n), .waiters = LIST_HEAD_INIT((n).waiters) \
	}
#define WAIT_FOREVER (~0UL)

void waitq_init(struct waitq *q);
void waiter_init(struct waiter *w); /* for current, default wake */
void waiter_init_fn(struct waiter *w, wake_fn fn, void *arg);
void waitq_add(struct waitq *q, struct waiter *w); /* no state change: poll, epoll */
void waitq_remove(struct waitq *q, struct waiter *w); /* no-op if not queued */
void wait_prepare(struct waitq *q, struct waiter *w, int state);
void wait_finish(struct waitq *q, struct waiter *w); /* off the queue, TASK_RUNNING */
/*
 * Sleeps in the state set before until woken, the deadline (absolute now_mono() ns), or,
 * where the state allows, a signal (-ERESTARTSYS; fatal ones only for TASK_KILLABLE).
 * A wake that came between prepare and here is not lost.
 */
int wait_sleep(u64 deadline);
/* wait_sleep, loop included, with the condition as a function. */
int wait_until(struct waitq *q, bool (*cond)(void *arg), void *arg, int state, u64 deadline);

void wake_up(struct waitq *q, unsigned n); /* all non-exclusive, and n exclusive waiters */
void wake_up_all(struct waitq *q);
void wake_up_key(struct waitq *q, u32 key); /* poll events; one exclusive waiter */

/*
 * Tasks to wake once a spinlock is dropped that many want: a wake takes a run queue's lock and
 * perhaps an interprocessor interrupt. The wake may find its task asleep elsewhere already, so only
 * for those whose sleeps stand spurious wakes. No sleep between the two: that keeps the tasks
 * alive.
 */
struct wake_list {
	unsigned n; /* the caller's, 0 at first */
	struct task *task[15];
};
void wake_later(struct wake_list *l, struct task *t, u32 states); /* now, when the list is full */
void wake_list_run(struct wake_list *l, u32 states);

static inline bool waitq_active(struct waitq *q)
{
	return !list_empty(&q->waiters);
}
#endif
