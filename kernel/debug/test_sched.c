/*
 * In-kernel tests of the scheduler and of what sleeps: ping-pong over wait
 * queues, mutexes and rwsems under load, timers, grace periods, fairness,
 * nice levels, real-time priorities, affinity.
 */
#include "debug/selftest.h"

#include <atomic.h>
#include <err.h>
#include <uapi/errno.h>
#include <uapi/sched.h>

#include "alloc/slab.h"
#include "arch/riscv/cpu.h"
#include "core/mutex.h"
#include "core/rcu.h"
#include "core/sched.h"
#include "core/task.h"
#include "core/time.h"
#include "core/wait.h"

#define PATIENCE (20 * NSEC_PER_SEC)
#define THREADS	 6

static struct waitq done_wait = WAITQ_INIT(done_wait);
static atomic_t running, torn;
static bool stop;

static bool none_running(void *arg __unused)
{
	return atomic_read(&running) == 0;
}

static void leave(void)
{
	if (atomic_dec_and_test(&running))
		wake_up_all(&done_wait);
}

/*
 * Starts n threads with arg, arg + 1, ...; the last one's task (each holds itself until it leaves).
 */
static struct task *start(void (*fn)(void *), unsigned n)
{
	struct task *t = NULL;

	atomic_set(&running, (int)n);
	WRITE_ONCE(stop, false);
	for (unsigned i = 0; i < n; i++) {
		t = kthread_start(fn, (void *)(u64)i, "test/%u", i);
		if (IS_ERR(t))
			return NULL;
	}
	return t;
}

static bool all_done(void)
{
	return wait_until(&done_wait, none_running, NULL, TASK_UNINTERRUPTIBLE,
			  now_mono() + PATIENCE) == 0;
}

/* ---- ping-pong ---- */

#define ROUNDS 5000

static struct waitq turn_wait = WAITQ_INIT(turn_wait);
static atomic_t turn;
static unsigned last_hart; /* both: of whose turn it is */
static u64 turns_kept; /* turns on the hart of the last one */

static bool my_turn(void *arg)
{
	return (atomic_read(&turn) & 1) == (int)(u64)arg;
}

static void ping(void *arg)
{
	for (unsigned i = 0; i < ROUNDS; i++) {
		wait_until(&turn_wait, my_turn, arg, TASK_UNINTERRUPTIBLE, WAIT_FOREVER);
		turns_kept += hart_id() == last_hart;
		last_hart = hart_id();
		atomic_inc(&turn);
		wake_up_all(&turn_wait);
	}
	leave();
}

KERNEL_TEST(no_wake_is_lost)
{
	atomic_set(&turn, 0);
	if (!start(ping, 2))
		return "no memory for a thread";
	if (!all_done())
		return "two threads that wake each other got stuck";
	return atomic_read(&turn) == 2 * ROUNDS ? NULL : "turns were lost";
}

/* ---- which hart a woken task gets ---- */

static const char *turns_on_one_hart(void)
{
	atomic_set(&turn, 0);
	turns_kept = 0;
	if (!start(ping, 2))
		return "no memory for a thread";
	if (!all_done())
		return "two threads that wake each other got stuck";
	return turns_kept > ROUNDS ? NULL : "who sleeps soon after its wakes did not keep them";
}

#define WAKES 10

static struct waitq call_wait = WAITQ_INIT(call_wait);
static struct task *called;
static atomic_t calls, answers;

static bool is_called(void *arg)
{
	return atomic_read(&calls) > (int)(u64)arg;
}

/* Sleeps on hart 0 each time, and may be woken anywhere. */
static void answer(void *arg __unused)
{
	for (u64 i = 0; i < WAKES; i++) {
		sched_set_affinity(current, 1);
		sched_yield_current();
		wait_until(&call_wait, is_called, (void *)i, TASK_UNINTERRUPTIBLE, WAIT_FOREVER);
		atomic_inc(&answers);
	}
	leave();
}

/* Wakes it and goes on, on hart 0, which it never leaves meanwhile. */
static void keep_calling(void *arg __unused)
{
	sched_set_affinity(current, 1);
	sched_yield_current();
	for (int i = 1; i <= WAKES; i++) {
		u64 begin;

		do
			sleep_until(now_mono() + 2 * NSEC_PER_MSEC, TASK_UNINTERRUPTIBLE);
		while (!waitq_active(&call_wait));
		sched_set_affinity(called, sched_online());
		atomic_set(&calls, i);
		begin = now_mono();
		wake_up_all(&call_wait);
		while (atomic_read(&answers) < i && now_mono() < begin + NSEC_PER_SEC)
			;
		while (now_mono() < begin + NSEC_PER_MSEC)
			;
		if (atomic_read(&answers) < i)
			atomic_inc(&torn);
	}
	leave();
}

