/*
 * What the ABI programs of the network share: the loopback, addresses, sockets that are bound or
 * connected. Everything runs over the loopback or devices of the program's own.
 */
#ifndef ABI_INET_H
#define ABI_INET_H

#include "abi.h"
#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

static inline void lo_up(void)
{
	struct ifreq r = { .ifr_name = "lo" };
	int s = MUST(socket(AF_INET, SOCK_DGRAM, 0));

	ioctl(s, SIOCGIFFLAGS, &r);
	if (!(r.ifr_flags & IFF_UP)) {
		r.ifr_flags |= IFF_UP;
		MUST(ioctl(s, SIOCSIFFLAGS, &r));
	}
	close(s);
}

static inline struct sockaddr_in at(const char *ip, int port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(port) };

	inet_pton(AF_INET, ip, &a.sin_addr);
	return a;
}

static inline struct sockaddr_in6 at6(const char *ip, int port)
{
	struct sockaddr_in6 a = { .sin6_family = AF_INET6, .sin6_port = htons(port) };

	inet_pton(AF_INET6, ip, &a.sin6_addr);
	return a;
}

/* A socket of UDP with this name. */
static inline int bound(const char *ip, int port)
{
	struct sockaddr_in a = at(ip, port);
	int s = MUST(socket(AF_INET, SOCK_DGRAM, 0));

	MUST(bind(s, (struct sockaddr *)&a, sizeof(a)));
	return s;
}

static inline int bound6(const char *ip, int port)
{
	struct sockaddr_in6 a = at6(ip, port);
	int s = MUST(socket(AF_INET6, SOCK_DGRAM, 0));

	MUST(bind(s, (struct sockaddr *)&a, sizeof(a)));
	return s;
}

/* Of either version. */
static inline int port_of(int s)
{
	struct sockaddr_in6 a;
	socklen_t n = sizeof(a);

	MUST(getsockname(s, (struct sockaddr *)&a, &n));
	return ntohs(a.sin6_port);
}

static inline int listener(int backlog)
{
	struct sockaddr_in a = at("127.0.0.1", 0);
	int s = MUST(socket(AF_INET, SOCK_STREAM, 0));

	MUST(bind(s, (struct sockaddr *)&a, sizeof(a)));
	MUST(listen(s, backlog));
	return s;
}

/* TCP: p[0] connected to p[1]. */
static inline void pair(int p[2])
{
	int l = listener(5);
	struct sockaddr_in a = at("127.0.0.1", port_of(l));

	p[0] = MUST(socket(AF_INET, SOCK_STREAM, 0));
	MUST(connect(p[0], (struct sockaddr *)&a, sizeof(a)));
	p[1] = MUST(accept(l, NULL, NULL));
	close(l);
}

static inline int revents(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN | POLLOUT | POLLPRI | POLLRDHUP };

	poll(&p, 1, 0);
	return p.revents;
}

/* The Internet checksum. */
static inline uint16_t inet_sum(const void *p, size_t n)
{
	const uint16_t *w = p;
	uint32_t s = 0;

	for (; n > 1; n -= 2)
		s += *w++;
	s = (s & 0xffff) + (s >> 16);
	return ~(s + (s >> 16));
}

/* What s receives: an IPv4 packet, or an ICMP message. */
static inline void show_packet(const char *what, int s)
{
	unsigned char buf[200];
	struct sockaddr_in from;
	socklen_t n = sizeof(from);
	struct pollfd p = { s, POLLIN, 0 };
	ssize_t r;

	poll(&p, 1, 300);
	r = recvfrom(s, buf, sizeof(buf), MSG_DONTWAIT, (struct sockaddr *)&from, &n);
	if (r < 0) {
		say("%s: %s\n", what, ename(errno));
		return;
	}
	say("%s: %zd bytes from %#x port %d:", what, r, ntohl(from.sin_addr.s_addr),
	    ntohs(from.sin_port));
	/* the identification is the kernel's to choose */
	if (r >= 20 && buf[0] >> 4 == 4) {
		say(" ihl %d tos %d len %d ttl %d proto %d,", buf[0] & 15, buf[1],
		    buf[2] << 8 | buf[3], buf[8], buf[9]);
		say(" %d %d", buf[(buf[0] & 15) * 4], buf[(buf[0] & 15) * 4 + 1]);
	} else {
		say(" %d %d", buf[0], buf[1]);
	}
	say("\n");
}

static inline void name_of(int s)
{
	struct sockaddr_in a;
	socklen_t n = sizeof(a);

	R(getsockname(s, (struct sockaddr *)&a, &n));
	say("%#x port %d\n", ntohl(a.sin_addr.s_addr), ntohs(a.sin_port));
}

static inline void show_name(int s, int peer)
{
	struct sockaddr_in a;
	socklen_t n = sizeof(a);
	char ip[64];
	int r;

	memset(&a, 0xee, sizeof(a));
	r = peer ? getpeername(s, (struct sockaddr *)&a, &n) :
		   getsockname(s, (struct sockaddr *)&a, &n);
	if (r < 0) {
		say("%s: %s\n", peer ? "peer" : "name", ename(errno));
		return;
	}
	inet_ntop(AF_INET, &a.sin_addr, ip, sizeof(ip));
	say("%s: family %d %s port %s, length %d\n", peer ? "peer" : "name", a.sin_family, ip,
	    a.sin_port ? (ntohs(a.sin_port) >= 32768 ? "ephemeral" : "fixed") : "0", n);
}

#endif
