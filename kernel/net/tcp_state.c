/*
 * TCP: segments in the states of opening and closing (RFC 9293 3.10.7.3, 3.10.7.4). ESTABLISHED has
 * its own way in tcp_in.c.
 *
 * Locking: tcp_sock.h.
 */
#include "net/tcp_impl.h"

#include <uapi/epoll.h>
#include <uapi/signal.h>

#include "fs/async.h"

/* Either side's, as soon as it is established. */
void tcp_init_transfer(struct tcp_sock *ts)
{
	tcp_sync_mss(ts, ts->pmtu_cookie);
	/* From now on: of payload. */
	ts->advmss = tcp_advertise_mss(ts) - (ts->ts_ok ? 12 : 0);
	/* RFC 5681 3.1: a SYN that was lost shrinks the first window. */
	ts->cwnd = ts->total_retrans > 1 && ts->undo_marker ? 1 : tcp_init_cwnd(ts);
	ts->cwnd_stamp = now_mono();
	ts->rcv_mss =
		max(min(min(min(ts->advmss, ts->mss_cache), ts->rcv_wnd / 2), TCP_DEFAULT_MSS + 0U),
		    (u32)TCP_MIN_MSS);
	tcp_cong_init(ts);
	tcp_mtup_init(ts);
	tcp_init_buffers(ts);
	ts->copied_seq = ts->rcv_nxt;
}

void tcp_finish_connect(struct tcp_sock *ts)
{
	tcp_set_state(ts, TCP_ESTABLISHED);
	ts->last_acked = ts->last_rcv = now_mono();
	tcp_init_transfer(ts);
	ts->last_sent_data = now_mono(); /* no restart after the handshake */
	if (socket_option(tcp_socket(ts), OPT_KEEPALIVE))
		tcp_keepalive_start(ts, tcp_keep_idle(ts));
}

/* The peer's SYN, or SYN-ACK: what it offers (RFC 7323 2.2, 3.2). */
static void take_offers(struct tcp_sock *ts, const struct tcp_segment *seg)
{
	const struct tcp_options *o = &seg->opt;

	ts->wscale_ok = o->wscale_ok && ts->tn->conf->window_scaling;
	ts->snd_wscale = ts->wscale_ok ? o->wscale : 0;
	if (!ts->wscale_ok) {
		ts->rcv_wscale = 0;
		ts->window_clamp = min(ts->window_clamp, 65535U);
	}
	ts->ts_ok = o->ts && ts->tn->conf->timestamps;
	ts->header_opts = ts->ts_ok ? 12 : 0;
	if (ts->ts_ok)
		tcp_store_ts_recent(ts, seg);
	ts->sack_ok = o->sack_ok && ts->tn->conf->sack;
	ts->mss_clamp = o->mss ? min((u32)o->mss, ts->user_mss ? ts->user_mss : 65535U) :
				 TCP_DEFAULT_MSS;
	ts->rcv_nxt = ts->rcv_wup = seg->seq + 1;
	ts->irs = seg->seq;
	ts->snd_wl1 = seg->seq;
	ts->snd_wnd = ts->max_window = seg->window; /* never scaled in a SYN */
	tcp_sync_mss(ts, ts->pmtu_cookie);
}

/*
 * SYN-ACK to a SYN that asked for fast open, or had data: what of that is not acknowledged goes
 * again (RFC 7413 4.2.2). True: something did.
 */
static bool fastopen_answer(struct tcp_sock *ts, const struct tcp_segment *seg)
{
	struct packet *p = ts->syn_data ? tcp_rtx_head(ts) : NULL;

	tcp_fastopen_learn(ts, seg);
	if (p) {
		ts->fastopen_fail = ts->total_retrans ? TFO_SYN_RETRANSMITTED : TFO_DATA_NOT_ACKED;
		for (; p; p = tcp_rtx_next(ts, p))
			tcp_mark_lost(ts, p);
		tcp_retransmit_lost(ts);
		return true;
	}
	ts->syn_data_acked = ts->syn_data;
	if (ts->syn_data) {
		tcp_count_stat(ts->tn, TCPS_FASTOPEN_ACTIVE);
		if (ts->delivered > 1) /* SYN and data were one segment */
			ts->delivered--;
	}
	return false;
}

