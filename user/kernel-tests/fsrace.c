/*
 * fsrace.c - two harts at one place of the file layer: a directory that is replaced while a name comes into
 * it, an epoll file that is polled while somebody waits on it, /proc of a process that ends. They need two
 * harts or more to say anything.
 */
#include "tests.h"

#include <dirent.h>
#include <fcntl.h>
#include <uapi/loop.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static void *shared(size_t n)
{
	void *p = mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	CHECK(p != MAP_FAILED);
	return p;
}

/* The n-th meeting of two: both leave at the same time, as near as that can be had. */
static void meet(volatile unsigned int *at, unsigned int n)
{
	__atomic_fetch_add(at, 1, __ATOMIC_SEQ_CST);
	for (unsigned int spin = 1; *at < 2 * n; spin++)
		if (spin % 4096 == 0)
			sched_yield(); /* there may be one hart only */
}

/*
 * rename(2) onto an empty directory against a new name in that directory: one of them must fail. A file that
 * was made lies in a directory that has a name.
 */
static void replaced_directory(void)
{
	enum { ROUNDS = 500 };
	unsigned int *at = shared(4096), n = 0;
	pid_t pid;

	CHECK(!mkdir("new", 0755) && !mkdir("old", 0755));
	pid = spawn();
	if (!pid) {
		for (unsigned int round = 1; round <= ROUNDS; round++) {
			struct stat mine, named;
			int dir = open("old", O_RDONLY | O_DIRECTORY), fd;

			CHECK(dir >= 0);
			meet(at, ++n);
			for (unsigned int k = 0; k < round % 16 * 8; k++)
				__asm__ volatile("");
			fd = openat(dir, "f", O_CREAT | O_EXCL | O_RDWR, 0644);
			meet(at, ++n);
			if (fd >= 0) {
				CHECK(!fstat(dir, &mine) && mine.st_nlink == 2);
				CHECK(!stat("old", &named) && named.st_ino == mine.st_ino);
				CHECK(!unlinkat(dir, "f", 0) && !close(fd));
			} else {
				CHECK(errno == ENOENT);
			}
			CHECK(!close(dir));
			meet(at, ++n);
		}
		_exit(0);
	}
	for (unsigned int round = 1; round <= ROUNDS; round++) {
		int err;

		meet(at, ++n);
		err = rename("new", "old") ? errno : 0;
		CHECK(!err || err == ENOTEMPTY || err == EEXIST);
		meet(at, ++n);
		CHECK(!mkdir("new", 0755) || err);
		meet(at, ++n);
	}
	wait_ok(pid);
}

/* Who waits on an epoll file that has something ready does not sleep because another polls it. */
static void polled_epoll(void)
{
	struct epoll_event ev = { .events = EPOLLIN };
	int ep = epoll_create1(0), fd = eventfd(1, 0), *done = shared(4096);
	pid_t pid, other;

	CHECK(ep >= 0 && fd >= 0 && !epoll_ctl(ep, EPOLL_CTL_ADD, fd, &ev));
	pid = spawn();
	if (!pid) {
		for (int i = 0; i < 60000; i++)
			CHECK(epoll_wait(ep, &ev, 1, -1) == 1);
		__atomic_store_n(done, 1, __ATOMIC_SEQ_CST);
		_exit(0);
	}
	other = spawn();
	while (!__atomic_load_n(done, __ATOMIC_SEQ_CST)) {
		struct pollfd p = { .fd = ep, .events = POLLIN };

		for (int i = 0; i < 100; i++)
			poll(&p, 1, 0);
	}
	if (!other)
		_exit(0);
	wait_ok(other);
	wait_ok(pid);
}

/* Reads and follows all that /proc has of processes that are just ending. */
static void look_at(const char *dir, int pid)
{
	static const char *const names[] = { "cwd",    "root", "exe",	 "fd/0",     "fd/9",
					     "status", "stat", "maps",	 "io",	     "cmdline",
					     "fd",     "task", "mounts", "fdinfo/9", "environ" };
	char path[80], text[300];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct stat st;
		int fd;

		snprintf(path, sizeof(path), "%s/%d/%s", dir, pid, names[i]);
		if (i < 5) {
			readlink(path, text, sizeof(text));
			stat(path, &st);
		}
		fd = open(path, O_RDONLY | O_NONBLOCK);
		if (fd >= 0) {
			if (!fstat(fd, &st) && S_ISDIR(st.st_mode)) {
				DIR *d = opendir(path);

				while (d && readdir(d))
					continue;
				if (d)
					closedir(d);
			} else {
				while (read(fd, text, sizeof(text)) > 0)
					continue;
			}
			close(fd);
		}
	}
}

