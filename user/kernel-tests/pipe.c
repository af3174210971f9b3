/*
 * pipe.c - pipes, and waiting for them with poll and epoll.
 */
#include "tests.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void basics(void)
{
	struct stat st;
	char buf[10];
	int fds[2], n;

	CHECK(!pipe(fds));
	CHECK(write(fds[1], "hello", 5) == 5);
	CHECK(!ioctl(fds[0], FIONREAD, &n) && n == 5);
	CHECK(read(fds[0], buf, 2) == 2 && !memcmp(buf, "he", 2));
	CHECK(read(fds[0], buf, 10) == 3 && !memcmp(buf, "llo", 3));
	CHECK(write(fds[1], "", 0) == 0);
	FAILS(EBADF, read(fds[1], buf, 1));
	FAILS(EBADF, write(fds[0], buf, 1));
	FAILS(ESPIPE, lseek(fds[0], 0, SEEK_SET));
	FAILS(ESPIPE, pread(fds[0], buf, 1, 0));
	CHECK(!fstat(fds[0], &st) && S_ISFIFO(st.st_mode));
	CHECK(!close(fds[1]));
	CHECK(read(fds[0], buf, 1) == 0);
	FAILS(EINVAL, pipe2(fds, 0x12345));
}

static void broken(void)
{
	int fds[2];

	CHECK(!pipe(fds) && !close(fds[0]));
	signal(SIGPIPE, SIG_IGN);
	FAILS(EPIPE, write(fds[1], "x", 1));

	pid_t pid = spawn();

	if (!pid) {
		signal(SIGPIPE, SIG_DFL);
		write(fds[1], "x", 1);
		_exit(0);
	}
	CHECK(WTERMSIG(wait_for(pid)) == SIGPIPE);
}

/* 64 KiB fit; then a non-blocking write is refused until a page is free. */
static void capacity(void)
{
	static char buf[4096];
	int fds[2], n = 0;

	CHECK(!pipe2(fds, O_NONBLOCK));
	FAILS(EAGAIN, read(fds[0], buf, 1));
	while (write(fds[1], buf, sizeof(buf)) == sizeof(buf))
		n++;
	CHECK(errno == EAGAIN && n == 16);
	FAILS(EAGAIN, write(fds[1], "x", 1));
	CHECK(read(fds[0], buf, 100) == 100);
	FAILS(EAGAIN, write(fds[1], buf, 4096));
	CHECK(read(fds[0], buf, 4096) == 4096);
	CHECK(write(fds[1], buf, 4096) == 4096);
	CHECK(fcntl(fds[1], F_GETPIPE_SZ) == 65536);
}

/* A stream of numbers, in odd sizes, comes out as it went in. */
static void stream(void)
{
	static unsigned char buf[5003];
	unsigned int at = 0, total = 2000000;
	int fds[2], turn = 0;
	pid_t pid;
	ssize_t n;

	CHECK(!pipe(fds));
	pid = spawn();
	if (!pid) {
		close(fds[0]);
		while (at < total) {
			unsigned int len = (unsigned int)(turn++ * 37 % 5000 + 1);

			if (len > total - at)
				len = total - at;
			for (unsigned int i = 0; i < len; i++)
				buf[i] = (unsigned char)((at + i) * 7 + ((at + i) >> 8));
			CHECK(write(fds[1], buf, len) == (ssize_t)len);
			at += len;
		}
		_exit(0);
	}
	close(fds[1]);
	while ((n = read(fds[0], buf, (size_t)(turn++ * 53 % 5000 + 1))) > 0) {
		for (ssize_t i = 0; i < n; i++, at++)
			if (buf[i] != (unsigned char)(at * 7 + (at >> 8)))
				fail("byte %u is %u", at, buf[i]);
	}
	CHECK(n == 0 && at == total);
	wait_ok(pid);
}

