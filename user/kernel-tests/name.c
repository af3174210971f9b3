/*
 * name.c - names: folders, links, renames, long and deep paths, permissions.
 */
#include "tests.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static int count_entries(const char *path)
{
	struct dirent *e;
	DIR *d = opendir(path);
	int n = 0;

	CHECK(d);
	while ((e = readdir(d)))
		n += strcmp(e->d_name, ".") && strcmp(e->d_name, "..");
	closedir(d);
	return n;
}

static void folders(void)
{
	struct stat st;

	CHECK(!mkdir("d", 0755));
	FAILS(EEXIST, mkdir("d", 0755));
	FAILS(ENOENT, mkdir("none/d", 0755));
	FAILS(EEXIST, mkdir(".", 0755));
	FAILS(EEXIST, mkdir("/", 0755));
	CHECK(!stat("d", &st) && S_ISDIR(st.st_mode) && st.st_nlink == 2);
	CHECK(!mkdir("d/e", 0700) && !stat("d", &st) && st.st_nlink == 3);
	FAILS(ENOTEMPTY, rmdir("d"));
	FAILS(EISDIR, unlink("d/e"));
	make_file("d/f", "x");
	FAILS(ENOTDIR, rmdir("d/f"));
	FAILS(ENOTDIR, mkdir("d/f/g", 0755));
	FAILS(EINVAL, rmdir("d/e/."));
	FAILS(ENOTEMPTY, rmdir("d/e/.."));
	FAILS(EBUSY, rmdir("/"));
	CHECK(!rmdir("d/e") && !unlink("d/f") && !rmdir("d"));
	FAILS(ENOENT, rmdir("d"));
	FAILS(ENOENT, unlink("d"));
	FAILS(ENOENT, mkdir("", 0755));
}

static void working_folder(void)
{
	char before[PATH_MAX], now[PATH_MAX];

	CHECK(getcwd(before, sizeof(before)));
	FAILS(ERANGE, getcwd(now, 3) ? 0 : -1);
	CHECK(!mkdir("d", 0755) && !chdir("d"));
	CHECK(getcwd(now, sizeof(now)) && !strncmp(now, before, strlen(before)));
	CHECK(!strcmp(now + strlen(before), "/d"));
	CHECK(!chdir("..") && getcwd(now, sizeof(now)) && !strcmp(now, before));
	make_file("f", "x");
	FAILS(ENOTDIR, chdir("f"));
	FAILS(ENOENT, chdir("none"));
	/* A folder that is gone under us. */
	CHECK(!chdir("d") && !rmdir("../d"));
	FAILS(ENOENT, getcwd(now, sizeof(now)) ? 0 : -1);
	FAILS(ENOENT, open("x", O_WRONLY | O_CREAT, 0644));
	FAILS(ENOENT, mkdir("x", 0755));
	CHECK(!chdir("..") && getcwd(now, sizeof(now)) && !strcmp(now, before));
	CHECK(!chdir("/") && getcwd(now, sizeof(now)) && !strcmp(now, "/"));
	CHECK(!chdir("..") && getcwd(now, sizeof(now)) && !strcmp(now, "/"));
}

static void hard_links(void)
{
	struct stat a, b;

	make_file("a", "text");
	CHECK(!link("a", "b") && !stat("a", &a) && !stat("b", &b));
	CHECK(a.st_ino == b.st_ino && a.st_nlink == 2);
	FAILS(EEXIST, link("a", "b"));
	FAILS(ENOENT, link("none", "c"));
	CHECK(!mkdir("d", 0755));
	FAILS(EPERM, link("d", "e"));
	CHECK(!unlink("a") && !stat("b", &b) && b.st_nlink == 1);
	CHECK(!strcmp(read_file("b"), "text"));
	FAILS(EXDEV, link("b", "/dev/b"));
}

