/*
 * How much memory an area has, and which, page by page: for /proc/PID/smaps, clear_refs, pagemap.
 */
#include "mm/internal.h"

#define PSS_SHIFT 12

/* [ptl] */
static void count_page(struct area_usage *u, const pte_t *pte, pte_t e)
{
	const struct page *p = pte_page(e);
	bool anon = page_rss(p) == RSS_ANON;
	int maps = max(anon ? anon_sharers(pte, p) : atomic_read(&p->mapcount), 1);
	bool dirty = (e & PTE_D) || page_flag(p, PG_DIRTY) || page_flag(p, PG_PINNED);
	u64 share = (PAGE_SIZE << PSS_SHIFT) / (u64)maps;

	u->rss += PAGE_SIZE;
	u->pss += share;
	if (dirty)
		u->pss_dirty += share;
	if (maps > 1)
		*(dirty ? &u->shared_dirty : &u->shared_clean) += PAGE_SIZE;
	else
		*(dirty ? &u->private_dirty : &u->private_clean) += PAGE_SIZE;
	if ((e & PTE_A) || page_flag(p, PG_REFERENCED))
		u->referenced += PAGE_SIZE;
	switch (page_rss(p)) {
	case RSS_ANON:
		u->anon += PAGE_SIZE;
		u->pss_anon += share;
		break;
	case RSS_FILE:
		u->pss_file += share;
		break;
	default:
		u->pss_shmem += share;
		break;
	}
}

/* Calls fn, which may change it if so told, for each entry of the area in a table; that is locked. */
static __always_inline void each_entry(struct area *a, bool change,
				       void (*fn)(pte_t *pte, void *arg), void *arg)
{
	u64 addr, next;

	for (addr = a->start; addr < a->end; addr = next) {
		pte_t *pte = pte_find_next(a->mm, addr, &next);

		if (!pte)
			continue;
		next = leaf_end(addr, a->end);
		if (change ? !pte_lock_change(a->mm, addr, pte) : !pte_lock(pte))
			continue;
		for (u64 i = 0; i < (next - addr) >> PAGE_SHIFT; i++)
			fn(&pte[i], arg);
		pte_unlock(pte);
		cond_resched();
	}
}

static void count_entry(pte_t *pte, void *arg)
{
	struct area_usage *sum = arg;
	pte_t e = READ_ONCE(*pte);

	if (pte_used(e) && page_rss(pte_page(e)) != RSS_NONE)
		count_page(sum, pte, e);
	if (pte_folded(pte))
		sum->huge += PAGE_SIZE;
}

void area_usage(struct area *a, struct area_usage *u)
{
	struct area_usage sum = { 0 };

	each_entry(a, false, count_entry, &sum);
	sum.pss >>= PSS_SHIFT;
	sum.pss_dirty >>= PSS_SHIFT;
	sum.pss_anon >>= PSS_SHIFT;
	sum.pss_file >>= PSS_SHIFT;
	sum.pss_shmem >>= PSS_SHIFT;
	*u = sum;
}

static void forget_entry(pte_t *pte, void *any)
{
	if (!pte_present(*pte))
		return;
	WRITE_ONCE(*pte, *pte & ~PTE_A);
	page_flag_clear(pte_page(*pte), PG_REFERENCED);
	*(bool *)any = true;
}

void area_forget_use(struct area *a)
{
	bool any = false;

	each_entry(a, true, forget_entry, &any);
	if (any)
		mm_flush(a->mm, a->start, a->end);
}

void vm_pagemap(struct mm *mm, u64 addr, u64 *word, unsigned n, u64 hide)
{
	for (unsigned i = 0; i < n; i++, addr += PAGE_SIZE) {
		pte_t *pte = pte_find(mm, addr);
		struct page *p;

		word[i] = 0;
		if (!pte || !pte_lock(pte))
			continue;
		if (pte_used(*pte)) {
			p = pte_page(*pte);
			word[i] = PM_PRESENT | pte_phys(*pte) >> PAGE_SHIFT;
			if (pte_folded(pte))
				word[i] |= PM_HUGE;
			if (page_flag(p, PG_FILE))
				word[i] |= PM_FILE;
			if (p != zero_page && (page_flag(p, PG_FILE) ? atomic_read(&p->mapcount) :
								       anon_sharers(pte, p)) == 1)
				word[i] |= PM_EXCLUSIVE;
		}
		word[i] &= ~hide;
		pte_unlock(pte);
	}
}

u64 vm_zero_page(void)
{
	return page_to_phys(zero_page) >> PAGE_SHIFT;
}

u64 vm_untouched(struct mm *mm, u64 addr, u64 end)
{
	u64 next;

	while (addr < end && !pte_find_next(mm, addr, &next))
		addr = min(next, end);
	return addr;
}
