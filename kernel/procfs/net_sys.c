/*
 * /proc/sys/net/ipv4 and ipv6: ip-sysctl. A row names a word of the network's
 * own settings; the folders conf/DEV, which devices come and go from, and
 * neigh/default are made of the same rows.
 */
#include "procfs/net.h"
#include "procfs/sysctl.h"

#include <byteorder.h>
#include <uapi/errno.h>

#include "lib/parse.h"
#include "net/inet.h"
#include "net/ipv4.h"
#include "net/ipv6_dev.h"
#include "net/neigh.h"
#include "net/route.h"
#include "net/tcp.h"

/* What a row's word is part of. */
enum room {
	ROOM_IP4,
	ROOM_IP6,
	ROOM_CONF4,
	ROOM_CONF6,
	ROOM_NEIGH4,
	ROOM_NEIGH6,
	ROOM_TCP,
	ROOM_TCP_ALL,
	ROOM_SOCK
};

struct word {
	u8 room, n; /* n: words in a row, 0 as 1 */
	u16 offset;
	int min, max;
	void (*changed)(struct net *net, u64 arg, int was, int now); /* net->mutex held */
};

/* The args of conf's folders: all, the default, or a device's number from 2 on.
 */
enum { CONF_ALL, CONF_DEFAULT, CONF_DEVICES };

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
	case ROOM_NEIGH6:
		return neigh_params(net, w->room == ROOM_NEIGH6);
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

static int word_show(struct text *out, const struct subject *s)
{
	const struct word *w = s->node->data;
	const u8 *room = room_of(w, s->arg);

	if (!room)
		return -ENOENT;
	for (unsigned i = 0; i < (w->n ? w->n : 1u); i++)
		text_printf(out, "%s%d", i ? "\t" : "",
			    READ_ONCE(((const int *)(room + w->offset))[i]));
	text_puts(out, "\n");
	return 0;
}

static int word_store(const struct subject *s, char *text, size_t n)
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
		if (number < w->min || number > w->max)
			return -EINVAL;
		v[i] = (int)number;
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
	return err ? err : sysctl_taken(text, n, p);
}

#define WORD(nm, rm, type, field, least, most, fn)                                         \
	{                                                                                  \
		.name = (nm), .mode = S_IFREG | 0644, .flags = NODE_SYSCTL | NODE_NETWORK, \
		.show = word_show, .store = word_store, .data = &(const struct word)       \
		{                                                                          \
			.room = (rm), .offset = offsetof(type, field), .min = (least),     \
			.max = (most), .changed = (fn)                                     \
		}                                                                          \
	}
#define WORDS(nm, rm, type, field, count, least, most)                                     \
	{                                                                                  \
		.name = (nm), .mode = S_IFREG | 0644, .flags = NODE_SYSCTL | NODE_NETWORK, \
		.show = word_show, .store = word_store, .data = &(const struct word)       \
		{                                                                          \
			.room = (rm), .n = (count), .offset = offsetof(type, field),       \
			.min = (least), .max = (most)                                      \
		}                                                                          \
	}
#define CONF4(nm)		    WORD(#nm, ROOM_CONF4, struct ip4_conf, nm, 0, S32_MAX, NULL)
#define CONF4_NOT_DONE(nm)	    WORD(#nm, ROOM_CONF4, struct ip4_conf, not_done, 0, 0, NULL)
#define CONF6(nm)		    WORD(#nm, ROOM_CONF6, struct ip6_conf, nm, S32_MIN, S32_MAX, NULL)
#define IP4(nm, field, least, most) WORD(nm, ROOM_IP4, struct ip4_net, field, least, most, NULL)
#define IP6(nm, field, least, most) WORD(nm, ROOM_IP6, struct ip6_net, field, least, most, NULL)
#define TCP(nm)			    WORD("tcp_" #nm, ROOM_TCP, struct tcp_sysctl, nm, 0, S32_MAX, NULL)

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

