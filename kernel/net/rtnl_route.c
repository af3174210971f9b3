/*
 * Routes by rtnetlink(7): RTM_NEWROUTE, RTM_DELROUTE, RTM_GETROUTE (all, or the one to an
 * address), the news about them; and RTM_GETRULE, since programs ask which tables there are.
 */
#include "net/rtnetlink.h"

#include <compiler.h>
#include <uapi/errno.h>
#include <uapi/if.h>

#include "core/cred.h"
#include "core/task.h"
#include "net/ipv4.h"
#include "net/ipv6_dev.h"
#include "net/route.h"

#define ROUTE_ROOM 512 /* bytes of a message about one */

/* Of the answer to one question: what linux/in_route.h calls RTCF_*. */
#define ANSWER_LOCAL	  0x80000000u
#define ANSWER_BROADCAST  0x10000000u
#define ANSWER_REDIRECTED 0x00040000u
#define ANSWER_MULTICAST  0x20000000u

static const struct nl_policy route_policy[RTA_MAX + 1] = {
	[RTA_OIF] = { .min = 4 },     [RTA_IIF] = { .min = 4 },	 [RTA_PRIORITY] = { .min = 4 },
	[RTA_TABLE] = { .min = 4 },   [RTA_MARK] = { .min = 4 }, [RTA_PREF] = { .min = 1 },
	[RTA_EXPIRES] = { .min = 4 },
};

static void put_metrics(struct nl_writer *w, u32 mtu, u16 advmss, u8 hoplimit, u16 initcwnd)
{
	u32 at;

	if (!mtu && !advmss && !hoplimit && !initcwnd)
		return;
	at = nla_nest(w, RTA_METRICS);
	if (mtu)
		nla_put_u32(w, RTAX_MTU, mtu);
	if (advmss)
		nla_put_u32(w, RTAX_ADVMSS, advmss);
	if (hoplimit)
		nla_put_u32(w, RTAX_HOPLIMIT, hoplimit);
	if (initcwnd)
		nla_put_u32(w, RTAX_INITCWND, initcwnd);
	nla_nest_end(w, at);
}

static u32 next_hop_flags(const struct route_config *c, bool gone)
{
	u32 flags = c->flags & RTNH_F_ONLINK;

	if (gone)
		return flags;
	if (c->dev && !(READ_ONCE(c->dev->flags) & IFF_UP))
		flags |= RTNH_F_DEAD;
	if (c->dev && !READ_ONCE(c->dev->carrier))
		flags |= RTNH_F_LINKDOWN;
	return flags;
}

static void put_v6_extras(struct nl_writer *w, const struct route_config *c)
{
	struct rta_cacheinfo ci = { 0 };
	u64 now = now_mono();

	if (c->expires)
		ci.rta_expires = (s32)(((s64)c->expires - (s64)now) / (s64)(10 * NSEC_PER_MSEC));
	nla_put(w, RTA_CACHEINFO, &ci, sizeof(ci));
	nla_put_u8(w, RTA_PREF, c->pref);
}

static int put_route(struct nl_writer *w, const struct route_config *c, u16 type, u16 flags,
		     u32 seq, u32 port)
{
	bool v4 = addr_is_v4(&c->dst);
	struct rtmsg *m = nl_begin(w, type, flags, seq, port, sizeof(*m));

	if (m) {
		m->rtm_family = v4 ? AF_INET : AF_INET6;
		m->rtm_dst_len = c->prefix_len;
		m->rtm_tos = c->tos;
		m->rtm_table = c->table;
		m->rtm_protocol = c->protocol;
		m->rtm_scope = v4 ? c->scope : (u8)RT_SCOPE_UNIVERSE;
		m->rtm_type = c->type;
		m->rtm_flags = next_hop_flags(c, type == RTM_DELROUTE);
	}
	nla_put_u32(w, RTA_TABLE, c->table);
	if (c->prefix_len)
		nla_put_addr(w, RTA_DST, &c->dst);
	if (v4 && c->metric)
		nla_put_u32(w, RTA_PRIORITY, c->metric);
	put_metrics(w, c->mtu, c->advmss, c->hoplimit, c->initcwnd);
	if (!addr_is_any(&c->prefsrc))
		nla_put_addr(w, RTA_PREFSRC, &c->prefsrc);
	if (!addr_is_any(&c->gateway))
		nla_put_addr(w, RTA_GATEWAY, &c->gateway);
	if (c->dev || !v4) /* what IPv6 refuses, the loopback refuses */
		nla_put_u32(w, RTA_OIF, c->dev ? (u32)c->dev->ifindex : 1);
	if (!v4) {
		nla_put_u32(w, RTA_PRIORITY, c->metric);
		put_v6_extras(w, c);
	}
	return nl_end(w);
}

