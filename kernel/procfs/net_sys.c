/*
 * /proc/sys/net: its words, and the folders of devices: conf/DEV and neigh/DEV (net_sys.h). The tables
 * of ipv4 and ipv6 are net_sys_ip.c's.
 */
#include "procfs/net_sys.h"

#include <uapi/errno.h>

#include "lib/parse.h"
#include "net/route.h"

static void *room_of(const struct word *w, u64 arg)
{
	struct net *net = current_net();
	struct netdev *d =
		arg >= CONF_DEVICES ? netdev_by_index(net, (int)(arg - CONF_DEVICES) + 1) : NULL;

	switch (w->room) {
	case ROOM_IP4:
		return net->ip4;
	case ROOM_IP6:
		return net->ip6;
	case ROOM_NEIGH4:
		return arg < CONF_DEVICES ? neigh_params(net, false) :
		       d && d->ip4	  ? &ip4_dev(d)->neigh :
					    NULL;
	case ROOM_NEIGH6:
		return arg < CONF_DEVICES ? neigh_params(net, true) :
		       d && d->ip6	  ? &ip6_dev(d)->neigh :
					    NULL;
	case ROOM_TCP:
		return tcp_conf(net);
	case ROOM_TCP_ALL:
		return &tcp_sysctl;
	case ROOM_SOCK:
		return &sock_sysctl;
	case ROOM_CONF4:
		if (arg < CONF_DEVICES)
			return arg == CONF_ALL ? &net->ip4->all : &net->ip4->dflt;
		return d && d->ip4 ? &ip4_dev(d)->conf : NULL;
	default:
		if (arg < CONF_DEVICES)
			return arg == CONF_ALL ? &net->ip6->all : &net->ip6->dflt;
		return d && d->ip6 ? &ip6_dev(d)->conf : NULL;
	}
}

int net_word_show(struct text *out, const struct subject *s)
{
	const struct word *w = s->node->data;
	const u8 *room = room_of(w, s->arg);

	if (!room)
		return -ENOENT;
	if (w->is_unsigned) {
		text_printf(out, "%u\n", READ_ONCE(*(const u32 *)(room + w->offset)));
		return 0;
	}
	for (unsigned i = 0; i < (w->n ? w->n : 1u); i++)
		text_printf(out, "%s%d", i ? "\t" : "",
			    READ_ONCE(((const int *)(room + w->offset))[i]) /
				    (w->unit ? (int)w->unit : 1));
	text_puts(out, "\n");
	return 0;
}

int net_word_store(const struct subject *s, char *text, size_t n)
{
	const struct word *w = s->node->data;
	struct net *net = current_net();
	const char *p = text;
	int v[4], was, err = 0;
	u8 *room;

	/* Those there is one set of, for all networks. */
	if ((w->room == ROOM_TCP_ALL || w->room == ROOM_SOCK) && net != &init_net)
		return -EPERM;
	for (unsigned i = 0; i < (w->n ? w->n : 1u); i++) {
		bool negative;
		s64 number;
		u64 size;

		if (sysctl_scan(&p, text + n, &negative, &size) <= 0 || size > (u64)S64_MAX)
			return -EINVAL;
		number = negative ? -(s64)size : (s64)size;
		if (w->is_unsigned ? number < 0 || number > U32_MAX :
				     number < w->min || number > w->max)
			return -EINVAL;
		v[i] = (int)number * (w->unit ? (int)w->unit : 1);
	}
	mutex_lock(&net->mutex);
	room = room_of(w, s->arg);
	if (!room)
		err = -ENOENT;
	for (unsigned i = 0; !err && i < (w->n ? w->n : 1u); i++) {
		int *at = (int *)(room + w->offset) + i;

		was = *at;
		WRITE_ONCE(*at, v[i]);
		if (w->changed)
			w->changed(net, s->arg, was, v[i]);
	}
	route_changed(net); /* what was found with the old ones is looked up anew */
	mutex_unlock(&net->mutex);
	net_run();
	return err ? err : sysctl_taken(text, n, p);
}