static void ip_forward(struct net *net, u64 arg __unused, int was, int now)
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
	CONF4(arp_filter),
	CONF4(arp_ignore),
	CONF4(arp_notify),
	CONF4_NOT_DONE(bc_forwarding),
	CONF4(drop_gratuitous_arp),
	CONF4(force_igmp_version),
	WORD("forwarding", ROOM_CONF4, struct ip4_conf, forwarding, 0, 1, forwarding4),
	CONF4(log_martians),
	CONF4_NOT_DONE(mc_forwarding),
	CONF4(promote_secondaries),
	CONF4(proxy_arp),
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
	CONF6(accept_ra_mtu),
	CONF6(accept_ra_pinfo),
	CONF6(accept_ra_rtr_pref),
	CONF6(accept_redirects),
	WORD("accept_source_route", ROOM_CONF6, struct ip6_conf, accept_source_route, 0, 0, NULL),
	{ .name = "addr_gen_mode",
	  .mode = S_IFREG | 0644,
	  .flags = NODE_SYSCTL | NODE_NETWORK,
	  .show = word_show,
	  .store = gen_mode_store,
	  .data = &(const struct word){ .room = ROOM_CONF6,
					.offset = offsetof(struct ip6_conf, addr_gen_mode) } },
	CONF6(autoconf),
	CONF6(dad_transmits),
	WORD("disable_ipv6", ROOM_CONF6, struct ip6_conf, disable_ipv6, 0, 1, disable6),
	CONF6(force_mld_version),
	WORD("forwarding", ROOM_CONF6, struct ip6_conf, forwarding, 0, 1, forwarding6),
	CONF6(hop_limit),
	CONF6(keep_addr_on_down),
	CONF6(max_addresses),
	CONF6(max_desync_factor),
	WORD("mtu", ROOM_CONF6, struct ip6_conf, mtu, 1280, S32_MAX, NULL),
	CONF6(ra_defrtr_metric),
	CONF6(regen_max_retry),
	WORD("router_solicitation_delay", ROOM_CONF6, struct ip6_conf, router_solicitation_delay, 0,
	     S32_MAX, NULL),
	WORD("router_solicitation_interval", ROOM_CONF6, struct ip6_conf,
	     router_solicitation_interval, 0, S32_MAX, NULL),
	CONF6(router_solicitations),
	{ .name = "stable_secret",
	  .mode = S_IFREG | 0600,
	  .flags = NODE_SYSCTL | NODE_NETWORK,
	  .show = secret_show,
	  .store = secret_store },
	CONF6(temp_prefered_lft),
	CONF6(temp_valid_lft),
	CONF6(use_tempaddr),
	{ .name = NULL },
};

static const struct node conf_dirs[] = {
	{ .name = "DEV",
	  .mode = S_IFDIR | 0555,
	  .flags = NODE_SYSCTL | NODE_NETWORK,
	  .sub = conf4_table },
	{ .name = "DEV",
	  .mode = S_IFDIR | 0555,
	  .flags = NODE_SYSCTL | NODE_NETWORK,
	  .sub = conf6_table },
};

static int conf_lookup(const struct subject *s, const char *name, struct place *to)
{
	const struct netdev *d = netdev_find(current_net(), name);

	to->node = s->node->data;
	if (str_equal(name, "all"))
		to->arg = CONF_ALL;
	else if (str_equal(name, "default"))
		to->arg = CONF_DEFAULT;
	else if (d)
		to->arg = CONF_DEVICES + (u64)d->ifindex - 1;
	else
		return -ENOENT;
	return 0;
}

