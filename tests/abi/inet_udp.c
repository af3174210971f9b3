/* UDP over the loopback: udp(7), ip(7), send(2), recv(2), bind(2), connect(2). */
#include "inet.h"
#include <netinet/udp.h>

static void binding(void)
{
	struct sockaddr_in a = at("127.0.0.1", 5001), b = at("1.2.3.4", 5001), c;
	int s = MUST(socket(AF_INET, SOCK_DGRAM, 0)), t = MUST(socket(AF_INET, SOCK_DGRAM, 0)), u;
	int one = 1;

	SECTION("bind");
	show_name(s, 0);
	show_name(s, 1);
	R(bind(s, (struct sockaddr *)&a, 4));
	R(bind(s, (struct sockaddr *)&b, sizeof(b)));
	a.sin_family = AF_UNIX;
	R(bind(s, (struct sockaddr *)&a, sizeof(a)));
	a.sin_family = AF_INET;
	R(bind(s, (struct sockaddr *)&a, sizeof(a)));
	R(bind(s, (struct sockaddr *)&a, sizeof(a)));
	show_name(s, 0);
	R(bind(t, (struct sockaddr *)&a, sizeof(a)));
	c = at("0.0.0.0", 5001);
	R(bind(t, (struct sockaddr *)&c, sizeof(c)));
	c = at("127.0.0.2", 5001);
	R(bind(t, (struct sockaddr *)&c, sizeof(c)));
	u = MUST(socket(AF_INET, SOCK_DGRAM, 0));
	R(setsockopt(u, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)));
	R(bind(u, (struct sockaddr *)&a, sizeof(a)));
	R(setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)));
	R(bind(u, (struct sockaddr *)&a, sizeof(a)));
	close(u);
	u = MUST(socket(AF_INET, SOCK_DGRAM, 0));
	R(setsockopt(u, SOL_SOCKET, SO_REUSEPORT, &one, sizeof(one)));
	R(bind(u, (struct sockaddr *)&a, sizeof(a)));
	close(u);
	u = MUST(socket(AF_INET, SOCK_DGRAM, 0));
	c = at("0.0.0.0", 0);
	R(bind(u, (struct sockaddr *)&c, sizeof(c)));
	show_name(u, 0);
	close(u);
	u = MUST(socket(AF_INET, SOCK_DGRAM, 0));
	c.sin_family = AF_UNSPEC;
	R(bind(u, (struct sockaddr *)&c, sizeof(c)));
	show_name(u, 0);
	R(listen(u, 1));
	R(accept(u, NULL, NULL));
	close(u);
	u = MUST(socket(AF_INET, SOCK_DGRAM, 0));
	R(setsockopt(u, SOL_IP, IP_FREEBIND, &one, sizeof(one)));
	R(bind(u, (struct sockaddr *)&b, sizeof(b)));
	close(u);
	close(s);
	close(t);
}

static void families(void)
{
	SECTION("socket");
	R(socket(AF_INET, SOCK_DGRAM, IPPROTO_UDP) >= 0);
	R(socket(AF_INET, SOCK_DGRAM, IPPROTO_TCP));
	R(socket(AF_INET, SOCK_DGRAM, -1));
	R(socket(AF_INET, SOCK_DGRAM, 300));
	R(socket(AF_INET, SOCK_RAW, 0));
	R(socket(AF_INET, SOCK_SEQPACKET, 0));
	R(socket(AF_INET, SOCK_RDM, 0));
	R(socket(AF_INET, 11, 0));
	R(socket(AF_INET6, SOCK_DGRAM, IPPROTO_UDP) >= 0);
	R(socketpair(AF_INET, SOCK_DGRAM, 0, (int[2]){ 0, 0 }));
}

