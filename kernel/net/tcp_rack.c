/*
 * TCP: RACK-TLP (RFC 8985). A segment is lost when one that was sent later was delivered, and
 * some time for reordering is over. A probe at the tail of a flight draws out the SACKs that tell.
 *
 * Locking: tcp_sock.h.
 */
#include "net/tcp_impl.h"

/* ip-sysctl, tcp_recovery. RACK itself is always on. */
#define RACK_STATIC_WINDOW 2
#define RACK_NO_DUPTHRESH  4 /* so many SACKs do not end the wait for what was reordered */

/* 6.2 step 4: how long to wait for what the network may have reordered. Microseconds. */
static u32 reorder_window(const struct tcp_sock *ts)
{
	if (!ts->reord_seen) {
		if (ts->ca_state >= TCP_CA_RECOVERY)
			return 0;
		if (ts->sacked_out >= ts->reordering &&
		    !(ts->tn->conf->recovery & RACK_NO_DUPTHRESH))
			return 0;
	}
	return min((ts->min_rtt_us >> 2) * ts->rack.steps, ts->srtt_us >> 3);
}

static s64 left(const struct tcp_sock *ts, const struct tcp_cb *cb, u32 window, u64 now)
{
	return (s64)(((u64)ts->rack.rtt_us + window) * NSEC_PER_USEC) - (s64)(now - cb->sent_at);
}

/* 6.2 step 5. ns until the next one is lost, 0: none is to be waited for. */
static u64 detect(struct tcp_sock *ts)
{
	u32 window = reorder_window(ts);
	u64 now = now_mono(), most = 0;
	struct list_head *at, *next;

	for (at = ts->sent.next; at != &ts->sent; at = next) {
		struct tcp_cb *cb = list_entry(at, struct tcp_cb, sent);
		struct packet *p = (struct packet *)((u8 *)cb - offsetof(struct packet, cb));
		s64 wait;

		next = at->next;
		if (cb->sacked & TCPCB_SACKED)
			continue;
		if ((cb->sacked & TCPCB_LOST) && !(cb->sacked & TCPCB_RETRANS))
			continue;
		if (!tcp_rack_sent_after(ts->rack.sent_at, cb->sent_at, ts->rack.end_seq,
					 cb->end_seq))
			break;
		wait = left(ts, cb, window, now);
		if (wait <= 0)
			tcp_mark_lost(ts, p);
		else
			most = max(most, (u64)wait);
	}
	return most;
}

bool tcp_rack_mark_lost(struct tcp_sock *ts)
{
	u64 wait;

	if (!ts->rack.advanced)
		return false;
	ts->rack.advanced = false;
	wait = detect(ts);
	if (wait)
		tcp_rexmit_set(ts, TCP_R_REORDER, wait + TCP_TICK);
	return wait != 0;
}

/* 6.2 step 2: the latest that was delivered. */
void tcp_rack_advance(struct tcp_sock *ts, u8 sacked, u32 end_seq, u64 sent_at)
{
	u32 rtt = (u32)((now_mono() - sent_at) / NSEC_PER_USEC);

	/* Too quick for a copy: it was the original. */
	if (rtt < ts->min_rtt_us && (sacked & TCPCB_EVER))
		return;
	ts->rack.advanced = true;
	ts->rack.rtt_us = rtt;
	if (tcp_rack_sent_after(sent_at, ts->rack.sent_at, end_seq, ts->rack.end_seq)) {
		ts->rack.sent_at = sent_at;
		ts->rack.end_seq = end_seq;
	}
}

/* 6.2 step 3: the reordering window grows with each round that a DSACK tells of. */
void tcp_rack_update_window(struct tcp_sock *ts)
{
	if (ts->tn->conf->recovery & RACK_STATIC_WINDOW)
		return;
	if (before(ts->snd_una, ts->rack.dsack_round))
		ts->rack.dsack_seen = false;
	else
		ts->rack.dsack_round = ts->snd_una; /* never half the numbers behind */
	if (ts->rack.dsack_seen) {
		ts->rack.steps = (u8)min(0xff, ts->rack.steps + 1);
		ts->rack.dsack_seen = false;
		ts->rack.dsack_round = ts->snd_nxt;
		ts->rack.persist = 16;
	} else if (!ts->rack.persist) {
		ts->rack.steps = 1;
	}
}

