/*
 * TCP: how fast the peer gets what is sent (draft-cheng-iccrg-delivery-rate-estimation). A packet remembers, when it is
 * sent, how many segments had been delivered by then and when; when it is delivered itself, the difference is a sample:
 * segments over time. The time is that of sending or of acknowledging them, whichever was longer, so that neither a
 * burst nor a late row of ACKs seems faster than the path. Told by TCP_INFO.
 *
 * Locking: tcp_sock.h. Times are microseconds modulo 2^32.
 */
#include "net/tcp_impl.h"

static u32 in_us(u64 ns)
{
	return (u32)(ns / NSEC_PER_USEC);
}

void tcp_rate_sent(struct tcp_sock *ts, struct tcp_cb *cb)
{
	if (cb->flags & TCP_SYN)
		return;
	/* Nothing was under way: time before this does not count. */
	if (!ts->packets_out)
		ts->rate.first_sent_us = ts->rate.delivered_us = in_us(cb->sent_at);
	cb->rate_first_sent_us = ts->rate.first_sent_us;
	cb->rate_delivered_us = ts->rate.delivered_us;
	cb->rate_delivered = ts->delivered;
	cb->rate = ts->rate.app_limited ? TCP_RATE_LIMITED : TCP_RATE_SENT;
}

void tcp_rate_delivered(struct tcp_sock *ts, struct tcp_cb *cb, struct tcp_ack *a)
{
	struct tcp_rate_sample *s = &a->rate;

	if (!cb->rate)
		return;
	/* Of all that one ACK tells of, the one that was sent last. */
	if (!s->from || tcp_rack_sent_after(cb->sent_at, s->sent_at, cb->end_seq, s->end_seq)) {
		s->from = cb->rate;
		s->sent_at = cb->sent_at;
		s->end_seq = cb->end_seq;
		s->delivered = cb->rate_delivered;
		s->delivered_us = cb->rate_delivered_us;
		s->send_us = in_us(cb->sent_at) - cb->rate_first_sent_us;
		ts->rate.first_sent_us = in_us(cb->sent_at);
	}
	if (cb->sacked & TCPCB_SACKED)
		cb->rate = TCP_RATE_NONE; /* the ACK that covers it later tells nothing new */
}

void tcp_rate_sample(struct tcp_sock *ts, const struct tcp_ack *a)
{
	const struct tcp_rate_sample *s = &a->rate;
	u32 now = in_us(a->now), us, segs;

	if (ts->rate.app_limited && after(ts->delivered, ts->rate.app_limited))
		ts->rate.app_limited = 0;
	if (ts->delivered != a->delivered_before)
		ts->rate.delivered_us = now;
	if (!s->from || (a->flag & TCP_F_SACK_RENEG))
		return;
	segs = ts->delivered - s->delivered;
	us = max(s->send_us, now - s->delivered_us);
	if (!ts->min_rtt_us || us < ts->min_rtt_us)
		return; /* less than a round trip: what was sent twice is no measure */
	/* Who had too little to send shows only that the path is no slower. */
	if (s->from == TCP_RATE_LIMITED && (u64)segs * ts->rate.us < (u64)ts->rate.segs * us)
		return;
	ts->rate.segs = segs;
	ts->rate.us = us;
	ts->rate.limited = s->from == TCP_RATE_LIMITED;
}

void tcp_rate_check_limited(struct tcp_sock *ts)
{
	u32 flight = tcp_in_flight(ts);

	if (ts->write_seq - ts->snd_nxt < ts->mss_cache && flight < ts->cwnd &&
	    ts->lost_out <= ts->retrans_out)
		ts->rate.app_limited = max(ts->delivered + flight, 1U);
}

u64 tcp_delivery_rate(const struct tcp_sock *ts)
{
	return ts->rate.us ? (u64)ts->rate.segs * ts->mss_cache * 1000000 / ts->rate.us : 0;
}
