/*
 * mremap(2): grow or shrink an area where it is, or carry its page-table
 * entries to another place.
 */
#include <uapi/mman.h>
#include "mm/internal.h"
#include "mm/uffd.h"
#include "sync/log.h"

struct remap {
	struct mm *mm;
	u64 old, old_len, new_len;
	int flags;
	u64 new_addr; /* with MREMAP_FIXED, or the hint of MREMAP_DONTUNMAP */
	struct list_head *before,
		*dead; /* what MREMAP_FIXED takes the place of, and what goes later */
	struct uffd *moves; /* who is to be told that the area is elsewhere; NULL */
};

#define BATCH 64

/* [ptl of src, given up] */
static noinline void move_folded(struct mm *mm, u64 from, u64 to, pte_t *src, pte_t *dst)
{
	pte_t first = *src;

	folded_clear(mm, from, src);
	pte_unlock(src);
	spin_lock(pte_ptl(dst));
	folded_fill(mm, to, dst, first);
	pte_unlock(dst);
}

/*
 * Moves up to BATCH entries within one leaf table on either side. The pages stay referenced on the
 * way.
 */
static u64 move_some(struct mm *mm, u64 from, u64 to, u64 len, bool *moved)
{
	pte_t carry[BATCH], *src, *dst;
	u64 next;
	unsigned n;
	bool any = false;

	src = pte_find_next(mm, from, &next);
	if (!src)
		return min(next - from, len);
	n = (unsigned)(min(leaf_end(from, from + len) - from, leaf_end(to, to + len) - to) >>
		       PAGE_SHIFT);
	dst = pte_find(mm, to);
	spin_lock(pte_ptl(src));
	if (pte_folded(src)) {
		if (n == PT_ENTRIES) {
			move_folded(mm, from, to, src, dst);
			*moved = true;
			return HUGE_SIZE;
		}
		pt_unfold(mm, from, src);
	}
	n = min(n, (unsigned)BATCH);
	for (unsigned i = 0; i < n; i++) {
		carry[i] = src[i];
		if (carry[i]) {
			WRITE_ONCE(src[i], 0);
			any = true;
		}
	}
	pte_unlock(src);
	if (!any)
		return (u64)n << PAGE_SHIFT;
	spin_lock(pte_ptl(dst));
	for (unsigned i = 0; i < n; i++)
		if (carry[i])
			WRITE_ONCE(dst[i], carry[i]);
	pte_unlock(dst);
	*moved = true;
	return (u64)n << PAGE_SHIFT;
}

/* The tables of [to, to+len) that a move will need; false: no memory. */
static bool prepare_tables(struct mm *mm, u64 from, u64 to, u64 len)
{
	for (u64 off = 0; off < len;) {
		u64 next;

		const pte_t *pte = pte_find_next(mm, from + off, &next);

		if (!pte) {
			off = next - from;
			continue;
		}
		if (!pte_make_tables(mm, to + off) ||
		    (pte_folded(pte) && !pt_make_folds(mm, to + off)))
			return false;
		off = min(leaf_end(from + off, from + len) - from,
			  leaf_end(to + off, to + len) - to);
	}
	return true;
}

static void move_entries(struct mm *mm, u64 from, u64 to, u64 len)
{
	bool moved = false;

	for (u64 off = 0; off < len;)
		off += move_some(mm, from + off, to + off, len - off, &moved);
	if (moved)
		mm_flush(mm, from, from + len);
}

/* The area at old with new_len goes (or is doubled) to `to`, which is free. */
static long move_to(struct remap *r, struct area *a, u64 to)
{
	bool keep = r->flags & MREMAP_DONTUNMAP;
	u64 move = min(r->old_len, r->new_len);
	struct area *b;
	int err;

	if ((s64)r->mm->nr_areas >= READ_ONCE(vm_max_map_count) - 3)
		return -ENOMEM;
	/*
	 * What can fail comes first: once the old range is an area of its own, taking it away needs
	 * no memory.
	 */
	if (r->old_len && !keep) {
		err = area_cut(r->mm, r->old, r->old + r->old_len);
		if (err)
			return err;
		a = area_at(r->mm, r->old);
	}
	b = area_copy(a, r->mm);
	if (IS_ERR(b))
		return PTR_ERR(b);
	b->start = to;
	b->end = to + r->new_len;
	b->pgoff = area_index(a, r->old);
	if (!prepare_tables(r->mm, r->old, to, move)) {
		uffd_put(b->uffd); /* of this one nobody shall hear */
		b->uffd = NULL;
		area_insert(b); /* the shortest way to undo: it is complete, and empty */
		unmap_locked(r->mm, b->start, b->end, r->dead);
		return -ENOMEM;
	}
	if (unlikely(b->uffd))
		r->moves = uffd_moves(b);
	area_insert(b);
	if (move)
		move_entries(r->mm, r->old, to, move);
	if (keep) /* of all of it, a part though it be that moved: as on Linux */
		area_set_flags(a, a->flags & ~(VM_LOCKED | VM_LOCKONFAULT));
	else if (r->old_len)
		BUG_ON(unmap_locked(r->mm, r->old, r->old + r->old_len, r->dead));
	area_merge(b, r->dead);
	return (long)to;
}

