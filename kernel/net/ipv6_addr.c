/*
 * IPv6 addresses: their kinds and scopes (RFC 4291, 4007), those of devices with their lifetimes
 * and tests for duplicates (RFC 4862 5.4, 5.5.4), and which one to send from (RFC 6724).
 */
#include "net/ipv6_dev.h"

#include <byteorder.h>
#include <compiler.h>
#include <uapi/errno.h>
#include <uapi/in6.h>
#include <uapi/rtnetlink.h>

#include "alloc/slab.h"
#include "core/random.h"
#include "net/mcast.h"
#include "net/route.h"

const struct in6_addr in6addr_any;
const struct in6_addr in6addr_loopback = { .s6_addr[15] = 1 };
const struct in6_addr ip6_all_nodes = { .s6_addr = { 0xff, 2, [15] = 1 } };
const struct in6_addr ip6_all_routers = { .s6_addr = { 0xff, 2, [15] = 2 } };
const struct in6_addr ip6_all_mld2 = { .s6_addr = { 0xff, 2, [15] = 0x16 } };

/* --- kinds --- */

enum { SCOPE6_INTERFACE = 1, SCOPE6_LINK = 2, SCOPE6_SITE = 5, SCOPE6_GLOBAL = 14 };

u8 ip6_scope(const struct in6_addr *a)
{
	if (a->s6_addr[0] == 0xff)
		return a->s6_addr[1] & 0x0f;
	if (a->s6_addr[0] == 0xfe && (a->s6_addr[1] & 0xc0) == 0x80)
		return SCOPE6_LINK;
	if (a->s6_addr[0] == 0xfe && (a->s6_addr[1] & 0xc0) == 0xc0)
		return SCOPE6_SITE;
	return addr_equal(a, &in6addr_loopback) ? SCOPE6_LINK : SCOPE6_GLOBAL;
}

u8 ip6_scope_rt(const struct in6_addr *a)
{
	if (addr_equal(a, &in6addr_loopback))
		return RT_SCOPE_HOST;
	switch (ip6_scope(a)) {
	case SCOPE6_INTERFACE:
		return RT_SCOPE_HOST;
	case SCOPE6_LINK:
		return RT_SCOPE_LINK;
	case SCOPE6_SITE:
		return RT_SCOPE_SITE;
	default:
		return RT_SCOPE_UNIVERSE;
	}
}

struct in6_addr ip6_solicited_node(const struct in6_addr *a)
{
	struct in6_addr g = { .s6_addr = { 0xff, 2, [11] = 1, [12] = 0xff } };

	memcpy(&g.s6_addr[13], &a->s6_addr[13], 3);
	return g;
}

unsigned ip6_common_bits(const struct in6_addr *a, const struct in6_addr *b)
{
	unsigned bits = 0;

	while (bits < 128 && a->s6_addr[bits / 8] == b->s6_addr[bits / 8])
		bits += 8;
	while (bits < 128 && !((a->s6_addr[bits / 8] ^ b->s6_addr[bits / 8]) & 0x80 >> bits % 8))
		bits++;
	return bits;
}

bool ip6_prefix_match(const struct in6_addr *a, const struct in6_addr *b, unsigned bits)
{
	return ip6_common_bits(a, b) >= bits;
}

static struct in6_addr prefix_of(const struct in6_addr *a, unsigned bits)
{
	struct in6_addr p = *a;

	for (unsigned i = bits; i < 128; i++)
		p.s6_addr[i / 8] &= (u8) ~(0x80 >> (i % 8));
	return p;
}

/* --- those of devices --- */

struct ip6_addr *ip6_addr_find(struct net *net, const struct in6_addr *addr, int ifindex)
{
	struct netdev *d;
	struct ip6_addr *a;

	list_for_each_entry_rcu(d, &net->devices, link) {
		const struct ip6_dev *i = ip6_dev(d);

		if (!i || (ifindex && d->ifindex != ifindex))
			continue;
		list_for_each_entry_rcu(a, &i->addrs, link)
			if (addr_equal(&a->addr, addr))
				return a;
	}
	return NULL;
}

