/*
 * Birth of tasks: clone(2), clone3(2), fork, vfork, and pid 1. What a task
 * shares is a counted part each, so every CLONE_ flag is a copy-or-share
 * choice for one part. A new task is built in private, then published under
 * proc_tree_lock and sighand->lock, then started; until it is published any
 * failure undoes everything.
 */
#include <atomic.h>
#include <compiler.h>
#include <err.h>
#include <uapi/errno.h>
#include <uapi/sched.h>

#include "alloc/page.h"
#include "alloc/slab.h"
#include "core/pidns.h"
#include "core/sched.h"
#include "core/signal.h"
#include "core/task.h"
#include "core/time.h"
#include "core/timens.h"
#include "fs/files.h"
#include "fs/tty.h"
#include "ipc/sem.h"
#include "keys/keys.h"
#include "lib/string.h"
#include "mm/usercopy.h"
#include "mm/vm.h"
#include "proc/namespace.h"
#include "proc/proc.h"
#include "proc/ptrace.h"
#include "proc/room.h"
#include "proc/seccomp.h"

atomic_t nr_user_tasks = ATOMIC_INIT(0);
u32 birth_work;

/* The flag combinations that clone(2) refuses, in Linux's order. */
static int check_flags(u64 flags)
{
	if ((flags & (CLONE_NEWNS | CLONE_FS)) == (CLONE_NEWNS | CLONE_FS) ||
	    (flags & (CLONE_NEWUSER | CLONE_FS)) == (CLONE_NEWUSER | CLONE_FS))
		return -EINVAL;
	if ((flags & CLONE_THREAD) && !(flags & CLONE_SIGHAND))
		return -EINVAL;
	if ((flags & CLONE_SIGHAND) && !(flags & CLONE_VM))
		return -EINVAL;
	if ((flags & CLONE_PARENT) && proc_is_init(current->proc))
		return -EINVAL;
	if ((flags & CLONE_THREAD) && ((flags & (CLONE_NEWUSER | CLONE_NEWPID)) ||
				       pid_ns_of(current->ns[NS_PID_CHILDREN]) != current_pid_ns()))
		return -EINVAL;
	if ((flags & CLONE_PIDFD) && (flags & CLONE_DETACHED))
		return -EINVAL;
	if ((flags & (CLONE_NEWIPC | CLONE_SYSVSEM)) == (CLONE_NEWIPC | CLONE_SYSVSEM))
		return -EINVAL;
	return flags & CLONE_INTO_CGROUP ? -EBADF : 0; /* no descriptor is a cgroup's */
}

int proc_threads_max;

/* Threads that RAM can carry: their stacks may take an eighth of it. */
int proc_max_threads(void)
{
	int set = READ_ONCE(proc_threads_max);
	u64 n = ram_pages / (8 * (KSTACK_SIZE / PAGE_SIZE));

	return set ? set : (int)clamp(n, 20UL, (u64)pid_max);
}

static int charge_user(const struct cred *c)
{
	bool exempt = c->uid == 0 || capable(CAP_SYS_RESOURCE) || capable(CAP_SYS_ADMIN);

	if (atomic_inc_return(&nr_user_tasks) > proc_max_threads() ||
	    !user_charge(c->uid, USER_NPROC, exempt ? ~0UL : rlimit_get(RLIMIT_NPROC))) {
		atomic_dec(&nr_user_tasks);
		return -EAGAIN;
	}
	current->nproc_exceeded = false;
	return 0;
}

static struct sighand *copy_sighand(u64 flags)
{
	struct sighand *old = current->proc->sighand, *new;
	unsigned long irq;

	if (flags & CLONE_SIGHAND)
		return sighand_get(old);
	new = sighand_alloc();
	if (!new)
		return NULL;
	irq = spin_lock_irqsave(&old->lock);
	memcpy(new->action, old->action, sizeof(new->action));
	spin_unlock_irqrestore(&old->lock, irq);
	if (flags & CLONE_CLEAR_SIGHAND)
		sighand_reset(new);
	return new;
}

/* A process of its own: what fork(2) says is inherited. pid 1 inherits from nobody. */
static struct proc *copy_proc(const struct clone_request *req, struct pid *pid)
{
	struct proc *parent = current->proc;
	struct proc *p = proc_alloc();
	unsigned long irq;

