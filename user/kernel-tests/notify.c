/*
 * notify.c - listeners that come and go while files do: inotify and fanotify on many harts, questions
 * to somebody who answers late or not at all, leases that are broken and given back.
 */
#include "tests.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <uapi/fanotify.h>
#include <uapi/inotify.h>

enum { FILES = 6, HARTS = 8, ROUNDS = 400, WATCHES = 65536 };

static int inotify(void)
{
	return (int)syscall(__NR_inotify_init1, IN_NONBLOCK);
}

static int watch(int in, const char *name, unsigned int mask)
{
	return (int)syscall(__NR_inotify_add_watch, in, name, mask);
}

static int fanotify(unsigned int flags)
{
	return (int)syscall(__NR_fanotify_init, flags, O_RDONLY);
}

static int mark(int fan, unsigned int flags, unsigned long mask, const char *name)
{
	return (int)syscall(__NR_fanotify_mark, fan, flags, mask, AT_FDCWD, name);
}

static const char *nth(unsigned int n)
{
	static char name[2][32];
	static int turn;

	turn ^= 1;
	snprintf(name[turn], sizeof(name[0]), "dir/%u", n % FILES);
	return name[turn];
}

/* Makes, writes, renames and removes; others do the same to the same names. */
static void change_files(unsigned int seed)
{
	for (unsigned int i = 0; i < ROUNDS; i++) {
		const char *name = nth((unsigned int)rand_r(&seed));
		int fd;

		switch (rand_r(&seed) % 4) {
		case 0:
			unlink(name);
			break;
		case 1:
			rename(name, nth((unsigned int)rand_r(&seed)));
			break;
		default:
			fd = open(name, O_CREAT | O_RDWR, 0644);
			CHECK(fd >= 0 && write(fd, "x", 1) == 1 && !close(fd));
			break;
		}
	}
}

/* Reads all there is. A watch that was told to be gone is told of no more. */
static void read_events(int in, char *gone)
{
	static char buf[16384] __attribute__((aligned(8)));
	ssize_t n;

	while ((n = read(in, buf, sizeof(buf))) > 0) {
		for (char *p = buf; p < buf + n;) {
			const struct inotify_event *e = (const void *)p;

			CHECK(p + sizeof(*e) + e->len <= buf + n);
			p += sizeof(*e) + e->len;
			if (e->mask & IN_Q_OVERFLOW)
				continue;
			CHECK(e->wd > 0 && e->wd < WATCHES && !gone[e->wd]);
			gone[e->wd] = (e->mask & IN_IGNORED) != 0;
		}
	}
	CHECK(errno == EAGAIN);
}

static void watch_files(unsigned int seed)
{
	char *gone = calloc(1, WATCHES);
	int in = inotify(), newest = 0;

	CHECK(gone && in >= 0);
	for (unsigned int i = 0; i < ROUNDS; i++) {
		int wd = watch(in, i % 5 ? nth((unsigned int)rand_r(&seed)) : "dir",
			       IN_ALL_EVENTS | (rand_r(&seed) % 4 ? 0 : IN_ONESHOT));

		CHECK(wd > 0 || errno == ENOENT);
		if (wd > newest)
			newest = wd;
		if (newest && i % 3 == 0)
			syscall(__NR_inotify_rm_watch, in, rand_r(&seed) % newest + 1);
		if (i % 4 == 0)
			read_events(in, gone);
	}
	read_events(in, gone);
	CHECK(!close(in));
	free(gone);
}

static void mark_files(unsigned int seed)
{
	static char buf[16384];
	int fan = fanotify(FAN_NONBLOCK | FAN_REPORT_FID | FAN_REPORT_DIR_FID | FAN_REPORT_NAME);

	CHECK(fan >= 0);
	for (unsigned int i = 0; i < ROUNDS; i++) {
		const char *name = nth((unsigned int)rand_r(&seed));
		unsigned int evictable = rand_r(&seed) % 2 ? FAN_MARK_EVICTABLE : 0;

		mark(fan, FAN_MARK_ADD | evictable, FAN_OPEN | FAN_MODIFY | FAN_DELETE_SELF, name);
		if (i % 3 == 0)
			mark(fan, FAN_MARK_REMOVE, FAN_OPEN | FAN_MODIFY | FAN_DELETE_SELF, name);
		if (i % 8 == 0)
			mark(fan, FAN_MARK_ADD | FAN_MARK_FILESYSTEM, FAN_CREATE | FAN_RENAME, ".");
		if (i % 32 == 0)
			mark(fan, FAN_MARK_FLUSH | FAN_MARK_FILESYSTEM, 0, ".");
		while (read(fan, buf, sizeof(buf)) > 0)
			;
		CHECK(errno == EAGAIN);
	}
	CHECK(!close(fan));
}

