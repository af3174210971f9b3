/*
 * Slab caches (slab.h). A slab is a block of pages cut into objects of one
 * size; its struct page holds the chain of free ones. In front of the slabs
 * every hart has a magazine, a stack of free objects, so that most calls
 * neither lock nor share a cache line.
 *
 * Locks: cache->lock guards slabs and lists; a magazine is touched only by its
 * hart with interrupts off. Pages are taken and given back with no lock held.
 *
 * A debug build adds 16 bytes to each object: a red zone that says used or free,
 * checked at every free, and the chain's link. Free objects are filled with a
 * pattern that is checked when they are handed out again.
 */
#include <bitops.h>
#include <compiler.h>
#include "alloc/page.h"
#include "alloc/slab.h"
#include "arch/riscv/cpu.h"
#include "arch/riscv/thread.h"
#include "lib/list.h"
#include "lib/string.h"
#include "sync/log.h"
#include "sync/spinlock.h"

#define MAGAZINE_MAX   30
#define SLAB_MAX_ORDER 3
#define KMALLOC_MAX    2048 /* larger requests get whole pages */
#define MIN_ALIGN      16
#define MAX_CACHES     128

/* [hart, interrupts off] all of it; others peek at n. */
struct magazine {
	unsigned n;
	void *obj[MAGAZINE_MAX];
};

struct slab_cache {
	spinlock_t lock;
	const char *name; /* [boot] */
	u32 size; /* [boot] what the caller may use */
	u32 stride; /* [boot] from object to object */
	u32 link; /* [boot] offset of the chain's pointer in a free object */
	u16 per_slab; /* [boot] */
	u8 order; /* [boot] of a slab's block of pages */
	u8 depth; /* [boot] objects in a full magazine; 0: no magazines */
	u16 id; /* [boot] in by_id */
	struct list_head partial; /* [lock] slabs with free objects */
	unsigned nr_empty; /* [lock] of those, slabs with nothing in use */
	u64 nr_slabs; /* [lock] */
	u64 nr_out; /* [lock] objects in use or in magazines */
	struct magazine *mag[MAX_HARTS]; /* [hart, interrupts off] */
	struct list_head all; /* [caches_lock] */
};

static spinlock_t caches_lock = SPINLOCK_INIT(RANK_SLAB, "slab caches");
static LIST_HEAD(caches); /* [caches_lock] only grows; walked without */
static struct slab_cache *by_id[MAX_CACHES]; /* [caches_lock to write] */
static u16 nr_caches; /* [caches_lock] */
static struct slab_cache cache_cache; /* of struct slab_cache */
static struct slab_cache mag_cache; /* of struct magazine */
static atomic_long_t held_pages; /* [a] */

#ifdef DEBUG
#define RED_USED   0x5ad0beadcafef00dUL
#define RED_FREE   0xf4eef4eef4eef4eeUL
#define POISON_OBJ 0x6b

static u64 *red_zone(struct slab_cache *c, void *p)
{
	return (u64 *)((char *)p + c->link - 8);
}

static void debug_free(struct slab_cache *c, void *p)
{
	u64 *red = red_zone(c, p);

	if (*red == RED_FREE)
		panic("slab %s: %p freed twice", c->name, p);
	if (*red != RED_USED)
		panic("slab %s: %p was written past its end (%lx)", c->name, p, *red);
	*red = RED_FREE;
	memset(p, POISON_OBJ, c->size);
}

static void debug_alloc(struct slab_cache *c, void *p)
{
	u64 *red = red_zone(c, p);

	if (*red != RED_FREE || memchr_inv(p, POISON_OBJ, c->size))
		panic("slab %s: %p was written while free", c->name, p);
	*red = RED_USED;
}

static void debug_new(struct slab_cache *c, void *p)
{
	*red_zone(c, p) = RED_FREE;
	memset(p, POISON_OBJ, c->size);
}
#else
static void debug_free(struct slab_cache *c __unused, void *p __unused)
{
}

static void debug_alloc(struct slab_cache *c __unused, void *p __unused)
{
}

