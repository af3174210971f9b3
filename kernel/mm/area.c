/*
 * The tree of areas: look-up, insertion, splitting, joining, and the search for
 * room. Each node knows the extent of its subtree and the largest hole between
 * areas in it, so that a hole is found in logarithmic time.
 *
 * mm->sem: for writing where the tree changes, for reading elsewhere. Borders of
 * areas with an object change under obj->lock too: the reverse map (rmap.c)
 * reads them with only that.
 */
#include "alloc/slab.h"
#include "mm/internal.h"
#include "mm/uffd.h"

static struct slab_cache *area_cache;
static atomic_long_t locked; /* pages of areas with VM_LOCKED, in all spaces */

u64 vm_locked_pages(void)
{
	return (u64)atomic_long_read(&locked);
}

void area_init(void)
{
	area_cache = slab_create("area", sizeof(struct area), 0);
}

/* Where an area begins as its lower neighbours see it: a stack keeps a gap below it. */
static u64 area_floor(const struct area *a)
{
	if (!(a->flags & VM_GROWSDOWN))
		return a->start;
	return a->start > STACK_GUARD ? a->start - STACK_GUARD : 0;
}

static struct area *to_area(const struct rb_node *n)
{
	return n ? rb_entry(n, struct area, node) : NULL;
}

static void area_update(struct rb_node *n)
{
	struct area *a = to_area(n), *l = to_area(n->left), *r = to_area(n->right);
	u64 floor = area_floor(a), gap = 0;

	a->lo = l ? l->lo : floor;
	a->hi = r ? r->hi : a->end;
	if (l) {
		gap = l->max_gap;
		if (floor > l->hi)
			gap = max(gap, floor - l->hi);
	}
	if (r) {
		gap = max(gap, r->max_gap);
		if (r->lo > a->end)
			gap = max(gap, r->lo - a->end);
	}
	a->max_gap = gap;
}

struct area *area_find(struct mm *mm, u64 addr)
{
	struct area *a = READ_ONCE(mm->cached), *best = NULL;
	struct rb_node *n = mm->areas.node;

	if (a && a->start <= addr && addr < a->end)
		return a;
	while (n) {
		a = to_area(n);
		if (a->end > addr) {
			best = a;
			if (a->start <= addr)
				break;
			n = n->left;
		} else {
			n = n->right;
		}
	}
	if (best)
		WRITE_ONCE(mm->cached, best);
	return best;
}

struct area *area_at(struct mm *mm, u64 addr)
{
	struct area *a = area_find(mm, addr);

	return a && a->start <= addr ? a : NULL;
}

struct area *area_next(struct area *a)
{
	return to_area(rb_next(&a->node));
}

struct area *area_prev(struct area *a)
{
	return to_area(rb_prev(&a->node));
}

struct area *area_first(struct mm *mm)
{
	return to_area(rb_first(&mm->areas));
}

/* Adds (sign 1) or takes away (-1) `pages` pages of an area with these flags from all counts. */
static void account(struct mm *mm, u32 flags, u64 pages, int sign)
{
	u64 n = sign < 0 ? -pages : pages;

	mm->total_pages += n;
	mm->total_max = max(mm->total_max, mm->total_pages);
	if (flags & VM_LOCKED) {
		mm->locked_pages += n;
		atomic_long_add(&locked, (s64)n);
	}
	if (flags & VM_GROWSDOWN)
		mm->stack_pages += n;
	else if (flags_are_data(flags))
		mm->data_pages += n;
	if ((flags & (VM_EXEC | VM_WRITE | VM_GROWSDOWN)) == VM_EXEC)
		mm->exec_pages += n;
	if (flags & VM_ACCOUNT)
		commit_add((s64)n);
}

static u64 area_pages(const struct area *a)
{
	return (a->end - a->start) >> PAGE_SHIFT;
}

struct area *area_alloc(struct mm *mm)
{
	struct area *a = slab_zalloc(area_cache);

	if (a)
		a->mm = mm;
	return a;
}

void area_free(struct area *a)
{
	slab_free(area_cache, a);
}

/* Into the reverse map, with the borders it has. obj->lock held. */
static void object_link(struct area *a)
{
	a->in_obj.group = a->mm->id;
	a->in_obj.first = a->pgoff;
	a->in_obj.last = area_index(a, a->end) - 1;
	interval_insert(&a->obj->areas, &a->in_obj);
}

static void object_unlink(struct area *a)
{
	interval_erase(&a->obj->areas, &a->in_obj);
}

