/*
 * Neighbours: the link addresses of hosts on a link, for ARP (RFC 826) and ND (RFC 4861) alike. One
 * state machine, that of RFC 4861 7.3, with NUD_* of rtnetlink(7); messages are the version's.
 *
 * Locks: [n] neighbour.lock (RANK_NEIGH); the table is a hash with RCU, changed under its own
 * lock. [I] immutable, [a] atomic, [w] a word.
 */
#ifndef NET_NEIGH_H
#define NET_NEIGH_H

#include <types.h>
#include <atomic.h>
#include "core/rcu.h"
#include "core/time.h"
#include "dev/netdev.h"
#include "lib/list.h"
#include "net/ip.h"
#include "sync/spinlock.h"

enum { /* linux/neighbour.h */
       NEIGH_INCOMPLETE = 0x01,
       NEIGH_REACHABLE = 0x02,
       NEIGH_STALE = 0x04,
       NEIGH_DELAY = 0x08,
       NEIGH_PROBE = 0x10,
       NEIGH_FAILED = 0x20,
       NEIGH_NOARP = 0x40,
       NEIGH_PERMANENT = 0x80,
};
/* In these the link address is known. */
#define NEIGH_VALID \
	(NEIGH_PERMANENT | NEIGH_NOARP | NEIGH_REACHABLE | NEIGH_PROBE | NEIGH_STALE | NEIGH_DELAY)
#define NEIGH_FLAG_ROUTER 0x80 /* NTF_ROUTER */

struct neigh_table;

struct neighbour {
	struct hlist_node hash_link; /* [table] RCU */
	struct list_head age_link; /* [table] the longest unused first */
	atomic_t refs; /* [a] the table holds one */
	spinlock_t lock;
	struct net *net; /* [I] */
	struct netdev *dev; /* [I] referenced */
	struct in6_addr addr; /* [I] */
	u8 state; /* [n] read at any time */
	u8 flags; /* [n] NTF_* */
	u8 lladdr[8]; /* [n] */
	bool dead; /* [n] no longer in the table */
	u32 probes; /* [n] sent without an answer */
	u64 confirmed, used, updated; /* [w] [w] [n] now_mono() ns */
	struct list_head queue; /* [n] packets that wait for the address */
	u32 queue_bytes; /* [n] */
	struct net_timer timer;
	struct rcu_head rcu;
};

/* net.ipv4.neigh.*, net.ipv6.neigh.*, each device's and what new ones get: times in ms. [w] */
struct neigh_params {
	u32 base_reachable, retrans, delay_probe, gc_stale;
	u32 ucast_probes, mcast_probes, app_probes, mcast_reprobes;
	u32 locktime; /* of several answers within it the first counts */
	u32 queue_bytes; /* unres_qlen_bytes */
	u32 gc_thresh1, gc_thresh2, gc_thresh3; /* the table's: none of a device's own */
};

int neigh_net_init(struct net *net); /* net->neigh. 0 or -ENOMEM */
void neigh_net_stop(struct net *net);
void neigh_net_destroy(struct net *net);
struct neigh_params *neigh_params(struct net *net, bool v6); /* of new devices, and the table */

/*
 * The entry of addr on dev, made if create; referenced. NULL: none, or (create) no memory or too
 * many that are in use. Network context or a task.
 */
struct neighbour *neigh_find(struct net *net, struct netdev *dev, const struct in6_addr *addr,
			     bool create);
static inline struct neighbour *neigh_get(struct neighbour *n)
{
	atomic_inc(&n->refs);
	return n;
}
void neigh_put(struct neighbour *n); /* NULL allowed */

/*
 * Sends p, which begins at its network header, with p->protocol set, to n: at once, or when its
 * address is known; p is gone. Too many wait: the oldest is dropped.
 */
void neigh_send(struct neighbour *n, struct packet *p);
/* For devices without neighbours, and multicast: puts a link header there (Ethernet) and sends. */
void link_send(struct netdev *dev, const u8 *mac, struct packet *p);

#define NEIGH_OVERRIDE	   1u /* a known address may be replaced */
#define NEIGH_ADMIN	   2u /* by netlink or ioctl */
#define NEIGH_ISROUTER	   4u /* sets, without it clears, NTF_ROUTER, if ROUTER_KNOWN */
#define NEIGH_ROUTER_KNOWN 8u
#define NEIGH_WEAK	   16u /* a different address only makes it stale */
/* What was learnt: a new state and address (NULL: as it is). */
void neigh_update(struct neighbour *n, const u8 *lladdr, u8 state, unsigned flags);
/* Progress of a transport shows that the way to it works (RFC 4861 7.3.1). */
static inline void neigh_confirm(struct neighbour *n)
{
	if (n)
		WRITE_ONCE(n->confirmed, now_mono());
}
void neigh_delete(struct neighbour *n); /* out of the table */
/* A device went down or away, or changed its address: forgets its neighbours. */
void neigh_flush(struct net *net, struct netdev *dev, bool keep_permanent);
void neigh_flush_version(struct net *net, struct netdev *dev, bool keep_permanent, bool v6);
/* All of a version; RCU: fn does not sleep. Until it is not 0. */
int neigh_for_each(struct net *net, bool v6, int (*fn)(struct neighbour *n, void *arg), void *arg);
/* What happened to a version's table since the network began, as lnstat(8) names it. */
enum neigh_stat {
	NEIGH_ALLOCS,
	NEIGH_DESTROYS,
	NEIGH_LOOKUPS,
	NEIGH_HITS,
	NEIGH_RES_FAILED, /* nobody answered */
	NEIGH_PROBES_MCAST, /* questions for us that came to a group or all, and to us alone */
	NEIGH_PROBES_UCAST,
	NEIGH_FORCED_GC,
	NEIGH_DISCARDS, /* packets that waited and were too many */
	NEIGH_FULL,
	NEIGH_STATS,
};
void neigh_stat_add(struct net *net, bool v6, enum neigh_stat s,
		    u32 n); /* network context, or a task */
const u32 *neigh_stats(const struct net *net, bool v6, unsigned hart);
unsigned neigh_count(struct net *net, bool v6);

/* --- the versions' own --- */
/* Asks for n->addr: broadcast (multicast), or, with unicast, of the address known so far. */
void arp_solicit(struct neighbour *n, bool unicast);
void nd_solicit(struct neighbour *n, bool unicast);
/* p waited for n in vain: host unreachable. p is the callee's. */
void ip4_neigh_failed(struct net *net, struct packet *p);
void ip6_neigh_failed(struct net *net, struct packet *p);

/* --- ARP (arp.c) --- */
void arp_receive(struct net *net, struct packet *p);
/* Tells the link that an address is ours now (RFC 5227 2.3). */
void arp_announce(struct netdev *dev, be32 addr);
#endif
