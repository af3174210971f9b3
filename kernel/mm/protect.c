/*
 * mprotect(2): new flags for areas, new bits for the entries that are there.
 */
#include <uapi/mman.h>
#include "mm/internal.h"

/* What entry e of area a becomes under the area's present flags. */
static __always_inline pte_t new_entry(const struct area *a, pte_t e)
{
	struct page *p = pte_page(e);
	pte_t n = pte_make(pte_phys(e), area_pte_bits(a->flags));

	if (!(n & PTE_V) || !(a->flags & VM_WRITE))
		return n;
	/* What was writable stays so; a private page becomes so at once when nobody shares it. */
	if ((e & PTE_W) || (area_is_private(a) && p != zero_page && page_rss(p) == RSS_ANON &&
			    atomic_read(&p->refs) == 1))
		n |= PTE_W | PTE_D;
	return n;
}

/* [ptl] True when an entry lost a right that a hart may remember. */
static bool change_entries(struct area *a, pte_t *pte, unsigned n, bool *synced)
{
	bool lost = false;

	for (unsigned i = 0; i < n; i++) {
		pte_t old = pte[i], new;

		if (!pte_used(old))
			continue;
		new = new_entry(a, old);
		if (new == old)
			continue;
		if ((new &PTE_X) && (new &PTE_V))
			page_sync_icache(pte_page(new), synced);
		WRITE_ONCE(pte[i], new);
		if ((old & PTE_V) && (old & ~new &(PTE_V | PTE_R | PTE_W | PTE_X)))
			lost = true;
	}
	return lost;
}

/* [ptl] The same for all of a folded table. */
static bool change_folded(struct area *a, u64 addr, pte_t *pte, bool *synced)
{
	pte_t old = *pte, new = new_entry(a, old);
	bool lost;

	/* What depends on each page. */
	if ((new &PTE_X) || ((new & ~old &PTE_W) && !folded_sole(pte))) {
		pt_unfold(a->mm, addr, pte);
		lost = change_entries(a, pte, PT_ENTRIES, synced);
		pt_refold(a, addr, pte, 0);
		return lost;
	}
	folded_change(a->mm, addr, pte, pte_bits(new));
	return (old & PTE_V) && (old & ~new &(PTE_V | PTE_R | PTE_W | PTE_X));
}

static void change_range(struct area *a)
{
	u64 addr = a->start, first = ~0UL, last = 0;
	bool synced = false, lost;

	while (addr < a->end) {
		u64 next;
		pte_t *pte = pte_find_next(a->mm, addr, &next);

		if (pte) {
			next = leaf_end(addr, a->end);
			spin_lock(pte_ptl(pte));
			if (folded_whole(pte, addr, next)) {
				lost = change_folded(a, addr, pte, &synced);
			} else {
				if (pte_folded(pte))
					pt_unfold(a->mm, addr, pte);
				lost = change_entries(
					a, pte, (unsigned)((next - addr) >> PAGE_SHIFT), &synced);
			}
			if (lost) {
				first = min(first, addr);
				last = next;
			}
			pte_unlock(pte);
			cond_resched();
		}
		addr = next;
	}
	if (first < last)
		mm_flush(a->mm, first, last);
}

/* The part [start, end) of a gets the access; the area it is then in, or ERR_PTR. */
static struct area *protect_area(struct area *a, u64 start, u64 end, u32 access,
				 struct list_head *dead)
{
	u32 flags = (a->flags & ~VM_ACCESS) | access;

	if (!flags_are_data(a->flags) && flags_are_data(flags) &&
	    !limit_data(a->mm, (end - start) >> PAGE_SHIFT))
		return ERR_PTR(-ENOMEM);
	if (flags_are_promise(flags) && !(a->flags & (VM_ACCOUNT | VM_WRITE))) {
		if (!commit_allows(a->mm, (end - start) >> PAGE_SHIFT))
			return ERR_PTR(-ENOMEM);
		flags |= VM_ACCOUNT;
	} else if (!(flags & VM_WRITE) && area_is_anon(a) && !a->has_anon) {
		flags &= ~VM_ACCOUNT; /* nothing of it can come into being now */
	}
	a = area_carve(a, start, end, flags);
	if (IS_ERR(a))
		return a;
	area_set_flags(a, flags);
	change_range(a);
	return area_merge(a, dead);
}

