/*
 * Physical pages: struct page, the buddy allocator with per-hart caches, and
 * reference counts. page_alloc never sleeps; any context.
 */
#ifndef ALLOC_PAGE_H
#define ALLOC_PAGE_H

#include <types.h>
#include <atomic.h>
#include "arch/riscv/memlayout.h"
#include "lib/list.h"
#include "sync/spinlock.h"

#define PAGE_MAX_ORDER 10 /* 4 MiB */

/* page->flags; atomic bit operations where more than one owner may look. */
enum page_flag {
	/*
	 * Free, heads a buddy block of `order`. Set and cleared under the buddy lock alone: who
	 * looks for a neighbour to merge with may trust it, whatever the page's owner does.
	 */
	PG_BUDDY,
	PG_CACHED, /* free, in a hart's stack of single pages */
	PG_SLAB,
	PG_RESERVED, /* never freed: kernel image, firmware, device tree */
	PG_TABLE, /* a page table; ptl is valid */
	PG_LOCKED, /* page cache: being filled or written, or truncated; waiters on page_waitq */
	PG_UPTODATE, /* page cache: holds what the file holds */
	PG_DIRTY, /* page cache: newer than the store */
	PG_KEPT, /* page cache: clean, but its store has it no more: never reclaimed */
	PG_WRITEBACK, /* page cache: locked, and being written to the store */
	PG_PINNED, /* page cache: has no store behind it (tmpfs): never reclaimed */
	PG_REFERENCED, /* page cache: used since the reclaiming hand came by */
	PG_ERROR,
	PG_FILE, /* is or was a page-cache page; for life. Without it a user page is anonymous */
	PG_LRU, /* page cache: clean and with a store behind it, for mm's reclaim */
	PG_ICACHE, /* instruction fetches see its contents (fence.i was done) */
	PG_TAIL, /* slab: not the first page of a block; next points at that */
	PG_ANON, /* private memory of programs; set by page_alloc, for life */
	PG_FOLDED, /* leaf page table: the entry above maps the same memory as one leaf, mm/huge.c */
	PG_WHOLE, /* leaf page table: was folded, and may be again */
	PG_POISONED, /* debug: free and filled with a pattern */
};

struct vmobject;

/*
 * 32 bytes each, one array over all RAM. What a page is says its flags: PG_BUDDY, PG_SLAB,
 * PG_TABLE,
 * PG_FILE (page cache), else its owner's. [o] by its owner alone.
 */
struct page {
	u32 flags; /* [a] */
	atomic_t refs; /* [a] 0: free. The page cache holds one, each mapping one, each user one */
	union {
		atomic_t mapcount; /* [a] page cache: user page-table entries that point here */
		spinlock_t ptl; /* page table: guards its entries */
		struct { /* slab: [cache->lock] */
			u16 slab_inuse;
			u16 slab_free; /* where the chain of free objects begins, slab.c */
		};
	};
	union {
		struct {
			u8 order; /* [o] of the block this page heads */
			u8 pad;
			u16 slab_id; /* [o] slab: whose */
		};
		u32 folds; /* [table_lock] page table: number of the page of mm/huge.c, or 0 */
	};
	union {
		/* page cache: [obj->lock], stable while PG_LOCKED or referenced through it */
		struct {
			struct vmobject *obj;
			u64 index; /* page number in the object */
		};
		struct list_head link; /* [o] buddy list, slab list, table's grace period */
		struct page *next; /* [o] slab's tail page: its head; cut-off table: the next */
	};
};

extern struct page *page_array; /* [boot] one per page from ram_base */
extern paddr_t ram_base; /* [boot] */
extern u64 ram_pages; /* [boot] */
extern u64 page_origin; /* [boot] where the array would begin if RAM began at address 0 */

static inline struct page *phys_to_page(paddr_t pa)
{
	return (struct page *)(page_origin + (pa >> PAGE_SHIFT) * sizeof(struct page));
}

static inline paddr_t page_to_phys(const struct page *p)
{
	return ((u64)p - page_origin) / sizeof(struct page) << PAGE_SHIFT;
}

