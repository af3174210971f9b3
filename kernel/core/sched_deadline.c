/*
 * The deadline class (SCHED_DEADLINE of sched(7)): a task asks for so much runtime within a deadline
 * of each period, is admitted only if all that were admitted get theirs, and of those that are
 * runnable the one whose deadline comes first runs, above every real-time priority. Each is held to
 * its share by a constant bandwidth server: who has used the runtime of a period waits for the next.
 *
 * For the rest of the scheduler these are real-time tasks of priority RT_DEADLINE, whose urgency tells
 * them apart on all harts. Here is what is theirs alone: admission, the queue, and the servers. Who
 * waits for its next period is runnable, but in rq->throttled instead of in a queue; that hart's tick
 * puts it back. All functions need rq->lock but where it says otherwise.
 */
#include "core/sched_impl.h"

#include <uapi/errno.h>

#include "alloc/slab.h"
#include "arch/riscv/cpu.h"
#include "lib/string.h"

#define BW_SHIFT 20 /* a share of a hart is a fixed-point number */
#define BW_FAIR	 (BIT(BW_SHIFT) / 20) /* kept for fair tasks */

/* Read and written whole. */
int sched_dl_period_min_us = 100, sched_dl_period_max_us = 1 << 22;

static u64 admitted; /* [a] shares of all deadline tasks */

static u64 ratio(u64 period, u64 runtime)
{
	return (runtime << BW_SHIFT) / period;
}

static u64 share_of(const struct task *t)
{
	return t->se.policy == SCHED_DEADLINE ? ratio(t->se.dl->p.period, t->se.dl->p.runtime) : 0;
}

/* ---- admission ---- */

/* May so much be promised with these limits of real-time work? Any context. */
static bool promises_hold(u64 shares, s64 period_us, s64 runtime_us)
{
	u64 hart;

	if (runtime_us < 0)
		return true;
	hart = ratio((u64)period_us, (u64)runtime_us);
	return shares <= (u64)nr_harts * (hart - min(hart, BW_FAIR));
}

bool sched_limits_hold(s64 period_us, s64 runtime_us)
{
	return promises_hold(__atomic_load_n(&admitted, __ATOMIC_RELAXED), period_us, runtime_us);
}

/*
 * t's share becomes that of p; NULL: none. -EBUSY: there is not so much left. -EPERM: it may not run
 * on each hart, while the promise is for all of them together.
 */
int dl_admit(const struct task *t, const struct dl_params *p)
{
	s64 period = READ_ONCE(sched_rt_period_us), runtime = READ_ONCE(sched_rt_runtime_us);
	u64 old = __atomic_load_n(&admitted, __ATOMIC_RELAXED), new;

	if (p && dl_same(t, p))
		return 0;
	if (p && runtime >= 0 && (sched_online() & ~t->cpus_allowed))
		return -EPERM;
	do {
		new = old - share_of(t) + (p ? ratio(p->period, p->runtime) : 0);
		if (p && !promises_hold(new, period, runtime))
			return -EBUSY;
	} while (!__atomic_compare_exchange_n(&admitted, &old, new, false, __ATOMIC_RELAXED,
					      __ATOMIC_RELAXED));
	return 0;
}

bool dl_bound_to_all(const struct task *t)
{
	return t->se.policy == SCHED_DEADLINE && READ_ONCE(sched_rt_runtime_us) >= 0;
}

bool dl_same(const struct task *t, const struct dl_params *p)
{
	return t->se.policy == SCHED_DEADLINE && !memcmp(&t->se.dl->p, p, sizeof(*p));
}

void sched_leave_deadline(struct task *t)
{
	if (unlikely(t->se.policy == SCHED_DEADLINE))
		sched_set_params(t, &(struct sched_params){ .policy = SCHED_NORMAL,
							    .nice = t->se.nice });
}

/* It may have become one again while it ended. No lock. */
void sched_free(struct task *t)
{
	dl_admit(t, NULL);
	kfree(t->se.dl);
}

/* ---- the queue: the first deadline first ---- */

static void note_first(struct rq *rq)
{
	const struct task *t = dl_first(rq);

	WRITE_ONCE(rq->dl_waiting, t ? t->se.urgency : 0);
}

void dl_enqueue(struct rq *rq, struct task *t)
{
	struct rb_node **link = &rq->deadline.root.node, *parent = NULL;
	bool first = true;

	while (*link) {
		parent = *link;
		if (t->se.urgency > rb_entry(parent, struct task, se.node)->se.urgency) {
			link = &parent->left;
		} else {
			link = &parent->right;
			first = false;
		}
	}
	rb_insert_cached(&rq->deadline, &t->se.node, parent, link, first, NULL);
	note_first(rq);
}

void dl_dequeue(struct rq *rq, struct task *t)
{
	rb_erase_cached(&rq->deadline, &t->se.node, NULL);
	note_first(rq);
}

/* ---- the server ---- */

/* Does t run by its own deadline, and not by one that it inherits (core/pi.h)? */
static bool by_its_own(const struct task *t)
{
	return t->se.policy == SCHED_DEADLINE &&
	       t->se.urgency == deadline_urgency(t->se.dl->deadline);
}

static u64 next_period(const struct dl_entity *dl)
{
	return dl->deadline - dl->p.deadline + dl->p.period;
}

static void begin_period(struct rq *rq, struct task *t)
{
	struct dl_entity *dl = t->se.dl;

	dl->deadline = rq->clock + dl->p.deadline;
	dl->left = (s64)dl->p.runtime;
	set_effective(t);
}

void dl_begin(struct rq *rq, struct task *t, const struct dl_params *p)
{
	t->se.dl->p = *p;
	t->se.dl->overrun = false;
	begin_period(rq, t);
}

