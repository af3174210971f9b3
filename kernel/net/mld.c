/*
 * Groups that devices are in, and MLD, which tells routers of them: version 2 (RFC 3810), and
 * version 1 (RFC 2710) where a router speaks that (RFC 3810 8). As igmp.c for IPv4.
 *
 * Locks: [t] net->mutex; readers use RCU. [g] mld_dev.lock, for what timers change.
 */
#include "net/ipv6_dev.h"

#include <byteorder.h>
#include <compiler.h>
#include <uapi/errno.h>
#include <uapi/if.h>

#include "alloc/slab.h"
#include "core/random.h"
#include "core/time.h"
#include "net/mcast.h"
#include "net/wire/ipv6.h"

#define OLD_ROUTER (260 * NSEC_PER_SEC) /* RFC 3810 9.12 */

struct group6 {
	struct list_head link; /* [t] RCU */
	struct in6_addr addr; /* [I] */
	struct mcast_sum sum; /* [t] RCU */
	unsigned repeats; /* [g] reports of a change that are still to be made */
	u64 when; /* [g] the next report, now_mono() ns; 0: none */
	struct rcu_head rcu;
};

struct mld_dev {
	unsigned robustness; /* [t] net.ipv6.mld_qrv when it was raised */
	struct ip6_dev *ip6; /* [I] */
	spinlock_t lock; /* RANK_NET_TABLE */
	struct list_head groups; /* [t] RCU */
	u64 v1_until; /* [g] */
	struct net_timer timer;
	u64 timer_at; /* [g] 0: not started */
};

static struct group6 *group_find(const struct mld_dev *m, const struct in6_addr *addr)
{
	struct group6 *g;

	list_for_each_entry_rcu(g, &m->groups, link)
		if (addr_equal(&g->addr, addr))
			return g;
	return NULL;
}

bool mld_wanted(const struct ip6_dev *i, const struct in6_addr *group, const struct in6_addr *src)
{
	const struct group6 *g = group_find(i->mld, group);

	return g && mcast_sum_wants(&g->sum, src);
}

/* --- messages --- */

/* RFC 3810 6: of all nodes, and of what stays on the machine, nobody needs to be told. */
static bool silent(const struct mld_dev *m, const struct group6 *g)
{
	return addr_equal(&g->addr, &ip6_all_nodes) || (g->addr.s6_addr[1] & 0x0f) <= 1 ||
	       (m->ip6->dev->flags & IFF_LOOPBACK) || !m->ip6->up;
}

static bool version1(struct mld_dev *m)
{
	int forced = READ_ONCE(m->ip6->conf.force_mld_version);

	return forced ? forced == 1 : READ_ONCE(m->v1_until) > now_mono();
}

static void send_v2(struct mld_dev *m, const struct group6 *g, u8 type)
{
	bool exclude = type == MLD2_IS_EXCLUDE || type == MLD2_TO_EXCLUDE;
	const struct mcast_source *s;
	struct icmp6_header *h;
	struct mld2_record *rec;
	struct in6_addr src;
	struct packet *p;
	u32 n = mcast_sum_length(&g->sum, exclude), at = 0, len;

	len = (u32)(sizeof(*h) + sizeof(*rec)) + n * 16;
	p = packet_alloc(PACKET_HEADROOM, len);
	if (!p)
		return;
	h = packet_put(p, len);
	memset(h, 0, len);
	h->type = MLD2_REPORT;
	h->echo.seq = cpu_to_be16(1); /* records */
	rec = (struct mld2_record *)(h + 1);
	rec->type = type;
	memcpy(rec->group, &g->addr, 16);
	list_for_each_entry_rcu(s, &g->sum.sources, link)
		if (mcast_sum_lists(&g->sum, s, exclude) && at < n)
			memcpy((u8 *)(rec + 1) + 16 * at++, &s->addr, 16);
	rec->nr_sources = cpu_to_be16((u16)at);
	packet_trim(p, len - (n - at) * 16);
	/* RFC 3590: before there is an address, from none. */
	if (!ip6_link_local(m->ip6, &src))
		src = in6addr_any;
	icmp6_send(m->ip6->dev->net, m->ip6->dev, p, &src, &ip6_all_mld2, 1, true);
}

static void send_v1(struct mld_dev *m, const struct in6_addr *group, u8 type)
{
	struct packet *p = packet_alloc(PACKET_HEADROOM, sizeof(struct mld_header));
	struct in6_addr src;
	struct mld_header *h;

	if (!p)
		return;
	h = packet_put(p, sizeof(*h));
	memset(h, 0, sizeof(*h));
	h->icmp.type = type;
	memcpy(h->group, group, 16);
	if (!ip6_link_local(m->ip6, &src))
		src = in6addr_any;
	icmp6_send(m->ip6->dev->net, m->ip6->dev, p, &src,
		   type == MLD_DONE ? &ip6_all_routers : group, 1, true);
}