void rtnl_route_news(struct net *net, const struct route_entry *e, bool gone)
{
	u32 group = addr_is_v4(&e->c.dst) ? RTNLGRP_IPV4_ROUTE : RTNLGRP_IPV6_ROUTE;
	struct nl_writer w;

	if (!rtnl_news(net, group, &w, ROUTE_ROOM))
		return;
	put_route(&w, &e->c, gone ? RTM_DELROUTE : RTM_NEWROUTE, 0, 0, 0);
	rtnl_tell(net, group, &w);
}

/* --- all of them --- */

struct route_dump {
	struct nl_dump *d;
	struct nl_writer *w;
	u8 table;
	u64 nr;
};

enum { FILTER_TABLE, FILTER_OIF, FILTER_BYTES, FILTER_FAMILY };

/* filter: table, device, protocol and type as bytes, family. at: version, table, how many done. */
static int dump_route(const struct route_entry *e, void *arg)
{
	struct route_dump *r = arg;
	const u32 *f = r->d->filter;
	u8 protocol = (u8)f[FILTER_BYTES], type = (u8)(f[FILTER_BYTES] >> 8);

	if (e->c.table != r->table || r->nr++ < r->d->at[2])
		return 0;
	if (!(f[FILTER_OIF] && (!e->c.dev || e->c.dev->ifindex != (int)f[FILTER_OIF])) &&
	    !(protocol && e->c.protocol != protocol) && !(type && e->c.type != type) &&
	    put_route(r->w, &e->c, RTM_NEWROUTE, r->d->flags, r->d->seq, r->d->port))
		return -EMSGSIZE;
	r->d->at[2]++;
	return 0;
}

static int dump_routes_part(struct nl_dump *d, struct nl_writer *w)
{
	static const u8 tables[] = { RT_TABLE_MAIN, RT_TABLE_LOCAL };
	struct route_dump r = { .d = d, .w = w };
	int err;

	for (; d->at[0] < 2; d->at[0]++, d->at[1] = 0) {
		bool v6 = d->at[0];

		if (d->filter[FILTER_FAMILY] &&
		    d->filter[FILTER_FAMILY] != (v6 ? AF_INET6 : AF_INET))
			continue;
		for (; d->at[1] < ARRAY_SIZE(tables); d->at[1]++, d->at[2] = 0) {
			r.table = tables[d->at[1]];
			r.nr = 0;
			if (d->filter[FILTER_TABLE] && d->filter[FILTER_TABLE] != r.table)
				continue;
			err = route_for_each(d->net, v6, dump_route, &r);
			if (err)
				return err;
		}
	}
	return 0;
}

/* --- the one to an address --- */

/* What is known of the path, and for how long still; the MTU, or what the entry says. */
static struct rta_cacheinfo path_info(struct net *net, const struct route *r, u32 *mtu)
{
	const struct route_path *p = route_path(net, &r->dst);
	u64 end = p ? READ_ONCE(p->expires) : 0, now = now_mono();

	/* A redirect from a router that is no more the one that the tables have says nothing. */
	if (end <= now || (!READ_ONCE(p->mtu) && addr_v4(&r->hop) != READ_ONCE(p->via)))
		return (struct rta_cacheinfo){ 0 };
	*mtu = READ_ONCE(p->mtu) ? READ_ONCE(p->mtu) : *mtu;
	return (struct rta_cacheinfo){ .rta_expires = (s32)((end - now) / (10 * NSEC_PER_MSEC)) };
}

