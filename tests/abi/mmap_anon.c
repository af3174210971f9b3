/* Anonymous memory: mmap, munmap, mprotect, mremap, madvise and their edges. */
#include "faults.h"
static char *map(size_t len, int prot)
{
	char *p = mmap(NULL, len, prot, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		say("mmap: %s\n", ename(errno));
	return p;
}

#define M(...) show_ok("mmap(" #__VA_ARGS__ ")", (long)mmap(__VA_ARGS__) == -1 ? -1 : 0)

int main(void)
{
	enum { RW = PROT_READ | PROT_WRITE, PA = MAP_PRIVATE | MAP_ANONYMOUS };

	catch_faults();
	SECTION("arguments");
	M(NULL, 0, RW, PA, -1, 0);
	M(NULL, 1, RW, PA, -1, 0);
	M(NULL, 4096, RW, 0, -1, 0);
	M(NULL, 4096, RW, MAP_ANONYMOUS, -1, 0);
	M(NULL, 4096, RW, MAP_PRIVATE, -1, 0);
	M(NULL, 4096, RW, PA, 99, 0);
	M(NULL, 4096, RW, PA, -1, 4096);
	M((void *)1, 4096, RW, PA | MAP_FIXED, -1, 0);
	M((void *)-4096L, 4096, RW, PA | MAP_FIXED, -1, 0);
	M((void *)(1UL << 63), 4096, RW, PA | MAP_FIXED, -1, 0);
	M(NULL, -1UL, RW, PA, -1, 0);
	M(NULL, 1UL << 63, RW, PA, -1, 0);
	M(NULL, 1UL << 46, RW, PA, -1, 0);
	M((void *)0x10001, 4096, RW, PA, -1, 0);
	errno = 0;
	syscall(SYS_mmap, NULL, 4096, RW, MAP_PRIVATE, -1, 1);
	say("odd offset: %s\n", ename(errno));
	SECTION("contents and protection");
	char *p = map(4 * PAGE, RW);
	int zero = 1;
	for (unsigned i = 0; i < 4 * PAGE; i++)
		zero &= p[i] == 0;
	say("zero %d\n", zero);
	memset(p, 'x', 4 * PAGE);
	R(mprotect(p + PAGE, PAGE, PROT_READ));
	say("read %s,", touch(p + PAGE, 0));
	say(" write %s,", touch(p + PAGE, 1));
	say(" next %s\n", touch(p + 2 * PAGE, 1));
	R(mprotect(p + PAGE, PAGE, PROT_NONE));
	say("read %s\n", touch(p + PAGE, 0));
	R(mprotect(p + PAGE, PAGE, RW));
	say("write %s, kept %c\n", touch(p + PAGE, 1), p[PAGE + 1]);
	R(mprotect(p, 2 * PAGE, PROT_WRITE));
	say("write-only can be read: %s\n", touch(p, 0));
	R(mprotect(p, 4 * PAGE, RW));
	R(mprotect(p + 1, PAGE, RW));
	R(mprotect(p, 0, RW));
	R(mprotect(p, PAGE, 0x40));
	R(mprotect((void *)0x1000, PAGE, RW));
	R(munmap(p + PAGE, PAGE));
	say("hole %s\n", touch(p + PAGE, 0));
	R(mprotect(p, 4 * PAGE, PROT_READ));
	say("before the hole it took %s,", touch(p, 1));
	say(" behind not %s\n", touch(p + 2 * PAGE, 1));
	SECTION("munmap");
	R(munmap(p, 4 * PAGE));
	R(munmap(p, 4 * PAGE));
	R(munmap(p + 1, PAGE));
	R(munmap(p, 0));
	R(munmap(p, -1UL));
	R(munmap((void *)(1UL << 62), PAGE));
	say("gone %s\n", touch(p, 0));
	SECTION("fixed");
	p = map(8 * PAGE, RW);
	memset(p, 'a', 8 * PAGE);
	char *q = mmap(p + 2 * PAGE, 2 * PAGE, RW, PA | MAP_FIXED, -1, 0);
	say("in place %d: %c %d %d %c\n", q == p + 2 * PAGE, p[2 * PAGE - 1], p[2 * PAGE],
	    p[4 * PAGE - 1], p[4 * PAGE]);
	M(p, 4096, RW, PA | MAP_FIXED_NOREPLACE, -1, 0);
	munmap(p + PAGE, PAGE);
	q = mmap(p + PAGE, PAGE, RW, PA | MAP_FIXED_NOREPLACE, -1, 0);
	say("into the hole %d\n", q == p + PAGE);
	munmap(p + PAGE, PAGE);
	q = mmap(p + PAGE, PAGE, RW, PA, -1, 0);
	say("hint heeded %d\n", q == p + PAGE);
	q = mmap(p + PAGE, PAGE, RW, PA, -1, 0);
	say("hint taken: elsewhere %d\n", q != p + PAGE && q != MAP_FAILED);
	q = mmap((void *)0xc000000000, PAGE, RW, PA, -1, 0);
	say("wild hint: somewhere %d\n", q != MAP_FAILED);
	SECTION("mremap");
	p = map(4 * PAGE, RW);
	memset(p, 'm', 4 * PAGE);
	R((char *)mremap(p, 4 * PAGE, 2 * PAGE, 0) == p);
	say("tail %s\n", touch(p + 2 * PAGE, 0));
	R((char *)mremap(p, 2 * PAGE, 3 * PAGE, 0) == p);
	say("grown zero %d old %c\n", p[2 * PAGE], p[0]);
	mmap(p + 3 * PAGE, PAGE, RW, PA | MAP_FIXED, -1, 0);
	OK(mremap(p, 3 * PAGE, 5 * PAGE, 0));
	q = mremap(p, 3 * PAGE, 64 * PAGE, MREMAP_MAYMOVE);
	say("moved %d, content %c %d, old place %s\n", q != p, q[0], q[63 * PAGE], touch(p, 0));
	char *to = map(64 * PAGE, PROT_NONE);
	R((char *)mremap(q, 64 * PAGE, 64 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, to) == to);
	say("content %c, old %s\n", to[0], touch(q, 0));
	OK(mremap(to, 64 * PAGE, 0, MREMAP_MAYMOVE));
	OK(mremap(to + 1, PAGE, PAGE, 0));
	OK(mremap((void *)0x1000, PAGE, 2 * PAGE, MREMAP_MAYMOVE));
	OK(mremap(to, PAGE, 2 * PAGE, 0x8));
	OK(mremap(to, 64 * PAGE, 64 * PAGE, MREMAP_FIXED, to));
	OK(mremap(to, 64 * PAGE, 64 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, to + PAGE));
	OK(mremap(to, 128 * PAGE, 256 * PAGE, MREMAP_MAYMOVE));
	OK(mremap(to, 0, PAGE, MREMAP_MAYMOVE));
	OK(mremap(to, PAGE, 1UL << 47, MREMAP_MAYMOVE));
	SECTION("madvise");
	p = map(4 * PAGE, RW);
	memset(p, 'd', 4 * PAGE);
	R(madvise(p + PAGE, PAGE, MADV_DONTNEED));
	say("%c %d %c\n", p[0], p[PAGE], p[2 * PAGE]);
	R(madvise(p, 4 * PAGE, MADV_WILLNEED));
	R(madvise(p, 4 * PAGE, MADV_NORMAL));
	R(madvise(p, 4 * PAGE, MADV_FREE));
	R(madvise(p, 0, MADV_DONTNEED));
	R(madvise(p + 1, PAGE, MADV_DONTNEED));
	R(madvise(p, PAGE, 12345));
	munmap(p + PAGE, PAGE);
	R(madvise(p, 4 * PAGE, MADV_DONTNEED));
	say("rest all the same %d\n", p[2 * PAGE]);
	R(madvise((void *)0x1000, PAGE, MADV_DONTNEED));
	SECTION("shared");
	char *s = mmap(NULL, PAGE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	p = map(PAGE, RW);
	*s = *p = 'p';
	if (!MUST(fork())) {
		*s = *p = 'c';
		_exit(0);
	}
	wait(NULL);
	say("shared %c private %c\n", *s, *p);
	SECTION("mincore, msync, mlock");
	unsigned char vec[4] = { 9, 9, 9, 9 };
	p = map(4 * PAGE, RW);
	p[0] = p[2 * PAGE] = 1;
	R(mincore(p, 4 * PAGE, vec));
	say("%d %d\n", vec[0] & 1, vec[2] & 1);
	R(mincore(p + 1, PAGE, vec));
	R(mincore((void *)0x1000, PAGE, vec));
	R(msync(p, PAGE, MS_SYNC));
	R(msync(p, PAGE, MS_SYNC | MS_ASYNC));
	R(msync(p + 1, PAGE, MS_SYNC));
	R(msync((void *)0x1000, PAGE, MS_SYNC));
	R(mlock(p, PAGE));
	R(munlock(p, PAGE));
	R(mlock((void *)0x1000, PAGE));
	SECTION("execution");
	unsigned *x = (void *)map(PAGE, RW);
	x[0] = 0x02a00513; /* li a0, 42 */
	x[1] = 0x00008067; /* ret */
	int (*fn)(void) = (void *)x;
	if (sigsetjmp(jump, 1))
		say("not executable: %s code %d\n", sname(signo), code);
	else
		say("%d\n", fn());
	R(mprotect(x, PAGE, PROT_READ | PROT_EXEC));
	__builtin___clear_cache((char *)x, (char *)x + 8);
	say("%d\n", fn());
	say("and not writable: %s\n", touch((char *)x, 1));
	return 0;
}
