/*
 * The scheduler's core: who runs next on this hart, sleeping and waking, the
 * idle loop (core/sched.h). The classes are in sched_fair.c and sched_rt.c,
 * accounting and balance in sched_load.c.
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

static struct task idle_tasks[MAX_HARTS];

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
	if (!is_rt(t))
		WRITE_ONCE(rq->load, rq->load + t->se.weight);
}

static void count_out(struct rq *rq, const struct task *t)
{
	WRITE_ONCE(rq->nr_running, rq->nr_running - 1);
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

/* A fresh turn for the task that runs. */
static void new_slice(struct rq *rq, struct task *t)
{
	t->se.slice_end = t->se.sum_exec + (is_rt(t) ? sched_rr_slice : fair_slice(rq, t));
}

static bool slice_over(const struct task *t)
{
	return has_slices(t) && t->se.sum_exec >= t->se.slice_end;
}

/* When a budget begins or ends that real-time tasks have: at the end of it, or of its period. */
static u64 rt_look(const struct rq *rq)
{
	return rq->clock + 10 * NSEC_PER_MSEC;
}

/* When does the turn of t, which runs, end? */
static u64 turn_ends(const struct rq *rq, const struct task *t)
{
	s64 left = (s64)(t->se.slice_end - t->se.sum_exec);

	return rq->clock + (u64)max(left, 0L);
}

/* What set_tick asks of a real-time task. */
static noinline u64 rt_tick(const struct rq *rq, const struct task *t)
{
	u64 when = TIME_FOREVER;

	if (is_deadline(t))
		return dl_runs_until(rq, t);
	if (has_slices(t) && rt_has_peer(rq, t))
		when = turn_ends(rq, t);
	return rq->nr_fair ? min(when, rt_look(rq)) : when;
}

/*
 * When must the hart look at its queue again? Never, while only one task is runnable, but for
 * deadline tasks. This hart's rq.
 */
static void set_tick(struct rq *rq)
{
	const struct task *t = rq->curr;
	u64 when = rq->dl_next;

	if (unlikely(is_rt(t)))
		when = min(when, rt_tick(rq, t));
	else if (rq->nr_running > 1 && t != rq->idle)
		when = min(when, rq->nr_rt ? min(turn_ends(rq, t), rt_look(rq)) : turn_ends(rq, t));
	timer_set_tick(when);
}

/*
 * Makes rq's hart call schedule() soon. True: kick it, once the lock is dropped. The fence
 * pairs with the one in idle_loop.
 */
static bool mark_resched(struct rq *rq)
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
	if (state & (TASK_UNINTERRUPTIBLE | TASK_KILLABLE))
		rq->nr_uninterruptible--;
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
			if (state & (TASK_UNINTERRUPTIBLE | TASK_KILLABLE))
				rq->nr_uninterruptible++;
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
		if (prev->rseq)
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

/* Timer interrupt: the time that set_tick asked for has come. */
void sched_tick(void)
{
	struct rq *rq = this_rq();
	bool over = false, overran = false;
	struct task *t;

	if (unlikely(READ_ONCE(rq->dl_next) != TIME_FOREVER))
		dl_release(rq);
	spin_lock(&rq->lock);
	account(rq);
	t = rq->curr;
	if (unlikely(is_deadline(t))) {
		over = dl_used_up(t);
		overran = dl_overran(t);
	} else if (t != rq->idle && rq->nr_running > 1) {
		over = is_rt(t) ? rt_throttled(rq) : rq->nr_rt && !rt_held(rq, rt_first(rq));
		over |= slice_over(t) && (!is_rt(t) || rt_has_peer(rq, t));
	}
	if (over)
		mark_resched(rq);
	else
		set_tick(rq);
	spin_unlock(&rq->lock);
	if (unlikely(overran))
		dl_tell_overrun(t);
	push_balance(rq);
}

/* ---- idle ---- */

/*
 * Interrupts are off from the look at nr_running to wfi, which also wakes for a
 * pending interrupt that is not taken: a kick in between is not lost. Nor is a task
 * that was queued without one because `kicked` was still set: clearing it is fenced from
 * that look. Handlers run after rcu_idle_exit.
 */
void idle_loop(void)
{
	struct rq *rq = this_rq();

	for (;;) {
		irq_disable();
		if (READ_ONCE(rq->kicked)) {
			WRITE_ONCE(rq->kicked, false);
			smp_mb();
		}
		if (!READ_ONCE(rq->nr_running) &&
		    !(READ_ONCE(current->thread.work) & WORK_RESCHED)) {
			rcu_idle_enter();
			cpu_wait();
			rcu_idle_exit();
		}
		lockup_idle_exit(READ_ONCE(rq->nr_running) != 0);
		irq_enable();
		if (READ_ONCE(rq->nr_running) || (READ_ONCE(current->thread.work) & WORK_RESCHED))
			schedule();
	}
}

/* ---- set-up ---- */

void sched_init(void)
{
	for (unsigned h = 0; h < MAX_HARTS; h++) {
		struct rq *rq = &runqueues[h];

		spin_init(&rq->lock, RANK_RQ, "rq");
		rq->hart = h;
		rq->fair = (struct rb_root_cached)RB_ROOT_CACHED;
		rq->deadline = (struct rb_root_cached)RB_ROOT_CACHED;
		rq->throttled = (struct rb_root_cached)RB_ROOT_CACHED;
		rq->dl_next = TIME_FOREVER;
		for (unsigned i = 0; i < RT_PRIOS; i++)
			list_init(&rq->rt[i]);
		rq->idle = &idle_tasks[h];
		rq->curr = rq->idle;
	}
	task_init();
}

static noinline void hart_online(struct rq *rq)
{
	rcu_idle_exit();
	timer_hart_init();
	rq->clock = now_mono();
	rq->idle->se.exec_start = rq->clock;
	__atomic_fetch_or(&online_harts, BIT(rq->hart), __ATOMIC_SEQ_CST);
	if (rq->hart == 0)
		load_init();
}

void sched_hart_init(unsigned hart)
{
	struct rq *rq = &runqueues[hart];
	struct task *t = rq->idle;

	task_setup(t);
	t->state = TASK_RUNNING;
	t->on_cpu = true;
	t->flags = TF_IDLE | TF_KTHREAD;
	t->cred = cred_get(&init_cred);
	t->cpus_allowed = BIT(hart);
	snprintf(t->comm, sizeof(t->comm), "idle/%u", hart);
	thread_adopt(&t->thread);
	hart_online(rq);
}
