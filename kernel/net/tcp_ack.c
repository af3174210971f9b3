/*
 * TCP: an acknowledgment arrives. What it frees, the window it brings (RFC 9293 3.10.7.4), round
 * trips and the timeout (RFC 6298), growth of the congestion window.
 *
 * Locking: tcp_sock.h.
 */
#include "net/tcp_impl.h"

#include "alloc/page.h"

/* --- round trips --- */

/* RFC 6298 2, with the deviation taken as its largest value of the last round trip. */
void tcp_rtt_sample(struct tcp_sock *ts, u32 us)
{
	u32 floor = (u32)ts->tn->conf->rto_min_us;
	long m = us, srtt = ts->srtt_us;

	if (!srtt) {
		srtt = m << 3;
		ts->mdev_us = (u32)m << 1;
		ts->rttvar_us = max(ts->mdev_us, floor);
		ts->mdev_max_us = ts->rttvar_us;
		ts->rtt_seq = ts->snd_nxt;
		ts->srtt_us = max((u32)srtt, 1U);
		return;
	}
	m -= srtt >> 3;
	srtt += m;
	if (m < 0) {
		m = -m - (ts->mdev_us >> 2);
		if (m > 0) /* a round trip that is shorter shall not lengthen the timeout */
			m >>= 3;
	} else {
		m -= ts->mdev_us >> 2;
	}
	ts->mdev_us = (u32)((long)ts->mdev_us + m);
	if (ts->mdev_us > ts->mdev_max_us) {
		ts->mdev_max_us = ts->mdev_us;
		ts->rttvar_us = max(ts->rttvar_us, ts->mdev_max_us);
	}
	if (after(ts->snd_una, ts->rtt_seq)) {
		if (ts->mdev_max_us < ts->rttvar_us)
			ts->rttvar_us -= (ts->rttvar_us - ts->mdev_max_us) >> 2;
		ts->rtt_seq = ts->snd_nxt;
		ts->mdev_max_us = floor;
	}
	ts->srtt_us = max((u32)srtt, 1U);
}

void tcp_set_rto(struct tcp_sock *ts)
{
	ts->rto = min((u64)((ts->srtt_us >> 3) + ts->rttvar_us) * NSEC_PER_USEC, tcp_rto_max(ts));
}

static void note_min_rtt(struct tcp_sock *ts, u32 us, u64 now)
{
	if (ts->min_rtt_us && us > ts->min_rtt_us &&
	    now - ts->min_rtt_at < (u64)READ_ONCE(ts->tn->conf->min_rtt_wlen) * NSEC_PER_SEC)
		return;
	ts->min_rtt_us = max(us, 1U);
	ts->min_rtt_at = now;
}

/* seq, sack: microseconds, -1 none. False: nothing could be learned. */
static bool update_rtt(struct tcp_sock *ts, const struct tcp_segment *seg, struct tcp_ack *a,
		       long seq, long sack, long last)
{
	/* Karn: what was sent again is no measure, unless the timestamp says which one came. */
	if (seq < 0)
		seq = sack;
	if (seq < 0 && seg->opt.ts && seg->opt.tsecr &&
	    (a->flag & (TCP_F_DATA_ACKED | TCP_F_SYN_ACKED))) {
		u32 ms = (u32)(a->now / NSEC_PER_MSEC) - (seg->opt.tsecr - ts->ts_offset);

		if (ms < 1000 * 1000)
			seq = last = (long)max(ms, 1U) * 1000;
	}
	a->rtt_us = last;
	if (seq < 0)
		return false;
	note_min_rtt(ts, (u32)last, a->now);
	tcp_rtt_sample(ts, (u32)seq);
	tcp_set_rto(ts);
	ts->backoff = 0;
	return true;
}

/* RFC 6298 5.1-5.3; what is left until the first packet's time is over. */
void tcp_rearm_rto(struct tcp_sock *ts)
{
	u64 rto = ts->rto;
	struct packet *p = tcp_rtx_head(ts);

	if (ts->fastopen_of) /* its SYN-ACK comes first */
		return;
	if (!ts->packets_out) {
		tcp_rexmit_clear(ts);
		return;
	}
	if (p && (ts->rexmit == TCP_R_REORDER || ts->rexmit == TCP_R_TLP)) {
		u64 due = tcp_cb(p)->sent_at + ts->rto, now = now_mono();

		rto = due > now ? due - now : 1;
	}
	tcp_rexmit_set(ts, TCP_R_RTO, rto);
}

