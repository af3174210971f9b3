/*
 * Death: exit(2), exit_group(2), death by signal. A thread gives up its parts,
 * leaves its process, and the last one turns the process into a zombie, hands
 * its children on, and tells the parent. A non-leader's task goes at once; the
 * leader's stays for the wait status and /proc until the process is reaped.
 *
 * Locks: everything about the tree happens under proc_tree_lock; signals to
 * parents and orphaned groups are posted while it is held, so that nobody can
 * reap a child before its SIGCHLD is out.
 */
#include <atomic.h>
#include <compiler.h>
#include <uapi/errno.h>
#include <uapi/signal.h>

#include "core/pidns.h"
#include "core/sched.h"
#include "core/signal.h"
#include "core/task.h"
#include "core/time.h"
#include "fs/files.h"
#include "core/pgrp.h"
#include "fs/tty.h"
#include "ipc/sem.h"
#include "ipc/shm.h"
#include "keys/keys.h"
#include "mm/vm.h"
#include "proc/acct.h"
#include "proc/coredump_threads.h"
#include "proc/futex.h"
#include "proc/posix_timer.h"
#include "proc/proc.h"
#include "proc/ptrace.h"
#include "proc/room.h"
#include "proc/seccomp.h"
#include "proc/yama.h"
#include "sync/log.h"

/* --- groups and orphans ----------------------------------------------------------------------- */

static bool has_stopped_jobs(struct pid *pgrp)
{
	struct proc *p;

	list_for_each_entry(p, &pgrp->members[PID_PGRP], pgrp_link)
		if (READ_ONCE(p->stop_sig) && !READ_ONCE(p->stop_count))
			return true;
	return false;
}

static void send_kernel(struct proc *p, int signo)
{
	siginfo_t si;

	siginfo_init(&si, signo, SI_KERNEL);
	signal_send_member(p, &si);
}

/*
 * POSIX, "Process Termination": child's group becomes orphaned when parent goes (or leaves it to
 * another) and has a stopped member: SIGHUP, SIGCONT. ignored counts as gone. [t]
 */
static void check_orphaned(struct proc *child, struct proc *parent, const struct proc *ignored)
{
	struct pid *pgrp = child->pgrp;
	struct proc *p;

	if (parent->pgrp == pgrp || parent->session != child->session ||
	    !pgrp_orphaned(pgrp, ignored) || !has_stopped_jobs(pgrp))
		return;
	list_for_each_entry(p, &pgrp->members[PID_PGRP], pgrp_link) {
		send_kernel(p, SIGHUP);
		send_kernel(p, SIGCONT);
	}
}

/* --- telling the parent -------------------------------------------------------------------------- */

/* [t] signo (0: none) to `to` about t, which ended with this wait(2) status. */
static void tell_death(struct proc *to, const struct task *t, int signo, int status)
{
	u64 utime, stime;
	siginfo_t si;

	if (signo) {
		siginfo_init(&si, signo, CLD_EXITED);
		si.si_status = status >> 8 & 0xff;
		if (status & 0x7f) {
			si.si_code = status & 0x80 ? CLD_DUMPED : CLD_KILLED;
			si.si_status = status & 0x7f;
		}
		proc_cputime(t->proc, &utime, &stime);
		si.si_pid = task_tid(t);
		si.si_uid = t->cred->uid;
		si.si_utime = (long)(utime / (NSEC_PER_SEC / 100));
		si.si_stime = (long)(stime / (NSEC_PER_SEC / 100));
		signal_send_proc(to, &si);
	}
	wake_up_all(&to->child_wait);
}

/* Does p wait for none of its children? *quiet: nor want SIGCHLD. */
static bool ignores_children(struct proc *p, bool *quiet)
{
	unsigned long irq;
	struct sighand *sh = sighand_lock(p, &irq);
	const struct ksigaction *ka = &sh->action[SIGCHLD - 1];
	bool ignores;

	*quiet = ka->handler == (void *)SIG_IGN;
	ignores = *quiet || (ka->flags & SA_NOCLDWAIT);
	sighand_unlock(sh, irq);
	return ignores;
}

/*
 * [t] To who waits for p, its tracer before its parent: SIGCHLD, or what clone chose. True: it will
 * not wait, the zombie goes at once.
 */