/* RFC 3810 9.11, RFC 2710 7.10: within what time a report is repeated; ns. */
static u64 interval(struct mld_dev *m)
{
	const struct ip6_conf *c = &m->ip6->conf;
	int ms = version1(m) ? READ_ONCE(c->mldv1_unsolicited_report_interval) :
			       READ_ONCE(c->mldv2_unsolicited_report_interval);

	return (u64)max(ms, 1) * NSEC_PER_MSEC;
}

static void report(struct mld_dev *m, const struct group6 *g, bool change)
{
	bool exclude = READ_ONCE(g->sum.exclude);

	if (version1(m))
		send_v1(m, &g->addr, MLD_REPORT);
	else if (change)
		send_v2(m, g, exclude ? MLD2_TO_EXCLUDE : MLD2_TO_INCLUDE);
	else
		send_v2(m, g, exclude ? MLD2_IS_EXCLUDE : MLD2_IS_INCLUDE);
}

/* [g] The timer runs by then. */
static void kick(struct mld_dev *m, u64 when)
{
	if (m->timer_at && m->timer_at <= when)
		return;
	m->timer_at = when;
	net_timer_start(&m->timer, when);
}

/* [g] A report in a random part of that time; one that is due sooner stays. */
static void report_within(struct mld_dev *m, struct group6 *g, u64 delay)
{
	u64 when = now_mono() + 1 + random_u64() % (delay + 1);

	if (!g->when || when < g->when)
		g->when = when;
	kick(m, g->when);
}

static void timer_run(struct net_timer *t)
{
	struct mld_dev *m = container_of(t, struct mld_dev, timer);
	u64 now = now_mono();
	struct group6 *g;

	spin_lock(&m->lock);
	m->timer_at = 0;
	spin_unlock(&m->lock);
	list_for_each_entry_rcu(g, &m->groups, link) {
		bool due, change = false;

		spin_lock(&m->lock);
		due = g->when && g->when <= now;
		if (due) {
			g->when = 0;
			change = g->repeats > 0;
			if (g->repeats && --g->repeats)
				report_within(m, g, interval(m));
		} else if (g->when) {
			kick(m, g->when);
		}
		spin_unlock(&m->lock);
		if (due && !silent(m, g))
			report(m, g, change);
	}
}

/* RFC 3810 6.1: a change is told at once, and again. */
static void announce(struct mld_dev *m, struct group6 *g)
{
	if (silent(m, g))
		return;
	spin_lock(&m->lock);
	g->repeats = m->robustness - 1;
	if (g->repeats)
		report_within(m, g, interval(m));
	spin_unlock(&m->lock);
	report(m, g, true);
}

/* --- groups --- */

static void link_address(const struct in6_addr *group, u8 mac[6])
{
	mac[0] = mac[1] = 0x33;
	memcpy(mac + 2, &group->s6_addr[12], 4);
}

static void group_free(struct rcu_head *h)
{
	struct group6 *g = container_of(h, struct group6, rcu);

	mcast_sum_free(&g->sum);
	kfree(g);
}

int mld_join(struct netdev *d, const struct in6_addr *group, const struct mcast_filter *f)
{
	struct ip6_dev *i = ip6_dev(d);
	struct group6 *g;
	bool fresh;
	u8 mac[8];
	int err;

	if (!i)
		return -ENODEV;
	g = group_find(i->mld, group);
	fresh = !g;
	if (fresh) {
		g = kzalloc(sizeof(*g), 0);
		if (!g)
			return -ENOMEM;
		g->addr = *group;
		list_init(&g->sum.sources);
	}
	err = mcast_sum_count(&g->sum, f, 1);
	if (err) {
		if (fresh)
			group_free(&g->rcu);
		return err;
	}
	g->sum.users++;
	if (fresh) {
		list_add_tail_rcu(&g->link, &i->mld->groups);
		link_address(group, mac);
		if (netdev_ethernet(d) && !(d->flags & IFF_LOOPBACK))
			netdev_multicast(d, mac, 1);
	}
	announce(i->mld, g);
	return 0;
}

static void group_remove(struct mld_dev *m, struct group6 *g)
{
	struct netdev *d = m->ip6->dev;
	u8 mac[8];

	list_unlink_(&g->link);
	link_address(&g->addr, mac);
	if (netdev_ethernet(d) && !(d->flags & IFF_LOOPBACK))
		netdev_multicast(d, mac, -1);
	if (!silent(m, g) && version1(m))
		send_v1(m, &g->addr, MLD_DONE);
	else if (!silent(m, g))
		send_v2(m, g, MLD2_TO_INCLUDE);
	call_rcu(&g->rcu, group_free);
}

