/*
 * packetdrill's device onto our TCP: packets as bytes, ICMP, and the settings that scripts make with
 * sysctl(8), ip(8), tc(8) and ethtool(8), which stand in the file that TARN_SYSCTL names, a line each.
 */
#include "packetdrill.h"

#include <err.h>
#include <uapi/in.h>

#include "lib/printf.h"
#include "lib/string.h"

struct list_head pd_sent_list = LIST_HEAD_INIT(pd_sent_list);
static u32 route_mtu = 1500, device_mtu = 1500, in_mss;
static bool gso = true, drop_all;

/* --- settings --- */

/* Lines that say what ip(8), tc(8) and ethtool(8) would change. */
static bool device_setting(const char *line)
{
	u32 v;

	if (sscanf(line, "mtu=%u", &v) == 1) {
		route_mtu = v;
	} else if (sscanf(line, "link=%u", &v) == 1) {
		device_mtu = v;
	} else if (sscanf(line, "mss=%u", &v) == 1) {
		in_mss = v;
	} else if (sscanf(line, "advmss=%u", &v) == 1) {
		world_link.advmss = (u16)v;
	} else if (sscanf(line, "initcwnd=%u", &v) == 1) {
		world_link.initcwnd = (u16)v;
	} else if (sscanf(line, "gso=%u", &v) == 1) {
		gso = v;
	} else if (sscanf(line, "drop=%u", &v) == 1) {
		drop_all = v;
	} else {
		return false;
	}
	return true;
}

void pd_settings_read(void)
{
	const char *name = getenv("TARN_SYSCTL");
	void *f = name ? fopen(name, "r") : NULL;
	char line[200], key[100];
	unsigned flushes = 0;
	static unsigned flushed;
	long a, b, c;
	static const struct {
		const char *name;
		int *at;
	} ints[] = {
		{ "tcp_abort_on_overflow", &tcp_sysctl.abort_on_overflow },
		{ "tcp_adv_win_scale", &tcp_sysctl.adv_win_scale },
		{ "tcp_base_mss", &tcp_sysctl.base_mss },
		{ "tcp_challenge_ack_limit", &tcp_sysctl.challenge_ack_limit },
		{ "tcp_dsack", &tcp_sysctl.dsack },
		{ "tcp_early_retrans", &tcp_sysctl.early_retrans },
		{ "tcp_ecn", &tcp_sysctl.ecn },
		{ "tcp_fastopen", &tcp_sysctl.fastopen },
		{ "tcp_fin_timeout", &tcp_sysctl.fin_timeout },
		{ "tcp_frto", &tcp_sysctl.frto },
		{ "tcp_invalid_ratelimit", &tcp_sysctl.invalid_ratelimit },
		{ "tcp_keepalive_intvl", &tcp_sysctl.keepalive_intvl },
		{ "tcp_keepalive_probes", &tcp_sysctl.keepalive_probes },
		{ "tcp_keepalive_time", &tcp_sysctl.keepalive_time },
		{ "tcp_max_reordering", &tcp_sysctl.max_reordering },
		{ "tcp_min_snd_mss", &tcp_sysctl.min_snd_mss },
		{ "tcp_min_tso_segs", &tcp_sysctl.min_tso_segs },
		{ "tcp_moderate_rcvbuf", &tcp_sysctl.moderate_rcvbuf },
		{ "tcp_mtu_probing", &tcp_sysctl.mtu_probing },
		{ "tcp_orphan_retries", &tcp_sysctl.orphan_retries },
		{ "tcp_recovery", &tcp_sysctl.recovery },
		{ "tcp_reordering", &tcp_sysctl.reordering },
		{ "tcp_retries1", &tcp_sysctl.retries1 },
		{ "tcp_retries2", &tcp_sysctl.retries2 },
		{ "tcp_rfc1337", &tcp_sysctl.rfc1337 },
		{ "tcp_rto_max_ms", &tcp_sysctl.rto_max_ms },
		{ "tcp_sack", &tcp_sysctl.sack },
		{ "tcp_slow_start_after_idle", &tcp_sysctl.slow_start_after_idle },
		{ "tcp_stdurg", &tcp_sysctl.stdurg },
		{ "tcp_syn_linear_timeouts", &tcp_sysctl.syn_linear_timeouts },
		{ "tcp_syn_retries", &tcp_sysctl.syn_retries },
		{ "tcp_synack_retries", &tcp_sysctl.synack_retries },
		{ "tcp_syncookies", &tcp_sysctl.syncookies },
		{ "tcp_thin_linear_timeouts", &tcp_sysctl.thin_linear_timeouts },
		{ "tcp_timestamps", &tcp_sysctl.timestamps },
		{ "tcp_tso_win_divisor", &tcp_sysctl.tso_win_divisor },
		{ "tcp_tw_reuse", &tcp_sysctl.tw_reuse },
		{ "tcp_window_scaling", &tcp_sysctl.window_scaling },
	};

	route_mtu = 0;
	while (f && fgets(line, sizeof(line), f)) {
		char word[32];
		u32 k[4];

		if (device_setting(line))
			continue;
		if (!strcmp(line, "flush\n")) {
			flushes++;
		} else if (sscanf(line, "net.ipv4.tcp_rmem=%ld %ld %ld", &a, &b, &c) == 3) {
			tcp_sysctl.rmem[0] = (int)a;
			tcp_sysctl.rmem[1] = (int)b;
			tcp_sysctl.rmem[2] = (int)c;
		} else if (sscanf(line, "net.ipv4.tcp_wmem=%ld %ld %ld", &a, &b, &c) == 3) {
			tcp_sysctl.wmem[0] = (int)a;
			tcp_sysctl.wmem[1] = (int)b;
			tcp_sysctl.wmem[2] = (int)c;
		} else if (sscanf(line, "net.ipv4.tcp_congestion_control=%31s", word) == 1) {
			if (tcp_cong_find(word))
				tcp_sysctl.congestion = tcp_cong_find(word);
		} else if (sscanf(line, "net.ipv4.tcp_fastopen_key=%x-%x-%x-%x", &k[0], &k[1],
				  &k[2], &k[3]) == 4) {
			memcpy(world_net(0)->tcp->fastopen_keys.key[0], k, 16);
		} else if (sscanf(line, "net.ipv4.%99[a-z0-9_]=%li", key, &a) == 2) {
			for (unsigned i = 0; i < ARRAY_SIZE(ints); i++)
				if (!strcmp(ints[i].name, key))
					*ints[i].at = (int)a;
			if (!strcmp(key, "tcp_notsent_lowat"))
				tcp_sysctl.notsent_lowat = (unsigned)a;
		}
	}
	if (f)
		fclose(f);
	a = route_mtu ? route_mtu : device_mtu;
	if (a != world_link.mtu)
		world_net(0)->generation++;
	world_link.mtu = (u32)a;
	if (flushes != flushed)
		tcp_fastopen_forget(world_net(0)->tcp);
	flushed = flushes;
}

