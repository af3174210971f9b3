/*
 * In-kernel tests of races that were lost once: each fails when the line that mended it is taken
 * out. They look inside the rooms they test, and bring about in a moment what would take days.
 */
#include "debug/selftest.h"

#include <atomic.h>
#include <err.h>
#include <uapi/signal.h>

#include "alloc/page.h"
#include "alloc/vmap.h"
#include "arch/riscv/arch_private.h"
#include "arch/riscv/cpu.h"
#include "arch/riscv/pgtable.h"
#include "core/mutex.h"
#include "core/sched_impl.h"
#include "core/wait.h"
#include "lib/string.h"

#define PATIENCE (20 * NSEC_PER_SEC)
#define THREADS	 6

static struct waitq done_wait = WAITQ_INIT(done_wait);
static atomic_t running;
static bool stop;

static void leave(void)
{
	if (atomic_dec_and_test(&running))
		wake_up_all(&done_wait);
}

static bool none_running(void *arg __unused)
{
	return atomic_read(&running) == 0;
}

static bool all_done(void)
{
	WRITE_ONCE(stop, true);
	return wait_until(&done_wait, none_running, NULL, TASK_UNINTERRUPTIBLE,
			  now_mono() + PATIENCE) == 0;
}

static struct task *start(void (*fn)(void *), void *arg)
{
	struct task *t;

	if (atomic_inc_return(&running) == 1)
		WRITE_ONCE(stop, false);
	t = kthread_start(fn, arg, "test/races");
	if (IS_ERR(t)) {
		leave();
		return NULL;
	}
	return t;
}

static bool until(bool (*cond)(void *arg), void *arg)
{
	u64 end = now_mono() + PATIENCE;

	while (!cond(arg)) {
		if (now_mono() > end)
			return false;
		sched_yield_current();
	}
	return true;
}

/* ---- a killed writer gets the lock all the same ---- */

/*
 * The writer sleeps with a fatal signal pending: it is about to give up, and looks once more
 * whether the lock came free. If it did, it has the lock, and must not say that it has not.
 */
#define ROUNDS 600

static struct rwsem contested = RWSEM_INIT(contested);
static atomic_t asked, answered, leaked;

static void killed_writer(void *arg __unused)
{
	current->pending.set |= sig_bit(SIGKILL);
	__atomic_fetch_or(&current->thread.work, WORK_SIGNAL, __ATOMIC_SEQ_CST);
	sched_set_affinity(current, BIT(1));
	sched_yield_current();
	for (int i = 1; i <= ROUNDS; i++) {
		while (atomic_read(&asked) < i && !READ_ONCE(stop))
			cond_resched();
		if (rwsem_write_lock_killable(&contested) == 0) {
			rwsem_write_unlock(&contested);
		} else if (READ_ONCE(contested.owner) == current) {
			atomic_inc(&leaked);
			rwsem_write_unlock(&contested);
		}
		atomic_set(&answered, i);
	}
	current->pending.set = 0;
	leave();
}

KERNEL_TEST(killed_writer_leaks_no_lock)
{
	bool stuck = false;

	if (nr_harts == 1)
		return NULL; /* it takes two */
	atomic_set(&asked, 0);
	atomic_set(&answered, 0);
	atomic_set(&leaked, 0);
	sched_set_affinity(current, BIT(0));
	sched_yield_current();
	if (!start(killed_writer, NULL))
		return "no memory for a thread";
	for (int i = 1; i <= ROUNDS && !stuck; i++) {
		u64 end = now_mono() + PATIENCE;

		rwsem_write_lock(&contested);
		atomic_set(&asked, i);
		/* Let go a little later each time: at some point between its two looks. */
		for (int k = 0; k < i * 17 % 2000; k++)
			cpu_relax();
		rwsem_write_unlock(&contested);
		while (atomic_read(&answered) < i && !stuck) {
			cond_resched();
			stuck = now_mono() > end;
		}
	}
	sched_set_affinity(current, ~0UL);
	if (!all_done() || stuck)
		return "the writer got stuck";
	return atomic_read(&leaked) ? "a writer was told it was interrupted, and had the lock" :
				      NULL;
}

/* ---- virtual time is each hart's own ---- */

#define HOUR   (3600 * NSEC_PER_SEC)
#define MINUTE (60 * NSEC_PER_SEC)

static struct waitq nap_wait = WAITQ_INIT(nap_wait);
static atomic_t astray;