void mld_leave(struct netdev *d, const struct in6_addr *group, const struct mcast_filter *f)
{
	struct ip6_dev *i = ip6_dev(d);
	struct group6 *g = i ? group_find(i->mld, group) : NULL;

	if (!g)
		return;
	mcast_sum_count(&g->sum, f, -1);
	if (!--g->sum.users)
		group_remove(i->mld, g);
	else
		announce(i->mld, g);
}

int mld_change(struct netdev *d, const struct in6_addr *group, const struct mcast_filter *was,
	       const struct mcast_filter *now)
{
	struct ip6_dev *i = ip6_dev(d);
	struct group6 *g = i ? group_find(i->mld, group) : NULL;
	int err;

	if (!g)
		return -EADDRNOTAVAIL;
	err = mcast_sum_count(&g->sum, now, 1);
	if (err)
		return err;
	mcast_sum_count(&g->sum, was, -1);
	announce(i->mld, g);
	return 0;
}

void mld_for_each(const struct ip6_dev *i,
		  void (*fn)(const struct in6_addr *group, int users, void *arg), void *arg)
{
	const struct group6 *g;

	list_for_each_entry_rcu(g, &i->mld->groups, link)
		fn(&g->addr, (int)g->sum.users, arg);
}

void mld_for_each_source(const struct ip6_dev *i,
			 void (*fn)(const struct in6_addr *group, const struct in6_addr *source,
				    unsigned include, unsigned exclude, void *arg),
			 void *arg)
{
	const struct mcast_source *src;
	const struct group6 *g;

	list_for_each_entry_rcu(g, &i->mld->groups, link)
		list_for_each_entry_rcu(src, &g->sum.sources, link)
			fn(&g->addr, &src->addr, READ_ONCE(src->include), READ_ONCE(src->exclude),
			   arg);
}

/* --- devices --- */

int mld_dev_init(struct ip6_dev *i)
{
	struct mld_dev *m = kzalloc(sizeof(*m), 0);

	if (!m)
		return -ENOMEM;
	m->ip6 = i;
	m->robustness = (unsigned)READ_ONCE(i->dev->net->ip6->mld_qrv);
	spin_init(&m->lock, RANK_NET_TABLE, "mld");
	list_init(&m->groups);
	net_timer_init(&m->timer, timer_run);
	i->mld = m;
	return 0;
}

void mld_dev_event(struct ip6_dev *i, bool up)
{
	struct group6 *g;

	if (up)
		i->mld->robustness = (unsigned)READ_ONCE(i->dev->net->ip6->mld_qrv);
	list_for_each_entry(g, &i->mld->groups, link)
		if (up)
			announce(i->mld, g);
}

void mld_dev_stop(struct ip6_dev *i)
{
	struct group6 *g, *next;

	list_for_each_entry_safe(g, next, &i->mld->groups, link)
		group_remove(i->mld, g);
	net_timer_cancel(&i->mld->timer);
}

void mld_dev_free(struct ip6_dev *i)
{
	kfree(i->mld);
}

/* --- queries --- */

/* RFC 3810 5.1.3: a mantissa and an exponent, ms. */
static u64 max_response(u16 code)
{
	return code < 32768 ? code : (u64)((code & 0xfff) | 0x1000) << ((code >> 12 & 7) + 3);
}

void mld_receive(struct net *net __unused, struct packet *p)
{
	const struct ip_received *r = ip_received(p);
	struct ip6_dev *i = ip6_dev(p->dev);
	const struct mld_header *h = packet_pull_up(p, sizeof(*h));
	struct in6_addr group;
	struct group6 *g;
	u64 delay;

	/* RFC 3810 5.1.14: from this link, with one hop. */
	if (!h || !i || !ip6_link_scope(&r->src) || r->ttl != 1) {
		packet_free(p);
		return;
	}
	memcpy(&group, h->group, 16);
	delay = be16_to_cpu(h->icmp.echo.id);
	if (p->len < sizeof(*h) + sizeof(struct mld2_query)) {
		spin_lock(&i->mld->lock);
		WRITE_ONCE(i->mld->v1_until, now_mono() + OLD_ROUTER);
		spin_unlock(&i->mld->lock);
	} else {
		delay = max_response((u16)delay);
	}
	list_for_each_entry_rcu(g, &i->mld->groups, link) {
		if (silent(i->mld, g) || (!addr_is_any(&group) && !addr_equal(&group, &g->addr)))
			continue;
		spin_lock(&i->mld->lock);
		report_within(i->mld, g, delay * NSEC_PER_MSEC);
		spin_unlock(&i->mld->lock);
	}
	packet_free(p);
}
