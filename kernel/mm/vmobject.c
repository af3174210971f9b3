/*
 * The page cache (vmobject.h): looking pages up, resizing, and read and write
 * through it. Filling and read-ahead are in readahead.c, page locks in pagelock.c.
 *
 * A page is in the cache while page->obj names the object; both change together
 * under obj->lock with the page PG_LOCKED (or not yet visible). The cache holds one
 * reference. obj->lock also guards taking a reference of a page found in the tree.
 */
#include <bitops.h>
#include "alloc/slab.h"
#include "lib/string.h"
#include "mm/internal.h"
#include "mm/iter.h"

#define BATCH 16 /* pages looked up under one lock */

static atomic_long_t cached, pinned;

static void *node_alloc(size_t size)
{
	return kmalloc(size, 0);
}

static void node_free(void *node)
{
	kfree(node);
}

static const struct radix_ops node_ops = { .alloc = node_alloc, .free = node_free };

void vmobject_init(struct vmobject *obj, const struct vmobject_ops *ops, void *owner,
		   bool is_pinned)
{
	static u64 last_id; /* [a] */

	memset(obj, 0, sizeof(*obj));
	obj->id = __atomic_add_fetch(&last_id, 1, __ATOMIC_RELAXED);
	atomic_set(&obj->refs, 1);
	spin_init(&obj->lock, RANK_VMOBJECT, "vmobject");
	radix_init(&obj->pages, &node_ops);
	obj->ops = ops;
	obj->owner = owner;
	obj->pinned = is_pinned;
}

static void anon_release(struct vmobject *obj)
{
	kfree(obj);
}

static const struct vmobject_ops anon_ops = { .release = anon_release };

struct vmobject *vmobject_create_anon(u64 size)
{
	struct vmobject *obj = kmalloc(sizeof(*obj), 0);

	if (!obj)
		return NULL;
	vmobject_init(obj, &anon_ops, NULL, true);
	obj->size = size;
	return obj;
}

int vmobject_promise(struct vmobject *obj)
{
	u64 pages = DIV_ROUND_UP(obj->size, PAGE_SIZE);

	if (!commit_allows(current->mm, pages))
		return -ENOMEM;
	obj->promised = pages;
	commit_add((s64)pages);
	return 0;
}

void vmobject_get(struct vmobject *obj)
{
	atomic_inc(&obj->refs);
}

void vmobject_put(struct vmobject *obj)
{
	if (!atomic_dec_and_test(&obj->refs))
		return;
	vmobject_destroy(obj);
	commit_add(-(s64)obj->promised);
	if (obj->ops && obj->ops->release)
		obj->ops->release(obj);
}

/* n pages come or go: 0, or -errno for why they may not come. obj->lock held. */
static int charge(struct vmobject *obj, long n)
{
	bool counts = obj->pinned && !obj->promised;
	int err;

	if (counts && n > 0 && READ_ONCE(vm_overcommit) == OVERCOMMIT_NEVER &&
	    !commit_allows(NULL, (u64)n))
		return -ENOSPC;
	err = obj->ops && obj->ops->charge ? obj->ops->charge(obj, n) : 0;
	if (counts && !err)
		commit_add(n);
	return err;
}

int cache_insert(struct vmobject *obj, struct page *p, u64 index)
{
	u32 flags = 1u << PG_FILE | (obj->pinned ? 1u << PG_PINNED : 0);
	int err;

	assert_held(&obj->lock);
	err = charge(obj, 1);
	if (err)
		return err;
	err = radix_set(&obj->pages, index, p);
	if (err) {
		charge(obj, -1);
		return err;
	}
	__atomic_fetch_or(&p->flags, flags, __ATOMIC_RELAXED);
	p->index = index;
	WRITE_ONCE(p->obj, obj);
	obj->nr_pages++;
	atomic_long_inc(&cached);
	if (obj->pinned)
		atomic_long_inc(&pinned);
	return 0;
}

void cache_remove(struct vmobject *obj, struct page *p)
{
	assert_held(&obj->lock);
	charge(obj, -1);
	obj->nr_pages--;
	atomic_long_dec(&cached);
	if (obj->pinned)
		atomic_long_dec(&pinned);
	lru_del(p);
	if (page_flag(p, PG_DIRTY))
		cache_undirty(obj, p, true);
	radix_del(&obj->pages, p->index);
	WRITE_ONCE(p->obj, NULL);
}

