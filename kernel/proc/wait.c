/*
 * Waiting for children (wait4(2), waitid(2)) and resource usage (getrusage(2)).
 * Children are walked under RCU: nobody but their parent's own death moves them
 * to another list. One that may have news is looked at under proc_tree_lock; a
 * waiter claims a zombie by setting ->waited there, and releases it afterwards.
 * Sleepers wait on their own process's child_wait.
 */
#include <compiler.h>
#include <uapi/errno.h>
#include <uapi/signal.h>
#include <uapi/wait.h>

#include "core/pidns.h"
#include "core/sched.h"
#include "core/signal.h"
#include "core/task.h"
#include "core/time.h"
#include "lib/string.h"
#include "mm/vm.h"
#include "proc/proc.h"
#include "proc/ptrace.h"

/* --- usage ------------------------------------------------------------------------------------------ */

static void usage_add_thread(struct task *t, struct usage *u)
{
	u->min_flt += t->min_flt;
	u->maj_flt += t->maj_flt;
	u->nvcsw += t->nvcsw;
	u->nivcsw += t->nivcsw;
}

static u64 rss_of_current(void)
{
	struct mm *mm = current->mm;

	if (!mm)
		return 0;
	return max(mm_rss(mm), mm->rss_max);
}

void usage_thread(struct task *t, struct usage *u)
{
	memset(u, 0, sizeof(*u));
	task_cputime(t, &u->utime, &u->stime);
	usage_add_thread(t, u);
	u->maxrss = t == current ? max(t->proc->maxrss, rss_of_current()) : t->proc->maxrss;
}

/* p and its threads, dead and alive. [t] */
static void usage_self_locked(struct proc *p, struct usage *u)
{
	struct task *t;

	memset(u, 0, sizeof(*u));
	proc_cputime(p, &u->utime, &u->stime);
	u->min_flt = p->min_flt;
	u->maj_flt = p->maj_flt;
	u->nvcsw = p->nvcsw;
	u->nivcsw = p->nivcsw;
	u->maxrss = p->maxrss;
	list_for_each_entry(t, &p->threads, thread_link)
		usage_add_thread(t, u);
	if (p == current->proc)
		u->maxrss = max(u->maxrss, rss_of_current());
}

void usage_self(struct proc *p, struct usage *u)
{
	unsigned long irq = spin_lock_irqsave(&proc_tree_lock);

	usage_self_locked(p, u);
	spin_unlock_irqrestore(&proc_tree_lock, irq);
}

void usage_io(struct proc *p, struct io_counts *sum)
{
	struct task *t;

	*sum = p->io;
	list_for_each_entry(t, &p->threads, thread_link)
		io_counts_add(sum, &t->io);
}

/* [t] Adds the children p has waited for. */
static void usage_add_children(struct proc *p, struct usage *u)
{
	u->utime += p->cutime;
	u->stime += p->cstime;
	u->min_flt += p->cmin_flt;
	u->maj_flt += p->cmaj_flt;
	u->nvcsw += p->cnvcsw;
	u->nivcsw += p->cnivcsw;
	u->maxrss = max(u->maxrss, p->cmaxrss);
}

void usage_children(struct proc *p, struct usage *u)
{
	unsigned long irq = spin_lock_irqsave(&proc_tree_lock);

	memset(u, 0, sizeof(*u));
	usage_add_children(p, u);
	spin_unlock_irqrestore(&proc_tree_lock, irq);
}

static void to_timeval(u64 ns, struct timeval *tv)
{
	tv->tv_sec = (long)(ns / NSEC_PER_SEC);
	tv->tv_usec = (long)(ns % NSEC_PER_SEC / NSEC_PER_USEC);
}

void usage_to_rusage(const struct usage *u, struct rusage *ru)
{
	memset(ru, 0, sizeof(*ru));
	to_timeval(u->utime, &ru->ru_utime);
	to_timeval(u->stime, &ru->ru_stime);
	ru->ru_maxrss = (long)(u->maxrss * (PAGE_SIZE / 1024));
	ru->ru_minflt = (long)u->min_flt;
	ru->ru_majflt = (long)u->maj_flt;
	ru->ru_nvcsw = (long)u->nvcsw;
	ru->ru_nivcsw = (long)u->nivcsw;
}

/* --- waiting ------------------------------------------------------------------------------------------ */