bool ip6_link_local(const struct ip6_dev *i, struct in6_addr *addr)
{
	struct ip6_addr *a;

	list_for_each_entry_rcu(a, &i->addrs, link) {
		if (ip6_scope(&a->addr) != SCOPE6_LINK ||
		    (READ_ONCE(a->flags) & (IFA_F_TENTATIVE | IFA_F_DADFAILED)))
			continue;
		*addr = a->addr;
		return true;
	}
	return false;
}

static void news(struct ip6_addr *a, bool gone)
{
	struct net *net = a->dev->dev->net;

	if (net->news && net->news->addr6)
		net->news->addr6(a->dev->dev, a, gone);
}

/* [t] The route that makes it one of ours, once it may be used. */
static void local_route(struct ip6_addr *a, bool add)
{
	struct net *net = a->dev->dev->net;
	struct route_config c = {
		.dst = a->addr,
		.prefix_len = 128,
		.table = ROUTE_TABLE_LOCAL,
		.type = ROUTE_LOCAL,
		.protocol = RTPROT_KERNEL,
		.dev = a->dev->dev,
	};

	if (add)
		route_add(net, &c, ROUTE_CREATE);
	else
		route_del(net, &c);
}

/* [t] The route to its link. */
static void prefix_route(struct ip6_addr *a, bool add)
{
	struct net *net = a->dev->dev->net;
	struct route_config c = {
		.dst = prefix_of(addr_is_any(&a->peer) ? &a->addr : &a->peer, a->prefix_len),
		.prefix_len = a->prefix_len,
		.table = ROUTE_TABLE_MAIN,
		.type = ROUTE_UNICAST,
		.protocol = RTPROT_KERNEL,
		.metric = a->metric ? a->metric : 256,
		.dev = a->dev->dev,
	};

	if (a->valid != ~0u)
		c.expires = a->updated + a->valid * NSEC_PER_SEC;
	if (add)
		route_add(net, &c, ROUTE_CREATE | ROUTE_REPLACE);
	else
		route_del(net, &c);
}

static bool has_route(const struct ip6_addr *a)
{
	return !a->no_route && !(a->flags & IFA_F_NOPREFIXROUTE);
}

static bool other_has_prefix(const struct ip6_addr *a)
{
	struct ip6_addr *o;

	list_for_each_entry(o, &a->dev->addrs, link)
		if (o != a && o->prefix_len == a->prefix_len && has_route(o) &&
		    ip6_prefix_match(&o->addr, &a->addr, a->prefix_len))
			return true;
	return false;
}

/* Global addresses stand before those of the link. */
static void insert(struct ip6_dev *i, struct ip6_addr *a)
{
	struct list_head *at = &i->addrs;
	struct ip6_addr *o;

	list_for_each_entry(o, &i->addrs, link) {
		if (ip6_scope(&o->addr) <= ip6_scope(&a->addr)) {
			at = &o->link;
			break;
		}
	}
	list_add_tail_rcu(&a->link, at);
}

static bool needs_test(const struct ip6_dev *i, const struct ip6_addr *a)
{
	return !(a->flags & IFA_F_NODAD) && i->conf.accept_dad > 0 && i->conf.dad_transmits > 0 &&
	       !(i->dev->flags & (IFF_LOOPBACK | IFF_NOARP | IFF_POINTOPOINT));
}

static void start_test(struct ip6_dev *i, struct ip6_addr *a)
{
	u64 delay = (u64)max(i->conf.router_solicitation_delay, 0) * NSEC_PER_SEC;

	spin_lock(&i->lock);
	a->dad_left = i->conf.dad_transmits;
	/* RFC 4862 5.4.2: a random delay, so that not all of a link begin at once. */
	a->dad_next = now_mono() + 1 + (delay ? random_u64() % delay : 0);
	spin_unlock(&i->lock);
	nd_timer_kick(i, a->dad_next);
}

