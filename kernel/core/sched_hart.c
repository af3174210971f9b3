/*
 * What a hart does for the scheduler beside switching: it looks at its queue when a turn or a budget ends
 * (set_tick, sched_tick), idles, and comes up. [s] is rq->lock (core/sched_impl.h).
 */
#include "core/sched_impl.h"

#include "arch/riscv/cpu.h"
#include "core/irq.h"
#include "core/lockup.h"
#include "core/rcu.h"
#include "core/task_impl.h"
#include "lib/printf.h"

static struct task idle_tasks[MAX_HARTS];

/* ---- the tick ---- */

void new_slice(struct rq *rq, struct task *t)
{
	t->se.slice_end = t->se.sum_exec + (is_rt(t) ? sched_rr_slice : fair_slice(rq, t));
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

void set_tick(struct rq *rq)
{
	const struct task *t = rq->curr;
	u64 when = rq->dl_next;

	if (unlikely(is_rt(t)))
		when = min(when, rt_tick(rq, t));
	else if (rq->nr_running > 1 && t != rq->idle)
		when = min(when, rq->nr_rt ? min(turn_ends(rq, t), rt_look(rq)) : turn_ends(rq, t));
	timer_set_tick(when);
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
	if (rq->hart == 0) {
		load_init();
		psi_init();
	}
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
