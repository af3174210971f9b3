/*
 * From a page of the cache to the entries that map it: through the object's tree of areas by the
 * pages they map, each of which tells the address where a page must be if it is mapped.
 */
#include "mm/internal.h"

#define MAX_MAPPINGS 16 /* a page mapped more often is in use: reclaim leaves it */

struct mapping {
	struct mm *mm;
	u64 addr;
};

static struct area *area_of(struct interval *i)
{
	return container_of(i, struct area, in_obj);
}

/*
 * The addresses at which index may be mapped, each space held; -1: too many, or locked in memory.
 */
static int find_mappings(struct vmobject *obj, u64 index, struct mapping *m)
{
	struct interval_search s = { .first = index, .last = index };
	struct interval *i;
	int n = 0;
	bool leave = false;

	spin_lock(&obj->lock);
	interval_for_each(i, &obj->areas, &s)
	{
		struct area *a = area_of(i);

		if (n == MAX_MAPPINGS || (READ_ONCE(a->flags) & VM_LOCKED)) {
			leave = true;
			break;
		}
		mm_hold(a->mm);
		m[n++] = (struct mapping){ a->mm, a->start + ((index - a->pgoff) << PAGE_SHIFT) };
	}
	spin_unlock(&obj->lock);
	while (leave && n > 0)
		mm_drop(m[--n].mm);
	return leave ? -1 : n;
}

void unmap_batch_flush(struct unmap_batch *b)
{
	for (unsigned i = 0; i < b->nr_mms; i++) {
		mm_flush(b->mm[i], 0, USER_TOP);
		mm_drop(b->mm[i]);
	}
	for (unsigned i = 0; i < b->nr_pages; i++)
		page_put(b->page[i]);
	b->nr_mms = b->nr_pages = 0;
}

/*
 * Notes that mm lost an entry for p; the entry's reference to p is the batch's until it is
 * flushed.
 */
static void batch_add(struct unmap_batch *b, struct mm *mm, struct page *p)
{
	unsigned i = 0;

	while (i < b->nr_mms && b->mm[i] != mm)
		i++;
	if (i == b->nr_mms) {
		mm_hold(mm);
		b->mm[b->nr_mms++] = mm;
	}
	b->page[b->nr_pages++] = p;
	if (b->nr_mms == UNMAP_MMS || b->nr_pages == UNMAP_PAGES)
		unmap_batch_flush(b);
}

/* Clears the entry if it still maps p. */
static void unmap_one(struct mapping *m, struct page *p, struct unmap_batch *b)
{
	pte_t *pte = pte_find(m->mm, m->addr), e;
	bool mine;

	if (!pte || !pte_lock(pte))
		return;
	e = *pte;
	mine = pte_used(e) && pte_page(e) == p;
	if (mine)
		WRITE_ONCE(*pte, 0);
	pte_unlock(pte);
	if (!mine)
		return;
	rss_add(m->mm, page_rss(p), -1);
	mapped_add(-page_unmapped_last(p));
	batch_add(b, m->mm, p);
}

void page_unmap(struct page *p, struct unmap_batch *b)
{
	struct mapping m[MAX_MAPPINGS];
	struct vmobject *obj = p->obj; /* stable: p is locked */
	int n = obj ? find_mappings(obj, p->index, m) : -1;

	for (int i = 0; i < n; i++) {
		unmap_one(&m[i], p, b);
		mm_drop(m[i].mm);
	}
}

/* What to do to the mappings of a range; each of its own, for the stack's sake. */
typedef void visit_fn(struct mm *mm, u64 from, u64 to);

static noinline void zap_shared(struct mm *mm, u64 from, u64 to)
{
	struct gather g;

	gather_init(&g, mm, false);
	zap_range(&g, from, to, true);
	gather_flush(&g);
}

static noinline void zap_all(struct mm *mm, u64 from, u64 to)
{
	struct gather g;

	gather_init(&g, mm, false);
	zap_range(&g, from, to, false);
	gather_flush(&g);
}

