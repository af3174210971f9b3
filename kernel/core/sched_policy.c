/*
 * What sched_setscheduler(2), setpriority(2) and sched_setaffinity(2) change in
 * a task, wherever it is; and kernel threads. Permission checks are the callers'.
 */
#include "core/sched_impl.h"

#include <err.h>
#include <uapi/errno.h>

#include "alloc/slab.h"
#include "arch/riscv/cpu.h"
#include "core/pi.h"
#include "lib/printf.h"
#include "sync/log.h"

/* t's class and weight follow from its own parameters and what it inherits. [s] */
void set_effective(struct task *t)
{
	struct sched_entity *se = &t->se;
	s64 own = se->policy == SCHED_DEADLINE ? -deadline_urgency(se->dl->deadline) :
		  se->own_rt_prio	       ? 99 - se->own_rt_prio :
						 PRIO_FAIR + se->nice;
	s64 prio = min(own, se->boost);
	bool nice_boost = prio >= 100 && prio < own;

	se->urgency = prio < 0 ? -prio : prio < 100 ? 99 - prio : 0;
	se->rt_prio = (u8)min(se->urgency, (s64)RT_DEADLINE);
	se->weight = nice_weight(nice_boost ? (int)prio - PRIO_FAIR : se->nice,
				 nice_boost ? SCHED_NORMAL : se->policy);
}

/* p's policy and what belongs to it become t's. [s] */
static void set_policy_of(struct rq *rq, struct task *t, const struct sched_params *p)
{
	bool begins = p->policy == SCHED_DEADLINE && !dl_same(t, &p->dl);

	t->se.policy = (u8)p->policy;
	t->se.own_rt_prio = p->rt_prio;
	t->se.reset_on_fork = p->reset_on_fork;
	if (begins)
		dl_begin(rq, t, &p->dl);
}

/*
 * Takes t out of the counts and lists of its class while its parameters (p; NULL: they stay) or its
 * boost change, and puts it back where it then belongs: behind its equals when it rose, before them
 * when it fell. 1: its priority is another. Negative: it may not become what p says.
 */
static int change(struct task *t, const struct sched_params *p, s64 boost)
{
	unsigned long flags = irq_save();
	struct rq *rq = rq_lock_task(t);
	bool on_rq = t->se.on_rq, running = rq->curr == t, was_rt = is_rt(t), moves = false;
	s64 old = task_prio(t), new;
	int err = 0;

	account(rq);
	if (p && p->policy == SCHED_DEADLINE)
		err = dl_admit(t, &p->dl);
	else if (p && p->policy >= 0 && t->se.policy == SCHED_DEADLINE)
		dl_admit(t, NULL);
	if (err) {
		spin_unlock(&rq->lock);
		irq_restore(flags);
		return err;
	}
	moves = dl_unthrottle(rq, t);
	if (on_rq && !running)
		detach_queued(rq, t);
	else if (on_rq && !was_rt)
		WRITE_ONCE(rq->load, rq->load - t->se.weight);
	if (p) {
		t->se.nice = p->nice;
		t->se.slice = p->slice;
		if (p->policy >= 0)
			set_policy_of(rq, t, p);
	} else {
		t->se.boost = boost;
	}
	set_effective(t);
	new = task_prio(t);
	if (is_rt(t) && !was_rt)
		t->se.woken_at = t->se.sum_exec;
	if (on_rq && !is_rt(t))
		fair_place_woken(rq, t); /* before it is queued by its vruntime */
	if (on_rq && !running) {
		attach(rq, t, new > old);
		moves = is_rt(t) && rt_goes_on(rq, t);
	} else if (on_rq) {
		if (!is_rt(t))
			WRITE_ONCE(rq->load, rq->load + t->se.weight);
		else if (t->se.urgency > rq->level)
			WRITE_ONCE(rq->level, t->se.urgency);
	}
	spin_unlock(&rq->lock);
	if (moves)
		place_task(t, false);
	irq_restore(flags);
	if (on_rq && !moves && (p || new != old))
		sched_kick_resched(READ_ONCE(t->thread.hart));
	return new != old;
}

int sched_set_params(struct task *t, const struct sched_params *p)
{
	int err;

	if (p->policy == SCHED_DEADLINE && !READ_ONCE(t->se.dl)) {
		struct dl_entity *none = NULL, *dl = kzalloc(sizeof(*dl), 0);

		if (!dl)
			return -ENOMEM;
		if (!__atomic_compare_exchange_n(&t->se.dl, &none, dl, false, __ATOMIC_RELEASE,
						 __ATOMIC_RELAXED))
			kfree(dl);
	}
	err = change(t, p, 0);
	if (err < 0)
		return err;
	if (err)
		pi_prio_changed(t);
	if (p->policy >= 0 && p->rt_prio &&
	    t->proc) { /* RLIMIT_RTTIME is looked after from now on */
		unsigned long flags;
		struct sighand *s = sighand_lock(t->proc, &flags);

		itimer_limit(t->proc);
		sighand_unlock(s, flags);
	}
	return 0;
}

void sched_set_nice(struct task *t, int nice)
{
	struct sched_params p = { .policy = -1, .nice = (s8)nice, .slice = t->se.slice };

	sched_set_params(t, &p);
}

bool sched_boost(struct task *t, s64 prio)
{
	return t->se.boost != prio && change(t, NULL, prio) > 0;
}

u64 sched_slice(const struct task *t)
{
	if (t->se.policy == SCHED_RR)
		return sched_rr_slice;
	if (t->se.policy == SCHED_FIFO || t->se.policy == SCHED_DEADLINE)
		return 0;
	return fair_slice(&runqueues[READ_ONCE(t->thread.hart)], t);
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
	if (dl_bound_to_all(t) && mask != sched_online()) {
		spin_unlock(&rq->lock);
		irq_restore(flags);
		return -EBUSY;
	}
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
	} else if (t->se.on_rq && rq->curr != t && is_rt(t)) {
		move = rt_goes_on(rq, t);
	}
	spin_unlock(&rq->lock);
	if (move)
		place_task(t, false);
	irq_restore(flags);
	if (kick)
		sched_kick_resched(rq->hart);
	return 0;
}

struct task *sched_current(unsigned hart)
{
	return READ_ONCE(runqueues[hart].curr);
}

void sched_abort_rseq(const struct mm *mm, int hart)
{
	for (unsigned h = 0; h < nr_harts; h++) {
		struct rq *rq = &runqueues[h];
		unsigned long flags;
		bool kick;

		if (hart < 0 ? h == hart_id() : h != (unsigned)hart)
			continue;
		flags = spin_lock_irqsave(&rq->lock);
		kick = rq->curr->mm == mm && rq->curr->rseq;
		if (kick)
			__atomic_fetch_or(&rq->curr->thread.work, WORK_NOTIFY, __ATOMIC_SEQ_CST);
		spin_unlock_irqrestore(&rq->lock, flags);
		if (kick && h != hart_id())
			hart_kick(h);
	}
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
	t->acct = ACCT_KERNEL;
	t->cred = cred_get(&init_cred);
	thread_setup(&t->thread, kthread_main, k);
	sched_new_task(t, NULL);
	flags = spin_lock_irqsave(&proc_tree_lock);
	list_add_tail_rcu(&t->all_link, &all_tasks);
	spin_unlock_irqrestore(&proc_tree_lock, flags);
	wake_new_task(t);
	return t;
}
