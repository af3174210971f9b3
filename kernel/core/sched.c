/*
 * The scheduler's core: who runs next on this hart, sleeping and waking (core/sched.h).
 * The classes are in sched_fair.c, sched_rt.c and sched_deadline.c, the tick and the idle
 * loop in sched_hart.c, accounting and balance in sched_load.c.
 *
 * A task belongs to the run queue of thread.hart, also while it sleeps; that
 * queue's lock guards its sched_entity, and thread.hart changes only under it
 * while the task does not run. The lock is held across the register switch: it
 * is taken by the task that leaves and dropped by the one that arrives. So
 * whoever holds it sees a task either running or completely saved, and a task
 * that is woken on another hart while it still switches away waits for nothing
 * but this lock. Two run-queue locks are never held at once but for the
 * trylock in steal_from.
 */
#include "core/sched_impl.h"

#include "alloc/vmap.h"
#include "arch/riscv/cpu.h"
#include "core/irq.h"
#include "core/lockup.h"
#include "core/rcu.h"
#include "core/task_impl.h"
#include "lib/printf.h"
#include "sync/log.h"

struct rq runqueues[MAX_HARTS];
u64 online_harts;
u64 total_forks;
void (*sched_mm_switch)(struct task *prev, struct task *next);

u64 sched_online(void)
{
	return READ_ONCE(online_harts);
}

struct rq *rq_lock_task(struct task *t)
{
	for (;;) {
		u32 hart = READ_ONCE(t->thread.hart);
		struct rq *rq = &runqueues[hart];

		spin_lock(&rq->lock);
		if (likely(READ_ONCE(t->thread.hart) == hart))
			return rq;
		spin_unlock(&rq->lock);
	}
}

/*
 * t, which does not run, shall belong to another hart. The lock of the one it belongs to is
 * held.
 */
void set_task_hart(struct task *t, unsigned hart)
{
	if (t->thread.hart == hart)
		return;
	WRITE_ONCE(t->thread.hart, hart);
	if (t->rseq || t->fencei)
		__atomic_fetch_or(&t->thread.work, WORK_NOTIFY, __ATOMIC_RELAXED);
}

/* ---- queues; all [s] ---- */

static void count_in(struct rq *rq, const struct task *t)
{
	WRITE_ONCE(rq->nr_running, rq->nr_running + 1);
	if (unlikely(t->se.stall & STALL_MEMORY))
		psi_count(rq, 1);
	if (!is_rt(t))
		WRITE_ONCE(rq->load, rq->load + t->se.weight);
}

static void count_out(struct rq *rq, const struct task *t)
{
	WRITE_ONCE(rq->nr_running, rq->nr_running - 1);
	if (unlikely(t->se.stall & STALL_MEMORY))
		psi_count(rq, -1);
	if (!is_rt(t))
		WRITE_ONCE(rq->load, rq->load - t->se.weight);
}

static void queue(struct rq *rq, struct task *t, bool head)
{
	if (is_rt(t))
		rt_enqueue(rq, t, head);
	else
		fair_enqueue(rq, t);
}

static void unqueue(struct rq *rq, struct task *t)
{
	if (is_rt(t))
		rt_dequeue(rq, t);
	else
		fair_dequeue(rq, t);
}

void attach(struct rq *rq, struct task *t, bool head)
{
	t->se.on_rq = true;
	t->se.queued_at = rq->clock;
	count_in(rq, t);
	queue(rq, t, head);
}

void detach_queued(struct rq *rq, struct task *t)
{
	unqueue(rq, t);
	count_out(rq, t);
	t->se.on_rq = false;
}

/* The fence pairs with the one in idle_loop. */
bool mark_resched(struct rq *rq)
{
	struct task *t = rq->curr;
	u32 old;

	if (t == rq->idle) {
		smp_mb();
		if (rq->hart == hart_id() || READ_ONCE(rq->kicked))
			return false;
		WRITE_ONCE(rq->kicked, true);
		return true;
	}
	old = __atomic_fetch_or(&t->thread.work, WORK_RESCHED, __ATOMIC_SEQ_CST);
	return !(old & WORK_RESCHED) && rq->hart != hart_id();
}

