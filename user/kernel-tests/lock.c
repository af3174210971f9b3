/*
 * lock.c - file locks: many of them, and any mixture of owners, types and ranges compared with a
 * table of bytes.
 */
#include "tests.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define OWNERS 5
#define BYTES  96

static int set(int fd, int cmd, int type, long start, long len)
{
	struct flock fl = { .l_type = (short)type, .l_start = start, .l_len = len };

	return fcntl(fd, cmd, &fl);
}

static long whole(int fd, int op)
{
	return syscall(__NR_flock, fd, op);
}

/* Who stands in the way; F_UNLCK: nobody. */
static struct flock ask(int fd, int cmd, int type, long start, long len)
{
	struct flock fl = { .l_type = (short)type, .l_start = start, .l_len = len };

	CHECK(!fcntl(fd, cmd, &fl));
	return fl;
}

/* A lock on each second byte, then on the others: fast however many there are. */
static void many(void)
{
	const int n = 60000;
	int fd = open("f", O_RDWR | O_CREAT, 0644), other = open("f", O_RDWR);
	pid_t pid;

	for (int i = 0; i < n; i++)
		CHECK(!set(fd, F_SETLK, i % 4 ? F_WRLCK : F_RDLCK, i * 2L, 1));
	for (int i = 0; i < n; i++) {
		FAILS(EAGAIN, set(other, F_OFD_SETLK, F_WRLCK, (n - 1 - i) * 2L, 1));
		CHECK(ask(other, F_OFD_GETLK, F_WRLCK, i * 2L + 1, 1).l_type == F_UNLCK);
	}
	CHECK(ask(fd, F_GETLK, F_WRLCK, 0, 0).l_type == F_UNLCK); /* passes all its own by */
	pid = spawn();
	if (!pid) {
		CHECK(ask(fd, F_GETLK, F_WRLCK, n, 0).l_start == n);
		CHECK(ask(fd, F_GETLK, F_RDLCK, 0, 0).l_start == 2);
		_exit(0);
	}
	wait_ok(pid);
	CHECK(!set(fd, F_SETLK, F_UNLCK, 0, 10000));
	CHECK(!set(other, F_OFD_SETLK, F_WRLCK, 0, 10000));
	CHECK(!close(other)); /* takes all of fd's with it, as record locks will have it */
	pid = spawn();
	if (!pid) {
		CHECK(ask(fd, F_GETLK, F_WRLCK, 0, 0).l_type == F_UNLCK);
		_exit(0);
	}
	wait_ok(pid);
}

/* The same with an owner for each lock. */
static void many_owners(void)
{
	int fds[900], probe;

	probe = open("f", O_RDWR | O_CREAT, 0644);
	for (int i = 0; i < 900; i++) {
		fds[i] = open("f", O_RDWR);
		CHECK(fds[i] >= 0);
	}
	for (int round = 0; round < 20; round++) {
		for (int i = 0; i < 900; i++) {
			CHECK(!set(fds[i], F_OFD_SETLK, F_RDLCK, 0, 0));
			CHECK(!whole(fds[i], LOCK_SH | LOCK_NB));
		}
		FAILS(EAGAIN, set(probe, F_OFD_SETLK, F_WRLCK, 5, 1));
		FAILS(EWOULDBLOCK, whole(probe, LOCK_EX | LOCK_NB));
		for (int i = 0; i < 900; i++) {
			CHECK(!set(fds[i], F_OFD_SETLK, F_UNLCK, 0, 0));
			CHECK(!whole(fds[i], LOCK_UN));
		}
		CHECK(!set(probe, F_OFD_SETLK, F_WRLCK, 5, 1) && !whole(probe, LOCK_EX | LOCK_NB));
		CHECK(!set(probe, F_OFD_SETLK, F_UNLCK, 5, 1) && !whole(probe, LOCK_UN));
	}
}

static char have[OWNERS][BYTES]; /* F_UNLCK, F_RDLCK, F_WRLCK */

/* What the table says of a lock that `who` asks for: the first byte in the way, or -1. */
static long in_the_way(int who, int type, long start, long end)
{
	for (long b = start; b <= end; b++)
		for (int o = 0; o < OWNERS; o++)
			if (o != who && have[o][b] != F_UNLCK &&
			    (type == F_WRLCK || have[o][b] == F_WRLCK))
				return b;
	return -1;
}

