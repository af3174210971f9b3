/*
 * TCP's sockets: the calls of tcp(7) but for sending, receiving, accepting and options, and how a
 * connection ends (RFC 9293 3.3.2, 3.6).
 *
 * Locking: tcp_impl.h. A call that sent something ends with net_run(), with no lock held.
 */
#include "net/tcp_impl.h"

#include <err.h>
#include <uapi/in.h>
#include <uapi/epoll.h>

#include "alloc/page.h"
#include "alloc/slab.h"
#include "core/random.h"
#include "core/sched.h"
#include "fs/poll.h"
#include "lib/string.h"

struct tcp_sysctl tcp_sysctl = {
	.adv_win_scale = 1,
	.autocorking = 1,
	.base_mss = 1024,
	.challenge_ack_limit = S32_MAX,
	.congestion = "cubic",
	.dsack = 1,
	.early_retrans = 3,
	.ecn = 2,
	.ecn_fallback = 1,
	.fastopen = 1,
	.fin_timeout = 60,
	.frto = 2,
	.invalid_ratelimit = 500,
	.keepalive_intvl = 75,
	.keepalive_probes = 9,
	.keepalive_time = 7200,
	.limit_output_bytes = 1048576,
	.local_ports = { 32768, 60999 },
	.max_orphans = 8192,
	.max_reordering = 300,
	.max_syn_backlog = 512,
	.max_tw_buckets = 16384,
	.min_snd_mss = 48,
	.moderate_rcvbuf = 1,
	.mtu_probing = 1,
	.notsent_lowat = ~0U,
	.recovery = 1,
	.reordering = 3,
	.retries1 = 3,
	.retries2 = 15,
	.rmem = { 4096, 131072, 6291456 },
	.rto_min_us = 200000,
	.sack = 1,
	.slow_start_after_idle = 1,
	.syn_linear_timeouts = 4,
	.syn_retries = 6,
	.synack_retries = 5,
	.syncookies = 1,
	.timestamps = 1,
	.tso_win_divisor = 3,
	.tw_reuse = 2,
	.window_scaling = 1,
	.wmem = { 4096, 16384, 4194304 },
};

static struct slab_cache *tcp_slab;
static const struct socket_ops tcp_ops;

int tcp_net_init(struct net *net)
{
	struct tcp_net *tn = kzalloc(sizeof(*tn), 0);

	if (!tn)
		return -ENOMEM;
	if (!tcp_slab)
		tcp_slab = slab_create("tcp", sizeof(struct tcp_sock), 64);
	tn->net = net;
	tn->ports = port_table_create();
	if (!tn->ports) {
		kfree(tn);
		return -ENOMEM;
	}
	for (unsigned i = 0; i < TCP_HASH_LOCKS; i++)
		spin_init(&tn->locks[i], RANK_NET_TABLE, "tcp bucket");
	spin_init(&tn->listen_lock, RANK_NET_TABLE, "tcp listeners");
	spin_init(&tn->all_lock, RANK_NET_TABLE, "tcp sockets");
	list_init(&tn->all);
	random_bytes(tn->secret, sizeof(tn->secret));
	random_bytes(tn->fastopen_key, sizeof(tn->fastopen_key));
	net->tcp = tn;
	return 0;
}

void tcp_net_exit(struct net *net)
{
	struct tcp_net *tn = net->tcp;
	struct tcp_node *n;
	struct hlist_node *next;

	for (unsigned i = 0; tn->table && i < 1 << TCP_HASH_BITS; i++)
		hlist_for_each_entry_safe(n, next, &tn->table[i], link)
			if (n->kind == TCP_KIND_TW)
				tcp_tw_kill(container_of(n, struct tcp_tw, node));
	port_table_destroy(tn->ports);
	kfree(tn->table);
	kfree(tn);
	net->tcp = NULL;
}

u64 tcp_stat(struct net *net, enum tcp_stat s)
{
	return READ_ONCE(net->tcp->stats[s]);
}

void tcp_count(struct net *net, struct tcp_counts *c)
{
	struct tcp_net *tn = net->tcp;

	*c = (struct tcp_counts){
		.inuse = (u64)atomic_read(&tn->nr_sockets),
		.alloc = (u64)atomic_read(&tn->nr_sockets),
		.orphans = (u64)atomic_read(&tn->nr_orphans),
		.tw = (u64)atomic_read(&tn->nr_tw),
		.mem = (u64)atomic_long_read(&tn->mem) / PAGE_SIZE,
		.established = (u64)atomic_read(&tn->nr_established),
	};
}

