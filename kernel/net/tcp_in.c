/*
 * TCP: a segment arrives (RFC 9293 3.10.7). Its header is read and checked, its connection found;
 * then what the state says: sequence, RST, SYN, ACK, urgent data, payload, FIN, in that order. The
 * common cases of an open connection go a short way (Van Jacobson's header prediction).
 *
 * Locking: network context, RCU; the socket's lock is taken here. tcp_impl.h.
 */
#include "net/tcp_impl.h"
#include "net/reuse.h"

#include <uapi/in.h>
#include <uapi/epoll.h>

#include "lib/string.h"

/* --- options --- */

static void fastopen_option(struct tcp_options *o, const u8 *data, u32 n, bool syn, bool exp)
{
	/* RFC 7413 2: 4 to 16 bytes, an even number; none asks for one. */
	if (!syn || (n && (n < 4 || n > 16 || (n & 1))))
		return;
	o->fastopen = true;
	o->fastopen_exp = exp;
	o->cookie_len = (u8)n;
	o->cookie = data;
}

static void sack_option(struct tcp_options *o, const u8 *data, u32 n)
{
	if (n % 8)
		return;
	for (o->nr_sacks = 0; n && o->nr_sacks < TCP_MAX_SACKS; n -= 8, data += 8)
		o->sack[o->nr_sacks++] = (struct tcp_sack){ get_be32(data), get_be32(data + 4) };
}

void tcp_parse_options(const struct tcp_sysctl *conf, const u8 *at, u32 n, bool syn,
		       struct tcp_options *o)
{
	while (n) {
		u8 kind = at[0], len;

		if (kind == TCP_OPT_END)
			return;
		if (kind == TCP_OPT_NOP) {
			at++;
			n--;
			continue;
		}
		if (n < 2 || at[1] < 2 || at[1] > n)
			return;
		len = at[1];
		switch (kind) {
		case TCP_OPT_MSS:
			if (syn && len == 4)
				o->mss = get_be16(at + 2);
			break;
		case TCP_OPT_WSCALE:
			if (syn && len == 3 && conf->window_scaling) {
				o->wscale_ok = true;
				o->wscale = min(at[2], (u8)TCP_MAX_WSCALE);
			}
			break;
		case TCP_OPT_SACK_OK:
			if (syn && len == 2 && conf->sack)
				o->sack_ok = true;
			break;
		case TCP_OPT_TIMESTAMPS:
			if (len == 10) {
				o->ts = true;
				o->tsval = get_be32(at + 2);
				o->tsecr = get_be32(at + 6);
			}
			break;
		case TCP_OPT_SACK:
			if (!syn)
				sack_option(o, at + 2, len - 2U);
			break;
		case TCP_OPT_FASTOPEN:
			fastopen_option(o, at + 2, len - 2U, syn, false);
			break;
		case TCP_OPT_EXP:
			if (len >= 4 && get_be16(at + 2) == TCP_EXP_FASTOPEN)
				fastopen_option(o, at + 4, len - 4U, syn, true);
			break;
		default:
			break;
		}
		at += len;
		n -= len;
	}
}

/* --- ACKs that somebody could force out of us --- */

bool tcp_reply_limited(const struct tcp_net *tn, u32 *last_ms)
{
	u32 now = tcp_time_ms();

	if (*last_ms && now - *last_ms < (u32)tn->conf->invalid_ratelimit)
		return true;
	*last_ms = now ? now : 1;
	return false;
}

bool tcp_oow_limited(const struct tcp_net *tn, const struct tcp_segment *seg, u32 *last_ms)
{
	if (seg->end_seq != seg->seq && !(seg->flags & TCP_SYN))
		return false;
	return tcp_reply_limited(tn, last_ms);
}

