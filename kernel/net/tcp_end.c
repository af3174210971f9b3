/*
 * TCP: how a connection ends (RFC 9293 3.6, 3.10.4, 3.10.5): shutdown(2), close(2) with and without
 * SO_LINGER, resets, failures; and what nobody has open any more.
 *
 * Locking: tcp_sock.h.
 */
#include "net/tcp_impl.h"

#include "alloc/slab.h"
#include "core/sched.h"
#include "lib/string.h"

void tcp_forget_addr(struct tcp_sock *ts)
{
	struct in6_addr any = ts->inet.sk.family == AF_INET ? addr_from_v4(0) :
							      (struct in6_addr){ 0 };

	if (ts->keep_addr)
		return;
	if (ts->inet.port)
		port_set_addr(ts->tn->ports, &ts->inet, &any);
	else
		ts->inet.local = any;
}

/* Out of the tables; a port and an address that were not asked for are free again. */
static void unhash(struct tcp_sock *ts)
{
	tcp_hash_del(ts->tn, &ts->node);
	if (!ts->keep_port)
		port_release(ts->tn->ports, &ts->inet);
	tcp_forget_addr(ts);
}

void tcp_done(struct tcp_sock *ts)
{
	struct socket *sk = &ts->inet.sk;

	if (ts->state == TCP_SYN_SENT || ts->state == TCP_SYN_RECV)
		tcp_count_stat(ts->tn, TCPS_ATTEMPT_FAILS);
	tcp_set_state(ts, TCP_CLOSE);
	tcp_timers_stop(ts);
	tcp_fastopen_done(ts);
	WRITE_ONCE(sk->shutdown, SHUT_BOTH);
	unhash(ts);
	if (!ts->orphan) {
		socket_wake_all(sk);
	} else {
		ts->orphan = false;
		atomic_dec(&tcp_budget.orphans);
		port_release(ts->tn->ports, &ts->inet);
		tcp_purge_send(ts);
		tcp_purge_receive(ts);
	}
	if (ts->conn_ref) {
		ts->conn_ref = false;
		socket_put(sk);
	}
}

void tcp_fail(struct tcp_sock *ts, int err)
{
	socket_set_error(&ts->inet.sk, err);
	tcp_purge_send(ts);
	tcp_done(ts);
}

void tcp_reset_received(struct tcp_sock *ts)
{
	int err = ECONNRESET;

	if (ts->state == TCP_CLOSE)
		return;
	if (ts->state == TCP_SYN_SENT)
		err = ECONNREFUSED;
	else if (ts->state == TCP_CLOSE_WAIT)
		err = EPIPE;
	tcp_fail(ts, err);
}

void tcp_destroy_socket(struct socket *sk, int err)
{
	struct tcp_sock *ts = tcp_sk(sk);

	spin_lock(&sk->lock);
	if (tcp_state_in(ts, F(TCP_LISTEN))) {
		spin_unlock(&sk->lock);
		tcp_listen_stop(ts);
		return;
	}
	if (ts->state != TCP_CLOSE) {
		if (!tcp_state_in(ts, F(TCP_SYN_SENT)))
			tcp_send_active_reset(ts);
		tcp_fail(ts, err);
	}
	spin_unlock(&sk->lock);
}

bool tcp_too_many_orphans(struct tcp_sock *ts, int shift)
{
	return atomic_read(&tcp_budget.orphans) << shift > tcp_sysctl.max_orphans ||
	       (ts->wmem > (u32)ts->tn->conf->wmem[0] && tcp_mem_over());
}

u64 tcp_fin_time(const struct tcp_sock *ts)
{
	u64 t = (u64)(ts->linger2 ? ts->linger2 : ts->tn->conf->fin_timeout) * NSEC_PER_SEC;
	u64 least = (ts->rto << 2) - (ts->rto >> 1);

	return max(t, least);
}

static bool needs_reset(const struct tcp_sock *ts)
{
	return tcp_state_in(ts, F(TCP_ESTABLISHED) | F(TCP_CLOSE_WAIT) | F(TCP_FIN_WAIT1) |
					F(TCP_FIN_WAIT2) | F(TCP_SYN_RECV)) ||
	       (ts->snd_nxt != ts->write_seq && tcp_state_in(ts, F(TCP_CLOSING) | F(TCP_LAST_ACK)));
}