/* --- coming and going --- */

struct tcp_sock *tcp_alloc(struct net *net, u16 family)
{
	struct tcp_sock *ts = slab_zalloc(tcp_slab);
	struct tcp_net *tn = net->tcp;

	if (!ts)
		return NULL;
	inet_init(&ts->inet, net, family, SOCK_STREAM, IPPROTO_TCP, &tcp_ops);
	ts->tn = tn;
	ts->node.kind = TCP_KIND_SOCK;
	ts->state = TCP_CLOSE;
	mutex_init(&ts->send_mutex);
	mutex_init(&ts->recv_mutex);
	list_init(&ts->sndq);
	list_init(&ts->sent);
	list_init(&ts->rcvq);
	list_init(&ts->oooq);
	list_init(&ts->accept_link);
	tcp_timers_init(ts);
	ts->inet.sk.sndbuf = (u32)tcp_sysctl.wmem[1];
	ts->inet.sk.rcvbuf = (u32)tcp_sysctl.rmem[1];
	ts->cong = tcp_cong_by_name(tcp_sysctl.congestion);
	ts->rto = TCP_RTO_INIT;
	ts->mdev_us = 1000000;
	ts->cwnd = TCP_INIT_CWND;
	ts->cwnd_clamp = ~0U;
	ts->ssthresh = TCP_INFINITE;
	ts->mss_cache = TCP_DEFAULT_MSS;
	ts->rcv_mss = TCP_MIN_MSS;
	ts->mss_clamp = 65535;
	ts->reordering = (u32)tcp_sysctl.reordering;
	ts->rack.steps = 1;
	atomic_inc(&tn->nr_sockets);
	return ts;
}

struct socket *tcp_create(struct net *net, u16 family)
{
	struct tcp_sock *ts = tcp_alloc(net, family);

	return ts ? &ts->inet.sk : ERR_PTR(-ENOMEM);
}

static void free_rcu(struct rcu_head *head)
{
	struct tcp_sock *ts = container_of(head, struct tcp_sock, rcu);

	if (ts->parent)
		socket_put(&ts->parent->inet.sk);
	if (ts->wpage)
		page_put(ts->wpage);
	kfree(ts->saved_syn);
	kfree(ts->listen);
	inet_destroy(&ts->inet);
	atomic_dec(&ts->tn->nr_sockets);
	slab_free(tcp_slab, ts);
}

static void tcp_free(struct socket *sk)
{
	struct tcp_sock *ts = tcp_sk(sk);

	/* Nobody else is left but who finds it by RCU and sees that it is closed. */
	tcp_purge_send(ts);
	tcp_purge_receive(ts);
	tcp_mem_release(ts);
	call_rcu(&ts->rcu, free_rcu);
}

void tcp_set_state(struct tcp_sock *ts, u8 state)
{
	bool was = F(ts->state) & (F(TCP_ESTABLISHED) | F(TCP_CLOSE_WAIT));
	bool is = F(state) & (F(TCP_ESTABLISHED) | F(TCP_CLOSE_WAIT));

	if (was != is)
		atomic_add(&ts->tn->nr_established, is ? 1 : -1);
	if (state == TCP_CLOSE && was)
		tcp_count_stat(ts->tn, TCPS_ESTAB_RESETS);
	WRITE_ONCE(ts->state, state);
}

/* Out of the tables; a port that was not asked for is free again. */
static void unhash(struct tcp_sock *ts)
{
	tcp_hash_del(ts->tn, &ts->node);
	if (ts->inet.local_port && !ts->keep_port) {
		port_release(ts->tn->ports, &ts->inet);
		ts->inet.local_port = 0;
	}
}