/* RFC 5961 7: so many a second for all, and for one socket at most one each half second. */
void tcp_send_challenge_ack(struct tcp_sock *ts)
{
	struct tcp_net *tn = ts->tn;
	u64 now = now_mono() / NSEC_PER_SEC;

	if (tcp_reply_limited(ts->tn, &ts->last_oow_ack_ms))
		return;
	if (tn->conf->challenge_ack_limit != S32_MAX) {
		if (READ_ONCE(tn->challenge_at) != now) {
			WRITE_ONCE(tn->challenge_at, now);
			atomic_set(&tn->challenge_left, tn->conf->challenge_ack_limit);
		}
		if (atomic_dec_return(&tn->challenge_left) < 0)
			return;
	}
	tcp_count_stat(tn, TCPS_CHALLENGE_ACK);
	tcp_send_ack(ts);
}

/* --- timestamps (RFC 7323 5) --- */

bool tcp_paws_reject(u32 ts_recent, u64 ts_recent_at, u32 tsval, bool rst)
{
	u64 now = now_mono() / NSEC_PER_SEC;

	if ((s32)(ts_recent - tsval) <= 0)
		return false;
	if (now >= ts_recent_at + TCP_PAWS_24DAYS)
		return false;
	if (!ts_recent) /* some send 0 in a SYN-ACK */
		return false;
	/* A RST of a host that was restarted has a new clock. */
	return !(rst && now >= ts_recent_at + TCP_PAWS_MSL);
}

void tcp_store_ts_recent(struct tcp_sock *ts, const struct tcp_segment *seg)
{
	ts->ts_recent = seg->opt.tsval;
	ts->ts_recent_at = seg->now / NSEC_PER_SEC;
}

/* 5.3: of a segment that covers what was acknowledged last. */
void tcp_replace_ts_recent(struct tcp_sock *ts, const struct tcp_segment *seg)
{
	if (seg->opt.ts && ts->ts_ok && !after(seg->seq, ts->rcv_wup) &&
	    ((s32)(ts->ts_recent - seg->opt.tsval) <= 0 ||
	     seg->now / NSEC_PER_SEC >= ts->ts_recent_at + TCP_PAWS_24DAYS))
		tcp_store_ts_recent(ts, seg);
}

/* An ACK that only repeats, out of order with what the timestamp says: no harm. */
static bool is_disordered_ack(const struct tcp_sock *ts, const struct tcp_segment *seg)
{
	return seg->flags == TCP_ACK && seg->seq == seg->end_seq && seg->seq == ts->rcv_nxt &&
	       seg->ack == ts->snd_una && (u32)seg->window << ts->snd_wscale == ts->snd_wnd &&
	       (s32)(ts->ts_recent - seg->opt.tsval) <= (s32)(ts->rto / NSEC_PER_MSEC);
}

/* --- when to acknowledge (RFC 5681 4.2, RFC 9293 3.8.6.3) --- */

void tcp_enter_quickack(struct tcp_sock *ts, u32 most)
{
	u32 n = ts->rcv_wnd / max(2 * ts->rcv_mss, 1U);

	n = min(n ? n : 2, most);
	if (n > ts->quick)
		ts->quick = (u8)n;
	ts->pingpong = 0;
	ts->ato = TCP_ATO_MIN;
}

static bool in_quickack(const struct tcp_sock *ts)
{
	return ts->quick && !tcp_in_pingpong(ts);
}

static void send_delayed_ack(struct tcp_sock *ts)
{
	u64 ato = ts->ato, now = now_mono(), at;

	if (ato > TCP_DELACK_MIN) {
		u64 most = NSEC_PER_SEC / 2;

		if (tcp_in_pingpong(ts) || (ts->ack & TCP_ACK_PUSHED))
			most = TCP_DELACK_MAX;
		if (ts->srtt_us)
			most = min(most,
				   max((u64)(ts->srtt_us >> 3) * NSEC_PER_USEC, TCP_DELACK_MIN));
		ato = min(ato, most);
	}
	ato = min(ato, TCP_DELACK_MAX);
	if (!ato) {
		tcp_send_ack(ts);
		return;
	}
	at = now + ato;
	if ((ts->ack & TCP_ACK_TIMER) && ts->at[TCP_T_DELACK]) {
		/* It was due soon anyhow. */
		if (ts->at[TCP_T_DELACK] <= now + (ato >> 2)) {
			tcp_send_ack(ts);
			return;
		}
		at = min(at, ts->at[TCP_T_DELACK]);
	}
	ts->ack |= TCP_ACK_SCHED | TCP_ACK_TIMER;
	tcp_timer_set(ts, TCP_T_DELACK, at);
}

