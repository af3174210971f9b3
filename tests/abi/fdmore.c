/* Descriptors and open flags: O_PATH, limits, fcntl's corners, close_range, odd vectors. */
#include "abi.h"
#include <sys/resource.h>
#include <dirent.h>
#include <linux/close_range.h>
#include <sys/ioctl.h>
static void xfsz(int s)
{
	(void)s;
	say("SIGXFSZ\n");
}
static void fsize(void)
{
	struct rlimit r = { 10000, 20000 };
	setrlimit(RLIMIT_FSIZE, &r);
	signal(SIGXFSZ, xfsz);
	int fd = open("lim", O_CREAT | O_RDWR | O_TRUNC, 0644);
	static char b[30000];
	struct stat st;
	R(write(fd, b, 9999));
	R(write(fd, b, 100));
	R(write(fd, b, 1));
	R(pwrite(fd, b, 10, 10000));
	R(pwrite(fd, b, 10, 9995));
	R(ftruncate(fd, 10001));
	R(ftruncate(fd, 10000));
	R(truncate("lim", 30000));
	R(fallocate(fd, 0, 0, 12000));
	R(fallocate(fd, 1, 0, 12000));
	R(write(fd, b, 0));
	R(lseek(fd, 20000, SEEK_SET));
	R(write(fd, b, 0));
	fstat(fd, &st);
	say("size %ld\n", (long)st.st_size);
	signal(SIGXFSZ, SIG_DFL);
	R(pwrite(fd, b, 10, 10000));
}
static void nofile(void)
{
	struct rlimit r = { 10, 10 };
	setrlimit(RLIMIT_NOFILE, &r);
	int n = 0;
	while (open("/dev/null", O_RDONLY) >= 0)
		n++;
	say("opened %d: %s\n", n, ename(errno));
	int p[2];
	R(pipe(p));
	R(dup(0));
	R(dup2(0, 10));
	R(dup2(0, 9));
	R(dup3(0, 50, 0));
	R(fcntl(0, F_DUPFD, 10));
	R(fcntl(0, F_DUPFD, 9));
	R(fcntl(0, F_DUPFD, -1));
	close(5);
	close(6);
	R(pipe(p));
	say("%d %d\n", p[0], p[1]);
	close(5);
	R(open("created", O_CREAT | O_RDWR, 0644));
	R(open("created2", O_CREAT | O_RDWR, 0644));
	R(access("created2", F_OK));
}
int main(void)
{
	char b[9000];
	struct stat st;
	struct iovec v[3];
	put_file("f", "0123456789", 10, 0644);
	mkdir("d", 0755);
	SECTION("O_PATH");
	int op = MUST(open("f", O_PATH | O_RDWR | O_CLOEXEC));
	say("fl %o fd %d\n", fcntl(op, F_GETFL), fcntl(op, F_GETFD));
	R(read(op, b, 1));
	R(write(op, b, 1));
	R(lseek(op, 0, 0));
	R(ftruncate(op, 0));
	R(fstat(op, &st));
	R(fchmod(op, 0));
	R(mmap(0, 4096, PROT_READ, MAP_PRIVATE, op, 0) == MAP_FAILED ? -1 : 0);
	R(ioctl(op, FIONREAD, b));
	R(fcntl(op, F_SETFL, O_APPEND));
	R(fcntl(op, F_GETLK, b));
	R(fsync(op));
	R(fcntl(op, F_DUPFD, 20));
	R(fcntl(op, F_GETFD));
	R(fcntl(op, F_SETFD, 0));
	R(fcntl(op, F_GETFD));
	R(close(op));
	R(close(op));
	op = MUST(open("d", O_PATH | O_DIRECTORY));
	say("fl %o\n", fcntl(op, F_GETFL));
	R(openat(op, "../f", O_RDONLY) >= 0 ? 0 : -1);
	R(syscall(SYS_getdents64, op, b, 9000));
	R(fchdir(op));
	R(chdir(".."));
	R(open("f", O_PATH | O_DIRECTORY));
	R(open("nope", O_PATH | O_CREAT, 0644));
	R(open("f", O_PATH | O_TRUNC) >= 0 ? 0 : -1);
	stat("f", &st);
	say("%ld\n", (long)st.st_size);
	SECTION("open flags");
	static const int fl[] = { O_RDONLY,
				  O_WRONLY,
				  O_RDWR,
				  O_RDWR | O_APPEND,
				  O_RDWR | O_NONBLOCK,
				  O_RDWR | O_SYNC,
				  O_RDWR | O_DSYNC,
				  O_RDWR | O_NOATIME,
				  O_RDWR | O_NOFOLLOW,
				  O_RDWR | O_NOCTTY,
				  O_RDWR | O_TRUNC,
				  O_RDWR | O_CREAT,
				  O_RDONLY | O_LARGEFILE,
				  3,
				  O_RDWR | 0x40000000,
				  O_RDONLY | O_DIRECTORY,
				  O_RDWR | O_ASYNC,
				  O_RDWR | 04000000 };
	for (unsigned i = 0; i < sizeof fl / sizeof *fl; i++) {
		int fd = open("f", fl[i], 0644);
		if (fd < 0)
			say("%o: %s\n", fl[i], ename(errno));
		else
			say("%o: %o rd %ld wr %ld\n", fl[i], fcntl(fd, F_GETFL),
			    (long)read(fd, b, 0), (long)write(fd, b, 0));
		close(fd);
	}
	put_file("f", "0123456789", 10, 0644);
	int fd = MUST(open("f", O_RDWR));
	R(fcntl(fd, F_SETFL, O_APPEND | O_NONBLOCK | O_RDONLY | O_CREAT | O_SYNC));
	say("%o\n", fcntl(fd, F_GETFL));
	R(fcntl(fd, F_SETFL, 0));
	say("%o\n", fcntl(fd, F_GETFL));
	R(fcntl(fd, F_SETFL, O_ASYNC));
	say("%o\n", fcntl(fd, F_GETFL));
	R(fcntl(fd, 9999, 0));
	R(fcntl(99, F_GETFL));
	R(fcntl(99, 9999));
	int n3 = open("f", 3);
	R(read(n3, b, 1));
	R(write(n3, b, 1));
	R(fstat(n3, &st));
	close(n3);
	R(open("d", O_RDONLY | O_CREAT | O_DIRECTORY, 0644));
	R(open(".", O_TMPFILE | O_RDONLY, 0600));
	R(open("f", O_TMPFILE | O_RDWR, 0600));
	R(open("f/", O_RDONLY));
	R(open("f/", O_CREAT | O_RDWR, 0644));
	R(open("d/", O_CREAT | O_RDWR, 0644));
	R(open("new/", O_CREAT | O_RDWR, 0644));
	R(open("d", O_WRONLY));
	R(open("d", O_RDONLY | O_TRUNC));
	R(open("d/.", O_RDWR | O_CREAT, 0644));
	R(open("d", O_CREAT | O_EXCL, 0644));
	R(open("f", O_CREAT | O_EXCL, 0644));
	SECTION("owner and signal");
	R(fcntl(fd, F_GETOWN));
	R(fcntl(fd, F_SETOWN, getpid()));
	R(fcntl(fd, F_GETOWN) == getpid());
	R(fcntl(fd, F_SETOWN, -getpgrp()));
	R(fcntl(fd, F_SETOWN, 999999));
	R(fcntl(fd, F_SETOWN, -999999));
	R(fcntl(fd, F_SETOWN, 0x80000000));
	R(fcntl(fd, F_SETOWN, 0));
	R(fcntl(fd, F_GETOWN));
	struct f_owner_ex oe = { F_OWNER_TID, getpid() };
	R(fcntl(fd, F_SETOWN_EX, &oe));
	oe.pid = 0;
	R(fcntl(fd, F_GETOWN_EX, &oe));
	say("%d %d\n", oe.type, oe.pid == getpid());
	oe.type = 7;
	R(fcntl(fd, F_SETOWN_EX, &oe));
	oe.type = 2;
	oe.pid = 999999;
	R(fcntl(fd, F_SETOWN_EX, &oe));
	R(fcntl(fd, F_SETOWN_EX, (void *)8));
	R(fcntl(fd, F_GETSIG));
	R(fcntl(fd, F_SETSIG, 34));
	R(fcntl(fd, F_GETSIG));
	R(fcntl(fd, F_SETSIG, 65));
	R(fcntl(fd, F_SETSIG, -1));
	R(fcntl(fd, F_GETLEASE));
	R(fcntl(fd, F_SETLEASE, F_UNLCK));
	SECTION("pipes");
	int p[2];
	MUST(pipe(p));
	say("%o %o\n", fcntl(p[0], F_GETFL), fcntl(p[1], F_GETFL));
	R(fcntl(p[0], F_GETPIPE_SZ));
	R(fcntl(p[0], F_SETPIPE_SZ, 5000));
	R(fcntl(p[1], F_GETPIPE_SZ));
	R(fcntl(p[0], F_SETPIPE_SZ, 0));
	R(fcntl(fd, F_GETPIPE_SZ));
	R(fcntl(p[0], F_SETPIPE_SZ, -1));
	R(fcntl(p[0], F_SETFL, O_DIRECT));
	say("%o\n", fcntl(p[0], F_GETFL));
	R(fstat(p[0], &st));
	say("%o %ld %ld %d\n", st.st_mode, (long)st.st_size, (long)st.st_nlink, (int)st.st_blksize);
	R(syscall(SYS_pipe2, p, 1));
	R(pread(p[0], b, 1, 0));
	R(pwrite(p[1], b, 1, 0));
	R(write(p[0], b, 1));
	R(read(p[1], b, 1));
	R(ftruncate(p[1], 0));
	R(fallocate(p[1], 0, 0, 1));
	R(mmap(0, 4096, PROT_READ, MAP_PRIVATE, p[0], 0) == MAP_FAILED ? -1 : 0);
	R(syscall(SYS_getdents64, p[0], b, 100));
	R(fchmod(p[0], 0600));
	R(fchown(p[0], 0, 0));
	SECTION("close_range");
	for (int i = 100; i < 110; i++)
		dup2(fd, i);
	R(close_range(105, 103, 0));
	R(close_range(100, 110, 8));
	R(close_range(100, 103, CLOSE_RANGE_CLOEXEC));
	say("%d %d\n", fcntl(103, F_GETFD), fcntl(104, F_GETFD));
	R(close_range(102, 105, 0));
	R(fcntl(102, F_GETFD));
	R(fcntl(106, F_GETFD));
	R(close_range(100, ~0U, CLOSE_RANGE_UNSHARE));
	R(fcntl(109, F_GETFD));
	R(close_range(5000, 6000, 0));
	SECTION("dup");
	R(dup3(fd, fd, 0));
	R(dup3(fd, 60, O_APPEND));
	R(dup3(fd, 60, O_CLOEXEC));
	R(fcntl(60, F_GETFD));
	R(dup2(fd, fd));
	R(dup2(99, 99));
	R(dup2(99, 60));
	R(fcntl(60, F_GETFD));
	R(dup2(fd, -1));
	R(fcntl(fd, F_DUPFD_CLOEXEC, 200));
	R(fcntl(200, F_GETFD));
	R(fcntl(fd, 1027, 200));
	R(fcntl(fd, 1027, 0));
	R(fcntl(fd, 1027, 99));
	R(dup(-1));
	R(close(-1));
	R(close(99));
	SECTION("vectors");
	v[0] = (struct iovec){ b, 3 };
	v[1] = (struct iovec){ b + 10, 0 };
	v[2] = (struct iovec){ b + 20, 4 };
	lseek(fd, 0, 0);
	R(readv(fd, v, 3));
	R(lseek(fd, 0, 1));
	R(writev(fd, v, 0));
	R(readv(fd, v, -1));
	R(readv(fd, v, 1025));
	R(readv(fd, NULL, 1));
	R(readv(fd, NULL, 0));
	v[1].iov_len = -1;
	R(readv(fd, v, 3));
	v[1].iov_len = 0x7fffffffffffffffL;
	R(readv(fd, v, 3));
	v[1] = (struct iovec){ (void *)8, 5 };
	lseek(fd, 0, 0);
	R(readv(fd, v, 3));
	v[0].iov_base = (void *)8;
	R(readv(fd, v, 3));
	R(preadv(fd, v, 3, -1));
	R(preadv(99, v, 3, -1));
	R(pread(99, b, 1, -1));
	R(pread(fd, b, 1, -1));
	R(pread(fd, b, 10, 0x7fffffffffffffffL));
	R(pwrite(fd, b, 10, 0x7fffffffffffffffL));
	R(pwrite(fd, b, 1, 0x7ffffffffffffffeL));
	R(read(fd, b, -1));
	R(read(fd, NULL, 0));
	R(read(fd, (void *)8, 0));
	R(write(fd, (void *)-1, 0));
	R(read(op, b, -1));
	int ro = open("f", O_RDONLY);
	R(write(ro, (void *)8, 1));
	R(write(ro, b, 0));
	int wo = open("f", O_WRONLY);
	R(read(wo, b, 0));
	int dd = open("d", O_RDONLY);
	R(read(dd, b, 1));
	R(read(dd, b, 0));
	R(read(dd, (void *)8, 1));
	R(write(dd, b, 1));
	R(pread(dd, b, 1, 0));
	R(mmap(0, 4096, PROT_READ, MAP_PRIVATE, dd, 0) == MAP_FAILED ? -1 : 0);
	SECTION("getdents");
	R(syscall(SYS_getdents64, dd, b, 10));
	R(syscall(SYS_getdents64, dd, b, 24));
	R(syscall(SYS_getdents64, dd, b, 24));
	R(syscall(SYS_getdents64, dd, b, 24));
	R(syscall(SYS_getdents64, dd, b, 1));
	R(lseek(dd, 0, 0));
	R(syscall(SYS_getdents64, dd, (void *)8, 1000));
	R(syscall(SYS_getdents64, dd, b, 1000));
	R(syscall(SYS_getdents64, dd, b, 0));
	R(syscall(SYS_getdents64, fd, b, 1000));
	R(syscall(SYS_getdents64, 99, b, 1000));
	rmdir("d");
	lseek(dd, 0, 0);
	R(syscall(SYS_getdents64, dd, b, 1000));
	R(openat(dd, "x", O_CREAT | O_RDWR, 0644));
	R(fstat(dd, &st));
	say("%ld\n", (long)st.st_nlink);
	R(mkdirat(dd, "y", 0755));
	R(fstatat(dd, "..", &st, 0));
	R(fstatat(dd, ".", &st, 0));
	in_child("fsize", fsize);
	in_child("nofile", nofile);
	return 0;
}