/* The parts that the next connection begins anew. */
static void forget_connection(struct tcp_sock *ts)
{
	struct inet_socket *is = &ts->inet;

	ts->connecting = 0;
	ts->defer_connect = false;
	is->remote_port = 0;
	is->remote = (struct in6_addr){ 0 };
	route_put(&is->route);
	WRITE_ONCE(is->sk.shutdown, 0);
	ts->srtt_us = ts->mdev_max_us = ts->rttvar_us = ts->rtt_seq = ts->min_rtt_us = 0;
	ts->mdev_us = 1000000;
	ts->rto = TCP_RTO_INIT;
	ts->backoff = ts->retransmits = ts->probes_out = 0;
	ts->probes_start = ts->retrans_stamp = 0;
	ts->cwnd = TCP_INIT_CWND;
	ts->ssthresh = TCP_INFINITE;
	ts->cwnd_cnt = ts->prior_cwnd = ts->prior_ssthresh = ts->cwnd_used = 0;
	ts->ca_state = TCP_CA_OPEN;
	ts->undo_marker = 0;
	ts->undo_retrans = 0;
	ts->packets_out = ts->sacked_out = ts->lost_out = ts->retrans_out = 0;
	ts->tlp_high_seq = 0;
	ts->delivered = ts->lost = 0;
	ts->max_packets_out = 0;
	ts->cwnd_limited = false;
	memset(&ts->rack, 0, sizeof(ts->rack));
	memset(&ts->drs, 0, sizeof(ts->drs));
	ts->rack.steps = 1;
	memset(&ts->rate, 0, sizeof(ts->rate));
	ts->rate.limited = true;
	ts->reordering = (u32)ts->tn->conf->reordering;
	ts->reord_seen = 0;
	ts->window_clamp = ts->max_window = ts->snd_wnd = 0;
	ts->nr_sacks = 0;
	ts->dsack_due = ts->fin_seen = ts->urg_mode = false;
	ts->urg_data = 0;
	ts->ack = ts->quick = ts->pingpong = ts->ecn = 0;
	ts->ato = 0;
	ts->ts_recent = ts->ts_offset = 0;
	ts->ts_ok = ts->sack_ok = ts->wscale_ok = false;
	ts->snd_wscale = ts->rcv_wscale = 0;
	memset(&ts->mtup, 0, sizeof(ts->mtup));
	ts->pmtu_cookie = 0;
	ts->rcv_nxt = ts->rcv_wup = ts->copied_seq = ts->write_seq = ts->snd_una = ts->snd_nxt = 0;
	ts->total_retrans = ts->total_rto_ms = 0;
	ts->total_rto = ts->total_rto_recoveries = 0;
	ts->rto_began = 0;
	ts->delivered_ce = 0;
	ts->bytes_acked = ts->bytes_received = ts->bytes_sent = ts->bytes_retrans = 0;
	ts->segs_in = ts->segs_out = ts->data_segs_in = ts->data_segs_out = 0;
	ts->dsack_dups = ts->ooo_packets = 0;
	ts->syn_data = ts->syn_data_acked = ts->syn_fastopen = false;
	ts->err_soft = 0;
	ts->last_oow_ack_ms = 0;
	memset(ts->chrono_sum, 0, sizeof(ts->chrono_sum));
	ts->chrono = TCP_CHRONO_NONE;
	ts->last_seg = 0;
	ts->rcv_mss = TCP_MIN_MSS;
	kfree(ts->saved_syn);
	ts->saved_syn = NULL;
	ts->saved_syn_len = 0;
}

void tcp_disconnect(struct tcp_sock *ts)
{
	u8 state = ts->state;

	if (state == TCP_LISTEN)
		return;
	if (needs_reset(ts)) {
		tcp_send_active_reset(ts);
		socket_set_error(&ts->inet.sk, ECONNRESET);
	} else if (state == TCP_SYN_SENT) {
		socket_set_error(&ts->inet.sk, ECONNRESET);
	}
	tcp_purge_send(ts);
	tcp_purge_receive(ts);
	if (state != TCP_CLOSE)
		tcp_done(ts);
	else
		unhash(ts);
	forget_connection(ts);
	socket_wake_all(&ts->inet.sk);
}

/* --- closing --- */

/* The state that closing our side leads to; true: a FIN goes. */
static bool close_state(struct tcp_sock *ts)
{
	switch (ts->state) {
	case TCP_ESTABLISHED:
	case TCP_SYN_RECV:
		tcp_set_state(ts, TCP_FIN_WAIT1);
		return true;
	case TCP_CLOSE_WAIT:
		tcp_set_state(ts, TCP_LAST_ACK);
		return true;
	default:
		return false;
	}
}

/* [l] Of a socket that is not opening a connection. */
static int shut_ways(struct tcp_sock *ts, unsigned how)
{
	struct socket *sk = tcp_socket(ts);

	if (ts->state == TCP_CLOSE)
		return -ENOTCONN;
	WRITE_ONCE(sk->shutdown, sk->shutdown | how);
	if ((how & SHUT_SEND) && tcp_state_in(ts, F(TCP_ESTABLISHED) | F(TCP_CLOSE_WAIT)) &&
	    close_state(ts))
		tcp_send_fin(ts);
	return 0;
}