void tcp_ack_scheduled(struct tcp_sock *ts)
{
	if (!(ts->ack & (TCP_ACK_SCHED | TCP_ACK_NOW)))
		return;
	/* Two segments, and the reader has taken them: or the window will be opened by it. */
	if ((ts->rcv_nxt - ts->rcv_wup > ts->rcv_mss &&
	     (ts->rcv_nxt - ts->copied_seq < (u32)READ_ONCE(ts->inet.sk.rcvlowat) ||
	      tcp_desired_window(ts) >= ts->rcv_wnd)) ||
	    in_quickack(ts) || (ts->ack & TCP_ACK_NOW) || !list_empty(&ts->oooq)) {
		tcp_send_ack(ts);
		return;
	}
	send_delayed_ack(ts);
}

/* What the peer's segments hold, as far as one can see. */
void tcp_measure_rcv_mss(struct tcp_sock *ts, const struct tcp_segment *seg)
{
	const struct packet *p = seg->p;
	u32 len = p && p->gso_size ? p->gso_size : seg->len, last = ts->last_seg;

	ts->last_seg = 0;
	if (len >= ts->rcv_mss) {
		ts->rcv_mss = min(len, ts->advmss);
		return;
	}
	/* A smaller one twice in a row, not the end of something: that is its size. */
	if (len + seg->header_len >= TCP_DEFAULT_MSS + 20 ||
	    (len + seg->header_len >= TCP_MIN_MSS + 20 && !(seg->flags & TCP_PSH))) {
		ts->last_seg = len;
		if (len == last) {
			ts->rcv_mss = len;
			return;
		}
	}
	if (ts->ack & TCP_ACK_PUSHED)
		ts->ack |= TCP_ACK_PUSHED2;
	ts->ack |= TCP_ACK_PUSHED;
}

void tcp_ecn_check(struct tcp_sock *ts, const struct tcp_segment *seg)
{
	if (!(ts->ecn & TCP_ECN_OK))
		return;
	switch (seg->tos & 3) {
	case 0:
		/* Retransmissions are not ECT: what was lost may have been marked. */
		if (ts->ecn & TCP_ECN_SEEN)
			tcp_enter_quickack(ts, 2);
		break;
	case 3:
		if (!(ts->ecn & TCP_ECN_DEMAND_CWR)) {
			tcp_enter_quickack(ts, 2);
			ts->ecn |= TCP_ECN_DEMAND_CWR;
		}
		fallthrough;
	default:
		ts->ecn |= TCP_ECN_SEEN;
		break;
	}
}

/* Data came: when, and how often. */
void tcp_event_data_recv(struct tcp_sock *ts, const struct tcp_segment *seg)
{
	u64 now = seg->now, gap;

	ts->ack |= TCP_ACK_SCHED;
	tcp_measure_rcv_mss(ts, seg);
	tcp_rcv_rtt(ts, now);
	if (!ts->ato) {
		/* The first data: slow start at the other end wants ACKs at once. */
		tcp_enter_quickack(ts, TCP_MAX_QUICKACKS);
		ts->pingpong = 0;
		ts->ato = TCP_ATO_MIN;
	} else {
		gap = now - ts->last_rcv;
		if (gap <= TCP_ATO_MIN / 2)
			ts->ato = (ts->ato >> 1) + TCP_ATO_MIN / 2;
		else if (gap < ts->ato)
			ts->ato = min((ts->ato >> 1) + gap, ts->rto);
		else if (gap > ts->rto)
			tcp_enter_quickack(ts, TCP_MAX_QUICKACKS); /* after a long pause */
	}
	ts->last_rcv = now;
	tcp_ecn_check(ts, seg);
	if (seg->len >= 128)
		tcp_grow_window(ts, seg);
}

/* --- acceptable or not --- */

