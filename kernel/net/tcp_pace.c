/*
 * TCP: pacing. Who set SO_MAX_PACING_RATE (socket(7)) sends no faster, and not in bursts: each packet of data waits
 * until the one before it has had its time at the rate of the window, or at that limit if it is lower.
 *
 * Locking: tcp_sock.h.
 */
#include "net/tcp_impl.h"

/* Segments that a connection sends before it is slowed down: those of the initial window. */
#define FREE_SEGS 10

u64 tcp_window_rate(const struct tcp_sock *ts, u32 mss)
{
	const struct tcp_sysctl *c = ts->tn->conf;
	/* In slow start the window may double within a round trip. */
	int ratio = ts->cwnd < ts->ssthresh / 2 ? c->pacing_ss_ratio : c->pacing_ca_ratio;

	return (u64)mss * max(ts->cwnd, ts->packets_out) * (u32)ratio / 100 * 1000000 /
	       max(ts->srtt_us >> 3, 1U);
}

u64 tcp_pacing_rate(const struct tcp_sock *ts)
{
	u64 most = READ_ONCE(ts->inet.sk.max_pacing_rate);

	return ts->srtt_us ? min(tcp_window_rate(ts, ts->mss_cache), most) : most;
}

bool tcp_pacing_waits(struct tcp_sock *ts)
{
	if (likely(!ts->paced) || ts->pace_at <= now_mono())
		return false;
	if (!ts->at[TCP_T_PACE])
		tcp_timer_set(ts, TCP_T_PACE, ts->pace_at);
	return true;
}

void tcp_pacing_sent(struct tcp_sock *ts, u32 len, u64 now)
{
	u64 rate = tcp_pacing_rate(ts), ns, late = now - min(ts->pace_at, now);

	if (rate == ~0ul || !rate || ts->data_segs_out < FREE_SEGS)
		return;
	ns = (u64)len * NSEC_PER_SEC / rate;
	/* A timer that rang late is made good for, as far as half of a packet goes. */
	if (ts->pace_at)
		ns -= min(ns / 2, late);
	ts->pace_at = max(ts->pace_at, now) + ns;
}

void tcp_pacing_timeout(struct tcp_sock *ts)
{
	if (ts->lost_out > ts->retrans_out && ts->cwnd > tcp_in_flight(ts))
		tcp_xmit_retransmit_queue(ts);
	tcp_push_pending(ts);
	tcp_write_space(ts);
}
