/*
 * Addresses by rtnetlink(7): RTM_NEWADDR, RTM_DELADDR, RTM_GETADDR of both versions, the groups
 * joined (RTM_GETMULTICAST), and the news about addresses.
 */
#include "net/rtnetlink.h"

#include <compiler.h>
#include <err.h>
#include <uapi/errno.h>

#include "alloc/slab.h"
#include "net/ipv4.h"
#include "net/ipv6_dev.h"

#define ADDR_ROOM 256 /* bytes of a message about one */

static const struct nl_policy addr_policy[IFA_MAX + 1] = {
	[IFA_LABEL] = { .max = IFNAMSIZ - 1, .string = true },
	[IFA_CACHEINFO] = { .min = sizeof(struct ifa_cacheinfo) },
	[IFA_FLAGS] = { .min = 4 },
	[IFA_RT_PRIORITY] = { .min = 4 },
	[IFA_TARGET_NETNSID] = { .min = 4 },
};

/* Hundredths of seconds since boot. */
static u32 stamp(u64 ns)
{
	return (u32)(ns / (10 * NSEC_PER_MSEC));
}

static u32 seconds_left(u32 lifetime, u64 since)
{
	u64 gone = (now_mono() - since) / NSEC_PER_SEC;

	if (lifetime == ~0u)
		return lifetime;
	return gone < lifetime ? lifetime - (u32)gone : 0;
}

static void put_cacheinfo(struct nl_writer *w, u32 valid, u32 preferred, u64 created, u64 updated)
{
	struct ifa_cacheinfo c = {
		.ifa_prefered = seconds_left(preferred, updated),
		.ifa_valid = seconds_left(valid, updated),
		.cstamp = stamp(created),
		.tstamp = stamp(updated),
	};

	nla_put(w, IFA_CACHEINFO, &c, sizeof(c));
}

/* The number of the network that was asked by, plus 1; 0: none was. */
static void put_target(struct nl_writer *w, u32 target)
{
	if (target)
		nla_put_u32(w, IFA_TARGET_NETNSID, target - 1);
}

static int put_addr4(struct nl_writer *w, const struct netdev *d, const struct ip4_addr *a,
		     u16 type, u16 flags, u32 seq, u32 port, u32 target)
{
	struct ifaddrmsg *m = nl_begin(w, type, flags, seq, port, sizeof(*m));
	u32 f = READ_ONCE(a->flags);

	if (m)
		*m = (struct ifaddrmsg){ AF_INET, a->prefix_len, (u8)f, a->scope, (u32)d->ifindex };
	put_target(w, target);
	nla_put(w, IFA_ADDRESS, &a->peer, 4);
	nla_put(w, IFA_LOCAL, &a->local, 4);
	if (a->broadcast)
		nla_put(w, IFA_BROADCAST, &a->broadcast, 4);
	if (a->label[0])
		nla_put_string(w, IFA_LABEL, a->label);
	nla_put_u32(w, IFA_FLAGS, f);
	if (a->metric)
		nla_put_u32(w, IFA_RT_PRIORITY, a->metric);
	put_cacheinfo(w, a->valid, f & IFA_F_PERMANENT ? ~0u : a->preferred, a->created,
		      a->updated);
	return nl_end(w);
}

static int put_addr6(struct nl_writer *w, const struct netdev *d, const struct ip6_addr *a,
		     u16 type, u16 flags, u32 seq, u32 port, u32 target)
{
	struct ifaddrmsg *m = nl_begin(w, type, flags, seq, port, sizeof(*m));
	u32 f = READ_ONCE(a->flags);

	if (m)
		*m = (struct ifaddrmsg){ AF_INET6, a->prefix_len, (u8)f, a->scope,
					 (u32)d->ifindex };
	put_target(w, target);
	if (!addr_is_any(&a->peer)) {
		nla_put(w, IFA_LOCAL, &a->addr, 16);
		nla_put(w, IFA_ADDRESS, &a->peer, 16);
	} else {
		nla_put(w, IFA_ADDRESS, &a->addr, 16);
	}
	if (a->metric)
		nla_put_u32(w, IFA_RT_PRIORITY, a->metric);
	put_cacheinfo(w, a->valid, a->preferred, a->created, a->updated);
	nla_put_u32(w, IFA_FLAGS, f);
	if (a->proto)
		nla_put_u8(w, IFA_PROTO, a->proto);
	return nl_end(w);
}

