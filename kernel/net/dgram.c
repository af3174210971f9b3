/*
 * What UDP, raw and ping sockets share (dgram.h): receiving, waiting, and what a message asks for.
 */
#include "net/dgram.h"

#include <compiler.h>
#include <err.h>
#include <uapi/epoll.h>
#include <uapi/errno.h>
#include <uapi/errqueue.h>
#include <uapi/in.h>
#include <uapi/ioctl.h>
#include <uapi/termios.h>

#include "alloc/slab.h"
#include "core/time.h"
#include "mm/iter.h"
#include "mm/usercopy.h"
#include "net/inet_opt.h"
#include "net/ipv4.h"
#include "net/mcast.h"
#include "net/mib.h"
#include "net/neigh.h"
#include "net/route.h"

#define WRITABLE (EPOLLOUT | EPOLLWRNORM | EPOLLWRBAND)
#define READABLE (EPOLLIN | EPOLLRDNORM)

void dgram_init(struct dgram_sock *d, struct net *net, u16 family, int type, int protocol,
		const struct socket_ops *ops)
{
	inet_init(&d->is, net, family, type, protocol, ops);
	list_init(&d->queue);
	mutex_init(&d->read_mutex);
}

void dgram_close(struct dgram_sock *d)
{
	LIST_HEAD(gone);

	spin_lock(&d->is.sk.lock);
	d->dead = true;
	list_splice_init(&d->queue, &gone);
	spin_unlock(&d->is.sk.lock);
	inet_purge_errors(&d->is);
	packet_free_list(&gone);
	mcast_leave_all(&d->is);
}

static void free_rcu(struct rcu_head *h)
{
	struct dgram_sock *d = container_of(h, struct dgram_sock, rcu);

	inet_destroy(&d->is);
	kfree(d);
}

void dgram_free(struct socket *sk)
{
	/* Who found it in a table may still be looking at its options. */
	call_rcu(&dgram_sk(sk)->rcu, free_rcu);
}

/* --- receiving --- */

void dgram_deliver(struct dgram_sock *d, struct packet *p)
{
	struct socket *sk = &d->is.sk;
	/* A filter sees datagrams from their transport header on, which may be off already. */
	int off = sk->type == SOCK_RAW ? 0 : (int)p->transport - (int)packet_headroom(p);
	s64 kept = (s64)socket_filter(sk, p, off) + off;

	if (kept <= (s64)off) {
		packet_free(p);
		return;
	}
	packet_trim(p, (u32)max(kept, (s64)0));
	packet_set_dev(p, NULL); /* a device can go while its packets are read */
	if (!sock_charge_receive(sk, p)) {
		if (sk->type == SOCK_DGRAM && sk->protocol == IPPROTO_UDP) {
			bool v4 = addr_is_v4(&ip_received(p)->dst);

			mib_count_udp(d->is.sk.net, UDP_RCVBUF_ERRORS, v4);
			mib_count_udp(d->is.sk.net, UDP_IN_ERRORS, v4);
		}
		atomic_inc(&sk->drops);
		packet_free(p);
		return;
	}
	spin_lock(&sk->lock);
	if (d->dead) {
		spin_unlock(&sk->lock);
		packet_free(p);
		return;
	}
	list_add_tail(&p->link, &d->queue);
	d->queue_bytes += p->len;
	ip_received(p)->upper[5] = (u32)atomic_read(&sk->drops);
	spin_unlock(&sk->lock);
	socket_wake_in(sk, READABLE);
}

void dgram_error(struct dgram_sock *d, const struct ip_error *e, const struct in6_addr *dst,
		 u16 port, const void *data, u32 n)
{
	struct inet_socket *is = &d->is;
	bool v6 = is->sk.family == AF_INET6 && !addr_is_v4(dst);

	if (inet_flag(is, v6 ? INET_RECVERR6 : INET_RECVERR))
		inet_queue_error(is, e, dst, port, data, n);
	else if (!e->fatal || addr_is_any(&is->remote))
		return;
	socket_set_error(&is->sk, e->err);
	wake_up_key(&is->sk.readers, EPOLLERR);
	wake_up_all(&is->sk.readers);
}

