/*
 * mount.c - many mounts, and mounts that come and go under the feet of others.
 */
#include "tests.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define MANY 20000

static int tmpfs_on(const char *dir)
{
	return mount("t", dir, "tmpfs", 0, NULL);
}

static int lines_with(const char *path, const char *word)
{
	char *text = read_file(path);
	int n = 0;

	for (char *p = strstr(text, word); p; p = strstr(p + 1, word))
		n++;
	free(text);
	return n;
}

/* One over the other, taken off one by one. */
static void stacked(void)
{
	char here[200], word[220];

	CHECK(getcwd(here, sizeof(here)) && !mkdir("m", 0755));
	snprintf(word, sizeof(word), "t %s/m tmpfs", here);
	for (int i = 0; i < MANY; i++)
		CHECK(!tmpfs_on("m"));
	make_file("m/top", "x");
	CHECK(lines_with("/proc/self/mounts", word) == MANY);
	for (int i = 0; i < MANY; i++)
		CHECK(!umount2("m", 0));
	FAILS(EINVAL, umount2("m", 0));
	FAILS(ENOENT, open("m/top", O_RDONLY));
	CHECK(lines_with("/proc/self/mounts", word) == 0);
}

/* A stack, and folders with a mount each, taken off as one. */
static void tree(void)
{
	char name[40];
	int fd;

	CHECK(!mkdir("m", 0755) && !tmpfs_on("m"));
	for (int i = 0; i < MANY / 4; i++) {
		snprintf(name, sizeof(name), "m/%d", i);
		CHECK(!mkdir(name, 0755) && !tmpfs_on(name));
	}
	CHECK(!mkdir("m/deep", 0755));
	for (int i = 0; i < MANY / 4; i++)
		CHECK(!tmpfs_on("m/deep"));
	make_file("m/deep/f", "still here");
	fd = open("m/deep/f", O_RDONLY);
	FAILS(EBUSY, umount2("m", 0));
	CHECK(!umount2("m", MNT_DETACH));
	FAILS(ENOENT, open("m/deep/f", O_RDONLY));
	CHECK(read(fd, name, sizeof(name)) == 10 && !memcmp(name, "still here", 10));
	CHECK(!close(fd));
}

/* A file system with many names, each of which was looked up. */
static void many_names(void)
{
	char name[40];

	CHECK(!mkdir("m", 0755) && !tmpfs_on("m"));
	for (int i = 0; i < 6000; i++) {
		snprintf(name, sizeof(name), "m/%d", i);
		make_file(name, "");
		snprintf(name, sizeof(name), "m/%d/none", i);
		FAILS(ENOTDIR, open(name, O_RDONLY));
		snprintf(name, sizeof(name), "m/none-%d", i);
		FAILS(ENOENT, open(name, O_RDONLY));
	}
	CHECK(!umount2("m", 0));
}

/* Walks through a place while file systems come and go there. */
static void walk(const char *place)
{
	char name[216];
	struct stat st;

	for (unsigned int i = 0;; i++) {
		int fd;

		snprintf(name, sizeof(name), "%s/%s", place, i % 3 ? "a/b/c" : "none");
		fd = open(name, O_RDONLY);
		if (fd >= 0) {
			CHECK(!fstat(fd, &st) && st.st_nlink == 1);
			close(fd);
		}
		if (i % 16 == 0) {
			snprintf(name, sizeof(name), "%s/a/b", place);
			if (!chdir(name)) {
				stat("../../a/b/c", &st);
				stat("../../../..", &st);
				CHECK(!chdir("/"));
			}
		}
	}
}

/* Frees the names that nobody uses, all the time. */
static void shrink(void)
{
	int fd = open("/proc/sys/vm/drop_caches", O_WRONLY);

	while (fd >= 0)
		CHECK(pwrite(fd, "2", 1, 0) == 1);
	pause();
}

static void come_and_go(void)
{
	char place[200], name[230];
	pid_t pids[3];

	CHECK(getcwd(place, 180) && !mkdir("m", 0755));
	strcat(place, "/m");
	for (int i = 0; i < 3; i++) {
		pids[i] = spawn();
		if (!pids[i] && i)
			walk(place);
		else if (!pids[i])
			shrink();
	}
	for (int i = 0; i < 200; i++) {
		CHECK(!tmpfs_on(place));
		snprintf(name, sizeof(name), "%s/a", place);
		CHECK(!mkdir(name, 0755));
		strcat(name, "/b");
		CHECK(!mkdir(name, 0755));
		strcat(name, "/c");
		make_file(name, "text");
		for (int k = 0; k < 20; k++) {
			snprintf(name, sizeof(name), "%s/a/%d", place, k);
			make_file(name, "");
		}
		CHECK(!umount2(place, MNT_DETACH));
	}
	kill_all(pids, 3);
}