/* --- what a change brings with it --- */

/* forwarding of all devices is that of each: ip-sysctl, ip_forward. */
static void forwarding4(struct net *net, u64 arg, int was __unused, int now)
{
	struct netdev *d;

	if (arg == CONF_ALL) {
		WRITE_ONCE(net->ip4->all.accept_redirects, !now); /* a router knows better */
		WRITE_ONCE(net->ip4->forward, now);
		WRITE_ONCE(net->ip4->dflt.forwarding, now);
		list_for_each_entry(d, &net->devices, link)
			if (d->ip4)
				WRITE_ONCE(ip4_dev(d)->conf.forwarding, now);
	}
}

void net_ip_forward(struct net *net, u64 arg __unused, int was, int now)
{
	WRITE_ONCE(net->ip4->all.forwarding, now);
	forwarding4(net, CONF_ALL, was, now);
}

static void forwarding6(struct net *net, u64 arg, int was, int now)
{
	struct netdev *d;

	if (arg == CONF_ALL)
		WRITE_ONCE(net->ip6->dflt.forwarding, now);
	list_for_each_entry(d, &net->devices, link) {
		struct ip6_dev *i = ip6_dev(d);

		if (!i || (arg >= CONF_DEVICES && d->ifindex != (int)(arg - CONF_DEVICES) + 1) ||
		    arg == CONF_DEFAULT)
			continue;
		if (arg == CONF_ALL)
			was = i->conf.forwarding;
		WRITE_ONCE(i->conf.forwarding, now);
		ip6_dev_forwarding(i, was, now);
	}
}

static void disable6(struct net *net, u64 arg, int was __unused, int now)
{
	struct netdev *d;

	if (arg == CONF_ALL)
		WRITE_ONCE(net->ip6->dflt.disable_ipv6, now);
	list_for_each_entry(d, &net->devices, link) {
		struct ip6_dev *i = ip6_dev(d);

		if (!i || (arg >= CONF_DEVICES && d->ifindex != (int)(arg - CONF_DEVICES) + 1) ||
		    arg == CONF_DEFAULT)
			continue;
		WRITE_ONCE(i->conf.disable_ipv6, now);
		ip6_dev_disable(i, now);
	}
}

/* How IPv6 addresses are made: of one device, or of all that will be (conf/default), or of both. */
static int gen_mode_store(const struct subject *s, char *text, size_t n __unused)
{
	struct net *net = current_net();
	const char *p = text + strspn(text, " \t\n");
	struct netdev *d;
	int err = 0;
	s64 mode;

	if (scan_s64(&p, 0, &mode) || mode < GEN_EUI64 || mode > GEN_RANDOM)
		return -EINVAL;
	mutex_lock(&net->mutex);
	if (s->arg < CONF_DEVICES && mode == GEN_STABLE && !net->ip6->dflt.secret_set)
		err = -EINVAL;
	else if (s->arg < CONF_DEVICES)
		WRITE_ONCE((s->arg == CONF_ALL ? &net->ip6->all : &net->ip6->dflt)->addr_gen_mode,
			   (int)mode);
	if (!err && s->arg == CONF_ALL)
		WRITE_ONCE(net->ip6->dflt.addr_gen_mode, (int)mode);
	list_for_each_entry(d, &net->devices, link)
		if (!err && ip6_dev(d) &&
		    (s->arg == CONF_ALL ||
		     (s->arg >= CONF_DEVICES && d->ifindex == (int)(s->arg - CONF_DEVICES) + 1)))
			err = ip6_set_gen_mode(ip6_dev(d), (int)mode);
	mutex_unlock(&net->mutex);
	return err;
}

