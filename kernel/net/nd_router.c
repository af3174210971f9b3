/*
 * What routers say: RFC 4861 6.3.4, advertisements with default routers, prefixes, MTU; RFC 4862
 * 5.5, addresses made from prefixes; RFC 4191, preferences and routes; RFC 4861 8, redirects.
 *
 * Network context puts them into a queue; a work item, which may sleep, does what they say. It also
 * ends tests and lifetimes.
 */
#include "net/ipv6_dev.h"

#include <byteorder.h>
#include <compiler.h>
#include <uapi/rtnetlink.h>

#include "net/neigh.h"
#include "net/route.h"
#include "net/wire/eth.h"
#include "net/wire/ipv6.h"

#define QUEUE_MOST    64 /* advertisements that wait; more are dropped */
#define TWO_HOURS     7200u
#define RA_METRIC     1024u
#define PREFIX_ONLINK 0x80
#define PREFIX_AUTO   0x40

void nd_queue_advert(struct net *net, struct packet *p)
{
	struct ip6_net *n6 = net->ip6;
	bool room;

	spin_lock(&n6->nd_lock);
	room = n6->nd_queued < QUEUE_MOST;
	if (room) {
		list_add_tail(&p->link, &n6->nd_queue);
		n6->nd_queued++;
	}
	spin_unlock(&n6->nd_lock);
	if (room)
		work_queue(&n6->nd_work);
	else
		packet_free(p);
}

void nd_kick_work(struct net *net)
{
	work_queue(&net->ip6->nd_work);
}

/* accept_ra_min_lft: what holds for less is not heeded (an end is). */
static bool too_short(const struct ip6_dev *i, u32 lifetime)
{
	return lifetime && lifetime < (u32)max(READ_ONCE(i->conf.accept_ra_min_lft), 0);
}

static u64 expiry(u32 seconds)
{
	return seconds == ~0u ? 0 : now_mono() + seconds * NSEC_PER_SEC;
}

/* --- routers and routes --- */

static void route(struct netdev *d, const struct in6_addr *dst, u8 bits,
		  const struct in6_addr *gateway, u32 lifetime, u8 pref, u32 metric, u8 hop_limit)
{
	struct route_config c = {
		.dst = *dst,
		.prefix_len = bits,
		.table = ROUTE_TABLE_MAIN,
		.type = ROUTE_UNICAST,
		.protocol = gateway ? RTPROT_RA : RTPROT_KERNEL,
		.metric = metric,
		.pref = pref,
		.hoplimit = hop_limit,
		.dev = d,
		.expires = expiry(lifetime),
	};

	if (gateway)
		c.gateway = *gateway;
	c.pref = 0; /* whatever it was */
	route_del(d->net, &c);
	c.pref = pref;
	if (lifetime)
		route_add(d->net, &c, ROUTE_CREATE | ROUTE_APPEND);
}

/* RFC 4191 2.1: 01 high, 00 medium, 11 low; 10 is to be taken for medium. */
static u8 preference(u8 flags)
{
	u8 p = flags >> 3 & 3;

	return p == 2 ? 0 : p;
}

/* --- prefixes: RFC 4862 5.5.3 --- */

/* The address that was made of a prefix before. */
static struct ip6_addr *auto_of(struct ip6_dev *i, const u8 *prefix)
{
	struct ip6_addr *a;

	list_for_each_entry(a, &i->addrs, link)
		if (a->autoconf && !memcmp(&a->addr, prefix, 8) && !(a->flags & IFA_F_DADFAILED))
			return a;
	return NULL;
}

static int count_addresses(const struct ip6_dev *i)
{
	struct ip6_addr *a;
	int n = 0;

	list_for_each_entry(a, &i->addrs, link)
		n++;
	return n;
}

static void auto_address(struct ip6_dev *i, const struct nd_opt_prefix *o, u32 valid, u32 preferred)
{
	struct ip6_addr_config c = { .prefix_len = o->prefix_len,
				     .proto = IFAPROT_KERNEL_RA,
				     .flags = IFA_F_MANAGETEMPADDR,
				     .valid = valid,
				     .preferred = preferred,
				     .autoconf = true,
				     .no_route = true };
	struct ip6_addr *a;
	u32 left;

	if (o->prefix_len != 64 || preferred > valid)
		return;
	memcpy(&c.addr, o->prefix, 8);
	a = auto_of(i, o->prefix);
	if (!a) {
		if (valid &&
		    (!i->conf.max_addresses || count_addresses(i) < i->conf.max_addresses) &&
		    ip6_gen_address(i, &c.addr, 0, &c.flags) && !ip6_addr_add(i->dev, &c)) {
			a = ip6_addr_find(i->dev->net, &c.addr, i->dev->ifindex);
			ip6_temp_manage(a, true);
		}
		return;
	}
	c.addr = a->addr;
	/* e): nobody can take an address away at once. */
	left = a->valid;
	if (left != ~0u) {
		u64 gone = (now_mono() - a->updated) / NSEC_PER_SEC;

		left = gone < left ? left - (u32)gone : 0;
	}
	if (!i->conf.ra_honor_pio_life && valid <= TWO_HOURS && valid <= left)
		c.valid = min(left, TWO_HOURS);
	c.preferred = min(preferred, c.valid);
	ip6_addr_change(i->dev, &c);
	ip6_temp_manage(a, false);
}

