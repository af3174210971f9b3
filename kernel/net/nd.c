/*
 * Neighbour discovery, RFC 4861 7: solicitations and advertisements, which do for IPv6 what ARP
 * does for IPv4; and RFC 4862 5.4, tests whether an address is somebody else's already. The state of
 * a neighbour is neigh.c's. Network context.
 */
#include "net/ipv6_dev.h"

#include <byteorder.h>
#include <compiler.h>
#include <uapi/rtnetlink.h>

#include "core/random.h"
#include "net/neigh.h"
#include "net/wire/eth.h"
#include "net/wire/ipv6.h"
#include "sync/log.h"

#define ND_HOPS 255 /* what comes with less was not sent on this link */

/* --- sending --- */

/* A message of n zeroed bytes. NULL: no memory. */
static void *make(struct packet **p, u32 n)
{
	void *at;

	*p = packet_alloc(PACKET_HEADROOM, n);
	if (!*p)
		return NULL;
	at = packet_put(*p, n);
	memset(at, 0, n);
	return at;
}

/* The option that tells our link address. */
static void put_mac(void *at, u8 type, const struct netdev *d)
{
	struct nd_opt *o = at;

	o->type = type;
	o->len = 1;
	memcpy(o->data, d->addr, ETH_ALEN);
}

void nd_send_solicit(struct netdev *d, const struct in6_addr *target, const struct in6_addr *src,
		     const struct in6_addr *dst, const u8 *nonce)
{
	bool test = addr_is_any(src), mac = !test && d->addr_len == ETH_ALEN;
	struct nd_neighbor *m;
	struct packet *p;

	m = make(&p, (u32)sizeof(*m) + (mac ? 8 : 0) + (nonce ? 8 : 0));
	if (!m)
		return;
	m->icmp.type = ND_NEIGHBOR_SOLICIT;
	memcpy(m->target, target, 16);
	if (mac)
		put_mac(m + 1, ND_OPT_SOURCE_MAC, d);
	if (nonce) {
		/* RFC 7527: a test that comes back to us is no duplicate. */
		struct nd_opt *o = (struct nd_opt *)((u8 *)(m + 1) + (mac ? 8 : 0));

		o->type = ND_OPT_NONCE;
		o->len = 1;
		memcpy(o->data, nonce, 6);
	}
	icmp6_send(d->net, d, p, src, dst, ND_HOPS, false);
}

void nd_send_advert(struct netdev *d, const struct in6_addr *target, const struct in6_addr *src,
		    const struct in6_addr *dst, bool solicited, bool asked_all)
{
	/* 4.4: who asked us alone knows it. */
	bool mac = d->addr_len == ETH_ALEN && (asked_all || IP6_EITHER(ip6_dev(d), force_tllao));
	struct nd_neighbor *m;
	struct packet *p;

	m = make(&p, (u32)sizeof(*m) + (mac ? 8 : 0));
	if (!m)
		return;
	m->icmp.type = ND_NEIGHBOR_ADVERT;
	m->icmp.rest = cpu_to_be32((ip6_dev(d)->conf.forwarding ? ND_ADVERT_ROUTER : 0) |
				   (solicited ? ND_ADVERT_SOLICITED : 0) |
				   (asked_all ? ND_ADVERT_OVERRIDE : 0));
	memcpy(m->target, target, 16);
	if (mac)
		put_mac(m + 1, ND_OPT_TARGET_MAC, d);
	icmp6_send(d->net, d, p, src, dst, ND_HOPS, false);
}

void nd_announce(struct ip6_dev *i)
{
	struct ip6_addr *a;

	list_for_each_entry_rcu(a, &i->addrs, link)
		if (!(READ_ONCE(a->flags) & (IFA_F_TENTATIVE | IFA_F_DADFAILED)))
			nd_send_advert(i->dev, &a->addr, &a->addr, &ip6_all_nodes, false, true);
}

