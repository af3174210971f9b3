/*
 * TCP's timers: retransmission (RFC 6298 5), probes of a shut window (RFC 9293 3.8.6.1), delayed
 * ACKs (RFC 5681 4.2), keepalive (RFC 9293 3.8.4), the user timeout (RFC 5482).
 *
 * A socket has one net_timer for all. It is set for the earliest of them and is moved only
 * forward: one that becomes due later stays, and looks again when it rings.
 *
 * Locking: tcp_sock.h. Each ring that is to come holds a reference.
 */
#include "net/tcp_impl.h"

#include <uapi/in.h>

#include "lib/string.h"

static void arm(struct tcp_sock *ts, u64 at)
{
	if (ts->timer_at && ts->timer_at <= at)
		return;
	ts->timer_at = at;
	if (!net_timer_start(&ts->timer, at))
		socket_get(tcp_socket(ts)); /* each ring gives one back */
}

void tcp_timer_set(struct tcp_sock *ts, enum tcp_timer t, u64 at)
{
	ts->at[t] = at;
	if (at)
		arm(ts, at);
}

void tcp_rexmit_at(struct tcp_sock *ts, enum tcp_rexmit what, u64 at)
{
	ts->rexmit = (u8)what;
	tcp_timer_set(ts, TCP_T_REXMIT, at);
}

void tcp_rexmit_set(struct tcp_sock *ts, enum tcp_rexmit what, u64 in)
{
	tcp_rexmit_at(ts, what, now_mono() + min(in, tcp_rto_max(ts)));
}

void tcp_rexmit_clear(struct tcp_sock *ts)
{
	ts->rexmit = TCP_R_NONE;
	ts->at[TCP_T_REXMIT] = 0;
}

void tcp_timers_stop(struct tcp_sock *ts)
{
	memset(ts->at, 0, sizeof(ts->at));
	ts->rexmit = TCP_R_NONE;
	ts->timer_at = 0;
	if (net_timer_cancel(&ts->timer)) /* else it rings, and finds nothing to do */
		socket_put(tcp_socket(ts));
}

/* --- giving up --- */

static void write_error(struct tcp_sock *ts)
{
	tcp_count_stat(ts->tn, TCPS_ABORT_ON_TIMEOUT);
	tcp_fail(ts, ts->err_soft ? ts->err_soft : ETIMEDOUT);
}

/* How long `tries` timeouts take that begin with `base` and double. */
static u64 model_timeout(const struct tcp_sock *ts, u32 tries, u64 base)
{
	u64 most = tcp_rto_max(ts);
	u32 doublings = 0;

	while ((base << (doublings + 1)) <= most)
		doublings++;
	if (tries <= doublings)
		return ((2UL << tries) - 1) * base;
	return ((2UL << doublings) - 1) * base + (tries - doublings) * most;
}

/* timeout: ns; 0: what so many retransmissions take. */
static bool timed_out(const struct tcp_sock *ts, u32 tries, u64 timeout)
{
	const struct packet *p = tcp_rtx_head(ts);
	u64 start = ts->retrans_stamp;

	if (!ts->retransmits)
		return false;
	if (!start)
		start = p ? tcp_cb(p)->sent_at : now_mono();
	if (!timeout)
		timeout = model_timeout(ts, tries,
					tcp_state_in(ts, F(TCP_SYN_SENT) | F(TCP_SYN_RECV)) ?
						TCP_RTO_INIT :
						(u64)ts->tn->conf->rto_min_us * NSEC_PER_USEC);
	return now_mono() - start >= timeout;
}

static u32 orphan_retries(const struct tcp_sock *ts, bool alive)
{
	if (ts->err_soft && !alive)
		return 0;
	return ts->tn->conf->orphan_retries || !alive ? (u32)ts->tn->conf->orphan_retries : 8;
}

/* Nobody has it open, and memory or their number says that it must go. */
static bool out_of_resources(struct tcp_sock *ts, bool reset)
{
	int shift = 0;

	if (now_mono() - ts->last_sent_data > 2 * tcp_rto_max(ts) || !reset)
		shift++;
	if (ts->err_soft)
		shift++;
	if (!tcp_too_many_orphans(ts, shift))
		return false;
	if (now_mono() - ts->last_sent_data <= TCP_TW_LEN || reset)
		tcp_send_active_reset(ts);
	tcp_done(ts);
	return true;
}

