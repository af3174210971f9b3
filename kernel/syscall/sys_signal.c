/*
 * Signal system calls: decoding and checking for kill(2), sigaction(2),
 * sigprocmask(2), sigsuspend(2), sigwaitinfo(2), sigqueue(3), sigaltstack(2),
 * pidfd_send_signal(2).
 * Queues are core/signal.c's, delivery is proc/signal.c's. Actions and pending
 * sets: sighand->lock.
 */
#include <compiler.h>
#include <err.h>
#include <syscalls.h>
#include <uapi/errno.h>
#include <uapi/signal.h>
#include <uapi/time.h>

#include "core/pidns.h"
#include "core/signal.h"
#include "core/task.h"
#include "core/userns.h"
#include "core/time.h"
#include "core/wait.h"
#include "fs/files.h"
#include "fs/tree/tree.h"
#include "mm/usercopy.h"
#include "proc/proc.h"
#include "syscall/timespec.h"

#define SA_SUPPORTED                                                                       \
	(SA_NOCLDSTOP | SA_NOCLDWAIT | SA_SIGINFO | SA_ONSTACK | SA_RESTART | SA_NODEFER | \
	 SA_RESETHAND | SA_EXPOSE_TAGBITS)

#define SIGINFO_USED		   48 /* bytes of a siginfo_t; the rest is 0 */

#define PIDFD_SIGNAL_THREAD	   (1u << 0)
#define PIDFD_SIGNAL_THREAD_GROUP  (1u << 1)
#define PIDFD_SIGNAL_PROCESS_GROUP (1u << 2)

static bool signo_valid(int sig)
{
	return sig >= 0 && sig <= _NSIG;
}

/* --- sending ------------------------------------------------------------------------------------ */

/* member: p is one of many. */
static int send_to_proc(struct proc *p, const siginfo_t *si, bool member)
{
	int err;

	if (!signo_valid(si->si_signo))
		return -EINVAL;
	err = signal_may_send(p, NULL, si->si_signo);
	if (err || !si->si_signo || READ_ONCE(p->zombie))
		return err;
	return member ? signal_send_member(p, si) : signal_send_proc(p, si);
}

/* The process that a number names: its own, or one of a thread of it. */
static struct proc *proc_of(int nr)
{
	struct proc *p = proc_find_get(nr);
	struct task *t;

	if (p)
		return p;
	t = task_find_get(nr);
	if (!t)
		return NULL;
	p = t->proc ? proc_get(t->proc) : NULL;
	task_put(t);
	return p;
}

/* Lets go of p, which may be NULL. */
static int kill_proc(struct proc *p, const siginfo_t *si)
{
	int err;

	if (!p)
		return -ESRCH;
	err = send_to_proc(p, si, false);
	proc_put(p);
	return err;
}

static int kill_one(int pid, const siginfo_t *si)
{
	return kill_proc(proc_of(pid), si);
}

/*
 * All but init and the sender: 0 when there was one, EPERM does not count. Who is born meanwhile is
 * at the end of the list, or gets the signal from a parent that got it during its fork.
 */
static int kill_all(const siginfo_t *si)
{
	struct proc *p;
	int ret = 0, err;
	unsigned count = 0;

	list_for_each_entry_rcu(p, &all_procs, all_link) {
		if (pid_here(p->pid) <= 1 || p == current->proc)
			continue;
		err = send_to_proc(p, si, true);
		count++;
		if (err != -EPERM)
			ret = err;
	}
	return count ? ret : -ESRCH;
}

/* The members change lists when they change groups, so this is done under the lock. pgrp may be NULL. */
static int kill_group(struct pid *pgrp, const siginfo_t *si)
{
	struct proc *p;
	int ret = -ESRCH, err;
	bool sent = false;
	unsigned long irq;

	if (!pgrp)
		return -ESRCH;
	irq = spin_lock_irqsave(&proc_tree_lock);
	list_for_each_entry(p, &pgrp->members[PID_PGRP], pgrp_link) {
		err = send_to_proc(p, si, true);
		if (!err)
			sent = true;
		else
			ret = err;
	}
	spin_unlock_irqrestore(&proc_tree_lock, irq);
	return sent ? 0 : ret;
}

