/*
 * Getting memory back: the list of reclaimable cache pages, oldest first, and what
 * happens when a page for user space is wanted and there is none.
 *
 * On the list are clean pages that have a store behind them. A page that was
 * used since the hand came by gets another round; a mapped one is unmapped first, so that
 * a use shows as a (cheap) fault; what comes by a third time goes. Pages stay on the
 * list while they are looked at: cache_remove takes them off, and only it.
 *
 * Locks: lru.lock guards list and PG_LRU; it nests inside obj->lock.
 */
#include "core/rcu.h"
#include "core/work.h"
#include "mm/internal.h"

static struct {
	spinlock_t lock;
	struct list_head pages; /* [lock] by link, oldest first */
	u64 n; /* [lock] */
} lru = { .lock = SPINLOCK_INIT(RANK_LRU, "lru"), .pages = LIST_HEAD_INIT(lru.pages) };

u64 (*reclaim_shrink)(u64 n);
static struct work low_work;
static u64 low_mark; /* [boot] pages */

void lru_add(struct page **p, unsigned n)
{
	spin_lock(&lru.lock);
	for (unsigned i = 0; i < n; i++) {
		if (page_flag_test_set(p[i], PG_LRU))
			continue;
		list_add_tail(&p[i]->link, &lru.pages);
		lru.n++;
	}
	spin_unlock(&lru.lock);
}

void lru_del(struct page *p)
{
	spin_lock(&lru.lock);
	if (page_flag_test_clear(p, PG_LRU)) {
		list_del(&p->link);
		lru.n--;
	}
	spin_unlock(&lru.lock);
}

/* The oldest page, referenced and sent to the end of the list. */
static struct page *lru_next(void)
{
	struct page *p;

	spin_lock(&lru.lock);
	p = list_first_entry_or_null(&lru.pages, struct page, link);
	if (p) {
		list_move_tail(&p->link, &lru.pages);
		page_get(p); /* on the list means in the cache, which holds a reference */
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
	u64 freed = 0, budget = READ_ONCE(lru.n) * 3 + 1;

	while (freed < n && budget--) {
		struct page *p = lru_next();

		if (!p)
			break;
		freed += try_reclaim(p, &batch);
		page_put(p);
		if ((budget & 63) == 0)
			cond_resched();
	}
	unmap_batch_flush(&batch);
	return freed;
}

bool memory_is_short(void)
{
	if (likely(page_free_count() >= low_mark))
		return false;
	reclaim_pages(64);
	return page_free_count() < low_mark;
}

struct page *user_page_alloc(unsigned flags)
{
	struct page *p = page_alloc(0, flags | PA_USER);

	for (unsigned i = 0; !p && i < 3; i++) {
		rcu_hurry();
		reclaim_pages(64);
		page_drain();
		p = page_alloc(0, flags | PA_USER);
	}
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

	rcu_hurry();
	while (page_free_count() < want) {
		u64 freed = READ_ONCE(lru.n) > LEAVE ? reclaim_pages(256) : 0;

		if (reclaim_shrink)
			freed += reclaim_shrink(256);
		if (!freed)
			break;
	}
	page_drain();
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