void sched_kick_resched(unsigned hart)
{
	struct rq *rq = &runqueues[hart];
	unsigned long flags = spin_lock_irqsave(&rq->lock);
	bool kick = mark_resched(rq);

	spin_unlock_irqrestore(&rq->lock, flags);
	if (kick)
		hart_kick(hart);
}

/* t has just been queued on rq: does it push curr out, or need its slices ended? True: kick. */
static bool check_preempt(struct rq *rq, const struct task *t)
{
	struct task *curr = rq->curr;
	bool peer;

	if (curr == rq->idle)
		return mark_resched(rq);
	if (is_rt(t) ? t->se.urgency > curr->se.urgency : !is_rt(curr) && fair_preempts(t, curr))
		return mark_resched(rq);
	/* The first peer ends curr's turns, the first fair task a real-time one's budget. */
	peer = is_rt(t) ? t->se.rt_prio == curr->se.rt_prio && rt_is_alone(t) :
			  !is_rt(curr) && rq->nr_running == 2;
	if (peer)
		new_slice(rq, curr);
	else if (is_rt(t) || !is_rt(curr) || rq->nr_fair != 1)
		return false;
	if (rq->hart != hart_id())
		return mark_resched(rq);
	set_tick(rq);
	return false;
}

/*
 * t has been queued on rq, but did not get to run there, or somebody came first: it goes to where it
 * does. The fence pairs with the one in choose_rt: who falls in priority sees t, or we see that.
 */
bool rt_goes_on(struct rq *rq, struct task *t)
{
	unsigned to;

	if (rt_first(rq) == t && rq->level < t->se.urgency)
		return false;
	smp_mb();
	to = select_hart(t, rq->hart, false);
	if (to == rq->hart)
		return false;
	detach_queued(rq, t);
	t->se.vruntime -= rq->min_vruntime;
	set_task_hart(t, to);
	return true;
}

/*
 * t is runnable, belongs to its new hart already, and is on no queue: nobody else will place it. If
 * that hart has become a forbidden one in the meantime it goes on to another.
 */
void place_task(struct task *t, bool woken)
{
	unsigned long flags = irq_save();
	struct rq *rq;
	bool kick;

	for (unsigned tries = 0;; tries++) {
		rq = rq_lock_task(t);
		if (unlikely(is_deadline(t)) && woken && dl_waits(rq, t)) {
			/* It does so on this hart, allowed or not: here the tick is ours to set. */
			if (rq == this_rq()) {
				dl_wait(rq, t);
				set_tick(rq);
				break;
			}
			set_task_hart(t, hart_id());
			spin_unlock(&rq->lock);
			continue;
		}
		if (unlikely(!hart_allowed(t, rq->hart))) {
			set_task_hart(t, select_hart(t, rq->hart, false));
			spin_unlock(&rq->lock);
			continue;
		}
		account(rq);
		t->se.vruntime += rq->min_vruntime;
		if (woken && !is_rt(t))
			fair_place_woken(rq, t);
		attach(rq, t, false);
		if (!is_rt(t) || tries >= nr_harts || !rt_goes_on(rq, t))
			break;
		spin_unlock(&rq->lock);
	}
	kick = t->se.on_rq && check_preempt(rq, t);
	spin_unlock(&rq->lock);
	if (kick)
		hart_kick(rq->hart);
	irq_restore(flags);
}

/* ---- waking ---- */

static bool is_waker(const struct task *t)
{
	return !in_interrupt() && !(t->flags & TF_IDLE);
}

/* current wakes somebody: will it sleep itself before long, by its habit? Irqs off. */
static bool waker_sleeps_soon(void)
{
	return is_waker(current) && current->se.wake_gap < SOON_NS;
}

/*
 * current has woken somebody, without a kick at `now`. The time counts from after a kick: that takes
 * long where harts are an emulator's threads, and may cost the hart its turn on the host. It is no
 * habit of the task's.
 */