u64 pagecache_pages(void)
{
	return (u64)atomic_long_read(&cached);
}

u64 pagecache_pinned(void)
{
	return (u64)atomic_long_read(&pinned);
}

static void mark_used(struct page *p)
{
	if (!page_flag(p, PG_REFERENCED))
		page_flag_set(p, PG_REFERENCED);
}

struct page *vmobject_page_cached(struct vmobject *obj, u64 index)
{
	struct page *p;

	spin_lock(&obj->lock);
	p = radix_get(&obj->pages, index);
	if (p && page_flag(p, PG_UPTODATE))
		page_get(p);
	else
		p = NULL;
	spin_unlock(&obj->lock);
	if (p)
		mark_used(p);
	return p;
}

unsigned vmobject_peek(struct vmobject *obj, u64 index, unsigned n, struct page **pages)
{
	unsigned found = 0;

	spin_lock(&obj->lock);
	for (unsigned i = 0; i < n; i++) {
		struct page *p = radix_get(&obj->pages, index + i);

		if (p && page_flag(p, PG_UPTODATE)) {
			page_get(p);
			found++;
		} else {
			p = NULL;
		}
		pages[i] = p;
	}
	spin_unlock(&obj->lock);
	if (found)
		tracepoint(TP_CACHE_HIT, obj->id, index | (u64)found << 48);
	return found;
}

void page_mark_dirty(struct page *p)
{
	struct vmobject *obj = READ_ONCE(p->obj);

	if (!obj || (READ_ONCE(p->flags) & (1u << PG_DIRTY | 1u << PG_PINNED)))
		return; /* memory that is its own store is never clean */
	spin_lock(&obj->lock);
	if (p->obj == obj && !page_flag(p, PG_DIRTY)) {
		cache_dirty(obj, p);
		lru_del(p);
	}
	spin_unlock(&obj->lock);
}

bool vmobject_evict(struct page *p)
{
	struct vmobject *obj = p->obj; /* stable: the page is locked */
	bool ok;

	if (!obj)
		return false;
	spin_lock(&obj->lock);
	ok = atomic_read(&p->refs) == 2 &&
	     !(READ_ONCE(p->flags) & (1u << PG_DIRTY | 1u << PG_PINNED | 1u << PG_KEPT));
	if (ok)
		cache_remove(obj, p);
	spin_unlock(&obj->lock);
	if (ok)
		page_put(p);
	return ok;
}

/* Takes the first page of [*index, end) out of the cache; false when there is none. */
static bool drop_next(struct vmobject *obj, u64 *index, u64 end)
{
	struct page *p;
	bool gone;

	spin_lock(&obj->lock);
	p = radix_next(&obj->pages, index);
	if (p && *index >= end)
		p = NULL;
	if (p)
		page_get(p);
	spin_unlock(&obj->lock);
	if (!p)
		return false;
	page_lock(p);
	spin_lock(&obj->lock);
	gone = p->obj == obj;
	if (gone)
		cache_remove(obj, p);
	spin_unlock(&obj->lock);
	page_unlock(p);
	if (gone)
		page_put(p);
	page_put(p);
	++*index;
	return *index != 0;
}

static void drop_range(struct vmobject *obj, u64 index, u64 end)
{
	while (drop_next(obj, &index, end))
		cond_resched();
}

void vmobject_destroy(struct vmobject *obj)
{
	drop_range(obj, 0, ~0UL);
	BUG_ON(obj->nr_pages || !rb_empty(&obj->areas));
}

void vmobject_forget(struct vmobject *obj, u64 from, u64 to)
{
	u64 index = from >> PAGE_SHIFT, end = DIV_ROUND_UP(to, PAGE_SIZE);

	for (; index < end; index++) {
		struct page *p;

		spin_lock(&obj->lock);
		p = radix_next(&obj->pages, &index);
		if (p && index < end)
			page_get(p);
		spin_unlock(&obj->lock);
		if (!p || index >= end)
			return;
		page_lock(p);
		if (p->obj == obj)
			vmobject_evict(p);
		page_unlock(p);
		page_put(p);
		cond_resched();
	}
}

void vmobject_reload(struct vmobject *obj)
{
	drop_range(obj, 0, ~0UL);
	vm_unmap_object(obj, 0, ~0UL, false);
}

