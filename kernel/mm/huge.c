/*
 * 2 MiB of anonymous memory at once.
 *
 * A leaf table whose entries are alike and map an aligned block of 512 pages in order can be *folded*:
 * the entry above it, which led to the table, becomes a leaf that maps the same memory. The table stays
 * as it is, and true, so whoever walks finds its entries as ever, and to unfold it is one store that
 * needs no memory and no flush: both ways to look at it say the same. Who changes an entry unfolds
 * first (pte_lock_change), or changes all of the table (folded_*).
 *
 * The pages of the block are ordinary ones, each counted by itself; but one reference to each serves all
 * the folded tables, whose number is the first page's mapcount: so fork need not touch 512 pages.
 * Unfolded, a table has references of its own.
 *
 * Where the table of a folded entry is, says a page beside the inner table (page->folds), which lives
 * as long as that: so walkers need no lock here either.
 *
 * Locks: the ptl of a leaf table guards PG_FOLDED, PG_WHOLE and the entry above. A folded table belongs
 * to one area whole: area_split unfolds it otherwise.
 */
#include "lib/string.h"
#include "mm/internal.h"

enum huge_mode vm_huge_mode;
static atomic_long_t folded; /* tables, now */
static atomic_long_t events[HUGE_EVENTS];

static void count(enum huge_event e)
{
	atomic_long_inc(&events[e]);
}

u64 vm_huge_events(enum huge_event e)
{
	return (u64)atomic_long_read(&events[e]);
}

u64 vm_huge_pages(void)
{
	return (u64)atomic_long_read(&folded) << HUGE_ORDER;
}

/* A machine with less memory than that has none to give away: Linux draws the line there, too. */
void huge_init(void)
{
	vm_huge_mode = page_total() < (512UL << 20) >> PAGE_SHIFT ? HUGE_NEVER : HUGE_ALWAYS;
}

/* ---- folding ---- */

/* The block of a folded table. */
static struct page *block_of(const pte_t *pte)
{
	return pte_page(*(const pte_t *)ALIGN_DOWN((u64)pte, PAGE_SIZE));
}

int folded_sharers(const pte_t *pte)
{
	return atomic_read(&block_of(pte)->mapcount);
}

bool folded_sole(const pte_t *pte)
{
	const struct page *p = block_of(pte);

	if (atomic_read(&p->mapcount) != 1)
		return false;
	for (unsigned i = 0; i < PT_ENTRIES; i++)
		if (atomic_read(&p[i].refs) != 1)
			return false;
	return true;
}

void block_put(struct page *block)
{
	if (atomic_dec_return(&block->mapcount) == 0)
		page_put_all(block, HUGE_ORDER);
}

/* [ptl] The table's share in the block becomes a reference to each page. */
static void take_pages(struct page *block)
{
	/* Nobody but this table could let another have a share. */
	if (atomic_read(&block->mapcount) == 1) {
		atomic_set(&block->mapcount, 0);
		return;
	}
	for (unsigned i = 0; i < PT_ENTRIES; i++)
		page_get(block + i);
	block_put(block);
}

static void fold(struct mm *mm, u64 addr, pte_t *t)
{
	pte_t *at = pte_inner(mm, addr);

	WRITE_ONCE(*fold_of(at), t);
	page_flag_set(table_page(t), PG_FOLDED);
	page_flag_set(table_page(t), PG_WHOLE);
	smp_store_release(at, t[0]);
	atomic_long_inc(&folded);
}

/* The share is still to be dealt with. */
static void unfold(struct mm *mm, u64 addr, pte_t *pte)
{
	struct page *table = table_page(pte);

	page_flag_clear(table, PG_FOLDED);
	smp_store_release(pte_inner(mm, addr), pte_make(page_to_phys(table), PTE_V));
	atomic_long_dec(&folded);
	count(HUGE_SPLIT);
}

void pt_unfold(struct mm *mm, u64 addr, pte_t *pte)
{
	take_pages(block_of(pte));
	unfold(mm, addr, pte);
}

