/* mmap and its family: argument checking. The work is in mm/. */
#include <compiler.h>
#include <err.h>
#include <syscalls.h>
#include <uapi/errno.h>
#include <uapi/fcntl.h>
#include <uapi/mman.h>
#include <uapi/mount.h>
#include <uapi/personality.h>
#include <uapi/userfaultfd.h>

#include "alloc/slab.h"
#include "core/cred.h"
#include "core/task.h"
#include "fs/fileattr.h"
#include "fs/files.h"
#include "fs/fs.h"
#include "fs/userfaultfd.h"
#include "mm/iter.h"
#include "mm/usercopy.h"
#include "mm/vm.h"
#include "proc/proc.h"
#include "proc/room.h"

#define VM_MAY_ALL (VM_MAYREAD | VM_MAYWRITE | VM_MAYEXEC)
/* What MAP_SHARED_VALIDATE knows; anything else is refused rather than ignored. */
#define MAP_KNOWN                                                                                \
	(MAP_TYPE | MAP_FIXED | MAP_ANONYMOUS | MAP_GROWSDOWN | MAP_DENYWRITE | MAP_EXECUTABLE | \
	 MAP_LOCKED | MAP_NORESERVE | MAP_POPULATE | MAP_NONBLOCK | MAP_STACK | MAP_HUGETLB |    \
	 MAP_UNINITIALIZED | MAP_HUGE_2MB | MAP_HUGE_1GB)

static u32 vm_flags_of(int prot, int flags)
{
	u32 vm = ((u32)prot & (VM_READ | VM_WRITE | VM_EXEC)) | VM_MAY_ALL;

	if ((prot & PROT_READ) && (current->proc->personality & READ_IMPLIES_EXEC))
		vm |= VM_EXEC;
	if (flags & MAP_GROWSDOWN)
		vm |= VM_GROWSDOWN;
	return vm;
}

static long map_anon(u64 addr, u64 len, int prot, int flags)
{
	u32 vm = vm_flags_of(prot, flags);
	struct vmobject *obj;
	long at;

	switch (flags & MAP_TYPE) {
	case MAP_DROPPABLE: /* mmap(2): may become zeros when memory is short; never needs to here */
		if (flags & (MAP_LOCKED | MAP_GROWSDOWN))
			return vm_map_refused(current->mm, addr, len, flags, -EINVAL);
		vm |= VM_DROPPABLE | VM_NORESERVE | VM_WIPEONFORK | VM_DONTDUMP;
		fallthrough;
	case MAP_PRIVATE:
		return vm_map(current->mm, addr, len, vm, flags, NULL, 0, NULL, NULL, NULL);
	case MAP_SHARED:
		if (!(flags & MAP_GROWSDOWN))
			break;
		fallthrough;
	default:
		return vm_map_refused(current->mm, addr, len, flags, -EINVAL);
	}
	obj = vmobject_create_anon(ALIGN_UP(len, PAGE_SIZE));
	if (!obj)
		return -ENOMEM;
	if ((!(flags & MAP_NORESERVE) || READ_ONCE(vm_overcommit) == OVERCOMMIT_NEVER) &&
	    vmobject_promise(obj)) {
		vmobject_put(obj);
		return -ENOMEM;
	}
	at = vm_map(current->mm, addr, len, vm | VM_SHARED, flags, obj, 0, NULL, NULL, NULL);
	vmobject_put(obj);
	return at;
}

/* mmap(2)'s rules on what a descriptor's mode permits. 0 or -errno. */
static int check_file(const struct file *f, int flags, u32 *vm)
{
	switch (flags & MAP_TYPE) {
	case MAP_SHARED_VALIDATE:
		if (flags & ~MAP_KNOWN)
			return -EOPNOTSUPP;
		fallthrough;
	case MAP_SHARED:
		if ((*vm & VM_WRITE) && !(f->mode & FMODE_WRITE))
			return -EACCES;
		if ((f->mode & FMODE_WRITE) && inode_appends_only(f->inode))
			return -EACCES;
		*vm |= VM_SHARED;
		if (!(f->mode & FMODE_WRITE))
			*vm &= ~VM_MAYWRITE;
		break;
	case MAP_PRIVATE:
		break;
	default:
		return -EINVAL;
	}
	if (!(f->mode & FMODE_READ))
		return -EACCES;
	if (f->path.mnt && path_noexec(&f->path)) {
		if (*vm & VM_EXEC)
			return -EPERM;
		*vm &= ~VM_MAYEXEC;
	}
	if (!f->ops->mmap)
		return f->mode & FMODE_NO_MAP ? -EIO : -ENODEV;
	return *vm & VM_GROWSDOWN ? -EINVAL : 0;
}

