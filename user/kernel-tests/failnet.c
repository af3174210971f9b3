/*
 * failnet.c - calls of the network while memory is short (failnth.c). What is lost on the way for want of
 * memory is as lost on a wire: a call that hands data on may succeed all the same.
 *
 * Connections end by RST, so that no TIME-WAIT is taken for a leak.
 */
#include "failnth.h"
#include "tests.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int l = -1, a = -1, b = -1; /* a listener, or a datagram socket; a connection's two ends */
static struct sockaddr_in addr;

static int make(int type)
{
	int s = socket(AF_INET, type, 0);

	CHECK(s >= 0);
	return s;
}

static void shut(int *s)
{
	struct linger now = { 1, 0 };

	if (*s < 0)
		return;
	setsockopt(*s, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	close(*s);
	*s = -1;
}

static void undo_all(long got)
{
	(void)got;
	shut(&a);
	shut(&b);
	shut(&l);
}

static void bind_it(int s)
{
	socklen_t n = sizeof(addr);

	addr = (struct sockaddr_in){ .sin_family = AF_INET,
				     .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	CHECK(!bind(s, (struct sockaddr *)&addr, sizeof(addr)));
	CHECK(!getsockname(s, (struct sockaddr *)&addr, &n));
}

/* ---- sockets ------------------------------------------------------------------------------------- */

static long call_stream(void)
{
	return a = socket(AF_INET, SOCK_STREAM, 0);
}

static long call_dgram6(void)
{
	return a = socket(AF_INET6, SOCK_DGRAM, 0);
}

static long call_raw(void)
{
	return a = socket(AF_INET, SOCK_RAW, 1);
}

static long call_packet(void)
{
	return a = socket(AF_PACKET, SOCK_DGRAM, htons(3));
}

static long call_netlink(void)
{
	return a = socket(AF_NETLINK, SOCK_RAW, 0);
}

static void before_stream(void)
{
	a = make(SOCK_STREAM);
	addr = (struct sockaddr_in){ .sin_family = AF_INET,
				     .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
}

static long call_bind(void)
{
	return bind(a, (struct sockaddr *)&addr, sizeof(addr));
}

static void before_bound(void)
{
	before_stream();
	bind_it(a);
}

static long call_listen(void)
{
	return listen(a, 5);
}

static void before_dgram(void)
{
	a = make(SOCK_DGRAM);
	b = make(SOCK_DGRAM);
	bind_it(b);
}

static long call_join(void)
{
	struct ip_mreqn r = { .imr_ifindex = 1 };

	r.imr_multiaddr.s_addr = htonl(0xef020202);
	return setsockopt(a, SOL_IP, IP_ADD_MEMBERSHIP, &r, sizeof(r));
}

/* Record route, and an end. */
static long call_options(void)
{
	static const unsigned char options[] = { 7, 7, 4, 0, 0, 0, 0, 0 };

	return setsockopt(a, SOL_IP, 4, options, sizeof(options));
}

/* ---- datagrams ---------------------------------------------------------------------------------- */

static char block[20000];

static long call_sendto(void)
{
	return sendto(a, block, 3000, MSG_DONTWAIT, (struct sockaddr *)&addr, sizeof(addr));
}

static long call_connect_dgram(void)
{
	return connect(a, (struct sockaddr *)&addr, sizeof(addr));
}

static void before_received(void)
{
	before_dgram();
	CHECK(call_sendto() == 3000);
}

static long call_recv(void)
{
	return recv(b, block, sizeof(block), MSG_DONTWAIT);
}

/* ---- connections --------------------------------------------------------------------------------- */

static void before_listening(void)
{
	l = make(SOCK_STREAM);
	bind_it(l);
	CHECK(!listen(l, 5));
	a = make(SOCK_STREAM);
	CHECK(!fcntl(a, F_SETFL, O_NONBLOCK));
}

static long call_connect(void)
{
	long got = connect(a, (struct sockaddr *)&addr, sizeof(addr));

	return got < 0 && errno == EINPROGRESS ? 0 : got;
}

static void before_accept(void)
{
	struct pollfd p;

	before_listening();
	CHECK(!call_connect());
	p = (struct pollfd){ .fd = l, .events = POLLIN };
	CHECK(poll(&p, 1, 5000) == 1);
}

static long call_accept(void)
{
	return b = accept(l, NULL, NULL);
}

static void before_pair(void)
{
	before_accept();
	CHECK(call_accept() >= 0);
	shut(&l);
}

static long call_send(void)
{
	return send(a, block, sizeof(block), MSG_DONTWAIT);
}

static void before_data(void)
{
	struct pollfd p;

	before_pair();
	CHECK(call_send() == sizeof(block));
	p = (struct pollfd){ .fd = b, .events = POLLIN };
	CHECK(poll(&p, 1, 5000) == 1);
}

static long call_shutdown(void)
{
	return shutdown(a, SHUT_WR);
}

/* With a FIN, which may have to wait for memory. */
static long call_close(void)
{
	long got = close(a);

	a = -1;
	return got;
}

static long call_reset(void)
{
	shut(&a);
	return 0;
}

/* A link's description, as ip(8) asks for it. */
static void before_netlink(void)
{
	a = socket(AF_NETLINK, SOCK_RAW, 0);
	CHECK(a >= 0);
}

static long call_dump(void)
{
	struct {
		uint32_t len;
		uint16_t type, flags;
		uint32_t seq, pid;
		unsigned char family[4];
	} ask = { .len = 20, .type = 18, .flags = 0x301 }; /* RTM_GETLINK, a dump */
	long got = send(a, &ask, sizeof(ask), 0);

	return got < 0 ? got : recv(a, block, sizeof(block), MSG_DONTWAIT);
}

const struct work failnth_network[] = {
	{ "socket of TCP", call_stream, undo_all, NULL, 0 },
	{ "socket of UDP", call_dgram6, undo_all, NULL, 0 },
	{ "raw socket", call_raw, undo_all, NULL, 0 },
	{ "packet socket", call_packet, undo_all, NULL, 0 },
	{ "netlink socket", call_netlink, undo_all, NULL, 0 },
	{ "bind", call_bind, undo_all, before_stream, 0 },
	{ "listen", call_listen, undo_all, before_bound, 0 },
	{ "IP_ADD_MEMBERSHIP", call_join, undo_all, before_dgram, 0 },
	{ "IP_OPTIONS", call_options, undo_all, before_dgram, 0 },
	{ "sendto", call_sendto, undo_all, before_dgram, 0 },
	{ "connect of UDP", call_connect_dgram, undo_all, before_dgram, 0 },
	{ "recv of UDP", call_recv, undo_all, before_received, 0 },
	{ "connect", call_connect, undo_all, before_listening, 0 },
	{ "accept", call_accept, undo_all, before_accept, 0 },
	{ "send", call_send, undo_all, before_pair, 0 },
	{ "recv", call_recv, undo_all, before_data, 0 },
	{ "shutdown", call_shutdown, undo_all, before_pair, 0 },
	{ "close", call_close, undo_all, before_pair, 0 },
	{ "close with data", call_close, undo_all, before_data, 0 },
	{ "reset", call_reset, undo_all, before_data, 0 },
	{ "netlink dump", call_dump, undo_all, before_netlink, 0 },
	{ NULL, NULL, NULL, NULL, 0 },
};
