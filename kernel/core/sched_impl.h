/*
 * What the files of the scheduler share: the run queue, and the functions of
 * the two classes. [s] is rq->lock; it is taken with interrupts off.
 */
#ifndef CORE_SCHED_IMPL_H
#define CORE_SCHED_IMPL_H

#include <atomic.h>
#include <bitops.h>
#include <compiler.h>
#include <uapi/sched.h>

#include "core/psi.h"
#include "core/sched.h"
#include "core/task.h"

#define RT_PRIOS 100
#define SOON_NS \
	(100 * NSEC_PER_USEC) /* a waker that sleeps within this keeps the woken task on its hart */

struct rq {
	spinlock_t lock;
	unsigned hart; /* [i] */
	unsigned nr_running; /* [s] runnable, the running one included, idle not; others peek */
	u64 load; /* [s] sum of the weights of the fair ones among them; others peek */
	struct task *curr; /* [s] */
	u64 passes; /* [s] through schedule() */
	struct task *idle; /* [i] */
	u64 clock; /* [s] now_mono() of the last account() */

	/* fair: the running task is not in the tree */
	struct rb_root_cached fair; /* [s] by vruntime */
	unsigned nr_fair; /* [s] in the tree */
	u64 min_vruntime; /* [s] only grows */

	/* real-time: the running task is not in a list */
	struct list_head rt[RT_PRIOS]; /* [s] by 99 - rt_prio */
	u64 rt_map[BITS_TO_LONGS(RT_PRIOS)]; /* [s] lists that are not empty */
	unsigned nr_rt; /* [s] in the lists, and in the next tree */
	struct rb_root_cached deadline; /* [s] by deadline: the class above them */
	s64 dl_waiting; /* [s] the greatest urgency in that tree, or 0; others peek */
	struct rb_root_cached throttled; /* [s] of that class, by when they may go on */
	u64 dl_next; /* [s] when the first of them may; TIME_FOREVER: there is none */
	u64 rt_used, rt_period_end; /* [s] throttling */
	s64 level; /* [s] urgency of the real-time task that runs, at least; 0: another runs; others peek */

	bool kicked; /* [a] an IPI is on its way to the idle loop */
	bool yielding; /* [that hart] the running task called sched_yield */
	bool contended; /* [s] something may be had from a queue whose lock was taken */
	bool mm_changes; /* [that hart] from schedule to finish_switch */
	struct task *migrate; /* [that hart] likewise: was running, must go elsewhere */
	u64 balanced; /* [that hart] now_mono() of the last push_balance */

	u64 switches, turns, wait_ns; /* [s] wait_ns: of those it ran, before they did */
	u64 idle_ns, user_ns, system_ns; /* [s] */
	int nr_uninterruptible; /* [s] went to sleep here so */

	/* Pressure (core/psi.h). */
	unsigned nr_io, nr_memory; /* [s] went to sleep here so; others peek at the first */
	unsigned nr_memory_running; /* [s] runnable, looking for memory */
	unsigned nr_stalled; /* [s] all of these */
	u64 psi_ns[PSI_STATES]; /* [s] */
	u64 psi_idle_ns; /* [s] idle, but with a task that waited */
} __aligned(64);

extern struct rq runqueues[MAX_HARTS];
extern u64 online_harts; /* [a] mask */

static inline struct rq *this_rq(void)
{
	return &runqueues[hart_id()];
}

static inline bool is_rt(const struct task *t)
{
	return t->se.rt_prio != 0;
}

/* Does it run by a deadline, its own or one that it inherits? */
static inline bool is_deadline(const struct task *t)
{
	return t->se.rt_prio == RT_DEADLINE;
}

static inline s64 deadline_urgency(u64 deadline)
{
	return (s64)(S64_MAX - deadline);
}

/* Does its turn end among equals? A boosted fair task runs as SCHED_FIFO. */
static inline bool has_slices(const struct task *t)
{
	return !is_rt(t) || t->se.policy == SCHED_RR;
}

static inline bool hart_allowed(const struct task *t, unsigned hart)
{
	return READ_ONCE(t->cpus_allowed) >> hart & 1;
}

/* Locks the run queue that t belongs to; interrupts off. */
struct rq *rq_lock_task(struct task *t);

/* sched_fair.c. [s] */
u64 fair_slice(const struct rq *rq, const struct task *t);
void fair_enqueue(struct rq *rq, struct task *t);
void fair_dequeue(struct rq *rq, struct task *t);
static inline struct task *fair_first(struct rq *rq) /* leftmost, or NULL */
{
	return rb_entry_safe(rb_first_cached(&rq->fair), struct task, se.node);
}
void fair_charge(struct rq *rq, struct task *t, u64 ns); /* the running task ran */
void fair_update_min(struct rq *rq);
void fair_place_woken(struct rq *rq, struct task *t); /* t slept: what it may catch up */
void fair_place_new(struct task *t); /* before place_task: relative to its queue */
bool fair_preempts(const struct task *woken, const struct task *curr);
void fair_yield(struct rq *rq, struct task *t);
u32 nice_weight(int nice, int policy);

