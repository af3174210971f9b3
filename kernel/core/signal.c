/*
 * Posting signals (core/signal.h; signal(7), kill(2)); the queues are signal_queue.c's.
 * Everything here works under the target's sighand->lock, which may be taken from interrupts and with
 * proc_tree_lock held. The parent is told of a stop or continuation by the process itself,
 * with the lock dropped, through the RCU-read p->parent.
 */
#include "core/signal.h"

#include <atomic.h>
#include <bitops.h>
#include <compiler.h>
#include <uapi/errno.h>
#include <uapi/landlock.h>

#include "alloc/slab.h"
#include "arch/riscv/cpu.h"
#include "core/pidns.h"
#include "core/sched.h"
#include "core/task.h"
#include "core/userns.h"
#include "lib/string.h"

#define DEFAULT_CORE \
	(sig_bit(SIGQUIT) | sig_bit(SIGABRT) | sig_bit(SIGXCPU) | sig_bit(SIGXFSZ) | SIG_FAULTS)
#define DEFAULT_IGN (sig_bit(SIGCHLD) | sig_bit(SIGURG) | sig_bit(SIGWINCH))

/* How a signal is sent. */
#define FORCED	BIT(0) /* a fault: pid 1 is not spared */
#define MEMBER	BIT(1) /* the target is one of many */
#define TIMED	BIT(3) /* CPU time was used up: for a thread that runs */
#define OUTSIDE BIT(2) /* who sends is not of the namespace whose process 1 it is for */

enum sig_default signal_default_action(int signo)
{
	ksigset_t bit = sig_bit(signo);

	if (bit & SIG_STOPS)
		return SIGDEF_STOP;
	if (bit & DEFAULT_IGN)
		return SIGDEF_IGN;
	if (bit & DEFAULT_CORE)
		return SIGDEF_CORE;
	return signo == SIGCONT ? SIGDEF_CONT : SIGDEF_TERM;
}

void siginfo_init(siginfo_t *si, int signo, int code)
{
	memset(si, 0, sizeof(*si));
	si->si_signo = signo;
	si->si_code = code;
}

void siginfo_user(siginfo_t *si, int signo, int code)
{
	siginfo_init(si, signo, code);
	si->si_pid = current->proc ? current->proc->pid->own : 0;
	si->si_uid = current->cred->uid;
}

/* ---- waking ---- */

static void wake_to_look(struct task *t, u32 states)
{
	__atomic_fetch_or(&t->thread.work, WORK_SIGNAL, __ATOMIC_SEQ_CST);
	if (!wake_task(t, states) && t != current && READ_ONCE(t->on_cpu))
		hart_kick(READ_ONCE(t->thread.hart));
}

void signal_wake(struct task *t, bool fatal)
{
	wake_to_look(t, fatal ? TASK_INTERRUPTIBLE | TASK_KILLABLE | TASK_STOPPED | TASK_TRACED :
				TASK_INTERRUPTIBLE);
}

void signal_wake_tracee(struct task *t, bool resume)
{
	wake_to_look(t, resume ? TASK_INTERRUPTIBLE | TASK_TRACED : TASK_INTERRUPTIBLE);
}

void signal_trap_notify(struct task *t)
{
	if (t->flags & TF_EXITING)
		return;
	t->pt.job |= JOB_TRAP_NOTIFY;
	signal_wake_tracee(t, t->pt.job & JOB_LISTENING);
}

/* Does t's tracer see every signal for it, also one that t itself ignores? */
static bool shown(const struct task *t)
{
	return t->pt.flags || task_straced(t);
}

/* Signals that disturb t: not blocked, or waited for by sigtimedwait. */
static ksigset_t wanted(const struct task *t)
{
	return ~t->blocked | t->sigwait;
}

void signal_recalc(struct task *t)
{
	struct proc *p = t->proc;

	if (((t->pending.set | p->pending.set) & wanted(t)) || proc_ending(p) ||
	    (p->stop_sig && t->stop_seen != p->stop_seq) || (t->pt.job & JOB_TRAP))
		__atomic_fetch_or(&t->thread.work, WORK_SIGNAL, __ATOMIC_SEQ_CST);
	else if (t == current)
		__atomic_fetch_and(&t->thread.work, ~WORK_SIGNAL, __ATOMIC_SEQ_CST);
}

