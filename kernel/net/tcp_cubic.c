/*
 * TCP: CUBIC (RFC 9438). Between losses the window is a cubic function of time, flat around where
 * the last loss was. Times in milliseconds, windows in segments; C = 0.4, beta = 0.7.
 *
 * Slow start ends before it overruns the path (HyStart, Ha and Rhee; RFC 9406 is its successor):
 * when a round's shortest round trip has grown, or its ACKs come in a train as long as half of one.
 *
 * Locking: tcp_sock.h.
 */
#include "net/tcp_impl.h"

struct cubic {
	u64 epoch; /* ms, when this stage of congestion avoidance began; 0: not yet */
	u64 k; /* ms from there until w_max is reached */
	u32 w_max, origin; /* origin: what the function goes through at k */
	u64 w_est; /* thousandths: what Reno would have (4.3) */
	u32 w_prior; /* the window at the last loss */
	u32 cnt, last_cwnd; /* what update() found last, and at which window */
	u64 last_time; /* ms, and when */
	/* HyStart, microseconds */
	u32 delay_min; /* since the last timeout; 0: none yet */
	u32 round_rtt; /* the shortest of this round */
	u64 round_start, last_ack;
	u32 round_end; /* sequence number */
	u8 samples; /* of this round */
	bool found; /* slow start has been ended */
};
#define HYSTART_LOW_WINDOW 16
#define HYSTART_SAMPLES	   8
#define HYSTART_ACK_GAP	   2000 /* within a train of ACKs */
static_assert(sizeof(struct cubic) <= sizeof_field(struct tcp_sock, cong_priv), "cong_priv");

static struct cubic *cubic_of(struct tcp_sock *ts)
{
	return (struct cubic *)ts->cong_priv;
}

static u64 now_ms(void)
{
	return now_mono() / NSEC_PER_MSEC;
}

static u64 cube_root(u64 x)
{
	u64 r = 0;

	for (int bit = 20; bit >= 0; bit--) {
		u64 t = r | 1UL << bit;

		if (t * t * t <= x)
			r = t;
	}
	return r;
}

static u32 cubic_ssthresh(struct tcp_sock *ts)
{
	struct cubic *c = cubic_of(ts);

	c->epoch = 0;
	/* 4.7: room for newcomers when the peak went down */
	c->w_max = ts->cwnd < c->w_max ? ts->cwnd * 17 / 20 : ts->cwnd;
	c->w_prior = ts->cwnd;
	return max(ts->cwnd * 7 / 10, 2U);
}

static void start_epoch(struct tcp_sock *ts, struct cubic *c, u64 now)
{
	c->epoch = now;
	c->last_time = 0;
	c->w_est = (u64)ts->cwnd * 1000;
	if (c->w_max <= ts->cwnd) {
		c->k = 0;
		c->origin = ts->cwnd;
	} else {
		/* K = cube root of (w_max - cwnd) / C, 4.2; 1e9 turns s^3 into ms^3 */
		c->k = cube_root((u64)(c->w_max - ts->cwnd) * 2500000000UL);
		c->origin = c->w_max;
	}
}

/* The function at t ms of the epoch. */
static u64 w_cubic(const struct cubic *c, u64 t)
{
	u64 d = min(t > c->k ? t - c->k : c->k - t, 1000000UL);
	u64 delta = d * d * d / 2500000000UL;

	if (t < c->k)
		return c->origin > delta ? c->origin - delta : 0;
	return c->origin + delta;
}

/*
 * How many ACKs make the window one segment larger. It is thought over 32 times a second, and on a
 * shorter path once a round trip: all that Reno would gain between two losses may be over by then.
 */
