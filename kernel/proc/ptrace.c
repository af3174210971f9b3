/*
 * Tracing of tasks: who traces whom, and the stops of a tracee (ptrace(2),
 * "Stopped states"). The tracer is a task: its death frees its tracees, and
 * only it may command them, but every thread of its process may wait for them.
 *
 * Links are changed under proc_tree_lock; what a tracee is doing, under its
 * sighand->lock, so that a stop, a SIGKILL and a command never miss each other.
 * A tracee in TASK_TRACED is woken by its tracer, by SIGKILL, and by losing its
 * tracer. While its tracer looks at it (JOB_FROZEN) it goes back to sleep.
 */
#include "proc/ptrace.h"

#include <atomic.h>
#include <compiler.h>
#include <err.h>
#include <uapi/errno.h>
#include <uapi/sched.h>

#include "arch/riscv/pgtable.h"
#include "core/pidns.h"
#include "core/sched.h"
#include "core/userns.h"
#include "mm/usercopy.h"
#include "proc/proc.h"
#include "proc/room.h"
#include "proc/yama.h"

#define MESSAGE_ENTER 1 /* PTRACE_GETEVENTMSG in a stop at a system call */
#define MESSAGE_LEAVE 2

/* --- who traces whom --------------------------------------------------------------------------- */

/* [t] [g] */
static void link(struct task *t, struct task *tracer, u32 flags, bool able)
{
	WRITE_ONCE(t->pt.flags, flags);
	WRITE_ONCE(t->pt.tracer, tracer);
	t->pt.capable = able;
	list_add(&t->pt.link, &tracer->pt.tracees); /* waits look at the youngest first */
	WRITE_ONCE(tracer->proc->nr_tracees, tracer->proc->nr_tracees + 1);
}

/* Nobody traces t any more: it runs on, or joins the stop that its process is in. */
void ptrace_unlink(struct task *t)
{
	struct proc *p = t->proc, *owner = t->pt.tracer->proc;
	unsigned long irq;
	struct sighand *sh = sighand_lock(p, &irq);

	__atomic_fetch_and(&t->thread.work, ~(WORK_PTRACE | WORK_EMU), __ATOMIC_SEQ_CST);
	list_del_init(&t->pt.link);
	WRITE_ONCE(owner->nr_tracees, owner->nr_tracees - 1);
	WRITE_ONCE(t->pt.flags, 0);
	WRITE_ONCE(t->pt.tracer, NULL);
	t->pt.job &= ~(JOB_TRAP | JOB_TRAPPING | JOB_LISTENING | JOB_FROZEN);
	if (p->stop_sig && t->stop_seen == p->stop_seq && !(t->flags & TF_EXITING)) {
		t->stop_seen--;
		p->stop_count += p->stop_count != 0; /* it counts itself out once more */
	}
	if (p->stop_sig || READ_ONCE(t->state) == TASK_TRACED)
		signal_wake_tracee(t, true);
	sighand_unlock(sh, irq);
}

unsigned ptrace_clone_event(u64 clone_flags, int exit_signal)
{
	unsigned event = PTRACE_EVENT_FORK;

	if (clone_flags & CLONE_UNTRACED)
		return 0;
	if (clone_flags & CLONE_VFORK)
		event = PTRACE_EVENT_VFORK;
	else if ((clone_flags & CLONE_THREAD) || exit_signal != SIGCHLD)
		event = PTRACE_EVENT_CLONE;
	return ptrace_event_on(event) ? event : 0;
}

void ptrace_birth(struct task *t, u64 clone_flags, bool wanted)
{
	const struct ptrace *from = &current->pt;

	if (!from->flags || !(wanted || (clone_flags & CLONE_PTRACE)))
		return;
	link(t, from->tracer, from->flags, from->capable);
	if (from->flags & PT_SEIZED)
		t->pt.job |= JOB_TRAP_STOP;
	else
		t->pending.set |= sig_bit(SIGSTOP);
}