/* Before a retransmission: true if the connection is over. */
static bool give_up(struct tcp_sock *ts)
{
	u64 user = (u64)ts->user_timeout * NSEC_PER_MSEC;
	u32 tries;
	bool expired;

	if (tcp_state_in(ts, F(TCP_SYN_SENT) | F(TCP_SYN_RECV))) {
		tries = ts->syn_retries ? ts->syn_retries : (u32)ts->tn->conf->syn_retries;
		if (ts->state == TCP_SYN_RECV)
			tries = (u32)ts->tn->conf->synack_retries;
		/* Those at equal distance do not count, but the time does. */
		expired = ts->retransmits >=
				  tries + (ts->state == TCP_SYN_SENT ?
						   (u32)ts->tn->conf->syn_linear_timeouts :
						   0) ||
			  timed_out(ts, tries, user);
	} else {
		if (timed_out(ts, (u32)ts->tn->conf->retries1, 0))
			tcp_mtup_black_hole(ts);
		tries = (u32)ts->tn->conf->retries2;
		if (ts->orphan) {
			bool alive = ts->rto < tcp_rto_max(ts);

			tries = orphan_retries(ts, alive);
			if (out_of_resources(ts, alive || !timed_out(ts, tries, 0)))
				return true;
		}
		expired = timed_out(ts, tries, user);
	}
	if (expired)
		write_error(ts);
	return expired;
}

/* --- retransmission --- */

static void back_off(struct tcp_sock *ts)
{
	ts->backoff += ts->backoff < U8_MAX;
	if (ts->state == TCP_SYN_SENT && ts->backoff <= ts->tn->conf->syn_linear_timeouts)
		return; /* the first ones at equal distance */
	if (ts->state == TCP_ESTABLISHED && (ts->thin_lto || ts->tn->conf->thin_linear_timeouts) &&
	    ts->packets_out < 4 && !tcp_in_initial_slowstart(ts) && ts->retransmits <= 6) {
		ts->backoff = 0;
		tcp_set_rto(ts);
		return;
	}
	ts->rto = min(ts->rto << 1, tcp_rto_max(ts));
}

static u64 clamp_to_user_timeout(const struct tcp_sock *ts, u64 in)
{
	u64 user = (u64)ts->user_timeout * NSEC_PER_MSEC, passed;

	if (!user || !ts->retrans_stamp)
		return in;
	passed = now_mono() - ts->retrans_stamp;
	return passed >= user ? NSEC_PER_MSEC : min(in, user - passed);
}

/* One more timeout; the first of several in a row begins a recovery (TCP_INFO). */
static void count_timeout(struct tcp_sock *ts, u64 now)
{
	if (!ts->retransmits) {
		ts->total_rto_recoveries++;
		ts->rto_began = now;
	}
	ts->total_rto++;
	ts->retransmits += ts->retransmits < U8_MAX;
}

/* A fast open child: before its SYN-ACK is acknowledged nothing else goes again. */
static void synack_timeout(struct tcp_sock *ts)
{
	u32 tries = ts->syn_retries ? ts->syn_retries : (u32)ts->tn->conf->synack_retries + 1;

	tcp_count_stat(ts->tn, TCPS_TIMEOUTS);
	if (ts->retransmits >= tries) {
		write_error(ts);
		return;
	}
	if (ts->retransmits == 1)
		tcp_enter_loss(ts);
	count_timeout(ts, now_mono());
	ts->total_retrans++;
	if (!ts->retrans_stamp)
		ts->retrans_stamp = now_mono();
	tcp_count_stat(ts->tn, TCPS_RETRANS_SEGS);
	tcp_send_child_synack(ts);
	tcp_rexmit_set(ts, TCP_R_RTO, TCP_RTO_INIT << ts->retransmits);
}