static void symbolic_links(void)
{
	char buf[64];
	struct stat st;

	make_file("f", "text");
	CHECK(!symlink("f", "s") && !strcmp(read_file("s"), "text"));
	CHECK(readlink("s", buf, sizeof(buf)) == 1 && buf[0] == 'f');
	CHECK(!lstat("s", &st) && S_ISLNK(st.st_mode) && st.st_size == 1);
	FAILS(EINVAL, readlink("f", buf, sizeof(buf)));
	FAILS(ENOENT, readlink("none", buf, sizeof(buf)));
	FAILS(EEXIST, symlink("f", "s"));
	FAILS(ENOENT, symlink("", "t"));
	CHECK(!symlink("0123456789", "long") && readlink("long", buf, 4) == 4);
	CHECK(!memcmp(buf, "0123", 4));
	FAILS(EINVAL, readlink("long", buf, 0));

	CHECK(!symlink("loop", "loop"));
	FAILS(ELOOP, open("loop", O_RDONLY));
	FAILS(ELOOP, open("loop/x", O_RDONLY));
	FAILS(ENOENT, open("long", O_RDONLY));
	/* Through a dangling link a file is made where it points. */
	CHECK(!symlink("made", "dangling") &&
	      close(open("dangling", O_WRONLY | O_CREAT, 0644)) == 0);
	CHECK(!access("made", F_OK));
	CHECK(!mkdir("d", 0755) && !symlink("d", "ds") && !symlink("../f", "d/up"));
	CHECK(!strcmp(read_file("ds/up"), "text"));
	FAILS(ENOTDIR, rmdir("ds"));
	CHECK(!unlink("ds") && !access("d", F_OK));
	/* 40 links one after the other are followed, 41 not. */
	for (int i = 0; i < 41; i++) {
		char from[8], to[8];

		snprintf(from, sizeof(from), "c%d", i);
		snprintf(to, sizeof(to), i ? "c%d" : "f", i - 1);
		CHECK(!symlink(to, from));
	}
	CHECK(!strcmp(read_file("c39"), "text"));
	FAILS(ELOOP, open("c40", O_RDONLY));
}

static void renames(void)
{
	struct stat a, b;

	make_file("a", "A");
	make_file("b", "B");
	CHECK(!stat("a", &a) && !rename("a", "b") && !stat("b", &b) && a.st_ino == b.st_ino);
	FAILS(ENOENT, stat("a", &a));
	FAILS(ENOENT, rename("a", "c"));
	CHECK(!rename("b", "b"));
	CHECK(!link("b", "same") && !rename("b", "same") && !access("b", F_OK));
	CHECK(!mkdir("d", 0755) && !mkdir("d/e", 0755) && !mkdir("empty", 0755));
	FAILS(EINVAL, rename("d", "d/e/f"));
	FAILS(EISDIR, rename("b", "d"));
	FAILS(ENOTDIR, rename("d", "b"));
	FAILS(ENOTEMPTY, rename("empty", "d"));
	CHECK(!rename("d/e", "empty") && !rename("empty", "d/e") && !rename("d", "moved"));
	CHECK(!access("moved/e", F_OK) && !chdir("moved/e") && !access("../../moved", F_OK));
	CHECK(!rename("../../b", "b") && !chdir("../..") && !strcmp(read_file("moved/e/b"), "A"));
	/* ".." follows a folder that moves. */
	CHECK(!mkdir("x", 0755) && !rename("moved/e", "x/e") && !stat("x/e/..", &a));
	CHECK(!stat("x", &b) && a.st_ino == b.st_ino);
	CHECK(!stat("moved", &a) && a.st_nlink == 2 && b.st_nlink == 3);
	FAILS(EBUSY, rename(".", "y"));
}