static const char *wakes_move_on(void)
{
	atomic_set(&calls, 0);
	atomic_set(&answers, 0);
	atomic_set(&torn, 0);
	called = start(answer, 1);
	atomic_inc(&running);
	if (!called || IS_ERR(kthread_start(keep_calling, NULL, "test/waker")))
		return "no memory for a thread";
	if (!all_done())
		return "waker and woken got stuck";
	return atomic_read(&torn) ? "the woken waited for its waker while a hart idled" : NULL;
}

/* ---- sleeping locks ---- */

static struct mutex mutex = MUTEX_INIT(mutex);
static struct rwsem rwsem = RWSEM_INIT(rwsem);
static u64 guarded, mirror;

static void lock_mutex(void *arg __unused)
{
	for (unsigned i = 0; i < 3000; i++) {
		mutex_lock(&mutex);
		guarded++;
		if (i % 16 == 0)
			sched_yield_current();
		mirror++;
		mutex_unlock(&mutex);
	}
	leave();
}

KERNEL_TEST(mutex_excludes)
{
	guarded = mirror = 0;
	if (!start(lock_mutex, THREADS))
		return "no memory for a thread";
	if (!all_done())
		return "the threads got stuck";
	return guarded == THREADS * 3000 && mirror == guarded ? NULL : "increments were lost";
}

static void lock_rwsem(void *arg)
{
	bool writer = (u64)arg % 3 == 0;

	for (unsigned i = 0; i < 3000; i++) {
		if (writer) {
			rwsem_write_lock(&rwsem);
			guarded++;
			if (i % 16 == 0)
				sched_yield_current();
			mirror++;
			rwsem_write_unlock(&rwsem);
		} else {
			rwsem_read_lock(&rwsem);
			if (READ_ONCE(guarded) != READ_ONCE(mirror))
				atomic_inc(&torn);
			if (i % 16 == 0)
				sched_yield_current();
			rwsem_read_unlock(&rwsem);
		}
	}
	leave();
}

KERNEL_TEST(rwsem_excludes_writers)
{
	guarded = mirror = 0;
	atomic_set(&torn, 0);
	if (!start(lock_rwsem, THREADS))
		return "no memory for a thread";
	if (!all_done())
		return "the threads got stuck";
	if (atomic_read(&torn))
		return "a reader saw a writer at work";
	return guarded == 2 * 3000 ? NULL : "a writer's increment was lost";
}

/* ---- timers ---- */

#define TIMERS 200

static atomic_t fired, early;

static void fire(struct timer *t)
{
	if (now_mono() < t->expires)
		atomic_inc(&early);
	atomic_inc(&fired);
}

KERNEL_TEST(timers_fire_once_and_in_time)
{
	struct timer *timers = kmalloc(TIMERS * sizeof(*timers), 0);
	u64 now = now_mono();
	int cancelled = 0;

	if (!timers)
		return "no memory";
	atomic_set(&fired, 0);
	atomic_set(&early, 0);
	for (unsigned i = 0; i < TIMERS; i++) {
		timer_init(&timers[i], fire);
		timer_start(&timers[i], now + (i * 7919 % 97) * NSEC_PER_MSEC / 4);
	}
	for (unsigned i = 0; i < TIMERS; i += 3)
		cancelled += timer_cancel(&timers[i]);
	sleep_until(now + 60 * NSEC_PER_MSEC, TASK_UNINTERRUPTIBLE);
	for (unsigned i = 0; i < TIMERS; i++)
		timer_cancel_sync(&timers[i]);
	kfree(timers);
	if (atomic_read(&early))
		return "a timer fired early";
	return atomic_read(&fired) + cancelled == TIMERS ? NULL : "a timer was lost or fired twice";
}

KERNEL_TEST(sleeps_end_by_wake_or_deadline)
{
	struct waitq q;
	struct waiter w;
	u64 start_ns = now_mono();
	int err;

	waitq_init(&q);
	waiter_init(&w);
	do {
		wait_prepare(&q, &w, TASK_INTERRUPTIBLE);
		err = wait_sleep(start_ns + 5 * NSEC_PER_MSEC);
	} while (!err);
	wait_finish(&q, &w);
	if (err != -ETIMEDOUT)
		return "the deadline did not end the sleep";
	return now_mono() >= start_ns + 5 * NSEC_PER_MSEC ? NULL : "it ended early";
}

