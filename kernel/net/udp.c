/*
 * UDP (udp.h): the tables, receiving, bind and connect. RFC 768, RFC 1122 4.1. Sending is in
 * udp_out.c.
 *
 * Locks: [u] udp_net.lock, for the tables; look-ups are RCU's. Order: a socket's, then [u].
 */
#include "net/udp.h"

#include <compiler.h>
#include <err.h>
#include <uapi/errno.h>
#include <uapi/in.h>
#include <uapi/udp.h>

#include "alloc/slab.h"
#include "core/cred.h"
#include "lib/hash.h"
#include "lib/string.h"
#include "mm/usercopy.h"
#include "net/ipv4.h"
#include "net/mib.h"
#include "net/mcast.h"
#include "net/reuse.h"
#include "net/wire/udp.h"

#define TABLE_BITS 10

struct udp_net {
	struct port_table *ports; /* [I] */
	spinlock_t lock; /* RANK_NET_TABLE */
	struct hlist_head connected[1 << TABLE_BITS]; /* [u] RCU: by both ends */
	struct hlist_head bound[1 << TABLE_BITS]; /* [u] RCU: by local address (or none) and port */
	unsigned on_device; /* [u] sockets bound to a device */
};

static const struct socket_ops udp_ops;

int udp_net_init(struct net *net)
{
	struct udp_net *un = kzalloc(sizeof(*un), 0);

	if (!un)
		return -ENOMEM;
	un->ports = port_table_create();
	if (!un->ports) {
		kfree(un);
		return -ENOMEM;
	}
	if (!sock_sysctl.udp_mem[2])
		sock_mem_shares(sock_sysctl.udp_mem, 8);
	spin_init(&un->lock, RANK_NET_TABLE, "udp");
	net->udp = un;
	return 0;
}

void udp_net_destroy(struct net *net)
{
	if (!net->udp)
		return;
	port_table_destroy(net->udp->ports);
	kfree(net->udp);
	net->udp = NULL;
}

/* --- the tables --- */

static u64 mix_addr(u64 h, const struct in6_addr *a)
{
	const u32 *w = a->s6_addr32;

	if (!addr_is_v4(a))
		h = hash_mix(h, (u64)w[1] << 32 | w[0]);
	return hash_mix(h, (u64)w[3] << 32 | w[2]);
}

static struct hlist_head *connected_chain(struct net *net, const struct in6_addr *local, u16 lport,
					  const struct in6_addr *remote, u16 rport)
{
	u64 h = mix_addr(mix_addr(net->secret[0], local), remote);

	return &net->udp->connected[hash_index(hash_mix(h, (u64)lport << 16 | rport), TABLE_BITS)];
}

/* local NULL or any: those that took no address. */
static struct hlist_head *bound_chain(struct net *net, const struct in6_addr *local, u16 port)
{
	u64 h = net->secret[0];

	if (local && !addr_is_any(local))
		h = mix_addr(h, local);
	return &net->udp->bound[hash_index(hash_mix(h, port), TABLE_BITS)];
}

static bool groups_with(const struct udp_sock *a, const struct udp_sock *b)
{
	return b->d.is.local_port == a->d.is.local_port && b->d.is.uid == a->d.is.uid &&
	       b->d.is.sk.bound_dev == a->d.is.sk.bound_dev && b->d.is.v6only == a->d.is.v6only &&
	       socket_option(&b->d.is.sk, OPT_REUSEPORT) &&
	       b->d.is.sk.family == a->d.is.sk.family && addr_equal(&b->d.is.local, &a->d.is.local);
}

/* One of the group that u belongs to; NULL: it is the first. */
static struct inet_socket *group_of(struct hlist_head *chain, const struct udp_sock *u)
{
	struct udp_sock *o;

	hlist_for_each_entry(o, chain, hash_link)
		if (o != u && groups_with(u, o))
			return &o->d.is;
	return NULL;
}

/* Into the table where its addresses belong. [l] is held. */
static void udp_hash(struct udp_sock *u)
{
	struct inet_socket *is = &u->d.is;
	struct udp_net *un = is->sk.net->udp;
	struct hlist_head *chain;

	spin_lock(&un->lock);
	chain = is->remote_port ? connected_chain(is->sk.net, &is->local, is->local_port,
						  &is->remote, is->remote_port) :
				  bound_chain(is->sk.net, &is->local, is->local_port);
	hlist_add_head(&u->hash_link, chain);
	u->hashed = true;
	u->on_device = is->sk.bound_dev != 0;
	un->on_device += u->on_device;
	if (!is->remote_port && socket_option(&is->sk, OPT_REUSEPORT))
		reuse_join(is, group_of(chain, u));
	spin_unlock(&un->lock);
}

