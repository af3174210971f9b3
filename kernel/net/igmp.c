/*
 * Groups that devices are in, and IGMP, which tells routers of them: version 3 (RFC 3376), and, where
 * a router speaks an older one, versions 2 and 1 (RFC 2236, RFC 1112; RFC 3376 7.2).
 *
 * Locks: [t] net->mutex; readers use RCU. [g] igmp_dev.lock, for what timers change.
 */
#include <compiler.h>
#include <uapi/errno.h>
#include <uapi/if.h>
#include <uapi/in.h>

#include "alloc/slab.h"
#include "core/random.h"
#include "core/time.h"
#include "lib/hash.h"
#include "net/ipv4.h"
#include "net/mcast.h"
#include "net/wire/icmp.h"

#define GROUP_BITS  5
#define ALL_HOSTS   0xe0000001u
#define ALL_ROUTERS 0xe0000002u
#define V3_ROUTERS  0xe0000016u
#define OLD_ROUTER  (400 * NSEC_PER_SEC) /* RFC 3376 8.12 */

enum { V1 = 1, V2, V3 };
/* Records of RFC 3376 4.2.12. */
enum { IS_INCLUDE = 1, IS_EXCLUDE, TO_INCLUDE, TO_EXCLUDE };

struct group {
	struct hlist_node link; /* [t] RCU */
	struct igmp_dev *dev; /* [I] */
	be32 addr; /* [I] */
	struct mcast_sum sum; /* [t] RCU */
	unsigned repeats; /* [g] reports of our own accord that are still to be made */
	bool change; /* [g] they tell of a change, not of the state */
	bool reported; /* [g] the last report on the link was ours: version 2's leave */
	bool gone; /* [g] out of the table */
	atomic_t refs; /* [a] the table's, a started timer's */
	struct net_timer timer;
	struct rcu_head rcu;
};

struct igmp_dev {
	struct ip4_dev *ip4; /* [I] */
	spinlock_t lock; /* RANK_NET_TABLE */
	unsigned robustness; /* [t] net.ipv4.igmp_qrv when it was raised */
	u64 v1_until, v2_until; /* [g] older routers are there: now_mono() ns */
	struct hlist_head groups[1 << GROUP_BITS]; /* [t] RCU */
};

static void group_timer(struct net_timer *t);

static struct hlist_head *chain_of(struct igmp_dev *i, be32 group)
{
	return &i->groups[hash_index(hash64((__force u32)group), GROUP_BITS)];
}

static struct group *group_find(struct igmp_dev *i, be32 addr)
{
	struct group *g;

	hlist_for_each_entry(g, chain_of(i, addr), link)
		if (g->addr == addr)
			return g;
	return NULL;
}

static void group_free(struct rcu_head *h)
{
	struct group *g = container_of(h, struct group, rcu);

	mcast_sum_free(&g->sum);
	kfree(g);
}

static void group_put(struct group *g)
{
	if (atomic_dec_and_test(&g->refs))
		call_rcu(&g->rcu, group_free);
}

static void start_timer(struct group *g, u64 delay)
{
	atomic_inc(&g->refs);
	if (net_timer_start(&g->timer, now_mono() + random_u64() % (delay + 1)))
		group_put(g);
}

bool igmp_wanted(const struct ip4_dev *i, be32 group, be32 src, u8 proto)
{
	struct in6_addr from = addr_from_v4(src);
	const struct group *g = group_find(i->igmp, group);

	return g && mcast_sum_wants(&g->sum, proto == IPPROTO_IGMP || !src ? NULL : &from);
}

/* --- messages --- */

static int version(struct igmp_dev *i)
{
	int forced = READ_ONCE(i->ip4->conf.force_igmp_version);
	u64 now = now_mono();

	if (forced >= V1 && forced <= V3)
		return forced;
	return READ_ONCE(i->v1_until) > now ? V1 : READ_ONCE(i->v2_until) > now ? V2 : V3;
}

static void send(struct igmp_dev *i, be32 to, struct packet *p)
{
	struct netdev *d = i->ip4->dev;
	static const u8 router_alert[4] = { IPV4_OPT_RA, 4, 0, 0 };
	struct route_key key = { .dst = addr_from_v4(to),
				 .src = addr_from_v4(0),
				 .oif = d->ifindex };
	struct igmp_header *h = (struct igmp_header *)p->data;
	struct route r;
	struct ip_send s;

	h->sum = (__force be16)0;
	h->sum = (__force be16)csum_fold(packet_sum(p, 0, p->len, 0));
	if (route_lookup(d->net, &key, &r)) {
		route_put(&r);
		packet_free(p);
		return;
	}
	s = (struct ip_send){
		.src = r.src,
		.dst = r.dst,
		.route = &r,
		.proto = IPPROTO_IGMP,
		.ttl = 1,
		.tos = 0xc0,
		.df = true,
		.no_loop = true,
		.options = router_alert,
		.options_len = sizeof(router_alert),
	};
	ip_send(d->net, p, &s);
	route_put(&r);
}

