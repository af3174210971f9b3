/* read, write, lseek, pread, pwrite, readv, writev, truncate, fallocate, holes. */
#include "abi.h"
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <limits.h>

static char buf[20000];
static struct stat st;

static void size_is(int fd)
{
	MUST(fstat(fd, &st));
	say("size %ld\n", (long)st.st_size);
}

static void too_big(void)
{
	struct rlimit rl = { 1000, 1000 };
	int fd = MUST(open("limited", O_CREAT | O_RDWR, 0644));

	MUST(setrlimit(RLIMIT_FSIZE, &rl));
	signal(SIGXFSZ, SIG_IGN);
	R(write(fd, buf, 900));
	R(write(fd, buf, 900));
	R(write(fd, buf, 1));
	R(ftruncate(fd, 2000));
	R(ftruncate(fd, 500));
	signal(SIGXFSZ, SIG_DFL);
	lseek(fd, 1000, SEEK_SET);
	write(fd, buf, 1);
	say("not reached\n");
}

int main(void)
{
	int fd = MUST(open("f", O_CREAT | O_RDWR | O_TRUNC, 0644));

	SECTION("lseek");
	R(write(fd, "0123456789", 10));
	R(lseek(fd, 0, SEEK_CUR));
	R(lseek(fd, 4, SEEK_SET));
	R(lseek(fd, 2, SEEK_CUR));
	R(lseek(fd, -3, SEEK_END));
	R(lseek(fd, -100, SEEK_CUR));
	R(lseek(fd, -1, SEEK_SET));
	R(lseek(fd, 0, 99));
	R(lseek(fd, LONG_MAX, SEEK_SET));
	R(lseek(fd, 1, SEEK_CUR));
	R(lseek(fd, LONG_MAX, SEEK_END));
	R(lseek(99, 0, SEEK_SET));
	R(lseek(fd, 100, SEEK_SET));
	R(read(fd, buf, 10));
	SECTION("read");
	lseek(fd, 7, SEEK_SET);
	R(read(fd, buf, 100));
	say("%.3s\n", buf);
	R(read(fd, buf, 100));
	R(read(fd, buf, 0));
	R(read(99, buf, 1));
	R(read(99, buf, 0));
	R(read(fd, buf, -1L));
	lseek(fd, 0, SEEK_SET);
	R(read(fd, buf, 1UL << 63));
	R(read(fd, buf, LONG_MAX));
	SECTION("pread, pwrite");
	R(pread(fd, buf, 3, 5));
	say("%.3s\n", buf);
	R(pread(fd, buf, 3, 9));
	R(pread(fd, buf, 3, 10));
	R(pread(fd, buf, 3, -1));
	R(pread(fd, buf, 3, LONG_MAX));
	R(pwrite(fd, "AB", 2, 3));
	R(pwrite(fd, "AB", 2, -1));
	R(pwrite(fd, "AB", 2, LONG_MAX - 1));
	R(pread(fd, buf, 20, 0));
	say("%.10s\n", buf);
	R(lseek(fd, 0, SEEK_CUR));
	SECTION("vectors");
	struct iovec v[4] = { { "one", 3 }, { "", 0 }, { "three", 5 }, { NULL, 0 } };
	lseek(fd, 0, SEEK_SET);
	R(writev(fd, v, 4));
	R(writev(fd, v, 0));
	R(writev(fd, v, -1));
	R(writev(fd, v, 1025));
	R(writev(fd, (void *)8, 1));
	char a[4] = "", b[10] = "";
	struct iovec r[3] = { { a, 3 }, { NULL, 0 }, { b, 9 } };
	lseek(fd, 0, SEEK_SET);
	R(readv(fd, r, 3));
	say("%s|%s\n", a, b);
	r[2].iov_len = -1L;
	R(readv(fd, r, 3));
	r[0].iov_len = LONG_MAX;
	r[2].iov_len = LONG_MAX;
	R(readv(fd, r, 3));
	R(preadv(fd, (struct iovec[]){ { a, 2 }, { b, 2 } }, 2, 1));
	say("%.2s|%.2s\n", a, b);
	R(pwritev(fd, (struct iovec[]){ { "xy", 2 } }, 1, 1));
	R(preadv(fd, r, 1, -1));
	R(syscall(SYS_preadv2, fd, &(struct iovec){ a, 3 }, 1, -1L, -1L, 0));
	R(syscall(SYS_preadv2, fd, &(struct iovec){ a, 3 }, 1, 0L, 0L, 0x8000));
	SECTION("holes and truncate");
	R(ftruncate(fd, 0));
	R(pwrite(fd, "end", 3, 10000));
	size_is(fd);
	memset(buf, 'x', sizeof(buf));
	R(pread(fd, buf, sizeof(buf), 0));
	int zeros = 0;
	for (int i = 0; i < 10000; i++)
		zeros += buf[i] == 0;
	say("zeros %d, then %.3s\n", zeros, buf + 10000);
	R(ftruncate(fd, 10001));
	R(ftruncate(fd, 10010));
	R(pread(fd, buf, 20, 9999));
	say("%d %c %d %d\n", buf[0], buf[1], buf[2], buf[3]);
	R(ftruncate(fd, -1));
	R(truncate("f", 5));
	size_is(fd);
	R(truncate("none", 5));
	R(truncate(".", 5));
	int ro = MUST(open("f", O_RDONLY));
	R(ftruncate(ro, 0));
	R(write(ro, "x", 1));
	int wo = MUST(open("f", O_WRONLY));
	R(read(wo, buf, 1));
	R(truncate("f", 1L << 40));
	size_is(fd);
	R(pread(fd, buf, 4, (1L << 40) - 2));
	R(truncate("f", 0));
	SECTION("append");
	int ap = MUST(open("f", O_WRONLY | O_APPEND));
	R(write(fd, "abc", 3));
	R(write(ap, "def", 3));
	R(lseek(ap, 0, SEEK_CUR));
	R(pwrite(ap, "ghi", 3, 0));
	R(pread(fd, buf, 20, 0));
	say("%.9s\n", buf);
	SECTION("fallocate");
	OK(fallocate(fd, 0, 0, 5000));
	size_is(fd);
	OK(fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, 9000));
	size_is(fd);
	R(fallocate(fd, 0, -1, 5));
	R(fallocate(fd, 0, 0, 0));
	R(fallocate(ro, 0, 0, 10));
	SECTION("sendfile");
	int out = MUST(open("out", O_CREAT | O_RDWR, 0644));
	off_t off = 2;
	R(sendfile(out, fd, &off, 4));
	say("offset %ld\n", (long)off);
	R(pread(out, buf, 10, 0));
	say("%.4s\n", buf);
	SECTION("sync");
	R(fsync(fd));
	R(fdatasync(fd));
	R(fsync(99));
	int p[2];
	MUST(pipe(p));
	R(fsync(p[0]));
	SECTION("limit");
	in_child("RLIMIT_FSIZE", too_big);
	SECTION("unlinked");
	R(unlink("f"));
	R(pread(fd, buf, 3, 0));
	R(write(fd, "x", 1));
	MUST(fstat(fd, &st));
	say("nlink %ld\n", (long)st.st_nlink);
	return 0;
}