static void sending(void)
{
	int s = bound("127.0.0.1", 0), t = MUST(socket(AF_INET, SOCK_DGRAM, 0));
	struct sockaddr_in a = at("127.0.0.1", port_of(s)), from, none = { .sin_family = AF_UNSPEC };
	socklen_t n = sizeof(from);
	char buf[64];
	static char big[70000];
	int v;

	SECTION("send and receive");
	R(send(t, "x", 1, 0));
	R(sendto(t, "x", 1, 0, (struct sockaddr *)&a, 4));
	R(sendto(t, "hello", 5, 0, (struct sockaddr *)&a, sizeof(a)));
	show_name(t, 0);
	R(ioctl(s, FIONREAD, &v));
	say("FIONREAD %d\n", v);
	say("poll %#x\n", revents(s));
	R(recvfrom(s, buf, 2, MSG_PEEK, (struct sockaddr *)&from, &n));
	say("from length %d, port %s\n", n, from.sin_port == htons(port_of(t)) ? "right" : "wrong");
	R(recv(s, buf, 2, MSG_PEEK | MSG_TRUNC));
	R(recv(s, buf, sizeof(buf), 0));
	R(recv(s, buf, sizeof(buf), MSG_DONTWAIT));
	R(sendto(t, "", 0, 0, (struct sockaddr *)&a, sizeof(a)));
	say("poll %#x\n", revents(s));
	R(recv(s, buf, sizeof(buf), 0));
	R(sendto(t, big, sizeof(big), 0, (struct sockaddr *)&a, sizeof(a)));
	R(sendto(t, big, 65508, 0, (struct sockaddr *)&a, sizeof(a)));
	R(sendto(t, big, 65507, 0, (struct sockaddr *)&a, sizeof(a)));
	R(recv(s, big, sizeof(big), 0));
	R(sendto(t, "x", 1, MSG_OOB, (struct sockaddr *)&a, sizeof(a)));
	a.sin_port = 0;
	R(sendto(t, "x", 1, 0, (struct sockaddr *)&a, sizeof(a)));
	a.sin_family = AF_INET6;
	R(sendto(t, "x", 1, 0, (struct sockaddr *)&a, sizeof(a)));

	SECTION("connect");
	a = at("127.0.0.1", port_of(s));
	R(connect(t, (struct sockaddr *)&a, 4));
	R(connect(t, (struct sockaddr *)&a, sizeof(a)));
	show_name(t, 0);
	show_name(t, 1);
	R(send(t, "abc", 3, 0));
	R(write(t, "defg", 4));
	R(read(s, buf, sizeof(buf)));
	R(read(s, buf, sizeof(buf)));
	R(shutdown(s, SHUT_RD));
	R(read(s, buf, sizeof(buf)));
	R(shutdown(t, SHUT_WR));
	R(send(t, "x", 1, MSG_NOSIGNAL));
	say("poll %#x\n", revents(t));
	R(connect(t, (struct sockaddr *)&none, sizeof(none)));
	show_name(t, 0);
	show_name(t, 1);
	close(s);
	close(t);

	SECTION("only the peer");
	s = bound("127.0.0.1", 0);
	t = bound("127.0.0.1", 0);
	v = bound("127.0.0.1", 0);
	a = at("127.0.0.1", port_of(t));
	R(connect(s, (struct sockaddr *)&a, sizeof(a)));
	a = at("127.0.0.1", port_of(s));
	R(sendto(v, "no", 2, 0, (struct sockaddr *)&a, sizeof(a)));
	R(recv(s, buf, sizeof(buf), MSG_DONTWAIT));
	R(sendto(t, "yes", 3, 0, (struct sockaddr *)&a, sizeof(a)));
	R(recv(s, buf, sizeof(buf), MSG_DONTWAIT));
	close(s);
	close(t);
	close(v);
}

static void refused(void)
{
	int s = MUST(socket(AF_INET, SOCK_DGRAM, 0)), free_port, t = bound("127.0.0.1", 0), v;
	struct sockaddr_in a, off;
	socklen_t n = sizeof(v);
	char buf[64], control[256];
	struct iovec iov = { buf, sizeof(buf) };
	struct msghdr m = { .msg_name = &a,
			    .msg_namelen = sizeof(a),
			    .msg_iov = &iov,
			    .msg_iovlen = 1,
			    .msg_control = control,
			    .msg_controllen = sizeof(control) };
	struct cmsghdr *c;
	uint32_t ee[4];
	int one = 1;

	SECTION("refused");
	free_port = port_of(t);
	close(t);
	a = at("127.0.0.1", free_port);
	R(sendto(s, "x", 1, 0, (struct sockaddr *)&a, sizeof(a)));
	R(sendto(s, "x", 1, 0, (struct sockaddr *)&a, sizeof(a)));
	R(connect(s, (struct sockaddr *)&a, sizeof(a)));
	R(send(s, "x", 1, 0));
	say("poll %#x\n", revents(s));
	R(send(s, "x", 1, 0));
	R(recv(s, buf, sizeof(buf), MSG_DONTWAIT));
	R(recv(s, buf, sizeof(buf), MSG_DONTWAIT));
	R(send(s, "x", 1, 0));
	R(getsockopt(s, SOL_SOCKET, SO_ERROR, &v, &n));
	say("SO_ERROR %s\n", ename(v));
	close(s);

	SECTION("IP_RECVERR");
	s = MUST(socket(AF_INET, SOCK_DGRAM, 0));
	R(setsockopt(s, SOL_IP, IP_RECVERR, &one, sizeof(one)));
	R(recvmsg(s, &m, MSG_ERRQUEUE));
	R(sendto(s, "hello", 5, 0, (struct sockaddr *)&a, sizeof(a)));
	say("poll %#x\n", revents(s));
	m.msg_controllen = sizeof(control);
	R(recvmsg(s, &m, MSG_ERRQUEUE));
	say("flags %#x, %.5s, name port %s, control %zu\n", m.msg_flags, buf,
	    a.sin_port == htons(free_port) ? "right" : "wrong", m.msg_controllen);
	c = CMSG_FIRSTHDR(&m);
	if (c) {
		say("cmsg level %d type %d len %zu\n", c->cmsg_level, c->cmsg_type,
		    (size_t)c->cmsg_len);
		memcpy(ee, CMSG_DATA(c), 16);
		memcpy(&off, CMSG_DATA(c) + 16, sizeof(off));
		say("errno %s origin,type,code %#x info %u data %u\n", ename((int)ee[0]), ee[1], ee[2],
		    ee[3]);
		say("offender family %d addr %#x port %d\n", off.sin_family,
		    ntohl(off.sin_addr.s_addr), ntohs(off.sin_port));
	}
	say("poll %#x\n", revents(s));
	R(recv(s, buf, sizeof(buf), MSG_DONTWAIT));
	close(s);
}