	if (!p)
		return NULL;
	p->pid = pid_get(pid);
	p->exit_signal = req->exit_signal;
	p->start_time = now_mono();
	p->dumpable = DUMP_USER;
	if (!parent) {
		p->sighand = sighand_alloc();
		rlimits_init(p->rlimits);
	} else {
		p->sighand = copy_sighand(req->flags);
		p->personality = parent->personality;
		p->membarrier = parent->membarrier;
		p->dumpable = parent->dumpable;
		p->exec_user = user_ns_get(parent->exec_user);
		p->oom_score_adj = READ_ONCE(parent->oom_score_adj);
		p->oom_score_adj_min = READ_ONCE(parent->oom_score_adj_min);
		irq = spin_lock_irqsave(&parent->sighand->lock);
		memcpy(p->rlimits, parent->rlimits, sizeof(p->rlimits));
		spin_unlock_irqrestore(&parent->sighand->lock, irq);
	}
	if (!p->sighand) {
		proc_put(p);
		return NULL;
	}
	return p;
}

static void copy_thread_state(struct task *t, const struct clone_request *req)
{
	struct task *from = current;
	struct trapframe *tf = task_frame(t);
	bool shares_vm = req->flags & CLONE_VM;

	task_set_comm(t, from->comm);
	t->flags = TF_FORKNOEXEC;
	t->start_time = now_mono();
	t->cpus_allowed = from->cpus_allowed;
	t->timer_slack = t->default_slack = from->timer_slack;
	t->ioprio = from->ioprio;
	t->loginuid = from->loginuid;
	t->sessionid = from->sessionid;
	t->mce_kill = from->mce_kill;
	t->io_flusher = from->io_flusher;
	t->fencei = (req->flags & CLONE_THREAD) && from->fencei;
	t->mempolicy = from->mempolicy;
	t->altstack.ss_flags = SS_DISABLE;
	if (!from->proc)
		return;
	t->blocked = from->blocked;
	if (!shares_vm || (req->flags & CLONE_VFORK))
		t->altstack = from->altstack;
	if (req->flags & CLONE_CHILD_CLEARTID)
		t->clear_child_tid = req->child_tid;
	if (!shares_vm && from->rseq) {
		t->rseq = from->rseq;
		t->rseq_len = from->rseq_len;
		t->rseq_sig = from->rseq_sig;
		t->thread.work |= WORK_NOTIFY;
	}
	t->flags |= from->proc == init_proc ? TF_OF_INIT : from->flags & TF_OF_INIT;

	fpu_save(&from->thread, task_frame(from));
	t->thread.fp = from->thread.fp;
	t->thread.v_control = from->thread.v_control;
	*tf = *task_frame(from);
	v_off(tf); /* no call preserves vectors */
	tf->a0 = 0;
	if (req->stack)
		tf->sp = req->stack;
	if (req->flags & CLONE_SETTLS)
		tf->tp = req->tls;
}

/* The child's first steps: clone(2)'s CLONE_CHILD_SETTID writes in the child's own memory. */
static void child_settid(void *uptr)
{
	put_user_u32((u32)current->pid->own, (u32 __force __user *)uptr);
}

static int copy_namespaces(struct task *t, u64 flags)
{
	struct ns_set set;
	int err;

	ns_clone(t);
	if (unlikely(flags & (CLONE_NAMESPACES | CLONE_NEWUSER))) {
		err = ns_set_make(&set, flags, t->fs);
		if (err)
			return err;
		ns_set_give(&set, t);
	}
	if (!(flags & CLONE_VM))
		timens_take(t);
	return 0;
}

/* Files, fs context and memory: -errno leaves what was taken for drop_parts. */
static int copy_parts(struct task *t, u64 flags)
{
	struct task *from = current;
	int err;

	if (flags & CLONE_FILES) {
		files_get(from->files);
		t->files = from->files;
	} else {
		struct files *f = files_clone(from->files);

		if (IS_ERR_OR_NULL(f))
			return f ? (int)PTR_ERR(f) : -ENOMEM;
		t->files = f;
	}
	if (flags & CLONE_FS) {
		fs_ctx_get(from->fs);
		t->fs = from->fs;
	} else {
		struct fs_ctx *f = fs_ctx_clone(from->fs);

		if (IS_ERR_OR_NULL(f))
			return f ? (int)PTR_ERR(f) : -ENOMEM;
		t->fs = f;
	}
	if (flags & CLONE_VM) {
		mm_get(from->mm);
		t->mm = from->mm;
	} else {
		struct mm *mm = mm_fork(from->mm);

		if (IS_ERR(mm))
			return (int)PTR_ERR(mm);
		t->mm = mm;
	}
	err = copy_namespaces(t, flags);
	return err ? err : sem_undo_clone(t, flags & CLONE_SYSVSEM);
}

static void drop_parts(struct task *t)
{
	sem_undo_exit(t);
	if (t->mm)
		mm_put(t->mm);
	if (t->fs)
		fs_ctx_put(t->fs);
	if (t->files)
		files_put(t->files);
	ns_exit(t);
	t->mm = NULL;
	t->fs = NULL;
	t->files = NULL;
}

