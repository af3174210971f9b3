/*
 * Times of packets: SO_TIMESTAMP, SO_TIMESTAMPNS, SO_TIMESTAMPING, SIOCGSTAMP (socket(7)), over the
 * loopback. Times themselves are not shown, only whether they are of now and in order.
 */
#include "inet.h"
#include <linux/errqueue.h>
#include <linux/net_tstamp.h>
#include <linux/sockios.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/un.h>

#define SENT SOF_TIMESTAMPING_TX_SOFTWARE
#define SCHED SOF_TIMESTAMPING_TX_SCHED
#define ACK SOF_TIMESTAMPING_TX_ACK
#define SOFT SOF_TIMESTAMPING_SOFTWARE
#define ID SOF_TIMESTAMPING_OPT_ID
#define TSONLY SOF_TIMESTAMPING_OPT_TSONLY
#ifndef SOF_TIMESTAMPING_OPT_ID_TCP
#define SOF_TIMESTAMPING_OPT_ID_TCP (1 << 16)
#endif

static struct timespec last;

static const char *fresh(const struct timespec *t)
{
	struct timespec now;
	long long ms;

	clock_gettime(CLOCK_REALTIME, &now);
	ms = (now.tv_sec - t->tv_sec) * 1000LL + (now.tv_nsec - t->tv_nsec) / 1000000;
	return ms > -1000 && ms < 20000 ? "now" : !t->tv_sec && !t->tv_nsec ? "none" : "odd";
}

static void show_stats(const unsigned char *p, size_t n)
{
	say(" stats");
	for (size_t at = 0; at + 4 <= n;) {
		unsigned short len, type;

		memcpy(&len, p + at, 2);
		memcpy(&type, p + at + 2, 2);
		if (len < 4)
			break;
		say(" %d/%d", type, len - 4);
		at += (len + 3) & ~3;
	}
}

static void show_cmsgs(struct msghdr *m)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
		size_t n = c->cmsg_len - CMSG_LEN(0);

		if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_TIMESTAMPING_OPT_STATS) {
			show_stats(CMSG_DATA(c), n);
		} else if (c->cmsg_level == SOL_SOCKET) {
			struct timespec t[3];

			memset(t, 0, sizeof(t));
			memcpy(t, CMSG_DATA(c), n < sizeof(t) ? n : sizeof(t));
			if (c->cmsg_type == SO_TIMESTAMP || c->cmsg_type == 63)
				t[0].tv_nsec *= 1000;
			say(" [%d: %zu bytes, %s]", c->cmsg_type, n, fresh(t));
			if (n == sizeof(t) && (t[1].tv_sec || t[2].tv_sec))
				say(" (hardware?)");
			if (n == sizeof(t))
				last = t[0];
		} else if ((c->cmsg_level == SOL_IP && c->cmsg_type == IP_RECVERR) ||
			   (c->cmsg_level == SOL_IPV6 && c->cmsg_type == IPV6_RECVERR)) {
			struct {
				struct sock_extended_err ee;
				struct sockaddr_in6 from;
			} e;

			memset(&e, 0, sizeof(e));
			memcpy(&e, CMSG_DATA(c), n < sizeof(e) ? n : sizeof(e));
			say(" [error %s origin %d type %d code %d info %u data %u, family %d, %zu]",
			    ename(e.ee.ee_errno), e.ee.ee_origin, e.ee.ee_type, e.ee.ee_code,
			    e.ee.ee_info, e.ee.ee_data, e.from.sin6_family, n);
		} else if (c->cmsg_level == SOL_IP && c->cmsg_type == IP_PKTINFO) {
			struct in_pktinfo i;

			memcpy(&i, CMSG_DATA(c), sizeof(i));
			say(" [pktinfo %d %#x %#x]", i.ipi_ifindex, ntohl(i.ipi_spec_dst.s_addr),
			    ntohl(i.ipi_addr.s_addr));
		} else {
			say(" [%d/%d: %zu]", c->cmsg_level, c->cmsg_type, n);
		}
	}
}

