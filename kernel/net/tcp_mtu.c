/*
 * TCP: how large segments are (RFC 9293 3.7), and the path's MTU found by trying (RFC 4821, 8899).
 *
 * A segment larger than those before goes now and then, half-way between what is known to pass and
 * what may: its acknowledgment proves the size; its loss, alone, disproves it and is not taken for
 * congestion. When timeouts follow each other, large segments may vanish in a black hole: smaller
 * ones are tried (RFC 4821 7.7).
 *
 * net.ipv4.tcp_mtu_probing: 0 never, 1 after a black hole was seen, 2 always. tcp_probe_threshold: how near
 * (bytes) one need not get; tcp_probe_interval: after how many seconds the search begins again;
 * tcp_mtu_probe_floor: the least segment for a black hole.
 * Locking: tcp_sock.h.
 */
#include "net/tcp_impl.h"

#include <uapi/in.h>

#include "net/ipv4.h"
#include "net/ipv6_dev.h"
#include "net/mcast.h"

#define MIN_CWND 11 /* so that the loss of one is found without a timeout */

/* --- sizes --- */

static u32 path_mtu(struct tcp_sock *ts)
{
	struct inet_socket *is = &ts->inet;
	u32 mtu;

	if (inet_route(is, &is->remote))
		return ts->pmtu_cookie ? ts->pmtu_cookie : 576;
	mtu = is->pmtudisc == IP_PMTUDISC_INTERFACE || is->pmtudisc == IP_PMTUDISC_OMIT ?
		      is->route.dev->mtu :
		      is->route.mtu;
	return min(mtu, 0xffffU); /* what an IP header can say */
}

static u32 headers(const struct tcp_sock *ts)
{
	return ip_header_len(&ts->inet.remote, ts->sticky_len) + (u32)sizeof(struct tcp_header);
}

u32 tcp_least_advmss(struct net *net, bool v4)
{
	return (u32)(v4 ? READ_ONCE(net->ip4->min_adv_mss) : READ_ONCE(net->ip6->min_adv_mss));
}

u32 tcp_advertise_mss(struct tcp_sock *ts)
{
	u32 mtu = path_mtu(ts), mss = mtu - min(headers(ts), mtu - TCP_MIN_MSS);

	mss = max(mss, tcp_least_advmss(ts->inet.sk.net, addr_is_v4(&ts->inet.remote)));
	if (ts->inet.route.dev && ts->inet.route.advmss)
		mss = min(mss, (u32)ts->inet.route.advmss);
	if (ts->user_mss)
		mss = min(mss, ts->user_mss);
	return mss;
}

u32 tcp_mtu_to_mss(const struct tcp_sock *ts, u32 mtu)
{
	u32 mss = mtu > headers(ts) ? mtu - headers(ts) : 0;

	mss = min(mss, ts->mss_clamp);
	return max(mss, (u32)ts->tn->conf->min_snd_mss) - ts->header_opts;
}

static u32 mss_to_mtu(const struct tcp_sock *ts, u32 mss)
{
	return mss + ts->header_opts + headers(ts);
}

u32 tcp_sync_mss(struct tcp_sock *ts, u32 pmtu)
{
	u32 mss = tcp_mtu_to_mss(ts, pmtu);

	ts->mtup.high = min(ts->mtup.high, pmtu);
	/* Half of the largest window seen: two segments fit (RFC 9293 3.8.6.2.1). */
	if (ts->max_window > TCP_DEFAULT_MSS)
		mss = min(mss, max(ts->max_window >> 1, 68U - headers(ts) / 2));
	else if (ts->max_window)
		mss = min(mss, max(ts->max_window, 28U));
	ts->pmtu_cookie = pmtu;
	if (ts->mtup.on)
		mss = min(mss, tcp_mtu_to_mss(ts, ts->mtup.low));
	ts->mss_cache = max(mss, 8U);
	return ts->mss_cache;
}

u32 tcp_current_mss(struct tcp_sock *ts)
{
	u32 mtu = path_mtu(ts), mss = ts->mss_cache, blocks = ts->nr_sacks + ts->dsack_due;
	u32 sticky = inet_sticky_len(&ts->inet);

	if (unlikely(sticky != ts->sticky_len)) {
		ts->sticky_len = sticky;
		mss = tcp_sync_mss(ts, mtu);
	} else if (mtu > ts->pmtu_cookie && ts->mtup.on)
		ts->pmtu_cookie = mtu; /* what passes is kept, and probes look further */
	else if (mtu != ts->pmtu_cookie)
		mss = tcp_sync_mss(ts, mtu);
	if (unlikely(blocks))
		mss -= min(4 + 8 * min(blocks, ts->ts_ok ? 3U : 4U), mss - 8);
	/* Over the loopback: whole words, so that what is read lies in them as what was written. */
	return mss > PAGE_SIZE ? ALIGN_DOWN(mss, (u32)sizeof(u64)) : mss;
}

