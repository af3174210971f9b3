/* What is looked at first when several arguments are wrong, and seldom used commands of fcntl, flock and ioctl. */
#include "abi.h"
#include <stdbool.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/sendfile.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/xattr.h>
#include <linux/fs.h>
#ifndef F_GET_RW_HINT
#define F_GET_RW_HINT 1035
#define F_SET_RW_HINT 1036
#endif
#ifndef F_GET_FILE_RW_HINT
#define F_GET_FILE_RW_HINT 1037
#define F_SET_FILE_RW_HINT 1038
#endif
#ifndef F_GETOWNER_UIDS
#define F_GETOWNER_UIDS 17
#endif

enum { NO_FD = 77, BAD_FLAG = 2, MAND = 32 };
static char big[70000];

static void attributes(void)
{
	struct stat st;
	struct timespec bad[2] = { { 5, 1000000000 }, { 5, -1 } };
	char statx_buf[256];

	SECTION("stat");
	R(fstatat(AT_FDCWD, "nope", &st, BAD_FLAG));
	R(fstatat(NO_FD, "file", &st, BAD_FLAG));
	R(fstatat(AT_FDCWD, "file/x", &st, AT_SYMLINK_FOLLOW));
	R(syscall(SYS_statx, AT_FDCWD, "nope", 1, 0, statx_buf));
	R(syscall(SYS_statx, NO_FD, "file", 1, 0, statx_buf));
	SECTION("utimensat");
	R(utimensat(AT_FDCWD, "nope", bad, 0));
	R(utimensat(NO_FD, "file", bad, 0));
	R(utimensat(AT_FDCWD, "nope", bad, 1));
	R(utimensat(AT_FDCWD, "file", bad, 0));
	R(syscall(SYS_utimensat, AT_FDCWD, NULL, bad, 0));
	R(syscall(SYS_utimensat, NO_FD, NULL, bad, 0));
	SECTION("renameat2");
	R(syscall(SYS_renameat2, AT_FDCWD, "", AT_FDCWD, "x", 3));
	R(syscall(SYS_renameat2, AT_FDCWD, (char *)8, AT_FDCWD, "x", 3));
	R(syscall(SYS_renameat2, AT_FDCWD, "", AT_FDCWD, "x", 0));
	R(syscall(SYS_renameat2, AT_FDCWD, (char *)8, AT_FDCWD, "", 0));
}

static void xattrs(void)
{
	SECTION("xattr");
	R(setxattr("nope", "", "x", 1, 4));
	R(setxattr("file", "", "x", 1, 4));
	R(setxattr("file", "", big, 65537, 0));
	R(setxattr("file", "user.a", (void *)8, 65537, 0));
	R(fsetxattr(NO_FD, "user.a", big, 65537, 0));
	R(fsetxattr(NO_FD, "", "x", 1, 0));
	R(getxattr("nope", "", big, 10));
	R(fgetxattr(NO_FD, "", big, 10));
	R(removexattr("nope", ""));
	R(fremovexattr(NO_FD, ""));
	R(fremovexattr(NO_FD, (char *)8));
}

static void bytes(void)
{
	struct iovec none[2] = { { big, 0 }, { big, 0 } };
	int in = MUST(open("file", O_RDONLY)), dir = MUST(open(".", O_RDONLY)), out = MUST(open("out", O_CREAT | O_RDWR, 0600)),
	    p[2], q[2], ro = in;
	off_t at = 5, below = -5;

	MUST(pipe2(p, O_NONBLOCK | O_DIRECT));
	SECTION("sendfile");
	R(sendfile(NO_FD, p[0], &at, 10));
	R(sendfile(NO_FD, in, &below, 10));
	R(sendfile(NO_FD, p[1], &at, 10));
	R(sendfile(NO_FD, in, &at, -1));
	R(sendfile(ro, dir, &at, 0));
	R(sendfile(out, dir, &at, 0));
	R(sendfile(out, dir, &at, 1));
	R(sendfile(out, p[0], NULL, 0));
	MUST(pipe2(q, O_NONBLOCK));
	at = 5;
	R(sendfile(q[1], p[0], NULL, 0));
	R(sendfile(q[1], p[0], NULL, 1));
	R(sendfile(q[1], dir, &at, 1));
	R(sendfile(q[1], in, &at, 0));
	MUST(fcntl(q[1], F_SETFL, O_NONBLOCK | O_APPEND));
	R(sendfile(q[1], in, &at, 2));
	at = 0x7fffffffffffffff;
	R(sendfile(q[1], in, &at, 0));
	R(sendfile(q[1], in, &at, 3));
	R(sendfile(out, in, &at, 3));
	at = 5;
	close(q[0]);
	signal(SIGPIPE, SIG_IGN);
	R(sendfile(q[1], dir, &at, 1));
	R(sendfile(q[1], in, &at, 0));
	R(sendfile(q[1], p[0], NULL, 0));
	R(splice(dir, NULL, q[1], NULL, 1, 0));
	R(splice(in, NULL, q[1], NULL, 1, 0));
	close(q[1]);
	SECTION("nothing to move");
	R(preadv(dir, none, 2, 0));
	R(readv(dir, none, 2));
	R(preadv(dir, none, 2, -1));
	R(preadv(out, none, 1, 0));
	R(preadv2(out, none, 1, 0, 0x4000));
	R(pwritev2(out, none, 1, 0, 0x4000));
	R(pwritev2(out, none, 1, -5, 0));
	R(readv(p[0], none, 2));
	R(read(dir, big, 0));
	R(readv(p[1], none, 1));
	SECTION("readahead");
	R(readahead(in, -5, 5000));
	R(readahead(in, 0, -1));
	R(readahead(in, 1L << 40, 5000));
	SECTION("ends of a pipe");
	say("%x %x\n", fcntl(p[0], F_GETFL), fcntl(p[1], F_GETFL));
	close(in);
	close(dir);
	close(out);
	close(p[0]);
	close(p[1]);
}