/* mlock(2): does an area of these flags have pages of its own for all there is of it? */
static bool lock_fills(u32 flags)
{
	return (flags & (VM_LOCKED | VM_LOCKONFAULT | VM_SHARED | VM_WRITE)) ==
	       (VM_LOCKED | VM_WRITE);
}

/* Locked areas have become writable: their pages come now, not when they are written. */
static void fill_locked(struct mm *mm, u64 start, u64 end)
{
	while (start < end) {
		u64 from = start;
		struct area *a;
		bool fill;

		rwsem_read_lock(&mm->sem);
		a = area_find(mm, start);
		fill = a && lock_fills(a->flags);
		from = a ? max(from, a->start) : end;
		start = a ? min(end, a->end) : end;
		rwsem_read_unlock(&mm->sem);
		if (fill && from < start)
			vm_populate(mm, from, start - from);
	}
}

/* sem held for writing. *fill: fill_locked is due. */
static int protect_locked(struct mm *mm, u64 start, u64 end, int prot, struct list_head *dead,
			  bool *fill)
{
	u32 access = (u32)prot & (PROT_READ | PROT_WRITE | PROT_EXEC);
	struct area *a = area_find(mm, start);

	if (!a)
		return -ENOMEM;
	if (prot & PROT_GROWSDOWN) {
		if (a->start >= end)
			return -ENOMEM;
		if (!(a->flags & VM_GROWSDOWN))
			return -EINVAL;
		start = a->start;
	} else if (a->start > start) {
		return -ENOMEM;
	} else if (prot & PROT_GROWSUP) { /* nothing grows so */
		return -EINVAL;
	}
	while (start < end) {
		a = area_at(mm, start);
		if (!a)
			return -ENOMEM;
		if (access & ~(a->flags / VM_MAYREAD))
			return -EACCES;
		if (a->flags & VM_SEALED)
			return -EPERM;
		if (exec_denied(mm, a->flags, access))
			return -EACCES;
		if ((a->flags & VM_ACCESS) != access) {
			*fill |= !(a->flags & VM_WRITE) && lock_fills(a->flags | access);
			a = protect_area(a, start, min(end, a->end), access, dead);
			if (IS_ERR(a))
				return (int)PTR_ERR(a);
		}
		start = a->end;
	}
	return 0;
}

static_assert(PROT_READ == VM_READ && PROT_WRITE == VM_WRITE && PROT_EXEC == VM_EXEC,
	      "PROT_ and VM_ are the same bits");
static_assert(VM_MAYREAD == VM_READ << 4 && VM_MAYEXEC == VM_EXEC << 4, "MAY bits follow");

int vm_protect(struct mm *mm, u64 addr, u64 len, int prot)
{
	const int known = PROT_READ | PROT_WRITE | PROT_EXEC | PROT_SEM | PROT_GROWSDOWN |
			  PROT_GROWSUP;
	LIST_HEAD(dead);
	bool fill = false;
	u64 end;
	int err;

	if ((prot & (PROT_GROWSDOWN | PROT_GROWSUP)) == (PROT_GROWSDOWN | PROT_GROWSUP))
		return -EINVAL;
	if (addr & ~PAGE_MASK)
		return -EINVAL;
	if (!len)
		return 0;
	len = ALIGN_UP(len, PAGE_SIZE);
	end = addr + len;
	if (end <= addr)
		return -ENOMEM;
	if (prot & ~known)
		return -EINVAL;
	if (rwsem_write_lock_killable(&mm->sem))
		return -EINTR;
	err = protect_locked(mm, addr, end, prot, &dead, &fill);
	rwsem_write_unlock(&mm->sem);
	area_bury(&dead);
	if (fill)
		fill_locked(mm, addr, end);
	return err;
}
