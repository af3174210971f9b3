/*
 * TCP: handshakes from a listener's side (RFC 9293 3.10.7.2, 3.10.7.4 for SYN-RECEIVED). A SYN
 * makes a request, a small object in the table of connections; the ACK of its SYN-ACK makes the
 * connection. When too many requests wait, the sequence number itself holds what is to be known
 * (tcp_cookie.c).
 *
 * Locking: tcp_sock.h.
 */
#include "net/tcp_impl.h"

#include <uapi/in.h>
#include <uapi/epoll.h>

#include "alloc/slab.h"
#include "lib/string.h"
#include "sync/log.h"

static struct slab_cache *req_slab;

void tcp_request_slab_init(void)
{
	if (!req_slab)
		req_slab = slab_create("request_sock_TCP", sizeof(struct tcp_req), 0);
}

static void free_rcu(struct rcu_head *head)
{
	struct tcp_req *req = container_of(head, struct tcp_req, rcu);

	kfree(req->saved_syn);
	socket_put(&req->listener->inet.sk);
	slab_free(req_slab, req);
}

static void tcp_request_put(struct tcp_req *req)
{
	if (atomic_dec_and_test(&req->refs))
		call_rcu(&req->rcu, free_rcu);
}

/* [L] Out of the listener's list, if it is the table's no more, or is never to be. */
static void unlist(struct tcp_req *req)
{
	struct tcp_listen *l = req->listener->listen;

	if (list_empty(&req->link))
		return;
	list_del_init(&req->link);
	l->nr_requests--;
	if (!req->timeouts && l->nr_young)
		l->nr_young--;
	if (net_timer_cancel(&req->timer))
		tcp_request_put(req);
	tcp_request_put(req);
}

void tcp_request_kill(struct tcp_req *req)
{
	if (list_empty(&req->link))
		return;
	tcp_hash_del(req->listener->tn, &req->node);
	unlist(req);
}

/* --- SYN-ACK --- */

void tcp_send_synack(struct tcp_req *req)
{
	struct tcp_sock *l = req->listener;
	struct inet_socket *is = &l->inet;
	const struct tcp_key *k = &req->node.key;
	struct route_key rk = { .dst = k->remote,
				.src = k->local,
				.oif = is->sk.bound_dev		      ? is->sk.bound_dev :
				       addr_is_link_local(&k->remote) ? req->ifindex :
									0,
				.mark = req->mark,
				.tos = req->tos };
	u8 opts[TCP_MAX_OPTIONS + 4];
	struct tcp_syn_options o = { .ts = req->ts_ok,
				     .tsval = req->is_cookie ? tcp_cookie_tsval(req) :
							       tcp_time_ms() + req->ts_offset,
				     .tsecr = req->ts_recent,
				     .sack = req->sack_ok,
				     .scale = req->wscale_ok,
				     .wscale = req->rcv_wscale,
				     .fastopen = req->fastopen_cookie,
				     .fastopen_exp = req->cookie_exp,
				     .cookie = req->cookie,
				     .cookie_len = req->cookie_len };
	struct route rt = { 0 };
	struct tcp_header *h;
	struct packet *p;
	struct ip_send s;
	u32 n;

	if (route_lookup(is->sk.net, &rk, &rt))
		return;
	o.mss = min(rt.link_mtu, 65535U) - ip_header_len(&k->remote, 0) - (u32)sizeof(*h);
	o.mss = max(o.mss, tcp_least_advmss(is->sk.net, addr_is_v4(&k->remote)));
	if (rt.advmss)
		o.mss = min(o.mss, (u32)rt.advmss);
	if (l->user_mss)
		o.mss = min(o.mss, l->user_mss);
	if (!req->rcv_wnd) {
		u32 clamp = l->window_clamp;

		tcp_initial_window(l, o.mss - (req->ts_ok ? 12 : 0), req->wscale_ok, &req->rcv_wnd,
				   &clamp, &req->rcv_wscale);
		o.wscale = req->rcv_wscale;
	}
	n = tcp_syn_options(&o, opts);
	p = packet_alloc(PACKET_HEADROOM, sizeof(*h) + n);
	if (!p) {
		route_put(&rt);
		return;
	}
	h = packet_put(p, sizeof(*h) + n);
	*h = (struct tcp_header){
		.source = cpu_to_be16(k->local_port),
		.dest = cpu_to_be16(k->remote_port),
		.seq = cpu_to_be32(req->iss),
		.ack = cpu_to_be32(req->irs + 1),
		.off = (u8)((sizeof(*h) + n) / 4 << 4),
		.flags = TCP_SYN | TCP_ACK | (req->ecn ? TCP_ECE : 0),
		.window = cpu_to_be16((u16)min(req->rcv_wnd, 65535U)),
	};
	memcpy(h + 1, opts, n);
	p->mark = req->mark;
	req->last_sent = now_mono();
	tcp_count_stat(l->tn, TCPS_OUT_SEGS);
	s = (struct ip_send){ .src = k->local,
			      .dst = k->remote,
			      .route = &rt,
			      .ttl = is->ttl > 0 ? (u8)is->ttl : 0,
			      .tos = (u8)(req->tos & ~3),
			      .df = true,
			      .auto_label = !addr_is_v4(&k->remote) && inet6_auto_label(is) };
	tcp_send_packet(is->sk.net, p, &s);
	route_put(&rt);
}