void page_keep(struct page *p)
{
	page_flag_set(p, PG_KEPT);
}

void vmobject_unkeep(struct vmobject *obj)
{
	u64 index = 0;
	struct page *p;

	spin_lock(&obj->lock);
	for (unsigned n = 1; (p = radix_next(&obj->pages, &index)) != NULL; n++, index++) {
		if (page_flag(p, PG_KEPT)) {
			page_flag_clear(p, PG_KEPT);
			if (!page_flag(p, PG_DIRTY)) {
				cache_dirty(obj, p);
				lru_del(p);
			}
		}
		if (n % 1024 == 0) {
			spin_unlock(&obj->lock);
			cond_resched();
			spin_lock(&obj->lock);
		}
	}
	spin_unlock(&obj->lock);
}

/* Zeroes part of a cached page; a page that is not cached is nobody's yet. */
static void zero_part(struct vmobject *obj, u64 index, u64 off, u64 len)
{
	struct page *p;

	spin_lock(&obj->lock);
	p = radix_get(&obj->pages, index);
	if (p)
		page_get(p);
	spin_unlock(&obj->lock);
	if (!p)
		return;
	page_lock(p);
	if (p->obj == obj && page_flag(p, PG_UPTODATE)) {
		memset((char *)page_to_virt(p) + off, 0, len);
		if (obj->ops && obj->ops->write)
			page_mark_dirty(p);
	}
	page_unlock(p);
	page_put(p);
}

void vmobject_resize(struct vmobject *obj, u64 size)
{
	u64 old = obj->size, tail = min(old, size) & (PAGE_SIZE - 1);
	u64 first = DIV_ROUND_UP(size, PAGE_SIZE);

	WRITE_ONCE(obj->size, size);
	if (size < old) {
		drop_range(obj, first, ~0UL);
		vm_unmap_object(obj, first, ~0UL - first, true);
	}
	/*
	 * What lies behind the end within the last page must read as zeros when the file grows
	 * over it.
	 */
	if (tail && size != old)
		zero_part(obj, min(old, size) >> PAGE_SHIFT, tail, PAGE_SIZE - tail);
}

int vmobject_zero(struct vmobject *obj, u64 off, u64 len)
{
	u64 end = min(off + len, READ_ONCE(obj->size));

	while (off < end) {
		u64 in = off & (PAGE_SIZE - 1), k = min(PAGE_SIZE - in, end - off);
		struct page *p = vmobject_page(obj, off >> PAGE_SHIFT);

		if (IS_ERR(p))
			return (int)PTR_ERR(p);
		memset((char *)page_to_virt(p) + in, 0, k);
		page_mark_dirty(p);
		page_put(p);
		off += k;
		if (fatal_signal_pending(current))
			return -EINTR;
		cond_resched();
	}
	return 0;
}

int vmobject_punch(struct vmobject *obj, u64 off, u64 len)
{
	u64 end = off + len, first = DIV_ROUND_UP(off, PAGE_SIZE), last = end >> PAGE_SHIFT;

	if (!vmobject_has_holes(obj))
		return vmobject_zero(obj, off, len);
	if (first > last) { /* within one page */
		zero_part(obj, last, off & (PAGE_SIZE - 1), len);
		return 0;
	}
	if (off & (PAGE_SIZE - 1))
		zero_part(obj, first - 1, off & (PAGE_SIZE - 1),
			  PAGE_SIZE - (off & (PAGE_SIZE - 1)));
	if (end & (PAGE_SIZE - 1))
		zero_part(obj, last, 0, end & (PAGE_SIZE - 1));
	if (first < last) {
		drop_range(obj, first, last);
		vm_unmap_object(obj, first, last - first, false);
	}
	return 0;
}

/*
 * vmobject_page for those who can wait for memory to come free: asks the killer when there is
 * none.
 */
static struct page *page_or_wait(struct vmobject *obj, u64 index)
{
	for (;;) {
		struct page *p = vmobject_page(obj, index);

		if (p != ERR_PTR(-ENOMEM) || obj->pinned || fatal_signal_pending(current))
			return p;
		oom_kill();
	}
}

static void put_pages(struct page **pages, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		if (pages[i])
			page_put(pages[i]);
}