void rtnl_addr4_news(struct netdev *d, const struct ip4_addr *a, bool gone)
{
	struct nl_writer w;

	if (!rtnl_news(d->net, RTNLGRP_IPV4_IFADDR, &w, ADDR_ROOM))
		return;
	put_addr4(&w, d, a, gone ? RTM_DELADDR : RTM_NEWADDR, 0, 0, 0, 0);
	rtnl_tell(d->net, RTNLGRP_IPV4_IFADDR, &w);
}

void rtnl_addr6_news(struct netdev *d, const struct ip6_addr *a, bool gone)
{
	struct nl_writer w;

	if (!rtnl_news(d->net, RTNLGRP_IPV6_IFADDR, &w, ADDR_ROOM))
		return;
	put_addr6(&w, d, a, gone ? RTM_DELADDR : RTM_NEWADDR, 0, 0, 0, 0);
	rtnl_tell(d->net, RTNLGRP_IPV6_IFADDR, &w);
}

/* --- asking --- */

enum addr_kind { KIND_UNICAST, KIND_GROUP, KIND_ANYCAST };

/* One device's; *skip: how many were written before. */
static int dump_dev4(struct nl_dump *d, struct nl_writer *w, struct netdev *dev, u64 *skip)
{
	const struct ip4_dev *i = ip4_dev(dev);
	struct ip4_addr *a;
	u64 nr = 0;

	if (!i || d->filter[1] != KIND_UNICAST)
		return 0;
	list_for_each_entry_rcu(a, &i->addrs, link) {
		if (nr++ < *skip)
			continue;
		if (put_addr4(w, dev, a, RTM_NEWADDR, d->flags, d->seq, d->port, d->filter[3]))
			return -EMSGSIZE;
		(*skip)++;
	}
	return 0;
}

static int put_group6(struct nl_writer *w, const struct netdev *dev, const struct in6_addr *group,
		      const struct nl_dump *d)
{
	struct ifaddrmsg *m = nl_begin(w, RTM_GETMULTICAST, d->flags, d->seq, d->port, sizeof(*m));

	if (m)
		*m = (struct ifaddrmsg){ AF_INET6, 128, IFA_F_PERMANENT, ip6_scope_rt(group),
					 (u32)dev->ifindex };
	put_target(w, d->filter[3]);
	nla_put(w, IFA_MULTICAST, group, 16);
	put_cacheinfo(w, ~0u, ~0u, 0, 0);
	return nl_end(w);
}

struct group_dump {
	struct nl_dump *d;
	struct nl_writer *w;
	struct netdev *dev;
	u64 nr, *skip;
	int err;
};

static void dump_group6(const struct in6_addr *group, int users, void *arg)
{
	struct group_dump *g = arg;

	(void)users;
	if (g->err || g->nr++ < *g->skip)
		return;
	g->err = put_group6(g->w, g->dev, group, g->d);
	if (!g->err)
		(*g->skip)++;
}

static int dump_dev6(struct nl_dump *d, struct nl_writer *w, struct netdev *dev, u64 *skip)
{
	struct group_dump g = { .d = d, .w = w, .dev = dev, .skip = skip };
	const struct ip6_dev *i = ip6_dev(dev);
	struct ip6_addr *a;

	if (!i)
		return 0;
	if (d->filter[1] == KIND_GROUP)
		mld_for_each(i, dump_group6, &g);
	if (d->filter[1] != KIND_UNICAST)
		return g.err;
	list_for_each_entry_rcu(a, &i->addrs, link) {
		if (g.nr++ < *skip)
			continue;
		if (put_addr6(w, dev, a, RTM_NEWADDR, d->flags, d->seq, d->port, d->filter[3]))
			return -EMSGSIZE;
		(*skip)++;
	}
	return 0;
}

/* filter: device (0 all), kind, family, rtnl_dump_net's number. at: family (0 IPv4, 1 IPv6), last whole device, in it. */
static int dump_addrs_part(struct nl_dump *d, struct nl_writer *w)
{
	struct net *net = rtnl_dump_net(d, d->filter[3]);
	struct netdev *dev;
	int err = 0;

	for (; net && d->at[0] < 2; d->at[0]++, d->at[1] = 0) {
		u8 family = d->at[0] ? AF_INET6 : AF_INET;

		if (d->filter[2] && d->filter[2] != family)
			continue;
		list_for_each_entry_rcu(dev, &net->devices, link) {
			if ((u64)dev->ifindex <= d->at[1] ||
			    (d->filter[0] && (int)d->filter[0] != dev->ifindex))
				continue;
			err = family == AF_INET ? dump_dev4(d, w, dev, &d->at[2]) :
						  dump_dev6(d, w, dev, &d->at[2]);
			if (err)
				goto out_put;
			d->at[1] = (u64)dev->ifindex;
			d->at[2] = 0;
		}
	}
out_put:
	if (net)
		net_put(net);
	return err;
}

