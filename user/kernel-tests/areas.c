/*
 * areas.c - one address space under many hands, and many areas in one: threads that map, unmap, move,
 * protect, lock, copy and cut the same memory at the same time; processes that share what the
 * out-of-memory killer takes away.
 *
 * Memory is touched by system calls (EFAULT) where another thread may have taken it away meanwhile.
 */
#include "tests.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE	4096ul
#define THREADS 8
#define ROOM	64ul /* pages that they fight for */
#define RW	(PROT_READ | PROT_WRITE)
#define ANON	(MAP_PRIVATE | MAP_ANONYMOUS)

enum { NR_MLOCK = 228, NR_MUNLOCK = 229 };

/* A number behind a name in a file of lines; -1. */
static long number(const char *path, const char *name)
{
	char *text = read_file(path), *at = strstr(text, name);
	long v = at ? strtol(at + strlen(name), NULL, 10) : -1;

	free(text);
	return v;
}

static char *room;
static int file, zeros, steps, go;

static void map_some(char *at, size_t n, unsigned r)
{
	int prot = r & 1 ? RW : PROT_READ;

	if (r & 2)
		mmap(at, n, prot, MAP_SHARED | MAP_FIXED, file, (off_t)(r % 16 * PAGE));
	else
		mmap(at, n, prot, ANON | MAP_FIXED | (r & 4 ? MAP_POPULATE : 0), -1, 0);
}

static void fork_some(unsigned r)
{
	pid_t pid = fork();

	if (!pid) {
		for (unsigned i = 0; i < 8; i++)
			read(zeros, room + (r + i * 7) % ROOM * PAGE, PAGE);
		_exit(0);
	}
	if (pid > 0)
		waitpid(pid, NULL, 0);
}

/* One thing done to a part of the room. */
static void one_step(unsigned *seed)
{
	unsigned r = (unsigned)rand_r(seed) >> 4;
	unsigned long from = r % ROOM, n = r / 64 % 8 + 1;
	char *at = room + from * PAGE, *to = room + r / 512 % (ROOM - 8) * PAGE;

	n = (from + n > ROOM ? ROOM - from : n) * PAGE;
	switch (r / 4096 % 16) {
	case 0:
	case 1:
	case 2:
		map_some(at, n, r >> 20);
		break;
	case 3:
		munmap(at, n);
		break;
	case 4:
		mremap(at, n, n, MREMAP_MAYMOVE | MREMAP_FIXED, to);
		break;
	case 5:
		mprotect(at, n, r & 1 ? PROT_READ : r & 2 ? PROT_NONE : RW);
		break;
	case 6:
		madvise(at, n, r & 1 ? 4 /* DONTNEED */ : 8 /* FREE */);
		break;
	case 7:
		ftruncate(file, (off_t)(r % 16 * PAGE / 2));
		break;
	case 8:
		ftruncate(file, (off_t)(32 * PAGE));
		break;
	case 9:
		syscall(r & 1 ? NR_MLOCK : NR_MUNLOCK, at, n);
		break;
	case 10:
		msync(at, n, r & 1 ? 4 : 2);
		break;
	case 11:
		if (r % 4 == 0)
			fork_some(r);
		break;
	default:
		read(zeros, at, n); /* writes there */
		pwrite(file, at, PAGE / 2, (off_t)(r % 16 * PAGE)); /* reads there */
	}
}

static int fight(void *arg)
{
	unsigned seed = (unsigned)(uintptr_t)arg + 1;

	/* No stack may come to lie in a hole that another thread has made. */
	while (!__atomic_load_n(&go, __ATOMIC_ACQUIRE))
		sched_yield();
	for (int i = 0; i < steps; i++)
		one_step(&seed);
	return 0;
}