/* One message with its control data. */
static int show(const char *what, int s, int flags)
{
	static unsigned char data[70000];
	char control[1024];
	struct sockaddr_in6 from;
	struct iovec v = { data, sizeof(data) };
	struct msghdr m = { &from, sizeof(from), &v, 1, control, sizeof(control), 0 };
	ssize_t n;

	n = recvmsg(s, &m, flags | MSG_DONTWAIT);
	if (n < 0) {
		if (errno != EAGAIN || what)
			say("%s: %s\n", what ? what : "last", ename(errno));
		return 0;
	}
	say("%s: %zd bytes, flags %#x, name %d", what ? what : "next", n, m.msg_flags,
	    m.msg_namelen);
	show_cmsgs(&m);
	say("\n");
	return 1;
}

/* All that the error queue has. */
static void errors(const char *what, int s)
{
	struct pollfd p = { s, 0, 0 };

	say("%s:\n", what);
	sleep_ms(50);
	poll(&p, 1, 0);
	say("poll %#x\n", p.revents);
	while (show(NULL, s, MSG_ERRQUEUE))
		;
	poll(&p, 1, 0);
	say("poll %#x\n", p.revents);
}

static void set(int s, int name, int v)
{
	say("option %d = %#x: ", name, v);
	say("%s\n", setsockopt(s, SOL_SOCKET, name, &v, sizeof(v)) ? ename(errno) : "ok");
}

static void get(int s)
{
	static const int names[] = { 29, 35, 37, 63, 64, 65 };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		int v[2] = { -1, -1 };
		socklen_t n = sizeof(v[0]);

		if (getsockopt(s, SOL_SOCKET, names[i], v, &n))
			say(" %s", ename(errno));
		else
			say(" %#x", v[0]);
	}
	say("\n");
}

static void options(void)
{
	int s = bound("127.0.0.1", 5101);
	static const int names[] = { SO_TIMESTAMP, SO_TIMESTAMPNS, 63, 64, SO_TIMESTAMPING, 65 };

	SECTION("options");
	get(s);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		set(s, names[i], SOFT | SOF_TIMESTAMPING_RX_SOFTWARE);
		get(s);
	}
	set(s, SO_TIMESTAMP, 0);
	set(s, SO_TIMESTAMPING, 0);
	get(s);
	set(s, SO_TIMESTAMPING, 1 << 18);
	set(s, SO_TIMESTAMPING, SOF_TIMESTAMPING_OPT_STATS);
	set(s, SO_TIMESTAMPING, SOF_TIMESTAMPING_OPT_STATS | TSONLY);
	set(s, SO_TIMESTAMPING, SOF_TIMESTAMPING_OPT_ID_TCP);
	set(s, SO_TIMESTAMPING, SOF_TIMESTAMPING_OPT_ID_TCP | ID);
	close(s);
	s = MUST(socket(AF_INET, SOCK_STREAM, 0));
	set(s, SO_TIMESTAMPING, ID);
	set(s, SO_TIMESTAMPING, SOFT | SENT);
	close(s);
}

