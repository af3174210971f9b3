/*
 * unix.c - Unix sockets under load: ends that close while others connect, send and receive;
 * sockets that are on their way to each other.
 */
#include "tests.h"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static struct sockaddr_un name_of(const char *name)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };

	strcpy(a.sun_path, name);
	return a;
}

static void send_fd(int s, int fd)
{
	union {
		struct cmsghdr h;
		char room[CMSG_SPACE(sizeof(int))];
	} c;
	char byte = 0;
	struct iovec iov = { &byte, 1 };
	struct msghdr m = { .msg_iov = &iov,
			    .msg_iovlen = 1,
			    .msg_control = &c,
			    .msg_controllen = CMSG_LEN(sizeof(int)) };

	c.h = (struct cmsghdr){ CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS };
	memcpy(CMSG_DATA(&c.h), &fd, sizeof(fd));
	if (sendmsg(s, &m, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
		CHECK(errno == EAGAIN || errno == EPIPE || errno == ECONNRESET ||
		      errno == ETOOMANYREFS);
}

/* A descriptor that came, or -1. */
static int take_fd(int s)
{
	union {
		struct cmsghdr h;
		char room[CMSG_SPACE(sizeof(int))];
	} c;
	char byte;
	struct iovec iov = { &byte, 1 };
	struct msghdr m = {
		.msg_iov = &iov, .msg_iovlen = 1, .msg_control = &c, .msg_controllen = sizeof(c)
	};
	int fd;

	if (recvmsg(s, &m, MSG_DONTWAIT) < 0 || m.msg_controllen < CMSG_LEN(sizeof(int)))
		return -1;
	memcpy(&fd, CMSG_DATA(&c.h), sizeof(fd));
	return fd;
}

/* ---- one name, many who connect, a listener that goes and comes ----------------------------- */

enum { CALLERS = 6, CALLS = 120 };

static _Noreturn void call_often(void)
{
	struct sockaddr_un a = name_of("door");
	char c;

	for (int i = 0; i < CALLS; i++) {
		int s = socket(AF_UNIX, i % 2 ? SOCK_STREAM : SOCK_SEQPACKET, 0);

		CHECK(s >= 0);
		if (!connect(s, (struct sockaddr *)&a, sizeof(a))) {
			send(s, "hello", 5, MSG_NOSIGNAL);
			recv(s, &c, 1, 0); /* the answer, or an end */
		} else {
			CHECK(errno == ECONNREFUSED || errno == ENOENT || errno == EPROTOTYPE);
		}
		close(s);
	}
	_exit(0);
}

static void doors(void)
{
	struct sockaddr_un a = name_of("door");
	pid_t callers[CALLERS];
	int left = CALLERS, status, round = 0;

	for (int i = 0; i < CALLERS; i++) {
		callers[i] = spawn();
		if (!callers[i])
			call_often();
	}
	while (left) {
		int l = socket(AF_UNIX, round % 2 ? SOCK_STREAM : SOCK_SEQPACKET, 0);

		CHECK(l >= 0 && !bind(l, (struct sockaddr *)&a, sizeof(a)) && !listen(l, 2));
		for (int n = round++ % 9; n >= 0; n--) {
			struct pollfd p = { .fd = l, .events = POLLIN };
			int s = poll(&p, 1, 1) > 0 ? accept(l, NULL, NULL) : -1;

			if (s < 0)
				continue;
			if (n % 3)
				send(s, "x", 1, MSG_NOSIGNAL);
			close(s);
		}
		CHECK(!unlink("door"));
		close(l);
		while (left && waitpid(-1, &status, WNOHANG) > 0) {
			CHECK(!status);
			left--;
		}
	}
}

/* ---- every byte once and in order, through small and large writes ---------------------------- */

#define TOTAL (2u << 20)

static void stream_order(void)
{
	static unsigned char buf[70000];
	size_t at = 0;
	int s[2];
	pid_t pid;

	CHECK(!socketpair(AF_UNIX, SOCK_STREAM, 0, s));
	pid = spawn();
	if (!pid) {
		unsigned seed = 1;

		while (at < TOTAL) {
			size_t n = (seed = seed * 1103515245 + 12345) >> 16;
			ssize_t w;

			n = n % 5 ? n % 900 + 1 : n % sizeof(buf) + 1;
			if (n > TOTAL - at)
				n = TOTAL - at;
			for (size_t i = 0; i < n; i++)
				buf[i] = (unsigned char)((at + i) * 31 >> 3);
			w = write(s[0], buf, n);
			CHECK(w > 0);
			at += (size_t)w;
		}
		_exit(0);
	}
	close(s[0]);
	for (;;) {
		ssize_t n = read(s[1], buf, at % 3 ? 777 : sizeof(buf));

		CHECK(n >= 0);
		if (!n)
			break;
		for (ssize_t i = 0; i < n; i++)
			CHECK(buf[i] == (unsigned char)((at + (size_t)i) * 31 >> 3));
		at += (size_t)n;
	}
	CHECK(at == TOTAL);
	wait_ok(pid);
}

/* ---- readers that share a socket: each record comes to one of them --------------------------- */

enum { READERS = 4, RECORDS = 2000 };

static void shared_reader(void)
{
	pid_t pids[READERS];
	int s[2], sum[2];
	unsigned got = 0, n;

	CHECK(!socketpair(AF_UNIX, SOCK_SEQPACKET, 0, s) && !pipe(sum));
	for (int i = 0; i < READERS; i++) {
		pids[i] = spawn();
		if (pids[i])
			continue;
		close(s[0]);
		for (n = 0; recv(s[1], &got, sizeof(got), 0) > 0; n++)
			continue;
		CHECK(write(sum[1], &n, sizeof(n)) == sizeof(n));
		_exit(0);
	}
	close(s[1]);
	for (unsigned i = 0; i < RECORDS; i++)
		CHECK(send(s[0], &i, sizeof(i), 0) == sizeof(i));
	shutdown(s[0], SHUT_WR);
	got = 0;
	for (int i = 0; i < READERS; i++) {
		CHECK(read(sum[0], &n, sizeof(n)) == sizeof(n));
		got += n;
		wait_ok(pids[i]);
	}
	CHECK(got == RECORDS);
}

/* ---- sockets in each other's queues, from several tasks at a time ---------------------------- */

enum { THROWERS = 4, THROWS = 150 };

static _Noreturn void throw_about(unsigned seed)
{
	int s[8];

	for (int i = 0; i < 8; i += 2)
		CHECK(!socketpair(AF_UNIX, seed % 2 ? SOCK_STREAM : SOCK_DGRAM, 0, &s[i]));
	for (int i = 0; i < THROWS; i++) {
		int a = (int)((seed = seed * 1103515245 + 12345) >> 16) % 8, b = a + i, fd;

		b %= 8;
		send_fd(s[a], s[b]);
		if (i % 3 == 0) {
			fd = take_fd(s[(a + 1) % 8]);
			if (fd >= 0)
				close(fd);
		}
		if (i % 5 == 0) {
			/* One pair goes, with all that is in its queues. */
			close(s[a & ~1]);
			close(s[a | 1]);
			CHECK(!socketpair(AF_UNIX, SOCK_STREAM, 0, &s[a & ~1]));
		}
	}
	_exit(0);
}

static void cycles(void)
{
	pid_t pids[THROWERS];
	int s[2];

	for (unsigned i = 0; i < THROWERS; i++) {
		pids[i] = spawn();
		if (!pids[i])
			throw_about(i * 7919 + 1);
	}
	for (int i = 0; i < THROWERS; i++)
		wait_ok(pids[i]);
	/* What is only in flight now goes; the harness sees to it that its memory came back. */
	CHECK(!socketpair(AF_UNIX, SOCK_STREAM, 0, s));
	close(s[0]);
	close(s[1]);
}

/* ---- one end goes while the other sends, receives, polls ------------------------------------- */

static void sudden_end(void)
{
	for (int i = 0; i < 200; i++) {
		static const int types[] = { SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET };
		char c[64];
		int s[2];
		pid_t pid;

		CHECK(!socketpair(AF_UNIX, types[i % 3], 0, s));
		fcntl(s[1], F_SETFL, O_NONBLOCK);
		pid = spawn();
		if (!pid) {
			struct pollfd p = { .fd = s[1], .events = POLLIN | POLLOUT };

			close(s[0]);
			for (int n = 0; n < 40; n++) {
				poll(&p, 1, 0);
				send(s[1], c, sizeof(c), MSG_NOSIGNAL);
				recv(s[1], c, 7, 0);
			}
			_exit(0);
		}
		close(s[1]);
		for (int n = 0; n < i % 7; n++) {
			send(s[0], c, sizeof(c), MSG_DONTWAIT | MSG_NOSIGNAL);
			recv(s[0], c, sizeof(c), MSG_DONTWAIT);
		}
		close(s[0]);
		wait_ok(pid);
	}
}

/* ---- urgent bytes, received and peeked at by several, inline and not ------------------------ */

enum { URGENT_ROUNDS = 6, URGENT_CALLS = 400, URGENT_READERS = 3 };

static _Noreturn void send_urgent(int s, unsigned seed)
{
	for (unsigned i = 0; i < URGENT_CALLS; i++) {
		seed = seed * 1103515245 + 12345;
		if (send(s, "abcdefgh", 1 + (seed >> 16) % 8,
			 (seed >> 20 & 1 ? MSG_OOB : 0) | MSG_NOSIGNAL) < 0)
			CHECK(errno == EPIPE || errno == ECONNRESET);
	}
	_exit(0);
}

static _Noreturn void receive_urgent(int s, unsigned seed)
{
	static const int flags[] = { 0, MSG_OOB, MSG_PEEK, MSG_OOB | MSG_PEEK, MSG_DONTWAIT };
	char c[8];

	for (;;) {
		int what, on, mark;
		ssize_t n;

		seed = seed * 1103515245 + 12345;
		what = flags[(seed >> 16) % 5];
		on = seed >> 20 & 1;
		if ((seed >> 21) % 4 == 0)
			CHECK(!setsockopt(s, SOL_SOCKET, SO_OOBINLINE, &on, sizeof(on)));
		CHECK(!ioctl(s, SIOCATMARK, &mark) && (mark == 0 || mark == 1));
		n = recv(s, c, 1 + (seed >> 24) % 8, what);
		if (!n)
			_exit(0);
		CHECK(n > 0 || errno == EINVAL || errno == EAGAIN || errno == ECONNRESET);
		for (ssize_t i = 0; i < n; i++)
			CHECK(c[i] >= 'a' && c[i] <= 'h');
	}
}

static void urgent(void)
{
	int s[2];

	for (unsigned round = 0; round < URGENT_ROUNDS; round++) {
		pid_t senders[2], readers[URGENT_READERS];

		CHECK(!socketpair(AF_UNIX, SOCK_STREAM, 0, s));
		for (unsigned i = 0; i < 2; i++) {
			senders[i] = spawn();
			if (!senders[i])
				send_urgent(s[0], round * 7 + i);
		}
		for (unsigned i = 0; i < URGENT_READERS; i++) {
			readers[i] = spawn();
			if (!readers[i]) {
				close(s[0]);
				receive_urgent(s[1], round * 11 + i);
			}
		}
		for (unsigned i = 0; i < 2; i++)
			wait_ok(senders[i]);
		close(s[0]);
		for (unsigned i = 0; i < URGENT_READERS; i++)
			wait_ok(readers[i]);
		close(s[1]);
	}
}

/* ---- last words ----------------------------------------------------------------------------- */

#define WORDS 400

static volatile int speakers[WORDS];

/* Says one byte and is gone, at once. */
static int last_word(void *arg)
{
	(void)arg;
	for (int i = 0; i < WORDS; i++) {
		int s;

		while (!(s = speakers[i]))
			sched_yield(); /* there may be one hart only */
		CHECK(write(s, "x", 1) == 1 && !close(s));
	}
	return 0;
}

/* What was sent before the end comes before the end, though both come while one looks. */
static void last_words(void)
{
	struct thread t;

	thread_start(&t, last_word, NULL);
	for (int i = 0; i < WORDS; i++) {
		int s[2], n = -1;
		char c;

		CHECK(!socketpair(AF_UNIX,
				  (i & 1 ? SOCK_STREAM : SOCK_SEQPACKET) |
					  (i & 2 ? SOCK_NONBLOCK : 0),
				  0, s));
		speakers[i] = s[1];
		while ((n = (int)read(s[0], &c, 1)) < 0)
			CHECK(errno == EAGAIN);
		if (n != 1)
			fail("the end came first, in round %d", i);
		CHECK(!close(s[0]));
	}
	thread_join(&t);
}

const struct test unix_tests[] = {
	{ "unix-stream-order", stream_order, 60 },
	{ "unix-shared-readers", shared_reader, 60 },
	{ "unix-doors", doors, 60 },
	{ "unix-sudden-end", sudden_end, 60 },
	{ "unix-cycles", cycles, 60 },
	{ "unix-urgent", urgent, 60 },
	{ "unix-last-words", last_words, 60 },
	{ NULL, NULL, 0 },
};