static void send_v3(struct group *g, u8 type)
{
	bool exclude = type == IS_EXCLUDE || type == TO_EXCLUDE;
	u16 n = (u16)mcast_sum_length(&g->sum, exclude), at = 0;
	u32 len = (u32)(sizeof(struct igmp3_report) + sizeof(struct igmp3_record)) + n * 4u;
	struct packet *p = packet_alloc(PACKET_HEADROOM, len);
	struct igmp3_record *rec;
	struct igmp3_report *h;
	const struct mcast_source *s;

	if (!p)
		return;
	h = packet_put(p, len);
	memset(h, 0, len);
	h->type = IGMP_V3_REPORT;
	h->nr_records = cpu_to_be16(1);
	rec = (struct igmp3_record *)(h + 1);
	rec->type = type;
	rec->group = g->addr;
	list_for_each_entry_rcu(s, &g->sum.sources, link)
		if (mcast_sum_lists(&g->sum, s, exclude) && at < n)
			rec->sources[at++] = addr_v4(&s->addr);
	rec->nr_sources = cpu_to_be16(at);
	packet_trim(p, len - (u32)(n - at) * 4);
	send(g->dev, cpu_to_be32(V3_ROUTERS), p);
}

static void send_old(struct igmp_dev *i, u8 type, be32 group)
{
	struct packet *p = packet_alloc(PACKET_HEADROOM, sizeof(struct igmp_header));
	struct igmp_header *h;

	if (!p)
		return;
	h = packet_put(p, sizeof(*h));
	*h = (struct igmp_header){ .type = type, .group = group };
	send(i, type == IGMP_V2_LEAVE ? cpu_to_be32(ALL_ROUTERS) : group, p);
}

/* RFC 3376 8.11, RFC 2236 8.10: within what time a report is repeated; ns. */
static u64 interval(struct igmp_dev *i)
{
	const struct ip4_conf *c = &i->ip4->conf;
	int ms = version(i) == V3 ? READ_ONCE(c->igmpv3_unsolicited_report_interval) :
				    READ_ONCE(c->igmpv2_unsolicited_report_interval);

	return (u64)max(ms, 1) * NSEC_PER_MSEC;
}

/* Of 224.0.0.1 nobody needs to be told, nor on the loopback, nor, it may be said, of 224.0.0.0/24. */
static bool silent(const struct group *g)
{
	if (be32_to_cpu(g->addr) >> 8 == ALL_HOSTS >> 8 &&
	    !READ_ONCE(g->dev->ip4->dev->net->ip4->igmp_link_local_reports))
		return true;
	return g->addr == cpu_to_be32(ALL_HOSTS) || g->dev->ip4->dev->flags & IFF_LOOPBACK ||
	       !(g->dev->ip4->dev->flags & IFF_UP);
}

static void report(struct group *g, bool change)
{
	int v = version(g->dev);

	if (v == V3 && change)
		send_v3(g, g->sum.exclude ? TO_EXCLUDE : TO_INCLUDE);
	else if (v == V3)
		send_v3(g, g->sum.exclude ? IS_EXCLUDE : IS_INCLUDE);
	else
		send_old(g->dev, v == V2 ? IGMP_V2_REPORT : IGMP_V1_REPORT, g->addr);
}

static void group_timer(struct net_timer *t)
{
	struct group *g = container_of(t, struct group, timer);
	bool gone, change;

	/* The device goes a grace period after its groups have gone. */
	if (READ_ONCE(g->gone)) {
		group_put(g);
		return;
	}
	spin_lock(&g->dev->lock);
	gone = g->gone;
	change = g->change;
	if (!gone) {
		g->reported = true;
		if (g->repeats && --g->repeats)
			start_timer(g, interval(g->dev));
		else
			g->change = false;
	}
	spin_unlock(&g->dev->lock);
	if (!gone)
		report(g, change);
	group_put(g);
}