/* [t] The thread of p that made current, or what stands in for it. */
static struct task *parent_task(const struct proc *me)
{
	struct proc *p = me->parent;
	struct task *t, *other = NULL;

	list_for_each_entry(t, &p->threads, thread_link) {
		if (t->flags & TF_EXITING)
			continue;
		if (task_tid(t) == me->parent_tid)
			return t;
		if (!other || t == p->leader)
			other = t;
	}
	return other;
}

/* A child that may do more than its parent is not given into its hands. */
static bool may_be_tracer(const struct task *tracer)
{
	const struct cred *c = tracer ? smp_load_acquire(&tracer->cred) : current->cred;

	return !(current->cred->cap_permitted & ~c->cap_permitted) ||
	       (c->cap_effective & 1ULL << CAP_SYS_PTRACE);
}

long ptrace_traceme(void)
{
	struct task *t = current, *tracer;
	long err = -EPERM;
	unsigned long irq = spin_lock_irqsave(&proc_tree_lock);

	tracer = parent_task(t->proc);
	if (!t->pt.flags && t->proc->parent != t->proc && may_be_tracer(tracer) &&
	    yama_may_be_traced_by(tracer)) {
		err = 0;
		if (tracer) {
			spin_lock(&t->proc->sighand->lock);
			link(t, tracer, PT_TRACED, task_capable(t, CAP_SYS_PTRACE));
			spin_unlock(&t->proc->sighand->lock);
		}
	}
	spin_unlock_irqrestore(&proc_tree_lock, irq);
	return err;
}

static bool not_trapping(void *arg)
{
	return !(READ_ONCE(((struct task *)arg)->pt.job) & JOB_TRAPPING);
}

static bool not_sealed(void *arg)
{
	return !READ_ONCE(((struct task *)arg)->pt.sealed);
}

void ptrace_seal(bool on)
{
	unsigned long irq = spin_lock_irqsave(&proc_tree_lock);

	WRITE_ONCE(current->pt.sealed, on);
	spin_unlock_irqrestore(&proc_tree_lock, irq);
}

/* [t] -EAGAIN: later. */
static int attach(struct task *t, u32 flags)
{
	unsigned long irq;
	struct sighand *sh;

	if (t->pt.sealed)
		return -EAGAIN;
	if ((t->flags & TF_EXITING) || t->pt.zombie || !t->proc->leader || t->pt.flags ||
	    !ptrace_may_access(t, true) || !yama_may_attach(t))
		return -EPERM;
	sh = sighand_lock(t->proc, &irq);
	link(t, current, flags, task_capable(t, CAP_SYS_PTRACE));
	/* From one kind of stop to the other, and not to be seen running in between. */
	if (READ_ONCE(t->state) == TASK_STOPPED) {
		t->pt.job |= JOB_TRAP_STOP | JOB_TRAPPING;
		signal_wake(t, false);
		wake_task(t, TASK_STOPPED);
	}
	sighand_unlock(sh, irq);
	if (!(flags & PT_SEIZED))
		signal_send_kernel(t, SIGSTOP);
	return 0;
}

long ptrace_attach(struct task *t, bool seize, u64 addr, u64 data)
{
	u32 flags = PT_TRACED;
	unsigned long irq;
	long err;

	if (seize) {
		if (addr || (data & ~(u64)PTRACE_O_MASK))
			return -EIO;
		err = ptrace_check_options(data);
		if (err)
			return err;
		flags |= PT_SEIZED | PT_OPTION(data);
	}
	if (!t->proc || t->proc == current->proc)
		return -EPERM;
	for (;;) {
		irq = spin_lock_irqsave(&proc_tree_lock);
		err = attach(t, flags);
		spin_unlock_irqrestore(&proc_tree_lock, irq);
		if (err != -EAGAIN)
			break;
		err = wait_until(&current->proc->child_wait, not_sealed, t, TASK_INTERRUPTIBLE,
				 now_mono() + NSEC_PER_MSEC);
		if (err == -ERESTARTSYS)
			return -ERESTARTNOINTR;
	}
	if (!err)
		wait_until(&current->proc->child_wait, not_trapping, t, TASK_KILLABLE,
			   WAIT_FOREVER);
	return err;
}

