/*
 * huge.c - 2 MiB pages (kernel/mm/huge.c) while everybody pulls at them: threads write, take parts of them
 * away, change their rights, collapse them, copy them by fork and move them, all at once. What was
 * written is there, what was given back is zero, and in the end all memory is free again.
 */
#include "tests.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE	4096ul
#define BLOCK	(2ul << 20)
#define BLOCKS	3ul
#define LEN	(BLOCKS * BLOCK)
#define RW	(PROT_READ | PROT_WRITE)
#define ANON	(MAP_PRIVATE | MAP_ANONYMOUS)
#define ENABLED "/sys/kernel/mm/transparent_hugepage/enabled"
#define PULLERS 6
#define ROUNDS	400

static char mode[16];

static void set_mode(const char *text)
{
	int fd = open(ENABLED, O_WRONLY);

	CHECK(fd >= 0);
	CHECK(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
}

/* Large pages where they are asked for; a small machine has them off. */
static void begin(void)
{
	char *text = read_file(ENABLED);

	strncpy(mode, strchr(text, '[') + 1, sizeof(mode) - 1);
	*strchr(mode, ']') = 0;
	free(text);
	set_mode("madvise");
}

static long kb(const char *name)
{
	char *text = read_file("/proc/meminfo"), *at = strstr(text, name);
	long n;

	CHECK(at);
	n = strtol(at + strlen(name), NULL, 10);
	free(text);
	return n;
}

static char *map_blocks(void)
{
	char *p = mmap(NULL, LEN + BLOCK, RW, ANON, -1, 0), *q;

	CHECK(p != MAP_FAILED);
	q = (char *)(((uintptr_t)p + BLOCK - 1) & -BLOCK);
	if (q > p)
		CHECK(!munmap(p, (size_t)(q - p)));
	if (p + BLOCK > q)
		CHECK(!munmap(q + LEN, (size_t)(p + BLOCK - q)));
	CHECK(!madvise(q, LEN, MADV_HUGEPAGE));
	return q;
}

/* ---- threads on the same blocks ----------------------------------------------------------------- */

static char *area;
static volatile int stop, bad;

struct puller {
	struct thread thread;
	unsigned int me, seed;
	unsigned int
		was[LEN / PAGE / PULLERS]; /* in my pages; [i] is that of page i * PULLERS + me */
};

static volatile unsigned int *word_of(const struct puller *p, unsigned int i)
{
	return (volatile unsigned int *)(area + (i * PULLERS + p->me) * PAGE + 8 * p->me);
}

static void note(struct puller *p, int line)
{
	(void)p;
	if (!bad)
		bad = line;
	stop = 1;
}

/* One page of mine, one thing done to it, or to the block that it is in. */
static void pull(struct puller *p)
{
	unsigned int i = (unsigned int)rand_r(&p->seed) % (LEN / PAGE / PULLERS);
	volatile unsigned int *w = word_of(p, i);
	char *page = (char *)((uintptr_t)w & -PAGE), *block = (char *)((uintptr_t)w & -BLOCK);

	if (*w != p->was[i])
		note(p, __LINE__);
	switch (rand_r(&p->seed) % 10) {
	case 0:
		if (madvise(page, PAGE, MADV_DONTNEED))
			note(p, __LINE__);
		p->was[i] = 0;
		break;
	case 1:
		i |= 1; /* the others a child may write at any moment */
		w = word_of(p, i);
		page = (char *)((uintptr_t)w & -PAGE);
		if (mprotect(page, PAGE, PROT_READ) || *w != p->was[i] || mprotect(page, PAGE, RW))
			note(p, __LINE__);
		break;
	case 2:
		/* It is refused where there is nothing to write, and where memory is short. */
		if (madvise(block, BLOCK, MADV_COLLAPSE) && errno != EINVAL && errno != ENOMEM)
			note(p, __LINE__);
		break;
	case 3:
		if (mmap(page, PAGE, RW, ANON | MAP_FIXED, -1, 0) != (void *)page ||
		    madvise(page, PAGE, MADV_HUGEPAGE))
			note(p, __LINE__);
		p->was[i] = 0;
		break;
	case 4:
		if (madvise(block, BLOCK, rand_r(&p->seed) % 2 ? MADV_NOHUGEPAGE : MADV_HUGEPAGE))
			note(p, __LINE__);
		break;
	default:
		*w = p->was[i] = (unsigned int)rand_r(&p->seed) | 1;
	}
	if (*w != p->was[i])
		note(p, __LINE__);
}

static int pulling(void *arg)
{
	struct puller *p = arg;

	for (int n = 0; n < ROUNDS && !stop; n++)
		pull(p);
	return 0;
}

/* Forks while they pull: a child has each page as it was at one moment, and may write. */
static int forking(void *arg)
{
	(void)arg;
	while (!stop) {
		pid_t pid = fork();
		int status;

		if (pid == 0) {
			unsigned int sum = 0;

			for (size_t at = 0; at < LEN; at += PAGE)
				sum += *(volatile unsigned int *)(area + at);
			for (size_t i = 0; i < LEN / PAGE; i += 7)
				if (i / PULLERS % 2 == 0)
					*(volatile unsigned int *)(area + i * PAGE) = sum;
			_exit(0);
		}
		if (pid < 0 || waitpid(pid, &status, 0) != pid || status)
			bad = __LINE__;
	}
	return 0;
}

static void all_pull(void)
{
	struct puller *p = calloc(PULLERS, sizeof(*p));
	struct thread forker;
	long before, huge;

	begin();
	huge = kb("AnonHugePages:");
	before = free_kib();
	area = map_blocks();
	for (unsigned int i = 0; i < PULLERS; i++) {
		p[i].me = i;
		p[i].seed = i + 1;
		thread_start(&p[i].thread, pulling, &p[i]);
	}
	thread_start(&forker, forking, NULL);
	for (unsigned int i = 0; i < PULLERS; i++)
		thread_join(&p[i].thread);
	stop = 1;
	thread_join(&forker);
	if (bad)
		fail("line %d", bad);
	for (unsigned int t = 0; t < PULLERS; t++)
		for (unsigned int i = 0; i < LEN / PAGE / PULLERS; i++)
			if (*word_of(&p[t], i) != p[t].was[i])
				fail("page %u is %x, not %x", i * PULLERS + t, *word_of(&p[t], i),
				     p[t].was[i]);
	CHECK(!munmap(area, LEN));
	set_mode(mode);
	CHECK(kb("AnonHugePages:") == huge);
	for (int i = 0; i < 50 && free_kib() < before - 1024; i++)
		sleep_ms(20);
	CHECK(free_kib() >= before - 1024);
}

/* ---- threads that map, use and move blocks of their own ------------------------------------------ */

static int one_life(unsigned int *seed)
{
	char *p = map_blocks(), *q = map_blocks();
	unsigned int salt = (unsigned int)rand_r(seed);
	size_t cut = (size_t)rand_r(seed) % (LEN / PAGE - 1) * PAGE + PAGE;

	if (munmap(q, LEN))
		return __LINE__;
	for (size_t at = 0; at < LEN; at += PAGE)
		*(volatile unsigned int *)(p + at) = salt + (unsigned int)at;
	switch (rand_r(seed) % 4) {
	case 0:
		if (munmap(p + cut, LEN - cut))
			return __LINE__;
		break;
	case 1:
		/* Others map, too: the place may be theirs by now, so the kernel finds one. */
		p = mremap(p, LEN, LEN + BLOCK, MREMAP_MAYMOVE);
		if (p == MAP_FAILED)
			return __LINE__;
		cut = LEN;
		break;
	case 2:
		if (mprotect(p, LEN, PROT_NONE) || mprotect(p, LEN, RW))
			return __LINE__;
		cut = LEN;
		break;
	default:
		if (madvise(p + cut, LEN - cut, MADV_DONTNEED))
			return __LINE__;
		for (size_t at = cut; at < LEN; at += 37 * PAGE)
			if (*(volatile unsigned int *)(p + at))
				return __LINE__;
	}
	for (size_t at = 0; at < cut; at += PAGE)
		if (*(volatile unsigned int *)(p + at) != salt + (unsigned int)at)
			return __LINE__;
	return munmap(p, LEN + BLOCK) ? __LINE__ : 0;
}

static int living(void *arg)
{
	unsigned int seed = (unsigned int)(uintptr_t)arg;

	for (int i = 0; i < 25 && !bad; i++) {
		int line = one_life(&seed);

		if (line)
			bad = line;
	}
	return 0;
}

/* In a child, so that nothing of the maps outlives a failure. */
static void lives(void)
{
	struct thread threads[4];

	for (uintptr_t i = 0; i < 4; i++)
		thread_start(&threads[i], living, (void *)(i + 1));
	for (int i = 0; i < 4; i++)
		thread_join(&threads[i]);
	if (bad)
		fail("line %d", bad);
	_exit(0);
}

static void all_live(void)
{
	long huge;

	begin();
	huge = kb("AnonHugePages:");
	CHECK(status_in_child(lives) == 0);
	set_mode(mode);
	CHECK(kb("AnonHugePages:") == huge);
}

/* ---- what is used in sequence, and what is not --------------------------------------------------- */

static long resident(void)
{
	char *text = read_file("/proc/self/statm");
	long n = strtol(strchr(text, ' '), NULL, 10) * 4;

	free(text);
	return n;
}

/* Nobody asked: a sparse heap has no page too many, a long run has large ones behind the first. */
static void unasked(void)
{
	const size_t len = 16 * BLOCK;
	long before, huge;
	char *p;

	begin();
	set_mode("always");
	huge = kb("AnonHugePages:");
	p = mmap(NULL, len, RW, ANON, -1, 0);
	CHECK(p != MAP_FAILED && !((uintptr_t)p & (BLOCK - 1)));
	before = resident();
	for (size_t at = 0; at < len; at += BLOCK / 2)
		p[at] = 1;
	CHECK(resident() - before <= 32 * 4 + 64);
	CHECK(kb("AnonHugePages:") == huge);
	CHECK(!munmap(p, len));
	p = mmap(NULL, len, RW, ANON, -1, 0);
	CHECK(p != MAP_FAILED);
	for (size_t at = 0; at < len / 2; at += PAGE)
		p[at] = 1;
	CHECK(kb("AnonHugePages:") >= huge + 4 * 2048);
	CHECK(resident() - before <= (long)(len / 2 >> 10) + 64);
	CHECK(!munmap(p, len));
	CHECK(kb("AnonHugePages:") == huge);
	set_mode(mode);
}

const struct test huge_tests[] = {
	{ "race-huge-shared", all_pull, 120 },
	{ "race-huge-own", all_live, 120 },
	{ "huge-unasked", unasked, 0 },
	{ NULL, NULL, 0 },
};
