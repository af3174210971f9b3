/*
 * Sleeping locks (core/mutex.h).
 *
 * A mutex is one word: 0 free, 1 held, 2 held and perhaps waited for. Whoever
 * finds it taken sets 2 before sleeping, so an unlock that finds 1 need wake
 * nobody; a waiter that gets it keeps 2, because others may still wait.
 *
 * Those who wait for a rwsem stand in order of arrival, and only the first of
 * them may take it. Newcomers queue behind them, except that a lock found free is
 * taken at once: handing each release to a sleeper would make every use wait for a
 * task switch. A first waiter that was passed over for HANDOFF_NS ends that.
 * Readers join readers only while nobody waits, so writers do not starve.
 */
#include "core/mutex.h"

#include <compiler.h>

#include "core/sched.h"
#include "core/task.h"
#include "core/time.h"
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
	assert_may_sleep("mutex_lock");
	if (!mutex_trylock(m))
		lock_slow(m, TASK_UNINTERRUPTIBLE);
}

int mutex_lock_interruptible(struct mutex *m)
{
	assert_may_sleep("mutex_lock");
	return mutex_trylock(m) ? 0 : lock_slow(m, TASK_INTERRUPTIBLE);
}

void mutex_unlock(struct mutex *m)
{
	m->owner = NULL;
	if (atomic_xchg(&m->state, 0) == 2)
		wake_up(&m->q, 1);
}

#define HANDOFF_NS (2 * NSEC_PER_MSEC)

/* One who waits for a rwsem; q.lock guards it. */
struct sem_waiter {
	struct waiter w;
	bool write;
};

void rwsem_init(struct rwsem *s)
{
	waitq_init(&s->q);
	spin_init(&s->q.lock, RANK_RWSEM, "rwsem");
	s->count = 0;
	s->handoff = false;
	s->owner = NULL;
}

/* q.lock held, in all of these. */
static struct sem_waiter *first_waiter(struct rwsem *s)
{
	struct waiter *w = list_first_entry_or_null(&s->q.waiters, struct waiter, link);

	return w ? container_of(w, struct sem_waiter, w) : NULL;
}

static void take(struct rwsem *s, bool write)
{
	if (write) {
		s->count = -1;
		s->owner = current;
	} else {
		s->count++;
	}
}

static bool could_get(const struct rwsem *s, bool write)
{
	return write ? s->count == 0 : s->count >= 0;
}

/*
 * Drops q.lock, and lets the first waiter look, if it could get the lock. It is woken last, for it
 * wants q.lock first.
 */
static void unlock_and_wake(struct rwsem *s)
{
	const struct sem_waiter *sw = first_waiter(s);
	struct task *t = sw && could_get(s, sw->write) ? sw->w.task : NULL;

	spin_unlock(&s->q.lock);
	if (t)
		wake_task(t, TASK_UNINTERRUPTIBLE | TASK_KILLABLE);
}

static bool newcomer_may(const struct rwsem *s, bool write)
{
	if (s->count == 0)
		return !s->handoff;
	return !write && s->count > 0 && list_empty(&s->q.waiters);
}

/* Queues current and sleeps until it has the lock; q.lock is held on entry, not on return. */
static int sem_wait(struct rwsem *s, bool write, int state)
{
	struct sem_waiter sw = { .write = write };
	u64 since = now_mono();
	int err = 0;

	waiter_init(&sw.w);
	list_add_tail(&sw.w.link, &s->q.waiters);
	for (;;) {
		if (first_waiter(s) == &sw) {
			if (could_get(s, write)) {
				take(s, write);
				err = 0; /* the lock came before the signal did */
				break;
			}
			if (now_mono() - since > HANDOFF_NS)
				s->handoff = true;
		}
		if (err)
			break;
		WRITE_ONCE(current->state, state);
		spin_unlock(&s->q.lock);
		err = wait_sleep(WAIT_FOREVER);
		spin_lock(&s->q.lock);
	}
	WRITE_ONCE(current->state, TASK_RUNNING);
	if (first_waiter(s) == &sw)
		s->handoff = false;
	list_del(&sw.w.link);
	/*
	 * The next one's turn: a reader after a reader, or whoever stood behind one that gave
	 * up.
	 */
	unlock_and_wake(s);
	return err;
}

static int lock(struct rwsem *s, bool write, int state)
{
	assert_may_sleep("rwsem");
	spin_lock(&s->q.lock);
	if (unlikely(!newcomer_may(s, write)))
		return sem_wait(s, write, state);
	take(s, write);
	spin_unlock(&s->q.lock);
	return 0;
}

void rwsem_read_lock(struct rwsem *s)
{
	lock(s, false, TASK_UNINTERRUPTIBLE);
}

int rwsem_read_lock_killable(struct rwsem *s)
{
	return lock(s, false, TASK_KILLABLE);
}

void rwsem_read_unlock(struct rwsem *s)
{
	spin_lock(&s->q.lock);
	BUG_ON(s->count <= 0);
	s->count--;
	unlock_and_wake(s);
}

void rwsem_write_lock(struct rwsem *s)
{
	lock(s, true, TASK_UNINTERRUPTIBLE);
}

int rwsem_write_lock_killable(struct rwsem *s)
{
	return lock(s, true, TASK_KILLABLE);
}

/* A writer lets go of everything, or stays as a reader. */
static void write_release(struct rwsem *s, int readers)
{
	spin_lock(&s->q.lock);
	BUG_ON(s->count != -1);
	s->owner = NULL;
	s->count = readers;
	unlock_and_wake(s);
}

void rwsem_write_unlock(struct rwsem *s)
{
	write_release(s, 0);
}
