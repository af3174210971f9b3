/*
 * TCP: the end of a connection that nobody has open (RFC 9293 3.6.1, RFC 1337): TIME-WAIT, and
 * FIN-WAIT-2 without a socket, as small objects in the table. A new connection may take over
 * before the time is up when its timestamps tell the two apart (RFC 6191).
 *
 * Locking: tcp_sock.h.
 */
#include "net/tcp_impl.h"

#include "alloc/slab.h"

static struct slab_cache *tw_slab;

void tcp_tw_slab_init(void)
{
	if (!tw_slab)
		tw_slab = slab_create("tw_sock_TCP", sizeof(struct tcp_tw), 0);
}

static void free_rcu(struct rcu_head *head)
{
	slab_free(tw_slab, container_of(head, struct tcp_tw, rcu));
}

static void tw_put(struct tcp_tw *tw)
{
	if (atomic_dec_and_test(&tw->refs))
		call_rcu(&tw->rcu, free_rcu);
}

/* [tw->lock] */
static void restart(struct tcp_tw *tw, u64 in)
{
	tw->expires = now_mono() + in;
	if (!net_timer_start(&tw->timer, tw->expires))
		atomic_inc(&tw->refs);
}

void tcp_tw_kill(struct tcp_tw *tw)
{
	spin_lock_nested(&tw->lock); /* connect(2) holds its socket's */
	if (tw->dead) {
		spin_unlock(&tw->lock);
		return;
	}
	tw->dead = true;
	tcp_hash_del(tw->tn, &tw->node);
	port_wait_end(tw->tn->ports, &tw->port);
	atomic_dec(&tw->tn->nr_tw);
	if (net_timer_cancel(&tw->timer))
		tw_put(tw);
	spin_unlock(&tw->lock);
	tw_put(tw);
}

static void tw_expired(struct net_timer *t)
{
	struct tcp_tw *tw = container_of(t, struct tcp_tw, timer);

	if (now_mono() >= READ_ONCE(tw->expires))
		tcp_tw_kill(tw);
	tw_put(tw);
}

void tcp_time_wait(struct tcp_sock *ts, u8 state, u64 ns)
{
	struct tcp_net *tn = ts->tn;
	struct tcp_tw *tw = NULL;

	if (atomic_read(&tn->nr_tw) < tn->conf->max_tw_buckets)
		tw = slab_zalloc(tw_slab);
	if (!tw) { /* better no TIME-WAIT than no memory */
		tcp_done(ts);
		return;
	}
	tw->node.kind = TCP_KIND_TW;
	tw->node.key = ts->node.key;
	tw->tn = tn;
	spin_init(&tw->lock, RANK_SOCKET, "time-wait");
	tw->state = state;
	tw->rcv_wscale = ts->rcv_wscale;
	tw->tos = ts->inet.tos;
	tw->ts_ok = ts->ts_ok;
	tw->rcv_nxt = ts->rcv_nxt;
	tw->snd_nxt = ts->snd_nxt;
	tw->rcv_wnd = tcp_offered_window(ts);
	tw->ts_recent = ts->ts_recent;
	tw->ts_recent_at = ts->ts_recent_at;
	tw->ts_offset = ts->ts_offset;
	atomic_set(&tw->refs, 1);
	net_timer_init(&tw->timer, tw_expired);
	atomic_inc(&tn->nr_tw);
	tcp_count_stat(tn, TCPS_TW);
	/* At least as long as the peer may repeat its FIN. */
	ns = max(ns, (ts->rto << 2) - (ts->rto >> 1));
	if (state == TCP_TIME_WAIT)
		ns = TCP_TW_LEN;
	spin_lock_nested(&tw->lock);
	if (!tcp_hash_replace(tn, &ts->node, &tw->node)) {
		atomic_dec(&tn->nr_tw);
		spin_unlock(&tw->lock);
		tw_put(tw);
	} else {
		port_wait(tn->ports, &tw->port, &ts->inet);
		restart(tw, ns);
		spin_unlock(&tw->lock);
	}
	tcp_done(ts);
}

static void answer(struct tcp_tw *tw, const struct tcp_segment *seg)
{
	struct tcp_reply r = { .seq = tw->snd_nxt,
			       .ack = tw->rcv_nxt,
			       .window = (u16)(tw->rcv_wnd >> tw->rcv_wscale),
			       .flags = TCP_ACK,
			       .ts = tw->ts_ok,
			       .tsval = tcp_time_ms() + tw->ts_offset,
			       .tsecr = tw->ts_recent,
			       .oif = tw->node.key.dev,
			       .tos = tw->tos };

	tcp_reply(seg, &r);
}

/* [tw->lock] To a segment that should not be: now and then. */
static void answer_limited(struct tcp_tw *tw, const struct tcp_segment *seg)
{
	if (!tcp_oow_limited(tw->tn, seg, &tw->last_oow_ms))
		answer(tw, seg);
}

