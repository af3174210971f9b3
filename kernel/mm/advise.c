/*
 * What a program says about ranges of memory: madvise(2), process_madvise(2).
 */
#include <uapi/mman.h>
#include <uapi/signal.h>
#include "mm/internal.h"
#include "mm/uffd.h"

/* Private memory that no file stands for. */
static bool is_private_anon(const struct area *a)
{
	return !a->obj && !a->ops && area_is_private(a);
}

/* How the flags change; 0 or -EINVAL. */
static int advised_flags(const struct area *a, int advice, u32 *flags)
{
	switch (advice) {
	case MADV_NORMAL:
		*flags &= ~(VM_SEQ_READ | VM_RAND_READ);
		break;
	case MADV_SEQUENTIAL:
		*flags = (*flags & ~VM_RAND_READ) | VM_SEQ_READ;
		break;
	case MADV_RANDOM:
		*flags = (*flags & ~VM_SEQ_READ) | VM_RAND_READ;
		break;
	case MADV_DONTFORK:
		*flags |= VM_DONTFORK;
		break;
	case MADV_DOFORK:
		*flags &= ~VM_DONTFORK;
		break;
	case MADV_WIPEONFORK:
		if (!is_private_anon(a) && !a->label) /* the kernel's own are no file's */
			return -EINVAL;
		*flags |= VM_WIPEONFORK;
		break;
	case MADV_KEEPONFORK:
		if (a->flags & VM_DROPPABLE)
			return -EINVAL;
		*flags &= ~VM_WIPEONFORK;
		break;
	case MADV_DONTDUMP:
		*flags |= VM_DONTDUMP;
		break;
	case MADV_DODUMP:
		if (a->flags & (VM_SPECIAL | VM_DONTEXPAND | VM_DROPPABLE))
			return -EINVAL;
		*flags &= ~VM_DONTDUMP;
		break;
	case MADV_MERGEABLE: /* remembered; equal pages stay apart, as where ksmd does not run */
		if (area_is_private(a) && !(a->flags & (VM_SPECIAL | VM_DONTEXPAND | VM_DROPPABLE)))
			*flags |= VM_MERGEABLE;
		break;
	case MADV_UNMERGEABLE:
		*flags &= ~VM_MERGEABLE;
		break;
	case MADV_HUGEPAGE:
		*flags = (*flags & ~VM_NOHUGEPAGE) | VM_HUGEPAGE;
		break;
	case MADV_NOHUGEPAGE:
		*flags = (*flags & ~VM_HUGEPAGE) | VM_NOHUGEPAGE;
		break;
	}
	return 0;
}

/* sem held for writing. Sets the flags of the part [start, end) of a. */
static int advise_flags(struct area *a, u64 start, u64 end, int advice, struct list_head *dead)
{
	u32 flags = a->flags;
	int err = advised_flags(a, advice, &flags);

	if (err || flags == a->flags)
		return err;
	a = area_carve(a, start, end, flags);
	if (IS_ERR(a)) /* madvise(2): "a kernel resource was temporarily unavailable" */
		return PTR_ERR(a) == -ENOMEM ? -EAGAIN : (int)PTR_ERR(a);
	area_set_flags(a, flags);
	area_merge(a, dead);
	return 0;
}

/*
 * Punches a hole into what a maps. sem held for reading, but dropped meanwhile: the hole is
 * unmapped everywhere.
 */
static int remove_pages(struct area *a, u64 start, u64 end)
{
	struct area held = *a; /* its references keep what it maps while a itself may go */
	struct mm *mm = a->mm;
	u64 off = area_index(a, start) << PAGE_SHIFT;
	int err;

	vmobject_get(held.obj);
	if (held.ops && held.ops->open)
		held.ops->open(&held);
	rwsem_read_unlock(&mm->sem);
	err = vmobject_punch(held.obj, off, end - start);
	vmobject_put(held.obj);
	if (held.ops && held.ops->close)
		held.ops->close(&held);
	rwsem_read_lock(&mm->sem);
	return err;
}

