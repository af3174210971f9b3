/*
 * Neighbours by rtnetlink(7): RTM_NEWNEIGH, RTM_DELNEIGH, RTM_GETNEIGH, and the news about them.
 */
#include "net/rtnetlink.h"

#include <compiler.h>
#include <uapi/errno.h>

#include "net/neigh.h"

#define NEIGH_ROOM 256 /* bytes of a message about one */

static const struct nl_policy neigh_policy[NDA_MAX + 1] = {
	[NDA_LLADDR] = { .max = 32 },
	[NDA_IFINDEX] = { .min = 4 },
};

static u32 ago(u64 then)
{
	return (u32)((now_mono() - then) / (10 * NSEC_PER_MSEC));
}

static int put_neigh(struct nl_writer *w, struct neighbour *n, u16 type, u16 flags, u32 seq,
		     u32 port)
{
	struct ndmsg *m = nl_begin(w, type, flags, seq, port, sizeof(*m));
	struct nda_cacheinfo ci = { 0 };
	u8 state, mac[8];

	spin_lock(&n->lock);
	state = n->state;
	memcpy(mac, n->lladdr, sizeof(mac));
	ci.ndm_confirmed = ago(n->confirmed);
	ci.ndm_used = ago(n->used);
	ci.ndm_updated = ago(n->updated);
	ci.ndm_refcnt = (u32)max(atomic_read(&n->refs) - 1, 0);
	if (m) {
		m->ndm_family = addr_is_v4(&n->addr) ? AF_INET : AF_INET6;
		m->ndm_ifindex = n->dev->ifindex;
		m->ndm_state = state;
		m->ndm_flags = n->flags;
		m->ndm_type = addr_is_multicast(&n->addr) ? ROUTE_MULTICAST : ROUTE_UNICAST;
	}
	nla_put_addr(w, NDA_DST, &n->addr);
	if (state & NEIGH_VALID)
		nla_put(w, NDA_LLADDR, mac, n->dev->addr_len);
	nla_put_u32(w, NDA_PROBES, n->probes);
	spin_unlock(&n->lock);
	nla_put(w, NDA_CACHEINFO, &ci, sizeof(ci));
	return nl_end(w);
}

static void tell(struct neighbour *n, u16 type, u16 flags)
{
	struct nl_writer w;

	if (!rtnl_news(n->net, RTNLGRP_NEIGH, &w, NEIGH_ROOM))
		return;
	put_neigh(&w, n, type, flags, 0, 0);
	rtnl_tell(n->net, RTNLGRP_NEIGH, &w);
}

void rtnl_neigh_news(struct neighbour *n, bool gone)
{
	tell(n, gone ? RTM_DELNEIGH : RTM_NEWNEIGH, 0);
}

void rtnl_neigh_asked(struct neighbour *n)
{
	tell(n, RTM_GETNEIGH, NLM_F_REQUEST);
}

/* --- asking --- */

struct neigh_dump {
	struct nl_dump *d;
	struct nl_writer *w;
	u64 nr;
};

static int dump_neigh(struct neighbour *n, void *arg)
{
	struct neigh_dump *nd = arg;

	if (nd->nr++ < nd->d->at[1])
		return 0;
	if (!(nd->d->filter[1] && n->dev->ifindex != (int)nd->d->filter[1]) &&
	    put_neigh(nd->w, n, RTM_NEWNEIGH, nd->d->flags, nd->d->seq, nd->d->port))
		return -EMSGSIZE;
	nd->d->at[1]++;
	return 0;
}

/* filter: family, device. at: version, how many done. */
static int dump_neighs_part(struct nl_dump *d, struct nl_writer *w)
{
	struct neigh_dump nd = { .d = d, .w = w };

	for (; d->at[0] < 2; d->at[0]++, d->at[1] = 0) {
		int err;

		if (d->filter[0] && d->filter[0] != (d->at[0] ? AF_INET6 : AF_INET))
			continue;
		nd.nr = 0;
		err = neigh_for_each(d->net, d->at[0], dump_neigh, &nd);
		if (err)
			return err;
	}
	return 0;
}