static void retransmit_timeout(struct tcp_sock *ts)
{
	struct packet *p = tcp_rtx_head(ts);

	if (ts->fastopen_of) {
		synack_timeout(ts);
		return;
	}
	if (!p || !ts->packets_out)
		return;
	if (!ts->snd_wnd && !ts->orphan && !tcp_state_in(ts, F(TCP_SYN_SENT) | F(TCP_SYN_RECV))) {
		/* The peer has taken its window back; it is probed with what it has refused. */
		if (now_mono() - max(ts->last_rcv, ts->last_acked) > tcp_rto_max(ts) &&
		    ts->retrans_stamp && now_mono() - ts->retrans_stamp > 2 * tcp_rto_max(ts)) {
			write_error(ts);
			return;
		}
		tcp_enter_loss(ts);
		tcp_retransmit(ts, p, 1);
		goto again;
	}
	tcp_count_stat(ts->tn, TCPS_TIMEOUTS);
	if (give_up(ts))
		return;
	tcp_enter_loss(ts);
	count_timeout(ts, now_mono());
	p = tcp_rtx_head(ts);
	if (p && tcp_retransmit(ts, p, 1) == -ENOBUFS) {
		/* Our own lack of memory is no congestion: soon again. */
		tcp_rexmit_set(ts, TCP_R_RTO, min(ts->rto, 500 * NSEC_PER_MSEC));
		return;
	}
again:
	back_off(ts);
	tcp_rexmit_set(ts, TCP_R_RTO, clamp_to_user_timeout(ts, ts->rto));
}

/* --- probes of a shut window --- */

u64 tcp_probe_interval(const struct tcp_sock *ts, u64 most)
{
	u64 base = max(ts->rto, TCP_RTO_MIN);

	return min(base << min(ts->backoff, 10), most);
}

void tcp_check_probe_timer(struct tcp_sock *ts)
{
	/* What waits for its time is no probe. */
	if (!ts->packets_out && !ts->at[TCP_T_REXMIT] && !ts->at[TCP_T_PACE])
		tcp_rexmit_set(ts, TCP_R_PROBE, tcp_probe_interval(ts, tcp_rto_max(ts)));
}

void tcp_send_probe0(struct tcp_sock *ts)
{
	int err = tcp_write_wakeup(ts);
	u64 in;

	if (ts->packets_out || !ts->send_head) {
		ts->probes_out = 0;
		ts->backoff = 0;
		ts->probes_start = 0;
		return;
	}
	ts->probes_out += ts->probes_out < U8_MAX;
	if (err <= 0 && err != -ENOBUFS) {
		if (ts->backoff < ts->tn->conf->retries2)
			ts->backoff++;
		in = tcp_probe_interval(ts, tcp_rto_max(ts));
	} else {
		in = 500 * NSEC_PER_MSEC;
	}
	if (ts->user_timeout && ts->probes_start) {
		u64 user = (u64)ts->user_timeout * NSEC_PER_MSEC,
		    passed = now_mono() - ts->probes_start;

		in = passed >= user ? NSEC_PER_MSEC : min(in, user - passed);
	}
	tcp_rexmit_set(ts, TCP_R_PROBE, in);
}

static void probe_timeout(struct tcp_sock *ts)
{
	u32 most = (u32)ts->tn->conf->retries2;

	if (ts->packets_out || !ts->send_head) {
		ts->probes_out = 0;
		ts->probes_start = 0;
		return;
	}
	if (!ts->probes_start)
		ts->probes_start = now_mono();
	else if (ts->user_timeout &&
		 now_mono() - ts->probes_start >= (u64)ts->user_timeout * NSEC_PER_MSEC) {
		write_error(ts);
		return;
	}
	if (ts->orphan) {
		bool alive = tcp_probe_interval(ts, ~0UL) < tcp_rto_max(ts);

		most = orphan_retries(ts, alive);
		if (!alive && ts->backoff >= most) {
			write_error(ts);
			return;
		}
		if (out_of_resources(ts, true))
			return;
	}
	if (ts->probes_out >= most)
		write_error(ts);
	else
		tcp_send_probe0(ts);
}

/* --- delayed ACK, keepalive --- */

static void delack_timeout(struct tcp_sock *ts)
{
	if (!(ts->ack & TCP_ACK_TIMER))
		return;
	ts->ack &= (u8)~TCP_ACK_TIMER;
	if (!(ts->ack & TCP_ACK_SCHED))
		return;
	if (!tcp_in_pingpong(ts)) {
		ts->ato = min(ts->ato << 1, ts->rto); /* it was in vain: wait longer */
	} else {
		ts->pingpong = 0;
		ts->ato = TCP_ATO_MIN;
	}
	tcp_count_stat(ts->tn, TCPS_DELAYED_ACKS);
	tcp_send_ack(ts);
}

u64 tcp_keep_idle(const struct tcp_sock *ts)
{
	return ts->keep_idle ? ts->keep_idle * NSEC_PER_MSEC :
			       (u64)ts->tn->conf->keepalive_time * NSEC_PER_SEC;
}

