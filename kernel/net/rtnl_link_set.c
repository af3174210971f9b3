/*
 * Network devices by rtnetlink(7): RTM_NEWLINK makes, changes and moves them, RTM_SETLINK changes and
 * moves, RTM_DELLINK removes. Errors, their order and their words are Linux's.
 *
 * All run with netdev_links_lock held: a device that was found stays in its network.
 */
#include <compiler.h>
#include <err.h>
#include <uapi/errno.h>
#include <uapi/if.h>
#include <uapi/prctl.h>

#include "dev/netdev.h"
#include "net/ipv6_dev.h"
#include "net/netid.h"
#include "net/rtnetlink.h"
#include "net/veth.h"

/* --- changing --- */

/* IFLA_AF_SPEC: of what families have set there only how IPv6 makes addresses. */
static int set_families(struct nl_request *rq, struct netdev *d, const struct nlattr *spec)
{
	const struct nlattr *family[AF_INET6 + 1], *at[IFLA_INET6_ADDR_GEN_MODE + 1] = { NULL };
	struct ip6_dev *i = ip6_dev(d);
	int err = nl_parse_nested(rq, spec, NULL, AF_INET6, family);
	u8 mode;

	if (!err && family[AF_INET6])
		err = nl_parse_nested(rq, family[AF_INET6], NULL, IFLA_INET6_ADDR_GEN_MODE, at);
	if (err || !family[AF_INET6] || !at[IFLA_INET6_ADDR_GEN_MODE])
		return err;
	if (!i || !nla_len(at[IFLA_INET6_ADDR_GEN_MODE]))
		return -EINVAL;
	mode = *(const u8 *)nla_data(at[IFLA_INET6_ADDR_GEN_MODE]);
	return ip6_set_gen_mode(i, mode);
}

/* What no device here can have changed: it is not passed over. */
static int unchangeable(const struct netdev *d, const struct nlattr **at)
{
	u32 master = at[IFLA_MASTER] && nla_len(at[IFLA_MASTER]) >= 4 ? nla_u32(at[IFLA_MASTER]) :
									0;

	if (master)
		return netdev_by_index(d->net, (int)master) ? -EOPNOTSUPP : -EINVAL;
	if (at[IFLA_CARRIER] || at[IFLA_PROTO_DOWN])
		return -EOPNOTSUPP; /* nor can Linux's devices of these kinds */
	/* How large a packet is that is cut later, and when a link that waits is up: as they are. */
	if (at[IFLA_GSO_MAX_SIZE] && nla_u32(at[IFLA_GSO_MAX_SIZE]) != 65536)
		return nla_u32(at[IFLA_GSO_MAX_SIZE]) > 65536 ? -EINVAL : -EOPNOTSUPP;
	if (at[IFLA_GSO_MAX_SEGS] && nla_u32(at[IFLA_GSO_MAX_SEGS]) != 65535)
		return nla_u32(at[IFLA_GSO_MAX_SEGS]) > 65535 ? -EINVAL : -EOPNOTSUPP;
	if (at[IFLA_LINKMODE] && *(const u8 *)nla_data(at[IFLA_LINKMODE]))
		return -EOPNOTSUPP;
	return 0;
}

