/*
 * IPv6 of a network: its settings, counters, and what happens to it as devices come, go up and
 * down, and leave. RFC 8504 says what a host must do; RFC 2464 how Ethernet makes identifiers.
 */
#include "net/ipv6_dev.h"

#include <byteorder.h>
#include <compiler.h>
#include <uapi/errno.h>
#include <uapi/if.h>
#include <uapi/rtnetlink.h>

#include "alloc/slab.h"
#include "arch/riscv/cpu.h"
#include "core/random.h"
#include "net/mcast.h"
#include "net/neigh.h"
#include "net/route.h"
#include "net/wire/eth.h"
#include "net/wire/ipv6.h"

/* --- counters: each hart has its own --- */

void ip6_count(struct net *net, const struct netdev *d, enum ip6_stat s, u64 n)
{
	const struct ip6_dev *i = d ? ip6_dev(d) : NULL;

	(i ? i->stats : net->ip6->stats)[hart_id()][s] += n;
}

void ip6_count_icmp(struct net *net, const struct netdev *d, bool out, u8 type)
{
	struct ip6_dev *i = d ? ip6_dev(d) : NULL;

	ip6_count(net, d, out ? ICMP6_OUT_MSGS : ICMP6_IN_MSGS, 1);
	net->ip6->icmp_types[hart_id()][out][type]++;
	if (i)
		__atomic_fetch_add(&i->icmp_types[out][type], 1, __ATOMIC_RELAXED);
}

static u64 sum_of(u64 (*stats)[IP6_STATS], enum ip6_stat s)
{
	u64 sum = 0;

	for (unsigned h = 0; h < nr_harts; h++)
		sum += READ_ONCE(stats[h][s]);
	return sum;
}

u64 ip6_dev_stat(const struct ip6_dev *i, enum ip6_stat s)
{
	return sum_of(i->stats, s);
}

u64 ip6_stat(struct net *net, enum ip6_stat s)
{
	struct ip6_net *n6 = net->ip6;
	u64 sum = sum_of(n6->stats, s);
	struct ip6_dev *i;

	spin_lock(&n6->counted_lock);
	sum += n6->gone[s];
	list_for_each_entry(i, &n6->counted, counted_link)
		sum += sum_of(i->stats, s);
	spin_unlock(&n6->counted_lock);
	return sum;
}

u64 ip6_icmp_stat(struct net *net, bool out, u8 type)
{
	u64 sum = 0;

	for (unsigned h = 0; h < nr_harts; h++)
		sum += READ_ONCE(net->ip6->icmp_types[h][out][type]);
	return sum;
}

/* --- a network --- */

static void ip6_conf_default(struct ip6_conf *c)
{
	*c = (struct ip6_conf){
		.hop_limit = 64,
		.mtu = IPV6_MIN_MTU,
		.accept_ra = 1,
		.accept_redirects = 1,
		.autoconf = 1,
		.dad_transmits = 1,
		.router_solicitations = -1,
		.router_solicitation_interval = 4,
		.router_solicitation_delay = 1,
		.max_addresses = 16,
		.accept_ra_defrtr = 1,
		.accept_ra_pinfo = 1,
		.accept_ra_rtr_pref = 1,
		.accept_ra_mtu = 1,
		.accept_dad = 1,
		.accept_ra_min_hop_limit = 1,
		.ra_defrtr_metric = 1024,
		.temp_valid_lft = 7 * 86400, /* RFC 8981 3.8 */
		.temp_prefered_lft = 86400,
		.regen_max_retry = 3,
		.max_desync_factor = 600,
		.enhanced_dad = 1,
		.mldv1_unsolicited_report_interval = 10000,
		.mldv2_unsolicited_report_interval = 1000,
		.ndisc_evict_nocarrier = 1,
		.regen_min_advance = 2,
		.router_solicitation_max_interval = 3600,
		.suppress_frag_ndisc = 1,
	};
}

