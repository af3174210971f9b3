/*
 * Filling the page cache: page locks, and how much is read at once.
 *
 * Absent pages are put into the tree locked and not up to date, so that others who
 * want them wait; then the owner's fill reads all of them in one go. A miss that
 * continues the last window doubles it, up to 512 KiB; any other miss reads the
 * 128 KiB around it, which costs a disk little more than one page.
 */
#include "core/psi.h"
#include "core/signal.h"
#include "core/wait.h"
#include "lib/hash.h"
#include "lib/string.h"
#include "mm/internal.h"

#define WINDOW_FIRST 32 /* pages */
#define WINDOW_MAX   112
#define WAITQ_BITS   6

static struct waitq page_waitq[1u << WAITQ_BITS];

static struct waitq *waitq_of(const struct page *p)
{
	return &page_waitq[hash_index(hash_ptr(p), WAITQ_BITS)];
}

void pagelock_init(void)
{
	for (unsigned i = 0; i < ARRAY_SIZE(page_waitq); i++)
		waitq_init(&page_waitq[i]);
}

bool page_trylock(struct page *p)
{
	return !page_flag_test_set(p, PG_LOCKED);
}

static int lock_page(struct page *p, int state)
{
	struct waitq *q = waitq_of(p);
	struct waiter w;
	u8 stall;
	int err = 0;

	while (!page_trylock(p)) {
		if (err)
			return err;
		waiter_init(&w);
		wait_prepare(q, &w, state);
		stall = psi_stall_begin(STALL_IO);
		if (page_flag(p, PG_LOCKED))
			err = wait_sleep(WAIT_FOREVER);
		psi_stall_end(stall);
		wait_finish(q, &w);
	}
	return 0;
}

void page_lock(struct page *p)
{
	lock_page(p, TASK_UNINTERRUPTIBLE);
}

static int page_lock_killable(struct page *p)
{
	return lock_page(p, TASK_KILLABLE);
}

void page_unlock(struct page *p)
{
	struct waitq *q = waitq_of(p);

	page_flag_test_clear(p, PG_LOCKED);
	smp_mb();
	if (waitq_active(q))
		wake_up_all(q);
}

/*
 * What to read for a miss at index: *start and how many pages. The hints are racy, and only hints.
 */
static unsigned window(struct vmobject *obj, u64 index, u64 *start)
{
	u64 end = DIV_ROUND_UP(READ_ONCE(obj->size), PAGE_SIZE), n;
	bool sequential = index && index == READ_ONCE(obj->ra_next);

	*start = index;
	if (index >= end)
		return 1;
	n = WINDOW_FIRST;
	if (sequential)
		n = min(READ_ONCE(obj->ra_window) * 2, (u32)WINDOW_MAX);
	else
		*start = ALIGN_DOWN(index, (u64)WINDOW_FIRST);
	n = min(n, end - *start);
	WRITE_ONCE(obj->ra_window, (u32)n);
	WRITE_ONCE(obj->ra_next, *start + n);
	return (unsigned)n;
}

/* Puts locked pages into the tree: as long a run of absent indexes around index as pages allow. */
static unsigned insert_run(struct vmobject *obj, u64 index, u64 start, struct page **pages,
			   unsigned n, u64 *first)
{
	u64 lo = index;
	unsigned done = 0;

	while (lo > start && index - lo + 1 < n && !radix_get(&obj->pages, lo - 1))
		lo--;
	*first = lo;
	for (; done < n && !radix_get(&obj->pages, lo + done); done++) {
		page_flag_set(pages[done], PG_LOCKED);
		if (cache_insert(obj, pages[done], lo + done))
			break;
	}
	return done;
}

/* Takes pages that could not be filled out again. */
static void forget(struct vmobject *obj, struct page **pages, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		spin_lock(&obj->lock);
		cache_remove(obj, pages[i]);
		spin_unlock(&obj->lock);
		page_unlock(pages[i]);
		page_put(pages[i]);
	}
}

static void complete(struct vmobject *obj, struct page **pages, unsigned n)
{
	/* Under the lock: who finds the flag under it also sees the contents. */
	spin_lock(&obj->lock);
	for (unsigned i = 0; i < n; i++)
		page_flag_set(pages[i], PG_UPTODATE);
	spin_unlock(&obj->lock);
	lru_add(pages, n);
	for (unsigned i = 0; i < n; i++)
		page_unlock(pages[i]);
}

/* Memory that starts as zeros. */
static struct page *zero_page_at(struct vmobject *obj, u64 index)
{
	struct page *p = user_page_alloc(PA_ZERO);
	int err = -EAGAIN;

