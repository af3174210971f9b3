/*
 * Walking and building the page tables of user space (mm/internal.h).
 *
 * A table is published with release after it was zeroed and its lock set up, so
 * a walker needs no lock to reach a leaf table. It is cut off by clearing its
 * PG_TABLE flag under its own lock, and freed after a shootdown and a grace period;
 * who locked a table must look at the flag (pte_lock).
 * Inner entries come to be under mm->table_lock and go under mm->sem held for writing;
 * mm->tables lists all tables but the root.
 */
#include "mm/internal.h"

atomic_long_t mapped_pages;
static atomic_long_t table_pages; /* the roots not */

u64 pagecache_mapped(void)
{
	return (u64)atomic_long_read(&mapped_pages);
}

u64 vm_table_pages(void)
{
	return (u64)atomic_long_read(&table_pages);
}

static struct page *table_alloc(void)
{
	struct page *p = user_page_alloc(PA_ZERO);

	if (!p)
		return NULL;
	spin_init(&p->ptl, RANK_PTL, "ptl");
	page_flag_set(p, PG_TABLE);
	atomic_long_inc(&table_pages);
	return p;
}

void table_free(struct page *p)
{
	if (p->folds) {
		atomic_long_dec(&table_pages);
		page_free(phys_to_page((u64)p->folds << PAGE_SHIFT), 0);
	}
	atomic_long_dec(&table_pages);
	page_free(p, 0);
}

pte_t *pte_find(struct mm *mm, u64 addr)
{
	return pte_walk(mm, addr);
}

pte_t *pte_find_next(struct mm *mm, u64 addr, u64 *next)
{
	pte_t *t = mm->root_va;

	for (int level = PT_ROOT_LEVEL; level > 0; level--) {
		const pte_t *at = &t[pt_index(addr, level)];

		t = table_under(at, READ_ONCE(*at), level);
		if (!t) {
			*next = (addr | (pt_level_size(level) - 1)) + 1;
			return NULL;
		}
	}
	return &t[pt_index(addr, 0)];
}

/* The table below *e, made when there is none; NULL: no memory. */
static pte_t *table_below(struct mm *mm, pte_t *e, int level)
{
	struct page *p;

	pte_t *t = table_under(e, READ_ONCE(*e), level);

	if (t)
		return t;
	p = table_alloc();
	if (!p)
		return NULL;
	spin_lock(&mm->table_lock);
	if (!pte_used(READ_ONCE(*e))) {
		smp_store_release(e, pte_make(page_to_phys(p), PTE_V));
		list_add(&p->link, &mm->tables);
		mm->nr_tables++;
		p = NULL;
	}
	spin_unlock(&mm->table_lock);
	if (p)
		table_free(p);
	return table_under(e, READ_ONCE(*e), level);
}

bool pt_has_folds(struct mm *mm, u64 addr)
{
	return READ_ONCE(table_page(pte_inner(mm, addr))->folds);
}

bool pt_make_folds(struct mm *mm, u64 addr)
{
	struct page *p, *inner;

	if (!pte_make_tables(mm, addr))
		return false;
	inner = table_page(pte_inner(mm, addr));
	if (READ_ONCE(inner->folds))
		return true;
	p = user_page_alloc(PA_ZERO);
	if (!p)
		return false;
	spin_lock(&mm->table_lock);
	if (!inner->folds) {
		smp_store_release(&inner->folds, (u32)(page_to_phys(p) >> PAGE_SHIFT));
		atomic_long_inc(&table_pages);
		p = NULL;
	}
	spin_unlock(&mm->table_lock);
	if (p)
		page_free(p, 0);
	return true;
}

pte_t *pte_make_tables(struct mm *mm, u64 addr)
{
	pte_t *t = pte_find(mm, addr);

	return likely(t) ? t : pte_new_tables(mm, addr);
}

pte_t *pte_new_tables(struct mm *mm, u64 addr)
{
	pte_t *t = mm->root_va;

	for (int level = PT_ROOT_LEVEL; level > 0; level--) {
		t = table_below(mm, &t[pt_index(addr, level)], level);
		if (!t)
			return NULL;
	}
	return &t[pt_index(addr, 0)];
}

u64 area_pte_bits(u32 vm_flags)
{
	u64 bits = PTE_U | PTE_A;

	if (!(vm_flags & VM_ACCESS))
		return bits | PTE_SW_NONE;
	bits |= PTE_V;
	if (vm_flags &
	    (VM_READ | VM_WRITE)) /* writable implies readable (spec: W without R is reserved) */
		bits |= PTE_R;
	if (vm_flags & VM_EXEC)
		bits |= PTE_X;
	return bits;
}

void rss_add(struct mm *mm, enum rss_kind kind, long n)
{
	if (!n || kind == RSS_NONE)
		return;
	if (n < 0 && mm_rss(mm) > READ_ONCE(mm->rss_max))
		WRITE_ONCE(mm->rss_max, mm_rss(mm));
	if (kind == RSS_ANON)
		atomic_long_add(&mm->rss_anon, n);
	else if (kind == RSS_FILE)
		atomic_long_add(&mm->rss_file, n);
	else
		atomic_long_add(&mm->rss_shmem, n);
}

/* Cuts the table that *e names off the tree. */
static void cut_table(struct gather *g, pte_t *e)
{
	struct page *p = pte_page(*e);

	spin_lock(&p->ptl);
	page_flag_clear(p, PG_TABLE);
	spin_unlock(&p->ptl);
	WRITE_ONCE(*e, 0);
	spin_lock(&g->mm->table_lock);
	list_del(&p->link);
	g->mm->nr_tables--;
	spin_unlock(&g->mm->table_lock);
	gather_table(g, p);
}

void pt_free_unused(struct gather *g, u64 start, u64 end, u64 floor, u64 ceiling)
{
	const u64 leaf = pt_level_size(1), mid = pt_level_size(2);
	u64 lo = max(ALIGN_DOWN(start, leaf), ALIGN_UP(floor, leaf));
	u64 hi = min(ALIGN_UP(end, leaf), ALIGN_DOWN(ceiling, leaf));
	pte_t *root = g->mm->root_va;

	while (lo < hi) {
		pte_t *re = &root[pt_index(lo, 2)], *t;
		u64 base = ALIGN_DOWN(lo, mid), stop = min(base + mid, hi);

		if (!(*re & PTE_V)) {
			lo = base + mid;
			continue;
		}
		t = phys_to_virt(pte_phys(*re));
		for (; lo < stop; lo += leaf) {
			pte_t *e = &t[pt_index(lo, 1)];

			if (*e & PTE_V)
				cut_table(g, e);
		}
		if (base >= floor && base + mid <= ceiling)
			cut_table(g, re);
	}
}

void pt_free_all(struct mm *mm)
{
	struct page *p, *next;

	list_for_each_entry_safe(p, next, &mm->tables, link)
		table_free(p);
}