static int secret_show(struct text *out, const struct subject *s)
{
	const struct ip6_conf *c = room_of(&(const struct word){ .room = ROOM_CONF6 }, s->arg);

	if (!c)
		return -ENOENT;
	if (!c->secret_set)
		return -EIO;
	for (unsigned i = 0; i < 16; i += 2)
		text_printf(out, "%s%02x%02x", i ? ":" : "", c->secret.s6_addr[i],
			    c->secret.s6_addr[i + 1]);
	text_puts(out, "\n");
	return 0;
}

/* RFC 7217's secret, written as an address: from then on it is used. */
static int secret_store(const struct subject *s, char *text, size_t n __unused)
{
	struct net *net = current_net();
	struct ip6_conf *c;
	struct in6_addr secret;
	struct netdev *d;
	int err;

	text[strcspn(text, " \t\n")] = '\0';
	err = parse_in6(text, secret.s6_addr);
	if (err)
		return err;
	mutex_lock(&net->mutex);
	c = room_of(&(const struct word){ .room = ROOM_CONF6 }, s->arg);
	if (!c || s->arg == CONF_ALL)
		err = c ? -EIO : -ENOENT;
	if (!err) {
		c->secret = secret;
		c->secret_set = true;
	}
	if (!err && s->arg == CONF_DEFAULT)
		WRITE_ONCE(c->addr_gen_mode, GEN_STABLE);
	list_for_each_entry(d, &net->devices, link)
		if (!err && ip6_dev(d) && (s->arg == CONF_DEFAULT || &ip6_dev(d)->conf == c))
			ip6_set_gen_mode(ip6_dev(d), GEN_STABLE);
	mutex_unlock(&net->mutex);
	return err;
}

/* --- conf's folders --- */

static const struct node conf4_table[] = {
	CONF4(accept_local),
	CONF4(accept_redirects),
	CONF4_NOT_DONE(accept_source_route),
	CONF4(arp_accept),
	CONF4(arp_announce),
	WORD("arp_evict_nocarrier", ROOM_CONF4, struct ip4_conf, arp_evict_nocarrier, 0, 1, NULL),
	CONF4(arp_filter),
	CONF4(arp_ignore),
	CONF4(arp_notify),
	CONF4_NOT_DONE(bc_forwarding),
	CONF4(drop_gratuitous_arp),
	CONF4(drop_unicast_in_l2_multicast),
	CONF4(force_igmp_version),
	WORD("forwarding", ROOM_CONF4, struct ip4_conf, forwarding, 0, 1, forwarding4),
	CONF4(igmpv2_unsolicited_report_interval),
	CONF4(igmpv3_unsolicited_report_interval),
	CONF4(log_martians),
	CONF4_NOT_DONE(mc_forwarding),
	CONF4(promote_secondaries),
	CONF4(proxy_arp),
	CONF4(proxy_arp_pvlan),
	CONF4(route_localnet),
	CONF4(rp_filter),
	CONF4(secure_redirects),
	CONF4(send_redirects),
	CONF4(shared_media),
	CONF4(tag),
	{ .name = NULL },
};