/* Reports of our own accord: now, and once more soon (RFC 3376 5.1). */
static void announce(struct group *g)
{
	if (silent(g))
		return;
	spin_lock(&g->dev->lock);
	g->repeats = g->dev->robustness - 1;
	g->change = true;
	g->reported = true;
	if (g->repeats)
		start_timer(g, interval(g->dev));
	spin_unlock(&g->dev->lock);
	report(g, true);
}

/* --- groups --- */

static void link_address(be32 group, u8 mac[6])
{
	u32 g = be32_to_cpu(group);

	mac[0] = 0x01;
	mac[1] = 0x00;
	mac[2] = 0x5e;
	mac[3] = g >> 16 & 0x7f;
	mac[4] = (u8)(g >> 8);
	mac[5] = (u8)g;
}

int igmp_join(struct netdev *d, be32 group, const struct mcast_filter *f)
{
	struct ip4_dev *i = ip4_dev(d);
	struct group *g;
	bool fresh;
	u8 mac[8];
	int err;

	if (!i)
		return -ENODEV;
	g = group_find(i->igmp, group);
	fresh = !g;
	if (fresh) {
		g = kzalloc(sizeof(*g), 0);
		if (!g)
			return -ENOMEM;
		g->dev = i->igmp;
		g->addr = group;
		atomic_set(&g->refs, 1);
		list_init(&g->sum.sources);
		net_timer_init(&g->timer, group_timer);
	}
	err = mcast_sum_count(&g->sum, f, 1);
	if (err) {
		if (fresh)
			group_put(g);
		return err;
	}
	g->sum.users++;
	if (fresh) {
		hlist_add_head(&g->link, chain_of(i->igmp, group));
		link_address(group, mac);
		if (netdev_ethernet(d) && !(d->flags & IFF_LOOPBACK))
			netdev_multicast(d, mac, 1);
	}
	announce(g);
	return 0;
}

static void group_remove(struct group *g)
{
	struct igmp_dev *i = g->dev;
	struct netdev *d = i->ip4->dev;
	bool tell;
	u8 mac[8];

	hlist_del(&g->link);
	link_address(g->addr, mac);
	if (netdev_ethernet(d) && !(d->flags & IFF_LOOPBACK))
		netdev_multicast(d, mac, -1);
	spin_lock(&i->lock);
	g->gone = true;
	tell = !silent(g) && (version(i) == V3 || (version(i) == V2 && g->reported));
	if (net_timer_cancel(&g->timer))
		group_put(g);
	spin_unlock(&i->lock);
	if (tell && version(i) == V3)
		send_v3(g, TO_INCLUDE);
	else if (tell)
		send_old(i, IGMP_V2_LEAVE, g->addr);
	group_put(g);
}

void igmp_leave(struct netdev *d, be32 group, const struct mcast_filter *f)
{
	struct ip4_dev *i = ip4_dev(d);
	struct group *g = i ? group_find(i->igmp, group) : NULL;

	if (!g)
		return;
	mcast_sum_count(&g->sum, f, -1);
	if (!--g->sum.users)
		group_remove(g);
	else
		announce(g);
}

int igmp_change(struct netdev *d, be32 group, const struct mcast_filter *was,
		const struct mcast_filter *now)
{
	struct ip4_dev *i = ip4_dev(d);
	struct group *g = i ? group_find(i->igmp, group) : NULL;
	int err;

	if (!g)
		return -EADDRNOTAVAIL;
	err = mcast_sum_count(&g->sum, now, 1);
	if (err)
		return err;
	mcast_sum_count(&g->sum, was, -1);
	announce(g);
	return 0;
}

/* --- devices --- */

int igmp_dev_init(struct ip4_dev *i)
{
	i->igmp = kzalloc(sizeof(*i->igmp), 0);
	if (!i->igmp)
		return -ENOMEM;
	i->igmp->ip4 = i;
	i->igmp->robustness = (unsigned)READ_ONCE(i->dev->net->ip4->igmp_qrv);
	spin_init(&i->igmp->lock, RANK_NET_TABLE, "igmp");
	return 0;
}

void igmp_dev_event(struct ip4_dev *i, bool up)
{
	struct group *g = group_find(i->igmp, cpu_to_be32(ALL_HOSTS));

	if (up)
		i->igmp->robustness = (unsigned)READ_ONCE(i->dev->net->ip4->igmp_qrv);
	if (up && !g)
		igmp_join(i->dev, cpu_to_be32(ALL_HOSTS), NULL);
	else if (!up && g)
		igmp_leave(i->dev, cpu_to_be32(ALL_HOSTS), NULL);
	for (size_t n = 0; up && n < ARRAY_SIZE(i->igmp->groups); n++)
		hlist_for_each_entry(g, &i->igmp->groups[n], link)
			announce(g);
}