/* [t], or a first look without. Is c one of those that the caller asks about? */
static bool eligible(const struct wait_request *req, const struct proc *c)
{
	if (READ_ONCE(c->parent) != current->proc || READ_ONCE(c->waited) || c->unwaited)
		return false;
	if (req->which == P_PGID && READ_ONCE(c->pgrp) != req->pid)
		return false;
	if ((req->options & __WNOTHREAD) && READ_ONCE(c->parent_tid) != task_tid(current))
		return false;
	if (req->options & __WALL)
		return true;
	return (READ_ONCE(c->exit_signal) != SIGCHLD) == !!((u32)req->options & __WCLONE);
}

/* Without a lock: false is sure. */
static bool has_news(const struct proc *c)
{
	return READ_ONCE(c->zombie) || READ_ONCE(c->stop_report) || READ_ONCE(c->cont_report);
}

/* [t] */
static void fill(struct wait_request *req, const struct task *t, int status, int code,
		 int si_status)
{
	struct proc *c = t->proc;
	struct usage u;

	usage_self_locked(c, &u);
	usage_add_children(c, &u);
	usage_to_rusage(&u, &req->result.usage);
	req->result.pid = pid_here(t->pid);
	req->result.uid = t->cred->uid;
	req->result.status = status;
	req->result.code = code;
	req->result.si_status = si_status;
}

/* [t] A reaped child's usage becomes part of its parent's. */
static void inherit_usage(struct proc *me, struct proc *c)
{
	struct io_counts io;
	struct usage u;

	usage_io(c, &io);
	io_counts_add(&me->io, &io);
	usage_self_locked(c, &u);
	usage_add_children(c, &u);
	me->cutime += u.utime;
	me->cstime += u.stime;
	me->cmin_flt += u.min_flt;
	me->cmaj_flt += u.maj_flt;
	me->cnvcsw += u.nvcsw;
	me->cnivcsw += u.nivcsw;
	me->cmaxrss = max(me->cmaxrss, u.maxrss);
}

static void fill_dead(struct wait_request *req, const struct task *t, int status)
{
	int sig = status & 0x7f;

	fill(req, t, status,
	     !sig	   ? CLD_EXITED :
	     status & 0x80 ? CLD_DUMPED :
			     CLD_KILLED,
	     sig ? sig : status >> 8 & 0xff);
}

/* [t] Has c changed its state in a way asked for? A claimed zombie goes to *dead. */
static bool take(struct wait_request *req, struct proc *c, struct proc **dead)
{
	bool keep = req->options & WNOWAIT;
	unsigned long irq;
	struct sighand *sh;
	bool stopped, continued;
	int sig;

	/* A tracee shows its end to its tracer first, and its stops to a tracer of the caller's. */
	if (c->leader->pt.flags && (c->zombie || !ptrace_reparented(c->leader)))
		return false;
	if (c->zombie) {
		if (!(req->options & WEXITED))
			return false;
		fill_dead(req, c->leader, c->exit_code);
		if (!keep) {
			c->waited = true;
			inherit_usage(current->proc, c);
			*dead = c;
		}
		return true;
	}
	sh = sighand_lock(c, &irq);
	sig = c->stop_sig;
	stopped = (req->options & WSTOPPED) && sig && !c->stop_count && c->stop_report;
	continued = !stopped && (req->options & WCONTINUED) && c->cont_report;
	if (stopped && !keep)
		c->stop_report = false;
	if (continued && !keep)
		c->cont_report = false;
	sighand_unlock(sh, irq);
	if (stopped)
		fill(req, c->leader, sig << 8 | 0x7f, CLD_STOPPED, sig);
	else if (continued)
		fill(req, c->leader, 0xffff, CLD_CONTINUED, SIGCONT);
	return stopped || continued;
}

/* [t] t is a zombie, and the ends of processes are not asked for: it will have no other news. */
static bool is_over(const struct wait_request *req, const struct proc *c, const struct task *t)
{
	return c->zombie && !(req->options & WEXITED) && !t->pt.flags;
}

