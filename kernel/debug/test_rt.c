/*
 * In-kernel tests of where real-time tasks run: two that are woken at once, those that wait while
 * another hart becomes free for them or less urgent, and those whose priority changes.
 *
 * Threads that spin hold their harts for good, each its own; what is asked is always whether somebody
 * gets to run at all.
 */
#include "debug/selftest.h"

#include <atomic.h>
#include <err.h>
#include <uapi/sched.h>

#include "arch/riscv/cpu.h"
#include "core/task.h"
#include "core/time.h"
#include "core/wait.h"

#define PATIENCE (20 * NSEC_PER_SEC)
#define SPINNERS 4

static atomic_t running;

static struct spinner {
	struct task *task; /* holds itself until it is to stop */
	u64 turns;
	bool stop;
} spinner[SPINNERS];

static bool none_running(void *arg __unused)
{
	return atomic_read(&running) == 0;
}

static struct task *start(void (*fn)(void *), void *arg)
{
	struct task *t;

	atomic_inc(&running);
	t = kthread_start(fn, arg, "test/rt");
	if (!IS_ERR(t))
		return t;
	atomic_dec(&running);
	return NULL;
}

static void spin(void *arg)
{
	struct spinner *t = arg;

	while (!READ_ONCE(t->stop)) {
		WRITE_ONCE(t->turns, t->turns + 1);
		cond_resched();
	}
	atomic_dec(&running);
}

static bool runs(void *arg)
{
	return READ_ONCE(((struct spinner *)arg)->turns) != 0;
}

/* Sleeps between its looks, so that it holds no hart. */
static bool until(bool (*cond)(void *arg), void *arg)
{
	u64 end = now_mono() + PATIENCE;

	while (!cond(arg)) {
		if (now_mono() > end)
			return false;
		sleep_until(now_mono() + NSEC_PER_MSEC, TASK_UNINTERRUPTIBLE);
	}
	return true;
}

static bool begin(unsigned i, int prio, u64 mask)
{
	struct spinner *s = &spinner[i];

	*s = (struct spinner){ 0 };
	s->task = start(spin, s);
	if (!s->task)
		return false;
	sched_set_affinity(s->task, mask);
	set_policy(s->task, SCHED_FIFO, prio);
	return true;
}

static const char *end(const char *bad)
{
	for (unsigned i = 0; i < SPINNERS; i++)
		WRITE_ONCE(spinner[i].stop, true);
	return until(none_running, NULL) ? bad : "the threads got stuck";
}

/*
 * On hart 0 somebody waits, on hart 1 somebody less urgent does. Now what `change` does makes him
 * the most urgent that is allowed on hart 1, and he runs there.
 */
static const char *waits_no_more(int high, int low, void (*change)(void))
{
	const s64 runtime = sched_rt_runtime_us;
	const char *bad = "no memory for a thread";
	int policy = current->se.policy;

	if (nr_harts == 1)
		return NULL; /* there is nowhere to go */
	WRITE_ONCE(sched_rt_runtime_us, -1);
	set_policy(current, SCHED_FIFO, 99);
	if (begin(0, 30, BIT(0)) && begin(1, high, BIT(1)) && begin(2, low, BIT(1)) &&
	    until(runs, &spinner[0]) && until(runs, &spinner[1]) && begin(3, 20, BIT(0))) {
		sched_set_affinity(spinner[3].task, BIT(0) | BIT(1));
		WRITE_ONCE(spinner[3].turns, 0);
		change();
		bad = until(runs, &spinner[3]) ? NULL : "an urgent task waits while others run";
	}
	bad = end(bad);
	set_policy(current, policy, 0);
	WRITE_ONCE(sched_rt_runtime_us, runtime);
	return bad;
}

static void other_ends(void)
{
	WRITE_ONCE(spinner[1].stop, true);
}

static void other_falls(void)
{
	set_policy(spinner[1].task, SCHED_FIFO, 15);
}

static void other_becomes_fair(void)
{
	set_policy(spinner[1].task, SCHED_NORMAL, 0);
}

static void he_rises(void)
{
	set_policy(spinner[3].task, SCHED_FIFO, 28);
}

KERNEL_TEST(urgent_task_is_fetched)
{
	return waits_no_more(30, 10, other_ends);
}

KERNEL_TEST(urgent_task_is_fetched_by_who_falls)
{
	return waits_no_more(30, 10, other_falls);
}

KERNEL_TEST(urgent_task_is_fetched_by_who_becomes_fair)
{
	return waits_no_more(30, 10, other_becomes_fair);
}