/* The network of IFA_TARGET_NETNSID, or the socket's, referenced. 0; -EINVAL, -EPERM. */
static int target_net(struct nl_request *rq, const struct nlattr **at, struct net **net,
		      u32 *number)
{
	*number = at[IFA_TARGET_NETNSID] ? nla_u32(at[IFA_TARGET_NETNSID]) + 1 : 0;
	*net = *number ? rtnl_net_by_id(rq, (int)(*number - 1)) : net_get(rq->net);
	return IS_ERR(*net) ? (int)PTR_ERR(*net) : 0;
}

/* What a socket that is strict (NETLINK_GET_STRICT_CHK) asks a dump for. */
static int addr_filter(struct nl_request *rq, u32 filter[4])
{
	const struct ifaddrmsg *m = nl_header(rq, sizeof(*m));
	const struct nlattr *at[IFA_MAX + 1];
	bool v6 = filter[2] == AF_INET6;
	struct net *net;
	int err;

	if (!m)
		return nl_fail(rq, -EINVAL,
			       v6 ? "ipv6: Invalid header for address dump request" :
				    "ipv4: Invalid header for address dump request");
	if (m->ifa_prefixlen || m->ifa_flags || m->ifa_scope)
		return nl_fail(rq, -EINVAL,
			       v6 ? "ipv6: Invalid values in header for address dump request" :
				    "ipv4: Invalid values in header for address dump request");
	err = nl_parse(rq, sizeof(*m), addr_policy, IFA_MAX, at);
	for (unsigned i = 0; !err && i <= IFA_MAX; i++)
		if (at[i] && i != IFA_TARGET_NETNSID)
			err = nl_fail(rq, -EINVAL,
				      v6 ? "ipv6: Unsupported attribute in dump request" :
					   "ipv4: Unsupported attribute in dump request");
	if (err)
		return err;
	err = target_net(rq, at, &net, &filter[3]);
	if (err)
		return nl_fail(rq, err,
			       v6 ? "ipv6: Invalid target network namespace id" :
				    "ipv4: Invalid target network namespace id");
	filter[0] = m->ifa_index;
	if (filter[0] && !netdev_by_index(net, (int)filter[0]))
		err = -ENODEV;
	net_put(net);
	return err;
}

static int dump_addrs(struct nl_request *rq)
{
	u16 type = rq->msg->nlmsg_type;
	u32 filter[4] = { 0 };
	int err;

	filter[1] = type == RTM_GETMULTICAST ? KIND_GROUP :
		    type == RTM_GETANYCAST   ? KIND_ANYCAST :
					       KIND_UNICAST;
	filter[2] = *(const u8 *)(rq->msg + 1);
	if (filter[2] != AF_INET && filter[2] != AF_INET6)
		filter[2] = AF_UNSPEC;
	err = rq->strict ? addr_filter(rq, filter) : 0;
	return err ? err : nl_dump_start(rq, dump_addrs_part, filter, NULL);
}

static int get_addr6(struct nl_request *rq)
{
	const struct nlattr *at[IFA_MAX + 1], *given;
	const struct ifaddrmsg *m = nl_header(rq, sizeof(*m));
	int err = nl_parse(rq, sizeof(*m), addr_policy, IFA_MAX, at);
	struct in6_addr addr;
	struct ip6_addr *a;
	struct nl_writer w;
	struct net *net;
	u32 target;

	if (err)
		return err;
	err = target_net(rq, at, &net, &target);
	if (err)
		return err;
	given = at[IFA_LOCAL] ? at[IFA_LOCAL] : at[IFA_ADDRESS];
	if (!given || !nla_addr(given, AF_INET6, &addr)) {
		net_put(net);
		return -EINVAL;
	}
	a = ip6_addr_find(net, &addr, (int)m->ifa_index);
	err = !a ? -EADDRNOTAVAIL : nl_writer_init(&w, ADDR_ROOM) ? 0 : -ENOBUFS;
	if (!err)
		put_addr6(&w, a->dev->dev, a, RTM_NEWADDR, 0, rq->msg->nlmsg_seq, nl_port(rq),
			  target);
	net_put(net);
	if (err)
		return err;
	if (!target)
		return nl_reply(rq, &w);
	/* As Linux, which sends the answer to the port of that number over there: nobody has it. */
	kfree(w.buf);
	return -ECONNREFUSED;
}