static void as_other(int fd)
{
	uint64_t hint = 2;
	pid_t pid = MUST(fork());

	if (!pid) {
		MUST(setresuid(1000, 1001, 1000));
		R(fcntl(fd, F_SET_RW_HINT, &hint));
		R(fcntl(fd, F_GET_RW_HINT, &hint));
		R(fcntl(fd, F_SETOWN, getpid()));
		_exit(0);
	}
	MUST(waitpid(pid, NULL, 0));
}

static void hints(void)
{
	int fd = MUST(open("file", O_RDWR)), again = MUST(open("file", O_RDONLY)), path = MUST(open("file", O_PATH));
	uint64_t hint = 99;
	uint32_t uids[2] = { 7, 7 };

	SECTION("F_GET_RW_HINT");
	R(fcntl(fd, F_GET_RW_HINT, &hint));
	say("%lu\n", (long)hint);
	for (hint = 0; hint < 7; hint++)
		R(fcntl(fd, F_SET_RW_HINT, &hint));
	hint = 1UL << 32;
	R(fcntl(fd, F_SET_RW_HINT, &hint));
	R(fcntl(fd, F_SET_RW_HINT, NULL));
	R(fcntl(fd, F_GET_RW_HINT, NULL));
	R(fcntl(again, F_GET_RW_HINT, &hint));
	say("%lu\n", (long)hint);
	R(fcntl(path, F_GET_RW_HINT, &hint));
	R(fcntl(fd, F_GET_FILE_RW_HINT, &hint));
	R(fcntl(fd, F_SET_FILE_RW_HINT, &hint));
	R(fcntl(fd, F_GETOWNER_UIDS, uids));
	say("%u %u\n", uids[0], uids[1]);
	as_other(fd);
	R(fcntl(fd, F_GETOWNER_UIDS, uids));
	say("%u %u\n", uids[0], uids[1]);
	R(fcntl(fd, F_GETOWNER_UIDS, NULL));
	R(fcntl(fd, 1029, NULL));
	close(path);
	close(again);
	close(fd);
}

static void own_lock(int fd, int cmd, long start, long len)
{
	struct flock l = { .l_type = F_UNLCK, .l_whence = SEEK_SET, .l_start = start, .l_len = len };

	R(fcntl(fd, cmd, &l));
	say("%d %d %ld %ld %d\n", l.l_type, l.l_whence, (long)l.l_start, (long)l.l_len, l.l_pid);
}

static void locks(void)
{
	int fd = MUST(open("file", O_RDWR)), other = MUST(open("file", O_RDWR));
	struct flock l = { .l_type = F_WRLCK, .l_start = 10, .l_len = 10 };

	SECTION("F_OFD_GETLK of F_UNLCK");
	MUST(fcntl(fd, F_OFD_SETLK, &l));
	l = (struct flock){ .l_type = F_RDLCK, .l_start = 40 };
	MUST(fcntl(fd, F_OFD_SETLK, &l));
	own_lock(fd, F_OFD_GETLK, 0, 0);
	own_lock(fd, F_OFD_GETLK, 0, 10);
	own_lock(fd, F_OFD_GETLK, 15, 1);
	own_lock(fd, F_OFD_GETLK, 20, 20);
	own_lock(fd, F_OFD_GETLK, 30, 30);
	own_lock(other, F_OFD_GETLK, 0, 0);
	own_lock(fd, F_GETLK, 0, 0);
	l = (struct flock){ .l_type = 3, .l_whence = SEEK_CUR, .l_start = 0x7fffffffffffffff, .l_len = 0x7fffffffffffffff };
	R(fcntl(fd, F_OFD_GETLK, &l));
	R(fcntl(fd, F_GETLK, &l));
	SECTION("flock");
	R(flock(fd, MAND | LOCK_SH));
	R(flock(NO_FD, MAND));
	R(flock(fd, 64 | LOCK_SH));
	R(flock(NO_FD, 64 | LOCK_SH));
	close(other);
	close(fd);
}