u64 tcp_keep_intvl(const struct tcp_sock *ts)
{
	return ts->keep_intvl ? ts->keep_intvl * NSEC_PER_MSEC :
				(u64)ts->tn->conf->keepalive_intvl * NSEC_PER_SEC;
}

int tcp_keep_cnt(const struct tcp_sock *ts)
{
	return ts->keep_cnt ? ts->keep_cnt : ts->tn->conf->keepalive_probes;
}

void tcp_keepalive_start(struct tcp_sock *ts, u64 in)
{
	tcp_timer_set(ts, TCP_T_KEEPALIVE, now_mono() + in);
}

void tcp_set_keepalive(struct tcp_sock *ts, bool on)
{
	if (tcp_state_in(ts, F(TCP_CLOSE) | F(TCP_LISTEN)))
		return;
	if (on && !ts->at[TCP_T_KEEPALIVE])
		tcp_keepalive_start(ts, tcp_keep_idle(ts));
	else if (!on && !(ts->orphan && ts->state == TCP_FIN_WAIT2))
		ts->at[TCP_T_KEEPALIVE] = 0;
}

static void keepalive_timeout(struct tcp_sock *ts)
{
	u64 idle, elapsed = now_mono() - max(ts->last_rcv, ts->last_acked),
		  user = (u64)ts->user_timeout * NSEC_PER_MSEC;

	if (ts->state == TCP_FIN_WAIT2 && ts->orphan) {
		if (ts->linger2 >= 0 && tcp_fin_time(ts) > TCP_TW_LEN) {
			tcp_time_wait(ts, TCP_FIN_WAIT2, TCP_TW_LEN);
			return;
		}
		tcp_send_active_reset(ts);
		tcp_done(ts);
		return;
	}
	if (!socket_option(tcp_socket(ts), OPT_KEEPALIVE) ||
	    tcp_state_in(ts, F(TCP_CLOSE) | F(TCP_SYN_SENT) | F(TCP_LISTEN)))
		return;
	idle = tcp_keep_idle(ts);
	if (ts->packets_out || ts->send_head) { /* retransmission finds out */
		tcp_keepalive_start(ts, idle);
		return;
	}
	if (elapsed < idle) {
		tcp_keepalive_start(ts, idle - elapsed);
		return;
	}
	if (user ? elapsed >= user && ts->probes_out : ts->probes_out >= tcp_keep_cnt(ts)) {
		tcp_send_active_reset(ts);
		write_error(ts);
		return;
	}
	tcp_write_wakeup(ts);
	ts->probes_out++;
	tcp_count_stat(ts->tn, TCPS_KEEPALIVE);
	tcp_keepalive_start(ts, tcp_keep_intvl(ts));
}

/* --- the one timer --- */

static void expire(struct tcp_sock *ts, enum tcp_timer t)
{
	u8 what = ts->rexmit;

	ts->at[t] = 0;
	switch (t) {
	case TCP_T_REXMIT:
		ts->rexmit = TCP_R_NONE;
		if (what == TCP_R_RTO)
			retransmit_timeout(ts);
		else if (what == TCP_R_PROBE)
			probe_timeout(ts);
		else if (what == TCP_R_TLP)
			tcp_send_loss_probe(ts);
		else if (what == TCP_R_REORDER)
			tcp_rack_timeout(ts);
		break;
	case TCP_T_DELACK:
		delack_timeout(ts);
		break;
	case TCP_T_FIN:
		tcp_send_fin(ts);
		break;
	case TCP_T_PACE:
		tcp_pacing_timeout(ts);
		break;
	default:
		keepalive_timeout(ts);
		break;
	}
}

static void timer_rings(struct net_timer *t)
{
	struct tcp_sock *ts = container_of(t, struct tcp_sock, timer);
	u64 now = now_mono(), next = 0;

	spin_lock(&ts->inet.sk.lock);
	ts->timer_at = 0;
	for (int i = 0; i < TCP_T_NR; i++)
		if (ts->at[i] && ts->at[i] <= now && ts->state != TCP_CLOSE)
			expire(ts, (enum tcp_timer)i);
	for (int i = 0; i < TCP_T_NR; i++)
		if (ts->at[i] && (!next || ts->at[i] < next))
			next = ts->at[i];
	if (next && ts->state != TCP_CLOSE)
		arm(ts, next);
	spin_unlock(&ts->inet.sk.lock);
	socket_put(tcp_socket(ts));
}

void tcp_timers_init(struct tcp_sock *ts)
{
	net_timer_init(&ts->timer, timer_rings);
}