/* --- storms: shared trees, namespaces, moves, all at once --- */

static void pick(char *name, size_t n, unsigned r)
{
	static const char *const places[] = { "s/a", "s/b", "t/a", "t/b", "u/a", "u/b" };

	snprintf(name, n, "%s", places[r % 6]);
}

/* Mounts, binds, moves and unmounts in three trees that get things from one another. */
static void stir(unsigned seed, int rounds)
{
	char from[20], to[20];

	for (int i = 0; i < rounds; i++) {
		seed = seed * 1103515245 + 12345;
		pick(from, sizeof(from), seed >> 8);
		pick(to, sizeof(to), seed >> 12);
		switch (seed >> 16 & 7) {
		case 0:
		case 1:
			mount("t", to, "tmpfs", 0, NULL);
			break;
		case 2:
			mount(from, to, NULL, MS_BIND | MS_REC, NULL);
			break;
		case 3:
			mount(from, to, NULL, MS_MOVE, NULL);
			break;
		case 4:
			mount(NULL, to, NULL, 1UL << (17 + (seed >> 20 & 3)), NULL);
			break;
		case 5:
			mount(NULL, to, NULL,
			      MS_REMOUNT | MS_BIND | (seed & 0x100000 ? MS_RDONLY : 0), NULL);
			break;
		default:
			umount2(to, seed & 0x100000 ? MNT_DETACH : 0);
			break;
		}
	}
}

/* What is bound into what it came from doubles it: of all that there is a few hundred will do. */
static void most_mounts(const char *n)
{
	int fd = open("/proc/sys/fs/mount-max", O_WRONLY);

	CHECK(fd >= 0 && write(fd, n, strlen(n)) == (ssize_t)strlen(n));
	close(fd);
}

