/*
 * inet_net.c - what is left of addresses by class: inet_network(3); the functions
 * for the byte orders; ports below 1024.
 */
#include <errno.h>
#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

in_addr_t inet_network(const char *text)
{
	return ntohl(inet_addr(text));
}

struct in_addr inet_makeaddr(in_addr_t net, in_addr_t host)
{
	if (net < 256)
		host |= net << 24;
	else if (net < 65536)
		host |= net << 16;
	else
		host |= net << 8;
	return (struct in_addr){ htonl(host) };
}

in_addr_t inet_lnaof(struct in_addr addr)
{
	uint32_t a = ntohl(addr.s_addr);

	return a >> 24 < 128 ? a & 0xffffff : a >> 24 < 192 ? a & 0xffff : a & 0xff;
}

in_addr_t inet_netof(struct in_addr addr)
{
	uint32_t a = ntohl(addr.s_addr);

	return a >> 24 < 128 ? a >> 24 : a >> 24 < 192 ? a >> 16 : a >> 8;
}

uint16_t(htons)(uint16_t x)
{
	return htons(x);
}

uint16_t(ntohs)(uint16_t x)
{
	return ntohs(x);
}

uint32_t(htonl)(uint32_t x)
{
	return htonl(x);
}

uint32_t(ntohl)(uint32_t x)
{
	return ntohl(x);
}

int bindresvport(int fd, struct sockaddr_in *addr)
{
	struct sockaddr_in any = { .sin_family = AF_INET };

	if (!addr)
		addr = &any;
	if (addr->sin_family != AF_INET) {
		errno = EPFNOSUPPORT;
		return -1;
	}
	for (int i = 0, port = 600 + getpid() % 424; i < 424; i++, port++) {
		if (port > 1023)
			port = 600;
		addr->sin_port = htons((uint16_t)port);
		if (!bind(fd, (struct sockaddr *)addr, sizeof(*addr)))
			return 0;
		if (errno != EADDRINUSE)
			return -1;
	}
	return -1;
}
