/*
 * file.c - open files: reading, writing, offsets, descriptors, sizes.
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
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

static void read_and_write(void)
{
	char buf[32];
	int fd = open("f", O_RDWR | O_CREAT | O_EXCL, 0640);
	struct stat st;

	CHECK(fd >= 0);
	FAILS(EEXIST, open("f", O_RDWR | O_CREAT | O_EXCL, 0640));
	CHECK(write(fd, "hello world", 11) == 11);
	CHECK(lseek(fd, 0, SEEK_SET) == 0);
	CHECK(read(fd, buf, 5) == 5 && !memcmp(buf, "hello", 5));
	CHECK(lseek(fd, 1, SEEK_CUR) == 6 && read(fd, buf, 32) == 5 && !memcmp(buf, "world", 5));
	CHECK(read(fd, buf, 32) == 0);
	CHECK(lseek(fd, -5, SEEK_END) == 6);
	CHECK(pread(fd, buf, 5, 0) == 5 && !memcmp(buf, "hello", 5));
	CHECK(lseek(fd, 0, SEEK_CUR) == 6);
	CHECK(pwrite(fd, "W", 1, 6) == 1 && read(fd, buf, 1) == 1 && buf[0] == 'W');
	CHECK(!fstat(fd, &st) && st.st_size == 11 && (st.st_mode & 07777) == 0640);
	CHECK(S_ISREG(st.st_mode) && st.st_nlink == 1);
	FAILS(EINVAL, lseek(fd, -1, SEEK_SET));
	FAILS(EINVAL, lseek(fd, 0, 99));
	FAILS(EINVAL, pread(fd, buf, 1, -1));
	CHECK(!close(fd));
	FAILS(EBADF, close(fd));
	FAILS(EBADF, read(fd, buf, 1));
	FAILS(EBADF, write(fd, buf, 1));
	FAILS(EBADF, lseek(fd, 0, SEEK_SET));
	FAILS(EBADF, fstat(fd, &st));
	fd = open("f", O_RDONLY);
	FAILS(EBADF, write(fd, "x", 1));
	FAILS(EINVAL, ftruncate(fd, 0));
	close(fd);
	fd = open("f", O_WRONLY);
	FAILS(EBADF, read(fd, buf, 1));
}

static void open_flags(void)
{
	struct stat st;
	int fd;

	make_file("f", "0123456789");
	fd = open("f", O_WRONLY | O_APPEND);
	CHECK(write(fd, "ab", 2) == 2 && lseek(fd, 0, SEEK_SET) == 0 && write(fd, "c", 1) == 1);
	CHECK(!fstat(fd, &st) && st.st_size == 13);
	CHECK((fcntl(fd, F_GETFL) & (O_APPEND | O_ACCMODE)) == (O_APPEND | O_WRONLY));
	close(fd);
	fd = open("f", O_RDONLY | O_TRUNC);
	CHECK(fd >= 0 && !fstat(fd, &st) && st.st_size == 0);
	close(fd);
	FAILS(ENOENT, open("missing", O_RDONLY));
	FAILS(EISDIR, open(".", O_WRONLY));
	FAILS(EISDIR, open(".", O_RDWR | O_CREAT, 0644));
	FAILS(ENOTDIR, open("f", O_RDONLY | O_DIRECTORY));
	FAILS(ENOTDIR, open("f/", O_RDONLY));
	FAILS(EISDIR, open("new/", O_RDWR | O_CREAT, 0644));
	FAILS(ENOENT, open("", O_RDONLY));
	CHECK(!symlink("f", "s"));
	FAILS(ELOOP, open("s", O_RDONLY | O_NOFOLLOW));
	FAILS(EEXIST, open("s", O_RDWR | O_CREAT | O_EXCL, 0644));
	fd = open("f", O_PATH);
	CHECK(fd >= 0);
	FAILS(EBADF, read(fd, &st, 1));
	CHECK(!fstat(fd, &st));
}

static void holes(void)
{
	char buf[100], zero[100] = { 0 };
	int fd = open("f", O_RDWR | O_CREAT, 0644);
	struct stat st;

	CHECK(pwrite(fd, "end", 3, 1000000) == 3);
	CHECK(!fstat(fd, &st) && st.st_size == 1000003);
	CHECK(pread(fd, buf, 100, 500000) == 100 && !memcmp(buf, zero, 100));
	CHECK(pread(fd, buf, 100, 999998) == 5 && !memcmp(buf, "\0\0end", 5));
	/* What truncate cut off is zero when the file grows again. */
	memset(buf, 'x', 100);
	CHECK(pwrite(fd, buf, 100, 0) == 100);
	CHECK(!ftruncate(fd, 50) && !ftruncate(fd, 200));
	CHECK(pread(fd, buf, 100, 50) == 100 && !memcmp(buf, zero, 100));
	CHECK(!truncate("f", 10) && !stat("f", &st) && st.st_size == 10);
	FAILS(EINVAL, ftruncate(fd, -1));
	FAILS(ENOENT, truncate("none", 1));
	FAILS(EISDIR, truncate(".", 1));
}