int ip6_net_init(struct net *net)
{
	struct ip6_net *n6 = kzalloc(sizeof(*n6), 0);
	int err;

	if (!n6)
		return -ENOMEM;
	n6->net = net;
	spin_init(&n6->counted_lock, RANK_NET_TABLE, "ipv6 counters");
	list_init(&n6->counted);
	n6->stats = kcalloc(nr_harts, sizeof(*n6->stats));
	n6->icmp_types = kcalloc(nr_harts, sizeof(*n6->icmp_types));
	ip6_conf_default(&n6->all);
	ip6_conf_default(&n6->dflt);
	n6->all.accept_dad = 0;
	n6->auto_flowlabels = 1;
	n6->idgen_retries = 3;
	n6->icmp_ratelimit = 1000;
	n6->frag_high = 4u << 20;
	n6->frag_low = 3u << 20;
	n6->frag_time = 60;
	n6->min_adv_mss = 1220;
	n6->max_dst_length = n6->max_hbh_length = S32_MAX;
	n6->icmp_ratemask[0] = ~(1UL << ICMP6_PACKET_TOO_BIG);
	n6->icmp_ratemask[1] = ~0UL; /* errors; information is not limited */
	n6->mld_max_msf = 64;
	n6->mld_qrv = 2;
	n6->mtu_expires = 600;
	n6->max_dst_opts = n6->max_hbh_opts = 8;
	n6->error_tokens = ICMP6_BURST;
	net->ip6 = n6;
	err = n6->stats && n6->icmp_types ? ip6_frag_init(net) : -ENOMEM;
	if (!err) {
		nd_net_init(net);
		return 0;
	}
	kfree(n6->stats);
	kfree(n6->icmp_types);
	kfree(n6);
	net->ip6 = NULL;
	return err;
}

void ip6_net_stop(struct net *net)
{
	if (!net->ip6)
		return;
	nd_net_stop(net);
	ip6_frag_flush(net);
}

void ip6_net_destroy(struct net *net)
{
	struct ip6_net *n6 = net->ip6;

	if (!n6)
		return;
	kfree(n6->frags);
	kfree(n6->stats);
	kfree(n6->icmp_types);
	kfree(n6);
	net->ip6 = NULL;
}

/* --- devices --- */

/* RFC 4291 A: the link address with ff:fe in the middle, and the universal bit turned. */
static void make_token(struct ip6_dev *i)
{
	const u8 *mac = i->dev->addr;

	if (i->dev->addr_len == ETH_ALEN) {
		memcpy(i->token, mac, 3);
		i->token[3] = 0xff;
		i->token[4] = 0xfe;
		memcpy(i->token + 5, mac + 3, 3);
		i->token[0] ^= 2;
	} else {
		random_bytes(i->token, sizeof(i->token));
		i->token[0] &= (u8)~2;
	}
}

static int device_new(struct netdev *d)
{
	struct ip6_dev *i = kzalloc(sizeof(*i), 0);

	if (!i)
		return -ENOMEM;
	i->dev = d;
	list_init(&i->addrs);
	spin_init(&i->lock, RANK_NET_TABLE, "ipv6 device");
	i->conf = d->net->ip6->dflt;
	i->conf.mtu = (int)d->mtu;
	i->neigh = *neigh_params(d->net, true);
	if (d->flags & (IFF_LOOPBACK | IFF_NOARP))
		i->conf.accept_dad = i->conf.use_tempaddr = -1;
	if (i->conf.secret_set)
		i->conf.addr_gen_mode = GEN_STABLE;
	make_token(i);
	net_timer_init(&i->timer, nd_timer_run);
	i->net = d->net->ip6;
	i->stats = kcalloc(nr_harts, sizeof(*i->stats));
	if (!i->stats || mld_dev_init(i)) {
		kfree(i->stats);
		kfree(i);
		return -ENOMEM;
	}
	spin_lock(&i->net->counted_lock);
	list_add_tail(&i->counted_link, &i->net->counted);
	spin_unlock(&i->net->counted_lock);
	__atomic_store_n(&d->ip6, i, __ATOMIC_RELEASE);
	return 0;
}

static void group_route(struct netdev *d, bool add)
{
	struct route_config c = {
		.dst = { .s6_addr[0] = 0xff },
		.prefix_len = 8,
		.table = ROUTE_TABLE_LOCAL,
		.type = ROUTE_MULTICAST,
		.protocol = RTPROT_KERNEL,
		.metric = 256,
		.dev = d,
	};

	if (add)
		route_add(d->net, &c, ROUTE_CREATE | ROUTE_APPEND);
	else
		route_del(d->net, &c);
}

static void device_up(struct ip6_dev *i)
{
	struct netdev *d = i->dev;
	struct ip6_addr_config c = {
		.addr = in6addr_loopback,
		.prefix_len = 128,
		.proto = IFAPROT_KERNEL_LO,
		.valid = ~0u,
		.preferred = ~0u,
	};

	if (i->up || i->conf.disable_ipv6)
		return;
	i->up = true;
	mld_dev_event(i, true);
	mld_join(d, &ip6_all_nodes, NULL);
	if (d->flags & IFF_LOOPBACK) {
		c.no_route = true;
		ip6_addr_add(d, &c);
		return;
	}
	group_route(d, true);
	if (i->conf.forwarding)
		mld_join(d, &ip6_all_routers, NULL);
	make_token(i);
	ip6_gen_mode(i);
	ip6_addrs_ready(i);
}