static bool conf_next(const struct subject *s, u64 *key, char *name, struct place *to)
{
	const struct netdev *d, *found = NULL;

	to->node = s->node->data;
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

#define NODE_CONF(which)                                                                     \
	{                                                                                    \
		.name = "conf", .mode = S_IFDIR | 0555, .flags = NODE_SYSCTL | NODE_NETWORK, \
		.lookup = conf_lookup, .next = conf_next, .data = &conf_dirs[which]          \
	}
#define NODE_SUB(nm, table)                                                                \
	{                                                                                  \
		.name = (nm), .mode = S_IFDIR | 0555, .flags = NODE_SYSCTL | NODE_NETWORK, \
		.sub = (table)                                                             \
	}

/* --- neighbours --- */

#define NEIGH(rm, nm, field) WORD(nm, rm, struct neigh_params, field, 0, S32_MAX, NULL)
#define NEIGH_TABLE(rm)                                                                           \
	{                                                                                         \
		NEIGH(rm, "app_solicit", app_probes),                                             \
			NEIGH(rm, "base_reachable_time_ms", base_reachable),                      \
			NEIGH(rm, "gc_thresh1", gc_thresh1), NEIGH(rm, "gc_thresh2", gc_thresh2), \
			NEIGH(rm, "gc_thresh3", gc_thresh3),                                      \
			NEIGH(rm, "mcast_solicit", mcast_probes),                                 \
			NEIGH(rm, "retrans_time_ms", retrans),                                    \
			NEIGH(rm, "ucast_solicit", ucast_probes),                                 \
			NEIGH(rm, "unres_qlen_bytes", queue_bytes), { .name = NULL },             \
	}

static const struct node neigh4_default[] = NEIGH_TABLE(ROOM_NEIGH4);
static const struct node neigh6_default[] = NEIGH_TABLE(ROOM_NEIGH6);
static const struct node neigh4_table[] = { NODE_SUB("default", neigh4_default), { .name = NULL } };
static const struct node neigh6_table[] = { NODE_SUB("default", neigh6_default), { .name = NULL } };

/* --- route --- */

static int flush_store(const struct subject *s, char *text __unused, size_t n __unused)
{
	route_path_flush(current_net(), s->node->data != NULL);
	return 0;
}

#define NODE_FLUSH(v6)                                                                        \
	{                                                                                     \
		.name = "flush", .mode = S_IFREG | 0200, .flags = NODE_SYSCTL | NODE_NETWORK, \
		.store = flush_store, .data = (v6)                                            \
	}

static const struct node route4_table[] = {
	NODE_FLUSH(NULL),
	IP4("min_pmtu", min_pmtu, 68, S32_MAX),
	IP4("mtu_expires", mtu_expires, 0, S32_MAX),
	{ .name = NULL },
};
static const struct node route6_table[] = {
	NODE_FLUSH("v6"),
	IP6("mtu_expires", mtu_expires, 0, S32_MAX),
	{ .name = NULL },
};

/* --- the folders --- */

static int congestion_show(struct text *out, const struct subject *s)
{
	text_printf(out, "%s\n",
		    str_equal(s->node->name, "tcp_congestion_control") ?
			    READ_ONCE(tcp_conf(current_net())->congestion) :
			    tcp_cong_names());
	return 0;
}

static int congestion_store(const struct subject *s __unused, char *text, size_t n __unused)
{
	const char *name;

	text[strcspn(text, " \t\n")] = '\0';
	name = tcp_cong_find(text);
	if (!name)
		return -ENOENT;
	WRITE_ONCE(tcp_conf(current_net())->congestion, name);
	return 0;
}

#define NODE_CONG(nm, md, put)                                                             \
	{                                                                                  \
		.name = (nm), .mode = S_IFREG | (md), .flags = NODE_SYSCTL | NODE_NETWORK, \
		.show = congestion_show, .store = (put)                                    \
	}

/* ip-sysctl, tcp_fastopen_key: four words in hexadecimal, and four more of the key before. */
static int fastopen_key_show(struct text *out, const struct subject *s __unused)
{
	struct tcp_fastopen_keys keys;

	tcp_fastopen_keys(current_net(), &keys);
	for (unsigned k = 0; k < keys.n; k++)
		for (unsigned i = 0; i < 4; i++)
			text_printf(out, "%s%08x",
				    i ? "-" :
				    k ? "," :
					"",
				    get_le32(keys.key[k] + 4 * i));
	text_puts(out, "\n");
	return 0;
}

/* What stands behind a key is not looked at, and of a word the lowest 32 bits count, as on Linux. */
static int scan_key(const char *p, u8 *key)
{
	for (unsigned i = 0; i < 4; i++) {
		u64 word;

		p += i ? 0 : strspn(p, " \t\n");
		if ((i && *p++ != '-') || scan_u64(&p, 16, &word))
			return -EINVAL;
		put_le32(key + 4 * i, (u32)word);
	}
	return 0;
}

static int fastopen_key_store(const struct subject *s __unused, char *text, size_t n __unused)
{
	struct tcp_fastopen_keys keys = { .n = 1 };
	const char *second = strchr(text, ',');

	keys.n += second != NULL;
	if (scan_key(text, keys.key[0]) || (second && scan_key(second + 1, keys.key[1])))
		return -EINVAL;
	tcp_fastopen_set_keys(current_net(), &keys);
	return 0;
}

const struct node net_ipv4_table[] = {
	NODE_CONF(0),
	IP4("icmp_echo_ignore_all", icmp_echo_ignore_all, 0, 1),
	IP4("icmp_echo_ignore_broadcasts", icmp_echo_ignore_broadcasts, 0, 1),
	IP4("icmp_ignore_bogus_error_responses", icmp_ignore_bogus, 0, 1),
	IP4("icmp_msgs_burst", icmp_msgs_burst, 0, S32_MAX),
	IP4("icmp_msgs_per_sec", icmp_msgs_per_sec, 0, S32_MAX),
	IP4("icmp_ratelimit", icmp_ratelimit, 0, S32_MAX),
	IP4("icmp_ratemask", icmp_ratemask, 0, S32_MAX),
	IP4("igmp_max_memberships", igmp_max_memberships, 0, S32_MAX),
	IP4("igmp_max_msf", igmp_max_msf, 0, S32_MAX),
	IP4("ip_default_ttl", default_ttl, 1, 255),
	WORD("ip_forward", ROOM_IP4, struct ip4_net, forward, 0, 1, ip_forward),
	WORDS("ip_local_port_range", ROOM_IP4, struct ip4_net, local_port_low, 2, 1, 65535),
	IP4("ip_no_pmtu_disc", no_pmtu_disc, 0, 3),
	IP4("ip_unprivileged_port_start", unprivileged_port, 0, 65535),
	IP4("ipfrag_high_thresh", frag_high, 0, S32_MAX),
	IP4("ipfrag_low_thresh", frag_low, 0, S32_MAX),
	NODE_SUB("neigh", neigh4_table),
	NODE_SUB("route", route4_table),
	WORDS("ping_group_range", ROOM_IP4, struct ip4_net, ping_low, 2, 0, S32_MAX),
	TCP(abort_on_overflow),
	NODE_CONG("tcp_allowed_congestion_control", 0444, NULL),
	WORD("tcp_adv_win_scale", ROOM_TCP, struct tcp_sysctl, adv_win_scale, -31, 31, NULL),
	TCP(autocorking),
	NODE_CONG("tcp_available_congestion_control", 0444, NULL),
	TCP(base_mss),
	TCP(challenge_ack_limit),
	NODE_CONG("tcp_congestion_control", 0644, congestion_store),
	TCP(dsack),
	TCP(early_retrans),
	TCP(ecn),
	TCP(ecn_fallback),
	TCP(fastopen),
	{ .name = "tcp_fastopen_key",
	  .mode = S_IFREG | 0600,
	  .flags = NODE_SYSCTL | NODE_NETWORK,
	  .show = fastopen_key_show,
	  .store = fastopen_key_store },
	TCP(fin_timeout),
	TCP(frto),
	TCP(invalid_ratelimit),
	TCP(keepalive_intvl),
	TCP(keepalive_probes),
	TCP(keepalive_time),
	WORD("tcp_max_orphans", ROOM_TCP_ALL, struct tcp_sysctl, max_orphans, 0, S32_MAX, NULL),
	TCP(limit_output_bytes),
	TCP(max_reordering),
	TCP(max_syn_backlog),
	TCP(max_tw_buckets),
	WORDS("tcp_mem", ROOM_TCP_ALL, struct tcp_sysctl, mem, 3, 0, S32_MAX),
	TCP(min_snd_mss),
	TCP(min_tso_segs),
	TCP(moderate_rcvbuf),
	TCP(mtu_probing),
	TCP(notsent_lowat),
	TCP(orphan_retries),
	TCP(recovery),
	TCP(reordering),
	TCP(retries1),
	TCP(retries2),
	TCP(rfc1337),
	WORD("tcp_rto_max_ms", ROOM_TCP, struct tcp_sysctl, rto_max_ms, 1000, 120000, NULL),
	WORD("tcp_rto_min_us", ROOM_TCP, struct tcp_sysctl, rto_min_us, 1, S32_MAX, NULL),
	WORDS("tcp_rmem", ROOM_TCP, struct tcp_sysctl, rmem, 3, 1, S32_MAX),
	TCP(sack),
	TCP(slow_start_after_idle),
	TCP(stdurg),
	TCP(syn_linear_timeouts),
	TCP(syn_retries),
	TCP(synack_retries),
	TCP(syncookies),
	TCP(thin_linear_timeouts),
	TCP(timestamps),
	TCP(tso_win_divisor),
	TCP(tw_reuse),
	TCP(window_scaling),
	WORDS("tcp_wmem", ROOM_TCP, struct tcp_sysctl, wmem, 3, 1, S32_MAX),
	WORDS("udp_mem", ROOM_SOCK, struct sock_sysctl, udp_mem, 3, 0, S32_MAX),
	{ .name = NULL },
};

static const struct node icmp6_table[] = {
	IP6("echo_ignore_all", icmp_echo_ignore_all, 0, 1),
	IP6("echo_ignore_multicast", icmp_echo_ignore_multicast, 0, 1),
	IP6("ratelimit", icmp_ratelimit, 0, S32_MAX),
	{ .name = NULL },
};

const struct node net_ipv6_table[] = {
	IP6("auto_flowlabels", auto_flowlabels, 0, 3),
	IP6("bindv6only", bindv6only, 0, 1),
	NODE_CONF(1),
	NODE_SUB("icmp", icmp6_table),
	IP6("idgen_retries", idgen_retries, 0, S32_MAX),
	IP6("ip6frag_high_thresh", frag_high, 0, S32_MAX),
	IP6("ip6frag_low_thresh", frag_low, 0, S32_MAX),
	IP6("max_dst_opts_number", max_dst_opts, 0, S32_MAX),
	IP6("max_hbh_opts_number", max_hbh_opts, 0, S32_MAX),
	IP6("mld_max_msf", mld_max_msf, 0, S32_MAX),
	IP6("mld_qrv", mld_qrv, 1, 255),
	NODE_SUB("neigh", neigh6_table),
	NODE_SUB("route", route6_table),
	{ .name = NULL },
};