void nd_send_router_solicit(struct ip6_dev *i)
{
	struct netdev *d = i->dev;
	struct icmp6_header *m;
	struct in6_addr src;
	struct packet *p;
	bool mac;

	if (!ip6_link_local(i, &src))
		src = in6addr_any;
	mac = !addr_is_any(&src) && d->addr_len == ETH_ALEN;
	m = make(&p, (u32)sizeof(*m) + (mac ? 8 : 0));
	if (!m)
		return;
	m->type = ND_ROUTER_SOLICIT;
	if (mac)
		put_mac(m + 1, ND_OPT_SOURCE_MAC, d);
	icmp6_send(d->net, d, p, &src, &ip6_all_routers, ND_HOPS, false);
}

void nd_solicit(struct neighbour *n, bool unicast)
{
	struct in6_addr src, dst = unicast ? n->addr : ip6_solicited_node(&n->addr);

	if (!ip6_dev(n->dev) || !ip6_select_source(n->net, n->dev, &n->addr, 0, &src))
		return;
	nd_send_solicit(n->dev, &n->addr, &src, &dst, NULL);
}

/* --- receiving --- */

/* The option of a type behind `from` bytes of the linear message; NULL: none. *bad: a length of 0. */
static const struct nd_opt *option(const struct packet *p, u32 from, u8 type, bool *bad)
{
	const u8 *at = p->data + from, *end = p->data + p->len;

	while (end - at >= 8) {
		const struct nd_opt *o = (const struct nd_opt *)at;

		if (!o->len || end - at < o->len * 8) {
			*bad = true;
			return NULL;
		}
		if (o->type == type)
			return o;
		at += o->len * 8;
	}
	return NULL;
}

/* Somebody has, or tests, an address that we test. */
static void duplicate(struct ip6_addr *a)
{
	struct ip6_dev *i = a->dev;
	bool ended = false;

	spin_lock(&i->lock);
	if (a->dad_next) {
		a->dad_left = DAD_DUPLICATE;
		a->dad_next = 0;
		ended = true;
	}
	spin_unlock(&i->lock);
	if (ended) {
		pr_info("%s: IPv6 duplicate address detected", i->dev->name);
		nd_kick_work(i->dev->net);
	}
}

static void learn(struct net *net, struct netdev *d, const struct in6_addr *addr, const u8 *mac,
		  u8 state, unsigned flags, bool create)
{
	struct neighbour *n = neigh_find(net, d, addr, create);

	if (!n)
		return;
	neigh_update(n, mac, state, flags);
	neigh_put(n);
}

static void solicitation(struct net *net, struct packet *p)
{
	const struct ip_received *r = ip_received(p);
	const struct nd_neighbor *m = (const void *)p->data;
	bool bad = false, test = addr_is_any(&r->src), multicast = addr_is_multicast(&r->dst);
	const struct nd_opt *mac, *nonce;
	struct netdev *d = p->dev;
	struct in6_addr target, group;
	struct ip6_addr *a;

	memcpy(&target, m->target, 16);
	group = ip6_solicited_node(&target);
	mac = option(p, sizeof(*m), ND_OPT_SOURCE_MAC, &bad);
	nonce = option(p, sizeof(*m), ND_OPT_NONCE, &bad);
	/* 7.1.1: a test goes to the solicited-node group and has no address to tell. */
	if (bad || addr_is_multicast(&target) || (test && (mac || !addr_equal(&r->dst, &group))))
		return;
	a = ip6_addr_find(net, &target, d->ifindex);
	if (!a)
		return;
	if (READ_ONCE(a->flags) & (IFA_F_TENTATIVE | IFA_F_OPTIMISTIC)) {
		if (test && !(nonce && nonce->len == 1 && IP6_EITHER(a->dev, enhanced_dad) &&
			      !memcmp(nonce->data, a->dev->nonce, 6)))
			duplicate(a);
		return;
	}
	if (READ_ONCE(a->flags) & IFA_F_DADFAILED)
		return;
	if (test) {
		nd_send_advert(d, &target, &target, &ip6_all_nodes, false, true);
		return;
	}
	neigh_stat_add(net, true, multicast ? NEIGH_PROBES_MCAST : NEIGH_PROBES_UCAST, 1);
	if (mac || !multicast)
		learn(net, d, &r->src, mac ? mac->data : NULL, mac ? NEIGH_STALE : 0,
		      NEIGH_OVERRIDE | NEIGH_WEAK, mac != NULL);
	nd_send_advert(d, &target, &target, &r->src, true, multicast);
}

