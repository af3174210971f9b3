/*
 * TCP: which segment goes when. Nagle and silly windows (RFC 9293 3.7.4, 3.8.6.2), the window that
 * is offered, retransmission's order (RFC 6675 4). How large segments are: tcp_mtu.c.
 *
 * Packets of the queue hold up to 64 KiB; they go out whole as GSO packets, cut where the
 * congestion window, the peer's window or a gap that was SACKed asks for it.
 *
 * Locking: tcp_sock.h.
 */
#include "net/tcp_impl.h"

#include <uapi/in.h>

#include "alloc/page.h"
#include "lib/string.h"

/* --- sizes --- */

u32 tcp_segs(const struct packet *p, u32 mss)
{
	return p->len <= mss ? 1 : DIV_ROUND_UP(p->len, mss);
}

static void set_segs(struct packet *p, u32 mss)
{
	struct tcp_cb *cb = tcp_cb(p);

	cb->mss = mss;
	cb->segs = tcp_segs(p, mss);
}

/* --- the window we offer (RFC 9293 3.8.6.2.2, RFC 7323 2.3) --- */

u32 tcp_offered_window(const struct tcp_sock *ts)
{
	s32 left = (s32)(ts->rcv_wup + ts->rcv_wnd - ts->rcv_nxt);

	return left > 0 ? (u32)left : 0;
}

/* net.ipv4.tcp_shrink_window: what was offered may be taken back. */
static bool shrinks(const struct tcp_sock *ts)
{
	return ts->rcv_wscale && ts->tn->conf->shrink_window;
}

/* What it should be now. */
u32 tcp_desired_window(struct tcp_sock *ts)
{
	u32 mss = ts->rcv_mss, space = tcp_space(ts), allowed = tcp_full_space(ts), window;
	u32 full = min(ts->window_clamp, allowed);

	if (unlikely(mss > full)) {
		mss = full;
		if (!mss)
			return 0;
	}
	if (shrinks(ts))
		space &= ~((1U << ts->rcv_wscale) - 1);
	if (space < full >> 1) {
		ts->quick = 0;
		if (tcp_budget.pressure)
			ts->rcv_ssthresh = min(ts->rcv_ssthresh, 4 * ts->advmss);
		space &= ~((1U << ts->rcv_wscale) - 1);
		if (space < allowed >> 4 || space < mss)
			return 0;
	}
	if (shrinks(ts) && space < 1U << ts->rcv_wscale)
		return 0;
	space = min(space, ts->rcv_ssthresh);
	if (ts->rcv_wscale) {
		window = space;
		return ALIGN_UP(window, 1U << ts->rcv_wscale);
	}
	window = ts->rcv_wnd;
	if (window + mss <= space || window > space)
		window = space / mss * mss;
	else if (mss == full && space > window + (full >> 1))
		window = space;
	return window;
}

u16 tcp_select_window(struct tcp_sock *ts)
{
	u32 cur = tcp_offered_window(ts), window = tcp_desired_window(ts);

	if (unlikely(ts->ack & TCP_ACK_NO_ROOM)) {
		ts->ack &= (u8)~TCP_ACK_NO_ROOM;
		window = 0;
	} else if (window < cur &&
		   !shrinks(ts)) { /* never taken back (RFC 9293 3.8.6) but for that */
		window = ALIGN_UP(cur, 1U << ts->rcv_wscale);
	}
	window = min(window, ts->rcv_wscale			     ? 0xffffU << ts->rcv_wscale :
			     ts->tn->conf->workaround_signed_windows ? 0x7fffU :
								       0xffffU);
	ts->rcv_wnd = window;
	ts->rcv_wup = ts->rcv_nxt;
	window >>= ts->rcv_wscale;
	return (u16)window;
}

/* --- the queue --- */

struct packet *tcp_queue_flag(struct tcp_sock *ts, u8 flags)
{
	struct packet *p = packet_alloc(0, 0);

	if (!p)
		return NULL;
	*tcp_cb(p) = (struct tcp_cb){
		.seq = ts->write_seq, .end_seq = ts->write_seq + 1, .flags = flags, .segs = 1
	};
	tcp_entail(ts, p);
	ts->write_seq++;
	return p;
}