/* [t] Has t, which current's process traces, stopped, gone on, or ended? As take. */
static bool take_tracee(struct wait_request *req, struct task *t, struct list_head *gone)
{
	bool keep = req->options & WNOWAIT, continued;
	struct proc *p = t->proc;
	unsigned long irq;
	struct sighand *sh;
	int code = 0;

	if (t->pt.zombie || (t == p->leader && p->zombie && !p->waited)) {
		if (!(req->options & WEXITED))
			return false;
		fill_dead(req, t, p->group_exit ? p->group_code : t->exit_code);
		if (!keep) {
			if (!t->pt.zombie && !ptrace_reparented(t))
				inherit_usage(current->proc, p);
			tracee_reap(t, gone);
		}
		return true;
	}
	sh = sighand_lock(p, &irq);
	if (READ_ONCE(t->state) == TASK_TRACED && !(t->pt.job & JOB_LISTENING))
		code = t->pt.code;
	continued = !code && (req->options & WCONTINUED) && p->cont_report;
	if (code && !keep)
		t->pt.code = 0;
	if (continued && !keep)
		p->cont_report = false;
	sighand_unlock(sh, irq);
	if (code)
		fill(req, t, code << 8 | 0x7f, CLD_TRAPPED, code);
	else if (continued)
		fill(req, t, 0xffff, CLD_CONTINUED, SIGCONT);
	return code || continued;
}

/* [t] A child that its own parent's process traces has its turn among the children. */
static bool take_own_tracee(struct wait_request *req, const struct proc *c, struct list_head *gone)
{
	struct task *t = c->leader;

	return t->pt.flags && !ptrace_reparented(t) && take_tracee(req, t, gone);
}

/* Looks at c: as proc_wait returns it, 0 nothing yet, -ECHILD not one of those asked for. */
static long look_at(struct wait_request *req, struct proc *c)
{
	struct proc *dead = NULL;
	LIST_HEAD(gone);
	long ret = -ECHILD;
	unsigned long irq;

	if (!eligible(req, c))
		return -ECHILD;
	if (!has_news(c) && !READ_ONCE(current->proc->nr_tracees))
		return 0;
	irq = spin_lock_irqsave(&proc_tree_lock);
	if (eligible(req, c))
		ret = take(req, c, &dead) || take_own_tracee(req, c, &gone) ? req->result.pid :
		      is_over(req, c, c->leader)			    ? -ECHILD :
									      0;
	spin_unlock_irqrestore(&proc_tree_lock, irq);
	bury(&gone);
	if (dead)
		proc_release(dead);
	return ret;
}

/* [t] */
static bool tracee_eligible(const struct wait_request *req, const struct task *t)
{
	switch (req->which) {
	case P_PID:
		return req->pid == t->pid;
	case P_PGID:
		return req->pid && t->proc->pgrp == req->pid;
	}
	return true;
}

/* At all tracees of current's process, or of current alone. */
static long look_at_tracees(struct wait_request *req)
{
	LIST_HEAD(gone);
	struct proc *me = current->proc;
	struct task *o, *t;
	long ret = -ECHILD;
	unsigned long irq;

	if (!READ_ONCE(me->nr_tracees))
		return ret;
	irq = spin_lock_irqsave(&proc_tree_lock);
	list_for_each_entry(o, &me->threads, thread_link) {
		if ((req->options & __WNOTHREAD) && o != current)
			continue;
		list_for_each_entry(t, &o->pt.tracees, pt.link) {
			if (!tracee_eligible(req, t))
				continue;
			ret = 0;
			if (take_tracee(req, t, &gone)) {
				ret = req->result.pid;
				goto out;
			}
		}
	}
out:
	spin_unlock_irqrestore(&proc_tree_lock, irq);
	bury(&gone);
	return ret;
}

/* One look at all children and tracees, or at the one in question. */
static long look(struct wait_request *req)
{
	struct proc *c;
	long ret = -ECHILD, one;

	if (req->which == P_PID) {
		c = req->pid ? READ_ONCE(req->pid->proc) : NULL;
		/* pid 1 is its own parent, but not its own child. */
		if (c && c != current->proc)
			ret = look_at(req, c);
		if (ret <= 0 && (one = look_at_tracees(req)) >= 0)
			ret = one;
		return ret;
	}
	list_for_each_entry_rcu(c, &current->proc->children, sibling) {
		one = look_at(req, c);
		if (one > 0)
			return one;
		if (one == 0)
			ret = 0;
	}
	one = look_at_tracees(req);
	return one >= 0 ? one : ret;
}

long proc_wait(struct wait_request *req)
{
	struct waitq *q = &current->proc->child_wait;
	struct waiter w;
	long ret;

	waiter_init(&w);
	for (;;) {
		wait_prepare(q, &w, TASK_INTERRUPTIBLE);
		ret = look(req);
		if (ret || (req->options & WNOHANG))
			break;
		ret = wait_sleep(WAIT_FOREVER);
		if (ret)
			break;
	}
	wait_finish(q, &w);
	return ret;
}