static bool notify_death(struct proc *p)
{
	struct task *leader = p->leader;
	struct proc *to = leader->pt.flags ? leader->pt.tracer->proc : p->parent;
	/* clone(2) takes any eight bits: a number that is no signal is none. */
	int signo = p->exit_signal <= _NSIG ? p->exit_signal : 0;
	bool reap = false, quiet = false;

	if (p->unwaited && !leader->pt.flags)
		return true;
	if (ptrace_reparented(leader))
		signo = SIGCHLD;
	if (signo == SIGCHLD && !leader->pt.flags)
		reap = ignores_children(to, &quiet);
	tell_death(to, leader, quiet ? 0 : signo, p->exit_code);
	return reap;
}

/* --- children --------------------------------------------------------------------------------------- */

/*
 * [t] The nearest living ancestor that asked for orphans (PR_SET_CHILD_SUBREAPER), else the first process
 * of p's namespace. Nobody beyond that one gets them.
 */
static struct proc *find_reaper(struct proc *p)
{
	struct pid_ns *ns = p->pid->ns;
	struct proc *first = ns ? ns->init : init_proc;

	if (p == first)
		return p;
	for (struct proc *a = p->parent; a != first && a->pid->ns == ns; a = a->parent)
		if (a->child_subreaper && !a->zombie)
			return a;
	return first;
}

/* [t] One signal for each of c's threads that asked, to the process: its parent, or that one's thread, ended. */
static void pdeath_signal(struct proc *c)
{
	const struct task *t;
	siginfo_t si;

	list_for_each_entry(t, &c->threads, thread_link) {
		int signo = READ_ONCE(t->pdeath_signal);

		if (!signo)
			continue;
		siginfo_user(&si, signo, SI_USER);
		signal_send_proc(c, &si);
	}
}

/* [t] A thread of p other than t that will be there for a while; NULL. */
static struct task *find_heir(const struct proc *p, const struct task *t)
{
	struct task *o;

	list_for_each_entry(o, &p->threads, thread_link)
		if (o != t && !(o->flags & TF_EXITING))
			return o;
	return NULL;
}

/* [t] c is from now on the child of p, and of that thread of it; NULL: all are about to end. */
static void give_to(struct proc *c, struct proc *p, struct task *heir)
{
	c->parent = p;
	c->parent_tid = heir ? task_tid(heir) : proc_pid(p);
	if (heir)
		heir->parent = true;
}

/*
 * [t] prctl(2), PR_SET_PDEATHSIG: t ends, another thread takes over the children it had. When there is none
 * they are about to have another parent.
 */
static void leave_to_heir(struct proc *p, const struct task *t)
{
	struct task *heir = t->parent ? find_heir(p, t) : NULL;
	int tid = task_tid(t);
	struct proc *c;

	if (!heir)
		return;
	list_for_each_entry(c, &p->children, sibling) {
		if (c->parent_tid != tid)
			continue;
		give_to(c, p, heir);
		if (!c->zombie)
			pdeath_signal(c);
	}
}

/*
 * [t] The dying p's children find a new parent; zombies whom that one ignores go to `gone`.
 * No thread of p is left to walk its children, but the new parent may be walking its own.
 */
static void reparent_children(struct proc *p, struct list_head *gone)
{
	struct proc *reaper = find_reaper(p);
	struct task *heir = find_heir(reaper, NULL);
	struct proc *c, *next;

	list_for_each_entry_safe(c, next, &p->children, sibling) {
		give_to(c, reaper, heir);
		if (!c->zombie)
			pdeath_signal(c);
		if (c->exit_signal)
			c->exit_signal = SIGCHLD;
		if (unlikely(reaper->pid->ns) && reaper->pid->ns->dead)
			c->unwaited = true;
		check_orphaned(c, p, NULL);
		list_unlink_(&c->sibling);
		list_add_tail_rcu(&c->sibling, &reaper->children);
		if (c->zombie && !c->waited && !c->leader->pt.flags && notify_death(c)) {
			c->waited = true;
			list_add_tail(&c->leader->pt.link, gone);
		}
	}
}

/* [t] The first of a namespace waits for none of its children any more; such as are dead go to `gone`. */
static void forsake_children(struct proc *p, struct list_head *gone)
{
	struct proc *c;

	list_for_each_entry(c, &p->children, sibling) {
		c->unwaited = true;
		if (c->zombie && !c->waited && !c->leader->pt.flags) {
			c->waited = true;
			list_add_tail(&c->leader->pt.link, gone);
		}
	}
}

static bool alone_in_ns(void *arg)
{
	const struct pid_ns *ns = arg;

	/* Its first process' own number, and that of current if it is another thread. */
	return READ_ONCE(ns->count) <= 1u + (current->pid != current->proc->pid);
}

