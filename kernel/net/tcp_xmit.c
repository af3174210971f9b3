/*
 * TCP's segments on their way out: header, options, checksum, and what sending one changes
 * (RFC 9293 3.1, 3.2; RFC 7323; RFC 3168 6.1). Which segment goes when is decided in tcp_out.c.
 *
 * Locking: tcp_sock.h.
 */
#include "net/tcp_impl.h"

#include <uapi/in.h>

#include "alloc/page.h"
#include "lib/string.h"
#include "net/mcast.h"

static u32 put_timestamps(u8 *at, u32 n, u32 val, u32 ecr)
{
	put_be32(at + n, TCP_OPT_NOP << 24 | TCP_OPT_NOP << 16 | TCP_OPT_TIMESTAMPS << 8 | 10);
	put_be32(at + n + 4, val);
	put_be32(at + n + 8, ecr);
	return n + 12;
}

u32 tcp_syn_options(const struct tcp_syn_options *o, u8 *at)
{
	u32 n = 4;

	put_be32(at, TCP_OPT_MSS << 24 | 4 << 16 | (o->mss & 0xffff));
	if (o->ts) {
		n = put_timestamps(at, n, o->tsval, o->tsecr);
		if (o->sack) {
			at[4] = TCP_OPT_SACK_OK;
			at[5] = 2;
		}
	} else if (o->sack) {
		put_be32(at + n, TCP_OPT_NOP << 24 | TCP_OPT_NOP << 16 | TCP_OPT_SACK_OK << 8 | 2);
		n += 4;
	}
	if (o->scale) {
		put_be32(at + n, TCP_OPT_NOP << 24 | TCP_OPT_WSCALE << 16 | 3 << 8 | o->wscale);
		n += 4;
	}
	if (!o->fastopen || n + 4 + o->cookie_len > TCP_MAX_OPTIONS)
		return n;
	if (o->fastopen_exp) {
		at[n] = TCP_OPT_EXP;
		at[n + 1] = (u8)(4 + o->cookie_len);
		put_be16(at + n + 2, TCP_EXP_FASTOPEN);
		memcpy(at + n + 4, o->cookie, o->cookie_len);
		n += 4U + o->cookie_len;
	} else {
		at[n] = TCP_OPT_FASTOPEN;
		at[n + 1] = (u8)(2 + o->cookie_len);
		memcpy(at + n + 2, o->cookie, o->cookie_len);
		n += 2U + o->cookie_len;
	}
	while (n % 4)
		at[n++] = TCP_OPT_NOP;
	return n;
}

/* An answer offers only what the other end has. */
static u32 syn_options(struct tcp_sock *ts, u8 flags, u8 *at)
{
	bool synack = flags & TCP_ACK;
	struct tcp_syn_options o = {
		.mss = tcp_advertise_mss(ts),
		.ts = synack ? ts->ts_ok : ts->tn->conf->timestamps != 0,
		.tsval = tcp_time_ms() + ts->ts_offset,
		.tsecr = ts->ts_recent,
		.sack = synack ? ts->sack_ok : ts->tn->conf->sack != 0,
		.scale = synack ? ts->wscale_ok : ts->tn->conf->window_scaling != 0,
		.wscale = ts->rcv_wscale,
		.fastopen = ts->fo_option && (!synack || ts->fastopen_of),
		.fastopen_exp = ts->cookie_exp,
		.cookie = ts->cookie,
		.cookie_len = ts->cookie_len,
	};

	return tcp_syn_options(&o, at);
}

