/*
 * inet.c - UDP under load, on all harts: sockets that are bound, connected and closed while others
 * send to them; many readers of one socket; groups that come and go. And `ss -K` of one.
 */
#include "tests.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define PORTS 8
#define BASE  7100

static struct sockaddr_in at(uint32_t ip, int port)
{
	return (struct sockaddr_in){ .sin_family = AF_INET,
				     .sin_port = htons((uint16_t)port),
				     .sin_addr = { htonl(ip) } };
}

static int udp(void)
{
	int s = socket(AF_INET, SOCK_DGRAM, 0);

	CHECK(s >= 0);
	return s;
}

static int bound(int port)
{
	struct sockaddr_in a = at(INADDR_LOOPBACK, port);
	int s = udp(), one = 1;

	CHECK(!setsockopt(s, SOL_SOCKET, SO_REUSEPORT, &one, sizeof(one)));
	CHECK(!bind(s, (struct sockaddr *)&a, sizeof(a)));
	return s;
}

static unsigned next(unsigned *seed)
{
	*seed = *seed * 1103515245 + 12345;
	return *seed >> 16;
}

/* One of those who do everything to everybody. */
static void churn(unsigned seed)
{
	struct sockaddr_in none = { .sin_family = AF_UNSPEC }, a;
	struct ip_mreqn group = { .imr_ifindex = 1 };
	char buf[2000];
	int s = bound(BASE);

	for (int i = 0; i < 600; i++) {
		a = at(INADDR_LOOPBACK, BASE + (int)(next(&seed) % PORTS));
		switch (next(&seed) % 8) {
		case 0:
			close(s);
			s = bound(BASE + (int)(next(&seed) % PORTS));
			break;
		case 1:
			connect(s, (struct sockaddr *)&a, sizeof(a));
			break;
		case 2:
			connect(s, (struct sockaddr *)&none, sizeof(none));
			break;
		case 3:
			group.imr_multiaddr.s_addr = htonl(0xef010100 + next(&seed) % 4);
			setsockopt(s, SOL_IP, IP_ADD_MEMBERSHIP, &group, sizeof(group));
			a.sin_addr = group.imr_multiaddr;
			sendto(s, buf, 10, MSG_DONTWAIT, (struct sockaddr *)&a, sizeof(a));
			break;
		case 4:
			while (recv(s, buf, sizeof(buf), MSG_DONTWAIT) >= 0)
				;
			break;
		case 5:
			recv(s, buf, 5, MSG_DONTWAIT | MSG_PEEK);
			break;
		default:
			sendto(s, buf, next(&seed) % sizeof(buf), MSG_DONTWAIT,
			       (struct sockaddr *)&a, sizeof(a));
			break;
		}
	}
	close(s);
}

static void udp_churn(void)
{
	pid_t pids[6];

	for (unsigned i = 0; i < 6; i++) {
		pids[i] = spawn();
		if (!pids[i]) {
			churn(i + 1);
			_exit(0);
		}
	}
	for (int i = 0; i < 6; i++)
		wait_ok(pids[i]);
}

/* What is sent to a socket with many readers is read once. */
static void udp_readers(void)
{
	enum { MESSAGES = 3000, READERS = 3 };
	int s = bound(0), up[2], n = 0, size = 4 << 20;
	struct sockaddr_in a;
	socklen_t len = sizeof(a);
	static char seen[MESSAGES];
	pid_t pids[READERS];

	CHECK(!setsockopt(s, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)));
	CHECK(!getsockname(s, (struct sockaddr *)&a, &len));
	CHECK(!pipe(up));
	for (int i = 0; i < READERS; i++) {
		pids[i] = spawn();
		if (!pids[i]) {
			int v;

			while (recv(s, &v, sizeof(v), 0) == sizeof(v) && v >= 0)
				CHECK(write(up[1], &v, sizeof(v)) == sizeof(v));
			_exit(0);
		}
	}
	if (!spawn()) {
		int t = udp();

		for (int i = 0; i < MESSAGES; i++)
			CHECK(sendto(t, &i, sizeof(i), 0, (struct sockaddr *)&a, len) == sizeof(i));
		for (int i = 0, end = -1; i < READERS; i++)
			CHECK(sendto(t, &end, sizeof(end), 0, (struct sockaddr *)&a, len) > 0);
		_exit(0);
	}
	close(up[1]);
	for (int v; read(up[0], &v, sizeof(v)) == sizeof(v); n++) {
		CHECK(v >= 0 && v < MESSAGES && !seen[v]);
		seen[v] = 1;
	}
	CHECK(n == MESSAGES);
	for (int i = 0; i < READERS; i++)
		wait_ok(pids[i]);
	wait(NULL);
}