long sys_kill(int pid, int sig)
{
	siginfo_t si;

	siginfo_user(&si, sig, SI_USER);
	if (pid > 0)
		return kill_one(pid, &si);
	if (pid == -1)
		return kill_all(&si);
	if (pid == S32_MIN)
		return -ESRCH;
	/* Found without a reference: good until the next sleep. */
	return kill_group(pid ? pid_find(-pid) : READ_ONCE(current->proc->pgrp), &si);
}

/* tgid 0: any. Lets go of t, which may be NULL. */
static long send_to_thread(int tgid, struct task *t, const siginfo_t *si)
{
	long err = -ESRCH;

	if (!t)
		return -ESRCH;
	if (!t->proc || (tgid && pid_here(t->proc->pid) != tgid))
		goto out_put;
	err = -EINVAL;
	if (!signo_valid(si->si_signo))
		goto out_put;
	err = signal_may_send(t->proc, t, si->si_signo);
	if (err || !si->si_signo)
		goto out_put;
	err = signal_send_task(t, si);
	if (err == -ESRCH)
		err = 0;
out_put:
	task_put(t);
	return err;
}

long sys_tkill(int tid, int sig)
{
	siginfo_t si;

	if (tid <= 0)
		return -EINVAL;
	siginfo_user(&si, sig, SI_TKILL);
	return send_to_thread(0, task_find_get(tid), &si);
}

long sys_tgkill(int tgid, int tid, int sig)
{
	siginfo_t si;

	if (tgid <= 0 || tid <= 0)
		return -EINVAL;
	siginfo_user(&si, sig, SI_TKILL);
	return send_to_thread(tgid, task_find_get(tid), &si);
}

/* What the caller calls a user, as the kernel does until the signal is queued. */
static void own_uid(siginfo_t *si)
{
	if (unlikely(current_user_ns()) && si->si_code != SI_TIMER) {
		u32 kuid = kuid_of(current_user_ns(), si->si_uid);

		si->si_uid = kuid == NO_ID ? (u32)overflow_uid : kuid;
	}
}

/* Is it of a kind that sigaction(2) describes? Only those are known to end before SIGINFO_USED. */
static bool siginfo_known(const siginfo_t *si)
{
	static const u8 kinds[_NSIG + 1] = {
		[SIGILL] = 11,	[SIGTRAP] = 6, [SIGBUS] = 5,  [SIGFPE] = 15,
		[SIGSEGV] = 10, [SIGCHLD] = 6, [SIGPOLL] = 6, [SIGSYS] = 2,
	};
	int code = si->si_code;

	if (code == SI_KERNEL || code == SI_ASYNCNL)
		return true;
	if (code <= SI_USER)
		return code >= SI_DETHREAD;
	if (signo_valid(si->si_signo) && kinds[si->si_signo])
		return code <= kinds[si->si_signo];
	return code <= kinds[SIGPOLL];
}

/* A siginfo from user space; sig: for this signal, or NULL. The kernel keeps no more than it knows of. */
static int siginfo_copy(siginfo_t *si, const int *sig, const void __user *info)
{
	u8 *rest = (u8 *)si + SIGINFO_USED;

	if (copy_from_user(si, info, sizeof(*si)))
		return -EFAULT;
	if (sig)
		si->si_signo = *sig;
	if (!siginfo_known(si) && memchr_inv(rest, 0, sizeof(*si) - SIGINFO_USED))
		return -E2BIG;
	memset(rest, 0, sizeof(*si) - SIGINFO_USED);
	own_uid(si);
	return 0;
}

/* It may not look like the kernel's or kill(2)'s, but to oneself. */
static bool siginfo_forged(const siginfo_t *si, bool self)
{
	return (si->si_code >= 0 || si->si_code == SI_TKILL) && !self;
}

long sys_rt_sigqueueinfo(int pid, int sig, void __user *info)
{
	siginfo_t si;
	int err = siginfo_copy(&si, &sig, info);

	if (err)
		return err;
	return siginfo_forged(&si, pid == current->pid->own) ? -EPERM : kill_one(pid, &si);
}

long sys_rt_tgsigqueueinfo(int tgid, int tid, int sig, void __user *info)
{
	siginfo_t si;
	int err = siginfo_copy(&si, &sig, info);

	if (err)
		return err;
	if (tgid <= 0 || tid <= 0)
		return -EINVAL;
	if (siginfo_forged(&si, tid == current->pid->own))
		return -EPERM;
	return send_to_thread(tgid, task_find_get(tid), &si);
}