void tcp_done(struct tcp_sock *ts)
{
	struct socket *sk = &ts->inet.sk;

	if (ts->state == TCP_SYN_SENT || ts->state == TCP_SYN_RECV)
		tcp_count_stat(ts->tn, TCPS_ATTEMPT_FAILS);
	tcp_set_state(ts, TCP_CLOSE);
	tcp_timers_stop(ts);
	if (ts->fastopen_child && ts->parent && ts->parent->listen)
		__atomic_fetch_sub(&ts->parent->listen->nr_fastopen, 1, __ATOMIC_RELAXED);
	ts->fastopen_child = false;
	WRITE_ONCE(sk->shutdown, SHUT_BOTH);
	unhash(ts);
	if (!ts->orphan) {
		socket_wake_all(sk);
	} else {
		ts->orphan = false;
		atomic_dec(&ts->tn->nr_orphans);
		if (ts->inet.local_port) {
			port_release(ts->tn->ports, &ts->inet);
			ts->inet.local_port = 0;
		}
		tcp_purge_send(ts);
		tcp_purge_receive(ts);
	}
	if (ts->conn_ref) {
		ts->conn_ref = false;
		socket_put(sk);
	}
}

void tcp_fail(struct tcp_sock *ts, int err)
{
	socket_set_error(&ts->inet.sk, err);
	tcp_purge_send(ts);
	tcp_done(ts);
}

void tcp_reset_received(struct tcp_sock *ts)
{
	int err = ECONNRESET;

	if (ts->state == TCP_CLOSE)
		return;
	if (ts->state == TCP_SYN_SENT)
		err = ECONNREFUSED;
	else if (ts->state == TCP_CLOSE_WAIT)
		err = EPIPE;
	tcp_fail(ts, err);
}

void tcp_destroy_socket(struct socket *sk, int err)
{
	struct tcp_sock *ts = tcp_sk(sk);

	spin_lock(&sk->lock);
	if (tcp_state_in(ts, F(TCP_LISTEN))) {
		spin_unlock(&sk->lock);
		tcp_listen_stop(ts);
		return;
	}
	if (ts->state != TCP_CLOSE) {
		if (!tcp_state_in(ts, F(TCP_SYN_SENT)))
			tcp_send_active_reset(ts);
		tcp_fail(ts, err);
	}
	spin_unlock(&sk->lock);
}

bool tcp_too_many_orphans(struct tcp_sock *ts, int shift)
{
	return atomic_read(&ts->tn->nr_orphans) << shift > tcp_sysctl.max_orphans ||
	       (ts->wmem > (u32)tcp_sysctl.wmem[0] && tcp_mem_over(ts->tn));
}

u64 tcp_fin_time(const struct tcp_sock *ts)
{
	u64 t = (u64)(ts->linger2 ? ts->linger2 : tcp_sysctl.fin_timeout) * NSEC_PER_SEC;
	u64 least = (ts->rto << 2) - (ts->rto >> 1);

	return max(t, least);
}

/* --- binding, connecting --- */

static int tcp_bind(struct socket *sk, const struct sockaddr_storage *ss, int len)
{
	struct tcp_sock *ts = tcp_sk(sk);
	struct in6_addr addr;
	int ifindex = 0, err;
	u16 port;

	err = inet_addr_in(&ts->inet, ss, len, &addr, &port, &ifindex);
	if (err)
		return err;
	spin_lock(&sk->lock);
	err = inet_check_bind(&ts->inet, &addr, ifindex);
	if (!err && (ts->state != TCP_CLOSE || ts->inet.local_port))
		err = -EINVAL;
	if (!err && (port || !inet_flag(&ts->inet, INET_BIND_NO_PORT)))
		err = port_bind(ts->tn->ports, &ts->inet, &addr, port);
	if (!err) {
		ts->inet.local = addr;
		ts->keep_addr = !addr_is_any(&addr);
		ts->keep_port = ts->inet.local_port != 0;
		if (ifindex)
			ts->inet.bound_dev = ifindex;
	}
	spin_unlock(&sk->lock);
	return err;
}

