/*
 * uapi/rtnetlink.h - rtnetlink(7): devices, addresses, routes and neighbours as netlink messages.
 * What is here is what this kernel reads or writes.
 */
#ifndef UAPI_RTNETLINK_H
#define UAPI_RTNETLINK_H

#include <uapi/netlink.h>

enum {
	RTM_BASE = 16,
	RTM_NEWLINK = 16,
	RTM_DELLINK,
	RTM_GETLINK,
	RTM_SETLINK,
	RTM_NEWADDR = 20,
	RTM_DELADDR,
	RTM_GETADDR,
	RTM_NEWROUTE = 24,
	RTM_DELROUTE,
	RTM_GETROUTE,
	RTM_NEWNEIGH = 28,
	RTM_DELNEIGH,
	RTM_GETNEIGH,
	RTM_NEWRULE = 32,
	RTM_DELRULE,
	RTM_GETRULE,
	RTM_GETMULTICAST = 58,
	RTM_GETANYCAST = 62,
	RTM_NEWNETCONF = 80,
	RTM_GETNETCONF = 82,
	RTM_NEWNSID = 88,
	RTM_DELNSID,
	RTM_GETNSID,
};
#define RTM_MAX 123

struct rtgenmsg {
	unsigned char rtgen_family;
};

/* Groups to listen to. */
enum {
	RTNLGRP_LINK = 1,
	RTNLGRP_NOTIFY,
	RTNLGRP_NEIGH,
	RTNLGRP_IPV4_IFADDR = 5,
	RTNLGRP_IPV4_ROUTE = 7,
	RTNLGRP_IPV6_IFADDR = 9,
	RTNLGRP_IPV6_ROUTE = 11,
	RTNLGRP_IPV6_IFINFO,
	RTNLGRP_ND_USEROPT = 20,
	RTNLGRP_NSID = 28,
};
#define RTNLGRP_MAX 36

/* --- devices --- */
struct ifinfomsg {
	unsigned char ifi_family;
	unsigned char ifi_pad_;
	unsigned short ifi_type;
	int ifi_index;
	unsigned ifi_flags;
	unsigned ifi_change;
};

enum {
	IFLA_ADDRESS = 1,
	IFLA_BROADCAST,
	IFLA_IFNAME,
	IFLA_MTU,
	IFLA_LINK,
	IFLA_QDISC,
	IFLA_STATS,
	IFLA_MASTER = 10,
	IFLA_TXQLEN = 13,
	IFLA_MAP,
	IFLA_OPERSTATE = 16,
	IFLA_LINKMODE,
	IFLA_LINKINFO,
	IFLA_NET_NS_PID,
	IFLA_IFALIAS, /* at most 255 bytes */
	IFLA_STATS64 = 23,
	IFLA_AF_SPEC = 26,
	IFLA_GROUP,
	IFLA_NET_NS_FD,
	IFLA_EXT_MASK,
	IFLA_PROMISCUITY,
	IFLA_NUM_TX_QUEUES,
	IFLA_NUM_RX_QUEUES,
	IFLA_CARRIER,
	IFLA_CARRIER_CHANGES = 35,
	IFLA_LINK_NETNSID = 37,
	IFLA_PROTO_DOWN = 39,
	IFLA_GSO_MAX_SEGS,
	IFLA_GSO_MAX_SIZE,
	IFLA_NEW_NETNSID = 45,
	IFLA_TARGET_NETNSID,
	IFLA_CARRIER_UP_COUNT,
	IFLA_CARRIER_DOWN_COUNT,
	IFLA_NEW_IFINDEX,
	IFLA_MIN_MTU,
	IFLA_MAX_MTU,
	IFLA_ALT_IFNAME = 53,
	IFLA_PERM_ADDRESS,
	IFLA_GRO_MAX_SIZE = 58,
	IFLA_TSO_MAX_SIZE,
	IFLA_TSO_MAX_SEGS,
	IFLA_ALLMULTI,
};
#define IFLA_MAX 61

enum { IFLA_INFO_KIND = 1, IFLA_INFO_DATA };
enum { VETH_INFO_PEER = 1 };
enum {
	IFLA_TUN_OWNER = 1,
	IFLA_TUN_GROUP,
	IFLA_TUN_TYPE,
	IFLA_TUN_PI,
	IFLA_TUN_VNET_HDR,
	IFLA_TUN_PERSIST,
	IFLA_TUN_MULTI_QUEUE,
	IFLA_TUN_NUM_QUEUES,
	IFLA_TUN_NUM_DISABLED_QUEUES,
};
enum { NETNSA_NSID = 1, NETNSA_PID, NETNSA_FD, NETNSA_TARGET_NSID, NETNSA_CURRENT_NSID };
#define NETNSA_NSID_NOT_ASSIGNED (-1)
enum { IFLA_INET_CONF = 1 };
enum {
	IFLA_INET6_FLAGS = 1,
	IFLA_INET6_CONF,
	IFLA_INET6_CACHEINFO = 5,
	IFLA_INET6_ADDR_GEN_MODE = 8
};
/* Families of multicast routes. */
#define RTNL_FAMILY_IPMR	128
#define RTNL_FAMILY_IP6MR	129
#define RTEXT_FILTER_SKIP_STATS (1 << 3)