static void prefix(struct ip6_dev *i, const struct nd_opt_prefix *o)
{
	u32 valid = be32_to_cpu(o->valid), preferred = be32_to_cpu(o->preferred);
	struct in6_addr p;

	memcpy(&p, o->prefix, 16);
	if (o->prefix_len > 128 || ip6_link_scope(&p) || addr_is_multicast(&p) ||
	    too_short(i, valid))
		return;
	for (unsigned b = o->prefix_len; b < 128; b++)
		p.s6_addr[b / 8] &= (u8) ~(0x80 >> (b % 8));
	if (o->flags & PREFIX_ONLINK)
		route(i->dev, &p, o->prefix_len, NULL, valid, 0, 256, 0);
	if ((o->flags & PREFIX_AUTO) && i->conf.autoconf)
		auto_address(i, o, valid, preferred);
}

/* --- an advertisement --- */

static void options(struct ip6_dev *i, const struct packet *p, const struct in6_addr *router,
		    bool from_router)
{
	const u8 *at = p->data + sizeof(struct nd_router_advert), *end = p->data + p->len;
	struct in6_addr to = { 0 };

	for (; end - at >= 8; at += at[1] * 8) {
		if (!at[1] || end - at < at[1] * 8)
			return;
		if (at[0] == ND_OPT_PREFIX && at[1] == 4 && i->conf.accept_ra_pinfo) {
			prefix(i, (const struct nd_opt_prefix *)at);
		} else if (at[0] == ND_OPT_MTU && at[1] == 1 && i->conf.accept_ra_mtu) {
			u32 mtu = get_be32(at + 4);

			if (mtu >= IPV6_MIN_MTU && mtu <= i->dev->mtu) {
				WRITE_ONCE(i->ra_mtu, mtu);
				WRITE_ONCE(i->conf.mtu, (int)mtu);
			}
		} else if (at[0] == ND_OPT_ROUTE && at[1] <= 3 && at[2] <= 128 &&
			   at[2] <= (at[1] - 1) * 64 && i->conf.accept_ra_rtr_pref &&
			   at[2] >= i->conf.accept_ra_rt_info_min_plen &&
			   at[2] <= i->conf.accept_ra_rt_info_max_plen && from_router &&
			   !too_short(i, get_be32(at + 4))) {
			to = (struct in6_addr){ 0 };
			memcpy(&to, at + 8, (size_t)(at[1] - 1) * 8);
			route(i->dev, &to, at[2], router, get_be32(at + 4), preference(at[3]),
			      RA_METRIC, 0);
		}
	}
}

static const u8 *mac_option(const struct packet *p, u32 from, u8 type)
{
	const u8 *at = p->data + from, *end = p->data + p->len;

	for (; end - at >= 8 && at[1] && end - at >= at[1] * 8; at += at[1] * 8)
		if (at[0] == type)
			return at + 2;
	return NULL;
}

static void learn_router(struct netdev *d, const struct in6_addr *addr, const u8 *mac, bool router)
{
	struct neighbour *n = mac ? neigh_find(d->net, d, addr, true) : NULL;

	if (!n)
		return;
	neigh_update(n, mac, NEIGH_STALE,
		     NEIGH_OVERRIDE | NEIGH_WEAK |
			     (router ? NEIGH_ROUTER_KNOWN | NEIGH_ISROUTER : 0));
	neigh_put(n);
}

