/*
 * What one process may do to another: ptrace(2), process_vm_readv(2),
 * process_vm_writev(2), kcmp(2), process_mrelease(2). Decoding and checking;
 * proc/ptrace*.c act. Nothing is locked; each look at the other's memory stands
 * for itself.
 */
#include <compiler.h>
#include <err.h>
#include <syscalls.h>
#include <uapi/errno.h>
#include <uapi/mman.h>
#include <uapi/ptrace.h>

#include "alloc/slab.h"
#include "core/random.h"
#include "core/sched.h"
#include "core/task.h"
#include "fs/epoll.h"
#include "fs/files.h"
#include "mm/iter.h"
#include "mm/usercopy.h"
#include "mm/vm.h"
#include "proc/proc.h"
#include "proc/ptrace.h"
#include "proc/yama.h"

long sys_ptrace(long request, int pid, unsigned long addr, unsigned long data)
{
	struct task *t;
	long ret;

	if (request == PTRACE_TRACEME)
		return ptrace_traceme();
	t = task_find_get(pid);
	if (!t)
		return -ESRCH;
	if (request == PTRACE_ATTACH || request == PTRACE_SEIZE)
		ret = ptrace_attach(t, request == PTRACE_SEIZE, addr, data);
	else
		ret = ptrace_request(t, request, addr, data);
	task_put(t);
	return ret;
}

/* --- memory ---------------------------------------------------------------------------------------- */

/* The memory of the process, which current may reach into: referenced, or ERR_PTR. */
static struct mm *mm_of(int pid)
{
	struct task *t = task_find_get(pid);
	struct mm *mm;

	if (!t)
		return ERR_PTR(-ESRCH);
	mm = yama_may_attach(t) ? ptrace_mm_get(t, true) : ERR_PTR(-EPERM);
	task_put(t);
	return mm ? mm : ERR_PTR(-ESRCH);
}

/*
 * One remote piece, through a page of the kernel's: neither space is touched with a lock of the
 * other held. 0, or -EFAULT where it ended early.
 */
static int transfer(struct mm *mm, struct iter *it, u64 addr, size_t n, char *page, bool write)
{
	while (n && it->count) {
		size_t part = min(min(n, it->count), PAGE_SIZE - (addr & (PAGE_SIZE - 1))), got;

		if (write) {
			size_t left = it->count;

			got = iter_copy_from(it, page, part);
			got = mm_copy_to(mm, addr, page, got, false);
			it->count = left - got; /* what arrived counts */
		} else {
			got = mm_copy_from(mm, page, addr, part, false);
			got = iter_copy_to(it, page, got);
		}
		if (got < part)
			return -EFAULT;
		addr += got;
		n -= got;
		cond_resched();
	}
	return 0;
}

static long process_vm_rw(int pid, void __user *lvec, unsigned long liovcnt, void __user *rvec,
			  unsigned long riovcnt, unsigned long flags, bool write)
{
	struct iovec fast[UIO_FASTIOV], *heap, *remote = NULL;
	char *page = NULL;
	struct mm *mm;
	struct iter it;
	size_t all;
	long err;

	if (flags)
		return -EINVAL;
	err = iter_import_iovec(&it, lvec, liovcnt, fast, &heap);
	all = it.count;
	if (err || !all)
		goto out;
	err = -EINVAL;
	if (riovcnt > UIO_MAXIOV)
		goto out;
	err = 0;
	if (!riovcnt)
		goto out;
	remote = memdup_user(rvec, riovcnt * sizeof(*remote));
	if (IS_ERR(remote)) {
		err = PTR_ERR(remote);
		remote = NULL;
		goto out;
	}
	for (unsigned long i = 0; i < riovcnt; i++)
		if ((ssize_t)remote[i].iov_len < 0)
			err = -EINVAL;
	page = kmalloc(PAGE_SIZE, 0);
	if (!err && !page)
		err = -ENOMEM;
	if (err)
		goto out;
	mm = mm_of(pid);
	err = PTR_ERR_OR_ZERO(mm);
	if (err)
		goto out;
	for (unsigned long i = 0; i < riovcnt && it.count && !err; i++)
		err = transfer(mm, &it, (__force u64)remote[i].iov_base, remote[i].iov_len, page,
			       write);
	mm_put(mm);
	if (it.count < all)
		err = (long)(all - it.count);
out:
	kfree(page);
	kfree(remote);
	kfree(heap);
	return err;
}

long sys_process_vm_readv(int pid, void __user *lvec, unsigned long liovcnt, void __user *rvec,
			  unsigned long riovcnt, unsigned long flags)
{
	return process_vm_rw(pid, lvec, liovcnt, rvec, riovcnt, flags, false);
}

long sys_process_vm_writev(int pid, void __user *lvec, unsigned long liovcnt, void __user *rvec,
			   unsigned long riovcnt, unsigned long flags)
{
	return process_vm_rw(pid, lvec, liovcnt, rvec, riovcnt, flags, true);
}

