/*
 * The kernel map (vmap.h): address ranges in units of 32 KiB, each range mapped
 * at the upper end of its units, so that at least one unmapped page lies below
 * it. A kernel stack takes one unit: a guard of four pages, then the stack.
 *
 * Stale translations: vmap_alloc, vmap_free and ioremap flush all harts before they return, and
 * what is unmapped is flushed everywhere before its pages and its addresses go to others: every hart
 * may have used it, for those who sleep leave on their stacks what their wakers read. A new stack is
 * mapped where nothing was, so another hart can at most remember that; there, it marks the harts in
 * vmap_stale, and each flushes before its next switch (vmap_sync). A waker that gets there sooner
 * takes a fault that vmap_spurious cures.
 *
 * Free stacks stay mapped. A few lie with each hart; the rest with all harts, for they are
 * freed where the grace periods end and are wanted where tasks are made. Those beyond what the
 * pool keeps gather there until the callbacks of a grace period have run (kstack_trim), or until
 * it is full: a flush of all harts costs much, so it is for many.
 *
 * Locks: vmap.lock guards the bitmap and the tables; interrupts are off under it,
 * for their handlers take locks of lower rank. Leaf tables are made when first needed and stay.
 * pool.lock guards the stacks that belong to all; those of a hart are touched by its tasks only,
 * so the kernel's not being preemptible guards them.
 */
#include <bitops.h>
#include <compiler.h>
#include "alloc/page.h"
#include "alloc/vmap.h"
#include "arch/riscv/cpu.h"
#include "arch/riscv/pgtable.h"
#include "arch/riscv/thread.h"
#include "lib/bitmap.h"
#include "sync/log.h"
#include "sync/spinlock.h"

#define UNIT_SHIFT  (PAGE_SHIFT + 3)
#define UNIT_SIZE   (1UL << UNIT_SHIFT)
#define NR_UNITS    (VMAP_SIZE >> UNIT_SHIFT)
#define KERNEL_PTE  (PTE_V | PTE_R | PTE_W | PTE_A | PTE_D | PTE_G)
#define HART_STACKS 16 /* most free stacks that lie with a hart */
#define POOL_STACKS 128 /* most that are kept with all */
#define POOL_ROOM   (3 * POOL_STACKS) /* with those that are to go */
#define BATCH	    64 /* stacks given up with one flush */

static struct {
	spinlock_t lock;
	unsigned long hint; /* [lock] where to search */
} vmap = { .lock = SPINLOCK_INIT(RANK_VMAP, "vmap") };

u64 vmap_stale; /* [a] harts that may remember an earlier kernel map */

static DECLARE_BITMAP(used, NR_UNITS); /* [vmap.lock] */
static atomic_long_t nr_stacks; /* [a] mapped, free ones too */

static struct hart_stacks {
	unsigned n;
	void *stack[HART_STACKS];
} __aligned(64) hart_stacks[MAX_HARTS]; /* [hart] */

static struct {
	spinlock_t lock;
	unsigned n; /* [lock] */
	void *stack[POOL_ROOM]; /* [lock] */
} pool = { .lock = SPINLOCK_INIT(RANK_VMAP, "kstacks") };

static u64 units_for(size_t size)
{
	return DIV_ROUND_UP(size + PAGE_SIZE, UNIT_SIZE);
}

/* The entry that maps va in its leaf table; NULL while there is no leaf table. */
static pte_t *vmap_entry(u64 va)
{
	pte_t *t = kernel_root;

	for (int level = PT_ROOT_LEVEL; level > 0; level--) {
		pte_t e = smp_load_acquire(&t[pt_index(va, level)]);

		if (!pte_is_table(e))
			return NULL;
		t = phys_to_virt(pte_phys(e));
	}
	return &t[pt_index(va, 0)];
}

/* Makes the leaf table for va. False: no memory. */
static bool vmap_table(u64 va)
{
	struct page *pg;
	pte_t *t, root;
	unsigned long irq;

	if (vmap_entry(va))
		return true;
	root = kernel_root[pt_index(va, PT_ROOT_LEVEL)];
	BUG_ON(!pte_is_table(root));
	pg = page_alloc(0, PA_ZERO);
	if (!pg)
		return false;
	t = phys_to_virt(pte_phys(root));
	irq = spin_lock_irqsave(&vmap.lock);
	if (!vmap_entry(va)) {
		smp_store_release(&t[pt_index(va, 1)], pte_make(page_to_phys(pg), PTE_V));
		pg = NULL;
	}
	spin_unlock_irqrestore(&vmap.lock, irq);
	if (pg)
		page_free(pg, 0);
	return true;
}

