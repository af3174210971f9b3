/*
 * uapi/in.h - IPv4: protocol numbers, the options of ip(7), and what they take.
 */
#ifndef UAPI_IN_H
#define UAPI_IN_H

#include <uapi/socket.h>
#include <uapi/types.h>

#define IPPROTO_IP		  0
#define IPPROTO_ICMP		  1
#define IPPROTO_IGMP		  2
#define IPPROTO_IPIP		  4
#define IPPROTO_TCP		  6
#define IPPROTO_EGP		  8
#define IPPROTO_PUP		  12
#define IPPROTO_UDP		  17
#define IPPROTO_IDP		  22
#define IPPROTO_TP		  29
#define IPPROTO_DCCP		  33
#define IPPROTO_IPV6		  41
#define IPPROTO_RSVP		  46
#define IPPROTO_GRE		  47
#define IPPROTO_ESP		  50
#define IPPROTO_AH		  51
#define IPPROTO_MTP		  92
#define IPPROTO_BEETPH		  94
#define IPPROTO_ENCAP		  98
#define IPPROTO_PIM		  103
#define IPPROTO_COMP		  108
#define IPPROTO_L2TP		  115
#define IPPROTO_SCTP		  132
#define IPPROTO_UDPLITE		  136
#define IPPROTO_MPLS		  137
#define IPPROTO_ETHERNET	  143
#define IPPROTO_RAW		  255
#define IPPROTO_MPTCP		  262
#define IPPROTO_MAX		  263

#define INADDR_ANY		  0x00000000U
#define INADDR_BROADCAST	  0xffffffffU
#define INADDR_LOOPBACK		  0x7f000001U
#define INADDR_ALLHOSTS_GROUP	  0xe0000001U

#define IP_TOS			  1
#define IP_TTL			  2
#define IP_HDRINCL		  3
#define IP_OPTIONS		  4
#define IP_ROUTER_ALERT		  5
#define IP_RECVOPTS		  6
#define IP_RETOPTS		  7
#define IP_PKTINFO		  8
#define IP_PKTOPTIONS		  9
#define IP_MTU_DISCOVER		  10
#define IP_RECVERR		  11
#define IP_RECVTTL		  12
#define IP_RECVTOS		  13
#define IP_MTU			  14
#define IP_FREEBIND		  15
#define IP_IPSEC_POLICY		  16
#define IP_XFRM_POLICY		  17
#define IP_PASSSEC		  18
#define IP_TRANSPARENT		  19
#define IP_ORIGDSTADDR		  20
#define IP_RECVORIGDSTADDR	  20
#define IP_MINTTL		  21
#define IP_NODEFRAG		  22
#define IP_CHECKSUM		  23
#define IP_BIND_ADDRESS_NO_PORT	  24
#define IP_RECVFRAGSIZE		  25
#define IP_RECVERR_RFC4884	  26
#define IP_MULTICAST_IF		  32
#define IP_MULTICAST_TTL	  33
#define IP_MULTICAST_LOOP	  34
#define IP_ADD_MEMBERSHIP	  35
#define IP_DROP_MEMBERSHIP	  36
#define IP_UNBLOCK_SOURCE	  37
#define IP_BLOCK_SOURCE		  38
#define IP_ADD_SOURCE_MEMBERSHIP  39
#define IP_DROP_SOURCE_MEMBERSHIP 40
#define IP_MSFILTER		  41
#define MCAST_JOIN_GROUP	  42
#define MCAST_BLOCK_SOURCE	  43
#define MCAST_UNBLOCK_SOURCE	  44
#define MCAST_LEAVE_GROUP	  45
#define MCAST_JOIN_SOURCE_GROUP	  46
#define MCAST_LEAVE_SOURCE_GROUP  47
#define MCAST_MSFILTER		  48
#define IP_MULTICAST_ALL	  49
#define IP_UNICAST_IF		  50
#define IP_LOCAL_PORT_RANGE	  51
#define IP_PROTOCOL		  52

#define MCAST_EXCLUDE		  0
#define MCAST_INCLUDE		  1

#define IP_PMTUDISC_DONT	  0
#define IP_PMTUDISC_WANT	  1
#define IP_PMTUDISC_DO		  2
#define IP_PMTUDISC_PROBE	  3
#define IP_PMTUDISC_INTERFACE	  4
#define IP_PMTUDISC_OMIT	  5

struct ip_mreq {
	struct in_addr imr_multiaddr;
	struct in_addr imr_interface;
};

struct ip_mreqn {
	struct in_addr imr_multiaddr;
	struct in_addr imr_address;
	int imr_ifindex;
};

#if UAPI_KERNEL
struct ip_mreq_source {
	__u32 imr_multiaddr; /* all three big-endian */
	__u32 imr_interface;
	__u32 imr_sourceaddr;
};

struct ip_msfilter {
	__u32 imsf_multiaddr;
	__u32 imsf_interface;
	__u32 imsf_fmode;
	__u32 imsf_numsrc;
	__u32 imsf_slist[1];
};

UAPI_SIZE(struct ip_mreq_source, 12);
UAPI_SIZE(struct ip_msfilter, 20);
#endif

struct group_req {
	__u32 gr_interface;
	struct sockaddr_storage gr_group;
};

struct group_source_req {
	__u32 gsr_interface;
	struct sockaddr_storage gsr_group;
	struct sockaddr_storage gsr_source;
};

struct group_filter {
	__u32 gf_interface;
	struct sockaddr_storage gf_group;
	__u32 gf_fmode;
	__u32 gf_numsrc;
	struct sockaddr_storage gf_slist[1];
};

struct in_pktinfo {
	int ipi_ifindex;
	struct in_addr ipi_spec_dst;
	struct in_addr ipi_addr;
};

UAPI_SIZE(struct ip_mreq, 8);
UAPI_SIZE(struct ip_mreqn, 12);
UAPI_SIZE(struct group_req, 136);
UAPI_SIZE(struct group_source_req, 264);
UAPI_SIZE(struct group_filter, 272);
UAPI_SIZE(struct in_pktinfo, 12);

#endif