static void debug_new(struct slab_cache *c __unused, void *p __unused)
{
}
#endif

static void **link_of(struct slab_cache *c, void *p)
{
	return (void **)((char *)p + c->link);
}

static struct page *slab_of(const void *p)
{
	struct page *pg = virt_to_page(p);

	return page_flag(pg, PG_TAIL) ? pg->next : pg;
}

/*
 * The first free object of a slab, or NULL; struct page has it as its place in units of 8 bytes,
 * plus 1.
 */
static void *chain_get(const struct page *pg)
{
	return pg->slab_free ? (char *)page_to_virt(pg) + (pg->slab_free - 1) * 8UL : NULL;
}

static void chain_set(struct page *pg, const void *p)
{
	pg->slab_free = p ? (u16)(((u64)p - (u64)page_to_virt(pg)) / 8 + 1) : 0;
}

static struct page *slab_new(struct slab_cache *c)
{
	struct page *pg = page_alloc(c->order, 0);
	char *base;

	if (!pg)
		return NULL;
	for (unsigned i = 1; i < 1u << c->order; i++) {
		pg[i].flags = 1u << PG_SLAB | 1u << PG_TAIL;
		pg[i].next = pg;
	}
	pg->slab_id = c->id;
	chain_set(pg, NULL);
	pg->slab_inuse = 0;
	page_flag_set(pg, PG_SLAB);
	base = page_to_virt(pg);
	for (unsigned i = c->per_slab; i-- > 0;) {
		void *p = base + (u64)i * c->stride;

		debug_new(c, p);
		*link_of(c, p) = chain_get(pg);
		chain_set(pg, p);
	}
	atomic_long_add(&held_pages, 1L << c->order);
	return pg;
}

static void slab_release(struct slab_cache *c, struct page *pg)
{
	for (unsigned i = 1; i < 1u << c->order; i++)
		pg[i].flags = 0;
	atomic_long_sub(&held_pages, 1L << c->order);
	page_free(pg, c->order);
}

/* [lock, interrupts off] Takes up to `want` objects off the slabs. */
static unsigned take_objects(struct slab_cache *c, void **out, unsigned want)
{
	unsigned n = 0;

	while (n < want && !list_empty(&c->partial)) {
		struct page *pg = list_first_entry(&c->partial, struct page, link);
		void *p;

		if (!pg->slab_inuse)
			c->nr_empty--;
		for (p = chain_get(pg); n < want && p; p = *link_of(c, p)) {
			out[n++] = p;
			pg->slab_inuse++;
		}
		chain_set(pg, p);
		if (!p)
			list_del_init(&pg->link);
	}
	c->nr_out += n;
	return n;
}

/* Interrupts off. */
static unsigned refill(struct slab_cache *c, void **out, unsigned want)
{
	struct page *pg;
	unsigned n;

	spin_lock(&c->lock);
	n = take_objects(c, out, want);
	spin_unlock(&c->lock);
	if (n)
		return n;
	pg = slab_new(c);
	if (!pg)
		return 0;
	spin_lock(&c->lock);
	c->nr_slabs++;
	c->nr_empty++;
	list_add(&pg->link, &c->partial);
	n = take_objects(c, out, want);
	spin_unlock(&c->lock);
	return n;
}

/* Interrupts off. Puts objects back on their slabs; an empty slab beyond the first is given up. */
static void put_objects(struct slab_cache *c, void **obj, unsigned n)
{
	LIST_HEAD(dead);

	spin_lock(&c->lock);
	c->nr_out -= n;
	for (unsigned i = 0; i < n; i++) {
		struct page *pg = slab_of(obj[i]);

		if (!pg->slab_free)
			list_add(&pg->link, &c->partial);
		*link_of(c, obj[i]) = chain_get(pg);
		chain_set(pg, obj[i]);
		if (--pg->slab_inuse)
			continue;
		if (c->nr_empty) {
			c->nr_slabs--;
			list_move(&pg->link, &dead);
		} else {
			c->nr_empty++;
			list_move_tail(&pg->link, &c->partial);
		}
	}
	spin_unlock(&c->lock);
	while (!list_empty(&dead)) {
		struct page *pg = list_first_entry(&dead, struct page, link);

		list_del(&pg->link);
		slab_release(c, pg);
	}
}

