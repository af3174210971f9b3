/*
 * IPv4 of devices: addresses and the routes that go with them, settings, sysctl defaults
 * (ipv4.h). All changes are under net->mutex; readers use RCU.
 */
#include <compiler.h>
#include <uapi/errno.h>
#include <uapi/if.h>
#include <uapi/in.h>

#include "alloc/slab.h"
#include "core/random.h"
#include "core/time.h"
#include "lib/string.h"
#include "net/ipv4.h"
#include "net/neigh.h"
#include "net/route.h"

#define RTPROT_KERNEL 2

static be32 mask_of(unsigned prefix_len)
{
	return cpu_to_be32(prefix_len ? ~0u << (32 - prefix_len) : 0);
}

static bool same_net(be32 a, be32 b, be32 mask)
{
	return !(((__force u32)a ^ (__force u32)b) & (__force u32)mask);
}

static void age_addresses(struct work *w);

static void lifetime_over(struct net_timer *t)
{
	work_queue(&container_of(t, struct ip4_net, age_timer)->age_work);
}

int ip4_net_init(struct net *net)
{
	struct ip4_net *i = kzalloc(sizeof(*i), 0);

	if (!i)
		return -ENOMEM;
	net->ip4 = i;
	i->default_ttl = 64;
	i->dflt.accept_redirects = i->dflt.secure_redirects = 1;
	i->dflt.send_redirects = i->dflt.shared_media = 1;
	i->dflt.arp_evict_nocarrier = 1;
	i->dflt.igmpv2_unsolicited_report_interval = 10000;
	i->dflt.igmpv3_unsolicited_report_interval = 1000;
	i->all = i->dflt;
	spin_init(&i->redirect_lock, RANK_NET_TABLE, "redirects");
	i->min_pmtu = 552;
	i->mtu_expires = 600;
	i->icmp_echo_ignore_broadcasts = 1;
	i->icmp_ignore_bogus = 1;
	i->icmp_ratelimit = 1000;
	i->icmp_ratemask =
		0x1818; /* unreachable, source quench, time exceeded, parameter problem */
	i->icmp_msgs_per_sec = 1000;
	i->icmp_msgs_burst = 50;
	i->frag_high = 4 << 20;
	i->frag_low = 3 << 20;
	i->frag_time = 30;
	i->min_adv_mss = 256;
	i->redirect_number = 9;
	i->redirect_load = REDIRECT_HZ / 50;
	i->redirect_silence = (REDIRECT_HZ / 50) << 10;
	i->igmp_qrv = 2;
	i->igmp_link_local_reports = 1;
	i->local_port_low = 32768;
	i->local_port_high = 60999;
	i->unprivileged_port = 1024;
	i->ping_low = 1; /* nobody */
	i->ping_high = 0;
	i->igmp_max_memberships = 20;
	i->igmp_max_msf = 10;
	random_bytes(i->ids, sizeof(i->ids));
	i->net = net;
	work_init(&i->age_work, age_addresses);
	net_timer_init(&i->age_timer, lifetime_over);
	return ip4_frag_init(net);
}

void ip4_net_stop(struct net *net)
{
	if (!net->ip4)
		return;
	net_timer_cancel(&net->ip4->age_timer);
	work_flush();
	ip4_frag_flush(net);
}

void ip4_net_destroy(struct net *net)
{
	if (!net->ip4)
		return;
	kfree(net->ip4->frags);
	kfree(net->ip4->reserved_ports);
	kfree(net->ip4);
	net->ip4 = NULL;
}

/* --- the routes of an address --- */

static void add_route(struct netdev *d, u8 table, u8 type, u8 scope, be32 dst, u8 prefix_len,
		      const struct ip4_addr *a)
{
	struct route_config c = {
		.dst = addr_from_v4(dst),
		.prefix_len = prefix_len,
		.table = table,
		.type = type,
		.scope = scope,
		.protocol = RTPROT_KERNEL,
		.metric = table == ROUTE_TABLE_MAIN ? a->metric : 0,
		.prefsrc = addr_from_v4(a->local),
		.dev = d,
	};

	route_add(d->net, &c, ROUTE_CREATE | ROUTE_EXCL);
}