/* pid_namespaces(7): with its first process p all others of the namespace end, and p waits for that. */
static void end_namespace(struct proc *p)
{
	struct pid_ns *ns = p->pid->ns;
	struct sighand *sh;
	LIST_HEAD(gone);
	struct proc *q;
	unsigned long irq;

	/* Children end unseen from now on; who shares the table of actions has that as well, as on Linux. */
	sh = sighand_lock(p, &irq);
	sh->action[SIGCHLD - 1].handler = SIG_IGN;
	sighand_unlock(sh, irq);

	irq = spin_lock_irqsave(&proc_tree_lock);
	WRITE_ONCE(ns->dead, true);
	list_for_each_entry(q, &all_procs, all_link)
		if (q != p && !q->zombie && pid_nr_in(q->pid, ns))
			send_kernel(q, SIGKILL);
	forsake_children(p, &gone);
	spin_unlock_irqrestore(&proc_tree_lock, irq);
	bury(&gone);
	wait_until(&ns->left, alone_in_ns, ns, TASK_UNINTERRUPTIBLE, WAIT_FOREVER);
	if (READ_ONCE(ns->reboot))
		p->group_code = ns->reboot;
}

/* --- leaving ------------------------------------------------------------------------------------------ */

/* t is none of its user's any more, and nobody finds it. */
static void uncharge(const struct task *t)
{
	yama_forget(t);
	user_uncharge(t->cred->uid, USER_NPROC);
	atomic_dec(&nr_user_tasks);
}

static void forget_leader(struct task *t)
{
	uncharge(t);
	task_put(t);
}

void proc_release(struct proc *p)
{
	unsigned long irq = spin_lock_irqsave(&proc_tree_lock);
	struct task *leader = p->leader;
	struct tty *tty = p->tty;

	list_unlink_(&p->sibling);
	list_unlink_(&p->all_link);
	list_unlink_(&leader->all_link);
	list_del(&p->pgrp_link);
	list_del(&p->session_link);
	leader->pid->task = NULL;
	p->pid->proc = NULL;
	wake_up_all(&p->pid->pidfd_wait);
	pid_left(p->pid);
	pid_left(p->pgrp);
	pid_left(p->session);
	p->leader = NULL;
	p->tty = NULL;
	spin_unlock_irqrestore(&proc_tree_lock, irq);

	tty_put(tty);
	forget_leader(leader);
	proc_put(p);
}

/* From now on no signal for the process is meant for t. Its part in a group stop ends. */
static void begin_exit(struct task *t, struct proc *p)
{
	unsigned long irq = spin_lock_irqsave(&p->sighand->lock);
	int stopped = 0;

	t->flags |= TF_EXITING;
	t->pt.job = 0;
	if (p->stop_sig && t->stop_seen != p->stop_seq && p->stop_count && --p->stop_count == 0) {
		p->stop_report = true;
		p->cont_report = false;
		stopped = p->stop_sig;
	}
	/* What the process has pending somebody else must look at. */
	signal_retarget(p, t, ~0UL);
	spin_unlock_irqrestore(&p->sighand->lock, irq);
	if (stopped)
		signal_notify_stop(p, CLD_STOPPED, stopped);
}

void task_release_mm(struct task *t)
{
	if (t->mm)
		futex_release(t);
	rseq_forget(t);
	vfork_release(t);
}

/* [t] t leaves the list of threads, and its times become the process's. */
static void fold_usage(struct task *t, struct proc *p)
{
	u64 utime, stime;

	task_cputime(t, &utime, &stime);
	spin_lock(&p->sighand->lock);
	if (!p->summed) {
		p->utime += utime;
		p->stime += stime;
	}
	p->min_flt += t->min_flt;
	p->maj_flt += t->maj_flt;
	p->nvcsw += t->nvcsw;
	p->nivcsw += t->nivcsw;
	io_counts_add(&p->io, &t->io);
	list_unlink_(&t->thread_link); /* with its time counted: nobody sees both or neither */
	p->nr_threads--;
	spin_unlock(&p->sighand->lock);
}

/* [t] The last thread is gone: p is a zombie. True: nobody waits, it is to be released. */
static bool process_dies(struct proc *p, struct list_head *gone)
{
	bool reap;

	p->exit_code = p->group_code;
	reparent_children(p, gone);
	check_orphaned(p, p->parent, p);
	p->zombie = true;
	reap = notify_death(p);
	if (reap)
		p->waited = true;
	wake_up_all(&p->pid->pidfd_wait);
	return reap;
}