void signal_group_exit(struct proc *p, int status)
{
	struct task *t;

	if (p->group_exit && !(p->dumping && status == SIGKILL))
		return;
	p->group_exit = true;
	WRITE_ONCE(p->dumping, false);
	p->group_code = status;
	p->stop_sig = 0;
	p->stop_count = 0;
	p->stop_armed = false;
	list_for_each_entry(t, &p->threads, thread_link) {
		t->pending.set |= sig_bit(SIGKILL);
		signal_wake(t, true);
	}
}

void signal_retarget(struct proc *p, struct task *not_for, ksigset_t mask)
{
	struct task *t;

	mask &= p->pending.set;
	list_for_each_entry(t, &p->threads, thread_link) {
		ksigset_t takes = mask & wanted(t);

		if (!mask)
			break;
		if (t == not_for || (t->flags & TF_EXITING) || !takes)
			continue;
		mask &= ~takes;
		if (!signal_pending(t))
			signal_wake(t, false);
	}
}

/* ---- posting ---- */

bool signal_ignored(const struct proc *p, int signo)
{
	void *handler = p->sighand->action[signo - 1].handler;
	enum sig_default d = signal_default_action(signo);

	return handler == SIG_IGN || (handler == SIG_DFL && (d == SIGDEF_IGN || d == SIGDEF_CONT));
}

/* signal(7): the first process of a namespace gets what it handles, and from outside SIGKILL and SIGSTOP. */
static bool spared(const struct proc *p, int signo, unsigned how)
{
	return proc_is_init(p) && !(how & FORCED) &&
	       p->sighand->action[signo - 1].handler == SIG_DFL &&
	       !((how & OUTSIDE) && (sig_bit(signo) & SIG_UNBLOCKABLE));
}

/* Will the signal be dropped at once? Blocked ones are kept: the action may change. */
static bool drop(struct proc *p, const struct task *t, int signo, unsigned how)
{
	if (t && (t->blocked & sig_bit(signo)))
		return false;
	/* Its tracer would see it. */
	if (spared(p, signo, how) && !(t && t->pt.flags && signo != SIGKILL))
		return true;
	return signal_ignored(p, signo) && !(t && shown(t));
}

/*
 * SIGCONT undoes stops and stop signals undo SIGCONT, when posted. Who was stopped tells of it itself,
 * before it does anything else. A stop that was not complete ends so, too.
 */
static void job_control(struct proc *p, int signo)
{
	struct task *t;

	if (sig_bit(signo) & SIG_STOPS) {
		signal_discard(p, sig_bit(SIGCONT));
		return;
	}
	if (signo != SIGCONT)
		return;
	signal_discard(p, SIG_STOPS);
	if (p->stop_sig) {
		p->cont_due = p->stop_count ? CLD_STOPPED : CLD_CONTINUED;
		p->stop_report = false;
		p->cont_report = true;
	}
	p->stop_armed = false;
	p->stop_sig = 0;
	p->stop_count = 0;
	list_for_each_entry(t, &p->threads, thread_link) {
		if (t->pt.flags & PT_SEIZED)
			signal_trap_notify(t);
		else
			wake_task(t, TASK_STOPPED);
	}
}

static bool wants(const struct task *t, int signo)
{
	if (!(wanted(t) & sig_bit(signo)) || (t->flags & TF_EXITING))
		return false;
	if (signo == SIGKILL)
		return true;
	if (READ_ONCE(t->state) & (TASK_STOPPED | TASK_TRACED))
		return false;
	return READ_ONCE(t->on_cpu) || !signal_pending(t);
}

/*
 * [g] A thread of p's that uses CPU time now, in turn, and wants the signal; or NULL. A profiler is
 * told so who burns the time, not who waits for it (setitimer(2)). Interrupts are off: tasks stay.
 */
static struct task *running(struct proc *p, int signo)
{
	for (unsigned n = 1; n <= nr_harts; n++) {
		unsigned h = (p->timed_hart + n) % nr_harts;
		struct task *t = sched_current(h);

		if (t->proc == p && wants(t, signo)) {
			p->timed_hart = h;
			return t;
		}
	}
	return NULL;
}

