/*
 * failmemory.c - calls on memory while memory is short (failnth.c).
 */
#include "failnth.h"
#include "tests.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PAGES 8

static char *area; /* PAGES of them, written */

static void before_memory(void)
{
	area = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK(area != MAP_FAILED);
	memset(area, 1, PAGES * PAGE);
}

static long call_mmap(void)
{
	return (long)mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			  -1, 0);
}

static long call_mmap_shared(void)
{
	return (long)mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
			  -1, 0);
}

static long call_mmap_populate(void)
{
	return (long)mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
}

static long call_mmap_over(void)
{
	return (long)mmap(area + PAGE, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1,
			  0);
}

static void undo_mmap(long at)
{
	munmap(wild_pointer((uintptr_t)at), PAGES * PAGE);
}

static void undo_area(long at)
{
	(void)at;
	munmap(area, PAGES * PAGE);
}

static long call_munmap(void)
{
	return munmap(area + PAGE, PAGE);
}

static long call_mprotect(void)
{
	return mprotect(area + PAGE, PAGE, PROT_READ);
}

static long call_madvise(void)
{
	return madvise(area + PAGE, PAGE, MADV_DONTFORK);
}

static long call_mlock(void)
{
	return CALL(mlock, area + PAGE, PAGE);
}

static long call_mremap(void)
{
	return (long)mremap(area, PAGE, 2 * PAGES * PAGE, MREMAP_MAYMOVE);
}

static void undo_mremap(long at)
{
	munmap(wild_pointer((uintptr_t)at), 2 * PAGES * PAGE);
	munmap(area, PAGES * PAGE);
}

/* Its first page moves: the rest stays behind. */
static long call_mremap_middle(void)
{
	return (long)mremap(area + PAGE, PAGE, 2 * PAGE, MREMAP_MAYMOVE);
}

static void undo_mremap_middle(long at)
{
	munmap(wild_pointer((uintptr_t)at), 2 * PAGE);
	munmap(area, PAGES * PAGE);
}

static long call_brk(void)
{
	long now = CALL(brk, 0);

	if (CALL(brk, now + PAGES * PAGE) == now) {
		errno = ENOMEM;
		return -1;
	}
	CHECK(CALL(brk, now) == now);
	return 0;
}

/* A fault waits for memory: nobody is killed for one failure. */
static long call_fault(void)
{
	for (int i = 0; i < PAGES; i++)
		area[i * PAGE]++;
	return 0;
}

static void before_fault(void)
{
	area = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK(area != MAP_FAILED);
}

static void before_fault_shared(void)
{
	area = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	CHECK(area != MAP_FAILED);
}

static long call_memfd(void)
{
	return CALL(memfd_create, "fail", 0);
}

/* Blocks of 2 MiB, and tables for them, where memory for either may be missing (kernel/mm/huge.c). */
#define BLOCK	    (2ul << 20)
#define LARGE_PAGES "/sys/kernel/mm/transparent_hugepage/enabled"
static char *blocks, *blocks_map;
static const char *blocks_mode;

static void large_pages(const char *mode)
{
	int fd = open(LARGE_PAGES, O_WRONLY);

	CHECK(fd >= 0 && write(fd, mode, strlen(mode)) > 0);
	close(fd);
}

static void before_blocks(void)
{
	if (!blocks_mode) {
		char *text = read_file(LARGE_PAGES);

		blocks_mode = strstr(text, "[always]") ? "always" : "never";
		free(text);
	}
	large_pages("madvise");
	blocks_map =
		mmap(NULL, 4 * BLOCK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK(blocks_map != MAP_FAILED);
	blocks = (char *)(((uintptr_t)blocks_map + BLOCK - 1) & -BLOCK);
	CHECK(!madvise(blocks, 2 * BLOCK, MADV_HUGEPAGE));
}

static void undo_blocks(long got)
{
	(void)got;
	CHECK(!munmap(blocks_map, 4 * BLOCK));
	large_pages(blocks_mode);
}

static long call_touch_blocks(void)
{
	blocks[0] = 1;
	blocks[BLOCK] = 1;
	return 0;
}

static void before_collapse(void)
{
	before_blocks();
	CHECK(!madvise(blocks, BLOCK, MADV_NOHUGEPAGE));
	blocks[PAGE] = 1;
	CHECK(!madvise(blocks, BLOCK, MADV_HUGEPAGE));
}

static long call_collapse(void)
{
	return madvise(blocks, BLOCK, MADV_COLLAPSE);
}

static void before_moved_blocks(void)
{
	before_blocks();
	call_touch_blocks();
}

static long call_cut_blocks(void)
{
	return mprotect(blocks + 5 * PAGE, PAGE, PROT_READ);
}

static long call_move_blocks(void)
{
	long at = (long)mremap(blocks, 2 * BLOCK, 3 * BLOCK, MREMAP_MAYMOVE);

	if (at != -1) {
		CHECK(*(char *)at == 1 && ((char *)at)[BLOCK] == 1);
		CHECK(!munmap((void *)at, 3 * BLOCK));
	}
	return at == -1 ? -1 : 0;
}

const struct work failnth_memory[] = {
	{ "mmap", call_mmap, undo_mmap, NULL, 0 },
	{ "mmap shared", call_mmap_shared, undo_mmap, NULL, 0 },
	{ "mmap populated", call_mmap_populate, undo_mmap, NULL, 0 },
	{ "mmap fixed", call_mmap_over, undo_area, before_memory, 0 },
	{ "munmap", call_munmap, undo_area, before_memory, 0 },
	{ "mprotect", call_mprotect, undo_area, before_memory, 0 },
	{ "madvise", call_madvise, undo_area, before_memory, 0 },
	{ "mlock", call_mlock, undo_area, before_memory, 0 },
	{ "mremap", call_mremap, undo_mremap, before_memory, 0 },
	{ "mremap of a part", call_mremap_middle, undo_mremap_middle, before_memory, 0 },
	{ "brk", call_brk, NULL, NULL, 0 },
	{ "fault", call_fault, undo_area, before_fault, 0 },
	{ "fault on shared memory", call_fault, undo_area, before_fault_shared, 0 },
	{ "large pages", call_touch_blocks, undo_blocks, before_blocks, 0 },
	{ "collapse", call_collapse, undo_blocks, before_collapse, 0 },
	{ "a part of large pages", call_cut_blocks, undo_blocks, before_moved_blocks, 0 },
	{ "mremap of large pages", call_move_blocks, undo_blocks, before_moved_blocks, 0 },
	{ "memfd_create", call_memfd, failnth_close, NULL, 0 },
	{ NULL, NULL, NULL, NULL, 0 },
};
