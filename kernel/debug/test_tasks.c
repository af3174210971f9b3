/*
 * In-kernel tests of spinlocks, timers, work queues and sleeping, across harts.
 */
#include "debug/selftest.h"

#include <atomic.h>
#include <err.h>
#include "core/mutex.h"
#include "core/sched.h"
#include "core/time.h"
#include "core/wait.h"
#include "core/work.h"
#include "debug/locks.h"
#include "sync/spinlock.h"

#define ROUNDS	 20000
#define WORKERS	 4
#define PATIENCE (10 * NSEC_PER_SEC)

static struct waitq done_wait = WAITQ_INIT(done_wait);
static atomic_t running;
static spinlock_t counter_lock = SPINLOCK_INIT(RANK_FS, "selftest");
static u64 counter; /* [counter_lock] */
static struct mutex found_mutex = MUTEX_INIT(found_mutex);
static struct rwsem found_sem = RWSEM_INIT(found_sem);

static bool none_running(void *arg __unused)
{
	return atomic_read(&running) == 0;
}

static void count_up(void *arg __unused)
{
	for (unsigned i = 0; i < ROUNDS; i++) {
		spin_lock(&counter_lock);
		counter++;
		spin_unlock(&counter_lock);
		if (i % 64 == 0)
			cond_resched();
	}
	atomic_dec_and_test(&running);
	wake_up_all(&done_wait);
}

KERNEL_TEST(spinlocks_exclude)
{
	counter = 0;
	atomic_set(&running, WORKERS);
	for (unsigned i = 0; i < WORKERS; i++)
		if (IS_ERR(kthread_start(count_up, NULL, "selftest/%u", i)))
			return "no memory for a thread";
	if (wait_until(&done_wait, none_running, NULL, TASK_UNINTERRUPTIBLE, now_mono() + PATIENCE))
		return "the threads did not end";
	return counter == (u64)WORKERS * ROUNDS ? NULL : "increments were lost";
}

static void count_mine(const struct held_lock *l, void *arg)
{
	unsigned *n = arg;

	if (l->lock == &found_mutex || l->lock == &found_sem)
		*n += l->owner == current ? 1 : 100;
}

KERNEL_TEST(held_locks_are_found)
{
	unsigned n = 0;

	mutex_lock(&found_mutex);
	locks_held(count_mine, &n);
	mutex_unlock(&found_mutex);
	if (n != 1)
		return "not the mutex, once, and its owner";
	rwsem_write_lock(&found_sem);
	locks_held(count_mine, &n);
	rwsem_write_unlock(&found_sem);
	if (n != 2)
		return "not the semaphore, once, and its owner";
	locks_held(count_mine, &n);
	return n == 2 ? NULL : "a lock that nobody holds";
}

KERNEL_TEST(sleep_takes_its_time)
{
	u64 start = now_mono(), took;

	sleep_until(start + 20 * NSEC_PER_MSEC, TASK_UNINTERRUPTIBLE);
	took = now_mono() - start;
	if (took < 20 * NSEC_PER_MSEC)
		return "woke too early";
	return took < NSEC_PER_SEC ? NULL : "woke more than a second late";
}

static atomic_t work_runs;

static void note_work(struct work *w __unused)
{
	atomic_inc(&work_runs);
}

KERNEL_TEST(work_runs_once)
{
	static struct work w;

	atomic_set(&work_runs, 0);
	work_init(&w, note_work);
	if (!work_queue(&w))
		return "fresh work counts as queued";
	work_flush();
	return atomic_read(&work_runs) == 1 ? NULL : "it did not run exactly once";
}