/* May a, from r->old on, become new_len long? 0 or -errno. */
static int check_area(struct remap *r, struct area *a)
{
	u64 more = r->new_len > r->old_len ? (r->new_len - r->old_len) >> PAGE_SHIFT : 0;

	if (!a)
		return -EFAULT;
	if (!r->old_len && area_is_private(a))
		return -EINVAL;
	if ((r->flags & MREMAP_DONTUNMAP) && (a->flags & (VM_DONTEXPAND | VM_SPECIAL)))
		return -EINVAL;
	if (r->old_len > a->end - r->old)
		return -EFAULT;
	if (r->new_len == r->old_len)
		return 0;
	if (a->obj && area_index(a, r->old) + (r->new_len >> PAGE_SHIFT) < area_index(a, r->old))
		return -EINVAL;
	if (a->flags & (VM_DONTEXPAND | VM_SPECIAL))
		return -EFAULT;
	if ((a->flags & VM_LOCKED) && limit_lock(r->mm, more))
		return -EAGAIN;
	if (!limit_as(r->mm, more))
		return -ENOMEM;
	if (flags_are_data(a->flags) && !limit_data(r->mm, more))
		return -ENOMEM;
	return (a->flags & VM_ACCOUNT) && !commit_allows(r->mm, more) ? -ENOMEM : 0;
}

/* MREMAP_FIXED or MREMAP_DONTUNMAP. */
static long remap_to(struct remap *r)
{
	struct area *a;
	long at;
	int err;

	if (r->new_addr & ~PAGE_MASK || r->new_len > USER_TOP ||
	    r->new_addr > USER_TOP - r->new_len)
		return -EINVAL;
	if (r->old + r->old_len > r->new_addr && r->new_addr + r->new_len > r->old)
		return -EINVAL;
	/* Both ranges may be cut out of the middle of something before move_to looks. */
	if ((s64)r->mm->nr_areas + 2 >= READ_ONCE(vm_max_map_count) - 3)
		return -ENOMEM;
	if (r->flags & MREMAP_FIXED) {
		err = unmap_locked(r->mm, r->new_addr, r->new_addr + r->new_len, r->before);
		if (err)
			return err;
	}
	if (r->old_len > r->new_len) {
		err = unmap_locked(r->mm, r->old + r->new_len, r->old + r->old_len, r->dead);
		if (err)
			return err;
		r->old_len = r->new_len;
	}
	a = area_at(r->mm, r->old);
	err = check_area(r, a);
	if (err)
		return err;
	if (r->flags & MREMAP_DONTUNMAP && !limit_as(r->mm, r->old_len >> PAGE_SHIFT))
		return -ENOMEM;
	at = r->flags & MREMAP_FIXED ? (long)r->new_addr :
				       vm_find_gap(r->mm, r->new_addr, r->new_len);
	return at < 0 ? at : move_to(r, a, (u64)at);
}

static long remap_locked(struct remap *r)
{
	u64 end = r->old + r->old_len;
	struct area *a = area_at(r->mm, r->old), *n;
	long at;
	int err;

	/* Before anything is unmapped to make room. */
	if (!a)
		return -EFAULT;
	if (a->flags & VM_SEALED)
		return -EPERM;
	if (r->old_len > USER_TOP - r->old)
		return -EINVAL;
	if (r->new_len > USER_TOP)
		return r->flags & MREMAP_FIXED ? -EINVAL : -ENOMEM;
	if (r->flags & (MREMAP_FIXED | MREMAP_DONTUNMAP))
		return remap_to(r);
	if (r->old_len >= r->new_len) {
		err = 0;
		if (r->old_len > r->new_len)
			err = unmap_locked(r->mm, r->old + r->new_len, end, r->dead);
		return err ? err : (long)r->old;
	}
	err = check_area(r, a);
	if (err)
		return err;
	if (r->old_len && end == a->end && r->new_len <= USER_TOP - r->old &&
	    area_gap(r->mm, r->new_len - r->old_len, end, r->old + r->new_len) == end) {
		n = area_next(a);
		if (!n || n->start >= r->old + r->new_len) {
			area_resize(a, a->start, r->old + r->new_len, a->pgoff);
			area_merge(a, r->dead);
			return (long)r->old;
		}
	}
	if (!(r->flags & MREMAP_MAYMOVE))
		return -ENOMEM;
	at = vm_find_gap(r->mm, 0, r->new_len);
	return at < 0 ? at : move_to(r, a, (u64)at);
}

long vm_remap(struct mm *mm, u64 old, u64 old_len, u64 new_len, int flags, u64 new_addr)
{
	LIST_HEAD(before);
	LIST_HEAD(dead);
	struct remap r = {
		.mm = mm,
		.old = old,
		.flags = flags,
		.new_addr = new_addr,
		.before = &before,
		.dead = &dead,
	};
	struct area *a;
	bool populate;
	long at;

	if (flags & ~(MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP))
		return -EINVAL;
	if ((flags & (MREMAP_FIXED | MREMAP_DONTUNMAP)) && !(flags & MREMAP_MAYMOVE))
		return -EINVAL;
	if ((flags & MREMAP_DONTUNMAP) && (old_len != new_len || !old_len))
		return -EINVAL;
	r.old_len = ALIGN_UP(old_len, PAGE_SIZE);
	r.new_len = ALIGN_UP(new_len, PAGE_SIZE);
	if (old & ~PAGE_MASK || !r.new_len)
		return -EINVAL;
	old_len = r.old_len;
	if (rwsem_write_lock_killable(&mm->sem))
		return -EINTR;
	at = remap_locked(&r);
	a = at >= 0 ? area_at(mm, (u64)at) : NULL;
	populate = a && (a->flags & (VM_LOCKED | VM_LOCKONFAULT)) == VM_LOCKED;
	rwsem_write_unlock(&mm->sem);
	if (populate && r.new_len > old_len)
		vm_populate(mm, (u64)at + old_len, r.new_len - old_len);
	/* Who is told of areas is told in this order. */
	area_bury(&before);
	if (unlikely(r.moves))
		uffd_moved(r.moves, old, (u64)at, old_len);
	area_bury(&dead);
	return at;
}