static void advertisement(struct net *net, struct packet *p)
{
	const struct ip_received *r = ip_received(p);
	const struct nd_neighbor *m = (const void *)p->data;
	u32 flags = be32_to_cpu(m->icmp.rest);
	struct netdev *d = p->dev;
	const struct nd_opt *mac;
	struct in6_addr target;
	struct ip6_addr *a;
	bool bad = false;

	memcpy(&target, m->target, 16);
	mac = option(p, sizeof(*m), ND_OPT_TARGET_MAC, &bad);
	if (bad || addr_is_multicast(&target) ||
	    (addr_is_multicast(&r->dst) && (flags & ND_ADVERT_SOLICITED)))
		return;
	a = ip6_addr_find(net, &target, d->ifindex);
	if (a) {
		/* RFC 4862 5.4.4; one for an address in use is somebody's mistake or malice. */
		if (READ_ONCE(a->flags) & IFA_F_TENTATIVE)
			duplicate(a);
		return;
	}
	/* Said to all unasked (RFC 9131 and its like): it may count for nothing, or make somebody known. */
	if (addr_is_multicast(&r->dst) && READ_ONCE(ip6_dev(d)->conf.drop_unsolicited_na))
		return;
	learn(net, d, &target, mac ? mac->data : NULL,
	      flags & ND_ADVERT_SOLICITED ? NEIGH_REACHABLE : NEIGH_STALE,
	      NEIGH_WEAK | NEIGH_ROUTER_KNOWN | (flags & ND_ADVERT_OVERRIDE ? NEIGH_OVERRIDE : 0) |
		      (flags & ND_ADVERT_ROUTER ? NEIGH_ISROUTER : 0),
	      mac && !(flags & ND_ADVERT_SOLICITED) && READ_ONCE(ip6_dev(d)->conf.forwarding) &&
		      READ_ONCE(ip6_dev(d)->conf.accept_untracked_na));
}

void nd_receive(struct net *net, struct packet *p, u8 type)
{
	const struct ip_received *r = ip_received(p);
	const struct icmp6_header *h;

	/* The options are read where they lie. */
	h = packet_pull_up(p, p->len);
	if (!h || r->ttl != ND_HOPS || h->code || !ip6_dev(p->dev) ||
	    (r->fragmented && READ_ONCE(ip6_dev(p->dev)->conf.suppress_frag_ndisc))) {
		packet_free(p);
		return;
	}
	switch (type) {
	case ND_NEIGHBOR_SOLICIT:
		if (p->len >= sizeof(struct nd_neighbor))
			solicitation(net, p);
		break;
	case ND_NEIGHBOR_ADVERT:
		if (p->len >= sizeof(struct nd_neighbor))
			advertisement(net, p);
		break;
	case ND_ROUTER_ADVERT:
	case ND_REDIRECT:
		/* 6.1.2, 8.1: only a router of this link says so. */
		if (ip6_link_scope(&r->src) && !addr_is_multicast(&r->src)) {
			nd_queue_advert(net, p);
			return;
		}
		break;
	default:
		break;
	}
	packet_free(p);
}

/* --- tests, and asking for routers: the timer of a device --- */