static void sizes(void)
{
	static const char *const names[] = { "file", ".", "fifo", "/dev/null", "/proc/self/stat", "/sys", "/proc" };
	int size, p[2];

	SECTION("FIGETBSZ");
	for (unsigned i = 0; i < ARRAY_SIZE(names); i++) {
		int fd = open(names[i], O_RDONLY | O_NONBLOCK);

		size = -1;
		R(ioctl(fd, FIGETBSZ, &size));
		say("%s %d\n", names[i], size);
		if (i < 3) {
			long taken = -1;

			R(ioctl(fd, FIOQSIZE, &taken));
			say("%ld\n", taken);
		}
		close(fd);
	}
	MUST(pipe(p));
	R(ioctl(p[0], FIGETBSZ, &size));
	R(ioctl(p[0], FIGETBSZ, NULL));
	say("%d\n", size);
}

static void nowait(const char *what, int fd, bool writing)
{
	struct iovec one = { big, 8 };

	memset(big, 0, 8);
	big[0] = 1;
	if (writing)
		R(pwritev2(fd, &one, 1, -1, RWF_NOWAIT));
	else
		R(preadv2(fd, &one, 1, -1, RWF_NOWAIT));
	say("%s %d\n", what, writing);
}

/* Who can say "not now"; the state of O_NONBLOCK does not matter. */
static void not_now(void)
{
	static const char *const names[] = { "file", ".", "/dev/null", "/dev/zero", "/dev/full", "/dev/urandom", "/proc/self/stat" };
	static const char *const kinds[] = { "pipe", "fifo", "socket", "eventfd", "timerfd", "signalfd", "inotify" };
	sigset_t none;
	int fds[7], ends[2][2], p[2];

	SECTION("RWF_NOWAIT");
	for (unsigned i = 0; i < ARRAY_SIZE(names); i++) {
		for (int flags = 0; flags <= O_NONBLOCK; flags += O_NONBLOCK) {
			int fd = MUST(open(names[i], (i == 1 || i == 6 ? O_RDONLY : O_RDWR) | flags));

			nowait(names[i], fd, false);
			nowait(names[i], fd, true);
			close(fd);
		}
	}
	sigemptyset(&none);
	MUST(pipe(ends[0]));
	MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, ends[1]));
	fds[0] = ends[0][0];
	fds[1] = MUST(open("fifo", O_RDWR));
	fds[2] = ends[1][0];
	fds[3] = MUST(eventfd(0, 0));
	fds[4] = MUST(timerfd_create(CLOCK_MONOTONIC, 0));
	fds[5] = MUST(signalfd(-1, &none, 0));
	fds[6] = MUST(inotify_init());
	for (unsigned i = 0; i < ARRAY_SIZE(kinds); i++) {
		nowait(kinds[i], fds[i], false);
		nowait(kinds[i], fds[i], true);
	}
	nowait("pipe", ends[0][1], true);
	nowait("pipe", fds[0], false);
	MUST(pipe(p));
	MUST(fcntl(p[1], F_SETPIPE_SZ, 4096));
	write(p[1], big, 4096);
	nowait("full pipe", p[1], true);
}

static void nodes(void)
{
	static const unsigned types[] = { S_IFREG, S_IFIFO, S_IFSOCK, S_IFCHR, S_IFBLK };
	struct stat st;

	SECTION("mknod");
	for (unsigned i = 0; i < ARRAY_SIZE(types); i++) {
		R(mknod("node", types[i] | 0600, 0x103));
		MUST(stat("node", &st));
		say("%o %lx\n", st.st_mode, (long)st.st_rdev);
		unlink("node");
	}
}

int main(void)
{
	put_file("file", "0123456789", 10, 0644);
	MUST(mkfifo("fifo", 0600));
	attributes();
	xattrs();
	bytes();
	hints();
	locks();
	sizes();
	nodes();
	not_now();
	return 0;
}