static int dump_neighs(struct nl_request *rq)
{
	const struct nlattr *at[NDA_MAX + 1] = { 0 };
	const struct ndmsg *m = nl_header(rq, sizeof(*m));
	u32 filter[4] = { *(const u8 *)(rq->msg + 1) };
	int err;

	if (rq->strict && !m)
		return nl_fail(rq, -EINVAL, "Invalid header for neighbor dump request");
	if (m) {
		err = nl_parse(rq, sizeof(*m), neigh_policy, NDA_MAX, at);
		if (err && rq->strict)
			return err;
		filter[1] = nla_u32(at[NDA_IFINDEX]);
		/* Entries that answer for others: there are none. */
		if (m->ndm_flags == NTF_PROXY)
			filter[0] = ~0u;
	}
	return nl_dump_start(rq, dump_neighs_part, filter, NULL);
}

/* The entry a request names; *d its device. NULL: none (or *err). */
static struct neighbour *named(struct nl_request *rq, const struct nlattr **at, bool create,
			       struct netdev **d, int *err)
{
	const struct ndmsg *m = nl_header(rq, sizeof(*m));
	struct in6_addr addr;

	*err = nl_parse(rq, sizeof(*m), neigh_policy, NDA_MAX, at);
	if (*err)
		return NULL;
	*err = -EINVAL;
	if (!at[NDA_DST]) {
		rq->ext.text = "Network address not specified";
		return NULL;
	}
	*d = netdev_by_index(rq->net, m->ndm_ifindex);
	if (!*d) {
		*err = m->ndm_ifindex ? -ENODEV : -EINVAL;
		return NULL;
	}
	if (m->ndm_family != AF_INET && m->ndm_family != AF_INET6) {
		*err = -EAFNOSUPPORT;
		return NULL;
	}
	if (!nla_addr(at[NDA_DST], m->ndm_family, &addr)) {
		rq->ext.text = "Invalid network address";
		return NULL;
	}
	*err = 0;
	return neigh_find(rq->net, *d, &addr, create);
}

static int get_neigh(struct nl_request *rq)
{
	const struct nlattr *at[NDA_MAX + 1];
	struct netdev *d;
	struct nl_writer w;
	int err;
	struct neighbour *n = named(rq, at, false, &d, &err);

	if (err)
		return err;
	if (!n)
		return -ENOENT;
	if (!nl_writer_init(&w, NEIGH_ROOM)) {
		neigh_put(n);
		return -ENOBUFS;
	}
	put_neigh(&w, n, RTM_NEWNEIGH, 0, rq->msg->nlmsg_seq, nl_port(rq));
	neigh_put(n);
	return nl_reply(rq, &w);
}

static int new_neigh(struct nl_request *rq)
{
	const struct nlattr *at[NDA_MAX + 1];
	const struct ndmsg *m = nl_header(rq, sizeof(*m));
	bool create = rq->msg->nlmsg_flags & NLM_F_CREATE;
	struct netdev *d;
	int err;
	struct neighbour *n = named(rq, at, false, &d, &err);
	bool had = n;

	if (!err && at[NDA_LLADDR] && nla_len(at[NDA_LLADDR]) < d->addr_len)
		err = nl_fail(rq, -EINVAL, "Invalid link address");
	if (!err && !had && create && !d->addr_len)
		err = -EINVAL;
	if (!err && !had)
		n = create ? named(rq, at, true, &d, &err) : NULL;
	if (!err && !n)
		err = create ? -ENOBUFS : -ENOENT;
	if (!err && had && (rq->msg->nlmsg_flags & NLM_F_EXCL))
		err = -EEXIST;
	if (!err)
		neigh_update(n, at[NDA_LLADDR] ? nla_data(at[NDA_LLADDR]) : NULL, (u8)m->ndm_state,
			     NEIGH_ADMIN | NEIGH_ROUTER_KNOWN |
				     (m->ndm_flags & NTF_ROUTER ? NEIGH_ISROUTER : 0) |
				     (!had || (rq->msg->nlmsg_flags & NLM_F_REPLACE) ?
					      NEIGH_OVERRIDE :
					      0));
	neigh_put(n);
	return err;
}

static int del_neigh(struct nl_request *rq)
{
	const struct nlattr *at[NDA_MAX + 1];
	struct netdev *d;
	int err;
	struct neighbour *n = named(rq, at, false, &d, &err);

	if (err)
		return err;
	if (!n)
		return -ENOENT;
	neigh_delete(n);
	neigh_put(n);
	return 0;
}

const struct rtnl_handler rtnl_neigh_handlers[] = {
	{ RTM_GETNEIGH, AF_UNSPEC, false, get_neigh, dump_neighs },
	{ RTM_NEWNEIGH, AF_UNSPEC, false, new_neigh, NULL },
	{ RTM_DELNEIGH, AF_UNSPEC, false, del_neigh, NULL },
	{ 0, 0, false, NULL, NULL },
};
