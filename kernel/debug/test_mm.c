/*
 * In-kernel tests of address spaces and the page cache: random maps, protections,
 * forks and moves against a model of what each page must hold; files that shrink
 * under their mappings; and that every page comes back.
 */
#include "debug/selftest.h"

#include <err.h>
#include <uapi/errno.h>
#include <uapi/mman.h>
#include "alloc/page.h"
#include "alloc/slab.h"
#include "core/random.h"
#include "core/rcu.h"
#include "core/sched.h"
#include "lib/string.h"
#include "mm/iter.h"
#include "mm/usercopy.h"
#include "mm/vm.h"

#define BASE	0x1ffff0000UL /* the window lies across a border of leaf tables */
#define PAGES	48
#define SPACES	4
#define STEPS	6000
#define ALL_MAY (VM_MAYREAD | VM_MAYWRITE | VM_MAYEXEC)

struct model {
	struct mm *mm;
	struct {
		bool mapped, writable;
		u64 value; /* first word; 0 in fresh pages */
	} page[PAGES];
};

static const char *wrong;

static void expect(bool ok, const char *words)
{
	if (!ok && !wrong)
		wrong = words;
}

static u64 below(u64 n)
{
	return random_u64() % n;
}

static u64 address(unsigned i)
{
	return BASE + i * PAGE_SIZE;
}

/* Free pages, once everything that waits for a grace period has come back. */
static u64 pages_now(void)
{
	struct page_stats s;

	rcu_barrier();
	page_stats(&s);
	return s.free + slab_pages();
}

static void check_page(struct model *m, unsigned i)
{
	u64 got = ~0UL;
	bool ok = mm_copy_from(m->mm, &got, address(i) + 8, 8, false) == 8;

	expect(ok == m->page[i].mapped, "a page is mapped that should not be, or the reverse");
	if (ok)
		expect(got == m->page[i].value, "a page holds the wrong value");
}

static void check_all(struct model *m)
{
	for (unsigned i = 0; i < PAGES; i++)
		check_page(m, i);
}

static void write_page(struct model *m, unsigned i)
{
	u64 v = random_u64();
	bool ok = mm_copy_to(m->mm, address(i) + 8, &v, 8, false) == 8;

	expect(ok == (m->page[i].mapped && m->page[i].writable), "a write went through wrongly");
	if (ok)
		m->page[i].value = v;
}

static void map_pages(struct model *m, unsigned i, unsigned n)
{
	long at = vm_map(m->mm, address(i), n * PAGE_SIZE, VM_READ | VM_WRITE | ALL_MAY,
			 MAP_PRIVATE | MAP_FIXED, NULL, 0, NULL, NULL, NULL);

	expect(at == (long)address(i), "vm_map went elsewhere");
	for (unsigned k = i; k < i + n; k++) {
		m->page[k].mapped = m->page[k].writable = true;
		m->page[k].value = 0;
	}
}

static void unmap_pages(struct model *m, unsigned i, unsigned n)
{
	expect(vm_unmap(m->mm, address(i), n * PAGE_SIZE) == 0, "vm_unmap failed");
	for (unsigned k = i; k < i + n; k++)
		m->page[k].mapped = false;
}

static void protect_pages(struct model *m, unsigned i, unsigned n)
{
	bool writable = below(2);
	bool all = true;
	int err;

	for (unsigned k = i; k < i + n; k++)
		all = all && m->page[k].mapped;
	if (below(4) == 0) /* by way of PROT_NONE */
		vm_protect(m->mm, address(i), n * PAGE_SIZE, PROT_NONE);
	err = vm_protect(m->mm, address(i), n * PAGE_SIZE,
			 writable ? PROT_READ | PROT_WRITE : PROT_READ);
	expect((err == 0) == all, "vm_protect and holes");
	/* Before a hole the pages change, behind it they do not. */
	for (unsigned k = i; k < i + n && m->page[k].mapped; k++)
		m->page[k].writable = writable;
}

/* Moves n pages from i to j; only what is one area may move as one (mremap(2), EFAULT). */
static void move_pages(struct model *m, unsigned i, unsigned j, unsigned n)
{
	const struct area *a = area_find(m->mm, address(i));
	long at;

	if (i + n > j && j + n > i)
		return;
	if (!m->page[i].mapped || !a || a->end < address(i + n))
		return;
	at = vm_remap(m->mm, address(i), n * PAGE_SIZE, n * PAGE_SIZE,
		      MREMAP_MAYMOVE | MREMAP_FIXED, address(j));
	expect(at == (long)address(j), "vm_remap failed");
	for (unsigned k = 0; k < n; k++) {
		m->page[j + k] = m->page[i + k];
		m->page[i + k].mapped = false;
	}
}

