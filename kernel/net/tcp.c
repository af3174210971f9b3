/*
 * TCP's sockets: the calls of tcp(7) but for sending, receiving, accepting and options, and how a
 * connection ends (RFC 9293 3.3.2, 3.6).
 *
 * Locking: tcp_sock.h. A call that sent something ends with net_run(), with no lock held.
 */
#include "net/tcp_impl.h"

#include <err.h>
#include <uapi/in.h>
#include <uapi/epoll.h>

#include "alloc/page.h"
#include "alloc/slab.h"
#include "core/random.h"
#include "core/sched.h"
#include "fs/landlock.h"
#include "fs/poll.h"
#include "lib/string.h"

static struct slab_cache *tcp_slab;
static const struct socket_ops tcp_ops;

/* --- coming and going --- */

void tcp_slab_init(void)
{
	if (!tcp_slab)
		tcp_slab = slab_create("tcp", sizeof(struct tcp_sock), 64);
}

struct tcp_sock *tcp_alloc(struct net *net, u16 family)
{
	struct tcp_net *tn = net->tcp;
	struct tcp_sock *ts;

	ts = slab_zalloc(tcp_slab);
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
	ts->inet.sk.sndbuf = (u32)ts->tn->conf->wmem[1];
	ts->inet.sk.rcvbuf = (u32)ts->tn->conf->rmem[1];
	ts->cong = tcp_cong_by_name(ts->tn->conf->congestion);
	ts->rto = TCP_RTO_INIT;
	ts->mdev_us = 1000000;
	ts->cwnd = TCP_INIT_CWND;
	ts->cwnd_clamp = ~0U;
	ts->ssthresh = TCP_INFINITE;
	ts->mss_cache = TCP_DEFAULT_MSS;
	ts->rcv_mss = TCP_MIN_MSS;
	ts->mss_clamp = 65535;
	ts->reordering = (u32)ts->tn->conf->reordering;
	ts->rack.steps = 1;
	ts->rate.limited = true;
	atomic_inc(&tn->nr_sockets);
	return ts;
}

struct socket *tcp_create(struct net *net, u16 family, int type __unused, int protocol __unused)
{
	struct tcp_sock *ts = tcp_alloc(net, family);

	return ts ? &ts->inet.sk : ERR_PTR(-ENOMEM);
}