static void udp_unhash(struct udp_sock *u)
{
	struct inet_socket *is = &u->d.is;
	struct udp_net *un = is->sk.net->udp;

	spin_lock(&un->lock);
	if (u->hashed) {
		hlist_del(&u->hash_link);
		u->hashed = false;
		un->on_device -= u->on_device;
		reuse_leave(is);
	}
	spin_unlock(&un->lock);
}

void udp_for_each(struct net *net, void (*fn)(struct udp_sock *u, void *arg), void *arg)
{
	struct udp_sock *u;

	for (size_t i = 0; i < 1 << TABLE_BITS; i++) {
		hlist_for_each_entry(u, &net->udp->bound[i], hash_link)
			fn(u, arg);
		hlist_for_each_entry(u, &net->udp->connected[i], hash_link)
			fn(u, arg);
	}
}

/* Does a socket take packets of this version, and how well does it fit? 0: no. */
static int fits(const struct inet_socket *is, bool v4, int ifindex)
{
	int dev = READ_ONCE(is->sk.bound_dev), score = 1;

	if (v4 ? is->sk.family == AF_INET6 && is->v6only : is->sk.family == AF_INET)
		return 0;
	if (dev && dev != ifindex)
		return 0;
	if (v4 == (is->sk.family == AF_INET))
		score++;
	return score + (dev ? 2 : 0) + reuse_wants_hart(&is->sk);
}

static struct udp_sock *best_bound(struct net *net, const struct in6_addr *key, u16 port, bool v4,
				   int ifindex, u32 flow, const struct packet *p)
{
	struct udp_sock *u, *best = NULL;
	int score = 0;

	hlist_for_each_entry(u, bound_chain(net, key, port), hash_link) {
		const struct inet_socket *is = &u->d.is;
		int s;

		if (is->local_port != port ||
		    (key ? !addr_equal(&is->local, key) : !addr_is_any(&is->local)))
			continue;
		s = fits(is, v4, ifindex);
		if (s <= score)
			continue;
		best = u;
		score = s;
		/* Nobody fits better, unless some ask for a device or a hart. */
		if (s == 2 && !READ_ONCE(net->udp->on_device) && !READ_ONCE(reuse_by_hart))
			break;
	}
	if (!best)
		return NULL;
	/* What programs see of a packet begins behind the header. */
	return udp_sk(&reuse_select(&best->d.is, flow, p, sizeof(struct udp_header))->sk);
}

/* The socket for a packet (p; NULL: what is quoted of one) from remote to local. RCU. */
static struct udp_sock *udp_lookup(struct net *net, const struct in6_addr *local, u16 lport,
				   const struct in6_addr *remote, u16 rport, int ifindex,
				   const struct packet *p)
{
	bool v4 = addr_is_v4(local);
	struct udp_sock *u;
	u64 h;

	hlist_for_each_entry(u, connected_chain(net, local, lport, remote, rport), hash_link) {
		const struct inet_socket *is = &u->d.is;

		if (is->local_port == lport && is->remote_port == rport &&
		    addr_equal(&is->local, local) && addr_equal(&is->remote, remote) &&
		    fits(is, v4, ifindex))
			return u;
	}
	h = hash_mix(mix_addr(net->secret[1], remote), (u64)lport << 16 | rport);
	u = best_bound(net, local, lport, v4, ifindex, (u32)h, p);
	return u ? u : best_bound(net, NULL, lport, v4, ifindex, (u32)h, p);
}

/* --- receiving --- */

static u16 udp_port_of(struct packet *p)
{
	return (u16)(ip_received(p)->upper[0] >> 16);
}

/* A packet of many datagrams of one size goes as it is to those who ask for it, else one by one. */
static void deliver_segments(struct udp_sock *u, struct packet *p)
{
	struct packet *s, *next;
	LIST_HEAD(list);
	u8 cb[sizeof(p->cb)];

	memcpy(cb, p->cb, sizeof(cb));
	packet_push(p, (u32)(packet_headroom(p) - p->network));
	if (packet_segment(p, &list))
		return;
	list_for_each_entry_safe(s, next, &list, link) {
		list_init(&s->link);
		memcpy(s->cb, cb, sizeof(cb));
		packet_drop_front(s, (u32)(s->transport - packet_headroom(s)) + 8);
		dgram_deliver(&u->d, s);
	}
}

