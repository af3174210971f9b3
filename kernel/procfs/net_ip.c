/*
 * /proc/net: devices, addresses, routes, neighbours, groups and counters, as proc_net(5) and Linux
 * lay them out for net-tools.
 */
#include "procfs/net.h"

#include <byteorder.h>
#include <uapi/if.h>
#include <uapi/in.h>
#include <uapi/sockios.h>

#include "arch/riscv/cpu.h"
#include "core/time.h"
#include "net/ipconfig.h"
#include "net/ipv4.h"
#include "net/ipv6_dev.h"
#include "net/neigh.h"
#include "net/netlink.h"
#include "net/route.h"

#define RTF_LOCAL 0x80000000u

/* A row is as wide as its file says: the rest are blanks. */
static void end_row(struct text *out, size_t begin, size_t width)
{
	text_pad(out, begin, width);
	text_puts(out, "\n");
}

void text_addr6(struct text *out, const struct in6_addr *a)
{
	for (unsigned i = 0; i < 16; i++)
		text_printf(out, "%02x", a->s6_addr[i]);
}

/* --- devices --- */

int net_dev_show(struct text *out, const struct subject *s)
{
	struct netdev *d;

	text_puts(out,
		  "Inter-|   Receive                                                |  Transmit\n"
		  " face |bytes    packets errs drop fifo frame compressed multicast|bytes    "
		  "packets errs drop fifo colls carrier compressed\n");
	list_for_each_entry_rcu(d, &net_of(s)->devices, link) {
		struct netdev_stats n;

		netdev_sum_stats(d, &n);
		text_printf(
			out,
			"%6s: %7lu %7lu %4lu %4lu %4u %5u %10u %9lu %8lu %7lu %4lu %4lu %4u %5u "
			"%7u %10u\n",
			d->name, n.rx_bytes, n.rx_packets, n.rx_errors, n.rx_dropped, 0u, 0u, 0u,
			n.multicast, n.tx_bytes, n.tx_packets, n.tx_errors, n.tx_dropped, 0u, 0u,
			0u, 0u);
	}
	return 0;
}

int net_dev_mcast_show(struct text *out, const struct subject *s)
{
	struct net *net = net_of(s);
	const struct netdev_multicast *m;
	struct netdev *d;

	mutex_lock(&net->mutex);
	list_for_each_entry(d, &net->devices, link) {
		list_for_each_entry(m, &d->multicast, link) {
			text_printf(out, "%-4d %-15s %-5d %-5d ", d->ifindex, d->name, m->users, 0);
			for (unsigned i = 0; i < d->addr_len; i++)
				text_printf(out, "%02x", m->addr[i]);
			text_puts(out, "\n");
		}
	}
	mutex_unlock(&net->mutex);
	return 0;
}

int net_if_inet6_show(struct text *out, const struct subject *s)
{
	const struct ip6_addr *a;
	struct netdev *d;

	list_for_each_entry_rcu(d, &net_of(s)->devices, link) {
		const struct ip6_dev *i = ip6_dev(d);

		if (!i)
			continue;
		list_for_each_entry_rcu(a, &i->addrs, link) {
			u8 scope = ip6_scope(&a->addr);

			text_addr6(out, &a->addr);
			text_printf(out, " %02x %02x %02x %02x %8s\n", (unsigned)d->ifindex,
				    (unsigned)a->prefix_len,
				    addr_equal(&a->addr, &in6addr_loopback) ? 0x10u :
				    scope == 2				    ? 0x20u :
				    scope == 5				    ? 0x40u :
									      0u,
				    a->flags & 0xff, d->name);
		}
	}
	return 0;
}

/* --- routes --- */

static int route_row(const struct route_entry *e, void *arg)
{
	const struct route_config *c = &e->c;
	u32 mask = c->prefix_len ? ~0u << (32 - c->prefix_len) : 0, flags = RTF_UP;
	struct text *out = arg;
	size_t begin;

	if (c->table != ROUTE_TABLE_MAIN || c->type == ROUTE_BROADCAST ||
	    c->type == ROUTE_MULTICAST)
		return 0;
	if (c->type == ROUTE_UNREACHABLE || c->type == ROUTE_PROHIBIT)
		flags |= RTF_REJECT;
	if (!addr_is_any(&c->gateway))
		flags |= RTF_GATEWAY;
	if (c->prefix_len == 32)
		flags |= RTF_HOST;
	begin = out->len;
	text_printf(out, "%s\t%08X\t%08X\t%04X\t%d\t%u\t%u\t%08X\t%d\t%u\t%u",
		    c->dev ? c->dev->name : "*", c->dst.s6_addr32[3], c->gateway.s6_addr32[3],
		    flags, 0, 0u, c->metric, (__force u32)cpu_to_be32(mask),
		    c->advmss ? c->advmss + 40 : 0, 0u, 0u);
	end_row(out, begin, 127);
	return 0;
}