/* Somebody renames while others look: a name is there or not, never wrong. */
static void rename_race(void)
{
	struct stat st;
	pid_t pid;

	make_file("a", "x");
	make_file("b", "y");
	pid = spawn();
	if (!pid) {
		for (int i = 0; i < 400; i++) {
			CHECK(!link("a", "t") && !rename("t", "b"));
			CHECK(!unlink("b"));
			make_file("b", "y");
		}
		_exit(0);
	}
	while (waitpid(pid, NULL, WNOHANG) == 0) {
		CHECK(!stat("a", &st) && st.st_size == 1);
		if (stat("b", &st))
			CHECK(errno == ENOENT);
	}
}

static void many_files(void)
{
	char name[32];

	CHECK(!mkdir("d", 0755));
	for (int i = 0; i < 500; i++) {
		snprintf(name, sizeof(name), "d/file-%d", i);
		make_file(name, name);
	}
	CHECK(count_entries("d") == 500);
	for (int i = 0; i < 500; i += 2) {
		snprintf(name, sizeof(name), "d/file-%d", i);
		CHECK(!unlink(name));
	}
	CHECK(count_entries("d") == 250);
	for (int i = 1; i < 500; i += 2) {
		snprintf(name, sizeof(name), "d/file-%d", i);
		CHECK(!strcmp(read_file(name), name) && !unlink(name));
	}
	CHECK(count_entries("d") == 0 && !rmdir("d"));
}

/* Removing each entry as it is read leaves none. */
static void remove_while_reading(void)
{
	struct dirent *e;
	char name[64];
	int seen = 0;
	DIR *d;

	CHECK(!mkdir("d", 0755));
	for (int i = 0; i < 300; i++) {
		snprintf(name, sizeof(name), "d/a-rather-long-name-for-a-file-%d", i);
		make_file(name, "");
	}
	d = opendir("d");
	while ((e = readdir(d))) {
		if (e->d_name[0] == '.')
			continue;
		CHECK(e->d_type == DT_REG || e->d_type == DT_UNKNOWN);
		CHECK(!unlinkat(dirfd(d), e->d_name, 0));
		seen++;
	}
	closedir(d);
	CHECK(seen == 300 && !rmdir("d"));
}

static void directory_records(void)
{
	char buf[24];
	int fd = open(".", O_RDONLY | O_DIRECTORY), f;

	make_file("f", "x");
	f = open("f", O_RDONLY);
	FAILS(EINVAL, syscall(__NR_getdents64, fd, buf, 10));
	FAILS(ENOTDIR, syscall(__NR_getdents64, f, buf, sizeof(buf)));
	FAILS(EFAULT, syscall(__NR_getdents64, fd, 8, 4096));
	FAILS(EISDIR, read(fd, buf, 1));
	CHECK(syscall(__NR_getdents64, fd, buf, sizeof(buf)) == 24);
}

/* Four processes make, look at and remove in one folder at once. */
static void concurrent_names(void)
{
	pid_t pids[4];

	for (int w = 0; w < 4; w++) {
		pids[w] = spawn();
		if (!pids[w]) {
			char name[32], other[32];

			for (int i = 0; i < 150; i++) {
				snprintf(name, sizeof(name), "w%d-%d", w, i % 7);
				snprintf(other, sizeof(other), "w%d-%d", (w + 1) % 4, i % 7);
				make_file(name, "x");
				close(open(other, O_RDONLY));
				snprintf(other, sizeof(other), "m%d", i % 3);
				CHECK(!rename(name, other) || errno == ENOENT);
				unlink(other);
				CHECK(!mkdir("shared", 0755) || errno == EEXIST);
				CHECK(!rmdir("shared") || errno == ENOENT);
			}
			_exit(0);
		}
	}
	for (int w = 0; w < 4; w++)
		wait_ok(pids[w]);
	for (int i = 0; i < 3; i++) {
		char name[8];

		snprintf(name, sizeof(name), "m%d", i);
		unlink(name);
	}
	CHECK(count_entries(".") == 0);
}

