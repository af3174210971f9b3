/*
 * In-kernel tests of the kernel's map and the allocators.
 */
#include "arch/riscv/boot.h"
#include "debug/selftest.h"

#include "alloc/page.h"
#include "alloc/slab.h"
#include "alloc/vmap.h"
#include "arch/riscv/pgtable.h"
#include "core/sched.h"
#include "core/time.h"
#include "lib/string.h"

/* Finds a leaf that is writable and executable, or a user one, at or below a table. */
static const char *walk(const pte_t *table, int level, unsigned first)
{
	for (unsigned i = first; i < PT_ENTRIES; i++) {
		pte_t e = table[i];
		const char *wrong;

		if (!pte_present(e))
			continue;
		if (pte_is_table(e)) {
			wrong = walk(phys_to_virt(pte_phys(e)), level - 1, 0);
			if (wrong)
				return wrong;
		} else if ((e & PTE_W) && (e & PTE_X)) {
			return "a page is writable and executable";
		} else if (e & PTE_U) {
			return "a kernel page is open to user mode";
		}
	}
	return NULL;
}

/* The leaf entry for va, 0 if there is none. */
static pte_t leaf(u64 va)
{
	const pte_t *t = kernel_root;

	for (int level = PT_ROOT_LEVEL; level >= 0; level--) {
		pte_t e = t[pt_index(va, level)];

		if (!pte_is_table(e))
			return e;
		t = phys_to_virt(pte_phys(e));
	}
	return 0;
}

KERNEL_TEST(no_page_writable_and_executable)
{
	const char *wrong = walk(kernel_root, PT_ROOT_LEVEL, PT_ENTRIES / 2);

	if (wrong)
		return wrong;
	if (walk(kernel_root, PT_ROOT_LEVEL, 0))
		return "the kernel's root has lower-half entries";
	return NULL;
}

KERNEL_TEST(text_and_rodata_aliases_are_read_only)
{
	for (const char *p = __kernel_start; p < __rodata_end; p += PAGE_SIZE) {
		if (leaf((u64)p) & PTE_W)
			return "a page of text or rodata is writable";
		if (leaf((u64)phys_to_virt(virt_to_phys(p))) & (PTE_W | PTE_X))
			return "the direct map's alias is writable or executable";
	}
	return NULL;
}

KERNEL_TEST(stack_guards_are_absent)
{
	char *stack = kstack_alloc();
	bool mapped;

	if (!stack)
		return "no memory";
	mapped = pte_present(leaf((u64)stack - 1)) || !pte_present(leaf((u64)stack));
	kstack_free(stack);
	return mapped ? "the page below a kernel stack is mapped" : NULL;
}

static const char *take_and_give_back(bool *missing)
{
	struct page *p[PAGE_MAX_ORDER + 1];
	struct page_stats before, after;
	const char *wrong = NULL;

	page_stats(&before);
	for (unsigned order = 0; order <= PAGE_MAX_ORDER; order++) {
		p[order] = page_alloc(order, PA_ZERO);
		if (!p[order])
			wrong = "no memory";
		else if (page_to_phys(p[order]) & ((PAGE_SIZE << order) - 1))
			wrong = "a block is not aligned to its size";
		else if (memchr_inv(page_to_virt(p[order]), 0, PAGE_SIZE << order))
			wrong = "PA_ZERO left bytes";
	}
	for (unsigned order = 0; order <= PAGE_MAX_ORDER; order++)
		if (p[order])
			page_free(p[order], order);
	page_stats(&after);
	*missing = after.free != before.free;
	return wrong;
}

/* Other harts take and free pages meanwhile; what is lost here is missing every time. */
KERNEL_TEST(pages_come_back)
{
	const char *wrong = NULL;
	bool missing = true;

	for (int i = 0; i < 100 && !wrong && missing; i++) {
		wrong = take_and_give_back(&missing);
		if (missing)
			sleep_until(now_mono() + NSEC_PER_MSEC, TASK_KILLABLE);
	}
	return wrong ?: missing ? "pages are missing" : NULL;
}

KERNEL_TEST(slab_objects_do_not_overlap)
{
	enum { COUNT = 64 };
	u8 *p[COUNT];
	const char *wrong = NULL;

	for (unsigned i = 0; i < COUNT; i++) {
		p[i] = kmalloc(1 + i * 37, 0);
		if (p[i])
			memset(p[i], (int)i, 1 + i * 37);
		else
			wrong = "no memory";
	}
	for (unsigned i = 0; i < COUNT; i++) {
		for (unsigned k = 0; p[i] && k < 1 + i * 37; k++)
			if (p[i][k] != i)
				wrong = "an object was overwritten by another";
		kfree(p[i]);
	}
	return wrong;
}
