/*
 * Signal queues: posting and asking. Delivery (frames, default actions) is
 * proc/signal.c's. Pending sets, queues and actions are guarded by
 * sighand->lock ([g] in the legends).
 */
#ifndef CORE_SIGNAL_H
#define CORE_SIGNAL_H

#include <types.h>
#include <atomic.h>
#include <uapi/signal.h>
#include "core/rcu.h"
#include "lib/list.h"
#include "sync/spinlock.h"

struct task;
struct proc;
struct pid;
struct timer;

typedef u64 ksigset_t; /* bit signo-1 */
static inline ksigset_t sig_bit(int signo)
{
	return 1ULL << (signo - 1);
}
#define SIG_UNBLOCKABLE (sig_bit(SIGKILL) | sig_bit(SIGSTOP))

/* Those that stop a process by default. */
#define SIG_STOPS (sig_bit(SIGSTOP) | sig_bit(SIGTSTP) | sig_bit(SIGTTIN) | sig_bit(SIGTTOU))

/* Faults of the thread itself: delivered before all others. */
#define SIG_FAULTS                                                                 \
	(sig_bit(SIGSEGV) | sig_bit(SIGBUS) | sig_bit(SIGILL) | sig_bit(SIGTRAP) | \
	 sig_bit(SIGFPE) | sig_bit(SIGSYS))

struct sigqueue {
	struct list_head link; /* [g] */
	u32 uid; /* whose RLIMIT_SIGPENDING it counts against */
	/*
	 * [g] A POSIX timer's one entry, which stays the timer's when it leaves the queue (`link`
	 * is empty then). When it is dropped, this one fires.
	 */
	struct timer *timer;
	siginfo_t info;
};

/* fork(2) under way: signals for many that came meanwhile, for the child to get too. */
struct signal_birth {
	struct list_head link; /* [g] in proc->births */
	u64 set; /* [g] */
};

struct sigpending {
	ksigset_t set; /* [g] */
	struct list_head queue; /* [g] of sigqueue, in order */
};

struct ksigaction {
	void *handler; /* SIG_DFL, SIG_IGN or a user address */
	u64 flags; /* SA_* */
	ksigset_t mask;
};

struct sighand { /* shared by CLONE_SIGHAND */
	spinlock_t lock;
	atomic_t refs; /* [a] */
	struct ksigaction action[64]; /* [lock] */
	struct rcu_head rcu;
};

struct sighand *sighand_alloc(void); /* all SIG_DFL, refs 1; NULL without memory */
static inline struct sighand *sighand_get(struct sighand *s)
{
	atomic_inc(&s->refs);
	return s;
}
void sighand_put(struct sighand *s); /* frees after a grace period */
/* Locks p's sighand, also while exec replaces it. */
struct sighand *sighand_lock(struct proc *p, unsigned long *flags);
static inline void sighand_unlock(struct sighand *s, unsigned long flags)
{
	spin_unlock_irqrestore(&s->lock, flags);
}

/* What SIG_DFL means (signal(7)). */
enum sig_default { SIGDEF_TERM, SIGDEF_CORE, SIGDEF_IGN, SIGDEF_STOP, SIGDEF_CONT };
enum sig_default signal_default_action(int signo);

void sigpending_init(struct sigpending *p);
/* Frees all entries; caller holds the lock or is alone. */
void sigpending_flush(struct sigpending *p);

/* Fills a kernel siginfo. */
void siginfo_init(siginfo_t *si, int signo, int code);
void siginfo_user(siginfo_t *si, int signo, int code); /* + pid and uid of current */

/*
 * Posting. 0, -EAGAIN when the queue limit is reached (real-time signals only), -ESRCH if dead.
 * No permission check (signal_may_send). Any context; wakes the target, and continues or
 * stops groups as POSIX says (SIGCONT clears stops, SIGKILL wakes all).
 */
int signal_send_task(struct task *t, const siginfo_t *si);
int signal_send_proc(struct proc *p, const siginfo_t *si);
int signal_send_timed(struct proc *p, const siginfo_t *si); /* to a thread that runs, if one does */
void signal_send_kernel(struct task *t, int signo); /* of no process: pid 1 is not spared */
int signal_send_pgrp(struct pid *pgrp, const siginfo_t *si); /* -ESRCH if empty */
/*
 * To p as one of many (kill(2) of a group, or of all): a child that it is about to have gets the
 * signal too. So none is missed by a walk of a list that new members join at the end.
 */