/*
 * Has a thread look at the signal that was just made pending; ends the process when that is
 * its fate.
 */
static void complete(struct proc *p, struct task *t, int signo, unsigned how)
{
	enum sig_default d = signal_default_action(signo);
	struct task *target = NULL, *i;

	if ((how & TIMED) && !t)
		target = running(p, signo);
	if (target) {
		/* that one */
	} else if (t) {
		target = wants(t, signo) ? t : NULL;
	} else if (p->leader && wants(p->leader, signo)) {
		target = p->leader;
	} else {
		list_for_each_entry(i, &p->threads, thread_link) {
			if (wants(i, signo)) {
				target = i;
				break;
			}
		}
	}
	if (!target)
		return;
	if (!(target->blocked & sig_bit(signo)) &&
	    p->sighand->action[signo - 1].handler == SIG_DFL && !spared(p, signo, how) &&
	    d == SIGDEF_TERM && (signo == SIGKILL || !shown(target)))
		signal_group_exit(p, signo);
	else
		signal_wake(target, signo == SIGKILL);
}

/* Does it bear si_pid and si_uid? The user is the kernel's number until it is queued. */
static bool names_sender(const siginfo_t *si)
{
	if (si->si_code > 0)
		return si->si_signo == SIGCHLD && si->si_code != SI_KERNEL;
	return si->si_code != SI_TIMER && si->si_code != SI_SIGIO;
}

/*
 * Whom the signal names, for a process in ns. A child is named by the kernel's number until here, a sender
 * as it calls itself: 0 if those in ns don't know it.
 */
static int sender_in(const struct pid_ns *ns, const siginfo_t *si)
{
	if (si->si_code > 0)
		return nr_in(si->si_pid, ns);
	return current->pid && pid_nr_in(current->pid, ns) ? si->si_pid : 0;
}

/* Does it come from outside p's namespace, or from the kernel? */
static bool from_outside(const struct proc *p, const siginfo_t *si)
{
	if (si->si_code == SI_KERNEL)
		return true;
	return names_sender(si) && !(current->pid && pid_nr_in(current->pid, p->pid->ns));
}

/* Puts an entry on the queue: 0, or -EAGAIN when a signal that must carry its siginfo cannot. */
static int enqueue(struct proc *p, struct task *t, struct sigpending *pending, const siginfo_t *si)
{
	const struct task *owner = t ? t : p->leader;
	u32 uid = owner ? owner->cred->uid : 0;
	bool legacy = si->si_signo < SIGRTMIN;
	u64 limit = p->rlimits[RLIMIT_SIGPENDING].rlim_cur;
	struct sigqueue *q;

	if (si->si_signo == SIGKILL)
		return 0;
	/* The kernel's own and kill(2)'s classic signals are not refused. */
	if (legacy && si->si_code >= 0)
		limit = RLIM_INFINITY;
	q = user_charge(uid, USER_SIGPENDING, limit) ? kmalloc(sizeof(*q), 0) : NULL;
	if (!q)
		return !legacy && si->si_code != SI_USER ? -EAGAIN : 0;
	q->uid = uid;
	q->timer = NULL;
	q->info = *si;
	if (unlikely(owner && smp_load_acquire(&owner->cred)->user) && names_sender(si))
		q->info.si_uid = uid_shown(owner->cred->user, si->si_uid);
	if (unlikely(p->pid->ns) && names_sender(si))
		q->info.si_pid = sender_in(p->pid->ns, si);
	list_add_tail(&q->link, &pending->queue);
	return 0;
}

/* [g] An entry for signo is queued, or there is none. */
static void queued(struct proc *p, struct task *t, int signo, unsigned how)
{
	struct sigpending *pending = t ? &t->pending : &p->pending;

	pending->set |= sig_bit(signo);
	tracepoint(TP_SIGNAL, (u64)signo, (u64)(t ? task_tid(t) : proc_pid(p)));
	wake_up_all(&p->signalfd_wait);
	complete(p, t, signo, how);
}