/* RFC 9293 3.10.7.3 */
void tcp_rcv_syn_sent(struct tcp_sock *ts, struct tcp_segment *seg)
{
	bool again;

	if (seg->flags & TCP_ACK) {
		if (!after(seg->ack, ts->snd_una) || after(seg->ack, ts->snd_nxt)) {
			/* An old connection's. The SYN goes again soon when that is gone. */
			if (ts->retransmits == 0 && !(seg->flags & TCP_RST))
				tcp_rexmit_set(ts, TCP_R_RTO, TCP_RTO_MIN);
			tcp_reply_reset(seg, READ_ONCE(ts->inet.sk.mark));
			return;
		}
		if (seg->opt.ts && seg->opt.tsecr &&
		    (s32)(seg->opt.tsecr - ts->ts_offset - tcp_time_ms()) > 0) {
			tcp_reply_reset(seg, READ_ONCE(ts->inet.sk.mark));
			return;
		}
		if (seg->flags & TCP_RST) {
			tcp_reset_received(ts);
			return;
		}
		if (!(seg->flags & TCP_SYN))
			return;
		if ((seg->flags & (TCP_ECE | TCP_CWR)) == TCP_ECE && ts->tn->conf->ecn)
			ts->ecn |= TCP_ECN_OK;
		take_offers(ts, seg);
		ts->rcv_nxt = seg->seq + 1;
		tcp_ack_in(ts, seg, TCP_F_SLOW);
		tcp_finish_connect(ts);
		tcp_sync_mss(ts, ts->pmtu_cookie);
		again = (ts->syn_fastopen || ts->syn_data) && fastopen_answer(ts, seg);
		/* Data or FIN with the SYN-ACK. */
		if (seg->len || (seg->flags & TCP_FIN)) {
			seg->seq++;
			seg->flags &= (u8)~TCP_SYN;
			tcp_data_queue(ts, seg);
		}
		socket_wake_all(&ts->inet.sk);
		async_tell(&ts->inet.sk.asyncs, POLL_OUT);
		if (again) {
			if (ts->send_head)
				tcp_push_pending(ts);
		} else if (ts->write_pending || ts->send_head || ts->defer_accept ||
			   tcp_in_pingpong(ts)) {
			/* Data will come soon, and the ACK with it. */
			ts->ack |= TCP_ACK_SCHED;
			ts->ato = TCP_ATO_MIN;
			tcp_enter_quickack(ts, TCP_MAX_QUICKACKS);
			if (ts->send_head)
				tcp_push_pending(ts);
			if (ts->ack & TCP_ACK_SCHED) {
				ts->ack |= TCP_ACK_TIMER;
				tcp_timer_set(ts, TCP_T_DELACK, now_mono() + TCP_DELACK_MAX);
			}
		} else {
			tcp_send_ack(ts);
		}
		return;
	}
	if (seg->flags & TCP_RST)
		return;
	if (seg->opt.ts && ts->ts_recent &&
	    tcp_paws_reject(ts->ts_recent, ts->ts_recent_at, seg->opt.tsval, false))
		return;
	if (seg->flags & TCP_SYN) {
		struct packet *p;

		/* Both at once (RFC 9293 3.5, figure 7). */
		if ((seg->flags & (TCP_ECE | TCP_CWR)) == (TCP_ECE | TCP_CWR) && ts->tn->conf->ecn)
			ts->ecn |= TCP_ECN_OK;
		take_offers(ts, seg);
		ts->copied_seq = ts->rcv_nxt;
		tcp_set_state(ts, TCP_SYN_RECV);
		/* The same SYN once more, with an ACK. */
		p = tcp_rtx_head(ts);
		if (p && (tcp_cb(p)->flags & TCP_SYN))
			tcp_transmit(ts, p);
	}
}

/* --- opening from the other side, closing --- */

/* Our FIN was acknowledged. */
static bool fin_acked(const struct tcp_sock *ts)
{
	return ts->snd_una == ts->write_seq && !ts->at[TCP_T_FIN];
}

static void wake_state(struct tcp_sock *ts)
{
	wake_up_all(&ts->inet.sk.readers);
	wake_up_all(&ts->inet.sk.writers);
}

/* The SYN-ACK of a fast open child is acknowledged; `again`: one that was repeated. */
static void fastopen_established(struct tcp_sock *ts, bool again)
{
	tcp_fastopen_done(ts);
	if (!ts->srtt_us && !again) {
		tcp_rtt_sample(ts, (u32)((now_mono() - ts->synack_at) / NSEC_PER_USEC));
		tcp_set_rto(ts);
	}
	if (ts->ca_state == TCP_CA_LOSS && !ts->packets_out)
		tcp_undo_recovery(ts);
	if (!ts->retrans_out)
		ts->retrans_stamp = 0;
	tcp_rearm_rto(ts);
}

