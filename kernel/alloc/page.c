/*
 * The buddy allocator (page.h). Free blocks of 2^order pages hang on one list
 * per order; a block and its buddy, whose address differs in one bit, join when
 * both are free. In front of it every hart keeps a stack of single pages, since
 * nearly everything asks for one page.
 *
 * Locks: buddy.lock guards the lists; a hart's stack is touched only by that
 * hart with interrupts off. `refs` and `flags` of an allocated page are its owner's.
 */
#include <bitops.h>
#include <compiler.h>
#include "alloc/page.h"
#include "arch/riscv/boot.h"
#include "arch/riscv/cpu.h"
#include "arch/riscv/thread.h"
#include "lib/string.h"
#include "sync/log.h"

#define CACHE_PAGES 32 /* most single pages a hart keeps */
#define CACHE_BATCH 16 /* moved from or to the lists at once */
#define POISON_PAGE 0xa5

#ifndef DEBUG
static_assert(sizeof(struct page) == 32 || sizeof(spinlock_t) > 4, "one byte in 128 is enough");
#endif

struct page *page_array;
paddr_t ram_base;
u64 ram_pages, page_origin;
void (*page_low_hook)(void);

static struct {
	spinlock_t lock;
	struct list_head free[PAGE_MAX_ORDER + 1]; /* [lock] heads of free blocks */
	u64 blocks[PAGE_MAX_ORDER + 1]; /* [lock] how many; read any time */
	u64 nr_free; /* [lock] pages in the lists; read any time */
	u64 total; /* [boot] pages ever handed over */
	u64 reserve, low; /* [a] marks, in pages */
} buddy = { .lock = SPINLOCK_INIT(RANK_BUDDY, "buddy") };

static struct page_stack {
	unsigned n;
	s32 anon; /* pages with PG_ANON that this hart took less those it gave back */
	struct page *page[CACHE_PAGES];
} __aligned(64) stacks[MAX_HARTS]; /* [hart, interrupts off] */

static u64 page_index(const struct page *p)
{
	return (u64)(p - page_array);
}

#ifdef DEBUG
bool (*alloc_fail_hook)(void);

static void poison(struct page *p, unsigned order)
{
	for (u64 i = 0; i < 1UL << order; i++) {
		memset(page_to_virt(p + i), POISON_PAGE, PAGE_SIZE);
		page_flag_set(p + i, PG_POISONED);
	}
}

static void check_poison(struct page *p, unsigned order)
{
	for (u64 i = 0; i < 1UL << order; i++) {
		if (!page_flag(p + i, PG_POISONED))
			continue;
		page_flag_clear(p + i, PG_POISONED);
		if (memchr_inv(page_to_virt(p + i), POISON_PAGE, PAGE_SIZE))
			panic("page %lx was written while free", page_to_phys(p + i));
	}
}
#else
static void poison(struct page *p __unused, unsigned order __unused)
{
}

static void check_poison(struct page *p __unused, unsigned order __unused)
{
}
#endif

static void count_anon(s32 pages)
{
	unsigned long f = irq_save();

	stacks[hart_id()].anon += pages;
	irq_restore(f);
}

/* [buddy.lock] */
static void buddy_put(struct page *p, unsigned order)
{
	u64 i = page_index(p);

	buddy.nr_free += 1UL << order;
	for (; order < PAGE_MAX_ORDER; order++) {
		u64 j = i ^ 1UL << order;
		struct page *b = &page_array[j];

		if (j >= ram_pages || !page_flag(b, PG_BUDDY) || b->order != order)
			break;
		list_del(&b->link);
		buddy.blocks[order]--;
		page_flag_clear(b, PG_BUDDY);
		i &= j;
	}
	p = &page_array[i];
	p->order = order;
	page_flag_set(p, PG_BUDDY);
	list_add(&p->link, &buddy.free[order]);
	buddy.blocks[order]++;
}

/* [buddy.lock] */
static struct page *buddy_take(unsigned order)
{
	unsigned o = order;
	struct page *p;

	while (list_empty(&buddy.free[o]))
		if (++o > PAGE_MAX_ORDER)
			return NULL;
	p = list_first_entry(&buddy.free[o], struct page, link);
	list_del(&p->link);
	buddy.blocks[o]--;
	page_flag_clear(p, PG_BUDDY);
	while (o > order) {
		struct page *half = p + (1UL << --o);

		half->order = o;
		page_flag_set(half, PG_BUDDY);
		list_add(&half->link, &buddy.free[o]);
		buddy.blocks[o]++;
	}
	buddy.nr_free -= 1UL << order;
	return p;
}