static void received(void)
{
	static const int names[] = { SO_TIMESTAMP, SO_TIMESTAMPNS, 63, 64, SO_TIMESTAMPING, 65 };
	int r = bound("127.0.0.1", 5102), s = bound("127.0.0.1", 0), u[2], p[2];
	struct sockaddr_in a = at("127.0.0.1", 5102);
	struct timespec t;
	struct timeval tv;

	SECTION("what is received");
	R(ioctl(r, SIOCGSTAMP_OLD, &tv));
	MUST(connect(s, (struct sockaddr *)&a, sizeof(a)));
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		set(r, names[i], i < 4 ? 1 : SOFT | SOF_TIMESTAMPING_RX_SOFTWARE);
		MUST(send(s, "x", 1, 0));
		show("udp", r, 0);
	}
	set(r, SO_TIMESTAMP, 1);
	MUST(send(s, "x", 1, 0));
	show("both", r, 0);
	set(r, SO_TIMESTAMPING, SOFT);
	MUST(send(s, "x", 1, 0));
	show("software alone", r, 0);
	set(r, SO_TIMESTAMP, 0);
	set(r, SO_TIMESTAMPING, SOF_TIMESTAMPING_RX_SOFTWARE);
	MUST(send(s, "x", 1, 0));
	show("taken and not told", r, 0);
	R(ioctl(r, SIOCGSTAMP_OLD, &tv));
	t = (struct timespec){ tv.tv_sec, tv.tv_usec * 1000 };
	say("%s\n", fresh(&t));
	MUST(send(s, "x", 1, 0));
	show("plain", r, 0);
	R(ioctl(r, SIOCGSTAMPNS_OLD, &t));
	say("%s\n", fresh(&t));
	R(ioctl(r, SIOCGSTAMP_NEW, &tv));
	R(ioctl(r, SIOCGSTAMPNS_NEW, &t));
	say("%s\n", fresh(&t));
	R(ioctl(r, SIOCGSTAMP_OLD, (void *)8));
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		pair(p);
		set(p[1], names[i], i < 4 ? 1 : SOFT | SOF_TIMESTAMPING_RX_SOFTWARE);
		MUST(send(p[0], "abc", 3, 0));
		sleep_ms(20);
		show("tcp", p[1], 0);
		close(p[0]);
		show("end", p[1], 0);
		close(p[1]);
	}
	MUST(socketpair(AF_UNIX, SOCK_DGRAM, 0, u));
	for (size_t i = 0; i < 4; i++) {
		set(u[1], names[i], 1);
		MUST(send(u[0], "x", 1, 0));
		show("unix", u[1], 0);
	}
	R(ioctl(u[1], SIOCGSTAMP_OLD, &tv));
	close(u[0]);
	close(u[1]);
	MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, u));
	set(u[1], SO_TIMESTAMP, 1);
	MUST(send(u[0], "x", 1, 0));
	show("unix stream", u[1], 0);
	close(r);
	close(s);
}

static void udp(void)
{
	int r = bound("127.0.0.1", 5103), s = bound("127.0.0.1", 0);
	struct sockaddr_in a = at("127.0.0.1", 5103);
	struct iovec v = { "hello", 5 };
	char control[CMSG_SPACE(4)];
	struct msghdr m = { &a, sizeof(a), &v, 1, control, sizeof(control), 0 };
	struct cmsghdr *c = (struct cmsghdr *)control;
	static const unsigned wants[] = { SENT, SCHED, SENT | SCHED, ACK, 1, 1 << 3, 1 << 7 };
	int one = 1;

	SECTION("udp");
	set(s, SO_TIMESTAMPING, SOFT | SENT);
	MUST(sendto(s, "hello", 5, 0, (struct sockaddr *)&a, sizeof(a)));
	errors("sent", s);
	set(s, SO_TIMESTAMPING, SENT | SCHED);
	MUST(sendto(s, "hello", 5, 0, (struct sockaddr *)&a, sizeof(a)));
	errors("not told", s);
	set(s, SO_TIMESTAMPING, SOFT | SENT | SCHED | ID | TSONLY);
	for (int i = 0; i < 3; i++)
		MUST(sendto(s, "hello", 5, 0, (struct sockaddr *)&a, sizeof(a)));
	errors("three", s);
	set(s, SO_TIMESTAMPING, SOFT | SENT | TSONLY);
	set(s, SO_TIMESTAMPING, SOFT | SENT | ID | TSONLY);
	MUST(sendto(s, "hello", 5, 0, (struct sockaddr *)&a, sizeof(a)));
	errors("from 0 again", s);
	set(s, SO_TIMESTAMPING, SOFT | SENT | ID | SOF_TIMESTAMPING_OPT_CMSG);
	MUST(setsockopt(s, SOL_IP, IP_PKTINFO, &one, sizeof(one)));
	MUST(setsockopt(s, SOL_SOCKET, SO_TIMESTAMP, &one, sizeof(one)));
	MUST(sendto(s, "hello", 5, 0, (struct sockaddr *)&a, sizeof(a)));
	errors("control data", s);
	set(s, SO_TIMESTAMP, 0);
	set(s, SO_TIMESTAMPING, SOFT | ID | TSONLY);
	memset(control, 0, sizeof(control));
	c->cmsg_len = CMSG_LEN(4);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SO_TIMESTAMPING;
	for (size_t i = 0; i < ARRAY_SIZE(wants); i++) {
		memcpy(CMSG_DATA(c), &wants[i], 4);
		say("asked %#x: %s\n", wants[i], sendmsg(s, &m, 0) < 0 ? ename(errno) : "ok");
		while (show(NULL, s, MSG_ERRQUEUE))
			;
	}
	c->cmsg_len = CMSG_LEN(2);
	R(sendmsg(s, &m, 0));
	c->cmsg_len = CMSG_LEN(4);
	c->cmsg_type = 12345;
	R(sendmsg(s, &m, 0));
	/* several pieces of one datagram */
	set(s, SO_TIMESTAMPING, SOFT | SENT | SCHED | ID | TSONLY);
	MUST(sendto(s, "a", 1, MSG_MORE, (struct sockaddr *)&a, sizeof(a)));
	MUST(sendto(s, "b", 1, 0, (struct sockaddr *)&a, sizeof(a)));
	errors("two writes", s);
	close(r);
	close(s);
}