/* --- changing --- */

/* What is common of a request to change: the device, the flags, the lifetimes. 0 or -errno. */
static int read_change(struct nl_request *rq, const struct nlattr **at, struct netdev **d,
		       u32 *flags, u32 *valid, u32 *preferred)
{
	const struct ifaddrmsg *m = nl_header(rq, sizeof(*m));
	const struct ifa_cacheinfo *c;
	int err = nl_parse(rq, sizeof(*m), addr_policy, IFA_MAX, at);

	if (err)
		return err;
	*flags = at[IFA_FLAGS] ? nla_u32(at[IFA_FLAGS]) : m->ifa_flags;
	*valid = *preferred = ~0u;
	if (at[IFA_CACHEINFO]) {
		c = nla_data(at[IFA_CACHEINFO]);
		*valid = c->ifa_valid;
		*preferred = c->ifa_prefered;
		if (!*valid || *preferred > *valid)
			return nl_fail(rq, -EINVAL, "address lifetime invalid");
	}
	*d = netdev_by_index(rq->net, (int)m->ifa_index);
	return *d ? 0 : nl_fail(rq, -ENODEV, "Device not found");
}

static be32 addr4_of(const struct nlattr *a)
{
	return (__force be32)nla_u32(a);
}

static int new_addr4(struct nl_request *rq)
{
	const struct nlattr *at[IFA_MAX + 1];
	const struct ifaddrmsg *m = nl_header(rq, sizeof(*m));
	struct ip4_addr_config c = { 0 };
	char label[IFNAMSIZ];
	struct netdev *d;
	u32 n;
	int err = read_change(rq, at, &d, &c.flags, &c.valid, &c.preferred);

	if (err)
		return err;
	if (m->ifa_prefixlen > 32)
		return nl_fail(rq, -EINVAL, "ipv4: Invalid prefix length");
	if (!at[IFA_LOCAL])
		return nl_fail(rq, -EINVAL, "ipv4: Local address is not supplied");
	c.local = addr4_of(at[IFA_LOCAL]);
	c.peer = at[IFA_ADDRESS] ? addr4_of(at[IFA_ADDRESS]) : c.local;
	c.broadcast = addr4_of(at[IFA_BROADCAST]);
	c.prefix_len = m->ifa_prefixlen;
	c.scope = m->ifa_scope;
	c.metric = nla_u32(at[IFA_RT_PRIORITY]);
	if (c.valid == ~0u)
		c.flags |= IFA_F_PERMANENT;
	else
		c.flags &= ~(u32)IFA_F_PERMANENT;
	if (at[IFA_LABEL]) {
		n = min(nla_len(at[IFA_LABEL]), (u32)IFNAMSIZ - 1);
		memcpy(label, nla_data(at[IFA_LABEL]), n);
		label[n] = '\0';
		c.label = label;
	}
	c.why = &rq->ext.text;
	err = ip4_addr_add(d, &c);
	if (err != -EEXIST)
		return err;
	if ((rq->msg->nlmsg_flags & NLM_F_EXCL) || !(rq->msg->nlmsg_flags & NLM_F_REPLACE))
		return nl_fail(rq, -EEXIST, "ipv4: Address already assigned");
	return ip4_addr_change(d, &c);
}

static int del_addr4(struct nl_request *rq)
{
	const struct nlattr *at[IFA_MAX + 1];
	const struct ifaddrmsg *m = nl_header(rq, sizeof(*m));
	int err = nl_parse(rq, sizeof(*m), addr_policy, IFA_MAX, at);
	const struct ip4_dev *i;
	struct netdev *d;
	struct ip4_addr *a;

	if (err)
		return err;
	d = netdev_by_index(rq->net, (int)m->ifa_index);
	i = d ? ip4_dev(d) : NULL;
	if (!i)
		return nl_fail(rq, -ENODEV, "ipv4: Device not found");
	list_for_each_entry_rcu(a, &i->addrs, link) {
		if (at[IFA_LOCAL] && a->local != addr4_of(at[IFA_LOCAL]))
			continue;
		if (at[IFA_LABEL] &&
		    (nla_len(at[IFA_LABEL]) < strlen(a->label) ||
		     memcmp(nla_data(at[IFA_LABEL]), a->label, strlen(a->label)) != 0))
			continue;
		if (at[IFA_ADDRESS] && (m->ifa_prefixlen != a->prefix_len ||
					((addr4_of(at[IFA_ADDRESS]) ^ a->peer) & a->mask)))
			continue;
		return ip4_addr_del(d, a->local, a->prefix_len);
	}
	return nl_fail(rq, -EADDRNOTAVAIL, "ipv4: Address not found");
}