/* Interrupts off. Small blocks go first, whole: taking them apart page by page costs more. */
static void stack_fill(struct page_stack *s)
{
	unsigned order = 0;

	spin_lock(&buddy.lock);
	while (s->n < CACHE_BATCH && order <= PAGE_MAX_ORDER) {
		unsigned o = min(order, (unsigned)fls64(CACHE_BATCH - s->n) - 1);
		struct page *p;

		if (list_empty(&buddy.free[order])) {
			order++;
			continue;
		}
		p = buddy_take(o);
		for (unsigned i = 1u << o; i-- > 0;) {
			p[i].flags = 1u << PG_CACHED | (p[i].flags & 1u << PG_POISONED);
			s->page[s->n++] = &p[i];
		}
	}
	spin_unlock(&buddy.lock);
}

/* Interrupts off. Gives back all but `keep` pages, the longest unused first. */
static void stack_drain(struct page_stack *s, unsigned keep)
{
	unsigned n = s->n > keep ? s->n - keep : 0;

	spin_lock(&buddy.lock);
	for (unsigned i = 0; i < n; i++) {
		page_flag_clear(s->page[i], PG_CACHED);
		buddy_put(s->page[i], 0);
	}
	spin_unlock(&buddy.lock);
	s->n -= n;
	for (unsigned i = 0; i < s->n; i++)
		s->page[i] = s->page[i + n];
}

static struct page *alloc_one(unsigned flags)
{
	unsigned long f = irq_save();
	struct page_stack *s = &stacks[hart_id()];
	struct page *p = NULL;
	bool filled = false;

	if (!s->n) {
		stack_fill(s);
		filled = true;
	}
	if (s->n) {
		p = s->page[--s->n];
		s->anon += !!(flags & PA_ANON);
	}
	irq_restore(f);
	if (filled && page_low_hook && READ_ONCE(buddy.nr_free) < READ_ONCE(buddy.low))
		page_low_hook();
	return p;
}

static struct page *alloc_block(unsigned order, unsigned flags)
{
	unsigned long f = spin_lock_irqsave(&buddy.lock);
	struct page *p = buddy_take(order);

	spin_unlock_irqrestore(&buddy.lock, f);
	if (!p) {
		page_drain(); /* single pages of this hart may complete a block */
		f = spin_lock_irqsave(&buddy.lock);
		p = buddy_take(order);
		spin_unlock_irqrestore(&buddy.lock, f);
	}
	if (p && (flags & PA_ANON))
		count_anon(1 << order);
	if (page_low_hook && READ_ONCE(buddy.nr_free) < READ_ONCE(buddy.low))
		page_low_hook();
	return p;
}

/* Pages are cleared and copied more often than anything else of their size. */
#define WORDS (PAGE_SIZE / sizeof(u64))

__no_loop_calls static void page_clear(struct page *p)
{
	u64 *w = page_to_virt(p);

#pragma GCC unroll 32
	for (unsigned i = 0; i < WORDS; i++)
		w[i] = 0;
}

__no_loop_calls void page_copy(struct page *dst, const struct page *src)
{
	const u64 *restrict from = page_to_virt(src);
	u64 *restrict to = page_to_virt(dst);

#pragma GCC unroll 32
	for (unsigned i = 0; i < WORDS; i++)
		to[i] = from[i];
}

struct page *page_alloc(unsigned order, unsigned flags)
{
	struct page *p;

	if (order > PAGE_MAX_ORDER || alloc_fails())
		return NULL;
	if ((flags & PA_USER) && READ_ONCE(buddy.nr_free) < READ_ONCE(buddy.reserve)) {
		if (page_low_hook)
			page_low_hook();
		return NULL;
	}
	p = order ? alloc_block(order, flags) : alloc_one(flags);
	if (!p)
		return NULL;
	check_poison(p, order);
	*p = (struct page){ .flags = flags & PA_ANON ? 1u << PG_ANON : 0,
			    .refs = ATOMIC_INIT(1),
			    .order = (u8)order };
	for (unsigned i = 0; (flags & PA_ZERO) && i < 1u << order; i++)
		page_clear(p + i);
	return p;
}

void page_free(struct page *p, unsigned order)
{
	bool anon = page_flag(p, PG_ANON);
	unsigned long f;

	BUG_ON(p->flags & (1u << PG_BUDDY | 1u << PG_CACHED | 1u << PG_RESERVED));
	BUG_ON((unsigned)atomic_read(&p->refs) > 1);
	atomic_set(&p->refs, 0);
	p->flags = 0;
	poison(p, order);
	if (order) {
		f = spin_lock_irqsave(&buddy.lock);
		buddy_put(p, order);
		spin_unlock_irqrestore(&buddy.lock, f);
		if (anon)
			count_anon(-(1 << order));
		return;
	}
	f = irq_save();
	struct page_stack *s = &stacks[hart_id()];

	if (s->n == CACHE_PAGES)
		stack_drain(s, CACHE_PAGES - CACHE_BATCH);
	s->anon -= anon;
	page_flag_set(p, PG_CACHED);
	s->page[s->n++] = p;
	irq_restore(f);
}