/* [g] p's children to be get it too. A stop and SIGCONT undo each other as they do in a queue. */
static void tell_births(struct proc *p, int signo)
{
	struct signal_birth *b;

	list_for_each_entry(b, &p->births, link) {
		if (signo == SIGCONT)
			b->set &= ~SIG_STOPS;
		else if (sig_bit(signo) & SIG_STOPS)
			b->set &= ~sig_bit(SIGCONT);
		b->set |= sig_bit(signo);
	}
}

/* [g] to t, or to the process when t is NULL. */
static int send_locked(struct proc *p, struct task *t, const siginfo_t *si, unsigned how)
{
	struct sigpending *pending = t ? &t->pending : &p->pending;
	int signo = si->si_signo, err;

	if (p->group_exit && !(p->dumping && signo == SIGKILL))
		return 0;
	job_control(p, signo);
	if (drop(p, t ? t : p->leader, signo, how))
		return 0;
	if (how & MEMBER)
		tell_births(p, signo);
	if (signo < SIGRTMIN && (pending->set & sig_bit(signo)))
		return 0;
	err = enqueue(p, t, pending, si);
	if (err)
		return err;
	queued(p, t, signo, how);
	return 0;
}

static int send(struct proc *p, struct task *t, const siginfo_t *si, unsigned how)
{
	unsigned long flags;
	struct sighand *s;
	int err;

	if (si->si_signo == 0)
		return 0;
	if (unlikely(p->pid->ns) && proc_is_init(p) && from_outside(p, si))
		how |= OUTSIDE;
	s = sighand_lock(p, &flags);
	err = send_locked(p, t, si, how);
	sighand_unlock(s, flags);
	return err;
}

int signal_send_task(struct task *t, const siginfo_t *si)
{
	if (!t->proc)
		return 0; /* kernel threads take no signals */
	if (READ_ONCE(t->state) == TASK_DEAD)
		return -ESRCH;
	return send(t->proc, t, si, 0);
}

void signal_send_kernel(struct task *t, int signo)
{
	siginfo_t si;

	siginfo_init(&si, signo, SI_KERNEL);
	send(t->proc, t, &si, FORCED);
}

int signal_send_proc(struct proc *p, const siginfo_t *si)
{
	return send(p, NULL, si, 0);
}

int signal_send_timed(struct proc *p, const siginfo_t *si)
{
	return send(p, NULL, si, TIMED);
}

int signal_send_member(struct proc *p, const siginfo_t *si)
{
	return send(p, NULL, si, MEMBER);
}

int signal_send_pgrp(struct pid *pgrp, const siginfo_t *si)
{
	unsigned long flags = spin_lock_irqsave(&proc_tree_lock);
	struct proc *p;
	int err = -ESRCH;

	list_for_each_entry(p, &pgrp->members[PID_PGRP], pgrp_link) {
		int one = signal_send_member(p, si);

		if (err)
			err = one;
	}
	spin_unlock_irqrestore(&proc_tree_lock, flags);
	return err;
}

bool signal_birth_begin(struct signal_birth *b)
{
	struct proc *p = current->proc;
	unsigned long flags;
	struct sighand *s = sighand_lock(p, &flags);
	bool pending;

	signal_recalc(current);
	pending = signal_pending(current);
	b->set = 0;
	if (!pending)
		list_add(&b->link, &p->births);
	sighand_unlock(s, flags);
	return !pending;
}

u64 signal_birth_end(struct signal_birth *b)
{
	list_del_init(&b->link);
	return b->set;
}

bool signal_send_timer(struct proc *p, struct task *t, struct sigqueue *q, bool timed)
{
	struct sigpending *pending = t ? &t->pending : &p->pending;
	int signo = q->info.si_signo;

	if (p->group_exit)
		return true;
	if (!list_empty(&q->link)) {
		q->info.si_overrun += q->info.si_overrun < S32_MAX;
		return true;
	}
	job_control(p, signo);
	if (drop(p, t ? t : p->leader, signo, 0))
		return false;
	q->info.si_overrun = 0;
	list_add_tail(&q->link, &pending->queue);
	queued(p, t, signo, timed ? TIMED : 0);
	return true;
}