struct rtnl_link_stats {
	__u32 rx_packets;
	__u32 tx_packets;
	__u32 rx_bytes;
	__u32 tx_bytes;
	__u32 rx_errors;
	__u32 tx_errors;
	__u32 rx_dropped;
	__u32 tx_dropped;
	__u32 multicast;
	__u32 rest_[15];
};

struct rtnl_link_stats64 {
	__u64 rx_packets;
	__u64 tx_packets;
	__u64 rx_bytes;
	__u64 tx_bytes;
	__u64 rx_errors;
	__u64 tx_errors;
	__u64 rx_dropped;
	__u64 tx_dropped;
	__u64 multicast;
	__u64 rest_[16];
};

struct rtnl_link_ifmap {
	__u64 mem_start;
	__u64 mem_end;
	__u64 base_addr;
	__u16 irq;
	__u8 dma;
	__u8 port;
};

/* --- addresses --- */
struct ifaddrmsg {
	__u8 ifa_family;
	__u8 ifa_prefixlen;
	__u8 ifa_flags;
	__u8 ifa_scope;
	__u32 ifa_index;
};

enum {
	IFA_ADDRESS = 1,
	IFA_LOCAL,
	IFA_LABEL,
	IFA_BROADCAST,
	IFA_ANYCAST,
	IFA_CACHEINFO,
	IFA_MULTICAST,
	IFA_FLAGS,
	IFA_RT_PRIORITY,
	IFA_TARGET_NETNSID,
	IFA_PROTO,
};
#define IFA_MAX		     11

#define IFA_F_SECONDARY	     0x01
#define IFA_F_TEMPORARY	     0x01
#define IFA_F_NODAD	     0x02
#define IFA_F_OPTIMISTIC     0x04
#define IFA_F_DADFAILED	     0x08
#define IFA_F_HOMEADDRESS    0x10
#define IFA_F_DEPRECATED     0x20
#define IFA_F_TENTATIVE	     0x40
#define IFA_F_PERMANENT	     0x80
#define IFA_F_MANAGETEMPADDR 0x100
#define IFA_F_NOPREFIXROUTE  0x200
#define IFA_F_MCAUTOJOIN     0x400
#define IFA_F_STABLE_PRIVACY 0x800

#define IFAPROT_UNSPEC	     0
#define IFAPROT_KERNEL_LO    1
#define IFAPROT_KERNEL_RA    2
#define IFAPROT_KERNEL_LL    3

struct ifa_cacheinfo {
	__u32 ifa_prefered; /* seconds; ~0 for ever */
	__u32 ifa_valid;
	__u32 cstamp; /* made, hundredths of seconds since boot */
	__u32 tstamp; /* changed */
};

/* --- routes --- */
struct rtmsg {
	unsigned char rtm_family;
	unsigned char rtm_dst_len;
	unsigned char rtm_src_len;
	unsigned char rtm_tos;
	unsigned char rtm_table;
	unsigned char rtm_protocol;
	unsigned char rtm_scope;
	unsigned char rtm_type;
	unsigned rtm_flags;
};

enum {
	RTN_UNSPEC,
	RTN_UNICAST,
	RTN_LOCAL,
	RTN_BROADCAST,
	RTN_ANYCAST,
	RTN_MULTICAST,
	RTN_BLACKHOLE,
	RTN_UNREACHABLE,
	RTN_PROHIBIT,
	RTN_THROW,
	RTN_NAT,
	RTN_XRESOLVE,
};
#define RTN_MAX		   11

#define RTPROT_UNSPEC	   0
#define RTPROT_REDIRECT	   1
#define RTPROT_KERNEL	   2
#define RTPROT_BOOT	   3
#define RTPROT_STATIC	   4
#define RTPROT_RA	   9
#define RTPROT_DHCP	   16

#define RTM_F_NOTIFY	   0x100
#define RTM_F_CLONED	   0x200
#define RTM_F_PREFIX	   0x800
#define RTM_F_LOOKUP_TABLE 0x1000
#define RTM_F_FIB_MATCH	   0x2000