static inline void *page_to_virt(const struct page *p)
{
	return phys_to_virt(page_to_phys(p));
}

static inline struct page *virt_to_page(const void *va)
{
	return phys_to_page(virt_to_phys(va));
}

static inline bool phys_is_ram(paddr_t pa)
{
	return pa >= ram_base && (pa - ram_base) >> PAGE_SHIFT < ram_pages;
}

static inline bool page_flag(const struct page *p, enum page_flag f)
{
	return __atomic_load_n(&p->flags, __ATOMIC_RELAXED) >> f & 1;
}

/* The changing forms are atomic; set and clear order nothing, the test forms order everything. */
static inline void page_flag_set(struct page *p, enum page_flag f)
{
	__atomic_fetch_or(&p->flags, 1u << f, __ATOMIC_RELAXED);
}

static inline void page_flag_clear(struct page *p, enum page_flag f)
{
	__atomic_fetch_and(&p->flags, ~(1u << f), __ATOMIC_RELAXED);
}

static inline bool page_flag_test_set(struct page *p, enum page_flag f)
{
	return __atomic_fetch_or(&p->flags, 1u << f, __ATOMIC_SEQ_CST) >> f & 1;
}

static inline bool page_flag_test_clear(struct page *p, enum page_flag f)
{
	return __atomic_fetch_and(&p->flags, ~(1u << f), __ATOMIC_SEQ_CST) >> f & 1;
}

#define PA_ZERO (1u << 0) /* filled with zeros */
#define PA_USER (1u << 1) /* for user memory or cache: leaves the kernel's reserve alone */
#define PA_ANON (1u << 2) /* private memory of a program: counted */

/* 2^order pages, refs 1 (on the head), or NULL. Any context. */
struct page *page_alloc(unsigned order, unsigned flags);
void page_copy(struct page *dst, const struct page *src); /* the contents of one page */
void page_free(struct page *p, unsigned order); /* refs must be 0 or 1 */
static inline void page_get(struct page *p)
{
	atomic_inc(&p->refs);
}
void page_put(struct page *p); /* frees the (order 0) page at the last reference */
/* Makes a new block single pages, each with a reference of its own. */
void page_break(struct page *p, unsigned order);
/* page_put for each of them; they are freed as one block when nobody else has any. */
void page_put_all(struct page *p, unsigned order);

/*
 * Debug builds: is this allocation of the current task to fail, though there is memory? Asked once
 * by each page_alloc, slab_alloc and kstack_alloc (procfs/pid_fail.c fills it in).
 */
#ifdef DEBUG
extern bool (*alloc_fail_hook)(void);
static inline bool alloc_fails(void)
{
	return alloc_fail_hook && alloc_fail_hook();
}
#else
static inline bool alloc_fails(void)
{
	return false;
}
#endif

/*
 * Early boot. RAM is base .. base+size, holes allowed. The page array comes from early_alloc
 * (arch/riscv/boot.h). All pages are reserved at first; page_add_free then hands over what is
 * neither firmware, kernel, device tree, initrd nor the array.
 */
void page_init(paddr_t base, u64 size);
void page_add_free(paddr_t start, paddr_t end); /* gives a range to the buddy allocator */

struct page_stats {
	u64 total; /* pages managed */
	u64 free; /* free pages, per-hart caches included */
	u64 reserve; /* of those, what PA_USER may not have */
	u64 low; /* below it page_low_hook is called */
	u64 anon; /* in use with PA_ANON */
};
void page_stats(struct page_stats *s);
u64 page_blocks(unsigned order); /* free blocks of 2^order pages: a hint, no lock */
u64 page_total(void); /* pages managed */
/* Of proc(5)'s min_free_kbytes; and reclaim starts at four times that. */
void page_set_reserve(u64 pages);
u64 page_free_count(void); /* pages in the buddy lists: a hint, no lock */
void page_drain(void); /* returns this hart's cached pages to the buddy lists */
/* Called (any context) when free pages fall under the low mark: mm's reclaim wakes up. */
extern void (*page_low_hook)(void);
#endif