static bool readable(void *arg)
{
	struct dgram_sock *d = arg;

	return !list_empty(&d->queue) || READ_ONCE(d->is.sk.err) ||
	       READ_ONCE(d->is.sk.shutdown) & SHUT_RECEIVE;
}

/* SO_PEEK_OFF: what is before it does not count. */
static bool peekable(void *arg)
{
	struct dgram_sock *d = arg;
	int off = READ_ONCE(d->is.sk.peek_off);

	return READ_ONCE(d->is.sk.err) || READ_ONCE(d->is.sk.shutdown) & SHUT_RECEIVE ||
	       (off > 0 ? READ_ONCE(d->queue_bytes) > (u32)off : !list_empty(&d->queue));
}

/* The packet in which byte *off of what is queued lies; *off becomes its place there. */
static struct packet *peek_at(struct dgram_sock *d, u32 *off)
{
	struct packet *p;

	list_for_each_entry(p, &d->queue, link) {
		if (*off < p->len || !*off)
			return p;
		*off -= p->len;
	}
	return NULL;
}

/*
 * The next packet: taken off, or, to be peeked at, left there and read_mutex held. ERR_PTR(-errno);
 * NULL: nothing comes any more.
 */
static struct packet *next_packet(struct dgram_sock *d, struct message *m, u32 *off)
{
	struct socket *sk = &d->is.sk;
	bool peek = m->flags & MSG_PEEK;
	struct packet *p;
	int err, at;

	for (;;) {
		err = socket_take_error(sk);
		if (err)
			return ERR_PTR(err);
		mutex_lock(&d->read_mutex);
		spin_lock(&sk->lock);
		at = READ_ONCE(sk->peek_off);
		*off = peek && at > 0 ? (u32)at : 0;
		p = peek_at(d, off);
		if (p && !peek) {
			list_del_init(&p->link);
			d->queue_bytes -= p->len;
			if (at > 0)
				WRITE_ONCE(sk->peek_off, max(at - (int)p->len, 0));
		}
		spin_unlock(&sk->lock);
		if (!p || !peek)
			mutex_unlock(&d->read_mutex);
		if (p)
			return p;
		/* As Linux: who does not wait is not told of the end. */
		if (READ_ONCE(sk->shutdown) & SHUT_RECEIVE)
			return m->deadline ? NULL : ERR_PTR(-EAGAIN);
		net_run();
		err = socket_wait(&sk->readers, sk, peek ? peekable : readable, m->deadline);
		if (err)
			return ERR_PTR(err);
	}
}

ssize_t dgram_receive(struct dgram_sock *d, struct message *m, u16 (*port_of)(struct packet *p),
		      void (*extra)(struct dgram_sock *d, struct packet *p, struct message *m))
{
	struct socket *sk = &d->is.sk;
	struct ip_received *r;
	struct packet *p;
	size_t n, copied;
	ssize_t ret;
	u32 off = 0;

	if (m->flags & MSG_ERRQUEUE)
		return inet_recv_error(&d->is, m);
	p = next_packet(d, m, &off);
	if (IS_ERR_OR_NULL(p))
		return PTR_ERR(p);
	r = ip_received(p);
	n = p->len - off;
	copied = min(n, m->data->count);
	if (copied < n)
		m->out_flags |= MSG_TRUNC;
	ret = m->flags & MSG_TRUNC ? (ssize_t)n : (ssize_t)copied;
	if (packet_copy_to_iter(p, off, m->data, copied) != copied) {
		ret = -EFAULT;
		goto out;
	}
	if (m->name)
		m->name_len = inet_addr_out(&d->is, &r->src, port_of(p), r->ifindex, m->name);
	inet_recv_common(&d->is, p, m);
	if (extra)
		extra(d, p, m);
	inet_recv_cmsgs(&d->is, p, m);
	if (m->flags & MSG_PEEK && READ_ONCE(sk->peek_off) >= 0)
		WRITE_ONCE(sk->peek_off, READ_ONCE(sk->peek_off) + (int)copied);
out:
	if (m->flags & MSG_PEEK)
		mutex_unlock(&d->read_mutex);
	else
		packet_free(p);
	return ret;
}

