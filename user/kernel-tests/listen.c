/*
 * listen.c - TCP connections that arrive while their listener goes: each is made by one thread, reset
 * or used by another one as soon as it stands, and accepted by a third, or never.
 */
#include "tests.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PORT = 7300, CALLERS = 4, CALLS = 250 };

static struct sockaddr_in door(void)
{
	return (struct sockaddr_in){ .sin_family = AF_INET,
				     .sin_port = htons(PORT),
				     .sin_addr = { htonl(INADDR_LOOPBACK) } };
}

/* What a caller and his helper do at the same time to one socket. */
struct call {
	int s;
	unsigned number;
	volatile int going;
};

/* As soon as there is a connection: a reset, data, an end. */
static int meddle(void *arg)
{
	struct call *c = arg;
	struct sockaddr_in none = { .sin_family = AF_UNSPEC };
	struct linger hard = { .l_onoff = 1 };
	struct tcp_info info;
	socklen_t len;

	do {
		len = sizeof(info);
		CHECK(!getsockopt(c->s, IPPROTO_TCP, TCP_INFO, &info, &len));
	} while (c->going && info.tcpi_state != TCP_ESTABLISHED);
	switch (c->number % 4) {
	case 0:
		connect(c->s, (struct sockaddr *)&none, sizeof(none));
		break;
	case 1:
		send(c->s, "hello", 5, MSG_NOSIGNAL | MSG_DONTWAIT);
		setsockopt(c->s, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
		break;
	case 2:
		send(c->s, "hello", 5, MSG_NOSIGNAL | MSG_DONTWAIT);
		shutdown(c->s, SHUT_WR);
		break;
	default:
		shutdown(c->s, SHUT_RDWR);
		break;
	}
	return 0;
}

static _Noreturn void call_often(unsigned first)
{
	struct sockaddr_in a = door();
	char buf[16];

	for (unsigned i = 0; i < CALLS; i++) {
		struct call c = { .number = first + i, .going = 1 };
		struct thread t;

		c.s = socket(AF_INET, SOCK_STREAM | (i & 4 ? SOCK_NONBLOCK : 0), 0);
		CHECK(c.s >= 0);
		thread_start(&t, meddle, &c);
		if (i % 16 == 15) /* data with the SYN */
			sendto(c.s, buf, 5, MSG_FASTOPEN | MSG_NOSIGNAL, (struct sockaddr *)&a,
			       sizeof(a));
		else
			connect(c.s, (struct sockaddr *)&a, sizeof(a));
		c.going = 0;
		thread_join(&t);
		recv(c.s, buf, sizeof(buf), MSG_DONTWAIT);
		close(c.s);
	}
	_exit(0);
}

/* Sockets of TCP that are somebody's, or nobody's but not gone: "TCP: inuse N orphan N tw N alloc N". */
static int allocated(void)
{
	char *text = read_file("/proc/net/sockstat"), *at = strstr(text, "TCP:");
	int n = -1;

	CHECK(at && sscanf(at, "TCP: inuse %*d orphan %*d tw %*d alloc %d", &n) == 1);
	free(text);
	return n;
}

static void listeners(void)
{
	int before = allocated(), left = CALLERS, status, one = 1;
	struct sockaddr_in a = door();

	for (unsigned i = 0; i < CALLERS; i++)
		if (!spawn())
			call_often(i);
	for (unsigned round = 0; left; round++) {
		int l = socket(AF_INET, SOCK_STREAM, 0);

		CHECK(l >= 0 && !setsockopt(l, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)));
		setsockopt(l, IPPROTO_TCP, TCP_FASTOPEN, &(int){ 4 }, sizeof(int));
		CHECK(!bind(l, (struct sockaddr *)&a, sizeof(a)) && !listen(l, 64));
		for (int n = (int)(round % 7); n; n--) {
			struct pollfd p = { .fd = l, .events = POLLIN };
			int s = poll(&p, 1, 1) > 0 ? accept4(l, NULL, NULL, SOCK_NONBLOCK) : -1;
			char buf[16];

			if (s < 0)
				continue;
			if (n % 3)
				send(s, "x", 1, MSG_NOSIGNAL);
			else
				recv(s, buf, sizeof(buf), 0);
			close(s);
		}
		if (round % 2)
			CHECK(!shutdown(l, SHUT_RD)); /* those who wait are reset here too */
		close(l);
		while (left && waitpid(-1, &status, WNOHANG) > 0) {
			CHECK(!status);
			left--;
		}
	}
	/* Those that still talk with nobody; the time limit is the test's. */
	while (allocated() > before)
		usleep(10000);
}

const struct test listen_tests[] = {
	{ "race-tcp-listen", listeners, 90 },
	{ NULL, NULL, 0 },
};
