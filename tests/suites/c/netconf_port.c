/*
 * netconf_port.c - ports and addresses that a socket may have, and room for control data.
 */
#define _GNU_SOURCE
#include "netconf_frames.h"

static int bind_to(int s, const char *addr, int port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons((unsigned short)port) };
	struct sockaddr_in6 a6 = { .sin6_family = AF_INET6,
				   .sin6_port = htons((unsigned short)port) };

	if (strchr(addr, ':')) {
		inet_pton(AF_INET6, addr, &a6.sin6_addr);
		return bind(s, (struct sockaddr *)&a6, sizeof(a6));
	}
	inet_pton(AF_INET, addr, &a.sin_addr);
	return bind(s, (struct sockaddr *)&a, sizeof(a));
}

static void nobodys(const char *addr, int family)
{
	int s = socket(family, SOCK_DGRAM, 0), r = bind_to(s, addr, 0);

	printf("%s", r ? strerror(errno) : "bound");
	close(s);
}

static void nobodys4(void)
{
	nobodys("10.200.0.1", AF_INET);
}

static void nobodys6(void)
{
	nobodys("fd99::1", AF_INET6);
}

/* Ports that come unasked of a small range, until there is none. */
static void unasked(int type)
{
	int s[8], n = 0;

	put("ipv4/ip_local_port_range", "40000 40003");
	for (; n < 8; n++) {
		int one = 1;

		s[n] = socket(AF_INET, type, 0);
		CHECK(!setsockopt(s[n], SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)));
		if (bind_to(s[n], "127.0.0.1", 0))
			break;
	}
	printf("%d", n);
	for (int i = 0; i <= n && i < 8; i++)
		close(s[i]);
	put("ipv4/ip_local_port_range", "32768 60999");
}

static void unasked_tcp(void)
{
	unasked(SOCK_STREAM);
}

static void unasked_udp(void)
{
	unasked(SOCK_DGRAM);
}

static void asked(void)
{
	int s = socket(AF_INET, SOCK_STREAM, 0), l = listener(82, 5), c[5], n = 0;
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(82) };

	printf("%s ", bind_to(s, "127.0.0.1", 40001) ? strerror(errno) : "bound");
	close(s);
	inet_pton(AF_INET, "127.0.0.1", &to.sin_addr);
	put("ipv4/ip_local_port_range", "40000 40003");
	for (; n < 5; n++) {
		c[n] = socket(AF_INET, SOCK_STREAM, 0);
		if (connect(c[n], (struct sockaddr *)&to, sizeof(to)))
			break;
	}
	printf("%d", n);
	for (int i = 0; i <= n && i < 5; i++) {
		struct linger hard = { .l_onoff = 1 };

		setsockopt(c[i], SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
		close(c[i]);
	}
	close(l);
	put("ipv4/ip_local_port_range", "32768 60999");
}

static void control(void)
{
	static char space[5000] __attribute__((aligned(8)));
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(9) };
	struct iovec v = { space, 1 };
	struct msghdr m = { .msg_name = &to,
			    .msg_namelen = sizeof(to),
			    .msg_iov = &v,
			    .msg_iovlen = 1,
			    .msg_control = space,
			    .msg_controllen = CMSG_SPACE(4900) };
	int s = socket(AF_INET, SOCK_DGRAM, 0);

	inet_pton(AF_INET, "127.0.0.1", &to.sin_addr);
	CMSG_FIRSTHDR(&m)->cmsg_level = 12345; /* nobody's */
	CMSG_FIRSTHDR(&m)->cmsg_len = CMSG_LEN(4900);
	printf("%s", sendmsg(s, &m, 0) < 0 ? strerror(errno) : "sent");
	close(s);
}

static const struct netconf_case cases[] = {
	{ "ipv4/ip_nonlocal_bind", { "0", "1" }, nobodys4 },
	{ "ipv6/ip_nonlocal_bind", { "0", "1" }, nobodys6 },
	{ "ipv4/ip_autobind_reuse", { "0", "1" }, unasked_tcp },
	{ "ipv4/ip_local_reserved_ports", { "40001-40002", "40000,40003", "\n" }, unasked_tcp },
	{ "ipv4/ip_local_reserved_ports", { "40000-40003", "40000" }, asked },
	{ "ipv4/ip_local_reserved_ports", { "40000-40002,", "7-3", "65536" }, unasked_udp },
	{ "core/optmem_max", { "131072", "4096" }, control },
};

NETCONF_TABLE(netconf_port, "ports");
