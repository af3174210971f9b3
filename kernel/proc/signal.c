/*
 * Signal delivery: what a thread does with its signals on the way back to user
 * mode (signal(7)). Takes them off the queues, runs default actions, joins
 * group stops and group exits, settles interrupted system calls, and has
 * sigframe.c build the handler's frame. Posting is core/signal.c's.
 *
 * Actions and stop state are guarded by sighand->lock. Nothing is held on
 * entry; delivery sleeps (stops) and may not return (death).
 */
#include "core/signal.h"

#include <compiler.h>
#include <err.h>
#include <uapi/errno.h>
#include <syscall_numbers.h>

#include "arch/riscv/trap.h"
#include "core/pidns.h"
#include "core/sched.h"
#include "core/task.h"
#include "proc/coredump.h"
#include "proc/proc.h"
#include "proc/ptrace.h"
#include "proc/trap.h"
#include "sync/log.h"

#define SIGNALS_IGNORED (sig_bit(SIGCONT) | sig_bit(SIGCHLD) | sig_bit(SIGWINCH) | sig_bit(SIGURG))
#define SIGNALS_STOP	(sig_bit(SIGSTOP) | sig_bit(SIGTSTP) | sig_bit(SIGTTIN) | sig_bit(SIGTTOU))

/* --- interrupted system calls ---------------------------------------------------------------- */

bool signal_restart_due(const struct trapframe *tf)
{
	if (tf->cause != EXC_ECALL_U)
		return false;
	switch (-(s64)tf->a0) {
	case ERESTARTSYS:
	case ERESTARTNOINTR:
	case ERESTARTNOHAND:
	case ERESTART_RESTARTBLOCK:
		return true;
	}
	return false;
}

/*
 * The call is to be made again: how that is undone. It is taken back before signals are looked at,
 * so that a tracer sees it so, and may send the task elsewhere (signal(7), "Interruption of system
 * calls").
 */
struct restart {
	u64 pc; /* of the ecall; 0: nothing is to be made again */
	s64 err; /* ERESTART* */
};

static struct restart restart_begin(struct trapframe *tf)
{
	struct restart r = { 0, 0 };

	if (signal_restart_due(tf)) {
		r.err = -(s64)tf->a0;
		r.pc = tf->pc - 4;
		tf->a0 = tf->orig_a0;
		tf->pc = r.pc;
	}
	return r;
}

/* No handler runs: by restart_syscall(2) where time has passed. */
static void restart_now(struct trapframe *tf, const struct restart *r)
{
	if (r->pc && tf->pc == r->pc && r->err == ERESTART_RESTARTBLOCK)
		tf->a7 = __NR_restart_syscall;
	if (r->pc)
		tf->cause = CAUSE_NO_RESTART;
}

/* A handler with these flags runs first: EINTR, or again after it. */
static void restart_with_handler(struct trapframe *tf, const struct restart *r, u64 sa_flags)
{
	if (!r->pc || tf->pc != r->pc || r->err == ERESTARTNOINTR ||
	    (r->err == ERESTARTSYS && (sa_flags & SA_RESTART)))
		return;
	tf->a0 = (u64)-EINTR;
	tf->pc += 4;
}

/* --- group stops ------------------------------------------------------------------------------ */

/* A thread that takes part in a group stop still runs as far as others know. [g] */
static bool stop_wanted(struct task *t)
{
	return t->proc->stop_sig && t->stop_seen != t->proc->stop_seq;
}