/* What is private to a dying space goes at once, though threads of it still hold it. */
static int mm_reap(struct mm *mm)
{
	u64 addr = 0, start, end;
	struct area *a;
	bool private;

	for (; !fatal_signal_pending(current); addr = end) {
		rwsem_read_lock(&mm->sem);
		a = area_find(mm, addr);
		if (a) {
			start = a->start;
			end = a->end;
			private = !(a->flags & (VM_SHARED | VM_SPECIAL));
		}
		rwsem_read_unlock(&mm->sem);
		if (!a)
			return 0;
		if (private)
			vm_advise(mm, start, end - start, MADV_DONTNEED_LOCKED);
	}
	return -EINTR;
}

/* Is every process that runs in mm dying as a whole? A child of vfork(2) that ends has its parent's. */
static bool all_die(const struct mm *mm)
{
	struct task *t;

	list_for_each_entry_rcu(t, &all_tasks, all_link)
		if (READ_ONCE(t->mm) == mm && !(t->proc && proc_ending(t->proc)))
			return false;
	return true;
}

long sys_process_mrelease(int pidfd, unsigned long flags)
{
	struct file *f;
	struct pid *pid;
	struct proc *p;
	struct task *t;
	struct mm *mm;
	long err;

	if (flags)
		return -EINVAL;
	f = fd_get(pidfd);
	if (!f)
		return -EBADF;
	pid = pidfd_pid(f);
	err = PTR_ERR_OR_ZERO(pid);
	t = err ? NULL : pid_task_get(pid);
	file_put(f);
	if (err)
		return err;
	if (!t)
		return -ESRCH;
	p = t->proc;
	mm = task_mm_get(t);
	if (!mm)
		err = -ESRCH;
	else if (!p || !proc_ending(p) || !all_die(mm))
		err = -EINVAL;
	else
		err = mm_reap(mm);
	if (mm)
		mm_put(mm);
	task_put(t);
	return err;
}

/* --- kcmp --------------------------------------------------------------------------------------------- */

enum { KCMP_FILE, KCMP_VM, KCMP_FILES, KCMP_FS, KCMP_SIGHAND, KCMP_IO, KCMP_SYSVSEM, KCMP_EPOLL };

/* 0 equal, 1 less, 2 more: an order of its own, which tells nobody where anything lies. */
static long order(const void *a, const void *b, unsigned type)
{
	static u64 secret[2];
	u64 x = (u64)a, y = (u64)b;

	if (!secret[1]) {
		secret[0] = random_u64();
		WRITE_ONCE(secret[1], random_u64() | 1);
	}
	x = (x ^ (secret[0] + type)) * secret[1];
	y = (y ^ (secret[0] + type)) * secret[1];
	return (x < y) | (x > y) << 1;
}

/* The file is put: its address alone counts. */
static const void *file_of(struct task *t, u64 fd)
{
	struct file *f = fd <= S32_MAX ? task_fd_get(t, (int)fd) : NULL;

	if (IS_ERR_OR_NULL(f))
		return NULL;
	file_put(f);
	return f;
}

/* struct kcmp_epoll_slot: the toff-th of the files that efd watches by the number tfd. */
static const void *epoll_slot(struct task *t, const void __user *uslot, int *err)
{
	u32 slot[3];
	struct file *ep;
	const void *target;

	*err = -EFAULT;
	if (copy_from_user(slot, uslot, sizeof(slot)))
		return NULL;
	*err = -EBADF;
	ep = task_fd_get(t, (int)slot[0]);
	if (IS_ERR_OR_NULL(ep))
		return NULL;
	target = epoll_target(ep, (int)slot[1], slot[2]);
	*err = PTR_ERR_OR_ZERO(target);
	file_put(ep);
	return target;
}

static const void *part(struct task *t, int type, u64 idx)
{
	switch (type) {
	case KCMP_FILE:
		return file_of(t, idx);
	case KCMP_VM:
		return READ_ONCE(t->mm);
	case KCMP_FILES:
		return READ_ONCE(t->files);
	case KCMP_FS:
		return READ_ONCE(t->fs);
	case KCMP_SIGHAND:
		return t->proc->sighand;
	case KCMP_SYSVSEM:
		return READ_ONCE(t->sem_undo);
	}
	return NULL; /* one set of I/O properties for all */
}

static long compare(struct task *a, struct task *b, int type, u64 idx1, u64 idx2)
{
	const void *x, *y;
	int err;

	if (!ptrace_may_access(a, true) || !ptrace_may_access(b, true))
		return -EPERM;
	if (type < KCMP_FILE || type > KCMP_EPOLL)
		return -EINVAL;
	x = part(a, type, idx1);
	if (type == KCMP_EPOLL) {
		y = epoll_slot(b, (const void __user *)idx2, &err);
		if (err)
			return err;
		x = file_of(a, idx1);
	} else {
		y = part(b, type, idx2);
	}
	if ((type == KCMP_FILE || type == KCMP_EPOLL) && (!x || !y))
		return -EBADF;
	return order(x, y, (unsigned)type);
}

long sys_kcmp(int pid1, int pid2, int type, unsigned long idx1, unsigned long idx2)
{
	struct task *a = task_find_get(pid1), *b = task_find_get(pid2);
	long ret = a && b ? compare(a, b, type, idx1, idx2) : -ESRCH;

	if (a)
		task_put(a);
	if (b)
		task_put(b);
	return ret;
}