static void udp_deliver(struct udp_sock *u, struct packet *p)
{
	if (u->d.is.remote_port)
		reuse_note_hart(&u->d.is.sk);
	if (p->gso && !READ_ONCE(u->gro)) {
		deliver_segments(u, p);
		return;
	}
	packet_drop_front(p, sizeof(struct udp_header));
	dgram_deliver(&u->d, p);
}

/* A copy to each of a chain that takes it. */
static bool deliver_chain(struct hlist_head *chain, const struct in6_addr *key, u16 port,
			  struct packet *p)
{
	const struct ip_received *r = ip_received(p);
	struct udp_sock *u;
	struct packet *c;
	bool any = false;

	hlist_for_each_entry(u, chain, hash_link) {
		const struct inet_socket *is = &u->d.is;

		if (is->local_port != port || !fits(is, addr_is_v4(&r->dst), r->ifindex) ||
		    (key ? !addr_equal(&is->local, key) : !addr_is_any(&is->local)))
			continue;
		if (is->remote_port &&
		    (is->remote_port != udp_port_of(p) || !addr_equal(&is->remote, &r->src)))
			continue;
		if (r->route_type == ROUTE_MULTICAST &&
		    !mcast_wanted(is, &r->dst, &r->src, r->ifindex))
			continue;
		any = true;
		c = packet_clone(p);
		if (c)
			udp_deliver(u, c);
	}
	return any;
}

/* RFC 1122 4.1.3.6: what goes to groups and to all goes to every socket of that port. */
static void deliver_many(struct net *net, u16 sport, u16 dport, struct packet *p)
{
	const struct ip_received *r = ip_received(p);

	bool any = deliver_chain(bound_chain(net, &r->dst, dport), &r->dst, dport, p);

	any |= deliver_chain(bound_chain(net, NULL, dport), NULL, dport, p);
	any |= deliver_chain(connected_chain(net, &r->dst, dport, &r->src, sport), &r->dst, dport,
			     p);
	if (!any)
		mib_count_udp(net, UDP_IGNORED_MULTI, addr_is_v4(&r->dst));
	packet_free(p);
}

static void udp_input(struct net *net, struct packet *p)
{
	struct ip_received *r = ip_received(p);
	const struct udp_header *h = packet_pull_up(p, sizeof(*h));
	bool v4 = addr_is_v4(&r->dst);
	struct udp_sock *u;
	u16 sport, dport;
	u32 n;

	if (!h)
		goto bad;
	n = be16_to_cpu(h->len);
	if (p->gso || (!n && !v4))
		n = p->len;
	if (n < sizeof(*h) || n > p->len)
		goto bad;
	packet_trim(p, n);
	sport = be16_to_cpu(h->src);
	dport = be16_to_cpu(h->dst);
	r->upper[0] = (u32)sport << 16 | dport;
	if (p->csum == CSUM_NONE && h->sum &&
	    csum_fold(packet_sum(p, 0, n, ip_pseudo_sum(&r->src, &r->dst, IPPROTO_UDP, n))))
		goto bad_sum;
	if (r->route_type == ROUTE_MULTICAST || r->route_type == ROUTE_BROADCAST) {
		deliver_many(net, sport, dport, p);
		return;
	}
	u = udp_lookup(net, &r->dst, dport, &r->src, sport, r->ifindex, p);
	/* RFC 6935: in IPv6 a sum must be there. */
	if (!v4 && !h->sum && p->csum == CSUM_NONE && (!u || !READ_ONCE(u->no_check6_rx)))
		goto bad_sum;
	if (u) {
		udp_deliver(u, p);
		return;
	}
	mib_count_udp(net, UDP_NO_PORTS, v4);
	ip_unreachable_port(net, p);
	packet_free(p);
	return;
bad_sum:
	mib_count_udp(net, UDP_IN_CSUM_ERRORS, v4);
bad:
	mib_count_udp(net, UDP_IN_ERRORS, v4);
	packet_free(p);
}

static void udp_error(struct net *net, const struct in6_addr *src, const struct in6_addr *dst,
		      const void *head, u32 n, int ifindex, const struct ip_error *e)
{
	struct udp_sock *u = udp_lookup(net, src, get_be16(head), dst,
					get_be16((const u8 *)head + 2), ifindex, NULL);
	struct ip_error mine = *e;

	if (!u)
		return;
	if (e->err == EMSGSIZE) {
		if (READ_ONCE(u->d.is.pmtudisc) == IP_PMTUDISC_DONT)
			return;
		mine.fatal = true;
	}
	dgram_error(&u->d, &mine, dst, get_be16((const u8 *)head + 2), (const u8 *)head + 8, n - 8);
}