int signal_send_member(struct proc *p, const siginfo_t *si);
/* Before fork(2) copies anything. False: current has to take a signal first, nothing was begun. */
bool signal_birth_begin(struct signal_birth *b);
/* After it, [g], and once more does no harm: what the child has to get. */
u64 signal_birth_end(struct signal_birth *b);
/* A fault of current: cannot be blocked or ignored (then the default action is forced). */
void signal_force(int signo, int code, u64 addr);
void signal_force_info(const siginfo_t *si);
/* 0, -EPERM: kill(2). By the credentials of t, or (NULL) of the main thread. */
int signal_may_send(const struct proc *p, const struct task *t, int signo);

bool signal_pending(const struct task *t); /* something deliverable (unblocked), or a fatal one */
bool fatal_signal_pending(const struct task *t);
/*
 * Takes the first deliverable (not in `blocked`) signal off current's queues into *si; 0 if none.
 * Takes sighand->lock.
 */
int signal_dequeue(ksigset_t blocked, siginfo_t *si);
bool signal_queued(ksigset_t mask); /* is one of these queued for current? A hint, unlocked */
void signal_recalc(struct task *t); /* [g] sets or clears WORK_SIGNAL for t */
void signal_set_mask(ksigset_t mask); /* current's blocked set; re-evaluates */
/*
 * [g] Makes t look at its signals: WORK_SIGNAL, a wake from interruptible sleep (fatal: from
 * killable sleep and stops too), a kick if it runs elsewhere. proc/ uses it for group exit and
 * group stops.
 */
void signal_wake(struct task *t, bool fatal);
/* [g] The same for a tracee, whose tracer wants it to look; resume: out of its stop too. */
void signal_wake_tracee(struct task *t, bool resume);
/* [g] A seized tracee: a group stop of its process begins or ends, which its tracer is to see. */
void signal_trap_notify(struct task *t);
/*
 * Job control as proc/signal.c runs it, and what posting and signal_recalc do for it:
 * - signal_recalc keeps WORK_SIGNAL set (and signal_pending is true) also while proc_ending(),
 *   and while proc->stop_sig && t->stop_seen != proc->stop_seq (t has yet to stop);
 * - signal_dequeue sets proc->stop_armed when it hands out SIGSTOP, SIGTSTP, SIGTTIN or SIGTTOU;
 * - posting SIGCONT: drops pending stop signals, stop_armed = false; if stop_sig: stop_sig = 0,
 *   stop_count = 0, stop_report = false, cont_report = true, cont_due says what the first thread that
 *   looks is to tell of it; wakes TASK_STOPPED threads;
 * - posting SIGKILL: stop_armed = false, stop_sig = 0; wakes all threads, stopped ones too;
 * - posting a stop signal drops a pending SIGCONT.
 * sigtimedwait: signal_pending, signal_recalc and the choice of a thread count ~blocked |
 * t->sigwait; a blocked signal is queued even if its action ignores it.
 */
bool signal_ignored(const struct proc *p, int signo);
/*
 * [g] All threads of p are to die with this wait(2) status. When that is so already only SIGKILL counts,
 * while a core is written. Queues SIGKILL for each.
 */
void signal_group_exit(struct proc *p, int status);
/* [g] Drops pending signals of the mask from p and all its threads (an action became SIG_IGN). */
void signal_discard(struct proc *p, ksigset_t mask);
/*
 * Tells p's parent that p stopped or went on: SIGCHLD with CLD_STOPPED, CLD_CONTINUED or
 * CLD_TRAPPED unless SA_NOCLDSTOP, and wakes its wait4. No sighand lock held; proc_tree_lock may
 * be.
 */
void signal_notify_stop(struct proc *p, int code, int status);
/* The same of SIGCONT, to p's tracer as well: CLD_CONTINUED, or of a stop that was not complete CLD_STOPPED. */
void signal_notify_continued(struct proc *p, int code);
/* The same about thread t, to another process: its tracer's. */
void signal_notify_stop_to(struct proc *to, const struct task *t, int code, int status);
/*
 * [g] A POSIX timer's signal, to t or, when t is NULL, to p. While the last one is still queued,
 * its si_overrun grows by 1 instead. False: it is ignored. `timed`: CPU time was used up, for a thread
 * that runs.
 */
bool signal_send_timer(struct proc *p, struct task *t, struct sigqueue *q, bool timed);
/* [g] Takes a timer's entry back from where it is queued, if it is. */
void sigqueue_withdraw(struct sigpending *p, struct sigqueue *q);
/* Gives up a timer's entry: it goes now, or when it leaves the queue. Takes p's sighand->lock. */
void sigqueue_release(struct proc *p, struct sigqueue *q);
/* Set by proc/posix_timer.c: a timer's signal left current's queue; fills in si_overrun. */
extern void (*signal_timer_dequeued)(siginfo_t *si);
/*
 * [g] Shared signals of the mask that `not_for` will not take (it blocks them, or exits): another
 * thread shall look.
 */
void signal_retarget(struct proc *p, struct task *not_for, ksigset_t mask);
#endif
