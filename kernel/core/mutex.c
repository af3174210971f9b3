/*
 * Sleeping locks (core/mutex.h).
 *
 * A mutex is one word: 0 free, 1 held, 2 held and perhaps waited for. Whoever
 * finds it taken sets 2 before sleeping, so an unlock that finds 1 need wake
 * nobody; a waiter that gets it keeps 2, because others may still wait.
 *
 * A rwsem hands itself over: waiters stand in order of arrival, and an unlock
 * gives the lock to the first (a writer) or to all readers up to the next
 * writer. Newcomers enter past nobody, so neither side starves.
 */
#include "core/mutex.h"

#include <compiler.h>
#include <err.h>
#include <uapi/errno.h>

#include "core/sched.h"
#include "core/task.h"
#include "sync/log.h"

void mutex_init(struct mutex *m)
{
	atomic_set(&m->state, 0);
	m->owner = NULL;
	waitq_init(&m->q);
}

bool mutex_trylock(struct mutex *m)
{
	if (atomic_cmpxchg(&m->state, 0, 1) != 0)
		return false;
	m->owner = current;
	return true;
}

static noinline int lock_slow(struct mutex *m, int state)
{
	struct waiter w;
	int err = 0;

	waiter_init(&w);
	w.exclusive = true;
	for (;;) {
		wait_prepare(&m->q, &w, state);
		if (atomic_xchg(&m->state, 2) == 0)
			break;
		err = wait_sleep(WAIT_FOREVER);
		if (err)
			break;
	}
	wait_finish(&m->q, &w);
	if (err) {
		/* A wake may have been spent on us: pass it on, or have the holder wake again. */
		if (atomic_cmpxchg(&m->state, 1, 2) == 0)
			wake_up(&m->q, 1);
		return err;
	}
	m->owner = current;
	return 0;
}

void mutex_lock(struct mutex *m)
{
	assert_no_spinlock("mutex_lock");
	if (!mutex_trylock(m))
		lock_slow(m, TASK_UNINTERRUPTIBLE);
}

int mutex_lock_interruptible(struct mutex *m)
{
	assert_no_spinlock("mutex_lock");
	return mutex_trylock(m) ? 0 : lock_slow(m, TASK_INTERRUPTIBLE);
}

void mutex_unlock(struct mutex *m)
{
	m->owner = NULL;
	if (atomic_xchg(&m->state, 0) == 2)
		wake_up(&m->q, 1);
}

/* One who waits for a rwsem; q.lock guards it until granted is seen. */
struct sem_waiter {
	struct waiter w;
	bool write;
	bool granted;
};

void rwsem_init(struct rwsem *s)
{
	waitq_init(&s->q);
	s->count = 0;
	s->owner = NULL;
}

static struct sem_waiter *first_waiter(struct rwsem *s)
{
	struct waiter *w = list_first_entry_or_null(&s->q.waiters, struct waiter, link);

	return w ? container_of(w, struct sem_waiter, w) : NULL;
}

/* Gives the lock to those whose turn it is. q.lock held. */
static void grant(struct rwsem *s)
{
	struct sem_waiter *sw;

	while ((sw = first_waiter(s)) != NULL) {
		struct task *t = sw->w.task;

		if (sw->write ? s->count != 0 : s->count < 0)
			return;
		list_del_init(&sw->w.link);
		if (sw->write) {
			s->count = -1;
			s->owner = t;
		} else {
			s->count++;
		}
		smp_store_release(&sw->granted, true);
		wake_task(t, TASK_UNINTERRUPTIBLE | TASK_KILLABLE);
	}
}

/* Queues current and sleeps until granted; q.lock is held on entry, not on return. */
static int sem_wait(struct rwsem *s, bool write, int state)
{
	struct sem_waiter sw = { .write = write, .granted = false };
	int err = 0;

	waiter_init(&sw.w);
	list_add_tail(&sw.w.link, &s->q.waiters);
	WRITE_ONCE(current->state, state);
	spin_unlock(&s->q.lock);
	for (;;) {
		smp_mb();
		if (smp_load_acquire(&sw.granted))
			break;
		err = wait_sleep(WAIT_FOREVER);
		if (err)
			break;
		WRITE_ONCE(current->state, state);
	}
	WRITE_ONCE(current->state, TASK_RUNNING);
	if (!err)
		return 0;
	spin_lock(&s->q.lock);
	if (sw.granted) {
		err = 0;
	} else {
		list_del_init(&sw.w.link);
		/* Readers behind this writer may enter now. */
		grant(s);
	}
	spin_unlock(&s->q.lock);
	return err;
}

bool rwsem_read_trylock(struct rwsem *s)
{
	bool ok;

	spin_lock(&s->q.lock);
	ok = s->count >= 0 && list_empty(&s->q.waiters);
	if (ok)
		s->count++;
	spin_unlock(&s->q.lock);
	return ok;
}

void rwsem_read_lock(struct rwsem *s)
{
	assert_no_spinlock("rwsem_read_lock");
	spin_lock(&s->q.lock);
	if (likely(s->count >= 0 && list_empty(&s->q.waiters))) {
		s->count++;
		spin_unlock(&s->q.lock);
		return;
	}
	sem_wait(s, false, TASK_UNINTERRUPTIBLE);
}

void rwsem_read_unlock(struct rwsem *s)
{
	spin_lock(&s->q.lock);
	BUG_ON(s->count <= 0);
	if (--s->count == 0)
		grant(s);
	spin_unlock(&s->q.lock);
}

static int write_lock(struct rwsem *s, int state)
{
	assert_no_spinlock("rwsem_write_lock");
	spin_lock(&s->q.lock);
	if (likely(s->count == 0 && list_empty(&s->q.waiters))) {
		s->count = -1;
		s->owner = current;
		spin_unlock(&s->q.lock);
		return 0;
	}
	return sem_wait(s, true, state);
}

void rwsem_write_lock(struct rwsem *s)
{
	write_lock(s, TASK_UNINTERRUPTIBLE);
}

int rwsem_write_lock_killable(struct rwsem *s)
{
	return write_lock(s, TASK_KILLABLE);
}

void rwsem_write_unlock(struct rwsem *s)
{
	spin_lock(&s->q.lock);
	BUG_ON(s->count != -1);
	s->owner = NULL;
	s->count = 0;
	grant(s);
	spin_unlock(&s->q.lock);
}

void rwsem_downgrade(struct rwsem *s)
{
	spin_lock(&s->q.lock);
	BUG_ON(s->count != -1);
	s->owner = NULL;
	s->count = 1;
	grant(s);
	spin_unlock(&s->q.lock);
}
