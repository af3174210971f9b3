/* MSG_ZEROCOPY of send(2), over the loopback, which copies after all; what is told of it, and limits. */
#include "inet.h"
#include <linux/errqueue.h>
#include <sys/resource.h>
#include <sys/un.h>

static char *big;

static void show_news(const char *what, int s)
{
	say("%s:", what);
	for (int tries = 0; tries < 20; tries++) {
		char control[256], byte;
		struct iovec v = { &byte, 1 };
		struct msghdr m = { NULL, 0, &v, 1, control, sizeof(control), 0 };
		struct sock_extended_err ee;
		struct cmsghdr *c;
		ssize_t n = recvmsg(s, &m, MSG_ERRQUEUE | MSG_DONTWAIT);

		if (n < 0) {
			if (errno != EAGAIN)
				say(" %s", ename(errno));
			sleep_ms(10);
			continue;
		}
		for (c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c)) {
			memcpy(&ee, CMSG_DATA(c), sizeof(ee));
			say(" [%d/%d %zd bytes flags %#x: errno %d origin %d code %d, %u to %u]",
			    c->cmsg_level, c->cmsg_type, n, m.msg_flags, ee.ee_errno, ee.ee_origin,
			    ee.ee_code, ee.ee_info, ee.ee_data);
		}
	}
	say("\n");
}

static void options(void)
{
	static const int kinds[][3] = { { AF_INET, SOCK_STREAM, 0 },
					{ AF_INET6, SOCK_STREAM, 0 },
					{ AF_INET, SOCK_DGRAM, 0 },
					{ AF_INET6, SOCK_DGRAM, 0 },
					{ AF_INET, SOCK_RAW, 255 },
					{ AF_UNIX, SOCK_STREAM, 0 },
					{ AF_NETLINK, SOCK_RAW, 0 } };

	SECTION("option");
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		int s = MUST(socket(kinds[i][0], kinds[i][1], kinds[i][2])), v;

		say("%d %d:", kinds[i][0], kinds[i][1]);
		for (int try = -1; try <= 2; try++) {
			socklen_t n = sizeof(v);

			say(" set %d %s", try,
			    setsockopt(s, SOL_SOCKET, SO_ZEROCOPY, &try, sizeof(try)) ?
				    ename(errno) :
				    "ok");
			v = -1;
			if (getsockopt(s, SOL_SOCKET, SO_ZEROCOPY, &v, &n))
				say(" get %s", ename(errno));
			else
				say(" get %d", v);
		}
		say("\n");
		close(s);
	}
}

static void expect(const char *what, int s, size_t n)
{
	static char got[1 << 18];
	size_t have = 0;

	while (have < n) {
		ssize_t r = recv(s, got + have, n - have, 0);

		if (r <= 0)
			break;
		have += r;
	}
	say("%s: %zu, %s\n", what, have, memcmp(got, big, n) ? "other bytes" : "the same");
}

static void tcp(void)
{
	int p[2], one = 1;

	SECTION("tcp");
	pair(p);
	R(send(p[0], big, 100, MSG_ZEROCOPY));
	show_news("without the option", p[0]);
	expect("arrived", p[1], 100);
	MUST(setsockopt(p[0], SOL_SOCKET, SO_ZEROCOPY, &one, sizeof(one)));
	R(send(p[0], big, 100, MSG_ZEROCOPY));
	expect("arrived", p[1], 100);
	show_news("one call", p[0]);
	for (int i = 0; i < 3; i++) {
		R(send(p[0], big, 10000, MSG_ZEROCOPY));
		expect("arrived", p[1], 10000);
	}
	show_news("three calls", p[0]);
	R(send(p[0], big, 0, MSG_ZEROCOPY));
	show_news("nothing", p[0]);
	R(send(p[0], big, 100000, MSG_ZEROCOPY));
	expect("arrived", p[1], 100000);
	R(send(p[0], big + 100000, 10, 0));
	{
		char skip[10];

		MUST(recv(p[1], skip, 10, MSG_WAITALL));
	}
	show_news("much", p[0]);
	R(send(p[0], (void *)16, 100, MSG_ZEROCOPY));
	show_news("a fault", p[0]);
	R(send(p[0], big, 1, MSG_ZEROCOPY));
	expect("arrived", p[1], 1);
	show_news("the number after that", p[0]);
	sleep_ms(100);
	say("poll %#x\n", revents(p[0]));
	R(send(p[0], big, 1, MSG_ZEROCOPY));
	expect("arrived", p[1], 1);
	sleep_ms(100);
	say("poll %#x\n", revents(p[0]));
	show_news("polled", p[0]);
	/* what the program writes afterwards is not what was sent: it was copied here */
	close(p[1]);
	close(p[0]);
}

static void udp(void)
{
	struct sockaddr_in a = at("127.0.0.1", 5202);
	struct sockaddr_in6 a6 = at6("::1", 5203);
	int r = bound("127.0.0.1", 5202), s = bound("127.0.0.1", 0), one = 1;

	SECTION("udp");
	MUST(setsockopt(s, SOL_SOCKET, SO_ZEROCOPY, &one, sizeof(one)));
	MUST(connect(s, (struct sockaddr *)&a, sizeof(a)));
	for (int i = 0; i < 3; i++) {
		R(send(s, big + 100 * 0, 5000, MSG_ZEROCOPY));
		expect("arrived", r, 5000);
	}
	show_news("three", s);
	R(send(s, big, 65507, MSG_ZEROCOPY));
	expect("arrived", r, 65507);
	show_news("the largest", s);
	R(send(s, big, 65508, MSG_ZEROCOPY));
	R(send(s, (void *)16, 100, MSG_ZEROCOPY));
	R(send(s, big, 0, MSG_ZEROCOPY));
	recv(r, big, 0, 0);
	show_news("failures", s);
	close(r);
	close(s);
	r = bound6("::1", 5203);
	s = bound6("::1", 0);
	MUST(setsockopt(s, SOL_SOCKET, SO_ZEROCOPY, &one, sizeof(one)));
	R(sendto(s, big, 3000, MSG_ZEROCOPY, (struct sockaddr *)&a6, sizeof(a6)));
	expect("arrived", r, 3000);
	show_news("IPv6", s);
	close(r);
	close(s);
}

/* RLIMIT_MEMLOCK of who is not privileged. */
static void limit(void)
{
	struct rlimit l = { 8 * PAGE, 8 * PAGE };
	int p[2], one = 1;

	SECTION("limit");
	pair(p);
	MUST(setsockopt(p[0], SOL_SOCKET, SO_ZEROCOPY, &one, sizeof(one)));
	MUST(setrlimit(RLIMIT_MEMLOCK, &l));
	MUST(setuid(1234));
	R(send(p[0], big, 10 * PAGE, MSG_ZEROCOPY));
	R(send(p[0], big, 3 * PAGE, MSG_ZEROCOPY));
	expect("arrived", p[1], 3 * PAGE);
	show_news("within it", p[0]);
	R(send(p[0], big, 3 * PAGE, MSG_ZEROCOPY));
	expect("again", p[1], 3 * PAGE);
	show_news("given back", p[0]);
}

int main(void)
{
	lo_up();
	big = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	for (int i = 0; i < 1 << 20; i++)
		big[i] = i * 7 + (i >> 8);
	options();
	tcp();
	udp();
	in_child("limit", limit);
	return 0;
}