static int is_there(const struct route_entry *e __unused, void *arg __unused)
{
	return 1;
}

bool net_has_routes4(struct net *net)
{
	return route_for_each(net, false, is_there, NULL);
}

int net_route_show(struct text *out, const struct subject *s)
{
	size_t begin = out->len;

	if (!net_has_routes4(net_of(s))) /* Linux makes its tables when the first comes */
		return 0;
	text_puts(out, "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU"
		       "\tWindow\tIRTT");
	end_row(out, begin, 127);
	route_for_each(net_of(s), false, route_row, out);
	return 0;
}

/* There has been no cache of routes for long: the line of names is all. */
int net_rt_cache_show(struct text *out, const struct subject *s __unused)
{
	size_t begin = out->len;

	text_puts(out, "Iface\tDestination\tGateway \tFlags\t\tRefCnt\tUse\tMetric\tSource\t\tMTU"
		       "\tWindow\tIRTT\tTOS\tHHRef\tHHUptod\tSpecDst");
	end_row(out, begin, 127);
	return 0;
}

static int route6_row(const struct route_entry *e, void *arg)
{
	const struct route_config *c = &e->c;
	u32 flags = RTF_UP;
	struct text *out = arg;

	if (c->type == ROUTE_LOCAL)
		flags |= RTF_LOCAL | RTF_NONEXTHOP;
	else if (c->type >= ROUTE_BLACKHOLE)
		flags = RTF_REJECT | RTF_NONEXTHOP;
	if (!addr_is_any(&c->gateway))
		flags |= RTF_GATEWAY;
	if (c->expires)
		flags |= RTF_EXPIRES;
	if (c->protocol == 9) /* RTPROT_RA */
		flags |= RTF_ADDRCONF | (c->prefix_len ? 0 : RTF_DEFAULT);
	text_addr6(out, &c->dst);
	text_printf(out, " %02x ", (unsigned)c->prefix_len);
	text_addr6(out, &in6addr_any);
	text_puts(out, " 00 ");
	text_addr6(out, &c->gateway);
	text_printf(out, " %08x %08x %08x %08x %8s\n", c->metric, 1u, 0u, flags,
		    c->dev ? c->dev->name : "lo");
	return 0;
}

int net_ipv6_route_show(struct text *out, const struct subject *s)
{
	route_for_each(net_of(s), true, route6_row, out);
	return 0;
}

static int count_route6(const struct route_entry *e __unused, void *n)
{
	(*(unsigned *)n)++;
	return 0;
}

/* Nodes of the tries, those that have routes, what was ever made (not counted), routes, and caches that there are none of. */
int net_rt6_stats_show(struct text *out, const struct subject *s)
{
	unsigned routes = 0, nodes[2];

	route_for_each(net_of(s), true, count_route6, &routes);
	route_count_nodes(net_of(s), true, nodes);
	text_printf(out, "%04x %04x %04x %04x %04x %04x %04x\n", nodes[0], nodes[1], 0u, routes, 0u,
		    0u, 0u);
	return 0;
}

/* --- neighbours and groups --- */

/* As lnstat(8) reads it: a line for each hart, how many entries there are in the first column of all. */
int net_neigh_stat_show(struct text *out, const struct subject *s)
{
	bool v6 = s->node->data != NULL;
	struct net *net = net_of(s);

	text_puts(out, "entries  allocs   destroys hash_grows lookups  hits     res_failed "
		       "rcv_probes_mcast rcv_probes_ucast periodic_gc_runs forced_gc_runs "
		       "unresolved_discards table_fulls\n");
	for (unsigned h = 0; h < nr_harts; h++) {
		const u32 *n = neigh_stats(net, v6, h);

		text_printf(out,
			    "%08x %08x %08x %08x   %08x %08x %08x   %08x         %08x         "
			    "%08x         %08x       %08x            %08x\n",
			    neigh_count(net, v6), n[NEIGH_ALLOCS], n[NEIGH_DESTROYS], 0u,
			    n[NEIGH_LOOKUPS], n[NEIGH_HITS], n[NEIGH_RES_FAILED],
			    n[NEIGH_PROBES_MCAST], n[NEIGH_PROBES_UCAST], 0u, n[NEIGH_FORCED_GC],
			    n[NEIGH_DISCARDS], n[NEIGH_FULL]);
	}
	return 0;
}