static void udp6(void)
{
	int r = bound6("::1", 5104), s = bound6("::1", 0), one = 1;
	struct sockaddr_in6 a = at6("::1", 5104);

	SECTION("udp over IPv6");
	set(s, SO_TIMESTAMPING, SOFT | SENT | ID);
	MUST(sendto(s, "hello", 5, 0, (struct sockaddr *)&a, sizeof(a)));
	errors("sent", s);
	MUST(setsockopt(s, SOL_IPV6, IPV6_RECVPKTINFO, &one, sizeof(one)));
	MUST(sendto(s, "hello", 5, 0, (struct sockaddr *)&a, sizeof(a)));
	errors("with information", s);
	set(s, SO_TIMESTAMPING, SOFT | SENT | ID | TSONLY);
	MUST(sendto(s, "hello", 5, 0, (struct sockaddr *)&a, sizeof(a)));
	errors("stamp alone", s);
	close(r);
	close(s);
}

static void tcp(void)
{
	int p[2];
	char buf[100];

	SECTION("tcp");
	pair(p);
	set(p[0], SO_TIMESTAMPING, SOFT | SENT | SCHED | ACK | ID | TSONLY);
	MUST(send(p[0], "hello", 5, 0));
	sleep_ms(20);
	MUST(recv(p[1], buf, sizeof(buf), 0));
	sleep_ms(100);
	errors("five bytes", p[0]);
	MUST(send(p[0], "hello, world", 12, 0));
	sleep_ms(20);
	MUST(recv(p[1], buf, sizeof(buf), 0));
	sleep_ms(100);
	errors("twelve", p[0]);
	set(p[0], SO_TIMESTAMPING, SOFT | ACK | ID | TSONLY | SOF_TIMESTAMPING_OPT_STATS);
	MUST(send(p[0], "x", 1, 0));
	sleep_ms(20);
	MUST(recv(p[1], buf, sizeof(buf), 0));
	sleep_ms(100);
	errors("with statistics", p[0]);
	set(p[0], SO_TIMESTAMPING, SOFT | SENT | SCHED | ACK);
	MUST(send(p[0], "x", 1, 0));
	sleep_ms(20);
	MUST(recv(p[1], buf, sizeof(buf), 0));
	sleep_ms(100);
	errors("with the packet", p[0]);
	set(p[0], SO_TIMESTAMPING, SOFT | SENT | ID | TSONLY | SOF_TIMESTAMPING_OPT_ID_TCP);
	MUST(send(p[0], "abcd", 4, 0));
	errors("counted anew", p[0]);
	R(recv(p[0], buf, sizeof(buf), MSG_ERRQUEUE));
	R(send(p[0], "y", 1, MSG_DONTWAIT));
	close(p[0]);
	close(p[1]);
}

int main(void)
{
	lo_up();
	options();
	received();
	udp();
	udp6();
	tcp();
	return 0;
}
