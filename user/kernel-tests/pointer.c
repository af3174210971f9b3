/*
 * pointer.c - what system calls do with wild pointers and lengths. Every call
 * gives an errno; nothing is half done that should not be.
 */
#include "tests.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PAGE 4096ul

/* Not mapped, beyond the end of user memory, in the kernel, at the top. */
static const uint64_t wild[] = {
	0x8ul,
	0x3ffffffff8ul,
	0x4000000000ul,
	0x7ffffffffffffff8ul,
	0xffffffc000001000ul,
	0xffffffd600000000ul,
	0xffffffff80200000ul,
	0xfffffffffffffff0ul,
};

#define WILD_COUNT (sizeof(wild) / sizeof(wild[0]))

static void wild_input(void)
{
	int fd, fds[2];

	make_file("f", "0123456789");
	fd = open("f", O_RDWR);
	CHECK(!pipe(fds));
	for (size_t w = 0; w < WILD_COUNT; w++) {
		void *p = wild_pointer(wild[w]);

		FAILS(EFAULT, write(fd, p, 8));
		FAILS(EFAULT, write(fds[1], p, 8));
		FAILS(EFAULT, pwrite(fd, p, 8, 0));
		FAILS(EFAULT, open(p, O_RDONLY));
		FAILS(EFAULT, open(p, O_RDWR | O_CREAT, 0644));
		FAILS(EFAULT, mkdir(p, 0755));
		FAILS(EFAULT, unlink(p));
		FAILS(EFAULT, rename(p, "x"));
		FAILS(EFAULT, rename("f", p));
		FAILS(EFAULT, link("f", p));
		FAILS(EFAULT, symlink(p, "x"));
		FAILS(EFAULT, chdir(p));
		FAILS(EFAULT, access(p, F_OK));
		FAILS(EFAULT, writev(fd, p, 1));
		FAILS(EFAULT, writev(fd, &(struct iovec){ p, 8 }, 1));
		FAILS(EFAULT, nanosleep(p, NULL));
		FAILS(EFAULT, syscall(__NR_rt_sigaction, SIGUSR1, p, NULL, 8));
		FAILS(EFAULT, syscall(__NR_rt_sigprocmask, SIG_BLOCK, p, NULL, 8));
		FAILS(EFAULT, poll(p, 1, 0));
		FAILS(EFAULT, setrlimit(RLIMIT_CORE, p));
		FAILS(EFAULT, syscall(__NR_futex, p, 0, 0, 0, 0, 0));
		FAILS(EFAULT, syscall(__NR_clone3, p, 88));
		FAILS(EFAULT, sethostname(p, 8));
	}
	CHECK(lseek(fd, 0, SEEK_END) == 10);
	CHECK(!strcmp(read_file("f"), "0123456789"));
}

static void wild_output(void)
{
	int fd, fds[2];

	make_file("f", "0123456789");
	fd = open("f", O_RDWR);
	CHECK(!pipe(fds) && write(fds[1], "pipe", 4) == 4);
	for (size_t w = 0; w < WILD_COUNT; w++) {
		void *p = wild_pointer(wild[w]);

		FAILS(EFAULT, pread(fd, p, 8, 0));
		FAILS(EFAULT, read(fds[0], p, 4));
		FAILS(EFAULT, stat("f", p));
		FAILS(EFAULT, fstat(fd, p));
		FAILS(EFAULT, statfs("/", p));
		FAILS(EFAULT, pipe(p));
		FAILS(EFAULT, readlink("/proc/self/exe", p, 100));
		FAILS(EFAULT, syscall(__NR_getcwd, p, 4096));
		FAILS(EFAULT, uname(p));
		FAILS(EFAULT, sysinfo(p));
		FAILS(EFAULT, syscall(__NR_clock_gettime, CLOCK_MONOTONIC, p));
		FAILS(EFAULT, syscall(__NR_gettimeofday, p, 0));
		FAILS(EFAULT, getrlimit(RLIMIT_CORE, p));
		FAILS(EFAULT, getrusage(RUSAGE_SELF, p));
		FAILS(EFAULT, sigaction(SIGUSR1, NULL, p));
		FAILS(EFAULT, sigprocmask(SIG_BLOCK, NULL, p));
		FAILS(EFAULT, sigpending(p));
		FAILS(EFAULT, syscall(__NR_getrandom, p, 8, 0));
		FAILS(EFAULT, syscall(__NR_sched_getaffinity, 0, 8, p));
		FAILS(EFAULT, readv(fd, &(struct iovec){ p, 8 }, 1));
	}
	/* The offset has not moved and the pipe's bytes are not lost. */
	char buf[8];

	CHECK(lseek(fd, 0, SEEK_CUR) == 0);
	CHECK(!fcntl(fds[0], F_SETFL, O_NONBLOCK) && read(fds[0], buf, 8) == 4);
	/* A pipe that could not be handed out is closed again. */
	CHECK(open("f", O_RDONLY) == fds[1] + 1);
}

