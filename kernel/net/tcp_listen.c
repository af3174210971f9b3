/*
 * TCP: listening and accepting (RFC 9293 3.9.1.1; listen(2), accept(2)). Handshakes under way are
 * requests (tcp_syn.c); complete ones wait in the accept queue.
 *
 * Locking: tcp_sock.h.
 */
#include "net/tcp_impl.h"

#include <err.h>
#include <uapi/epoll.h>

#include "alloc/slab.h"
#include "lib/string.h"

int tcp_listen(struct socket *sk, int backlog)
{
	struct tcp_sock *ts = tcp_sk(sk);
	struct tcp_listen *l = kzalloc(sizeof(*l), 0);
	int err = 0;

	if (!l)
		return -ENOMEM;
	list_init(&l->requests);
	list_init(&l->accept);
	spin_lock(&sk->lock);
	if (ts->state != TCP_LISTEN && (ts->state != TCP_CLOSE || ts->connecting)) {
		err = -EINVAL;
	} else if (ts->state == TCP_CLOSE) {
		if (!ts->inet.local_port)
			err = port_bind(ts->tn->ports, &ts->inet, &ts->inet.local, 0);
		if (!err)
			err = port_listen(ts->tn->ports, &ts->inet);
		if (!err) {
			swap(l, ts->listen);
			if (l) { /* what was set before */
				ts->listen->fastopen_max = l->fastopen_max;
				ts->listen->keys = l->keys;
			}
			tcp_set_state(ts, TCP_LISTEN);
			socket_get(sk);
			ts->conn_ref = true;
			tcp_listen_add(ts);
		}
	}
	if (!err) {
		ts->listen->backlog = (u32)backlog;
		if ((ts->tn->conf->fastopen & 0x402) == 0x402 && !ts->listen->fastopen_max)
			ts->listen->fastopen_max = (u32)backlog;
	}
	spin_unlock(&sk->lock);
	kfree(l);
	return err;
}

void tcp_listen_stop(struct tcp_sock *ts)
{
	struct socket *sk = &ts->inet.sk;
	struct tcp_listen *l = ts->listen;
	struct tcp_sock *child, *cn;
	struct tcp_req *req, *rn;
	LIST_HEAD(children);

	spin_lock(&sk->lock);
	if (ts->state != TCP_LISTEN) {
		spin_unlock(&sk->lock);
		return;
	}
	tcp_set_state(ts, TCP_CLOSE);
	tcp_listen_del(ts);
	if (!ts->keep_port) {
		port_release(ts->tn->ports, &ts->inet);
	} else {
		port_unlisten(ts->tn->ports, &ts->inet);
	}
	list_for_each_entry_safe(req, rn, &l->requests, link)
		tcp_request_kill(req);
	list_splice_init(&l->accept, &children);
	WRITE_ONCE(l->nr_accept, 0);
	ts->conn_ref = false;
	socket_wake_all(sk);
	spin_unlock(&sk->lock);
	list_for_each_entry_safe(child, cn, &children, accept_link) {
		list_del_init(&child->accept_link);
		tcp_child_abort(child);
	}
	socket_put(sk);
}

void tcp_queue_child(struct tcp_sock *l, struct tcp_sock *child)
{
	list_add_tail(&child->accept_link, &l->listen->accept);
	WRITE_ONCE(l->listen->nr_accept, l->listen->nr_accept + 1);
}

static bool can_accept(void *sk)
{
	const struct tcp_sock *ts = tcp_sk(sk);

	return READ_ONCE(ts->state) != TCP_LISTEN || READ_ONCE(ts->listen->nr_accept);
}

struct socket *tcp_accept(struct socket *sk, u64 deadline)
{
	struct tcp_sock *ts = tcp_sk(sk), *child = NULL;
	int err;

	for (;;) {
		spin_lock(&sk->lock);
		err = ts->state == TCP_LISTEN ? 0 : -EINVAL;
		if (!err && !list_empty(&ts->listen->accept)) {
			child = list_first_entry(&ts->listen->accept, struct tcp_sock, accept_link);
			list_del_init(&child->accept_link);
			WRITE_ONCE(ts->listen->nr_accept, ts->listen->nr_accept - 1);
		}
		spin_unlock(&sk->lock);
		if (child || err)
			break;
		err = socket_wait(&sk->readers, sk, can_accept, deadline);
		if (err)
			break;
	}
	if (!child)
		return ERR_PTR(err);
	WRITE_ONCE(child->connecting, 2);
	return &child->inet.sk;
}