/* sched_rt.c. [s] */
void rt_enqueue(struct rq *rq, struct task *t, bool head);
void rt_dequeue(struct rq *rq, struct task *t);
struct task *rt_first_queued(struct rq *rq);
static inline struct task *rt_first(struct rq *rq) /* highest, or NULL */
{
	return rq->nr_rt ? rt_first_queued(rq) : NULL;
}
void rt_charge(struct rq *rq, struct task *t, u64 ns);
bool rt_throttled(struct rq *rq); /* fair tasks wait, and real-time ones had their 95% */
static inline bool rt_held(struct rq *rq, const struct task *t) /* then t, real-time, waits */
{
	return !is_deadline(t) && rt_throttled(rq);
}
bool rt_has_peer(const struct rq *rq, const struct task *t);
bool rt_is_alone(const struct task *t); /* t, queued, is so with no peer */
s64 rt_waiting(const struct rq *rq); /* the greatest urgency that waits, or 0; others peek */
s64 rt_top(const struct rq *rq); /* likewise, runs or waits */
struct task *rt_movable(struct rq *rq, unsigned hart); /* the first that may run there, or NULL */

/* sched_deadline.c. [s] but the last two */
int dl_admit(const struct task *t, const struct dl_params *p);
bool dl_bound_to_all(const struct task *t); /* may not be kept off a hart */
bool dl_same(const struct task *t, const struct dl_params *p); /* that is what it has */
void dl_begin(struct rq *rq, struct task *t, const struct dl_params *p); /* its first period */
void dl_enqueue(struct rq *rq, struct task *t);
void dl_dequeue(struct rq *rq, struct task *t);
static inline struct task *dl_first(const struct rq *rq) /* the first deadline, or NULL */
{
	return rb_entry_safe(rb_first_cached(&rq->deadline), struct task, se.node);
}
void dl_charge(struct task *t, u64 ns);
bool dl_used_up(const struct task *t); /* its runtime */
u64 dl_runs_until(const struct rq *rq, const struct task *t); /* it runs now, and on until then */
bool dl_stops(struct rq *rq, struct task *t); /* it ran, and waits for its next period */
bool dl_waits(struct rq *rq, struct task *t); /* it woke, and shall do so: dl_wait, on this hart */
void dl_wait(struct rq *rq, struct task *t);
bool dl_unthrottle(struct rq *rq, struct task *t); /* it waited: not any more */
bool dl_overran(struct task *t); /* says so once */
void dl_tell_overrun(struct task *t);
void dl_release(struct rq *rq); /* that hart, irqs off: whose next period has begun goes on */

/* sched_hart.c. [s] */
void new_slice(struct rq *rq, struct task *t); /* a fresh turn for t, which runs */
/* Is its turn over? */
static inline bool slice_over(const struct task *t)
{
	return has_slices(t) && t->se.sum_exec >= t->se.slice_end;
}
/*
 * When must this hart look at its queue again? Never, while only one task is runnable, but for
 * deadline tasks.
 */
void set_tick(struct rq *rq);

/* sched_policy.c. [s] */
void set_effective(struct task *t);

/* sched_load.c */
void account(struct rq *rq); /* [s] charges curr (or idle time) up to now; sets rq->clock */
void account_split(struct rq *rq, struct task *t); /* [s] t->utime and stime from the sample */
/* That hart, irqs off, unlocked: gives a task to a less loaded hart. */
void push_balance(struct rq *rq);
struct task *steal_task(struct rq *rq); /* [s] takes one from a busy hart: not enqueued; NULL */
struct task *steal_rt(struct rq *rq, s64 above); /* [s] likewise, a real-time one so urgent */
unsigned select_hart(struct task *t, unsigned prev, bool stay);
void load_init(void);

/* sched.c */
void place_task(struct task *t, bool woken); /* t is runnable and on no queue: enqueues it, kicks */
void set_task_hart(struct task *t, unsigned hart);
void detach_queued(struct rq *rq, struct task *t); /* [s] takes a queued, not running task off rq */
void attach(struct rq *rq, struct task *t, bool head); /* [s] counts and queues t */
/* [s] makes rq's hart call schedule() soon. True: kick it, once the lock is dropped. */
bool mark_resched(struct rq *rq);
/* [s] t, real-time, has been queued and need not wait, but elsewhere: off again, for place_task */
bool rt_goes_on(struct rq *rq, struct task *t);
#endif
