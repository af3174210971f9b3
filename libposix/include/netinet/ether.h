/*
 * netinet/ether.h - Ethernet addresses as text: ether_aton(3).
 */
#ifndef _NETINET_ETHER_H
#define _NETINET_ETHER_H

#include <features.h>
#include <netinet/if_ether.h>

#ifdef __cplusplus
extern "C" {
#endif

#if __MISC_VISIBLE
struct ether_addr *ether_aton(const char *text);
struct ether_addr *ether_aton_r(const char *text, struct ether_addr *addr);
char *ether_ntoa(const struct ether_addr *addr);
char *ether_ntoa_r(const struct ether_addr *addr, char *text);
int ether_line(const char *line, struct ether_addr *addr, char *host);
int ether_ntohost(char *host, const struct ether_addr *addr);
int ether_hostton(const char *host, struct ether_addr *addr);
#endif

#ifdef __cplusplus
}
#endif

#endif