static u32 options(struct tcp_sock *ts, u8 *at, u64 now)
{
	u32 n = 0, most, blocks = ts->nr_sacks + ts->dsack_due;

	if (ts->ts_ok)
		n = put_timestamps(at, n, (u32)(now / NSEC_PER_MSEC) + ts->ts_offset,
				   ts->ts_recent);
	if (likely(!blocks))
		return n;
	most = (TCP_MAX_OPTIONS - n - 4) / 8;
	blocks = min(blocks, most);
	at[n++] = TCP_OPT_NOP;
	at[n++] = TCP_OPT_NOP;
	at[n++] = TCP_OPT_SACK;
	at[n++] = (u8)(2 + 8 * blocks);
	for (u32 i = 0; i < blocks; i++) {
		const struct tcp_sack *s = !ts->dsack_due ? &ts->sacks[i] :
					   i		  ? &ts->sacks[i - 1] :
							    &ts->dsack;

		put_be32(at + n, s->start);
		put_be32(at + n + 4, s->end);
		n += 8;
	}
	ts->dsack_due = false;
	return n;
}

int tcp_send_packet(struct net *net, struct packet *p, struct ip_send *s)
{
	struct tcp_header *h = (struct tcp_header *)p->data;
	u32 sum = ip_pseudo_sum(&s->src, &s->dst, IPPROTO_TCP, p->len);

	s->proto = IPPROTO_TCP;
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	h->check = (__force be16)(u16)sum;
	p->transport = (u16)(p->data - p->head);
	p->csum = CSUM_PARTIAL;
	p->csum_start = p->transport;
	p->csum_offset = offsetof(struct tcp_header, check);
	return ip_send(net, p, s);
}

/* What is acknowledged with a segment needs no ACK of its own. */
static void ack_sent(struct tcp_sock *ts)
{
	if (ts->quick) {
		if (ts->quick > 1)
			ts->quick--;
		else {
			ts->quick = 0;
			ts->ato = TCP_ATO_MIN; /* leaving quick mode */
		}
	}
	ts->ack = 0;
	ts->at[TCP_T_DELACK] = 0;
}

/* RFC 5681 4.1, RFC 2861: after a pause the window is what a new connection would have. */
static void restart_cwnd(struct tcp_sock *ts, u64 idle)
{
	u32 restart = min(tcp_init_cwnd(ts), ts->cwnd), cwnd = ts->cwnd;

	ts->ssthresh = tcp_current_ssthresh(ts);
	if (ts->cong->restart)
		ts->cong->restart(ts);
	while (idle > ts->rto && cwnd > restart) {
		idle -= ts->rto;
		cwnd >>= 1;
	}
	ts->cwnd = max(cwnd, restart);
	ts->cwnd_stamp = now_mono();
	ts->cwnd_used = 0;
}

void tcp_after_idle(struct tcp_sock *ts)
{
	u64 idle;

	if (ts->packets_out || !ts->last_sent_data)
		return;
	idle = now_mono() - ts->last_sent_data;
	if (ts->tn->conf->slow_start_after_idle && ts->ca_state == TCP_CA_OPEN && idle > ts->rto)
		restart_cwnd(ts, idle);
	else if (ts->cong->restart)
		ts->cong->restart(ts);
}

static void data_sent(struct tcp_sock *ts, u64 now)
{
	ts->last_sent_data = now;
	/* An answer soon after what was received: the traffic goes back and forth. */
	if (now - ts->last_rcv < ts->ato && ts->pingpong < 255)
		ts->pingpong++;
}

static u8 ecn_of(struct tcp_sock *ts, const struct tcp_cb *cb, u32 len, u8 *flags)
{
	u8 ect = 0;

	if (*flags & TCP_SYN)
		return 0;
	if (!(ts->ecn & TCP_ECN_OK))
		return 0;
	if (len && cb && !before(cb->seq, ts->snd_nxt)) {
		ect = 2; /* ECT(0), only on what is new (RFC 3168 6.1.5) */
		if (ts->ecn & TCP_ECN_QUEUE_CWR) {
			ts->ecn &= (u8)~TCP_ECN_QUEUE_CWR;
			*flags |= TCP_CWR;
		}
	}
	if (ts->ecn & TCP_ECN_DEMAND_CWR)
		*flags |= TCP_ECE;
	return ect;
}

