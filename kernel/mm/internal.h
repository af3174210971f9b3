/*
 * What the files of mm/ share and nobody else includes.
 */
#ifndef MM_INTERNAL_H
#define MM_INTERNAL_H

#include <atomic.h>
#include <compiler.h>
#include <err.h>
#include <uapi/errno.h>
#include "alloc/page.h"
#include "core/sched.h"
#include "mm/vm.h"
#include "mm/vmobject.h"
#include "sync/log.h"

#define STACK_GUARD (256 * PAGE_SIZE)
#define VM_ACCESS   (VM_READ | VM_WRITE | VM_EXEC)

/* One page of zeros, mapped read-only wherever memory was only read. Not counted anywhere. */
extern struct page *zero_page;

/* ---- page tables (pgtable.c) ---- */

/* An entry that refers to a page, accessible or (PROT_NONE) not. */
static inline bool pte_used(pte_t e)
{
	return e & (PTE_V | PTE_SW_NONE);
}

static inline struct page *pte_page(pte_t e)
{
	return phys_to_page(pte_phys(e));
}

/* The counters of a space that a page of it belongs to. */
enum rss_kind { RSS_NONE, RSS_ANON, RSS_FILE, RSS_SHMEM, RSS_KINDS };
static inline enum rss_kind page_rss(const struct page *p)
{
	u32 f = READ_ONCE(p->flags);

	if (f & 1u << PG_RESERVED)
		return RSS_NONE;
	if (!(f & 1u << PG_FILE))
		return RSS_ANON;
	return f & 1u << PG_PINNED ? RSS_SHMEM : RSS_FILE;
}
void rss_add(struct mm *mm, enum rss_kind kind, long n);

/*
 * An entry begins or ceases to point at a page of the cache. 1 if it is the only one: see
 * mapped_add.
 */
static inline long page_mapped_once(struct page *p)
{
	return atomic_inc_return(&p->mapcount) == 1;
}
static inline long page_unmapped_last(struct page *p)
{
	return atomic_dec_return(&p->mapcount) == 0;
}
extern atomic_long_t mapped_pages; /* of the cache, in some table */
static inline void mapped_add(long n)
{
	if (n)
		atomic_long_add(&mapped_pages, n);
}

/* The table's page for an entry of it: tables are always reached through the direct map. */
static inline struct page *table_page(const pte_t *pte)
{
	return phys_to_page((u64)pte - DIRECT_BASE);
}

/* The leaf table's lock for an entry of it. */
static inline spinlock_t *pte_ptl(const pte_t *pte)
{
	return &table_page(pte)->ptl;
}

/*
 * The entry for addr (< USER_TOP), or NULL when there is no leaf table; no lock. The table stays
 * allocated until the caller sleeps, but may be cut off meanwhile: pte_trylock says.
 */
pte_t *pte_find(struct mm *mm, u64 addr);
/* As pte_find; on NULL *next is the first address that another table would serve. */
pte_t *pte_find_next(struct mm *mm, u64 addr, u64 *next);
/* A table that nobody can reach any more. */
void table_free(struct page *p);
/* Makes the tables; NULL: no memory. mm->sem held or the space is not shared yet. */
pte_t *pte_make_tables(struct mm *mm, u64 addr);
pte_t *pte_new_tables(struct mm *mm, u64 addr); /* the same, where they are likely missing */
/* Where the folded table of the entry *at is, or will be (huge.c). */
static __always_inline pte_t **fold_of(const pte_t *at)
{
	pte_t **folds = phys_to_virt((u64)READ_ONCE(table_page(at)->folds) << PAGE_SHIFT);

	return &folds[((u64)at & (PAGE_SIZE - 1)) / sizeof(*at)];
}
/* The table that the inner entry *at, just read as e, leads to; NULL: none. */
static __always_inline pte_t *table_under(const pte_t *at, pte_t e, int level)
{
	if (likely(pte_is_table(e)))
		return phys_to_virt(pte_phys(e));
	if (level > 1 || likely(!pte_used(e)))
		return NULL;
	smp_rmb(); /* e was read before */
	return READ_ONCE(*fold_of(at));
}
/* The entry above addr's leaf table, be there one or not; NULL: no inner table. */
static inline pte_t *pte_inner(struct mm *mm, u64 addr)
{
	pte_t *t = mm->root_va;

	for (int level = PT_ROOT_LEVEL; level > 1 && t; level--) {
		const pte_t *at = &t[pt_index(addr, level)];

		t = table_under(at, READ_ONCE(*at), level);
	}
	return t ? &t[pt_index(addr, 1)] : NULL;
}
/* pte_find, where a call would cost too much. */
static __always_inline pte_t *pte_walk(const struct mm *mm, u64 addr)
{
	pte_t *t = mm->root_va;

#pragma GCC unroll 4
	for (int level = PT_ROOT_LEVEL; level > 0; level--) {
		const pte_t *at = &t[pt_index(addr, level)];

		t = table_under(at, READ_ONCE(*at), level); /* dependent loads are ordered */
		if (!t)
			return NULL;
	}
	return &t[pt_index(addr, 0)];
}
/* Takes the leaf table's lock; false, unlocked, when the table is no longer part of a space. */
static inline bool pte_lock(pte_t *pte)
{
	struct page *p = table_page(pte);

	spin_lock(&p->ptl);
	if (likely(page_flag(p, PG_TABLE)))
		return true;
	spin_unlock(&p->ptl);
	return false;
}
static inline void pte_unlock(pte_t *pte)
{
	spin_unlock(pte_ptl(pte));
}

