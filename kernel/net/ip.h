/*
 * What TCP, UDP, raw sockets and ICMP know of the network layer, both versions of it. An address is
 * always a struct in6_addr; IPv4's is in the mapped form ::ffff:a.b.c.d (RFC 4291, 2.5.5.2), so
 * a transport has one table and one code path for both.
 */
#ifndef NET_IP_H
#define NET_IP_H

#include <types.h>
#include <byteorder.h>
#include <uapi/socket.h>
#include "dev/packet.h"
#include "lib/string.h"

struct net;
struct netdev;
struct neighbour;
struct inet_socket;

static inline bool addr_is_v4(const struct in6_addr *a)
{
	return !a->s6_addr32[0] && !a->s6_addr32[1] &&
	       a->s6_addr32[2] == (__force u32)cpu_to_be32(0xffff);
}
static inline be32 addr_v4(const struct in6_addr *a)
{
	return (__force be32)a->s6_addr32[3];
}
static inline struct in6_addr addr_from_v4(be32 v4)
{
	struct in6_addr a = { 0 };

	a.s6_addr32[2] = (__force u32)cpu_to_be32(0xffff);
	a.s6_addr32[3] = (__force u32)v4;
	return a;
}
/* 0.0.0.0 or :: */
static inline bool addr_is_any(const struct in6_addr *a)
{
	return !a->s6_addr32[3] &&
	       (addr_is_v4(a) || !(a->s6_addr32[0] | a->s6_addr32[1] | a->s6_addr32[2]));
}
static inline bool addr_equal(const struct in6_addr *a, const struct in6_addr *b)
{
	/* The end first: IPv4's are alike before. */
	return a->s6_addr32[3] == b->s6_addr32[3] && a->s6_addr32[2] == b->s6_addr32[2] &&
	       a->s6_addr32[1] == b->s6_addr32[1] && a->s6_addr32[0] == b->s6_addr32[0];
}
static inline bool addr_is_multicast(const struct in6_addr *a)
{
	return addr_is_v4(a) ? be32_to_cpu(addr_v4(a)) >> 28 == 0xe : a->s6_addr[0] == 0xff;
}
bool addr_is_loopback(const struct in6_addr *a);
bool addr_is_link_local(const struct in6_addr *a);

/* --- routes --- */
enum route_type { /* RTN_* of rtnetlink(7) */
		  ROUTE_UNICAST = 1,
		  ROUTE_LOCAL,
		  ROUTE_BROADCAST,
		  ROUTE_ANYCAST,
		  ROUTE_MULTICAST,
		  ROUTE_BLACKHOLE,
		  ROUTE_UNREACHABLE,
		  ROUTE_PROHIBIT,
};

/* Where a packet to an address goes; a value, kept by whoever asked. */
struct route {
	struct netdev *dev; /* referenced; NULL: none looked up */
	struct in6_addr dst, src; /* src: chosen, if none was given */
	struct in6_addr hop; /* the neighbour to send to: dst itself, or the gateway */
	struct neighbour *neigh; /* of hop, referenced; NULL for devices without (loopback, tun) */
	u32 generation; /* of the net when it was looked up */
	u32 mtu; /* of the path: the device's, a route's metric, or what ICMP said */
	u32 link_mtu; /* without what ICMP said: what may come to us is not what may go */
	u8 type; /* enum route_type */
	u8 hoplimit; /* default for it */
	u16 advmss; /* 0: from the mtu */
	u16 initcwnd; /* segments; 0: TCP's own */
};
struct route_key {
	struct in6_addr dst, src; /* src any: choose */
	int oif; /* 0: any device */
	u32 mark;
	u8 tos;
};
/*
 * 0 with *r filled in (route_put is due); -ENETUNREACH, -EHOSTUNREACH, -EACCES (prohibit),
 * -EINVAL (blackhole), -ENOMEM. Does not sleep.
 */
int route_lookup(struct net *net, const struct route_key *key, struct route *r);
void route_put(struct route *r); /* drops what it references, NULLs allowed; it may be used anew */
static inline bool route_valid(const struct route *r, u32 generation)
{
	return r->dev && r->generation == generation;
}
/* ICMP said that packets to dst must be smaller (RFC 1191, 8201). Kept ten minutes. */
void route_update_mtu(struct net *net, const struct in6_addr *dst, u32 mtu);
/* The mark of an answer to a packet, net.ipv4.fwmark_reflect and net.ipv6's. */
u32 ip_reply_mark(struct net *net, const struct packet *p, bool v6);
bool addr_is_local(struct net *net, const struct in6_addr *a); /* one of ours, on any device */