static void start_timer(struct tcp_req *req)
{
	u64 in = min(TCP_RTO_INIT << min(req->timeouts, 7), tcp_rto_max(req->listener));

	if (!net_timer_start(&req->timer, now_mono() + in))
		atomic_inc(&req->refs);
}

/* The SYN-ACK was not answered. Data that is waited for (TCP_DEFER_ACCEPT) counts, too. */
static void request_timer(struct net_timer *t)
{
	struct tcp_req *req = container_of(t, struct tcp_req, timer);
	struct tcp_sock *l = req->listener;
	u8 most = l->syn_retries ? l->syn_retries : (u8)l->tn->conf->synack_retries;
	bool expire, again;

	spin_lock(&l->inet.sk.lock);
	if (!list_empty(&req->link)) {
		expire = req->timeouts >= most;
		again = true;
		if (l->defer_accept) {
			expire = expire && (!req->acked || req->timeouts >= l->defer_accept);
			again = !req->acked || req->timeouts + 1 >= l->defer_accept;
		}
		if (expire) {
			tcp_request_kill(req);
		} else {
			if (!req->timeouts++ && l->listen->nr_young)
				l->listen->nr_young--;
			if (again) {
				tcp_send_synack(req);
				tcp_count_stat(l->tn, TCPS_RETRANS_SEGS);
			}
			start_timer(req);
		}
	}
	spin_unlock(&l->inet.sk.lock);
	tcp_request_put(req);
}

/* --- SYN --- */

static void fill_request(struct tcp_sock *l, const struct tcp_segment *seg, struct tcp_req *req)
{
	const struct tcp_options *o = &seg->opt;

	req->listener = l;
	req->node.kind = TCP_KIND_REQ;
	req->node.key = (struct tcp_key){ .local = seg->dst,
					  .remote = seg->src,
					  .local_port = seg->dport,
					  .remote_port = seg->sport,
					  .dev = l->inet.sk.bound_dev };
	req->ifindex = seg->ifindex;
	req->irs = seg->seq;
	req->tos = l->tn->conf->reflect_tos ? (u8)(seg->tos & ~3) : l->inet.tos;
	req->mark = !l->inet.sk.mark && l->tn->conf->fwmark_accept && seg->p ? seg->p->mark :
									       l->inet.sk.mark;
	req->window = seg->window;
	req->mss = o->mss ? o->mss : TCP_DEFAULT_MSS;
	if (l->user_mss)
		req->mss = (u16)min((u32)req->mss, l->user_mss);
	req->ts_ok = o->ts && l->tn->conf->timestamps;
	req->ts_recent = o->tsval;
	req->sack_ok = o->sack_ok;
	req->wscale_ok = o->wscale_ok;
	req->snd_wscale = o->wscale;
	req->ts_offset = tcp_ts_offset(l->tn, &req->node.key);
	/* RFC 3168 6.1.1: both bits ask; and the SYN itself must not be marked. */
	req->ecn = (seg->flags & (TCP_ECE | TCP_CWR)) == (TCP_ECE | TCP_CWR) && l->tn->conf->ecn &&
		   !(seg->tos & 3);
}

/* TCP_SAVE_SYN: network and TCP header as they came. */
static void save_syn(const struct tcp_sock *l, const struct tcp_segment *seg, struct tcp_req *req)
{
	const struct packet *p = seg->p;
	u32 n = (u32)(p->data - (const u8 *)packet_network(p));

	if (!l->save_syn || !p->network || n > 512)
		return;
	req->saved_syn = kmemdup(packet_network(p), n);
	req->saved_syn_len = req->saved_syn ? (u16)n : 0;
}