/* p, with its cb filled in, to the end; it counts from now on. */
void tcp_entail(struct tcp_sock *ts, struct packet *p)
{
	struct tcp_cb *cb = tcp_cb(p);

	list_init(&cb->sent);
	cb->truesize = TCP_OVERHEAD + p->len;
	ts->wmem += cb->truesize;
	tcp_mem_charge(ts, cb->truesize, true);
	list_add_tail(&p->link, &ts->sndq);
	if (!ts->send_head) {
		ts->send_head = p;
		tcp_chrono_start(ts, TCP_CHRONO_BUSY);
	}
}

/* The number of segments of p, which was sent, is another. */
static void adjust_segs(struct tcp_sock *ts, const struct tcp_cb *cb, int fewer)
{
	ts->packets_out -= (u32)fewer;
	if (cb->sacked & TCPCB_SACKED)
		ts->sacked_out -= (u32)fewer;
	if (cb->sacked & TCPCB_RETRANS)
		ts->retrans_out -= (u32)fewer;
	if (cb->sacked & TCPCB_LOST)
		ts->lost_out -= (u32)fewer;
	if (!ts->sack_ok && fewer > 0)
		ts->sacked_out -= min(ts->sacked_out, (u32)fewer);
}

int tcp_fragment(struct tcp_sock *ts, struct packet *p, u32 len, u32 mss)
{
	struct tcp_cb *cb = tcp_cb(p), *nc;
	u32 off = 0, old = cb->segs, most = READ_ONCE(ts->inet.sk.sndbuf) + 2 * 65536;
	bool sent = before(cb->seq, ts->snd_nxt) && p != ts->send_head;
	struct packet *n;

	/* A peer whose SACKs cut the queue to pieces gets no more of them than memory allows. */
	if (sent && ts->wmem >> 1 > most && p != tcp_rtx_head(ts))
		return -ENOMEM;
	n = packet_alloc(0, 0);
	if (!n)
		return -ENOMEM;
	for (unsigned i = 0; i < p->nr_frags; i++) {
		const struct packet_frag *f = &p->frag[i];
		u32 skip = off < len ? min(len - off, f->len) : 0;

		off += f->len;
		if (skip == f->len)
			continue;
		page_get(f->page);
		packet_add_frag(n, f->page, f->off + skip, f->len - skip);
	}
	packet_share_loan(n, p);
	packet_trim(p, len);
	nc = tcp_cb(n);
	*nc = *cb;
	nc->seq = cb->seq + len;
	if (unlikely(p->stamps) && !before(p->stamp_key, nc->seq)) {
		n->stamps = p->stamps;
		n->stamp_key = p->stamp_key;
		p->stamps = 0;
	}
	cb->end_seq = nc->seq;
	cb->flags &= (u8) ~(TCP_FIN | TCP_PSH);
	cb->eor = false;
	nc->truesize = TCP_OVERHEAD + n->len;
	cb->truesize -= min(cb->truesize, n->len);
	ts->wmem += TCP_OVERHEAD;
	tcp_mem_charge(ts, TCP_OVERHEAD, true);
	set_segs(p, mss);
	set_segs(n, mss);
	list_add(&n->link, &p->link);
	list_init(&nc->sent);
	if (sent) {
		if (!list_empty(&cb->sent))
			list_add(&nc->sent, &cb->sent);
		if (old != cb->segs + nc->segs)
			adjust_segs(ts, cb, (int)old - (int)cb->segs - (int)nc->segs);
	}
	return 0;
}

/* --- sending what is new --- */

/* A short segment is under way already (Minshall's form of Nagle). */
static bool short_one_out(const struct tcp_sock *ts)
{
	return after(ts->snd_sml, ts->snd_una) && !after(ts->snd_sml, ts->snd_nxt);
}

static bool nagle_waits(const struct tcp_sock *ts, bool partial, int nonagle)
{
	return partial &&
	       ((nonagle & TCP_NAGLE_CORK) || (!nonagle && ts->packets_out && short_one_out(ts)));
}