/* 3 MiB in odd pieces, read back in others. */
static void big_file(void)
{
	static unsigned char buf[10007];
	size_t total = 3 << 20, at = 0;
	int fd = open("f", O_RDWR | O_CREAT, 0644);

	while (at < total) {
		size_t n = total - at < sizeof(buf) ? total - at : sizeof(buf);

		for (size_t i = 0; i < n; i++)
			buf[i] = (unsigned char)((at + i) * 31 >> 4);
		CHECK(write(fd, buf, n) == (ssize_t)n);
		at += n;
	}
	CHECK(!lseek(fd, 0, SEEK_SET));
	for (at = 0; at < total;) {
		ssize_t n = read(fd, buf, 7001);

		CHECK(n > 0);
		for (ssize_t i = 0; i < n; i++, at++)
			if (buf[i] != (unsigned char)(at * 31 >> 4))
				fail("byte %zu is %u", at, buf[i]);
	}
	CHECK(read(fd, buf, 1) == 0);
}

static void duplicates(void)
{
	int a, b, c, fds[2];
	char x;

	make_file("f", "abcdef");
	a = open("f", O_RDONLY);
	b = dup(a);
	c = open("f", O_RDONLY);
	CHECK(b == a + 1 && c == b + 1);
	CHECK(read(a, &x, 1) == 1 && x == 'a');
	CHECK(read(b, &x, 1) == 1 && x == 'b');
	CHECK(read(c, &x, 1) == 1 && x == 'a');
	CHECK(dup2(a, 50) == 50 && read(50, &x, 1) == 1 && x == 'c');
	CHECK(dup2(a, a) == a);
	FAILS(EBADF, dup2(999, 999));
	FAILS(EBADF, dup2(a, -1));
	FAILS(EBADF, dup(-1));
	FAILS(EINVAL, dup3(a, a, 0));
	CHECK(dup3(a, 51, O_CLOEXEC) == 51 && fcntl(51, F_GETFD) == FD_CLOEXEC);
	CHECK(fcntl(a, F_DUPFD, 60) == 60 && fcntl(a, F_DUPFD_CLOEXEC, 60) == 61);
	CHECK(fcntl(61, F_GETFD) == FD_CLOEXEC && !fcntl(61, F_SETFD, 0) && !fcntl(61, F_GETFD));
	FAILS(EINVAL, fcntl(a, F_DUPFD, 1 << 30));
	FAILS(EINVAL, fcntl(a, 12345));
	/* The lowest free number, always. */
	close(a);
	CHECK(open("f", O_RDONLY) == a);
	close(0);
	CHECK(!pipe(fds) && fds[0] == 0);
	CHECK(!close_range(40, 100, 0));
	FAILS(EBADF, fcntl(50, F_GETFD));
	FAILS(EINVAL, close_range(5, 4, 0));
}

static void descriptor_limit(void)
{
	struct rlimit lim = { 64, 64 };
	int n = 0, fd, fds[2];

	CHECK(!setrlimit(RLIMIT_NOFILE, &lim));
	while ((fd = dup(0)) >= 0)
		n = fd;
	CHECK(errno == EMFILE && n == 63);
	FAILS(EMFILE, open("/", O_RDONLY));
	FAILS(EMFILE, pipe(fds));
	FAILS(EBADF, dup2(0, 64));
	close(63);
	FAILS(EMFILE, pipe(fds)); /* one is not enough, and that one is still free */
	CHECK(open("/", O_RDONLY) == 63);
}

static void many_descriptors(void)
{
	struct rlimit lim;
	int high, fd;

	CHECK(!getrlimit(RLIMIT_NOFILE, &lim));
	lim.rlim_cur = lim.rlim_max;
	CHECK(!setrlimit(RLIMIT_NOFILE, &lim));
	for (int i = 0; i < 900; i++)
		CHECK((fd = dup(0)) >= 0);
	high = fcntl(0, F_DUPFD, (int)lim.rlim_max - 1);
	CHECK(high == (int)lim.rlim_max - 1);
	for (int i = 0; i < 3; i++) {
		pid_t pid = spawn();

		if (!pid)
			_exit(fcntl(high, F_GETFD) != 0);
		wait_ok(pid);
	}
}

static void vectors(void)
{
	char a[4] = "", b[8] = "", c[4] = "";
	struct iovec out[3] = { { (char *)"ab", 2 }, { NULL, 0 }, { (char *)"cdef", 4 } };
	struct iovec in[3] = { { a, 1 }, { b, 3 }, { c, 4 } };
	int fd = open("f", O_RDWR | O_CREAT, 0644);

	CHECK(writev(fd, out, 3) == 6 && !lseek(fd, 0, SEEK_SET));
	CHECK(readv(fd, in, 3) == 6 && a[0] == 'a' && !memcmp(b, "bcd", 3) && !memcmp(c, "ef", 2));
	FAILS(EINVAL, readv(fd, in, -1));
	FAILS(EINVAL, readv(fd, in, 1025));
	CHECK(readv(fd, in, 0) == 0);
	out[0].iov_len = out[2].iov_len = SSIZE_MAX;
	FAILS(EFAULT, writev(fd, out, 3));
}

