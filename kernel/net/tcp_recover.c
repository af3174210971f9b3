/*
 * TCP: loss recovery as a machine of five states: open, disorder (something is odd), CWR (the
 * window shrinks because of ECN), recovery (fast retransmit: RFC 5681 3.2, 6582, 6675), loss (after
 * a timeout: RFC 5681 3.1, 5682). The window shrinks proportionally (RFC 6937); a reduction that
 * was not called for is taken back (RFC 3522, 3708, 4015).
 *
 * Locking: tcp_sock.h.
 */
#include "net/tcp_impl.h"

static bool any_retrans(const struct tcp_sock *ts)
{
	const struct packet *p = tcp_rtx_head(ts);

	return ts->retrans_out || (p && (tcp_cb(p)->sacked & TCPCB_EVER));
}

/* --- the window --- */

static void start_reduction(struct tcp_sock *ts)
{
	ts->high_seq = ts->snd_nxt;
	ts->tlp_high_seq = 0;
	ts->cwnd_cnt = 0;
	ts->prior_cwnd = ts->cwnd;
	ts->prr_delivered = 0;
	ts->prr_out = 0;
	ts->ssthresh = ts->cong->ssthresh(ts);
	if (ts->ecn & TCP_ECN_OK)
		ts->ecn |= TCP_ECN_QUEUE_CWR;
}

/* RFC 6937 3 */
void tcp_cwnd_reduction(struct tcp_sock *ts, u32 newly_acked, u32 newly_lost, u32 flag)
{
	int flight = (int)tcp_in_flight(ts), delta = (int)ts->ssthresh - flight, n;

	if (!newly_acked || !ts->prior_cwnd)
		return;
	ts->prr_delivered += newly_acked;
	if (delta < 0) {
		u64 dividend = (u64)ts->ssthresh * ts->prr_delivered + ts->prior_cwnd - 1;

		n = (int)(dividend / ts->prior_cwnd) - (int)ts->prr_out;
	} else {
		n = max((int)ts->prr_delivered - (int)ts->prr_out, (int)newly_acked);
		if ((flag & TCP_F_UNA_ADVANCED) && !newly_lost)
			n++;
		n = min(delta, n);
	}
	n = max(n, ts->prr_out ? 0 : 1); /* the fast retransmit itself always goes */
	ts->cwnd = (u32)(flight + n);
}

static void end_reduction(struct tcp_sock *ts)
{
	if (ts->ssthresh < TCP_INFINITE && (ts->undo_marker || ts->ca_state == TCP_CA_CWR)) {
		ts->cwnd = ts->ssthresh;
		ts->cwnd_stamp = now_mono();
	}
}

void tcp_enter_cwr(struct tcp_sock *ts)
{
	ts->prior_ssthresh = 0;
	if (ts->ca_state < TCP_CA_CWR) {
		ts->undo_marker = 0;
		start_reduction(ts);
		tcp_ca_set(ts, TCP_CA_CWR);
	}
}

static void keep_open(struct tcp_sock *ts)
{
	u8 ca = TCP_CA_OPEN;

	if (ts->sacked_out || ts->lost_out || any_retrans(ts))
		ca = TCP_CA_DISORDER;
	if (ts->ca_state != ca) {
		tcp_ca_set(ts, ca);
		ts->high_seq = ts->snd_nxt;
	}
}

static void try_to_open(struct tcp_sock *ts, bool ece)
{
	if (!any_retrans(ts))
		ts->retrans_stamp = 0;
	if (ece)
		tcp_enter_cwr(ts);
	if (ts->ca_state != TCP_CA_CWR)
		keep_open(ts);
}

/* --- taking it back --- */

static void init_undo(struct tcp_sock *ts)
{
	ts->undo_marker = ts->snd_una;
	/* Duplicates of these may be told of. -1: of nothing. */
	ts->undo_retrans = (int)ts->retrans_out;
	if (ts->tlp_high_seq && ts->tlp_retrans)
		ts->undo_retrans++;
	if (!ts->undo_retrans)
		ts->undo_retrans = -1;
}

/* The ACK is for the original, not for the copy: its timestamp is older (RFC 3522). */
static bool was_delayed(const struct tcp_sock *ts)
{
	u32 sent = (u32)(ts->retrans_stamp / NSEC_PER_MSEC) + ts->ts_offset;

	return ts->retrans_stamp && ts->tsecr_last && before(ts->tsecr_last, sent);
}