const struct ip_protocol udp_protocol = {
	.number = IPPROTO_UDP,
	.input = udp_input,
	.error = udp_error,
};

/* --- the socket --- */

struct socket *udp_create(struct net *net, u16 family, int type, int protocol)
{
	struct udp_sock *u = kzalloc(sizeof(*u), 0);

	if (!u)
		return ERR_PTR(-ENOMEM);
	dgram_init(&u->d, net, family, type, protocol, &udp_ops);
	mutex_init(&u->cork_mutex);
	return &u->d.is.sk;
}

static void udp_release(struct socket *sk)
{
	struct udp_sock *u = udp_sk(sk);

	udp_flush(u);
	udp_unhash(u);
	spin_lock(&sk->lock);
	port_release(u->d.is.sk.net->udp->ports, &u->d.is);
	spin_unlock(&sk->lock);
	dgram_close(&u->d);
	socket_put(sk);
}

/* With [l] held: takes a port, and is found from then on. */
static int bind_locked(struct udp_sock *u, const struct in6_addr *addr, u16 port)
{
	int err = port_bind(u->d.is.sk.net->udp->ports, &u->d.is, addr, port);

	if (!err)
		udp_hash(u);
	return err;
}

int udp_autobind(struct udp_sock *u)
{
	struct inet_socket *is = &u->d.is;
	int err = 0;

	if (READ_ONCE(is->local_port))
		return 0;
	spin_lock(&is->sk.lock);
	if (!is->local_port) {
		err = bind_locked(u, &is->local, 0);
		if (err == -EADDRINUSE)
			err = -EAGAIN;
	}
	spin_unlock(&is->sk.lock);
	return err;
}

static int udp_bind(struct socket *sk, const struct sockaddr_storage *addr, int len)
{
	struct udp_sock *u = udp_sk(sk);
	struct inet_socket *is = &u->d.is;
	struct in6_addr a;
	int ifindex, err;
	u16 port;

	err = inet_bind_addr(is, addr, len, &a, &port, &ifindex);
	if (err)
		return err;
	spin_lock(&sk->lock);
	if (is->local_port) {
		err = -EINVAL;
	} else {
		if (ifindex)
			is->sk.bound_dev = ifindex;
		err = bind_locked(u, &a, port);
		if (!err) {
			u->d.addr_locked = !addr_is_any(&a);
			u->d.port_locked = port != 0;
		}
	}
	spin_unlock(&sk->lock);
	return err;
}

/* connect(2) with AF_UNSPEC: as it was bound. [l] is held. */
static void disconnect(struct udp_sock *u)
{
	struct inet_socket *is = &u->d.is;
	struct in6_addr any = is->sk.family == AF_INET ? addr_from_v4(0) : (struct in6_addr){ 0 };

	udp_unhash(u);
	is->remote = any;
	is->remote_port = 0;
	route_put(&is->route);
	if (!u->d.addr_locked && is->local_port)
		port_set_addr(is->sk.net->udp->ports, is, &any);
	if (!u->d.port_locked)
		port_release(is->sk.net->udp->ports, is);
	if (is->local_port)
		udp_hash(u);
}

static int udp_connect(struct socket *sk, const struct sockaddr_storage *addr, int len,
		       u64 deadline __unused)
{
	struct udp_sock *u = udp_sk(sk);
	struct inet_socket *is = &u->d.is;
	struct in6_addr dst, src;
	int ifindex, err;
	u16 port;

	if (len < (int)sizeof(addr->ss_family))
		return -EINVAL;
	if (addr->ss_family == AF_UNSPEC) {
		spin_lock(&sk->lock);
		disconnect(u);
		spin_unlock(&sk->lock);
		return 0;
	}
	err = dgram_connect_prepare(&u->d, addr, len, &dst, &src, &port, &ifindex);
	if (!err)
		err = udp_autobind(u);
	if (err)
		return err;
	spin_lock(&sk->lock);
	udp_unhash(u);
	if (ifindex)
		is->sk.bound_dev = ifindex;
	is->remote = dst;
	is->remote_port = port;
	if (addr_is_any(&is->local) || !u->d.addr_locked)
		port_set_addr(is->sk.net->udp->ports, is, &src);
	udp_hash(u);
	spin_unlock(&sk->lock);
	return 0;
}

