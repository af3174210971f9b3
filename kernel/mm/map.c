/*
 * Making and removing areas: mmap(2), munmap(2), brk(2), and the limits they obey.
 */
#include <uapi/mman.h>
#include <uapi/resource.h>
#include "mm/internal.h"
#include "mm/uffd.h"

#define CAP_SYS_RAWIO 17

bool limit_as(struct mm *mm, u64 pages)
{
	return mm->total_pages + pages <= rlimit_get(RLIMIT_AS) >> PAGE_SHIFT;
}

bool limit_data(struct mm *mm, u64 pages)
{
	return mm->data_pages + pages <= rlimit_get(RLIMIT_DATA) >> PAGE_SHIFT;
}

int limit_lock(struct mm *mm, u64 pages)
{
	u64 limit = rlimit_get(RLIMIT_MEMLOCK);

	if (capable(CAP_IPC_LOCK))
		return 0;
	if (!limit)
		return -EPERM;
	return mm->locked_pages + pages <= limit >> PAGE_SHIFT ? 0 : -ENOMEM;
}

/* Did mseal(2) seal some of [start, end)? sem held. */
static bool area_sealed(struct mm *mm, u64 start, u64 end)
{
	struct area *a = mm->sealed ? area_find(mm, start) : NULL;

	for (; a && a->start < end; a = area_next(a))
		if (a->flags & VM_SEALED)
			return true;
	return false;
}

int unmap_locked(struct mm *mm, u64 start, u64 end, struct list_head *dead)
{
	struct area *a = area_find(mm, start), *prev, *next;
	struct gather g;
	u64 floor, ceiling;
	int err;

	if (!a || a->start >= end)
		return 0;
	if (area_sealed(mm, start, end))
		return -EPERM;
	/* A hole needs one area more; any other cut is made up for by what goes. */
	if (a->start < start && a->end > end &&
	    mm->nr_areas >= (unsigned)READ_ONCE(vm_max_map_count))
		return -ENOMEM;
	err = area_cut(mm, start, end);
	if (err)
		return err;
	a = area_find(mm, start);
	prev = area_prev(a);
	floor = prev ? prev->end : 0;
	gather_init(&g, mm, false);
	while (a && a->start < end) {
		next = area_next(a);
		zap_range(&g, a->start, a->end, false);
		area_remove(a, dead);
		if (unlikely(a->uffd))
			uffd_unmapped(a, start, end, dead);
		a = next;
	}
	ceiling = a ? a->start : USER_TOP;
	pt_free_unused(&g, start, end, floor, ceiling);
	gather_flush(&g);
	return 0;
}

int vm_unmap(struct mm *mm, u64 addr, u64 len)
{
	LIST_HEAD(dead);
	int err;

	if (addr & ~PAGE_MASK || !len || addr > USER_TOP || len > USER_TOP - addr)
		return -EINVAL;
	if (rwsem_write_lock_killable(&mm->sem))
		return -EINTR;
	err = unmap_locked(mm, addr, addr + ALIGN_UP(len, PAGE_SIZE), &dead);
	rwsem_write_unlock(&mm->sem);
	area_bury(&dead);
	return err;
}

int vm_unmap_owned(struct mm *mm, u64 addr, const struct area_ops *ops)
{
	const struct vmobject *obj = NULL;
	struct area *a, *next;
	LIST_HEAD(dead);
	u64 size = 0;

	if (rwsem_write_lock_killable(&mm->sem))
		return -EINTR;
	for (a = area_find(mm, addr); a && (!size || a->end - addr <= size); a = next) {
		next = area_next(a);
		if (a->ops != ops || a->start - addr != a->pgoff << PAGE_SHIFT ||
		    (size && a->obj != obj))
			continue;
		obj = a->obj;
		size = ALIGN_UP(obj->size, PAGE_SIZE);
		/* Whole areas, nothing to split: only a sealed one stays, and nobody is told (shmdt). */
		unmap_locked(mm, a->start, a->end, &dead);
	}
	rwsem_write_unlock(&mm->sem);
	area_bury(&dead);
	return obj ? 0 : -EINVAL;
}

static bool range_is_free(struct mm *mm, u64 start, u64 end)
{
	struct area *a = area_find(mm, start);

	return !a || a->start >= end;
}

u64 pages_mapped(struct mm *mm, u64 start, u64 end, u32 flag)
{
	u64 n = 0;

	if (start >= end)
		return 0;
	for (struct area *a = area_find(mm, start); a && a->start < end; a = area_next(a))
		if (!flag || (a->flags & flag))
			n += (min(a->end, end) - max(a->start, start)) >> PAGE_SHIFT;
	return n;
}

long vm_find_gap(struct mm *mm, u64 hint, u64 len)
{
	u64 at;

	hint = ALIGN_DOWN(hint, PAGE_SIZE);
	if (hint) {
		hint = max(hint, VM_MIN_ADDR);
		if (hint < USER_TOP && len <= USER_TOP - hint &&
		    area_gap(mm, len, hint, hint + len) == hint)
			return (long)hint;
	}
	at = area_gap(mm, len, VM_MIN_ADDR, mm->mmap_top);
	if (!at)
		at = area_gap(mm, len, VM_MIN_ADDR, USER_TOP);
	return at ? (long)at : -ENOMEM;
}