/* info: the caller's siginfo; NULL: kill(2)'s, or tgkill(2)'s. */
static int pidfd_siginfo(siginfo_t *si, const struct pid *pid, int sig, bool thread,
			 const void __user *info)
{
	int err;

	if (!info) {
		siginfo_user(si, sig, thread ? SI_TKILL : SI_USER);
		return 0;
	}
	err = siginfo_copy(si, NULL, info);
	if (err)
		return err;
	if (si->si_signo != sig)
		return -EINVAL;
	return siginfo_forged(si, pid == current->pid) ? -EPERM : 0;
}

long sys_pidfd_send_signal(int pidfd, int sig, void __user *info, unsigned long flags)
{
	u32 scope = (u32)flags;
	struct file *f;
	struct pid *pid;
	bool thread = false;
	siginfo_t si;
	long err;

	if (scope & ~(PIDFD_SIGNAL_THREAD | PIDFD_SIGNAL_THREAD_GROUP |
		      PIDFD_SIGNAL_PROCESS_GROUP) ||
	    (scope & (scope - 1)))
		return -EINVAL;
	f = fd_get(pidfd);
	if (!f)
		return -EBADF;
	pid = tree_process(f);
	if (!pid) {
		pid = pidfd_pid(f);
		err = IS_ERR(pid) ? PTR_ERR(pid) : 0;
		if (err)
			goto out;
		thread = pidfd_is_thread(f);
	}
	err = -EINVAL;
	if (!pid_here(pid)) /* of a namespace beside current's, or above */
		goto out;
	if (scope)
		thread = scope == PIDFD_SIGNAL_THREAD;
	err = pidfd_siginfo(&si, pid, sig, thread, info);
	if (err)
		goto out;
	err = -EINVAL;
	if (!signo_valid(sig))
		goto out;
	if (scope == PIDFD_SIGNAL_PROCESS_GROUP)
		err = kill_group(pid, &si);
	else if (thread)
		err = send_to_thread(0, pid_task_get(pid), &si);
	else
		err = kill_proc(pid_proc_get(pid), &si);
out:
	file_put(f);
	return err;
}

/* --- actions and masks --------------------------------------------------------------------------- */

long sys_rt_sigaction(int sig, const void __user *act, void __user *oact, size_t sigsetsize)
{
	struct proc *p = current->proc;
	struct sighand *sh = p->sighand;
	struct sigaction new = {}, old = {};
	struct ksigaction *ka;
	unsigned long irq;

	if (sigsetsize != sizeof(sigset_t))
		return -EINVAL;
	if (act && copy_from_user(&new, act, sizeof(new)))
		return -EFAULT;
	if (sig < 1 || sig > _NSIG || (act && (sig_bit(sig) & SIG_UNBLOCKABLE)))
		return -EINVAL;

	irq = spin_lock_irqsave(&sh->lock);
	ka = &sh->action[sig - 1];
	old.sa_handler = (__sighandler_t)ka->handler;
	old.sa_flags = ka->flags;
	old.sa_mask = ka->mask;
	if (act) {
		ka->handler = (void *)new.sa_handler;
		ka->flags = new.sa_flags &SA_SUPPORTED;
		ka->mask = new.sa_mask & ~SIG_UNBLOCKABLE;
		/* POSIX: what is pending is discarded when the action becomes to ignore. */
		if (signal_ignored(p, sig))
			signal_discard(p, sig_bit(sig));
	}
	spin_unlock_irqrestore(&sh->lock, irq);

	if (oact && copy_to_user(oact, &old, sizeof(old)))
		return -EFAULT;
	return 0;
}

long sys_rt_sigprocmask(int how, const void __user *set, void __user *oset, size_t sigsetsize)
{
	ksigset_t old = current->blocked, new;

	if (sigsetsize != sizeof(sigset_t))
		return -EINVAL;
	if (set) {
		if (copy_from_user(&new, set, sizeof(new)))
			return -EFAULT;
		new &= ~SIG_UNBLOCKABLE;
		switch (how) {
		case SIG_BLOCK:
			new |= old;
			break;
		case SIG_UNBLOCK:
			new = old & ~new;
			break;
		case SIG_SETMASK:
			break;
		default:
			return -EINVAL;
		}
		signal_set_mask(new);
	}
	if (oset && copy_to_user(oset, &old, sizeof(old)))
		return -EFAULT;
	return 0;
}