#define RTNH_F_DEAD	   1
#define RTNH_F_ONLINK	   4
#define RTNH_F_LINKDOWN	   16

enum {
	RT_SCOPE_UNIVERSE,
	RT_SCOPE_SITE = 200,
	RT_SCOPE_LINK = 253,
	RT_SCOPE_HOST,
	RT_SCOPE_NOWHERE,
};

enum {
	RT_TABLE_UNSPEC,
	RT_TABLE_COMPAT = 252,
	RT_TABLE_DEFAULT,
	RT_TABLE_MAIN,
	RT_TABLE_LOCAL,
};

enum {
	RTA_DST = 1,
	RTA_SRC,
	RTA_IIF,
	RTA_OIF,
	RTA_GATEWAY,
	RTA_PRIORITY,
	RTA_PREFSRC,
	RTA_METRICS,
	RTA_MULTIPATH,
	RTA_FLOW = 11,
	RTA_CACHEINFO,
	RTA_TABLE = 15,
	RTA_MARK,
	RTA_VIA = 18,
	RTA_PREF = 20,
	RTA_EXPIRES = 23,
	RTA_UID = 25,
	RTA_IP_PROTO = 27,
	RTA_SPORT,
	RTA_DPORT,
	RTA_NH_ID,
};
#define RTA_MAX 30

enum { RTAX_LOCK = 1, RTAX_MTU, RTAX_ADVMSS = 8, RTAX_HOPLIMIT = 10, RTAX_INITCWND };
#define RTAX_MAX 17

struct rta_cacheinfo {
	__u32 rta_clntref;
	__u32 rta_lastuse;
	__s32 rta_expires;
	__u32 rta_error;
	__u32 rta_used;
	__u32 rta_id;
	__u32 rta_ts;
	__u32 rta_tsage;
};

/* --- rules --- */
struct fib_rule_hdr {
	__u8 family;
	__u8 dst_len;
	__u8 src_len;
	__u8 tos;
	__u8 table;
	__u8 res1;
	__u8 res2;
	__u8 action;
	__u32 flags;
};
enum { FR_ACT_TO_TBL = 1 };
enum { FRA_PRIORITY = 6, FRA_SUPPRESS_PREFIXLEN = 14, FRA_TABLE, FRA_PROTOCOL = 21 };
#define FRA_MAX 24

/* --- neighbours --- */
struct ndmsg {
	__u8 ndm_family;
	__u8 ndm_pad1;
	__u16 ndm_pad2;
	__s32 ndm_ifindex;
	__u16 ndm_state;
	__u8 ndm_flags;
	__u8 ndm_type;
};

enum {
	NDA_DST = 1,
	NDA_LLADDR,
	NDA_CACHEINFO,
	NDA_PROBES,
	NDA_IFINDEX = 8,
	NDA_MASTER,
	NDA_PROTOCOL = 12,
	NDA_FLAGS_EXT = 15,
};
#define NDA_MAX	       17

#define NTF_USE	       (1 << 0)
#define NTF_SELF       (1 << 1)
#define NTF_PROXY      (1 << 3)
#define NTF_ROUTER     (1 << 7)

#define NUD_NONE       0
#define NUD_INCOMPLETE 0x01
#define NUD_REACHABLE  0x02
#define NUD_STALE      0x04
#define NUD_DELAY      0x08
#define NUD_PROBE      0x10
#define NUD_FAILED     0x20
#define NUD_NOARP      0x40
#define NUD_PERMANENT  0x80

struct nda_cacheinfo {
	__u32 ndm_confirmed; /* ago, hundredths of seconds */
	__u32 ndm_used;
	__u32 ndm_updated;
	__u32 ndm_refcnt;
};

/* --- netconf --- */
struct netconfmsg {
	__u8 ncm_family;
};
enum {
	NETCONFA_IFINDEX = 1,
	NETCONFA_FORWARDING,
	NETCONFA_RP_FILTER,
	NETCONFA_MC_FORWARDING,
	NETCONFA_PROXY_NEIGH,
	NETCONFA_IGNORE_ROUTES_WITH_LINKDOWN,
};

UAPI_SIZE(struct ifinfomsg, 16);
UAPI_SIZE(struct rtnl_link_stats, 96);
UAPI_SIZE(struct rtnl_link_stats64, 200);
UAPI_SIZE(struct rtnl_link_ifmap, 32);
UAPI_SIZE(struct ifaddrmsg, 8);
UAPI_SIZE(struct rtmsg, 12);
UAPI_SIZE(struct ndmsg, 12);
UAPI_SIZE(struct fib_rule_hdr, 12);

#endif
