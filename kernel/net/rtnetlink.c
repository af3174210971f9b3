/*
 * rtnetlink(7): which message is whose, and who may send it.
 */
#include "net/rtnetlink.h"

#include <compiler.h>
#include <uapi/errno.h>
#include <uapi/if.h>
#include <uapi/prctl.h>

#include "core/cred.h"

static const struct rtnl_handler *const tables[] = {
	rtnl_link_handlers,  rtnl_addr_handlers,  rtnl_route_handlers,
	rtnl_neigh_handlers, rtnl_netns_handlers,
};

static int write_nothing(struct nl_dump *d __unused, struct nl_writer *w __unused)
{
	return 0;
}

int rtnl_dump_nothing(struct nl_request *rq)
{
	static const u32 filter[4];

	return nl_dump_start(rq, write_nothing, filter, NULL);
}

enum rtnl_kind { KIND_NEW, KIND_DEL, KIND_GET, KIND_SET }; /* the low bits of a type */

static const struct rtnl_handler *find(u16 type, u8 family, bool dump)
{
	for (size_t i = 0; i < ARRAY_SIZE(tables); i++)
		for (const struct rtnl_handler *h = tables[i]; h->type; h++)
			if (h->type == type && h->family == family && (dump ? h->dump : h->act))
				return h;
	return NULL;
}

static int rtnetlink_request(struct nl_request *rq)
{
	u16 type = rq->msg->nlmsg_type, flags = rq->msg->nlmsg_flags;
	enum rtnl_kind kind = (enum rtnl_kind)(type & 3);
	const struct rtgenmsg *gen = nl_header(rq, sizeof(*gen));
	const struct rtnl_handler *h;
	bool dump;
	int err;

	if (type > RTM_MAX)
		return -EOPNOTSUPP;
	if (!gen)
		return 0;
	if (kind != KIND_GET && !nl_capable(rq, CAP_NET_ADMIN))
		return -EPERM;
	dump = kind == KIND_GET && (flags & NLM_F_DUMP);
	h = find(type, gen->rtgen_family, dump);
	if (!h)
		h = find(type, AF_UNSPEC, dump);
	if (!h)
		return -EOPNOTSUPP;
	if (dump) {
		err = h->dump(rq);
		return err < 0 ? nl_dump_fail(rq, err) : err;
	}
	if (h->links) {
		netdev_links_lock();
		err = h->act(rq);
		netdev_links_unlock();
		return err;
	}
	mutex_lock(&rq->net->mutex);
	nl_set_asking(rq->net, rq);
	err = h->act(rq);
	nl_set_asking(rq->net, NULL);
	mutex_unlock(&rq->net->mutex);
	return err;
}

/* The request that news of a group are the answer to: an address's, a route's; not what follows. */
static struct nl_request *asked(struct net *net, u32 group)
{
	struct nl_request *rq = nl_asked(net);

	if (!rq)
		return NULL;
	switch (rq->msg->nlmsg_type) {
	case RTM_NEWADDR:
	case RTM_DELADDR:
		return group == RTNLGRP_IPV4_IFADDR ? rq : NULL;
	case RTM_NEWROUTE:
	case RTM_DELROUTE:
		return group == RTNLGRP_IPV4_ROUTE || group == RTNLGRP_IPV6_ROUTE ? rq : NULL;
	default:
		return NULL;
	}
}

bool rtnl_news(struct net *net, u32 group, struct nl_writer *w, u32 room)
{
	const struct nl_request *rq = asked(net, group);

	return ((rq && (rq->msg->nlmsg_flags & NLM_F_ECHO)) ||
		nl_listened(net, NETLINK_ROUTE, group)) &&
	       nl_writer_init(w, room);
}

void rtnl_tell(struct net *net, u32 group, struct nl_writer *w)
{
	struct nl_request *rq = asked(net, group);

	if (rq)
		nl_notify_asked(rq, group, w);
	else
		nl_notify(net, NETLINK_ROUTE, group, w);
}

static void link_event(struct netdev *d, enum netdev_event e)
{
	if (e == NETDEV_REGISTERED)
		uevent_netdev(d, "add");
	else if (e == NETDEV_GONE)
		uevent_netdev(d, "remove");
	rtnl_link_news(d, e == NETDEV_GONE ? RTM_DELLINK : RTM_NEWLINK,
		       e == NETDEV_REGISTERED || e == NETDEV_GONE ? ~0u :
		       e == NETDEV_UP || e == NETDEV_DOWN	  ? IFF_UP :
								    0);
}

const struct net_news rtnetlink_news = {
	.link = link_event,
	.addr4 = rtnl_addr4_news,
	.addr6 = rtnl_addr6_news,
	.route = rtnl_route_news,
	.neigh = rtnl_neigh_news,
	.neigh_asked = rtnl_neigh_asked,
};

const struct nl_protocol rtnetlink_protocol = {
	.number = NETLINK_ROUTE,
	.groups = RTNLGRP_MAX,
	.anybody_listens = true,
	.request = rtnetlink_request,
};