static void set_xmit_timer(struct tcp_sock *ts)
{
	if (!tcp_schedule_probe(ts, true))
		tcp_rearm_rto(ts);
}

/* --- the window --- */

u32 tcp_update_window(struct tcp_sock *ts, const struct tcp_segment *seg, u32 ack)
{
	u32 window = (u32)seg->window, flag = 0;

	if (!(seg->flags & TCP_SYN))
		window <<= ts->snd_wscale;
	/* RFC 9293 3.10.7.4: not by an older segment. */
	if (after(ack, ts->snd_una) || after(seg->seq, ts->snd_wl1) ||
	    (seg->seq == ts->snd_wl1 && (window > ts->snd_wnd || !window))) {
		flag |= TCP_F_WIN;
		ts->snd_wl1 = seg->seq;
		if (ts->snd_wnd != window) {
			ts->snd_wnd = window;
			if (window > ts->max_window) {
				ts->max_window = window;
				tcp_sync_mss(ts, ts->pmtu_cookie);
			}
		}
	}
	return flag;
}

static void advance_una(struct tcp_sock *ts, u32 ack)
{
	ts->bytes_acked += ack - ts->snd_una;
	ts->snd_una = ack;
	if (before(ts->fack, ack))
		ts->fack = ack;
}

/* --- what is acknowledged leaves the queue --- */

static void free_sent(struct tcp_sock *ts, struct packet *p)
{
	struct tcp_cb *cb = tcp_cb(p);

	list_del(&p->link);
	list_del(&cb->sent);
	if (ts->sack_at == p)
		ts->sack_at = NULL;
	ts->wmem -= cb->truesize;
	tcp_mem_uncharge(ts, cb->truesize);
	packet_free(p);
}

/* Part of a packet of several segments. Whole segments acknowledged. */
static u32 trim_head(struct tcp_sock *ts, struct packet *p)
{
	struct tcp_cb *cb = tcp_cb(p);
	u32 segs = cb->segs, gone = ts->snd_una - cb->seq;

	packet_drop_front(p, min(gone, p->len));
	cb->seq = ts->snd_una;
	cb->truesize -= min(gone, cb->truesize - TCP_OVERHEAD);
	ts->wmem -= gone;
	tcp_mem_uncharge(ts, gone);
	cb->segs = tcp_segs(p, max(cb->mss, 1U));
	return segs - cb->segs;
}