/* What mmap(2) says of an address that is not just a hint. sem held. */
static int fixed_refused(struct mm *mm, u64 addr, u64 len, int map_flags)
{
	if (!(map_flags & (MAP_FIXED | MAP_FIXED_NOREPLACE)))
		return 0;
	if (len > USER_TOP || addr > USER_TOP - len)
		return -ENOMEM;
	if (addr & ~PAGE_MASK)
		return -EINVAL;
	if (addr < VM_MIN_ADDR && !capable(CAP_SYS_RAWIO))
		return -EPERM;
	if ((map_flags & MAP_FIXED_NOREPLACE) && !range_is_free(mm, addr, addr + len))
		return -EEXIST;
	return 0;
}

int vm_map_refused(struct mm *mm, u64 addr, u64 len, int map_flags, int why)
{
	int err;

	if (rwsem_read_lock_killable(&mm->sem))
		return -EINTR;
	err = fixed_refused(mm, addr, ALIGN_UP(len, PAGE_SIZE), map_flags);
	rwsem_read_unlock(&mm->sem);
	return err ? err : why;
}

/* Where the map goes; room is made for a fixed one, which fixed_refused has let through. Address or -errno. */
static long place(struct mm *mm, u64 addr, u64 len, int map_flags, bool anon,
		  struct list_head *dead)
{
	long at;
	int err;

	if (!(map_flags & (MAP_FIXED | MAP_FIXED_NOREPLACE))) {
		/* So that whole blocks fit, as Linux has it. */
		if (anon && !addr && !(len & (HUGE_SIZE - 1)) && vm_huge_mode != HUGE_NEVER) {
			at = vm_find_gap(mm, 0, len + HUGE_SIZE - PAGE_SIZE);
			if (at > 0)
				return (long)ALIGN_UP((u64)at, HUGE_SIZE);
		}
		return vm_find_gap(mm, addr, len);
	}
	if (range_is_free(mm, addr, addr + len))
		return (long)addr;
	err = unmap_locked(mm, addr, addr + len, dead);
	return err ? err : (long)addr;
}

/* sem held for writing. */
static long map_locked(struct mm *mm, const struct area *model, u64 addr, u64 len, int map_flags,
		       struct list_head *dead)
{
	u64 pages = len >> PAGE_SHIFT, end = 0, replaced, promise = pages;
	u32 flags = model->flags;
	struct area *a;
	long at;
	int err;

	if (mm->nr_areas > (unsigned)READ_ONCE(vm_max_map_count))
		return -ENOMEM;
	err = fixed_refused(mm, addr, len, map_flags);
	if (err)
		return err;
	if (exec_denied(mm, model->flags, model->flags))
		return -EACCES;
	/* What a fixed map takes the place of is given back. */
	if (map_flags & MAP_FIXED)
		end = addr + len;
	replaced = pages_mapped(mm, addr, end, 0);
	if (!limit_as(mm, pages - min(pages, replaced)))
		return -ENOMEM;
	if (flags_are_data(flags) && !limit_data(mm, pages))
		return -ENOMEM;
	if (flags & VM_LOCKED) {
		err = limit_lock(mm, pages);
		if (err)
			return err == -EPERM ? err : -EAGAIN;
	}
	if (flags_are_promise(flags)) {
		promise -= pages_mapped(mm, addr, end, VM_ACCOUNT);
		if ((s64)promise > 0 && !commit_allows(mm, promise))
			return -ENOMEM;
		flags |= VM_ACCOUNT;
	}
	a = area_alloc(mm);
	if (!a)
		return -ENOMEM;
	at = place(mm, addr, len, map_flags, area_is_anon(model) && !(flags & VM_SHARED), dead);
	if (at < 0) {
		area_free(a);
		return at;
	}
	a->start = (u64)at;
	a->end = (u64)at + len;
	a->flags = flags;
	a->ops = model->ops;
	a->obj = model->obj;
	a->pgoff = model->pgoff;
	a->owner = model->owner;
	a->label = model->label;
	if (a->obj)
		vmobject_get(a->obj);
	area_insert(a);
	area_merge(a, dead);
	return at;
}

