/*
 * Network devices by rtnetlink(7): RTM_GETLINK, and the news about them. rtnl_link_set.c makes and
 * changes them.
 */
#include "net/rtnetlink.h"

#include <compiler.h>
#include <err.h>
#include <uapi/errno.h>
#include <uapi/if.h>

#include "dev/netdev.h"
#include "net/ipv6_dev.h"
#include "net/netid.h"

#define LINK_ROOM 2048 /* bytes of a message about one */

static void put_stats(struct nl_writer *w, const struct netdev *d)
{
	struct rtnl_link_stats64 *l = nla_reserve(w, IFLA_STATS64, sizeof(*l));
	struct rtnl_link_stats *o = nla_reserve(w, IFLA_STATS, sizeof(*o));
	struct netdev_stats s;

	if (!l || !o)
		return;
	netdev_sum_stats(d, &s);
	l->rx_packets = s.rx_packets;
	l->tx_packets = s.tx_packets;
	l->rx_bytes = s.rx_bytes;
	l->tx_bytes = s.tx_bytes;
	l->rx_errors = s.rx_errors;
	l->tx_errors = s.tx_errors;
	l->rx_dropped = s.rx_dropped;
	l->tx_dropped = s.tx_dropped;
	l->multicast = s.multicast;
	/* The older form has the same members in the same order, cut to 32 bits. */
	for (unsigned i = 0; i < sizeof(*o) / sizeof(u32); i++)
		((u32 *)o)[i] = (u32)((u64 *)l)[i];
}

static void put_families(struct nl_writer *w, const struct netdev *d)
{
	u32 at = nla_nest(w, IFLA_AF_SPEC), in;

	in = nla_nest(w, AF_INET);
	nla_reserve(w, IFLA_INET_CONF, 33 * sizeof(u32));
	nla_nest_end(w, in);
	if (d->ip6) {
		in = nla_nest(w, AF_INET6);
		nla_put_u32(w, IFLA_INET6_FLAGS, 0x80000000u); /* IF_READY */
		nla_put_u8(w, IFLA_INET6_ADDR_GEN_MODE, (u8)ip6_dev(d)->conf.addr_gen_mode);
		nla_nest_end(w, in);
	}
	nla_nest_end(w, at);
}

static void put_kind(struct nl_writer *w, const struct netdev *d)
{
	u32 at, data;

	if (!d->ops->kind)
		return;
	at = nla_nest(w, IFLA_LINKINFO);
	nla_put_string(w, IFLA_INFO_KIND, d->ops->kind);
	if (d->ops->put_info) {
		data = nla_nest(w, IFLA_INFO_DATA);
		d->ops->put_info(d, w);
		nla_nest_end(w, data);
	}
	nla_nest_end(w, at);
}

/* Where the other end is, and where it has gone itself. */
static void put_places(struct nl_writer *w, const struct netdev *d)
{
	const struct netdev *peer = d->ops->peer ? d->ops->peer(d) : NULL;

	if (peer && peer->net != d->net)
		nla_put_u32(w, IFLA_LINK_NETNSID, (u32)net_id_make(d->net, peer->net));
	if (d->ops->peer)
		nla_put_u32(w, IFLA_LINK, peer ? (u32)peer->ifindex : 0);
	if (d->successor) {
		nla_put_u32(w, IFLA_NEW_NETNSID, (u32)net_id_make(d->net, d->successor->net));
		nla_put_u32(w, IFLA_NEW_IFINDEX, (u32)d->successor->ifindex);
	}
}

/* What a message about a device has besides. */
struct link_extra {
	u32 change; /* ifi_change */
	bool stats;
	u32 target; /* the number of its network that was asked by, plus 1; 0: none was */
};

