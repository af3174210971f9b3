/*
 * Getting memory back: a hand that goes round all pages in search of reclaimable ones, and
 * what happens when a page for user space is wanted and there is none.
 *
 * Reclaimable (PG_LRU) are clean pages of the cache that have a store behind them. A page
 * that was used since the hand came by gets another round; a mapped one is unmapped first,
 * so that a use shows as a (cheap) fault; what is met a third time goes. There is no list to
 * keep: it would take a third of struct page.
 *
 * Locks: lru.lock guards the hand, and PG_LRU of every page; it nests inside obj->lock.
 */
#include "alloc/vmap.h"
#include "core/psi.h"
#include "core/rcu.h"
#include "core/work.h"
#include "mm/internal.h"

#define LOOK 512 /* pages passed under one lock */

static struct {
	spinlock_t lock;
	u64 n; /* [lock] pages with PG_LRU */
	u64 hand; /* [lock] number of the page to be looked at next */
} lru = { .lock = SPINLOCK_INIT(RANK_LRU, "lru") };

u64 (*reclaim_shrink)(u64 n); /* [boot] */
static struct work low_work;
static u64 low_mark; /* [boot] pages */

void lru_add(struct page **p, unsigned n)
{
	spin_lock(&lru.lock);
	for (unsigned i = 0; i < n; i++)
		lru.n += !page_flag_test_set(p[i], PG_LRU);
	spin_unlock(&lru.lock);
}

void lru_del(struct page *p)
{
	spin_lock(&lru.lock);
	lru.n -= page_flag_test_clear(p, PG_LRU);
	spin_unlock(&lru.lock);
}

/* The next page, referenced; NULL when there is none among the next LOOK. *left: how far to go. */
static struct page *lru_next(u64 *left)
{
	struct page *p = NULL;

	spin_lock(&lru.lock);
	for (unsigned i = 0; i < LOOK && *left && !p; i++, --*left) {
		p = &page_array[lru.hand];
		if (++lru.hand == ram_pages)
			lru.hand = 0;
		if (page_flag(p, PG_LRU))
			page_get(p); /* with the flag means in the cache, which holds a reference */
		else
			p = NULL;
	}
	spin_unlock(&lru.lock);
	return p;
}

static bool try_reclaim(struct page *p, struct unmap_batch *b)
{
	bool gone = false;

	if (page_flag(p, PG_REFERENCED)) {
		page_flag_clear(p, PG_REFERENCED);
		return false;
	}
	if (!page_trylock(p))
		return false;
	if (atomic_read(&p->mapcount) > 0)
		page_unmap(p, b);
	else
		gone = vmobject_evict(p);
	page_unlock(p);
	return gone;
}

u64 reclaim_pages(u64 n)
{
	struct unmap_batch batch = { .nr_mms = 0 };
	u64 freed = 0, left = ram_pages * 3;

	while (freed < n && left && READ_ONCE(lru.n)) {
		struct page *p = lru_next(&left);

		if (p) {
			freed += try_reclaim(p, &batch);
			page_put(p);
		}
		if (!p || (left & 63) == 0)
			cond_resched();
	}
	unmap_batch_flush(&batch);
	return freed;
}

bool memory_is_short(void)
{
	u8 stall;

	if (likely(page_free_count() >= low_mark))
		return false;
	stall = psi_stall_begin(STALL_MEMORY);
	reclaim_pages(64);
	psi_stall_end(stall);
	return page_free_count() < low_mark;
}

struct page *user_page_alloc(unsigned flags)
{
	struct page *p;
	u8 stall;

	if (alloc_fails())
		return NULL;
	p = page_alloc(0, flags | PA_USER);
	if (likely(p))
		return p;
	stall = psi_stall_begin(STALL_MEMORY);
	for (unsigned i = 0; !p && i < 3; i++) {
		rcu_hurry();
		reclaim_pages(64);
		kstack_drain();
		page_drain();
		p = page_alloc(0, flags | PA_USER);
	}
	psi_stall_end(stall);
	return p;
}

#define LEAVE 512 /* pages */

/*
 * Brings free memory well above the mark, so that this does not run again at once. The last pages are
 * left: programs run in them, and would only fault them in again, and so forever.
 */
static void reclaim_work(struct work *w __unused)
{
	u64 want = low_mark * 3 / 2;
	u8 stall = psi_stall_begin(STALL_MEMORY);

	rcu_hurry();
	while (page_free_count() < want) {
		u64 freed = READ_ONCE(lru.n) > LEAVE ? reclaim_pages(256) : 0;

		if (reclaim_shrink)
			freed += reclaim_shrink(256);
		if (!freed)
			break;
	}
	page_drain();
	psi_stall_end(stall);
}

static void memory_is_low(void)
{
	work_queue(&low_work);
}

void reclaim_init(void)
{
	struct page_stats s;

	page_stats(&s);
	low_mark = s.low;
	pagelock_init();
	work_init(&low_work, reclaim_work);
	page_low_hook = memory_is_low;
}