static void note_ts(struct tcp_tw *tw, const struct tcp_segment *seg)
{
	if (!seg->opt.ts || !tw->ts_ok)
		return;
	tw->ts_recent = seg->opt.tsval;
	tw->ts_recent_at = now_mono() / NSEC_PER_SEC;
}

/* What FIN-WAIT-2 waits for is a FIN. True: it is over. */
static bool fin_wait2(struct tcp_tw *tw, struct tcp_segment *seg, bool paws)
{
	bool old = before(seg->end_seq, tw->rcv_nxt) ||
		   (seg->end_seq == tw->rcv_nxt && seg->seq != seg->end_seq);

	if (seg->flags & TCP_RST && (paws || seg->seq == tw->rcv_nxt))
		return !paws;
	if (paws || old || (seg->flags & (TCP_RST | TCP_SYN)) ||
	    (after(seg->seq, tw->rcv_nxt + tw->rcv_wnd) && seg->seq != tw->rcv_nxt) ||
	    ((seg->flags & TCP_ACK) && after(seg->ack, tw->snd_nxt))) {
		/* RFC 9293 3.10.7.4, RFC 5961 3 to 5; a RST that lies outside says nothing. */
		if (!(seg->flags & TCP_RST) ||
		    between(seg->seq, tw->rcv_nxt, tw->rcv_nxt + tw->rcv_wnd))
			answer_limited(tw, seg);
		return false;
	}
	if (!(seg->flags & TCP_ACK) || !after(seg->end_seq, tw->rcv_nxt) ||
	    seg->end_seq == seg->seq)
		return false;
	if (!(seg->flags & TCP_FIN) || seg->end_seq != tw->rcv_nxt + 1) {
		tcp_reply_reset(seg, 0); /* data for nobody */
		return true;
	}
	tw->state = TCP_TIME_WAIT;
	tw->rcv_nxt = seg->end_seq;
	note_ts(tw, seg);
	restart(tw, TCP_TW_LEN);
	answer(tw, seg);
	return false;
}

bool tcp_tw_receive(struct tcp_tw *tw, struct tcp_segment *seg)
{
	bool paws, over = false, syn = false;

	spin_lock(&tw->lock);
	if (tw->dead) {
		spin_unlock(&tw->lock);
		return true; /* as if it were not there */
	}
	paws = seg->opt.ts && tw->ts_ok &&
	       tcp_paws_reject(tw->ts_recent, tw->ts_recent_at, seg->opt.tsval,
			       seg->flags & TCP_RST);
	if (tw->state == TCP_FIN_WAIT2) {
		over = fin_wait2(tw, seg, paws);
	} else if (!paws && seg->seq == tw->rcv_nxt &&
		   (seg->seq == seg->end_seq || (seg->flags & TCP_RST))) {
		/* RFC 1337: whether a RST ends TIME-WAIT is the administrator's. */
		if (seg->flags & TCP_RST) {
			over = !tw->tn->conf->rfc1337;
		} else {
			note_ts(tw, seg);
			restart(tw, TCP_TW_LEN);
		}
	} else if ((seg->flags & (TCP_SYN | TCP_RST | TCP_ACK)) == TCP_SYN && !paws &&
		   (after(seg->seq, tw->rcv_nxt) ||
		    (seg->opt.ts && (s32)(tw->ts_recent - seg->opt.tsval) < 0))) {
		syn = true;
		seg->tw_isn = tw->snd_nxt + 65535 + 2;
		seg->tw_isn += !seg->tw_isn;
	} else if (!(seg->flags & TCP_RST)) {
		if (paws || (seg->flags & TCP_ACK))
			restart(tw, TCP_TW_LEN);
		answer_limited(tw, seg);
	}
	spin_unlock(&tw->lock);
	if (over)
		tcp_tw_kill(tw);
	return syn;
}

/* May by's connection begin in its place? Its numbers then begin behind the old ones. */
bool tcp_tw_reusable(struct tcp_node *n, struct tcp_sock *by)
{
	struct tcp_tw *tw = container_of(n, struct tcp_tw, node);

	if (n->kind != TCP_KIND_TW || !tw->ts_ok || tw->state != TCP_TIME_WAIT ||
	    now_mono() / NSEC_PER_SEC <= tw->ts_recent_at)
		return false;
	if (!by->tn->conf->tw_reuse ||
	    (by->tn->conf->tw_reuse == 2 && !addr_is_loopback(&n->key.remote) &&
	     !addr_is_loopback(&n->key.local)))
		return false;
	by->write_seq = tw->snd_nxt + 65535 + 2;
	by->write_seq += !by->write_seq;
	by->ts_recent = tw->ts_recent;
	by->ts_recent_at = tw->ts_recent_at;
	return true;
}
