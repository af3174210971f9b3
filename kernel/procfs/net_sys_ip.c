/*
 * /proc/sys/net/ipv4 and ipv6: the tables (net_sys.h), and the files that are no numbers.
 */
#include "procfs/net_sys.h"

#include <bitops.h>
#include <byteorder.h>
#include <uapi/errno.h>

#include "alloc/slab.h"
#include "lib/parse.h"
#include "net/route.h"

/* --- route --- */

static int flush_store(const struct subject *s, char *text __unused, size_t n __unused)
{
	route_path_flush(current_net(), s->node->data != NULL);
	return 0;
}

#define NODE_FLUSH(v6) NODE_NET_SYS("flush", 0200, NULL, flush_store, v6)

static const struct node route4_table[] = {
	NODE_FLUSH(NULL),
	IP4_COUNT("min_adv_mss", min_adv_mss),
	IP4("min_pmtu", min_pmtu, 68, S32_MAX),
	IP4_COUNT("mtu_expires", mtu_expires),
	IP4_COUNT("redirect_load", redirect_load),
	IP4_COUNT("redirect_number", redirect_number),
	IP4_COUNT("redirect_silence", redirect_silence),
	{ .name = NULL },
};
static const struct node route6_table[] = {
	NODE_FLUSH("v6"),
	IP6_COUNT("min_adv_mss", min_adv_mss),
	IP6_COUNT("mtu_expires", mtu_expires),
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

#define NODE_CONG(nm, md, put) NODE_NET_SYS(nm, md, congestion_show, put, NULL)

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

/* --- bits by number: ranges as "1-3,7" --- */

/* The map of a file and how many bits it has; NULL: nobody has set any. */
static unsigned long *map_of(const struct subject *s, unsigned *bits)
{
	struct net *net = current_net();

	*bits = s->node->data ? 8 * sizeof(net->ip6->icmp_ratemask) : 65536;
	return s->node->data ? net->ip6->icmp_ratemask : net->ip4->reserved_ports;
}

static bool bit_of(const unsigned long *map, unsigned n)
{
	return READ_ONCE(map[n / BITS_PER_LONG]) >> n % BITS_PER_LONG & 1;
}

static int bitmap_show(struct text *out, const struct subject *s)
{
	unsigned bits;
	const unsigned long *map = map_of(s, &bits);
	const char *comma = "";

	for (unsigned from = 0; map && from < bits; from++) {
		unsigned to = from;

		if (!bit_of(map, from))
			continue;
		while (to + 1 < bits && bit_of(map, to + 1))
			to++;
		text_printf(out, to > from ? "%s%u-%u" : "%s%u", comma, from, to);
		comma = ",";
		from = to;
	}
	text_puts(out, "\n");
	return 0;
}

/* A number below `most`, and what stands behind it. */
static int scan_bit(const char **p, unsigned most, const char *ends, unsigned *bit)
{
	u64 v;

	if (scan_u64(p, 0, &v) || v >= most || (**p && !strchr(ends, **p)))
		return -EINVAL;
	*bit = (unsigned)v;
	return 0;
}

static int scan_bits(const char *p, unsigned long *map, unsigned bits)
{
	unsigned from, to;

	p += *p == '\n';
	while (*p) {
		if (scan_bit(&p, bits, "-,\n", &from))
			return -EINVAL;
		to = from;
		if (*p == '-' && (p++, scan_bit(&p, bits, ",\n", &to) || to < from))
			return -EINVAL;
		for (; from <= to; from++)
			map[from / BITS_PER_LONG] |= 1UL << from % BITS_PER_LONG;
		p += *p == ',';
		p += *p == '\n';
	}
	return 0;
}

static int bitmap_store(const struct subject *s, char *text, size_t n __unused)
{
	struct net *net = current_net();
	unsigned bits;
	unsigned long *map, *fresh;
	int err;

	map_of(s, &bits);
	fresh = kzalloc(bits / 8, 0);
	if (!fresh)
		return -ENOMEM;
	err = scan_bits(text, fresh, bits);
	mutex_lock(&net->mutex);
	map = map_of(s, &bits);
	for (unsigned i = 0; !err && map && i < bits / BITS_PER_LONG; i++)
		WRITE_ONCE(map[i], fresh[i]);
	if (!err && !map) {
		__atomic_store_n(&net->ip4->reserved_ports, fresh, __ATOMIC_RELEASE);
		fresh = NULL;
	}
	mutex_unlock(&net->mutex);
	kfree(fresh);
	return err;
}

/* v6: ICMPv6's types; NULL: the ports that nobody gets unasked. */
#define NODE_BITMAP(nm, v6) NODE_NET_SYS(nm, 0644, bitmap_show, bitmap_store, v6)

const struct node net_ipv4_table[] = {
	NODE_DEVICES("conf", DIR_CONF4),
	IP4_SWITCH("fwmark_reflect", fwmark_reflect),
	IP4_SWITCH("icmp_echo_ignore_all", icmp_echo_ignore_all),
	IP4_SWITCH("icmp_echo_ignore_broadcasts", icmp_echo_ignore_broadcasts),
	IP4_SWITCH("icmp_errors_use_inbound_ifaddr", icmp_errors_use_inbound),
	IP4_SWITCH("icmp_ignore_bogus_error_responses", icmp_ignore_bogus),
	IP4_COUNT("icmp_msgs_burst", icmp_msgs_burst),
	IP4_COUNT("icmp_msgs_per_sec", icmp_msgs_per_sec),
	IP4_COUNT("icmp_ratelimit", icmp_ratelimit),
	IP4_COUNT("icmp_ratemask", icmp_ratemask),
	IP4_SWITCH("igmp_link_local_mcast_reports", igmp_link_local_reports),
	IP4_COUNT("igmp_max_memberships", igmp_max_memberships),
	IP4_COUNT("igmp_max_msf", igmp_max_msf),
	IP4("igmp_qrv", igmp_qrv, 1, S32_MAX),
	IP4_SWITCH("ip_autobind_reuse", autobind_reuse),
	IP4("ip_default_ttl", default_ttl, 1, 255),
	WORD("ip_forward", ROOM_IP4, struct ip4_net, forward, 0, 1, net_ip_forward),
	IP4_SWITCH("ip_forward_use_pmtu", forward_use_pmtu),
	WORDS("ip_local_port_range", ROOM_IP4, struct ip4_net, local_port_low, 2, 1, 65535),
	NODE_BITMAP("ip_local_reserved_ports", NULL),
	IP4("ip_no_pmtu_disc", no_pmtu_disc, 0, 255),
	IP4_SWITCH("ip_nonlocal_bind", nonlocal_bind),
	IP4("ip_unprivileged_port_start", unprivileged_port, 0, 65535),
	IP4_COUNT("ipfrag_high_thresh", frag_high),
	IP4_COUNT("ipfrag_low_thresh", frag_low),
	IP4_COUNT("ipfrag_time", frag_time),
	NODE_DEVICES("neigh", DIR_NEIGH4),
	NODE_SUB("route", route4_table),
	WORDS("ping_group_range", ROOM_IP4, struct ip4_net, ping_low, 2, 0, S32_MAX),
	TCP_BYTE(abort_on_overflow),
	NODE_CONG("tcp_allowed_congestion_control", 0444, NULL),
	TCP_IN(adv_win_scale, -31, 31),
	NODE_CONG("tcp_available_congestion_control", 0444, NULL),
	TCP(base_mss),
	TCP(challenge_ack_limit),
	NODE_CONG("tcp_congestion_control", 0644, congestion_store),
	TCP_BYTE(dsack),
	TCP_IN(early_retrans, 0, 4),
	TCP_IN(ecn, 0, 2),
	TCP_IN(ecn_fallback, 0, 1),
	TCP(fastopen),
	NODE_NET_SYS("tcp_fastopen_key", 0600, fastopen_key_show, fastopen_key_store, NULL),
	TCP(fin_timeout),
	TCP_BYTE(frto),
	TCP_IN(fwmark_accept, 0, 1),
	TCP(invalid_ratelimit),
	TCP(keepalive_intvl),
	TCP_BYTE(keepalive_probes),
	TCP(keepalive_time),
	WORD("tcp_max_orphans", ROOM_TCP_ALL, struct tcp_sysctl, max_orphans, 0, S32_MAX, NULL),
	TCP(max_reordering),
	TCP(max_syn_backlog),
	TCP(max_tw_buckets),
	WORDS("tcp_mem", ROOM_TCP_ALL, struct tcp_sysctl, mem, 3, 0, S32_MAX),
	TCP_IN(min_rtt_wlen, 0, 86400),
	TCP_IN(min_snd_mss, 48, 65535),
	TCP_IN(min_tso_segs, 1, 255),
	TCP_BYTE(moderate_rcvbuf),
	TCP_IN(mtu_probe_floor, 48, 65535),
	TCP_BYTE(mtu_probing),
	NODE_WORDS("tcp_notsent_lowat", ROOM_TCP, struct tcp_sysctl, notsent_lowat, 0, 0,
		   .is_unsigned = true),
	TCP_BYTE(orphan_retries),
	TCP_IN(pacing_ca_ratio, 0, 1000),
	TCP_IN(pacing_ss_ratio, 0, 1000),
	TCP_IN(pingpong_thresh, 1, 255),
	TCP(probe_interval),
	TCP(probe_threshold),
	TCP_BYTE(recovery),
	TCP_IN(reflect_tos, 0, 1),
	TCP(reordering),
	TCP_BYTE(retries1),
	TCP_BYTE(retries2),
	TCP_BYTE(rfc1337),
	TCP_IN(rto_max_ms, 1000, 120000),
	TCP_IN(rto_min_us, 1, S32_MAX),
	WORDS("tcp_rmem", ROOM_TCP, struct tcp_sysctl, rmem, 3, 1, S32_MAX),
	TCP_BYTE(sack),
	TCP_IN(shrink_window, 0, 1),
	TCP_BYTE(slow_start_after_idle),
	TCP_BYTE(stdurg),
	TCP_IN(syn_linear_timeouts, 0, 127),
	TCP_IN(syn_retries, 1, 127),
	TCP_BYTE(synack_retries),
	TCP_BYTE(syncookies),
	TCP_BYTE(thin_linear_timeouts),
	TCP_BYTE(timestamps),
	TCP_BYTE(tso_win_divisor),
	TCP_IN(tw_reuse, 0, 2),
	TCP_BYTE(window_scaling),
	TCP_BYTE(workaround_signed_windows),
	WORDS("tcp_wmem", ROOM_TCP, struct tcp_sysctl, wmem, 3, 1, S32_MAX),
	WORDS("udp_mem", ROOM_SOCK, struct sock_sysctl, udp_mem, 3, 0, S32_MAX),
	{ .name = NULL },
};

static const struct node icmp6_table[] = {
	IP6_SWITCH("echo_ignore_all", icmp_echo_ignore_all),
	IP6_SWITCH("echo_ignore_multicast", icmp_echo_ignore_multicast),
	IP6_COUNT("ratelimit", icmp_ratelimit),
	NODE_BITMAP("ratemask", "v6"),
	{ .name = NULL },
};

const struct node net_ipv6_table[] = {
	IP6("auto_flowlabels", auto_flowlabels, 0, 3),
	IP6_SWITCH("bindv6only", bindv6only),
	NODE_DEVICES("conf", DIR_CONF6),
	IP6("flowlabel_reflect", flowlabel_reflect, 0, 7),
	IP6_SWITCH("fwmark_reflect", fwmark_reflect),
	NODE_SUB("icmp", icmp6_table),
	IP6_COUNT("idgen_retries", idgen_retries),
	IP6_COUNT("ip6frag_high_thresh", frag_high),
	IP6_COUNT("ip6frag_low_thresh", frag_low),
	IP6_COUNT("ip6frag_time", frag_time),
	IP6_SWITCH("ip_nonlocal_bind", nonlocal_bind),
	IP6_COUNT("max_dst_opts_length", max_dst_length),
	IP6_COUNT("max_dst_opts_number", max_dst_opts),
	IP6_COUNT("max_hbh_length", max_hbh_length),
	IP6_COUNT("max_hbh_opts_number", max_hbh_opts),
	IP6_COUNT("mld_max_msf", mld_max_msf),
	IP6("mld_qrv", mld_qrv, 1, 255),
	NODE_DEVICES("neigh", DIR_NEIGH6),
	NODE_SUB("route", route6_table),
	{ .name = NULL },
};