static void free_rcu(struct rcu_head *head)
{
	struct tcp_sock *ts = container_of(head, struct tcp_sock, rcu);

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

/* --- binding, connecting --- */

static int tcp_bind(struct socket *sk, const struct sockaddr_storage *ss, int len)
{
	struct tcp_sock *ts = tcp_sk(sk);
	struct in6_addr addr;
	int ifindex = 0, err;
	u16 port;

	err = inet_bind_addr(&ts->inet, ss, len, &addr, &port, &ifindex);
	if (!err)
		err = landlock_may_port(LANDLOCK_ACCESS_NET_BIND_TCP, port);
	if (err)
		return err;
	spin_lock(&sk->lock);
	if (ts->state != TCP_CLOSE || ts->inet.local_port)
		err = -EINVAL;
	if (!err && (port || !inet_flag(&ts->inet, INET_BIND_NO_PORT)))
		err = port_bind(ts->tn->ports, &ts->inet, &addr, port);
	if (!err) {
		ts->inet.local = addr;
		ts->keep_addr = !addr_is_any(&addr);
		ts->keep_port = ts->inet.local_port != 0;
		if (ifindex)
			ts->inet.sk.bound_dev = ifindex;
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
	if (!err)
		err = landlock_may_port(LANDLOCK_ACCESS_NET_CONNECT_TCP, port);
	if (err)
		return err;
	if (addr_is_any(&dst)) /* As everybody has it: this host. */
		dst = addr_is_v4(&dst) ? addr_from_v4(cpu_to_be32(INADDR_LOOPBACK)) :
					 inet_this_host(is);
	if (ifindex && !is->sk.bound_dev)
		is->sk.bound_dev = ifindex;
	if (addr_is_link_local(&dst) && !addr_is_v4(&dst) && !addr_is_multicast(&dst) &&
	    !is->sk.bound_dev)
		return -EINVAL; /* of which link? */
	err = inet_check_version(is, &dst);
	if (!err)
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
			       .dev = is->sk.bound_dev };
	ts->write_seq = 0;
	tcp_set_state(ts, TCP_SYN_SENT);
	err = tcp_hash_connect(ts);
	if (err) {
		tcp_set_state(ts, TCP_CLOSE);
		tcp_forget_addr(ts);
		is->remote_port = 0;
		return err;
	}
	socket_get(&is->sk);
	ts->conn_ref = true;
	ts->iss = ts->write_seq ? ts->write_seq : tcp_isn(ts->tn, k);
	ts->ts_offset = tcp_ts_offset(ts->tn, k);
	ts->snd_una = ts->snd_nxt = ts->snd_sml = ts->snd_up = ts->pushed_seq = ts->iss;
	ts->fack = ts->rack.dsack_round = ts->iss;
	ts->write_seq = ts->iss + 1;
	ts->rcv_nxt = ts->rcv_wup = ts->copied_seq = 0;
	ts->snd_wnd = 0;
	ts->snd_wl1 = 0;
	ts->header_opts = ts->tn->conf->timestamps ? 12 : 0;
	ts->rto = TCP_RTO_INIT;
	ts->retransmits = 0;
	ts->mss_clamp = ts->user_mss ? ts->user_mss : 65535;
	ts->advmss = tcp_advertise_mss(ts);
	tcp_sync_mss(ts, min(is->route.mtu, 65535U));
	tcp_initial_window(ts, ts->advmss - (ts->tn->conf->timestamps ? 12 : 0),
			   ts->tn->conf->window_scaling, &ts->rcv_wnd, &ts->window_clamp,
			   &ts->rcv_wscale);
	ts->rcv_ssthresh = ts->rcv_wnd;
	ts->last_rcv = now_mono();
	return 0;
}

static bool handshake_over(void *sk)
{
	return !tcp_state_in(tcp_sk(sk), F(TCP_SYN_SENT) | F(TCP_SYN_RECV));
}

int tcp_connect_result(struct tcp_sock *ts)
{
	struct socket *sk = &ts->inet.sk;
	int err;

	if (ts->state != TCP_CLOSE) {
		ts->connecting = 2;
		return 0;
	}
	err = socket_take_error(sk);
	ts->connecting = 0;
	WRITE_ONCE(sk->shutdown, 0);
	ts->inet.remote_port = 0;
	return err ? err : -ECONNABORTED;
}

/* After it was begun: waits for its end, if that may be waited for. [l] on entry, not after. */
static int wait_connected(struct tcp_sock *ts, int err, u64 deadline)
{
	struct socket *sk = &ts->inet.sk;
	int w;

	spin_unlock(&sk->lock);
	net_run();
	/* What was just begun is told of as under way, though over the loopback it may be done. */
	if (!deadline && err == -EINPROGRESS)
		return err;
	if (!handshake_over(sk)) {
		w = socket_wait(&sk->writers, sk, handshake_over, deadline);
		if (w == -EAGAIN)
			return err;
		if (w)
			return w;
	}
	spin_lock(&sk->lock);
	err = tcp_connect_result(ts);
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
	if (ts->connecting == 1 && !ts->defer_connect)
		return wait_connected(ts, -EALREADY, deadline);
	err = ts->connecting || ts->state != TCP_CLOSE ? -EISCONN : tcp_start_connect(ts, ss, len);
	if (!err) {
		ts->connecting = 1;
		/* It asks for a cookie; or, with one, the SYN goes with the first data. */
		if (ts->fastopen_connect && tcp_fastopen_known(ts, NULL)) {
			ts->defer_connect = true;
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
		len = inet_addr_out(is, &is->remote, is->remote_port, is->sk.bound_dev, ss);
	else
		len = inet_addr_out(is, linked ? &ts->node.key.local : &is->local,
				    /* One it had is told of until there is another. */
				    linked || !is->local_port ? ts->node.key.local_port :
								is->local_port,
				    is->sk.bound_dev, ss);
	spin_unlock(&sk->lock);
	return len;
}

static int tcp_accept_name(struct socket *sk, struct sockaddr_storage *ss)
{
	const struct inet_socket *is = inet_sk(sk);

	return inet_addr_out(is, &is->remote, is->remote_port, is->sk.bound_dev, ss);
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
	if (state != TCP_SYN_SENT && (state != TCP_SYN_RECV || READ_ONCE(ts->fastopen_of))) {
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
			WRITE_ONCE(sk->nospace, true);
			__atomic_thread_fence(__ATOMIC_SEQ_CST);
			if (tcp_writable(ts))
				ev |= EPOLLOUT | EPOLLWRNORM;
		}
		if (READ_ONCE(ts->urg_data) & TCP_URG_VALID)
			ev |= EPOLLPRI;
	} else if (state == TCP_SYN_SENT && READ_ONCE(ts->defer_connect)) {
		ev |= EPOLLOUT | EPOLLWRNORM;
	}
	if (READ_ONCE(sk->err))
		ev |= EPOLLERR;
	return ev | inet_poll_errors(&ts->inet);
}

/* --- what ICMP says --- */

static void mtu_reduced(struct tcp_sock *ts, u32 mtu)
{
	if (!mtu || tcp_state_in(ts, F(TCP_LISTEN) | F(TCP_CLOSE)))
		return;
	if (ts->inet.pmtudisc == IP_PMTUDISC_DONT)
		return;
	route_update_mtu(ts->inet.sk.net, &ts->node.key.remote, mtu);
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

	if (ts->state == TCP_CLOSE)
		return;
	/* A SYN-ACK with which data may go at once is told of after it, too. */
	if (!between(seq, ts->fastopen_of ? ts->iss : ts->snd_una, ts->snd_nxt)) {
		tcp_count_stat(ts->tn, TCPS_OUT_OF_WINDOW_ICMPS);
		return;
	}
	if (fragmentation) {
		mtu_reduced(ts, e->info);
		return;
	}
	/* Who has accepted a fast open child has a connection. */
	if (tcp_state_in(ts, F(TCP_SYN_SENT) | F(TCP_SYN_RECV)) &&
	    !(ts->fastopen_of && list_empty(&ts->accept_link))) {
		inet_queue_error(&ts->inet, e, &ts->node.key.remote, ts->node.key.remote_port, NULL,
				 0);
		if (e->err)
			tcp_fail(ts, e->err);
		return;
	}
	if (!e->err)
		return;
	if (!ts->orphan &&
	    (inet_flag(&ts->inet,
		       addr_is_v4(&ts->node.key.remote) ? INET_RECVERR : INET_RECVERR6))) {
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
			tcp_request_error(container_of(node, struct tcp_req, node),
					  get_be32(h + 4));
		return;
	}
	if (node->kind != TCP_KIND_SOCK)
		return;
	ts = tcp_node_sock(node);
	spin_lock(&ts->inet.sk.lock);
	sock_error(ts, get_be32(h + 4), e);
	spin_unlock(&ts->inet.sk.lock);
}

static void tcp_memory(struct socket *sk, u32 *received, u32 *sent)
{
	*received = READ_ONCE(tcp_sk(sk)->rmem);
	*sent = READ_ONCE(tcp_sk(sk)->wmem);
}

static const struct socket_ops tcp_ops = {
	.release = tcp_release,
	.bind = tcp_bind,
	.connect = tcp_connect,
	.listen = tcp_listen,
	.accept = tcp_accept,
	.accept_name = tcp_accept_name,
	.getname = tcp_getname,
	.memory = tcp_memory,
	.sendmsg = tcp_sendmsg,
	.recvmsg = tcp_recvmsg,
	.poll = tcp_poll,
	.shutdown = tcp_shutdown,
	.ioctl = tcp_ioctl,
	.setsockopt = tcp_setsockopt,
	.share_lock = tcp_share_lock,
	.getsockopt = tcp_getsockopt,
	.option_changed = tcp_option_changed,
	.stamp_base = tcp_stamp_base,
	.stamp_stats = tcp_stamp_stats,
	.free = tcp_free,
};

const struct ip_protocol tcp_protocol = {
	.number = IPPROTO_TCP,
	.input = tcp_input,
	.error = tcp_error,
};
