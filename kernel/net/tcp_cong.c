/*
 * TCP: congestion control as a table of algorithms (TCP_CONGESTION), and what they share. Reno:
 * RFC 5681 3.1, with the window counted in segments and appropriate byte counting (RFC 3465).
 *
 * Locking: tcp_sock.h.
 */
#include "net/tcp_impl.h"

#include "lib/string.h"

static const struct tcp_cong *const algorithms[] = { &tcp_cubic, &tcp_reno };

const struct tcp_cong *tcp_cong_by_name(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(algorithms); i++)
		if (!strcmp(algorithms[i]->name, name))
			return algorithms[i];
	return NULL;
}

const char *tcp_cong_find(const char *name)
{
	const struct tcp_cong *c = tcp_cong_by_name(name);

	return c ? c->name : NULL;
}

const char *tcp_cong_names(void)
{
	return "reno cubic";
}

void tcp_cong_init(struct tcp_sock *ts)
{
	memset(ts->cong_priv, 0, sizeof(ts->cong_priv));
	if (ts->cong->init)
		ts->cong->init(ts);
}

void tcp_ca_set(struct tcp_sock *ts, u8 ca)
{
	if (ts->cong->state)
		ts->cong->state(ts, ca);
	if (ts->ca_state == TCP_CA_RECOVERY && ca != TCP_CA_RECOVERY && ts->rack.persist)
		ts->rack.persist--;
	ts->ca_state = ca;
}

u32 tcp_init_cwnd(const struct tcp_sock *ts)
{
	u32 n = ts->inet.route.initcwnd;

	return n ? n : TCP_INIT_CWND; /* RFC 6928 */
}

u32 tcp_current_ssthresh(const struct tcp_sock *ts)
{
	if (tcp_in_reduction(ts))
		return ts->ssthresh;
	return max(ts->ssthresh, (ts->cwnd >> 1) + (ts->cwnd >> 2));
}

/* Does the window hold the sender back? Else it must not grow (RFC 7661). */
bool tcp_is_cwnd_limited(const struct tcp_sock *ts)
{
	if (ts->cwnd_limited)
		return true;
	return tcp_in_slow_start(ts) && ts->cwnd < 2 * ts->max_packets_out;
}

u32 tcp_slow_start(struct tcp_sock *ts, u32 acked)
{
	u32 cwnd = min(ts->cwnd + acked, ts->ssthresh);

	acked -= cwnd - ts->cwnd;
	ts->cwnd = min(cwnd, ts->cwnd_clamp);
	return acked;
}

/* One segment more for every w that are acknowledged. */
void tcp_avoid_ai(struct tcp_sock *ts, u32 w, u32 acked)
{
	w = max(w, 1U);
	if (ts->cwnd_cnt >= w) {
		ts->cwnd_cnt = 0;
		ts->cwnd++;
	}
	ts->cwnd_cnt += acked;
	if (ts->cwnd_cnt >= w) {
		ts->cwnd += ts->cwnd_cnt / w;
		ts->cwnd_cnt %= w;
	}
	ts->cwnd = min(ts->cwnd, ts->cwnd_clamp);
}

static void reno_avoid(struct tcp_sock *ts, u32 ack __unused, u32 acked)
{
	if (!tcp_is_cwnd_limited(ts))
		return;
	if (tcp_in_slow_start(ts)) {
		acked = tcp_slow_start(ts, acked);
		if (!acked)
			return;
	}
	tcp_avoid_ai(ts, ts->cwnd, acked);
}

static u32 reno_ssthresh(struct tcp_sock *ts)
{
	return max(ts->cwnd >> 1, 2U);
}

const struct tcp_cong tcp_reno = {
	.name = "reno",
	.ssthresh = reno_ssthresh,
	.avoid = reno_avoid,
};
