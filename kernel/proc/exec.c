/*
 * execve(2) and execveat(2): opening the file and checking it, building the
 * new space aside, and the point of no return, where current becomes single
 * and trades everything of the old program for the new. Formats are elf.c and
 * script.c, the stack is args.c.
 *
 * Until exec_commit a failure leaves the caller as it was; after it, it ends
 * the process with SIGSEGV. current works on its own parts: the shared ones
 * are changed under proc_tree_lock and sighand->lock.
 */
#include "proc/exec.h"

#include <atomic.h>
#include <compiler.h>
#include <err.h>
#include <uapi/errno.h>
#include <uapi/fcntl.h>
#include <uapi/mount.h>
#include <uapi/personality.h>
#include <uapi/resource.h>
#include <uapi/signal.h>
#include <uapi/stat.h>

#include "alloc/slab.h"
#include "core/random.h"
#include "core/task.h"
#include "core/timens.h"
#include "fs/files.h"
#include "fs/landlock.h"
#include "fs/lease.h"
#include "fs/notify.h"
#include "lib/printf.h"
#include "lib/string.h"
#include "proc/posix_timer.h"
#include "proc/ptrace.h"
#include "proc/room.h"
#include "proc/seccomp.h"

#define SCRIPT_DEPTH	   5 /* interpreters that are scripts themselves */
#define STACK_RANDOM_BYTES (0x3ffffUL << PAGE_SHIFT)
#define STACK_GAP_MIN	   (128UL << 20)
#define STACK_GUARD_BYTES  (1UL << 20)

/* --- files -------------------------------------------------------------------------------------------- */

static struct file *open_checked(const struct path *p)
{
	struct inode *i = p->dentry->inode;
	struct file *f;
	int err;

	if (S_ISLNK(i->mode))
		return ERR_PTR(-ELOOP);
	err = inode_permission(p->mnt, i, MAY_EXEC);
	if (!err)
		err = landlock_may(p, LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_EXECUTE);
	if (err)
		return ERR_PTR(err);
	if (!S_ISREG(i->mode) || path_noexec(p))
		return ERR_PTR(-EACCES);
	err = inode_deny_write(i);
	if (err)
		return ERR_PTR(err);
	/* Execute permission is enough: the file need not be readable. */
	f = file_alloc(p, FMODE_READ | FMODE_PREAD, O_RDONLY, i->fops);
	if (IS_ERR(f)) {
		inode_allow_write(i);
		return f;
	}
	err = notify_ask(f, FAN_OPEN_EXEC_PERM);
	if (!err)
		err = notify_ask(f, FAN_OPEN_PERM);
	if (!err)
		err = lease_break(i, O_RDONLY);
	if (!err && f->ops->open)
		err = f->ops->open(i, f);
	if (err) {
		f->mode |= FMODE_NONOTIFY;
		exec_close(f);
		return ERR_PTR(err);
	}
	notify_file(f, IN_OPEN | FAN_OPEN_EXEC);
	return f;
}

struct file *exec_open(int dfd, const char *name, unsigned lookup_flags)
{
	struct path p;
	struct file *f;
	int err = path_lookup(dfd, name, lookup_flags, &p);

	if (err)
		return ERR_PTR(err);
	f = open_checked(&p);
	path_put(&p);
	return f;
}

void exec_close(struct file *f)
{
	inode_allow_write(f->inode);
	file_put(f);
}

/* mm->exe holds the file open and denied to writers for as long as somebody runs it. */
static void exe_get(struct file *f)
{
	inode_deny_write(f->inode);
	file_get(f);
}

void exec_init(void)
{
	mm_exe_get = exe_get;
	mm_exe_put = exec_close;
}

static int exec_read_head(struct exec *x)
{
	ssize_t n;

	memset(x->head, 0, sizeof(x->head));
	n = kernel_read(x->file, x->head, sizeof(x->head), 0);
	return n < 0 ? (int)n : 0;
}

