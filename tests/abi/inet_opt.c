/* The options of socket(7), ip(7), ipv6(7) and udp(7) on datagram and raw sockets: each with many values. */
#include "abi.h"
#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#define O(level, name) \
	{ level, name, #name }

struct option {
	int level, name;
	const char *text;
};

static const struct option ip_options[] = {
	O(SOL_IP, IP_TOS),	  O(SOL_IP, IP_TTL),	       O(SOL_IP, IP_HDRINCL),
	O(SOL_IP, IP_RECVOPTS),	  O(SOL_IP, IP_RETOPTS),       O(SOL_IP, IP_PKTINFO),
	O(SOL_IP, IP_PKTOPTIONS), O(SOL_IP, IP_MTU_DISCOVER),  O(SOL_IP, IP_RECVERR),
	O(SOL_IP, IP_RECVTTL),	  O(SOL_IP, IP_RECVTOS),       O(SOL_IP, IP_MTU),
	O(SOL_IP, IP_FREEBIND),	  O(SOL_IP, IP_TRANSPARENT),   O(SOL_IP, IP_RECVORIGDSTADDR),
	O(SOL_IP, IP_MINTTL),	  O(SOL_IP, IP_NODEFRAG),      O(SOL_IP, IP_BIND_ADDRESS_NO_PORT),
	O(SOL_IP, IP_UNICAST_IF), O(SOL_IP, IP_MULTICAST_TTL), O(SOL_IP, IP_MULTICAST_LOOP),
	O(SOL_IP, IP_MULTICAST_ALL), O(SOL_IP, 199),
	O(SOL_IP, 200),
};
static const struct option udp_options[] = {
	O(SOL_UDP, UDP_CORK), O(SOL_UDP, UDP_NO_CHECK6_TX), O(SOL_UDP, UDP_NO_CHECK6_RX),
	O(SOL_UDP, UDP_GRO),  O(SOL_UDP, 77),
};
static const struct option sol_options[] = {
	O(SOL_SOCKET, SO_BROADCAST), O(SOL_SOCKET, SO_REUSEADDR), O(SOL_SOCKET, SO_REUSEPORT),
	O(SOL_SOCKET, SO_DONTROUTE), O(SOL_SOCKET, SO_NO_CHECK),  O(SOL_SOCKET, SO_TIMESTAMP),
	O(SOL_SOCKET, SO_RXQ_OVFL),  O(SOL_SOCKET, SO_KEEPALIVE), O(SOL_SOCKET, SO_OOBINLINE),
	O(SOL_SOCKET, SO_RCVLOWAT),  O(SOL_SOCKET, SO_PRIORITY),  O(SOL_SOCKET, SO_ACCEPTCONN),
	O(SOL_SOCKET, SO_PROTOCOL),  O(SOL_SOCKET, SO_DOMAIN),	  O(SOL_SOCKET, SO_TYPE),
};
static const struct option ip6_options[] = {
	O(SOL_IPV6, IPV6_V6ONLY),	 O(SOL_IPV6, IPV6_UNICAST_HOPS),
	O(SOL_IPV6, IPV6_MULTICAST_HOPS), O(SOL_IPV6, IPV6_MULTICAST_LOOP),
	O(SOL_IPV6, IPV6_RECVPKTINFO),	 O(SOL_IPV6, IPV6_RECVHOPLIMIT),
	O(SOL_IPV6, IPV6_RECVTCLASS),	 O(SOL_IPV6, IPV6_TCLASS),
	O(SOL_IPV6, IPV6_MTU_DISCOVER),	 O(SOL_IPV6, IPV6_RECVERR),
	O(SOL_IPV6, IPV6_DONTFRAG),	 O(SOL_IPV6, IPV6_RECVPATHMTU),
	O(SOL_IPV6, IPV6_FREEBIND),	 O(SOL_IPV6, IPV6_TRANSPARENT),
	O(SOL_IPV6, IPV6_RECVORIGDSTADDR), O(SOL_IPV6, IPV6_MINHOPCOUNT),
	O(SOL_IPV6, IPV6_ADDR_PREFERENCES), O(SOL_IPV6, IPV6_MULTICAST_ALL),
	O(SOL_IPV6, 199),	 O(SOL_IPV6, 201),
};

static void get(int s, const struct option *o)
{
	unsigned char buf[8];
	int v = 0;
	socklen_t n = sizeof(v);
	int r = getsockopt(s, o->level, o->name, &v, &n);

	if (r < 0) {
		say(" get %s", ename(errno));
		return;
	}
	say(" get %d/%d", v, n);
	memset(buf, 0xee, sizeof(buf));
	n = 1;
	r = getsockopt(s, o->level, o->name, buf, &n);
	if (r < 0)
		say(" short %s", ename(errno));
	else
		say(" short %#x/%d", buf[0], n);
}

static void walk(int s, const struct option *o, size_t n)
{
	static const int values[] = { 1, 0, -1, 2, 5, 6, 64, 255, 256 };

	for (size_t i = 0; i < n; i++) {
		unsigned char byte = 3;

		say("%s:", o[i].text);
		get(s, &o[i]);
		say("\n  set");
		for (size_t k = 0; k < ARRAY_SIZE(values); k++) {
			int v = values[k], now = 0;
			socklen_t len = sizeof(now);

			if (setsockopt(s, o[i].level, o[i].name, &v, sizeof(v)) < 0)
				say(" %s", ename(errno));
			else if (getsockopt(s, o[i].level, o[i].name, &now, &len) < 0)
				say(" ok");
			else
				say(" %d", now);
		}
		if (setsockopt(s, o[i].level, o[i].name, &byte, 1) < 0)
			say(" byte %s", ename(errno));
		else
			say(" byte ok");
		if (setsockopt(s, o[i].level, o[i].name, &byte, 0) < 0)
			say(" none %s", ename(errno));
		else
			say(" none ok");
		say("\n");
	}
}

static void header_options(void)
{
	static const unsigned char rr[] = { 7, 7, 4, 0, 0, 0, 0, 0 }, bad[] = { 7, 3, 3, 0 },
				   lsrr[] = { 131, 7, 4, 1, 2, 3, 4, 0 }, nop[] = { 1, 1, 1 };
	int s = MUST(socket(AF_INET, SOCK_DGRAM, 0));
	unsigned char buf[40];
	socklen_t n = sizeof(buf);

	SECTION("IP_OPTIONS");
	R(getsockopt(s, SOL_IP, IP_OPTIONS, buf, &n));
	say("length %d\n", n);
	R(setsockopt(s, SOL_IP, IP_OPTIONS, nop, sizeof(nop)));
	n = sizeof(buf);
	R(getsockopt(s, SOL_IP, IP_OPTIONS, buf, &n));
	say("length %d: %d %d %d %d\n", n, buf[0], buf[1], buf[2], buf[3]);
	R(setsockopt(s, SOL_IP, IP_OPTIONS, rr, sizeof(rr)));
	R(setsockopt(s, SOL_IP, IP_OPTIONS, bad, sizeof(bad)));
	R(setsockopt(s, SOL_IP, IP_OPTIONS, buf, 41));
	R(setsockopt(s, SOL_IP, IP_OPTIONS, buf, 0));
	n = sizeof(buf);
	R(getsockopt(s, SOL_IP, IP_OPTIONS, buf, &n));
	say("length %d\n", n);
	(void)lsrr;
	close(s);
}

static void devices(void)
{
	int s = MUST(socket(AF_INET, SOCK_DGRAM, 0));
	char name[16];
	socklen_t n;

	SECTION("SO_BINDTODEVICE");
	n = sizeof(name);
	R(getsockopt(s, SOL_SOCKET, SO_BINDTODEVICE, name, &n));
	say("length %d\n", n);
	R(setsockopt(s, SOL_SOCKET, SO_BINDTODEVICE, "nope", 5));
	R(setsockopt(s, SOL_SOCKET, SO_BINDTODEVICE, "lo", 2));
	n = sizeof(name);
	R(getsockopt(s, SOL_SOCKET, SO_BINDTODEVICE, name, &n));
	say("%s, length %d\n", name, n);
	n = 4;
	R(getsockopt(s, SOL_SOCKET, SO_BINDTODEVICE, name, &n));
	R(setsockopt(s, SOL_SOCKET, SO_BINDTODEVICE, "", 0));
	n = sizeof(name);
	R(getsockopt(s, SOL_SOCKET, SO_BINDTODEVICE, name, &n));
	say("length %d\n", n);
	close(s);
}

static void levels(void)
{
	int s = MUST(socket(AF_INET, SOCK_DGRAM, 0)), v = 1;
	socklen_t n = sizeof(v);

	SECTION("levels");
	R(setsockopt(s, 99, 1, &v, sizeof(v)));
	R(getsockopt(s, 99, 1, &v, &n));
	R(setsockopt(s, SOL_IPV6, IPV6_V6ONLY, &v, sizeof(v)));
	R(getsockopt(s, SOL_IPV6, IPV6_V6ONLY, &v, &n));
	R(setsockopt(s, IPPROTO_TCP, 1, &v, sizeof(v)));
	R(setsockopt(s, SOL_IP, IP_TTL, (void *)8, 4));
	R(setsockopt(s, SOL_IP, IP_TTL, &v, -1));
	R(getsockopt(s, SOL_IP, IP_TTL, (void *)8, &n));
	n = -1;
	R(getsockopt(s, SOL_IP, IP_TTL, &v, &n));
	close(s);
}

int main(void)
{
	int s = MUST(socket(AF_INET, SOCK_DGRAM, 0)), r;

	SECTION("AF_INET datagrams: ip(7)");
	walk(s, ip_options, ARRAY_SIZE(ip_options));
	SECTION("udp(7)");
	walk(s, udp_options, ARRAY_SIZE(udp_options));
	SECTION("socket(7)");
	walk(s, sol_options, ARRAY_SIZE(sol_options));
	close(s);
	SECTION("AF_INET6 datagrams: ipv6(7)");
	s = MUST(socket(AF_INET6, SOCK_DGRAM, 0));
	walk(s, ip6_options, ARRAY_SIZE(ip6_options));
	SECTION("raw sockets");
	r = MUST(socket(AF_INET, SOCK_RAW, IPPROTO_ICMP));
	walk(r, ip_options, ARRAY_SIZE(ip_options));
	header_options();
	devices();
	levels();
	return 0;
}
