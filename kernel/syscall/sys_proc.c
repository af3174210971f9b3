/*
 * Process system calls: decoding and checking for clone(2), execve(2), exit(2),
 * wait4(2), waitid(2), getpid(2) and its family, process groups and sessions
 * (setpgid(2), setsid(2)), pidfds. proc/ acts; the tree is proc_tree_lock's.
 */
#include <compiler.h>
#include <err.h>
#include <syscalls.h>
#include <uapi/errno.h>
#include <uapi/fcntl.h>
#include <uapi/sched.h>
#include <uapi/signal.h>
#include <uapi/wait.h>

#include "alloc/slab.h"
#include "core/pidns.h"
#include "fs/files.h"
#include "fs/nsfs.h"
#include "fs/tty.h"
#include "ipc/sem.h"
#include "lib/string.h"
#include "mm/usercopy.h"
#include "proc/namespace.h"
#include "proc/proc.h"
#include "proc/room.h"
#include "proc/yama.h"

#define SET_TID_LEVELS 32 /* more than any nesting of pid namespaces */

/* --- birth --------------------------------------------------------------------------------------- */

long sys_clone(unsigned long flags, unsigned long stack, void __user *parent_tid, unsigned long tls,
	       void __user *child_tid)
{
	struct clone_request req = {
		.flags = (u32)flags & ~CSIGNAL,
		.exit_signal = (int)(flags & CSIGNAL),
		.stack = stack,
		.tls = tls,
		.pidfd = parent_tid,
		.parent_tid = parent_tid,
		.child_tid = child_tid,
	};

	/* Both would be stored in the same place. */
	if ((flags & CLONE_PIDFD) && (flags & CLONE_PARENT_SETTID))
		return -EINVAL;
	return proc_clone(&req);
}

static bool clone3_valid(const struct clone_args *a)
{
	const u64 known = 0xffffffffUL | CLONE_CLEAR_SIGHAND | CLONE_INTO_CGROUP;

	if (a->flags & ~known)
		return false;
	if (a->flags & (CLONE_DETACHED | (CSIGNAL & ~CLONE_NEWTIME)))
		return false;
	if ((a->flags & CLONE_SIGHAND) && (a->flags & CLONE_CLEAR_SIGHAND))
		return false;
	if ((a->flags & (CLONE_THREAD | CLONE_PARENT)) && a->exit_signal)
		return false;
	if ((a->flags & CLONE_PIDFD) && (a->flags & CLONE_PARENT_SETTID) &&
	    a->pidfd == a->parent_tid)
		return false;
	if (!a->stack)
		return !a->stack_size;
	return a->stack_size && user_range_ok((const void __user *)a->stack, a->stack_size);
}

long sys_clone3(void __user *uargs, size_t size)
{
	struct clone_args a;
	int tids[SET_TID_LEVELS];
	int err;

	if (size > PAGE_SIZE)
		return -E2BIG;
	if (size < CLONE_ARGS_SIZE_VER0)
		return -EINVAL;
	err = copy_struct_from_user(&a, sizeof(a), uargs, size);
	if (err)
		return err;
	if (a.set_tid_size > SET_TID_LEVELS || !a.set_tid != !a.set_tid_size)
		return -EINVAL;
	if (a.exit_signal > _NSIG)
		return -EINVAL;
	if ((a.flags & CLONE_INTO_CGROUP) && (a.cgroup > S32_MAX || size < CLONE_ARGS_SIZE_VER2))
		return -EINVAL;
	if (a.set_tid_size &&
	    copy_from_user(tids, (const void __user *)a.set_tid, a.set_tid_size * sizeof(tids[0])))
		return -EFAULT;
	if (!clone3_valid(&a))
		return -EINVAL;

	struct clone_request req = {
		.flags = a.flags,
		.exit_signal = (int)a.exit_signal,
		.stack = a.stack ? a.stack + a.stack_size : 0,
		.tls = a.tls,
		.pidfd = (int __user *)a.pidfd,
		.parent_tid = (int __user *)a.parent_tid,
		.child_tid = (u32 __user *)a.child_tid,
		.set_tid = tids,
		.set_tid_size = (unsigned)a.set_tid_size,
	};

	return proc_clone(&req);
}