/* --- stops ------------------------------------------------------------------------------------------ */

bool stop_count(struct task *t)
{
	struct proc *p = t->proc;

	t->stop_seen = p->stop_seq;
	t->pt.stop_signo = p->stop_sig;
	if (!p->stop_count || --p->stop_count)
		return false;
	p->stop_report = true;
	p->cont_report = false;
	return true;
}

/* Sleeps until somebody lets current go on. Without [g], returns with it. */
static void sleep_traced(struct sighand *sh, unsigned long *irq)
{
	for (;;) {
		schedule();
		*irq = spin_lock_irqsave(&sh->lock);
		if (!(current->pt.job & JOB_FROZEN))
			return;
		/* SIGKILL came while the tracer looks: unfreezing wakes again. */
		WRITE_ONCE(current->state, TASK_TRACED);
		spin_unlock_irqrestore(&sh->lock, *irq);
	}
}

/*
 * Stops current: code is what a wait reports, why the CLD_* of the SIGCHLD. Returns the signal to
 * go on with. Called and returns with [g].
 */
static int stop(int code, int why, u64 message, siginfo_t *info, unsigned long *irq)
{
	struct task *t = current;
	struct proc *p = t->proc;
	struct sighand *sh = p->sighand;
	int group_signo = p->stop_sig;
	bool last = false;

	if (!t->pt.flags || fatal_signal_pending(t))
		return code;
	WRITE_ONCE(t->state, TASK_TRACED);
	t->pt.code = code;
	t->pt.message = message;
	t->pt.info = info;
	if (why == CLD_STOPPED && p->stop_sig && t->stop_seen != p->stop_seq)
		last = stop_count(t);
	/* Which signal stopped the group is forgotten with the wait for it. */
	if (!p->stop_count && !p->stop_report)
		group_signo = 0;
	t->pt.job &= ~(JOB_TRAP_STOP | JOB_TRAPPING);
	if (info && info->si_code >> 8 == PTRACE_EVENT_STOP)
		t->pt.job &= ~JOB_TRAP_NOTIFY;
	spin_unlock_irqrestore(&sh->lock, *irq);

	/* Notifying may not sleep in this state: it takes spinlocks only. */
	*irq = spin_lock_irqsave(&proc_tree_lock);
	if (t->pt.flags)
		signal_notify_stop_to(t->pt.tracer->proc, t, why,
				      why == CLD_STOPPED ? group_signo : code & 0x7f);
	if (last && (!t->pt.flags || ptrace_reparented(t)))
		signal_notify_stop(p, CLD_STOPPED, group_signo);
	spin_unlock_irqrestore(&proc_tree_lock, *irq);

	sleep_traced(sh, irq);
	code = t->pt.code;
	t->pt.info = NULL;
	t->pt.message = 0;
	t->pt.code = 0;
	t->pt.job &= ~JOB_LISTENING;
	signal_recalc(t);
	return code;
}

/* A stop of the tracer's making: its siginfo says what it is. */
static int stop_told(int signo, int code, int why, u64 message, unsigned long *irq)
{
	siginfo_t si;

	siginfo_user(&si, signo, code);
	si.si_pid = current->pid->own;
	return stop(code, why, message, &si, irq);
}

static int notify(int code, u64 message)
{
	unsigned long irq;
	struct sighand *sh = sighand_lock(current->proc, &irq);
	int signo = stop_told(SIGTRAP, code, CLD_TRAPPED, message, &irq);

	sighand_unlock(sh, irq);
	return signo;
}

void ptrace_event_pid(unsigned event, const struct pid *pid)
{
	const struct task *tracer = READ_ONCE(current->pt.tracer); /* RCU: nothing sleeps yet */

	ptrace_event(event, (u64)(tracer ? pid_nr_in(pid, tracer->pid->ns) : 0));
}