/* Who sleeps in recv(2) is woken by shutdown(2), all of them; and by an error. */
static void udp_wakes(void)
{
	struct sockaddr_in a = at(INADDR_LOOPBACK, 1);
	int s = udp();
	pid_t pids[3];
	char c;

	CHECK(!connect(s, (struct sockaddr *)&a, sizeof(a)));
	pids[0] = spawn();
	if (!pids[0]) {
		FAILS(ECONNREFUSED, recv(s, &c, 1, 0));
		_exit(0);
	}
	usleep(20000);
	CHECK(send(s, "x", 1, 0) == 1);
	wait_ok(pids[0]);
	for (int i = 0; i < 3; i++) {
		pids[i] = spawn();
		if (!pids[i]) {
			CHECK(recv(s, &c, 1, 0) == 0);
			_exit(0);
		}
	}
	usleep(20000);
	CHECK(!shutdown(s, SHUT_RD));
	for (int i = 0; i < 3; i++)
		wait_ok(pids[i]);
	close(s);
}

/* Sockets that die with much in their buffers leave no page behind: usertests counts. */
static void udp_memory(void)
{
	static char buf[60000];

	for (int i = 0; i < 20; i++) {
		int s = bound(BASE), t = udp(), size = 8 << 20;
		struct sockaddr_in a = at(INADDR_LOOPBACK, BASE);

		setsockopt(s, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
		for (int k = 0; k < 40; k++)
			CHECK(sendto(t, buf, sizeof(buf), 0, (struct sockaddr *)&a, sizeof(a)) ==
			      sizeof(buf));
		CHECK(send(t, buf, 10, MSG_MORE) == -1);
		CHECK(sendto(t, buf, 10, MSG_MORE, (struct sockaddr *)&a, sizeof(a)) == 10);
		close(s);
		close(t);
	}
}

/* SOCK_DESTROY of sock_diag(7): its owner is told once, and it is connected no more. */
static void udp_kill(void)
{
	struct {
		uint32_t len;
		uint16_t type, flags;
		uint32_t seq, pid;
		unsigned char family, protocol, ext, pad;
		uint32_t states;
		uint16_t sport, dport;
		uint32_t src[4], dst[4], ifindex, cookie[2];
	} ask = { .len = sizeof(ask),
		  .type = 21,
		  .flags = 5,
		  .family = AF_INET,
		  .protocol = IPPROTO_UDP };
	int s = bound(BASE), t = socket(AF_NETLINK, SOCK_RAW, 4), answer[16];
	struct sockaddr_in a = at(INADDR_LOOPBACK, BASE + 1);
	socklen_t len = sizeof(a);
	char byte;

	CHECK(t >= 0 && !connect(s, (struct sockaddr *)&a, sizeof(a)));
	ask.sport = htons(BASE);
	ask.dport = a.sin_port;
	ask.src[0] = ask.dst[0] = a.sin_addr.s_addr;
	ask.cookie[0] = ask.cookie[1] = ~0U;
	for (int i = 0; i < 2; i++) {
		CHECK(send(t, &ask, sizeof(ask), 0) == sizeof(ask));
		CHECK(recv(t, answer, sizeof(answer), 0) > 20);
		CHECK(answer[4] == (i ? -ENOENT : 0)); /* then there is none that is connected so */
	}
	CHECK(recv(s, &byte, 1, MSG_DONTWAIT) < 0 && errno == ECONNABORTED);
	CHECK(recv(s, &byte, 1, MSG_DONTWAIT) < 0 && errno == EAGAIN);
	CHECK(getpeername(s, (struct sockaddr *)&a, &len) < 0 && errno == ENOTCONN);
	close(s);
	close(t);
}

const struct test inet_tests[] = {
	{ "udp-churn", udp_churn, 60 }, { "udp-readers", udp_readers, 60 },
	{ "udp-wakes", udp_wakes, 0 },	{ "udp-memory", udp_memory, 60 },
	{ "udp-kill", udp_kill, 0 },	{ NULL, NULL, 0 },
};