static void long_names(void)
{
	char name[300], path[PATH_MAX + 100];

	memset(name, 'n', sizeof(name));
	name[255] = 0;
	make_file(name, "x");
	CHECK(!access(name, F_OK) && !unlink(name));
	name[255] = 'n';
	name[256] = 0;
	FAILS(ENAMETOOLONG, open(name, O_WRONLY | O_CREAT, 0644));
	FAILS(ENAMETOOLONG, mkdir(name, 0755));

	/* 4,095 bytes and the zero are allowed, 4,096 are not. */
	for (size_t i = 0; i < PATH_MAX; i += 2)
		memcpy(path + i, "./", 2);
	path[PATH_MAX - 1] = 0;
	CHECK(!access(path, F_OK));
	path[PATH_MAX - 1] = '/';
	path[PATH_MAX] = 0;
	FAILS(ENAMETOOLONG, access(path, F_OK));
	FAILS(ENAMETOOLONG, symlink(path, "s"));
}

#define DEEP 120

static void deep_paths(void)
{
	char name[50], cwd[PATH_MAX];
	int top = open(".", O_RDONLY | O_DIRECTORY);

	memset(name, 'd', sizeof(name));
	name[49] = 0;
	int deep;

	for (deep = 0; deep < DEEP && !mkdir(name, 0755); deep++)
		CHECK(!chdir(name));
	/* tarfs keeps no path that no archive's reader could use. */
	CHECK(deep == DEEP ||
	      (errno == ENAMETOOLONG && (deep + 2) * sizeof(name) > PATH_MAX - 200));
	make_file("f", "deep");
	CHECK(!strcmp(read_file("f"), "deep"));
	/* 6,000 bytes deep: no path leads here from the root. */
	if (deep == DEEP)
		FAILS(ENAMETOOLONG, syscall(__NR_getcwd, cwd, sizeof(cwd)));
	CHECK(!unlink("f"));
	for (int i = 0; i < deep; i++)
		CHECK(!chdir("..") && !rmdir(name));
	struct stat a, b;

	CHECK(!fstat(top, &a) && !stat(".", &b) && a.st_ino == b.st_ino);
}

static void times_and_modes(void)
{
	struct timespec ts[2] = { { 1000000000, 123456789 }, { 0, UTIME_OMIT } };
	struct stat st, old;
	int fd;

	make_file("f", "x");
	CHECK(!chmod("f", 04751) && !stat("f", &st) && (st.st_mode & 07777) == 04751);
	CHECK(!chown("f", 1, 2) && !stat("f", &st) && st.st_uid == 1 && st.st_gid == 2);
	CHECK((st.st_mode & 07777) == 0751); /* set-id bits go with the owner */
	CHECK(!utimensat(AT_FDCWD, "f", ts, 0) && !stat("f", &old));
	CHECK(old.st_atime == 1000000000 && old.st_atim.tv_nsec == 123456789);
	CHECK(old.st_mtim.tv_sec == st.st_mtim.tv_sec);
	ts[1] = (struct timespec){ 5, 6 };
	CHECK(!utimensat(AT_FDCWD, "f", ts, 0) && !stat("f", &old) && old.st_mtime == 5);
	fd = open("f", O_WRONLY);
	CHECK(write(fd, "yy", 2) == 2 && !stat("f", &st) && st.st_mtime > 1000000000);
	umask(077);
	CHECK(!mkdir("d", 0777) && !stat("d", &st) && (st.st_mode & 07777) == 0700);
	ts[0].tv_nsec = 1000000000;
	FAILS(EINVAL, utimensat(AT_FDCWD, "f", ts, 0));
}