/* Everybody at once; what is locked and promised afterwards is what it was. */
static void all_at_once(void)
{
	struct thread t[THREADS];
	long locked;

	room = mmap(NULL, ROOM * PAGE, PROT_NONE, ANON, -1, 0);
	file = open("shared", O_RDWR | O_CREAT, 0600);
	zeros = open("/dev/zero", O_RDONLY);
	CHECK(room != MAP_FAILED && file >= 0 && zeros >= 0);
	locked = number("/proc/meminfo", "Mlocked:");
	steps = 1500;
	for (long i = 0; i < THREADS; i++)
		thread_start(&t[i], fight, (void *)i);
	__atomic_store_n(&go, 1, __ATOMIC_RELEASE);
	for (int i = 0; i < THREADS; i++)
		thread_join(&t[i]);
	CHECK(!munmap(room, ROOM * PAGE));
	if (number("/proc/self/status", "VmLck:"))
		fail("VmLck is %ld kB without a locked area",
		     number("/proc/self/status", "VmLck:"));
	if (number("/proc/meminfo", "Mlocked:") > locked)
		fail("Mlocked grew by %ld kB", number("/proc/meminfo", "Mlocked:") - locked);
}

/* Promises of many short-lived children are all taken back. */
static void promises(void)
{
	char *p = mmap(NULL, 4096 * PAGE, RW, ANON, -1, 0);
	long before = 0, after = 0;

	CHECK(p != MAP_FAILED);
	/* Others on the machine come and go too: once without a difference is enough. */
	for (int tries = 0; tries < 10; tries++) {
		before = number("/proc/meminfo", "Committed_AS:");
		for (int i = 0; i < 10; i++) {
			pid_t pid = spawn();

			if (!pid) {
				munmap(p + (i + 1) * 16 * PAGE, 100 * PAGE);
				mprotect(p, 8 * PAGE, PROT_READ);
				mremap(p, 8 * PAGE, 900 * PAGE, MREMAP_MAYMOVE);
				_exit(0);
			}
			wait_ok(pid);
		}
		after = number("/proc/meminfo", "Committed_AS:");
		if (after == before)
			return;
		sleep_ms(20);
	}
	fail("Committed_AS was %ld kB, is %ld kB", before, after);
}

/* ---- a file that is cut while its areas change ------------------------------------------------- */

static volatile unsigned *shown; /* the room, as the file's pages */

/* Splits and joins areas of the file, all of which stay readable. */
static int shuffle(void *arg)
{
	unsigned seed = (unsigned)(uintptr_t)arg + 1;

	while (!__atomic_load_n(&go, __ATOMIC_ACQUIRE)) {
		unsigned r = (unsigned)rand_r(&seed) >> 4;
		unsigned long from = r % ROOM, n = r / 64 % (ROOM - from) + 1;

		mprotect(room + from * PAGE, n * PAGE, r & 0x10000 ? RW : PROT_READ);
	}
	return 0;
}

/* Pages that a hole or a new end took from a file are gone from all that shows it when the call returns. */
static void cut_while_shuffled(void)
{
	struct thread t[2];
	pid_t other;
	unsigned seed = 1;

	file = open("shown", O_RDWR | O_CREAT, 0600);
	CHECK(file >= 0 && !ftruncate(file, (off_t)(ROOM * PAGE)));
	room = mmap(NULL, ROOM * PAGE, RW, MAP_SHARED, file, 0);
	CHECK(room != MAP_FAILED);
	shown = (volatile unsigned *)(void *)room;
	other = spawn();
	if (!other)
		_exit(shuffle(&seed));
	for (long i = 0; i < 2; i++)
		thread_start(&t[i], shuffle, (void *)(i + 7));
	for (unsigned step = 1; step <= 200; step++) {
		unsigned r = (unsigned)rand_r(&seed) >> 4;
		unsigned long from = r % ROOM, n = r / 64 % 8 + 1;

		n = from + n > ROOM ? ROOM - from : n;
		for (unsigned long i = from; i < from + n; i++) {
			CHECK(pwrite(file, &step, sizeof(step), (off_t)(i * PAGE)) == sizeof(step));
			CHECK(shown[i * PAGE / sizeof(*shown)] == step);
		}
		if (r & 0x10000) {
			CHECK(!ftruncate(file, (off_t)(from * PAGE)));
			CHECK(!ftruncate(file, (off_t)(ROOM * PAGE)));
		} else {
			CHECK(!fallocate(file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
					 (off_t)(from * PAGE), (off_t)(n * PAGE)));
		}
		for (unsigned long i = from; i < from + n; i++)
			if (shown[i * PAGE / sizeof(*shown)])
				fail("step %u: page %lu is still there", step, i);
	}
	__atomic_store_n(&go, 1, __ATOMIC_RELEASE);
	for (int i = 0; i < 2; i++)
		thread_join(&t[i]);
	kill_all(&other, 1);
}

