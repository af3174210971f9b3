/*
 * TCP: selective acknowledgments. What the peer's blocks say of our packets (RFC 2018 5, RFC 2883,
 * RFC 6675 3), and the blocks that we tell it (RFC 2018 3, 4). Also what stands in for them when
 * the peer has none: duplicate ACKs counted (RFC 6582).
 *
 * Locking: tcp_sock.h.
 */
#include "net/tcp_impl.h"

#include "lib/string.h"

void tcp_clear_counts(struct tcp_sock *ts)
{
	ts->packets_out = ts->sacked_out = ts->lost_out = ts->retrans_out = 0;
	ts->fack = ts->snd_una;
	tcp_sack_forget(ts);
}

void tcp_mark_lost(struct tcp_sock *ts, struct packet *p)
{
	struct tcp_cb *cb = tcp_cb(p);

	if (cb->sacked & TCPCB_SACKED)
		return;
	if (cb->sacked & TCPCB_LOST) {
		if (cb->sacked & TCPCB_RETRANS) { /* the second copy, too */
			cb->sacked &= (u8)~TCPCB_RETRANS;
			ts->retrans_out -= cb->segs;
			ts->lost += cb->segs;
		}
		return;
	}
	ts->lost_out += cb->segs;
	ts->lost += cb->segs;
	cb->sacked |= TCPCB_LOST;
	if (cb->sacked & TCPCB_RETRANS) {
		cb->sacked &= (u8)~TCPCB_RETRANS;
		ts->retrans_out -= cb->segs;
	}
}

/* A packet was delivered after later ones: the network changes the order that much. */
void tcp_note_reordering(struct tcp_sock *ts, u32 low_seq)
{
	u32 mss = ts->mss_cache, metric = ts->fack - low_seq;

	if (!before(low_seq, ts->fack))
		return;
	if (metric > ts->reordering * mss && mss)
		ts->reordering = min((metric + mss - 1) / mss, (u32)ts->tn->conf->max_reordering);
	ts->reord_seen++;
}

/* --- without SACK --- */

void tcp_reno_add(struct tcp_sock *ts, u32 dups)
{
	u32 before_it = ts->sacked_out, most;

	if (!dups)
		return;
	ts->sacked_out += dups;
	/* More than what is under way says that the network reorders. */
	most = ts->packets_out - min(ts->packets_out, max(ts->lost_out, 1U));
	if (ts->sacked_out > most) {
		ts->sacked_out = most;
		ts->reordering = min(ts->packets_out + 1, (u32)ts->tn->conf->max_reordering);
		ts->reord_seen++;
	}
	if (ts->sacked_out > before_it)
		ts->delivered += ts->sacked_out - before_it;
}

void tcp_reno_remove(struct tcp_sock *ts, u32 acked)
{
	u32 most;

	if (acked) {
		/* One that was missing, and those whose duplicate ACKs were counted. */
		ts->delivered += max(acked > ts->sacked_out ? acked - ts->sacked_out : 0, 1U);
		ts->sacked_out -= min(ts->sacked_out, acked - 1);
	}
	most = ts->packets_out - min(ts->packets_out, max(ts->lost_out, 1U));
	ts->sacked_out = min(ts->sacked_out, most);
}

/* --- the peer's blocks --- */

/* RFC 2883 4: the first block tells of what came twice. */
static bool is_dsack(struct tcp_sock *ts, const struct tcp_segment *seg, struct tcp_ack *a)
{
	const struct tcp_sack *s = seg->opt.sack;
	u32 segs;

	if (!before(s[0].start, seg->ack) &&
	    (seg->opt.nr_sacks < 2 || after(s[0].end, s[1].end) || before(s[0].start, s[1].start)))
		return false;
	segs = ts->mss_cache && s[0].end - s[0].start > ts->mss_cache ?
		       DIV_ROUND_UP(s[0].end - s[0].start, ts->mss_cache) :
		       1;
	/* One that can be of what we sent. */
	if (!before(s[0].start, s[0].end) || after(s[0].end, ts->snd_nxt))
		return false;
	tcp_count_stat(ts->tn, TCPS_DSACK_RECV);
	ts->dsack_peer = true;
	ts->dsack_dups += segs;
	a->flag |= TCP_F_DSACK;
	/* A tail loss probe that was not needed says nothing of reordering. */
	if (!(ts->tlp_high_seq && ts->tlp_retrans && s[0].end == ts->tlp_high_seq))
		ts->rack.dsack_seen = true;
	if (ts->undo_marker && ts->undo_retrans > 0 && !after(s[0].end, a->prior_una) &&
	    after(s[0].end, ts->undo_marker))
		ts->undo_retrans = max(0, ts->undo_retrans - (int)segs);
	return true;
}