/* asked: by whom, and with which source; else it is one of all paths. */
static void put_answer4(struct net *net, struct nl_writer *w, const struct route *r,
			const struct nlattr *src, const struct route_entry *e, bool asked)
{
	struct rtmsg *m = (struct rtmsg *)(w->msg + 1);
	u32 mtu = e ? e->c.mtu : 0;
	struct rta_cacheinfo ci = path_info(net, r, &mtu);

	m->rtm_table = RT_TABLE_MAIN;
	m->rtm_flags = RTM_F_CLONED | (r->dev->flags & IFF_LOOPBACK ? ANSWER_LOCAL : 0) |
		       (r->type == ROUTE_BROADCAST ? ANSWER_BROADCAST | ANSWER_LOCAL : 0) |
		       (r->type == ROUTE_MULTICAST ? ANSWER_MULTICAST : 0) |
		       (e && !addr_equal(&e->c.gateway, &r->hop) && !addr_is_any(&e->c.gateway) ?
				ANSWER_REDIRECTED :
				0);
	nla_put_addr(w, RTA_DST, &r->dst);
	nla_put_u32(w, RTA_TABLE, m->rtm_table);
	if (src)
		nla_put(w, RTA_SRC, nla_data(src), 4);
	nla_put_u32(w, RTA_OIF, (u32)r->dev->ifindex);
	if (asked && (!src || memcmp(nla_data(src), &r->src.s6_addr32[3], 4) != 0))
		nla_put_addr(w, RTA_PREFSRC, &r->src);
	if (!addr_equal(&r->hop, &r->dst))
		nla_put_addr(w, RTA_GATEWAY, &r->hop);
	put_metrics(w, mtu, e ? e->c.advmss : 0, e ? e->c.hoplimit : 0, e ? e->c.initcwnd : 0);
	if (asked)
		nla_put_u32(w, RTA_UID, current->cred->uid);
	nla_put(w, RTA_CACHEINFO, &ci, sizeof(ci));
}

static void put_answer6(struct net *net, struct nl_writer *w, const struct route *r,
			const struct in6_addr *src, const struct route_entry *e)
{
	struct rtmsg *m = (struct rtmsg *)(w->msg + 1);
	u32 mtu = 0;
	struct rta_cacheinfo ci = path_info(net, r, &mtu);

	if (mtu)
		m->rtm_flags = RTM_F_CLONED;
	m->rtm_table = e ? e->c.table : (u8)RT_TABLE_MAIN;
	m->rtm_protocol = e ? e->c.protocol : 0;
	nla_put_addr(w, RTA_DST, &r->dst);
	m->rtm_src_len = 128;
	nla_put(w, RTA_SRC, src, 16);
	nla_put_u32(w, RTA_TABLE, m->rtm_table);
	nla_put_addr(w, RTA_PREFSRC, &r->src);
	if (!addr_equal(&r->hop, &r->dst))
		nla_put_addr(w, RTA_GATEWAY, &r->hop);
	nla_put_u32(w, RTA_OIF, (u32)r->dev->ifindex);
	put_metrics(w, mtu, 0, 0, 0);
	nla_put_u32(w, RTA_PRIORITY, e ? e->c.metric : 0);
	nla_put(w, RTA_CACHEINFO, &ci, sizeof(ci));
	nla_put_u8(w, RTA_PREF, e ? e->c.pref : 0);
}

static int get_route(struct nl_request *rq)
{
	const struct nlattr *at[RTA_MAX + 1];
	const struct rtmsg *ask = nl_header(rq, sizeof(*ask));
	int err = nl_parse(rq, sizeof(*ask), route_policy, RTA_MAX, at);
	struct route_key key = { .dst = addr_from_v4(0) };
	const struct route_entry *e;
	struct nl_writer w;
	struct rtmsg *m;
	struct route r;
	bool v4;

	if (err)
		return err;
	v4 = ask->rtm_family == AF_INET;
	if (!v4)
		key.dst = (struct in6_addr){ 0 };
	key.src = key.dst;
	if ((at[RTA_DST] && !nla_addr(at[RTA_DST], ask->rtm_family, &key.dst)) ||
	    (at[RTA_SRC] && !nla_addr(at[RTA_SRC], ask->rtm_family, &key.src)))
		return -EINVAL;
	key.oif = (int)nla_u32(at[RTA_OIF]);
	key.mark = nla_u32(at[RTA_MARK]);
	key.tos = ask->rtm_tos;
	if (at[RTA_IIF] && nla_u32(at[RTA_IIF]))
		return -EOPNOTSUPP;
	if (key.oif && !netdev_by_index(rq->net, key.oif))
		return -ENODEV;
	err = route_lookup(rq->net, &key, &r);
	if (err)
		return err;
	e = route_match(rq->net, &key.dst, key.oif);
	if (!nl_writer_init(&w, ROUTE_ROOM)) {
		route_put(&r);
		return -ENOBUFS;
	}
	if (e && (ask->rtm_flags & RTM_F_FIB_MATCH)) {
		put_route(&w, &e->c, RTM_NEWROUTE, 0, rq->msg->nlmsg_seq, nl_port(rq));
	} else {
		m = nl_begin(&w, RTM_NEWROUTE, 0, rq->msg->nlmsg_seq, nl_port(rq), sizeof(*m));
		m->rtm_family = ask->rtm_family;
		m->rtm_dst_len = v4 ? 32 : 128;
		m->rtm_src_len = at[RTA_SRC] ? m->rtm_dst_len : 0;
		m->rtm_tos = ask->rtm_tos;
		m->rtm_type = r.type;
		if (v4)
			put_answer4(rq->net, &w, &r, at[RTA_SRC], e, true);
		else
			put_answer6(rq->net, &w, &r, &key.src, e);
		nl_end(&w);
	}
	route_put(&r);
	return nl_reply(rq, &w);
}

