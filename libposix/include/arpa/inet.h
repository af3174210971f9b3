/* arpa/inet.h - numbers in network order, addresses as text: POSIX, inet(3), inet_pton(3). */
#ifndef _ARPA_INET_H
#define _ARPA_INET_H

#include <stdint.h>
#include <sys/socket.h>

#define INET_ADDRSTRLEN	 16
#define INET6_ADDRSTRLEN 46

typedef uint32_t in_addr_t; /* big-endian */
typedef uint16_t in_port_t;

static inline uint16_t htons(uint16_t x)
{
	return (uint16_t)(x << 8 | x >> 8);
}
static inline uint16_t ntohs(uint16_t x)
{
	return htons(x);
}
static inline uint32_t htonl(uint32_t x)
{
	return (uint32_t)htons((uint16_t)x) << 16 | htons((uint16_t)(x >> 16));
}
static inline uint32_t ntohl(uint32_t x)
{
	return htonl(x);
}

int inet_pton(int family, const char *text, void *addr); /* 1; 0: not one; -1: EAFNOSUPPORT */
const char *inet_ntop(int family, const void *addr, char *text, socklen_t n);

/* The old forms: 1 to 4 parts, octal and hexadecimal too. */
int inet_aton(const char *text, struct in_addr *addr); /* 1; 0: not one */
in_addr_t inet_addr(const char *text); /* INADDR_NONE: not one */
char *inet_ntoa(struct in_addr addr); /* in a place that the next call uses again */

#endif