static void advert(struct ip6_dev *i, const struct packet *p)
{
	const struct nd_router_advert *ra = (const void *)p->data;
	const struct in6_addr router = ip_received((struct packet *)p)->src;
	const struct ip6_conf *c = &i->conf;
	struct neigh_params *np = &i->neigh;
	u16 lifetime = be16_to_cpu(ra->lifetime);
	bool from_router;

	if (!c->accept_ra || (c->forwarding && c->accept_ra < 2))
		return;
	spin_lock(&i->lock);
	i->rs_next = 0; /* 6.3.7: enough asked */
	spin_unlock(&i->lock);
	learn_router(i->dev, &router, mac_option(p, sizeof(*ra), ND_OPT_SOURCE_MAC), true);
	from_router = !ip6_addr_find(i->dev->net, &router, 0); /* else it is ourselves */
	if (c->accept_ra_defrtr && from_router && !too_short(i, lifetime))
		route(i->dev, &in6addr_any, 0, &router, lifetime,
		      c->accept_ra_rtr_pref ? preference(ra->flags) : 0, (u32)c->ra_defrtr_metric,
		      ra->hop_limit);
	if (ra->hop_limit && ra->hop_limit >= c->accept_ra_min_hop_limit)
		WRITE_ONCE(i->conf.hop_limit, ra->hop_limit);
	if (be32_to_cpu(ra->reachable) && be32_to_cpu(ra->reachable) <= 3600000)
		WRITE_ONCE(np->base_reachable, be32_to_cpu(ra->reachable));
	if (be32_to_cpu(ra->retrans) >= 1000)
		WRITE_ONCE(np->retrans, be32_to_cpu(ra->retrans));
	options(i, p, &router, from_router);
}

/* 8.3: a better first hop for one destination, said by the present first hop. */
static void redirect(struct ip6_dev *i, const struct packet *p)
{
	const struct nd_redirect *m = (const void *)p->data;
	const struct in6_addr from = ip_received((struct packet *)p)->src;
	struct net *net = i->dev->net;
	const struct route_entry *e;
	struct in6_addr target, dst;

	memcpy(&target, m->target, 16);
	memcpy(&dst, m->dst, 16);
	if (!i->conf.accept_redirects || i->conf.forwarding || addr_is_multicast(&dst) ||
	    (!addr_equal(&target, &dst) && !ip6_link_scope(&target)))
		return;
	e = route_match(net, &dst, i->dev->ifindex);
	if (!e || !addr_equal(&e->c.gateway, &from))
		return;
	learn_router(i->dev, &target, mac_option(p, sizeof(*m), ND_OPT_TARGET_MAC),
		     !addr_equal(&target, &dst));
	route(i->dev, &dst, 128, addr_equal(&target, &dst) ? NULL : &target, 600, 0, e->c.metric,
	      0);
}

/* --- the work item --- */

static bool expired(const struct route_entry *e, void *arg)
{
	return e->c.expires && e->c.expires <= *(u64 *)arg;
}

static int next_expiry(const struct route_entry *e, void *arg)
{
	u64 *next = arg;

	if (e->c.expires && e->c.expires < *next)
		*next = e->c.expires;
	return 0;
}

static struct packet *next_advert(struct ip6_net *n6)
{
	struct packet *p = NULL;

	spin_lock(&n6->nd_lock);
	if (!list_empty(&n6->nd_queue)) {
		p = list_first_entry(&n6->nd_queue, struct packet, link);
		list_del_init(&p->link);
		n6->nd_queued--;
	}
	spin_unlock(&n6->nd_lock);
	return p;
}

static void nd_work(struct work *w)
{
	struct ip6_net *n6 = container_of(w, struct ip6_net, nd_work);
	struct net *net = n6->net;
	u64 now, age, next = ~0UL;
	struct packet *p;

	mutex_lock(&net->mutex);
	while ((p = next_advert(n6))) {
		struct ip6_dev *i = ip6_dev(p->dev);
		u8 type = p->data[0];

		if (i && i->up && type == ND_ROUTER_ADVERT &&
		    p->len >= sizeof(struct nd_router_advert))
			advert(i, p);
		else if (i && i->up && type == ND_REDIRECT && p->len >= sizeof(struct nd_redirect))
			redirect(i, p);
		packet_free(p);
	}
	ip6_addr_dad_end(net);
	age = ip6_addr_age(net);
	now = now_mono();
	route_purge(net, true, expired, &now);
	route_for_each(net, true, next_expiry, &next);
	if (age != ~0UL)
		next = min(next, now + age);
	mutex_unlock(&net->mutex);
	if (next != ~0UL)
		net_timer_start(&n6->nd_timer, next + NSEC_PER_MSEC);
	net_run();
}

static void lifetime_over(struct net_timer *t)
{
	work_queue(&container_of(t, struct ip6_net, nd_timer)->nd_work);
}

int nd_net_init(struct net *net)
{
	struct ip6_net *n6 = net->ip6;

	spin_init(&n6->nd_lock, RANK_NET_TABLE, "router advertisements");
	list_init(&n6->nd_queue);
	work_init(&n6->nd_work, nd_work);
	net_timer_init(&n6->nd_timer, lifetime_over);
	return 0;
}

void nd_net_stop(struct net *net)
{
	struct packet *p;

	net_timer_cancel(&net->ip6->nd_timer);
	work_flush();
	while ((p = next_advert(net->ip6)))
		packet_free(p);
}