static void ending_processes(void)
{
	enum { SLOTS = 4, LOOKERS = 2, LIVES = 120 };
	volatile int *pids = shared(4096);
	pid_t lookers[LOOKERS], makers[SLOTS];

	CHECK(!mkdir("home", 0755));
	for (int k = 0; k < LOOKERS; k++) {
		lookers[k] = spawn();
		while (!lookers[k])
			for (int i = 0; i < SLOTS; i++)
				look_at("/proc", pids[i] ? pids[i] : getpid());
	}
	for (int k = 0; k < SLOTS; k++) {
		makers[k] = spawn();
		if (makers[k])
			continue;
		for (int i = 0; i < LIVES; i++) {
			pid_t pid = spawn();

			if (!pid) {
				int p[2];

				pids[k] = getpid();
				CHECK(!chdir("home"));
				CHECK(!pipe(p) && dup2(p[0], 9) == 9);
				for (int n = rand() % 64; n; n--)
					getppid();
				_exit(0);
			}
			wait_ok(pid);
		}
		_exit(0);
	}
	for (int k = 0; k < SLOTS; k++)
		wait_ok(makers[k]);
	kill_all(lookers, LOOKERS);
}

/*
 * Who looks at a process's descriptors is no user of its table: exec finds it unshared, and the record locks,
 * which belong to the table, stay.
 */
static void table_in_exec(void)
{
	volatile int *pid = shared(4096);
	struct flock fl = { .l_type = F_WRLCK, .l_len = 1 }, got;
	int file = open("f", O_RDWR | O_CREAT, 0644), hold[2], gone[2];
	pid_t lookers[2];
	char path[60], c;

	CHECK(file >= 0);
	for (int k = 0; k < 2; k++) {
		lookers[k] = spawn();
		while (!lookers[k]) {
			snprintf(path, sizeof(path), "/proc/%d/fd", *pid);
			DIR *d = opendir(path);

			while (d && readdir(d))
				continue;
			if (d)
				closedir(d);
		}
	}
	for (int i = 0; i < 100; i++) {
		CHECK(!pipe2(hold, O_CLOEXEC) && !pipe2(gone, O_CLOEXEC));
		*pid = spawn();
		if (!*pid) {
			*pid = getpid();
			for (int fd = 100; fd < 160; fd++)
				dup2(file, fd);
			CHECK(!fcntl(file, F_SETLK, &fl) && dup2(hold[0], 0) == 0);
			execl("/proc/self/exe", "usertests", "--wait", NULL);
			fail("exec: %m");
		}
		close(gone[1]);
		CHECK(read(gone[0], &c, 1) == 0); /* exec closed the other end */
		got = fl;
		CHECK(!fcntl(file, F_GETLK, &got) && got.l_type == F_WRLCK && got.l_pid == *pid);
		close(hold[1]);
		wait_ok(*pid);
		close(hold[0]);
		close(gone[0]);
	}
	kill_all(lookers, 2);
}

/* The names of a folder's files that are left: each file's count is how many of them it has. */
static void count_names(void)
{
	struct stat st[64];
	int n = 0, left[64];

	for (int k = 0; k < 48; k++) {
		char name[32];
		int i = 0;

		snprintf(name, sizeof(name), "d%d/n%d", k / 16, k % 16);
		if (stat(name, &st[n])) {
			CHECK(errno == ENOENT);
			continue;
		}
		while (st[i].st_ino != st[n].st_ino)
			i++;
		if (i == n)
			left[n++] = (int)st[i].st_nlink;
		left[i]--;
	}
	for (int i = 0; i < n; i++)
		CHECK(left[i] == 0);
}

/* One of those who make, write, link, rename and remove a few files in three folders, for so many rounds. */
static void change_names(unsigned int seed, int rounds)
{
	for (int i = 0; i < rounds; i++) {
		char a[32], b[32], path[40];
		int fd;

		snprintf(a, sizeof(a), "d%d/n%d", rand_r(&seed) % 3, rand_r(&seed) % 16);
		snprintf(b, sizeof(b), "d%d/n%d", rand_r(&seed) % 3, rand_r(&seed) % 16);
		switch (rand_r(&seed) % 8) {
		case 0:
			fd = open(a, O_RDWR | O_CREAT, 0644);
			CHECK(fd >= 0);
			CHECK(write(fd, path, 1 + rand_r(&seed) % sizeof(path)) > 0);
			CHECK(rand_r(&seed) % 4 || !fsync(fd));
			CHECK(!close(fd));
			break;
		case 1:
			fd = open("d0", O_TMPFILE | O_RDWR, 0600);
			if (fd < 0)
				break;
			snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
			linkat(AT_FDCWD, path, AT_FDCWD, b, AT_SYMLINK_FOLLOW);
			unlink(b);
			linkat(AT_FDCWD, path, AT_FDCWD, b, AT_SYMLINK_FOLLOW);
			CHECK(!close(fd));
			break;
		case 2:
			fd = open(a, O_RDONLY); /* what is removed stays readable */
			unlink(a);
			CHECK(fd < 0 || (read(fd, path, sizeof(path)) >= 0 && !close(fd)));
			break;
		case 3:
			unlink(a);
			break;
		case 4:
			rename(a, b);
			break;
		case 5:
			if (rand_r(&seed) % 16 == 0)
				sync();
			/* fall through */
		default:
			CHECK(!link(a, b) || errno == ENOENT || errno == EEXIST);
		}
	}
}