static void note_wake(u64 now)
{
	if (!current->se.wake_stamp && is_waker(current))
		current->se.wake_stamp = now ? now : now_mono();
}

bool wake_task(struct task *t, u32 states)
{
	unsigned long flags;
	struct rq *rq;
	unsigned target;
	u64 now = 0;
	u32 state;

	smp_mb();
	if (!(READ_ONCE(t->state) & states))
		return false;
	flags = irq_save();
	rq = rq_lock_task(t);
	state = READ_ONCE(t->state);
	if (!(state & states) || cmpxchg(&t->state, state, TASK_RUNNING) != state) {
		spin_unlock(&rq->lock);
		irq_restore(flags);
		/*
		 * It has just stored another state: whether it sleeps in that is decided by
		 * its condition.
		 */
		return false;
	}
	if (t->se.on_rq) {
		/* It had not left the hart yet. */
		spin_unlock(&rq->lock);
		irq_restore(flags);
		return true;
	}
	if (state & (TASK_UNINTERRUPTIBLE | TASK_KILLABLE)) {
		rq->nr_uninterruptible--;
		if (t->se.stall)
			psi_wakes(rq, t);
	}
	t->se.woken_at = t->se.sum_exec;
	target = select_hart(t, rq->hart, waker_sleeps_soon());
	tracepoint_task(TP_WAKE, t, target);
	if (target == rq->hart && !is_rt(t)) {
		account(rq);
		fair_place_woken(rq, t);
		attach(rq, t, false);
		if (!check_preempt(rq, t))
			now = rq->clock;
		spin_unlock(&rq->lock);
		if (!now)
			hart_kick(target);
	} else {
		t->se.vruntime -= rq->min_vruntime;
		set_task_hart(t, target);
		spin_unlock(&rq->lock);
		place_task(t, true);
	}
	note_wake(now);
	irq_restore(flags);
	return true;
}

void sched_new_task(struct task *t, const struct task *parent)
{
	if (parent && parent->proc) {
		t->se.policy = parent->se.policy;
		t->se.own_rt_prio = parent->se.own_rt_prio; /* what it inherits is its own */
		t->se.slice = parent->se.slice;
		t->se.nice = parent->se.nice;
		if (parent->se.reset_on_fork || t->se.policy == SCHED_DEADLINE) {
			if (t->se.own_rt_prio || t->se.policy == SCHED_DEADLINE) {
				t->se.policy = SCHED_NORMAL;
				t->se.own_rt_prio = 0;
			}
			t->se.nice = max((int)t->se.nice, 0);
		}
	}
	t->se.rt_prio = t->se.own_rt_prio;
	t->se.urgency = t->se.own_rt_prio;
	t->se.weight = nice_weight(t->se.nice, t->se.policy);
	t->thread.hart = hart_id();
}

void wake_new_task(struct task *t)
{
	unsigned long flags = irq_save();
	struct rq *rq;

	tracepoint_task(TP_NAME, t, 0);
	task_get(t);
	rq = rq_lock_task(t);
	set_task_hart(t, select_hart(t, hart_id(), waker_sleeps_soon()));
	WRITE_ONCE(t->state, TASK_RUNNING);
	fair_place_new(t);
	spin_unlock(&rq->lock);
	place_task(t, false);
	note_wake(0);
	irq_restore(flags);
}

/* ---- switching ---- */

/* The rest of a switch, in the task that arrives; interrupts off, its rq's lock held. */
static void finish_switch(struct task *prev)
{
	struct rq *rq = this_rq();
	bool dead = prev->state == TASK_DEAD;
	bool mm_changes = rq->mm_changes;
	struct task *migrate = rq->migrate;

	rq->migrate = NULL;
	WRITE_ONCE(prev->on_cpu, false);
	if (migrate)
		set_task_hart(migrate, select_hart(migrate, rq->hart, false));
	spin_unlock(&rq->lock);
	if (mm_changes && sched_mm_switch)
		sched_mm_switch(prev, current);
	if (migrate)
		place_task(migrate, false);
	if (dead)
		task_put(prev);
}

