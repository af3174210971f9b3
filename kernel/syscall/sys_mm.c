/* mmap and its family: argument checking. The work is in mm/. */
#include <compiler.h>
#include <err.h>
#include <syscalls.h>
#include <uapi/errno.h>
#include <uapi/mman.h>
#include <uapi/mount.h>
#include <uapi/personality.h>

#include "core/task.h"
#include "fs/files.h"
#include "fs/fs.h"
#include "mm/vm.h"

#define VM_MAY_ALL (VM_MAYREAD | VM_MAYWRITE | VM_MAYEXEC)
/* What MAP_SHARED_VALIDATE knows; anything else is refused rather than ignored. */
#define MAP_KNOWN                                                                                \
	(MAP_TYPE | MAP_FIXED | MAP_ANONYMOUS | MAP_GROWSDOWN | MAP_DENYWRITE | MAP_EXECUTABLE | \
	 MAP_LOCKED | MAP_NORESERVE | MAP_POPULATE | MAP_NONBLOCK | MAP_STACK | MAP_HUGETLB |    \
	 MAP_FIXED_NOREPLACE | MAP_UNINITIALIZED)

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

	if ((flags & MAP_TYPE) == MAP_PRIVATE)
		return vm_map(current->mm, addr, len, vm, flags, NULL, 0, NULL, NULL, NULL);
	if ((flags & MAP_TYPE) != MAP_SHARED || (flags & MAP_GROWSDOWN))
		return -EINVAL;
	obj = vmobject_create_anon(ALIGN_UP(len, PAGE_SIZE));
	if (!obj)
		return -ENOMEM;
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
	if (f->path.mnt && (f->path.mnt->flags & MS_NOEXEC)) {
		if (*vm & VM_EXEC)
			return -EPERM;
		*vm &= ~VM_MAYEXEC;
	}
	if (!f->ops->mmap)
		return -ENODEV;
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
	if (!at)
		at = check_file(f, flags, &m.vm_flags);

	if (!at)
		at = f->ops->mmap(f, &m);
	if (at) {
		file_put(f);
		return at;
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
		if (f)
			file_put(f);
		return f ? -EINVAL : -ENOMEM;
	}
	if (f)
		return map_file(f, addr, length, prot, flags, (u64)offset >> PAGE_SHIFT);
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
