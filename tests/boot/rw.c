/*
 * A root that is written: what only a program can do, in steps that test_tarfs_rw.py calls one by one. Prints what
 * it saw where that is not what it should be, and "ok" at the end.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

#define CHECK(x)                                                                    \
	do {                                                                        \
		if (!(x))                                                           \
			printf("line %d: %s: %s\n", __LINE__, #x, strerror(errno)); \
	} while (0)

static char buf[65536];

static void fill(int fd, int seed, size_t n)
{
	for (size_t at = 0; at < n; at += sizeof(buf)) {
		for (size_t i = 0; i < sizeof(buf); i += 4)
			*(unsigned *)(buf + i) = (unsigned)(seed * 7919 + (at + i) / 4);
		CHECK(write(fd, buf, n - at < sizeof(buf) ? n - at : sizeof(buf)) > 0);
	}
}

static int same(int fd, int seed, size_t n)
{
	for (size_t at = 0; at < n; at += sizeof(buf)) {
		size_t part = n - at < sizeof(buf) ? n - at : sizeof(buf);

		if (pread(fd, buf, part, (off_t)at) != (ssize_t)part)
			return 0;
		for (size_t i = 0; i + 4 <= part; i += 4)
			if (*(unsigned *)(buf + i) != (unsigned)(seed * 7919 + (at + i) / 4))
				return 0;
	}
	return 1;
}

static void drop(void)
{
	int fd = open("/proc/sys/vm/drop_caches", O_WRONLY);

	CHECK(write(fd, "3", 1) == 1);
	close(fd);
}

/* All that the disk must have after a power cut, and some that it need not. */
static void kept(void)
{
	struct stat st;
	int fd, dir;
	char *map;

	CHECK(!mkdir("/w", 0755));
	fd = open("/w/synced", O_RDWR | O_CREAT, 0640);
	fill(fd, 1, 300000);
	CHECK(!fsync(fd));
	/* In place, through a mapping. */
	map = mmap(NULL, 300000, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	memset(map + 100000, 'm', 5000);
	CHECK(!msync(map, 300000, MS_SYNC));
	close(fd);
	/* A file that came to be without a name. */
	fd = open("/w", O_RDWR | O_TMPFILE, 0600);
	fill(fd, 2, 70000);
	sync();
	drop();
	CHECK(same(fd, 2, 70000));
	snprintf(buf, sizeof(buf), "/proc/self/fd/%d", fd);
	CHECK(!linkat(AT_FDCWD, strdup(buf), AT_FDCWD, "/w/named", AT_SYMLINK_FOLLOW));
	CHECK(!fsync(fd));
	close(fd);
	/* A new file over an old one: either's contents, whole. */
	fd = open("/w/over", O_RDWR | O_CREAT, 0600);
	fill(fd, 3, 10000);
	CHECK(!fsync(fd));
	close(fd);
	fd = open("/w/over.new", O_RDWR | O_CREAT, 0600);
	fill(fd, 4, 20000);
	close(fd);
	CHECK(!rename("/w/over.new", "/w/over"));
	CHECK(!setxattr("/w/synced", "user.word", "value\0x", 7, 0));
	CHECK(!symlink("synced", "/w/link"));
	CHECK(!link("/w/synced", "/w/second"));
	CHECK(!mknod("/w/null", S_IFCHR | 0666, 0x103));
	CHECK(!mkfifo("/w/fifo", 0600));
	fd = open("/w/holes", O_RDWR | O_CREAT | O_DSYNC, 0600);
	CHECK(pwrite(fd, "end", 3, 40000) == 3);
	CHECK(!ftruncate(fd, 123457));
	CHECK(!fsync(fd));
	close(fd);
	dir = open("/w", O_RDONLY | O_DIRECTORY);
	CHECK(!fsync(dir));
	CHECK(!stat("/w/synced", &st) && st.st_nlink == 2);
	puts("ok");
	fflush(stdout);
	fd = open("/proc/sysrq-trigger", O_WRONLY);
	CHECK(write(fd, "o", 1) == 1); /* off, at once */
	sleep(100);
}

static void check(void)
{
	struct stat st;
	int fd = open("/w/synced", O_RDONLY);

	CHECK(fd >= 0 && pread(fd, buf, 5000, 100000) == 5000 && buf[0] == 'm' && buf[4999] == 'm');
	CHECK(!fstat(fd, &st) && st.st_size == 300000 && st.st_nlink == 2 &&
	      (st.st_mode & 0777) == 0640);
	CHECK(same(fd, 1, 100000));
	close(fd);
	fd = open("/w/named", O_RDONLY);
	CHECK(same(fd, 2, 70000));
	close(fd);
	fd = open("/w/over", O_RDONLY);
	CHECK(same(fd, 4, 20000));
	close(fd);
	CHECK(getxattr("/w/second", "user.word", buf, 100) == 7 && !memcmp(buf, "value\0x", 7));
	CHECK(readlink("/w/link", buf, 100) == 6);
	CHECK(!stat("/w/null", &st) && S_ISCHR(st.st_mode) && st.st_rdev == 0x103);
	CHECK(!stat("/w/fifo", &st) && S_ISFIFO(st.st_mode));
	fd = open("/w/holes", O_RDONLY);
	CHECK(!fstat(fd, &st) && st.st_size == 123457);
	CHECK(read(fd, buf, 40003) == 40003 && !buf[0] && !buf[39999] &&
	      !memcmp(buf + 40000, "end", 3));
	CHECK(pread(fd, buf, 1, 123456) == 1 && !buf[0]);
	close(fd);
	puts("ok");
}

/* A file that loses its name while it is open keeps its data, whatever is made of its room. */
static void nameless(void)
{
	int fd = open("/gone", O_RDWR | O_CREAT, 0600), other;

	fill(fd, 5, 3000000);
	CHECK(!fsync(fd));
	CHECK(!unlink("/gone"));
	for (int i = 0; i < 20; i++) {
		snprintf(buf, sizeof(buf), "/new%d", i);
		other = open(buf, O_RDWR | O_CREAT, 0600);
		fill(other, 6 + i, 100000);
		CHECK(!fsync(other));
		close(other);
	}
	sync();
	drop();
	drop();
	CHECK(same(fd, 5, 3000000));
	close(fd);
	for (int i = 0; i < 20; i++) {
		snprintf(buf, sizeof(buf), "/new%d", i);
		other = open(buf, O_RDWR);
		CHECK(same(other, 6 + i, 100000));
		close(other);
		snprintf(buf, sizeof(buf), "/new%d", i);
		CHECK(!unlink(buf));
	}
	puts("ok");
}

/* Until the disk is full, then with what was removed; nothing that was accepted is lost. */
static void full(void)
{
	struct statvfs before, after;
	int fd, n = 0, partly = 0;
	ssize_t got;

	CHECK(!statvfs("/", &before));
	for (;; n++) {
		snprintf(buf, sizeof(buf), "/full%d", n);
		fd = open(buf, O_RDWR | O_CREAT, 0600);
		if (fd < 0)
			break;
		for (size_t i = 0; i < sizeof(buf); i += 4)
			*(unsigned *)(buf + i) = (unsigned)(n * 7919 + i / 4);
		got = write(fd, buf, sizeof(buf));
		if (got == sizeof(buf)) {
			close(fd);
			continue;
		}
		/* The last of it in pages: a large write has taken all that there was, but for these. */
		CHECK(got >= 0 || errno == ENOSPC);
		partly += got > 0;
		while (got > 0)
			got = write(fd, buf, sizeof(buf));
		CHECK(got == -1 && errno == ENOSPC);
		close(fd);
		break;
	}
	CHECK(n > 20 && partly);
	sync();
	drop();
	for (int i = 0; i < n; i++) {
		snprintf(buf, sizeof(buf), "/full%d", i);
		fd = open(buf, O_RDONLY);
		CHECK(same(fd, i, sizeof(buf)));
		close(fd);
	}
	for (int i = 0; i <= n; i++) {
		snprintf(buf, sizeof(buf), "/full%d", i);
		unlink(buf);
	}
	sync();
	CHECK(!statvfs("/", &after));
	CHECK(after.f_bfree + 64 > before.f_bfree);
	fd = open("/again", O_RDWR | O_CREAT, 0600);
	fill(fd, 9, 1000000);
	CHECK(!fsync(fd));
	puts("ok");
}

/* A disk that fails: the call says so, and then nothing is written any more. */
static void broken(void)
{
	int fd = open("/f", O_RDWR | O_CREAT, 0600);

	fill(fd, 1, 100000);
	CHECK(fsync(fd) == -1 && errno == EIO);
	CHECK(open("/g", O_RDWR | O_CREAT, 0600) == -1 && errno == EROFS);
	CHECK(same(fd, 1, 100000));
	puts("ok");
}

static const char *const timed[] = { "/t", "/t/dir", "/t/file", "/t/link", "/t/fifo", "/t/fixed" };

#define TIMED (sizeof(timed) / sizeof(*timed))

static const size_t sparse_size = 60 << 20, sparse_step = 1 << 20;

/* One page in each MiB. */
static void look_at_pages(int fd)
{
	for (size_t at = 0; at < sparse_size; at += sparse_step) {
		char c = 0;

		CHECK(pread(fd, &c, 1, (off_t)at) == 1 && c == (char)(1 + at / sparse_step));
	}
}

/* Reading holes by a mapping asks for no room, only what is written does: 60 MiB on a disk with 20. */
static void holes(void)
{
	long sum = 0;
	int fd;
	char *map;

	CHECK(!mkdir("/s", 0755));
	fd = open("/s/holes", O_RDWR | O_CREAT | O_EXCL, 0644);
	CHECK(fd >= 0 && !ftruncate(fd, (off_t)sparse_size));
	map = mmap(NULL, sparse_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	CHECK(map != MAP_FAILED);
	for (size_t at = 0; at < sparse_size; at += 4096)
		sum += map[at];
	CHECK(!sum);
	for (size_t at = 0; at < sparse_size; at += sparse_step)
		map[at] = (char)(1 + at / sparse_step);
	CHECK(!fsync(fd));
	look_at_pages(fd);
	puts("ok");
}

static void holes_kept(void)
{
	int fd = open("/s/holes", O_RDONLY);
	struct stat st;

	look_at_pages(fd);
	CHECK(!fstat(fd, &st));
	if (st.st_blocks >= (long)(sparse_size / 512 / 4)) /* pieces are rounded */
		printf("%ld blocks\n", (long)st.st_blocks);
	puts("ok");
}

static int flags_of(const char *path)
{
	int flags = -1, fd = open(path, O_RDONLY);

	CHECK(!ioctl(fd, FS_IOC_GETFLAGS, &flags));
	close(fd);
	return flags;
}

static void set_flags(const char *path, int flags)
{
	int fd = open(path, O_RDONLY);

	CHECK(!ioctl(fd, FS_IOC_SETFLAGS, &flags));
	close(fd);
}

/* Flags of files, and times that no call sets: of reading, and of what is written to a fifo. */
static void attributes(void)
{
	struct timespec old[2] = { { 1000000000, 5 }, { 1000000001, 6 } };
	struct stat st[TIMED];
	int fd;

	CHECK(!mkdir("/t", 0755) && !mkdir("/t/dir", 0755) && !symlink("file", "/t/link"));
	CHECK(!mkfifo("/t/fifo", 0600) && !mknod("/t/file", S_IFREG | 0600, 0));
	CHECK(!mknod("/t/fixed", S_IFREG | 0600, 0) && !mknod("/t/grows", S_IFREG | 0600, 0));
	CHECK((fd = open("/t/file", O_WRONLY)) >= 0);
	fill(fd, 1, 1000);
	close(fd);
	for (unsigned i = 0; i < TIMED; i++)
		CHECK(!utimensat(AT_FDCWD, timed[i], old, AT_SYMLINK_NOFOLLOW));
	sync();
	CHECK((fd = open("/t/link", O_RDONLY)) >= 0 && read(fd, buf, 10) == 10);
	close(fd);
	CHECK((fd = open("/t/dir", O_RDONLY)) >= 0 &&
	      syscall(SYS_getdents64, fd, buf, sizeof(buf)) > 0);
	close(fd);
	CHECK((fd = open("/t/fifo", O_RDWR)) >= 0 && write(fd, "x", 1) == 1 &&
	      read(fd, buf, 1) == 1);
	close(fd);
	set_flags("/t/fixed", FS_IMMUTABLE_FL);
	set_flags("/t/grows", FS_APPEND_FL | FS_NODUMP_FL);
	set_flags("/t/dir", FS_NOATIME_FL);
	for (unsigned i = 0; i < TIMED; i++)
		CHECK(!lstat(timed[i], &st[i]));
	for (unsigned i = 1; i < 5; i++)
		CHECK(st[i].st_atim.tv_sec > 1700000000);
	CHECK(st[2].st_mtim.tv_sec == 1000000001 && st[4].st_mtim.tv_sec > 1700000000);
	CHECK((fd = open("/record", O_WRONLY | O_CREAT, 0600)) >= 0);
	CHECK(write(fd, st, sizeof(st)) == sizeof(st) && !fsync(fd));
	puts("ok");
	fflush(stdout);
	fd = open("/proc/sysrq-trigger", O_WRONLY);
	CHECK(write(fd, "o", 1) == 1);
	sleep(100);
}

static int same_time(struct timespec a, struct timespec b)
{
	return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

static void check_attributes(void)
{
	struct stat was[TIMED], st;
	int fd = open("/record", O_RDONLY);

	CHECK(fd >= 0 && read(fd, was, sizeof(was)) == sizeof(was));
	close(fd);
	for (unsigned i = 0; i < TIMED; i++) {
		CHECK(!lstat(timed[i], &st));
		if (!same_time(st.st_atim, was[i].st_atim) ||
		    !same_time(st.st_mtim, was[i].st_mtim) ||
		    !same_time(st.st_ctim, was[i].st_ctim))
			printf("%s has other times\n", timed[i]);
	}
	CHECK(flags_of("/t/fixed") == FS_IMMUTABLE_FL && flags_of("/t/dir") == FS_NOATIME_FL);
	CHECK(flags_of("/t/grows") == (FS_APPEND_FL | FS_NODUMP_FL));
	CHECK(open("/t/fixed", O_WRONLY) == -1 && errno == EPERM);
	CHECK(unlink("/t/fixed") == -1 && errno == EPERM);
	CHECK(open("/t/grows", O_WRONLY) == -1 && errno == EPERM);
	CHECK((fd = open("/t/grows", O_WRONLY | O_APPEND)) >= 0 && write(fd, "x", 1) == 1);
	close(fd);
	set_flags("/t/grows", 0);
	CHECK(!unlink("/t/grows"));
	puts("ok");
}

static int cached(int fd, int page)
{
	void *p = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 4096 * page);
	unsigned char there = 9;

	CHECK(!mincore(p, 4096, &there));
	munmap(p, 4096);
	return there;
}

/* POSIX_FADV_DONTNEED: whole pages that are clean and not mapped, posix_fadvise(2). */
static void advised(void)
{
	int fd = open("/advised", O_RDWR | O_CREAT | O_TRUNC, 0644);
	volatile char *p;

	fill(fd, 3, 6 * 4096 + 100);
	CHECK(!fsync(fd));
	for (int i = 0; i < 7; i++)
		CHECK(cached(fd, i));
	CHECK(!posix_fadvise(fd, 100, 3 * 4096, POSIX_FADV_DONTNEED));
	CHECK(cached(fd, 0) && !cached(fd, 1) && !cached(fd, 2) && cached(fd, 3));
	CHECK(!posix_fadvise(fd, 4096 * 6, 50, POSIX_FADV_DONTNEED));
	CHECK(cached(fd, 6));
	p = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 4096 * 5);
	CHECK(p[0] != p[4] || p[1] != p[5]);
	CHECK(!posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED));
	for (int i = 0; i < 7; i++)
		CHECK(cached(fd, i) == (i == 5));
	munmap((void *)p, 4096);
	CHECK(!posix_fadvise(fd, 4096 * 4, 3 * 4096, POSIX_FADV_DONTNEED));
	CHECK(!cached(fd, 5));
	CHECK(same(fd, 3, 6 * 4096 + 100));
	CHECK(cached(fd, 0));
	CHECK(!posix_fadvise(fd, 0, 1l << 62, POSIX_FADV_DONTNEED));
	CHECK(!cached(fd, 0) && !cached(fd, 6));
	CHECK(posix_fadvise(fd, 0, -1, POSIX_FADV_DONTNEED) == EINVAL);
	CHECK(!posix_fadvise(fd, -1, 0, POSIX_FADV_DONTNEED));
	puts("ok");
}

/* The machine stops while two files without a name are open, one of them large. */
static void left_open(void)
{
	int fd = open("/gone", O_RDWR | O_CREAT, 0600), other = open("/", O_RDWR | O_TMPFILE, 0600);

	fill(fd, 5, 24000000);
	fill(other, 6, 100000);
	sync();
	CHECK(!unlink("/gone"));
	puts("ok");
	fflush(stdout);
	reboot(RB_POWER_OFF);
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*run)(void);
	} steps[] = { { "kept", kept },
		      { "check", check },
		      { "nameless", nameless },
		      { "left-open", left_open },
		      { "full", full },
		      { "holes", holes },
		      { "holes-kept", holes_kept },
		      { "attributes", attributes },
		      { "check-attributes", check_attributes },
		      { "advised", advised },
		      { "broken", broken } };

	for (unsigned i = 0; argc > 1 && i < sizeof(steps) / sizeof(*steps); i++)
		if (!strcmp(argv[1], steps[i].name))
			steps[i].run();
	return 0;
}