/* Current counts itself into the stop and sleeps until SIGCONT or SIGKILL. Called with [g], returns without. */
static void stop_join(struct proc *p, unsigned long irq)
{
	struct task *t = current;
	struct sighand *sh = p->sighand;
	int signo = p->stop_sig;
	bool last;

	last = stop_count(t);
	WRITE_ONCE(t->state, TASK_STOPPED);
	signal_recalc(t);
	spin_unlock_irqrestore(&sh->lock, irq);
	if (last) {
		/* Notifying may not sleep in this state: it takes spinlocks only. */
		signal_notify_stop(p, CLD_STOPPED, signo);
	}
	for (;;) {
		schedule();
		irq = spin_lock_irqsave(&sh->lock);
		if (!p->stop_sig || p->group_exit || stop_wanted(t) || fatal_signal_pending(t) ||
		    (t->pt.job & JOB_TRAP))
			break;
		WRITE_ONCE(t->state, TASK_STOPPED);
		spin_unlock_irqrestore(&sh->lock, irq);
	}
	spin_unlock_irqrestore(&sh->lock, irq);
}

/* Default action of a stop signal: the whole process stops, unless SIGCONT came meanwhile. */
static void stop_begin(int signo)
{
	struct task *t = current;
	struct proc *p = t->proc;
	struct task *o;
	unsigned long irq = spin_lock_irqsave(&proc_tree_lock);

	if (signo != SIGSTOP && pgrp_orphaned(p->pgrp, NULL)) {
		spin_unlock_irqrestore(&proc_tree_lock, irq);
		return;
	}
	spin_lock(&p->sighand->lock);
	if (!p->stop_armed || p->group_exit || p->exec_task) {
		spin_unlock(&p->sighand->lock);
		spin_unlock_irqrestore(&proc_tree_lock, irq);
		return;
	}
	if (!p->stop_sig) {
		p->stop_sig = signo;
		p->stop_seq++;
		p->stop_count = 0;
		list_for_each_entry(o, &p->threads, thread_link) {
			if (o->flags & TF_EXITING)
				continue;
			p->stop_count++;
			if (o->pt.flags & PT_SEIZED)
				signal_trap_notify(o);
			else if (o != t)
				signal_wake(o, false);
		}
	} else {
		/* Only tracers let threads run in a group stop: these stop again, each for its own. */
		list_for_each_entry(o, &p->threads, thread_link) {
			if (!o->pt.flags || (o->flags & TF_EXITING))
				continue;
			o->pt.job |= JOB_TRAP_STOP;
			signal_wake(o, false);
		}
	}
	spin_unlock(&p->sighand->lock);
	spin_unlock_irqrestore(&proc_tree_lock, irq);
	if (task_straced(t))
		strace_send(STRACE_STOP, &signo, sizeof(signo));
	/* The caller's next look at the queues finds stop_wanted and joins. */
}

/* --- taking signals ----------------------------------------------------------------------------- */

/* Dies of signo. */
static __noreturn void die_of(int signo, const siginfo_t *si, struct trapframe *tf)
{
	if ((sig_bit(signo) & SIG_FAULTS) && si->si_code > 0)
		pr_debug("%s[%d]: signal %d code %d address %p at pc %lx ra %lx sp %lx",
			 current->comm, task_tid(current), signo, si->si_code, si->si_addr, tf->pc,
			 tf->ra, tf->sp);
	if (signal_default_action(signo) == SIGDEF_CORE)
		core_dump(signo, si);
	group_exit(signo);
}

/*
 * News of SIGCONT, group exit, SIGKILL and group stop come before the queues. Returns false when
 * something slept and the look starts again.
 */
static bool group_duties(struct proc *p)
{
	struct task *t = current;
	unsigned long irq = spin_lock_irqsave(&p->sighand->lock);

	if (unlikely(p->cont_due)) {
		int code = p->cont_due;

		p->cont_due = 0;
		spin_unlock_irqrestore(&p->sighand->lock, irq);
		signal_notify_continued(p, code);
		return false;
	}
	if (p->group_exit) {
		spin_unlock_irqrestore(&p->sighand->lock, irq);
		thread_exit(p->group_code);
	}
	if (p->exec_task && p->exec_task != t) {
		spin_unlock_irqrestore(&p->sighand->lock, irq);
		thread_exit(SIGKILL);
	}
	if (t->pt.flags && (stop_wanted(t) || (t->pt.job & JOB_TRAP))) {
		ptrace_trap(&irq);
		spin_unlock_irqrestore(&p->sighand->lock, irq);
		return false;
	}
	if (stop_wanted(t)) {
		stop_join(p, irq);
		return false;
	}
	spin_unlock_irqrestore(&p->sighand->lock, irq);
	return true;
}