static void add_routes(struct netdev *d, const struct ip4_addr *a)
{
	be32 prefix = (__force be32)((__force u32)a->peer & (__force u32)a->mask);
	be32 last = (__force be32)((__force u32)prefix | ~(__force u32)a->mask);
	bool lo = d->flags & IFF_LOOPBACK;

	if (!(d->flags & IFF_UP))
		return;
	add_route(d, ROUTE_TABLE_LOCAL, ROUTE_LOCAL, SCOPE_HOST, a->local, 32, a);
	if (a->broadcast && a->broadcast != cpu_to_be32(INADDR_BROADCAST))
		add_route(d, ROUTE_TABLE_LOCAL, ROUTE_BROADCAST, SCOPE_LINK, a->broadcast, 32, a);
	if (!prefix || a->flags & IFA_SECONDARY_ || (prefix == a->local && a->prefix_len == 32))
		return;
	if (!(a->flags & IFA_NOPREFIX_))
		add_route(d, lo ? ROUTE_TABLE_LOCAL : ROUTE_TABLE_MAIN,
			  lo ? ROUTE_LOCAL : ROUTE_UNICAST, lo ? SCOPE_HOST : SCOPE_LINK, prefix,
			  a->prefix_len, a);
	if (a->prefix_len < 31)
		add_route(d, ROUTE_TABLE_LOCAL, ROUTE_BROADCAST, SCOPE_LINK, last, 32, a);
}

struct of_addr {
	const struct netdev *dev;
	struct in6_addr local;
};

/* Made for an address, or bound to it as their source. */
static bool is_of_addr(const struct route_entry *e, void *arg)
{
	const struct of_addr *o = arg;

	return addr_equal(&e->c.prefsrc, &o->local) && e->c.dev == o->dev;
}

static bool is_of_dev(const struct route_entry *e, void *arg)
{
	return e->c.dev == arg;
}

/* --- addresses --- */

static void addr_free(struct rcu_head *h)
{
	kfree(container_of(h, struct ip4_addr, rcu));
}

static void addr_news(struct netdev *d, const struct ip4_addr *a, bool gone)
{
	route_changed(d->net);
	if (d->net->news && d->net->news->addr4)
		d->net->news->addr4(d, a, gone);
}

static struct ip4_addr *addr_find(struct ip4_dev *i, be32 local, u8 prefix_len)
{
	struct ip4_addr *a;

	list_for_each_entry(a, &i->addrs, link)
		if (a->local == local && (prefix_len > 32 || a->prefix_len == prefix_len))
			return a;
	return NULL;
}

static bool bad_addr(be32 a)
{
	u32 h = be32_to_cpu(a);

	return !h || h >> 28 >= 0xe;
}

/* Both count from now on; who has a valid one for ever never loses the preferred one. */
static void set_lifetime(struct netdev *d, struct ip4_addr *a, const struct ip4_addr_config *c)
{
	u32 f = (a->flags & IFA_SECONDARY_) |
		(c->flags & ~(u32)(IFA_SECONDARY_ | IFA_PERMANENT_ | IFA_DEPRECATED_));

	a->valid = c->valid;
	a->preferred = c->preferred;
	a->updated = now_mono();
	f |= (c->valid == ~0u ? IFA_PERMANENT_ : 0) | (c->preferred ? 0 : IFA_DEPRECATED_);
	WRITE_ONCE(a->flags, f);
	if (c->valid != ~0u)
		work_queue(&d->net->ip4->age_work);
}

/* Addresses of one subnet reach equally far. */
static bool scope_agrees(const struct ip4_dev *i, const struct ip4_addr_config *c)
{
	be32 mask = mask_of(c->prefix_len), peer = c->peer ? c->peer : c->local;
	const struct ip4_addr *a;

	list_for_each_entry(a, &i->addrs, link)
		if (a->mask == mask && same_net(a->peer, peer, mask) && a->scope != c->scope)
			return false;
	return true;
}

int ip4_addr_add(struct netdev *d, const struct ip4_addr_config *c)
{
	struct ip4_dev *i = ip4_dev(d);
	struct ip4_addr *a, *pos;
	struct list_head *before;

	if (!i)
		return -ENOBUFS;
	if (c->prefix_len > 32 || bad_addr(c->local) ||
	    (c->valid != ~0u && c->preferred > c->valid))
		return -EINVAL;
	if (addr_find(i, c->local, c->prefix_len))
		return -EEXIST;
	if (!scope_agrees(i, c)) {
		if (c->why)
			*c->why = "ipv4: Invalid scope value";
		return -EINVAL;
	}
	a = kzalloc(sizeof(*a), 0);
	if (!a)
		return -ENOMEM;
	a->local = c->local;
	a->peer = c->peer ? c->peer : c->local;
	a->mask = mask_of(c->prefix_len);
	a->broadcast = c->broadcast;
	a->prefix_len = c->prefix_len;
	a->scope = c->scope;
	a->metric = c->metric;
	set_lifetime(d, a, c);
	a->created = a->updated;
	strlcpy(a->label, c->label ? c->label : d->name, sizeof(a->label));
	before = &i->addrs;
	list_for_each_entry(pos, &i->addrs, link) {
		if (pos->flags & IFA_SECONDARY_)
			continue;
		if (pos->mask == a->mask && same_net(pos->peer, a->peer, a->mask))
			a->flags |= IFA_SECONDARY_;
	}
	/* As Linux: behind the last primary that reaches no further; secondaries are last. */
	if (!(a->flags & IFA_SECONDARY_)) {
		before = i->addrs.next;
		list_for_each_entry(pos, &i->addrs, link)
			if (!(pos->flags & IFA_SECONDARY_) && pos->scope >= a->scope)
				before = pos->link.next;
	}
	list_add_tail_rcu(&a->link, before);
	addr_news(d, a, false); /* of the address first, then of its routes */
	add_routes(d, a);
	if (d->flags & IFF_UP && !(d->flags & (IFF_LOOPBACK | IFF_NOARP)) && netdev_ethernet(d) &&
	    IP4_CONF(i, arp_notify))
		arp_announce(d, a->local);
	return 0;
}