/* One message about d. 0 or -EMSGSIZE. */
static int put_link(struct nl_writer *w, const struct netdev *d, u16 type, u16 flags, u32 seq,
		    u32 port, const struct link_extra *x)
{
	struct ifinfomsg *i = nl_begin(w, type, flags, seq, port, sizeof(*i));

	if (i) {
		i->ifi_type = d->type;
		i->ifi_index = d->ifindex;
		i->ifi_flags = netdev_flags(d);
		i->ifi_change = x->change;
	}
	if (x->target)
		nla_put_u32(w, IFLA_TARGET_NETNSID, x->target - 1);
	nla_put_string(w, IFLA_IFNAME, d->name);
	nla_put_u32(w, IFLA_TXQLEN, d->txqlen);
	nla_put_u8(w, IFLA_OPERSTATE, (u8)netdev_operstate(d));
	nla_put_u8(w, IFLA_LINKMODE, 0);
	nla_put_u32(w, IFLA_MTU, d->mtu);
	nla_put_u32(w, IFLA_MIN_MTU, d->min_mtu);
	nla_put_u32(w, IFLA_MAX_MTU, d->flags & IFF_LOOPBACK ? 0 : d->max_mtu); /* no end */
	nla_put_u32(w, IFLA_GROUP, READ_ONCE(d->group));
	nla_put_u32(w, IFLA_PROMISCUITY, (u32)d->promisc);
	nla_put_u32(w, IFLA_ALLMULTI, (u32)d->allmulti);
	nla_put_u32(w, IFLA_NUM_TX_QUEUES, d->tx_queues);
	nla_put_u32(w, IFLA_GSO_MAX_SEGS, 65535);
	nla_put_u32(w, IFLA_GSO_MAX_SIZE, 65536);
	nla_put_u32(w, IFLA_GRO_MAX_SIZE, 65536);
	nla_put_u32(w, IFLA_TSO_MAX_SIZE, d->flags & IFF_LOOPBACK ? 524280 : 65536);
	nla_put_u32(w, IFLA_TSO_MAX_SEGS, 65535);
	nla_put_u32(w, IFLA_NUM_RX_QUEUES, d->rx_queues);
	nla_put_u8(w, IFLA_CARRIER, READ_ONCE(d->carrier));
	nla_put_string(w, IFLA_QDISC, !d->used ? "noop" : d->no_queue ? "noqueue" : "pfifo_fast");
	nla_put_u32(w, IFLA_CARRIER_CHANGES, d->carrier_ups + d->carrier_downs);
	nla_put_u32(w, IFLA_CARRIER_UP_COUNT, d->carrier_ups);
	nla_put_u32(w, IFLA_CARRIER_DOWN_COUNT, d->carrier_downs);
	nla_put_u8(w, IFLA_PROTO_DOWN, 0);
	nla_reserve(w, IFLA_MAP, sizeof(struct rtnl_link_ifmap));
	if (d->addr_len) {
		nla_put(w, IFLA_ADDRESS, d->addr, d->addr_len);
		nla_put(w, IFLA_BROADCAST, d->broadcast, d->addr_len);
	}
	if (d->alias[0])
		nla_put_string(w, IFLA_IFALIAS, d->alias);
	if (x->stats)
		put_stats(w, d);
	put_kind(w, d);
	put_places(w, d);
	put_families(w, d);
	return nl_end(w);
}

void rtnl_link_news(struct netdev *d, u16 type, u32 change)
{
	struct link_extra x = { .change = change, .stats = true };
	struct nl_writer w;

	if (!rtnl_news(d->net, RTNLGRP_LINK, &w, LINK_ROOM))
		return;
	put_link(&w, d, type, 0, 0, 0, &x);
	rtnl_tell(d->net, RTNLGRP_LINK, &w);
}

/* --- asking --- */

const struct nl_policy rtnl_link_policy[IFLA_MAX + 1] = {
	[IFLA_IFNAME] = { .max = IFNAMSIZ - 1, .string = true },
	[IFLA_ADDRESS] = { .max = 32 },
	[IFLA_BROADCAST] = { .max = 32 },
	[IFLA_MTU] = { .min = 4 },
	[IFLA_TXQLEN] = { .min = 4 },
	[IFLA_EXT_MASK] = { .min = 4 },
	[IFLA_NET_NS_PID] = { .min = 4 },
	[IFLA_NET_NS_FD] = { .min = 4 },
	[IFLA_LINK_NETNSID] = { .min = 4 },
	[IFLA_TARGET_NETNSID] = { .min = 4 },
	[IFLA_NEW_IFINDEX] = { .min = 4 },
	[IFLA_GROUP] = { .min = 4 },
	[IFLA_LINKMODE] = { .min = 1 },
	[IFLA_CARRIER] = { .min = 1 },
	[IFLA_PROTO_DOWN] = { .min = 1 },
	[IFLA_GSO_MAX_SIZE] = { .min = 4 },
	[IFLA_GSO_MAX_SEGS] = { .min = 4 },
	[IFLA_IFALIAS] = { .max = NETDEV_ALIAS_MAX - 1, .string = true },
	[IFLA_ALT_IFNAME] = { .max = 127, .string = true },
};

void rtnl_copy_name(char name[IFNAMSIZ], const struct nlattr *a)
{
	u32 n = min(nla_len(a), (u32)IFNAMSIZ - 1);

	memcpy(name, nla_data(a), n);
	name[n] = '\0';
}

struct netdev *rtnl_named_link(struct net *net, const struct ifinfomsg *i, const struct nlattr **at,
			       int *err)
{
	const struct nlattr *name = at[IFLA_IFNAME] ? at[IFLA_IFNAME] : at[IFLA_ALT_IFNAME];
	struct netdev *d = NULL;
	char text[IFNAMSIZ];

	*err = -ENODEV;
	if (i->ifi_index > 0) {
		d = netdev_by_index(net, i->ifi_index);
	} else if (i->ifi_index < 0 || !name) {
		*err = -EINVAL;
	} else {
		rtnl_copy_name(text, name);
		d = netdev_find(net, text);
	}
	return d;
}