/* Four processes append lines to one file: none is lost or torn. */
static void appending(void)
{
	int count[4] = { 0 };
	pid_t pids[4];
	char line[40];
	FILE *f;

	for (int w = 0; w < 4; w++) {
		pids[w] = spawn();
		if (!pids[w]) {
			int fd = open("log", O_WRONLY | O_APPEND | O_CREAT, 0644);

			for (int i = 0; i < 200; i++) {
				int n = snprintf(line, sizeof(line), "writer %d line %d\n", w, i);

				CHECK(write(fd, line, (size_t)n) == n);
			}
			_exit(0);
		}
	}
	for (int w = 0; w < 4; w++)
		wait_ok(pids[w]);
	f = fopen("log", "r");
	CHECK(f);
	while (fgets(line, sizeof(line), f)) {
		int w = line[7] - '0';

		CHECK(!strncmp(line, "writer ", 7) && w >= 0 && w < 4);
		CHECK(atoi(line + 14) == count[w]++);
	}
	for (int w = 0; w < 4; w++)
		CHECK(count[w] == 200);
}

/* A file without a name lives until its last descriptor and mapping are gone. */
static void unlinked(void)
{
	int fd = open("f", O_RDWR | O_CREAT, 0644);
	struct stat st;
	char buf[4], *p;

	CHECK(write(fd, "abcd", 4) == 4 && !unlink("f"));
	FAILS(ENOENT, open("f", O_RDONLY));
	CHECK(!fstat(fd, &st) && st.st_nlink == 0 && st.st_size == 4);
	CHECK(pread(fd, buf, 4, 0) == 4 && pwrite(fd, "e", 1, 4) == 1);
	p = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);
	CHECK(p != MAP_FAILED);
	/* A new file of that name is another one. */
	make_file("f", "new");
	CHECK(!close(fd));
	CHECK(!memcmp(p, "abcde", 5));
}

static void devices(void)
{
	char buf[64], again[64], zero[64] = { 0 };
	int fd = open("/dev/null", O_RDWR);
	struct stat st;

	CHECK(fd >= 0 && write(fd, buf, 64) == 64 && read(fd, buf, 64) == 0);
	CHECK(!fstat(fd, &st) && S_ISCHR(st.st_mode) && st.st_rdev == 0x103);
	fd = open("/dev/zero", O_RDWR);
	memset(buf, 1, 64);
	CHECK(fd >= 0 && read(fd, buf, 64) == 64 && !memcmp(buf, zero, 64));
	CHECK(write(fd, buf, 64) == 64);
	fd = open("/dev/full", O_RDWR);
	CHECK(fd >= 0 && read(fd, buf, 64) == 64 && !memcmp(buf, zero, 64));
	FAILS(ENOSPC, write(fd, buf, 64));
	fd = open("/dev/urandom", O_RDONLY);
	CHECK(fd >= 0 && read(fd, buf, 64) == 64 && read(fd, again, 64) == 64);
	CHECK(memcmp(buf, again, 64) && memcmp(buf, zero, 64));
}

static void write_too_far(void)
{
	int fd = open("f", O_RDWR | O_CREAT, 0644);

	FAILS(EINVAL, pwrite(fd, "x", 1, -5));
	FAILS(EINVAL, pwrite(fd, "x", 1, LONG_MAX));
}

/* The file size limit: a signal, or EFBIG when that is ignored. */
static void file_size_limit(void)
{
	struct rlimit lim = { 1000, 1000 };
	int fd = open("f", O_RDWR | O_CREAT, 0644);
	static char buf[2000];

	CHECK(!setrlimit(RLIMIT_FSIZE, &lim));
	CHECK(write(fd, buf, 2000) == 1000);
	signal(SIGXFSZ, SIG_IGN);
	FAILS(EFBIG, write(fd, buf, 1));
	FAILS(EFBIG, ftruncate(fd, 2000));
	pid_t pid = spawn();

	if (!pid) {
		signal(SIGXFSZ, SIG_DFL);
		write(fd, buf, 1);
		_exit(0);
	}
	CHECK(WTERMSIG(wait_for(pid)) == SIGXFSZ);
}

const struct test file_tests[] = {
	{ "file", read_and_write, 0 },
	{ "file-flags", open_flags, 0 },
	{ "file-holes", holes, 0 },
	{ "file-big", big_file, 0 },
	{ "file-append", appending, 0 },
	{ "file-unlinked", unlinked, 0 },
	{ "file-too-far", write_too_far, 0 },
	{ "file-limit", file_size_limit, 0 },
	{ "dup", duplicates, 0 },
	{ "fd-limit", descriptor_limit, 0 },
	{ "fd-many", many_descriptors, 0 },
	{ "vectors", vectors, 0 },
	{ "devices", devices, 0 },
	{ NULL, NULL, 0 },
};
