/*
 * What a program says or asks about ranges: madvise(2), msync(2), mincore(2), mlock(2).
 */
#include <uapi/mman.h>
#include <uapi/signal.h>
#include "mm/internal.h"
#include "mm/usercopy.h"

/* ---- madvise ---- */

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
		if (a->flags & VM_SPECIAL)
			return -EINVAL;
		*flags &= ~VM_DONTFORK;
		break;
	case MADV_WIPEONFORK:
		if (!area_is_anon(a) || !area_is_private(a))
			return -EINVAL;
		*flags |= VM_WIPEONFORK;
		break;
	case MADV_KEEPONFORK:
		*flags &= ~VM_WIPEONFORK;
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

	if ((a->flags & VM_LOCKED) || !a->obj)
		return -EINVAL;
	if ((a->flags & (VM_SHARED | VM_WRITE)) != (VM_SHARED | VM_WRITE))
		return -EACCES;
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

/* sem held. What needs no new areas. */
static int advise_pages(struct area *a, u64 start, u64 end, int advice)
{
	switch (advice) {
	case MADV_DONTNEED:
	case MADV_DONTNEED_LOCKED:
		if ((a->flags & VM_SPECIAL) || (advice == MADV_DONTNEED && (a->flags & VM_LOCKED)))
			return -EINVAL;
		zap_area(a, start, end);
		return 0;
	case MADV_FREE:
		if (!area_is_anon(a) || !area_is_private(a) || (a->flags & VM_LOCKED))
			return -EINVAL;
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
	case MADV_PAGEOUT:
		return a->flags & (VM_LOCKED | VM_SPECIAL) ? -EINVAL : 0;
	}
	return 0;
}

enum advice_kind { ADVICE_BAD, ADVICE_FLAGS, ADVICE_PAGES, ADVICE_POPULATE };

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
		return ADVICE_FLAGS;
	case MADV_DONTNEED:
	case MADV_DONTNEED_LOCKED:
	case MADV_FREE:
	case MADV_WILLNEED:
	case MADV_REMOVE:
	case MADV_COLD:
	case MADV_PAGEOUT:
	case MADV_MERGEABLE:
	case MADV_UNMERGEABLE:
	case MADV_HUGEPAGE:
	case MADV_NOHUGEPAGE:
	case MADV_DONTDUMP:
	case MADV_DODUMP:
		return ADVICE_PAGES;
	case MADV_POPULATE_READ:
	case MADV_POPULATE_WRITE:
		return ADVICE_POPULATE;
	}
	return ADVICE_BAD;
}

static int populate(struct mm *mm, u64 start, u64 end, int advice)
{
	u32 access = advice == MADV_POPULATE_WRITE ? VM_WRITE : VM_READ;
	int signo, code, err;

	for (; start < end; start += PAGE_SIZE) {
		struct area *a;
		bool mapped;

		if (fatal_signal_pending(current))
			return -EINTR;
		if (rwsem_read_lock_killable(&mm->sem))
			return -EINTR;
		a = area_at(mm, start);
		mapped = a != NULL;
		if (a && (a->flags & VM_SPECIAL)) {
			rwsem_read_unlock(&mm->sem);
			return -EINVAL;
		}
		rwsem_read_unlock(&mm->sem);
		if (!mapped)
			return -ENOMEM;
		err = fault_in(mm, start, access, false, &signo, &code);
		if (err)
			return err == -EFAULT && code == SEGV_ACCERR && signo == SIGSEGV ? -EINVAL :
											   err;
		cond_resched();
	}
	return 0;
}

int vm_advise(struct mm *mm, u64 addr, u64 len, int advice)
{
	enum advice_kind kind = kind_of(advice);
	u64 end = addr + ALIGN_UP(len, PAGE_SIZE);
	LIST_HEAD(dead);
	bool hole = false;
	int err = 0;

	if (kind == ADVICE_BAD || addr & ~PAGE_MASK || (len && ALIGN_UP(len, PAGE_SIZE) == 0) ||
	    end < addr)
		return -EINVAL;
	if (end == addr)
		return 0;
	if (kind == ADVICE_POPULATE)
		return populate(mm, addr, end, advice);
	if (kind == ADVICE_FLAGS ? rwsem_write_lock_killable(&mm->sem) :
				   rwsem_read_lock_killable(&mm->sem))
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
		err = kind == ADVICE_FLAGS ? advise_flags(a, addr, stop, advice, &dead) :
					     advise_pages(a, addr, stop, advice);
		addr = stop;
	}
	if (kind == ADVICE_FLAGS)
		rwsem_write_unlock(&mm->sem);
	else
		rwsem_read_unlock(&mm->sem);
	area_bury(&dead);
	return err ? err : hole ? -ENOMEM : 0;
}

/* ---- msync ---- */

int vm_msync(struct mm *mm, u64 addr, u64 len, int flags)
{
	u64 end = addr + ALIGN_UP(len, PAGE_SIZE);
	int err = 0;

	if ((flags & ~(MS_ASYNC | MS_INVALIDATE | MS_SYNC)) || addr & ~PAGE_MASK ||
	    (flags & (MS_ASYNC | MS_SYNC)) == (MS_ASYNC | MS_SYNC))
		return -EINVAL;
	if (end < addr)
		return -ENOMEM;
	/* Shared pages are the file's own: there is nothing to carry over, only to check. */
	if (rwsem_read_lock_killable(&mm->sem))
		return -EINTR;
	while (addr < end) {
		struct area *a = area_find(mm, addr);

		if (!a || a->start > addr)
			err = -ENOMEM;
		if (!a || a->start >= end)
			break;
		if ((flags & MS_INVALIDATE) && (a->flags & VM_LOCKED)) {
			err = -EBUSY;
			break;
		}
		addr = a->end;
	}
	rwsem_read_unlock(&mm->sem);
	return err;
}

