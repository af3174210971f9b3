/* netinet/in.h - Internet addresses and protocols. */
#ifndef _NETINET_IN_H
#define _NETINET_IN_H

#include <arpa/inet.h>
#include <sys/socket.h>
#include <uapi/in.h>
#include <uapi/in6.h>

extern const struct in6_addr in6addr_any, in6addr_loopback;

#endif