static bool nagle_allows(const struct tcp_sock *ts, const struct packet *p, u32 mss, int nonagle)
{
	if (nonagle & TCP_NAGLE_PUSH)
		return true;
	if (ts->urg_mode || (tcp_cb(p)->flags & TCP_FIN))
		return true;
	return !nagle_waits(ts, p->len < mss, nonagle);
}

static bool window_allows(const struct tcp_sock *ts, const struct packet *p, u32 mss)
{
	u32 end = tcp_cb(p)->end_seq;

	if (p->len > mss)
		end = tcp_cb(p)->seq + mss;
	return !after(end, tcp_wnd_end(ts));
}

static u32 cwnd_room(const struct tcp_sock *ts, const struct packet *p)
{
	u32 flight = tcp_in_flight(ts);

	/* A FIN alone does no harm. */
	if ((tcp_cb(p)->flags & TCP_FIN) && tcp_cb(p)->segs == 1)
		return 1;
	if (flight >= ts->cwnd)
		return 0;
	/* At most half at a time, so that several packets are under way. */
	return min(max(ts->cwnd >> 1, 1U), ts->cwnd - flight);
}

/* A larger packet later costs less than two now: is one to be expected soon? */
static bool defer(struct tcp_sock *ts, struct packet *p, u32 mss, bool *cwnd, bool *rwnd,
		  u32 max_segs)
{
	u32 room, limit, cong, chunk, flight = tcp_in_flight(ts);
	struct packet *head = tcp_rtx_head(ts);
	u64 age;

	if (ts->ca_state >= TCP_CA_RECOVERY)
		return false;
	if (now_mono() - ts->last_sent > NSEC_PER_MSEC)
		return false;
	room = tcp_wnd_end(ts) - tcp_cb(p)->seq;
	cong = (ts->cwnd - flight) * mss;
	limit = min(room, cong);
	if (limit >= max_segs * mss)
		return false;
	if (p->link.next != &ts->sndq && limit >= p->len)
		return false;
	chunk = min(ts->snd_wnd, ts->cwnd * mss) / (u32)max(ts->tn->conf->tso_win_divisor, 1);
	if (ts->tn->conf->tso_win_divisor) {
		if (limit >= chunk)
			return false;
	} else if (limit > 3 * mss) {
		return false;
	}
	if (!head)
		return false;
	/* The next ACK is likely to be more than half a round trip away. */
	age = (now_mono() - tcp_cb(head)->sent_at) / NSEC_PER_USEC;
	if (age < ts->srtt_us >> 4)
		return false;
	if (cong < room) {
		if (cong <= p->len) {
			*cwnd = true;
			return true;
		}
	} else if (room <= p->len) {
		*rwnd = true;
		return true;
	}
	return !(tcp_cb(p)->flags & TCP_FIN) && !tcp_cb(p)->eor;
}

/* How much of p may go. */
static u32 split_point(const struct tcp_sock *ts, const struct packet *p, u32 mss, u32 segs,
		       int nonagle)
{
	u32 window = tcp_wnd_end(ts) - tcp_cb(p)->seq, most = mss * segs, need, partial;

	if (most <= window && p != tcp_snd_tail(ts))
		return most;
	need = min(p->len, window);
	if (most <= need)
		return most;
	partial = need % mss;
	/* The rest is a short segment: it waits if Nagle says so, or for the window. */
	if (nagle_waits(ts, partial != 0, nonagle) && need > partial)
		return need - partial;
	return need;
}

void tcp_data_sent(struct tcp_sock *ts, struct packet *p)
{
	struct tcp_cb *cb = tcp_cb(p);
	u32 prior = ts->packets_out;

	ts->send_head = p->link.next == &ts->sndq ? NULL :
						    list_entry(p->link.next, struct packet, link);
	ts->snd_nxt = cb->end_seq;
	ts->packets_out += cb->segs;
	__atomic_fetch_add(&ts->tn->stats[TCPS_ORIG_DATA_SENT], cb->segs, __ATOMIC_RELAXED);
	if (!prior)
		tcp_rexmit_at(ts, TCP_R_RTO, cb->sent_at + min(ts->rto, tcp_rto_max(ts)));
	else if (ts->rexmit == TCP_R_TLP)
		tcp_rearm_rto(ts);
}

