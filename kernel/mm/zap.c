/*
 * Clearing page-table entries in bulk. The pages go to a gather and are put
 * after one shootdown a batch.
 */
#include "mm/internal.h"

/* [ptl] Clears entries from *addr on, up to end (same leaf table) or until the gather is full. */
static void zap_entries(struct gather *g, pte_t *pte, u64 *addr, u64 end, bool file_only)
{
	long count[RSS_KINDS] = { 0 }, last = 0;
	u64 a = *addr;

	for (; a < end && g->nr < GATHER_PAGES; a += PAGE_SIZE, pte++) {
		pte_t e = *pte;
		struct page *p;

		if (!pte_used(e)) {
			if (unlikely(e))
				WRITE_ONCE(*pte, 0); /* poison */
			continue;
		}
		p = pte_page(e);
		if (file_only && !page_flag(p, PG_FILE))
			continue;
		WRITE_ONCE(*pte, 0);
		if (pte_present(e))
			gather_addr(g, a);
		if (p == zero_page)
			continue;
		count[page_rss(p)]++;
		if (page_flag(p, PG_FILE))
			last += page_unmapped_last(p);
		g->page[g->nr++] = p;
	}
	*addr = a;
	mapped_add(-last);
	for (unsigned k = RSS_ANON; k < RSS_KINDS; k++)
		rss_add(g->mm, k, -count[k]);
}

/* [ptl] The same of a folded table; true: it is one no more, and nothing is done yet. */
static bool zap_folded(struct gather *g, pte_t *pte, u64 addr, u64 end, bool file_only)
{
	if (file_only)
		return false;
	if (!folded_whole(pte, addr, end)) {
		pt_unfold(g->mm, addr, pte);
		return true;
	}
	g->start = min(g->start, addr);
	g->end = max(g->end, end);
	rss_add(g->mm, RSS_ANON, -(long)PT_ENTRIES);
	g->block[g->nr_blocks++] = folded_clear(g->mm, addr, pte);
	return false;
}

void zap_range(struct gather *g, u64 start, u64 end, bool file_only)
{
	u64 addr = start;

	while (addr < end) {
		u64 next;
		pte_t *pte = pte_find_next(g->mm, addr, &next);

		if (!pte) {
			addr = next;
			continue;
		}
		next = leaf_end(addr, end);
		if (!pte_lock(pte)) {
			addr = next;
			continue;
		}
		if (pte_folded(pte) && !zap_folded(g, pte, addr, next, file_only))
			addr = next;
		else
			zap_entries(g, pte, &addr, next, file_only);
		pte_unlock(pte);
		if (g->nr == GATHER_PAGES || g->nr_blocks == GATHER_BLOCKS) {
			gather_flush(g);
			cond_resched();
		}
	}
}

void vm_forget_special(struct mm *mm, u64 addr)
{
	struct area *a;

	rwsem_read_lock(&mm->sem);
	a = area_find(mm, addr);
	if (a && (a->flags & VM_PFNMAP))
		zap_area(a, a->start, a->end);
	rwsem_read_unlock(&mm->sem);
}

void zap_area(struct area *a, u64 start, u64 end)
{
	struct gather g;

	gather_init(&g, a->mm, false);
	zap_range(&g, start, end, false);
	gather_flush(&g);
}