static int arp_row(struct neighbour *n, void *arg)
{
	struct text *out = arg;
	u8 state, mac[8];
	char text[20] = "00:00:00:00:00:00";
	be32 a = addr_v4(&n->addr);
	const u8 *b = (const u8 *)&a;
	char addr[16];

	spin_lock(&n->lock);
	state = n->state;
	memcpy(mac, n->lladdr, sizeof(mac));
	spin_unlock(&n->lock);
	if (state & NEIGH_NOARP)
		return 0;
	snprintf(addr, sizeof(addr), "%u.%u.%u.%u", b[0], b[1], b[2], b[3]);
	if (state & NEIGH_VALID)
		snprintf(text, sizeof(text), "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1],
			 mac[2], mac[3], mac[4], mac[5]);
	text_printf(out, "%-16s 0x%-10x0x%-10x%-17s     *        %s\n", addr,
		    (unsigned)n->dev->type,
		    (unsigned)((state & NEIGH_VALID ? ATF_COM : 0) |
			       (state & NEIGH_PERMANENT ? ATF_PERM : 0)),
		    text, n->dev->name);
	return 0;
}

int net_arp_show(struct text *out, const struct subject *s)
{
	text_puts(out, "IP address       HW type     Flags       HW address            Mask     "
		       "Device\n");
	neigh_for_each(net_of(s), false, arp_row, out);
	return 0;
}

struct groups {
	struct text *out;
	const struct netdev *dev;
	unsigned n;
};

static void count_group(be32 group __unused, unsigned users __unused, bool timer __unused,
			void *arg)
{
	((struct groups *)arg)->n++;
}

static void group_row(be32 group, unsigned users, bool timer, void *arg)
{
	/* Who reported it last: never the group of all. */
	text_printf(((struct groups *)arg)->out, "\t\t\t\t%08X %5u %d:%08lX\t\t%d\n",
		    (__force u32)group, users, timer, 0UL,
		    group != cpu_to_be32(INADDR_ALLHOSTS_GROUP));
}

int net_igmp_show(struct text *out, const struct subject *s)
{
	struct groups g = { .out = out };
	struct netdev *d;

	text_puts(out, "Idx\tDevice    : Count Querier\tGroup    Users Timer\tReporter\n");
	list_for_each_entry_rcu(d, &net_of(s)->devices, link) {
		const struct ip4_dev *i = ip4_dev(d);

		g.n = 0;
		if (i)
			igmp_for_each(i, count_group, &g);
		if (!g.n)
			continue;
		text_printf(out, "%d\t%-10s: %5u %7s\n", d->ifindex, d->name, g.n, "V3");
		igmp_for_each(i, group_row, &g);
	}
	return 0;
}

static void group6_row(const struct in6_addr *group, int users, void *arg)
{
	const struct groups *g = arg;

	text_printf(g->out, "%-4d %-15s ", g->dev->ifindex, g->dev->name);
	text_addr6(g->out, group);
	text_printf(g->out, " %5d %08X %ld\n", users, 4u, 0L);
}

int net_igmp6_show(struct text *out, const struct subject *s)
{
	struct groups g = { .out = out };
	struct netdev *d;

	list_for_each_entry_rcu(d, &net_of(s)->devices, link) {
		g.dev = d;
		if (ip6_dev(d))
			mld_for_each(ip6_dev(d), group6_row, &g);
	}
	return 0;
}

/* What ip= said: as Linux, in the form of resolv.conf(5). */
int net_pnp_show(struct text *out, const struct subject *s __unused)
{
	text_puts(out, "#MANUAL\n");
	for (unsigned i = 0; i < ARRAY_SIZE(ipconfig_dns); i++) {
		const u8 *a = (const u8 *)&ipconfig_dns[i];

		if (ipconfig_dns[i])
			text_printf(out, "nameserver %u.%u.%u.%u\n", a[0], a[1], a[2], a[3]);
	}
	return 0;
}

static void netlink_row(const struct netlink_row *r, void *arg)
{
	text_printf(arg, "%016lx %-3d %-10u %08x %-8u %-8d %-5d %-8u %-8u %-8lu\n", 0UL,
		    r->protocol, r->port, r->groups, r->received, 0, r->dumping, r->refs, r->drops,
		    r->inode);
}

int net_netlink_show(struct text *out, const struct subject *s)
{
	text_puts(out, "sk               Eth Pid        Groups   Rmem     Wmem     Dump  Locks    "
		       "Drops    Inode\n");
	netlink_for_each(net_of(s), netlink_row, out);
	return 0;
}