static void send_cookie(struct tcp_sock *l, const struct tcp_segment *seg)
{
	struct tcp_req req;

	memset(&req, 0, sizeof(req));
	fill_request(l, seg, &req);
	req.is_cookie = true;
	if (!req.ts_ok) /* options are held by the timestamp, or not at all */
		req.wscale_ok = req.sack_ok = req.ecn = false;
	req.iss = tcp_cookie_make(l->tn, seg, &req.mss);
	if (!l->listen->flood_told) {
		l->listen->flood_told = true;
		pr_info("TCP: possible SYN flood on port %u. Sending cookies.", seg->dport);
	}
	tcp_count_stat(l->tn, TCPS_SYNCOOKIES_SENT);
	tcp_send_synack(&req);
}

/* A child that found no place in the table. Its lock is held, and goes. */
static void discard(struct tcp_sock *child)
{
	tcp_set_state(child, TCP_CLOSE);
	port_release(child->tn->ports, &child->inet);
	spin_unlock(&child->inet.sk.lock);
	socket_put(&child->inet.sk);
}

/*
 * RFC 7413 4.2: data with the SYN, and a cookie of ours. The connection is there at once.
 */
static bool fastopen(struct tcp_sock *l, struct tcp_segment *seg, struct tcp_req *req)
{
	struct tcp_listen *tl = l->listen;
	const struct tcp_options *o = &seg->opt;
	u32 clamp = l->window_clamp;
	struct tcp_sock *child;
	bool valid, old = false;
	u8 mine[8];

	if (!(l->tn->conf->fastopen & 2) || !tl->fastopen_max)
		return false;
	if (!o->fastopen && !((l->tn->conf->fastopen & 0x200) && seg->len) &&
	    !(l->fastopen_no_cookie && seg->len))
		return false;
	valid = tcp_fastopen_cookie(l->tn, tl, seg, mine, &old) ||
		(l->tn->conf->fastopen & 0x200) || l->fastopen_no_cookie;
	if (o->fastopen && (!valid || old)) {
		/* It gets one for the next time. */
		req->fastopen_cookie = true;
		req->cookie_exp = o->fastopen_exp;
		req->cookie_len = 8;
		memcpy(req->cookie, mine, 8);
	}
	if (!valid || __atomic_load_n(&tl->nr_fastopen, __ATOMIC_RELAXED) >= tl->fastopen_max)
		return false;
	tcp_initial_window(l, req->mss, req->wscale_ok, &req->rcv_wnd, &clamp, &req->rcv_wscale);
	child = tcp_make_child(l, req);
	if (!child)
		return false;
	child->rto = TCP_RTO_INIT;
	child->srtt_us = 0;
	child->syn_data_acked = seg->len != 0;
	if (old) {
		child->fo_option = true;
		child->cookie_exp = req->cookie_exp;
		child->cookie_len = sizeof(mine);
		memcpy(child->cookie, mine, sizeof(mine));
	}
	spin_lock_nested(&child->inet.sk.lock); /* from now on others find it */
	if (tcp_hash_add(l->tn, &child->node)) {
		discard(child);
		return false;
	}
	socket_get(&child->inet.sk);
	child->conn_ref = true;
	socket_get(tcp_socket(l));
	child->fastopen_of = l;
	__atomic_fetch_add(&tl->nr_fastopen, 1, __ATOMIC_RELAXED);
	tcp_count_stat(l->tn, TCPS_FASTOPEN_PASSIVE);
	tcp_init_transfer(child);
	child->copied_seq = child->rcv_nxt;
	child->snd_wnd = child->max_window = req->window;
	if (seg->len) {
		seg->seq++;
		tcp_queue_in_order(child, seg);
		child->last_rcv = now_mono();
	}
	if (seg->flags & TCP_FIN)
		tcp_fin(child);
	tcp_send_child_synack(child);
	tcp_rexmit_set(child, TCP_R_RTO, child->rto);
	spin_unlock(&child->inet.sk.lock);
	tcp_queue_child(l, child);
	socket_wake_in(&l->inet.sk, EPOLLIN | EPOLLRDNORM);
	return true;
}

void tcp_fastopen_done(struct tcp_sock *ts)
{
	struct tcp_sock *l = ts->fastopen_of;

	if (!l)
		return;
	ts->fastopen_of = NULL;
	__atomic_fetch_sub(&l->listen->nr_fastopen, 1, __ATOMIC_RELAXED);
	socket_put(tcp_socket(l));
}

static bool queue_full(const struct tcp_listen *l)
{
	return l->nr_accept > l->backlog;
}