static void check_answer(const struct flock *fl, int who, int type, long start, long end)
{
	long way = in_the_way(who, type, start, end), last;
	int ok = 0;

	if (way < 0) {
		CHECK(fl->l_type == F_UNLCK);
		return;
	}
	CHECK(fl->l_type != F_UNLCK && fl->l_pid == -1);
	/* It is a whole lock of somebody else: its neighbours are not of that type. */
	last = fl->l_len ? fl->l_start + fl->l_len - 1 : BYTES - 1;
	CHECK(fl->l_start <= end && last >= start);
	for (int o = 0; o < OWNERS; o++) {
		int all = o != who;

		for (long b = fl->l_start; b <= last; b++)
			all &= have[o][b] == fl->l_type;
		all &= !fl->l_start || have[o][fl->l_start - 1] != fl->l_type;
		all &= last == BYTES - 1 || have[o][last + 1] != fl->l_type;
		ok |= all;
	}
	CHECK(ok && (type == F_WRLCK || fl->l_type == F_WRLCK));
}

static void any_mixture(void)
{
	static const short types[] = { F_RDLCK, F_WRLCK, F_UNLCK };
	unsigned int seed = 11;
	int fds[OWNERS];

	memset(have, F_UNLCK, sizeof(have));
	for (int o = 0; o < OWNERS; o++) {
		fds[o] = open("f", O_RDWR | O_CREAT, 0644);
		CHECK(fds[o] >= 0);
	}
	for (int i = 0; i < 12000; i++) {
		int who = rand_r(&seed) % OWNERS, type = types[rand_r(&seed) % 3];
		long start = (unsigned int)rand_r(&seed) % BYTES, end = start + rand_r(&seed) % 12;
		long len = end >= BYTES - 1 ? 0 : end - start + 1;
		struct flock fl;

		if (end >= BYTES)
			end = BYTES - 1;
		if (rand_r(&seed) % 300 == 0) { /* all goes with the last descriptor */
			CHECK(!close(fds[who]));
			fds[who] = open("f", O_RDWR);
			memset(have[who], F_UNLCK, BYTES);
		}
		if (type != F_UNLCK) {
			fl = ask(fds[who], F_OFD_GETLK, type, start, len);
			check_answer(&fl, who, type, start, end);
			if (in_the_way(who, type, start, end) >= 0) {
				FAILS(EAGAIN, set(fds[who], F_OFD_SETLK, type, start, len));
				continue;
			}
		}
		CHECK(!set(fds[who], F_OFD_SETLK, type, start, len));
		memset(have[who] + start, type, (size_t)(end - start + 1));
	}
}

/* Children each lock their byte and want the next one's; the last closes the ring and is refused. */
static void ring(void)
{
	enum { N = 12 };
	int fd = open("f", O_RDWR | O_CREAT, 0644), go[2], up[2];
	pid_t pids[N];
	char c;

	CHECK(!pipe(go) && !pipe(up));
	for (int i = 0; i < N; i++) {
		pids[i] = spawn();
		if (!pids[i]) {
			CHECK(!set(fd, F_SETLK, F_WRLCK, i, 1));
			CHECK(write(up[1], "x", 1) == 1 && read(go[0], &c, 1) == 1);
			if (set(fd, F_SETLKW, F_WRLCK, (i + 1) % N, 1))
				_exit(errno == EDEADLK ? 1 : 2);
			_exit(0);
		}
		CHECK(read(up[0], &c, 1) == 1);
	}
	CHECK(write(go[1], "xxxxxxxxxxxx", N) == N);
	int refused = 0;

	for (int i = 0; i < N; i++) {
		int status = wait_for(pids[i]);

		CHECK(status == 0 || status == 1 << 8);
		refused += status != 0;
	}
	CHECK(refused == 1);
}

/* Who waits is woken by whatever makes room: a shorter lock, a weaker one, another's end. */
static void woken(void)
{
	int fd = open("f", O_RDWR | O_CREAT, 0644), up[2];
	char c;

	CHECK(!pipe(up));
	for (int way = 0; way < 4; way++) {
		pid_t holder, waiter;

		holder = spawn();
		if (!holder) {
			CHECK(!set(fd, F_SETLK, F_WRLCK, 0, 100));
			CHECK(write(up[1], "x", 1) == 1);
			sleep_ms(60);
			if (way == 0)
				CHECK(!set(fd, F_SETLK, F_UNLCK, 50, 0));
			else if (way == 1)
				CHECK(!set(fd, F_SETLK, F_RDLCK, 40, 20));
			else if (way == 2)
				CHECK(!set(fd, F_SETLK, F_UNLCK, 45, 10));
			else
				_exit(0);
			pause();
		}
		CHECK(read(up[0], &c, 1) == 1);
		waiter = spawn();
		if (!waiter) {
			CHECK(!set(fd, F_SETLKW, F_RDLCK, 50, 1));
			_exit(0);
		}
		wait_ok(waiter);
		kill(holder, SIGKILL);
		wait_for(holder);
	}
}

const struct test lock_tests[] = {
	{ "lock-many", many, 0 },	    { "lock-owners", many_owners, 0 },
	{ "lock-mixture", any_mixture, 0 }, { "lock-ring", ring, 0 },
	{ "lock-woken", woken, 0 },	    { NULL, NULL, 0 },
};