/* [t] It is ours alone, or nobody was asked. */
static void usable(struct ip6_addr *a)
{
	WRITE_ONCE(a->flags,
		   a->flags & ~(u32)(IFA_F_TENTATIVE | IFA_F_OPTIMISTIC | IFA_F_DADFAILED));
	local_route(a, true);
	news(a, false);
	if (ip6_scope(&a->addr) == SCOPE6_LINK && !(a->dev->dev->flags & IFF_LOOPBACK))
		nd_dev_up(a->dev);
}

int ip6_addr_add(struct netdev *d, const struct ip6_addr_config *c)
{
	struct ip6_dev *i = ip6_dev(d);
	struct in6_addr group;
	struct ip6_addr *a;

	if (!i)
		return -ENODEV;
	if (i->conf.disable_ipv6)
		return -EACCES;
	if (addr_is_multicast(&c->addr) || addr_is_any(&c->addr) ||
	    (addr_equal(&c->addr, &in6addr_loopback) && !(d->flags & IFF_LOOPBACK)))
		return -EADDRNOTAVAIL;
	if (ip6_addr_find(d->net, &c->addr, d->ifindex))
		return -EEXIST;
	a = kzalloc(sizeof(*a), 0);
	if (!a)
		return -ENOMEM;
	a->dev = i;
	a->addr = c->addr;
	a->peer = c->peer;
	a->prefix_len = c->prefix_len;
	a->scope = ip6_scope_rt(&c->addr);
	a->proto = c->proto;
	a->metric = c->metric;
	a->autoconf = c->autoconf;
	a->no_route = c->no_route;
	a->retry = c->retry;
	a->of = c->of;
	a->valid = c->valid;
	a->preferred = c->preferred;
	a->created = a->updated = now_mono();
	a->flags = c->flags | (c->valid == ~0u ? IFA_F_PERMANENT : 0) |
		   (c->preferred ? 0 : IFA_F_DEPRECATED);
	if (needs_test(i, a))
		a->flags |= IFA_F_TENTATIVE;
	insert(i, a);
	if (has_route(a))
		prefix_route(a, true);
	group = ip6_solicited_node(&a->addr);
	if (!(d->flags & IFF_LOOPBACK))
		mld_join(d, &group, NULL);
	if (!(a->flags & IFA_F_TENTATIVE))
		usable(a);
	else if (i->up)
		start_test(i, a);
	if (a->valid != ~0u || (a->preferred != ~0u && a->preferred))
		nd_kick_work(d->net);
	route_changed(d->net);
	return 0;
}

void ip6_addrs_up(struct ip6_dev *i)
{
	struct ip6_addr *a;

	list_for_each_entry(a, &i->addrs, link) {
		if (has_route(a))
			prefix_route(a, true);
		if (!(a->flags & IFA_F_TENTATIVE))
			local_route(a, true);
	}
}

void ip6_addrs_ready(struct ip6_dev *i)
{
	struct ip6_addr *a;

	list_for_each_entry(a, &i->addrs, link)
		if ((a->flags & (IFA_F_TENTATIVE | IFA_F_DADFAILED)) == IFA_F_TENTATIVE)
			start_test(i, a);
}

void ip6_addr_keep(struct ip6_addr *a)
{
	if (needs_test(a->dev, a))
		WRITE_ONCE(a->flags, a->flags | IFA_F_TENTATIVE);
}

int ip6_addr_change(struct netdev *d, const struct ip6_addr_config *c)
{
	struct ip6_addr *a = ip6_addr_find(d->net, &c->addr, d->ifindex);
	u32 keep = IFA_F_TENTATIVE | IFA_F_DADFAILED | IFA_F_STABLE_PRIVACY | IFA_F_TEMPORARY;

	if (!a)
		return -ENOENT;
	a->valid = c->valid;
	a->preferred = c->preferred;
	a->updated = now_mono();
	WRITE_ONCE(a->flags, (a->flags & keep) | (c->flags & ~keep) |
				     (c->valid == ~0u ? IFA_F_PERMANENT : 0) |
				     (c->preferred ? 0 : IFA_F_DEPRECATED));
	if (has_route(a))
		prefix_route(a, true);
	news(a, false);
	nd_kick_work(d->net);
	route_changed(d->net);
	return 0;
}