/* Only in shared areas: what is writable in a private one is no page of the object. */
static void take_w(struct mm *mm, u64 from, u64 to)
{
	u64 low = to, high = from, next;

	for (u64 addr = from; addr < to; addr = next) {
		pte_t *pte = pte_find_next(mm, addr, &next);

		if (!pte)
			continue;
		next = leaf_end(addr, to);
		if (!pte_lock(pte))
			continue;
		for (u64 a = addr; a < next; a += PAGE_SIZE, pte++) {
			pte_t e = *pte;

			if (!pte_used(e) || !(e & (PTE_W | PTE_D)))
				continue;
			WRITE_ONCE(*pte, e & ~(PTE_W | PTE_D));
			low = min(low, a);
			high = a + PAGE_SIZE;
		}
		pte_unlock(pte - 1);
	}
	if (low < high)
		mm_flush(mm, low, high);
}

/* A walk over the areas that map certain pages. */
struct walk {
	struct interval_search s;
	bool shared_only;
};

/* [obj->lock] The next one; NULL: there is none. */
static struct area *next_area(struct vmobject *obj, struct walk *w)
{
	struct interval *i;

	while ((i = interval_next(&obj->areas, &w->s))) {
		struct area *a = area_of(i);

		if (!w->shared_only || !area_is_private(a))
			return a;
		interval_pass(&w->s, i);
	}
	return NULL;
}

/* The space that the next area is in, held; NULL: there is none. */
static struct mm *next_space(struct vmobject *obj, struct walk *w)
{
	struct mm *mm = NULL;
	struct area *a;

	spin_lock(&obj->lock);
	a = next_area(obj, w);
	if (a) {
		mm = a->mm;
		mm_hold(mm);
	}
	spin_unlock(&obj->lock);
	return mm;
}

/* sem of mm held for reading. To its next area: the addresses at which it maps what is looked for. */
static bool next_in_space(struct vmobject *obj, struct walk *w, const struct mm *mm, u64 *from,
			  u64 *to)
{
	struct area *a;
	u64 lo, hi;

	spin_lock(&obj->lock);
	a = next_area(obj, w);
	if (!a || a->mm != mm) {
		spin_unlock(&obj->lock);
		return false;
	}
	lo = max(w->s.first, a->in_obj.first);
	hi = min(w->s.last, a->in_obj.last);
	*from = a->start + ((lo - a->pgoff) << PAGE_SHIFT);
	*to = a->start + ((hi + 1 - a->pgoff) << PAGE_SHIFT);
	interval_pass(&w->s, &a->in_obj);
	spin_unlock(&obj->lock);
	return true;
}

/*
 * One space after the other, each as a whole while its sem is held: then its areas are not split, joined or
 * moved, so it need not be looked at again. They come in the order of their ids; whom an earlier one
 * forked meanwhile has got nothing that it had lost, and whom a later one forks comes behind it.
 */
static void visit_mappings(struct vmobject *obj, u64 index, u64 n, bool shared_only,
			   visit_fn *visit)
{
	struct walk w = { .s = { .first = index, .last = index + n < index ? ~0UL : index + n - 1 },
			  .shared_only = shared_only };
	struct mm *mm;
	u64 from, to;

	while (n && (mm = next_space(obj, &w))) {
		rwsem_read_lock(&mm->sem);
		interval_pass_group(&w.s, mm->id - 1); /* its areas may be others by now */
		while (next_in_space(obj, &w, mm, &from, &to)) {
			visit(mm, from, to);
			cond_resched();
		}
		rwsem_read_unlock(&mm->sem);
		interval_pass_group(&w.s, mm->id);
		mm_drop(mm);
	}
}

void vm_unmap_object(struct vmobject *obj, u64 index, u64 n, bool even_private)
{
	visit_mappings(obj, index, n, false, even_private ? zap_all : zap_shared);
}

void vm_protect_object(struct vmobject *obj, u64 index, u64 n)
{
	visit_mappings(obj, index, n, true, take_w);
}
