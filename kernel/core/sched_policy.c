/*
 * What sched_setscheduler(2), setpriority(2) and sched_setaffinity(2) change in
 * a task, wherever it is; and kernel threads. Permission checks are the callers'.
 */
#include "core/sched_impl.h"

#include <err.h>
#include <uapi/errno.h>

#include "alloc/slab.h"
#include "arch/riscv/cpu.h"
#include "lib/printf.h"
#include "sync/log.h"

/* Takes t out of the counts and lists of its class while `policy`, priority or nice change. */
static void change(struct task *t, u8 policy, u8 rt_prio, s8 nice, bool reset_on_fork)
{
	unsigned long flags = irq_save();
	struct rq *rq = rq_lock_task(t);
	bool on_rq = t->se.on_rq, running = rq->curr == t;

	account(rq);
	if (on_rq && !running)
		detach_queued(rq, t);
	else if (on_rq && !is_rt(t))
		WRITE_ONCE(rq->load, rq->load - t->se.weight);
	if (!t->se.rt_prio)
		t->se.woken_at = t->se.sum_exec;
	t->se.policy = policy;
	t->se.rt_prio = rt_prio;
	t->se.nice = nice;
	t->se.reset_on_fork = reset_on_fork;
	t->se.weight = nice_weight(nice, policy);
	if (on_rq && !is_rt(t))
		fair_place_woken(rq, t); /* before it is queued by its vruntime */
	if (on_rq && !running)
		attach(rq, t);
	else if (on_rq && !is_rt(t))
		WRITE_ONCE(rq->load, rq->load + t->se.weight);
	spin_unlock(&rq->lock);
	irq_restore(flags);
	if (on_rq)
		sched_kick_resched(READ_ONCE(t->thread.hart));
}

int sched_set_policy(struct task *t, int policy, int rt_prio)
{
	bool reset = policy & SCHED_RESET_ON_FORK;

	policy &= ~SCHED_RESET_ON_FORK;
	switch (policy) {
	case SCHED_FIFO:
	case SCHED_RR:
		if (rt_prio < 1 || rt_prio > 99)
			return -EINVAL;
		break;
	case SCHED_NORMAL:
	case SCHED_BATCH:
	case SCHED_IDLE:
		if (rt_prio != 0)
			return -EINVAL;
		break;
	default:
		return -EINVAL;
	}
	change(t, (u8)policy, (u8)rt_prio, t->se.nice, reset);
	if (rt_prio && t->proc) { /* RLIMIT_RTTIME is looked after from now on */
		unsigned long flags;
		struct sighand *s = sighand_lock(t->proc, &flags);

		itimer_limit(t->proc);
		sighand_unlock(s, flags);
	}
	return 0;
}

void sched_set_nice(struct task *t, int nice)
{
	change(t, t->se.policy, t->se.rt_prio, (s8)clamp(nice, -20, 19), t->se.reset_on_fork);
}

u64 sched_slice(const struct task *t)
{
	if (t->se.policy == SCHED_RR)
		return RR_SLICE;
	return is_rt(t) ? 0 : fair_slice(&runqueues[READ_ONCE(t->thread.hart)], t);
}

int sched_set_affinity(struct task *t, u64 mask)
{
	unsigned long flags;
	struct rq *rq;
	bool move = false, kick = false;

	mask &= sched_online();
	if (!mask)
		return -EINVAL;
	flags = irq_save();
	rq = rq_lock_task(t);
	WRITE_ONCE(t->cpus_allowed, mask);
	if (t->se.on_rq && !hart_allowed(t, rq->hart)) {
		if (rq->curr == t) {
			kick = true; /* schedule() sends it away */
		} else {
			detach_queued(rq, t);
			t->se.vruntime -= rq->min_vruntime;
			set_task_hart(t, select_hart(t, rq->hart, false));
			move = true;
		}
	}
	spin_unlock(&rq->lock);
	if (move)
		place_task(t, false);
	irq_restore(flags);
	if (kick)
		sched_kick_resched(rq->hart);
	return 0;
}

/* ---- kernel threads ---- */

struct kthread {
	void (*fn)(void *);
	void *arg;
};

static void kthread_main(void *p)
{
	struct kthread k = *(struct kthread *)p;
	unsigned long flags;

	kfree(p);
	k.fn(k.arg);
	flags = spin_lock_irqsave(&proc_tree_lock);
	list_del_init(&current->all_link);
	spin_unlock_irqrestore(&proc_tree_lock, flags);
	task_put(current);
	sched_exit(current);
}

struct task *kthread_start(void (*fn)(void *), void *arg, const char *fmt, ...)
{
	struct kthread *k = kmalloc(sizeof(*k), 0);
	struct task *t = k ? task_alloc() : NULL;
	unsigned long flags;
	va_list ap;

	if (!t) {
		kfree(k);
		return ERR_PTR(-ENOMEM);
	}
	*k = (struct kthread){ .fn = fn, .arg = arg };
	va_start(ap, fmt);
	vsnprintf(t->comm, sizeof(t->comm), fmt, ap);
	va_end(ap);
	t->flags = TF_KTHREAD;
	t->cred = cred_get(&init_cred);
	thread_setup(&t->thread, kthread_main, k);
	sched_new_task(t, NULL);
	flags = spin_lock_irqsave(&proc_tree_lock);
	list_add_tail_rcu(&t->all_link, &all_tasks);
	spin_unlock_irqrestore(&proc_tree_lock, flags);
	wake_new_task(t);
	return t;
}