static u32 update(struct tcp_sock *ts, struct cubic *c, u32 acked)
{
	u64 now = now_ms(), target, most = (u64)ts->cwnd * 3 / 2;
	u32 est;

	if (!c->epoch)
		start_epoch(ts, c, now);
	/* 4.3: what Reno would have with the same average; alpha is 9/17 until w_prior. */
	c->w_est += (u64)acked * (c->w_est / 1000 >= c->w_prior ? 1000 : 529) / max(ts->cwnd, 1U);
	if (c->last_cwnd == ts->cwnd && now - c->last_time < min(32U, c->delay_min / 1000))
		return c->cnt;
	if (now != c->last_time) {
		c->last_time = now;
		c->last_cwnd = ts->cwnd;
		target = min(w_cubic(c, now - c->epoch + c->delay_min / 1000), most);
		c->cnt = target > ts->cwnd ? (u32)(ts->cwnd / (target - ts->cwnd)) : 100 * ts->cwnd;
		if (!c->w_max) /* no loss yet: not slower than a segment in 20 */
			c->cnt = min(c->cnt, 20U);
	}
	est = (u32)(c->w_est / 1000);
	if (est > ts->cwnd) /* not slower than Reno */
		c->cnt = min(c->cnt, ts->cwnd / (est - ts->cwnd));
	c->cnt = max(c->cnt, 2U);
	return c->cnt;
}

static void cubic_avoid(struct tcp_sock *ts, u32 ack __unused, u32 acked)
{
	if (!tcp_is_cwnd_limited(ts))
		return;
	if (tcp_in_slow_start(ts)) {
		acked = tcp_slow_start(ts, acked);
		if (!acked)
			return;
	}
	tcp_avoid_ai(ts, update(ts, cubic_of(ts), acked), acked);
}

/* --- HyStart --- */

static void new_round(struct tcp_sock *ts, struct cubic *c)
{
	c->round_start = c->last_ack = now_mono() / NSEC_PER_USEC;
	c->round_end = ts->snd_nxt;
	c->round_rtt = ~0U;
	c->samples = 0;
}

static void cubic_init(struct tcp_sock *ts)
{
	new_round(ts, cubic_of(ts));
}

/* A large packet holds the ACKs of its segments together: microseconds of four such. */
static u32 burst_us(const struct tcp_sock *ts)
{
	u64 window = 2UL * ts->cwnd * ts->mss_cache;

	return (u32)min((u64)(ts->srtt_us >> 3) * 4 * 65536 / max(window, 1UL), 1000UL);
}

static void end_slow_start(struct tcp_sock *ts, struct cubic *c)
{
	c->found = true;
	ts->ssthresh = ts->cwnd;
}

static void cubic_acked(struct tcp_sock *ts, u32 segs __unused, long rtt_us)
{
	struct cubic *c = cubic_of(ts);
	u64 now = now_mono() / NSEC_PER_USEC;
	u32 rtt = (u32)max(rtt_us, 1L);

	/* Just after recovery they say little. */
	if (rtt_us < 0 || (c->epoch && now / 1000 - c->epoch < 1000))
		return;
	if (!c->delay_min || rtt < c->delay_min)
		c->delay_min = rtt;
	if (c->found || !tcp_in_slow_start(ts))
		return;
	if (after(ts->snd_una, c->round_end))
		new_round(ts, c);
	if (ts->cwnd < HYSTART_LOW_WINDOW)
		return;
	if (now - c->last_ack <= HYSTART_ACK_GAP) {
		c->last_ack = now;
		if (now - c->round_start > (c->delay_min + burst_us(ts)) / 2)
			end_slow_start(ts, c);
	}
	c->round_rtt = min(c->round_rtt, rtt);
	if (c->samples < HYSTART_SAMPLES)
		c->samples++;
	else if (c->round_rtt > c->delay_min + min(max(c->delay_min >> 3, 4000U), 16000U))
		end_slow_start(ts, c);
}

/* RFC 9438 4.8: after a timeout as new, but for the window it began at. */
static void cubic_state(struct tcp_sock *ts, u8 ca)
{
	struct cubic *c = cubic_of(ts);

	if (ca != TCP_CA_LOSS)
		return;
	*c = (struct cubic){ .w_prior = c->w_prior };
	new_round(ts, c);
}

/* 5.8: time in which nothing was sent does not count. */
static void cubic_restart(struct tcp_sock *ts)
{
	struct cubic *c = cubic_of(ts);
	u64 now = now_ms(), idle = now - ts->last_sent_data / NSEC_PER_MSEC;

	if (c->epoch && idle < now)
		c->epoch = min(c->epoch + idle, now);
}

const struct tcp_cong tcp_cubic = {
	.name = "cubic",
	.init = cubic_init,
	.acked = cubic_acked,
	.ssthresh = cubic_ssthresh,
	.avoid = cubic_avoid,
	.state = cubic_state,
	.restart = cubic_restart,
};