static void as_user(void)
{
	int fd;

	become_user();
	FAILS(EACCES, open("secret", O_RDONLY));
	FAILS(EACCES, open("shown", O_WRONLY));
	fd = open("shown", O_RDONLY);
	CHECK(fd >= 0);
	FAILS(EACCES, open("closed/f", O_RDONLY));
	FAILS(EACCES, chdir("closed"));
	FAILS(EACCES, mkdir("new", 0755));
	FAILS(EACCES, unlink("shown"));
	FAILS(EPERM, chmod("shown", 0777));
	FAILS(EPERM, chown("shown", 1234, 1234));
	FAILS(EPERM, unlink("sticky/theirs"));
	make_file("sticky/mine", "x");
	CHECK(!chmod("sticky/mine", 0) && !unlink("sticky/mine"));
	FAILS(EACCES, open("searchable", O_RDONLY));
	CHECK(!access("searchable/f", R_OK));
	FAILS(EACCES, access("shown", W_OK));
	FAILS(EPERM, kill(1, SIGTERM));
	FAILS(EPERM, setuid(0));
	FAILS(EPERM, mknod("sticky/dev", S_IFCHR | 0666, 0x103));
	FAILS(EPERM, chroot("."));
	_exit(0);
}

static void permissions(void)
{
	pid_t pid;

	CHECK(!chmod(".", 0755));
	make_file("secret", "x");
	make_file("shown", "x");
	CHECK(!chmod("secret", 0600) && !mkdir("closed", 0700) && !mkdir("sticky", 0755));
	CHECK(!chmod("sticky", 01777) && !mkdir("searchable", 0711));
	make_file("closed/f", "x");
	make_file("sticky/theirs", "x");
	make_file("searchable/f", "x");
	pid = spawn();
	if (!pid)
		as_user();
	wait_ok(pid);
}

/* Names in the cache that nobody uses, by /proc/sys/fs/dentry-state. */
static long unused_names(void)
{
	char *text = read_file("/proc/sys/fs/dentry-state");
	long n = -1;

	CHECK(sscanf(text, "%*d %ld", &n) == 1);
	free(text);
	return n;
}

/* Looks for 2,000 names that are not there, with one in use among them, and has all forgotten: how many are kept. */
static long names_kept(int drop)
{
	char name[40];
	long before, after;
	int used = -1;

	for (int i = 0; i < 2000; i++) {
		snprintf(name, sizeof(name), "/none%d", i);
		CHECK(access(name, F_OK) == -1);
		if (i == 1000) /* the first close puts it in the list, which it stays in */
			CHECK(!close(open("/proc/version", O_RDONLY)) &&
			      (used = open("/proc/version", O_RDONLY)) >= 0);
	}
	before = unused_names();
	CHECK(write(drop, "2", 1) == 1);
	after = unused_names();
	close(used);
	return before >= 2000 ? after : 2000;
}

/* A name in use among those that nobody uses does not keep the others from being forgotten. */
static void forgotten_names(void)
{
	int drop = open("/proc/sys/vm/drop_caches", O_WRONLY);
	long kept = 2000;

	CHECK(drop >= 0);
	/* What an earlier test left behind may be going away meanwhile, and names with it. */
	for (int tries = 0; tries < 5 && kept > 500; tries++)
		kept = names_kept(drop);
	if (kept > 500)
		fail("%ld names are still kept", kept);
	close(drop);
}

const struct test name_tests[] = {
	{ "folders", folders, 0 },
	{ "folder-working", working_folder, 0 },
	{ "folder-many-files", many_files, 0 },
	{ "folder-remove-reading", remove_while_reading, 0 },
	{ "folder-records", directory_records, 0 },
	{ "folder-concurrent", concurrent_names, 0 },
	{ "links-hard", hard_links, 0 },
	{ "links-symbolic", symbolic_links, 0 },
	{ "rename", renames, 0 },
	{ "rename-race", rename_race, 0 },
	{ "names-long", long_names, 0 },
	{ "names-forgotten", forgotten_names, 0 },
	{ "paths-deep", deep_paths, 0 },
	{ "times-modes", times_and_modes, 0 },
	{ "permissions", permissions, 0 },
	{ NULL, NULL, 0 },
};
