/* netinet/in.h - Internet addresses and protocols: POSIX, ip(7), ipv6(7). */
#ifndef _NETINET_IN_H
#define _NETINET_IN_H

#include <features.h>
#include <stdint.h>
#include <sys/socket.h>
#include <uapi/in.h>
#include <uapi/in6.h>

/* linux/libc-compat.h: linux/in.h and linux/in6.h need not define these again. */
#define __UAPI_DEF_IN_ADDR	0
#define __UAPI_DEF_IN_IPPROTO	0
#define __UAPI_DEF_IN_PKTINFO	0
#define __UAPI_DEF_IP_MREQ	0
#define __UAPI_DEF_SOCKADDR_IN	0
#define __UAPI_DEF_IN_CLASS	0
#define __UAPI_DEF_IN6_ADDR	0
#define __UAPI_DEF_IN6_ADDR_ALT 0
#define __UAPI_DEF_SOCKADDR_IN6 0
#define __UAPI_DEF_IPV6_MREQ	0
#define __UAPI_DEF_IPPROTO_V6	0
#define __UAPI_DEF_IPV6_OPTIONS 0
#define __UAPI_DEF_IN6_PKTINFO	0
#define __UAPI_DEF_IP6_MTUINFO	0

#define INET_ADDRSTRLEN		16
#define INET6_ADDRSTRLEN	46

typedef uint32_t in_addr_t; /* big-endian */
typedef uint16_t in_port_t;

#if __MISC_VISIBLE
struct ip_mreq_source {
	struct in_addr imr_multiaddr;
	struct in_addr imr_interface;
	struct in_addr imr_sourceaddr;
};

struct ip_msfilter {
	struct in_addr imsf_multiaddr;
	struct in_addr imsf_interface;
	uint32_t imsf_fmode;
	uint32_t imsf_numsrc;
	struct in_addr imsf_slist[1];
};

#define IP_MSFILTER_SIZE(n) (16 + (n) * sizeof(struct in_addr))
#define GROUP_FILTER_SIZE(n)                                             \
	(sizeof(struct group_filter) - sizeof(struct sockaddr_storage) + \
	 (n) * sizeof(struct sockaddr_storage))
#endif

#define INADDR_NONE	    0xffffffffU
#define IN_MULTICAST(a)	    (((a)&0xf0000000U) == 0xe0000000U)
#define IN_LOOPBACKNET	    127
#define IPPORT_RESERVED	    1024
#define IPPORT_USERRESERVED 5000
#define IN_CLASSA(a)	    (((a)&0x80000000U) == 0)
#define IN_CLASSA_NET	    0xff000000U
#define IN_CLASSA_NSHIFT    24
#define IN_CLASSA_HOST	    0x00ffffffU
#define IN_CLASSB(a)	    (((a)&0xc0000000U) == 0x80000000U)
#define IN_CLASSB_NET	    0xffff0000U
#define IN_CLASSB_NSHIFT    16
#define IN_CLASSB_HOST	    0x0000ffffU
#define IN_CLASSC(a)	    (((a)&0xe0000000U) == 0xc0000000U)
#define IN_CLASSC_NET	    0xffffff00U
#define IN_CLASSC_NSHIFT    8
#define IN_CLASSC_HOST	    0x000000ffU
#define IN_CLASSD(a)	    IN_MULTICAST(a)
#define IN_EXPERIMENTAL(a)  (((a)&0xe0000000U) == 0xe0000000U)
#define IN_BADCLASS(a)	    (((a)&0xf0000000U) == 0xf0000000U)

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
#ifdef __cplusplus
extern "C" {
#endif

uint16_t htons(uint16_t x) __attribute__((const));
uint16_t ntohs(uint16_t x) __attribute__((const));
uint32_t htonl(uint32_t x) __attribute__((const));
uint32_t ntohl(uint32_t x) __attribute__((const));
#define htons(x) __builtin_bswap16((uint16_t)(x))
#define ntohs(x) __builtin_bswap16((uint16_t)(x))
#define htonl(x) __builtin_bswap32((uint32_t)(x))
#define ntohl(x) __builtin_bswap32((uint32_t)(x))

extern const struct in6_addr in6addr_any, in6addr_loopback;
#if __MISC_VISIBLE
int bindresvport(int fd, struct sockaddr_in *addr);

/* Options of IPv6's hop-by-hop and destination headers, RFC 3542 section 10: offsets are in bytes, -1 is an error. */
int inet6_opt_init(void *buf, socklen_t size);
int inet6_opt_append(void *buf, socklen_t size, int at, uint8_t type, socklen_t len, uint8_t align,
		     void **data);
int inet6_opt_finish(void *buf, socklen_t size, int at);
int inet6_opt_set_val(void *data, int at, void *value, socklen_t len);
int inet6_opt_next(void *buf, socklen_t size, int at, uint8_t *type, socklen_t *len, void **data);
int inet6_opt_find(void *buf, socklen_t size, int at, uint8_t type, socklen_t *len, void **data);
int inet6_opt_get_val(void *data, int at, void *value, socklen_t len);

/* Routing headers, section 7. */
#define IPV6_RTHDR_TYPE_0 0
socklen_t inet6_rth_space(int type, int segments);
void *inet6_rth_init(void *header, socklen_t size, int type, int segments);
int inet6_rth_add(void *header, const struct in6_addr *addr);
int inet6_rth_reverse(const void *in, void *out);
int inet6_rth_segments(const void *header);
struct in6_addr *inet6_rth_getaddr(const void *header, int i);
#endif
#ifdef __cplusplus
}
#endif

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
#define IN6_IS_ADDR_MC_NODELOCAL(a) (IN6_IS_ADDR_MULTICAST(a) && ((a)->s6_addr[1] & 0xf) == 1)
#define IN6_IS_ADDR_MC_SITELOCAL(a) (IN6_IS_ADDR_MULTICAST(a) && ((a)->s6_addr[1] & 0xf) == 5)
#define IN6_IS_ADDR_MC_ORGLOCAL(a)  (IN6_IS_ADDR_MULTICAST(a) && ((a)->s6_addr[1] & 0xf) == 8)
#define IN6_IS_ADDR_MC_GLOBAL(a)    (IN6_IS_ADDR_MULTICAST(a) && ((a)->s6_addr[1] & 0xf) == 14)
#define IN6_ARE_ADDR_EQUAL(a, b)    (!__builtin_memcmp(a, b, 16))

#define IPV6_JOIN_GROUP		    IPV6_ADD_MEMBERSHIP
#define IPV6_LEAVE_GROUP	    IPV6_DROP_MEMBERSHIP
#define ipv6mr_ifindex		    ipv6mr_interface

#endif