/* Into the tree and the counts. */
static void tree_insert(struct area *a)
{
	struct mm *mm = a->mm;
	struct rb_node **link = &mm->areas.node, *parent = NULL;

	while (*link) {
		parent = *link;
		link = a->start < to_area(parent)->start ? &parent->left : &parent->right;
	}
	a->lo = area_floor(a);
	a->hi = a->end;
	a->max_gap = 0;
	rb_insert(&mm->areas, &a->node, parent, link, area_update);
	mm->nr_areas++;
	account(mm, a->flags, area_pages(a), 1);
}

static void tree_remove(struct area *a)
{
	struct mm *mm = a->mm;

	rb_erase(&mm->areas, &a->node, area_update);
	mm->nr_areas--;
	mm->cached = NULL;
	account(mm, a->flags, area_pages(a), -1);
}

void area_insert(struct area *a)
{
	tree_insert(a);
	if (a->obj) {
		spin_lock(&a->obj->lock);
		object_link(a);
		spin_unlock(&a->obj->lock);
	}
}

void area_remove(struct area *a, struct list_head *dead)
{
	tree_remove(a);
	if (a->obj) {
		spin_lock(&a->obj->lock);
		object_unlink(a);
		spin_unlock(&a->obj->lock);
	}
	list_add_tail(&a->dead, dead);
}

/*
 * New borders for a, by which `gone` (in the tree no more) becomes part of it, or `come` (not yet in it) is
 * parted from it; NULL: neither. At no time are pages of the object in none of them: whoever follows the
 * reverse map, without mm->sem, would miss them.
 */
static void set_borders(struct area *a, u64 start, u64 end, u64 pgoff, struct area *gone,
			struct area *come)
{
	account(a->mm, a->flags, area_pages(a), -1);
	if (a->obj) {
		spin_lock(&a->obj->lock);
		object_unlink(a);
		if (gone)
			object_unlink(gone);
	}
	a->start = start;
	a->end = end;
	a->pgoff = pgoff;
	if (a->obj) {
		object_link(a);
		if (come)
			object_link(come);
		spin_unlock(&a->obj->lock);
	}
	account(a->mm, a->flags, area_pages(a), 1);
	rb_update_path(&a->node, area_update);
}

void area_resize(struct area *a, u64 start, u64 end, u64 pgoff)
{
	set_borders(a, start, end, pgoff, NULL, NULL);
}

void area_set_flags(struct area *a, u32 flags)
{
	account(a->mm, a->flags, area_pages(a), -1);
	a->flags = flags;
	account(a->mm, a->flags, area_pages(a), 1);
	rb_update_path(&a->node, area_update);
}

/* A registration binds one space: fork(2) leaves it behind. */
static void area_copy_uffd(struct area *b, const struct area *a)
{
	if (b->mm != a->mm) {
		b->flags &= ~VM_UFFD;
		return;
	}
	b->uffd = a->uffd;
	b->uffd_mode = a->uffd_mode;
	uffd_get(b->uffd);
}

struct area *area_copy(struct area *a, struct mm *mm)
{
	struct area *b = area_alloc(mm);

	if (!b)
		return ERR_PTR(-ENOMEM);
	b->start = a->start;
	b->end = a->end;
	b->flags = a->flags;
	b->has_anon = a->has_anon;
	b->ops = a->ops;
	b->obj = a->obj;
	b->pgoff = a->pgoff;
	b->owner = a->owner;
	b->label = a->label;
	b->name = area_name_get(a->name);
	b->policy = a->policy;
	if (unlikely(a->flags & VM_UFFD))
		area_copy_uffd(b, a);
	if (b->obj)
		vmobject_get(b->obj);
	if (b->ops && b->ops->open)
		b->ops->open(b);
	return b;
}

/*
 * a keeps what is below addr; the new area above it or ERR_PTR(-ENOMEM, -EINVAL for special
 * areas).
 */
static struct area *area_split(struct area *a, u64 addr)
{
	struct area *b;

	if (a->flags & VM_SPECIAL)
		return ERR_PTR(-EINVAL);
	b = area_copy(a, a->mm);
	if (IS_ERR(b))
		return b;
	if (a->has_anon && a->end - a->start >= HUGE_SIZE &&
	    (addr & (HUGE_SIZE - 1))) { /* a folded table is of one area */
		pte_t *pte = pte_find(a->mm, addr);

		if (pte && pte_lock_change(a->mm, addr, pte))
			pte_unlock(pte);
	}
	b->pgoff = area_index(a, addr);
	b->start = addr;
	set_borders(a, a->start, addr, a->pgoff, NULL, b);
	tree_insert(b);
	return b;
}