/* --- what is shared (unshare(2), setns(2)) --------------------------------------------------------- */

/* A copy, to be current's; NULL: it shares none. ERR_PTR. */
static struct fs_ctx *unshare_fs(void)
{
	struct fs_ctx *old = current->fs, *new;

	if (atomic_read(&old->refs) == 1)
		return NULL;
	new = fs_ctx_clone(old);
	return new ? new : ERR_PTR(-ENOMEM);
}

static void enter_fs(struct fs_ctx *new)
{
	struct task *t = current;
	struct fs_ctx *old = t->fs;

	spin_lock(&t->lock);
	t->fs = new;
	spin_unlock(&t->lock);
	fs_ctx_put(old);
}

/* Threads, handlers and memory cannot be parted: they may be asked for by who has them alone. */
static bool is_alone(u64 flags)
{
	struct proc *p = current->proc;

	if ((flags & (CLONE_THREAD | CLONE_SIGHAND | CLONE_VM)) && READ_ONCE(p->nr_threads) > 1)
		return false;
	if ((flags & (CLONE_SIGHAND | CLONE_VM)) && atomic_read(&p->sighand->refs) > 1)
		return false;
	return !(flags & CLONE_VM) || atomic_read(&current->mm->users) == 1;
}

long sys_unshare(unsigned long flags)
{
	const u64 namespaces = CLONE_NAMESPACES | CLONE_NEWUSER;
	struct fs_ctx *fs;
	struct ns_set set;
	long err;

	if (flags & ~(namespaces | CLONE_THREAD | CLONE_FS | CLONE_SIGHAND | CLONE_VM |
		      CLONE_FILES | CLONE_SYSVSEM))
		return -EINVAL;
	if (flags & CLONE_NEWUSER)
		flags |= CLONE_THREAD | CLONE_FS;
	if (flags & CLONE_NEWNS)
		flags |= CLONE_FS;
	if (!is_alone(flags))
		return -EINVAL;
	fs = flags & CLONE_FS ? unshare_fs() : NULL;
	if (IS_ERR(fs))
		return PTR_ERR(fs);
	err = ns_set_make(&set, flags, fs ? fs : current->fs);
	if (!err && (flags & CLONE_FILES)) {
		err = files_unshare();
		if (err)
			ns_set_drop(&set);
	}
	if (err) {
		if (fs)
			fs_ctx_put(fs);
		return err;
	}
	if (fs)
		enter_fs(fs);
	ns_set_enter(&set);
	if (flags & CLONE_SYSVSEM)
		sem_undo_exit(current);
	return 0;
}

long sys_setns(int fd, unsigned long nstype)
{
	const u64 namespaces = (CLONE_NAMESPACES | CLONE_NEWUSER) & ~CLONE_NEWCGROUP;
	struct file *f = fd_get(fd);
	struct ns *n;
	struct pid *pid;
	struct task *t;
	long err = -EINVAL;

	if (!f)
		return -EBADF;
	n = file_ns(f);
	pid = pidfd_pid(f);
	if (n) {
		err = nstype && nstype != ns_flag[n->type] ? -EINVAL : ns_join(n);
	} else if (!IS_ERR(pid) && nstype && !(nstype & ~namespaces)) {
		t = pid_task_get(pid);
		err = t ? ns_join_task(t, nstype) : -ESRCH;
		if (t)
			task_put(t);
	}
	file_put(f);
	return err;
}

/* --- exec ------------------------------------------------------------------------------------------ */