static bool may_undo(const struct tcp_sock *ts)
{
	return ts->undo_marker && (!ts->undo_retrans || was_delayed(ts));
}

static void undo(struct tcp_sock *ts, bool unmark)
{
	if (unmark) {
		for (struct packet *p = tcp_rtx_head(ts); p; p = tcp_rtx_next(ts, p))
			tcp_cb(p)->sacked &= (u8)~TCPCB_LOST;
		ts->lost_out = 0;
	}
	if (ts->prior_ssthresh) {
		ts->cwnd = max(ts->cwnd, ts->prior_cwnd);
		if (ts->prior_ssthresh > ts->ssthresh) {
			ts->ssthresh = ts->prior_ssthresh;
			ts->ecn &= (u8)~TCP_ECN_QUEUE_CWR;
		}
	}
	ts->cwnd_stamp = now_mono();
	ts->undo_marker = 0;
	ts->rack.advanced = true;
}

/* Without SACK, an ACK of high_seq itself must not open: more duplicates may come (RFC 6582 4.1). */
static bool holds_state(struct tcp_sock *ts)
{
	if (ts->snd_una != ts->high_seq || ts->sack_ok)
		return false;
	if (!any_retrans(ts))
		ts->retrans_stamp = 0;
	return true;
}

bool tcp_undo_recovery(struct tcp_sock *ts)
{
	if (may_undo(ts))
		undo(ts, false);
	if (holds_state(ts))
		return true;
	tcp_ca_set(ts, TCP_CA_OPEN);
	return false;
}

static bool undo_dsack(struct tcp_sock *ts)
{
	if (!ts->undo_marker || ts->undo_retrans)
		return false;
	ts->rack.persist = (u8)min(16, ts->rack.persist + 1);
	undo(ts, false);
	return true;
}

static bool undo_loss(struct tcp_sock *ts, bool frto)
{
	if (!frto && !may_undo(ts))
		return false;
	undo(ts, true);
	ts->retransmits = 0;
	if (holds_state(ts))
		return true;
	if (frto || ts->sack_ok)
		tcp_ca_set(ts, TCP_CA_OPEN);
	return true;
}

/* A partial ACK that is the original's: nothing was lost so far. */
static bool undo_partial(struct tcp_sock *ts, u32 prior_una)
{
	if (!ts->undo_marker || !was_delayed(ts))
		return false;
	tcp_note_reordering(ts, prior_una);
	if (ts->retrans_out) /* wait until it is known whether those were needed */
		return true;
	if (!any_retrans(ts))
		ts->retrans_stamp = 0;
	undo(ts, true);
	keep_open(ts);
	return false;
}

/* --- what is lost --- */

static void mark_head_lost(struct tcp_sock *ts)
{
	struct packet *p = tcp_rtx_head(ts);
	struct tcp_cb *cb;

	if (!p)
		return;
	cb = tcp_cb(p);
	if (cb->segs > 1 && tcp_fragment(ts, p, cb->mss, cb->mss))
		return;
	if (!(cb->sacked & TCPCB_LOST))
		tcp_mark_lost(ts, p);
	if (ts->sacked_out + ts->lost_out > ts->packets_out)
		ts->sacked_out = ts->packets_out - ts->lost_out;
}

static void identify_loss(struct tcp_sock *ts, struct tcp_ack *a)
{
	u32 prior_retrans = ts->retrans_out;

	if (!tcp_rtx_head(ts))
		return;
	if (!ts->sack_ok) {
		bool advanced = a->flag & TCP_F_UNA_ADVANCED;

		/* RFC 6582 3.2: the third duplicate, and each partial ACK */
		if ((ts->ca_state < TCP_CA_RECOVERY && ts->sacked_out >= ts->reordering) ||
		    (ts->ca_state == TCP_CA_RECOVERY && advanced)) {
			struct packet *p = tcp_rtx_head(ts);

			if (ts->ca_state == TCP_CA_RECOVERY && p &&
			    (tcp_cb(p)->sacked & TCPCB_LOST))
				return;
			mark_head_lost(ts);
		}
		return;
	}
	if (tcp_rack_mark_lost(ts))
		a->flag &= ~TCP_F_SET_TIMER;
	if (prior_retrans > ts->retrans_out)
		a->flag |= TCP_F_LOST_RETRANS;
}

/* --- entering --- */