static const struct node conf6_table[] = {
	CONF6(accept_dad),
	CONF6(accept_ra),
	CONF6(accept_ra_defrtr),
	CONF6(accept_ra_min_hop_limit),
	CONF6(accept_ra_min_lft),
	CONF6(accept_ra_mtu),
	CONF6(accept_ra_pinfo),
	CONF6(accept_ra_rt_info_max_plen),
	CONF6(accept_ra_rt_info_min_plen),
	CONF6(accept_ra_rtr_pref),
	CONF6(accept_redirects),
	WORD("accept_source_route", ROOM_CONF6, struct ip6_conf, accept_source_route, 0, 0, NULL),
	WORD("accept_untracked_na", ROOM_CONF6, struct ip6_conf, accept_untracked_na, 0, 2, NULL),
	NODE_NET_SYS("addr_gen_mode", 0644, net_word_show, gen_mode_store,
		     (&(const struct word){ .room = ROOM_CONF6,
					    .offset = offsetof(struct ip6_conf, addr_gen_mode) })),
	CONF6(autoconf),
	CONF6(dad_transmits),
	WORD("disable_ipv6", ROOM_CONF6, struct ip6_conf, disable_ipv6, 0, 1, disable6),
	CONF6(drop_unicast_in_l2_multicast),
	CONF6(drop_unsolicited_na),
	CONF6(enhanced_dad),
	CONF6(force_mld_version),
	CONF6(force_tllao),
	WORD("forwarding", ROOM_CONF6, struct ip6_conf, forwarding, 0, 1, forwarding6),
	CONF6(hop_limit),
	CONF6(keep_addr_on_down),
	CONF6(max_addresses),
	CONF6(max_desync_factor),
	CONF6(mldv1_unsolicited_report_interval),
	CONF6(mldv2_unsolicited_report_interval),
	WORD("mtu", ROOM_CONF6, struct ip6_conf, mtu, 1280, S32_MAX, NULL),
	WORD("ndisc_evict_nocarrier", ROOM_CONF6, struct ip6_conf, ndisc_evict_nocarrier, 0, 1,
	     NULL),
	CONF6(ndisc_notify),
	WORD("ndisc_tclass", ROOM_CONF6, struct ip6_conf, ndisc_tclass, 0, 255, NULL),
	WORD("ra_defrtr_metric", ROOM_CONF6, struct ip6_conf, ra_defrtr_metric, 1, S32_MAX, NULL),
	WORD("ra_honor_pio_life", ROOM_CONF6, struct ip6_conf, ra_honor_pio_life, 0, 1, NULL),
	CONF6(regen_max_retry),
	CONF6(regen_min_advance),
	WORD("router_solicitation_delay", ROOM_CONF6, struct ip6_conf, router_solicitation_delay, 0,
	     S32_MAX, NULL),
	WORD("router_solicitation_interval", ROOM_CONF6, struct ip6_conf,
	     router_solicitation_interval, 0, S32_MAX, NULL),
	WORD("router_solicitation_max_interval", ROOM_CONF6, struct ip6_conf,
	     router_solicitation_max_interval, 0, S32_MAX, NULL),
	CONF6(router_solicitations),
	NODE_NET_SYS("stable_secret", 0600, secret_show, secret_store, NULL),
	CONF6(suppress_frag_ndisc),
	CONF6(temp_prefered_lft),
	CONF6(temp_valid_lft),
	CONF6(use_oif_addrs_only),
	CONF6(use_tempaddr),
	{ .name = NULL },
};

/* --- neighbours --- */

#define NEIGH(rm, nm, field)		WORD(nm, rm, struct neigh_params, field, 0, S32_MAX, NULL)
#define NEIGH_UNIT(rm, nm, field, unit) WORD_UNIT(nm, rm, struct neigh_params, field, unit)
#define QUEUED				2090 /* bytes that unres_qlen takes a packet for */
/* tick: of retrans_time, ms. */
#define NEIGH_ROWS(rm, tick)                                                                     \
	NEIGH(rm, "app_solicit", app_probes),                                                    \
		NEIGH_UNIT(rm, "base_reachable_time", base_reachable, 1000),                     \
		NEIGH(rm, "base_reachable_time_ms", base_reachable),                             \
		NEIGH_UNIT(rm, "delay_first_probe_time", delay_probe, 1000),                     \
		NEIGH_UNIT(rm, "gc_stale_time", gc_stale, 1000),                                 \
		NEIGH_UNIT(rm, "locktime", locktime, 10),                                        \
		NEIGH(rm, "mcast_resolicit", mcast_reprobes),                                    \
		NEIGH(rm, "mcast_solicit", mcast_probes),                                        \
		NEIGH_UNIT(rm, "retrans_time", retrans, tick),                                   \
		NEIGH(rm, "retrans_time_ms", retrans), NEIGH(rm, "ucast_solicit", ucast_probes), \
		NEIGH_UNIT(rm, "unres_qlen", queue_bytes, QUEUED),                               \
		NEIGH(rm, "unres_qlen_bytes", queue_bytes)