/* A range of `size` bytes with its leaf tables; 0: none left. Nothing is mapped yet. */
static u64 range_alloc(size_t size)
{
	u64 n = units_for(size), unit, start, end;
	unsigned long irq;

	if (size > VMAP_SIZE / 2)
		return 0;
	irq = spin_lock_irqsave(&vmap.lock);
	unit = bitmap_find_zero_area(used, NR_UNITS, vmap.hint, n, 1);
	if (unit >= NR_UNITS)
		unit = bitmap_find_zero_area(used, NR_UNITS, 0, n, 1);
	if (unit < NR_UNITS) {
		bitmap_set(used, unit, n);
		vmap.hint = unit + n;
	}
	spin_unlock_irqrestore(&vmap.lock, irq);
	if (unit >= NR_UNITS)
		return 0;
	end = VMAP_BASE + ((unit + n) << UNIT_SHIFT);
	start = end - size;
	for (u64 va = start; va < end; va = ALIGN_DOWN(va, pt_level_size(1)) + pt_level_size(1)) {
		if (vmap_table(va))
			continue;
		irq = spin_lock_irqsave(&vmap.lock);
		bitmap_clear(used, unit, n);
		spin_unlock_irqrestore(&vmap.lock, irq);
		return 0;
	}
	return start;
}

static void range_free(u64 start, size_t size)
{
	u64 n = units_for(size), unit = ((start + size - VMAP_BASE) >> UNIT_SHIFT) - n;
	unsigned long irq;

	irq = spin_lock_irqsave(&vmap.lock);
	bitmap_clear(used, unit, n);
	if (unit < vmap.hint)
		vmap.hint = unit;
	spin_unlock_irqrestore(&vmap.lock, irq);
}

/* Clears the entries; the pages are chained through link on *pages, to be freed after a flush. */
static void unmap_pages(u64 start, size_t size, struct list_head *pages)
{
	for (u64 va = start; va < start + size; va += PAGE_SIZE) {
		pte_t *e = vmap_entry(va);

		if (!e || !pte_present(*e))
			continue;
		list_add(&phys_to_page(pte_phys(*e))->link, pages);
		WRITE_ONCE(*e, 0);
	}
}

static void free_pages(struct list_head *pages)
{
	while (!list_empty(pages)) {
		struct page *pg = list_first_entry(pages, struct page, link);

		list_del(&pg->link);
		page_free(pg, 0);
	}
}

/* Maps new pages (page_alloc flags), without a flush; 0: out of memory. size in whole pages. */
static u64 map_new(size_t size, unsigned flags)
{
	LIST_HEAD(pages);
	u64 start, va;

	start = size ? range_alloc(size) : 0;
	if (!start)
		return 0;
	for (va = start; va < start + size; va += PAGE_SIZE) {
		struct page *pg = page_alloc(0, flags);

		if (!pg)
			goto out_unmap;
		WRITE_ONCE(*vmap_entry(va), pte_make(page_to_phys(pg), KERNEL_PTE));
	}
	return start;

out_unmap:
	unmap_pages(start, va - start, &pages);
	free_pages(&pages); /* never used: no hart can hold a translation */
	range_free(start, size);
	return 0;
}

void *vmap_alloc(size_t size)
{
	u64 start;

	size = ALIGN_UP(size, PAGE_SIZE);
	start = map_new(size, PA_ZERO);
	if (!start)
		return NULL;
	tlb_flush_kernel(start, start + size);
	return (void *)start;
}

void vmap_free(void *p, size_t size)
{
	LIST_HEAD(pages);
	u64 start = (u64)p;

	if (!p)
		return;
	size = ALIGN_UP(size, PAGE_SIZE);
	unmap_pages(start, size, &pages);
	tlb_flush_kernel(start, start + size);
	free_pages(&pages);
	range_free(start, size);
}

void *ioremap(paddr_t pa, size_t size)
{
	u64 off = pa & (PAGE_SIZE - 1), start;

	size = ALIGN_UP(size + off, PAGE_SIZE);
	start = range_alloc(size);
	if (!start)
		return NULL;
	for (u64 i = 0; i < size; i += PAGE_SIZE)
		WRITE_ONCE(*vmap_entry(start + i), pte_make(pa - off + i, KERNEL_PTE));
	tlb_flush_kernel(start, start + size);
	return (void *)(start + off);
}

/*
 * The kernel's map changed: this hart forgets now what it knew, the others before their next
 * switch.
 */
static void others_are_stale(void)
{
	u64 self = 1UL << hart_id();

	__atomic_fetch_or(&vmap_stale, ((1UL << nr_harts) - 1) & ~self, __ATOMIC_SEQ_CST);
	tlb_flush_local_all();
}

