/*
 * Small questions about files: RESOLVE_CACHED of openat2(2), F_DUPFD_QUERY of fcntl(2), FIGETBSZ of ioctl(2); and
 * EDEADLK, which F_SETLKW answers who would close a ring of waiting processes.
 */
#include "abi.h"
#include <linux/openat2.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#ifndef F_DUPFD_QUERY
#define F_DUPFD_QUERY 1027
#endif
#ifndef RESOLVE_CACHED
#define RESOLVE_CACHED 0x20
#endif
#ifndef FIGETBSZ
#define FIGETBSZ _IO(0, 2)
#endif

static long cached(const char *path, int flags, int mode, unsigned more)
{
	struct open_how how = { .flags = (unsigned)flags, .mode = mode, .resolve = RESOLVE_CACHED | more };
	long fd = syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof(how));

	if (fd >= 0)
		close(fd);
	return fd;
}

static void resolve(void)
{
	SECTION("RESOLVE_CACHED: what was just used is found");
	OK(cached("d", O_RDONLY | O_DIRECTORY, 0, 0));
	OK(cached("d/f", O_RDONLY, 0, 0));
	OK(cached("d/f", O_RDWR | O_APPEND, 0, 0));
	OK(cached("d/f", O_PATH, 0, 0));
	OK(cached("l", O_RDONLY, 0, 0));
	usleep(50000);
	close(MUST(open("l", O_RDONLY)));
	OK(cached("l", O_RDONLY, 0, 0)); /* its time of access need not be noted again */
	OK(cached("/proc/self/status", O_RDONLY, 0, 0));
	OK(cached("d/../d/f", O_RDONLY, 0, RESOLVE_BENEATH));
	OK(cached("d/f", O_RDONLY | O_NOFOLLOW, 0, RESOLVE_NO_SYMLINKS));
	SECTION("what may have to wait");
	OK(cached("d/f", O_RDWR | O_TRUNC, 0, 0));
	OK(cached("d/f", O_RDWR | O_CREAT, 0600, 0));
	OK(cached("d/f", O_RDWR | O_CREAT | O_EXCL, 0600, 0));
	OK(cached("d", O_RDWR | O_TMPFILE, 0600, 0));
	SECTION("the other refusals");
	OK(cached("l", O_RDONLY, 0, RESOLVE_NO_SYMLINKS));
	OK(cached("../f", O_RDONLY, 0, RESOLVE_BENEATH));
	OK(cached("d/f", O_RDONLY, 0600, 0));
	OK(cached("d/f", O_RDONLY, 0, 0x40));
	OK(cached("d/f/x", O_RDONLY, 0, 0));
	OK(cached("d/f", O_RDONLY | O_DIRECTORY, 0, 0));
	OK(cached("d/none", O_RDONLY, 0, 0));
	OK(cached("/d/f", O_RDONLY, 0, RESOLVE_BENEATH));
	OK(cached("/proc/self", O_RDONLY, 0, RESOLVE_NO_XDEV));
	OK(cached("", O_RDONLY, 0, 0));
}

static void same_file(void)
{
	int a = MUST(open("d/f", O_RDWR)), b = MUST(dup(a)), c = MUST(open("d/f", O_RDWR));
	int p = MUST(open("d/f", O_PATH)), q = MUST(dup(p));
	int ends[2];

	SECTION("F_DUPFD_QUERY");
	MUST(pipe(ends));
	R(fcntl(a, F_DUPFD_QUERY, a));
	R(fcntl(a, F_DUPFD_QUERY, b));
	R(fcntl(b, F_DUPFD_QUERY, a));
	R(fcntl(a, F_DUPFD_QUERY, c));
	R(fcntl(a, F_DUPFD_QUERY, p));
	R(fcntl(p, F_DUPFD_QUERY, p));
	R(fcntl(p, F_DUPFD_QUERY, q));
	R(fcntl(ends[0], F_DUPFD_QUERY, ends[1]));
	R(fcntl(a, F_DUPFD_QUERY, -1));
	R(fcntl(a, F_DUPFD_QUERY, 900));
	R(fcntl(900, F_DUPFD_QUERY, a));
	R(fcntl(900, F_DUPFD_QUERY, 900));
	R(fcntl(a, F_DUPFD_QUERY, 1L << 32 | b));
}

static void size_of(const char *what, int fd)
{
	int size = -1;
	long r = ioctl(fd, FIGETBSZ, &size);

	say("%s: %s %d\n", what, r ? ename(errno) : "0", size);
}

static void block_size(void)
{
	static const char *const paths[] = { "d/f", "d", "/proc/self/status", "/proc", "/sys/kernel", "/dev/null", "/dev/zero" };
	int ends[2], pair[2];

	SECTION("FIGETBSZ");
	for (unsigned i = 0; i < ARRAY_SIZE(paths); i++)
		size_of(paths[i], MUST(open(paths[i], O_RDONLY)));
	MUST(pipe(ends));
	MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	size_of("a pipe", ends[0]);
	size_of("a socket", pair[0]);
	size_of("epoll", MUST(epoll_create1(0)));
	size_of("eventfd", MUST(eventfd(0, 0)));
	size_of("memfd", MUST(memfd_create("m", 0)));
	size_of("O_PATH", MUST(open("d/f", O_PATH)));
	R(ioctl(MUST(open("d/f", O_RDONLY)), FIGETBSZ, 16));
}

/* Process i of a ring of n holds byte i and waits for the next one's, but for the last, which asks when all others wait. */
static volatile int *tids;

static int lock(int fd, int byte, int cmd)
{
	struct flock l = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = byte, .l_len = 1 };

	return fcntl(fd, cmd, &l);
}

static void ring(int n)
{
	int fd = MUST(open("d/f", O_RDWR)), ready[2], status;
	char c;

	say("a ring of %d\n", n);
	MUST(lock(fd, n - 1, F_SETLK));
	MUST(pipe(ready));
	for (int i = 0; i < n - 1; i++) {
		tids[i] = 0;
		if (!MUST(fork())) {
			MUST(lock(fd, i, F_SETLK));
			MUST(write(ready[1], "x", 1));
			while (!tids[n - 1])
				usleep(1000);
			tids[i] = gettid();
			if (lock(fd, i + 1, F_SETLKW))
				say("who waits: %s\n", ename(errno));
			_exit(0);
		}
		MUST(read(ready[0], &c, 1));
	}
	tids[n - 1] = 1;
	for (int i = 0; i < n - 1; i++)
		until_asleep(&tids[i]);
	R(lock(fd, 0, F_SETLK));
	R(lock(fd, 0, F_SETLKW));
	R(lock(fd, n - 1, F_SETLKW));
	close(fd);
	for (int i = 0; i < n - 1; i++)
		MUST(wait(&status));
	tids[n - 1] = 0;
}

int main(void)
{
	MUST(mkdir("d", 0755));
	close(MUST(open("d/f", O_CREAT | O_RDWR, 0644)));
	MUST(symlink("d/f", "l"));
	tids = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	resolve();
	same_file();
	block_size();
	SECTION("EDEADLK");
	ring(2);
	ring(3);
	ring(9);
	return 0;
}
