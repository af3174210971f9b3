/*
 * memory.c - brk, mmap and its family, copy-on-write, sharing.
 */
#include "tests.h"

#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE 4096ul
#define RW   (PROT_READ | PROT_WRITE)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)

static char *map(size_t n)
{
	char *p = mmap(NULL, n, RW, ANON, -1, 0);

	CHECK(p != MAP_FAILED);
	return p;
}

static void break_moves(void)
{
	char *a = sbrk(0), *b;

	b = sbrk(3 * 4096 + 5);
	CHECK(b == a && sbrk(0) == a + 3 * 4096 + 5);
	for (int i = 0; i < 3 * 4096 + 5; i++)
		CHECK(!a[i]);
	memset(a, 1, 3 * 4096 + 5);
	CHECK(sbrk(-(3 * 4096 + 5)) != (void *)-1 && sbrk(0) == a);
	/* Given back and taken again it is zero again. */
	CHECK(sbrk(4 * 4096) == a);
	for (int i = 8192; i < 16384; i++)
		CHECK(!a[i]);
	CHECK(!brk(a));
	FAILS(ENOMEM, brk((void *)0x7fffffffffff0000ul));
	FAILS(ENOMEM, brk((void *)1));
	CHECK(sbrk(0) == a);
}

static void break_limit(void)
{
	struct rlimit lim = { 1 << 20, 1 << 20 };

	CHECK(!setrlimit(RLIMIT_DATA, &lim));
	FAILS(ENOMEM, (long)sbrk(8 << 20));
	FAILS(ENOMEM, (long)mmap(NULL, 8 << 20, RW, ANON, -1, 0));
}

static void map_anonymous(void)
{
	for (int i = 0; i < 100; i++) {
		char *p = map(64 * PAGE);

		CHECK(((uintptr_t)p & (PAGE - 1)) == 0);
		for (size_t at = 0; at < 64 * PAGE; at += PAGE) {
			CHECK(!p[at]);
			p[at] = (char)i;
		}
		CHECK(!munmap(p, 64 * PAGE));
	}
}

static void map_refused(void)
{
	char *p = map(4 * PAGE);
	int fd;

	FAILS(EINVAL, (long)mmap(NULL, 0, RW, ANON, -1, 0));
	FAILS(EINVAL, (long)mmap(NULL, PAGE, RW, MAP_ANONYMOUS, -1, 0));
	FAILS(EBADF, (long)mmap(NULL, PAGE, RW, MAP_PRIVATE, -1, 0));
	FAILS(EBADF, (long)mmap(NULL, PAGE, RW, MAP_PRIVATE, 999, 0));
	FAILS(EINVAL, (long)mmap(p + 1, PAGE, RW, ANON | MAP_FIXED, -1, 0));
	FAILS(ENOMEM, (long)mmap(NULL, 1ul << 62, RW, ANON, -1, 0));
	FAILS(ENOMEM, (long)mmap(NULL, ~0ul - PAGE, RW, ANON, -1, 0));
	FAILS(ENOMEM, (long)mmap((void *)0xffffffc000000000ul, PAGE, RW, ANON | MAP_FIXED, -1, 0));
	FAILS(EINVAL, munmap(p + 1, PAGE));
	FAILS(EINVAL, munmap(p, 0));
	FAILS(EINVAL, munmap(p, ~0ul - PAGE));
	FAILS(EINVAL, mprotect(p + 1, PAGE, PROT_READ));
	FAILS(ENOMEM, mprotect((void *)0x10000000ul, PAGE, PROT_READ));
	make_file("f", "x");
	fd = open("f", O_RDONLY);
	FAILS(EACCES, (long)mmap(NULL, PAGE, RW, MAP_SHARED, fd, 0));
	FAILS(EINVAL, (long)mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 1));
	FAILS(EOVERFLOW, (long)mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, LONG_MIN));
	close(fd);
	fd = open("f", O_WRONLY);
	FAILS(EACCES, (long)mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0));
	FAILS(ENODEV, (long)mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, open(".", O_RDONLY), 0));
	CHECK(!munmap(p, 4 * PAGE));
	CHECK(!munmap(p, 4 * PAGE)); /* nothing there is no error */
}