/* sem held. May a's contents be dropped, if the advice is to do that? 0 or -errno. */
static int check_drop(const struct area *a, int advice)
{
	switch (advice) {
	case MADV_DONTNEED:
		return a->flags & (VM_PFNMAP | VM_LOCKED) ? -EINVAL : 0;
	case MADV_DONTNEED_LOCKED:
		return a->flags & VM_PFNMAP ? -EINVAL : 0;
	case MADV_FREE:
		return !area_is_anon(a) || !area_is_private(a) || (a->flags & VM_LOCKED) ? -EINVAL :
											   0;
	case MADV_REMOVE:
		if ((a->flags & VM_LOCKED) || (!a->obj && !(a->ops && a->ops->anonymous)))
			return -EINVAL;
		return (a->flags & (VM_SHARED | VM_MAYWRITE)) != (VM_SHARED | VM_MAYWRITE) ?
			       -EACCES :
			       0;
	}
	return 0;
}

static bool drops(int advice)
{
	return advice == MADV_DONTNEED || advice == MADV_DONTNEED_LOCKED || advice == MADV_FREE ||
	       advice == MADV_REMOVE;
}

/*
 * sem held for reading; let go while the context of userfaultfd(2) is told what is about to be dropped.
 * What is there then, and may be dropped, up to *end; ERR_PTR.
 */
static struct area *tell_drop(struct area *a, u64 start, u64 *end, int advice)
{
	struct mm *mm = a->mm;
	int err = check_drop(a, advice);
	struct uffd *u = err ? NULL : uffd_removes(a);

	if (!u)
		return err ? ERR_PTR(err) : a;
	rwsem_read_unlock(&mm->sem);
	uffd_removing(u, start, *end);
	rwsem_read_lock(&mm->sem);
	a = area_at(mm, start);
	if (!a)
		return ERR_PTR(-ENOMEM);
	*end = min(*end, a->end);
	return a;
}

/* sem held. What needs no new areas. */
static int advise_pages(struct area *a, u64 start, u64 end, int advice)
{
	int err;

	if (unlikely(a->uffd) && drops(advice)) {
		a = tell_drop(a, start, &end, advice);
		if (IS_ERR(a))
			return (int)PTR_ERR(a);
	}
	err = check_drop(a, advice);
	if (err)
		return err;
	switch (advice) {
	case MADV_DONTNEED:
	case MADV_DONTNEED_LOCKED:
		zap_area(a, start, end);
		return 0;
	case MADV_FREE:
		zap_area(a, start, end); /* the pages may go at any time, so now */
		return 0;
	case MADV_WILLNEED:
		if (a->obj)
			vmobject_readahead(a->obj, area_index(a, start),
					   (end - start) >> PAGE_SHIFT);
		return 0;
	case MADV_REMOVE:
		return remove_pages(a, start, end);
	case MADV_COLD:
	case MADV_PAGEOUT: /* private memory has nowhere to go, and what has is found anyway */
		return a->flags & (VM_LOCKED | VM_PFNMAP) ? -EINVAL : 0;
	}
	return 0;
}

enum advice_kind { ADVICE_BAD, ADVICE_FLAGS, ADVICE_COLLAPSE, ADVICE_PAGES, ADVICE_POPULATE };

static enum advice_kind kind_of(int advice)
{
	switch (advice) {
	case MADV_NORMAL:
	case MADV_SEQUENTIAL:
	case MADV_RANDOM:
	case MADV_DONTFORK:
	case MADV_DOFORK:
	case MADV_WIPEONFORK:
	case MADV_KEEPONFORK:
	case MADV_MERGEABLE:
	case MADV_UNMERGEABLE:
	case MADV_HUGEPAGE:
	case MADV_NOHUGEPAGE:
	case MADV_DONTDUMP:
	case MADV_DODUMP:
		return ADVICE_FLAGS;
	case MADV_DONTNEED:
	case MADV_DONTNEED_LOCKED:
	case MADV_FREE:
	case MADV_WILLNEED:
	case MADV_REMOVE:
	case MADV_COLD:
	case MADV_PAGEOUT:
		return ADVICE_PAGES;
	case MADV_COLLAPSE:
		return ADVICE_COLLAPSE;
	case MADV_POPULATE_READ:
	case MADV_POPULATE_WRITE:
		return ADVICE_POPULATE;
	}
	return ADVICE_BAD;
}