/* [L] A connection in the listener's image; not yet in the table. NULL: no memory. */
struct tcp_sock *tcp_make_child(struct tcp_sock *l, struct tcp_req *req)
{
	struct tcp_sock *ts = tcp_alloc(l->inet.sk.net, l->inet.sk.family);
	struct inet_socket *is, *li = &l->inet;
	struct socket *sk, *ls = &l->inet.sk;

	if (!ts)
		return NULL;
	is = &ts->inet;
	sk = &is->sk;
	sk->options = ls->options;
	sk->sndbuf = ls->sndbuf;
	sk->rcvbuf = ls->rcvbuf;
	sk->buf_lock = ls->buf_lock;
	sk->max_pacing_rate = ls->max_pacing_rate;
	socket_inherit_filter(sk, ls);
	sk->rcvlowat = ls->rcvlowat;
	sk->priority = ls->priority;
	sk->mark = req->mark;
	sk->linger = ls->linger;
	sk->rcvtimeo = ls->rcvtimeo;
	sk->sndtimeo = ls->sndtimeo;
	is->ip_flags = li->ip_flags;
	is->ttl = li->ttl;
	is->mcast_ttl = li->mcast_ttl;
	is->tos = req->tos;
	is->pmtudisc = li->pmtudisc;
	is->v6only = li->v6only;
	is->sk.bound_dev = li->sk.bound_dev;
	is->local = req->node.key.local;
	is->remote = req->node.key.remote;
	is->remote_port = req->node.key.remote_port;
	if (addr_is_link_local(&is->remote) && !is->sk.bound_dev)
		is->sk.bound_dev = req->ifindex;
	is->uid = li->uid;
	ts->node.key = req->node.key;
	ts->user_mss = l->user_mss;
	ts->nonagle = l->nonagle;
	ts->keep_idle = l->keep_idle;
	ts->keep_intvl = l->keep_intvl;
	ts->keep_cnt = l->keep_cnt;
	ts->user_timeout = l->user_timeout;
	ts->linger2 = l->linger2;
	ts->window_clamp = l->window_clamp;
	ts->notsent_lowat = l->notsent_lowat;
	ts->thin_lto = l->thin_lto;
	ts->inq = l->inq;
	ts->quickack_off = l->quickack_off;
	ts->paced = l->paced;
	ts->cong = l->cong;
	/* The handshake's numbers. */
	ts->iss = req->iss;
	ts->irs = req->irs;
	ts->snd_una = ts->snd_sml = ts->snd_up = ts->fack = ts->rack.dsack_round = req->iss;
	ts->snd_nxt = ts->write_seq = ts->pushed_seq = req->iss + 1;
	ts->rcv_nxt = ts->rcv_wup = ts->copied_seq = req->irs + 1;
	ts->snd_wl1 = req->irs;
	ts->ts_offset = req->ts_offset;
	ts->ts_ok = req->ts_ok;
	ts->sack_ok = req->sack_ok;
	ts->wscale_ok = req->wscale_ok;
	ts->snd_wscale = req->wscale_ok ? req->snd_wscale : 0;
	ts->rcv_wscale = req->wscale_ok ? req->rcv_wscale : 0;
	ts->rcv_wnd = ts->rcv_ssthresh = req->rcv_wnd;
	ts->header_opts = req->ts_ok ? 12 : 0;
	ts->ts_recent = req->ts_recent;
	ts->ts_recent_at = now_mono() / NSEC_PER_SEC;
	ts->snd_wnd = ts->max_window = req->window;
	ts->mss_clamp = req->mss;
	ts->ecn = req->ecn ? TCP_ECN_OK : 0;
	ts->total_retrans = req->timeouts;
	ts->last_rcv = ts->last_acked = now_mono();
	ts->window_clamp = ts->window_clamp ? ts->window_clamp : 0xffffU << ts->rcv_wscale;
	ts->saved_syn = req->saved_syn;
	ts->saved_syn_len = req->saved_syn_len;
	req->saved_syn = NULL;
	if (!inet_route(is, &is->remote)) {
		ts->advmss = tcp_advertise_mss(ts);
		tcp_sync_mss(ts, min(is->route.mtu, 65535U));
	}
	if (!req->timeouts && req->last_sent) {
		tcp_rtt_sample(ts, (u32)max((now_mono() - req->last_sent) / NSEC_PER_USEC, 1UL));
		tcp_set_rto(ts);
		ts->min_rtt_us = max(ts->srtt_us >> 3, 1U);
		ts->min_rtt_at = now_mono();
	}
	tcp_set_state(ts, TCP_SYN_RECV);
	port_inherit(ts->tn->ports, is, li);
	return ts;
}
