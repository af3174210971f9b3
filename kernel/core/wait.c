/*
 * Wait queues (core/wait.h). A waiter is a record on the sleeper's stack;
 * q->lock guards the list. No wake is lost: a sleeper stores its state before
 * it tests its condition, a waker makes the condition true before it looks at
 * the queue and the state, and each has a full fence in between, so at least
 * one of them sees the other's store.
 */
#include "core/wait.h"

#include <atomic.h>
#include <compiler.h>
#include <err.h>
#include <uapi/errno.h>

#include "arch/riscv/cpu.h"
#include "core/sched.h"
#include "core/task.h"
#include "core/time.h"

void waitq_init(struct waitq *q)
{
	spin_init(&q->lock, RANK_WAITQ, "waitq");
	list_init(&q->waiters);
}

/*
 * Takes w off its queue. next is stored last, with release: once the sleeper
 * sees itself off the queue (without the lock), nobody touches w any more.
 */
static void unlink_waiter(struct waiter *w)
{
	struct list_head *l = &w->link;

	l->next->prev = l->prev;
	WRITE_ONCE(l->prev->next, l->next);
	l->prev = l;
	smp_store_release(&l->next, l);
}

static bool on_queue(struct waiter *w)
{
	return smp_load_acquire(&w->link.next) != &w->link;
}

static bool default_wake(struct waiter *w, u32 key __unused)
{
	struct task *t = w->task;

	unlink_waiter(w);
	return wake_task(t, TASK_INTERRUPTIBLE | TASK_UNINTERRUPTIBLE | TASK_KILLABLE);
}

void waiter_init(struct waiter *w)
{
	list_init(&w->link);
	w->task = current;
	w->wake = default_wake;
	w->exclusive = false;
	w->arg = NULL;
}

void waiter_init_fn(struct waiter *w, wake_fn fn, void *arg)
{
	waiter_init(w);
	w->wake = fn;
	w->arg = arg;
}

static void enqueue(struct waitq *q, struct waiter *w)
{
	if (on_queue(w))
		return;
	if (w->exclusive)
		list_add_tail(&w->link, &q->waiters);
	else
		list_add(&w->link, &q->waiters);
}

void waitq_add(struct waitq *q, struct waiter *w)
{
	unsigned long flags = spin_lock_irqsave(&q->lock);

	enqueue(q, w);
	spin_unlock_irqrestore(&q->lock, flags);
	smp_mb();
}

void waitq_remove(struct waitq *q, struct waiter *w)
{
	unsigned long flags;

	if (!on_queue(w))
		return;
	flags = spin_lock_irqsave(&q->lock);
	if (on_queue(w))
		unlink_waiter(w);
	spin_unlock_irqrestore(&q->lock, flags);
}

/*
 * A waker may take w off the queue while its state is still TASK_RUNNING; the
 * second look, after the state is stored, catches that.
 */
void wait_prepare(struct waitq *q, struct waiter *w, int state)
{
	do {
		if (!on_queue(w)) {
			unsigned long flags = spin_lock_irqsave(&q->lock);

			enqueue(q, w);
			spin_unlock_irqrestore(&q->lock, flags);
		}
		WRITE_ONCE(current->state, state);
		smp_mb();
	} while (!on_queue(w));
}

void wait_finish(struct waitq *q, struct waiter *w)
{
	WRITE_ONCE(current->state, TASK_RUNNING);
	waitq_remove(q, w);
}

/* May this state's sleeper be disturbed by what is pending? */
static bool interrupted(u32 state)
{
	if (state & TASK_INTERRUPTIBLE)
		return signal_pending(current);
	return state & TASK_KILLABLE && fatal_signal_pending(current);
}

int wait_sleep(u64 deadline)
{
	u32 state = READ_ONCE(current->state);
	struct timer *t = &current->sleep_timer;

	assert_may_sleep("wait_sleep");
	if (interrupted(state)) {
		WRITE_ONCE(current->state, TASK_RUNNING);
		return -ERESTARTSYS;
	}
	if (deadline == WAIT_FOREVER) {
		schedule();
		return 0;
	}
	if (now_mono() >= deadline) {
		WRITE_ONCE(current->state, TASK_RUNNING);
		return -ETIMEDOUT;
	}
	timer_start(t, deadline);
	schedule();
	timer_cancel(t);
	return 0;
}

int wait_until(struct waitq *q, bool (*cond)(void *arg), void *arg, int state, u64 deadline)
{
	struct waiter w;
	int err = 0;

	assert_may_sleep("wait_until");
	waiter_init(&w);
	for (;;) {
		wait_prepare(q, &w, state);
		if (cond(arg)) {
			err = 0;
			break;
		}
		if (err)
			break;
		err = wait_sleep(deadline);
	}
	wait_finish(q, &w);
	return err;
}

/*
 * A wake function may wake another queue, as epoll's does; epoll_ctl(2) sees to it that no
 * ring comes of it.
 */
static void wake(struct waitq *q, unsigned n, u32 key)
{
	struct waiter *w, *next;
	unsigned long flags;

	smp_mb();
	if (!waitq_active(q))
		return;
	flags = irq_save();
	spin_lock_nested(&q->lock);
	list_for_each_entry_safe(w, next, &q->waiters, link) {
		bool exclusive = w->exclusive;

		if (w->wake(w, key) && exclusive && --n == 0)
			break;
	}
	spin_unlock(&q->lock);
	irq_restore(flags);
}

void wake_up(struct waitq *q, unsigned n)
{
	if (n)
		wake(q, n, 0);
}

void wake_up_all(struct waitq *q)
{
	wake(q, ~0U, 0);
}

void wake_up_key(struct waitq *q, u32 key)
{
	wake(q, 1, key);
}

void wake_later(struct wake_list *l, struct task *t, u32 states)
{
	if (l->n < ARRAY_SIZE(l->task))
		l->task[l->n++] = t;
	else
		wake_task(t, states);
}

void wake_list_run(struct wake_list *l, u32 states)
{
	for (unsigned i = 0; i < l->n; i++)
		wake_task(l->task[i], states);
}

int sleep_until(u64 mono_ns, int state)
{
	int err;

	do {
		WRITE_ONCE(current->state, state);
		smp_mb();
		err = wait_sleep(mono_ns);
	} while (!err);
	return err == -ETIMEDOUT ? 0 : err;
}