void tcp_enter_recovery(struct tcp_sock *ts, bool ece)
{
	ts->prior_ssthresh = 0;
	init_undo(ts);
	if (!tcp_in_reduction(ts)) {
		if (!ece)
			ts->prior_ssthresh = tcp_current_ssthresh(ts);
		start_reduction(ts);
	}
	tcp_ca_set(ts, TCP_CA_RECOVERY);
}

/* A timeout (RFC 5681 3.1): all that is not SACKed counts as lost. */
void tcp_enter_loss(struct tcp_sock *ts)
{
	bool fresh = ts->ca_state < TCP_CA_RECOVERY;
	struct packet *p, *head = tcp_rtx_head(ts);
	bool reneged = head && (tcp_cb(head)->sacked & TCPCB_SACKED);

	if (reneged) { /* the peer dropped what it had told of (RFC 2018 8) */
		ts->sacked_out = 0;
		tcp_sack_forget(ts);
	} else if (!ts->sack_ok) {
		ts->sacked_out = 0;
	}
	for (p = head; p; p = tcp_rtx_next(ts, p)) {
		if (reneged)
			tcp_cb(p)->sacked &= (u8)~TCPCB_SACKED;
		else if (p != head && ts->sack_ok && ts->rack.sent_at &&
			 tcp_cb(p)->sent_at + (u64)ts->rack.rtt_us * NSEC_PER_USEC > now_mono())
			continue; /* sent just now */
		tcp_mark_lost(ts, p);
	}
	if (ts->ca_state <= TCP_CA_DISORDER || !after(ts->high_seq, ts->snd_una) ||
	    (ts->ca_state == TCP_CA_LOSS && !ts->retransmits)) {
		ts->prior_ssthresh = tcp_current_ssthresh(ts);
		ts->prior_cwnd = ts->cwnd;
		ts->ssthresh = ts->cong->ssthresh(ts);
		init_undo(ts);
	}
	ts->cwnd = tcp_in_flight(ts) + 1;
	ts->cwnd_cnt = 0;
	ts->cwnd_stamp = now_mono();
	if (ts->ca_state <= TCP_CA_DISORDER && ts->sacked_out >= (u32)ts->tn->conf->reordering)
		ts->reordering = min(ts->reordering, (u32)ts->tn->conf->reordering);
	tcp_ca_set(ts, TCP_CA_LOSS);
	ts->high_seq = ts->snd_nxt;
	ts->tlp_high_seq = 0;
	if (ts->ecn & TCP_ECN_OK)
		ts->ecn |= TCP_ECN_QUEUE_CWR;
	/* RFC 5682: was it the network's delay only? */
	ts->frto = ts->tn->conf->frto && (fresh || ts->retransmits) && !ts->mtup.size;
}

/* The row of timeouts that tcp_timer.c counts has ended. */
static void timeouts_over(struct tcp_sock *ts, u64 now)
{
	if (ts->rto_began)
		ts->total_rto_ms += (u32)((now - min(ts->rto_began, now)) / NSEC_PER_MSEC);
	ts->rto_began = 0;
}

static void process_loss(struct tcp_sock *ts, struct tcp_ack *a, u32 dups, int *rexmit)
{
	bool recovered = !before(ts->snd_una, ts->high_seq);

	if ((a->flag & TCP_F_UNA_ADVANCED) && undo_loss(ts, false))
		return;
	if (ts->frto) {
		/* RFC 5682 3.1: step 3b, what was never sent again is acknowledged */
		if ((a->flag & TCP_F_ORIG_SACKED) && undo_loss(ts, true))
			return;
		if (after(ts->snd_nxt, ts->high_seq)) {
			if ((a->flag & TCP_F_DATA_SACKED) || dups)
				ts->frto = false; /* step 3a */
		} else if ((a->flag & TCP_F_UNA_ADVANCED) && !recovered) {
			ts->high_seq = ts->snd_nxt;
			/* step 2b: something new is the test */
			if (ts->send_head && after(tcp_wnd_end(ts), ts->snd_nxt)) {
				*rexmit = 2;
				return;
			}
			ts->frto = false;
		}
	}
	if (recovered) {
		tcp_undo_recovery(ts);
		return;
	}
	if (!ts->sack_ok) {
		if (after(ts->snd_nxt, ts->high_seq) && dups)
			tcp_reno_add(ts, dups);
		else if (a->flag & TCP_F_UNA_ADVANCED)
			ts->sacked_out = 0;
	}
	*rexmit = 1;
}