static void clean_queue(struct tcp_sock *ts, const struct tcp_segment *seg, struct tcp_ack *a)
{
	u32 reord = ts->snd_nxt, prior_sacked = ts->sacked_out;
	u64 first_ackt = 0, last_ackt = 0;
	struct packet *p, *n;
	bool whole = true, rtt;
	long seq_rtt = -1, sack_rtt = -1, ca_rtt = -1;

	for (p = tcp_rtx_head(ts); p; p = n) {
		struct tcp_cb *cb = tcp_cb(p);
		u32 start = cb->seq, segs;
		u8 sacked = cb->sacked;

		if (after(cb->end_seq, ts->snd_una)) {
			if (cb->segs == 1 || !after(ts->snd_una, cb->seq))
				break;
			segs = trim_head(ts, p);
			if (!segs)
				break;
			whole = false;
		} else {
			segs = cb->segs;
		}
		if (unlikely(sacked & TCPCB_EVER)) {
			if (sacked & TCPCB_RETRANS)
				ts->retrans_out -= segs;
			a->flag |= TCP_F_RETRANS_ACKED;
		} else if (!(sacked & TCPCB_SACKED)) {
			last_ackt = cb->sent_at;
			if (!first_ackt)
				first_ackt = last_ackt;
			if (before(start, reord))
				reord = start;
			if (!after(cb->end_seq, ts->high_seq))
				a->flag |= TCP_F_ORIG_SACKED;
		}
		if (sacked & TCPCB_SACKED) {
			ts->sacked_out -= segs;
		} else if (ts->sack_ok) {
			ts->delivered += segs;
			tcp_rack_advance(ts, sacked, cb->end_seq, cb->sent_at);
		}
		if (sacked & TCPCB_LOST)
			ts->lost_out -= segs;
		ts->packets_out -= segs;
		a->acked += segs;
		tcp_rate_delivered(ts, cb, a);
		/* Neither SYN nor FIN is data that a window grows by. */
		if (likely(!(cb->flags & TCP_SYN))) {
			a->flag |= TCP_F_DATA_ACKED;
		} else {
			a->flag |= TCP_F_SYN_ACKED;
			ts->retrans_stamp = 0;
		}
		if (unlikely(p->stamps & PACKET_STAMP_ACK))
			tcp_stamp_acked(ts, p, a->prior_una, seg->ttl);
		if (!whole)
			break;
		n = tcp_rtx_next(ts, p);
		free_sent(ts, p);
	}
	p = tcp_rtx_head(ts);
	if (!p)
		tcp_chrono_stop(ts, TCP_CHRONO_BUSY);
	if (ts->urg_mode && !after(ts->snd_up, ts->snd_una) && ts->snd_up != ts->snd_una)
		ts->snd_up = ts->snd_una;
	if (ts->urg_mode && ts->snd_una == ts->snd_up)
		ts->urg_mode = false;
	if (p && (tcp_cb(p)->sacked & TCPCB_SACKED))
		a->flag |= TCP_F_SACK_RENEG;
	if (first_ackt && !(a->flag & TCP_F_RETRANS_ACKED)) {
		seq_rtt = (long)((a->now - first_ackt) / NSEC_PER_USEC);
		ca_rtt = (long)((a->now - last_ackt) / NSEC_PER_USEC);
	}
	if (a->first_sackt) {
		sack_rtt = (long)((a->now - a->first_sackt) / NSEC_PER_USEC);
		ca_rtt = (long)((a->now - a->last_sackt) / NSEC_PER_USEC);
	}
	rtt = update_rtt(ts, seg, a, seq_rtt, sack_rtt, ca_rtt);
	if (a->flag & (TCP_F_DATA_ACKED | TCP_F_SYN_ACKED)) {
		a->flag |= TCP_F_SET_TIMER;
		tcp_mtup_acked(ts);
		if (!ts->sack_ok) {
			tcp_reno_remove(ts, a->acked);
			/* What a cumulative ACK covers was delivered, bar what counted before. */
			if (a->flag & TCP_F_RETRANS_ACKED)
				a->flag &= ~TCP_F_ORIG_SACKED;
		} else if (before(reord, a->prior_fack)) {
			/* It came late, and was never sent again. */
			tcp_note_reordering(ts, reord);
		}
	} else if (p && rtt && sack_rtt >= 0 &&
		   (u64)sack_rtt > (a->now - tcp_cb(p)->sent_at) / NSEC_PER_USEC) {
		/* A later packet was measured: the head's timer is not to be put off for it. */
		a->flag |= TCP_F_SET_TIMER;
	}
	if (ts->cong->acked)
		ts->cong->acked(ts, a->acked + (ts->sacked_out > prior_sacked), ca_rtt);
}

/* A window that was shut: does it let the first packet through now? */
static void ack_probe(struct tcp_sock *ts)
{
	struct packet *p = ts->send_head;
	u64 in;

	if (!p)
		return;
	if (!after(tcp_cb(p)->end_seq, tcp_wnd_end(ts))) {
		ts->backoff = 0;
		ts->probes_start = 0;
		tcp_rexmit_clear(ts);
		return;
	}
	in = tcp_probe_interval(ts, tcp_rto_max(ts));
	tcp_rexmit_set(ts, TCP_R_PROBE, in);
}

static bool may_raise_cwnd(const struct tcp_sock *ts, u32 flag)
{
	if (ts->reordering > (u32)ts->tn->conf->reordering)
		return flag & (TCP_F_DATA_ACKED | TCP_F_DATA_SACKED | TCP_F_SYN_ACKED);
	return flag & TCP_F_DATA_ACKED;
}

static void control_cwnd(struct tcp_sock *ts, u32 ack, const struct tcp_ack *a)
{
	u32 delivered = ts->delivered - a->delivered_before, lost = ts->lost - a->lost_before;

	if (unlikely(a->ece))
		ts->delivered_ce += delivered;
	if (tcp_in_reduction(ts))
		tcp_cwnd_reduction(ts, delivered, lost, a->flag);
	else if (may_raise_cwnd(ts, a->flag)) {
		ts->cong->avoid(ts, ack, delivered);
		ts->cwnd_stamp = a->now;
	}
}

enum { REXMIT_NONE, REXMIT_LOST, REXMIT_NEW };