/* --- what ICMP said of paths: `ip route show cache` --- */

/* at: version, how many done. */
static int dump_path(const struct route_path *p, void *arg)
{
	struct route_dump *d = arg;
	struct route_key key = { .dst = p->dst };
	const struct route_entry *e;
	struct in6_addr any = { 0 };
	struct rtmsg *m;
	struct route r;
	bool v4 = addr_is_v4(&p->dst);
	int err = 0;

	if (d->nr++ < d->d->at[2])
		return 0;
	key.src = v4 ? addr_from_v4(0) : any;
	if (!route_lookup(d->d->net, &key, &r)) {
		e = route_match(d->d->net, &key.dst, 0);
		m = nl_begin(d->w, RTM_NEWROUTE, d->d->flags, d->d->seq, d->d->port, sizeof(*m));
		if (m) {
			m->rtm_family = v4 ? AF_INET : AF_INET6;
			m->rtm_dst_len = v4 ? 32 : 128;
			m->rtm_type = r.type;
			if (v4)
				put_answer4(d->d->net, d->w, &r, NULL, e, false);
			else
				put_answer6(d->d->net, d->w, &r, &r.src, e);
		}
		err = nl_end(d->w);
		route_put(&r);
	}
	d->d->at[2] += !err;
	return err;
}

static int dump_paths_part(struct nl_dump *d, struct nl_writer *w)
{
	for (; d->at[0] < 2; d->at[0]++, d->at[2] = 0) {
		struct route_dump r = { .d = d, .w = w };
		int err;

		if (d->filter[FILTER_FAMILY] &&
		    d->filter[FILTER_FAMILY] != (d->at[0] ? AF_INET6 : AF_INET))
			continue;
		err = route_path_for_each(d->net, d->at[0], dump_path, &r);
		if (err)
			return err;
	}
	return 0;
}

static int dump_routes(struct nl_request *rq)
{
	const struct rtmsg *m = nl_header(rq, sizeof(*m));
	const struct nlattr *at[RTA_MAX + 1] = { 0 };
	u8 family = *(const u8 *)(rq->msg + 1);
	u32 filter[4] = { [FILTER_FAMILY] = family };
	int err;

	if (family != AF_INET && family != AF_INET6)
		filter[FILTER_FAMILY] = AF_UNSPEC;
	if (rq->strict && !m)
		return nl_fail(rq, -EINVAL, "Invalid header for FIB dump request");
	if (rq->strict && (m->rtm_dst_len || m->rtm_src_len || m->rtm_tos || m->rtm_scope))
		return nl_fail(rq, -EINVAL, "Invalid values in header for FIB dump request");
	if (rq->strict) {
		err = nl_parse(rq, sizeof(*m), route_policy, RTA_MAX, at);
		for (unsigned i = 0; !err && i <= RTA_MAX; i++)
			if (at[i] && i != RTA_TABLE && i != RTA_OIF)
				err = nl_fail(rq, -EINVAL, "Unsupported attribute in dump request");
		if (err)
			return err;
		filter[FILTER_TABLE] = nla_u32(at[RTA_TABLE]);
		filter[FILTER_OIF] = nla_u32(at[RTA_OIF]);
		filter[FILTER_BYTES] = m->rtm_protocol | (u32)m->rtm_type << 8;
		if (filter[FILTER_OIF] && !netdev_by_index(rq->net, (int)filter[FILTER_OIF]))
			return -ENODEV;
		if (filter[FILTER_TABLE] && filter[FILTER_TABLE] != RT_TABLE_MAIN &&
		    filter[FILTER_TABLE] != RT_TABLE_LOCAL)
			return nl_fail(rq, -ENOENT,
				       family == AF_INET6 ? "FIB table does not exist" :
							    "ipv4: FIB table does not exist");
	}
	return nl_dump_start(
		rq, m && (m->rtm_flags & RTM_F_CLONED) ? dump_paths_part : dump_routes_part, filter,
		NULL);
}