/* RFC 9293 3.5.3, RFC 5961 3.2: only the very next number resets. */
static bool reset_is_exact(const struct tcp_sock *ts, const struct tcp_segment *seg)
{
	u32 most;

	if (seg->seq == ts->rcv_nxt)
		return true;
	/* What it has SACKed of us may be all it knows. */
	if (!ts->sack_ok || !ts->nr_sacks)
		return false;
	most = ts->sacks[0].end;
	for (u32 i = 1; i < ts->nr_sacks; i++)
		if (after(ts->sacks[i].end, most))
			most = ts->sacks[i].end;
	return seg->seq == most;
}

/* True: the segment goes on. */
bool tcp_validate(struct tcp_sock *ts, struct tcp_segment *seg)
{
	bool rst = seg->flags & TCP_RST;

	if (seg->opt.ts && ts->ts_ok &&
	    tcp_paws_reject(ts->ts_recent, ts->ts_recent_at, seg->opt.tsval, rst) &&
	    !is_disordered_ack(ts, seg)) {
		if (!rst && !(seg->flags & TCP_SYN)) {
			tcp_count_stat(ts->tn, TCPS_PAWS_ESTAB);
			if (!tcp_oow_limited(ts->tn, seg, &ts->last_oow_ack_ms))
				tcp_send_dupack(ts, seg);
			return false;
		}
		if (!rst) /* RFC 5961 4.2 goes before PAWS */
			goto syn;
		/* A RST with an old timestamp is judged by its number. */
	}
	if (before(seg->end_seq, ts->rcv_wup) ||
	    after(seg->seq, ts->rcv_nxt + tcp_offered_window(ts))) {
		if (!rst) {
			if (seg->flags & TCP_SYN)
				goto syn;
			if (!tcp_oow_limited(ts->tn, seg, &ts->last_oow_ack_ms))
				tcp_send_dupack(ts, seg);
		} else if (seg->seq == ts->rcv_nxt - 1 &&
			   tcp_state_in(ts, F(TCP_CLOSE_WAIT) | F(TCP_LAST_ACK) | F(TCP_CLOSING))) {
			tcp_reset_received(ts); /* some stacks do not count their FIN */
		}
		return false;
	}
	if (rst) {
		if (reset_is_exact(ts, seg))
			tcp_reset_received(ts);
		else
			tcp_send_challenge_ack(ts);
		return false;
	}
	if (seg->flags & TCP_SYN) {
		/* Both opened at once, and this answers our SYN, perhaps with its data. */
		if (ts->state == TCP_SYN_RECV && (seg->flags & TCP_ACK) &&
		    seg->seq + 1 == seg->end_seq && seg->end_seq == ts->rcv_nxt &&
		    seg->ack == ts->snd_nxt)
			return true;
syn:
		/* A SYN-ACK that comes again while fast open's data goes: it is acknowledged. */
		tcp_send_challenge_ack(ts);
		return false;
	}
	return true;
}

void tcp_after_data(struct tcp_sock *ts)
{
	if (ts->send_head)
		tcp_push_pending(ts);
	tcp_ack_scheduled(ts);
}

/* --- an open connection --- */

/* In order, nothing odd, the window as it was: true if that was all there is to it. */
static bool predicted(struct tcp_sock *ts, struct tcp_segment *seg)
{
	if ((seg->flags & ~TCP_PSH) != TCP_ACK || seg->seq != ts->rcv_nxt || ts->urg_data ||
	    ts->urg_mode || !list_empty(&ts->oooq) || seg->opt.nr_sacks ||
	    after(seg->ack, ts->snd_nxt) || before(seg->ack, ts->snd_una) ||
	    (u32)seg->window << ts->snd_wscale != ts->snd_wnd || !ts->rcv_wnd ||
	    seg->opt.ts != ts->ts_ok || (seg->tos & 3) == 3)
		return false;
	if (ts->ts_ok) {
		if ((s32)(seg->opt.tsval - ts->ts_recent) < 0)
			return false;
		if (ts->rcv_nxt == ts->rcv_wup)
			tcp_store_ts_recent(ts, seg);
	}
	if (!seg->len) {
		/* For somebody who sends. */
		if (tcp_ack_in(ts, seg, 0) < 0)
			return true;
		if (ts->send_head)
			tcp_push_pending(ts);
		tcp_write_space(ts);
		return true;
	}
	if (seg->len > tcp_offered_window(ts) || !tcp_room_for(ts, tcp_truesize(seg->p)))
		return false;
	/* For somebody who receives. */
	tcp_rcv_rtt_ts(ts, seg);
	tcp_event_data_recv(ts, seg);
	tcp_queue_in_order(ts, seg);
	if (seg->ack != ts->snd_una) {
		tcp_ack_in(ts, seg, TCP_F_DATA);
		if (ts->send_head)
			tcp_push_pending(ts);
		tcp_write_space(ts);
	} else {
		tcp_update_window(ts, seg, seg->ack);
	}
	tcp_ack_scheduled(ts);
	tcp_data_ready(ts);
	return true;
}