/* ---- 2 MiB at once (huge.c) ---- */
#define HUGE_ORDER 9
#define HUGE_SIZE  (PAGE_SIZE << HUGE_ORDER)

void huge_init(void);
/* [ptl] Is the entry's table folded? Then only the whole of it may change, or it is unfolded first. */
static inline bool pte_folded(const pte_t *pte)
{
	return unlikely(page_flag(table_page(pte), PG_FOLDED));
}
/* [ptl of pte] Entries are what harts see again. No flush is needed for that. */
void pt_unfold(struct mm *mm, u64 addr, pte_t *pte);
/* pte_lock, for who changes single entries. */
static inline bool pte_lock_change(struct mm *mm, u64 addr, pte_t *pte)
{
	if (!pte_lock(pte))
		return false;
	if (pte_folded(pte))
		pt_unfold(mm, addr, pte);
	return true;
}
/* [ptl] Are [addr, end), of one table, all of a folded one? */
static inline bool folded_whole(const pte_t *pte, u64 addr, u64 end)
{
	return pte_folded(pte) && end - addr == HUGE_SIZE;
}
/*
 * [ptl] Folds pte's table if its entries are alike and a has all of it. take: these bits are theirs
 * from now on, if nobody else has any of the pages.
 */
void pt_refold(struct area *a, u64 addr, pte_t *pte, u64 take);
/* [ptl] Gives all entries of the folded table that pte begins these bits. */
void folded_change(struct mm *mm, u64 addr, pte_t *pte, u64 bits);
/* [both ptls] Lets the empty table dst map the same block; nobody may write. False: it can't be folded. */
bool folded_share(struct mm *from, struct mm *to, u64 addr, pte_t *src, pte_t *dst);
/* [ptl] How many folded tables there are of pte's block. */
int folded_sharers(const pte_t *pte);
/* [ptl] Does nobody else have any of its pages? */
bool folded_sole(const pte_t *pte);
void block_put(struct page *block); /* gives up a share of it */
/* [ptl] How many have the anonymous page p, which pte maps? */
static inline int anon_sharers(const pte_t *pte, const struct page *p)
{
	return atomic_read(&p->refs) + (pte_folded(pte) ? folded_sharers(pte) - 1 : 0);
}
/* [ptl] Empties a folded table; its block, which still counts as resident. */
struct page *folded_clear(struct mm *mm, u64 addr, pte_t *pte);
/* Sees to it that the table for addr can be folded; false: no memory. */
bool pt_make_folds(struct mm *mm, u64 addr);
bool pt_has_folds(struct mm *mm, u64 addr); /* can it already? */
/* [ptl] Fills the table that pte begins with the pages of the block, and folds it. */
void folded_fill(struct mm *mm, u64 addr, pte_t *pte, pte_t first);
/*
 * Maps the whole block around addr, which a write met absent (pte NULL: without a table), if that pays.
 * ahead: all of it will be touched. True: it did. sem held.
 */
bool huge_fault(struct area *a, u64 addr, const pte_t *pte, bool ahead);
int huge_collapse(struct area *a, u64 start,
		  u64 end); /* madvise(2), MADV_COLLAPSE; sem for writing */

/* The end of addr's leaf table or end, whichever comes first. */
static inline u64 leaf_end(u64 addr, u64 end)
{
	return min((addr | (pt_level_size(1) - 1)) + 1, end);
}

/* Entry bits that an area's protection gives, without W. */
u64 area_pte_bits(u32 vm_flags);

/* ---- TLB (tlb.c) and address-space numbers (asid.c) ---- */

#define GATHER_PAGES  88 /* a gather lives on the stack */
#define GATHER_BLOCKS 8