/* --- changing --- */

static int read_metrics(struct nl_request *rq, const struct nlattr *nest, struct route_config *c)
{
	const struct nlattr *at[RTAX_MAX + 1];
	int err = nl_parse_nested(rq, nest, NULL, RTAX_MAX, at);

	if (err)
		return err;
	c->mtu = nla_u32(at[RTAX_MTU]);
	c->advmss = (u16)nla_u32(at[RTAX_ADVMSS]);
	c->initcwnd = (u16)min(nla_u32(at[RTAX_INITCWND]), 65535U);
	if (nla_u32(at[RTAX_HOPLIMIT]) > 255)
		return -EINVAL;
	c->hoplimit = (u8)nla_u32(at[RTAX_HOPLIMIT]);
	return 0;
}

static int read_addrs(struct nl_request *rq, u8 family, const struct nlattr **at,
		      struct route_config *c)
{
	struct in6_addr any = family == AF_INET ? addr_from_v4(0) : (struct in6_addr){ 0 };
	unsigned bits = (family == AF_INET ? 96u : 0u) + c->prefix_len;

	c->dst = c->gateway = c->prefsrc = any;
	if ((at[RTA_DST] && !nla_addr(at[RTA_DST], family, &c->dst)) ||
	    (at[RTA_GATEWAY] && !nla_addr(at[RTA_GATEWAY], family, &c->gateway)) ||
	    (at[RTA_PREFSRC] && !nla_addr(at[RTA_PREFSRC], family, &c->prefsrc)))
		return -EINVAL;
	for (unsigned i = bits; i < 128; i++) {
		u8 bit = (u8)(0x80 >> (i % 8));

		if (!(c->dst.s6_addr[i / 8] & bit))
			continue;
		if (family == AF_INET)
			return nl_fail(rq, -EINVAL, "ipv4: Invalid prefix for given prefix length");
		c->dst.s6_addr[i / 8] &= (u8)~bit;
	}
	return 0;
}

static int read_route(struct nl_request *rq, struct route_config *c)
{
	const struct nlattr *at[RTA_MAX + 1];
	const struct rtmsg *m = nl_header(rq, sizeof(*m));
	int err = nl_parse(rq, sizeof(*m), route_policy, RTA_MAX, at);
	u32 table;

	if (err)
		return err;
	if (m->rtm_dst_len > (m->rtm_family == AF_INET ? 32 : 128))
		return nl_fail(rq, -EINVAL, "Invalid prefix length");
	if (m->rtm_src_len)
		return nl_fail(rq, -EINVAL, "Can not specify source address");
	if (m->rtm_type > RTN_MAX || m->rtm_type >= RTN_THROW)
		return nl_fail(rq, -EINVAL, "Invalid route type");
	if (at[RTA_MULTIPATH] || at[RTA_NH_ID] || at[RTA_VIA])
		return nl_fail(rq, -EOPNOTSUPP, "One next hop of the same version only");
	*c = (struct route_config){ .prefix_len = m->rtm_dst_len,
				    .type = m->rtm_type,
				    .scope = m->rtm_scope,
				    .protocol = m->rtm_protocol,
				    .tos = m->rtm_family == AF_INET ? m->rtm_tos : 0,
				    .flags = m->rtm_flags & RTNH_F_ONLINK };
	table = at[RTA_TABLE] ? nla_u32(at[RTA_TABLE]) : m->rtm_table;
	if (!table)
		table = RT_TABLE_MAIN;
	if (table != RT_TABLE_MAIN && table != RT_TABLE_LOCAL)
		return nl_fail(rq, -EOPNOTSUPP, "There are the tables main and local");
	c->table = (u8)table;
	c->metric = nla_u32(at[RTA_PRIORITY]);
	if (at[RTA_PREF])
		c->pref = *(const u8 *)nla_data(at[RTA_PREF]);
	if (at[RTA_EXPIRES])
		c->expires = now_mono() + nla_u32(at[RTA_EXPIRES]) * NSEC_PER_SEC;
	err = read_addrs(rq, m->rtm_family, at, c);
	if (!err && at[RTA_METRICS])
		err = read_metrics(rq, at[RTA_METRICS], c);
	if (!err && at[RTA_OIF]) {
		c->dev = netdev_by_index(rq->net, (int)nla_u32(at[RTA_OIF]));
		if (!c->dev)
			return nl_fail(rq, -ENODEV, "Device not found");
	}
	return err;
}