/* As many periods on as its runtime is overdrawn. */
static void replenish(struct rq *rq, struct task *t)
{
	struct dl_entity *dl = t->se.dl;
	u64 periods = dl->left > 0 ? 0 : (u64)-dl->left / dl->p.runtime + 1;

	dl->deadline += periods * dl->p.period;
	dl->left += (s64)(periods * dl->p.runtime);
	if (dl->deadline <= rq->clock)
		begin_period(rq, t);
	else
		set_effective(t);
}

/*
 * Greedy reclamation of unused bandwidth, SCHED_FLAG_RECLAIM: what nobody was promised is shared, so
 * its time counts by the part of a hart that was.
 */
static u64 reclaimed(const struct task *t, u64 ns)
{
	s64 budget = READ_ONCE(sched_rt_runtime_us);
	u64 hart = budget < 0 ? BIT(BW_SHIFT) :
				ratio((u64)READ_ONCE(sched_rt_period_us), (u64)budget);
	u64 promised = __atomic_load_n(&admitted, __ATOMIC_RELAXED) / nr_harts;

	return ns * max(share_of(t), BIT(BW_SHIFT) - hart + min(promised, hart)) >> BW_SHIFT;
}

void dl_charge(struct task *t, u64 ns)
{
	struct dl_entity *dl = t->se.dl;

	if (!by_its_own(t))
		return;
	dl->left -= (s64)(dl->p.flags & SCHED_FLAG_RECLAIM ? reclaimed(t, ns) : ns);
	if (dl->left <= 0 && dl->p.flags & SCHED_FLAG_DL_OVERRUN)
		dl->overrun = true;
}

bool dl_used_up(const struct task *t)
{
	return by_its_own(t) && t->se.dl->left <= 0;
}

u64 dl_runs_until(const struct rq *rq, const struct task *t)
{
	return by_its_own(t) ? rq->clock + (u64)max(t->se.dl->left, 0L) : TIME_FOREVER;
}

static void note_next(struct rq *rq)
{
	const struct task *t = rb_entry_safe(rb_first_cached(&rq->throttled), struct task, se.node);

	rq->dl_next = t ? next_period(t->se.dl) : TIME_FOREVER;
}

static void throttle(struct rq *rq, struct task *t)
{
	struct rb_node **link = &rq->throttled.root.node, *parent = NULL;
	bool first = true;

	while (*link) {
		parent = *link;
		if (next_period(t->se.dl) <
		    next_period(rb_entry(parent, struct task, se.node)->se.dl)) {
			link = &parent->left;
		} else {
			link = &parent->right;
			first = false;
		}
	}
	rb_insert_cached(&rq->throttled, &t->se.node, parent, link, first, NULL);
	t->se.dl->throttled = true;
	note_next(rq);
}

bool dl_unthrottle(struct rq *rq, struct task *t)
{
	if (!t->se.dl || !t->se.dl->throttled)
		return false;
	rb_erase_cached(&rq->throttled, &t->se.node, NULL);
	t->se.dl->throttled = false;
	note_next(rq);
	return true;
}

bool dl_stops(struct rq *rq, struct task *t)
{
	struct dl_entity *dl = t->se.dl;

	if (!by_its_own(t) || (dl->left > 0 && !rq->yielding))
		return false;
	dl->left = min(dl->left, 0L);
	if (next_period(dl) <= rq->clock) {
		replenish(rq, t);
		return false;
	}
	throttle(rq, t);
	return true;
}

/* Would the rest of the runtime, used until the deadline, be more than its share? */
static bool too_dense(const struct dl_entity *dl, u64 clock)
{
	return (dl->p.deadline >> 10) * ((u64)dl->left >> 10) >
	       ((dl->deadline - clock) >> 10) * (dl->p.runtime >> 10);
}

bool dl_waits(struct rq *rq, struct task *t)
{
	struct dl_entity *dl = t->se.dl;
	u64 clock, left;

	if (!by_its_own(t))
		return false;
	account(rq);
	clock = rq->clock;
	if (clock < dl->deadline && dl->left > 0) {
		left = dl->deadline - clock;
		if (!too_dense(dl, clock))
			return false;
		if (dl->p.deadline == dl->p.period)
			begin_period(rq, t);
		else
			dl->left = (s64)(left * ratio(dl->p.deadline, dl->p.runtime) >> BW_SHIFT);
		return false;
	}
	if (clock >= next_period(dl)) {
		begin_period(rq, t);
		return false;
	}
	dl->left = min(dl->left, 0L);
	return true;
}

void dl_wait(struct rq *rq, struct task *t)
{
	throttle(rq, t);
}

/* ---- the tick; no lock held, interrupts off ---- */

bool dl_overran(struct task *t)
{
	struct dl_entity *dl = t->se.dl;
	bool over = dl && dl->overrun;

	if (over)
		dl->overrun = false;
	return over;
}

void dl_tell_overrun(struct task *t)
{
	siginfo_t si;

	siginfo_init(&si, SIGXCPU, SI_KERNEL);
	if (t->proc)
		signal_send_proc(t->proc, &si);
}

void dl_release(struct rq *rq)
{
	for (;;) {
		struct task *t;
		bool over;

		spin_lock(&rq->lock);
		account(rq);
		if (rq->clock < rq->dl_next) {
			spin_unlock(&rq->lock);
			return;
		}
		t = task_get(rb_entry(rb_first_cached(&rq->throttled), struct task, se.node));
		dl_unthrottle(rq, t);
		replenish(rq, t);
		over = dl_overran(t);
		spin_unlock(&rq->lock);
		place_task(t, false);
		if (over)
			dl_tell_overrun(t);
		task_put(t);
	}
}
