/*
 * The routing tables, RFC 1812 5.2.4.3: longest prefix first, IPv4 and IPv6 in one structure. A
 * table is a binary trie with compressed paths, keyed by struct in6_addr (IPv4 mapped, its prefix
 * lengths counted from 96), one for each version. There are two tables as in ip-route(8): "local",
 * looked at first, says which addresses are ours, and "main".
 *
 * Locks: net->mutex to change; look-ups take none (RCU). The look-up itself is in ip.h.
 */
#ifndef NET_ROUTE_H
#define NET_ROUTE_H

#include <types.h>
#include "core/rcu.h"
#include "lib/list.h"
#include "net/ip.h"

struct route_net;
struct neighbour;

#define ROUTE_TABLE_MAIN  254 /* RT_TABLE_* */
#define ROUTE_TABLE_LOCAL 255

/* Changes as NLM_F_* of netlink(7) says them. */
#define ROUTE_CREATE  1u /* without it, only what exists is replaced: -ENOENT */
#define ROUTE_EXCL    2u /* must not exist: -EEXIST */
#define ROUTE_REPLACE 4u
#define ROUTE_APPEND  8u /* a second one with the same prefix, metric and tos, behind the first */

/* One route as it is configured. Addresses of IPv4 are mapped; any: not given. */
struct route_config {
	struct in6_addr dst; /* bits behind the prefix are zero */
	u8 prefix_len; /* of the version's own bits: 0 .. 32 or 0 .. 128 */
	u8 table; /* ROUTE_TABLE_* */
	u8 type; /* enum route_type */
	u8 scope; /* RT_SCOPE_* */
	u8 protocol; /* RTPROT_*: who made it */
	u8 tos; /* IPv4: 0 any */
	u8 hoplimit; /* metrics; 0: not set */
	u8 pref; /* IPv6: router preference, RFC 4191: 0 medium, 1 high, 3 low */
	u32 flags; /* RTNH_F_ONLINK */
	u32 metric; /* the lower first */
	u32 mtu; /* bytes of network layer; 0: the device's */
	u16 advmss; /* 0: from the mtu */
	u16 initcwnd; /* 0: not set */
	struct in6_addr gateway, prefsrc;
	struct netdev *dev; /* NULL: of the gateway; none for blackhole and its like */
	u64 expires; /* now_mono() ns; 0: never */
};

/* An entry of a table. All of c is constant while it is in one. */
struct route_entry {
	struct list_head link; /* [net->mutex] RCU: of its prefix, by metric */
	struct route_config c; /* dev is referenced */
	struct rcu_head rcu;
};

int route_net_init(struct net *net); /* net->routes. 0 or -ENOMEM */
void route_net_destroy(struct net *net);

/* All of these: net->mutex held; they may sleep. */
/*
 * 0; -EEXIST, -ENOENT, -EINVAL (the gateway isn't one, or what the type doesn't go with),
 * -ENETUNREACH (the gateway can't be reached directly), -ENODEV, -ENETDOWN, -ENOMEM.
 */
int route_add(struct net *net, const struct route_config *c, unsigned flags);
/*
 * Takes out the first that has c's prefix, table, and whatever else of c is not zero (type,
 * scope, protocol, metric, gateway, dev, prefsrc). 0 or -ESRCH.
 */
int route_del(struct net *net, const struct route_config *c);
/* All of a version in order of their prefixes until fn is not 0; its answer. */
int route_for_each(struct net *net, bool v6, int (*fn)(const struct route_entry *e, void *arg),
		   void *arg);
/* How many nodes its tries have, and how many of them routes. */
void route_count_nodes(struct net *net, bool v6, unsigned n[2]);
/* Takes out those of a version for which fn is true, say because a device went. */
void route_purge(struct net *net, bool v6, bool (*fn)(const struct route_entry *e, void *arg),
		 void *arg);
/* Throws away all that was cached: of anybody's routes, by the generation. Any context. */
void route_stale(struct net *net);
void route_changed(struct net *net); /* the same, since the configuration is another */

/* --- without the mutex, RCU --- */
/* The entry that fits best, for `ip route get` and for judging received packets. NULL: none. */
const struct route_entry *route_match(struct net *net, const struct in6_addr *dst, int oif);
/* What an address is, by the local table alone: ROUTE_LOCAL, _BROADCAST, ..., else _UNICAST. */
u8 route_addr_type(struct net *net, const struct in6_addr *a);
/* The same, on one device (0: any) */
u8 route_addr_type_on(struct net *net, const struct in6_addr *a, int ifindex);
/* What ICMP said of a path: its MTU isn't its device's, or (IPv4) another router is nearer. */
struct route_path {
	struct hlist_node link; /* [path_lock] RCU */
	struct in6_addr dst; /* [I] */
	u32 mtu; /* [w] 0: nothing is known of it */
	be32 via, instead_of; /* [path_lock] [w] who is nearer than that router; 0: none */
	u64 expires; /* [w] now_mono() ns */
	struct rcu_head rcu;
};
const struct route_path *route_path(struct net *net,
				    const struct in6_addr *dst); /* NULL: nothing */
u32 route_path_mtu(struct net *net, const struct in6_addr *dst); /* 0: nothing */
/* All of a version until fn is not 0; its answer. */
int route_path_for_each(struct net *net, bool v6, int (*fn)(const struct route_path *p, void *arg),
			void *arg);
/* To dst, IPv4's, by the nearer router as long as the tables say by that one. Any context. */
void route_redirect(struct net *net, const struct in6_addr *dst, be32 instead_of, be32 via);
void route_path_flush(struct net *net, bool v6); /* all are forgotten */
#endif
