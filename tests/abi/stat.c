/* stat, statx, chmod, chown, utimensat, access, statfs. */
#include "abi.h"
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>

static struct stat st;

static void show(const char *path)
{
	if (lstat(path, &st) < 0) {
		say("%s: %s\n", path, ename(errno));
		return;
	}
	say("%s: mode %o nlink %ld uid %d gid %d size %ld blksize %ld\n", path, st.st_mode,
	    S_ISDIR(st.st_mode) ? 0L : (long)st.st_nlink, st.st_uid, st.st_gid,
	    S_ISDIR(st.st_mode) ? 0L : (long)st.st_size, (long)st.st_blksize);
}

static void user_part(void)
{
	MUST(setgid(1000));
	MUST(setuid(1000));
	R(chmod("f", 0666));
	R(chown("f", 1000, 1000));
	R(chown("own", 0, -1));
	R(chown("own", -1, 1000));
	R(chmod("own", 06755));
	show("own");
	R(utimensat(AT_FDCWD, "f", NULL, 0));
	struct timespec ts[2] = { { 1, 0 }, { 2, 0 } };
	R(utimensat(AT_FDCWD, "f", ts, 0));
	R(access("f", R_OK));
	R(access("f", W_OK));
	R(access("own", X_OK));
	R(access("f", X_OK));
}

int main(void)
{
	struct timespec ts[2];

	SECTION("forms");
	put_file("f", "hello", 5, 0644);
	put_file("own", "o", 1, 0755);
	chown("own", 1000, 1000);
	mkdir("d", 0751);
	symlink("f", "s");
	mkfifo("p", 0640);
	link("f", "hard");
	show("f");
	show("hard");
	show("s");
	show("p");
	show("d");
	show("own");
	stat("f", &st);
	ino_t ino = st.st_ino;
	stat("hard", &st);
	say("same inode %d\n", st.st_ino == ino);
	stat("s", &st);
	say("through the link %d\n", st.st_ino == ino);
	stat("/dev/null", &st);
	say("null: %o %d,%d\n", st.st_mode & (S_IFMT | 0777), major(st.st_rdev), minor(st.st_rdev));
	stat("/dev/zero", &st);
	say("zero: %d,%d\n", major(st.st_rdev), minor(st.st_rdev));
	SECTION("chmod");
	R(chmod("f", 07777));
	show("f");
	R(chmod("s", 0600));
	show("f");
	show("s");
	R(chmod("none", 0600));
	R(chmod("f/x", 0600));
	R(chmod("f", 0100644));
	show("f");
	int fd = open("f", O_RDWR);
	R(fchmod(fd, 0640));
	show("f");
	R(fchmodat(AT_FDCWD, "s", 0600, AT_SYMLINK_NOFOLLOW));
	SECTION("chown");
	R(chmod("f", 06755));
	R(chown("f", 5, 6));
	show("f");
	R(lchown("s", 7, 8));
	show("s");
	R(chown("f", -1, -1));
	show("f");
	R(fchown(fd, 0, 0));
	R(fchownat(AT_FDCWD, "s", 1, 1, AT_SYMLINK_NOFOLLOW));
	show("s");
	R(fchownat(AT_FDCWD, "s", 1, 1, 0x8));
	/* a write clears set-user-id of another's file */
	chmod("f", 06755);
	in_child("another user", user_part);
	SECTION("times");
	ts[0] = (struct timespec){ 1000000000, 123456789 };
	ts[1] = (struct timespec){ 1500000000, 987654321 };
	R(utimensat(AT_FDCWD, "f", ts, 0));
	stat("f", &st);
	say("%ld.%09ld %ld.%09ld\n", st.st_atim.tv_sec, st.st_atim.tv_nsec, st.st_mtim.tv_sec, st.st_mtim.tv_nsec);
	ts[0].tv_nsec = UTIME_OMIT;
	ts[1].tv_nsec = UTIME_NOW;
	R(utimensat(AT_FDCWD, "f", ts, 0));
	stat("f", &st);
	say("%ld.%09ld newer %d\n", st.st_atim.tv_sec, st.st_atim.tv_nsec, st.st_mtim.tv_sec != 1500000000);
	ts[0].tv_nsec = 1000000000;
	R(utimensat(AT_FDCWD, "f", ts, 0));
	ts[0] = (struct timespec){ 5, 0 };
	ts[1] = (struct timespec){ 6, 0 };
	R(utimensat(AT_FDCWD, "s", ts, AT_SYMLINK_NOFOLLOW));
	lstat("s", &st);
	say("link %ld\n", st.st_mtim.tv_sec);
	R(futimens(fd, ts));
	stat("f", &st);
	say("file %ld\n", st.st_mtim.tv_sec);
	R(utimensat(AT_FDCWD, "none", NULL, 0));
	R(syscall(SYS_utimensat, 99, NULL, NULL, 0));
	R(syscall(SYS_utimensat, fd, NULL, NULL, 0));
	write(fd, "x", 1);
	stat("f", &st);
	say("write moves mtime %d, size %ld\n", st.st_mtim.tv_sec > 6, (long)st.st_size);
	SECTION("access");
	R(access("f", F_OK));
	R(access("none", F_OK));
	chmod("f", 0);
	R(access("f", R_OK | W_OK));
	R(access("f", X_OK));
	R(access("d", X_OK));
	R(access("f", 8));
	R(faccessat(AT_FDCWD, "s", F_OK, AT_SYMLINK_NOFOLLOW));
	SECTION("statx");
	struct statx sx;
	memset(&sx, 0xff, sizeof(sx));
	R(syscall(SYS_statx, AT_FDCWD, "f", 0, STATX_BASIC_STATS, &sx));
	say("basic %d size %llu mode %o nlink %u\n", (sx.stx_mask & STATX_BASIC_STATS) == STATX_BASIC_STATS,
	    sx.stx_size, sx.stx_mode, sx.stx_nlink);
	R(syscall(SYS_statx, AT_FDCWD, "none", 0, STATX_BASIC_STATS, &sx));
	R(syscall(SYS_statx, fd, "", AT_EMPTY_PATH, STATX_SIZE, &sx));
	R(syscall(SYS_statx, AT_FDCWD, "f", 0x10000000, STATX_SIZE, &sx));
	R(syscall(SYS_statx, AT_FDCWD, "f", 0, 0x80000000U, &sx));
	R(syscall(SYS_statx, AT_FDCWD, "f", 0, STATX_SIZE, (void *)8));
	SECTION("statfs");
	struct statfs sf;
	R(statfs("f", &sf));
	say("namelen %ld bsize ok %d\n", (long)sf.f_namelen, sf.f_bsize >= 512);
	R(fstatfs(fd, &sf));
	R(statfs("none", &sf));
	R(statfs("/proc", &sf));
	say("proc type %lx\n", (long)sf.f_type);
	int nameless[2];
	R(pipe(nameless));
	R(fstatfs(nameless[0], &sf));
	say("pipe type %lx\n", (long)sf.f_type);
	R(fstatfs(close(nameless[0]) + socket(AF_UNIX, SOCK_STREAM, 0), &sf));
	say("socket type %lx\n", (long)sf.f_type);
	R(fstatfs(close(nameless[1]) + eventfd(0, 0), &sf));
	say("eventfd type %lx, bsize %ld, namelen %ld, files %lu\n", (long)sf.f_type, (long)sf.f_bsize,
	    (long)sf.f_namelen, (unsigned long)sf.f_files);
	SECTION("errors");
	R(stat("f", (struct stat *)8));
	R(stat((char *)8, &st));
	R(fstat(99, &st));
	R(stat("f/x", &st));
	return 0;
}