static void validate_cwnd(struct tcp_sock *ts, bool limited, u64 now)
{
	/* RFC 7661 in spirit: remember the largest flight of a round. */
	if (!before(ts->snd_una, ts->cwnd_usage_seq) || limited ||
	    (!ts->cwnd_limited && ts->packets_out > ts->max_packets_out)) {
		ts->cwnd_limited = limited;
		ts->max_packets_out = ts->packets_out;
		ts->cwnd_usage_seq = ts->snd_nxt;
	}
	if (tcp_is_cwnd_limited(ts)) {
		ts->cwnd_used = 0;
		ts->cwnd_stamp = now;
		return;
	}
	/* All is sent, the window is not full, and the writer waits for room. */
	if (!ts->send_head && READ_ONCE(ts->inet.sk.nospace) &&
	    tcp_state_in(ts, F(TCP_ESTABLISHED) | F(TCP_CLOSE_WAIT)))
		tcp_chrono_start(ts, TCP_CHRONO_SNDBUF);
	ts->cwnd_used = max(ts->cwnd_used, ts->packets_out);
	if (ts->tn->conf->slow_start_after_idle && now - ts->cwnd_stamp >= ts->rto) {
		/* Limited by the application: RFC 2861. */
		if (ts->ca_state == TCP_CA_OPEN) {
			u32 win = max(ts->cwnd_used, tcp_init_cwnd(ts));

			if (win < ts->cwnd) {
				ts->ssthresh = tcp_current_ssthresh(ts);
				ts->cwnd = (ts->cwnd + win) >> 1;
			}
			ts->cwnd_used = 0;
		}
		ts->cwnd_stamp = now;
	}
}

/*
 * How many segments one packet may have: what goes out in a millisecond at twice the rate of the
 * window, and no less than two; on a short path as many as fit.
 */
static u32 burst_segs(const struct tcp_sock *ts, u32 mss, u32 goal)
{
	u64 bytes;
	u32 shift = ts->min_rtt_us >> 9;

	if (!ts->srtt_us || shift < 3)
		return max(goal / mss, 1U);
	bytes = min(tcp_window_rate(ts, mss), READ_ONCE(ts->inet.sk.max_pacing_rate));
	bytes = (bytes >> 10) + (shift < 16 ? 0xffffU >> shift : 0);
	return (u32)max(min(bytes / mss, (u64)(goal / mss)), (u64)ts->tn->conf->min_tso_segs);
}

bool tcp_write_xmit(struct tcp_sock *ts, u32 mss, int nonagle, int push_one)
{
	bool cwnd_limited = false, rwnd_limited = false;
	u32 sent = 0, max_segs = burst_segs(ts, mss, tcp_size_goal(ts, mss));
	struct packet *p;
	u64 last = 0;

	tcp_after_idle(ts);
	if (!push_one) {
		int probe = tcp_mtu_probe(ts, mss);

		if (!probe)
			return false;
		sent = probe > 0;
	}
	while ((p = ts->send_head)) {
		struct tcp_cb *cb = tcp_cb(p);
		u32 room, limit = mss;

		if (tcp_pacing_waits(ts))
			break;
		set_segs(p, mss);
		room = cwnd_room(ts, p);
		if (!room) {
			if (push_one != 2) {
				cwnd_limited = true;
				break;
			}
			room = 1; /* a loss probe */
		}
		if (unlikely(!window_allows(ts, p, mss))) {
			rwnd_limited = true;
			break;
		}
		if (cb->segs == 1) {
			if (unlikely(!nagle_allows(
				    ts, p, mss, p == tcp_snd_tail(ts) ? nonagle : TCP_NAGLE_PUSH)))
				break;
		} else if (!push_one && defer(ts, p, mss, &cwnd_limited, &rwnd_limited, max_segs)) {
			break;
		}
		if (cb->segs > 1 && !ts->urg_mode)
			limit = split_point(ts, p, mss, min(room, max_segs), nonagle);
		if (p->len > limit && tcp_fragment(ts, p, limit, mss))
			break;
		if (tcp_transmit(ts, p))
			break;
		tcp_data_sent(ts, p);
		if (p->len < mss) /* for Minshall's form */
			ts->snd_sml = cb->end_seq;
		sent += cb->segs;
		last = cb->sent_at;
		if (push_one)
			break;
	}
	if (rwnd_limited)
		tcp_chrono_start(ts, TCP_CHRONO_RWND);
	else
		tcp_chrono_stop(ts, TCP_CHRONO_RWND);
	if (tcp_in_flight(ts) >= ts->cwnd)
		cwnd_limited = true;
	if (sent || cwnd_limited)
		validate_cwnd(ts, cwnd_limited, sent ? last : now_mono());
	if (sent) {
		if (tcp_in_reduction(ts))
			ts->prr_out += sent;
		if (push_one != 2)
			tcp_schedule_probe(ts, false);
		return false;
	}
	return !ts->packets_out && ts->send_head;
}