static void discard_pages(struct model *m, unsigned i, unsigned n)
{
	vm_advise(m->mm, address(i), n * PAGE_SIZE, MADV_DONTNEED);
	for (unsigned k = i; k < i + n; k++)
		m->page[k].value = 0;
}

static void fork_space(struct model *from, struct model *to)
{
	struct mm *mm = mm_fork(from->mm);

	expect(!IS_ERR(mm), "mm_fork failed");
	if (IS_ERR(mm))
		return;
	mm_put(to->mm);
	*to = *from;
	to->mm = mm;
}

static void random_step(struct model *all)
{
	struct model *m = &all[below(SPACES)], *other = &all[below(SPACES)];
	unsigned i = (unsigned)below(PAGES), n = 1 + (unsigned)below(min(12U, PAGES - i));

	switch (below(16)) {
	case 0:
		map_pages(m, i, n);
		break;
	case 1:
		unmap_pages(m, i, n);
		break;
	case 2:
		protect_pages(m, i, n);
		break;
	case 3:
		move_pages(m, i, (unsigned)below(PAGES - n + 1), n);
		break;
	case 4:
		discard_pages(m, i, n);
		break;
	case 5:
		if (m != other && below(4) == 0)
			fork_space(m, other);
		break;
	case 6:
	case 7:
	case 8:
		check_page(m, i);
		break;
	default:
		write_page(m, i);
	}
}

KERNEL_TEST(spaces_hold_what_was_written)
{
	static struct model m[SPACES];
	u64 before = pages_now(), after;

	wrong = NULL;
	for (unsigned s = 0; s < SPACES; s++) {
		memset(&m[s], 0, sizeof(m[s]));
		m[s].mm = mm_create();
		if (!m[s].mm)
			return "no memory";
	}
	for (unsigned i = 0; i < STEPS && !wrong; i++) {
		random_step(m);
		if (i % 100 == 0)
			check_all(&m[below(SPACES)]);
		cond_resched();
	}
	for (unsigned s = 0; s < SPACES; s++) {
		check_all(&m[s]);
		mm_put(m[s].mm);
	}
	after = pages_now();
	/* Slabs keep an empty one each, and magazines. */
	expect(after + 16 >= before, "pages are missing");
	return wrong;
}

KERNEL_TEST(holes_are_found_from_the_top)
{
	struct mm *mm = mm_create();
	const u32 flags = VM_READ | VM_WRITE | ALL_MAY;
	const int how = MAP_PRIVATE | MAP_ANONYMOUS;
	u64 top = 0x2000000000UL;
	long a, b, c;

	if (!mm)
		return "no memory";
	wrong = NULL;
	mm->mmap_top = top;
	a = vm_map(mm, 0, 4 * PAGE_SIZE, flags, how, NULL, 0, NULL, NULL, NULL);
	expect(a == (long)(top - 4 * PAGE_SIZE), "the first map is not at the top");
	b = vm_map(mm, 0, PAGE_SIZE, flags & ~VM_WRITE, how, NULL, 0, NULL, NULL, NULL);
	expect(b == a - (long)PAGE_SIZE, "the second is not below it");
	expect(mm->nr_areas == 2, "areas with different rights were joined");
	expect(vm_protect(mm, (u64)b, PAGE_SIZE, PROT_READ | PROT_WRITE) == 0 && mm->nr_areas == 1,
	       "equal neighbours were not joined");
	expect(vm_unmap(mm, (u64)a + PAGE_SIZE, 2 * PAGE_SIZE) == 0 && mm->nr_areas == 2,
	       "no hole in the middle");
	c = vm_map(mm, 0, 2 * PAGE_SIZE, flags, how, NULL, 0, NULL, NULL, NULL);
	expect(c == a + (long)PAGE_SIZE && mm->nr_areas == 1, "the hole was not used");
	c = vm_map(mm, 0x10000000, PAGE_SIZE, flags, how, NULL, 0, NULL, NULL, NULL);
	expect(c == 0x10000000, "a hint was not taken");
	c = vm_map(mm, 0xc000000000UL, PAGE_SIZE, flags, how, NULL, 0, NULL, NULL, NULL);
	expect(c == b - (long)PAGE_SIZE, "a hint that does not fit was not moved");
	c = vm_map(mm, (u64)a, PAGE_SIZE, flags, how | MAP_FIXED_NOREPLACE, NULL, 0, NULL, NULL,
		   NULL);
	expect(c == -EEXIST, "MAP_FIXED_NOREPLACE replaced");
	mm_put(mm);
	return wrong;
}

/* ---- a file of which every word is its page number ---- */

#define FILE_PAGES 100
static unsigned fills;

static int pattern_fill(struct vmobject *obj, u64 index, struct page **pages, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		u64 *w = page_to_virt(pages[i]);

		for (unsigned k = 0; k < PAGE_SIZE / 8; k++)
			w[k] = (index + i) * PAGE_SIZE + k * 8 < obj->size ? index + i + 1 : 0;
	}
	fills++;
	return 0;
}