static bool fd_is_cloexec(int fd)
{
	struct files *fs = current->files;
	struct fdtable *t;
	bool yes;

	spin_lock(&fs->lock);
	t = fs->table;
	yes = fd >= 0 && (unsigned)fd < t->max && (t->cloexec[fd / 64] >> (fd % 64) & 1);
	spin_unlock(&fs->lock);
	return yes;
}

/* Opens what the caller named and decides how the program is told its name. */
static int open_image(struct exec *x, int dfd, const char *name, int flags)
{
	unsigned look = flags & AT_SYMLINK_NOFOLLOW ? 0 : LOOKUP_FOLLOW;
	size_t n = strlen(name) + 32;

	if (flags & AT_EMPTY_PATH)
		look |= LOOKUP_EMPTY;
	x->file = exec_open(dfd, name, look);
	if (IS_ERR(x->file)) {
		int err = (int)PTR_ERR(x->file);

		x->file = NULL;
		return err;
	}
	x->filename = name;
	if (dfd == AT_FDCWD || name[0] == '/')
		return 0;
	x->fdpath = kmalloc(n, 0);
	if (!x->fdpath)
		return -ENOMEM;
	if (*name)
		snprintf(x->fdpath, n, "/dev/fd/%d/%s", dfd, name);
	else
		snprintf(x->fdpath, n, "/dev/fd/%d", dfd);
	x->filename = x->fdpath;
	x->inaccessible = fd_is_cloexec(dfd);
	return 0;
}

/* --- the point of no return --------------------------------------------------------------------------------- */

void sighand_reset(struct sighand *sh)
{
	for (unsigned i = 0; i < ARRAY_SIZE(sh->action); i++) {
		struct ksigaction *ka = &sh->action[i];

		if (ka->handler != (void *)SIG_IGN)
			ka->handler = (void *)SIG_DFL;
		ka->flags = 0;
		ka->mask = 0;
	}
}

/* Handlers are this process's alone from here on, and default ones (execve(2)). */
static int take_sighand(struct proc *p)
{
	struct sighand *old = p->sighand, *new = NULL;
	unsigned long irq;

	if (atomic_read(&old->refs) > 1) {
		new = sighand_alloc();
		if (!new)
			return -ENOMEM;
	}
	/* Who holds either lock may use p->sighand. */
	irq = spin_lock_irqsave(&proc_tree_lock);
	spin_lock(&old->lock);
	if (new) {
		memcpy(new->action, old->action, sizeof(new->action));
		sighand_reset(new);
		smp_store_release(&p->sighand, new);
	} else {
		sighand_reset(old);
	}
	spin_unlock(&old->lock);
	spin_unlock_irqrestore(&proc_tree_lock, irq);
	if (new)
		sighand_put(old);
	return 0;
}

/* The old memory goes, with everything that pointed into it. */
static void take_mm(struct exec *x)
{
	struct task *t = current;
	struct mm *old = t->mm;
	unsigned long irq;

	task_release_mm(t);
	if (old) {
		u64 rss = max(mm_rss(old), old->rss_max);

		x->mm->flags = mm_flags_inherited(READ_ONCE(old->flags));
		irq = spin_lock_irqsave(&t->proc->sighand->lock);
		t->proc->maxrss = max(t->proc->maxrss, rss);
		spin_unlock_irqrestore(&t->proc->sighand->lock, irq);
	}
	x->mm->exe = x->file;
	exe_get(x->file);
	mm_activate(x->mm);
	mm_put(old);
	t->clear_child_tid = NULL;
	t->robust_list = NULL;
	t->robust_len = 0;
	t->restart.fn = NULL;
	altstack_reset(t);
	user_dispatch_off(t);
	t->fencei = false;
}