/* [L] */
static void receive_syn(struct tcp_sock *l, struct tcp_segment *seg)
{
	struct tcp_listen *tl = l->listen;
	struct tcp_req *req;
	bool cookie = l->tn->conf->syncookies == 2 && !seg->tw_isn;
	int most = l->tn->conf->max_syn_backlog;

	tcp_count_stat(l->tn, TCPS_PASSIVE_OPENS);
	if (tl->nr_requests >= max(tl->backlog, 1U) && !seg->tw_isn) {
		if (!l->tn->conf->syncookies) {
			tcp_count_stat(l->tn, TCPS_REQ_DROPPED);
			return;
		}
		cookie = true;
	}
	if (queue_full(tl)) {
		tcp_count_stat(l->tn, TCPS_LISTEN_OVERFLOWS);
		return;
	}
	/* ip-sysctl, tcp_max_syn_backlog: the last quarter is for hosts that we know; we remember none. */
	if (!cookie && !seg->tw_isn && !l->tn->conf->syncookies &&
	    most - (int)tl->nr_requests < most >> 2) {
		tcp_count_stat(l->tn, TCPS_REQ_DROPPED);
		return;
	}
	if (cookie) {
		send_cookie(l, seg);
		return;
	}
	req = slab_zalloc(req_slab);
	if (!req) {
		tcp_count_stat(l->tn, TCPS_LISTEN_DROPS);
		return;
	}
	fill_request(l, seg, req);
	req->iss = seg->tw_isn ? seg->tw_isn : tcp_isn(l->tn, &req->node.key);
	list_init(&req->link);
	atomic_set(&req->refs, 1);
	net_timer_init(&req->timer, request_timer);
	socket_get(&l->inet.sk);
	save_syn(l, seg, req);
	if (fastopen(l, seg, req) || tcp_hash_add(l->tn, &req->node)) {
		tcp_request_put(req);
		return;
	}
	list_add_tail(&req->link, &tl->requests);
	tl->nr_requests++;
	tl->nr_young++;
	req->started = now_mono();
	start_timer(req);
	tcp_send_synack(req);
}

/* --- the ACK --- */

/* [L] The connection is complete: into the table and the accept queue, and the segment is its. */
static void complete(struct tcp_sock *l, struct tcp_req *req, struct tcp_segment *seg, bool hashed)
{
	struct tcp_sock *child;
	bool in;

	if (queue_full(l->listen)) {
		tcp_count_stat(l->tn, TCPS_LISTEN_OVERFLOWS);
		if (l->tn->conf->abort_on_overflow) {
			tcp_reply_reset(seg, l->inet.sk.mark);
			if (hashed)
				tcp_request_kill(req);
		} else {
			req->acked = true;
		}
		spin_unlock(&l->inet.sk.lock);
		return;
	}
	child = tcp_make_child(l, req);
	if (!child) {
		spin_unlock(&l->inet.sk.lock);
		return;
	}
	spin_lock_nested(&child->inet.sk.lock); /* from now on others find it */
	in = hashed ? tcp_hash_replace(l->tn, &req->node, &child->node) :
		      !tcp_hash_add(l->tn, &child->node);
	if (!in) {
		discard(child);
		spin_unlock(&l->inet.sk.lock);
		return;
	}
	if (hashed)
		unlist(req);
	socket_get(&child->inet.sk);
	child->conn_ref = true;
	tcp_queue_child(l, child);
	spin_unlock(&l->inet.sk.lock);
	tcp_receive(child, seg);
	spin_unlock(&child->inet.sk.lock);
	socket_wake_in(&l->inet.sk, EPOLLIN | EPOLLRDNORM);
}

static void request_ack(struct tcp_req *req, const struct tcp_segment *seg)
{
	struct tcp_reply r = { .seq = req->iss + 1,
			       .ack = req->irs + 1,
			       .window = (u16)(req->rcv_wnd >> req->rcv_wscale),
			       .flags = TCP_ACK,
			       .ts = req->ts_ok,
			       .tsval = tcp_time_ms() + req->ts_offset,
			       .tsecr = req->ts_recent,
			       .mark = req->listener->inet.sk.mark };

	if (!tcp_oow_limited(req->listener->tn, seg, &req->last_oow_ms))
		tcp_reply(seg, &r);
}

