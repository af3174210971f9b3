/*
 * In-kernel tests of the reverse map: who takes pages of an object away from all that map them waits for
 * spaces, and what becomes of areas meanwhile must not hide a page from it.
 */
#include "debug/selftest.h"

#include <err.h>
#include <uapi/mman.h>
#include "core/sched.h"
#include "core/time.h"
#include "mm/internal.h"
#include "mm/usercopy.h"

#define BASE  0x100000000UL
#define HALF  4UL /* pages of each area; the second one cannot be written */
#define PAGES (2 * HALF)

static struct {
	struct vmobject *obj;
	struct mm *first, *second;
	bool done; /* [a] */
} t;

static bool map_half(struct mm *mm, u64 half, u32 write)
{
	u32 flags = VM_READ | write | VM_SHARED | VM_MAYREAD | VM_MAYWRITE;
	u64 at = BASE + half * HALF * PAGE_SIZE;

	return vm_map(mm, at, HALF * PAGE_SIZE, flags, MAP_SHARED | MAP_FIXED, t.obj, half * HALF,
		      NULL, NULL, NULL) == (long)at;
}

/* How many of the object's pages mm has entries for. */
static u64 mapped(struct mm *mm)
{
	u64 n = 0;

	for (u64 i = 0; i < PAGES; i++) {
		const pte_t *pte = pte_find(mm, BASE + i * PAGE_SIZE);

		n += pte && pte_used(READ_ONCE(*pte));
	}
	return n;
}

static bool touch(struct mm *mm)
{
	u64 word;

	for (u64 i = 0; i < PAGES; i++)
		if (mm_copy_from(mm, &word, BASE + i * PAGE_SIZE, sizeof(word), false) !=
		    sizeof(word))
			return false;
	return mapped(mm) == PAGES;
}

static void taker(void *arg __unused)
{
	vm_unmap_object(t.obj, 0, PAGES, false);
	__atomic_store_n(&t.done, true, __ATOMIC_SEQ_CST);
}

/* Lets somebody unmap the object's pages; *held, locked for writing, is where it will wait. */
static bool start_taker(struct mm *held)
{
	int before = atomic_read(&held->refs);

	t.done = false;
	if (IS_ERR(kthread_start(taker, NULL, "test/taker")))
		return false;
	while (atomic_read(&held->refs) == before)
		sched_yield_current();
	return true;
}

/* sem held for writing: the halves become one area, or two again. */
static void change(struct mm *mm, u32 write)
{
	u64 at = BASE + HALF * PAGE_SIZE;
	struct area *a = area_at(mm, at);
	LIST_HEAD(dead);

	a = area_carve(a, at, at + HALF * PAGE_SIZE, (a->flags & ~VM_WRITE) | write);
	if (!IS_ERR(a)) {
		area_set_flags(a, (a->flags & ~VM_WRITE) | write);
		area_merge(a, &dead);
	}
	area_bury(&dead);
}

/* Who unmaps waits for `held`, while the areas of `changed` are joined (write) or split. */
static const char *round_of(struct mm *held, struct mm *changed, u32 write)
{
	if (!touch(t.first) || !touch(t.second))
		return "the pages could not be mapped";
	rwsem_write_lock(&held->sem);
	if (!start_taker(held)) {
		rwsem_write_unlock(&held->sem);
		return "no thread";
	}
	if (changed != held)
		rwsem_write_lock(&changed->sem);
	change(changed, write);
	if (changed != held)
		rwsem_write_unlock(&changed->sem);
	rwsem_write_unlock(&held->sem);
	while (!__atomic_load_n(&t.done, __ATOMIC_SEQ_CST))
		sched_yield_current();
	if (changed->nr_areas != (write ? 1 : 2))
		return "the areas were not joined, or not split";
	return mapped(t.first) || mapped(t.second) ? "pages are still mapped" : NULL;
}

KERNEL_TEST(changed_areas_hide_no_page)
{
	const char *wrong = "no memory";

	t.obj = vmobject_create_anon(PAGES * PAGE_SIZE);
	t.first = mm_create();
	t.second = mm_create();
	if (!t.obj || !t.first || !t.second)
		return wrong;
	/* Between the first one's halves in the order in which they come. */
	if (!map_half(t.first, 0, VM_WRITE) || !map_half(t.second, 0, VM_WRITE) ||
	    !map_half(t.second, 1, 0) || !map_half(t.first, 1, 0))
		return "the object could not be mapped";
	wrong = NULL;
	for (u32 write = VM_WRITE, n = 0; n < 2 && !wrong; n++, write ^= VM_WRITE) {
		wrong = round_of(t.second, t.first, write);
		if (!wrong)
			wrong = round_of(t.second, t.second, write);
	}
	for (u32 write = VM_WRITE, n = 0; n < 2 && !wrong; n++, write ^= VM_WRITE)
		wrong = round_of(t.first, t.first, write);
	mm_put(t.first);
	mm_put(t.second);
	vmobject_put(t.obj);
	return wrong;
}