void page_put(struct page *p)
{
	int left = atomic_dec_return(&p->refs);

	if (left == 0)
		page_free(p, 0);
	else
		BUG_ON(left < 0);
}

void page_break(struct page *p, unsigned order)
{
	u32 flags = p->flags;

	for (u64 i = 0; i < 1UL << order; i++)
		p[i] = (struct page){ .flags = flags, .refs = ATOMIC_INIT(1) };
}

void page_put_all(struct page *p, unsigned order)
{
	u64 n = 1UL << order, sole = 0;

	/* The only reference to a page is the caller's, so nobody can come to have another. */
	while (sole < n && atomic_read(&p[sole].refs) == 1)
		sole++;
	for (u64 i = 0; i < n; i++) {
		if (sole < n) {
			page_put(p + i);
		} else if (i) {
			p[i].flags = 0;
			atomic_set(&p[i].refs, 0);
		}
	}
	if (sole == n)
		page_free(p, order);
}

void page_drain(void)
{
	unsigned long f = irq_save();

	stack_drain(&stacks[hart_id()], 0);
	irq_restore(f);
}

u64 page_free_count(void)
{
	return READ_ONCE(buddy.nr_free);
}

u64 page_blocks(unsigned order)
{
	return READ_ONCE(buddy.blocks[order]);
}

u64 page_total(void)
{
	return buddy.total;
}

void page_stats(struct page_stats *s)
{
	s->total = buddy.total;
	s64 anon = 0;

	s->free = READ_ONCE(buddy.nr_free);
	for (unsigned h = 0; h < MAX_HARTS; h++) {
		s->free += READ_ONCE(stacks[h].n);
		anon += READ_ONCE(stacks[h].anon);
	}
	s->anon = (u64)max(anon, 0L);
	s->reserve = buddy.reserve;
	s->low = buddy.low;
}

void page_init(paddr_t base, u64 size)
{
	/*
	 * The array begins at a multiple of the largest block: an index's low bits are an
	 * address's.
	 */
	ram_base = ALIGN_DOWN(base, PAGE_SIZE << PAGE_MAX_ORDER);
	ram_pages = (ALIGN_DOWN(base + size, PAGE_SIZE) - ram_base) >> PAGE_SHIFT;
	page_array = early_alloc(ram_pages * sizeof(struct page));
	page_origin = (u64)page_array - (ram_base >> PAGE_SHIFT) * sizeof(struct page);
	for (u64 i = 0; i < ram_pages; i++) {
		page_array[i].flags = 1u << PG_RESERVED;
		atomic_set(&page_array[i].refs, 1);
	}
	for (unsigned o = 0; o <= PAGE_MAX_ORDER; o++)
		list_init(&buddy.free[o]);
}

/*
 * The kernel's reserve is a 1024th of memory, at least 512 KiB; reclaim starts at four times that.
 */
static void set_marks(void)
{
	page_set_reserve(clamp(buddy.total / 1024, 128UL, 4096UL));
}

void page_set_reserve(u64 pages)
{
	WRITE_ONCE(buddy.low, min(pages * 4, max(pages, buddy.total / 2)));
	WRITE_ONCE(buddy.reserve, pages);
}

void page_add_free(paddr_t start, paddr_t end)
{
	u64 i = (ALIGN_UP(max(start, ram_base), PAGE_SIZE) - ram_base) >> PAGE_SHIFT;
	u64 last = end <= ram_base ? 0 : min((end - ram_base) >> PAGE_SHIFT, ram_pages);
	unsigned long f = spin_lock_irqsave(&buddy.lock);

	while (i < last) {
		unsigned order = i ? min(ctz64(i), (unsigned)PAGE_MAX_ORDER) : PAGE_MAX_ORDER;

		while (i + (1UL << order) > last)
			order--;
		for (u64 j = i; j < i + (1UL << order); j++) {
			page_array[j].flags = 0;
			atomic_set(&page_array[j].refs, 0);
		}
		buddy_put(&page_array[i], order);
		buddy.total += 1UL << order;
		i += 1UL << order;
	}
	spin_unlock_irqrestore(&buddy.lock, f);
	set_marks();
}