void pt_refold(struct area *a, u64 addr, pte_t *pte, u64 take)
{
	pte_t *t = (pte_t *)ALIGN_DOWN((u64)pte, PAGE_SIZE), first = t[0];
	u64 base = ALIGN_DOWN(addr, HUGE_SIZE), pa = pte_phys(first), bits = pte_bits(first);
	bool ok = area_is_anon(a) && a->start <= base && a->end - base >= HUGE_SIZE &&
		  pte_used(first) && !(pa & (HUGE_SIZE - 1));

	for (unsigned i = 0; ok && i < PT_ENTRIES; i++, pa += PAGE_SIZE) {
		if (take)
			ok = pte_present(t[i]) && pte_phys(t[i]) == pa &&
			     atomic_read(&pte_page(t[i])->refs) == 1;
		else
			ok = t[i] == pte_make(pa, bits);
	}
	/* One set of references stands for all shares: this table's, unless there is one. */
	if (!ok || atomic_cmpxchg(&pte_page(first)->mapcount, 0, 1) != 0) {
		page_flag_clear(table_page(pte), PG_WHOLE);
		return;
	}
	if (take)
		folded_fill(a->mm, base, t, pte_make(pte_phys(first), take));
	else
		fold(a->mm, base, t);
}

static void fill(pte_t *t, pte_t e)
{
	const pte_t next = pte_make(PAGE_SIZE, 0);

#pragma GCC unroll 16
	for (unsigned i = 0; i < PT_ENTRIES; i++, e += next)
		WRITE_ONCE(t[i], e);
}

void folded_fill(struct mm *mm, u64 addr, pte_t *pte, pte_t first)
{
	smp_wmb(); /* what is in the pages, before they can be seen */
	fill(pte, first);
	fold(mm, addr, pte);
}

void folded_change(struct mm *mm, u64 addr, pte_t *pte, u64 bits)
{
	fill(pte, pte_make(pte_phys(*pte), bits));
	smp_store_release(pte_inner(mm, addr), *pte);
}

bool folded_share(struct mm *from, struct mm *to, u64 addr, pte_t *src, pte_t *dst)
{
	pte_t first = *src;

	if (!pt_has_folds(to, addr))
		return false;
	atomic_inc(&pte_page(first)->mapcount);
	if (first & PTE_W)
		folded_change(from, addr, src, pte_bits(first & ~PTE_W));
	folded_fill(to, addr, dst, first & ~PTE_W);
	return true;
}

struct page *folded_clear(struct mm *mm, u64 addr, pte_t *pte)
{
	struct page *block = pte_page(*pte);

	unfold(mm, addr, pte);
	memset(pte, 0, PAGE_SIZE);
	return block;
}

/* ---- where it pays ---- */

/* Has the area nothing against it? */
static bool willing(const struct area *a)
{
	const u32 not = VM_SHARED | VM_NOHUGEPAGE | VM_SPECIAL | VM_DROPPABLE | VM_GROWSDOWN;

	return area_is_anon(a) && !(a->flags & not ) && !(a->mm->flags & MM_THP_DISABLE);
}

/* Does it hold a whole block? */
static bool has_block(const struct area *a)
{
	return a->end >= HUGE_SIZE && ALIGN_UP(a->start, HUGE_SIZE) <= a->end - HUGE_SIZE;
}

static bool mode_allows(const struct area *a)
{
	enum huge_mode mode = READ_ONCE(vm_huge_mode);

	return mode == HUGE_ALWAYS || (mode == HUGE_MADVISE && (a->flags & VM_HUGEPAGE));
}

bool area_huge(const struct area *a)
{
	return willing(a) && has_block(a) && mode_allows(a);
}

/* An eighth of memory is kept for those who want single pages: a block may never be used in full. */
static bool memory_allows(void)
{
	return page_free_count() >= page_total() / 8 + PT_ENTRIES;
}

