/*
 * IPv6 over the loopback: UDP and raw sockets, what is told of a packet (IPV6_RECV*), extension headers
 * that a socket or a message puts before it: ipv6(7), RFC 3493, RFC 3542.
 */
#include "inet.h"
#include <netinet/icmp6.h>
#include <netinet/ip6.h>

static void hex(const unsigned char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		say("%02x", p[i]);
}

/* One message with its control data. */
static void show(const char *what, int s)
{
	unsigned char data[200], control[2048];
	struct sockaddr_in6 from;
	struct iovec v = { data, sizeof(data) };
	struct msghdr m = { &from, sizeof(from), &v, 1, control, sizeof(control), 0 };
	struct pollfd p = { s, POLLIN, 0 };
	char ip[64] = "";
	ssize_t n;

	poll(&p, 1, 300);
	n = recvmsg(s, &m, MSG_DONTWAIT);
	if (n < 0) {
		say("%s: %s\n", what, ename(errno));
		return;
	}
	inet_ntop(AF_INET6, &from.sin6_addr, ip, sizeof(ip));
	say("%s: %zd bytes, flags %#x, from %s, %d:", what, n, m.msg_flags, ip, m.msg_namelen);
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c)) {
		say(" [%d/%d ", c->cmsg_level, c->cmsg_type);
		hex(CMSG_DATA(c), c->cmsg_len - CMSG_LEN(0));
		say("]");
	}
	say("\n");
}

static int on(int s, int name, int v)
{
	return setsockopt(s, SOL_IPV6, name, &v, sizeof(v));
}

static void names(void)
{
	struct sockaddr_in6 a = at6("::1", 5401), b, bad = at6("2001:db8::1", 5401);
	int s = MUST(socket(AF_INET6, SOCK_DGRAM, 0)), t = MUST(socket(AF_INET6, SOCK_DGRAM, 0));
	socklen_t n = sizeof(b);
	char ip[64];

	SECTION("names");
	R(bind(s, (struct sockaddr *)&a, 20));
	R(bind(s, (struct sockaddr *)&bad, sizeof(bad)));
	R(bind(s, (struct sockaddr *)&a, sizeof(a)));
	R(bind(t, (struct sockaddr *)&a, sizeof(a)));
	R(bind(s, (struct sockaddr *)&a, sizeof(a)));
	MUST(getsockname(s, (struct sockaddr *)&b, &n));
	say("%s %d, %d bytes\n", inet_ntop(AF_INET6, &b.sin6_addr, ip, sizeof(ip)),
	    ntohs(b.sin6_port), n);
	R(getpeername(s, (struct sockaddr *)&b, &n));
	a.sin6_addr = in6addr_any;
	R(connect(t, (struct sockaddr *)&a, sizeof(a)));
	n = sizeof(b);
	MUST(getpeername(t, (struct sockaddr *)&b, &n));
	say("%s %d\n", inet_ntop(AF_INET6, &b.sin6_addr, ip, sizeof(ip)), ntohs(b.sin6_port));
	MUST(getsockname(t, (struct sockaddr *)&b, &n));
	say("%s\n", inet_ntop(AF_INET6, &b.sin6_addr, ip, sizeof(ip)));
	R(send(t, "hello", 5, 0));
	show("to any", s);
	R(connect(t, (struct sockaddr *)&bad, sizeof(bad)));
	a = at6("fe80::1", 5401);
	R(connect(t, (struct sockaddr *)&a, sizeof(a)));
	a = at6("::ffff:127.0.0.1", 5401);
	R(sendto(t, "x", 1, 0, (struct sockaddr *)&a, sizeof(a)));
	on(t, IPV6_V6ONLY, 1);
	close(s);
	close(t);
	/* both versions at one socket */
	s = MUST(socket(AF_INET6, SOCK_DGRAM, 0));
	a = at6("::", 5402);
	MUST(bind(s, (struct sockaddr *)&a, sizeof(a)));
	t = bound("127.0.0.1", 0);
	struct sockaddr_in four = at("127.0.0.1", 5402);
	R(sendto(t, "four", 4, 0, (struct sockaddr *)&four, sizeof(four)));
	show("by IPv4", s);
	close(t);
	t = MUST(socket(AF_INET6, SOCK_DGRAM, 0));
	a = at6("::ffff:127.0.0.1", 5402);
	R(sendto(t, "mapped", 6, 0, (struct sockaddr *)&a, sizeof(a)));
	show("mapped", s);
	close(s);
	R(sendto(t, "nobody", 6, 0, (struct sockaddr *)&a, sizeof(a)));
	close(t);
	t = MUST(socket(AF_INET6, SOCK_DGRAM, 0));
	a = at6("::1", 5403);
	MUST(connect(t, (struct sockaddr *)&a, sizeof(a)));
	R(send(t, "nobody", 6, 0));
	sleep_ms(20);
	R(send(t, "nobody", 6, 0));
	close(t);
}