static void control(void)
{
	int s = bound("0.0.0.0", 0), t = MUST(socket(AF_INET, SOCK_DGRAM, 0)), one = 1, v;
	struct sockaddr_in a = at("127.0.0.5", port_of(s)), o;
	char buf[64], room[512];
	struct iovec iov = { buf, sizeof(buf) };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1 };
	struct cmsghdr *c;
	struct in_pktinfo info;

	SECTION("control data");
	R(setsockopt(s, SOL_IP, IP_PKTINFO, &one, sizeof(one)));
	R(setsockopt(s, SOL_IP, IP_RECVTTL, &one, sizeof(one)));
	R(setsockopt(s, SOL_IP, IP_RECVTOS, &one, sizeof(one)));
	R(setsockopt(s, SOL_IP, IP_RECVORIGDSTADDR, &one, sizeof(one)));
	v = 0x28;
	R(setsockopt(t, SOL_IP, IP_TOS, &v, sizeof(v)));
	v = 77;
	R(setsockopt(t, SOL_IP, IP_TTL, &v, sizeof(v)));
	R(sendto(t, "hello", 5, 0, (struct sockaddr *)&a, sizeof(a)));
	m.msg_control = room;
	m.msg_controllen = sizeof(room);
	R(recvmsg(s, &m, 0));
	for (c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c)) {
		say("level %d type %d len %zu: ", c->cmsg_level, c->cmsg_type,
		    (size_t)c->cmsg_len);
		if (c->cmsg_type == IP_PKTINFO) {
			memcpy(&info, CMSG_DATA(c), sizeof(info));
			say("index %d dst %#x addr %#x\n", info.ipi_ifindex,
			    ntohl(info.ipi_spec_dst.s_addr), ntohl(info.ipi_addr.s_addr));
		} else if (c->cmsg_type == IP_TTL) {
			memcpy(&v, CMSG_DATA(c), 4);
			say("%d\n", v);
		} else if (c->cmsg_type == IP_TOS) {
			say("%#x\n", *CMSG_DATA(c));
		} else {
			memcpy(&o, CMSG_DATA(c), sizeof(o));
			say("family %d addr %#x port %s\n", o.sin_family, ntohl(o.sin_addr.s_addr),
			    o.sin_port == a.sin_port ? "right" : "wrong");
		}
	}
	/* from another of our addresses, with another TTL and TOS */
	memset(room, 0, sizeof(room));
	m.msg_name = &a;
	m.msg_namelen = sizeof(a);
	m.msg_controllen = CMSG_SPACE(sizeof(info)) + 2 * CMSG_SPACE(sizeof(int));
	c = CMSG_FIRSTHDR(&m);
	c->cmsg_level = SOL_IP;
	c->cmsg_type = IP_PKTINFO;
	c->cmsg_len = CMSG_LEN(sizeof(info));
	memset(&info, 0, sizeof(info));
	inet_pton(AF_INET, "127.0.0.9", &info.ipi_spec_dst);
	memcpy(CMSG_DATA(c), &info, sizeof(info));
	c = CMSG_NXTHDR(&m, c);
	c->cmsg_level = SOL_IP;
	c->cmsg_type = IP_TTL;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	v = 9;
	memcpy(CMSG_DATA(c), &v, sizeof(v));
	c = CMSG_NXTHDR(&m, c);
	c->cmsg_level = SOL_IP;
	c->cmsg_type = IP_TOS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	v = 0x10;
	memcpy(CMSG_DATA(c), &v, sizeof(v));
	iov.iov_len = 3;
	R(sendmsg(t, &m, 0));
	m.msg_name = &o;
	m.msg_namelen = sizeof(o);
	m.msg_controllen = sizeof(room);
	iov.iov_len = sizeof(buf);
	R(recvmsg(s, &m, 0));
	say("from %#x, name length %d\n", ntohl(o.sin_addr.s_addr), m.msg_namelen);
	for (c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c))
		if (c->cmsg_type == IP_TTL || c->cmsg_type == IP_TOS)
			say("type %d: %d\n", c->cmsg_type, *CMSG_DATA(c));
	/* little room */
	R(sendto(t, "hello", 5, 0, (struct sockaddr *)&a, sizeof(a)));
	m.msg_controllen = 30;
	iov.iov_len = 2;
	R(recvmsg(s, &m, 0));
	say("flags %#x control %zu\n", m.msg_flags, m.msg_controllen);
	close(s);
	close(t);
}