	if (!p)
		return ERR_PTR(-ENOMEM);
	spin_lock(&obj->lock);
	if (!radix_get(&obj->pages, index)) {
		page_flag_set(p, PG_UPTODATE);
		page_get(p);
		err = cache_insert(obj, p, index);
	}
	spin_unlock(&obj->lock);
	if (!err) {
		if (!obj->pinned)
			lru_add(&p, 1);
		return p;
	}
	atomic_set(&p->refs, 1);
	page_free(p, 0);
	return ERR_PTR(err);
}

/*
 * Fills what is absent around index; the page, referenced, or ERR_PTR(-EAGAIN): somebody else put
 * it there.
 */
static struct page *fill_around(struct vmobject *obj, u64 index)
{
	struct page *pages[WINDOW_MAX], *target;
	u64 start, first;
	unsigned want = window(obj, index, &start), n = 0, in;
	int err;

	pages[n] = user_page_alloc(0);
	if (!pages[n++])
		return ERR_PTR(-ENOMEM);
	while (n < want && (pages[n] = page_alloc(0, PA_USER)) != NULL)
		n++;
	spin_lock(&obj->lock);
	in = radix_get(&obj->pages, index) ? 0 : insert_run(obj, index, start, pages, n, &first);
	target = in && index - first < in ? pages[index - first] : NULL;
	if (target)
		page_get(target);
	spin_unlock(&obj->lock);
	for (unsigned i = in; i < n; i++)
		page_free(pages[i], 0);
	if (!target) {
		forget(obj, pages, in);
		return in ? ERR_PTR(-ENOMEM) : ERR_PTR(-EAGAIN);
	}
	err = obj->ops->fill(obj, first, pages, in);
	if (err && in > 1) { /* perhaps only a neighbour is bad */
		unsigned t = (unsigned)(index - first);

		forget(obj, pages, t);
		forget(obj, pages + t + 1, in - t - 1);
		pages[0] = target;
		in = 1;
		err = obj->ops->fill(obj, index, pages, 1);
	}
	tracepoint(TP_CACHE_FILL, obj->id, first | (u64)in << 48);
	if (!err) {
		complete(obj, pages, in);
		return target;
	}
	forget(obj, pages, in);
	page_put(target);
	return ERR_PTR(err);
}

/* A reserved page, locked, gets its contents: zeros. False: it is no such page. */
static bool begin_page(struct vmobject *obj, struct page *p)
{
	if (!vmobject_has_holes(obj))
		return false;
	memset(page_to_virt(p), 0, PAGE_SIZE);
	spin_lock(&obj->lock);
	page_flag_set(p, PG_UPTODATE);
	spin_unlock(&obj->lock);
	return true;
}

int vmobject_reserve(struct vmobject *obj, u64 index)
{
	struct page *p = user_page_alloc(0);
	bool there;
	int err = 0;

	if (!p)
		return -ENOMEM;
	spin_lock(&obj->lock);
	there = radix_get(&obj->pages, index);
	if (!there)
		err = cache_insert(obj, p, index);
	spin_unlock(&obj->lock);
	if (!there && !err)
		return 1;
	page_free(p, 0);
	if (err)
		return err;
	p = vmobject_page(obj, index);
	if (IS_ERR(p))
		return (int)PTR_ERR(p);
	page_put(p);
	return 0;
}

struct page *vmobject_page(struct vmobject *obj, u64 index)
{
	for (;;) {
		struct page *p;
		bool ok;

		spin_lock(&obj->lock);
		p = radix_get(&obj->pages, index);
		if (p) {
			page_get(p);
			ok = page_flag(p, PG_UPTODATE);
		}
		spin_unlock(&obj->lock);
		tracepoint(p ? TP_CACHE_HIT : TP_CACHE_MISS, obj->id, index | 1ULL << 48);
		if (!p) {
			p = obj->ops && obj->ops->fill ? fill_around(obj, index) :
							 zero_page_at(obj, index);
			if (p != ERR_PTR(-EAGAIN))
				return p;
			continue;
		}
		if (!ok) {
			if (page_lock_killable(p)) {
				page_put(p);
				return ERR_PTR(-ERESTARTSYS);
			}
			ok = p->obj == obj && (page_flag(p, PG_UPTODATE) || begin_page(obj, p));
			page_unlock(p);
		}
		if (ok) {
			if (!page_flag(p, PG_REFERENCED))
				page_flag_set(p, PG_REFERENCED);
			return p;
		}
		page_put(p);
		if (fatal_signal_pending(current))
			return ERR_PTR(-ERESTARTSYS);
	}
}

void vmobject_readahead(struct vmobject *obj, u64 index, u64 n)
{
	u64 end = DIV_ROUND_UP(READ_ONCE(obj->size), PAGE_SIZE);

	if (!obj->ops || !obj->ops->fill || index >= end)
		return;
	end = min(end, index + min(n, end - index));
	while (index < end && !memory_is_short() && !fatal_signal_pending(current)) {
		struct page *p = vmobject_page(obj, index);

		if (IS_ERR(p))
			return;
		page_put(p);
		index++;
		cond_resched();
	}
}