static void told(void)
{
	static const int flags[] = { IPV6_RECVPKTINFO, IPV6_RECVHOPLIMIT, IPV6_RECVTCLASS,
				     IPV6_2292PKTINFO, IPV6_2292HOPLIMIT, 74 };
	struct sockaddr_in6 a = at6("::1", 5404);
	int r = bound6("::1", 5404), s = bound6("::1", 0), v = 0;
	socklen_t n = sizeof(v);

	SECTION("what is told");
	for (size_t i = 0; i < ARRAY_SIZE(flags); i++) {
		R(on(r, flags[i], 1));
		MUST(sendto(s, "x", 1, 0, (struct sockaddr *)&a, sizeof(a)));
		show("one", r);
		n = sizeof(v);
		R(getsockopt(r, SOL_IPV6, flags[i], &v, &n));
		say("%d\n", v);
		on(r, flags[i], 0);
	}
	for (size_t i = 0; i < 5; i++)
		on(r, flags[i], 1);
	MUST(on(s, IPV6_UNICAST_HOPS, 33));
	MUST(on(s, IPV6_TCLASS, 0x44));
	MUST(sendto(s, "x", 1, 0, (struct sockaddr *)&a, sizeof(a)));
	show("all", r);
	close(r);
	close(s);
}

static unsigned char hop[8] = { 0, 0, 1, 4, 0, 0, 0, 0 };
static unsigned char dest[16] = { 0, 1, 0x1e, 12 };

static void get(int s, int name)
{
	unsigned char buf[64];
	socklen_t n = sizeof(buf);

	memset(buf, 0xee, sizeof(buf));
	if (getsockopt(s, SOL_IPV6, name, buf, &n)) {
		say("%d: %s\n", name, ename(errno));
		return;
	}
	say("%d: %d bytes ", name, n);
	hex(buf, n);
	say("\n");
}

static void headers(void)
{
	static const int names[] = { IPV6_HOPOPTS, IPV6_RTHDRDSTOPTS, IPV6_DSTOPTS };
	struct sockaddr_in6 a = at6("::1", 5405);
	unsigned char route[24] = { 0, 2, 0, 1 }, control[128], control2[CMSG_SPACE(16)];
	struct iovec v = { "payload", 7 };
	struct msghdr m = { &a, sizeof(a), &v, 1, control, 0, 0 };
	struct cmsghdr *c;
	int r = bound6("::1", 5405), s = bound6("::1", 0);

	SECTION("extension headers");
	on(r, IPV6_RECVHOPOPTS, 1);
	on(r, IPV6_RECVDSTOPTS, 1);
	on(r, IPV6_RECVRTHDR, 1);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		R(setsockopt(s, SOL_IPV6, names[i], hop, 7));
		R(setsockopt(s, SOL_IPV6, names[i], hop, 12));
		R(setsockopt(s, SOL_IPV6, names[i], dest, 8));
		R(setsockopt(s, SOL_IPV6, names[i], (void *)8, 8));
		get(s, names[i]);
		R(setsockopt(s, SOL_IPV6, names[i], names[i] == IPV6_HOPOPTS ? hop : dest,
			     names[i] == IPV6_HOPOPTS ? 8 : 16));
		get(s, names[i]);
		R(sendto(s, "sticky", 6, 0, (struct sockaddr *)&a, sizeof(a)));
		show("sticky", r);
	}
	R(setsockopt(s, SOL_IPV6, IPV6_RTHDR, route, sizeof(route)));
	get(s, IPV6_RTHDR);
	R(setsockopt(s, SOL_IPV6, IPV6_RTHDR, NULL, 0));
	R(connect(s, (struct sockaddr *)&a, sizeof(a)));
	R(send(s, "connected", 9, 0));
	show("connected", r);
	/* a message's own stand for all of the socket's */
	memset(control, 0, sizeof(control));
	m.msg_controllen = CMSG_SPACE(16);
	c = CMSG_FIRSTHDR(&m);
	c->cmsg_level = SOL_IPV6;
	c->cmsg_type = IPV6_DSTOPTS;
	c->cmsg_len = CMSG_LEN(16);
	memcpy(CMSG_DATA(c), dest, 16);
	m.msg_name = NULL;
	R(sendmsg(s, &m, 0));
	show("of the message", r);
	c->cmsg_len = CMSG_LEN(8);
	R(sendmsg(s, &m, 0));
	c->cmsg_type = IPV6_HOPOPTS;
	memcpy(CMSG_DATA(c), hop, 8);
	R(sendmsg(s, &m, 0));
	show("hop by hop", r);
	c->cmsg_type = IPV6_RTHDR;
	R(sendmsg(s, &m, 0));
	memcpy(control2, control, sizeof(control2));
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		R(setsockopt(s, SOL_IPV6, names[i], NULL, 0));
		get(s, names[i]);
	}
	R(send(s, "plain", 5, 0));
	show("plain", r);
	/* RFC 2292's */
	on(r, IPV6_RECVHOPOPTS, 0);
	on(r, IPV6_RECVDSTOPTS, 0);
	on(r, IPV6_2292HOPOPTS, 1);
	on(r, IPV6_2292DSTOPTS, 1);
	setsockopt(s, SOL_IPV6, IPV6_HOPOPTS, hop, 8);
	setsockopt(s, SOL_IPV6, IPV6_DSTOPTS, dest, 16);
	R(send(s, "old", 3, 0));
	show("old", r);
	if (!setuid(1234)) {
		R(setsockopt(s, SOL_IPV6, IPV6_HOPOPTS, hop, 8));
		R(setsockopt(s, SOL_IPV6, IPV6_DSTOPTS, NULL, 0));
		R(setsockopt(s, SOL_IPV6, IPV6_RTHDR, NULL, 0));
		c->cmsg_type = IPV6_HOPOPTS;
		R(sendmsg(s, &m, 0));
	}
	close(r);
	close(s);
}