static void xmit_recovery(struct tcp_sock *ts, int rexmit)
{
	if (rexmit == REXMIT_NONE || ts->state == TCP_SYN_SENT)
		return;
	if (rexmit == REXMIT_NEW) {
		tcp_push(ts, tcp_current_mss(ts), TCP_NAGLE_OFF);
		if (after(ts->snd_nxt, ts->high_seq))
			return;
		ts->frto = false;
	}
	tcp_xmit_retransmit_queue(ts);
}

static bool ack_is_dubious(const struct tcp_sock *ts, const struct tcp_ack *a)
{
	return !(a->flag & TCP_F_NOT_DUP) || (a->flag & (TCP_F_DATA_SACKED | TCP_F_DSACK)) ||
	       a->ece || ts->ca_state != TCP_CA_OPEN;
}

int tcp_ack_in(struct tcp_sock *ts, struct tcp_segment *seg, u32 flag)
{
	u32 ack = seg->ack, dups = 0;
	struct tcp_ack a = { .flag = flag,
			     .prior_una = ts->snd_una,
			     .prior_out = ts->packets_out,
			     .prior_fack = ts->fack,
			     .now = seg->now,
			     .rtt_us = -1,
			     .lost_before = ts->lost,
			     .delivered_before = ts->delivered,
			     .reord = ts->snd_nxt };
	int rexmit = REXMIT_NONE;

	ts->tsecr_last = seg->opt.ts ? seg->opt.tsecr : 0;
	if (unlikely(before(ack, ts->snd_una))) {
		u32 most = (u32)min((u64)ts->max_window, ts->bytes_acked);

		/* RFC 5961 5.2 */
		if (before(ack, ts->snd_una - most)) {
			if (!(flag & TCP_F_NO_CHALLENGE))
				tcp_send_challenge_ack(ts);
			return -1;
		}
		if (seg->opt.nr_sacks && ts->packets_out && ts->sack_ok) {
			tcp_sack_in(ts, seg, &a);
			tcp_recover(ts, &a, dups, &rexmit);
			xmit_recovery(ts, rexmit);
		}
		return 0;
	}
	if (unlikely(after(ack, ts->snd_nxt))) {
		/* RFC 9293 3.10.7.4: of what was not yet sent. */
		if (!(flag & TCP_F_NO_CHALLENGE))
			tcp_send_challenge_ack(ts);
		return -1;
	}
	if (after(ack, ts->snd_una)) {
		a.flag |= TCP_F_UNA_ADVANCED;
		ts->retransmits = 0;
	}
	if ((a.flag & (TCP_F_SLOW | TCP_F_UNA_ADVANCED)) == TCP_F_UNA_ADVANCED) {
		/* The window is as it was: the fast path looked. */
		ts->snd_wl1 = seg->seq;
		advance_una(ts, ack);
		a.flag |= TCP_F_WIN;
	} else {
		if (seg->len)
			a.flag |= TCP_F_DATA;
		a.flag |= tcp_update_window(ts, seg, ack);
		a.reord = ts->snd_nxt;
		if (after(ack, ts->snd_una))
			advance_una(ts, ack);
		if (seg->opt.nr_sacks && ts->sack_ok)
			tcp_sack_in(ts, seg, &a);
		if ((ts->ecn & TCP_ECN_OK) && (seg->flags & TCP_ECE) && !(seg->flags & TCP_SYN))
			a.ece = true;
	}
	ts->err_soft = 0;
	ts->probes_out = 0;
	ts->last_acked = a.now;
	if (!a.prior_out) {
		if (a.flag & TCP_F_DSACK)
			tcp_recover(ts, &a, dups, &rexmit);
		ack_probe(ts);
		if (ts->tlp_high_seq)
			tcp_process_tlp_ack(ts, ack, a.flag);
		return 1;
	}
	clean_queue(ts, seg, &a);
	tcp_rack_update_window(ts);
	if (ts->tlp_high_seq)
		tcp_process_tlp_ack(ts, ack, a.flag);
	if (ack_is_dubious(ts, &a)) {
		if (!(a.flag & (TCP_F_UNA_ADVANCED | TCP_F_NOT_DUP | TCP_F_DSACK)))
			dups = 1;
		tcp_recover(ts, &a, dups, &rexmit);
	}
	if (a.flag & TCP_F_SET_TIMER)
		set_xmit_timer(ts);
	tcp_rate_sample(ts, &a);
	control_cwnd(ts, ack, &a);
	xmit_recovery(ts, rexmit);
	return 1;
}