/* d's mutex is held. */
static int apply(struct nl_request *rq, struct netdev *d, const struct ifinfomsg *i,
		 const struct nlattr **at)
{
	char name[IFNAMSIZ];
	int err = unchangeable(d, at);
	u32 mtu, n;

	if (err)
		return err;
	if (at[IFLA_ADDRESS]) {
		if (nla_len(at[IFLA_ADDRESS]) < d->addr_len)
			return -EINVAL;
		err = netdev_set_mac(d, nla_data(at[IFLA_ADDRESS]));
	}
	if (!err && at[IFLA_MTU]) {
		mtu = nla_u32(at[IFLA_MTU]);
		err = netdev_set_mtu(d, mtu);
		if (err == -EINVAL)
			rq->ext.text = (int)mtu < (int)d->min_mtu ?
					       "mtu less than device minimum" :
					       "mtu greater than device maximum";
	}
	if (!err && i->ifi_index > 0 && at[IFLA_IFNAME] && nla_len(at[IFLA_IFNAME])) {
		rtnl_copy_name(name, at[IFLA_IFNAME]);
		if (name[0] && !str_equal(name, d->name))
			err = netdev_rename(d, name);
	}
	if (!err && (i->ifi_flags || i->ifi_change))
		err = netdev_set_flags(d, i->ifi_flags, i->ifi_change ? i->ifi_change : ~0u);
	if (!err && at[IFLA_BROADCAST])
		memcpy(d->broadcast, nla_data(at[IFLA_BROADCAST]),
		       min(nla_len(at[IFLA_BROADCAST]), (u32)d->addr_len));
	if (!err && at[IFLA_AF_SPEC])
		err = set_families(rq, d, at[IFLA_AF_SPEC]);
	if (!err && at[IFLA_TXQLEN])
		WRITE_ONCE(d->txqlen, nla_u32(at[IFLA_TXQLEN]));
	if (!err && at[IFLA_GROUP])
		WRITE_ONCE(d->group, nla_u32(at[IFLA_GROUP]));
	if (!err && at[IFLA_IFALIAS]) {
		n = min(nla_len(at[IFLA_IFALIAS]), (u32)sizeof(d->alias) - 1);
		memcpy(d->alias, nla_data(at[IFLA_IFALIAS]), n);
		d->alias[n] = '\0';
	}
	return err;
}

/* To another network first, if it is to go there; what else is to be changed is changed there. */
static int set_link(struct nl_request *rq, struct netdev *d, const struct ifinfomsg *i,
		    const struct nlattr **at)
{
	char name[IFNAMSIZ] = "";
	struct net *to;
	int err;

	if (at[IFLA_NET_NS_PID] || at[IFLA_NET_NS_FD] || at[IFLA_TARGET_NETNSID]) {
		err = rtnl_link_net(rq, at, &to);
		if (err)
			return err;
		if (at[IFLA_IFNAME])
			rtnl_copy_name(name, at[IFLA_IFNAME]);
		err = netdev_move(d, to, name[0] ? name : NULL, (int)nla_u32(at[IFLA_NEW_IFINDEX]),
				  &d, &rq->ext.text);
		if (!err && to != rq->net)
			net_id_make(rq->net, to);
		net_put(to);
		if (err)
			return err;
	}
	netdev_lock(d);
	err = apply(rq, d, i, at);
	netdev_unlock(d);
	return err;
}

/* --- making --- */

/* IFLA_LINKINFO: the kind and its data, each NULL if it is not there. */
static int read_kind(struct nl_request *rq, const struct nlattr *info, char kind[IFNAMSIZ],
		     const struct nlattr **data)
{
	const struct nlattr *at[IFLA_INFO_DATA + 1];
	int err = info ? nl_parse_nested(rq, info, NULL, IFLA_INFO_DATA, at) : 0;

	kind[0] = '\0';
	*data = NULL;
	if (err || !info)
		return err;
	if (at[IFLA_INFO_KIND])
		rtnl_copy_name(kind, at[IFLA_INFO_KIND]);
	*data = at[IFLA_INFO_DATA];
	return 0;
}

/* What a request says of an end of a pair. 0, -EINVAL, -EADDRNOTAVAIL. */
static int check_end(const struct nlattr **at)
{
	u32 mtu = at[IFLA_MTU] ? nla_u32(at[IFLA_MTU]) : 1500;
	const u8 *mac;

	if (at[IFLA_ADDRESS]) {
		if (nla_len(at[IFLA_ADDRESS]) != 6)
			return -EINVAL;
		mac = nla_data(at[IFLA_ADDRESS]);
		if ((mac[0] & 1) || !memcmp(mac, "\0\0\0\0\0", 6))
			return -EADDRNOTAVAIL;
	}
	return mtu < 68 || mtu > 65535 ? -EINVAL : 0;
}

