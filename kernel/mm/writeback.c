/*
 * Write-back: from dirty pages to the store, and how many of them there may be.
 *
 * A page is locked (PG_LOCKED) while it is written, which keeps truncation away from it; who
 * reads or writes it through the cache need not wait. It ceases to be dirty before it is read
 * for the store, and all mappings lose the right to write in between; so whatever is stored to
 * it from then on makes it dirty again: a program faults (fault.c grants W only while the page is
 * dirty), and the kernel marks it after it wrote.
 *
 * Locks: obj->lock guards PG_DIRTY, PG_WRITEBACK and their tags. No page lock is waited for with
 * mm->sem held unless the page is not up to date, so a space's sem may be waited for here.
 */
#include "alloc/slab.h"
#include "core/psi.h"
#include "core/signal.h"
#include "core/time.h"
#include "mm/internal.h"

#define RUN 128 /* pages handed to the store at once */

int vm_dirty_ratio = 20, vm_dirty_background_ratio = 10;
u64 vm_dirty_bytes, vm_dirty_background_bytes;
void (*writeback_wanted)(void);

static atomic_long_t dirty, written; /* pages; the second: under write-back */
static struct waitq less = WAITQ_INIT(less); /* those who wait for fewer dirty pages */

u64 pagecache_dirty(void)
{
	return (u64)atomic_long_read(&dirty);
}

u64 pagecache_writeback(void)
{
	return (u64)atomic_long_read(&written);
}

/* [obj->lock] A page becomes newer than the store. */
void cache_dirty(struct vmobject *obj, struct page *p)
{
	assert_held(&obj->lock);
	page_flag_set(p, PG_DIRTY);
	if (!obj->ops || !obj->ops->write) {
		radix_tag_set(&obj->pages, p->index, OBJ_TAG_DIRTY);
		return;
	}
	if (!radix_tagged(&obj->pages, OBJ_TAG_DIRTY) && obj->ops->dirtied)
		obj->ops->dirtied(obj);
	radix_tag_set(&obj->pages, p->index, OBJ_TAG_DIRTY);
	atomic_long_inc(&dirty);
	WRITE_ONCE(obj->nr_unwritten, obj->nr_unwritten + 1);
	current->io.write_bytes += PAGE_SIZE;
}

/* [obj->lock] It is no longer, or goes; gone: unwritten. */
void cache_undirty(struct vmobject *obj, struct page *p, bool gone)
{
	assert_held(&obj->lock);
	page_flag_clear(p, PG_DIRTY);
	radix_tag_clear(&obj->pages, p->index, OBJ_TAG_DIRTY);
	if (!obj->ops || !obj->ops->write)
		return;
	atomic_long_dec(&dirty);
	WRITE_ONCE(obj->nr_unwritten, obj->nr_unwritten - 1);
	if (gone)
		current->io.cancelled_write_bytes += PAGE_SIZE;
}

bool vmobject_dirty(struct vmobject *obj)
{
	bool some;

	spin_lock(&obj->lock);
	some = radix_tagged(&obj->pages, OBJ_TAG_DIRTY);
	spin_unlock(&obj->lock);
	return some;
}

/* --- how many --- */

static u64 limit(u64 bytes, int ratio)
{
	u64 room = page_free_count() + pagecache_pages() - pagecache_pinned();

	return bytes ? DIV_ROUND_UP(bytes, PAGE_SIZE) : room * (u64)ratio / 100;
}

static u64 unwritten(void)
{
	return pagecache_dirty() + pagecache_writeback();
}

u64 dirty_limit(void)
{
	return limit(READ_ONCE(vm_dirty_bytes), READ_ONCE(vm_dirty_ratio));
}

u64 dirty_background_limit(void)
{
	u64 n = limit(READ_ONCE(vm_dirty_background_bytes), READ_ONCE(vm_dirty_background_ratio));
	u64 most = dirty_limit();

	return n < most ? n : most / 2;
}

static bool few_enough(void *arg __unused)
{
	return unwritten() <= dirty_limit();
}

static bool dirty_too_many(void)
{
	return unwritten() > dirty_background_limit();
}

static void await_writeback(void)
{
	u8 stall = psi_stall_begin(STALL_IO);

	wait_until(&less, few_enough, NULL, TASK_KILLABLE, now_mono() + NSEC_PER_SEC / 10);
	psi_stall_end(stall);
}

void dirty_throttle(void)
{
	/* A thread of the kernel is on the way of what others made dirty. */
	if (likely(!dirty_too_many()) || !current->proc)
		return;
	while (writeback_wanted && !fatal_signal_pending(current)) {
		writeback_wanted();
		if (few_enough(NULL))
			return;
		await_writeback();
	}
}

bool dirty_wait(void)
{
	u64 before = unwritten();

	if (!writeback_wanted || !before || fatal_signal_pending(current))
		return false;
	writeback_wanted();
	await_writeback();
	reclaim_pages(64);
	return true;
}

/* --- errors: each is told once to each open file --- */

#define ERROR_SEEN BIT(12) /* below it the errno, above it a count */
#define ERROR_STEP BIT(13)

void vmobject_failed(u32 *where, int err)
{
	u32 old = __atomic_load_n(where, __ATOMIC_RELAXED), new;

	do {
		new = (old & ~(u32)(ERROR_STEP - 1)) | (u32)-err;
		if (old & ERROR_SEEN)
			new += (u32)ERROR_STEP;
		if (new == old)
			return;
	} while (!__atomic_compare_exchange_n(where, &old, new, false, __ATOMIC_RELAXED,
					      __ATOMIC_RELAXED));
}