static int new_addr6(struct nl_request *rq)
{
	const struct nlattr *at[IFA_MAX + 1], *local, *peer;
	const struct ifaddrmsg *m = nl_header(rq, sizeof(*m));
	struct ip6_addr_config c = { 0 };
	struct netdev *d;
	int err = read_change(rq, at, &d, &c.flags, &c.valid, &c.preferred);

	if (err)
		return err;
	local = at[IFA_LOCAL] ? at[IFA_LOCAL] : at[IFA_ADDRESS];
	peer = at[IFA_LOCAL] ? at[IFA_ADDRESS] : NULL;
	if (!local || !nla_addr(local, AF_INET6, &c.addr) ||
	    (peer && !nla_addr(peer, AF_INET6, &c.peer)))
		return nl_fail(rq, -EINVAL, "ipv6: Local address is not supplied");
	if (peer && addr_equal(&c.peer, &c.addr))
		c.peer = (struct in6_addr){ 0 };
	if (m->ifa_prefixlen > 128)
		return nl_fail(rq, -EINVAL, "ipv6: Invalid prefix length");
	c.prefix_len = m->ifa_prefixlen;
	c.metric = nla_u32(at[IFA_RT_PRIORITY]);
	c.proto = at[IFA_PROTO] ? *(const u8 *)nla_data(at[IFA_PROTO]) : 0;
	c.flags &= IFA_F_NODAD | IFA_F_HOMEADDRESS | IFA_F_MANAGETEMPADDR | IFA_F_NOPREFIXROUTE |
		   IFA_F_MCAUTOJOIN;
	if ((c.flags & IFA_F_MANAGETEMPADDR) && c.prefix_len != 64)
		return nl_fail(rq, -EINVAL,
			       "address with \"mngtmpaddr\" flag must have a prefix length of 64");
	err = ip6_addr_add(d, &c);
	if (!err && (c.flags & IFA_F_MANAGETEMPADDR))
		ip6_temp_manage(ip6_addr_find(rq->net, &c.addr, d->ifindex), true);
	if (err != -EEXIST)
		return err;
	if ((rq->msg->nlmsg_flags & NLM_F_EXCL) || !(rq->msg->nlmsg_flags & NLM_F_REPLACE))
		return nl_fail(rq, -EEXIST, "ipv6: address already assigned");
	return ip6_addr_change(d, &c);
}

static int del_addr6(struct nl_request *rq)
{
	const struct nlattr *at[IFA_MAX + 1], *local;
	const struct ifaddrmsg *m = nl_header(rq, sizeof(*m));
	int err = nl_parse(rq, sizeof(*m), addr_policy, IFA_MAX, at);
	struct in6_addr addr;
	struct netdev *d;

	if (err)
		return err;
	local = at[IFA_LOCAL] ? at[IFA_LOCAL] : at[IFA_ADDRESS];
	if (!local || !nla_addr(local, AF_INET6, &addr))
		return -EINVAL;
	d = netdev_by_index(rq->net, (int)m->ifa_index);
	if (!d)
		return nl_fail(rq, -ENODEV, "ipv6: Unable to find the interface");
	err = ip6_addr_del(d, &addr, m->ifa_prefixlen);
	return err ? nl_fail(rq, err, "ipv6: address not found") : 0;
}

const struct rtnl_handler rtnl_addr_handlers[] = {
	{ RTM_GETADDR, AF_UNSPEC, false, NULL, dump_addrs },
	{ RTM_GETADDR, AF_INET6, false, get_addr6, NULL },
	{ RTM_GETMULTICAST, AF_UNSPEC, false, NULL, dump_addrs },
	{ RTM_GETANYCAST, AF_UNSPEC, false, NULL, dump_addrs },
	{ RTM_NEWADDR, AF_INET, false, new_addr4, NULL },
	{ RTM_DELADDR, AF_INET, false, del_addr4, NULL },
	{ RTM_NEWADDR, AF_INET6, false, new_addr6, NULL },
	{ RTM_DELADDR, AF_INET6, false, del_addr6, NULL },
	{ 0, 0, false, NULL, NULL },
};