int tcp_start_connect(struct tcp_sock *ts, const struct sockaddr_storage *ss, int len)
{
	struct inet_socket *is = &ts->inet;
	struct tcp_key *k = &ts->node.key;
	struct in6_addr dst;
	int ifindex = 0, err;
	u16 port;

	err = inet_addr_in(is, ss, len, &dst, &port, &ifindex);
	if (err)
		return err;
	if (addr_is_any(&dst)) {
		/* As everybody has it: this host. */
		if (addr_is_v4(&dst) || is->sk.family == AF_INET) {
			dst = addr_from_v4(cpu_to_be32(INADDR_LOOPBACK));
		} else {
			dst = (struct in6_addr){ 0 };
			dst.s6_addr[15] = 1;
		}
	}
	if (ifindex && !is->bound_dev)
		is->bound_dev = ifindex;
	if (!addr_is_any(&is->local) && addr_is_v4(&is->local) != addr_is_v4(&dst))
		return is->sk.family == AF_INET6 ? -ENETUNREACH : -EAFNOSUPPORT;
	err = inet_route(is, &dst);
	if (err)
		return err;
	if (is->route.type == ROUTE_BROADCAST || is->route.type == ROUTE_MULTICAST ||
	    addr_is_multicast(&dst))
		return -ENETUNREACH;
	is->remote = dst;
	is->remote_port = port;
	*k = (struct tcp_key){ .local = addr_is_any(&is->local) ? is->route.src : is->local,
			       .remote = dst,
			       .local_port = is->local_port,
			       .remote_port = port,
			       .dev = is->bound_dev };
	ts->write_seq = 0;
	tcp_set_state(ts, TCP_SYN_SENT);
	err = tcp_hash_connect(ts);
	if (err) {
		tcp_set_state(ts, TCP_CLOSE);
		is->remote_port = 0;
		return err;
	}
	socket_get(&is->sk);
	ts->conn_ref = true;
	ts->iss = ts->write_seq ? ts->write_seq : tcp_isn(ts->tn, k);
	ts->ts_offset = tcp_ts_offset(ts->tn, k);
	ts->snd_una = ts->snd_nxt = ts->snd_sml = ts->snd_up = ts->pushed_seq = ts->iss;
	ts->fack = ts->iss;
	ts->write_seq = ts->iss + 1;
	ts->rcv_nxt = ts->rcv_wup = ts->copied_seq = 0;
	ts->snd_wnd = 0;
	ts->snd_wl1 = 0;
	ts->header_opts = tcp_sysctl.timestamps ? 12 : 0;
	ts->rto = TCP_RTO_INIT;
	ts->retransmits = 0;
	ts->mss_clamp = ts->user_mss ? ts->user_mss : 65535;
	tcp_advertise_mss(ts);
	tcp_sync_mss(ts, min(is->route.mtu, 65535U));
	tcp_initial_window((int)tcp_full_space(ts), ts->advmss - (tcp_sysctl.timestamps ? 12 : 0),
			   0, tcp_sysctl.window_scaling, &ts->rcv_wnd, &ts->window_clamp,
			   &ts->rcv_wscale);
	ts->rcv_ssthresh = ts->rcv_wnd;
	ts->last_rcv = now_mono();
	return 0;
}

static bool handshake_over(void *sk)
{
	return !tcp_state_in(tcp_sk(sk), F(TCP_SYN_SENT) | F(TCP_SYN_RECV));
}

/* After it was begun: waits for its end, if that may be waited for. [l] on entry, not after. */
static int wait_connected(struct tcp_sock *ts, int err, u64 deadline)
{
	struct socket *sk = &ts->inet.sk;
	int w;

	spin_unlock(&sk->lock);
	net_run();
	if (!handshake_over(sk)) {
		w = socket_wait(&sk->writers, sk, handshake_over, deadline);
		if (w == -EAGAIN)
			return err;
		if (w)
			return w;
	}
	spin_lock(&sk->lock);
	if (ts->state == TCP_CLOSE) {
		err = socket_take_error(sk);
		if (!err)
			err = -ECONNABORTED;
		ts->connecting = 0;
		WRITE_ONCE(sk->shutdown, 0);
		ts->inet.remote_port = 0;
	} else {
		ts->connecting = 2;
		err = 0;
	}
	spin_unlock(&sk->lock);
	return err;
}

static int tcp_connect(struct socket *sk, const struct sockaddr_storage *ss, int len, u64 deadline)
{
	struct tcp_sock *ts = tcp_sk(sk);
	int err;

	if (len < (int)sizeof(ss->ss_family))
		return -EINVAL;
	if (ss->ss_family == AF_UNSPEC) {
		if (READ_ONCE(ts->state) == TCP_LISTEN)
			tcp_listen_stop(ts);
		mutex_lock(&ts->send_mutex);
		mutex_lock(&ts->recv_mutex);
		spin_lock(&sk->lock);
		tcp_disconnect(ts);
		spin_unlock(&sk->lock);
		mutex_unlock(&ts->recv_mutex);
		mutex_unlock(&ts->send_mutex);
		net_run();
		return 0;
	}
	spin_lock(&sk->lock);
	if (ts->connecting == 1) {
		return wait_connected(ts, -EALREADY, deadline);
	}
	err = ts->connecting || ts->state != TCP_CLOSE ? -EISCONN : tcp_start_connect(ts, ss, len);
	if (!err) {
		ts->connecting = 1;
		if (ts->fastopen_connect && tcp_fastopen_known(ts, NULL)) {
			ts->defer_connect = true; /* the SYN goes with the first data */
			spin_unlock(&sk->lock);
			return 0;
		}
		err = tcp_send_syn(ts);
		if (err)
			tcp_fail(ts, -err);
		return wait_connected(ts, -EINPROGRESS, deadline);
	}
	spin_unlock(&sk->lock);
	return err;
}

