/*
 * Networks in rtnetlink(7): which one a request is about, and the numbers by which they name each other
 * (RTM_NEWNSID, RTM_GETNSID; net/netid.h).
 */
#include "net/rtnetlink.h"

#include <compiler.h>
#include <err.h>
#include <uapi/errno.h>
#include <uapi/prctl.h>

#include "net/netid.h"

#define NSID_ROOM 64 /* bytes of a message about one */

/* --- which network --- */

int rtnl_one_net(struct nl_request *rq, const struct nlattr **at)
{
	if (!!at[IFLA_NET_NS_PID] + !!at[IFLA_NET_NS_FD] + !!at[IFLA_TARGET_NETNSID] > 1)
		return nl_fail(rq, -EINVAL, "multiple netns identifying attributes specified");
	return 0;
}

struct net *rtnl_net_by_id(struct nl_request *rq, int id)
{
	struct net *net = net_by_id_get(rq->net, id);

	if (!net)
		return ERR_PTR(-EINVAL);
	if (nl_capable_in(rq, net, CAP_NET_ADMIN))
		return net;
	net_put(net);
	return ERR_PTR(-EPERM);
}

int rtnl_link_net(struct nl_request *rq, const struct nlattr **at, struct net **net)
{
	int err = rtnl_one_net(rq, at);
	struct net *n;

	if (err)
		return err;
	if (at[IFLA_NET_NS_PID])
		n = net_by_pid_get((int)nla_u32(at[IFLA_NET_NS_PID]));
	else if (at[IFLA_NET_NS_FD])
		n = net_by_fd_get((int)nla_u32(at[IFLA_NET_NS_FD]));
	else if (at[IFLA_TARGET_NETNSID])
		n = rtnl_net_by_id(rq, (int)nla_u32(at[IFLA_TARGET_NETNSID]));
	else
		n = net_get(rq->net);
	if (IS_ERR(n))
		return (int)PTR_ERR(n);
	if (!nl_capable_in(rq, n, CAP_NET_ADMIN)) {
		net_put(n);
		return -EPERM;
	}
	*net = n;
	return 0;
}

int rtnl_other_net(struct nl_request *rq, const struct nlattr **at, struct net **net)
{
	int err = rtnl_one_net(rq, at);
	struct net *n;

	if (err)
		return err;
	if (at[IFLA_NET_NS_PID] || at[IFLA_NET_NS_FD])
		return nl_fail(rq, -EOPNOTSUPP, "specified netns attribute not supported");
	n = at[IFLA_TARGET_NETNSID] ? rtnl_net_by_id(rq, (int)nla_u32(at[IFLA_TARGET_NETNSID])) :
				      net_get(rq->net);
	if (IS_ERR(n))
		return (int)PTR_ERR(n);
	*net = n;
	return 0;
}

/* --- numbers --- */

static const struct nl_policy nsid_policy[] = {
	[NETNSA_NSID] = { .min = 4 },	      [NETNSA_PID] = { .min = 4 },
	[NETNSA_FD] = { .min = 4 },	      [NETNSA_TARGET_NSID] = { .min = 4 },
	[NETNSA_CURRENT_NSID] = { .min = 0 },
};

static int put_id(struct nl_writer *w, u16 type, u16 flags, u32 seq, u32 port, int id,
		  const int *here)
{
	nl_begin(w, type, flags, seq, port, sizeof(struct rtgenmsg));
	nla_put_u32(w, NETNSA_NSID, (u32)id);
	if (here)
		nla_put_u32(w, NETNSA_CURRENT_NSID, (u32)*here);
	return nl_end(w);
}

void rtnl_netid_news(struct net *net, u16 type, int id, const struct nl_request *rq)
{
	struct nl_writer w;

	if (!nl_listened(net, NETLINK_ROUTE, RTNLGRP_NSID) || !nl_writer_init(&w, NSID_ROOM))
		return;
	put_id(&w, type, 0, rq ? rq->msg->nlmsg_seq : 0, rq ? nl_port(rq) : 0, id, NULL);
	nl_notify(net, NETLINK_ROUTE, RTNLGRP_NSID, &w);
}

/* Whom a request is about, referenced, by process or file. NULL: it does not say. */
static struct net *peer_of(const struct nlattr **at, const struct nlattr **by)
{
	*by = at[NETNSA_PID] ? at[NETNSA_PID] : at[NETNSA_FD];
	if (at[NETNSA_PID])
		return net_by_pid_get((int)nla_u32(at[NETNSA_PID]));
	return at[NETNSA_FD] ? net_by_fd_get((int)nla_u32(at[NETNSA_FD])) : NULL;
}

static int bad(struct nl_request *rq, int err, const struct nlattr *at, const char *text)
{
	rq->ext.attr = at;
	return nl_fail(rq, err, text);
}