/* The next signal with a handler: its number, the action as it was; 0: none is left. */
static int next_handled(siginfo_t *si, struct ksigaction *ka, struct trapframe *tf)
{
	struct task *t = current;
	struct proc *p = t->proc;
	struct sighand *sh = p->sighand;
	unsigned long irq;
	int signo;

	for (;;) {
		if (!group_duties(p))
			continue;
		signo = signal_dequeue(t->blocked, si);
		if (signo && unlikely(t->pt.flags) && signo != SIGKILL) {
			signo = ptrace_signal(signo, si);
			if (!signo)
				continue;
		}
		irq = spin_lock_irqsave(&sh->lock);
		if (!signo) {
			bool again = p->group_exit || stop_wanted(t);

			if (!again)
				signal_recalc(t);
			spin_unlock_irqrestore(&sh->lock, irq);
			if (again)
				continue;
			return 0;
		}
		*ka = sh->action[signo - 1];
		if (ka->handler != (void *)SIG_DFL && ka->handler != (void *)SIG_IGN &&
		    (ka->flags & SA_RESETHAND))
			sh->action[signo - 1].handler = (void *)SIG_DFL;
		spin_unlock_irqrestore(&sh->lock, irq);

		tracepoint(TP_DELIVER, (u64)signo, (u64)ka->handler);
		if (task_straced(t))
			strace_send(STRACE_SIGNAL, si, sizeof(*si));
		if (ka->handler == (void *)SIG_IGN)
			continue;
		if (ka->handler != (void *)SIG_DFL)
			return signo;
		if (sig_bit(signo) & SIGNALS_IGNORED)
			continue;
		/* Nothing stops or ends init but a fault of its own. */
		if (proc_is_init(p) && !((sig_bit(signo) & SIG_FAULTS) && si->si_code > 0) &&
		    (p == init_proc || !(sig_bit(signo) & SIG_UNBLOCKABLE)))
			continue;
		if (sig_bit(signo) & SIGNALS_STOP)
			stop_begin(signo);
		else
			die_of(signo, si, tf);
	}
}

/* A frame could not be built: SIGSEGV, which its own handler cannot take (sigaltstack(2), notes). */
static void frame_failed(int signo)
{
	struct sighand *sh = current->proc->sighand;

	if (signo == SIGSEGV) {
		unsigned long irq = spin_lock_irqsave(&sh->lock);

		sh->action[SIGSEGV - 1].handler = (void *)SIG_DFL;
		spin_unlock_irqrestore(&sh->lock, irq);
	}
	signal_force(SIGSEGV, SI_KERNEL, 0);
}

void signal_deliver(struct trapframe *tf)
{
	struct task *t = current;
	struct restart r = restart_begin(tf);
	struct ksigaction ka;
	siginfo_t si;
	int signo = next_handled(&si, &ka, tf);

	if (!signo) {
		restart_now(tf, &r);
		if (t->restore_mask) {
			t->restore_mask = false;
			signal_set_mask(t->saved_mask);
		}
		return;
	}
	restart_with_handler(tf, &r, ka.flags);
	tf->cause = CAUSE_NO_RESTART;
	rseq_signal(tf);

	ksigset_t mask = t->restore_mask ? t->saved_mask : t->blocked;

	if (!sigframe_setup(tf, signo, &ka, &si, mask)) {
		frame_failed(signo);
		return;
	}
	t->restore_mask = false;
	mask = t->blocked | ka.mask;
	if (!(ka.flags & SA_NODEFER))
		mask |= sig_bit(signo);
	signal_set_mask(mask);
	if ((u32)t->altstack.ss_flags & SS_AUTODISARM)
		altstack_reset(t);
}