u32 dgram_poll(struct socket *sk, struct file *f __unused, struct poll_table *pt __unused)
{
	struct dgram_sock *d = dgram_sk(sk);
	u32 mask = 0, down = READ_ONCE(sk->shutdown);

	if (READ_ONCE(sk->err))
		mask |= EPOLLERR;
	mask |= inet_poll_errors(&d->is);
	if (down & SHUT_RECEIVE)
		mask |= EPOLLRDHUP | READABLE;
	if (down == SHUT_BOTH)
		mask |= EPOLLHUP;
	if (!list_empty(&d->queue))
		mask |= READABLE;
	if (sock_writable(sk))
		mask |= WRITABLE;
	return mask;
}

long dgram_ioctl(struct socket *sk, unsigned cmd, unsigned long arg)
{
	struct dgram_sock *d = dgram_sk(sk);
	u32 n = 0;

	switch (cmd) {
	case FIONREAD:
		spin_lock(&sk->lock);
		if (!list_empty(&d->queue))
			n = list_first_entry(&d->queue, struct packet, link)->len;
		spin_unlock(&sk->lock);
		break;
	case TIOCOUTQ:
		n = sock_send_used(sk);
		break;
	default:
		return inet_ioctl(sk, cmd, arg);
	}
	return put_user_u32(n, (u32 __user *)arg);
}

int dgram_shutdown(struct socket *sk, unsigned how)
{
	struct inet_socket *is = inet_sk(sk);
	int err = addr_is_any(&is->remote) ? -ENOTCONN : 0;

	/* Linux shuts it down even if it says that it is not connected. */
	spin_lock(&sk->lock);
	WRITE_ONCE(sk->shutdown, sk->shutdown | how);
	spin_unlock(&sk->lock);
	wake_up_key(&sk->readers, EPOLLIN | EPOLLOUT | EPOLLHUP | EPOLLRDHUP);
	socket_wake_all(sk);
	return err;
}

/* --- sending --- */

/* As inet_check_version; but IPv4 is reached by who has an address of IPv6 from connect(2) only. */
static int check_version(const struct dgram_sock *d, const struct in6_addr *dst)
{
	return addr_is_v4(dst) && !d->addr_locked ? 0 : inet_check_version(&d->is, dst);
}

int dgram_send_begin(struct dgram_sock *d, const struct message *m, struct inet_send *s)
{
	struct inet_socket *is = &d->is;
	int err, ifindex = 0;

	*s = (struct inet_send){
		.ttl = -1,
		.tos = -1,
		.dontfrag = -1,
		.sock = { READ_ONCE(is->sk.mark), READ_ONCE(is->sk.timestamping) },
		.oif = READ_ONCE(is->sk.bound_dev),
	};
	if (m->flags & MSG_OOB)
		return -EOPNOTSUPP;
	if (m->name && m->name->ss_family == AF_UNSPEC && is->sk.family == AF_INET) {
		struct sockaddr_storage v4 = *m->name;

		v4.ss_family = AF_INET;
		err = inet_addr_in(is, &v4, m->name_len, &s->dst, &s->port, &ifindex);
	} else if (m->name && !(m->name->ss_family == AF_UNSPEC && !addr_is_any(&is->remote))) {
		err = inet_addr_in(is, m->name, m->name_len, &s->dst, &s->port, &ifindex);
	} else {
		spin_lock(&is->sk.lock);
		s->dst = is->remote;
		s->port = is->remote_port;
		s->connected = !addr_is_any(&s->dst);
		spin_unlock(&is->sk.lock);
		err = s->connected ? 0 : -EDESTADDRREQ;
	}
	if (err)
		return err;
	if (ifindex) {
		if (s->oif && s->oif != ifindex)
			return -EINVAL;
		s->oif = ifindex;
	}
	if (addr_is_any(&s->dst) && !addr_is_v4(&s->dst))
		s->dst = inet_this_host(is);
	err = m->name ? check_version(d, &s->dst) : 0;
	if (err)
		return err;
	s->src = addr_is_v4(&s->dst) ? addr_from_v4(0) : (struct in6_addr){ 0 };
	if (!addr_is_v4(&s->dst) && addr_is_link_local(&s->dst) && !s->oif &&
	    !addr_is_multicast(&s->dst))
		return -EINVAL;
	return m->control_len ? inet_send_cmsgs(is, m, s) : 0;
}