/* Collects what an unmapping frees until one shootdown has made it safe. */
struct gather {
	struct mm *mm;
	u64 start, end; /* what to flush; start >= end: nothing */
	bool teardown; /* the space will never run again: no flush */
	struct page *tables; /* cut-off table pages, chained by next */
	unsigned nr, nr_blocks;
	struct page *page[GATHER_PAGES];
	struct page *block[GATHER_BLOCKS]; /* 2 MiB of them */
};

void gather_init(struct gather *g, struct mm *mm, bool teardown);
static inline void gather_addr(struct gather *g, u64 addr)
{
	g->start = min(g->start, addr);
	g->end = max(g->end, addr + PAGE_SIZE);
}
void gather_table(struct gather *g, struct page *table);
/* Flushes and frees what is collected so far. No spinlock held. */
void gather_flush(struct gather *g);

/* Makes every hart forget translations of [start, end). Locks may be held. */
void mm_flush(struct mm *mm, u64 start, u64 end);
void mm_flush_one(struct mm *mm, u64 addr);
void mm_flush_local(struct mm *mm, u64 addr); /* this hart only: a spurious fault's cure */
unsigned mm_asid(const struct mm *mm);
/* Lets satp name mm (or the kernel's own tables: NULL) on this hart; interrupts off. */
void asid_switch(struct mm *mm);
void asid_init(void);

/*
 * Frees the leaf and inner tables wholly inside [floor, ceiling) that served [start, end). sem
 * held for writing.
 */
void pt_free_unused(struct gather *g, u64 start, u64 end, u64 floor, u64 ceiling);
/* Frees every user table of a space that no hart uses. */
void pt_free_all(struct mm *mm);

/* ---- zapping and changing ranges (zap.c) ---- */
/* Clears the entries of [start, end). file_only: private copies stay. sem held. */
void zap_range(struct gather *g, u64 start, u64 end, bool file_only);
/* Zaps and flushes. */
void zap_area(struct area *a, u64 start, u64 end);

/* ---- the area tree (area.c); mm->sem held for writing unless said otherwise ---- */
void area_init(void);
struct area *area_alloc(struct mm *mm);
void area_free(struct area *a); /* one that was never inserted */
/* Into the tree, the object's reverse map and the counts. */
void area_insert(struct area *a);
/* Out of them; the area goes to *dead for area_bury. */
void area_remove(struct area *a, struct list_head *dead);
/* New borders: counts follow. */
void area_resize(struct area *a, u64 start, u64 end, u64 pgoff);
void area_set_flags(struct area *a, u32 flags);
/* A copy in mm, not inserted; its references taken. ERR_PTR(-ENOMEM). */
struct area *area_copy(struct area *a, struct mm *mm);
/* Joins a with equal neighbours; the joined area. */
struct area *area_merge(struct area *a, struct list_head *dead);
/* Drops what the areas referred to and frees them. No lock held. */
void area_bury(struct list_head *dead);
struct area *area_prev(struct area *a); /* sem held */
/* The area that holds addr; NULL. sem held. */
struct area *area_at(struct mm *mm, u64 addr);
/* The highest hole of len bytes within [low, high); 0: none. sem held. */
u64 area_gap(struct mm *mm, u64 len, u64 low, u64 high);
/* Makes borders of areas fall on start and end, whatever their number. 0 or -ENOMEM, -EINVAL. */
int area_cut(struct mm *mm, u64 start, u64 end);
/*
 * The part [start, end) of a as an area of its own, which the caller will give these flags and
 * merge. ERR_PTR(-ENOMEM, also beyond vm_max_map_count, unless it will join a neighbour; -EINVAL).
 */
struct area *area_carve(struct area *a, u64 start, u64 end, u32 flags);
/* Pages of [start, end) that areas have, of those with a flag where it is not 0. sem held. */
u64 pages_mapped(struct mm *mm, u64 start, u64 end, u32 flag);
/* Unmaps [start, end) wholly: 0, -ENOMEM, -EPERM: some of it is sealed. */
int unmap_locked(struct mm *mm, u64 start, u64 end, struct list_head *dead);

bool area_names_equal(const struct area_name *a, const struct area_name *b);
/*
 * MM_MDWE, PR_SET_MDWE(2const): may an area with these flags be made, or one that had `old` come to
 * have them?
 */
static inline bool exec_denied(const struct mm *mm, u32 old, u32 flags)
{
	return unlikely(mm->flags & MM_MDWE) && (flags & VM_EXEC) &&
	       ((flags & VM_WRITE) || !(old & VM_EXEC));
}