static void set_gso(struct tcp_sock *ts, struct packet *p, const struct tcp_cb *cb)
{
	p->gso = addr_is_v4(&ts->node.key.remote) ? GSO_TCP4 : GSO_TCP6;
	p->gso_size = (u16)cb->mss;
	p->gso_segs = (u16)cb->segs;
}

static bool add_payload(struct packet *p, const struct packet *from)
{
	for (unsigned i = 0; i < from->nr_frags; i++) {
		page_get(from->frag[i].page);
		if (!packet_add_frag(p, from->frag[i].page, from->frag[i].off, from->frag[i].len)) {
			page_put(from->frag[i].page);
			return false;
		}
	}
	return true;
}

/* One segment, now: payload from `data`, or none. */
static int send_segment_at(struct tcp_sock *ts, const struct packet *data, u32 seq, u8 flags,
			   u64 now)
{
	const struct tcp_cb *cb = data ? tcp_cb(data) : NULL;
	u32 len = data ? data->len : 0, n;
	struct inet_socket *is = &ts->inet;
	struct tcp_header *h;
	struct packet *p;
	int err = inet_route(is, &is->remote);
	u8 opts[TCP_MAX_OPTIONS + 4], ect;
	struct ip_send s;

	if (err)
		return err;
	p = packet_alloc(PACKET_HEADROOM, sizeof(*h) + TCP_MAX_OPTIONS);
	if (!p)
		return -ENOBUFS;
	n = flags & TCP_SYN ? syn_options(ts, flags, opts) : options(ts, opts, now);
	h = packet_put(p, sizeof(*h) + n);
	memcpy(h + 1, opts, n);
	if (len && !add_payload(p, data)) {
		packet_free(p);
		return -ENOBUFS;
	}
	if (len) {
		packet_share_loan(p, data);
		if (unlikely(data->stamps))
			tcp_stamp_segment(ts, p, data);
		data_sent(ts, now);
	}
	ect = ecn_of(ts, cb, len, &flags);
	h->source = cpu_to_be16(ts->node.key.local_port);
	h->dest = cpu_to_be16(ts->node.key.remote_port);
	h->seq = cpu_to_be32(seq);
	h->ack = cpu_to_be32(flags & TCP_ACK ? ts->rcv_nxt : 0);
	h->off = (u8)((sizeof(*h) + n) / 4 << 4);
	h->urgent = 0;
	/* The window of a SYN is never scaled (RFC 7323 2.2). */
	h->window = cpu_to_be16(flags & TCP_SYN ? (u16)min(ts->rcv_wnd, 65535U) :
						  tcp_select_window(ts));
	if (unlikely(ts->urg_mode && before(seq, ts->snd_up))) {
		if (before(ts->snd_up, seq + 0x10000)) {
			h->urgent = cpu_to_be16((u16)(ts->snd_up - seq));
			flags |= TCP_URG;
		} else if (after(seq + 0xffff, ts->snd_nxt)) {
			h->urgent = cpu_to_be16(0xffff);
			flags |= TCP_URG;
		}
	}
	if (len && cb->segs > 1) {
		set_gso(ts, p, cb);
		flags |= TCP_PSH; /* the receiver's offload gives it on at once */
	}
	h->flags = flags;
	if (flags & TCP_ACK)
		ack_sent(ts);
	ts->last_sent = now;
	n = cb && len ? cb->segs : 1;
	ts->segs_out += n;
	if (len) {
		ts->data_segs_out += n;
		ts->bytes_sent += len;
		if (unlikely(ts->paced))
			tcp_pacing_sent(ts, len, now);
	}
	__atomic_fetch_add(&ts->tn->stats[TCPS_OUT_SEGS], n, __ATOMIC_RELAXED);
	p->mark = READ_ONCE(is->sk.mark);
	p->priority = (u8)READ_ONCE(is->sk.priority);
	s = (struct ip_send){ .src = ts->node.key.local,
			      .dst = ts->node.key.remote,
			      .route = &is->route,
			      .ttl = is->ttl > 0 ? (u8)is->ttl : 0,
			      .tos = (u8)((is->tos & ~3) | ect),
			      .df = is->pmtudisc != IP_PMTUDISC_DONT,
			      .auto_label = !addr_is_v4(&ts->node.key.remote) &&
					    inet6_auto_label(is) };
	inet_sticky(is, &s);
	return tcp_send_packet(is->sk.net, p, &s);
}