/* ---- mincore ---- */

static u8 resident(struct area *a, u64 addr)
{
	pte_t *pte = pte_find(a->mm, addr);
	struct page *p;

	if (pte && pte_used(READ_ONCE(*pte)))
		return 1;
	if (!a->obj)
		return 0;
	p = vmobject_page_cached(a->obj, area_index(a, addr));
	if (!p)
		return 0;
	page_put(p);
	return 1;
}

int vm_mincore(struct mm *mm, u64 addr, u64 len, u8 __user *vec)
{
	u64 end = addr + ALIGN_UP(len, PAGE_SIZE);
	u8 buf[128];

	if (addr & ~PAGE_MASK)
		return -EINVAL;
	if (end < addr || end > USER_TOP)
		return -ENOMEM;
	if (!user_range_ok(vec, (end - addr) >> PAGE_SHIFT))
		return -EFAULT;
	while (addr < end) {
		unsigned n = 0;

		if (rwsem_read_lock_killable(&mm->sem))
			return -EINTR;
		while (addr < end && n < sizeof(buf)) {
			struct area *a = area_at(mm, addr);

			if (!a)
				break;
			buf[n++] = resident(a, addr);
			addr += PAGE_SIZE;
		}
		rwsem_read_unlock(&mm->sem);
		if (n && copy_to_user(vec, buf, n))
			return -EFAULT;
		vec += n;
		if (n < sizeof(buf) && addr < end)
			return -ENOMEM;
		cond_resched();
	}
	return 0;
}

/* ---- mlock ---- */

static u32 lock_flags(u32 old, u32 lock)
{
	return old & VM_SPECIAL ? old : (old & ~(VM_LOCKED | VM_LOCKONFAULT)) | lock;
}

/* sem held for writing. 0, -ENOMEM. */
static int set_lock(struct mm *mm, u64 start, u64 end, u32 lock, struct list_head *dead)
{
	while (start < end) {
		struct area *a = area_at(mm, start);
		u32 flags;

		if (!a)
			return -ENOMEM;
		flags = lock_flags(a->flags, lock);
		if (a->flags != flags) {
			a = area_carve(a, start, min(end, a->end), flags);
			if (IS_ERR(a))
				return (int)PTR_ERR(a);
			area_set_flags(a, flags);
			a = area_merge(a, dead);
		}
		start = a->end;
	}
	return 0;
}

/* Pages of [start, end) that are locked already. */
static u64 pages_locked(struct mm *mm, u64 start, u64 end)
{
	u64 n = 0;

	for (struct area *a = area_find(mm, start); a && a->start < end; a = area_next(a))
		if (a->flags & VM_LOCKED)
			n += (min(a->end, end) - max(a->start, start)) >> PAGE_SHIFT;
	return n;
}

static int lock_range(struct mm *mm, u64 addr, u64 len, u32 lock)
{
	u64 start = ALIGN_DOWN(addr, PAGE_SIZE);
	u64 end = start + ALIGN_UP(len + (addr - start), PAGE_SIZE);
	LIST_HEAD(dead);
	int err = 0;

	if (end < start || len > U64_MAX - 2 * PAGE_SIZE)
		return len > U64_MAX - 2 * PAGE_SIZE ? -ENOMEM : -EINVAL;
	if (rwsem_write_lock_killable(&mm->sem))
		return -EINTR;
	if (lock)
		err = limit_lock(mm, ((end - start) >> PAGE_SHIFT) - pages_locked(mm, start, end));
	if (!err)
		err = set_lock(mm, start, end, lock, &dead);
	rwsem_write_unlock(&mm->sem);
	area_bury(&dead);
	if (err || !lock || (lock & VM_LOCKONFAULT))
		return err;
	err = vm_populate(mm, start, end - start);
	return err == -EFAULT ? -ENOMEM : err;
}

int vm_lock(struct mm *mm, u64 addr, u64 len, bool lock)
{
	return lock_range(mm, addr, len, lock ? VM_LOCKED : 0);
}

int vm_lock_onfault(struct mm *mm, u64 addr, u64 len)
{
	return lock_range(mm, addr, len, VM_LOCKED | VM_LOCKONFAULT);
}

int vm_lock_all(struct mm *mm, int flags)
{
	u32 lock = flags & MCL_ONFAULT ? VM_LOCKED | VM_LOCKONFAULT : VM_LOCKED;
	int err = 0;

	if (rwsem_write_lock_killable(&mm->sem))
		return -EINTR;
	if (flags & MCL_CURRENT)
		err = limit_lock(mm, mm->total_pages - mm->locked_pages);
	else if (flags)
		err = limit_lock(mm, 0);
	if (!err) {
		mm->def_flags = flags & MCL_FUTURE ? lock : 0;
		if (!flags || (flags & MCL_CURRENT))
			for (struct area *a = area_first(mm); a; a = area_next(a))
				area_set_flags(a, lock_flags(a->flags, flags ? lock : 0));
	}
	rwsem_write_unlock(&mm->sem);
	if (!err && (flags & (MCL_CURRENT | MCL_ONFAULT)) == MCL_CURRENT) {
		for (u64 at = 0; at < USER_TOP && !fatal_signal_pending(current);) {
			struct area *a;
			u64 start, end;

			if (rwsem_read_lock_killable(&mm->sem))
				return -EINTR;
			a = area_find(mm, at);
			start = a ? a->start : USER_TOP;
			end = a ? a->end : USER_TOP;
			rwsem_read_unlock(&mm->sem);
			if (a)
				vm_populate(mm, start, end - start);
			at = end;
		}
	}
	return err;
}