static void describe_end(struct veth_end *e, struct net *net, int ifindex, const struct nlattr **at)
{
	*e = (struct veth_end){ .net = net, .ifindex = ifindex, .name = "veth%d", .txqlen = 1000 };
	if (at[IFLA_IFNAME])
		rtnl_copy_name(e->name, at[IFLA_IFNAME]);
	if (at[IFLA_ADDRESS])
		memcpy(e->mac, nla_data(at[IFLA_ADDRESS]), 6);
	e->mtu = nla_u32(at[IFLA_MTU]);
	if (at[IFLA_TXQLEN])
		e->txqlen = nla_u32(at[IFLA_TXQLEN]);
}

/* Flags that a new device is to have at once. */
static int configure(struct netdev *d, const struct ifinfomsg *i)
{
	int err = 0;

	if (!i || (!i->ifi_flags && !i->ifi_change))
		return 0;
	netdev_lock(d);
	err = netdev_set_flags(d, i->ifi_flags, i->ifi_change ? i->ifi_change : ~0u);
	netdev_unlock(d);
	return err;
}

/*
 * The pair: at is about the first end, which comes to be in net; what data holds (a header and attributes
 * as of a request) about the other one. NULL: that is like the first.
 */
static int make_pair(struct nl_request *rq, struct net *net, const struct ifinfomsg *i,
		     const struct nlattr **at, const struct nlattr *data, struct netdev **out)
{
	const struct nlattr *info[VETH_INFO_PEER + 1] = { NULL }, *other_at[IFLA_MAX + 1];
	const struct ifinfomsg *other_i = NULL;
	struct net *other_net = NULL;
	struct netdev *made[2];
	struct veth_end end[2];
	int err = data ? nl_parse_nested(rq, data, NULL, VETH_INFO_PEER, info) : 0;

	if (err)
		return err;
	if (info[VETH_INFO_PEER]) {
		if (nla_len(info[VETH_INFO_PEER]) < sizeof(*other_i))
			return -EINVAL;
		other_i = nla_data(info[VETH_INFO_PEER]);
		err = nl_parse_behind(rq, info[VETH_INFO_PEER], sizeof(*other_i), rtnl_link_policy,
				      IFLA_MAX, other_at);
		if (!err)
			err = check_end(other_at);
		if (!err)
			err = rtnl_link_net(rq, other_at, &other_net);
		if (err)
			return err;
	}
	describe_end(&end[0], net, i->ifi_index, at);
	if (other_i) {
		describe_end(&end[1], other_net, other_i->ifi_index, other_at);
	} else {
		end[1] = end[0];
		end[1].ifindex = 0;
		memset(end[1].mac, 0, 6);
		strlcpy(end[1].name, "veth%d", IFNAMSIZ);
	}
	err = veth_create(end, made);
	if (other_net)
		net_put(other_net);
	if (err)
		return err;
	*out = made[0];
	err = configure(made[1], other_i);
	if (err)
		made[0]->ops->remove(made[0]);
	return err;
}

/* The network of IFLA_LINK_NETNSID, in which it is made before it goes to `to`; NULL: none is said. */
static int birthplace(struct nl_request *rq, struct net *to, const struct nlattr *id,
		      struct net **net)
{
	*net = NULL;
	if (!id)
		return 0;
	*net = net_by_id_get(to, (int)nla_u32(id));
	if (!*net)
		return nl_fail(rq, -EINVAL, "Unknown network namespace id");
	if (nl_capable_in(rq, *net, CAP_NET_ADMIN))
		return 0;
	net_put(*net);
	return -EPERM;
}

