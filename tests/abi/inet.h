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
#endif