void ptrace_event(unsigned event, u64 message)
{
	siginfo_t si;

	if (ptrace_event_on(event)) {
		notify((int)(event << 8 | SIGTRAP), message);
	} else if (event == PTRACE_EVENT_EXEC &&
		   (current->pt.flags & (PT_TRACED | PT_SEIZED)) == PT_TRACED) {
		siginfo_user(&si, SIGTRAP, SI_USER);
		signal_send_task(current, &si);
	}
}

static void stop_at_call(u64 message)
{
	u32 flags = current->pt.flags;
	siginfo_t si;
	int signo;

	if (!flags)
		return;
	signo = notify(flags & PT_OPTION(PTRACE_O_TRACESYSGOOD) ? SIGTRAP | 0x80 : SIGTRAP,
		       message);
	/* Not how a signal is sent on, but tracers may. */
	if (signo > 0 && signo <= _NSIG) {
		siginfo_init(&si, signo, SI_KERNEL);
		signal_send_task(current, &si);
	}
}

bool ptrace_syscall_enter(void)
{
	stop_at_call(MESSAGE_ENTER);
	return !fatal_signal_pending(current);
}

void ptrace_syscall_leave(void)
{
	stop_at_call(MESSAGE_LEAVE);
}

void ptrace_trap(unsigned long *irq)
{
	struct task *t = current;
	const struct proc *p = t->proc;
	int signo = p->stop_sig ? p->stop_sig : t->pt.stop_signo;

	if (t->pt.flags & PT_SEIZED) {
		if (!p->stop_sig)
			signo = SIGTRAP;
		stop_told(signo, PTRACE_EVENT_STOP << 8 | signo, CLD_STOPPED, 0, irq);
	} else {
		stop(signo ? signo : SIGSTOP, CLD_STOPPED, 0, NULL, irq);
	}
	/* Killed before it could stop. */
	t->pt.job &= ~JOB_TRAPPING;
}

int ptrace_signal(int signo, siginfo_t *si)
{
	struct task *t = current;
	const struct task *tracer;
	unsigned long irq;
	struct sighand *sh = sighand_lock(t->proc, &irq);
	int now;

	int sent = si->si_signo;

	/* The tracer may make a stop signal of it; SIGCONT meanwhile takes it back. */
	t->proc->stop_armed = true;
	now = stop(signo, CLD_TRAPPED, 0, si, &irq);
	sighand_unlock(sh, irq);
	if (now <= 0 || now > _NSIG)
		return 0;
	if (now != si->si_signo) {
		irq = spin_lock_irqsave(&proc_tree_lock);
		tracer = t->pt.tracer;
		siginfo_init(si, now, SI_USER);
		si->si_pid = proc_pid(tracer ? tracer->proc : t->proc->parent);
		si->si_uid = uid_shown(current_user_ns(), tracer ? tracer->cred->uid : 0);
		spin_unlock_irqrestore(&proc_tree_lock, irq);
	}
	if ((t->blocked & sig_bit(now)) || fatal_signal_pending(t)) {
		signal_send_task(t, si);
		return 0;
	}
	if (now != sent)
		si->si_pid = nr_here(si->si_pid);
	return now;
}

/* --- letting go -------------------------------------------------------------------------------------- */

void ptrace_resume(struct task *t, int signo)
{
	unsigned long irq;
	struct sighand *sh = sighand_lock(t->proc, &irq);

	t->pt.code = signo;
	t->pt.job &= ~JOB_FROZEN;
	wake_task(t, TASK_TRACED);
	sighand_unlock(sh, irq);
}

void ptrace_detach(struct task *t, int signo)
{
	unsigned long irq = spin_lock_irqsave(&proc_tree_lock);

	t->pt.code = signo; /* frozen: nobody else writes it */
	ptrace_unlink(t);
	spin_unlock_irqrestore(&proc_tree_lock, irq);
}

size_t ptrace_write_memory(struct mm *mm, u64 addr, const void *data, size_t n)
{
	size_t done = mm_copy_to(mm, addr, data, n, true);

	if (done)
		icache_flush(~0UL);
	return done;
}