void task_first_run(struct task *prev)
{
	finish_switch(prev);
	irq_enable();
}

/*
 * The real-time task that is to run, off its queue and counted, or NULL. first: the most urgent
 * that waits here and may run. Where that is less urgent than who ran, a more urgent one may wait
 * elsewhere. [s]
 */
static struct task *choose_rt(struct rq *rq, struct task *first)
{
	s64 urgency = first ? first->se.urgency : 0, old = rq->level;
	struct task *t = NULL;

	if (urgency < old) {
		WRITE_ONCE(rq->level, urgency); /* who is queued from now on sees it */
		smp_mb();
		t = steal_rt(rq, rt_throttled(rq) ? max(urgency, 99L) : urgency);
	}
	if (t) {
		t->se.on_rq = true;
		count_in(rq, t);
	} else if (first) {
		t = first;
		rt_dequeue(rq, t);
	}
	WRITE_ONCE(rq->level, rq->contended ? old : t ? t->se.urgency : 0);
	return t;
}

/*
 * The next task to run, off its queue and counted; prev stays if it is runnable and has the
 * right. [s]
 */
static struct task *choose(struct rq *rq, struct task *prev, bool runnable)
{
	struct task *rt = rt_first(rq), *next;

	if (runnable && is_rt(prev)) {
		bool turn_over = rq->yielding || (slice_over(prev) && rt_has_peer(rq, prev));
		bool stays = !rt_held(rq, prev) && !turn_over && prev->se.urgency >= rq->level &&
			     (!rt || rt->se.urgency <= prev->se.urgency);

		if (stays) {
			WRITE_ONCE(rq->level, prev->se.urgency);
			return prev;
		}
		rt_enqueue(rq, prev, !turn_over);
		rt = rt_first(rq);
	} else if (runnable) {
		next = fair_first(rq);
		if (rq->yielding)
			fair_yield(rq, prev);
		else if ((!rt || rt_held(rq, rt)) && !rq->level && !slice_over(prev) &&
			 !(next && fair_preempts(next, prev)))
			return prev;
		fair_enqueue(rq, prev);
	}
	if (rt && rt_held(rq, rt))
		rt = NULL;
	if (unlikely(rt || rq->level)) {
		next = choose_rt(rq, rt);
		if (next)
			return next;
	}
	next = fair_first(rq);
	if (next) {
		fair_dequeue(rq, next);
		return next;
	}
	next = steal_task(rq);
	if (next) {
		WRITE_ONCE(rq->level, next->se.urgency);
		next->se.on_rq = true;
		count_in(rq, next);
		return next;
	}
	return rq->idle;
}

/* prev would go on, but may not here or not yet, or gives way and need not wait. [s] */
static bool must_leave(struct rq *rq, struct task *prev)
{
	const struct task *rt;

	if (unlikely(!hart_allowed(prev, rq->hart)))
		return true;
	if (likely(!is_rt(prev)))
		return false;
	if (is_deadline(prev) && dl_stops(rq, prev))
		return true;
	rt = rt_first(rq);
	return rt && rt->se.urgency > prev->se.urgency && !rt_held(rq, rt) &&
	       select_hart(prev, rq->hart, false) != rq->hart;
}

/* current is about to sleep: learn how soon after waking somebody it does. [s] */
static void learn_gap(struct rq *rq, struct task *t)
{
	u64 gap;

	if (!t->se.wake_stamp)
		return;
	/*
	 * Learnt fast, and not forgotten over an interrupt or because the hart's host took it
	 * away.
	 */
	gap = min(rq->clock - t->se.wake_stamp, 4 * SOON_NS);
	if (gap < t->se.wake_gap)
		t->se.wake_gap = (u32)((t->se.wake_gap + gap) / 2);
	else
		t->se.wake_gap = (u32)((7 * (u64)t->se.wake_gap + gap) / 8);
	t->se.wake_stamp = 0;
}