static bool needs_reset(const struct tcp_sock *ts)
{
	return tcp_state_in(ts, F(TCP_ESTABLISHED) | F(TCP_CLOSE_WAIT) | F(TCP_FIN_WAIT1) |
					F(TCP_FIN_WAIT2) | F(TCP_SYN_RECV)) ||
	       (ts->snd_nxt != ts->write_seq && tcp_state_in(ts, F(TCP_CLOSING) | F(TCP_LAST_ACK)));
}

/* The parts that the next connection begins anew. */
static void forget_connection(struct tcp_sock *ts)
{
	struct inet_socket *is = &ts->inet;

	ts->connecting = 0;
	ts->defer_connect = false;
	is->remote_port = 0;
	is->remote = (struct in6_addr){ 0 };
	if (!ts->keep_addr)
		is->local = (struct in6_addr){ 0 };
	route_put(&is->route);
	WRITE_ONCE(is->sk.shutdown, 0);
	ts->srtt_us = ts->mdev_max_us = ts->rttvar_us = ts->rtt_seq = ts->min_rtt_us = 0;
	ts->mdev_us = 1000000;
	ts->rto = TCP_RTO_INIT;
	ts->backoff = ts->retransmits = ts->probes_out = 0;
	ts->probes_start = ts->retrans_stamp = 0;
	ts->cwnd = TCP_INIT_CWND;
	ts->ssthresh = TCP_INFINITE;
	ts->cwnd_cnt = ts->prior_cwnd = ts->prior_ssthresh = ts->cwnd_used = 0;
	ts->ca_state = TCP_CA_OPEN;
	ts->undo_marker = 0;
	ts->undo_retrans = 0;
	ts->packets_out = ts->sacked_out = ts->lost_out = ts->retrans_out = 0;
	ts->tlp_high_seq = 0;
	ts->delivered = ts->lost = 0;
	ts->max_packets_out = 0;
	ts->cwnd_limited = false;
	memset(&ts->rack, 0, sizeof(ts->rack));
	memset(&ts->drs, 0, sizeof(ts->drs));
	ts->rack.steps = 1;
	ts->reordering = (u32)tcp_sysctl.reordering;
	ts->reord_seen = 0;
	ts->window_clamp = ts->max_window = ts->snd_wnd = 0;
	ts->nr_sacks = 0;
	ts->dsack_due = ts->fin_seen = ts->urg_mode = false;
	ts->urg_data = 0;
	ts->ack = ts->quick = ts->pingpong = ts->ecn = 0;
	ts->ato = 0;
	ts->ts_recent = ts->ts_offset = 0;
	ts->ts_ok = ts->sack_ok = ts->wscale_ok = false;
	ts->snd_wscale = ts->rcv_wscale = 0;
	ts->mtu_probe = ts->pmtu_cookie = 0;
	ts->rcv_nxt = ts->rcv_wup = ts->copied_seq = ts->write_seq = ts->snd_una = ts->snd_nxt = 0;
	ts->total_retrans = 0;
	ts->bytes_acked = ts->bytes_received = ts->bytes_sent = ts->bytes_retrans = 0;
	ts->segs_in = ts->segs_out = ts->data_segs_in = ts->data_segs_out = 0;
	ts->dsack_dups = ts->ooo_packets = 0;
	ts->syn_data = ts->syn_data_acked = ts->syn_fastopen = false;
	ts->err_soft = 0;
	ts->last_oow_ack_ms = 0;
	ts->busy = ts->busy_since = ts->rwnd_limited = ts->sndbuf_limited = 0;
	ts->last_seg = 0;
	ts->rcv_mss = TCP_MIN_MSS;
	kfree(ts->saved_syn);
	ts->saved_syn = NULL;
	ts->saved_syn_len = 0;
}