/* [rq->lock] */
static bool near(const struct rq *rq, const struct task *t)
{
	s64 d = (s64)(t->se.vruntime - rq->min_vruntime);

	return is_rt(t) || (d < (s64)MINUTE && d > -(s64)MINUTE);
}

static void look_at_myself(void)
{
	unsigned long flags = irq_save();
	struct rq *rq = this_rq();

	spin_lock(&rq->lock);
	if (!near(rq, current))
		atomic_inc(&astray);
	spin_unlock(&rq->lock);
	irq_restore(flags);
}

/*
 * Now runs, now naps; half of them give way only when they must, so that their turns end by the
 * tick.
 */
static void wander(void *arg)
{
	for (u64 i = (u64)arg; !READ_ONCE(stop); i++) {
		if ((u64)arg % 2) {
			cond_resched();
		} else if (i % 16 == 0) {
			struct waiter w;

			waiter_init(&w);
			wait_prepare(&nap_wait, &w, TASK_UNINTERRUPTIBLE);
			wait_sleep(now_mono() + NSEC_PER_MSEC);
			wait_finish(&nap_wait, &w);
		} else {
			sched_yield_current();
		}
		look_at_myself();
	}
	leave();
}

/* Sets a hart's virtual time forward while no fair task is there. */
struct ahead {
	struct rq *rq;
	u64 ns;
};

static bool set_ahead(void *arg)
{
	const struct ahead *a = arg;
	struct rq *rq = a->rq;
	unsigned long flags = spin_lock_irqsave(&rq->lock);
	bool ok = rq->nr_fair == 0 && (rq->curr == rq->idle || is_rt(rq->curr));

	if (ok)
		rq->min_vruntime += a->ns;
	spin_unlock_irqrestore(&rq->lock, flags);
	return ok;
}

/* Virtual time went on by what it may, and whoever waits has about that time, in order. */
static bool fair_and_sorted(struct rq *rq, u64 min_before)
{
	unsigned long flags = spin_lock_irqsave(&rq->lock);
	const struct task *last = NULL;
	bool ok = rq->min_vruntime - min_before < MINUTE;

	for (struct rb_node *n = rb_first_cached(&rq->fair); n; n = rb_next(n)) {
		const struct task *t = rb_entry(n, struct task, se.node);

		ok = ok && near(rq, t) && (!last || (s64)(t->se.vruntime - last->se.vruntime) >= 0);
		last = t;
	}
	spin_unlock_irqrestore(&rq->lock, flags);
	return ok;
}

/*
 * The harts' clocks of virtual time are made to differ by hours; then tasks are sent around in all
 * ways that there are. Who took its time along unchanged would have an hour's credit, or wait as
 * long, or take the whole hart along.
 */
KERNEL_TEST(virtual_time_stays_on_its_hart)
{
	struct task *t[THREADS] = { NULL };
	u64 min_before[MAX_HARTS];
	const char *wrong = NULL;

	atomic_set(&astray, 0);
	/* This hart's own is left: this task runs in it. */
	for (unsigned h = 0; h < nr_harts; h++) {
		struct ahead a = { &runqueues[h], (h + 1) * HOUR };

		if (h != hart_id() && !until(set_ahead, &a))
			return "a hart is never idle";
		min_before[h] = READ_ONCE(runqueues[h].min_vruntime);
	}
	for (u64 i = 0; i < THREADS; i++) {
		t[i] = start(wander, (void *)i);
		if (!t[i])
			wrong = "no memory for a thread";
	}
	for (unsigned step = 0; step < 300 && !wrong; step++) {
		struct task *it = t[step * 7 % THREADS];

		if (step % 100 < 50)
			sched_set_affinity(it, BIT(step / THREADS % nr_harts));
		else
			sched_set_affinity(it, ~0UL); /* free to be stolen and pushed */
		if (step % 8 == 0)
			wake_up_all(&nap_wait);
		sched_yield_current();
		if (step % 25 == 0)
			sleep_until(now_mono() + 10 * NSEC_PER_MSEC, TASK_UNINTERRUPTIBLE);
		for (unsigned h = 0; h < nr_harts; h++)
			if (atomic_read(&astray) || !fair_and_sorted(&runqueues[h], min_before[h]))
				wrong = "a task has another hart's virtual time";
	}
	return all_done() ? wrong : "the threads got stuck";
}

