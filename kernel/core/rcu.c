/*
 * Grace periods (core/rcu.h). call_rcu pushes onto its hart's stack; a thread
 * gathers all stacks every few milliseconds, starts a period by raising
 * rcu_period, waits until every hart has been quiescent in it, and runs what it
 * gathered. A hart is waited for unless it idles, it has noted the period in
 * rcu_seen, or it is the one this thread runs on. One that runs user code
 * without ever trapping is kicked after a while.
 *
 * No lock: the stacks are atomic, rcu_seen and busy belong to their hart. The
 * thread never allocates, so memory pressure does not stop it.
 */
#include "core/rcu.h"

#include <err.h>

#include "alloc/vmap.h"
#include "arch/riscv/cpu.h"
#include "core/sched.h"
#include "core/task.h"
#include "core/time.h"
#include "sync/log.h"

#define GATHER_NS   (10 * NSEC_PER_MSEC)
#define POLL_NS	    NSEC_PER_MSEC
#define POLLS_QUIET 3 /* polls before laggards are kicked */
#define MANY	    1024 /* callbacks of one hart that end the gathering */

u64 rcu_period;
u64 rcu_seen[MAX_HARTS * 8];

static struct rcu_hart {
	struct rcu_head *stack; /* [a] pushed by the hart, taken whole by the thread */
	u32 pushed; /* [that hart] since the last hurry; a hint */
	u32 busy; /* [that hart] 0: idle or not started */
} __aligned(64) rcu_harts[MAX_HARTS];

static struct task *worker; /* [boot] */
static u32 pending; /* [a] the thread has something to do */
static u32 hurry; /* [a] do not gather */

static void wake_worker(void)
{
	if (worker)
		wake_task(worker, TASK_INTERRUPTIBLE);
}

void rcu_hurry(void)
{
	WRITE_ONCE(hurry, 1);
	WRITE_ONCE(pending, 1);
	wake_worker();
}

void call_rcu(struct rcu_head *h, void (*fn)(struct rcu_head *))
{
	struct rcu_hart *rh = &rcu_harts[hart_id()];
	struct rcu_head *old = READ_ONCE(rh->stack);

	h->fn = fn;
	do {
		h->next = old;
	} while (!__atomic_compare_exchange_n(&rh->stack, &old, h, false, __ATOMIC_SEQ_CST,
					      __ATOMIC_RELAXED));
	if (unlikely(++rh->pushed >= MANY)) {
		rh->pushed = 0;
		rcu_hurry();
	} else if (!READ_ONCE(pending) && xchg(&pending, 1) == 0) {
		wake_worker();
	}
}

void rcu_idle_enter(void)
{
	smp_store_release(&rcu_harts[hart_id()].busy, 0);
}

void rcu_idle_exit(void)
{
	WRITE_ONCE(rcu_harts[hart_id()].busy, 1);
	smp_mb();
}

/* Sleeps until *flag or the deadline. */
static void worker_sleep(const u32 *flag, u64 deadline)
{
	for (;;) {
		WRITE_ONCE(current->state, TASK_INTERRUPTIBLE);
		smp_mb();
		if (READ_ONCE(*flag) || wait_sleep(deadline))
			break;
	}
	WRITE_ONCE(current->state, TASK_RUNNING);
}

/* Harts that are still to be waited for in this period. */
static u64 laggards(u64 period)
{
	u64 mask = 0;

	for (unsigned h = 0; h < nr_harts; h++)
		if (h != hart_id() && smp_load_acquire(&rcu_harts[h].busy) &&
		    smp_load_acquire(&rcu_seen[h * 8]) < period)
			mask |= BIT(h);
	return mask;
}

static void grace_period(void)
{
	u64 period = rcu_period + 1, waiting;
	const u32 never = 0;

	smp_mb();
	WRITE_ONCE(rcu_period, period);
	smp_mb();
	for (unsigned polls = 0; (waiting = laggards(period)) != 0; polls++) {
		if (polls >= POLLS_QUIET)
			for (unsigned h = 0; h < nr_harts; h++)
				if (waiting & BIT(h))
					sched_kick_resched(h);
		worker_sleep(&never, now_mono() + POLL_NS);
	}
	smp_mb();
}

static void run_callbacks(struct rcu_head *list)
{
	for (unsigned n = 1; list; n++) {
		struct rcu_head *next = list->next;

		list->fn(list);
		list = next;
		if (n % 64 == 0)
			cond_resched();
	}
}

static void rcu_thread(void *arg __unused)
{
	for (;;) {
		struct rcu_head *taken[MAX_HARTS];
		bool any = false;

		worker_sleep(&pending, WAIT_FOREVER);
		worker_sleep(&hurry, now_mono() + GATHER_NS);
		WRITE_ONCE(hurry, 0);
		xchg(&pending, 0);
		for (unsigned h = 0; h < MAX_HARTS; h++) {
			taken[h] = xchg(&rcu_harts[h].stack, NULL);
			any |= taken[h] != NULL;
		}
		if (!any)
			continue;
		grace_period();
		for (unsigned h = 0; h < MAX_HARTS; h++)
			run_callbacks(taken[h]);
		kstack_trim(); /* of the tasks that were freed */
	}
}

struct sync_wait {
	struct rcu_head rcu;
	struct task *task; /* [i] */
	bool done; /* [a] stored with release by the thread, last */
};

/*
 * The sleeper's stack may be gone once done is stored; the task is not, for it would be freed
 * by this thread.
 */
static void sync_done(struct rcu_head *h)
{
	struct sync_wait *s = container_of(h, struct sync_wait, rcu);
	struct task *t = s->task;

	smp_store_release(&s->done, true);
	wake_task(t, TASK_UNINTERRUPTIBLE);
}

void synchronize_rcu(void)
{
	struct sync_wait s = { .task = current, .done = false };

	if (!worker)
		return;
	call_rcu(&s.rcu, sync_done);
	rcu_hurry();
	for (;;) {
		WRITE_ONCE(current->state, TASK_UNINTERRUPTIBLE);
		smp_mb();
		if (smp_load_acquire(&s.done))
			break;
		wait_sleep(WAIT_FOREVER);
	}
	WRITE_ONCE(current->state, TASK_RUNNING);
}

/*
 * What was pushed before our callback may lie in the batch after ours; a second
 * callback is in that batch or later, and a third runs after all of it.
 */
void rcu_barrier(void)
{
	for (int i = 0; i < 3; i++)
		synchronize_rcu();
}

void rcu_init(void)
{
	worker = kthread_start(rcu_thread, NULL, "rcu");
	if (IS_ERR(worker))
		panic("no memory for the rcu thread");
}