static noinline int make_link(struct nl_request *rq, const struct ifinfomsg *i,
			      const struct nlattr **at, const struct nlattr *data)
{
	struct net *to, *first;
	char name[IFNAMSIZ] = "veth%d";
	struct netdev *d;
	int err = rtnl_link_net(rq, at, &to);

	if (err)
		return err;
	err = birthplace(rq, to, at[IFLA_LINK_NETNSID], &first);
	if (err)
		goto out_put;
	err = make_pair(rq, first ? first : to, i, at, data, &d);
	if (err)
		goto out_put_first;
	err = configure(d, i);
	if (at[IFLA_IFNAME])
		rtnl_copy_name(name, at[IFLA_IFNAME]);
	if (!err && first)
		err = netdev_move(d, to, name, 0, &d, &rq->ext.text);
	if (err)
		d->ops->remove(d);
out_put_first:
	if (first)
		net_put(first);
out_put:
	net_put(to);
	return err;
}

/* The devices of IFLA_GROUP, one after the other; the first that fails ends it. */
static int set_group(struct nl_request *rq, const struct ifinfomsg *i, const struct nlattr **at)
{
	u32 group = nla_u32(at[IFLA_GROUP]);
	int last = 0, err = 0;

	while (!err) {
		struct netdev *d, *next = NULL;

		list_for_each_entry_rcu(d, &rq->net->devices, link)
			if (READ_ONCE(d->group) == group && d->ifindex > last &&
			    (!next || d->ifindex < next->ifindex))
				next = d;
		if (!next)
			break;
		last = next->ifindex;
		err = set_link(rq, next, i, at);
	}
	return err;
}

int rtnl_new_link(struct nl_request *rq)
{
	const struct nlattr *at[IFLA_MAX + 1], *data;
	const struct ifinfomsg *i = nl_header(rq, sizeof(*i));
	int err = nl_parse(rq, sizeof(*i), rtnl_link_policy, IFLA_MAX, at);
	u16 flags = rq->msg->nlmsg_flags;
	bool veth, named;
	char kind[IFNAMSIZ];
	struct netdev *d;

	if (!err)
		err = rtnl_one_net(rq, at);
	if (err)
		return err;
	if (i->ifi_index < 0)
		return nl_fail(rq, -EINVAL, "ifindex can't be negative");
	named = i->ifi_index || at[IFLA_IFNAME] || at[IFLA_ALT_IFNAME];
	d = rtnl_named_link(rq->net, i, at, &err);
	err = read_kind(rq, at[IFLA_LINKINFO], kind, &data);
	veth = str_equal(kind, "veth");
	if (!err && veth)
		err = check_end(at);
	if (err)
		return err;
	if (d) {
		if (flags & NLM_F_EXCL)
			return -EEXIST;
		return (flags & NLM_F_REPLACE) || data ? -EOPNOTSUPP : set_link(rq, d, i, at);
	}
	if (!(flags & NLM_F_CREATE))
		return named || !at[IFLA_GROUP] ? -ENODEV : set_group(rq, i, at);
	if (at[IFLA_MAP])
		return -EOPNOTSUPP;
	return veth ? make_link(rq, i, at, data) : nl_fail(rq, -EOPNOTSUPP, "Unknown device type");
}

int rtnl_set_link(struct nl_request *rq)
{
	const struct nlattr *at[IFLA_MAX + 1];
	const struct ifinfomsg *i = nl_header(rq, sizeof(*i));
	int err = nl_parse(rq, sizeof(*i), rtnl_link_policy, IFLA_MAX, at);
	struct netdev *d;

	if (!err)
		err = rtnl_one_net(rq, at);
	if (err)
		return err;
	d = rtnl_named_link(rq->net, i, at, &err);
	return d ? set_link(rq, d, i, at) : err;
}

int rtnl_delete_link(struct nl_request *rq)
{
	const struct nlattr *at[IFLA_MAX + 1];
	const struct ifinfomsg *i = nl_header(rq, sizeof(*i));
	int err = nl_parse(rq, sizeof(*i), rtnl_link_policy, IFLA_MAX, at);
	struct netdev *d;
	struct net *net;

	if (!err)
		err = rtnl_other_net(rq, at, &net);
	if (err)
		return err;
	d = rtnl_named_link(net, i, at, &err);
	if (d) {
		err = d->ops->remove ? 0 : -EOPNOTSUPP;
		if (!err)
			d->ops->remove(d);
	}
	net_put(net);
	return err;
}