int ip4_addr_change(struct netdev *d, const struct ip4_addr_config *c)
{
	struct ip4_dev *i = ip4_dev(d);
	struct ip4_addr *a = i ? addr_find(i, c->local, c->prefix_len) : NULL;

	if (!a)
		return -ENOENT;
	if (c->valid != ~0u && c->preferred > c->valid)
		return -EINVAL;
	set_lifetime(d, a, c);
	addr_news(d, a, false);
	return 0;
}

static void addr_remove(struct netdev *d, struct ip4_addr *a)
{
	struct of_addr o = { d, addr_from_v4(a->local) };

	list_unlink_(&a->link);
	addr_news(d, a, true);
	route_purge(d->net, false, is_of_addr, &o);
	/* Without an address there is nothing to send from: its routes go, too. */
	if (list_empty(&ip4_dev(d)->addrs))
		route_purge(d->net, false, is_of_dev, d);
	call_rcu(&a->rcu, addr_free);
}

/* Those in the prefix of a primary that went: gone too, or the first of them takes its place. */
static void secondaries(struct netdev *d, struct ip4_dev *i, const struct ip4_addr *gone)
{
	bool promote = IP4_CONF(i, promote_secondaries);
	struct ip4_addr *a, *next;

	list_for_each_entry_safe(a, next, &i->addrs, link) {
		if (!(a->flags & IFA_SECONDARY_) || a->mask != gone->mask ||
		    !same_net(a->peer, gone->peer, a->mask))
			continue;
		if (!promote) {
			addr_remove(d, a);
			continue;
		}
		WRITE_ONCE(a->flags, a->flags & ~(u32)IFA_SECONDARY_);
		addr_news(d, a, false);
		return;
	}
}

int ip4_addr_del(struct netdev *d, be32 local, u8 prefix_len)
{
	struct ip4_dev *i = ip4_dev(d);
	struct ip4_addr *a = i ? addr_find(i, local, prefix_len) : NULL;

	if (!a)
		return -EADDRNOTAVAIL;
	addr_remove(d, a);
	if (!(a->flags & IFA_SECONDARY_))
		secondaries(d, i, a);
	/* What it shared with others is theirs now; what is there already stays. */
	list_for_each_entry(a, &i->addrs, link)
		add_routes(d, a);
	return 0;
}

/* --- lifetimes --- */

/* What is over goes or is deprecated; when the next is, now_mono() ns. True: an address went. */
static bool age_device(struct netdev *d, struct ip4_dev *i, u64 now, u64 *next)
{
	struct ip4_addr *a;

	list_for_each_entry(a, &i->addrs, link) {
		u64 end = a->updated + a->valid * NSEC_PER_SEC;
		u64 old = a->updated + a->preferred * NSEC_PER_SEC;

		if (a->flags & IFA_PERMANENT_)
			continue;
		if (now >= end) {
			ip4_addr_del(d, a->local, a->prefix_len);
			return true;
		}
		*next = min(*next, end);
		if (a->preferred == ~0u || (a->flags & IFA_DEPRECATED_))
			continue;
		if (now < old) {
			*next = min(*next, old);
			continue;
		}
		WRITE_ONCE(a->flags, a->flags | IFA_DEPRECATED_);
		addr_news(d, a, false);
	}
	return false;
}

static void age_addresses(struct work *w)
{
	struct ip4_net *i4 = container_of(w, struct ip4_net, age_work);
	u64 next = ~0UL, now;
	struct netdev *d;

	mutex_lock(&i4->net->mutex);
	now = now_mono();
	list_for_each_entry(d, &i4->net->devices, link)
		while (ip4_dev(d) && age_device(d, ip4_dev(d), now, &next))
			;
	mutex_unlock(&i4->net->mutex);
	if (next != ~0UL)
		net_timer_start(&i4->age_timer, next + NSEC_PER_MSEC);
	net_run();
}