static int send_segment(struct tcp_sock *ts, const struct packet *data, u32 seq, u8 flags)
{
	return send_segment_at(ts, data, seq, flags, now_mono());
}

/* A packet of the queue; its time and place in the order of sending are noted. */
int tcp_transmit(struct tcp_sock *ts, struct packet *p)
{
	struct tcp_cb *cb = tcp_cb(p);
	u8 flags = cb->flags;
	int err;

	if (ts->state != TCP_SYN_SENT)
		flags |= TCP_ACK;
	if (unlikely((cb->flags & TCP_SYN) && !(flags & TCP_ACK) && ts->tn->conf->ecn == 1 &&
		     (!(cb->sacked & TCPCB_EVER) || !ts->tn->conf->ecn_fallback)))
		flags |= TCP_ECE | TCP_CWR; /* RFC 3168 6.1.1; again without (6.1.1.1) */
	if (unlikely((cb->flags & TCP_SYN) && (flags & TCP_ACK) && (ts->ecn & TCP_ECN_OK)))
		flags |= TCP_ECE;
	cb->sent_at = now_mono();
	list_move_tail(&cb->sent, &ts->sent);
	tcp_rate_sent(ts, cb);
	err = send_segment_at(ts, p, cb->seq, flags, cb->sent_at);
	if (err == -ENOBUFS || err == -ENOMEM)
		return err;
	return 0; /* what the network does not take is lost like what it loses */
}

void tcp_send_ack(struct tcp_sock *ts)
{
	if (ts->state == TCP_CLOSE)
		return;
	/* Without memory: the peer asks again. The delayed ACK is tried once more. */
	if (send_segment(ts, NULL, ts->snd_nxt, TCP_ACK) == -ENOBUFS && !ts->at[TCP_T_DELACK]) {
		ts->ack |= TCP_ACK_SCHED | TCP_ACK_TIMER;
		tcp_timer_set(ts, TCP_T_DELACK, now_mono() + TCP_DELACK_MAX);
	}
}

void tcp_send_probe(struct tcp_sock *ts, bool urgent)
{
	send_segment(ts, NULL, ts->snd_una - !urgent, TCP_ACK);
}

void tcp_send_active_reset(struct tcp_sock *ts)
{
	u32 seq = ts->snd_nxt;

	tcp_count_stat(ts->tn, TCPS_OUT_RSTS);
	if (before(tcp_wnd_end(ts), seq) && ts->snd_wnd)
		seq = tcp_wnd_end(ts);
	send_segment(ts, NULL, seq, TCP_ACK | TCP_RST);
}

void tcp_send_child_synack(struct tcp_sock *ts)
{
	ts->synack_at = now_mono();
	send_segment(ts, NULL, ts->iss, TCP_SYN | TCP_ACK | (ts->ecn & TCP_ECN_OK ? TCP_ECE : 0));
}

/* SYN with data (RFC 7413 4.1.1): `data` is the packet after it in the queue. */
static int send_syn_data(struct tcp_sock *ts, struct packet *syn, struct packet *data)
{
	struct tcp_cb *sc = tcp_cb(syn), *dc = tcp_cb(data);
	u8 flags = TCP_SYN;
	int err;

	if (ts->tn->conf->ecn == 1)
		flags |= TCP_ECE | TCP_CWR;
	dc->segs = 1;
	sc->sent_at = dc->sent_at = now_mono();
	list_move_tail(&sc->sent, &ts->sent);
	list_move_tail(&dc->sent, &ts->sent);
	err = send_segment(ts, data, sc->seq, flags);
	return err == -ENOBUFS || err == -ENOMEM ? err : 0;
}