/*
 * Copies from consecutive pages, from pos on, up to size, and zeros where there is none if those are holes; false
 * when user memory stopped it.
 */
static bool copy_run(struct iter *it, struct page **pages, unsigned n, u64 *pos, u64 size,
		     bool holes)
{
	for (unsigned i = 0; i < n && (pages[i] || holes); i++) {
		u64 in = *pos & (PAGE_SIZE - 1);
		size_t k = min(min(PAGE_SIZE - in, size - *pos), it->count), did;

		if (pages[i]) {
			mark_used(pages[i]);
			did = iter_give(it, pages[i], in, k);
		} else {
			did = iter_zero(it, k);
		}
		*pos += did;
		if (did < k)
			return false;
	}
	return true;
}

static noinline ssize_t read_any(struct vmobject *obj, struct iter *it, u64 pos)
{
	bool holes = vmobject_has_holes(obj);
	struct page *pages[BATCH];
	u64 start = pos;

	while (it->count) {
		u64 size = READ_ONCE(obj->size), index = pos >> PAGE_SHIFT;
		unsigned n;
		bool ok;

		if (pos >= size)
			break;
		n = (unsigned)min(((min(size, pos + it->count) - 1) >> PAGE_SHIFT) - index + 1,
				  (u64)BATCH);
		vmobject_peek(obj, index, n, pages);
		if (!pages[0] && !holes) {
			pages[0] = page_or_wait(obj, index);
			if (IS_ERR(pages[0])) {
				long err = PTR_ERR(pages[0]);

				put_pages(pages + 1, n - 1);
				return pos > start ? (ssize_t)(pos - start) : err;
			}
		}
		ok = copy_run(it, pages, n, &pos, size, holes);
		put_pages(pages, n);
		if (!ok)
			return pos > start ? (ssize_t)(pos - start) : -EFAULT;
		cond_resched();
	}
	return (ssize_t)(pos - start);
}

ssize_t vmobject_read(struct vmobject *obj, struct iter *it, u64 pos)
{
	u64 size = READ_ONCE(obj->size), in = pos & (PAGE_SIZE - 1);
	struct page *p = NULL;
	size_t did;

	/* Most reads are from within one page, which is cached. */
	if (it->count <= PAGE_SIZE - in && pos < size && it->count)
		p = vmobject_page_cached(obj, pos >> PAGE_SHIFT);
	if (!p)
		return read_any(obj, it, pos);
	did = iter_give(it, p, in, min(it->count, size - pos));
	page_put(p);
	return did ? (ssize_t)did : -EFAULT;
}

void vmobject_count(struct vmobject *obj, u64 first, u64 end, u64 *nr_cached, u64 *nr_dirty)
{
	struct page *p;

	spin_lock(&obj->lock);
	for (; first < end && (p = radix_next(&obj->pages, &first)) && first < end; first++) {
		++*nr_cached;
		*nr_dirty += page_flag(p, PG_DIRTY) || (obj->pinned && page_flag(p, PG_UPTODATE));
		if (*nr_cached % 1024 == 0) {
			spin_unlock(&obj->lock);
			cond_resched();
			spin_lock(&obj->lock);
		}
	}
	spin_unlock(&obj->lock);
}

/* The page at *index or, for the next one with data, behind it. obj->lock held. */
static struct page *page_from(struct vmobject *obj, u64 *index, bool next)
{
	u64 written = *index;
	struct page *p, *w;

	if (!next)
		return radix_get(&obj->pages, *index);
	if (vmobject_has_holes(obj))
		return radix_next(&obj->pages, index);
	p = radix_next_tagged(&obj->pages, index, OBJ_TAG_DIRTY);
	w = radix_next_tagged(&obj->pages, &written, OBJ_TAG_WRITEBACK);
	if (!w || (p && *index <= written))
		return p;
	*index = written;
	return w;
}

u64 vmobject_next(struct vmobject *obj, u64 index, u64 end, bool data)
{
	u32 flags = vmobject_has_holes(obj) ? 1u << PG_UPTODATE :
					      1u << PG_DIRTY | 1u << PG_WRITEBACK;

	spin_lock(&obj->lock);
	for (unsigned steps = 1; index < end; index++, steps++) {
		struct page *p = page_from(obj, &index, data);

		if (data && !p)
			index = end;
		if (index >= end || (p && (READ_ONCE(p->flags) & flags)) == data)
			break;
		if (steps % 1024 == 0) {
			spin_unlock(&obj->lock);
			cond_resched();
			spin_lock(&obj->lock);
		}
	}
	spin_unlock(&obj->lock);
	return min(index, end);
}