/* The reordering timer. */
void tcp_rack_timeout(struct tcp_sock *ts)
{
	u32 prior = tcp_in_flight(ts), lost = ts->lost;
	u64 wait = detect(ts);

	if (prior != tcp_in_flight(ts)) {
		if (ts->ca_state != TCP_CA_RECOVERY) {
			tcp_enter_recovery(ts, false);
			tcp_cwnd_reduction(ts, 1, ts->lost - lost, 0);
		}
		tcp_xmit_retransmit_queue(ts);
	}
	if (wait)
		tcp_rexmit_set(ts, TCP_R_REORDER, wait + TCP_TICK);
	else if (ts->rexmit != TCP_R_RTO)
		tcp_rearm_rto(ts);
}

/* --- tail loss probes (7) --- */

bool tcp_schedule_probe(struct tcp_sock *ts, bool advancing)
{
	u64 timeout, rto, now;
	struct packet *p = tcp_rtx_head(ts);

	/* Not while a handshake is under way, nor in recovery. */
	if (tcp_state_in(ts, F(TCP_SYN_SENT) | F(TCP_SYN_RECV)) || ts->fastopen_of)
		return false;
	if ((ts->tn->conf->early_retrans != 3 && ts->tn->conf->early_retrans != 4) ||
	    !ts->packets_out || !ts->sack_ok || ts->sacked_out ||
	    (ts->ca_state != TCP_CA_OPEN && ts->ca_state != TCP_CA_CWR))
		return false;
	now = now_mono();
	if (ts->srtt_us) {
		timeout = (u64)(ts->srtt_us >> 2) * NSEC_PER_USEC;
		/* One packet's ACK may be delayed. */
		timeout += ts->packets_out == 1 ? TCP_RTO_MIN : TCP_TICK;
	} else {
		timeout = TCP_RTO_INIT;
	}
	if (p) {
		rto = advancing ? ts->rto :
				  (ts->at[TCP_T_REXMIT] > now && ts->rexmit == TCP_R_RTO ?
					   ts->at[TCP_T_REXMIT] - now :
				   tcp_cb(p)->sent_at + ts->rto > now ?
					   tcp_cb(p)->sent_at + ts->rto - now :
					   1);
		timeout = min(timeout, rto);
	}
	tcp_rexmit_at(ts, TCP_R_TLP, now + min(timeout, tcp_rto_max(ts)));
	return true;
}

void tcp_send_loss_probe(struct tcp_sock *ts)
{
	struct packet *p, *tail;
	u32 mss = tcp_current_mss(ts), segs = ts->packets_out;

	if (ts->tlp_high_seq) /* one at a time */
		goto rearm;
	ts->tlp_retrans = false;
	if (ts->send_head && before(tcp_cb(ts->send_head)->seq, tcp_wnd_end(ts))) {
		tcp_write_xmit(ts, mss, TCP_NAGLE_OFF, 2);
		if (ts->packets_out > segs)
			goto sent;
	}
	tail = ts->send_head ? list_entry(ts->send_head->link.prev, struct packet, link) :
			       tcp_snd_tail(ts);
	if (!tcp_rtx_head(ts) || !tail)
		return;
	p = tail;
	if (tcp_cb(p)->segs > 1) {
		u32 keep = (tcp_cb(p)->segs - 1) * mss;

		if (keep < p->len) {
			if (tcp_fragment(ts, p, keep, mss))
				goto rearm;
			p = list_entry(p->link.next, struct packet, link);
		}
	}
	if (tcp_retransmit(ts, p, 1))
		goto rearm;
	ts->tlp_retrans = true;
sent:
	ts->tlp_high_seq = ts->snd_nxt;
	tcp_count_stat(ts->tn, TCPS_LOSS_PROBES);
	/* What follows is a timeout. */
	tcp_rexmit_set(ts, TCP_R_RTO, ts->rto);
	return;
rearm:
	tcp_rearm_rto(ts);
}

/* 7.4: was the probe a repair? */
void tcp_process_tlp_ack(struct tcp_sock *ts, u32 ack, u32 flag)
{
	if (before(ack, ts->tlp_high_seq))
		return;
	if (!ts->tlp_retrans) {
		ts->tlp_high_seq = 0;
	} else if (flag & TCP_F_DSACK) {
		ts->tlp_high_seq = 0; /* it was not needed */
	} else if (after(ack, ts->tlp_high_seq)) {
		/* The probe repaired a loss. */
		ts->prior_ssthresh = 0;
		tcp_enter_cwr(ts);
		ts->cwnd = max(ts->ssthresh, 1U);
		tcp_ca_set(ts, TCP_CA_OPEN);
		ts->tlp_high_seq = 0;
	} else if (!(flag & (TCP_F_UNA_ADVANCED | TCP_F_NOT_DUP | TCP_F_DATA_SACKED))) {
		/* Original and probe are both acknowledged. */
		ts->tlp_high_seq = 0;
	}
}