static int change_route(struct nl_request *rq)
{
	u16 nlf = rq->msg->nlmsg_flags;
	struct route_config c;
	unsigned flags = 0;
	int err = read_route(rq, &c);

	if (err)
		return err;
	if (rq->msg->nlmsg_type == RTM_DELROUTE) {
		err = route_del(rq->net, &c);
		return err;
	}
	if (!c.type)
		c.type = ROUTE_UNICAST;
	if (!addr_is_v4(&c.dst) && !c.metric)
		c.metric = 1024; /* of IPv6 on Linux */
	flags |= nlf & NLM_F_CREATE ? ROUTE_CREATE : 0;
	flags |= nlf & NLM_F_EXCL ? ROUTE_EXCL : 0;
	flags |= nlf & NLM_F_REPLACE ? ROUTE_REPLACE : 0;
	flags |= nlf & NLM_F_APPEND ? ROUTE_APPEND : 0;
	err = route_add(rq->net, &c, flags);
	switch (err) {
	case -ENETUNREACH:
		return nl_fail(rq, err, "Nexthop has invalid gateway");
	case -ENETDOWN:
		return nl_fail(rq, err, "Device for nexthop is not up");
	case -ENODEV:
		return nl_fail(rq, err, "No device for nexthop");
	default:
		return err;
	}
}

/* --- rules: those that always are --- */

static int put_rule(struct nl_writer *w, const struct nl_dump *d, u8 family, u32 priority, u8 table)
{
	struct fib_rule_hdr *h = nl_begin(w, RTM_NEWRULE, d->flags, d->seq, d->port, sizeof(*h));

	if (h)
		*h = (struct fib_rule_hdr){ .family = family,
					    .table = table,
					    .action = FR_ACT_TO_TBL };
	nla_put_u32(w, FRA_TABLE, table);
	nla_put_u32(w, FRA_SUPPRESS_PREFIXLEN, ~0u);
	nla_put_u8(w, FRA_PROTOCOL, RTPROT_KERNEL);
	if (priority)
		nla_put_u32(w, FRA_PRIORITY, priority);
	return nl_end(w);
}

static int dump_rules_part(struct nl_dump *d, struct nl_writer *w)
{
	static const struct {
		u8 family, table;
		u16 priority;
	} rules[] = {
		{ AF_INET, RT_TABLE_LOCAL, 0 },	      { AF_INET, RT_TABLE_MAIN, 32766 },
		{ AF_INET, RT_TABLE_DEFAULT, 32767 }, { AF_INET6, RT_TABLE_LOCAL, 0 },
		{ AF_INET6, RT_TABLE_MAIN, 32766 },
	};

	for (; d->at[0] < ARRAY_SIZE(rules); d->at[0]++) {
		u64 i = d->at[0];

		if ((!d->filter[0] || d->filter[0] == rules[i].family) &&
		    put_rule(w, d, rules[i].family, rules[i].priority, rules[i].table))
			return -EMSGSIZE;
	}
	return 0;
}

static int dump_rules(struct nl_request *rq)
{
	u32 filter[4] = { *(const u8 *)(rq->msg + 1) };

	if (filter[0] && filter[0] != AF_INET && filter[0] != AF_INET6)
		return -EAFNOSUPPORT;
	return nl_dump_start(rq, dump_rules_part, filter, NULL);
}

const struct rtnl_handler rtnl_route_handlers[] = {
	{ RTM_GETROUTE, AF_UNSPEC, false, NULL, dump_routes },
	{ RTM_GETROUTE, RTNL_FAMILY_IPMR, false, NULL, rtnl_dump_nothing }, /* of multicast */
	{ RTM_GETROUTE, RTNL_FAMILY_IP6MR, false, NULL, rtnl_dump_nothing },
	{ RTM_GETROUTE, AF_INET, false, get_route, NULL },
	{ RTM_GETROUTE, AF_INET6, false, get_route, NULL },
	{ RTM_NEWROUTE, AF_INET, false, change_route, NULL },
	{ RTM_DELROUTE, AF_INET, false, change_route, NULL },
	{ RTM_NEWROUTE, AF_INET6, false, change_route, NULL },
	{ RTM_DELROUTE, AF_INET6, false, change_route, NULL },
	{ RTM_GETRULE, AF_UNSPEC, false, NULL, dump_rules },
	{ 0, 0, false, NULL, NULL },
};