void nd_timer_kick(struct ip6_dev *i, u64 when)
{
	spin_lock(&i->lock);
	if (!i->timer_at || when < i->timer_at) {
		i->timer_at = when;
		net_timer_start(&i->timer, when);
	}
	spin_unlock(&i->lock);
}

/* One address's turn: a solicitation, or the end. True: one must be sent. */
static bool test_step(struct ip6_dev *i, struct ip6_addr *a, u64 now, u64 *next, bool *ended)
{
	bool send = false;

	spin_lock(&i->lock);
	if (a->dad_next && a->dad_next <= now) {
		send = a->dad_left > 0;
		if (send) {
			a->dad_left--;
			a->dad_next = now + i->neigh.retrans * NSEC_PER_MSEC;
		} else {
			a->dad_left = DAD_ALONE;
			a->dad_next = 0;
			*ended = true;
		}
	}
	if (a->dad_next)
		*next = min(*next, a->dad_next);
	spin_unlock(&i->lock);
	return send;
}

/* RFC 7559 2: twice as long each time up to a maximum, a tenth more or less. [r] */
static u64 solicit_pause(const struct ip6_dev *i)
{
	u64 first = (u64)max(READ_ONCE(i->conf.router_solicitation_interval), 1) * NSEC_PER_SEC,
	    most = (u64)max(READ_ONCE(i->conf.router_solicitation_max_interval), 1) * NSEC_PER_SEC,
	    next = i->rs_pause ? 2 * i->rs_pause : first;

	next = min(next, most);
	return next - next / 10 + random_u64() % (next / 5 + 1);
}

static bool solicit_step(struct ip6_dev *i, u64 now, u64 *next)
{
	bool send = false;

	spin_lock(&i->lock);
	if (i->rs_next && i->rs_next <= now) {
		send = true;
		if (i->rs_left > 0)
			i->rs_left--;
		i->rs_pause = solicit_pause(i);
		i->rs_next = i->rs_left ? now + i->rs_pause : 0;
	}
	if (i->rs_next)
		*next = min(*next, i->rs_next);
	spin_unlock(&i->lock);
	return send;
}

void nd_timer_run(struct net_timer *t)
{
	struct ip6_dev *i = container_of(t, struct ip6_dev, timer);
	u64 now = now_mono(), next = ~0UL;
	bool ended = false;
	struct ip6_addr *a;

	spin_lock(&i->lock);
	i->timer_at = 0;
	spin_unlock(&i->lock);
	list_for_each_entry_rcu(a, &i->addrs, link) {
		struct in6_addr group;

		if (!test_step(i, a, now, &next, &ended))
			continue;
		random_bytes(i->nonce, sizeof(i->nonce));
		group = ip6_solicited_node(&a->addr);
		nd_send_solicit(i->dev, &a->addr, &in6addr_any, &group,
				IP6_EITHER(i, enhanced_dad) ? i->nonce : NULL);
	}
	if (solicit_step(i, now, &next))
		nd_send_router_solicit(i);
	if (ended)
		nd_kick_work(i->dev->net);
	if (next != ~0UL)
		nd_timer_kick(i, next);
}

void nd_dev_up(struct ip6_dev *i)
{
	const struct ip6_conf *c = &i->conf;
	u64 when;

	/* RFC 4861 6.3.7: hosts ask, routers don't. */
	if (!c->accept_ra || (c->forwarding && c->accept_ra < 2) || !c->router_solicitations ||
	    (i->dev->flags & (IFF_LOOPBACK | IFF_POINTOPOINT)))
		return;
	spin_lock(&i->lock);
	i->rs_left = c->router_solicitations;
	i->rs_pause = 0;
	when = i->rs_next = now_mono() + 1;
	spin_unlock(&i->lock);
	nd_timer_kick(i, when);
}

void nd_dev_down(struct ip6_dev *i)
{
	spin_lock(&i->lock);
	i->rs_next = 0;
	spin_unlock(&i->lock);
}
