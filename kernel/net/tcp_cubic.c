/*
 * TCP: CUBIC (RFC 9438). Between losses the window is a cubic function of time, flat around where
 * the last loss was. Times in milliseconds, windows in segments; C = 0.4, beta = 0.7.
 *
 * Locking: tcp_impl.h.
 */
#include "net/tcp_impl.h"

struct cubic {
	u64 epoch; /* ms, when this stage of congestion avoidance began; 0: not yet */
	u64 k; /* ms from there until w_max is reached */
	u32 w_max, origin; /* origin: what the function goes through at k */
	u64 w_est; /* thousandths: what Reno would have (4.3) */
	u32 w_prior; /* the window at the last loss */
};
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

/* How many ACKs make the window one segment larger. */
static u32 update(struct tcp_sock *ts, struct cubic *c, u32 acked)
{
	u64 now = now_ms(), target, most = (u64)ts->cwnd * 3 / 2;
	u32 cnt, est;

	if (!c->epoch)
		start_epoch(ts, c, now);
	target = w_cubic(c, now - c->epoch + ts->min_rtt_us / 1000);
	target = min(target, most);
	cnt = target > ts->cwnd ? (u32)(ts->cwnd / (target - ts->cwnd)) : 100 * ts->cwnd;
	if (!c->w_max) /* no loss yet: not slower than a segment in 20 */
		cnt = min(cnt, 20U);
	/* 4.3: not slower than Reno with the same average; alpha is 9/17 until w_prior. */
	c->w_est += (u64)acked * (c->w_est / 1000 >= c->w_prior ? 1000 : 529) / max(ts->cwnd, 1U);
	est = (u32)(c->w_est / 1000);
	if (est > ts->cwnd)
		cnt = min(cnt, ts->cwnd / (est - ts->cwnd));
	return max(cnt, 2U);
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

static void cubic_state(struct tcp_sock *ts, u8 ca)
{
	if (ca == TCP_CA_LOSS)
		cubic_of(ts)->epoch = 0;
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
	.ssthresh = cubic_ssthresh,
	.avoid = cubic_avoid,
	.state = cubic_state,
	.restart = cubic_restart,
};