/* Writes of up to PIPE_BUF bytes are never mixed. */
static void atomic_writes(void)
{
	int fds[2], count[4] = { 0 };
	char record[513];
	pid_t pids[4];

	CHECK(!pipe(fds));
	for (int w = 0; w < 4; w++) {
		pids[w] = spawn();
		if (!pids[w]) {
			memset(record, 'a' + w, sizeof(record));
			for (int i = 0; i < 200; i++)
				CHECK(write(fds[1], record, sizeof(record)) == sizeof(record));
			_exit(0);
		}
	}
	close(fds[1]);
	for (int i = 0; i < 800; i++) {
		size_t have = 0;

		while (have < sizeof(record)) {
			ssize_t n = read(fds[0], record + have, sizeof(record) - have);

			CHECK(n > 0);
			have += (size_t)n;
		}
		for (size_t k = 1; k < sizeof(record); k++)
			CHECK(record[k] == record[0]);
		count[record[0] - 'a']++;
	}
	CHECK(read(fds[0], record, 1) == 0);
	for (int w = 0; w < 4; w++) {
		CHECK(count[w] == 200);
		wait_ok(pids[w]);
	}
}

/* A writer that sleeps is woken by the reader's end, a reader by the writer's death. */
static void sleepers(void)
{
	static char big[200000];
	int fds[2];
	pid_t pid;
	char c;

	CHECK(!pipe(fds));
	pid = spawn();
	if (!pid) {
		close(fds[0]);
		write(fds[1], big, sizeof(big));
		_exit(0);
	}
	sleep_ms(50);
	close(fds[0]);
	close(fds[1]);
	CHECK(WTERMSIG(wait_for(pid)) == SIGPIPE);

	CHECK(!pipe(fds));
	pid = spawn();
	if (!pid) {
		close(fds[0]);
		pause();
	}
	close(fds[1]);
	sleep_ms(20);
	kill(pid, SIGKILL);
	CHECK(read(fds[0], &c, 1) == 0);
	wait_for(pid);
}

static void ping_pong(void)
{
	int there[2], back[2], v = 0;
	pid_t pid;

	CHECK(!pipe(there) && !pipe(back));
	pid = spawn();
	if (!pid) {
		while (read(there[0], &v, sizeof(v)) == sizeof(v) && v >= 0) {
			v++;
			write(back[1], &v, sizeof(v));
		}
		_exit(0);
	}
	for (int i = 0; i < 1000; i++) {
		CHECK(write(there[1], &i, sizeof(i)) == sizeof(i));
		CHECK(read(back[0], &v, sizeof(v)) == sizeof(v) && v == i + 1);
	}
	v = -1;
	CHECK(write(there[1], &v, sizeof(v)) == sizeof(v));
	wait_ok(pid);
}

static void fifo(void)
{
	char buf[8];
	pid_t pid;
	int fd;

	CHECK(!mkfifo("p", 0644));
	FAILS(EEXIST, mkfifo("p", 0644));
	FAILS(ENXIO, open("p", O_WRONLY | O_NONBLOCK));
	pid = spawn();
	if (!pid) {
		fd = open("p", O_WRONLY);
		CHECK(fd >= 0 && write(fd, "fifo", 4) == 4);
		_exit(0);
	}
	fd = open("p", O_RDONLY);
	CHECK(fd >= 0);
	CHECK(read(fd, buf, 8) == 4 && !memcmp(buf, "fifo", 4));
	CHECK(read(fd, buf, 8) == 0);
	wait_ok(pid);
}

static void polling(void)
{
	struct pollfd p[3];
	int fds[2];
	long t;

	CHECK(!pipe(fds));
	p[0] = (struct pollfd){ .fd = fds[0], .events = POLLIN };
	p[1] = (struct pollfd){ .fd = fds[1], .events = POLLOUT };
	p[2] = (struct pollfd){ .fd = -1, .events = POLLIN, .revents = 77 };
	CHECK(poll(p, 3, -1) == 1 && !p[0].revents && p[1].revents == POLLOUT && !p[2].revents);
	t = now_ms();
	CHECK(poll(p, 1, 60) == 0);
	t = now_ms() - t;
	CHECK(t >= 59 && t < 2000);
	CHECK(write(fds[1], "x", 1) == 1);
	CHECK(poll(p, 2, -1) == 2 && p[0].revents == POLLIN);
	close(fds[1]);
	CHECK(poll(p, 1, 0) == 1 && p[0].revents == (POLLIN | POLLHUP));
	p[1].fd = 999;
	CHECK(poll(p + 1, 1, -1) == 1 && p[1].revents == POLLNVAL);
	CHECK(poll(NULL, 0, 10) == 0);

	CHECK(!pipe(fds) && !close(fds[0]));
	p[0] = (struct pollfd){ .fd = fds[1], .events = POLLOUT };
	CHECK(poll(p, 1, 0) == 1 && (p[0].revents & POLLERR));
}