static void established(struct tcp_sock *ts, struct tcp_segment *seg)
{
	if (likely(predicted(ts, seg)))
		return;
	if (!tcp_validate(ts, seg))
		return;
	if (!(seg->flags & TCP_ACK))
		return;
	if (tcp_ack_in(ts, seg, TCP_F_SLOW) < 0)
		return;
	tcp_replace_ts_recent(ts, seg);
	tcp_rcv_rtt_ts(ts, seg);
	tcp_urgent(ts, seg);
	tcp_data_queue(ts, seg);
	if (ts->state == TCP_CLOSE)
		return;
	tcp_after_data(ts);
	tcp_write_space(ts);
}

void tcp_receive(struct tcp_sock *ts, struct tcp_segment *seg)
{
	u32 segs = seg->p && seg->p->gso_segs ? seg->p->gso_segs : 1;

	seg->now = now_mono();
	ts->segs_in += segs;
	if (seg->len)
		ts->data_segs_in += segs;
	if ((seg->flags & TCP_CWR) && (ts->ecn & TCP_ECN_OK)) {
		ts->ecn &= (u8)~TCP_ECN_DEMAND_CWR; /* RFC 3168 6.1.3 */
		if (seg->len)
			ts->ack |= TCP_ACK_NOW;
	}
	if (unlikely(ts->fastopen_of) && seg->seq == ts->irs &&
	    (seg->flags & (TCP_SYN | TCP_ACK | TCP_RST)) == TCP_SYN) {
		/* Our answer was lost. */
		if (!tcp_oow_limited(ts->tn, seg, &ts->last_oow_ack_ms))
			tcp_send_child_synack(ts);
		return;
	}
	switch (ts->state) {
	case TCP_ESTABLISHED:
		established(ts, seg);
		break;
	case TCP_SYN_SENT:
		tcp_rcv_syn_sent(ts, seg);
		break;
	case TCP_CLOSE:
		tcp_reply_reset(seg, 0);
		break;
	default:
		tcp_rcv_by_state(ts, seg);
		break;
	}
}

/* --- from the network layer --- */

static bool checksum_ok(struct packet *p, const struct ip_received *ip)
{
	u32 sum;

	if (p->csum != CSUM_NONE)
		return true;
	sum = packet_sum(p, 0, p->len, ip_pseudo_sum(&ip->src, &ip->dst, IPPROTO_TCP, p->len));
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return sum == 0xffff;
}