u32 vmobject_error_now(const u32 *where)
{
	u32 now = __atomic_load_n(where, __ATOMIC_RELAXED);

	return now & ERROR_SEEN ? now : 0; /* who comes to an error that nobody was told is told */
}

int vmobject_error_since(u32 *where, u32 *since)
{
	u32 now = __atomic_load_n(where, __ATOMIC_RELAXED);

	if (likely(now == *since))
		return 0;
	if (!(now & ERROR_SEEN)) {
		__atomic_compare_exchange_n(where, &now, now | (u32)ERROR_SEEN, false,
					    __ATOMIC_RELAXED, __ATOMIC_RELAXED);
		now = __atomic_load_n(where, __ATOMIC_RELAXED) | (u32)ERROR_SEEN;
	}
	*since = now;
	return -(int)(now & (u32)(ERROR_SEEN - 1));
}

/* --- to the store --- */

/* Up to RUN dirty pages of [*index, end), referenced, in order; *index goes behind them. */
static unsigned gather_dirty(struct vmobject *obj, u64 *index, u64 end, struct page **pages)
{
	unsigned n = 0;

	spin_lock(&obj->lock);
	while (n < RUN && *index < end) {
		struct page *p = radix_next_tagged(&obj->pages, index, OBJ_TAG_DIRTY);

		if (!p || *index >= end) {
			*index = end;
			break;
		}
		page_get(p);
		pages[n++] = p;
		++*index;
	}
	spin_unlock(&obj->lock);
	return n;
}

/* Locks them; those that are still dirty and obj's are under write-back now: how many. */
static unsigned begin_run(struct vmobject *obj, struct page **pages, unsigned n)
{
	unsigned kept = 0;

	for (unsigned i = 0; i < n; i++)
		page_lock(pages[i]);
	spin_lock(&obj->lock);
	for (unsigned i = 0; i < n; i++) {
		struct page *p = pages[i];

		if (p->obj != obj || !page_flag(p, PG_DIRTY))
			continue;
		/* Counted before it ceases to be dirty: who peeks sees it all the time. */
		WRITE_ONCE(obj->nr_unwritten, obj->nr_unwritten + 1);
		cache_undirty(obj, p, false);
		page_flag_set(p, PG_WRITEBACK);
		radix_tag_set(&obj->pages, p->index, OBJ_TAG_WRITEBACK);
		atomic_long_inc(&written);
		pages[i] = pages[kept]; /* those left out come to be behind */
		pages[kept++] = p;
	}
	spin_unlock(&obj->lock);
	for (unsigned i = kept; i < n; i++) {
		page_unlock(pages[i]);
		page_put(pages[i]);
	}
	return kept;
}

/* Takes the right to write from all who map one of the pages. */
static void protect_run(struct vmobject *obj, struct page **pages, unsigned n)
{
	for (unsigned i = 0, run; i < n; i += run) {
		u64 first = pages[i]->index;

		run = 1;
		while (i + run < n && pages[i + run]->index == first + run)
			run++;
		vm_protect_object(obj, first, run);
	}
}

static void end_run(struct vmobject *obj, struct page **pages, unsigned n, int err)
{
	spin_lock(&obj->lock);
	for (unsigned i = 0; i < n; i++) {
		struct page *p = pages[i];

		page_flag_clear(p, PG_WRITEBACK);
		radix_tag_clear(&obj->pages, p->index, OBJ_TAG_WRITEBACK);
		atomic_long_dec(&written);
		if (err == -ENOMEM && !page_flag(p, PG_DIRTY))
			cache_dirty(obj, p);
		WRITE_ONCE(obj->nr_unwritten, obj->nr_unwritten - 1);
		if (!page_flag(p, PG_DIRTY))
			lru_add(&p, 1);
	}
	spin_unlock(&obj->lock);
	for (unsigned i = 0; i < n; i++) {
		page_unlock(pages[i]);
		page_put(pages[i]);
	}
	if (waitq_active(&less))
		wake_up_all(&less);
}

static int write_range(struct vmobject *obj, u64 index, u64 end, struct page **pages)
{
	int err = 0;

	while (index < end) {
		unsigned n = gather_dirty(obj, &index, end, pages);
		int failed = 0;

		n = begin_run(obj, pages, n);
		if (n) {
			protect_run(obj, pages, n);
			failed = obj->ops->write(obj, pages, n);
			end_run(obj, pages, n, failed);
		}
		if (failed == -ENOMEM)
			return err ? err : failed; /* they are dirty again, for another time */
		if (failed) {
			vmobject_failed(&obj->error, failed);
			err = failed;
		}
		cond_resched();
	}
	return err;
}

/* Until nothing of [index, end) is being written. */
static void wait_range(struct vmobject *obj, u64 index, u64 end)
{
	for (; index < end; index++) {
		struct page *p;

		spin_lock(&obj->lock);
		p = radix_next_tagged(&obj->pages, &index, OBJ_TAG_WRITEBACK);
		if (p && index < end)
			page_get(p);
		spin_unlock(&obj->lock);
		if (!p || index >= end)
			return;
		page_lock(p);
		page_unlock(p);
		page_put(p);
	}
}

int vmobject_writeback(struct vmobject *obj, u64 from, u64 to)
{
	u64 index = from >> PAGE_SHIFT,
	    end = to > (u64)S64_MAX ? ~0UL : DIV_ROUND_UP(to, PAGE_SIZE);
	struct page **pages;
	int err = 0;

	if (!obj->ops || !obj->ops->write)
		return 0;
	if (vmobject_dirty(obj)) {
		pages = kmalloc(RUN * sizeof(*pages), 0);
		if (!pages)
			return -ENOMEM;
		err = write_range(obj, index, end, pages);
		kfree(pages);
	}
	wait_range(obj, index, end);
	return err;
}