/* --- sending --- */
struct ip_send {
	struct in6_addr src, dst; /* of the same version */
	const struct route *route; /* looked up */
	u8 proto; /* IPPROTO_* */
	u8 ttl; /* 0: the route's */
	u8 tos; /* with ECN's bits */
	bool df; /* must not be fragmented: what does not fit is -EMSGSIZE */
	bool local_fragments; /* IPv6: may be cut by us */
	bool no_loop; /* to a group: we get none of it, though we are in it */
	bool ttl_zero; /* ttl is 0 and means it */
	u32 flow_label; /* IPv6, host order */
	bool auto_label; /* and without one, the flow's */
	const void *options; /* IPv4: header options; IPv6: extension headers; NULL none */
	u32 options_len; /* a multiple of 4 (8) */
	u8 options_first; /* IPv6: which header options begins with, IPPROTO_* */
};
/*
 * Puts the network header before p, which begins at its transport header, and sends it; checksum
 * state and gso must be right. p is gone afterwards. 0, -EMSGSIZE (path MTU in route->mtu),
 * -ENOBUFS, -ENOMEM. Spinlocks may be held (RANK_SOCKET).
 */
int ip_send(struct net *net, struct packet *p, const struct ip_send *s);
/* Sum of the pseudo header, not folded (RFC 9293 3.1, 8200 8.1). */
u32 ip_pseudo_sum(const struct in6_addr *src, const struct in6_addr *dst, u8 proto, u32 len);
/* Bytes of network header that ip_send will put before a packet. */
static inline u32 ip_header_len(const struct in6_addr *dst, u32 options_len)
{
	return (addr_is_v4(dst) ? 20 : 40) + options_len;
}

/* --- receiving --- */
/* In p->cb from the network layer on. */
struct ip_received {
	struct in6_addr src, dst;
	int ifindex; /* it came in by */
	u8 proto, ttl, tos;
	u8 options_len; /* IPv4, in the header at p->network */
	u16 header_len; /* network header and extension headers */
	u8 route_type; /* ROUTE_LOCAL, _BROADCAST, _MULTICAST */
	bool fragmented; /* IPv6: it came in pieces, or with a header that says so */
	u32 flow_label;
	u32 upper[6]; /* the transport's own */
};
static inline struct ip_received *ip_received(struct packet *p)
{
	static_assert(sizeof(struct ip_received) <= sizeof(p->cb), "cb is too small");
	return (struct ip_received *)p->cb;
}

/* Why a packet of ours came back (ICMP, ICMPv6, or our own output). */
struct ip_error {
	u8 origin; /* SO_EE_ORIGIN_ICMP, _ICMP6, _LOCAL */
	u8 type, code; /* of the ICMP message */
	u32 info; /* next MTU, pointer */
	int err; /* errno for the socket */
	struct in6_addr offender; /* who told; of SO_EE_ORIGIN_LOCAL nobody */
	bool fatal; /* ends a connection even without IP_RECVERR */
};

/* A transport, in the table of net/ip_proto.c by number. */
struct ip_protocol {
	u8 number; /* IPPROTO_* */
	/* A packet for us, p->data at the transport header, headers linear. It is the callee's. */
	void (*input)(struct net *net, struct packet *p);
	/*
	 * An error about a packet we sent from src to dst; head: the first n (at least 8) bytes of its
	 * transport header.
	 */
	void (*error)(struct net *net, const struct in6_addr *src, const struct in6_addr *dst,
		      const void *head, u32 n, int ifindex, const struct ip_error *e);
};
extern const struct ip_protocol tcp_protocol, udp_protocol, icmp_protocol, icmp6_protocol,
	igmp_protocol;
const struct ip_protocol *ip_protocol(u8 number); /* NULL: none */

/* What we send to a group we are in, or to all, comes back: p, at its network header, is received. */
void ip_loop_init(struct net *net);
void ip_loop_back(struct net *net, struct packet *p);

/* Tells the sender of p that it could not be served: port or protocol unreachable. p stays. */
void ip_unreachable_port(struct net *net, struct packet *p);
#endif