static int get_link(struct nl_request *rq)
{
	const struct nlattr *at[IFLA_MAX + 1];
	const struct ifinfomsg *i = nl_header(rq, sizeof(*i));
	int err = nl_parse(rq, sizeof(*i), rtnl_link_policy, IFLA_MAX, at);
	struct link_extra x = { 0 };
	struct nl_writer w;
	struct netdev *d;
	struct net *net;

	if (err)
		return err;
	err = rtnl_other_net(rq, at, &net);
	if (err)
		return err;
	x.stats = !(nla_u32(at[IFLA_EXT_MASK]) & RTEXT_FILTER_SKIP_STATS);
	x.target = at[IFLA_TARGET_NETNSID] ? nla_u32(at[IFLA_TARGET_NETNSID]) + 1 : 0;
	d = rtnl_named_link(net, i, at, &err);
	if (d)
		err = nl_writer_init(&w, LINK_ROOM) ? 0 : -ENOBUFS;
	if (!d || err) {
		net_put(net);
		return err;
	}
	put_link(&w, d, RTM_NEWLINK, 0, rq->msg->nlmsg_seq, nl_port(rq), &x);
	net_put(net);
	return nl_reply(rq, &w);
}

/* at[0]: the number of the device written last. filter: the mask of IFLA_EXT_MASK; rtnl_dump_net's number. */
static int dump_links_part(struct nl_dump *d, struct nl_writer *w)
{
	struct link_extra x = { .stats = !(d->filter[0] & RTEXT_FILTER_SKIP_STATS),
				.target = d->filter[1] };
	struct net *net = rtnl_dump_net(d, d->filter[1]);
	struct netdev *dev;
	int err = 0;

	if (!net)
		return 0;
	list_for_each_entry_rcu(dev, &net->devices, link) {
		if ((u64)dev->ifindex <= d->at[0])
			continue;
		err = put_link(w, dev, RTM_NEWLINK, d->flags, d->seq, d->port, &x);
		if (err)
			break;
		d->at[0] = (u64)dev->ifindex;
	}
	net_put(net);
	return err;
}

/* filter of a dump from its request's attributes. */
static int link_filter(struct nl_request *rq, const struct nlattr **at, u32 filter[4])
{
	struct net *net;

	for (unsigned i = 1; rq->strict && i <= IFLA_MAX; i++)
		if (at[i] && i != IFLA_TARGET_NETNSID && i != IFLA_EXT_MASK && i != IFLA_MASTER &&
		    i != IFLA_LINKINFO)
			return nl_fail(rq, -EINVAL, "Unsupported attribute in link dump request");
	filter[0] = nla_u32(at[IFLA_EXT_MASK]);
	if (!at[IFLA_TARGET_NETNSID])
		return 0;
	net = rtnl_net_by_id(rq, (int)nla_u32(at[IFLA_TARGET_NETNSID]));
	if (IS_ERR(net))
		return nl_fail(rq, (int)PTR_ERR(net), "Invalid target network namespace id");
	net_put(net);
	filter[1] = nla_u32(at[IFLA_TARGET_NETNSID]) + 1;
	return 0;
}

static int dump_links(struct nl_request *rq)
{
	const struct nlattr *at[IFLA_MAX + 1];
	const struct ifinfomsg *i = nl_header(rq, sizeof(*i));
	u32 filter[4] = { 0 };
	int err;

	if (rq->strict) {
		if (!i)
			return nl_fail(rq, -EINVAL, "Invalid header for link dump");
		if (i->ifi_pad_ || i->ifi_type || i->ifi_flags || i->ifi_change)
			return nl_fail(rq, -EINVAL,
				       "Invalid values in header for link dump request");
		if (i->ifi_index)
			return nl_fail(rq, -EINVAL,
				       "Filter by device index not supported for link dumps");
	}
	/* Old programs send a struct rtgenmsg, and what stands where attributes would is no matter. */
	if (i) {
		err = nl_parse(rq, sizeof(*i), rtnl_link_policy, IFLA_MAX, at);
		if (err && rq->strict)
			return err;
		err = err ? 0 : link_filter(rq, at, filter);
		if (err)
			return err;
	}
	return nl_dump_start(rq, dump_links_part, filter, NULL);
}

const struct rtnl_handler rtnl_link_handlers[] = {
	{ RTM_GETLINK, AF_UNSPEC, false, get_link, dump_links },
	{ RTM_GETLINK, AF_BRIDGE, false, NULL, rtnl_dump_nothing }, /* ports of bridges */
	{ RTM_NEWLINK, AF_UNSPEC, true, rtnl_new_link, NULL },
	{ RTM_SETLINK, AF_UNSPEC, true, rtnl_set_link, NULL },
	{ RTM_DELLINK, AF_UNSPEC, true, rtnl_delete_link, NULL },
	{ 0, 0, false, NULL, NULL },
};