/* --- devices --- */

static void dev_free(struct rcu_head *h)
{
	struct ip4_dev *i = container_of(h, struct ip4_dev, rcu);

	igmp_dev_free(i);
	kfree(i);
}

static void dev_add(struct netdev *d)
{
	struct ip4_dev *i;

	if (d->ip4 || d->mtu < 68)
		return;
	i = kzalloc(sizeof(*i), 0);
	if (!i)
		return;
	i->dev = d;
	i->conf = d->net->ip4->dflt;
	i->neigh = *neigh_params(d->net, false);
	list_init(&i->addrs);
	if (igmp_dev_init(i)) {
		kfree(i);
		return;
	}
	__atomic_store_n(&d->ip4, (void *)i, __ATOMIC_RELEASE);
}

static void dev_up(struct netdev *d, struct ip4_dev *i)
{
	struct ip4_addr *a;

	if (d->flags & IFF_LOOPBACK && list_empty(&i->addrs)) {
		struct ip4_addr_config c = {
			.local = cpu_to_be32(INADDR_LOOPBACK),
			.prefix_len = 8,
			.scope = SCOPE_HOST,
			.valid = ~0u,
			.preferred = ~0u,
		};

		ip4_addr_add(d, &c);
	}
	list_for_each_entry(a, &i->addrs, link)
		add_routes(d, a);
	igmp_dev_event(i, true);
	list_for_each_entry(a, &i->addrs, link)
		if (IP4_CONF(i, arp_notify) && netdev_ethernet(d))
			arp_announce(d, a->local);
}

static void dev_gone(struct netdev *d, struct ip4_dev *i)
{
	struct ip4_addr *a, *next;

	list_for_each_entry_safe(a, next, &i->addrs, link)
		addr_remove(d, a);
	__atomic_store_n(&d->ip4, NULL, __ATOMIC_RELEASE);
	igmp_dev_destroy(i);
	call_rcu(&i->rcu, dev_free);
}

void ip4_device_event(struct netdev *d, enum netdev_event e)
{
	struct ip4_dev *i;

	if (e == NETDEV_REGISTERED || (e == NETDEV_CHANGED && !d->ip4))
		dev_add(d);
	i = ip4_dev(d);
	if (!i)
		return;
	switch (e) {
	case NETDEV_UP:
		dev_up(d, i);
		break;
	case NETDEV_DOWN:
		igmp_dev_event(i, false);
		route_purge(d->net, false, is_of_dev, d);
		break;
	case NETDEV_GONE:
		dev_gone(d, i);
		break;
	case NETDEV_CHANGED:
		if (d->mtu < 68)
			dev_gone(d, i);
		else
			route_changed(d->net);
		/* Who was on the link that is no more may not be on the next. */
		if (!d->carrier && IP4_BOTH(i, arp_evict_nocarrier))
			neigh_flush_version(d->net, d, true, false);
		break;
	default:
		break;
	}
}

/* --- questions, RCU --- */

static be32 select_on(struct netdev *d, be32 dst, u8 scope, bool other)
{
	struct ip4_dev *i = ip4_dev(d);
	struct ip4_addr *a;
	be32 first = 0;

	if (!i)
		return 0;
	list_for_each_entry_rcu(a, &i->addrs, link) {
		if (READ_ONCE(a->flags) & IFA_SECONDARY_ || a->scope > scope ||
		    (other && a->scope == SCOPE_LINK))
			continue;
		if (!dst || same_net(dst, a->peer, a->mask))
			return a->local;
		if (!first)
			first = a->local;
	}
	return first;
}

be32 ip4_select_source(struct net *net, struct netdev *d, be32 dst, u8 scope)
{
	be32 got = select_on(d, dst, scope, false);
	struct netdev *o;

	if (got)
		return got;
	list_for_each_entry_rcu(o, &net->devices, link) {
		got = select_on(o, 0, scope, true);
		if (got)
			return got;
	}
	return 0;
}

struct netdev *ip4_device_of(struct net *net, be32 local)
{
	struct in6_addr a = addr_from_v4(local);
	const struct route_entry *e = route_match(net, &a, 0);

	return e && e->c.type == ROUTE_LOCAL ? e->c.dev : NULL;
}

bool ip4_on_link(const struct ip4_dev *i, be32 a)
{
	struct ip4_addr *pos;

	list_for_each_entry_rcu(pos, &i->addrs, link)
		if (same_net(a, pos->peer, pos->mask))
			return true;
	return false;
}
