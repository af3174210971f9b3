/*
 * From a page of the cache to the entries that map it: through the object's list
 * of areas, each of which tells the address where a page must be if it is mapped.
 */
#include "mm/internal.h"

#define MAX_MAPPINGS 16 /* a page mapped more often is in use: reclaim leaves it */

struct mapping {
	struct mm *mm;
	u64 addr;
};

/*
 * The addresses at which index may be mapped, each space held; -1: too many, or locked in memory.
 */
static int find_mappings(struct vmobject *obj, u64 index, struct mapping *m)
{
	struct area *a;
	int n = 0;
	bool leave = false;

	spin_lock(&obj->lock);
	list_for_each_entry(a, &obj->areas, obj_link) {
		if (area_is_marker(a) || index < a->pgoff || index >= area_index(a, a->end))
			continue;
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

static struct area *link_area(struct list_head *l)
{
	return list_entry(l, struct area, obj_link);
}

/* [obj->lock] Is a still the area just before the marker, but for other walkers' markers? */
static bool still_there(struct vmobject *obj, const struct area *marker, const struct area *a)
{
	struct list_head *l = marker->obj_link.prev;

	while (l != &obj->areas && area_is_marker(link_area(l)))
		l = l->prev;
	return l == &a->obj_link;
}

/* [obj->lock] The addresses of a that map pages [index, end); false: none. */
static bool overlap(const struct area *a, u64 index, u64 end, u64 *from, u64 *to)
{
	u64 lo = max(index, a->pgoff), hi = min(end, area_index(a, a->end));

	if (lo >= hi)
		return false;
	*from = a->start + ((lo - a->pgoff) << PAGE_SHIFT);
	*to = a->start + ((hi - a->pgoff) << PAGE_SHIFT);
	return true;
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

/*
 * A marker in the list keeps the place while one space's sem is waited for. Areas come and go
 * under that sem alone, and new ones are put at the end, so none is missed.
 */
static void visit_mappings(struct vmobject *obj, u64 index, u64 n, bool shared_only,
			   visit_fn *visit)
{
	u64 end = index + n < index ? ~0UL : index + n, from, to;
	struct area marker = { .mm = NULL };

	spin_lock(&obj->lock);
	list_add(&marker.obj_link, &obj->areas);
	while (marker.obj_link.next != &obj->areas) {
		struct area *a = link_area(marker.obj_link.next);
		struct mm *mm = a->mm;
		bool there;

		list_move(&marker.obj_link, &a->obj_link);
		if (area_is_marker(a) || (shared_only && area_is_private(a)) ||
		    !overlap(a, index, end, &from, &to))
			continue;
		mm_hold(mm);
		spin_unlock(&obj->lock);
		rwsem_read_lock(&mm->sem);
		spin_lock(&obj->lock);
		there = still_there(obj, &marker, a) && overlap(a, index, end, &from, &to);
		spin_unlock(&obj->lock);
		if (there)
			visit(mm, from, to);
		rwsem_read_unlock(&mm->sem);
		mm_drop(mm);
		spin_lock(&obj->lock);
	}
	list_del(&marker.obj_link);
	spin_unlock(&obj->lock);
}

void vm_unmap_object(struct vmobject *obj, u64 index, u64 n, bool even_private)
{
	visit_mappings(obj, index, n, false, even_private ? zap_all : zap_shared);
}

void vm_protect_object(struct vmobject *obj, u64 index, u64 n)
{
	visit_mappings(obj, index, n, true, take_w);
}