/* The last name of a file goes in one folder while it gets another in the next. */
static void names(void)
{
	enum { WORKERS = 4, ROUNDS = 1500 };
	pid_t pid[WORKERS];

	CHECK(!mkdir("d0", 0755) && !mkdir("d1", 0755) && !mkdir("d2", 0755));
	for (int k = 0; k < WORKERS; k++) {
		pid[k] = spawn();
		if (!pid[k]) {
			change_names((unsigned int)k + 1, ROUNDS);
			_exit(0);
		}
	}
	for (int k = 0; k < WORKERS; k++)
		wait_ok(pid[k]);
	count_names();
}

/* A file of O_TMPFILE has its first name given by linkat(2); when that is gone there is no second one. */
static void named_once(void)
{
	int fd = open(".", O_TMPFILE | O_RDWR, 0600);
	char path[40];

	CHECK(fd >= 0 && write(fd, "x", 1) == 1);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	CHECK(!linkat(AT_FDCWD, path, AT_FDCWD, "a", AT_SYMLINK_FOLLOW));
	CHECK(!linkat(AT_FDCWD, path, AT_FDCWD, "b", AT_SYMLINK_FOLLOW));
	CHECK(!unlink("a") && !unlink("b"));
	FAILS(ENOENT, linkat(AT_FDCWD, path, AT_FDCWD, "c", AT_SYMLINK_FOLLOW));
	CHECK(!close(fd));
	fd = open("d", O_CREAT | O_RDWR, 0600);
	CHECK(fd >= 0 && !unlink("d"));
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	FAILS(ENOENT, linkat(AT_FDCWD, path, AT_FDCWD, "d", AT_SYMLINK_FOLLOW));
	CHECK(!close(fd));
}

/*
 * The offset of a loop device changes while others read it: who changed it sees the file's other part, and
 * nothing that was read from the first one meanwhile.
 */
static void moved_loop(void)
{
	enum { PART = 16 * 4096, ROUNDS = 60, READERS = 2 };
	static char data[PART];
	struct loop_info64 info = { .lo_sizelimit = PART };
	int control = open("/dev/loop-control", O_RDWR), fd = open("f", O_CREAT | O_RDWR, 0600),
	    dev;
	char name[40], c;
	pid_t pid[READERS];

	CHECK(control >= 0 && fd >= 0);
	for (int part = 0; part < 2; part++) {
		memset(data, 'A' + part, PART);
		CHECK(write(fd, data, PART) == PART);
	}
	snprintf(name, sizeof(name), "/dev/loop%d", ioctl(control, LOOP_CTL_GET_FREE));
	dev = open(name, O_RDWR);
	CHECK(dev >= 0 && !ioctl(dev, LOOP_SET_FD, fd) && !ioctl(dev, LOOP_SET_STATUS64, &info));
	for (int k = 0; k < READERS; k++) {
		pid[k] = spawn();
		while (!pid[k])
			CHECK(pread(dev, data, PART, 0) == PART);
	}
	for (int round = 1; round <= ROUNDS; round++) {
		info.lo_offset = round % 2 * PART;
		CHECK(!ioctl(dev, LOOP_SET_STATUS64, &info));
		for (off_t at = 0; at < PART; at += 4096)
			CHECK(pread(dev, &c, 1, at) == 1 && c == 'A' + round % 2);
	}
	kill_all(pid, READERS);
	CHECK(!ioctl(dev, LOOP_CLR_FD) && !close(dev) && !close(fd) && !close(control));
}

const struct test fsrace_tests[] = {
	{ "race-names", names, 120 },
	{ "race-moved-loop", moved_loop, 120 },
	{ "tmpfile-named-once", named_once, 0 },
	{ "race-replaced-directory", replaced_directory, 60 },
	{ "race-polled-epoll", polled_epoll, 60 },
	{ "race-table-in-exec", table_in_exec, 60 },
	{ "race-proc-exit", ending_processes, 60 },
	{ NULL, NULL, 0 },
};