static inline bool area_is_private(const struct area *a)
{
	return !(a->flags & VM_SHARED);
}
/* Plain memory, with no source behind it; a file may stand for it. */
static inline bool area_is_anon(const struct area *a)
{
	return !a->obj && (!a->ops || a->ops->anonymous);
}
static inline u64 area_index(const struct area *a, u64 addr)
{
	return a->pgoff + ((addr - a->start) >> PAGE_SHIFT);
}

/* ---- what may be promised (commit.c) ---- */
/* May mm (NULL: nobody's memory) have that many pages more promised? */
bool commit_allows(const struct mm *mm, u64 pages);
void commit_add(s64 pages);
/* Is private memory with these flags a promise that counts? */
static inline bool flags_are_promise(u32 flags)
{
	return (flags & (VM_WRITE | VM_SHARED | VM_NORESERVE)) == VM_WRITE;
}

extern atomic_t mm_going; /* mm.c */

/* ---- limits (map.c) ---- */
bool limit_as(struct mm *mm, u64 pages); /* may the space have that many pages more? */
bool limit_data(struct mm *mm, u64 pages);
/* 0; -EPERM: no locked memory allowed at all; -ENOMEM: not that much more. */
int limit_lock(struct mm *mm, u64 pages);
static inline bool flags_are_data(u32 flags)
{
	return (flags & (VM_WRITE | VM_SHARED | VM_GROWSDOWN)) == VM_WRITE;
}

/* ---- faults (fault.c) ---- */
enum {
	FAULT_FORCE =
		1, /* beyond the area's protection, as ptrace may (FOLL_FORCE of the literature) */
	FAULT_AHEAD = 2, /* what is around will be wanted, too */
	FAULT_USER = 4, /* the program itself, not the kernel for it */
};
/* For who will touch all of [addr, end): is a whole block of it still to come? */
static inline unsigned fault_ahead(u64 addr, u64 end)
{
	return !(addr & (HUGE_SIZE - 1)) && end - addr >= HUGE_SIZE ? FAULT_AHEAD : 0;
}
/* As vm_fault; how: FAULT_*. */
int fault_in(struct mm *mm, u64 addr, u32 access, unsigned how, int *signo, int *code);
/*
 * Lets instruction fetches see a page that is about to be mapped executable. *done: a batch needs
 * it once.
 */
void page_sync_icache(struct page *p, bool *done);

/* ---- the page cache (vmobject.c, readahead.c); obj->lock held ---- */
/* Is memory the only store of obj, so that what has no page reads as zeros? */
static inline bool vmobject_has_holes(const struct vmobject *obj)
{
	return obj->pinned && !(obj->ops && obj->ops->fill);
}
int cache_insert(struct vmobject *obj, struct page *p,
		 u64 index); /* takes over p's first reference; 0, -ENOMEM */
void cache_remove(struct vmobject *obj, struct page *p); /* the caller puts that reference */
/* A page, not dirty yet, becomes it; ceases to be it (gone: unwritten). (writeback.c) */
void cache_dirty(struct vmobject *obj, struct page *p);
void cache_undirty(struct vmobject *obj, struct page *p, bool gone);
/* Memory is short while a file is written: waits for some write-back; false: that is no help. No lock. */
bool dirty_wait(void);
/*
 * Takes W from all shared mappings of pages [index, index + n) of obj, so that who writes there faults.
 * No spinlock. (rmap.c)
 */
void vm_protect_object(struct vmobject *obj, u64 index, u64 n);

/* ---- memory for users (reclaim.c, oom.c) ---- */
/*
 * Under RCU: pages that killing the task's process would free, of total, weighed by
 * oom_score_adj; 0: not to be killed. *rss: its pages.
 */
u64 oom_points(const struct task *t, u64 total, u64 *rss);
/* A page for user memory; reclaims once or twice when there is none. NULL: memory is out. */
struct page *user_page_alloc(unsigned flags);
bool memory_is_short(void);
void lru_add(struct page **p, unsigned n);
void lru_del(struct page *p);
void reclaim_init(void);
void pagelock_init(void);
/*
 * For reclaim: removes a clean, unmapped page (locked) that nobody else refers to. True: it is
 * gone.
 */
bool vmobject_evict(struct page *p);
/* Unmapped pages of several spaces, held until one flush a space has made it true. (rmap.c) */
#define UNMAP_MMS   8
#define UNMAP_PAGES 64
struct unmap_batch {
	unsigned nr_mms, nr_pages; /* both 0 at first */
	struct mm *mm[UNMAP_MMS];
	struct page *page[UNMAP_PAGES];
};
/* Takes all mappings of a locked cache page away, unless there are many. */
void page_unmap(struct page *p, struct unmap_batch *b);
void unmap_batch_flush(struct unmap_batch *b);
#endif