void tcp_disconnect(struct tcp_sock *ts)
{
	u8 state = ts->state;

	if (state == TCP_LISTEN)
		return;
	if (needs_reset(ts)) {
		tcp_send_active_reset(ts);
		socket_set_error(&ts->inet.sk, ECONNRESET);
	} else if (state == TCP_SYN_SENT) {
		socket_set_error(&ts->inet.sk, ECONNRESET);
	}
	tcp_purge_send(ts);
	tcp_purge_receive(ts);
	if (state != TCP_CLOSE)
		tcp_done(ts);
	else
		unhash(ts);
	forget_connection(ts);
	socket_wake_all(&ts->inet.sk);
}

static int tcp_getname(struct socket *sk, struct sockaddr_storage *ss, bool peer)
{
	struct tcp_sock *ts = tcp_sk(sk);
	struct inet_socket *is = &ts->inet;
	bool linked;
	int len;

	spin_lock(&sk->lock);
	linked = is->remote_port != 0;
	if (peer && (!linked || tcp_state_in(ts, F(TCP_CLOSE) | F(TCP_SYN_SENT))))
		len = -ENOTCONN;
	else if (peer)
		len = inet_addr_out(is, &is->remote, is->remote_port, is->bound_dev, ss);
	else
		len = inet_addr_out(is, linked ? &ts->node.key.local : &is->local,
				    linked ? ts->node.key.local_port : is->local_port,
				    is->bound_dev, ss);
	spin_unlock(&sk->lock);
	return len;
}

/* --- ending --- */

/* The state that closing our side leads to; true: a FIN goes. */
static bool close_state(struct tcp_sock *ts)
{
	switch (ts->state) {
	case TCP_ESTABLISHED:
	case TCP_SYN_RECV:
		tcp_set_state(ts, TCP_FIN_WAIT1);
		return true;
	case TCP_CLOSE_WAIT:
		tcp_set_state(ts, TCP_LAST_ACK);
		return true;
	default:
		return false;
	}
}

static int tcp_shutdown(struct socket *sk, unsigned how)
{
	struct tcp_sock *ts = tcp_sk(sk);
	int err = 0;

	if (READ_ONCE(ts->state) == TCP_LISTEN) {
		if (how & SHUT_RECEIVE)
			tcp_listen_stop(ts);
		return 0;
	}
	spin_lock(&sk->lock);
	if (ts->state == TCP_CLOSE) {
		err = -ENOTCONN;
	} else if (ts->state == TCP_SYN_SENT) {
		spin_unlock(&sk->lock);
		mutex_lock(&ts->send_mutex);
		mutex_lock(&ts->recv_mutex);
		spin_lock(&sk->lock);
		tcp_disconnect(ts);
		mutex_unlock(&ts->recv_mutex);
		mutex_unlock(&ts->send_mutex);
	} else {
		WRITE_ONCE(sk->shutdown, sk->shutdown | how);
		if ((how & SHUT_SEND) && tcp_state_in(ts, F(TCP_ESTABLISHED) | F(TCP_CLOSE_WAIT)) &&
		    close_state(ts))
			tcp_send_fin(ts);
	}
	socket_wake_all(sk);
	spin_unlock(&sk->lock);
	net_run();
	return err;
}

static bool all_sent(void *sk)
{
	return !tcp_state_in(tcp_sk(sk), F(TCP_FIN_WAIT1) | F(TCP_CLOSING) | F(TCP_LAST_ACK));
}

/* Nobody has it open any more. [l] */
static void become_orphan(struct tcp_sock *ts)
{
	u64 tmo;

	if (ts->state == TCP_CLOSE) {
		if (ts->inet.local_port) {
			port_release(ts->tn->ports, &ts->inet);
			ts->inet.local_port = 0;
		}
		return;
	}
	ts->orphan = true;
	atomic_inc(&ts->tn->nr_orphans);
	if (ts->state == TCP_FIN_WAIT2) {
		tmo = tcp_fin_time(ts);
		if (ts->linger2 < 0) {
			tcp_send_active_reset(ts);
			tcp_count_stat(ts->tn, TCPS_ABORT_ON_LINGER);
			tcp_done(ts);
			return;
		}
		if (tmo > TCP_TW_LEN) {
			tcp_keepalive_start(ts, tmo - TCP_TW_LEN);
		} else {
			tcp_time_wait(ts, TCP_FIN_WAIT2, tmo);
			return;
		}
	}
	if (tcp_too_many_orphans(ts, 0)) {
		tcp_send_active_reset(ts);
		tcp_count_stat(ts->tn, TCPS_ABORT_ON_MEMORY);
		tcp_done(ts);
	}
}

