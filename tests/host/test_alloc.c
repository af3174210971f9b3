/*
 * test_alloc.c - the buddy and slab allocators on 16 MiB of host memory: no two
 * allocations overlap, everything comes back, blocks join again, several harts,
 * what happens when memory is out. test_alloc_debug.c is the same with the debug
 * build's checks, and sees that they fire.
 */
#include "tests/host/t.h"
#include "alloc/page.h"
#include "alloc/slab.h"
#include "lib/string.h"
#include "sync/log.h"

/* The allocators themselves, so that they share this file's DEBUG. */
#include "../../kernel/alloc/page.c"
#include "../../kernel/alloc/slab.c"

#define RAM_BYTES (16UL << 20)
#define BLOCK	  (PAGE_SIZE << PAGE_MAX_ORDER)
#define MAX_LIVE  3000

unsigned long shim_irqs_off;
unsigned shim_hart;
static unsigned locks_held, low_calls;
static bool expect_panic, panicked;
static void *panic_frame[5];

void spin_init(spinlock_t *l, enum lock_rank rank, const char *name)
{
	*l = (spinlock_t)SPINLOCK_INIT(rank, name);
}

void spin_lock(spinlock_t *l)
{
	if (l->word)
		panic("deadlock on %s", l->name);
	l->word = 1;
	locks_held++;
}

void spin_unlock(spinlock_t *l)
{
	l->word = 0;
	locks_held--;
}

unsigned long spin_lock_irqsave(spinlock_t *l)
{
	unsigned long f = irq_save();

	spin_lock(l);
	return f;
}

void spin_unlock_irqrestore(spinlock_t *l, unsigned long f)
{
	spin_unlock(l);
	irq_restore(f);
}

void panic(const char *fmt, ...)
{
	if (expect_panic) {
		panicked = true;
		locks_held = 0;
		shim_irqs_off = 0;
		__builtin_longjmp(panic_frame, 1);
	}
	printf("FAIL %s: panic: %s\n", t.test, fmt);
	abort();
}

void *early_alloc(u64 size)
{
	return calloc(1, size);
}

static void low_hook(void)
{
	low_calls++;
	CHECK_EQ(locks_held, 0);
}

static u64 free_pages(void)
{
	struct page_stats s;

	page_stats(&s);
	return s.free;
}

/* All harts' caches go back to the lists. */
static void drain_all(void)
{
	for (shim_hart = 0; shim_hart < MAX_HARTS; shim_hart++)
		page_drain();
	shim_hart = 0;
}

static void setup(void)
{
	char *mem = malloc(RAM_BYTES + BLOCK);
	paddr_t base = ALIGN_UP((u64)mem, BLOCK);

	page_init(base, RAM_BYTES);
	CHECK_EQ(free_pages(), 0);
	/* A hole that stays reserved, at an odd place. */
	page_add_free(base, base + 5 * PAGE_SIZE);
	page_add_free(base + 7 * PAGE_SIZE, base + RAM_BYTES);
	CHECK_EQ(free_pages(), RAM_BYTES / PAGE_SIZE - 2);
	slab_init();
}

static struct live {
	unsigned char *p;
	size_t n;
	unsigned char fill;
} live[MAX_LIVE];
static unsigned nr_live;

static void fill(unsigned char *p, size_t n, unsigned char c)
{
	memset(p, c, n);
}

static bool still(const struct live *l)
{
	return !memchr_inv(l->p, l->fill, l->n);
}

static void blocks(void)
{
	u64 before = free_pages();

	nr_live = 0;
	for (int i = 0; i < 20000 && !t.failed; i++) {
		shim_hart = (unsigned)t_below(MAX_HARTS);
		if (nr_live < 200 && t_below(2)) {
			unsigned order = (unsigned)t_below(7);
			struct page *p = page_alloc(order, t_below(2) ? PA_ZERO : 0);
			struct live *l = &live[nr_live];

			if (!p)
				continue;
			CHECK_EQ(atomic_read(&p->refs), 1);
			CHECK_EQ(page_to_phys(p) & ((PAGE_SIZE << order) - 1), 0);
			l->p = page_to_virt(p);
			l->n = PAGE_SIZE << order;
			l->fill = (unsigned char)i;
			fill(l->p, l->n, l->fill);
			nr_live++;
		} else if (nr_live) {
			unsigned k = (unsigned)t_below(nr_live);
			struct live l = live[k];

			CHECK(still(&l));
			live[k] = live[--nr_live];
			page_free(virt_to_page(l.p), ctz64(l.n) - PAGE_SHIFT);
		}
	}
	while (nr_live--)
		page_free(virt_to_page(live[nr_live].p), ctz64(live[nr_live].n) - PAGE_SHIFT);
	drain_all();
	CHECK_EQ(free_pages(), before);
	CHECK_EQ(locks_held, 0);
	CHECK_EQ(shim_irqs_off, 0);
}

static void blocks_join_again(void)
{
	struct page *p[3];

	/* 16 MiB with a hole in the first block: three whole ones. */
	for (int i = 0; i < 3; i++) {
		p[i] = page_alloc(PAGE_MAX_ORDER, 0);
		CHECK(p[i] != NULL);
	}
	CHECK(page_alloc(PAGE_MAX_ORDER, 0) == NULL);
	CHECK(page_alloc(PAGE_MAX_ORDER + 1, 0) == NULL);
	for (int i = 0; i < 3; i++)
		page_free(p[i], PAGE_MAX_ORDER);
}