/* How much one packet of the queue shall hold. */
u32 tcp_size_goal(struct tcp_sock *ts, u32 mss)
{
	u32 most = 0xffff - headers(ts) - TCP_MAX_OPTIONS;

	if (ts->max_window > TCP_DEFAULT_MSS)
		most = min(most, max(ts->max_window >> 1, mss));
	else if (ts->max_window)
		most = min(most, max(ts->max_window, mss));
	return max(most / mss * mss, mss);
}

/* --- trying --- */

void tcp_mtup_init(struct tcp_sock *ts)
{
	ts->mtup.on = ts->tn->conf->mtu_probing > 1 && ts->inet.pmtudisc != IP_PMTUDISC_DONT;
	ts->mtup.high = mss_to_mtu(ts, ts->mss_clamp - min(ts->mss_clamp, ts->header_opts + 0U));
	ts->mtup.low = mss_to_mtu(ts, (u32)ts->tn->conf->base_mss);
	ts->mtup.size = 0;
	ts->mtup.since = now_mono();
}

/* The path may have become better: after a while the search begins again. */
static void begin_again(struct tcp_sock *ts)
{
	if (now_mono() - ts->mtup.since < (u64)ts->tn->conf->probe_interval * NSEC_PER_SEC)
		return;
	ts->mtup.high = ts->pmtu_cookie;
	ts->mtup.low = mss_to_mtu(ts, ts->mss_cache);
	ts->mtup.since = now_mono();
}

/* 1 a probe went, 0 one will as soon as there is room: nothing else shall go, -1 none now. */
int tcp_mtu_probe(struct tcp_sock *ts, u32 mss)
{
	struct packet *p = ts->send_head;
	u32 size, need;

	if (likely(!ts->mtup.on) || ts->mtup.size || ts->ca_state != TCP_CA_OPEN ||
	    ts->cwnd < MIN_CWND || ts->nr_sacks || ts->dsack_due || !p)
		return -1;
	size = tcp_mtu_to_mss(ts, (ts->mtup.high + ts->mtup.low) / 2);
	need = size + (ts->reordering + 1) * ts->mss_cache;
	if (ts->mtup.high < ts->mtup.low + (u32)ts->tn->conf->probe_threshold || size <= mss) {
		begin_again(ts);
		return -1;
	}
	if (ts->write_seq - ts->snd_nxt < need || ts->snd_wnd < need || p->len < size)
		return -1;
	if (after(ts->snd_nxt + need, tcp_wnd_end(ts)))
		return 0;
	if (tcp_in_flight(ts) + 2 > ts->cwnd)
		return tcp_in_flight(ts) ? 0 : -1;
	if (p->len > size && tcp_fragment(ts, p, size, size))
		return -1;
	tcp_cb(p)->mss = size;
	tcp_cb(p)->segs = 1;
	if (tcp_transmit(ts, p))
		return -1;
	ts->cwnd--; /* it is as much as two */
	ts->mtup.size = mss_to_mtu(ts, size);
	ts->mtup.start = tcp_cb(p)->seq;
	ts->mtup.end = tcp_cb(p)->end_seq;
	tcp_data_sent(ts, p);
	return 1;
}

/* Something was acknowledged: the probe, too? */
void tcp_mtup_acked(struct tcp_sock *ts)
{
	u32 size = ts->mtup.size;

	if (likely(!size) || after(ts->mtup.end, ts->snd_una))
		return;
	/* The window counts segments, and bytes are meant. */
	ts->cwnd = max((u32)((u64)ts->cwnd * mss_to_mtu(ts, ts->mss_cache) / size), 1U);
	ts->cwnd_cnt = 0;
	ts->cwnd_stamp = now_mono();
	ts->ssthresh = tcp_current_ssthresh(ts);
	ts->mtup.low = size;
	ts->mtup.size = 0;
	tcp_sync_mss(ts, ts->pmtu_cookie);
}

/* Something is lost. True: it is the probe, and nothing else follows from it. */
bool tcp_mtup_lost(struct tcp_sock *ts)
{
	if (likely(!ts->mtup.size) || ts->ca_state >= TCP_CA_CWR || ts->snd_una != ts->mtup.start)
		return false;
	ts->mtup.high = ts->mtup.size - 1;
	ts->mtup.size = 0;
	ts->cwnd++;
	tcp_simple_retransmit(ts);
	return true;
}

/* Timeouts follow each other, and no ICMP says why. */
void tcp_mtup_black_hole(struct tcp_sock *ts)
{
	u32 mss;

	if (!ts->tn->conf->mtu_probing || ts->inet.pmtudisc == IP_PMTUDISC_DONT)
		return;
	if (!ts->mtup.on) {
		tcp_mtup_init(ts);
		ts->mtup.on = true;
	} else {
		mss = min(tcp_mtu_to_mss(ts, ts->mtup.low) / 2, (u32)ts->tn->conf->base_mss);
		mss = max(mss,
			  max((u32)ts->tn->conf->mtu_probe_floor, (u32)ts->tn->conf->min_snd_mss));
		ts->mtup.low = mss_to_mtu(ts, mss);
	}
	tcp_sync_mss(ts, ts->pmtu_cookie);
}