void tcp_recover(struct tcp_sock *ts, struct tcp_ack *a, u32 dups, int *rexmit)
{
	if (!ts->packets_out && ts->sacked_out)
		ts->sacked_out = 0;
	if (a->ece)
		ts->prior_ssthresh = 0;
	/* Reneging: the peer acknowledges up to what it had SACKed, and no further. */
	if ((a->flag & TCP_F_SACK_RENEG) && (a->flag & TCP_F_UNA_ADVANCED)) {
		u64 in = max((u64)(ts->srtt_us >> 4) * NSEC_PER_USEC, 10 * NSEC_PER_MSEC);

		tcp_rexmit_set(ts, TCP_R_RTO, in);
		a->flag &= ~TCP_F_SET_TIMER;
		return;
	}
	if (ts->ca_state == TCP_CA_OPEN) {
		ts->retrans_stamp = 0;
	} else if (!before(ts->snd_una, ts->high_seq)) {
		if (ts->ca_state == TCP_CA_CWR) {
			/* Something beyond must be acknowledged, or the next ECE halves again. */
			if (ts->snd_una != ts->high_seq) {
				end_reduction(ts);
				tcp_ca_set(ts, TCP_CA_OPEN);
			}
		} else if (ts->ca_state == TCP_CA_RECOVERY) {
			if (!ts->sack_ok)
				ts->sacked_out = 0;
			if (tcp_undo_recovery(ts))
				return;
			end_reduction(ts);
		}
	}
	switch (ts->ca_state) {
	case TCP_CA_RECOVERY:
		if (!(a->flag & TCP_F_UNA_ADVANCED)) {
			if (!ts->sack_ok)
				tcp_reno_add(ts, dups);
		} else if (undo_partial(ts, a->prior_una)) {
			return;
		}
		if (ts->ca_state == TCP_CA_RECOVERY && undo_dsack(ts))
			keep_open(ts);
		identify_loss(ts, a);
		if (ts->ca_state != TCP_CA_RECOVERY) {
			if (!ts->lost_out)
				return;
			tcp_enter_recovery(ts, a->ece);
		}
		break;
	case TCP_CA_LOSS:
		process_loss(ts, a, dups, rexmit);
		if (ts->ca_state != TCP_CA_LOSS)
			timeouts_over(ts, a->now);
		if (ts->ca_state != TCP_CA_LOSS && ts->ca_state != TCP_CA_OPEN)
			return;
		identify_loss(ts, a);
		if (ts->ca_state != TCP_CA_OPEN)
			return;
		if (!ts->lost_out) {
			try_to_open(ts, a->ece);
			return;
		}
		tcp_enter_recovery(ts, a->ece);
		break;
	default:
		if (!ts->sack_ok) {
			if (a->flag & TCP_F_UNA_ADVANCED)
				ts->sacked_out = 0;
			tcp_reno_add(ts, dups);
		}
		if (ts->ca_state <= TCP_CA_DISORDER)
			undo_dsack(ts);
		identify_loss(ts, a);
		if (!ts->lost_out) {
			try_to_open(ts, a->ece);
			return;
		}
		if (tcp_mtup_lost(ts))
			return;
		tcp_enter_recovery(ts, a->ece);
		break;
	}
	*rexmit = 1;
}

void tcp_simple_retransmit(struct tcp_sock *ts)
{
	/* A SYN with data is two packets here: it is the whole that was too large. */
	bool all = ts->syn_data && ts->state == TCP_SYN_SENT;
	u32 mss = tcp_current_mss(ts);

	for (struct packet *p = tcp_rtx_head(ts); p; p = tcp_rtx_next(ts, p))
		if (all || (tcp_cb(p)->mss > mss && p->len > mss))
			tcp_mark_lost(ts, p);
	if (!ts->lost_out)
		return;
	if (!ts->sack_ok)
		ts->sacked_out = min(ts->sacked_out, ts->packets_out - ts->lost_out);
	tcp_retransmit_lost(ts);
}

void tcp_retransmit_lost(struct tcp_sock *ts)
{
	/* Not the network's load: the window stays. */
	if (ts->ca_state != TCP_CA_LOSS) {
		ts->high_seq = ts->snd_nxt;
		ts->ssthresh = tcp_current_ssthresh(ts);
		ts->prior_ssthresh = 0;
		ts->undo_marker = 0;
		tcp_ca_set(ts, TCP_CA_LOSS);
	}
	tcp_xmit_retransmit_queue(ts);
}