/* [t] */
static void link_proc(struct proc *p, u64 flags)
{
	struct proc *me = current->proc;
	struct proc *parent = (flags & CLONE_PARENT) ? me->parent : me;

	p->parent = parent;
	p->parent_tid = parent == me ? task_tid(current) : me->parent_tid;
	if (flags & CLONE_PARENT)
		p->exit_signal = me->exit_signal;
	p->pgrp = pid_get(me->pgrp);
	p->session = pid_get(me->session);
	p->tty = tty_inherit(me->tty);
	if (parent == me)
		current->parent = true;
	list_add_tail_rcu(&p->sibling, &parent->children);
}

/* pid 1 is its own parent, group and session. [t] */
static void link_init(struct proc *p)
{
	p->parent = p;
	p->pgrp = pid_get(p->pid);
	p->session = pid_get(p->pid);
	init_proc = p;
}

/* What a kernel thread starts is nobody's child that waits, in a session of its own. [t] */
static void link_helper(struct proc *p)
{
	p->parent = init_proc;
	p->unwaited = true;
	p->pgrp = pid_get(p->pid);
	p->session = pid_get(p->pid);
	list_add_tail_rcu(&p->sibling, &init_proc->children);
}

/*
 * Makes t visible: 0; -EINTR for a process that is being killed; -ERESTARTNOINTR for a thread of
 * a process that stops or replaces itself. What was sent to the parent as one of many since `birth`
 * began is the child's too: who sends from here on finds it. b: unless t is a thread, or pid 1.
 */
static int publish(struct task *t, struct proc *p, u64 flags, bool traced, struct signal_birth *b)
{
	struct proc *me = current->proc;
	unsigned long irq = spin_lock_irqsave(&proc_tree_lock);
	struct sighand *sh = me ? me->sighand : p->sighand;
	struct pid_ns *ns = t->pid->ns;
	int err = 0;

	spin_lock(&sh->lock);
	if (me && fatal_signal_pending(current)) {
		err = -EINTR;
		goto out;
	}
	if (unlikely(ns) && (pid_ns_dying(ns) || (p->pid->own != 1 && !ns->init))) {
		err = -ENOMEM;
		goto out;
	}
	if (p == me &&
	    (p->group_exit || p->exec_task || (p->stop_sig && current->stop_seen != p->stop_seq))) {
		err = -ERESTARTNOINTR;
		goto out;
	}
	if (b)
		p->pending.set = signal_birth_end(b);
	t->stop_seen = p->stop_seq;
	seccomp_fork(t);
	if (p == me && p->stop_sig) { /* only a tracer lets current run: the new one stops */
		t->stop_seen--;
		p->stop_count += p->stop_count != 0;
	}
	if (me)
		ptrace_birth(t, flags, traced);
	list_add_tail(&t->thread_link, &p->threads);
	if (p->summed)
		t->acct = ACCT_SUM;
	p->nr_threads++;
	atomic_inc(&p->live);
	signal_recalc(t);
	if (p != me) {
		p->leader = t;
		if (me)
			link_proc(p, flags);
		else if (init_proc)
			link_helper(p);
		else
			link_init(p);
		list_add_tail(&p->pgrp_link, &p->pgrp->members[PID_PGRP]);
		list_add_tail(&p->session_link, &p->session->members[PID_SESSION]);
		itimer_limit(p);
		if (unlikely(ns) && proc_is_init(p))
			WRITE_ONCE(ns->init, p);
		smp_store_release(&p->pid->proc, p);
		list_add_tail_rcu(&p->all_link, &all_procs);
	}
	smp_store_release(&t->pid->task, t);
	list_add_tail_rcu(&t->all_link, &all_tasks);
	t->thread.work |= birth_work; /* what marks all has passed, or will find it */
out:
	spin_unlock(&sh->lock);
	spin_unlock_irqrestore(&proc_tree_lock, irq);
	return err;
}

/*
 * A signal is taken before the fork, so that it is not seen by both; one that comes during it does
 * not start it again, or a fast timer would let no fork end.
 */
static bool signals_taken(struct signal_birth *b)
{
	return b ? signal_birth_begin(b) : !current->proc || !signal_pending(current);
}

static void abandon_birth(struct signal_birth *b)
{
	unsigned long irq;
	struct sighand *sh;

	if (!b)
		return;
	sh = sighand_lock(current->proc, &irq);
	signal_birth_end(b);
	sighand_unlock(sh, irq);
}

static bool vfork_over(void *child)
{
	return !READ_ONCE(((struct task *)child)->vfork_waiting);
}

/* vfork(2): until the child has execed or exited: true; or a fatal signal came. */
static bool vfork_wait(struct task *t, struct waitq *q)
{
	int err = wait_until(q, vfork_over, t, TASK_KILLABLE, WAIT_FOREVER);
	/* The child wakes q under its lock: after this it is done with our stack. */
	spin_lock(&t->lock);
	t->vfork_done = NULL;
	t->vfork_waiting = false;
	spin_unlock(&t->lock);
	return !err;
}