/* ---- grace periods ---- */

struct version {
	struct rcu_head rcu;
	u64 alive;
};

static struct version *published;
static atomic_t freed;

static void free_version(struct rcu_head *h)
{
	struct version *v = container_of(h, struct version, rcu);

	WRITE_ONCE(v->alive, 0);
	kfree(v);
	atomic_inc(&freed);
}

static void read_versions(void *arg __unused)
{
	while (!READ_ONCE(stop)) {
		for (unsigned i = 0; i < 100; i++) {
			struct version *v = smp_load_acquire(&published);

			for (unsigned n = 0; n < 20; n++)
				if (READ_ONCE(v->alive) != 42)
					atomic_inc(&torn);
		}
		cond_resched();
	}
	leave();
}

KERNEL_TEST(nothing_is_freed_under_a_reader)
{
	u64 end = now_mono() + 100 * NSEC_PER_MSEC;
	int retired = 0;
	bool ok = true;

	atomic_set(&torn, 0);
	atomic_set(&freed, 0);
	published = kzalloc(sizeof(*published), 0);
	if (!published)
		return "no memory";
	published->alive = 42;
	if (!start(read_versions, 3))
		return "no memory for a thread";
	while (ok && now_mono() < end) {
		struct version *v = kzalloc(sizeof(*v), 0), *old = published;

		ok = v != NULL;
		if (!ok)
			break;
		v->alive = 42;
		smp_store_release(&published, v);
		call_rcu(&old->rcu, free_version);
		if (++retired % 50 == 0)
			synchronize_rcu();
	}
	WRITE_ONCE(stop, true);
	if (!all_done())
		return "the readers got stuck";
	rcu_barrier();
	kfree(published);
	if (!ok)
		return "no memory";
	if (atomic_read(&torn))
		return "a reader saw freed memory";
	return atomic_read(&freed) == retired ? NULL : "callbacks were lost";
}

/* ---- shares ---- */

static struct {
	int nice, policy, prio;
	u64 mask;
	bool widen; /* once it is there */
	u64 got;
} share[THREADS];

static u64 share_gap; /* once all are set up, they come one after the other, by so much */

/* Burns time until told to stop; what it got is its run time. */
static void burn(void *arg)
{
	unsigned i = (unsigned)(u64)arg;
	u64 begin;

	sched_set_nice(current, share[i].nice);
	set_policy(current, share[i].policy, share[i].prio);
	sched_set_affinity(current, share[i].mask);
	/* A kernel thread gives way where it says so; affinity takes hold there. */
	sched_yield_current();
	sleep_until(now_mono() + (i + 1) * share_gap, TASK_UNINTERRUPTIBLE);
	if (share[i].widen)
		sched_set_affinity(current, sched_online());
	begin = sched_runtime(current);
	while (!READ_ONCE(stop))
		cond_resched();
	share[i].got = sched_runtime(current) - begin;
	leave();
}

static const char *burn_for(unsigned n, u64 ns)
{
	/* The test itself must get through to say stop. */
	set_policy(current, SCHED_FIFO, 99);
	if (!start(burn, n))
		return "no memory for a thread";
	sleep_until(now_mono() + ns, TASK_UNINTERRUPTIBLE);
	WRITE_ONCE(stop, true);
	set_policy(current, SCHED_NORMAL, 0);
	share_gap = 0;
	return all_done() ? NULL : "the threads got stuck";
}

static void set_share(unsigned i, int nice, int policy, int prio, u64 mask)
{
	share[i].nice = nice;
	share[i].policy = policy;
	share[i].prio = prio;
	share[i].mask = mask;
	share[i].widen = false;
}

static const char *equal_shares(void)
{
	const char *bad;
	u64 sum = 0;

	for (unsigned i = 0; i < 4; i++)
		set_share(i, 0, SCHED_NORMAL, 0, 1);
	bad = burn_for(4, 400 * NSEC_PER_MSEC);
	for (unsigned i = 0; i < 4; i++)
		sum += share[i].got;
	for (unsigned i = 0; !bad && i < 4; i++)
		if (share[i].got * 4 < sum / 3 || share[i].got * 4 > sum * 3)
			bad = "one of four got less than a third or more than three times its share";
	return bad;
}

static const char *nice_shares(void)
{
	const char *bad;

	set_share(0, 0, SCHED_NORMAL, 0, 1);
	set_share(1, 10, SCHED_NORMAL, 0, 1);
	bad = burn_for(2, 400 * NSEC_PER_MSEC);
	/* 1024 to 110. */
	if (!bad && (share[1].got == 0 || share[0].got < share[1].got * 4))
		bad = "nice 10 got too much or nothing";
	return bad;
}