int area_cut(struct mm *mm, u64 start, u64 end)
{
	struct area *a = area_at(mm, start), *b;

	if (a && a->start < start) {
		b = area_split(a, start);
		if (IS_ERR(b))
			return (int)PTR_ERR(b);
	}
	a = area_at(mm, end - 1);
	if (a && a->end > end) {
		b = area_split(a, end);
		if (IS_ERR(b))
			return (int)PTR_ERR(b);
	}
	return 0;
}

/* May b, if it begins where a ends and their flags are the same, be one area with it? */
static bool alike(const struct area *a, const struct area *b)
{
	return a->end == b->start && a->ops == b->ops && a->obj == b->obj && a->owner == b->owner &&
	       a->label == b->label && area_names_equal(a->name, b->name) &&
	       a->policy == b->policy && a->uffd == b->uffd && a->uffd_mode == b->uffd_mode &&
	       !(a->flags & VM_SPECIAL) && !(a->ops && a->ops->counted) &&
	       ((!a->obj && !a->ops) || area_index(a, a->end) == b->pgoff);
}

struct area *area_carve(struct area *a, u64 start, u64 end, u32 flags)
{
	struct area *p = area_prev(a), *n = area_next(a), *rest;
	bool joins = (start == a->start && p && p->flags == flags && alike(p, a)) ||
		     (end == a->end && n && n->flags == flags && alike(a, n));

	if (a->start < start) {
		if (!joins && a->mm->nr_areas >= (unsigned)READ_ONCE(vm_max_map_count))
			return ERR_PTR(-ENOMEM);
		a = area_split(a, start);
		if (IS_ERR(a))
			return a;
	}
	if (a->end > end) {
		if (!joins && a->mm->nr_areas >= (unsigned)READ_ONCE(vm_max_map_count))
			return ERR_PTR(-ENOMEM);
		rest = area_split(a, end);
		if (IS_ERR(rest))
			return rest;
	}
	return a;
}

/* a becomes part of p, which ends where it begins. */
static void join(struct area *p, struct area *a, struct list_head *dead)
{
	p->has_anon |= a->has_anon;
	tree_remove(a);
	set_borders(p, p->start, a->end, p->pgoff, a, NULL);
	list_add_tail(&a->dead, dead);
}

struct area *area_merge(struct area *a, struct list_head *dead)
{
	struct area *p = area_prev(a), *n = area_next(a);

	if (n && n->flags == a->flags && alike(a, n))
		join(a, n, dead);
	if (p && p->flags == a->flags && alike(p, a)) {
		join(p, a, dead);
		a = p;
	}
	return a;
}

static void free_told(struct area *a)
{
	list_del(&a->dead);
	uffd_put(a->uffd);
	slab_free(area_cache, a);
}

void area_bury(struct list_head *dead)
{
	struct area *a, *next;

	list_for_each_entry_safe(a, next, dead, dead) {
		if (a->obj) /* first: it may be part of what close lets go */
			vmobject_put(a->obj);
		if (a->ops && a->ops->close)
			a->ops->close(a);
		area_name_put(a->name);
		if (likely(!a->tells))
			free_told(a);
	}
	list_for_each_entry_safe(a, next, dead, dead) {
		uffd_unmap_end(a);
		free_told(a);
	}
}

/* The highest place for len in [lo, hi) clipped to [low, high); 0: too small. */
static u64 fit(u64 lo, u64 hi, u64 len, u64 low, u64 high)
{
	lo = max(lo, low);
	hi = min(hi, high);
	return lo < hi && hi - lo >= len ? hi - len : 0;
}

/* In the subtree of n, with free room from below and up to above around it. */
static u64 gap_under(struct area *a, u64 below, u64 above, u64 len, u64 low, u64 high)
{
	u64 floor, at;

	if (!a)
		return fit(below, above, len, low, high);
	if (above <= low || below >= high)
		return 0;
	if (a->max_gap < len && (a->lo < below || a->lo - below < len) &&
	    (above < a->hi || above - a->hi < len))
		return 0;
	at = gap_under(to_area(a->node.right), a->end, above, len, low, high);
	if (at)
		return at;
	floor = area_floor(a);
	return floor > below ? gap_under(to_area(a->node.left), below, floor, len, low, high) : 0;
}

u64 area_gap(struct mm *mm, u64 len, u64 low, u64 high)
{
	return gap_under(to_area(mm->areas.node), 0, USER_TOP, len, low, high);
}