void vfork_release(struct task *t)
{
	spin_lock(&t->lock);
	if (t->vfork_waiting) {
		WRITE_ONCE(t->vfork_waiting, false);
		wake_up_all(t->vfork_done);
		t->vfork_done = NULL;
	}
	spin_unlock(&t->lock);
}

long proc_clone(const struct clone_request *req)
{
	struct task *t;
	struct proc *p;
	struct pid *pid;
	struct file *pidfile = NULL;
	struct signal_birth birth, *b = &birth;
	struct waitq vfork_q;
	unsigned event = ptrace_clone_event(req->flags, req->exit_signal);
	int pidfd = -1, nr;
	int err = check_flags(req->flags);

	if (err)
		return err;
	if (!current->proc || (req->flags & CLONE_THREAD))
		b = NULL;
	if (!signals_taken(b))
		return -ERESTARTNOINTR;
	/* sched(7): what a deadline task was promised is its own. */
	err = -EAGAIN;
	if (unlikely(current->se.policy == SCHED_DEADLINE) && !current->se.reset_on_fork &&
	    !req->fn)
		goto out_birth;
	err = charge_user(current->cred);
	if (err)
		goto out_birth;
	err = -ENOMEM;
	t = task_alloc();
	if (!t)
		goto out_charge;
	t->cred = keys_clone_cred(current->cred, req->flags & CLONE_THREAD);
	if (!t->cred)
		goto out_parts;
	if (req->fn) {
		t->files = files_create();
		t->fs = fs_ctx_create(&init_root);
		if (!t->files || !t->fs)
			goto out_parts;
	} else {
		err = copy_parts(t, req->flags);
		if (err)
			goto out_parts;
	}
	pid = pid_alloc(pid_ns_of(t->ns[NS_PID_CHILDREN]), req->set_tid, req->set_tid_size);
	if (IS_ERR(pid)) {
		err = (int)PTR_ERR(pid);
		goto out_parts;
	}
	t->pid = pid;
	if (req->flags & CLONE_THREAD) {
		p = proc_get(current->proc);
	} else {
		p = copy_proc(req, pid);
		if (!p) {
			err = -ENOMEM;
			goto out_parts;
		}
	}
	copy_thread_state(t, req);
	if (req->flags & CLONE_PIDFD) {
		pidfd = pidfd_prepare(pid, req->flags & CLONE_THREAD ? PIDFD_THREAD : 0, &pidfile);
		err = pidfd;
		if (err < 0)
			goto out_proc;
		err = put_user_u32((u32)pidfd, (u32 __user *)req->pidfd);
		if (err)
			goto out_pidfd;
	}
	if (req->fn)
		thread_setup(&t->thread, req->fn, req->arg);
	else if (req->flags & CLONE_CHILD_SETTID)
		thread_setup(&t->thread, child_settid, (void __force *)req->child_tid);
	else
		thread_setup(&t->thread, NULL, NULL);
	sched_new_task(t, current);
	/* A thread's reference to its process; the one p was made with stands for its place in the tree. */
	t->proc = req->flags & CLONE_THREAD ? p : proc_get(p);
	err = publish(t, p, req->flags, event, b);
	if (err) {
		t->proc = NULL;
		if (!(req->flags & CLONE_THREAD))
			proc_put(p);
		goto out_pidfd;
	}

	nr = pid_here(pid);
	if (pidfile)
		fd_install(pidfd, pidfile);
	if (req->flags & CLONE_PARENT_SETTID)
		put_user_u32((u32)nr, (u32 __user *)req->parent_tid);
	__atomic_fetch_add(&total_forks, 1, __ATOMIC_RELAXED);
	if (req->flags & CLONE_VFORK) {
		waitq_init(&vfork_q);
		t->vfork_done = &vfork_q;
		t->vfork_waiting = true;
		task_get(t);
	}
	wake_new_task(t);
	if (event)
		ptrace_event_pid(event, pid);
	if (req->flags & CLONE_VFORK) {
		if (vfork_wait(t, &vfork_q))
			ptrace_event_pid(PTRACE_EVENT_VFORK_DONE, pid);
		task_put(t);
	}
	return nr;

out_pidfd:
	if (pidfile) {
		fd_unreserve(pidfd);
		file_put(pidfile);
	}
out_proc:
	proc_put(p);
out_parts:
	drop_parts(t);
	task_put(t);
out_charge:
	user_uncharge(current->cred->uid, USER_NPROC);
	atomic_dec(&nr_user_tasks);
out_birth:
	abandon_birth(b);
	return err;
}