static void poll_wakes(void)
{
	int fds[2];
	pid_t pid;
	char c;

	CHECK(!pipe(fds));
	pid = spawn();
	if (!pid) {
		for (int i = 0; i < 20; i++) {
			sleep_ms(3);
			write(fds[1], "x", 1);
		}
		_exit(0);
	}
	close(fds[1]);
	for (int i = 0;; i++) {
		struct pollfd p = { .fd = fds[0], .events = POLLIN };

		CHECK(poll(&p, 1, 5000) == 1);
		if (read(fds[0], &c, 1) == 0) {
			CHECK(i == 20);
			break;
		}
	}
	wait_ok(pid);
}

static void epolling(void)
{
	struct epoll_event ev = { .events = EPOLLIN, .data.u64 = 0x1122334455667788 }, got[4];
	int ep = epoll_create1(EPOLL_CLOEXEC), fds[2];
	char buf[8];

	CHECK(ep >= 0 && !pipe(fds));
	CHECK(!epoll_ctl(ep, EPOLL_CTL_ADD, fds[0], &ev));
	FAILS(EEXIST, epoll_ctl(ep, EPOLL_CTL_ADD, fds[0], &ev));
	FAILS(ENOENT, epoll_ctl(ep, EPOLL_CTL_MOD, fds[1], &ev));
	FAILS(EINVAL, epoll_ctl(ep, EPOLL_CTL_ADD, ep, &ev));
	FAILS(EBADF, epoll_ctl(ep, EPOLL_CTL_ADD, 999, &ev));
	FAILS(EPERM, epoll_ctl(ep, EPOLL_CTL_ADD, open("/proc/self/exe", O_RDONLY), &ev));
	FAILS(EINVAL, epoll_wait(ep, got, 0, 0));
	CHECK(epoll_wait(ep, got, 4, 0) == 0);
	CHECK(write(fds[1], "ab", 2) == 2);
	CHECK(epoll_wait(ep, got, 4, -1) == 1);
	CHECK(got[0].events == EPOLLIN && got[0].data.u64 == 0x1122334455667788);
	CHECK(epoll_wait(ep, got, 4, 0) == 1); /* level: still there */

	ev.events = EPOLLIN | EPOLLET;
	CHECK(!epoll_ctl(ep, EPOLL_CTL_MOD, fds[0], &ev));
	CHECK(epoll_wait(ep, got, 4, 0) == 1);
	CHECK(epoll_wait(ep, got, 4, 0) == 0); /* edge: told once */
	CHECK(write(fds[1], "c", 1) == 1 && epoll_wait(ep, got, 4, 0) == 1);

	ev.events = EPOLLIN | EPOLLONESHOT;
	CHECK(!epoll_ctl(ep, EPOLL_CTL_MOD, fds[0], &ev));
	CHECK(epoll_wait(ep, got, 4, 0) == 1);
	CHECK(write(fds[1], "d", 1) == 1 && epoll_wait(ep, got, 4, 0) == 0);
	CHECK(read(fds[0], buf, 8) == 4);
	CHECK(!epoll_ctl(ep, EPOLL_CTL_DEL, fds[0], NULL));
	FAILS(ENOENT, epoll_ctl(ep, EPOLL_CTL_DEL, fds[0], NULL));
	/* A closed file leaves by itself. */
	ev.events = EPOLLIN;
	CHECK(!epoll_ctl(ep, EPOLL_CTL_ADD, fds[0], &ev));
	close(fds[0]);
	close(fds[1]);
	CHECK(epoll_wait(ep, got, 4, 0) == 0);
}