int dgram_route(struct dgram_sock *d, const struct message *m, struct inet_send *s)
{
	struct inet_socket *is = &d->is;
	struct route_key key;
	int err = 0;

	if (addr_is_v4(&s->dst) && !s->options_len && READ_ONCE(is->opt)) {
		spin_lock(&is->sk.lock);
		if (is->opt->ip_options) {
			s->options_len = is->opt->ip_options_len;
			memcpy(s->options, is->opt->ip_options, s->options_len);
		}
		spin_unlock(&is->sk.lock);
	}
	if (s->connected && addr_is_any(&s->src) && s->oif == READ_ONCE(is->sk.bound_dev) &&
	    !(m->flags & MSG_DONTROUTE)) {
		/* The socket's own route, which holds until routes change. */
		spin_lock(&is->sk.lock);
		err = inet_route(is, &s->dst);
		if (!err) {
			s->route = is->route;
			netdev_get(s->route.dev);
			if (s->route.neigh)
				neigh_get(s->route.neigh);
		}
		spin_unlock(&is->sk.lock);
	} else {
		inet_route_key(is, &s->dst, &key);
		if (!addr_is_any(&s->src)) {
			if (addr_is_v4(&s->src) && !inet_flag(is, INET_FREEBIND) &&
			    !inet_flag(is, INET_TRANSPARENT) && !addr_is_local(is->sk.net, &s->src))
				return -EINVAL;
			key.src = s->src;
		}
		if (s->oif)
			key.oif = s->oif;
		err = route_lookup(is->sk.net, &key, &s->route);
	}
	if (err) {
		route_put(&s->route);
		return err;
	}
	if (s->route.type == ROUTE_BROADCAST && !socket_option(&is->sk, OPT_BROADCAST))
		err = -EACCES;
	else if ((m->flags & MSG_DONTROUTE || socket_option(&is->sk, OPT_DONTROUTE)) &&
		 !addr_equal(&s->route.hop, &s->route.dst))
		err = -ENETUNREACH;
	else if (READ_ONCE(is->sk.shutdown) & SHUT_SEND)
		err = -EPIPE;
	if (err) {
		route_put(&s->route);
		return err;
	}
	if (!addr_is_v4(&s->dst))
		err = inet6_build_ext(is, s);
	if (err) {
		route_put(&s->route);
		return err;
	}
	if (m->flags & MSG_CONFIRM)
		neigh_confirm(s->route.neigh);
	s->src = s->route.src;
	s->dst = s->route.dst;
	return 0;
}

void dgram_send_end(struct inet_send *s)
{
	route_put(&s->route);
	kfree(s->ext);
}

void dgram_ip_send(struct dgram_sock *d, const struct inet_send *s, u32 n, struct ip_send *ip,
		   u32 *mtu)
{
	struct inet_socket *is = &d->is;
	bool group = addr_is_multicast(&s->dst), v4 = addr_is_v4(&s->dst);
	int ttl = s->ttl >= 0 ? s->ttl : group ? READ_ONCE(is->mcast_ttl) : READ_ONCE(is->ttl);

	*ip = (struct ip_send){
		.src = s->src,
		.dst = s->dst,
		.route = &s->route,
		.proto = (u8)is->sk.protocol,
		.ttl = ttl > 0 ? (u8)ttl : 0,
		.ttl_zero = !ttl,
		.tos = s->tos >= 0 ? (u8)s->tos : READ_ONCE(is->tos),
		.no_loop = !inet_flag(is, v4 ? INET_MCAST_LOOP : INET_MCAST6_LOOP),
		.flow_label = s->flow_label,
		.options = s->ext ? s->ext : s->options,
		.options_len = s->options_len,
		.options_first = s->ext_first,
	};
	ip->df = inet_df(is, &s->route, n + ip_header_len(&s->dst, s->options_len), mtu);
	if (!v4) {
		ip->local_fragments =
			!(s->dontfrag >= 0 ? s->dontfrag : inet_flag(is, INET_DONTFRAG6)) &&
			READ_ONCE(is->pmtudisc) != IP_PMTUDISC_DO;
		ip->df = !ip->local_fragments;
		ip->auto_label = inet6_auto_label(is);
	}
}