void ip6_gen_mode(struct ip6_dev *i)
{
	struct ip6_addr_config c = { .addr = { .s6_addr = { 0xfe, 0x80 } },
				     .prefix_len = 64,
				     .proto = IFAPROT_KERNEL_LL,
				     .valid = ~0u,
				     .preferred = ~0u };

	if (!i->up || (i->dev->flags & IFF_LOOPBACK) ||
	    (i->dev->addr_len != ETH_ALEN && i->dev->type != ARPHRD_NONE) ||
	    i->conf.addr_gen_mode == GEN_NONE)
		return;
	if (ip6_gen_address(i, &c.addr, 0, &c.flags))
		ip6_addr_add(i->dev, &c);
}

static bool route_of_device(const struct route_entry *e, void *arg)
{
	const struct netdev *d = arg;

	return e->c.dev == d || (!e->c.dev && (d->flags & IFF_LOOPBACK));
}

static void device_down(struct ip6_dev *i, bool gone)
{
	struct ip6_addr *a, *n;

	nd_dev_down(i);
	list_for_each_entry_safe(a, n, &i->addrs, link)
		if (gone || !i->conf.keep_addr_on_down || ip6_link_scope(&a->addr))
			ip6_addr_remove(a);
		else
			ip6_addr_keep(a);
	route_purge(i->dev->net, true, route_of_device, i->dev);
	if (i->up) {
		mld_leave(i->dev, &ip6_all_nodes, NULL);
		if (i->conf.forwarding && !(i->dev->flags & IFF_LOOPBACK))
			mld_leave(i->dev, &ip6_all_routers, NULL);
	}
	mld_dev_event(i, false);
	i->up = false;
	route_changed(i->dev->net);
}

static void free_device(struct rcu_head *h)
{
	struct ip6_dev *i = container_of(h, struct ip6_dev, rcu);

	/* Nobody counts there any more. */
	spin_lock(&i->net->counted_lock);
	for (unsigned s = 0; s < IP6_STATS; s++)
		i->net->gone[s] += sum_of(i->stats, (enum ip6_stat)s);
	list_del(&i->counted_link);
	spin_unlock(&i->net->counted_lock);
	mld_dev_free(i);
	kfree(i->stats);
	kfree(i);
}

void ip6_device_event(struct netdev *d, enum netdev_event e)
{
	struct ip6_dev *i = ip6_dev(d);

	if (e == NETDEV_REGISTERED && d->mtu >= IPV6_MIN_MTU)
		device_new(d);
	if (!i && e == NETDEV_CHANGED && d->mtu >= IPV6_MIN_MTU && !device_new(d)) {
		i = ip6_dev(d);
		if (d->flags & IFF_UP)
			device_up(i);
	}
	if (!i)
		return;
	switch (e) {
	case NETDEV_UP:
		if (!i->conf.disable_ipv6)
			ip6_addrs_up(i);
		if (d->carrier)
			device_up(i);
		if (IP6_EITHER(i, ndisc_notify))
			nd_announce(i);
		break;
	case NETDEV_DOWN:
		device_down(i, false);
		break;
	case NETDEV_CHANGED:
		if (d->mtu >= IPV6_MIN_MTU && i->conf.mtu != (int)d->mtu) {
			WRITE_ONCE(i->conf.mtu, (int)d->mtu);
			WRITE_ONCE(i->ra_mtu, 0);
			route_changed(d->net);
		}
		if (!d->carrier && IP6_BOTH(i, ndisc_evict_nocarrier))
			neigh_flush_version(d->net, d, true, true);
		/* A link that came back: RFC 4861 6.3.7 says to ask again. */
		if (i->up && d->carrier && !(d->flags & IFF_LOOPBACK))
			nd_dev_up(i);
		if (!i->up && d->carrier && (d->flags & IFF_UP))
			device_up(i);
		if (d->mtu >= IPV6_MIN_MTU)
			break;
		/* RFC 8200 5: a link with less is none. */
		fallthrough;
	case NETDEV_GONE:
		device_down(i, true);
		__atomic_store_n(&d->ip6, NULL, __ATOMIC_RELEASE);
		net_timer_cancel(&i->timer);
		mld_dev_stop(i);
		call_rcu(&i->rcu, free_device);
		break;
	default:
		break;
	}
}

void ip6_dev_forwarding(struct ip6_dev *i, bool was, bool now)
{
	if (!i->up || was == now || (i->dev->flags & IFF_LOOPBACK))
		return;
	if (now)
		mld_join(i->dev, &ip6_all_routers, NULL);
	else
		mld_leave(i->dev, &ip6_all_routers, NULL);
}

/* [t] disable_ipv6 was written. */
void ip6_dev_disable(struct ip6_dev *i, bool off)
{
	if (off)
		device_down(i, true);
	else if ((i->dev->flags & IFF_UP) && i->dev->carrier)
		device_up(i);
}