void tcp_push(struct tcp_sock *ts, u32 mss, int nonagle)
{
	if (ts->state == TCP_CLOSE || !ts->send_head)
		return;
	if (tcp_write_xmit(ts, mss, nonagle, 0))
		tcp_check_probe_timer(ts);
}

void tcp_push_pending(struct tcp_sock *ts)
{
	if (ts->send_head)
		tcp_push(ts, tcp_current_mss(ts), ts->nonagle);
}

void tcp_push_one(struct tcp_sock *ts, u32 mss)
{
	tcp_write_xmit(ts, mss, TCP_NAGLE_PUSH, 1);
}

/* RFC 9293 3.10.4: FIN after all that is queued, on the last segment if that has not gone. */
void tcp_send_fin(struct tcp_sock *ts)
{
	struct packet *tail = tcp_snd_tail(ts);

	if (tail && (ts->send_head || tcp_mem_over())) {
		struct tcp_cb *cb = tcp_cb(tail);

		cb->flags |= TCP_FIN;
		cb->end_seq++;
		ts->write_seq++;
		if (!ts->send_head) {
			/* Memory is short: as if it were on the last one, which goes again. */
			ts->snd_nxt++;
			return;
		}
	} else if (!tcp_queue_flag(ts, TCP_FIN)) {
		tcp_timer_set(ts, TCP_T_FIN, now_mono() + TCP_RTO_MIN); /* it goes when it can */
		return;
	}
	tcp_push(ts, tcp_current_mss(ts), TCP_NAGLE_OFF);
}

/* --- again --- */

/* p is sent once more, up to so many segments of it. 0 or -errno. */
static int retransmit(struct tcp_sock *ts, struct packet *p, u32 segs)
{
	struct tcp_cb *cb = tcp_cb(p);
	u32 mss, len;
	s32 room;
	int err;

	/* The urgent pointer counts from each segment's own number: whoever cuts has one for all. */
	if (ts->urg_mode)
		segs = 1;
	if (before(cb->seq, ts->snd_una)) {
		u32 gone = ts->snd_una - cb->seq;

		if (!before(ts->snd_una, cb->end_seq))
			return -EINVAL;
		if (cb->flags & TCP_SYN) {
			cb->flags &= (u8)~TCP_SYN;
			gone--;
			cb->seq++;
		}
		packet_drop_front(p, min(gone, p->len));
		cb->seq = ts->snd_una;
	}
	ts->mtup.size = 0; /* a probe is not told by what goes again */
	err = inet_route(&ts->inet, &ts->inet.remote);
	if (err)
		return -EHOSTUNREACH;
	mss = tcp_current_mss(ts);
	room = (s32)(tcp_wnd_end(ts) - cb->seq);
	if (room <= 0) {
		/* A window that was shut: only the first segment may try it. */
		if (p != tcp_rtx_head(ts))
			return -EAGAIN;
		room = (s32)mss;
	}
	len = mss * segs;
	if (len > (u32)room) {
		len = (u32)room / mss * mss;
		if (!len)
			len = (u32)room;
	}
	if (p->len > len) {
		if (tcp_fragment(ts, p, len, mss))
			return -ENOMEM;
	} else if (cb->segs > 1 || p->len > mss) {
		u32 old = cb->segs;

		set_segs(p, mss);
		if (old != cb->segs)
			adjust_segs(ts, cb, (int)old - (int)cb->segs);
	}
	cb->retrans += cb->retrans < U8_MAX;
	__atomic_fetch_add(&ts->tn->stats[TCPS_RETRANS_SEGS], cb->segs, __ATOMIC_RELAXED);
	ts->total_retrans += cb->segs;
	ts->bytes_retrans += p->len;
	if (cb->flags & TCP_SYN)
		cb->sacked |= TCPCB_EVER;
	err = tcp_transmit(ts, p);
	if (!err)
		cb->sacked |= TCPCB_EVER;
	return err;
}