KERNEL_TEST(task_that_rises_goes_where_it_runs)
{
	return waits_no_more(25, 10, he_rises);
}

/* ---- two that are woken at once ---- */

/*
 * The two last ran on hart 2, which somebody more urgent holds. Their wakers, on harts 0 and 1, find
 * the same hart the best for either; one of the two has to go to the other.
 */
#define ROUNDS 50

static struct waitq sleepers = WAITQ_INIT(sleepers);
static struct task *sleeper[2];
static atomic_t asleep, called, met;
static int woken[2]; /* the round */
static bool over;

struct awaited {
	u64 who;
	int round;
};

static bool is_awake(void *arg)
{
	const struct awaited *a = arg;

	return READ_ONCE(woken[a->who]) >= a->round || READ_ONCE(over);
}

static void meet(int n)
{
	while (atomic_read(&met) < n && !READ_ONCE(over))
		cond_resched();
}

static void sleep_on_two(void *arg)
{
	struct awaited a = { .who = (u64)arg };

	for (int i = 1; i <= ROUNDS && !READ_ONCE(over); i++) {
		set_policy(current, SCHED_FIFO, 60);
		sched_set_affinity(current, BIT(2));
		sched_yield_current();
		sched_set_affinity(current, BIT(0) | BIT(1) | BIT(2));
		set_policy(current, SCHED_FIFO, 20);
		atomic_inc(&asleep);
		a.round = i;
		wait_until(&sleepers, is_awake, &a, TASK_UNINTERRUPTIBLE, WAIT_FOREVER);
		atomic_inc(&met);
		meet(2 * i);
	}
	atomic_dec(&running);
}

static bool both_sleep(int round)
{
	return atomic_read(&asleep) == 2 * round && !READ_ONCE(sleeper[0]->on_cpu) &&
	       !READ_ONCE(sleeper[1]->on_cpu);
}

static void wake_one(void *arg)
{
	u64 me = (u64)arg;

	sched_set_affinity(current, BIT(me));
	sched_yield_current(); /* it is there before it waits for the other */
	for (int i = 1; i <= ROUNDS && !READ_ONCE(over); i++) {
		while (!both_sleep(i) && !READ_ONCE(over))
			cond_resched();
		atomic_inc(&called);
		while (atomic_read(&called) < 2 * i && !READ_ONCE(over))
			cpu_relax();
		WRITE_ONCE(woken[me], i);
		wake_task(sleeper[me], TASK_UNINTERRUPTIBLE);
		meet(2 * i);
	}
	atomic_dec(&running);
}

static bool have_met(void *round)
{
	return atomic_read(&met) >= 2 * *(int *)round;
}

static const char *two_at_once(void)
{
	bool ok = begin(0, 50, BIT(2));

	atomic_set(&asleep, 0);
	atomic_set(&called, 0);
	atomic_set(&met, 0);
	woken[0] = woken[1] = 0;
	WRITE_ONCE(over, false);
	for (u64 i = 0; i < 2 && ok; i++) {
		sleeper[i] = start(sleep_on_two, (void *)i);
		ok = sleeper[i] != NULL;
		if (ok)
			set_policy(sleeper[i], SCHED_FIFO, 60);
	}
	for (u64 i = 0; i < 2 && ok; i++) {
		struct task *waker = start(wake_one, (void *)i);

		ok = waker != NULL;
		if (ok)
			sched_set_affinity(waker, BIT(i));
	}
	if (!ok)
		return "no memory for a thread";
	for (int i = 1; i <= ROUNDS; i++)
		if (!until(have_met, &i))
			return "one waits for a hart that the other has";
	return NULL;
}

KERNEL_TEST(two_woken_at_once_both_run)
{
	const s64 runtime = sched_rt_runtime_us;
	int policy = current->se.policy;
	const char *bad;

	if (nr_harts < 3)
		return NULL; /* one for each, and one that neither may have */
	WRITE_ONCE(sched_rt_runtime_us, -1);
	set_policy(current, SCHED_FIFO, 99);
	sched_set_affinity(current, BIT(2)); /* where it frees no hart by its sleep */
	sched_yield_current();
	bad = two_at_once();
	WRITE_ONCE(over, true);
	wake_up_all(&sleepers);
	bad = end(bad);
	sched_set_affinity(current, sched_online());
	set_policy(current, policy, 0);
	WRITE_ONCE(sched_rt_runtime_us, runtime);
	return bad;
}