static void zeroed(void)
{
	struct page *p = page_alloc(0, 0);

	fill(page_to_virt(p), PAGE_SIZE, 0xff);
	page_put(p);
	p = page_alloc(0, PA_ZERO);
	CHECK(!memchr_inv(page_to_virt(p), 0, PAGE_SIZE));
	page_get(p);
	page_put(p);
	CHECK_EQ(atomic_read(&p->refs), 1);
	page_put(p);
}

static void reserve_is_kept(void)
{
	static struct page *got[RAM_BYTES / PAGE_SIZE];
	u64 before = free_pages(), n = 0;
	struct page_stats s;

	page_low_hook = low_hook;
	low_calls = 0;
	while ((got[n] = page_alloc(0, PA_USER)) != NULL)
		n++;
	page_stats(&s);
	CHECK(s.free >= s.reserve - CACHE_PAGES);
	CHECK(low_calls > 0);
	while ((got[n] = page_alloc(0, 0)) != NULL)
		n++;
	CHECK_EQ(free_pages(), 0);
	CHECK(kmalloc(100000, 0) == NULL);
	page_low_hook = NULL;
	while (n--)
		page_put(got[n]);
	drain_all();
	CHECK_EQ(free_pages(), before);
}

static size_t random_size(void)
{
	u64 r = t_below(100);

	return r < 80 ? t_below(600) : r < 98 ? t_below(3000) : t_below(40000);
}

static void small_memory(void)
{
	nr_live = 0;
	for (int i = 0; i < 60000 && !t.failed; i++) {
		shim_hart = (unsigned)t_below(4);
		if (nr_live < MAX_LIVE && t_below(5) < 3) {
			struct live *l = &live[nr_live];

			l->n = random_size();
			l->p = kmalloc(l->n, 0);
			if (!l->p)
				continue;
			CHECK_EQ((u64)l->p & 7, 0);
			l->fill = (unsigned char)(i | 1);
			fill(l->p, l->n, l->fill);
			nr_live++;
		} else if (nr_live) {
			unsigned k = (unsigned)t_below(nr_live);

			CHECK(still(&live[k]));
			kfree(live[k].p);
			live[k] = live[--nr_live];
		}
	}
	while (nr_live--)
		kfree(live[nr_live].p);
	shim_hart = 0;
	CHECK_EQ(locks_held, 0);
}

static u64 used_objects;

static void count_used(const char *name, size_t size, u64 used, u64 total, void *arg)
{
	(void)size;
	(void)arg;
	if (!strcmp(name, "test"))
		used_objects = used;
	CHECK(used <= total);
}

static void cache_counts(void)
{
	struct slab_cache *c = slab_create("test", 40, 64);
	void *p[1000];
	u64 pages = slab_pages();

	for (int i = 0; i < 1000; i++) {
		p[i] = slab_zalloc(c);
		CHECK_EQ((u64)p[i] & 63, 0);
		CHECK(!memchr_inv(p[i], 0, 40));
		fill(p[i], 40, 0xee);
	}
	slab_for_each(count_used, NULL);
	CHECK_EQ(used_objects, 1000);
	for (int i = 0; i < 1000; i++)
		slab_free(c, p[i]);
	slab_for_each(count_used, NULL);
	CHECK_EQ(used_objects, 0);
	/* All slabs but those behind the magazine, and one, went back. */
	CHECK(slab_pages() <= pages + 3);
}

static void edges(void)
{
	char *p = kmalloc(0, 0);

	CHECK(p != NULL);
	kfree(p);
	kfree(NULL);
	CHECK(kmalloc(~0UL, 0) == NULL);
	CHECK(kcalloc(1UL << 33, 1UL << 33) == NULL);
	CHECK(kmalloc((PAGE_SIZE << PAGE_MAX_ORDER) + 1, 0) == NULL);
	p = kstrdup("tarn");
	CHECK_STR(p, "tarn");
	kfree(p);
	p = kmalloc(PAGE_SIZE + 1, 0);
	CHECK_EQ(virt_to_page(p)->order, 1);
	kfree(p);
}

/* Runs fn and says whether it panicked. What it held stays held: only for the end. */
static bool dies(void (*fn)(void))
{
	expect_panic = true;
	panicked = false;
	if (!__builtin_setjmp(panic_frame))
		fn();
	expect_panic = false;
	return panicked;
}

static void free_page_twice(void)
{
	struct page *p = page_alloc(0, 0);

	page_free(p, 0);
	page_free(p, 0);
}

static void mistakes_are_seen(void)
{
	CHECK(dies(free_page_twice));
}

#ifdef DEBUG
static void free_object_twice(void)
{
	void *p = kmalloc(64, 0);

	kfree(p);
	kfree(p);
}

static void write_past_end(void)
{
	char *p = kmalloc(64, 0);

	p[64] = 1;
	kfree(p);
}

static void write_freed_object(void)
{
	char *p = kmalloc(64, 0);

	kfree(p);
	p[3] = 1;
	kmalloc(64, 0);
}

static void write_freed_page(void)
{
	struct page *p = page_alloc(0, 0);
	char *mem = page_to_virt(p);

	page_put(p);
	mem[100] = 1;
	page_alloc(0, 0);
}

static void debug_checks_fire(void)
{
	CHECK(dies(free_object_twice));
	CHECK(dies(write_past_end));
	CHECK(dies(write_freed_object));
	CHECK(dies(write_freed_page));
}
#endif

int main(void)
{
	RUN(setup);
	RUN(blocks);
	RUN(blocks_join_again);
	RUN(zeroed);
	RUN(reserve_is_kept);
	RUN(small_memory);
	RUN(cache_counts);
	RUN(edges);
	RUN(mistakes_are_seen);
#ifdef DEBUG
	RUN(debug_checks_fire);
#endif
	return t_done();
}