int tcp_shutdown(struct socket *sk, unsigned how)
{
	struct tcp_sock *ts = tcp_sk(sk);
	int err = 0;

	if (READ_ONCE(ts->state) == TCP_LISTEN) {
		if (how & SHUT_RECEIVE)
			tcp_listen_stop(ts);
		return 0;
	}
	spin_lock(&sk->lock);
	if (ts->state == TCP_SYN_SENT) {
		spin_unlock(&sk->lock);
		mutex_lock(&ts->send_mutex);
		mutex_lock(&ts->recv_mutex);
		spin_lock(&sk->lock);
		/* The peer may have answered meanwhile. */
		if (ts->state == TCP_SYN_SENT)
			tcp_disconnect(ts);
		else
			err = shut_ways(ts, how);
		mutex_unlock(&ts->recv_mutex);
		mutex_unlock(&ts->send_mutex);
	} else {
		err = shut_ways(ts, how);
	}
	socket_wake_all(sk);
	spin_unlock(&sk->lock);
	net_run();
	return err;
}

static bool all_sent(void *sk)
{
	return !tcp_state_in(tcp_sk(sk), F(TCP_FIN_WAIT1) | F(TCP_CLOSING) | F(TCP_LAST_ACK));
}

/* Nobody has it open any more. [l] */
static void become_orphan(struct tcp_sock *ts)
{
	u64 tmo;

	if (ts->state == TCP_CLOSE) {
		port_release(ts->tn->ports, &ts->inet);
		return;
	}
	ts->orphan = true;
	atomic_inc(&tcp_budget.orphans);
	if (ts->state == TCP_FIN_WAIT2) {
		tmo = tcp_fin_time(ts);
		if (ts->linger2 < 0) {
			tcp_send_active_reset(ts);
			tcp_count_stat(ts->tn, TCPS_ABORT_ON_LINGER);
			tcp_done(ts);
			return;
		}
		if (tmo > TCP_TW_LEN) {
			tcp_keepalive_start(ts, tmo - TCP_TW_LEN);
		} else {
			tcp_time_wait(ts, TCP_FIN_WAIT2, tmo);
			return;
		}
	}
	if (tcp_too_many_orphans(ts, 0)) {
		tcp_send_active_reset(ts);
		tcp_count_stat(ts->tn, TCPS_ABORT_ON_MEMORY);
		tcp_done(ts);
	}
}

void tcp_release(struct socket *sk)
{
	struct tcp_sock *ts = tcp_sk(sk);
	bool unread;
	u64 deadline;
	int linger = READ_ONCE(sk->linger);

	if (READ_ONCE(ts->state) == TCP_LISTEN)
		tcp_listen_stop(ts);
	spin_lock(&sk->lock);
	WRITE_ONCE(sk->shutdown, SHUT_BOTH);
	unread = ts->rcv_nxt - ts->fin_seen != ts->copied_seq && !list_empty(&ts->rcvq);
	tcp_purge_receive(ts);
	if (ts->state == TCP_CLOSE) {
		/* nothing to end */
	} else if (unread) {
		/* RFC 2525 2.17: data nobody will read; the peer must know. */
		tcp_count_stat(ts->tn, TCPS_ABORT_ON_CLOSE);
		tcp_send_active_reset(ts);
		tcp_purge_send(ts);
		tcp_done(ts);
	} else if (socket_option(sk, OPT_LINGER) && !linger) {
		if (needs_reset(ts))
			tcp_send_active_reset(ts);
		tcp_purge_send(ts);
		tcp_done(ts);
	} else if (ts->state == TCP_SYN_SENT) {
		tcp_purge_send(ts);
		tcp_done(ts);
	} else if (close_state(ts)) {
		tcp_send_fin(ts);
	}
	if (socket_option(sk, OPT_LINGER) && linger && !all_sent(sk)) {
		spin_unlock(&sk->lock);
		net_run();
		deadline = now_mono() + (u64)(u32)linger * NSEC_PER_SEC;
		wait_until(&sk->writers, all_sent, sk, TASK_INTERRUPTIBLE, deadline);
		spin_lock(&sk->lock);
	}
	become_orphan(ts);
	spin_unlock(&sk->lock);
	net_run();
	socket_put(sk);
}

void tcp_child_abort(struct tcp_sock *child)
{
	struct socket *sk = &child->inet.sk;

	spin_lock(&sk->lock);
	WRITE_ONCE(sk->shutdown, SHUT_BOTH);
	if (child->state != TCP_CLOSE) {
		if (needs_reset(child))
			tcp_send_active_reset(child);
		tcp_purge_send(child);
		tcp_done(child);
	}
	port_release(child->tn->ports, &child->inet);
	spin_unlock(&sk->lock);
	socket_put(sk);
}