static long exec_user(int dfd, const char __user *upath, const char __user *const __user *argv,
		      const char __user *const __user *envp, int flags)
{
	struct strings a = { .user = argv }, e = { .user = envp };
	char *name = getname(upath, flags & AT_EMPTY_PATH);
	long err;

	if (IS_ERR(name))
		return PTR_ERR(name);
	err = flags & ~(AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW) ? -EINVAL :
							       proc_exec(dfd, name, flags, &a, &e);
	putname(name);
	return err;
}

long sys_execve(const char __user *path, const char __user *const __user *argv,
		const char __user *const __user *envp)
{
	return exec_user(AT_FDCWD, path, argv, envp, 0);
}

long sys_execveat(int dirfd, const char __user *path, const char __user *const __user *argv,
		  const char __user *const __user *envp, int flags)
{
	return exec_user(dirfd, path, argv, envp, flags);
}

/* --- death and waiting -------------------------------------------------------------------------------- */

long sys_exit(int status)
{
	thread_exit((status & 0xff) << 8);
}

long sys_exit_group(int status)
{
	group_exit((status & 0xff) << 8);
}

/* The caller's process group, referenced: another thread or the parent may move it meanwhile. */
static struct pid *own_group(void)
{
	unsigned long irq = spin_lock_irqsave(&proc_tree_lock);
	struct pid *p = pid_get(current->proc->pgrp);

	spin_unlock_irqrestore(&proc_tree_lock, irq);
	return p;
}

/* The pid of a descriptor, referenced; *nonblock: PIDFD_NONBLOCK. */
static struct pid *pid_of_fd(int fd, bool *nonblock)
{
	struct file *f = fd_get(fd);
	struct pid *p;

	if (!f)
		return ERR_PTR(-EBADF);
	p = pidfd_pid(f);
	if (!IS_ERR(p))
		pid_get(p);
	if (nonblock)
		*nonblock = READ_ONCE(f->flags) & O_NONBLOCK;
	file_put(f);
	return p;
}

long sys_wait4(int pid, int __user *wstatus, int options, void __user *rusage)
{
	struct wait_request req = { .options = options | WEXITED };
	long ret;

	if ((u32)options & ~(WNOHANG | WUNTRACED | WCONTINUED | __WNOTHREAD | __WCLONE | __WALL))
		return -EINVAL;
	if (pid == S32_MIN)
		return -ESRCH;
	if (pid == -1) {
		req.which = P_ALL;
	} else if (pid <= 0) {
		req.which = P_PGID;
		req.pid = pid ? pid_find_get(-pid) : own_group();
	} else {
		req.which = P_PID;
		req.pid = pid_find_get(pid);
	}
	ret = proc_wait(&req);
	pid_put(req.pid);
	if (ret <= 0)
		return ret;
	if (wstatus && put_user_u32((u32)req.result.status, (u32 __user *)wstatus))
		return -EFAULT;
	if (rusage && copy_to_user(rusage, &req.result.usage, sizeof(req.result.usage)))
		return -EFAULT;
	return ret;
}

/* Whom waitid(2) names: req->which and req->pid (referenced). *nonblock as WNOHANG, but -EAGAIN. */
static int waitid_target(struct wait_request *req, int which, int id, bool *nonblock)
{
	struct pid *p;

	req->which = which;
	switch (which) {
	case P_ALL:
		return 0;
	case P_PID:
		if (id <= 0)
			return -EINVAL;
		req->pid = pid_find_get(id);
		return 0;
	case P_PGID:
		if (id < 0)
			return -EINVAL;
		req->pid = id ? pid_find_get(id) : own_group();
		return 0;
	case P_PIDFD:
		if (id < 0)
			return -EINVAL;
		p = pid_of_fd(id, nonblock);
		if (IS_ERR(p))
			return (int)PTR_ERR(p);
		req->which = P_PID;
		req->pid = p;
		return 0;
	default:
		return -EINVAL;
	}
}