/* ss -K: who has it is told, and nobody sends to it any more (SOCK_DESTROY of sock_diag(7)). */
void udp_abort(struct socket *sk, int err)
{
	spin_lock(&sk->lock);
	if (!udp_sk(sk)->d.dead) {
		disconnect(udp_sk(sk));
		WRITE_ONCE(sk->err, err);
	}
	spin_unlock(&sk->lock);
	socket_wake_all(sk);
}

static void recv_extra(struct dgram_sock *d, struct packet *p, struct message *m)
{
	int size = p->gso_size;

	if (!(m->flags & MSG_PEEK))
		mib_count_udp(d->is.sk.net, UDP_IN_DATAGRAMS, addr_is_v4(&ip_received(p)->dst));
	if (p->gso && READ_ONCE(udp_sk(&d->is.sk)->gro))
		cmsg_put(m, SOL_UDP, UDP_GRO, &size, sizeof(size));
}

static ssize_t udp_recvmsg(struct socket *sk, struct message *m)
{
	return dgram_receive(dgram_sk(sk), m, udp_port_of, recv_extra);
}

/* --- options: udp(7) --- */

/* Who is bound to a device stands with others of it. */
static void udp_option_changed(struct socket *sk, int name)
{
	struct udp_sock *u = udp_sk(sk);

	inet_option_changed(sk, name);
	if (name != SO_BINDTODEVICE && name != SO_BINDTOIFINDEX)
		return;
	spin_lock(&sk->lock);
	udp_unhash(u);
	if (u->d.is.local_port)
		udp_hash(u);
	spin_unlock(&sk->lock);
}

static spinlock_t *udp_share_lock(struct socket *sk, bool *there)
{
	*there = udp_sk(sk)->hashed;
	return &sk->net->udp->lock;
}

static int udp_setsockopt(struct socket *sk, int level, int name, const void __user *val, int len)
{
	struct udp_sock *u = udp_sk(sk);
	u32 v;

	if (level != SOL_UDP)
		return inet_setsockopt(sk, level, name, val, len);
	if (len < (int)sizeof(v))
		return -EINVAL;
	if (get_user_u32(&v, val))
		return -EFAULT;
	switch (name) {
	case UDP_CORK:
		WRITE_ONCE(u->cork, v != 0);
		return v ? 0 : udp_uncork(u);
	case UDP_NO_CHECK6_TX:
		WRITE_ONCE(u->no_check6_tx, v != 0);
		return 0;
	case UDP_NO_CHECK6_RX:
		WRITE_ONCE(u->no_check6_rx, v != 0);
		return 0;
	case UDP_SEGMENT:
		if (v > 0xffff)
			return -EINVAL;
		WRITE_ONCE(u->segment, (u16)v);
		return 0;
	case UDP_GRO:
		WRITE_ONCE(u->gro, v != 0);
		return 0;
	default:
		return -ENOPROTOOPT;
	}
}

static int udp_getsockopt(struct socket *sk, int level, int name, void __user *val, int __user *len)
{
	struct udp_sock *u = udp_sk(sk);
	int v;

	if (level != SOL_UDP)
		return inet_getsockopt(sk, level, name, val, len);
	switch (name) {
	case UDP_CORK:
		v = u->cork;
		break;
	case UDP_NO_CHECK6_TX:
		v = u->no_check6_tx;
		break;
	case UDP_NO_CHECK6_RX:
		v = u->no_check6_rx;
		break;
	case UDP_SEGMENT:
		v = u->segment;
		break;
	case UDP_GRO:
		v = u->gro;
		break;
	default:
		return -ENOPROTOOPT;
	}
	return sockopt_put(val, len, &v, sizeof(v));
}

static const struct socket_ops udp_ops = {
	.release = udp_release,
	.bind = udp_bind,
	.connect = udp_connect,
	.getname = inet_getname,
	.memory = inet_memory,
	.sendmsg = udp_sendmsg,
	.recvmsg = udp_recvmsg,
	.poll = dgram_poll,
	.shutdown = dgram_shutdown,
	.ioctl = dgram_ioctl,
	.setsockopt = udp_setsockopt,
	.option_changed = udp_option_changed,
	.share_lock = udp_share_lock,
	.getsockopt = udp_getsockopt,
	.free = dgram_free,
};