static bool is_zero(pte_t e)
{
	return pte_used(e) && pte_page(e) == zero_page;
}

static bool is_own(pte_t e)
{
	return pte_used(e) && pte_page(e) != zero_page;
}

/* Is nothing lost when another page takes its place? Marks of pages that are not there count (uffd.c). */
static bool is_free(pte_t e)
{
	return !e || is_zero(e);
}

/* Is every page of the block at there? A hint: no lock. `end` is the entry to be looked at first. */
static bool full(const pte_t *at, unsigned end)
{
	const pte_t *t = table_under(at, READ_ONCE(*at), 1);

	if (!t || !is_own(READ_ONCE(t[end])))
		return false;
	for (unsigned i = 0; i < PT_ENTRIES && !pte_folded(t); i++)
		if (!is_own(READ_ONCE(t[i])))
			return false;
	return true;
}

/*
 * Where nobody asked, memory must be used in sequence: the block below or above is there in full. So
 * no area has more than twice of what was touched, and a stack or a sparse heap no page more.
 */
static bool in_sequence(const struct area *a, u64 base)
{
	unsigned i = pt_index(base, 1);
	const pte_t *at = pte_inner(a->mm, base);

	return at && ((i > 0 && base - a->start >= HUGE_SIZE && full(at - 1, PT_ENTRIES - 1)) ||
		      (i < PT_ENTRIES - 1 && a->end - base >= 2 * HUGE_SIZE && full(at + 1, 0)));
}

/* Has the block neither page nor mark of its own yet? Who touches one after the other learns it at once. */
static bool empty(const pte_t *t, unsigned at)
{
	if (!is_free(READ_ONCE(t[0])) || (at > 0 && !is_free(READ_ONCE(t[at - 1]))) ||
	    (at + 1 < PT_ENTRIES && !is_free(READ_ONCE(t[at + 1]))))
		return false;
	for (unsigned i = 0; i < PT_ENTRIES; i++)
		if (!is_free(READ_ONCE(t[i])))
			return false;
	return true;
}

static bool pays(const struct area *a, u64 base, bool ahead)
{
	if (base < a->start || a->end - base < HUGE_SIZE || !mode_allows(a) || !willing(a))
		return false;
	return ahead || (a->flags & VM_HUGEPAGE) || in_sequence(a, base);
}

/* Lets instruction fetches see the block, where that is wanted. */
static void sync_block(const struct area *a, struct page *p)
{
	bool done = false;

	for (unsigned i = 0; (a->flags & VM_EXEC) && i < PT_ENTRIES; i++)
		page_sync_icache(p + i, &done);
}

static pte_t block_entry(const struct area *a, const struct page *p)
{
	return pte_make(page_to_phys(p), area_pte_bits(a->flags) | PTE_W | PTE_D);
}

/* Single pages in a row, with a share for one table; NULL: no memory. */
static struct page *block_alloc(struct mm *mm, u64 base, unsigned flags)
{
	struct page *p;

	if (!memory_allows() || !pt_make_folds(mm, base))
		return NULL;
	p = page_alloc(HUGE_ORDER, flags | PA_USER | PA_ANON);
	if (p) {
		page_break(p, HUGE_ORDER);
		atomic_set(&p->mapcount, 1);
	}
	return p;
}

/* Maps the block, unless somebody was faster. */
static bool block_install(struct area *a, u64 base, unsigned at, struct page *p)
{
	pte_t *t = pte_find(a->mm, base);

	sync_block(a, p);
	if (!pte_lock(t))
		return false;
	if (pte_folded(t) || !empty(t, at)) {
		pte_unlock(t);
		return false;
	}
	/* Pages of zeros may have been read. */
	if (memchr_inv(t, 0, PAGE_SIZE)) {
		memset(t, 0, PAGE_SIZE);
		mm_flush(a->mm, base, base + HUGE_SIZE);
	}
	WRITE_ONCE(a->has_anon, true);
	folded_fill(a->mm, base, t, block_entry(a, p));
	pte_unlock(t);
	rss_add(a->mm, RSS_ANON, PT_ENTRIES);
	return true;
}

