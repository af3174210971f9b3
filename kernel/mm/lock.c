/*
 * Memory that stays: mlock(2) and its family, msync(2), mincore(2), mseal(2).
 */
#include <uapi/mman.h>
#include "mm/internal.h"
#include "mm/usercopy.h"

/* ---- msync ---- */

/* Writes the source of [from, to) back. sem, held for reading, is let go. */
static int sync_area(struct area *a, u64 from, u64 to)
{
	struct area held = *a; /* its references keep the source while a itself may go */
	u64 off = area_index(a, from) << PAGE_SHIFT;
	int err;

	if (held.ops->open)
		held.ops->open(&held);
	rwsem_read_unlock(&a->mm->sem);
	err = held.ops->sync(&held, off, off + (to - from));
	if (held.ops->close)
		held.ops->close(&held);
	return err;
}

/* Shared pages are the file's own: there is nothing to carry over to it, but to its store. */
int vm_msync(struct mm *mm, u64 addr, u64 len, int flags)
{
	u64 end = addr + ALIGN_UP(len, PAGE_SIZE), from;
	int err = 0;

	if ((flags & ~(MS_ASYNC | MS_INVALIDATE | MS_SYNC)) || addr & ~PAGE_MASK ||
	    (flags & (MS_ASYNC | MS_SYNC)) == (MS_ASYNC | MS_SYNC))
		return -EINVAL;
	if (end < addr)
		return -ENOMEM;
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
		from = max(addr, a->start);
		addr = a->end;
		if ((flags & MS_SYNC) && !area_is_private(a) && a->ops && a->ops->sync) {
			int failed = sync_area(a, from, min(end, addr));

			if (failed)
				err = failed;
			if (failed || addr >= end)
				return err;
			if (rwsem_read_lock_killable(&mm->sem))
				return -EINTR;
		}
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
	if (addr > USER_TOP || len > USER_TOP - addr)
		return -ENOMEM;
	if (!user_range_ok(vec, (end - addr) >> PAGE_SHIFT))
		return -EFAULT;
	while (addr < end) {
		unsigned n = 0;

		if (rwsem_read_lock_killable(&mm->sem))
			return -EINTR;
		while (addr < end && n < sizeof(buf)) {
			struct area *a = area_at(mm, addr);
			bool hidden = a && a->ops && !(a->ops->may_look && a->ops->may_look(a));

			if (!a)
				break;
			for (; addr < min(a->end, end) && n < sizeof(buf); addr += PAGE_SIZE)
				buf[n++] = hidden ? 1 : resident(a, addr);
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

static u32 lock_flags(const struct area *a, u32 lock)
{
	if ((a->flags & (VM_SPECIAL | VM_DROPPABLE)) || (a->obj && a->obj->secret))
		return a->flags;
	return (a->flags & ~(VM_LOCKED | VM_LOCKONFAULT)) | lock;
}

/* sem held for writing. 0, -ENOMEM. */
static int set_lock(struct mm *mm, u64 start, u64 end, u32 lock, struct list_head *dead)
{
	while (start < end) {
		struct area *a = area_at(mm, start);
		u32 flags;

		if (!a)
			return -ENOMEM;
		flags = lock_flags(a, lock);
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

static int lock_range(struct mm *mm, u64 addr, u64 len, u32 lock)
{
	u64 start = ALIGN_DOWN(addr, PAGE_SIZE);
	u64 end = start + ALIGN_UP(len + (addr - start), PAGE_SIZE);
	LIST_HEAD(dead);
	int err = 0;

	/* Who may lock nothing at all hears of it before anything else. */
	if (lock && limit_lock(mm, 0) == -EPERM)
		return -EPERM;
	if (end < start)
		return -EINVAL;
	if (end == start)
		return 0;
	if (rwsem_write_lock_killable(&mm->sem))
		return -EINTR;
	if (lock)
		err = limit_lock(mm, ((end - start) >> PAGE_SHIFT) -
					     pages_mapped(mm, start, end, VM_LOCKED));
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
	LIST_HEAD(dead);
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
			for (struct area *a = area_first(mm); a; a = area_next(a)) {
				area_set_flags(a, lock_flags(a, flags ? lock : 0));
				a = area_merge(a, &dead);
			}
	}
	rwsem_write_unlock(&mm->sem);
	area_bury(&dead);
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

/* ---- mseal ---- */

int vm_seal(struct mm *mm, u64 start, u64 len)
{
	u64 end = start + ALIGN_UP(len, PAGE_SIZE);
	LIST_HEAD(dead);
	int err = 0;

	if (start & ~PAGE_MASK || len > U64_MAX - PAGE_SIZE || end < start)
		return -EINVAL;
	if (start == end)
		return 0;
	if (rwsem_write_lock_killable(&mm->sem))
		return -EINTR;
	if (end > USER_TOP || pages_mapped(mm, start, end, 0) << PAGE_SHIFT != end - start) {
		err = -ENOMEM;
		goto out;
	}
	mm->sealed = true;
	while (start < end) {
		struct area *a = area_at(mm, start);

		if (!(a->flags & VM_SEALED)) {
			a = area_carve(a, start, min(end, a->end), a->flags | VM_SEALED);
			if (IS_ERR(a)) {
				err = (int)PTR_ERR(a);
				break;
			}
			area_set_flags(a, a->flags | VM_SEALED);
			a = area_merge(a, &dead);
		}
		start = a->end;
	}
out:
	rwsem_write_unlock(&mm->sem);
	area_bury(&dead);
	return err;
}