static void wild_wait(void)
{
	for (size_t w = 0; w < WILD_COUNT; w++) {
		void *p = wild_pointer(wild[w]);
		pid_t pid = spawn();

		if (!pid)
			_exit(3);
		FAILS(EFAULT, waitpid(pid, p, 0));
	}
}

/* Text, constants: readable, so fine to write from, and not to read into. */
static void read_only_memory(void)
{
	static const char constant[16] = "constant";
	char *text = (char *)(uintptr_t)read_only_memory, *p = guarded(PAGE);
	int fd;

	make_file("f", "0123456789");
	fd = open("f", O_RDWR);
	FAILS(EFAULT, pread(fd, text, 8, 0));
	FAILS(EFAULT, pread(fd, (char *)constant, 8, 0));
	FAILS(EFAULT, fstat(fd, (struct stat *)text));
	CHECK(pwrite(fd, text, 8, 0) == 8);
	CHECK(!mprotect(p, PAGE, PROT_NONE));
	FAILS(EFAULT, pwrite(fd, p, 8, 0));
	FAILS(EFAULT, pread(fd, p, 8, 0));
	CHECK(!mprotect(p, PAGE, PROT_READ));
	CHECK(pwrite(fd, p, 8, 0) == 8);
	FAILS(EFAULT, pread(fd, p, 8, 0));
	CHECK(!strcmp(constant, "constant"));
}

/* Buffers that end inside a page that is not there: the bytes before it are moved. */
static void half_mapped(void)
{
	char *p = guarded(2 * PAGE), *end = p + 2 * PAGE;
	struct stat *st = (struct stat *)(end - 64);
	int fd = open("f", O_RDWR | O_CREAT, 0644), zero = open("/dev/zero", O_RDONLY);

	memset(p, 'x', 2 * PAGE);
	CHECK(write(fd, end - 100, 100) == 100);
	/* Aligned to 64 bytes: with other tails Linux 6.12 on riscv64 tries for ever. */
	CHECK(pwrite(fd, end - 128, 200, 0) == 128);
	CHECK(pread(fd, end - 10, 50, 0) == 10);
	CHECK(read(zero, end - 10, 50) == 10);
	FAILS(EFAULT, fstat(fd, st));
	FAILS(EFAULT, (memcpy(end - 3, "abc", 3), open(end - 3, O_RDONLY)));
	CHECK((memcpy(end - 2, "f", 2), open(end - 2, O_RDONLY)) >= 0);
	FAILS(EFAULT, pread(fd, p - 8, 16, 0));
	FAILS(EFAULT, nanosleep((struct timespec *)(end - 8), NULL));

	struct iovec v[2] = { { end - 10, 10 }, { end, 10 } };

	CHECK(!lseek(fd, 0, SEEK_SET) && readv(fd, v, 2) == 10);
	v[0] = (struct iovec){ end, 10 };
	FAILS(EFAULT, readv(fd, v, 2));
}