/* As proc_wait; req->options are the caller's. */
static long do_waitid(struct wait_request *req, int which, int pid)
{
	int options = req->options;
	bool nonblock = false;
	long ret;

	if ((u32)options & ~(WNOHANG | WNOWAIT | WEXITED | WSTOPPED | WCONTINUED | __WNOTHREAD |
			     __WCLONE | __WALL))
		return -EINVAL;
	if (!(options & (WEXITED | WSTOPPED | WCONTINUED)))
		return -EINVAL;
	ret = waitid_target(req, which, pid, &nonblock);
	if (ret)
		return ret;
	if (nonblock)
		req->options |= WNOHANG;
	ret = proc_wait(req);
	pid_put(req->pid);
	return ret == 0 && nonblock && !(options & WNOHANG) ? -EAGAIN : ret;
}

long sys_waitid(int which, int pid, void __user *infop, int options, void __user *ru)
{
	struct wait_request req = { .options = options };
	long ret = do_waitid(&req, which, pid);
	siginfo_t si;

	memset(&si, 0, sizeof(si));
	if (ret > 0) {
		si.si_signo = SIGCHLD;
		si.si_code = req.result.code;
		si.si_pid = req.result.pid;
		si.si_uid = uid_shown(current_user_ns(), req.result.uid);
		si.si_status = req.result.si_status;
		if (ru && copy_to_user(ru, &req.result.usage, sizeof(req.result.usage)))
			return -EFAULT;
	}
	/* Linux writes these members alone, and when there is nothing to tell zeros. */
	if (infop &&
	    (copy_to_user(infop, &si, offsetof(siginfo_t, si_pad0_)) ||
	     copy_to_user((u8 __user *)infop + offsetof(siginfo_t, si_pid), &si.si_pid, 12)))
		return -EFAULT;
	return min(ret, 0L);
}

/* --- who am I -------------------------------------------------------------------------------------------- */

long sys_getpid(void)
{
	return current->proc->pid->own;
}

long sys_gettid(void)
{
	return current->pid->own;
}

long sys_getppid(void)
{
	struct proc *p = current->proc, *parent = READ_ONCE(p->parent);

	return parent == p ? 0 : pid_here(parent->pid);
}

long sys_set_tid_address(void __user *tidptr)
{
	current->clear_child_tid = tidptr;
	return current->pid->own;
}

/* --- groups and sessions ----------------------------------------------------------------------------------- */

/* pid 0 is the caller. Referenced; NULL: no such process. */
static struct proc *proc_named(int pid)
{
	return pid ? proc_find_get(pid) : proc_get(current->proc);
}

long sys_getpgid(int pid)
{
	struct proc *p = proc_named(pid);
	long nr;

	if (!p)
		return -ESRCH;
	nr = pid_here(READ_ONCE(p->pgrp));
	proc_put(p);
	return nr;
}

long sys_getsid(int pid)
{
	struct proc *p = proc_named(pid);
	long nr;

	if (!p)
		return -ESRCH;
	nr = pid_here(READ_ONCE(p->session));
	proc_put(p);
	return nr;
}

/* [t] setpgid(2): may the caller put p into the group numbered pgid? The group is *pgrp. */
static int setpgid_check(struct proc *p, int pgid, struct pid **pgrp)
{
	struct proc *me = current->proc, *member;
	struct pid *g;

	if (!p->leader) /* reaped meanwhile */
		return -ESRCH;
	if (p != me) {
		if (p->parent != me)
			return -ESRCH;
		if (p->session != me->session)
			return -EPERM;
		if (p->did_exec)
			return -EACCES;
	}
	if (p->session_leader)
		return -EPERM;
	if (pgid == pid_here(p->pid)) {
		*pgrp = p->pid;
		return 0;
	}
	g = pid_find(pgid);
	if (!g || list_empty(&g->members[PID_PGRP]))
		return -EPERM;
	member = list_first_entry(&g->members[PID_PGRP], struct proc, pgrp_link);
	if (member->session != me->session)
		return -EPERM;
	*pgrp = g;
	return 0;
}