static void free_addr(struct rcu_head *h)
{
	kfree(container_of(h, struct ip6_addr, rcu));
}

void ip6_addr_remove(struct ip6_addr *a)
{
	struct in6_addr group = ip6_solicited_node(&a->addr);
	struct netdev *d = a->dev->dev;

	list_unlink_(&a->link);
	local_route(a, false);
	if (has_route(a) && !other_has_prefix(a))
		prefix_route(a, false);
	if (!(d->flags & IFF_LOOPBACK))
		mld_leave(d, &group, NULL);
	news(a, true);
	route_changed(d->net);
	call_rcu(&a->rcu, free_addr);
}

int ip6_addr_del(struct netdev *d, const struct in6_addr *addr, u8 prefix_len)
{
	struct ip6_addr *a = ip6_addr_find(d->net, addr, d->ifindex);

	if (!a || (prefix_len <= 128 && a->prefix_len != prefix_len))
		return -EADDRNOTAVAIL;
	if (a->flags & IFA_F_MANAGETEMPADDR)
		ip6_temp_remove(a);
	ip6_addr_remove(a);
	return 0;
}

/* --- tests and lifetimes, from the work queue --- */

void ip6_addr_dad_end(struct net *net)
{
	struct ip6_addr *a, *next;
	struct netdev *d;

	list_for_each_entry(d, &net->devices, link) {
		struct ip6_dev *i = ip6_dev(d);

		if (!i)
			continue;
		list_for_each_entry_safe(a, next, &i->addrs, link) {
			int left;

			spin_lock(&i->lock);
			left = a->dad_left;
			if (left < 0)
				a->dad_left = 0;
			spin_unlock(&i->lock);
			if (!(a->flags & IFA_F_TENTATIVE))
				continue;
			if (left == DAD_ALONE) {
				usable(a);
				if (IP6_EITHER(i, ndisc_notify))
					nd_send_advert(d, &a->addr, &a->addr, &ip6_all_nodes, false,
						       true);
			} else if (left == DAD_DUPLICATE && (a->flags & IFA_F_TEMPORARY)) {
				ip6_temp_failed(a);
			} else if (left == DAD_DUPLICATE) {
				/* RFC 4862 5.4.5: it is not used, and says so. */
				WRITE_ONCE(a->flags, a->flags | IFA_F_DADFAILED | IFA_F_PERMANENT);
				news(a, false);
				if (a->flags & IFA_F_STABLE_PRIVACY)
					ip6_gen_again(a);
			}
		}
	}
	route_changed(net);
}

u64 ip6_addr_age(struct net *net)
{
	u64 now = now_mono(), next = ~0UL;
	struct ip6_addr *a, *n;
	struct netdev *d;

	list_for_each_entry(d, &net->devices, link) {
		struct ip6_dev *i = ip6_dev(d);

		if (!i)
			continue;
		list_for_each_entry_safe(a, n, &i->addrs, link) {
			u64 end = a->updated + a->valid * NSEC_PER_SEC;
			u64 old = a->updated + a->preferred * NSEC_PER_SEC;
			u64 temp = ip6_temp_age(a, now);

			if (temp != ~0UL)
				next = min(next, temp - now);
			if (a->valid != ~0u && now >= end) {
				ip6_addr_remove(a);
				continue;
			}
			if (a->valid != ~0u)
				next = min(next, end - now);
			if (a->preferred == ~0u || (a->flags & IFA_F_DEPRECATED))
				continue;
			if (now < old) {
				next = min(next, old - now);
			} else {
				WRITE_ONCE(a->flags, a->flags | IFA_F_DEPRECATED);
				news(a, false);
			}
		}
	}
	return next;
}

