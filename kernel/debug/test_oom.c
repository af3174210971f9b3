/*
 * In-kernel tests of what happens when there is no memory at all: a move that cannot be done leaves
 * everything as it was, and whoever chooses a victim may look at a task that is on its way out.
 */
#include "debug/selftest.h"

#include <err.h>
#include <uapi/errno.h>
#include <uapi/mman.h>
#include "alloc/page.h"
#include "arch/riscv/cpu.h"
#include "core/sched.h"
#include "core/time.h"
#include "mm/internal.h"
#include "mm/usercopy.h"

#define BASE	    0x100000000UL
#define PAGES	    5
#define FROM	    (BASE + PAGE_SIZE) /* two in the middle: to be cut out on both sides */
#define TO	    (BASE + 64 * PAGE_SIZE) /* served by the same leaf table */
#define MOVED	    (2 * PAGE_SIZE)
#define EATEN	    0x200000000UL
#define MOST_SPARES 6
#define CHANGES	    5000 /* to be seen, */
#define PATIENCE    (3 * NSEC_PER_SEC) /* which takes harts that do run at the same time */

/* ---- a move without memory ---- */

static long map_at(struct mm *mm, u64 addr, u64 len)
{
	return vm_map(mm, addr, len, VM_READ | VM_WRITE | VM_MAYREAD | VM_MAYWRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, NULL, 0, NULL, NULL, NULL);
}

static bool holds(struct mm *mm, u64 addr, u64 value)
{
	u64 got = 0;

	return mm_copy_from(mm, &got, addr, sizeof(got), false) == sizeof(got) && got == value;
}

static void take_all_pages(struct list_head *hoard)
{
	struct page *p;

	while ((p = page_alloc(0, 0)) != NULL)
		list_add(&p->link, hoard);
}

static void give_back(struct list_head *hoard)
{
	struct page *p, *next;

	list_for_each_entry_safe(p, next, hoard, link)
		page_free(p, 0);
}

/* Areas of one page with holes between them, until there is no memory for another; how many. */
static u64 take_all_areas(struct mm *mm)
{
	u64 n = 0;

	while (map_at(mm, EATEN + 2 * n * PAGE_SIZE, PAGE_SIZE) > 0)
		n++;
	return n;
}

/* Moves FROM to TO with memory for so many areas. 1 moved, 0 not, -1 something is wrong. */
static int move_with(struct mm *mm, unsigned spare)
{
	struct mm *eater = mm_create();
	LIST_HEAD(hoard);
	u64 n;
	long at;
	int result;

	if (!eater)
		return -1;
	take_all_pages(&hoard);
	n = take_all_areas(eater);
	for (unsigned i = 0; i < spare; i++)
		vm_unmap(eater, EATEN + 2 * (n - 1 - i) * PAGE_SIZE, PAGE_SIZE);
	at = vm_remap(mm, FROM, MOVED, MOVED, MREMAP_MAYMOVE | MREMAP_FIXED, TO);
	result = at == (long)TO ? 1 : at == -ENOMEM ? 0 : -1;
	for (u64 i = 0; i < PAGES; i++) {
		u64 was = BASE + i * PAGE_SIZE;
		bool moved = result == 1 && was >= FROM && was < FROM + MOVED;

		if (!holds(mm, moved ? was - FROM + TO : was, i + 1))
			result = -1;
	}
	give_back(&hoard);
	mm_put(eater);
	return result;
}

KERNEL_TEST(a_move_without_memory_changes_nothing)
{
	struct mm *mm = mm_create();
	unsigned moves = 0, refusals = 0;
	const char *wrong = NULL;

	if (!mm || map_at(mm, BASE, PAGES * PAGE_SIZE) < 0)
		return "no memory";
	for (u64 i = 0, v = 1; i < PAGES; i++, v++)
		mm_copy_to(mm, BASE + i * PAGE_SIZE, &v, sizeof(v), false);
	for (unsigned spare = 0; spare < MOST_SPARES && !wrong; spare++) {
		int moved = move_with(mm, spare);

		if (moved < 0)
			wrong = "memory was lost on a move, or a strange error came";
		moves += moved == 1;
		refusals += moved == 0;
		if (moved == 1 && vm_remap(mm, TO, MOVED, MOVED, MREMAP_MAYMOVE | MREMAP_FIXED,
					   FROM) != (long)FROM)
			wrong = "no way back";
	}
	mm_put(mm);
	if (!wrong && (!moves || !refusals))
		wrong = "memory never was short, or always";
	return wrong;
}

/* ---- the choice of a victim ---- */

static struct task leaver;
static bool stop, stopped;

/* Takes leaver's space away and gives it back, all the time. */
static void leave_and_come(void *arg)
{
	for (unsigned i = 0; !READ_ONCE(stop); i++) {
		WRITE_ONCE(leaver.mm, i & 1 ? arg : NULL);
		for (unsigned k = i * 37 % 64; k > 0; k--)
			cpu_relax();
		if (i % 1000 == 0)
			cond_resched();
	}
	WRITE_ONCE(stopped, true);
}

KERNEL_TEST(a_victim_may_leave_while_it_is_looked_at)
{
	static struct proc proc;
	struct mm *mm = mm_create();
	u64 until = now_mono() + PATIENCE, was = 0;
	unsigned changes = 0;

	if (nr_harts == 1)
		return NULL;
	if (!mm)
		return "no memory";
	leaver.proc = &proc;
	stop = stopped = false;
	if (IS_ERR(kthread_start(leave_and_come, mm, "test/leaver")))
		return "no thread";
	for (unsigned i = 0; changes < CHANGES && now_mono() < until; i++) {
		u64 rss, points = oom_points(&leaver, 1000, &rss);

		changes += points != was;
		was = points;
		if (i % 1000 == 0)
			cond_resched();
	}
	WRITE_ONCE(stop, true);
	while (!READ_ONCE(stopped))
		sleep_until(now_mono() + NSEC_PER_MSEC, TASK_UNINTERRUPTIBLE);
	mm_put(mm);
	return changes ? NULL : "it never left, or never came";
}
