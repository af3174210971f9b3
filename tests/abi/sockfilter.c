/*
 * SO_ATTACH_FILTER of socket(7) where what comes is no datagram of IP: segments of TCP, messages of Unix sockets and
 * of netlink. What a filter does not let in was lost, or was never there; what it cuts ends there.
 */
#include "inet.h"
#include <linux/filter.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <netinet/tcp.h>

static const int on = 1;

static int attach(int s, unsigned n, struct sock_filter *f)
{
	struct sock_fprog prog = { .len = (unsigned short)n, .filter = f };

	return setsockopt(s, SOL_SOCKET, SO_ATTACH_FILTER, &prog, sizeof(prog));
}

static int attach_number(int s, unsigned k)
{
	struct sock_filter f[] = { BPF_STMT(BPF_RET | BPF_K, k) };

	return attach(s, 1, f);
}

/* TCP's header, and so many bytes of what follows. */
static int attach_segment(int s, unsigned bytes)
{
	struct sock_filter f[] = {
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 12),
		BPF_STMT(BPF_ALU | BPF_RSH | BPF_K, 2),
		BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0x3c),
		BPF_STMT(BPF_ALU | BPF_ADD | BPF_K, bytes),
		BPF_STMT(BPF_RET | BPF_A, 0),
	};

	return attach(s, ARRAY_SIZE(f), f);
}

/* What begins with this byte at that place does not come in. */
static int attach_not(int s, unsigned off, char c)
{
	struct sock_filter f[] = {
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, off),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned char)c, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, 0),
		BPF_STMT(BPF_RET | BPF_K, ~0u),
	};

	return attach(s, ARRAY_SIZE(f), f);
}

static void show(int s, int flags)
{
	char buf[64];
	ssize_t n = recv(s, buf, sizeof(buf) - 1, flags);

	if (n < 0)
		say("recv: %s\n", ename(errno));
	else
		say("recv: %zd '%.*s'\n", n, (int)n, buf);
}

static int filter_of(int s)
{
	socklen_t n = 0;

	return getsockopt(s, SOL_SOCKET, SO_GET_FILTER, NULL, &n) < 0 ? -1 : (int)n;
}

static void segments(void)
{
	struct tcp_info i = { 0 };
	socklen_t n = sizeof(i);
	char buf[8] = "";
	int p[2], pieces = 0;

	SECTION("TCP: nothing comes in");
	pair(p);
	R(attach_number(p[1], 0));
	R(write(p[0], "hello", 5));
	for (;;) { /* it is sent again, in vain */
		MUST(getsockopt(p[0], IPPROTO_TCP, TCP_INFO, &i, &n));
		if (i.tcpi_retransmits)
			break;
		sleep_ms(10);
	}
	show(p[1], MSG_DONTWAIT);
	R(setsockopt(p[1], SOL_SOCKET, SO_DETACH_FILTER, &on, sizeof(on)));
	show(p[1], 0);
	SECTION("TCP: segments are cut");
	R(attach_segment(p[1], 2));
	R(write(p[0], "abcde", 5));
	for (int got = 0; got < 5; pieces++)
		got += (int)MUST(recv(p[1], buf + got, sizeof(buf) - (size_t)got, 0));
	say("%s in %s\n", buf, pieces > 1 ? "pieces" : "one piece");
	SECTION("TCP: the header alone");
	R(attach_segment(p[1], 0));
	R(write(p[0], "f", 1));
	R(setsockopt(p[1], SOL_SOCKET, SO_DETACH_FILTER, &on, sizeof(on)));
	show(p[1], 0);
	close(p[0]);
	close(p[1]);
}

static void listeners(void)
{
	int l = listener(5), s, c;
	struct sockaddr_in a = at("127.0.0.1", port_of(l));
	struct pollfd p;

	SECTION("TCP: a listener that hears nothing");
	R(attach_number(l, 0));
	s = MUST(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0));
	R(connect(s, (void *)&a, sizeof(a)));
	sleep_ms(50);
	say("%#x\n", revents(s));
	R(attach_number(l, ~0u));
	R(setsockopt(l, SOL_SOCKET, SO_LOCK_FILTER, &on, sizeof(on)));
	p = (struct pollfd){ s, POLLOUT, 0 };
	R(poll(&p, 1, 20000)); /* SYN goes again */
	c = MUST(accept(l, NULL, NULL));
	SECTION("and its child");
	R(filter_of(c));
	R(setsockopt(c, SOL_SOCKET, SO_DETACH_FILTER, &on, sizeof(on)));
	R(write(s, "x", 1));
	show(c, 0);
	close(l);
	R(write(s, "y", 1));
	show(c, 0);
	close(s);
	close(c);
}

