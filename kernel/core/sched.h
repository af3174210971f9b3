/*
 * The scheduler: per-hart run queues, fair by virtual run time, real-time
 * lists above, stealing when idle. Tickless: a hart with one runnable task
 * sets no tick.
 */
#ifndef CORE_SCHED_H
#define CORE_SCHED_H

#include <compiler.h>
#include "core/task.h"

void sched_init(void); /* boot hart, before any task */
void sched_hart_init(unsigned hart); /* on each hart; adopts the running code as its idle task */
void idle_loop(void) __noreturn;

void schedule(void); /* gives up the hart in current->state. Task context, no spinlock held */
void sched_yield_current(void); /* sched_yield(2) */
void cond_resched(void); /* gives way if WORK_RESCHED is set */
bool wake_task(struct task *t,
	       u32 states); /* makes t runnable if its state is in the mask; any context */
void sched_new_task(struct task *t,
		    const struct task *parent); /* inherits policy; then wake_new_task */
void wake_new_task(struct task *t); /* first start; takes the scheduler's reference */
void sched_exit(struct task *t)
	__noreturn; /* t is current: its state becomes TASK_DEAD, the scheduler's reference goes */
void sched_tick(void); /* from the timer: preemption check */
void sched_kick_resched(unsigned hart);
void task_first_run(struct task *prev); /* called by thread_entry */

/* What sched_setattr(2) sets: checked values. */
struct sched_params {
	int policy; /* SCHED_*; -1: it, the priority and reset_on_fork stay */
	u8 rt_prio;
	s8 nice;
	bool reset_on_fork;
	u64 slice; /* ns, of a fair one; 0 the default */
	struct dl_params dl; /* of SCHED_DEADLINE */
};
/* SCHED_DEADLINE: -EBUSY, -EPERM (core/sched_deadline.c), -ENOMEM; else 0. */
int sched_set_params(struct task *t, const struct sched_params *p);
void sched_leave_deadline(struct task *t); /* it ends: what it was promised is free */
void sched_set_nice(struct task *t, int nice); /* -20 .. 19 */
/* core/pi.c: the priority t inherits (as task_prio). True: it runs with another now. */
bool sched_boost(struct task *t, s64 prio);
/* sched(7): /proc/sys/kernel/sched_rt_period_us and _runtime_us (-1: unlimited), sched_rr_timeslice_ms. */
extern s64 sched_rt_period_us, sched_rt_runtime_us;
extern u64 sched_rr_slice; /* ns */
extern int sched_dl_period_min_us, sched_dl_period_max_us; /* of SCHED_DEADLINE */
bool sched_limits_hold(s64 period_us, s64 runtime_us); /* what deadline tasks were promised, then */
/* -EINVAL: no present hart remains. -EBUSY: a deadline task is promised time of all of them. */
int sched_set_affinity(struct task *t, u64 mask);
/*
 * Threads of mm that run on `hart` (-1: on any other hart than this) abort their restartable
 * sequences before they go on: they are kicked.
 */
void sched_abort_rseq(const struct mm *mm, int hart);
/* What runs on a hart at the moment: stays for RCU readers. */
struct task *sched_current(unsigned hart);
u64 sched_online(void); /* mask of harts that schedule */
/* t, current or about to leave its hart, has no concurrency id any more: the next one's comes after what it did. */
static inline void sched_drop_cid(struct task *t)
{
	__atomic_fetch_and(t->cids, ~t->cid_bit, __ATOMIC_RELEASE);
	t->cids = NULL;
}
void sched_free(struct task *t); /* what is the scheduler's own of a task that is over */
u64 sched_runtime(struct task *t); /* ns on a hart, up to now */
u64 sched_slice(const struct task *t); /* ns: sched_rr_get_interval(2) */

/*
 * User and kernel time. The sum is exact (the scheduler's); the split is a sample, because reading
 * the clock twice in every system call costs a fifth of a short one: the first 256 kernel entries of a
 * task are measured each, later ones in windows of 16, with a gap of up to 255 behind each window
 * unless entries are rare. The entries of a gap are taken to be like those of the window before it.
 */
void account_enter_slow(struct task *t);
void account_leave_slow(struct task *t);
/* First thing after a trap from user mode. */
static inline void account_enter(struct task *t)
{
	if (unlikely(t->acct_skip-- == 0))
		account_enter_slow(t);
}
/* Last thing before user mode. */
static inline void account_leave(struct task *t)
{
	if (unlikely(t->acct_inside))
		account_leave_slow(t);
}
/*
 * ns so far of t, and of p with its dead threads (takes p's sighand->lock). stime + utime is
 * sched_runtime.
 */
void task_cputime(struct task *t, u64 *utime, u64 *stime);
void proc_cputime(struct proc *p, u64 *utime, u64 *stime);
/*
 * p->sighand->lock held. From now on p keeps the sum: proc_cputime asks the harts, not the threads,
 * and does not take that lock.
 */
void proc_sum_cputime(struct proc *p);
u64 proc_runtime(struct proc *p); /* the sum of both */

/* A copy, the caller's. */
struct sched_stats {
	u64 switches, idle_ns[MAX_HARTS], user_ns[MAX_HARTS], system_ns[MAX_HARTS];
	u64 iowait_ns[MAX_HARTS]; /* idle while somebody waited for a disk: not in idle_ns */
	unsigned running, blocked; /* blocked: they wait for a disk */
	u64 load[3]; /* loadavg, fixed point 11 bits */
	u64 forks;
	u64 run_ns[MAX_HARTS], wait_ns[MAX_HARTS], turns[MAX_HARTS]; /* /proc/schedstat */
};
void sched_stats(struct sched_stats *s);
extern u64 total_forks; /* [a] */

/*
 * Called when next->mm differs from the mm of the task before, or that one is exiting: set by mm.
 * Runs in next, after the register switch, interrupts off, no run-queue lock held. prev may be
 * gone: only next is to be looked at. next->mm is NULL for kernel threads.
 */
extern void (*sched_mm_switch)(struct task *prev, struct task *next);

/* Kernel threads. ERR_PTR(-ENOMEM). fn may return: the thread ends. */
struct task *kthread_start(void (*fn)(void *), void *arg, const char *fmt, ...) __printf(3, 4);
#endif