/* t gets the hart: how long did it wait for it (/proc/PID/schedstat)? [s] */
static void note_turn(struct rq *rq, struct task *t)
{
	/* Another hart's clock may be a tick behind the one that queued it. */
	u64 ns = rq->clock > t->se.queued_at ? rq->clock - t->se.queued_at : 0;

	if (t == rq->idle)
		return;
	t->se.wait_ns += ns;
	t->se.turns++;
	rq->wait_ns += ns;
	rq->turns++;
}

void schedule(void)
{
	struct task *prev = current, *next;
	unsigned long flags;
	struct rq *rq;
	bool runnable;
	u32 state;

	assert_no_spinlock("schedule");
	BUG_ON(in_interrupt());
	rcu_quiescent();
	flags = irq_save();
	rq = this_rq();
	spin_lock(&rq->lock);
	__atomic_fetch_and(&prev->thread.work, ~WORK_RESCHED, __ATOMIC_SEQ_CST);
	WRITE_ONCE(rq->kicked, false);
	account(rq);
	rq->passes++;

	state = READ_ONCE(prev->state);
	runnable = state == TASK_RUNNING && prev != rq->idle;
	if (prev != rq->idle) {
		if (state != TASK_RUNNING) {
			count_out(rq, prev);
			prev->se.on_rq = false;
			prev->nvcsw++;
			if (state & (TASK_UNINTERRUPTIBLE | TASK_KILLABLE)) {
				rq->nr_uninterruptible++;
				if (prev->se.stall)
					psi_sleeps(rq, prev);
			}
			learn_gap(rq, prev);
		} else if (must_leave(rq, prev)) {
			count_out(rq, prev);
			prev->se.on_rq = false;
			prev->se.vruntime -= rq->min_vruntime;
			runnable = false;
			if (!prev->se.dl || !prev->se.dl->throttled)
				rq->migrate = prev;
		}
	}
	next = choose(rq, prev, runnable);
	rq->yielding = false;
	if (unlikely(rq->contended)) {
		/* What another hart has was not to be seen: look again. */
		rq->contended = false;
		__atomic_fetch_or(&next->thread.work, WORK_RESCHED, __ATOMIC_RELAXED);
	}
	if (next != prev || slice_over(prev))
		new_slice(rq, next);
	if (next != prev) {
		next->se.turn_start = next->se.sum_exec;
		note_turn(rq, next);
	}
	rq->curr = next;
	fair_update_min(rq);
	next->se.exec_start = rq->clock;
	next->se.run_base = next->se.sum_exec - rq->clock;
	set_tick(rq);
	if (next == prev) {
		spin_unlock(&rq->lock);
		irq_restore(flags);
		return;
	}
	if (runnable) {
		prev->nivcsw++;
		prev->se.queued_at = rq->clock;
	}
	if (unlikely(prev->cids)) {
		sched_drop_cid(prev);
		__atomic_fetch_or(&prev->thread.work, WORK_NOTIFY, __ATOMIC_RELAXED);
	}
	account_split(rq, prev);
	rq->switches++;
	rq->mm_changes = prev->mm != next->mm || (prev->flags & TF_EXITING);
	WRITE_ONCE(next->on_cpu, true);
	vmap_sync(); /* before next's stack is looked at */
	fpu_switch(&prev->thread, &next->thread);
	tracepoint_task(TP_SWITCH, next, state);
	finish_switch(context_switch(&prev->thread, &next->thread));
	irq_restore(flags);
}

void sched_yield_current(void)
{
	unsigned long flags = irq_save();

	this_rq()->yielding = true;
	schedule();
	irq_restore(flags);
}

void cond_resched(void)
{
	/* Not between wait_prepare and wait_sleep: that would be a sleep. */
	if (unlikely(READ_ONCE(current->thread.work) & WORK_RESCHED) &&
	    READ_ONCE(current->state) == TASK_RUNNING)
		schedule();
	else
		rcu_quiescent();
}

void sched_exit(struct task *t)
{
	BUG_ON(t != current);
	irq_disable();
	WRITE_ONCE(t->state, TASK_DEAD);
	schedule();
	panic("a dead task runs");
}