long vm_map(struct mm *mm, u64 addr, u64 len, u32 vm_flags, int map_flags, struct vmobject *obj,
	    u64 pgoff, const struct area_ops *ops, void *owner, const char *label)
{
	struct area model = { .flags = vm_flags | mm->def_flags,
			      .ops = ops,
			      .obj = obj,
			      .pgoff = pgoff,
			      .owner = owner,
			      .label = label };
	LIST_HEAD(dead);
	long at;

	if (!len)
		return -EINVAL;
	if (len > USER_TOP)
		return -ENOMEM;
	len = ALIGN_UP(len, PAGE_SIZE);
	if (pgoff + (len >> PAGE_SHIFT) < pgoff)
		return -EOVERFLOW;
	if (map_flags & MAP_LOCKED)
		model.flags |= VM_LOCKED;
	if ((map_flags & MAP_NORESERVE) && READ_ONCE(vm_overcommit) != OVERCOMMIT_NEVER)
		model.flags |= VM_NORESERVE;
	if (map_flags & MAP_STACK)
		model.flags |= VM_NOHUGEPAGE;
	if (vm_flags & (VM_SPECIAL | VM_DROPPABLE))
		model.flags &= ~(VM_LOCKED | VM_LOCKONFAULT);
	if (rwsem_write_lock_killable(&mm->sem))
		return -EINTR;
	at = map_locked(mm, &model, addr, len, map_flags, &dead);
	rwsem_write_unlock(&mm->sem);
	area_bury(&dead);
	if (at < 0)
		return at;
	if ((model.flags & (VM_LOCKED | VM_LOCKONFAULT)) == VM_LOCKED ||
	    (map_flags & (MAP_POPULATE | MAP_NONBLOCK)) == MAP_POPULATE)
		vm_populate(mm, (u64)at, len);
	return at;
}

long vm_remap_pages(struct mm *mm, u64 start, u64 len, u64 pgoff, int flags)
{
	struct area *a, *next, model;
	LIST_HEAD(dead);
	bool taken = false;
	long at = -EINVAL;

	if (start + len <= start || pgoff + (len >> PAGE_SHIFT) < pgoff)
		return -EINVAL;
	if (rwsem_write_lock_killable(&mm->sem))
		return -EINTR;
	a = area_at(mm, start);
	if (!a || area_is_private(a) || (a->flags & VM_SPECIAL))
		goto out;
	/* It may go over several areas, if they are of one source and alike. */
	for (next = a; next->end < start + len; next = area_next(next)) {
		const struct area *n = area_next(next);

		if (!n || n->start != next->end || n->obj != a->obj || n->owner != a->owner ||
		    n->flags != a->flags)
			goto out;
	}
	model = *a;
	model.pgoff = pgoff;
	if (model.obj)
		vmobject_get(model.obj); /* the old area's may go */
	if (model.ops && model.ops->open)
		model.ops->open(&model);
	at = map_locked(mm, &model, start, len, MAP_FIXED, &dead);
	taken = true;
out:
	rwsem_write_unlock(&mm->sem);
	area_bury(&dead);
	if (taken && model.obj)
		vmobject_put(model.obj);
	if (taken && at < 0 && model.ops && model.ops->close)
		model.ops->close(&model);
	if (at < 0)
		return at;
	if (!(flags & MAP_NONBLOCK))
		vm_populate(mm, start, len);
	return 0;
}

/* sem held for writing. 0 or -errno; the break is not yet moved. */
static int brk_grow(struct mm *mm, u64 old, u64 new, struct list_head *dead)
{
	const u32 flags = VM_READ | VM_WRITE | VM_MAYREAD | VM_MAYWRITE | VM_MAYEXEC | VM_HEAP;
	struct area model = { .flags = flags | mm->def_flags };
	struct area *a = area_find(mm, old);
	u64 room;
	long at;

	if (a && (a->flags & VM_GROWSDOWN))
		room = a->start > STACK_GUARD ? a->start - STACK_GUARD : 0;
	else
		room = a ? a->start : USER_TOP;
	if (new > room)
		return -ENOMEM;
	at = map_locked(mm, &model, old, new - old, MAP_FIXED_NOREPLACE, dead);
	return at < 0 ? (int)at : 0;
}

long vm_brk(struct mm *mm, u64 addr)
{
	u64 old_end, new_end, old, data;
	LIST_HEAD(dead);
	int err = 0;
	bool lock = false;

	if (rwsem_write_lock_killable(&mm->sem))
		return -EINTR;
	old = mm->brk;
	data = rlimit_get(RLIMIT_DATA);
	if (addr < mm->brk_start || addr > USER_TOP - PAGE_SIZE ||
	    (data < ~0UL && addr - mm->brk_start + (mm->data_end - mm->data_start) > data))
		goto out;
	old_end = ALIGN_UP(old, PAGE_SIZE);
	new_end = ALIGN_UP(addr, PAGE_SIZE);
	if (new_end < old_end)
		err = unmap_locked(mm, new_end, old_end, &dead);
	else if (new_end > old_end)
		err = brk_grow(mm, old_end, new_end, &dead);
	if (!err) {
		lock = new_end > old_end && (mm->def_flags & VM_LOCKED) &&
		       !(mm->def_flags & VM_LOCKONFAULT);
		mm->brk = addr;
	}
out:
	addr = mm->brk;
	rwsem_write_unlock(&mm->sem);
	area_bury(&dead);
	if (lock)
		vm_populate(mm, ALIGN_UP(old, PAGE_SIZE), ALIGN_UP(addr, PAGE_SIZE) - old);
	return (long)addr;
}