/* Interrupts off. This hart's magazine; NULL: work without. */
static struct magazine *magazine(struct slab_cache *c)
{
	struct magazine **m = &c->mag[hart_id()];

	if (unlikely(!*m) && c->depth) {
		*m = slab_alloc(&mag_cache);
		if (*m)
			(*m)->n = 0;
	}
	return *m;
}

void *slab_alloc(struct slab_cache *c)
{
	unsigned long f;
	struct magazine *m;
	void *p = NULL;

	if (alloc_fails())
		return NULL;
	f = irq_save();
	m = magazine(c);
	if (likely(m)) {
		if (unlikely(!m->n))
			m->n = refill(c, m->obj, (c->depth + 1) / 2);
		if (likely(m->n))
			p = m->obj[--m->n];
	} else {
		refill(c, &p, 1);
	}
	irq_restore(f);
	if (p)
		debug_alloc(c, p);
	return p;
}

void *slab_zalloc(struct slab_cache *c)
{
	void *p = slab_alloc(c);

	if (p)
		memset(p, 0, c->size);
	return p;
}

void slab_free(struct slab_cache *c, void *p)
{
	unsigned long f;
	struct magazine *m;

	if (!p)
		return;
	debug_free(c, p);
	f = irq_save();
	m = magazine(c);
	if (likely(m)) {
		if (unlikely(m->n == c->depth)) {
			unsigned n = (c->depth + 1) / 2;

			put_objects(c, m->obj, n);
			m->n -= n;
			for (unsigned i = 0; i < m->n; i++)
				m->obj[i] = m->obj[i + n];
		}
		m->obj[m->n++] = p;
	} else {
		put_objects(c, &p, 1);
	}
	irq_restore(f);
}

/* The smallest block of pages that wastes at most an eighth, else the largest. */
static unsigned choose_order(u32 stride)
{
	unsigned order = 0;

	for (; order < SLAB_MAX_ORDER; order++) {
		u64 bytes = PAGE_SIZE << order;

		if (bytes >= stride && bytes % stride <= bytes / 8)
			break;
	}
	return order;
}

static void cache_setup(struct slab_cache *c, const char *name, size_t size, size_t align)
{
	unsigned long f;

	if (align < MIN_ALIGN)
		align = MIN_ALIGN;
	size = ALIGN_UP(max(size, (size_t)8), 8UL);
	spin_init(&c->lock, RANK_SLAB, "slab");
	c->name = name;
	c->size = (u32)size;
#ifdef DEBUG
	c->link = (u32)size + 8;
	c->stride = (u32)ALIGN_UP(size + 16, align);
#else
	c->link = 0;
	c->stride = (u32)ALIGN_UP(size, align);
#endif
	c->order = (u8)choose_order(c->stride);
	c->per_slab = (u16)((PAGE_SIZE << c->order) / c->stride);
	BUG_ON(!c->per_slab);
	c->depth = size <= 256 ? MAGAZINE_MAX : size <= 1024 ? 16 : size <= 2048 ? 8 : 4;
	list_init(&c->partial);
	f = spin_lock_irqsave(&caches_lock);
	BUG_ON(nr_caches == MAX_CACHES);
	c->id = nr_caches;
	by_id[nr_caches++] = c;
	list_add_tail(&c->all, &caches);
	spin_unlock_irqrestore(&caches_lock, f);
}

struct slab_cache *slab_create(const char *name, size_t size, size_t align)
{
	struct slab_cache *c = slab_zalloc(&cache_cache);

	if (!c)
		panic("no memory for slab cache %s", name);
	cache_setup(c, name, size, align);
	return c;
}