static bool writable(void *arg)
{
	struct socket *sk = arg;

	return sock_send_used(sk) < READ_ONCE(sk->sndbuf) || READ_ONCE(sk->err) ||
	       READ_ONCE(sk->shutdown) & SHUT_SEND;
}

struct packet *dgram_packet(struct dgram_sock *d, struct message *m, u32 header, size_t n)
{
	bool lends = m->flags & MSG_ZEROCOPY && socket_option(&d->is.sk, OPT_ZEROCOPY);
	struct socket *sk = &d->is.sk;
	struct packet_loan *loan = NULL;
	struct packet *p;
	bool linear = n <= 1024 && !lends;
	int err;

	for (;;) {
		err = socket_take_error(sk);
		if (err)
			return ERR_PTR(err);
		if (READ_ONCE(sk->shutdown) & SHUT_SEND)
			return ERR_PTR(-EPIPE);
		if (sock_send_used(sk) < READ_ONCE(sk->sndbuf))
			break;
		net_run();
		err = socket_wait(&sk->writers, sk, writable, m->deadline);
		if (err)
			return ERR_PTR(err);
	}
	/* What is short goes into the linear part, at once. */
	p = packet_alloc(PACKET_HEADROOM, header + (linear ? (u32)n : 0));
	if (!p)
		return ERR_PTR(-ENOBUFS);
	packet_put(p, header);
	if (lends) {
		loan = inet_lend(&d->is, n, NULL);
		err = loan ? 0 : -ENOBUFS;
		p->loan = loan;
		if (loan) {
			atomic_inc(&loan->refs);
			err = packet_lend_iter(p, m->data, n) == n ? 0 : -EFAULT;
		}
	} else if (linear) {
		if (iter_copy_from(m->data, packet_put(p, (u32)n), n) != n)
			err = -EFAULT;
	} else {
		err = packet_append_iter(p, m->data, n);
	}
	p->priority = (u8)READ_ONCE(sk->priority);
	if (!err && !sock_charge_send(sk, p))
		err = -ENOBUFS;
	if (err)
		packet_free(p);
	if (loan)
		inet_lend_end(loan, !err);
	return err ? ERR_PTR(err) : p;
}

void dgram_mark(struct dgram_sock *d, const struct inet_send *s, struct packet *p)
{
	p->mark = s->sock.mark;
	if (unlikely(s->sock.stamps))
		sock_stamp_tx(&d->is.sk, s->sock.stamps, p);
}

int dgram_too_long(struct dgram_sock *d, const struct inet_send *s, u32 mtu)
{
	struct ip_error e = {
		.origin = SO_EE_ORIGIN_LOCAL,
		.err = EMSGSIZE,
		.info = mtu,
	};
	struct inet_socket *is = &d->is;

	if (inet_flag(is, addr_is_v4(&s->dst) ? INET_RECVERR : INET_RECVERR6))
		inet_queue_error(is, &e, &s->dst, s->port, NULL, 0);
	return -EMSGSIZE;
}

/* --- connecting --- */

int dgram_connect_prepare(struct dgram_sock *d, const struct sockaddr_storage *addr, int len,
			  struct in6_addr *dst, struct in6_addr *src, u16 *port, int *ifindex)
{
	struct inet_socket *is = &d->is;
	struct route_key key;
	struct route r;
	int err = inet_addr_in(is, addr, len, dst, port, ifindex);

	if (err)
		return err;
	if (*ifindex && is->sk.bound_dev && is->sk.bound_dev != *ifindex)
		return -EINVAL;
	if (!addr_is_v4(dst) && addr_is_any(dst))
		*dst = inet_this_host(is);
	if (!addr_is_v4(dst) && addr_is_link_local(dst) && !*ifindex && !is->sk.bound_dev &&
	    !addr_is_multicast(dst))
		return -EINVAL;
	err = check_version(d, dst);
	if (err)
		return err;
	inet_route_key(is, dst, &key);
	if (*ifindex)
		key.oif = *ifindex;
	err = route_lookup(is->sk.net, &key, &r);
	if (err) {
		route_put(&r);
		return err;
	}
	if (r.type == ROUTE_BROADCAST && !socket_option(&is->sk, OPT_BROADCAST)) {
		route_put(&r);
		return -EACCES;
	}
	*dst = r.dst;
	*src = r.src;
	route_put(&r);
	return 0;
}