static const char *real_time_share(void)
{
	const char *bad;

	set_share(0, 0, SCHED_NORMAL, 0, 1);
	set_share(1, 0, SCHED_FIFO, 10, 1);
	bad = burn_for(2, 400 * NSEC_PER_MSEC);
	if (!bad && share[0].got > share[1].got / 4)
		bad = "a fair task ran beside a real-time one";
	return bad;
}

/* The third to come: fair below two real-time ones, or the second of a priority. */
static const char *third_share(void)
{
	s64 runtime = sched_rt_runtime_us, period = sched_rt_period_us;
	const char *bad;

	set_share(0, 0, SCHED_FIFO, 10, 1);
	set_share(1, 0, SCHED_FIFO, 5, 1);
	set_share(2, 0, SCHED_NORMAL, 0, 1);
	WRITE_ONCE(sched_rt_runtime_us, 50000);
	WRITE_ONCE(sched_rt_period_us, 100000);
	share_gap = 20 * NSEC_PER_MSEC;
	bad = burn_for(3, 400 * NSEC_PER_MSEC);
	WRITE_ONCE(sched_rt_runtime_us, runtime);
	WRITE_ONCE(sched_rt_period_us, period);
	if (bad)
		return bad;
	if (share[2].got < 20 * NSEC_PER_MSEC)
		return "two real-time tasks left nothing to a fair one";
	set_share(0, 0, SCHED_RR, 10, 1);
	set_share(1, 0, SCHED_FIFO, 5, 1);
	set_share(2, 0, SCHED_RR, 10, 1);
	share_gap = 20 * NSEC_PER_MSEC;
	bad = burn_for(3, 500 * NSEC_PER_MSEC);
	if (!bad && share[2].got < 40 * NSEC_PER_MSEC)
		bad = "no turns among equals while a third waits";
	return bad;
}

static const char *pushed_share(void)
{
	const char *bad;

	set_share(0, 0, SCHED_FIFO, 10, 1);
	share[0].widen = true;
	set_share(1, 0, SCHED_FIFO, 20, 1);
	share_gap = 20 * NSEC_PER_MSEC;
	bad = burn_for(2, 400 * NSEC_PER_MSEC);
	if (!bad && share[0].got < 100 * NSEC_PER_MSEC)
		bad = "a real-time task waited while a hart idled";
	return bad;
}

static const char *spread_shares(void)
{
	const char *bad;
	u64 sum = 0;

	if (nr_harts == 1)
		return NULL;
	for (unsigned i = 0; i < nr_harts && i < THREADS; i++)
		set_share(i, 0, SCHED_NORMAL, 0, sched_online());
	bad = burn_for(min(nr_harts, (unsigned)THREADS), 300 * NSEC_PER_MSEC);
	for (unsigned i = 0; i < nr_harts && i < THREADS; i++)
		sum += share[i].got;
	/* Each hart was busy for most of the time. */
	if (!bad && sum < min(nr_harts, (unsigned)THREADS) * 200 * NSEC_PER_MSEC)
		bad = "harts idled while tasks waited";
	return bad;
}

/*
 * A host that is busy stops a hart in the middle of somebody's turn. That can spoil one measurement;
 * a scheduler that is wrong spoils all of them.
 */
static const char *three_tries(const char *(*measure)(void))
{
	const char *bad = measure();

	for (unsigned i = 1; bad && i < 3; i++)
		bad = measure();
	return bad;
}

KERNEL_TEST(equal_tasks_share_a_hart)
{
	return three_tries(equal_shares);
}

KERNEL_TEST(nice_tasks_get_less)
{
	return three_tries(nice_shares);
}

KERNEL_TEST(real_time_goes_first)
{
	return three_tries(real_time_share);
}

KERNEL_TEST(real_time_gives_turns)
{
	return three_tries(third_share);
}

KERNEL_TEST(real_time_moves_on)
{
	return nr_harts == 1 ? NULL : three_tries(pushed_share);
}

KERNEL_TEST(tasks_spread_over_the_harts)
{
	return three_tries(spread_shares);
}

KERNEL_TEST(wakes_stay_with_who_sleeps_soon)
{
	return three_tries(turns_on_one_hart);
}

KERNEL_TEST(wakes_go_to_an_idle_hart)
{
	return nr_harts == 1 ? NULL : three_tries(wakes_move_on);
}