static void tcp_release(struct socket *sk)
{
	struct tcp_sock *ts = tcp_sk(sk);
	bool unread;
	u64 deadline;
	int linger = READ_ONCE(sk->linger);

	if (READ_ONCE(ts->state) == TCP_LISTEN)
		tcp_listen_stop(ts);
	spin_lock(&sk->lock);
	WRITE_ONCE(sk->shutdown, SHUT_BOTH);
	unread = ts->rcv_nxt - ts->fin_seen != ts->copied_seq && !list_empty(&ts->rcvq);
	tcp_purge_receive(ts);
	if (ts->state == TCP_CLOSE) {
		/* nothing to end */
	} else if (unread) {
		/* RFC 2525 2.17: data nobody will read; the peer must know. */
		tcp_count_stat(ts->tn, TCPS_ABORT_ON_CLOSE);
		tcp_send_active_reset(ts);
		tcp_purge_send(ts);
		tcp_done(ts);
	} else if (socket_option(sk, OPT_LINGER) && !linger) {
		if (needs_reset(ts))
			tcp_send_active_reset(ts);
		tcp_purge_send(ts);
		tcp_done(ts);
	} else if (ts->state == TCP_SYN_SENT) {
		tcp_purge_send(ts);
		tcp_done(ts);
	} else if (close_state(ts)) {
		tcp_send_fin(ts);
	}
	if (socket_option(sk, OPT_LINGER) && linger && !all_sent(sk)) {
		spin_unlock(&sk->lock);
		net_run();
		deadline = now_mono() + (u64)(u32)linger * NSEC_PER_SEC;
		wait_until(&sk->writers, all_sent, sk, TASK_INTERRUPTIBLE, deadline);
		spin_lock(&sk->lock);
	}
	become_orphan(ts);
	spin_unlock(&sk->lock);
	net_run();
	socket_put(sk);
}

void tcp_child_abort(struct tcp_sock *child)
{
	struct socket *sk = &child->inet.sk;

	spin_lock(&sk->lock);
	WRITE_ONCE(sk->shutdown, SHUT_BOTH);
	if (child->state != TCP_CLOSE) {
		if (needs_reset(child))
			tcp_send_active_reset(child);
		tcp_purge_send(child);
		tcp_done(child);
	}
	if (child->inet.local_port) {
		port_release(child->tn->ports, &child->inet);
		child->inet.local_port = 0;
	}
	spin_unlock(&sk->lock);
	socket_put(sk);
}

/* --- readiness --- */

static u32 tcp_poll(struct socket *sk, struct file *f __unused, struct poll_table *pt __unused)
{
	struct tcp_sock *ts = tcp_sk(sk);
	u32 ev = 0, shut = READ_ONCE(sk->shutdown);
	u8 state = READ_ONCE(ts->state);
	int target = READ_ONCE(sk->rcvlowat);

	if (state == TCP_LISTEN) {
		const struct tcp_listen *l = READ_ONCE(ts->listen);

		return l && READ_ONCE(l->nr_accept) ? EPOLLIN | EPOLLRDNORM : 0;
	}
	if (shut == SHUT_BOTH || state == TCP_CLOSE)
		ev |= EPOLLHUP;
	if (shut & SHUT_RECEIVE)
		ev |= EPOLLIN | EPOLLRDNORM | EPOLLRDHUP;
	if (state != TCP_SYN_SENT && (state != TCP_SYN_RECV || READ_ONCE(ts->syn_fastopen))) {
		if (READ_ONCE(ts->urg_data) && ts->urg_seq == ts->copied_seq &&
		    !socket_option(sk, OPT_OOBINLINE))
			target++;
		if (tcp_readable(ts, target))
			ev |= EPOLLIN | EPOLLRDNORM;
		if (shut & SHUT_SEND) {
			ev |= EPOLLOUT | EPOLLWRNORM;
		} else if (tcp_writable(ts)) {
			ev |= EPOLLOUT | EPOLLWRNORM;
		} else {
			WRITE_ONCE(ts->nospace, true);
			__atomic_thread_fence(__ATOMIC_SEQ_CST);
			if (tcp_writable(ts))
				ev |= EPOLLOUT | EPOLLWRNORM;
		}
		if (READ_ONCE(ts->urg_data) & TCP_URG_VALID)
			ev |= EPOLLPRI;
	} else if (state == TCP_SYN_SENT && READ_ONCE(ts->defer_connect)) {
		ev |= EPOLLOUT | EPOLLWRNORM;
	}
	if (READ_ONCE(sk->err) || !list_empty(&ts->inet.errors))
		ev |= EPOLLERR;
	return ev;
}