/* ---- many areas -------------------------------------------------------------------------------- */

#define MANY 50000ul

/* Every other page of a large area is made another one: no two can be one again. */
static void fifty_thousand(void)
{
	char *p = mmap(NULL, MANY * PAGE, PROT_NONE, ANON | MAP_NORESERVE, -1, 0);
	char line[8192];
	unsigned long lines = 0;
	long got;
	int fd;

	CHECK(p != MAP_FAILED);
	for (unsigned long i = 0; i < MANY; i += 2)
		CHECK(!mprotect(p + i * PAGE, PAGE, i % 4 ? PROT_READ : RW));
	for (unsigned long i = 0; i < MANY; i += 100)
		p[i * PAGE] = (char)i;
	fd = open("/proc/self/maps", O_RDONLY);
	while ((got = read(fd, line, sizeof(line))) > 0)
		for (long i = 0; i < got; i++)
			lines += line[i] == '\n';
	close(fd);
	if (lines < MANY)
		fail("maps has %lu lines", lines);
	for (unsigned long i = 0; i < MANY; i += 100)
		CHECK(p[i * PAGE] == (char)i);
	for (unsigned long i = 1; i < 2000; i += 2)
		CHECK(!munmap(p + i * PAGE, PAGE));
	CHECK(!munmap(p, MANY * PAGE));
}

/* ---- the killer ------------------------------------------------------------------------------- */

/* Another process, with this one's memory. */
static int sharer(void *arg)
{
	(void)arg;
	for (;;)
		pause();
	return 0;
}

/* Two processes have one space, which grows until memory is out: both must go. */
static void sharers_die(void)
{
	long kills = number("/proc/vmstat", "oom_kill ");
	pid_t hog = spawn();
	int status;

	if (!hog) {
		static char stack[16384] __attribute__((aligned(16)));
		int fd = open("/proc/self/oom_score_adj", O_WRONLY);

		write(fd, "1000", 4);
		if (clone(sharer, stack + sizeof(stack), CLONE_VM | SIGCHLD, NULL, NULL, NULL,
			  NULL) < 0)
			_exit(1);
		for (;;) {
			char *p = mmap(NULL, 1 << 20, RW, ANON, -1, 0);

			if (p == MAP_FAILED)
				_exit(2);
			for (int i = 0; i < 1 << 20; i += 4096)
				p[i] = 1;
		}
	}
	status = wait_for(hog);
	if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL)
		fail("the hog ended with wait status %#x", status);
	/* Its memory is free only when the other has let go of it too. */
	for (int i = 0; i < 500 && number("/proc/meminfo", "AnonPages:") > 65536; i++)
		sleep_ms(10);
	CHECK(number("/proc/meminfo", "AnonPages:") <= 65536);
	CHECK(number("/proc/vmstat", "oom_kill ") > kills);
}

const struct test area_tests[] = {
	{ "race-areas", all_at_once, 120 },	  { "race-promises", promises, 0 },
	{ "areas-cut", cut_while_shuffled, 120 }, { "areas-many", fifty_thousand, 120 },
	{ "oom-sharers", sharers_die, 120 },	  { NULL, NULL, 0 },
};