/* The header into seg, and off the packet. False: it is malformed. */
static bool parse(struct net *net, struct packet *p, struct tcp_segment *seg)
{
	const struct ip_received *ip = ip_received(p);
	const struct tcp_header *h;
	u32 n;

	if (p->len < sizeof(*h) || !packet_pull_up(p, sizeof(*h)))
		return false;
	h = (const struct tcp_header *)p->data;
	n = (u32)(h->off >> 4) * 4;
	if (n < sizeof(*h) || n > p->len || !packet_pull_up(p, n))
		return false;
	if (!checksum_ok(p, ip)) {
		tcp_count_stat(net->tcp, TCPS_IN_CSUM_ERRORS);
		return false;
	}
	h = (const struct tcp_header *)p->data;
	seg->net = net;
	seg->p = p;
	seg->src = ip->src;
	seg->dst = ip->dst;
	seg->sport = be16_to_cpu(h->source);
	seg->dport = be16_to_cpu(h->dest);
	seg->ifindex = ip->ifindex;
	seg->seq = be32_to_cpu(h->seq);
	seg->ack = be32_to_cpu(h->ack);
	seg->len = p->len - n;
	seg->flags = h->flags;
	seg->end_seq = seg->seq + seg->len + !!(h->flags & TCP_SYN) + !!(h->flags & TCP_FIN);
	seg->window = be16_to_cpu(h->window);
	seg->urgent = be16_to_cpu(h->urgent);
	seg->tos = ip->tos;
	seg->ttl = ip->ttl;
	seg->header_len = (u8)n;
	/* Timestamps alone, aligned, are what nearly all have. */
	if (n == 32 && get_be32(h + 1) == (TCP_OPT_NOP << 24 | TCP_OPT_NOP << 16 |
					   TCP_OPT_TIMESTAMPS << 8 | 10)) {
		seg->opt.ts = true;
		seg->opt.tsval = get_be32((const u8 *)(h + 1) + 4);
		seg->opt.tsecr = get_be32((const u8 *)(h + 1) + 8);
	} else if (n > sizeof(*h)) {
		tcp_parse_options(net->tcp->conf, (const u8 *)(h + 1), n - (u32)sizeof(*h),
				  h->flags & TCP_SYN, &seg->opt);
	}
	packet_drop_front(p, n);
	return true;
}

/* SO_ATTACH_FILTER, which sees the header, too. False: it is not for this socket. What is cut off comes again. */
static bool let_in(struct tcp_sock *ts, struct tcp_segment *seg)
{
	u32 kept, n;

	if (likely(!READ_ONCE(ts->inet.sk.filter)))
		return true;
	kept = socket_filter(&ts->inet.sk, seg->p, -(int)seg->header_len);
	if (!kept)
		return false;
	n = kept > seg->header_len ? kept - seg->header_len : 0;
	if (n < seg->len) {
		packet_trim(seg->p, n);
		seg->end_seq -= seg->len - n;
		seg->len = n;
	}
	return true;
}

void tcp_deliver(struct tcp_net *tn, struct tcp_segment *seg)
{
	struct tcp_key key = { .local = seg->dst,
			       .remote = seg->src,
			       .local_port = seg->dport,
			       .remote_port = seg->sport };
	struct tcp_node *n = tcp_find(tn, &key, seg->ifindex);
	struct tcp_sock *ts;

	if (n && n->kind == TCP_KIND_SOCK) {
		ts = tcp_node_sock(n);
		if (unlikely(!let_in(ts, seg)))
			return;
		reuse_note_hart(&ts->inet.sk);
		spin_lock(&ts->inet.sk.lock);
		if (likely(ts->state != TCP_CLOSE)) {
			tcp_receive(ts, seg);
			spin_unlock(&ts->inet.sk.lock);
			return;
		}
		spin_unlock(&ts->inet.sk.lock);
	} else if (n && n->kind == TCP_KIND_REQ) {
		struct tcp_req *req = container_of(n, struct tcp_req, node);

		if (let_in(req->listener, seg))
			tcp_request_receive(req, seg);
		return;
	} else if (n && !tcp_tw_receive(container_of(n, struct tcp_tw, node), seg)) {
		return;
	}
	ts = tcp_find_listener(tn, seg);
	if (ts && n && n->kind == TCP_KIND_TW)
		tcp_tw_kill(container_of(n, struct tcp_tw, node));
	if (ts && let_in(ts, seg))
		tcp_listener_receive(ts, seg);
	else if (!ts)
		tcp_reply_reset(seg, 0);
}

void tcp_input(struct net *net, struct packet *p)
{
	struct tcp_segment seg;

	tcp_count_stat(net->tcp, TCPS_IN_SEGS);
	if (ip_received(p)->route_type != ROUTE_LOCAL && ip_received(p)->route_type != 0) {
		packet_free(p);
		return;
	}
	seg.tw_isn = 0;
	memset(&seg.opt, 0, offsetof(struct tcp_options, sack));
	if (!parse(net, p, &seg)) {
		tcp_count_stat(net->tcp, TCPS_IN_ERRS);
		packet_free(p);
		return;
	}
	tcp_deliver(net->tcp, &seg);
	packet_free(seg.p);
}