/* [t] t leaves its process. True: that ends with it, and nobody waits. */
static bool depart(struct task *t, struct proc *p, struct list_head *gone)
{
	fold_usage(t, p);
	if (p->leader != t) {
		t->pid->task = NULL;
		pid_left(t->pid);
		list_unlink_(&t->all_link);
		wake_up_all(&t->pid->pidfd_wait);
		/* Before anybody hears of the process's end, and forks again. */
		uncharge(t);
	}
	if (p->nr_threads == 0)
		return process_dies(p, gone);
	if (p->exec_task && p->nr_threads == 1)
		wake_task(p->exec_task, TASK_KILLABLE);
	return false;
}

/* [t] A thread that stayed for its tracer, or its process with it, goes. */
static void depart_zombie(struct task *t, struct list_head *gone)
{
	struct proc *p = t->proc;

	t->pt.zombie = false;
	if (depart(t, p, gone))
		list_add_tail(&p->leader->pt.link, gone);
	list_add_tail(&t->pt.link, gone);
}

void tracee_reap(struct task *t, struct list_head *gone)
{
	struct proc *p = t->proc;
	bool again = ptrace_reparented(t);

	ptrace_unlink(t);
	if (t->pt.zombie) {
		depart_zombie(t, gone);
	} else if (!again || notify_death(p)) {
		p->waited = true;
		list_add_tail(&t->pt.link, gone);
	}
}

/* [t] current was a tracer (ptrace(2), "Death under ptrace"). */
static void free_tracees(struct list_head *gone)
{
	struct task *t, *next;
	struct proc *p;
	siginfo_t si;
	bool quiet;

	list_for_each_entry_safe(t, next, &current->pt.tracees, pt.link) {
		p = t->proc;
		if (t->pt.flags & PT_OPTION(PTRACE_O_EXITKILL)) {
			siginfo_init(&si, SIGKILL, SI_KERNEL);
			signal_send_proc(p, &si);
		}
		ptrace_unlink(t);
		if (t->pt.zombie) {
			depart_zombie(t, gone);
		} else if (t == p->leader && p->zombie && !p->waited &&
			   (p->parent == current->proc ? ignores_children(p->parent, &quiet) :
							 notify_death(p))) {
			p->waited = true;
			list_add_tail(&t->pt.link, gone);
		}
	}
}

void bury(struct list_head *gone)
{
	struct task *t, *next;

	list_for_each_entry_safe(t, next, gone, pt.link) {
		list_del_init(&t->pt.link);
		if (READ_ONCE(t->proc->leader) == t)
			proc_release(t->proc);
		else
			task_put(t);
	}
}

/* Leaves the tree of processes. */
static void leave(struct task *t, struct proc *p)
{
	LIST_HEAD(gone);
	bool leader, stays, reap = false;
	unsigned long irq = spin_lock_irqsave(&proc_tree_lock);

	leader = p->leader == t;
	leave_to_heir(p, t);
	free_tracees(&gone);
	stays = t->pt.flags && !leader;
	if (stays) {
		t->pt.zombie = true;
		wake_up_all(&t->pid->pidfd_wait);
	}
	if (t->pt.flags && (stays || p->nr_threads > 1))
		tell_death(t->pt.tracer->proc, t, SIGCHLD, t->exit_code);
	if (!stays)
		reap = depart(t, p, &gone);
	spin_unlock_irqrestore(&proc_tree_lock, irq);

	bury(&gone);
	if (!leader && !stays)
		task_put(t);
	if (reap)
		proc_release(p);
}

static void drop_mm(struct task *t, struct proc *p)
{
	struct mm *mm = t->mm;
	unsigned long irq;
	u64 rss;

	if (!mm)
		return;
	rss = max(mm_rss(mm), mm->rss_max);
	irq = spin_lock_irqsave(&p->sighand->lock);
	p->maxrss = max(p->maxrss, rss);
	spin_unlock_irqrestore(&p->sighand->lock, irq);
	mm_activate(NULL);
	mm_put(mm);
}

/* A tracer may look at t before it ends, though it be killed. */
static void exit_event(struct task *t, struct proc *p, int code)
{
	unsigned long irq;

	if (!ptrace_event_on(PTRACE_EVENT_EXIT))
		return;
	irq = spin_lock_irqsave(&p->sighand->lock);
	if (p->group_exit || p->exec_task)
		t->pending.set &= ~sig_bit(SIGKILL);
	spin_unlock_irqrestore(&p->sighand->lock, irq);
	ptrace_event(PTRACE_EVENT_EXIT, (u64)code);
}