/* SYN_RECV and its ACK. False: it is not the right one. */
static bool syn_recv_acked(struct tcp_sock *ts, struct tcp_segment *seg)
{
	u32 una = ts->snd_una;
	bool again = ts->retransmits;

	if (!between(seg->ack, una + 1, ts->snd_nxt)) {
		tcp_reply_reset(seg, READ_ONCE(ts->inet.sk.mark));
		return false;
	}
	ts->snd_wl1 = seg->seq - 1; /* its window is taken */
	if (ts->retransmits && !ts->fastopen_of)
		ts->undo_marker = 0;
	ts->delivered += !tcp_rtx_head(ts) || !(tcp_cb(tcp_rtx_head(ts))->flags & TCP_SYN);
	tcp_ack_in(ts, seg, TCP_F_SLOW | TCP_F_NO_CHALLENGE);
	tcp_update_window(ts, seg, seg->ack);
	ts->snd_wnd = (u32)seg->window << ts->snd_wscale;
	ts->max_window = max(ts->max_window, ts->snd_wnd);
	if (ts->fastopen_of) {
		/* Fast open: data may have been exchanged; only what was not known is set. */
		tcp_set_state(ts, TCP_ESTABLISHED);
		fastopen_established(ts, again);
		tcp_sync_mss(ts, ts->pmtu_cookie);
		if (socket_option(tcp_socket(ts), OPT_KEEPALIVE))
			tcp_keepalive_start(ts, tcp_keep_idle(ts));
	} else {
		tcp_finish_connect(ts);
	}
	ts->snd_wl1 = seg->seq;
	wake_state(ts);
	return true;
}

/* Nobody has it open any more. True: the segment is done with. */
static bool closed_after_data(struct tcp_sock *ts, const struct tcp_segment *seg)
{
	bool more = seg->len && after(seg->end_seq - !!(seg->flags & TCP_FIN), ts->rcv_nxt);

	if (ts->linger2 < 0 || (more && after(seg->end_seq, ts->rcv_nxt))) {
		if (more)
			tcp_count_stat(ts->tn, TCPS_ABORT_ON_DATA);
		if (more)
			tcp_reply_reset(seg, READ_ONCE(ts->inet.sk.mark));
		tcp_done(ts);
		return true;
	}
	return false;
}

static bool fin_wait1_acked(struct tcp_sock *ts, struct tcp_segment *seg)
{
	u64 tmo;

	if (!fin_acked(ts))
		return false;
	tcp_set_state(ts, TCP_FIN_WAIT2);
	WRITE_ONCE(ts->inet.sk.shutdown, ts->inet.sk.shutdown | SHUT_SEND);
	if (!ts->orphan) {
		wake_state(ts);
		return false;
	}
	if (closed_after_data(ts, seg))
		return true;
	tmo = tcp_fin_time(ts);
	if (tmo > TCP_TW_LEN) {
		tcp_keepalive_start(ts, tmo - TCP_TW_LEN);
	} else if (seg->flags & TCP_FIN) {
		/* It is dealt with by this one: TIME-WAIT follows. */
		tcp_keepalive_start(ts, tmo);
	} else {
		tcp_time_wait(ts, TCP_FIN_WAIT2, tmo);
		return true;
	}
	return false;
}

/* Everything but SYN-SENT and the common way of ESTABLISHED. */
void tcp_rcv_by_state(struct tcp_sock *ts, struct tcp_segment *seg)
{
	bool again;
	int ok;

	if (!tcp_validate(ts, seg))
		return;
	if (!(seg->flags & TCP_ACK))
		return;
	if (ts->state == TCP_SYN_RECV) {
		if (!syn_recv_acked(ts, seg))
			return;
	} else {
		again = ts->retransmits;
		ok = tcp_ack_in(ts, seg, TCP_F_SLOW);
		if (ok < 0)
			return;
		if (unlikely(ts->fastopen_of) && after(ts->snd_una, ts->iss))
			fastopen_established(ts, again);
	}
	tcp_replace_ts_recent(ts, seg);
	switch (ts->state) {
	case TCP_FIN_WAIT1:
		if (fin_wait1_acked(ts, seg))
			return;
		break;
	case TCP_CLOSING:
		if (fin_acked(ts)) {
			tcp_time_wait(ts, TCP_TIME_WAIT, TCP_TW_LEN);
			return;
		}
		break;
	case TCP_LAST_ACK:
		if (fin_acked(ts)) {
			tcp_done(ts);
			return;
		}
		break;
	default:
		break;
	}
	tcp_urgent(ts, seg);
	switch (ts->state) {
	case TCP_CLOSE_WAIT:
	case TCP_CLOSING:
	case TCP_LAST_ACK:
		if (!before(seg->seq, ts->rcv_nxt))
			break;
		fallthrough;
	case TCP_FIN_WAIT1:
	case TCP_FIN_WAIT2:
		/* RFC 9293 3.10.4: data for nobody. */
		if ((ts->inet.sk.shutdown & SHUT_RECEIVE) && seg->len &&
		    after(seg->end_seq - !!(seg->flags & TCP_FIN), ts->rcv_nxt)) {
			tcp_count_stat(ts->tn, TCPS_ABORT_ON_DATA);
			tcp_reply_reset(seg, READ_ONCE(ts->inet.sk.mark));
			if (ts->orphan)
				tcp_done(ts);
			else
				tcp_reset_received(ts);
			return;
		}
		fallthrough;
	case TCP_ESTABLISHED:
		tcp_data_queue(ts, seg);
		break;
	default:
		break;
	}
	if (ts->state == TCP_CLOSE)
		return;
	tcp_after_data(ts);
	tcp_write_space(ts);
}