bool huge_fault(struct area *a, u64 addr, const pte_t *pte, bool ahead)
{
	u64 base = ALIGN_DOWN(addr, HUGE_SIZE);
	pte_t *t = (pte_t *)ALIGN_DOWN((u64)pte, PAGE_SIZE);
	struct page *p;

	if (!pays(a, base, ahead) || (t && !empty(t, pt_index(addr, 0)))) {
		if (t)
			page_flag_clear(table_page(t), PG_WHOLE); /* not to be asked at each page */
		return false;
	}
	p = block_alloc(a->mm, base, PA_ZERO);
	if (!p) {
		count(HUGE_FALLBACK);
		return false;
	}
	if (!block_install(a, base, pt_index(addr, 0), p)) {
		block_put(p);
		return false;
	}
	count(HUGE_FAULT);
	return true;
}

/* ---- MADV_COLLAPSE ---- */

/*
 * [ptl] May the pages be replaced by others? Some of them can be written, so all are private. 0;
 * -EINVAL: no, or one is poisoned; -EBUSY: one is missing that a userfaultfd shall bring.
 */
static int may_move(const struct area *a, const pte_t *t)
{
	bool writable = false;

	for (unsigned i = 0; i < PT_ENTRIES; i++) {
		if (t[i] && !pte_used(t[i]))
			return -EINVAL;
		if ((a->flags & VM_UFFD) && is_free(t[i]))
			return -EBUSY;
		writable |= (t[i] & (PTE_V | PTE_W)) == (PTE_V | PTE_W);
	}
	return writable ? 0 : -EINVAL;
}

/* [ptl] Nobody can reach the block any more: copies its pages to p and puts them; how many there were. */
static unsigned move_pages(const pte_t *t, struct page *p)
{
	unsigned n = 0;

	for (unsigned i = 0; i < PT_ENTRIES; i++) {
		if (is_own(t[i])) {
			page_copy(p + i, pte_page(t[i]));
			page_put(pte_page(t[i]));
			n++;
		} else {
			memset(page_to_virt(p + i), 0, PAGE_SIZE);
		}
	}
	return n;
}

static int collapse_block(struct area *a, u64 base)
{
	struct mm *mm = a->mm;
	pte_t *t = pte_find(mm, base);
	struct page *p;
	unsigned had;
	int err;

	if (!t)
		return -EINVAL;
	if (pte_folded(t))
		return 0;
	p = block_alloc(mm, base, 0);
	if (!p) {
		count(HUGE_COLLAPSE_FAILED);
		return -ENOMEM;
	}
	BUG_ON(!pte_lock(t)); /* sem is held for writing */
	err = may_move(a, t);
	if (err) {
		pte_unlock(t);
		block_put(p);
		return err;
	}
	/* Whoever wants one of the pages now finds no table, and waits for sem. */
	WRITE_ONCE(*pte_inner(mm, base), 0);
	mm_flush(mm, base, base + HUGE_SIZE);
	had = move_pages(t, p);
	sync_block(a, p);
	folded_fill(mm, base, t, block_entry(a, p));
	pte_unlock(t);
	rss_add(mm, RSS_ANON, (long)PT_ENTRIES - had);
	count(HUGE_COLLAPSE);
	return 0;
}

int huge_collapse(struct area *a, u64 start, u64 end)
{
	int err = 0, failed;

	start = ALIGN_UP(start, HUGE_SIZE);
	end = ALIGN_DOWN(end, HUGE_SIZE);
	if (!willing(a) || !has_block(a) || start > end)
		return -EINVAL;
	for (; start < end; start += HUGE_SIZE) {
		failed = collapse_block(a, start);
		if (failed)
			err = failed;
		cond_resched();
	}
	return err;
}
