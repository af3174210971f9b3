/*
 * Shootdowns, and the gather that lets one of them serve many pages.
 *
 * Three masks of harts say who must hear (struct mm). A hart that runs the space
 * now is told at once. One that ran it before may hold old translations under its
 * ASID: it is only marked stale and flushes before it runs the space again. One that idles
 * with the space's tables loaded runs no user code, so it need not hear of pages, but must
 * hear before table pages are freed, because it may walk them on speculation.
 *
 * The order that makes this safe: the flusher changes entries, marks the stale, then
 * reads `active` again; a hart that takes the space up sets `active`, then reads `stale`.
 */
#include "core/rcu.h"
#include "mm/internal.h"

#define WHOLE_SPACE_PAGES 32 /* from here on it is cheaper to flush the whole space */

static_assert(sizeof(struct rcu_head) <= sizeof_field(struct page, link),
	      "a table page waits for its grace period on its link");

static void flush(struct mm *mm, u64 start, u64 end, bool tables)
{
	u64 now, old;

	smp_mb();
	now = __atomic_load_n(&mm->active, __ATOMIC_SEQ_CST);
	old = __atomic_load_n(&mm->ran, __ATOMIC_RELAXED) & ~now;
	if (old)
		__atomic_fetch_or(&mm->stale, old, __ATOMIC_SEQ_CST);
	now |= __atomic_load_n(&mm->active, __ATOMIC_SEQ_CST);
	if (tables)
		now |= __atomic_load_n(&mm->loaded, __ATOMIC_SEQ_CST);
	if (!now)
		return;
	if (end - start > WHOLE_SPACE_PAGES * PAGE_SIZE)
		tlb_flush_asid(now, mm_asid(mm));
	else
		tlb_flush_range(now, mm_asid(mm), start, end);
}

void mm_flush(struct mm *mm, u64 start, u64 end)
{
	flush(mm, start, end, false);
}

static void mm_flush_tables(struct mm *mm, u64 start, u64 end)
{
	flush(mm, start, end, true);
}

void mm_flush_one(struct mm *mm, u64 addr)
{
	flush(mm, addr, addr + PAGE_SIZE, false);
}

void mm_flush_local(struct mm *mm, u64 addr)
{
	tlb_flush_local_page(addr, mm_asid(mm));
}

void gather_init(struct gather *g, struct mm *mm, bool teardown)
{
	g->mm = mm;
	g->start = ~0UL;
	g->end = 0;
	g->teardown = teardown;
	g->tables = NULL;
	g->nr = 0;
	g->nr_blocks = 0;
}

void gather_table(struct gather *g, struct page *table)
{
	table->next = g->tables;
	g->tables = table;
}

static void free_table(struct rcu_head *h)
{
	table_free(container_of((struct list_head *)h, struct page, link));
}

void gather_flush(struct gather *g)
{
	struct page *t = g->tables;

	if (!g->teardown && t)
		mm_flush_tables(g->mm, 0, USER_TOP);
	else if (!g->teardown && g->start < g->end)
		mm_flush(g->mm, g->start, g->end);
	for (unsigned i = 0; i < g->nr; i++)
		page_put(g->page[i]);
	for (unsigned i = 0; i < g->nr_blocks; i++)
		block_put(g->block[i]);
	while (t) {
		struct page *next = t->next;

		call_rcu((struct rcu_head *)&t->link, free_table);
		t = next;
	}
	gather_init(g, g->mm, g->teardown);
}