void vmap_sync_slow(void)
{
	__atomic_fetch_and(&vmap_stale, ~(1UL << hart_id()), __ATOMIC_SEQ_CST);
	tlb_flush_local_all();
}

/* Free stacks to keep with all harts: fewer where memory is small. */
static unsigned pool_depth(void)
{
	return (unsigned)clamp(ram_pages / 2048, 16UL, (u64)POOL_STACKS);
}

/* With a hart. */
static unsigned hart_depth(void)
{
	return pool_depth() * HART_STACKS / POOL_STACKS;
}

/* Half a hart's share from the pool to the hart, or what there is. */
static void take_from_pool(struct hart_stacks *s)
{
	unsigned long irq = spin_lock_irqsave(&pool.lock);

	while (pool.n && s->n < hart_depth() / 2)
		s->stack[s->n++] = pool.stack[--pool.n];
	spin_unlock_irqrestore(&pool.lock, irq);
	/* Another hart may have mapped them. */
	vmap_sync();
}

/* Half a hart's share to the pool, as far as there is room. */
static void give_to_pool(struct hart_stacks *s)
{
	unsigned long irq = spin_lock_irqsave(&pool.lock);

	while (pool.n < pool_depth() * (POOL_ROOM / POOL_STACKS) && s->n > hart_depth() / 2)
		pool.stack[pool.n++] = s->stack[--s->n];
	spin_unlock_irqrestore(&pool.lock, irq);
}

u64 kstack_pages(void)
{
	return (u64)atomic_long_read(&nr_stacks) * (KSTACK_SIZE / PAGE_SIZE);
}

/* One flush for all of them. */
static void stacks_destroy(void *const *stack, unsigned n)
{
	LIST_HEAD(pages);

	if (!n)
		return;
	for (unsigned i = 0; i < n; i++)
		unmap_pages((u64)stack[i], KSTACK_SIZE, &pages);
	tlb_flush_kernel(VMAP_BASE, VMAP_BASE + VMAP_SIZE);
	free_pages(&pages);
	for (unsigned i = 0; i < n; i++)
		range_free((u64)stack[i], KSTACK_SIZE);
	atomic_long_sub(&nr_stacks, n);
}

/* Gives up the pool's stacks but for `keep`. */
static void pool_shrink(unsigned keep)
{
	void *stack[BATCH];
	unsigned n;

	do {
		unsigned long irq = spin_lock_irqsave(&pool.lock);

		for (n = 0; n < BATCH && pool.n > keep; n++)
			stack[n] = pool.stack[--pool.n];
		spin_unlock_irqrestore(&pool.lock, irq);
		stacks_destroy(stack, n);
	} while (n == BATCH);
}

void kstack_trim(void)
{
	if (READ_ONCE(pool.n) > pool_depth())
		pool_shrink(pool_depth());
}

void kstack_drain(void)
{
	struct hart_stacks *s = &hart_stacks[hart_id()];

	stacks_destroy(s->stack, s->n);
	s->n = 0;
	pool_shrink(0);
}

void *kstack_alloc(void)
{
	struct hart_stacks *s = &hart_stacks[hart_id()];
	u64 start;

	if (alloc_fails())
		return NULL;
	if (!s->n)
		take_from_pool(s);
	if (s->n)
		return s->stack[--s->n];
	start = map_new(KSTACK_SIZE, 0);
	if (!start)
		return NULL;
	atomic_long_inc(&nr_stacks);
	others_are_stale();
	return (void *)start;
}

void kstack_free(void *stack)
{
	struct hart_stacks *s = &hart_stacks[hart_id()];

	if (s->n >= hart_depth())
		give_to_pool(s);
	while (s->n >= hart_depth()) {
		kstack_trim();
		give_to_pool(s);
	}
	s->stack[s->n++] = stack;
}

bool vmap_spurious(u64 va)
{
	pte_t *e = va >= VMAP_BASE && va < VMAP_BASE + VMAP_SIZE ? vmap_entry(va) : NULL;

	if (!e || !pte_present(*e))
		return false;
	tlb_flush_local_all();
	return true;
}

bool kstack_guard_hit(u64 va)
{
	pte_t *e;

	if (va < VMAP_BASE || va >= VMAP_BASE + VMAP_SIZE)
		return false;
	e = vmap_entry(va);
	return test_bit((va - VMAP_BASE) >> UNIT_SHIFT, used) && (!e || !pte_present(*e));
}

void vmap_init(void)
{
	for (u64 va = VMAP_BASE; va < VMAP_BASE + VMAP_SIZE; va += pt_level_size(PT_ROOT_LEVEL))
		BUG_ON(!pte_is_table(kernel_root[pt_index(va, PT_ROOT_LEVEL)]));
}