void igmp_dev_destroy(struct ip4_dev *i)
{
	struct hlist_node *next;
	struct group *g;

	for (size_t n = 0; n < ARRAY_SIZE(i->igmp->groups); n++)
		hlist_for_each_entry_safe(g, next, &i->igmp->groups[n], link)
			group_remove(g);
}

void igmp_dev_free(struct ip4_dev *i)
{
	kfree(i->igmp);
}

void igmp_for_each(const struct ip4_dev *i,
		   void (*fn)(be32 group, unsigned users, bool timer, void *arg), void *arg)
{
	const struct group *g;

	for (size_t n = 0; n < ARRAY_SIZE(i->igmp->groups); n++)
		hlist_for_each_entry(g, &i->igmp->groups[n], link)
			fn(g->addr, g->sum.users, READ_ONCE(g->repeats) != 0, arg);
}

void igmp_for_each_source(const struct ip4_dev *i,
			  void (*fn)(be32 group, be32 source, unsigned include, unsigned exclude,
				     void *arg),
			  void *arg)
{
	const struct mcast_source *src;
	const struct group *g;

	for (size_t n = 0; n < ARRAY_SIZE(i->igmp->groups); n++)
		hlist_for_each_entry(g, &i->igmp->groups[n], link)
			list_for_each_entry_rcu(src, &g->sum.sources, link)
				fn(g->addr, addr_v4(&src->addr), READ_ONCE(src->include),
				   READ_ONCE(src->exclude), arg);
}

/* --- receiving --- */

static void answer_query(struct igmp_dev *i, be32 group, u64 delay)
{
	struct group *g;

	for (size_t n = 0; n < ARRAY_SIZE(i->groups); n++) {
		hlist_for_each_entry(g, &i->groups[n], link) {
			if (silent(g) || (group && g->addr != group))
				continue;
			spin_lock(&i->lock);
			if (!g->gone && !g->repeats)
				start_timer(g, delay);
			spin_unlock(&i->lock);
		}
	}
}

/* RFC 3376 7.1: which version the router speaks is told by the length. */
static void receive_query(struct igmp_dev *i, const struct igmp_header *h, u32 n)
{
	u64 now = now_mono(), delay;

	if (n == sizeof(*h)) {
		delay = (h->max_resp ? h->max_resp : 100) * (NSEC_PER_SEC / 10);
		if (h->max_resp)
			WRITE_ONCE(i->v2_until, now + OLD_ROUTER);
		else
			WRITE_ONCE(i->v1_until, now + OLD_ROUTER);
	} else if (n >= sizeof(*h) + sizeof(struct igmp3_query)) {
		u32 code = h->max_resp;

		/* 4.1.1: from 128 on a small float */
		if (code >= 128)
			code = ((code & 0xf) | 0x10) << ((code >> 4 & 7) + 3);
		delay = max(code, 1u) * (NSEC_PER_SEC / 10);
	} else {
		return;
	}
	answer_query(i, h->group, delay);
}

/* Versions 1 and 2: somebody else's report will do. */
static void receive_report(struct igmp_dev *i, be32 group)
{
	struct group *g = group_find(i, group);

	if (!g)
		return;
	spin_lock(&i->lock);
	if (!g->gone) {
		if (net_timer_cancel(&g->timer))
			group_put(g);
		g->repeats = 0;
		g->reported = false;
	}
	spin_unlock(&i->lock);
}

static void igmp_input(struct net *net __unused, struct packet *p)
{
	struct ip4_dev *i = ip4_dev(p->dev);
	const struct igmp_header *h;

	if (!i || (p->csum == CSUM_NONE && csum_fold(packet_sum(p, 0, p->len, 0))))
		goto drop;
	h = packet_pull_up(p, sizeof(*h));
	if (!h)
		goto drop;
	switch (h->type) {
	case IGMP_QUERY:
		receive_query(i->igmp, h, p->len);
		break;
	case IGMP_V1_REPORT:
	case IGMP_V2_REPORT:
		receive_report(i->igmp, h->group);
		break;
	default:
		break;
	}
drop:
	packet_free(p);
}

const struct ip_protocol igmp_protocol = {
	.number = IPPROTO_IGMP,
	.input = igmp_input,
};