/* [t] Returns the group left, to be put. */
static struct pid *join_group(struct proc *p, struct pid *pgrp)
{
	struct pid *old = p->pgrp;

	list_del(&p->pgrp_link);
	p->pgrp = pid_get(pgrp);
	list_add_tail(&p->pgrp_link, &pgrp->members[PID_PGRP]);
	pid_left(old);
	return old;
}

long sys_setpgid(int pid, int pgid)
{
	struct proc *p;
	struct pid *pgrp, *old = NULL;
	unsigned long irq;
	int err;

	if (!pgid)
		pgid = pid ? pid : current->proc->pid->own;
	if (pgid < 0)
		return -EINVAL;
	p = proc_named(pid);
	if (!p)
		return -ESRCH;
	irq = spin_lock_irqsave(&proc_tree_lock);
	err = setpgid_check(p, pgid, &pgrp);
	if (!err && pgrp != p->pgrp)
		old = join_group(p, pgrp);
	spin_unlock_irqrestore(&proc_tree_lock, irq);
	pid_put(old);
	proc_put(p);
	return err;
}

long sys_setsid(void)
{
	struct proc *p = current->proc;
	struct pid *old_pgrp, *old_session;
	struct tty *tty;
	unsigned long irq = spin_lock_irqsave(&proc_tree_lock);

	if (p->session_leader || !list_empty(&p->pid->members[PID_PGRP])) {
		spin_unlock_irqrestore(&proc_tree_lock, irq);
		return -EPERM;
	}
	old_pgrp = join_group(p, p->pid);
	old_session = p->session;
	list_del(&p->session_link);
	p->session = pid_get(p->pid);
	list_add_tail(&p->session_link, &p->pid->members[PID_SESSION]);
	pid_left(old_session);
	p->session_leader = true;
	tty = p->tty;
	p->tty = NULL;
	spin_unlock_irqrestore(&proc_tree_lock, irq);
	tty_put(tty);
	pid_put(old_pgrp);
	pid_put(old_session);
	return p->pid->own;
}

/* --- pidfds --------------------------------------------------------------------------------------------------- */

long sys_pidfd_open(int nr, unsigned long flags)
{
	struct pid *pid;
	struct file *f;
	int fd;

	if ((u32)flags & ~(u32)(PIDFD_NONBLOCK | PIDFD_THREAD) || nr <= 0)
		return -EINVAL;
	pid = pid_find_get(nr);
	if (!pid)
		return -ESRCH;
	if (flags & PIDFD_THREAD ? !READ_ONCE(pid->task) : !READ_ONCE(pid->proc))
		fd = pid_in_use(pid) ? -EINVAL : -ESRCH;
	else
		fd = pidfd_prepare(pid, (u32)flags, &f);
	if (fd >= 0)
		fd_install(fd, f);
	pid_put(pid);
	return fd;
}

long sys_pidfd_getfd(int pidfd, int targetfd, unsigned long flags)
{
	struct pid *pid;
	struct task *t;
	struct file *f;
	long fd;

	if (flags)
		return -EINVAL;
	pid = pid_of_fd(pidfd, NULL);
	if (IS_ERR(pid))
		return PTR_ERR(pid);
	t = pid_task_get(pid);
	pid_put(pid);
	if (!t)
		return -ESRCH;
	fd = -EPERM;
	if (ptrace_may_access(t, true) && yama_may_attach(t)) {
		f = task_fd_get(t, targetfd);
		if (IS_ERR_OR_NULL(f))
			fd = t->flags & TF_EXITING ? -ESRCH : -EBADF;
		else if (!ptrace_may_access(t, true)) /* after an execve(2) meanwhile */
			file_put(f);
		else
			fd = fd_open_file(f, O_CLOEXEC);
	}
	task_put(t);
	return fd;
}

long sys_vhangup(void)
{
	if (!capable(CAP_SYS_TTY_CONFIG))
		return -EPERM;
	tty_vhangup();
	return 0;
}