/* --- what ICMP says --- */

static void mtu_reduced(struct tcp_sock *ts, u32 mtu)
{
	if (!mtu || tcp_state_in(ts, F(TCP_LISTEN) | F(TCP_CLOSE)))
		return;
	if (ts->inet.pmtudisc == IP_PMTUDISC_DONT)
		return;
	route_update_mtu(ts->inet.net, &ts->node.key.remote, mtu);
	if (ts->inet.pmtudisc == IP_PMTUDISC_INTERFACE || ts->pmtu_cookie <= mtu)
		return;
	tcp_sync_mss(ts, mtu);
	tcp_simple_retransmit(ts);
}

/* RFC 5461, 5927: only about what is under way; in an open connection it is advice. */
static void sock_error(struct tcp_sock *ts, u32 seq, const struct ip_error *e)
{
	struct socket *sk = &ts->inet.sk;
	bool fragmentation = e->err == EMSGSIZE;

	if (ts->state == TCP_CLOSE || !between(seq, ts->snd_una, ts->snd_nxt))
		return;
	if (fragmentation) {
		mtu_reduced(ts, e->info);
		return;
	}
	if (tcp_state_in(ts, F(TCP_SYN_SENT) | F(TCP_SYN_RECV))) {
		if (ts->syn_fastopen && ts->state == TCP_SYN_RECV)
			return;
		inet_queue_error(&ts->inet, e, &ts->node.key.remote, ts->node.key.remote_port, NULL, 0);
		if (e->err)
			tcp_fail(ts, e->err);
		return;
	}
	if (!e->err)
		return;
	if (!ts->orphan && (inet_flag(&ts->inet, addr_is_v4(&ts->node.key.remote) ? INET_RECVERR :
										    INET_RECVERR6))) {
		socket_set_error(sk, e->err);
		socket_wake_all(sk);
	} else {
		ts->err_soft = e->err;
	}
}

static void tcp_error(struct net *net, const struct in6_addr *src, const struct in6_addr *dst,
		      const void *head, u32 n, int ifindex, const struct ip_error *e)
{
	const u8 *h = head;
	struct tcp_key k = { .local = *src, .remote = *dst };
	struct tcp_node *node;
	struct tcp_sock *ts;

	if (n < 8)
		return;
	k.local_port = get_be16(h);
	k.remote_port = get_be16(h + 2);
	node = tcp_find(net->tcp, &k, ifindex);
	if (!node)
		return;
	if (node->kind == TCP_KIND_REQ) {
		if (e->err && e->err != EMSGSIZE)
			tcp_request_error(container_of(node, struct tcp_req, node), get_be32(h + 4));
		return;
	}
	if (node->kind != TCP_KIND_SOCK)
		return;
	ts = tcp_node_sock(node);
	spin_lock(&ts->inet.sk.lock);
	sock_error(ts, get_be32(h + 4), e);
	spin_unlock(&ts->inet.sk.lock);
}

static const struct socket_ops tcp_ops = {
	.release = tcp_release,
	.bind = tcp_bind,
	.connect = tcp_connect,
	.listen = tcp_listen,
	.accept = tcp_accept,
	.getname = tcp_getname,
	.sendmsg = tcp_sendmsg,
	.recvmsg = tcp_recvmsg,
	.poll = tcp_poll,
	.shutdown = tcp_shutdown,
	.ioctl = tcp_ioctl,
	.setsockopt = tcp_setsockopt,
	.getsockopt = tcp_getsockopt,
	.option_changed = tcp_option_changed,
	.free = tcp_free,
};

const struct ip_protocol tcp_protocol = {
	.number = IPPROTO_TCP,
	.input = tcp_input,
	.error = tcp_error,
};