int tcp_retransmit(struct tcp_sock *ts, struct packet *p, u32 segs)
{
	struct tcp_cb *cb = tcp_cb(p);
	int err = retransmit(ts, p, segs);

	if (!err) {
		if (!(cb->sacked & TCPCB_RETRANS))
			ts->retrans_out += cb->segs;
		cb->sacked |= TCPCB_RETRANS;
		if (!ts->retrans_stamp)
			ts->retrans_stamp = cb->sent_at;
	}
	if (ts->undo_retrans < 0)
		ts->undo_retrans = 0;
	ts->undo_retrans += (int)cb->segs;
	return err;
}

/* What is marked lost, from the first on, as far as the window goes (RFC 6675 4, RFC 6937). */
void tcp_xmit_retransmit_queue(struct tcp_sock *ts)
{
	bool rearm = false;
	struct packet *p, *n;
	u32 most, mss;

	if (!ts->packets_out)
		return;
	mss = tcp_current_mss(ts);
	most = burst_segs(ts, mss, tcp_size_goal(ts, mss));
	for (p = tcp_rtx_head(ts); p; p = n) {
		struct tcp_cb *cb = tcp_cb(p);
		int room = (int)(ts->cwnd - tcp_in_flight(ts));

		n = tcp_rtx_next(ts, p);
		if (room <= 0 || ts->retrans_out >= ts->lost_out)
			break;
		if (tcp_pacing_waits(ts))
			break;
		if (!(cb->sacked & TCPCB_LOST) || (cb->sacked & (TCPCB_SACKED | TCPCB_RETRANS)))
			continue;
		if (tcp_retransmit(ts, p, min((u32)room, most)))
			break;
		n = tcp_rtx_next(ts, p); /* it may have been cut */
		tcp_count_stat(ts->tn, ts->ca_state == TCP_CA_LOSS ? TCPS_SLOW_START_RETRANS :
								     TCPS_FAST_RETRANS);
		if (tcp_in_reduction(ts))
			ts->prr_out += cb->segs;
		if (p == tcp_rtx_head(ts) && ts->rexmit != TCP_R_REORDER)
			rearm = true;
	}
	if (rearm)
		tcp_rexmit_set(ts, TCP_R_RTO, ts->rto);
}

/* --- probes --- */

/* A probe of a window that is shut, or of a silent peer: data if there is room for it. */
int tcp_write_wakeup(struct tcp_sock *ts)
{
	struct packet *p = ts->send_head;

	if (ts->state == TCP_CLOSE)
		return -1;
	if (p && before(tcp_cb(p)->seq, tcp_wnd_end(ts))) {
		u32 mss = tcp_current_mss(ts), len = tcp_wnd_end(ts) - tcp_cb(p)->seq;
		int err;

		if (before(ts->pushed_seq, tcp_cb(p)->end_seq))
			ts->pushed_seq = tcp_cb(p)->end_seq;
		if (len < p->len || p->len > mss) {
			len = min(len, mss);
			tcp_cb(p)->flags |= TCP_PSH;
			if (tcp_fragment(ts, p, len, mss))
				return -1;
		} else {
			set_segs(p, mss);
		}
		tcp_cb(p)->flags |= TCP_PSH;
		err = tcp_transmit(ts, p);
		if (!err)
			tcp_data_sent(ts, p);
		return err;
	}
	if (between(ts->snd_up, ts->snd_una + 1, ts->snd_una + 0xffff))
		tcp_send_probe(ts, true);
	tcp_send_probe(ts, false);
	return 0;
}