/* --- RFC 6724: the address to send from --- */

/* Its table of policies, 2.1: the label of an address. */
static int label(const struct in6_addr *a)
{
	static const struct {
		struct in6_addr prefix;
		u8 bits, label;
	} table[] = {
		{ { .s6_addr[15] = 1 }, 128, 0 },
		{ { .s6_addr = { [10] = 0xff, [11] = 0xff } }, 96, 4 },
		{ { .s6_addr = { 0 } }, 96, 3 },
		{ { .s6_addr = { 0x20, 0x01, 0, 0 } }, 32, 5 },
		{ { .s6_addr = { 0x20, 0x02 } }, 16, 2 },
		{ { .s6_addr = { 0x3f, 0xfe } }, 16, 12 },
		{ { .s6_addr = { 0xfe, 0xc0 } }, 10, 11 },
		{ { .s6_addr = { 0xfc } }, 7, 13 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(table); i++)
		if (ip6_prefix_match(a, &table[i].prefix, table[i].bits))
			return table[i].label;
	return 1;
}

/* Is a better than b? Section 5, rule by rule; equal ones: the first stays. */
static bool better(const struct ip6_addr *a, const struct ip6_addr *b, const struct in6_addr *dst,
		   const struct netdev *d, unsigned pref)
{
	u8 sa = ip6_scope(&a->addr), sb = ip6_scope(&b->addr), sd = ip6_scope(dst);
	bool x, y;

	x = addr_equal(&a->addr, dst); /* rule 1 */
	y = addr_equal(&b->addr, dst);
	if (x != y)
		return x;
	if (sa != sb) /* rule 2 */
		return sa < sb ? sa >= sd : sb < sd;
	x = !(a->flags & IFA_F_DEPRECATED); /* rule 3 */
	y = !(b->flags & IFA_F_DEPRECATED);
	if (x != y)
		return x;
	x = a->dev->dev == d; /* rule 5 */
	y = b->dev->dev == d;
	if (d && x != y)
		return x;
	x = label(&a->addr) == label(dst); /* rule 6 */
	y = label(&b->addr) == label(dst);
	if (x != y)
		return x;
	x = a->flags & IFA_F_TEMPORARY; /* rule 7 */
	y = b->flags & IFA_F_TEMPORARY;
	if (x != y)
		return pref & IPV6_PREFER_SRC_TMP || (!(pref & IPV6_PREFER_SRC_PUBLIC) &&
						      READ_ONCE(a->dev->conf.use_tempaddr) >= 2) ?
			       x :
			       y;
	/* rule 8, within the prefix of the candidate */
	return min(ip6_common_bits(&a->addr, dst), (unsigned)a->prefix_len) >
	       min(ip6_common_bits(&b->addr, dst), (unsigned)b->prefix_len);
}

bool ip6_select_source(struct net *net, const struct netdev *d, const struct in6_addr *dst,
		       unsigned pref, struct in6_addr *src)
{
	struct ip6_addr *best = NULL, *a;
	struct netdev *of;

	list_for_each_entry_rcu(of, &net->devices, link) {
		const struct ip6_dev *i = ip6_dev(of);

		/* Section 4: to the link, and to groups, only addresses of that device. */
		if (!i || (d && of != d &&
			   (ip6_link_scope(dst) || addr_is_multicast(dst) ||
			    (ip6_dev(d) && IP6_EITHER(ip6_dev(d), use_oif_addrs_only)))))
			continue;
		list_for_each_entry_rcu(a, &i->addrs, link) {
			if (READ_ONCE(a->flags) & (IFA_F_TENTATIVE | IFA_F_DADFAILED))
				continue;
			if (!best || better(a, best, dst, d, pref))
				best = a;
		}
	}
	if (best)
		*src = best->addr;
	return best;
}