void tcp_request_receive(struct tcp_req *req, struct tcp_segment *seg)
{
	struct tcp_sock *l = req->listener;
	u8 flags = seg->flags & (TCP_RST | TCP_SYN | TCP_ACK);
	bool paws;

	spin_lock(&l->inet.sk.lock);
	if (list_empty(&req->link)) {
		/* It has just become a connection, or the listener is gone. */
		spin_unlock(&l->inet.sk.lock);
		if (hlist_unhashed(&req->node.link))
			tcp_deliver(l->tn, seg);
		return;
	}
	paws = seg->opt.ts && req->ts_ok &&
	       tcp_paws_reject(req->ts_recent, now_mono() / NSEC_PER_SEC, seg->opt.tsval,
			       flags & TCP_RST);
	if (seg->seq == req->irs && flags == TCP_SYN && !paws) {
		/* Our answer was lost. */
		if (!tcp_oow_limited(req->listener->tn, seg, &req->last_oow_ms)) {
			tcp_send_synack(req);
			start_timer(req);
		}
		goto out;
	}
	/* RFC 9293 3.10.7.4: the number of a RST is judged before what it acknowledges. */
	if ((flags & (TCP_RST | TCP_ACK)) == TCP_ACK && seg->ack != req->iss + 1) {
		tcp_reply_reset(seg, l->inet.sk.mark);
		goto out;
	}
	if (paws || before(seg->end_seq, req->irs + 1) ||
	    after(seg->seq, req->irs + 1 + req->rcv_wnd)) {
		if (!(flags & TCP_RST))
			request_ack(req, seg);
		goto out;
	}
	if (seg->opt.ts && !after(seg->seq, req->irs + 1))
		req->ts_recent = seg->opt.tsval;
	if (flags & (TCP_RST | TCP_SYN)) {
		/* RFC 5961 3, 4 ask for an exact number */
		if ((flags & TCP_RST) && seg->seq != req->irs + 1) {
			request_ack(req, seg);
			goto out;
		}
		if (flags & TCP_SYN)
			tcp_reply_reset(seg, l->inet.sk.mark);
		tcp_count_stat(l->tn, TCPS_ATTEMPT_FAILS);
		tcp_request_kill(req);
		goto out;
	}
	if (!(flags & TCP_ACK))
		goto out;
	if (req->timeouts < l->defer_accept && seg->end_seq == req->irs + 1) {
		req->acked = true; /* the first data is waited for */
		goto out;
	}
	complete(l, req, seg, true);
	return;
out:
	spin_unlock(&l->inet.sk.lock);
}

/* An ICMP error about the SYN-ACK with this sequence number. */
void tcp_request_error(struct tcp_req *req, u32 seq)
{
	struct tcp_sock *l = req->listener;

	spin_lock(&l->inet.sk.lock);
	if (seq == req->iss && !list_empty(&req->link))
		tcp_request_kill(req);
	spin_unlock(&l->inet.sk.lock);
}

/* An ACK that no request waits for: perhaps of a cookie. [L], given back. */
static void receive_cookie_ack(struct tcp_sock *l, struct tcp_segment *seg)
{
	struct tcp_req req;
	u16 mss = l->listen->flood_told ? tcp_cookie_check(l->tn, seg) : 0;
	u32 clamp = l->window_clamp;

	memset(&req, 0, sizeof(req));
	if (mss) {
		fill_request(l, seg, &req);
		req.irs = seg->seq - 1;
		req.iss = seg->ack - 1;
		req.mss = mss;
		if (!tcp_cookie_options(seg, &req))
			mss = 0;
	}
	if (!mss) {
		if (l->listen->flood_told)
			tcp_count_stat(l->tn, TCPS_SYNCOOKIES_FAILED);
		tcp_reply_reset(seg, l->inet.sk.mark);
		spin_unlock(&l->inet.sk.lock);
		return;
	}
	tcp_count_stat(l->tn, TCPS_SYNCOOKIES_RECV);
	tcp_initial_window(l, mss, req.wscale_ok, &req.rcv_wnd, &clamp, &req.rcv_wscale);
	complete(l, &req, seg, false);
}

/* RFC 9293 3.10.7.2 */
void tcp_listener_receive(struct tcp_sock *l, struct tcp_segment *seg)
{
	spin_lock(&l->inet.sk.lock);
	if (l->state != TCP_LISTEN) {
		spin_unlock(&l->inet.sk.lock);
		tcp_reply_reset(seg, 0);
		return;
	}
	if (seg->flags & TCP_RST) {
		/* nothing of ours */
	} else if (seg->flags & TCP_ACK) {
		if (!(seg->flags & TCP_SYN)) {
			receive_cookie_ack(l, seg);
			return;
		}
		tcp_reply_reset(seg, l->inet.sk.mark);
	} else if ((seg->flags & TCP_SYN) && !(seg->flags & TCP_FIN)) {
		receive_syn(l, seg);
	}
	spin_unlock(&l->inet.sk.lock);
}
