/*
 * One network: its devices, addresses, routes, neighbours, sockets, settings and counters. The
 * kernel has one, init_net; a simulation on the host has one a machine. Every function of a
 * protocol is told its net, by its socket or by the packet's device. Time comes from now_mono,
 * randomness from core/random.h: on the host both are the simulation's.
 *
 * Where things run: see dev/netdev.h, network context. Locks: net->mutex, which sleeps, for
 * configuration; spinlocks for the rest; look-ups on the way of a packet take none (RCU).
 */
#ifndef NET_NET_H
#define NET_NET_H

#include <types.h>
#include "core/mutex.h"
#include "core/userns.h"
#include "dev/netdev.h"
#include "lib/list.h"

struct ip4_net;
struct ip6_net;
struct tcp_net;
struct udp_net;
struct raw_net;
struct netlink_net;
struct packet_net;
struct mib_row;
struct route_net;
struct neigh_net;
struct ip4_addr;
struct ip6_addr;
struct route_entry;
struct neighbour;

/* Who is told of changes: rtnetlink's groups. net->mutex is held, but for neighbours: any context. */
struct net_news {
	void (*link)(struct netdev *d, enum netdev_event e);
	void (*addr4)(struct netdev *d, const struct ip4_addr *a, bool gone);
	void (*addr6)(struct netdev *d, const struct ip6_addr *a, bool gone);
	void (*route)(struct net *net, const struct route_entry *e, bool gone);
	void (*neigh)(struct neighbour *n, bool gone);
	void (*neigh_asked)(struct neighbour *n); /* a program shall say who it is */
};

#define NET_DEVICE_HASH 32

struct net {
	struct ns ns; /* of those that clone(2), unshare(2) made; init_net's stands in first_ns */
	struct mutex mutex; /* RTNL: configuration */
	struct list_head devices; /* [mutex] RCU */
	struct hlist_head device_names[NET_DEVICE_HASH],
		device_numbers[NET_DEVICE_HASH]; /* [mutex] RCU */
	int last_ifindex; /* [mutex] */
	struct netdev *loopback; /* [I] "lo" */
	u64 cookie; /* [a] SO_NETNS_COOKIE; 0 not asked for yet */
	u64 secret[2]; /* [I] siphash key: sequence numbers, ports, flows, cookies */
	u32 generation; /* [a] bumped when any route or address changes: cached routes are stale */
	u32 changes; /* [a] of the configuration alone: a dump that sees one is torn */
	spinlock_t loop_lock; /* RANK_NETDEV */
	struct list_head looped; /* [loop_lock] packets of ip_loop_back */
	struct net_work loop_work;
	struct list_head end_link; /* netns.c */
	struct list_head ids, id_of; /* netid.c: others' numbers here, and ours in others */
	const struct net_news *news; /* [I] NULL: nobody listens */
	/* Each protocol's own, made by its *_net_init. [I] */
	struct route_net *routes;
	struct neigh_net *neigh;
	struct ip4_net *ip4;
	struct ip6_net *ip6;
	struct tcp_net *tcp;
	struct udp_net *udp;
	struct raw_net *raw;
	struct netlink_net *netlink;
	struct packet_net *packet;
	struct mib_row *mib; /* one a hart: mib.h */
};

/* Everything of a net, from nothing; sleeps. 0 or -ENOMEM (and nothing is left). */
int net_create(struct net *net);
void net_destroy(struct net *net); /* simulations: no socket is left in it */
/*
 * Its two halves: devices go, and what would wait for a timer; then the tables. Between the two all
 * harts' network contexts, work queue and grace periods are to run dry.
 */
void net_stop(struct net *net);
void net_finish(struct net *net);

static inline struct net *net_of_ns(struct ns *n)
{
	return n && n != &first_ns[NS_NET] ? (struct net *)n : &init_net; /* its first member */
}
/* Of the net that a socket call of the current task means. */
static inline struct net *current_net(void)
{
	struct ns *n = current->ns[NS_NET];

	return likely(!n) ? &init_net : (struct net *)n;
}
/* Those of current's namespace, a task's or an open file of one, referenced; ERR_PTR. */
struct net *net_by_pid_get(int nr); /* -ESRCH */
struct net *net_by_fd_get(int fd); /* -EBADF, -EINVAL */
/* Has current the capability over it? */
static inline bool net_capable(const struct net *net, int cap)
{
	return ns_capable(net->ns.owner, cap);
}
/* init_net is for ever; the others for as long as a task, a socket or a file has them. */
static inline struct net *net_get(struct net *net)
{
	if (net != &init_net)
		ns_get(&net->ns);
	return net;
}
static inline void net_put(struct net *net) /* any context but interrupts */
{
	if (net != &init_net)
		ns_put(&net->ns);
}
/* A new one, with a loopback that is down: for unshare(2). ERR_PTR(-ENOMEM). */
struct ns *net_unshare(struct user_ns *owner);
#endif