#define NEIGH_LIMITS(rm)                                                          \
	NEIGH(rm, "gc_thresh1", gc_thresh1), NEIGH(rm, "gc_thresh2", gc_thresh2), \
		NEIGH(rm, "gc_thresh3", gc_thresh3)

static const struct node neigh4_table[] = { NEIGH_ROWS(ROOM_NEIGH4, 10), { .name = NULL } };
static const struct node neigh6_table[] = { NEIGH_ROWS(ROOM_NEIGH6, 4), { .name = NULL } };
static const struct node neigh4_default[] = { NEIGH_ROWS(ROOM_NEIGH4, 10),
					      NEIGH_LIMITS(ROOM_NEIGH4),
					      { .name = NULL } };
static const struct node neigh6_default[] = { NEIGH_ROWS(ROOM_NEIGH6, 4),
					      NEIGH_LIMITS(ROOM_NEIGH6),
					      { .name = NULL } };

/* --- the folders of devices --- */

#define NODE_DEVICE(table) NODE_SUB("DEV", table)

/* Of neigh the default's has its own behind it. */
static const struct node neigh_dirs[][2] = {
	{ NODE_DEVICE(neigh4_table), NODE_DEVICE(neigh4_default) },
	{ NODE_DEVICE(neigh6_table), NODE_DEVICE(neigh6_default) },
};
static const struct node conf_dirs[] = { NODE_DEVICE(conf4_table), NODE_DEVICE(conf6_table) };
static const struct node *const device_dirs[] = {
	[DIR_CONF4] = &conf_dirs[0],
	[DIR_CONF6] = &conf_dirs[1],
	[DIR_NEIGH4] = neigh_dirs[0],
	[DIR_NEIGH6] = neigh_dirs[1],
};

/* conf has a folder for all; neigh has none. */
static bool has_all(const struct node *dir)
{
	return dir == &conf_dirs[0] || dir == &conf_dirs[1];
}

int net_conf_lookup(const struct subject *s, const char *name, struct place *to)
{
	const struct netdev *d = netdev_find(current_net(), name);

	to->node = device_dirs[(unsigned long)s->node->data];
	if (str_equal(name, "all") && has_all(to->node))
		to->arg = CONF_ALL;
	else if (str_equal(name, "default") && !has_all(to->node))
		*to = (struct place){ .node = to->node + 1, .arg = CONF_DEFAULT };
	else if (str_equal(name, "default"))
		to->arg = CONF_DEFAULT;
	else if (d)
		to->arg = CONF_DEVICES + (u64)d->ifindex - 1;
	else
		return -ENOENT;
	return 0;
}

bool net_conf_next(const struct subject *s, u64 *key, char *name, struct place *to)
{
	const struct netdev *d, *found = NULL;

	to->node = device_dirs[(unsigned long)s->node->data];
	if (*key == CONF_ALL && !has_all(to->node))
		*key = CONF_DEFAULT;
	if (*key == CONF_DEFAULT && !has_all(to->node))
		to->node++; /* with the table's own words */
	if (*key < CONF_DEVICES) {
		strlcpy(name, *key == CONF_ALL ? "all" : "default", NAME_DYNAMIC_MAX);
	} else {
		list_for_each_entry_rcu(d, &current_net()->devices, link)
			if ((u64)d->ifindex > *key - CONF_DEVICES &&
			    (!found || d->ifindex < found->ifindex))
				found = d;
		if (!found)
			return false;
		*key = CONF_DEVICES + (u64)found->ifindex - 1;
		strlcpy(name, found->name, NAME_DYNAMIC_MAX);
	}
	to->arg = *key;
	return true;
}