/* On each hart somebody who changes files, or listens. */
static void listeners(void)
{
	static void (*const jobs[])(unsigned int) = { change_files, watch_files, change_files,
						      mark_files };
	pid_t pid[HARTS];

	CHECK(!mkdir("dir", 0755));
	for (unsigned int i = 0; i < HARTS; i++) {
		pid[i] = spawn();
		if (!pid[i]) {
			jobs[i % 4](i + 1);
			_exit(0);
		}
	}
	for (unsigned int i = 0; i < HARTS; i++)
		wait_ok(pid[i]);
}

/* A file system goes while somebody comes to listen there. */
static void unmounted(void)
{
	volatile int *stop =
		mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t pid;

	CHECK(!mkdir("mnt", 0755));
	pid = spawn();
	if (!pid) {
		char *gone = calloc(1, WATCHES);
		int in = inotify();

		for (int n = 0; !*stop && n < WATCHES / 2 - 1; n++) {
			watch(in, "mnt/file", IN_ALL_EVENTS);
			watch(in, "mnt", IN_ALL_EVENTS);
			read_events(in, gone);
		}
		_exit(0);
	}
	for (int i = 0; i < 100; i++) {
		CHECK(!mount("none", "mnt", "tmpfs", 0, NULL));
		make_file("mnt/file", "x");
		while (umount("mnt"))
			CHECK(errno == EBUSY);
	}
	*stop = 1;
	wait_ok(pid);
}

/* Those who ask are killed at any moment; some are answered, in the end nobody is. */
static void questions(void)
{
	enum { ASKERS = 6 };
	struct fanotify_event_metadata e;
	int fan = fanotify(FAN_CLASS_CONTENT | FAN_NONBLOCK);
	pid_t pid[ASKERS] = { 0 };
	unsigned int seed = 1;

	make_file("asked", "x");
	CHECK(fan >= 0 && !mark(fan, FAN_MARK_ADD, FAN_OPEN_PERM | FAN_ACCESS_PERM, "asked"));
	for (int i = 0; i < 300; i++) {
		int k = rand_r(&seed) % ASKERS;

		if (pid[k]) {
			CHECK(!kill(pid[k], SIGKILL));
			wait_for(pid[k]);
		}
		pid[k] = spawn();
		if (!pid[k]) {
			char c;

			for (;;) {
				int fd = open("asked", O_RDONLY);

				CHECK(fd >= 0 || errno == EPERM);
				if (fd >= 0) {
					read(fd, &c, 1);
					close(fd);
				}
			}
		}
		for (int n = 0; n < 5; n++) {
			struct fanotify_response r = { .response = n % 2 ? FAN_ALLOW : FAN_DENY };

			if (read(fan, &e, sizeof(e)) != sizeof(e))
				break;
			r.fd = e.fd;
			if (n != 3)
				CHECK(write(fan, &r, sizeof(r)) == sizeof(r));
			CHECK(!close(e.fd));
		}
	}
	CHECK(!close(fan)); /* whoever waits goes on */
	sleep_ms(10);
	kill_all(pid, ASKERS);
}

static void leases(void)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN };
	pid_t pid[4];

	make_file("leased", "x");
	for (unsigned int i = 0; i < 4; i++) {
		pid[i] = spawn();
		if (pid[i])
			continue;
		sigaction(SIGIO, &ignore, NULL);
		for (unsigned int n = 0; n < 500; n++) {
			int fd = open("leased",
				      (n + i) % 3 ? O_RDONLY | O_NONBLOCK : O_RDWR | O_NONBLOCK);

			CHECK(fd >= 0 || errno == EWOULDBLOCK);
			if (fd < 0)
				continue;
			if (fcntl(fd, F_SETLEASE, n % 2 ? F_RDLCK : F_WRLCK))
				CHECK(errno == EAGAIN);
			if (n % 4)
				fcntl(fd, F_SETLEASE, F_UNLCK);
			CHECK(!close(fd));
		}
		_exit(0);
	}
	for (unsigned int i = 0; i < 4; i++)
		wait_ok(pid[i]);
}

const struct test notify_tests[] = {
	{ "race-notify", listeners, 60 },
	{ "race-notify-umount", unmounted, 60 },
	{ "race-notify-questions", questions, 60 },
	{ "race-leases", leases, 60 },
	{ NULL, NULL, 0 },
};