/* mseal(2): what would destroy sealed contents that the program itself cannot write. */
static bool seal_forbids(const struct area *a, int advice)
{
	if (!(a->flags & VM_SEALED) || !is_private_anon(a) || (a->flags & VM_WRITE))
		return false;
	return advice == MADV_DONTNEED || advice == MADV_DONTNEED_LOCKED || advice == MADV_FREE ||
	       advice == MADV_REMOVE || advice == MADV_DONTFORK || advice == MADV_WIPEONFORK;
}

/* What madvise(2) says of an access that failed. */
static int populate_error(int err, int signo, int code)
{
	if (err == -EFAULT && signo == SIGBUS && code == BUS_MCEERR_AR)
		return -EHWPOISON;
	return err == -EFAULT && signo == SIGSEGV && code == SEGV_ACCERR ? -EINVAL : err;
}

static int populate(struct mm *mm, u64 start, u64 end, int advice)
{
	u32 access = advice == MADV_POPULATE_WRITE ? VM_WRITE : VM_READ;
	int signo, code, err;

	for (; start < end; start += PAGE_SIZE) {
		struct area *a;
		bool mapped, refused;

		if (fatal_signal_pending(current))
			return -EINTR;
		if (rwsem_read_lock_killable(&mm->sem))
			return -EINTR;
		a = area_at(mm, start);
		mapped = a != NULL;
		/* The hardware lets who may write read, too; madvise(2) does not. */
		refused = a && ((a->flags & VM_PFNMAP) || !(a->flags & access));
		rwsem_read_unlock(&mm->sem);
		if (!mapped)
			return -ENOMEM;
		if (refused)
			return -EINVAL;
		err = fault_in(mm, start, access, fault_ahead(start, end), &signo, &code);
		if (err)
			return populate_error(err, signo, code);
		cond_resched();
	}
	return 0;
}

int vm_advise(struct mm *mm, u64 addr, u64 len, int advice)
{
	enum advice_kind kind = kind_of(advice);
	u64 end = addr + ALIGN_UP(len, PAGE_SIZE);
	LIST_HEAD(dead);
	bool hole = false, write;
	int err = 0;

	if (kind == ADVICE_BAD || addr & ~PAGE_MASK || (len && ALIGN_UP(len, PAGE_SIZE) == 0) ||
	    end < addr)
		return -EINVAL;
	if (end == addr)
		return 0;
	if (kind == ADVICE_POPULATE)
		return populate(mm, addr, end, advice);
	write = kind == ADVICE_FLAGS || kind == ADVICE_COLLAPSE;
	if (write ? rwsem_write_lock_killable(&mm->sem) : rwsem_read_lock_killable(&mm->sem))
		return -EINTR;
	while (addr < end && !err) {
		struct area *a = area_find(mm, addr);
		u64 stop;

		if (!a || a->start >= end) {
			hole = true;
			break;
		}
		hole |= a->start > addr;
		addr = max(addr, a->start);
		stop = min(a->end, end);
		if (seal_forbids(a, advice))
			err = -EPERM;
		else if (kind == ADVICE_FLAGS)
			err = advise_flags(a, addr, stop, advice, &dead);
		else if (kind == ADVICE_COLLAPSE)
			err = huge_collapse(a, addr, stop);
		else
			err = advise_pages(a, addr, stop, advice);
		addr = stop;
	}
	if (write)
		rwsem_write_unlock(&mm->sem);
	else
		rwsem_read_unlock(&mm->sem);
	area_bury(&dead);
	return err ? err : hole ? -ENOMEM : 0;
}
