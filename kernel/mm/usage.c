/*
 * How much memory an area has, page by page, for /proc/PID/smaps.
 */
#include "mm/internal.h"

#define PSS_SHIFT 12

/* [ptl] */
static void count_page(struct area_usage *u, const struct page *p, pte_t e)
{
	int maps = max(atomic_read(&p->mapcount), 1);
	bool dirty = (e & PTE_D) || page_flag(p, PG_DIRTY);
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

void area_usage(struct area *a, struct area_usage *u)
{
	struct area_usage sum = { 0 };
	u64 addr = a->start;

	while (addr < a->end) {
		u64 next;
		pte_t *pte = pte_find_next(a->mm, addr, &next);

		if (pte) {
			next = leaf_end(addr, a->end);
			if (!pte_lock(pte)) {
				addr = next;
				continue;
			}
			for (u64 i = 0; i < (next - addr) >> PAGE_SHIFT; i++) {
				pte_t e = READ_ONCE(pte[i]);

				if (pte_used(e) && page_rss(pte_page(e)) != RSS_NONE)
					count_page(&sum, pte_page(e), e);
			}
			pte_unlock(pte);
		}
		addr = next;
	}
	sum.pss >>= PSS_SHIFT;
	sum.pss_dirty >>= PSS_SHIFT;
	sum.pss_anon >>= PSS_SHIFT;
	sum.pss_file >>= PSS_SHIFT;
	sum.pss_shmem >>= PSS_SHIFT;
	*u = sum;
}

bool vm_present(struct mm *mm, u64 addr)
{
	pte_t *pte = pte_find(mm, addr);

	return pte && pte_used(READ_ONCE(*pte));
}