static void unix_sockets(void)
{
	static const struct {
		int type;
		const char *text;
	} types[] = { { SOCK_DGRAM, "Unix datagrams" },
		      { SOCK_SEQPACKET, "Unix records" },
		      { SOCK_STREAM, "Unix streams: no filter" } };

	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		int p[2];

		SECTION(types[i].text);
		MUST(socketpair(AF_UNIX, types[i].type, 0, p));
		R(attach_not(p[1], 0, 'a'));
		R(write(p[0], "abc", 3));
		R(write(p[0], "bcd", 3));
		show(p[1], MSG_DONTWAIT);
		show(p[1], MSG_DONTWAIT);
		R(attach_not(p[1], 5, 'a')); /* a byte that is not there */
		R(write(p[0], "efg", 3));
		show(p[1], MSG_DONTWAIT);
		R(attach_number(p[1], 2));
		R(write(p[0], "hij", 3));
		show(p[1], MSG_DONTWAIT);
		R(setsockopt(p[1], SOL_SOCKET, SO_DETACH_FILTER, &on, sizeof(on)));
		R(write(p[0], "klm", 3));
		show(p[1], MSG_DONTWAIT);
		close(p[0]);
		close(p[1]);
	}
}

/* Asks for a link; what comes. */
static void ask(int s, int index, int dump)
{
	struct {
		struct nlmsghdr h;
		struct ifinfomsg i;
	} q = { { sizeof(q), RTM_GETLINK, NLM_F_REQUEST | (dump ? NLM_F_DUMP : 0), 1, 0 },
		{ .ifi_index = index } };
	static char buf[16384];
	ssize_t n;

	MUST(send(s, &q, sizeof(q), 0));
	n = recv(s, buf, sizeof(buf), MSG_DONTWAIT);
	if (n < 0)
		say("nothing: %s\n", ename(errno));
	else
		say("type %d, %s\n", ((struct nlmsghdr *)buf)->nlmsg_type,
		    n == ((struct nlmsghdr *)buf)->nlmsg_len ? "one message" : "another length");
	while (recv(s, buf, sizeof(buf), MSG_DONTWAIT) > 0)
		;
}

static void netlink(void)
{
	int s = MUST(socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE));
	int t = MUST(socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE));
	struct sockaddr_nl group = { .nl_family = AF_NETLINK, .nl_groups = RTMGRP_LINK };
	struct ifreq r = { .ifr_name = "lo" };
	int c = MUST(socket(AF_INET, SOCK_DGRAM, 0));

	SECTION("netlink");
	ask(s, 1, 0);
	ask(s, 99, 0);
	R(attach_number(s, 0));
	ask(s, 1, 0);
	ask(s, 0, 1);
	R(attach_not(s, 4, RTM_NEWLINK));
	ask(s, 1, 0);
	ask(s, 99, 0);
	R(attach_number(s, 20));
	ask(s, 1, 0);
	R(setsockopt(s, SOL_SOCKET, SO_DETACH_FILTER, &on, sizeof(on)));
	ask(s, 1, 0);
	SECTION("news");
	MUST(bind(t, (void *)&group, sizeof(group)));
	for (int i = 0; i < 2; i++) {
		char buf[8192];
		ssize_t n;

		if (!i)
			R(attach_not(t, 4, RTM_NEWLINK));
		MUST(ioctl(c, SIOCGIFMTU, &r));
		r.ifr_mtu--;
		MUST(ioctl(c, SIOCSIFMTU, &r));
		n = recv(t, buf, sizeof(buf), MSG_DONTWAIT);
		say("%s\n", n > 0 ? "told" : "not told");
		if (!i)
			R(setsockopt(t, SOL_SOCKET, SO_DETACH_FILTER, &on, sizeof(on)));
	}
	r.ifr_mtu += 2;
	MUST(ioctl(c, SIOCSIFMTU, &r));
	close(s);
	close(t);
	close(c);
}

int main(void)
{
	lo_up();
	segments();
	listeners();
	unix_sockets();
	netlink();
	return 0;
}