static void raw(void)
{
	int s = MUST(socket(AF_INET6, SOCK_RAW, 200)), t = MUST(socket(AF_INET6, SOCK_RAW, 200)), v = 2;
	struct sockaddr_in6 a = at6("::1", 0);
	struct icmp6_hdr echo = { .icmp6_type = ICMP6_ECHO_REQUEST, .icmp6_id = 7, .icmp6_seq = 9 };
	struct icmp6_filter f;
	socklen_t n = sizeof(v);
	unsigned char buf[100];

	SECTION("raw");
	R(sendto(s, "abcdef", 6, 0, (struct sockaddr *)&a, sizeof(a)));
	show("raw", t);
	show("itself", s);
	on(t, IPV6_RECVHOPLIMIT, 1);
	R(setsockopt(t, SOL_IPV6, IPV6_CHECKSUM, &v, sizeof(v)));
	R(getsockopt(t, SOL_IPV6, IPV6_CHECKSUM, &v, &n));
	say("%d\n", v);
	R(sendto(s, "abcdef", 6, 0, (struct sockaddr *)&a, sizeof(a)));
	show("wrong sum", t);
	R(sendto(t, "ab\0\0ef", 6, 0, (struct sockaddr *)&a, sizeof(a)));
	show("right sum", t);
	v = 3;
	R(setsockopt(t, SOL_IPV6, IPV6_CHECKSUM, &v, sizeof(v)));
	a.sin6_port = htons(17);
	R(sendto(s, "abcdef", 6, 0, (struct sockaddr *)&a, sizeof(a)));
	a.sin6_port = 0;
	R(bind(s, (struct sockaddr *)&a, sizeof(a)));
	R(connect(s, (struct sockaddr *)&a, sizeof(a)));
	R(send(s, "x", 1, 0));
	close(s);
	close(t);
	s = MUST(socket(AF_INET6, SOCK_RAW, IPPROTO_ICMPV6));
	ICMP6_FILTER_SETBLOCKALL(&f);
	ICMP6_FILTER_SETPASS(ICMP6_ECHO_REPLY, &f);
	R(setsockopt(s, IPPROTO_ICMPV6, ICMP6_FILTER, &f, sizeof(f)));
	R(sendto(s, &echo, sizeof(echo), 0, (struct sockaddr *)&a, sizeof(a)));
	sleep_ms(20);
	memset(buf, 0, sizeof(buf));
	R(recv(s, buf, sizeof(buf), MSG_DONTWAIT));
	say("type %d code %d id %d\n", buf[0], buf[1], buf[4] | buf[5] << 8);
	R(recv(s, buf, sizeof(buf), MSG_DONTWAIT));
	close(s);
}

int main(void)
{
	lo_up();
	sleep_ms(100);
	names();
	told();
	raw();
	in_child("headers", headers);
	return 0;
}
