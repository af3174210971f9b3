/* netinet/in.h - Internet addresses and protocols: POSIX, ip(7), ipv6(7). */
#ifndef _NETINET_IN_H
#define _NETINET_IN_H

#include <arpa/inet.h>
#include <stdint.h>
#include <sys/socket.h>
#include <uapi/in.h>
#include <uapi/in6.h>

#define INADDR_NONE	0xffffffffU
#define IN_MULTICAST(a) (((a)&0xf0000000U) == 0xe0000000U)
#define IN_LOOPBACKNET	127
#define IPPORT_RESERVED 1024

#define IN6ADDR_ANY_INIT          \
	{                         \
		{                 \
			{         \
				0 \
			}         \
		}                 \
	}
#define IN6ADDR_LOOPBACK_INIT                                                  \
	{                                                                      \
		{                                                              \
			{                                                      \
				0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1 \
			}                                                      \
		}                                                              \
	}
extern const struct in6_addr in6addr_any, in6addr_loopback;

#define IN6_IS_ADDR_UNSPECIFIED(a) \
	(!((a)->s6_addr32[0] | (a)->s6_addr32[1] | (a)->s6_addr32[2] | (a)->s6_addr32[3]))
#define IN6_IS_ADDR_LOOPBACK(a)                                          \
	(!((a)->s6_addr32[0] | (a)->s6_addr32[1] | (a)->s6_addr32[2]) && \
	 (a)->s6_addr32[3] == htonl(1))
#define IN6_IS_ADDR_V4MAPPED(a) \
	(!((a)->s6_addr32[0] | (a)->s6_addr32[1]) && (a)->s6_addr32[2] == htonl(0xffff))
#define IN6_IS_ADDR_V4COMPAT(a)                                          \
	(!((a)->s6_addr32[0] | (a)->s6_addr32[1] | (a)->s6_addr32[2]) && \
	 ntohl((a)->s6_addr32[3]) > 1)
#define IN6_IS_ADDR_MULTICAST(a)    ((a)->s6_addr[0] == 0xff)
#define IN6_IS_ADDR_LINKLOCAL(a)    ((a)->s6_addr[0] == 0xfe && ((a)->s6_addr[1] & 0xc0) == 0x80)
#define IN6_IS_ADDR_SITELOCAL(a)    ((a)->s6_addr[0] == 0xfe && ((a)->s6_addr[1] & 0xc0) == 0xc0)
#define IN6_IS_ADDR_MC_LINKLOCAL(a) (IN6_IS_ADDR_MULTICAST(a) && ((a)->s6_addr[1] & 0xf) == 2)

/* POSIX's names for what the kernel calls otherwise. */
#define IPV6_JOIN_GROUP	 IPV6_ADD_MEMBERSHIP
#define IPV6_LEAVE_GROUP IPV6_DROP_MEMBERSHIP
#define ipv6mr_interface ipv6mr_ifindex

#endif