/* Takes over the reference to f. */
static long map_file(struct file *f, u64 addr, u64 len, int prot, int flags, u64 pgoff)
{
	struct file_map m = { .pgoff = pgoff, .len = len, .vm_flags = vm_flags_of(prot, flags) };
	u64 max_pages = (u64)S64_MAX >> PAGE_SHIFT, pages = (len + PAGE_SIZE - 1) >> PAGE_SHIFT;
	long at = 0;

	/* A file offset is a signed 64-bit number. */
	if (pages > max_pages || pgoff > max_pages - pages)
		at = -EOVERFLOW;
	if (at) {
		file_put(f);
		return at;
	}
	at = check_file(f, flags, &m.vm_flags);
	if (!at)
		at = f->ops->mmap(f, &m);
	if (at) {
		file_put(f);
		return vm_map_refused(current->mm, addr, len, flags, (int)at);
	}
	at = vm_map(current->mm, addr, len, m.vm_flags, flags, m.obj, m.pgoff, m.ops,
		    m.ops ? f : NULL, NULL);
	if (m.obj)
		vmobject_put(m.obj);
	if (at < 0 || !m.ops)
		file_put(f);
	return at;
}

long sys_mmap(unsigned long addr, size_t length, int prot, int flags, int fd, s64 offset)
{
	u64 pgoff = (u64)(offset >> PAGE_SHIFT);
	struct file *f = NULL;

	if (offset & ~PAGE_MASK)
		return -EINVAL;
	if (!(flags & MAP_ANONYMOUS)) {
		f = fd_get(fd);
		if (!f)
			return -EBADF;
	}
	if (!length || length > USER_TOP) {
		if (f)
			file_put(f);
		return length ? -ENOMEM : -EINVAL;
	}
	if (flags & MAP_HUGETLB) { /* no huge pages are set aside */
		unsigned size = (unsigned)flags >> MAP_HUGE_SHIFT & MAP_HUGE_MASK;

		if (f)
			file_put(f);
		if (f || (size && size != 21 && size != 30))
			return -EINVAL;
		return (flags & (MAP_FIXED | MAP_FIXED_NOREPLACE)) &&
				       addr & ((1UL << (size ? size : 21)) - 1) ?
			       -EINVAL :
			       -ENOMEM;
	}
	if (f)
		return map_file(f, addr, length, prot, flags, (u64)offset >> PAGE_SHIFT);
	if (pgoff + DIV_ROUND_UP(length, PAGE_SIZE) < pgoff)
		return -EOVERFLOW;
	return map_anon(addr, length, prot, flags);
}

long sys_munmap(unsigned long addr, size_t length)
{
	return vm_unmap(current->mm, addr, length);
}

long sys_mprotect(unsigned long addr, size_t len, int prot)
{
	if ((prot & PROT_READ) && (current->proc->personality & READ_IMPLIES_EXEC))
		prot |= PROT_EXEC;
	return vm_protect(current->mm, addr, len, prot);
}

long sys_mremap(unsigned long old_address, size_t old_size, size_t new_size, unsigned long flags,
		unsigned long new_address)
{
	if (flags >> 31)
		return -EINVAL;
	return vm_remap(current->mm, old_address, old_size, new_size, (int)flags, new_address);
}

long sys_brk(unsigned long addr)
{
	return vm_brk(current->mm, addr);
}

long sys_madvise(unsigned long addr, size_t length, int advice)
{
	return vm_advise(current->mm, addr, length, advice);
}

long sys_msync(unsigned long addr, size_t length, unsigned long flags)
{
	if (flags >> 31)
		return -EINVAL;
	return vm_msync(current->mm, addr, length, (int)flags);
}

long sys_mincore(unsigned long addr, size_t length, void __user *vec)
{
	return vm_mincore(current->mm, addr, length, vec);
}

long sys_mlock(unsigned long addr, size_t len)
{
	return vm_lock(current->mm, addr, len, true);
}

long sys_mlock2(unsigned long addr, size_t len, unsigned long flags)
{
	if (flags & ~(unsigned long)MLOCK_ONFAULT)
		return -EINVAL;
	if (flags & MLOCK_ONFAULT)
		return vm_lock_onfault(current->mm, addr, len);
	return vm_lock(current->mm, addr, len, true);
}

long sys_munlock(unsigned long addr, size_t len)
{
	return vm_lock(current->mm, addr, len, false);
}

long sys_mlockall(unsigned long flags)
{
	if (!flags || (flags & ~(unsigned long)(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT)) ||
	    flags == MCL_ONFAULT)
		return -EINVAL;
	return vm_lock_all(current->mm, (int)flags);
}

long sys_munlockall(void)
{
	return vm_lock_all(current->mm, 0);
}

long sys_mseal(unsigned long start, size_t len, unsigned long flags)
{
	return flags ? -EINVAL : vm_seal(current->mm, start, len);
}