/* Holes punched into a mapping, and mappings put into the holes. */
static void map_split(void)
{
	char *p = map(9 * PAGE);

	for (int i = 0; i < 9; i++)
		p[i * PAGE] = (char)('a' + i);
	CHECK(!munmap(p + PAGE, PAGE));
	CHECK(!munmap(p + 4 * PAGE, 2 * PAGE));
	CHECK(!mprotect(p + 7 * PAGE, PAGE, PROT_READ));
	FAILS(ENOMEM, mprotect(p, 9 * PAGE, PROT_READ | PROT_WRITE));
	CHECK(p[0] == 'a' && p[2 * PAGE] == 'c' && p[3 * PAGE] == 'd' && p[6 * PAGE] == 'g');
	CHECK(p[7 * PAGE] == 'h' && p[8 * PAGE] == 'i');
	CHECK(mmap(p + PAGE, PAGE, RW, ANON | MAP_FIXED, -1, 0) == p + PAGE);
	CHECK(!p[PAGE]);
	FAILS(EEXIST, (long)mmap(p + 3 * PAGE, 2 * PAGE, RW, ANON | MAP_FIXED_NOREPLACE, -1, 0));
	CHECK(mmap(p + 4 * PAGE, 2 * PAGE, RW, ANON | MAP_FIXED_NOREPLACE, -1, 0) == p + 4 * PAGE);
	p[4 * PAGE] = 1;
	/* A whole new mapping over all of the pieces. */
	CHECK(mmap(p, 9 * PAGE, RW, ANON | MAP_FIXED, -1, 0) == p);
	for (int i = 0; i < 9; i++)
		CHECK(!p[i * PAGE]);
	CHECK(!munmap(p, 9 * PAGE));
}

/* A hint that does not fit is moved, not refused. */
static void map_hint(void)
{
	char *p = mmap((void *)0xc000000000ul, PAGE, RW, ANON, -1, 0);

	CHECK(p != MAP_FAILED);
	*p = 1;
	p = mmap((void *)0xffffffffffff0000ul, PAGE, RW, ANON, -1, 0);
	CHECK(p != MAP_FAILED);
	*p = 1;
	p = mmap((void *)0x2000000123ul, PAGE, RW, ANON, -1, 0);
	CHECK(p == (char *)0x2000000000ul || p == (char *)0x2000001000ul);
	/* Reserving much is not using much. */
	p = mmap(NULL, 8ul << 30, PROT_NONE, ANON | MAP_NORESERVE, -1, 0);
	CHECK(p != MAP_FAILED && !munmap(p, 8ul << 30));
}

static void map_file(void)
{
	char text[PAGE + 100], *shared, *private, c;
	int fd = open("f", O_RDWR | O_CREAT, 0644);

	memset(text, 'x', sizeof(text));
	CHECK(write(fd, text, sizeof(text)) == sizeof(text));
	shared = mmap(NULL, 2 * PAGE, RW, MAP_SHARED, fd, 0);
	private = mmap(NULL, 2 * PAGE, RW, MAP_PRIVATE, fd, 0);
	CHECK(shared != MAP_FAILED && private != MAP_FAILED);
	CHECK(shared[PAGE + 99] == 'x' && !shared[PAGE + 100]);

	shared[0] = 's';
	CHECK(pread(fd, &c, 1, 0) == 1 && c == 's' && private[0] == 's');
	private[0] = 'p';
	CHECK(shared[0] == 's' && pread(fd, &c, 1, 0) == 1 && c == 's');
	CHECK(pwrite(fd, "w", 1, 1) == 1);
	CHECK(shared[1] == 'w');
	CHECK(!msync(shared, 2 * PAGE, MS_SYNC));
	FAILS(EINVAL, msync(shared + 1, PAGE, MS_SYNC));
	CHECK(!close(fd)); /* the mapping stays */
	shared[PAGE] = 'z';
	CHECK(!munmap(shared, 2 * PAGE) && !munmap(private, 2 * PAGE));
	fd = open("f", O_RDONLY);
	CHECK(pread(fd, &c, 1, PAGE) == 1 && c == 'z');
}