/*
 * Puts a fresh page that holds new data into the cache, as soon as the size says that it is part of the object.
 * False: there is one already, or no memory.
 */
static bool insert_new(struct vmobject *obj, struct page *p, u64 index, u64 end)
{
	bool ok;

	spin_lock(&obj->lock);
	page_flag_set(p, PG_UPTODATE);
	ok = !radix_get(&obj->pages, index) && !cache_insert(obj, p, index);
	if (ok && end > obj->size)
		WRITE_ONCE(obj->size, end);
	if (ok && !obj->pinned)
		cache_dirty(obj, p);
	spin_unlock(&obj->lock);
	return ok;
}

/* What was written to p is part of the object: its size, then the mark. */
static void written_to(struct vmobject *obj, struct page *p, u64 end)
{
	if (end > obj->size)
		WRITE_ONCE(obj->size, end);
	page_mark_dirty(p);
}

/* A fresh page for new data; where write-back frees some, after waiting for that. */
static struct page *page_to_write(struct vmobject *obj)
{
	bool waits = obj->ops && obj->ops->write;
	struct page *p;

	for (unsigned tries = 0;; tries++) {
		p = memory_is_short() ? NULL : user_page_alloc(0);
		if (p || !waits || tries == 50 || !dirty_wait())
			return p;
	}
}

/*
 * A page that is not cached and will be overwritten: its data is brought into a fresh page before
 * anybody can see it. matters: the store has contents, to be kept where user memory ends early.
 * Bytes taken, or -errno.
 */
static ssize_t write_new(struct vmobject *obj, struct iter *it, u64 index, u64 in, size_t k,
			 bool matters)
{
	struct page *p = page_to_write(obj), *other;
	u64 pos = (index << PAGE_SHIFT) + in;
	char *mem;
	size_t did;

	if (!p)
		return -ENOSPC;
	mem = page_to_virt(p);
	memset(mem, 0, in);
	did = iter_copy_from(it, mem + in, k);
	memset(mem + in + did, 0, PAGE_SIZE - in - did);
	if (!did) {
		page_free(p, 0);
		return -EFAULT;
	}
	if ((did == k || !matters) && insert_new(obj, p, index, pos + did))
		return (ssize_t)did;
	other = page_or_wait(obj, index);
	if (!IS_ERR(other)) {
		memcpy((char *)page_to_virt(other) + in, mem + in, did);
		written_to(obj, other, pos + did);
		page_put(other);
	}
	page_free(p, 0);
	return IS_ERR(other) ? PTR_ERR(other) : (ssize_t)did;
}

static ssize_t write_cached(struct vmobject *obj, struct iter *it, struct page *p, u64 pos,
			    size_t k)
{
	size_t did;

	mark_used(p);
	did = iter_copy_from(it, (char *)page_to_virt(p) + (pos & (PAGE_SIZE - 1)), k);
	if (did)
		written_to(obj, p, pos + did);
	page_put(p);
	return did ? (ssize_t)did : -EFAULT;
}

ssize_t vmobject_write(struct vmobject *obj, struct iter *it, u64 pos)
{
	ssize_t done = 0, did = 0;

	while (it->count) {
		u64 index = pos >> PAGE_SHIFT, in = pos & (PAGE_SIZE - 1);
		size_t k = min(PAGE_SIZE - in, it->count);
		struct page *p = vmobject_page_cached(obj, index);
		bool stored = obj->ops && obj->ops->fill && index << PAGE_SHIFT < obj->size;

		if (!p && (!stored || k == PAGE_SIZE)) {
			did = write_new(obj, it, index, in, k, stored);
		} else {
			if (!p)
				p = page_or_wait(obj, index);
			did = IS_ERR(p) ? PTR_ERR(p) : write_cached(obj, it, p, pos, k);
		}
		if (did < 0)
			break;
		pos += (u64)did;
		done += did;
		if ((size_t)did < k) {
			did = -EFAULT;
			break;
		}
		if (it->count)
			cond_resched();
	}
	return done ? done : did;
}
