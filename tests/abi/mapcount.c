/* The limit on areas (vm.max_map_count): what may still be done at it, and what may not. */
#include "abi.h"

#define MAX  65530L
#define RW   (PROT_READ | PROT_WRITE)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)

static char *pages; /* as many as areas can be made of, all PROT_NONE at first */
static long used; /* pages of it that are given out */

/* Areas of this process. */
static long areas(void)
{
	static char buf[8 << 20];
	int fd = MUST(open("/proc/self/maps", O_RDONLY));
	long lines = 0, n;

	while ((n = read(fd, buf, sizeof(buf))) > 0)
		for (long i = 0; i < n; i++)
			lines += buf[i] == '\n';
	close(fd);
	return lines;
}

/* Makes areas until there are `want`. */
static void fill(long want)
{
	long n = areas();

	for (; n + 2 <= want; n += 2, used += 2)
		MUST(mprotect(pages + (used + 1) * PAGE, PAGE, PROT_READ));
	if (n < want) /* executable ones next to the readable last one */
		MUST(mprotect(pages + (used++) * PAGE, PAGE, PROT_READ | PROT_WRITE));
	say("as many as wanted %d\n", areas() == want);
}

static char *map(size_t n, int prot)
{
	return (char *)MUST(mmap(NULL, n * PAGE, prot, ANON, -1, 0));
}

int main(void)
{
	char *three, *five, *moves[2], *fixed, *p;

	pages = map(70000, PROT_NONE);
	/* each of them between holes, so that they join nothing */
	three = map(5, RW);
	MUST(munmap(three, PAGE));
	MUST(munmap(three + 4 * PAGE, PAGE));
	three += PAGE;
	five = map(7, RW);
	MUST(munmap(five, PAGE));
	MUST(munmap(five + 6 * PAGE, PAGE));
	five += PAGE;
	MUST(mprotect(five, PAGE, PROT_READ));
	for (int i = 0; i < 2; i++) {	/* one page that can't grow where it is */
		moves[i] = map(3, RW) + PAGE;
		MUST(munmap(moves[i] - PAGE, PAGE));
		MUST(mprotect(moves[i] + PAGE, PAGE, PROT_READ));
	}
	fixed = map(8, PROT_NONE);
	MUST(munmap(fixed, PAGE));
	MUST(munmap(fixed + 7 * PAGE, PAGE));
	fixed += PAGE;

	SECTION("six below the limit");
	fill(MAX - 6);
	p = mremap(moves[0], PAGE, 2 * PAGE, MREMAP_MAYMOVE);
	say("mremap that moves: %s\n", p == MAP_FAILED ? ename(errno) : "ok");
	SECTION("at three below");
	fill(MAX - 3);
	p = mremap(moves[1], PAGE, 2 * PAGE, MREMAP_MAYMOVE);
	say("mremap that moves: %s\n", p == MAP_FAILED ? ename(errno) : "ok");
	p = mremap(three, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, fixed);
	say("mremap to a place: %s\n", p == MAP_FAILED ? ename(errno) : "ok");
	p = mremap(three, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_DONTUNMAP, NULL);
	say("mremap that keeps: %s\n", p == MAP_FAILED ? ename(errno) : "ok");

	SECTION("one below");
	fill(MAX - 1);
	OK(mprotect(three + PAGE, PAGE, PROT_READ));
	say("half done %d\n", areas() == MAX);
	OK(mprotect(three + PAGE, PAGE, PROT_READ));

	SECTION("at the limit");
	OK(mprotect(three + 2 * PAGE, PAGE, PROT_READ));
	OK(mprotect(five + PAGE, PAGE, PROT_READ)); /* joins the page before */
	OK(munmap(five + 3 * PAGE, PAGE)); /* a hole */
	OK(madvise(five + 3 * PAGE, PAGE, MADV_DONTFORK));
	OK(mlock(five + 3 * PAGE, PAGE));
	OK(munmap(five + 4 * PAGE, PAGE)); /* the end */
	say("areas %d\n", areas() == MAX);
	p = mmap(five + 2 * PAGE, PAGE, PROT_READ, ANON | MAP_FIXED, -1, 0); /* joins, cuts the front off */
	say("mmap over a part: %s\n", p == MAP_FAILED ? ename(errno) : "ok");
	say("areas %d\n", areas() == MAX);
	p = mmap(NULL, PAGE, PROT_EXEC, ANON, -1, 0);
	say("one more: %s\n", p == MAP_FAILED ? ename(errno) : "ok");

	SECTION("above the limit");
	say("areas %ld\n", areas() - MAX);
	p = mmap(NULL, PAGE, PROT_EXEC, ANON, -1, 0);
	say("one more: %s\n", p == MAP_FAILED ? ename(errno) : "ok");
	p = sbrk(0);
	say("brk: %s\n", sbrk(64 * PAGE) == (void *)-1 ? ename(errno) : "ok");
	OK(munmap(three, 3 * PAGE));
	SECTION("room again");
	say("areas %d\n", areas() <= MAX);
	OK(munmap(pages, 70000 * PAGE));
	OK(munmap(five + 3 * PAGE, PAGE));
	say("brk: %s\n", sbrk(64 * PAGE) == (void *)-1 ? ename(errno) : "ok");
	return 0;
}