static const char *basename(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static int commit(struct exec *x)
{
	struct task *t = current;
	struct proc *p = t->proc;
	bool others = READ_ONCE(p->nr_threads) > 1;
	unsigned long irq;
	int err;

	err = exec_prepare_cred(x);
	if (err)
		return err;
	err = proc_kill_other_threads();
	if (err)
		return err;
	x->committed = true;
	/*
	 * Until they died the others could take rights from it (seccomp(2)) or give a part of it
	 * away (CLONE_FS): what it gains is what it may gain now.
	 */
	if (others) {
		cred_put(x->cred);
		x->cred = NULL;
		err = exec_prepare_cred(x);
		if (err)
			return err;
	}
	err = files_unshare();
	if (err)
		return err;
	/* Before the new memory can be seen with the old credentials. */
	if (exec_hides(x))
		p->dumpable = (u8)READ_ONCE(suid_dumpable);
	take_mm(x);
	posix_timers_exit(p);
	err = take_sighand(p);
	if (err)
		return err;
	files_close_on_exec();
	exec_take_cred(x);
	timens_take(t);
	task_set_comm(t, basename(x->filename));
	t->flags &= ~(TF_FORKNOEXEC | TF_OF_INIT);
	irq = spin_lock_irqsave(&proc_tree_lock);
	p->did_exec = true;
	p->exit_signal = SIGCHLD;
	p->membarrier = 0;
	spin_unlock_irqrestore(&proc_tree_lock, irq);
	return 0;
}

int exec_commit(struct exec *x)
{
	int err;

	ptrace_seal(true);
	err = commit(x);
	ptrace_seal(false);
	return err;
}

/* --- all of it ------------------------------------------------------------------------------------------------ */

u64 exec_mmap_random(void)
{
	return (random_u64() & (BIT(READ_ONCE(vm_mmap_random_bits)) - 1)) << PAGE_SHIFT;
}

/* The top-down search for mappings begins below the room that the stack may grow into. */
static u64 mmap_top(const struct exec *x)
{
	u64 pad = STACK_GUARD_BYTES + (x->randomize ? STACK_RANDOM_BYTES : 0);
	u64 gap = rlimit_get(RLIMIT_STACK), top;

	if (gap < USER_TOP)
		gap += pad;
	gap = clamp(gap, STACK_GAP_MIN, USER_TOP / 6 * 5);
	top = USER_TOP - gap;
	if (x->randomize)
		top -= exec_mmap_random();
	return top & PAGE_MASK;
}

static int load(struct exec *x)
{
	int err;

	for (unsigned depth = 0; depth <= SCRIPT_DEPTH; depth++) {
		if (inode_permission(x->file->path.mnt, x->file->inode, MAY_READ))
			x->unreadable = true;
		err = exec_read_head(x);
		if (err)
			return err;
		err = script_load(x);
		if (!err)
			continue;
		return err == -ENOEXEC ? elf_load(x) : err;
	}
	return -ELOOP;
}

int proc_exec(int dfd, const char *name, int flags, const struct strings *argv,
	      const struct strings *envp)
{
	struct exec *x = kzalloc(sizeof(*x), 0);
	struct pid *was;
	int err;

	if (!x)
		return -ENOMEM;
	/* setuid(2) took the user past the limit: that is answered here, where a failure is looked for. */
	if (current->nproc_exceeded &&
	    user_count_read(current->cred->uid, USER_NPROC) > rlimit_get(RLIMIT_NPROC)) {
		kfree(x);
		return -EAGAIN;
	}
	current->nproc_exceeded = false;
	was = pid_get(current->pid);
	x->randomize = vm_randomize && !(current->proc->personality & ADDR_NO_RANDOMIZE);
	err = open_image(x, dfd, name, flags);
	if (err)
		goto out;
	err = -ENOMEM;
	x->mm = mm_create();
	if (!x->mm)
		goto out;
	x->mm->mmap_top = mmap_top(x);
	err = args_copy(x, argv, envp);
	if (!err)
		err = load(x);
	/* Nothing is left to go back to. */
	if (err && x->committed && !fatal_signal_pending(current))
		signal_force(SIGSEGV, SI_KERNEL, 0);
out:
	if (x->mm && x->mm != current->mm)
		mm_put(x->mm);
	if (x->file)
		exec_close(x->file);
	cred_put(x->cred);
	kfree(x->interp);
	kfree(x->fdpath);
	kfree(x);
	if (!err)
		ptrace_event_pid(PTRACE_EVENT_EXEC, was);
	pid_put(was);
	return err;
}