void signal_force_info(const siginfo_t *si)
{
	struct proc *p = current->proc;
	int signo = si->si_signo;
	unsigned long flags;
	struct sighand *s = sighand_lock(p, &flags);

	if ((current->blocked & sig_bit(signo)) || signal_ignored(p, signo)) {
		s->action[signo - 1].handler = SIG_DFL;
		current->blocked &= ~sig_bit(signo);
	}
	send_locked(p, current, si, FORCED);
	signal_recalc(current);
	sighand_unlock(s, flags);
}

void signal_force(int signo, int code, u64 addr)
{
	siginfo_t si;

	siginfo_init(&si, signo, code);
	si.si_addr = (void __user *)addr;
	signal_force_info(&si);
}

void signal_notify_stop_to(struct proc *to, const struct task *t, int code, int status)
{
	u64 utime, stime;
	unsigned long flags;
	struct sighand *s;
	bool quiet;
	siginfo_t si;

	siginfo_init(&si, SIGCHLD, code);
	proc_cputime(t->proc, &utime, &stime);
	si.si_pid = task_tid(t);
	si.si_uid = t->cred->uid;
	si.si_status = status;
	si.si_utime = (long)(utime / (NSEC_PER_SEC / 100));
	si.si_stime = (long)(stime / (NSEC_PER_SEC / 100));
	s = sighand_lock(to, &flags);
	quiet = s->action[SIGCHLD - 1].handler == SIG_IGN ||
		(s->action[SIGCHLD - 1].flags & SA_NOCLDSTOP);
	sighand_unlock(s, flags);
	if (!quiet)
		signal_send_proc(to, &si);
	wake_up_all(&to->child_wait);
}

void signal_notify_stop(struct proc *p, int code, int status)
{
	struct proc *parent = READ_ONCE(p->parent);
	const struct task *leader = READ_ONCE(p->leader);

	if (parent && leader)
		signal_notify_stop_to(parent, leader, code, status);
}

void signal_notify_continued(struct proc *p, int code)
{
	const struct task *leader = READ_ONCE(p->leader), *tracer;
	int status = code == CLD_CONTINUED ? SIGCONT : 0;

	signal_notify_stop(p, code, status);
	tracer = leader ? READ_ONCE(leader->pt.tracer) : NULL;
	if (tracer && tracer->proc != READ_ONCE(p->parent))
		signal_notify_stop_to(tracer->proc, leader, code, status);
}

/* kill(2), "Permissions". */
int signal_may_send(const struct proc *p, const struct task *t, int signo)
{
	const struct cred *me = current->cred, *c;

	if (!t)
		t = READ_ONCE(p->leader);
	if (p == current->proc || !t)
		return 0;
	c = smp_load_acquire(&t->cred);
	if (unlikely(me->domain) && domain_keeps(me->domain, c->domain, LANDLOCK_SCOPE_SIGNAL))
		return -EPERM;
	if (me->euid == c->suid || me->euid == c->uid || me->uid == c->suid || me->uid == c->uid)
		return 0;
	if (signo == SIGCONT && READ_ONCE(p->session) == READ_ONCE(current->proc->session))
		return 0;
	return ns_capable(c->user, CAP_KILL) ? 0 : -EPERM;
}

bool signal_pending(const struct task *t)
{
	return READ_ONCE(t->thread.work) & WORK_SIGNAL;
}

bool fatal_signal_pending(const struct task *t)
{
	return signal_pending(t) && (READ_ONCE(t->pending.set) & sig_bit(SIGKILL));
}

bool signal_queued(ksigset_t mask)
{
	return (READ_ONCE(current->pending.set) | READ_ONCE(current->proc->pending.set)) & mask;
}

void signal_set_mask(ksigset_t mask)
{
	struct task *t = current;
	unsigned long flags;
	struct sighand *s = sighand_lock(t->proc, &flags);
	ksigset_t newly = mask & ~t->blocked;

	t->blocked = mask & ~SIG_UNBLOCKABLE;
	signal_retarget(t->proc, t, newly);
	signal_recalc(t);
	sighand_unlock(s, flags);
}