static bool block_ok(const struct tcp_sock *ts, bool dsack, const struct tcp_sack *s)
{
	if (!before(s->start, s->end) || after(s->end, ts->snd_nxt))
		return false;
	if (after(s->start, ts->snd_una) || s->start == ts->snd_una)
		return before(s->start, ts->snd_nxt);
	if (!dsack || !ts->undo_marker)
		return false;
	if (after(s->end, ts->snd_una))
		return false;
	return !before(s->start, ts->undo_marker) || after(s->end, ts->undo_marker);
}

static void tag(struct tcp_sock *ts, struct packet *p, bool dsack, struct tcp_ack *a)
{
	struct tcp_cb *cb = tcp_cb(p);

	if (dsack && (cb->sacked & TCPCB_EVER)) {
		if (ts->undo_marker && ts->undo_retrans > 0 && after(cb->end_seq, ts->undo_marker))
			ts->undo_retrans = max(0, ts->undo_retrans - (int)cb->segs);
		if ((cb->sacked & TCPCB_SACKED) && before(cb->seq, a->reord))
			a->reord = cb->seq;
	}
	if (!after(cb->end_seq, ts->snd_una))
		return;
	if (!(cb->sacked & TCPCB_SACKED)) {
		tcp_rack_advance(ts, cb->sacked, cb->end_seq, cb->sent_at);
		if (cb->sacked & TCPCB_RETRANS) {
			/* If it is not to be found lost again, one copy of it arrived. */
			if (cb->sacked & TCPCB_LOST) {
				cb->sacked &= (u8) ~(TCPCB_LOST | TCPCB_RETRANS);
				ts->lost_out -= cb->segs;
				ts->retrans_out -= cb->segs;
			}
		} else {
			if (!(cb->sacked & TCPCB_EVER)) {
				if (before(cb->seq, ts->fack) && before(cb->seq, a->reord))
					a->reord = cb->seq;
				if (!after(cb->end_seq, ts->high_seq))
					a->flag |= TCP_F_ORIG_SACKED;
				if (!a->first_sackt)
					a->first_sackt = cb->sent_at;
				a->last_sackt = cb->sent_at;
			}
			if (cb->sacked & TCPCB_LOST) {
				cb->sacked &= (u8)~TCPCB_LOST;
				ts->lost_out -= cb->segs;
			}
		}
		cb->sacked |= TCPCB_SACKED;
		a->flag |= TCP_F_DATA_SACKED;
		ts->sacked_out += cb->segs;
		ts->delivered += cb->segs;
		a->sacked += cb->segs;
		tcp_rate_delivered(ts, cb, a);
		if (after(cb->end_seq, ts->fack))
			ts->fack = cb->end_seq;
	}
	if (dsack && (cb->sacked & TCPCB_RETRANS)) {
		cb->sacked &= (u8)~TCPCB_RETRANS;
		ts->retrans_out -= cb->segs;
	}
}

/* Does the block cover p? p is cut at the block's edges, in whole segments. */
static bool covered(struct tcp_sock *ts, struct packet *p, const struct tcp_sack *s)
{
	struct tcp_cb *cb = tcp_cb(p);
	bool in = !after(s->start, cb->seq) && !before(s->end, cb->end_seq);
	u32 mss = max(cb->mss, 1U), len;

	if (in || cb->segs <= 1 || !after(cb->end_seq, s->start))
		return in;
	if (!after(s->start, cb->seq)) {
		len = (s->end - cb->seq) / mss * mss;
		if (!len || len >= p->len)
			return false;
		return !tcp_fragment(ts, p, len, mss);
	}
	/* The part before the block: the next look will find the rest. */
	len = DIV_ROUND_UP(s->start - cb->seq, mss) * mss;
	if (len < p->len)
		tcp_fragment(ts, p, len, mss);
	return false;
}

void tcp_sack_forget(struct tcp_sock *ts)
{
	ts->nr_sack_told = 0;
	ts->sack_at = NULL;
}

/* Packets of the block that end behind `from`: what is before it was looked at. */
static void walk(struct tcp_sock *ts, const struct tcp_sack *s, u32 from, bool dsack,
		 struct tcp_ack *a)
{
	struct packet *p = ts->sack_at;