/* kmalloc: classes a power of two and the half way to the next apart. */
static const u16 class_size[] = {
	16, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024, 1536, 2048
};
static const char *const class_name[] = {
	"kmalloc-16",  "kmalloc-32",   "kmalloc-48",   "kmalloc-64",   "kmalloc-96",
	"kmalloc-128", "kmalloc-192",  "kmalloc-256",  "kmalloc-384",  "kmalloc-512",
	"kmalloc-768", "kmalloc-1024", "kmalloc-1536", "kmalloc-2048",
};
static struct slab_cache classes[ARRAY_SIZE(class_size)];
static u8 class_of[KMALLOC_MAX / 16 + 1]; /* [boot] by size in units of 16, rounded up */

void *kmalloc(size_t n, unsigned flags __unused)
{
	unsigned order;
	struct page *pg;

	if (n <= KMALLOC_MAX)
		return slab_alloc(&classes[class_of[(n + 15) / 16]]);
	if (n > PAGE_SIZE << PAGE_MAX_ORDER)
		return NULL;
	order = n <= PAGE_SIZE ? 0 : fls64((n - 1) >> PAGE_SHIFT);
	pg = page_alloc(order, 0);
	return pg ? page_to_virt(pg) : NULL;
}

void *kzalloc(size_t n, unsigned flags)
{
	void *p = kmalloc(n, flags);

	if (p)
		memset(p, 0, n);
	return p;
}

void kfree(void *p)
{
	struct page *pg;

	if (!p)
		return;
	pg = slab_of(p);
	if (page_flag(pg, PG_SLAB)) {
		slab_free(by_id[pg->slab_id], p);
		return;
	}
	BUG_ON((u64)p & ~PAGE_MASK);
	page_free(pg, pg->order);
}

const char *slab_place(const void *p, size_t *offset)
{
	const struct page *pg = slab_of(p);
	const struct slab_cache *c = by_id[pg->slab_id];

	if (!page_flag(pg, PG_SLAB))
		return NULL;
	*offset = ((u64)p - (u64)page_to_virt(pg)) % c->stride;
	return c->name;
}

void *kmemdup(const void *p, size_t n)
{
	void *q = kmalloc(n, 0);

	if (q)
		memcpy(q, p, n);
	return q;
}

char *kstrdup(const char *s)
{
	return kmemdup(s, strlen(s) + 1);
}

void *kcalloc(size_t n, size_t size)
{
	size_t bytes;

	return check_mul_overflow(n, size, &bytes) ? NULL : kzalloc(bytes, 0);
}

void slab_for_each(void (*fn)(const char *name, size_t size, u64 used, u64 total, void *arg),
		   void *arg)
{
	struct slab_cache *c;

	/* Caches are never destroyed, so the list only grows: fn may run without the lock. */
	list_for_each_entry(c, &caches, all) {
		unsigned long f = spin_lock_irqsave(&c->lock);
		u64 used = c->nr_out, total = c->nr_slabs * c->per_slab;

		spin_unlock_irqrestore(&c->lock, f);
		for (unsigned h = 0; h < MAX_HARTS; h++) {
			struct magazine *m = READ_ONCE(c->mag[h]);

			if (m)
				used -= min(used, (u64)READ_ONCE(m->n));
		}
		fn(c->name, c->size, used, total, arg);
	}
}

u64 slab_pages(void)
{
	return (u64)atomic_long_read(&held_pages);
}

void slab_init(void)
{
	unsigned cls = 0;

	cache_setup(&mag_cache, "magazine", sizeof(struct magazine), 0);
	mag_cache.depth = 0;
	cache_setup(&cache_cache, "slab_cache", sizeof(struct slab_cache), 0);
	for (unsigned i = 0; i < ARRAY_SIZE(class_size); i++)
		cache_setup(&classes[i], class_name[i], class_size[i],
			    is_power_of_2(class_size[i]) ? class_size[i] : 0);
	for (unsigned i = 0; i < ARRAY_SIZE(class_of); i++) {
		if (i * 16 > class_size[cls])
			cls++;
		class_of[i] = (u8)cls;
	}
}
