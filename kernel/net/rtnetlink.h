/*
 * rtnetlink(7): what its files share, and the news that the network tells. rtnetlink.c knows the
 * kinds of messages and who answers them; rtnl_link.c, rtnl_link_set.c devices, rtnl_netns.c networks
 * by numbers, rtnl_addr.c addresses, rtnl_route.c routes and rules, rtnl_neigh.c neighbours.
 *
 * Handlers of NEW and DEL run with net->mutex held, those of links with netdev_links_lock instead; dumps
 * without, over RCU lists.
 */
#ifndef NET_RTNETLINK_H
#define NET_RTNETLINK_H

#include <uapi/rtnetlink.h>
#include "net/netlink.h"

struct ip4_addr;
struct ip6_addr;
struct neighbour;
struct netdev;
struct route_entry;

/* Who answers a kind of message of a family; AF_UNSPEC: for whoever has no row of his own. */
struct rtnl_handler {
	u16 type; /* RTM_* */
	u8 family;
	bool links; /* not under net->mutex, but netdev_links_lock */
	int (*act)(struct nl_request *rq); /* 0 or -errno; NULL: -EOPNOTSUPP */
	int (*dump)(struct nl_request *rq); /* nl_dump_start's */
};
extern const struct rtnl_handler rtnl_link_handlers[], rtnl_addr_handlers[], rtnl_route_handlers[],
	rtnl_neigh_handlers[], rtnl_netns_handlers[]; /* end with type 0 */

/* --- devices: rtnl_link.c, rtnl_link_set.c --- */
extern const struct nl_policy rtnl_link_policy[IFLA_MAX + 1];
int rtnl_new_link(struct nl_request *rq);
int rtnl_set_link(struct nl_request *rq);
int rtnl_delete_link(struct nl_request *rq);
void rtnl_copy_name(char name[IFNAMSIZ], const struct nlattr *a);
/* The device a request means: by number, or by name. NULL: none; *err says why. */
struct netdev *rtnl_named_link(struct net *net, const struct ifinfomsg *i, const struct nlattr **at,
			       int *err);

/* --- networks: rtnl_netns.c --- */
/*
 * The network that a request means by IFLA_NET_NS_PID, _FD or IFLA_TARGET_NETNSID, referenced; its own
 * without. The sender is to have CAP_NET_ADMIN there. 0, -EPERM, -EINVAL, net_by_*_get's.
 */
int rtnl_link_net(struct nl_request *rq, const struct nlattr **at, struct net **net);
/* The same for who may say so by IFLA_TARGET_NETNSID alone. -EOPNOTSUPP */
int rtnl_other_net(struct nl_request *rq, const struct nlattr **at, struct net **net);
struct net *rtnl_net_by_id(struct nl_request *rq,
			   int id); /* referenced; ERR_PTR(-EINVAL), ERR_PTR(-EPERM) */
/* The one that a dump is about, by its number plus 1; 0: the socket's. Referenced; NULL: it has ended. */
int rtnl_dump_nothing(struct nl_request *rq); /* of what there can be none here */
struct net *rtnl_dump_net(const struct nl_dump *d, u32 number);
int rtnl_one_net(struct nl_request *rq, const struct nlattr **at); /* not two of them: -EINVAL */
/* To RTNLGRP_NSID of net; rq: who asked for it, or NULL. */
void rtnl_netid_news(struct net *net, u16 type, int id, const struct nl_request *rq);

/* Room for a message to a group, if anybody listens. */
bool rtnl_news(struct net *net, u32 group, struct nl_writer *w, u32 room);
void rtnl_tell(struct net *net, u32 group,
	       struct nl_writer *w); /* the message; its buffer passes */

/* --- the news, as net->news (net.h) has them; any context of the network but for links --- */
extern const struct net_news rtnetlink_news;
void rtnl_link_news(struct netdev *d, u16 type, u32 change);
void rtnl_addr4_news(struct netdev *d, const struct ip4_addr *a, bool gone);
void rtnl_addr6_news(struct netdev *d, const struct ip6_addr *a, bool gone);
void rtnl_route_news(struct net *net, const struct route_entry *e, bool gone);
void rtnl_neigh_news(struct neighbour *n, bool gone);
void rtnl_neigh_asked(struct neighbour *n);
void uevent_netdev(struct netdev *d, const char *action); /* uevent.c */
#endif