static void corked(void)
{
	int s = bound("127.0.0.1", 0), t = MUST(socket(AF_INET, SOCK_DGRAM, 0)), v = 1;
	struct sockaddr_in a = at("127.0.0.1", port_of(s));
	char buf[4000];

	SECTION("cork, more, segment");
	R(connect(t, (struct sockaddr *)&a, sizeof(a)));
	R(send(t, "abc", 3, MSG_MORE));
	R(recv(s, buf, sizeof(buf), MSG_DONTWAIT));
	R(send(t, "def", 3, 0));
	R(recv(s, buf, sizeof(buf), MSG_DONTWAIT));
	R(setsockopt(t, SOL_UDP, UDP_CORK, &v, sizeof(v)));
	R(send(t, "12", 2, 0));
	R(send(t, "345", 3, 0));
	R(recv(s, buf, sizeof(buf), MSG_DONTWAIT));
	v = 0;
	R(setsockopt(t, SOL_UDP, UDP_CORK, &v, sizeof(v)));
	R(recv(s, buf, sizeof(buf), MSG_DONTWAIT));
	v = 1000;
	R(setsockopt(t, SOL_UDP, UDP_SEGMENT, &v, sizeof(v)));
	R(send(t, buf, 2500, 0));
	R(recv(s, buf, sizeof(buf), MSG_DONTWAIT));
	R(recv(s, buf, sizeof(buf), MSG_DONTWAIT));
	R(recv(s, buf, sizeof(buf), MSG_DONTWAIT));
	R(recv(s, buf, sizeof(buf), MSG_DONTWAIT));
	close(s);
	close(t);
}

static void reuseport(void)
{
	int s[4], c, one = 1, got = 0, per[4] = { 0 };
	struct sockaddr_in a = at("127.0.0.1", 5010);
	char buf[8];

	SECTION("SO_REUSEPORT");
	for (int i = 0; i < 4; i++) {
		s[i] = MUST(socket(AF_INET, SOCK_DGRAM, 0));
		MUST(setsockopt(s[i], SOL_SOCKET, SO_REUSEPORT, &one, sizeof(one)));
		MUST(bind(s[i], (struct sockaddr *)&a, sizeof(a)));
	}
	for (int i = 0; i < 400; i++) {
		c = MUST(socket(AF_INET, SOCK_DGRAM, 0));
		MUST(sendto(c, "x", 1, 0, (struct sockaddr *)&a, sizeof(a)));
		close(c);
	}
	for (int i = 0; i < 4; i++)
		while (recv(s[i], buf, sizeof(buf), MSG_DONTWAIT) == 1)
			per[i]++, got++;
	say("got %d, each some: %d\n", got, per[0] > 40 && per[1] > 40 && per[2] > 40 && per[3] > 40);
	for (int i = 0; i < 4; i++)
		close(s[i]);
}

static void full(void)
{
	int s = bound("127.0.0.1", 0), t = MUST(socket(AF_INET, SOCK_DGRAM, 0)), v = 2304, n = 0;
	struct sockaddr_in a = at("127.0.0.1", port_of(s));
	char buf[1000];

	SECTION("a full buffer");
	R(setsockopt(s, SOL_SOCKET, SO_RCVBUF, &v, sizeof(v)));
	for (int i = 0; i < 50; i++)
		MUST(sendto(t, buf, sizeof(buf), 0, (struct sockaddr *)&a, sizeof(a)));
	while (recv(s, buf, sizeof(buf), MSG_DONTWAIT) > 0)
		n++;
	say("some came: %d, not all: %d\n", n > 0, n < 50);
	close(s);
	close(t);
}

int main(void)
{
	lo_up();
	families();
	binding();
	sending();
	refused();
	control();
	corked();
	reuseport();
	full();
	return 0;
}
