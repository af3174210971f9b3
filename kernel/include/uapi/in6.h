/*
 * uapi/in6.h - IPv6: protocol numbers, the options of ipv6(7), and what they take.
 */
#ifndef UAPI_IN6_H
#define UAPI_IN6_H

#include <uapi/socket.h>
#include <uapi/types.h>

#define IPPROTO_HOPOPTS		       0
#define IPPROTO_ROUTING		       43
#define IPPROTO_FRAGMENT	       44
#define IPPROTO_ICMPV6		       58
#define IPPROTO_NONE		       59
#define IPPROTO_DSTOPTS		       60

#define IPV6_ADDRFORM		       1
#define IPV6_2292PKTINFO	       2
#define IPV6_2292HOPOPTS	       3
#define IPV6_2292DSTOPTS	       4
#define IPV6_2292RTHDR		       5
#define IPV6_2292PKTOPTIONS	       6
#define IPV6_CHECKSUM		       7
#define IPV6_2292HOPLIMIT	       8
#define IPV6_NEXTHOP		       9
#define IPV6_AUTHHDR		       10
#define IPV6_FLOWINFO		       11
#define IPV6_UNICAST_HOPS	       16
#define IPV6_MULTICAST_IF	       17
#define IPV6_MULTICAST_HOPS	       18
#define IPV6_MULTICAST_LOOP	       19
#define IPV6_ADD_MEMBERSHIP	       20
#define IPV6_DROP_MEMBERSHIP	       21
#define IPV6_ROUTER_ALERT	       22
#define IPV6_MTU_DISCOVER	       23
#define IPV6_MTU		       24
#define IPV6_RECVERR		       25
#define IPV6_V6ONLY		       26
#define IPV6_JOIN_ANYCAST	       27
#define IPV6_LEAVE_ANYCAST	       28
#define IPV6_MULTICAST_ALL	       29
#define IPV6_ROUTER_ALERT_ISOLATE      30
#define IPV6_RECVERR_RFC4884	       31
#define IPV6_FLOWLABEL_MGR	       32
#define IPV6_FLOWINFO_SEND	       33
#define IPV6_HDRINCL		       36
#define IPV6_RECVPKTINFO	       49
#define IPV6_PKTINFO		       50
#define IPV6_RECVHOPLIMIT	       51
#define IPV6_HOPLIMIT		       52
#define IPV6_RECVHOPOPTS	       53
#define IPV6_HOPOPTS		       54
#define IPV6_RTHDRDSTOPTS	       55
#define IPV6_RECVRTHDR		       56
#define IPV6_RTHDR		       57
#define IPV6_RECVDSTOPTS	       58
#define IPV6_DSTOPTS		       59
#define IPV6_RECVPATHMTU	       60
#define IPV6_PATHMTU		       61
#define IPV6_DONTFRAG		       62
#define IPV6_RECVTCLASS		       66
#define IPV6_TCLASS		       67
#define IPV6_AUTOFLOWLABEL	       70
#define IPV6_ADDR_PREFERENCES	       72
#define IPV6_MINHOPCOUNT	       73
#define IPV6_ORIGDSTADDR	       74
#define IPV6_RECVORIGDSTADDR	       74
#define IPV6_TRANSPARENT	       75
#define IPV6_UNICAST_IF		       76
#define IPV6_RECVFRAGSIZE	       77
#define IPV6_FREEBIND		       78

#define IPV6_PREFER_SRC_TMP	       0x0001
#define IPV6_PREFER_SRC_PUBLIC	       0x0002
#define IPV6_PREFER_SRC_PUBTMP_DEFAULT 0x0100
#define IPV6_PREFER_SRC_COA	       0x0004
#define IPV6_PREFER_SRC_HOME	       0x0400
#define IPV6_PREFER_SRC_CGA	       0x0008
#define IPV6_PREFER_SRC_NONCGA	       0x0800

#define IPV6_PMTUDISC_DONT	       0
#define IPV6_PMTUDISC_WANT	       1
#define IPV6_PMTUDISC_DO	       2
#define IPV6_PMTUDISC_PROBE	       3
#define IPV6_PMTUDISC_INTERFACE	       4
#define IPV6_PMTUDISC_OMIT	       5

struct ipv6_mreq {
	struct in6_addr ipv6mr_multiaddr;
#if UAPI_KERNEL
	int ipv6mr_ifindex;
#else
	unsigned int ipv6mr_interface;
#endif
};

struct in6_pktinfo {
	struct in6_addr ipi6_addr;
	int ipi6_ifindex;
};

struct ip6_mtuinfo {
	struct sockaddr_in6 ip6m_addr;
	__u32 ip6m_mtu;
};

UAPI_SIZE(struct ipv6_mreq, 20);
UAPI_SIZE(struct in6_pktinfo, 20);
UAPI_SIZE(struct ip6_mtuinfo, 32);

#endif