static void wild_lengths(void)
{
	static char buf[PAGE];
	static const size_t lengths[] = { 1ul << 63, (1ul << 63) + 1, ~0ul, ~0ul - 4095 };
	int fd;

	make_file("f", "0123456789");
	fd = open("f", O_RDWR);
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		size_t n = lengths[i];
		struct iovec v[2] = { { buf, 10 }, { buf, n } };

		FAILS(EFAULT, read(fd, buf, n));
		FAILS(EFAULT, write(fd, buf, n));
		FAILS(EINVAL, readv(fd, v, 2));
		FAILS(EINVAL, writev(fd, v, 2));
		FAILS(ENOMEM, (long)mmap(NULL, n, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
		FAILS(EINVAL, munmap(buf, n));
	}
	FAILS(EFAULT, read(fd, buf, SSIZE_MAX));
	FAILS(EFAULT, write(fd, buf, SSIZE_MAX));
	CHECK(pread(fd, buf, 100, SSIZE_MAX - 100) == 0);
	FAILS(EINVAL, poll((struct pollfd *)buf, 1 << 30, 0));
	FAILS(EINVAL, syscall(__NR_rt_sigaction, SIGUSR1, 0, 0, 16));
	FAILS(EINVAL, syscall(__NR_rt_sigprocmask, 0, 0, 0, 4));
	FAILS(EINVAL, syscall(__NR_clone3, buf, 8));
	FAILS(E2BIG, syscall(__NR_clone3, buf, 1ul << 40));
}

static void wild_numbers(void)
{
	struct timespec bad[] = { { -1, 0 }, { 0, -1 }, { 0, 1000000000 } };
	struct itimerval it = { { 0, 0 }, { 0, 1000000 } };

	FAILS(ENOSYS, syscall(-1));
	FAILS(ENOSYS, syscall(5000));
	FAILS(ENOSYS, syscall(LONG_MIN));
	FAILS(ENOSYS, syscall(1l << 32 | __NR_getpid));
	for (size_t i = 0; i < 3; i++)
		FAILS(EINVAL, nanosleep(&bad[i], NULL));
	FAILS(EINVAL, setitimer(ITIMER_REAL, &it, NULL));
	FAILS(EINVAL, setitimer(77, &it, NULL));
	FAILS(EINVAL, sigaction(0, NULL, NULL));
	FAILS(EINVAL, sigaction(65, NULL, NULL));
	FAILS(EINVAL, sigaction(SIGKILL, &(struct sigaction){ .sa_handler = SIG_IGN }, NULL));
	FAILS(EINVAL, sigaction(SIGSTOP, &(struct sigaction){ .sa_handler = SIG_IGN }, NULL));
	FAILS(EINVAL, kill(getpid(), 65));
	FAILS(EINVAL, kill(getpid(), -1));
	FAILS(ESRCH, kill(INT_MAX, 0));
	FAILS(EINVAL, tgkill(-1, -1, 0));
	FAILS(EINVAL, syscall(__NR_clock_gettime, 77, 0));
	FAILS(EINVAL, getrlimit(99, &(struct rlimit){ 0, 0 }));
	FAILS(EINVAL, syscall(__NR_clone, CLONE_THREAD | SIGCHLD, 0, 0, 0, 0));
	FAILS(EINVAL, syscall(__NR_clone, CLONE_SIGHAND | SIGCHLD, 0, 0, 0, 0));
	FAILS(EINVAL, syscall(__NR_dup3, 0, 10, 0x777));
	FAILS(EINVAL, syscall(__NR_futex, (long)bad + 1, 0, 0, 0, 0, 0));
	FAILS(EBADF, fcntl(-1, F_GETFD));
	FAILS(EBADF, fcntl(INT_MAX, F_GETFD));
	FAILS(EBADF, close(INT_MIN));
	FAILS(EBADF, openat(-7, "x", O_RDONLY));
	FAILS(EINVAL, prctl(12345, 0, 0, 0, 0));
}

/* --- buffers that go on in the next page, in each state that the two may be in --- */

#define TABLE (2ul << 20) /* what one table of pages maps */

enum state { TOUCHED, FRESH, SHARED, CONST, ABSENT, STATES };

static void prepare(char *page, enum state s)
{
	CHECK(mmap(page, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1,
		   0) == page);
	if (s != FRESH)
		memset(page, 'x', PAGE);
	if (s == CONST)
		CHECK(!mprotect(page, PAGE, PROT_READ));
	if (s == ABSENT)
		CHECK(!munmap(page, PAGE));
}

/* A page of a file, `in` bytes before the border of two pages: how much arrives, and that it is right. */
static void read_across(int fd, char *border, enum state a, enum state b, size_t in)
{
	size_t want = a >= CONST ? 0 : b >= CONST ? in : PAGE;
	char *buf = border - in;
	pid_t child;
	ssize_t n;

	prepare(border - PAGE, a);
	prepare(border, b);
	child = a == SHARED || b == SHARED ? spawn() : -1;
	if (!child) {
		pause();
		_exit(0);
	}
	n = pread(fd, buf, PAGE, 0);
	CHECK(want ? n == (ssize_t)want : n == -1 && errno == EFAULT);
	for (size_t i = 0; i < want; i++)
		CHECK(buf[i] == (char)(i * 7 + (i >> 8)));
	if (b == CONST)
		CHECK(border[0] == 'x');
	if (b != ABSENT && a < CONST && b < CONST) {
		CHECK(pwrite(fd, buf, PAGE, PAGE) == (ssize_t)PAGE);
		memset(buf, 0, PAGE);
		CHECK(pread(fd, buf, PAGE, PAGE) == (ssize_t)PAGE);
		CHECK(buf[in - 1] == (char)((in - 1) * 7 + ((in - 1) >> 8)));
		CHECK(buf[PAGE - 1] == (char)((PAGE - 1) * 7 + ((PAGE - 1) >> 8)));
	}
	if (child > 0)
		kill_all(&child, 1);
}

static void across_pages(void)
{
	char *area = mmap(NULL, 2 * TABLE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *edge = (char *)(((unsigned long)area + TABLE) & ~(TABLE - 1)), data[PAGE];
	int fd = open("data", O_RDWR | O_CREAT, 0644);

	CHECK(area != MAP_FAILED && fd >= 0);
	if (edge < area + PAGE)
		edge += TABLE;
	for (size_t i = 0; i < PAGE; i++)
		data[i] = (char)(i * 7 + (i >> 8));
	CHECK(write(fd, data, PAGE) == (ssize_t)PAGE);
	for (int a = TOUCHED; a < STATES; a++)
		for (int b = TOUCHED; b < STATES; b++)
			for (size_t in = 1; in < PAGE; in += 1365) {
				read_across(fd, edge, a, b, in); /* two tables */
				read_across(fd, edge + 5 * PAGE, a, b, in); /* one */
			}
	CHECK(!close(fd));
}

const struct test pointer_tests[] = {
	{ "pointers-in", wild_input, 0 },
	{ "pointers-out", wild_output, 0 },
	{ "pointers-wait", wild_wait, 0 },
	{ "pointers-read-only", read_only_memory, 0 },
	{ "pointers-half-mapped", half_mapped, 0 },
	{ "pointers-across-pages", across_pages, 0 },
	{ "lengths", wild_lengths, 0 },
	{ "numbers", wild_numbers, 0 },
	{ NULL, NULL, 0 },
};