/* The last thread begins its exit: unless the process has a code already it is this one's. */
static void last_exit(struct proc *p, int code)
{
	unsigned long irq = spin_lock_irqsave(&p->sighand->lock);

	if (!p->group_exit) {
		p->group_exit = true;
		p->group_code = code;
	}
	spin_unlock_irqrestore(&p->sighand->lock, irq);
	if (p == init_proc)
		panic("init (pid 1) ended with wait status %#x", p->group_code);
	itimer_exit(p);
	posix_timers_exit(p);
	acct_process(p);
	if (p->session_leader)
		tty_session_end(p, true);
}

void thread_exit(int code)
{
	struct task *t = current;
	struct proc *p = t->proc;
	struct files *files = t->files;
	struct fs_ctx *fs = t->fs;
	bool last;

	core_threads_join(t, p);
	exit_event(t, p, code);
	t->exit_code = code;
	tracepoint(TP_EXIT, (u64)code, 0);
	if (task_straced(t))
		strace_send(STRACE_EXIT, &code, sizeof(code));
	begin_exit(t, p);
	sched_leave_deadline(t);
	keys_exit(t);
	seccomp_exit();
	last = atomic_dec_and_test(&p->live);
	if (last)
		last_exit(p, code);
	task_release_mm(t);
	drop_mm(t, p);
	sem_undo_exit(t);
	shm_exit(t);

	spin_lock(&t->lock);
	t->files = NULL;
	t->fs = NULL;
	spin_unlock(&t->lock);
	if (files)
		files_put(files);
	if (fs)
		fs_ctx_put(fs);
	if (unlikely(last && p->pid->ns) && proc_is_init(p))
		end_namespace(p);
	ns_exit(t);

	leave(t, p);
	sched_exit(t);
}

void group_exit(int code)
{
	struct proc *p = current->proc;
	unsigned long irq = spin_lock_irqsave(&proc_tree_lock);

	spin_lock(&p->sighand->lock);
	/* exec by another thread has begun: only this thread ends, for the new program. */
	if (!p->exec_task || p->exec_task == current) {
		signal_group_exit(p, code);
		code = p->group_code;
	}
	spin_unlock(&p->sighand->lock);
	spin_unlock_irqrestore(&proc_tree_lock, irq);
	thread_exit(code);
}

/* --- exec alone ------------------------------------------------------------------------------------- */

/* execve(2): a thread that is not the leader becomes it, with its number. */
static void take_leadership(struct task *t, struct proc *p)
{
	unsigned long irq = spin_lock_irqsave(&proc_tree_lock);
	struct task *old = p->leader;
	struct pid *mine = t->pid;

	mine->task = NULL;
	wake_up_all(&mine->pidfd_wait);
	pid_left(mine);
	t->pid = old->pid;
	old->pid = mine;
	p->pid->task = t;
	p->leader = t;
	list_unlink_(&old->all_link);
	if (old->pt.flags) {
		wake_up_all(&old->pt.tracer->proc->child_wait);
		ptrace_unlink(old);
	}
	spin_unlock_irqrestore(&proc_tree_lock, irq);
	forget_leader(old);
}

static bool alone(struct proc *p)
{
	unsigned long irq = spin_lock_irqsave(&proc_tree_lock);
	bool yes = p->nr_threads == 1;

	spin_unlock_irqrestore(&proc_tree_lock, irq);
	return yes;
}

int proc_kill_other_threads(void)
{
	struct task *t = current, *o;
	struct proc *p = t->proc;
	struct sighand *sh = p->sighand;
	unsigned long irq = spin_lock_irqsave(&proc_tree_lock);
	int err = 0;

	spin_lock(&sh->lock);
	if (p->group_exit || p->exec_task) {
		err = -EAGAIN;
	} else {
		p->exec_task = t;
		list_for_each_entry(o, &p->threads, thread_link) {
			if (o == t)
				continue;
			o->pending.set |= sig_bit(SIGKILL);
			signal_wake(o, true);
		}
	}
	spin_unlock(&sh->lock);
	spin_unlock_irqrestore(&proc_tree_lock, irq);
	if (err)
		return err;

	for (;;) {
		WRITE_ONCE(t->state, TASK_KILLABLE);
		smp_mb();
		if (alone(p))
			break;
		if (wait_sleep(WAIT_FOREVER)) {
			err = -EAGAIN;
			break;
		}
	}
	WRITE_ONCE(t->state, TASK_RUNNING);

	irq = spin_lock_irqsave(&sh->lock);
	p->exec_task = NULL;
	spin_unlock_irqrestore(&sh->lock, irq);
	if (!err && p->leader != t)
		take_leadership(t, p);
	return err;
}