/* connect(2): the state is set up; the first SYN goes. 0 or -errno. */
int tcp_send_syn(struct tcp_sock *ts)
{
	struct packet *syn, *data = tcp_snd_tail(ts);
	struct tcp_cb *cb;
	int err;

	syn = packet_alloc(0, 0);
	if (!syn)
		return -ENOBUFS;
	cb = tcp_cb(syn);
	*cb = (struct tcp_cb){ .seq = ts->iss, .end_seq = ts->iss + 1, .flags = TCP_SYN, .segs = 1 };
	list_init(&cb->sent);
	list_add(&syn->link, &ts->sndq);
	cb->truesize = TCP_OVERHEAD;
	ts->wmem += cb->truesize;
	tcp_mem_charge(ts, cb->truesize, true);
	ts->retrans_stamp = now_mono();
	ts->packets_out = 1;
	if (data && ts->syn_data) {
		err = send_syn_data(ts, syn, data);
		ts->packets_out += tcp_cb(data)->segs;
		ts->send_head = NULL;
	} else {
		err = tcp_transmit(ts, syn);
		ts->send_head = data;
	}
	ts->syn_fastopen = ts->fo_option;
	ts->fo_option = false; /* not again: it may have been what the path did not like */
	ts->snd_nxt = data && ts->syn_data ? tcp_cb(data)->end_seq : ts->iss + 1;
	ts->pushed_seq = ts->write_seq;
	tcp_count_stat(ts->tn, TCPS_ACTIVE_OPENS);
	tcp_rexmit_set(ts, TCP_R_RTO, ts->rto);
	return err == -ENOBUFS ? 0 : err; /* the timer sends it again */
}

/* --- on behalf of nobody --- */

void tcp_reply(const struct tcp_segment *seg, const struct tcp_reply *r)
{
	u32 reflected = seg->p ? ip_reply_mark(seg->net, seg->p, !addr_is_v4(&seg->src)) : 0;
	struct route_key key = { .dst = seg->src,
				 .src = seg->dst,
				 .oif = r->oif,
				 .mark = reflected ? reflected : r->mark,
				 .tos = r->tos };
	struct packet *p = packet_alloc(PACKET_HEADROOM, sizeof(struct tcp_header) + 12);
	struct tcp_header *h;
	struct route rt = { 0 };
	struct ip_send s;

	if (!p)
		return;
	if (route_lookup(seg->net, &key, &rt)) {
		packet_free(p);
		return;
	}
	h = packet_put(p, sizeof(*h) + (r->ts ? 12 : 0));
	*h = (struct tcp_header){
		.source = cpu_to_be16(seg->dport),
		.dest = cpu_to_be16(seg->sport),
		.seq = cpu_to_be32(r->seq),
		.ack = cpu_to_be32(r->ack),
		.off = (u8)(r->ts ? 8 << 4 : 5 << 4),
		.flags = r->flags,
		.window = cpu_to_be16(r->window),
	};
	if (r->ts)
		put_timestamps((u8 *)(h + 1), 0, r->tsval, r->tsecr);
	p->mark = key.mark;
	tcp_count_stat(seg->net->tcp, TCPS_OUT_SEGS);
	s = (struct ip_send){
		.src = seg->dst, .dst = seg->src, .route = &rt, .tos = r->tos, .df = true
	};
	tcp_send_packet(seg->net, p, &s);
	route_put(&rt);
}

/* RFC 9293 3.5.2, group 1: no connection; a RST is never answered. */
void tcp_reply_reset(const struct tcp_segment *seg, u32 mark)
{
	struct tcp_reply r = { .mark = mark, .flags = TCP_RST };

	if (seg->flags & TCP_RST)
		return;
	if (seg->flags & TCP_ACK) {
		r.seq = seg->ack;
	} else {
		r.flags |= TCP_ACK;
		r.ack = seg->end_seq;
	}
	if (addr_is_link_local(&seg->src))
		r.oif = seg->ifindex;
	tcp_count_stat(seg->net->tcp, TCPS_OUT_RSTS);
	tcp_reply(seg, &r);
}