long sys_remap_file_pages(unsigned long addr, size_t size, int prot, size_t pgoff,
			  unsigned long flags)
{
	if (prot)
		return -EINVAL;
	return vm_remap_pages(current->mm, ALIGN_DOWN(addr, PAGE_SIZE), ALIGN_DOWN(size, PAGE_SIZE),
			      pgoff, (int)flags);
}

/* The space that pidfd's process has and current may give advice on, referenced; ERR_PTR. */
static struct mm *mm_of_pidfd(int pidfd)
{
	struct file *f = fd_get(pidfd);
	struct mm *mm = ERR_PTR(-ESRCH);
	struct task *t;
	struct pid *pid;

	if (!f)
		return ERR_PTR(-EBADF);
	pid = pidfd_pid(f);
	if (IS_ERR(pid)) {
		file_put(f);
		return ERR_CAST(pid);
	}
	t = pid_task_get(pid);
	file_put(f);
	if (!t)
		return mm;
	mm = ptrace_mm_get(t, false);
	task_put(t);
	if (!mm)
		return ERR_PTR(-ESRCH);
	return IS_ERR(mm) ? ERR_PTR(-EACCES) : mm;
}

long sys_process_madvise(int pidfd, void __user *iovec, size_t vlen, int advice,
			 unsigned long flags)
{
	struct iovec fast[UIO_FASTIOV], *heap;
	struct iter it;
	struct mm *mm;
	long done = 0, err;

	if (flags)
		return -EINVAL;
	err = iter_import_iovec(&it, iovec, vlen, fast, &heap);
	if (err)
		return err;
	mm = mm_of_pidfd(pidfd);
	err = IS_ERR(mm) ? PTR_ERR(mm) : 0;
	if (err)
		goto out_free;
	if (advice != MADV_COLD && advice != MADV_PAGEOUT && advice != MADV_WILLNEED &&
	    advice != MADV_COLLAPSE)
		err = -EINVAL;
	else if (mm != current->mm && !capable(CAP_SYS_NICE))
		err = -EPERM;
	for (unsigned i = 0; i < it.nr_segs && !err; i++) {
		err = vm_advise(mm, (__force u64)it.iov[i].iov_base, it.iov[i].iov_len, advice);
		if (!err)
			done += (long)it.iov[i].iov_len;
	}
	mm_put(mm);
out_free:
	kfree(heap);
	return done ? done : err;
}

long sys_userfaultfd(unsigned long flags)
{
	struct file *f;

	if (!userfaultfd_allowed((unsigned)flags))
		return -EPERM;
	if ((unsigned)flags & ~(unsigned)(O_CLOEXEC | O_NONBLOCK | UFFD_USER_MODE_ONLY))
		return -EINVAL;
	f = userfaultfd_file((unsigned)flags);
	return IS_ERR(f) ? PTR_ERR(f) : fd_open_file(f, (u32)flags & O_CLOEXEC);
}

long sys_cachestat(int fd, void __user *range, void __user *stat, unsigned long flags)
{
	struct { /* struct cachestat_range */
		u64 off, len;
	} r;
	struct { /* struct cachestat */
		u64 cached, dirty, writeback, evicted, recently_evicted;
	} st = { 0 };
	struct file *f = fd_get(fd);
	u64 last;
	int err = -EFAULT;

	if (!f)
		return -EBADF;
	if (copy_from_user(&r, range, sizeof(r)))
		goto out;
	err = -EINVAL;
	if (flags)
		goto out;
	last = r.len ? (r.off + r.len - 1) >> PAGE_SHIFT : U64_MAX - 1;
	vmobject_count(&f->inode->pages, r.off >> PAGE_SHIFT, last + 1, &st.cached, &st.dirty);
	err = copy_to_user(stat, &st, sizeof(st));
out:
	file_put(f);
	return err;
}

/* There is no swapping, so what could be swapped to is checked and then refused: swapon(2). */
#define SWAP_FLAGS_VALID 0x7ffffUL

static long check_swap_file(const char __user *path)
{
	char *name = getname(path, false);
	struct file *f;

	if (IS_ERR(name))
		return PTR_ERR(name);
	f = file_open(AT_FDCWD, name, O_RDWR | O_LARGEFILE, 0);
	kfree(name);
	if (IS_ERR(f))
		return PTR_ERR(f);
	file_put(f);
	return -EINVAL;
}

long sys_swapon(const char __user *path, unsigned long swapflags)
{
	if ((u32)swapflags & ~SWAP_FLAGS_VALID)
		return -EINVAL;
	return capable(CAP_SYS_ADMIN) ? check_swap_file(path) : -EPERM;
}

long sys_swapoff(const char __user *path)
{
	return capable(CAP_SYS_ADMIN) ? check_swap_file(path) : -EPERM;
}