static int new_id(struct nl_request *rq)
{
	const struct nlattr *at[NETNSA_CURRENT_NSID + 1], *by;
	int err = nl_parse(rq, sizeof(struct rtgenmsg), nsid_policy, NETNSA_CURRENT_NSID, at), id;
	struct net *peer;

	if (err)
		return err;
	if (!at[NETNSA_NSID])
		return nl_fail(rq, -EINVAL, "nsid is missing");
	peer = peer_of(at, &by);
	if (!peer)
		return nl_fail(rq, -EINVAL, "Peer netns reference is missing");
	if (IS_ERR(peer))
		return bad(rq, (int)PTR_ERR(peer), by, "Peer netns reference is invalid");
	id = max((int)nla_u32(at[NETNSA_NSID]), NET_ID_ANY);
	err = net_id_add(rq->net, peer, id);
	if (err == -EEXIST)
		bad(rq, err, by, "Peer netns already has a nsid assigned");
	else if (err == -ENOSPC)
		err = bad(rq, -EEXIST, at[NETNSA_NSID], "The specified nsid is already used");
	else if (err >= 0)
		rtnl_netid_news(rq->net, RTM_NEWNSID, err, rq);
	net_put(peer);
	return min(err, 0);
}

static int get_id(struct nl_request *rq)
{
	const struct nlattr *at[NETNSA_CURRENT_NSID + 1], *by;
	int err = nl_parse(rq, sizeof(struct rtgenmsg), nsid_policy, NETNSA_CURRENT_NSID, at), here;
	struct net *peer, *in = NULL;
	struct nl_writer w;

	if (err)
		return err;
	if (rq->strict && at[NETNSA_CURRENT_NSID])
		return bad(rq, -EINVAL, at[NETNSA_CURRENT_NSID],
			   "Unsupported attribute in peer netns getid request");
	peer = peer_of(at, &by);
	if (!peer && at[NETNSA_NSID]) {
		by = at[NETNSA_NSID];
		peer = net_by_id_get(rq->net, (int)nla_u32(by));
		if (!peer)
			peer = ERR_PTR(-ENOENT);
	}
	if (!peer)
		return nl_fail(rq, -EINVAL, "Peer netns reference is missing");
	if (IS_ERR(peer))
		return bad(rq, (int)PTR_ERR(peer), by, "Peer netns reference is invalid");
	by = at[NETNSA_TARGET_NSID];
	in = by ? rtnl_net_by_id(rq, (int)nla_u32(by)) : net_get(rq->net);
	if (IS_ERR(in)) {
		err = bad(rq, (int)PTR_ERR(in), by, "Target netns reference is invalid");
		goto out_put;
	}
	here = net_id_find(rq->net, peer);
	if (nl_writer_init(&w, NSID_ROOM)) {
		put_id(&w, RTM_NEWNSID, 0, rq->msg->nlmsg_seq, nl_port(rq), net_id_find(in, peer),
		       by ? &here : NULL);
		err = nl_reply(rq, &w);
	} else {
		err = -ENOBUFS;
	}
	net_put(in);
out_put:
	net_put(peer);
	return err;
}

struct net *rtnl_dump_net(const struct nl_dump *d, u32 number)
{
	return number ? net_by_id_get(d->net, (int)number - 1) : net_get(d->net);
}

/* at[0]: the number to go on with. filter[0]: the network that was meant, by its number plus 1. */
static int dump_ids_part(struct nl_dump *d, struct nl_writer *w)
{
	struct net *in = rtnl_dump_net(d, d->filter[0]);
	struct net *of = NULL;
	int id, here, err = 0;

	if (!in)
		return 0; /* it has ended */
	while (!err && (id = net_id_next(in, (int)d->at[0], &of)) >= 0) {
		here = net_id_find(d->net, of);
		err = put_id(w, RTM_NEWNSID, d->flags, d->seq, d->port, id,
			     d->filter[0] ? &here : NULL);
		if (!err)
			d->at[0] = (u64)id + 1;
	}
	net_put(in);
	return err;
}

static int dump_ids(struct nl_request *rq)
{
	const struct nlattr *at[NETNSA_CURRENT_NSID + 1];
	int err = nl_parse(rq, sizeof(struct rtgenmsg), nsid_policy, NETNSA_CURRENT_NSID, at);
	u32 filter[4] = { 0 };
	struct net *in;

	if (err)
		return err;
	for (unsigned i = 1; rq->strict && i <= NETNSA_CURRENT_NSID; i++)
		if (at[i] && i != NETNSA_TARGET_NSID)
			return bad(rq, -EINVAL, at[i],
				   "Unsupported attribute in peer netns dump request");
	if (at[NETNSA_TARGET_NSID]) {
		in = rtnl_net_by_id(rq, (int)nla_u32(at[NETNSA_TARGET_NSID]));
		if (IS_ERR(in))
			return bad(rq, (int)PTR_ERR(in), at[NETNSA_TARGET_NSID],
				   "Invalid target network namespace id");
		net_put(in);
		filter[0] = nla_u32(at[NETNSA_TARGET_NSID]) + 1;
	}
	return nl_dump_start(rq, dump_ids_part, filter, NULL);
}

const struct rtnl_handler rtnl_netns_handlers[] = {
	{ RTM_NEWNSID, AF_UNSPEC, true, new_id, NULL },
	{ RTM_GETNSID, AF_UNSPEC, true, get_id, dump_ids },
	{ 0, 0, false, NULL, NULL },
};