static const struct vmobject_ops pattern_ops = { .fill = pattern_fill };

static u64 peek(struct mm *mm, u64 addr)
{
	u64 v;

	return mm_copy_from(mm, &v, addr, 8, false) == 8 ? v : ~0UL;
}

static bool poke(struct mm *mm, u64 addr, u64 v)
{
	return mm_copy_to(mm, addr, &v, 8, false) == 8;
}

KERNEL_TEST(file_maps_follow_the_file)
{
	const u32 flags = VM_READ | VM_WRITE | ALL_MAY;
	struct mm *mm = mm_create();
	struct vmobject obj;
	struct iter it;
	u64 shared, private, v = 77;

	if (!mm)
		return "no memory";
	wrong = NULL;
	fills = 0;
	vmobject_init(&obj, &pattern_ops, NULL, false);
	obj.size = FILE_PAGES * PAGE_SIZE;
	shared = (u64)vm_map(mm, 0, obj.size, flags | VM_SHARED, MAP_SHARED, &obj, 0, NULL, NULL,
			     NULL);
	private = (u64)vm_map(mm, 0, obj.size, flags, MAP_PRIVATE, &obj, 0, NULL, NULL, NULL);
	expect(peek(mm, shared) == 1 && peek(mm, private + 50 * PAGE_SIZE) == 51, "wrong page");
	expect(fills <= 2, "pages are filled one by one");
	expect(poke(mm, private, 5) && peek(mm, shared) == 1 && peek(mm, private) == 5,
	       "a private write was shared");
	expect(poke(mm, shared + PAGE_SIZE, 6) && peek(mm, private + PAGE_SIZE) == 6,
	       "a shared write was not shared");
	iter_kernel(&it, &v, 8);
	expect(vmobject_write(&obj, &it, 2 * PAGE_SIZE) == 8 &&
		       peek(mm, shared + 2 * PAGE_SIZE) == 77,
	       "write and map see different pages");
	expect(poke(mm, private + 60 * PAGE_SIZE, 8), "no private copy");

	vmobject_resize(&obj, 10 * PAGE_SIZE + 8);
	expect(peek(mm, shared + 10 * PAGE_SIZE) == 11, "truncation took too much");
	expect(peek(mm, shared + 10 * PAGE_SIZE + 8) == 0, "the tail of the last page is not zero");
	expect(peek(mm, shared + 11 * PAGE_SIZE) == ~0UL, "a page past the end is mapped");
	expect(peek(mm, private + 60 * PAGE_SIZE) == ~0UL, "a private copy outlived truncation");
	expect(peek(mm, private) == 5, "truncation took a private copy before the end");
	expect(obj.nr_pages <= 11, "pages past the end are cached");

	iter_kernel(&it, &v, 8);
	expect(vmobject_read(&obj, &it, 3 * PAGE_SIZE) == 8 && v == 4, "wrong data read");
	iter_kernel(&it, &v, 8);
	expect(vmobject_read(&obj, &it, 10 * PAGE_SIZE + 4) == 4, "read goes past the end");
	mm_put(mm);
	expect(atomic_read(&obj.refs) == 1, "a map kept its object");
	vmobject_destroy(&obj);
	expect(obj.nr_pages == 0, "pages stayed");
	return wrong;
}

KERNEL_TEST(clean_pages_are_reclaimed)
{
	struct mm *mm = mm_create();
	struct vmobject obj;
	struct page *p;
	u64 at;

	if (!mm)
		return "no memory";
	wrong = NULL;
	vmobject_init(&obj, &pattern_ops, NULL, false);
	obj.size = FILE_PAGES * PAGE_SIZE;
	for (u64 i = 0; i < FILE_PAGES; i++) {
		p = vmobject_page(&obj, i);
		if (!IS_ERR(p))
			page_put(p);
	}
	at = (u64)vm_map(mm, 0, obj.size, VM_READ | VM_WRITE | VM_SHARED | ALL_MAY, MAP_SHARED,
			 &obj, 0, NULL, NULL, NULL);
	expect(poke(mm, at + 7 * PAGE_SIZE, 1), "no write");
	expect(peek(mm, at) == 1 && mm_rss(mm) > 1, "nothing is mapped around a fault");
	for (unsigned i = 0; i < 10 && obj.nr_pages > 1; i++)
		reclaim_pages(FILE_PAGES);
	expect(obj.nr_pages == 1, "clean pages stay, or the dirty one went");
	expect(peek(mm, at + 7 * PAGE_SIZE) == 1 && peek(mm, at + 8 * PAGE_SIZE) == 9,
	       "pages came back wrong");
	mm_put(mm);
	vmobject_destroy(&obj);
	return wrong;
}
