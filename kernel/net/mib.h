/*
 * What a network counts for RFC 4293 (IP), RFC 792's messages, RFC 4113 (UDP) and Linux's own rows:
 * /proc/net/snmp, netstat and snmp6 print them in the order they have here. IPv6's are in ipv6_dev.h,
 * TCP's in tcp.h.
 *
 * Locking: each hart has a row of its own, written by it alone; a sum may be of different moments.
 */
#ifndef NET_MIB_H
#define NET_MIB_H

#include <types.h>
#include "net/net.h"

enum mib {
	IP4_IN_RECEIVES,
	IP4_IN_HDR_ERRORS,
	IP4_IN_ADDR_ERRORS,
	IP4_FORWARDED,
	IP4_IN_UNKNOWN_PROTOS,
	IP4_IN_DISCARDS,
	IP4_IN_DELIVERS,
	IP4_OUT_REQUESTS,
	IP4_OUT_DISCARDS,
	IP4_OUT_NO_ROUTES,
	IP4_REASM_TIMEOUT,
	IP4_REASM_REQDS,
	IP4_REASM_OKS,
	IP4_REASM_FAILS,
	IP4_FRAG_OKS,
	IP4_FRAG_FAILS,
	IP4_FRAG_CREATES,
	IP4_OUT_TRANSMITS,
	IP4_IN_NO_ROUTES, /* IpExt from here */
	IP4_IN_TRUNCATED,
	IP4_IN_MCAST,
	IP4_OUT_MCAST,
	IP4_IN_BCAST,
	IP4_OUT_BCAST,
	IP4_IN_OCTETS,
	IP4_OUT_OCTETS,
	IP4_IN_MCAST_OCTETS,
	IP4_OUT_MCAST_OCTETS,
	IP4_IN_BCAST_OCTETS,
	IP4_OUT_BCAST_OCTETS,
	IP4_IN_CSUM_ERRORS,
	IP4_IN_NO_ECT, /* these four by the ECN bits of the header: see ip4_receive */
	IP4_IN_ECT1,
	IP4_IN_ECT0,
	IP4_IN_CE,
	IP4_REASM_OVERLAPS,
	ICMP_IN_MSGS,
	ICMP_IN_ERRORS,
	ICMP_IN_CSUM_ERRORS,
	ICMP_OUT_MSGS,
	ICMP_OUT_ERRORS,
	ICMP_LIMIT_GLOBAL,
	ICMP_LIMIT_HOST,
	UDP_IN_DATAGRAMS,
	UDP_NO_PORTS,
	UDP_IN_ERRORS,
	UDP_OUT_DATAGRAMS,
	UDP_RCVBUF_ERRORS,
	UDP_SNDBUF_ERRORS,
	UDP_IN_CSUM_ERRORS,
	UDP_IGNORED_MULTI,
	UDP_MEM_ERRORS,
	UDP6_IN_DATAGRAMS, /* UDP's over IPv6, in the same order */
	UDP6_MIBS = UDP6_IN_DATAGRAMS + (UDP_MEM_ERRORS - UDP_IN_DATAGRAMS) + 1,
	MIBS = UDP6_MIBS,
};
#define ICMP_MIB_TYPES 64 /* messages of higher types are counted in all, but not each */

struct mib_row {
	u64 n[MIBS];
	u32 icmp_type[2][ICMP_MIB_TYPES]; /* in, out */
};

int mib_net_init(struct net *net); /* 0 or -ENOMEM */
void mib_net_destroy(struct net *net);
void mib_add(struct net *net, enum mib m, u64 n);
static inline void mib_count(struct net *net, enum mib m)
{
	mib_add(net, m, 1);
}
/* One of UDP's, as UDP_* names them, by the version of the packet's address. */
static inline void mib_count_udp(struct net *net, enum mib m, bool v4)
{
	mib_add(net, v4 ? m : (enum mib)(m + (UDP6_IN_DATAGRAMS - UDP_IN_DATAGRAMS)), 1);
}
void mib_count_icmp(struct net *net, bool out, u8 type);
u64 mib_get(const struct net *net, enum mib m);
u64 mib_get_icmp(const struct net *net, bool out, u8 type); /* type < ICMP_MIB_TYPES */
#endif