static void event_counter(void)
{
	int fd = eventfd(3, EFD_NONBLOCK);
	uint64_t v = 5;

	CHECK(fd >= 0);
	CHECK(write(fd, &v, 8) == 8);
	CHECK(read(fd, &v, 8) == 8 && v == 8);
	FAILS(EAGAIN, read(fd, &v, 8));
	FAILS(EINVAL, read(fd, &v, 4));
	v = ~0ul;
	FAILS(EINVAL, write(fd, &v, 8));
	v = ~0ul - 1;
	CHECK(write(fd, &v, 8) == 8);
	v = 1;
	FAILS(EAGAIN, write(fd, &v, 8));
	close(fd);
	fd = eventfd(2, EFD_SEMAPHORE | EFD_NONBLOCK);
	CHECK(read(fd, &v, 8) == 8 && v == 1 && read(fd, &v, 8) == 8 && v == 1);
	FAILS(EAGAIN, read(fd, &v, 8));
}

/*
 * Two feed a pipe, two move what is in it to a second one by splice(2) while its size changes, one reads
 * that and one splices it to a file: no byte is lost, doubled or changed.
 */
#define SPLICED (1 << 20)

static void feed(int to, unsigned seed)
{
	unsigned char buf[700];

	for (int left = SPLICED; left > 0;) {
		int n = 1 + (int)((seed = seed * 1103515245 + 12345) >> 16) % (int)sizeof(buf);

		n = n < left ? n : left;
		for (int i = 0; i < n; i++)
			buf[i] = (unsigned char)(left - i);
		CHECK(write(to, buf, (size_t)n) == n);
		left -= n;
	}
	_exit(0);
}

static void move_all(int from, int to, unsigned seed, size_t most)
{
	for (;;) {
		size_t want = 1 + ((seed = seed * 1103515245 + 12345) >> 8) % most;
		long n = syscall(__NR_splice, from, NULL, to, NULL, want, 0);

		CHECK(n >= 0);
		if (!n)
			_exit(0);
		if (seed >> 28 == 3)
			fcntl(from, F_SETPIPE_SZ, seed >> 27 & 1 ? 65536 : 262144);
	}
}

static uint64_t sum_of(int fd, uint64_t *bytes)
{
	unsigned char buf[5000];
	uint64_t sum = 0;
	long n;

	while ((n = read(fd, buf, sizeof(buf))) > 0) {
		for (long i = 0; i < n; i++)
			sum += buf[i];
		*bytes += (uint64_t)n;
	}
	CHECK(!n);
	return sum;
}

static void splice_race(void)
{
	uint64_t bytes = 0, sum = 0, want = 0;
	int a[2], b[2], out;
	pid_t pid[5];

	for (int left = SPLICED; left > 0; left--)
		want += 2 * (unsigned char)left;
	CHECK(!pipe(a) && !pipe(b));
	out = open("out", O_CREAT | O_RDWR, 0600);
	CHECK(out >= 0);
	for (int i = 0; i < 5; i++) {
		pid[i] = spawn();
		if (pid[i])
			continue;
		if (i < 2)
			feed(a[1], (unsigned)i + 1);
		close(a[1]);
		if (i < 4)
			move_all(a[0], b[1], (unsigned)i, 9000);
		close(b[1]);
		move_all(b[0], out, 7, 30000);
	}
	close(a[1]);
	close(a[0]);
	close(b[1]);
	sum = sum_of(b[0], &bytes);
	for (int i = 0; i < 5; i++)
		wait_ok(pid[i]);
	CHECK(lseek(out, 0, SEEK_SET) == 0);
	sum += sum_of(out, &bytes);
	CHECK(bytes == 2 * SPLICED);
	CHECK(sum == want);
}

const struct test pipe_tests[] = {
	{ "pipe", basics, 0 },
	{ "pipe-broken", broken, 0 },
	{ "pipe-capacity", capacity, 0 },
	{ "pipe-stream", stream, 0 },
	{ "pipe-atomic", atomic_writes, 0 },
	{ "pipe-sleepers", sleepers, 0 },
	{ "pipe-ping-pong", ping_pong, 0 },
	{ "fifo", fifo, 0 },
	{ "poll", polling, 0 },
	{ "poll-wakes", poll_wakes, 0 },
	{ "epoll", epolling, 0 },
	{ "eventfd", event_counter, 0 },
	{ "splice-race", splice_race, 60 },
	{ NULL, NULL, 0 },
};
