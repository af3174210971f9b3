/* arpa/inet.h - numbers in network order, addresses as text: POSIX, inet(3), inet_pton(3). */
#ifndef _ARPA_INET_H
#define _ARPA_INET_H

#include <features.h>
#include <netinet/in.h>

#ifdef __cplusplus
extern "C" {
#endif

int inet_pton(int family, const char *text, void *addr); /* 1; 0: not one; -1: EAFNOSUPPORT */
const char *inet_ntop(int family, const void *addr, char *text, socklen_t n);

#if __MISC_VISIBLE
/* The old forms: 1 to 4 parts, octal and hexadecimal too. */
int inet_aton(const char *text, struct in_addr *addr); /* 1; 0: not one */
#endif
in_addr_t inet_addr(const char *text); /* INADDR_NONE: not one */
in_addr_t inet_network(const char *text); /* in the host's order */
struct in_addr inet_makeaddr(in_addr_t net, in_addr_t host);
in_addr_t inet_lnaof(struct in_addr addr);
in_addr_t inet_netof(struct in_addr addr);
char *inet_ntoa(struct in_addr addr); /* in a place that the next call uses again */

#ifdef __cplusplus
}
#endif

#endif