	if (!p || after(tcp_cb(p)->seq, from))
		p = tcp_rtx_head(ts);
	for (; p; p = tcp_rtx_next(ts, p)) {
		if (!before(tcp_cb(p)->seq, s->end))
			break;
		ts->sack_at = p;
		if (!after(tcp_cb(p)->end_seq, from))
			continue;
		if (!dsack && (tcp_cb(p)->sacked & TCPCB_SACKED))
			continue;
		if (covered(ts, p, s))
			tag(ts, p, dsack, a);
	}
}

/* Where in s the news begin: a block comes again in many ACKs, each time a little longer. */
static u32 news_from(const struct tcp_sock *ts, const struct tcp_sack *s)
{
	for (u32 i = 0; i < ts->nr_sack_told; i++) {
		const struct tcp_sack *old = &ts->sack_told[i];

		if (!before(s->start, old->start) && before(s->start, old->end))
			return old->end;
	}
	return s->start;
}

void tcp_sack_in(struct tcp_sock *ts, const struct tcp_segment *seg, struct tcp_ack *a)
{
	struct tcp_sack blocks[TCP_MAX_SACKS];
	bool dsack = is_dsack(ts, seg, a);
	u32 n = 0;

	if (!ts->sacked_out) {
		ts->fack = ts->snd_una;
		tcp_sack_forget(ts);
	}
	if (dsack && block_ok(ts, true, &seg->opt.sack[0]))
		walk(ts, &seg->opt.sack[0], seg->opt.sack[0].start, true, a);
	/* In order, so that "first" and "last sent" are what they say. */
	for (u32 i = dsack; i < seg->opt.nr_sacks; i++) {
		u32 at = n;

		if (!block_ok(ts, false, &seg->opt.sack[i]))
			continue;
		for (; at && before(seg->opt.sack[i].start, blocks[at - 1].start); at--)
			blocks[at] = blocks[at - 1];
		blocks[at] = seg->opt.sack[i];
		n++;
	}
	for (u32 i = 0; i < n; i++) {
		u32 from = news_from(ts, &blocks[i]);

		if (before(from, blocks[i].end))
			walk(ts, &blocks[i], from, false, a);
	}
	memcpy(ts->sack_told, blocks, n * sizeof(*blocks));
	ts->nr_sack_told = (u8)n;
	if (ts->ca_state != TCP_CA_LOSS || ts->undo_marker)
		tcp_note_reordering(ts, a->reord);
}

/* --- our blocks --- */

void tcp_dsack_set(struct tcp_sock *ts, u32 seq, u32 end_seq)
{
	if (!ts->sack_ok || !ts->tn->conf->dsack)
		return;
	tcp_count_stat(ts->tn, TCPS_DSACK_SENT);
	ts->dsack = (struct tcp_sack){ seq, end_seq };
	ts->dsack_due = true;
}

void tcp_dsack_extend(struct tcp_sock *ts, u32 seq, u32 end_seq)
{
	struct tcp_sack *d = &ts->dsack;

	if (!ts->dsack_due) {
		tcp_dsack_set(ts, seq, end_seq);
	} else if (!after(seq, d->end) && !after(d->start, end_seq)) {
		d->start = before(seq, d->start) ? seq : d->start;
		d->end = after(end_seq, d->end) ? end_seq : d->end;
	}
}

/* [seq, end_seq) came out of order: the block it belongs to goes first (RFC 2018 4). */
void tcp_sack_note_new(struct tcp_sock *ts, u32 seq, u32 end_seq)
{
	struct tcp_sack mine = { seq, end_seq };
	u32 n = 0;

	if (!ts->sack_ok)
		return;
	for (u32 i = 0; i < ts->nr_sacks; i++) {
		struct tcp_sack *s = &ts->sacks[i];

		if (!after(mine.start, s->end) && !after(s->start, mine.end)) {
			mine.start = before(s->start, mine.start) ? s->start : mine.start;
			mine.end = after(s->end, mine.end) ? s->end : mine.end;
			continue;
		}
		ts->sacks[n++] = *s;
	}
	n = min(n, (u32)TCP_MAX_SACKS - 1);
	for (u32 i = n; i; i--)
		ts->sacks[i] = ts->sacks[i - 1];
	ts->sacks[0] = mine;
	ts->nr_sacks = (u8)(n + 1);
}

/* rcv_nxt moved: blocks that it has reached go. */
void tcp_sack_remove(struct tcp_sock *ts)
{
	u32 n = 0;

	if (list_empty(&ts->oooq)) {
		ts->nr_sacks = 0;
		return;
	}
	for (u32 i = 0; i < ts->nr_sacks; i++)
		if (before(ts->rcv_nxt, ts->sacks[i].start))
			ts->sacks[n++] = ts->sacks[i];
	ts->nr_sacks = (u8)n;
}