static void shared_memory(void)
{
	volatile int *p = mmap(NULL, 16 * PAGE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t pids[4];

	CHECK(p != MAP_FAILED);
	for (int i = 0; i < 4; i++) {
		pids[i] = spawn();
		if (!pids[i]) {
			for (int k = 0; k < 1000; k++)
				__atomic_fetch_add(&p[k % 16 * 1024], 1, __ATOMIC_RELAXED);
			_exit(0);
		}
	}
	for (int i = 0; i < 4; i++)
		wait_ok(pids[i]);

	int sum = 0;

	for (int k = 0; k < 16; k++)
		sum += p[k * 1024];
	CHECK(sum == 4000);
}

/* 400 pages, changed in the child, the grandchild and the parent at once. */
static void copy_on_write(void)
{
	size_t pages = 400;
	char *p = map(pages * PAGE);
	pid_t pid;

	for (size_t i = 0; i < pages; i++)
		p[i * PAGE] = 1;
	pid = spawn();
	if (!pid) {
		pid_t next = spawn();

		for (size_t i = 0; i < pages; i++) {
			CHECK(p[i * PAGE] == 1);
			p[i * PAGE] = next ? 2 : 3;
		}
		for (size_t i = 0; i < pages; i++)
			CHECK(p[i * PAGE] == (next ? 2 : 3));
		if (next)
			wait_ok(next);
		_exit(0);
	}
	for (size_t i = 0; i < pages; i += 2)
		p[i * PAGE] = 4;
	wait_ok(pid);
	for (size_t i = 0; i < pages; i++)
		CHECK(p[i * PAGE] == (i % 2 ? 1 : 4));
}

/* The kernel's writes into copied pages must copy too. */
static void copy_on_kernel_write(void)
{
	char *p = map(4 * PAGE);
	int fds[2];
	pid_t pid;

	CHECK(!pipe(fds));
	memset(p, 'a', 4 * PAGE);
	pid = spawn();
	if (!pid) {
		CHECK(write(fds[1], "bbbbbbbb", 8) == 8);
		CHECK(read(fds[0], p + PAGE - 4, 8) == 8);
		CHECK(p[PAGE] == 'b' && p[PAGE - 1] == 'b' && p[PAGE + 4] == 'a');
		_exit(0);
	}
	wait_ok(pid);
	for (size_t i = 0; i < 4 * PAGE; i++)
		CHECK(p[i] == 'a');
}

/* The last owner of a copied page writes without a copy of somebody else's. */
static void copy_on_write_private_file(void)
{
	char *p;
	int fd;

	make_file("f", "0123456789");
	fd = open("f", O_RDWR);
	p = mmap(NULL, PAGE, RW, MAP_PRIVATE, fd, 0);
	CHECK(p != MAP_FAILED && p[0] == '0');
	for (int i = 0; i < 3; i++) {
		pid_t pid = spawn();

		if (!pid) {
			p[1] = 'c';
			CHECK(p[0] == (i ? 'p' : '0'));
			_exit(0);
		}
		wait_ok(pid);
		CHECK(p[1] == '1');
		p[0] = 'p';
	}
	char *text = read_file("f");

	CHECK(!strcmp(text, "0123456789"));
}

static void remap(void)
{
	char *p = map(4 * PAGE), *q;

	p[0] = 'a';
	p[3 * PAGE] = 'd';
	q = mremap(p, 4 * PAGE, 64 * PAGE, MREMAP_MAYMOVE);
	CHECK(q != MAP_FAILED && q[0] == 'a' && q[3 * PAGE] == 'd' && !q[63 * PAGE]);
	q[63 * PAGE] = 'z';
	p = mremap(q, 64 * PAGE, 2 * PAGE, 0);
	CHECK(p == q && p[0] == 'a');
	/* No room behind it and not allowed to move. */
	CHECK(mmap(p + 2 * PAGE, PAGE, RW, ANON | MAP_FIXED, -1, 0) != MAP_FAILED);
	FAILS(ENOMEM, (long)mremap(p, 2 * PAGE, 4 * PAGE, 0));
	FAILS(EINVAL, (long)mremap(p + 1, PAGE, PAGE, 0));
	FAILS(EINVAL, (long)mremap(p, PAGE, 0, 0));
	FAILS(EFAULT, (long)mremap((void *)0x10000000ul, PAGE, 2 * PAGE, MREMAP_MAYMOVE));
	q = map(8 * PAGE);
	CHECK(mremap(p, 2 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, q) == q);
	CHECK(q[0] == 'a');
}

static void advise(void)
{
	char *p = map(8 * PAGE);

	memset(p, 'x', 8 * PAGE);
	CHECK(!madvise(p + PAGE, 2 * PAGE, MADV_DONTNEED));
	CHECK(p[0] == 'x' && !p[PAGE] && !p[3 * PAGE - 1] && p[3 * PAGE] == 'x');
	CHECK(!madvise(p, 8 * PAGE, MADV_WILLNEED));
	CHECK(!madvise(p, 0, MADV_DONTNEED));
	FAILS(EINVAL, madvise(p + 1, PAGE, MADV_DONTNEED));
	FAILS(EINVAL, madvise(p, PAGE, 12345));
	CHECK(!munmap(p + 4 * PAGE, PAGE));
	FAILS(ENOMEM, madvise(p, 8 * PAGE, MADV_DONTNEED));
	CHECK(!p[0]);
}

/* More than one table page of every level. */
static void map_sparse(void)
{
	char *base = mmap(NULL, 4ul << 30, PROT_NONE, ANON | MAP_NORESERVE, -1, 0);

	CHECK(base != MAP_FAILED);
	for (unsigned long at = 0; at < 4ul << 30; at += 128ul << 20) {
		CHECK(!mprotect(base + at, PAGE, RW));
		base[at] = (char)(at >> 27);
	}
	for (unsigned long at = 0; at < 4ul << 30; at += 128ul << 20)
		CHECK(base[at] == (char)(at >> 27));
	CHECK(!munmap(base, 4ul << 30));
}

static void many_maps(void)
{
	static char *at[2000];

	/* Alternating protection keeps the areas from being merged. */
	for (int i = 0; i < 2000; i++) {
		at[i] = mmap(NULL, PAGE, i % 2 ? PROT_READ : RW, ANON, -1, 0);
		CHECK(at[i] != MAP_FAILED);
		if (i % 2 == 0)
			*at[i] = (char)i;
	}
	for (int i = 0; i < 2000; i += 2)
		CHECK(*at[i] == (char)i);
	for (int i = 0; i < 2000; i += 3)
		CHECK(!munmap(at[i], PAGE));
	for (int i = 2; i < 2000; i += 2)
		if (i % 3)
			CHECK(*at[i] == (char)i);
}

static void heap(void)
{
	static char *blocks[500];
	unsigned int seed = 1;

	for (int round = 0; round < 4000; round++) {
		int i = rand_r(&seed) % 500;
		size_t n = (size_t)rand_r(&seed) % (round % 50 ? 2000 : 100000) + 1;

		if (blocks[i]) {
			CHECK(blocks[i][0] == (char)i);
			free(blocks[i]);
		}
		blocks[i] = malloc(n);
		CHECK(blocks[i] && ((uintptr_t)blocks[i] & 15) == 0);
		memset(blocks[i], i, n);
	}
	for (int i = 0; i < 500; i++)
		free(blocks[i]);
}

/* One process uses memory until it is refused or killed; the others go on. */
static void memory_used_up(void)
{
	volatile char *mark = mmap(NULL, PAGE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t hog, other;
	int fd, status;

	other = spawn();
	if (!other) {
		for (;;) {
			sleep_ms(5);
			++*mark;
		}
	}
	hog = spawn();
	if (!hog) {
		fd = open("/proc/self/oom_score_adj", O_WRONLY);
		if (fd >= 0)
			write(fd, "1000", 4);
		for (;;) {
			char *p = mmap(NULL, 1 << 20, RW, ANON, -1, 0);

			if (p == MAP_FAILED)
				_exit(errno == ENOMEM ? 0 : 1);
			for (int i = 0; i < 1 << 20; i += 4096)
				p[i] = 1;
		}
	}
	status = wait_for(hog);
	if (status && !(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL))
		fail("the hog ended with wait status %#x", status);
	CHECK(waitpid(other, &status, WNOHANG) == 0);

	char before = *mark;

	sleep_ms(100);
	CHECK(*mark != before);
	for (int i = 0; i < 20; i++) {
		pid_t pid = spawn();

		if (!pid)
			_exit(0);
		wait_ok(pid);
	}
	kill(other, SIGKILL);
	wait_for(other);
}

/* A hole as large as it gets costs what is in it, not what could be. */
static void remove_hole(void)
{
	size_t n = 64ul << 30;
	char *p = mmap(NULL, n, RW, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	long before = free_kib();

	CHECK(p != MAP_FAILED);
	for (size_t i = 0; i < 32; i++)
		p[i << 30] = 1;
	CHECK(!madvise(p, n, MADV_REMOVE));
	for (size_t i = 0; i < 32; i++)
		CHECK(p[i << 30] == 0);
	CHECK(!madvise(p, n, MADV_REMOVE));
	CHECK(before - free_kib() < 8 << 10);
	CHECK(!munmap(p, n));
}

/* /proc/PID/mem goes beyond protection, as a debugger does: proc(5). */
static void memory_without_access(void)
{
	char *p = map(2 * PAGE), c = 'b';
	int fd = open("/proc/self/mem", O_RDWR);

	CHECK(fd >= 0);
	p[0] = 'a';
	CHECK(!mprotect(p, 2 * PAGE, PROT_NONE));
	CHECK(pwrite(fd, &c, 1, (off_t)(p + 1)) == 1);
	CHECK(pwrite(fd, &c, 1, (off_t)(p + PAGE)) == 1);
	CHECK(pread(fd, &c, 1, (off_t)p) == 1 && c == 'a');
	CHECK(!mprotect(p, 2 * PAGE, PROT_READ));
	CHECK(p[0] == 'a' && p[1] == 'b' && p[PAGE] == 'b');
	CHECK(!munmap(p, 2 * PAGE));
	FAILS(EIO, pread(fd, &c, 1, (off_t)p));
	close(fd);
}

const struct test memory_tests[] = {
	{ "brk", break_moves, 0 },
	{ "brk-limit", break_limit, 0 },
	{ "map-anonymous", map_anonymous, 0 },
	{ "map-refused", map_refused, 0 },
	{ "map-split", map_split, 0 },
	{ "map-hint", map_hint, 0 },
	{ "map-file", map_file, 0 },
	{ "map-sparse", map_sparse, 0 },
	{ "map-many", many_maps, 0 },
	{ "mremap", remap, 0 },
	{ "madvise", advise, 0 },
	{ "madvise-remove", remove_hole, 0 },
	{ "memory-without-access", memory_without_access, 0 },
	{ "shared-memory", shared_memory, 0 },
	{ "cow", copy_on_write, 0 },
	{ "cow-kernel-write", copy_on_kernel_write, 0 },
	{ "cow-file", copy_on_write_private_file, 0 },
	{ "heap", heap, 0 },
	{ "memory-used-up", memory_used_up, 120 },
	{ NULL, NULL, 0 },
};