static void yield_on_hart_1(void *arg __unused)
{
	sched_set_affinity(current, BIT(1));
	while (!READ_ONCE(stop)) {
		sched_yield_current();
		look_at_myself();
	}
	leave();
}

static bool on_hart_1(void *arg)
{
	return READ_ONCE(((struct task *)arg)->thread.hart) == 1;
}

/*
 * A real-time task's virtual time stands still: when it is an ordinary one again that is no credit.
 */
KERNEL_TEST(real_time_earns_no_credit)
{
	struct ahead a = { &runqueues[1], HOUR };
	struct task *t;
	bool ok;

	if (nr_harts == 1)
		return NULL;
	atomic_set(&astray, 0);
	t = start(yield_on_hart_1, NULL);
	if (!t)
		return "no memory for a thread";
	set_policy(t, SCHED_FIFO, 1);
	ok = until(on_hart_1, t) && until(set_ahead, &a);
	set_policy(t, SCHED_NORMAL, 0);
	sleep_until(now_mono() + 5 * NSEC_PER_MSEC, TASK_UNINTERRUPTIBLE);
	if (!all_done() || !ok)
		return "the thread got stuck";
	return atomic_read(&astray) ? "it has the credit of an hour" : NULL;
}

/* ---- a switch looks at the next task's stack as it is mapped now ---- */

static struct waitq sleeper_wait = WAITQ_INIT(sleeper_wait);
static bool sleeper_asleep, sleeper_may;
static struct fpstate found;

static bool may_go(void *arg __unused)
{
	return READ_ONCE(sleeper_may);
}

static void sleeper(void *arg __unused)
{
	sched_set_affinity(current, BIT(1));
	sched_yield_current();
	WRITE_ONCE(sleeper_asleep, true);
	wait_until(&sleeper_wait, may_go, NULL, TASK_UNINTERRUPTIBLE, WAIT_FOREVER);
	fp_store(&found);
	task_frame(current)->status = 0; /* a kernel thread again */
	leave();
}

static bool is_asleep(void *arg)
{
	const struct task *t = arg;

	return READ_ONCE(sleeper_asleep) && READ_ONCE(t->state) == TASK_UNINTERRUPTIBLE &&
	       !READ_ONCE(t->on_cpu);
}

static pte_t *leaf(u64 va)
{
	pte_t *t = kernel_root;

	for (int level = PT_ROOT_LEVEL; level > 0; level--)
		t = phys_to_virt(pte_phys(t[pt_index(va, level)]));
	return &t[pt_index(va, 0)];
}

/*
 * A thread sleeps on hart 1, which remembers where the top of its stack is. The page is exchanged
 * for one in which the thread has floating-point registers, as if the stack had been freed and
 * made again: hart 1 must see that before it decides what to load.
 */
KERNEL_TEST(switch_sees_a_new_stack)
{
	struct task *t;
	struct page *new;
	pte_t *e, old;
	u64 top;

	if (nr_harts == 1 || !(cpu_features.hwcap & BIT('d' - 'a')))
		return NULL;
	new = page_alloc(0, 0);
	sched_set_affinity(current, BIT(0));
	sched_yield_current();
	sleeper_asleep = sleeper_may = false;
	memset(&found, 0, sizeof(found));
	t = new ? start(sleeper, NULL) : NULL;
	if (!t)
		return "no memory";
	if (!until(is_asleep, t))
		return "the thread does not sleep";
	top = (u64)t->kstack + KSTACK_SIZE - PAGE_SIZE;
	e = leaf(top);
	old = *e;
	memcpy(page_to_virt(new), phys_to_virt(pte_phys(old)), PAGE_SIZE);
	WRITE_ONCE(*e, pte_make(page_to_phys(new), old & (BIT(8) - 1)));
	tlb_flush_local_all();
	__atomic_fetch_or(&vmap_stale, BIT(1), __ATOMIC_SEQ_CST);
	task_frame(t)->status |= SSTATUS_FS_CLEAN;
	t->thread.fp.f[9] = 0x4009;
	WRITE_ONCE(sleeper_may, true);
	wake_up_all(&sleeper_wait);
	if (!all_done())
		return "the thread got stuck";
	tlb_flush_kernel(top, top + PAGE_SIZE);
	page_free(phys_to_page(pte_phys(old)), 0);
	sched_set_affinity(current, ~0UL);
	return found.f[9] == 0x4009 ? NULL : "a hart looked at a stack that is gone";
}