long sys_rt_sigpending(void __user *set, size_t sigsetsize)
{
	struct task *t = current;
	struct sighand *sh = t->proc->sighand;
	ksigset_t pending;
	unsigned long irq;

	if (sigsetsize > sizeof(sigset_t))
		return -EINVAL;
	irq = spin_lock_irqsave(&sh->lock);
	pending = (t->pending.set | t->proc->pending.set) & t->blocked;
	spin_unlock_irqrestore(&sh->lock, irq);
	return copy_to_user(set, &pending, sigsetsize);
}

/* --- waiting --------------------------------------------------------------------------------------- */

long sys_rt_sigsuspend(const void __user *mask, size_t sigsetsize)
{
	struct task *t = current;
	ksigset_t new;

	if (sigsetsize != sizeof(sigset_t))
		return -EINVAL;
	if (copy_from_user(&new, mask, sizeof(new)))
		return -EFAULT;
	t->saved_mask = t->blocked;
	signal_set_mask(new & ~SIG_UNBLOCKABLE);
	while (!signal_pending(t))
		sleep_until(WAIT_FOREVER, TASK_INTERRUPTIBLE);
	t->restore_mask = true;
	return -ERESTARTNOHAND;
}

static void set_sigwait(ksigset_t these)
{
	struct task *t = current;
	struct sighand *sh = t->proc->sighand;
	unsigned long irq = spin_lock_irqsave(&sh->lock);

	t->sigwait = these;
	signal_recalc(t);
	spin_unlock_irqrestore(&sh->lock, irq);
}

long sys_rt_sigtimedwait(const void __user *set, void __user *info, const void __user *timeout,
			 size_t sigsetsize)
{
	ksigset_t these;
	siginfo_t si;
	u64 deadline;
	int sig, err;

	if (sigsetsize != sizeof(sigset_t))
		return -EINVAL;
	if (copy_from_user(&these, set, sizeof(these)))
		return -EFAULT;
	err = deadline_from_user(timeout, &deadline);
	if (err)
		return err;
	these &= ~SIG_UNBLOCKABLE;

	sig = signal_dequeue(~these, &si);
	if (!sig && (!timeout || deadline > now_mono())) {
		set_sigwait(these);
		err = sleep_until(deadline, TASK_INTERRUPTIBLE);
		set_sigwait(0);
		sig = signal_dequeue(~these, &si);
	}
	if (!sig)
		return err ? -EINTR : -EAGAIN;
	if (info && copy_to_user(info, &si, sizeof(si)))
		return -EFAULT;
	return sig;
}

/* --- frames and stacks ----------------------------------------------------------------------------- */

long sys_sigaltstack(void __user *ss, void __user *old_ss)
{
	struct task *t = current;
	u64 sp = task_frame(t)->sp;
	stack_t new, old = t->altstack;
	int err;

	if (ss && copy_from_user(&new, ss, sizeof(new)))
		return -EFAULT;
	old.ss_flags = (int)((u32)t->altstack.ss_flags & SS_AUTODISARM);
	if (!t->altstack.ss_size)
		old.ss_flags |= SS_DISABLE;
	else if (on_altstack(sp))
		old.ss_flags |= SS_ONSTACK;
	if (ss) {
		err = altstack_set(&new, sp, MINSIGSTKSZ);
		if (err)
			return err;
	}
	if (old_ss && copy_to_user(old_ss, &old, sizeof(old)))
		return -EFAULT;
	return 0;
}

long sys_rt_sigreturn(void)
{
	struct trapframe *tf = task_frame(current);

	if (!sigframe_return(tf)) {
		signal_force(SIGSEGV, SI_KERNEL, 0);
		return 0;
	}
	return (long)tf->a0;
}

long sys_restart_syscall(void)
{
	long (*fn)(struct task * t) = current->restart.fn;

	current->restart.fn = NULL;
	return fn ? fn(current) : -EINTR;
}