static void storm_setup(void)
{
	most_mounts("200");
	CHECK(!syscall(__NR_unshare, CLONE_NEWNS) &&
	      !mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
	CHECK(!mkdir("s", 0755) && !mkdir("t", 0755) && !mkdir("u", 0755));
	CHECK(!mount("root", "s", "tmpfs", 0, NULL));
	CHECK(!mkdir("s/a", 0755) && !mkdir("s/b", 0755));
	make_file("s/a/file", "x");
	CHECK(!mount(NULL, "s", NULL, MS_SHARED, NULL));
	CHECK(!mount("s", "t", NULL, MS_BIND, NULL));
	CHECK(!mount("s", "u", NULL, MS_BIND, NULL) && !mount(NULL, "u", NULL, MS_SLAVE, NULL));
}

static void look_around(void)
{
	char name[40];
	struct stat st;

	for (unsigned i = 0;; i++) {
		pick(name, sizeof(name) - 10, i);
		strcat(name, i & 8 ? "/../b" : "/file");
		stat(name, &st);
		if (i % 64 == 0)
			free(read_file("/proc/self/mountinfo"));
	}
}

static void storm(void)
{
	pid_t pids[7];

	storm_setup();
	for (int i = 0; i < 7; i++) {
		pids[i] = spawn();
		if (!pids[i] && i < 3)
			look_around();
		if (!pids[i] && i == 3)
			CHECK(!syscall(__NR_unshare, CLONE_NEWNS));
		if (!pids[i])
			for (unsigned k = 0;; k++)
				stir(k * 7 + (unsigned)i, 40);
	}
	stir(99, 600);
	kill_all(pids, 7);
	for (int i = 0; i < 3; i++)
		while (!umount2(i == 0 ? "s" : i == 1 ? "t" : "u", MNT_DETACH))
			;
	CHECK(lines_with("/proc/self/mountinfo", " root ") == 0);
	most_mounts("100000");
}

/* Namespaces that come and go with trees in them, while names that are places elsewhere go. */
static void spaces(void)
{
	char name[40];

	storm_setup();
	for (int i = 0; i < 30; i++) {
		pid_t pids[4];

		snprintf(name, sizeof(name), "d%d", i);
		CHECK(!mkdir(name, 0755));
		for (int k = 0; k < 4; k++) {
			pids[k] = spawn();
			if (pids[k])
				continue;
			CHECK(!syscall(__NR_unshare, CLONE_NEWNS));
			mount("mine", name, "tmpfs", 0, NULL);
			stir((unsigned)(i * 4 + k), 30);
			_exit(0);
		}
		while (rmdir(name))
			CHECK(errno == EBUSY);
		for (int k = 0; k < 4; k++)
			CHECK(waitpid(pids[k], NULL, 0) == pids[k]);
	}
	most_mounts("100000");
}

/* --- unions --- */

static void union_folders(void)
{
	static const char *const folders[] = { "t/l", "t/l/d", "t/u", "t/w", "m" };
	char name[40];

	CHECK(!mkdir("t", 0755) && !tmpfs_on("t"));
	for (unsigned int k = 0; k < sizeof(folders) / sizeof(*folders); k++)
		CHECK(!mkdir(folders[k], 0755));
	for (int i = 0; i < 64; i++) {
		snprintf(name, sizeof(name), "t/l/d/%d", i);
		make_file(name, "lower");
	}
	CHECK(!mount("o", "m", "overlay", 0, "lowerdir=t/l,upperdir=t/u,workdir=t/w"));
}

/* Appends to each file of the lower layer, and moves every fourth about. */
static void union_writer(int me)
{
	char name[40], other[40];

	for (int i = 0; i < 64; i++) {
		int fd;

		snprintf(name, sizeof(name), "m/d/%d", i);
		snprintf(other, sizeof(other), "m/d/moved%d", i);
		do
			fd = open(name, O_WRONLY | O_APPEND);
		while (fd < 0 && i % 4 == 3 && errno == ENOENT && access(other, F_OK));
		if (fd < 0)
			fd = open(other, O_WRONLY | O_APPEND);
		CHECK(fd >= 0 && write(fd, &"abcd"[me], 1) == 1 && !close(fd));
		if (i % 4 == 3 && me == i / 4 % 4)
			CHECK(!rename(name, other));
	}
}

static void union_lister(void)
{
	for (;;) {
		DIR *d = opendir("m/d");
		struct dirent *e;
		int n = 0;

		CHECK(d);
		while ((e = readdir(d)))
			n += e->d_name[0] != '.';
		CHECK(n == 64);
		closedir(d);
	}
}

/* Files come up by many at once: nobody's write is lost, and nothing stays of the work. */
static void union_race(void)
{
	pid_t pids[4], lister;
	char name[40];

	for (int round = 0; round < 6; round++) {
		union_folders();
		lister = spawn();
		if (!lister)
			union_lister();
		for (int me = 0; me < 4; me++) {
			pids[me] = spawn();
			if (!pids[me]) {
				union_writer(me);
				_exit(0);
			}
		}
		for (int me = 0; me < 4; me++)
			wait_ok(pids[me]);
		kill_all(&lister, 1);
		for (int i = 0; i < 64; i++) {
			char *text;

			snprintf(name, sizeof(name), i % 4 == 3 ? "m/d/moved%d" : "m/d/%d", i);
			text = read_file(name);
			CHECK(strlen(text) == 9 && !strncmp(text, "lower", 5));
			for (int me = 0; me < 4; me++)
				CHECK(strchr(text + 5, "abcd"[me]));
			free(text);
			CHECK(!unlink(name));
		}
		CHECK(!rmdir("m/d") && !umount("m"));
		CHECK(!rmdir("t/w/work") && !umount("t") && !rmdir("t") && !rmdir("m"));
	}
}

/* The same name made and removed over a whiteout by two, and folders over folders. */
static void union_names(void)
{
	pid_t pids[2];

	union_folders();
	for (int me = 0; me < 2; me++) {
		pids[me] = spawn();
		if (pids[me])
			continue;
		for (int i = 0; i < 150; i++) {
			int fd = open("m/d/1", O_CREAT | O_RDWR, 0644);

			CHECK(fd >= 0 && !close(fd));
			CHECK(!unlink("m/d/1") || errno == ENOENT);
			CHECK(!mkdir(me ? "m/a" : "m/b", 0755));
			CHECK(!mkdir("m/both", 0755) || errno == EEXIST);
			CHECK(!rename(me ? "m/a" : "m/b", "m/both"));
			CHECK(!rmdir("m/both") || errno == ENOENT);
		}
		_exit(0);
	}
	wait_ok(pids[0]);
	wait_ok(pids[1]);
	CHECK(access("m/d/1", F_OK) && !umount("m") && !umount("t"));
}

const struct test mount_tests[] = {
	{ "mount-stacked", stacked, 60 },
	{ "mount-tree", tree, 60 },
	{ "mount-names", many_names, 0 },
	{ "mount-come-and-go", come_and_go, 60 },
	{ "mount-storm", storm, 60 },
	{ "mount-spaces", spaces, 60 },
	{ "mount-union-race", union_race, 120 },
	{ "mount-union-names", union_names, 60 },
	{ NULL, NULL, 0 },
};