/* nstat(8) looks at the file named like the settings, with ".nstat" after it. */
void pd_counters_write(void)
{
	static u64 told;
	u64 n = tcp_stat(world_net(0), TCPS_OUT_OF_WINDOW_ICMPS);
	const char *settings = getenv("TARN_SYSCTL");
	char name[256];
	void *f;

	if (n == told || !settings)
		return;
	told = n;
	snprintf(name, sizeof(name), "%s.nstat", settings);
	f = fopen(name, "w");
	if (!f)
		return;
	snprintf(name, sizeof(name), "TcpExtOutOfWindowIcmps %lu 0.0\n", n);
	fputs(name, f);
	fclose(f);
}

/* --- packets --- */

static u32 fold(u32 sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

static u32 sum_of(const u8 *p, u32 n, u32 sum)
{
	for (u32 i = 0; i + 1 < n; i += 2)
		sum += get_le16(p + i);
	return n & 1 ? sum + p[n - 1] : sum;
}

/* One packet with so much of p's payload, from `at` on. */
static void put_out(const struct packet *p, const struct ip_send *s, u32 header, u32 at, u32 part)
{
	u32 n = ip_header_len(&s->dst, 0), len = n + header + part;
	struct pd_sent *f = calloc(1, sizeof(*f) + len);
	bool last = header + at + part == p->len;
	u8 *b = f->bytes, *tcp = b + n;
	static u16 id;

	f->at = world_now;
	f->len = len;
	packet_read(p, 0, tcp, header);
	packet_read(p, header + at, tcp + header, part);
	put_be32(tcp + 4, get_be32(tcp + 4) + at);
	if (!last)
		tcp[13] &= (u8) ~(TCP_FIN | TCP_PSH);
	if (n == 20) {
		b[0] = 0x45;
		b[1] = s->tos;
		put_be16(b + 2, (u16)len);
		put_be16(b + 4, ++id);
		put_be16(b + 6, s->df ? 0x4000 : 0);
		b[8] = s->ttl ? s->ttl : 64;
		b[9] = IPPROTO_TCP;
		memcpy(b + 12, &s->src.s6_addr[12], 4);
		memcpy(b + 16, &s->dst.s6_addr[12], 4);
		put_le16(b + 10, (u16)~fold(sum_of(b, 20, 0)));
	} else {
		put_be32(b, 6u << 28 | (u32)s->tos << 20);
		put_be16(b + 4, (u16)(len - n));
		b[6] = IPPROTO_TCP;
		b[7] = 64;
		memcpy(b + 8, &s->src, 16);
		memcpy(b + 24, &s->dst, 16);
	}
	put_le16(tcp + 16, 0);
	put_le16(tcp + 16,
		 (u16)~fold(sum_of(tcp, len - n,
				   ip_pseudo_sum(&s->src, &s->dst, IPPROTO_TCP, len - n))));
	list_add_tail(&f->link, &pd_sent_list);
}

static int out(struct net *net __unused, struct packet *p, const struct ip_send *s)
{
	u32 header = (u32)(p->data[12] >> 4) * 4, payload = p->len - header, at = 0;
	u32 step = p->gso && !gso ? p->gso_size : payload;

	if (drop_all) {
		packet_free(p);
		return -ENOBUFS;
	}
	if (p->loan) /* as a tun device does */
		packet_own(p);
	if (p->stamps & PACKET_STAMP_SCHED)
		net_stamp(p, PACKET_STAMP_SCHED);
	if (p->stamps & PACKET_STAMP_SENT)
		net_stamp(p, PACKET_STAMP_SENT);
	do {
		u32 part = min(step, payload - at);

		put_out(p, s, header, at, part);
		at += part;
	} while (at < payload);
	packet_free(p);
	return 0;
}

/* Of ICMP: which error, about which of our segments. */
static void icmp_in(bool v6, const u8 *icmp, u32 n)
{
	struct ip_error e = { .type = icmp[0], .code = icmp[1] };
	static const u16 v4_errors[] = { ENETUNREACH, EHOSTUNREACH, ENOPROTOOPT, ECONNREFUSED,
					 EMSGSIZE,    EOPNOTSUPP,   ENETUNREACH, EHOSTDOWN,
					 ENONET,      ENETUNREACH,  EHOSTUNREACH };
	struct in6_addr src = { 0 }, dst = { 0 };
	const u8 *ip = icmp + 8, *tcp = ip + (v6 ? 40 : (ip[0] & 0xf) * 4);

	if (n < 8 + (v6 ? 40 : 20) + 8)
		return;
	if (v6) {
		memcpy(&src, ip + 8, 16);
		memcpy(&dst, ip + 24, 16);
		if (e.type == 1)
			e.err = e.code == 4 ? ECONNREFUSED :
				e.code == 1 ? EACCES :
				e.code == 3 ? EHOSTUNREACH :
					      ENETUNREACH;
		else if (e.type == 2)
			e.err = EMSGSIZE, e.info = get_be32(icmp + 4);
		else
			return;
	} else {
		src = addr_from_v4((__force be32)get_le32(ip + 12));
		dst = addr_from_v4((__force be32)get_le32(ip + 16));
		if (e.type == 3 && e.code < ARRAY_SIZE(v4_errors))
			e.err = v4_errors[e.code];
		else if (e.type == 11)
			e.err = EHOSTUNREACH;
		else
			return;
		e.info = get_be16(icmp + 6);
	}
	tcp_protocol.error(world_net(0), &src, &dst, tcp, 8, 1, &e);
}

/* Payload bytes of each frame that a packet as long as this was made of; 0: it was one. */
static u16 segment_size(const u8 *tcp, u32 n)
{
	return in_mss && n > (tcp[12] >> 4) * 4 + in_mss ? (u16)in_mss : 0;
}

void pd_device_input(const void *ip, size_t n)
{
	const u8 *b = ip;
	struct in6_addr src = { 0 }, dst = { 0 };
	u32 header, len;
	u8 proto, tos;

	if (b[0] >> 4 == 4) {
		header = (b[0] & 0xf) * 4U;
		len = get_be16(b + 2);
		proto = b[9];
		tos = b[1];
		src = addr_from_v4((__force be32)get_le32(b + 12));
		dst = addr_from_v4((__force be32)get_le32(b + 16));
	} else {
		header = 40;
		len = 40U + get_be16(b + 4);
		proto = b[6];
		tos = (u8)(get_be16(b) >> 4);
		memcpy(&src, b + 8, 16);
		memcpy(&dst, b + 24, 16);
	}
	len = min(len, (u32)n);
	if (proto == IPPROTO_TCP)
		world_in(world_net(0), &src, &dst, b + header, len - header, tos, CSUM_NONE,
			 segment_size(b + header, len - header));
	else if (proto == IPPROTO_ICMP || proto == 58)
		icmp_in(proto == 58, b + header, len - header);
}

void pd_device_start(void)
{
	world_out = out;
	world_link.mtu = device_mtu;
}
