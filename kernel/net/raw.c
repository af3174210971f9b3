/*
 * Raw sockets, raw(7): they see every packet of their protocol, and send what they like. RFC 1122
 * 3.4, and for IPv6 RFC 3542 3.
 *
 * Locks: raw_net.lock for the tables; look-ups are RCU's.
 */
#include "net/raw.h"

#include <compiler.h>
#include <err.h>
#include <uapi/errno.h>
#include <uapi/icmp.h>
#include <uapi/in.h>
#include <uapi/in6.h>

#include "alloc/slab.h"
#include "lib/string.h"
#include "mm/iter.h"
#include "mm/usercopy.h"
#include "net/inet_opt.h"
#include "net/ipv4.h"
#include "net/ipv6_dev.h"
#include "net/mcast.h"
#include "net/raw_impl.h"
#include "net/wire/ipv6.h"

#define SOL_RAW	      255
#define ICMPV6_FILTER 1

static const struct socket_ops raw_ops;

int raw_net_init(struct net *net)
{
	net->raw = kzalloc(sizeof(*net->raw), 0);
	if (!net->raw)
		return -ENOMEM;
	spin_init(&net->raw->lock, RANK_NET_TABLE, "raw");
	return 0;
}

void raw_net_destroy(struct net *net)
{
	kfree(net->raw);
	net->raw = NULL;
}

static struct hlist_head *chain_of(struct net *net, int protocol)
{
	return &net->raw->by_proto[protocol & (RAW_CHAINS - 1)];
}

static void raw_link(struct raw_sock *r, struct hlist_head *chain)
{
	struct raw_net *rn = r->d.is.sk.net->raw;

	spin_lock(&rn->lock);
	hlist_add_head(&r->link, chain);
	r->linked = true;
	spin_unlock(&rn->lock);
}

static void raw_unlink(struct raw_sock *r)
{
	struct raw_net *rn = r->d.is.sk.net->raw;

	spin_lock(&rn->lock);
	if (r->linked)
		hlist_del(&r->link);
	r->linked = false;
	spin_unlock(&rn->lock);
}

void raw_for_each(struct net *net, bool ping, void (*fn)(struct raw_sock *r, void *arg), void *arg)
{
	struct hlist_head *table = ping ? net->raw->ping : net->raw->by_proto;
	struct raw_sock *r;

	for (size_t i = 0; i < RAW_CHAINS; i++)
		hlist_for_each_entry(r, &table[i], link)
			fn(r, arg);
}

/* --- receiving --- */

bool raw_matches(const struct raw_sock *r, const struct in6_addr *local,
		 const struct in6_addr *remote, int ifindex)
{
	const struct inet_socket *is = &r->d.is;
	int dev = READ_ONCE(is->sk.bound_dev);

	return (is->sk.family == AF_INET) == addr_is_v4(local) &&
	       (addr_is_any(&is->local) || addr_equal(&is->local, local)) &&
	       (addr_is_any(&is->remote) || addr_equal(&is->remote, remote)) &&
	       (!dev || dev == ifindex);
}

/* ICMP_FILTER, ICMPV6_FILTER: is the message's type unwanted? */
static bool filtered(const struct raw_sock *r, struct packet *p)
{
	const u8 *type;
	int proto = r->d.is.sk.protocol;

	if (proto != IPPROTO_ICMP && proto != IPPROTO_ICMPV6)
		return false;
	type = packet_pull_up(p, 1);
	if (!type || (proto == IPPROTO_ICMP && *type >= 32))
		return !type;
	return READ_ONCE(r->icmp_filter[*type / 32]) >> *type % 32 & 1;
}

/* IPV6_CHECKSUM: what arrives is verified as what is sent is filled in (RFC 3542 3.1). */
static bool spoilt(const struct raw_sock *r, const struct packet *p, const struct ip_received *in)
{
	u32 sum;

	if (READ_ONCE(r->checksum) < 0 || p->csum != CSUM_NONE)
		return false;
	sum = ip_pseudo_sum(&in->src, &in->dst, in->proto, p->len);
	return csum_fold(packet_sum(p, 0, p->len, sum)) != 0;
}

bool raw_deliver(struct net *net, struct packet *p)
{
	const struct ip_received *in = ip_received(p);
	struct raw_sock *r;
	bool any = false;

	hlist_for_each_entry(r, chain_of(net, in->proto), link) {
		struct packet *c;

		if (r->d.is.sk.protocol != in->proto ||
		    !raw_matches(r, &in->dst, &in->src, in->ifindex) ||
		    (in->route_type == ROUTE_MULTICAST &&
		     !mcast_wanted(&r->d.is, &in->dst, &in->src, in->ifindex)))
			continue;
		any = true;
		if (filtered(r, p))
			continue;
		if (spoilt(r, p, in)) {
			atomic_inc(&r->d.is.sk.drops);
			continue;
		}
		c = packet_clone(p);
		if (!c)
			continue;
		if (addr_is_v4(&in->dst)) /* IPv4's come with their header */
			packet_push(c, packet_headroom(c) - c->network);
		dgram_deliver(&r->d, c);
	}
	return any;
}

void raw_error(struct net *net, const struct ipv4_header *h, u32 n, int ifindex,
	       const struct ip_error *e)
{
	struct in6_addr src = addr_from_v4(h->src), dst = addr_from_v4(h->dst);
	u32 hlen = (h->version_ihl & 15) * 4u;
	struct raw_sock *r;

	hlist_for_each_entry(r, chain_of(net, h->proto), link) {
		struct ip_error mine = *e;
		bool header = inet_flag(&r->d.is, INET_HDRINCL);

		if (r->d.is.sk.protocol != h->proto || !raw_matches(r, &src, &dst, ifindex))
			continue;
		if (e->err == EMSGSIZE)
			mine.fatal = READ_ONCE(r->d.is.pmtudisc) != IP_PMTUDISC_DONT;
		dgram_error(&r->d, &mine, &dst, 0, (const u8 *)h + (header ? 0 : hlen),
			    header ? n : n - hlen);
	}
}

void raw6_error(struct net *net, const struct in6_addr *src, const struct in6_addr *dst, u8 proto,
		const void *head, u32 n, int ifindex, const struct ip_error *e)
{
	struct raw_sock *r;

	hlist_for_each_entry(r, chain_of(net, proto), link)
		if (r->d.is.sk.protocol == proto && raw_matches(r, src, dst, ifindex))
			dgram_error(&r->d, e, dst, 0, head, n);
}

u16 raw_port_of(struct packet *p __unused)
{
	return 0;
}

static ssize_t raw_recvmsg(struct socket *sk, struct message *m)
{
	return dgram_receive(dgram_sk(sk), m, raw_port_of, NULL);
}

/* --- sending --- */

/* IP_HDRINCL: the program's own header; what it leaves out, and the sum, are filled in. raw(7) */
static int send_with_header(struct raw_sock *r, struct inet_send *s, struct packet *p)
{
	struct ipv4_header *h = packet_pull_up(p, sizeof(*h));
	u32 hlen = h ? (h->version_ihl & 15) * 4u : 0;
	int err = -EINVAL;

	if (!h || hlen < sizeof(*h) || hlen > p->len || !packet_pull_up(p, hlen))
		goto out_free;
	if (p->len > s->route.mtu) {
		packet_free(p);
		return dgram_too_long(&r->d, s, s->route.mtu);
	}
	h = (struct ipv4_header *)p->data;
	if (!h->src)
		h->src = addr_v4(&s->src);
	if (!h->id)
		h->id = cpu_to_be16(ip4_next_id(r->d.is.sk.net, h->src, h->dst, h->proto));
	p->transport = (u16)(packet_headroom(p) + hlen);
	return ip4_output(r->d.is.sk.net, p, &s->route, inet_flag(&r->d.is, INET_MCAST_LOOP));

out_free:
	packet_free(p);
	return err;
}

/* IPV6_HDRINCL: nothing is filled in. The route is that of the address, not of the header. */
static int send6_with_header(struct raw_sock *r, struct inet_send *s, struct packet *p)
{
	if (p->len > s->route.mtu) {
		packet_free(p);
		return dgram_too_long(&r->d, s, s->route.mtu);
	}
	if (!packet_pull_up(p, IPV6_HLEN)) {
		packet_free(p);
		return -EINVAL;
	}
	return ip6_local_out(r->d.is.sk.net, p, &s->route, inet_flag(&r->d.is, INET_MCAST6_LOOP),
			     false);
}

/* IPV6_CHECKSUM, and ICMPv6's always: over the pseudo header, too. */
static bool fill_checksum(const struct raw_sock *r, const struct inet_send *s, struct packet *p)
{
	u32 at = (u32)r->checksum;
	u16 sum;

	if (r->checksum < 0)
		return true;
	if (at + 2 > p->len || !packet_pull_up(p, at + 2))
		return false;
	put_le16(p->data + at, 0);
	sum = csum_fold(packet_sum(
		p, 0, p->len, ip_pseudo_sum(&s->src, &s->dst, (u8)r->d.is.sk.protocol, p->len)));
	put_le16(p->data + at, sum ? sum : 0xffff);
	return true;
}

static ssize_t raw_sendmsg(struct socket *sk, struct message *m)
{
	struct raw_sock *r = raw_sk(sk);
	size_t n = m->data->count;
	bool header = inet_flag(&r->d.is, INET_HDRINCL);
	struct inet_send s;
	struct ip_send ip;
	struct packet *p;
	u32 mtu;
	int err;

	if (n > 0xffff)
		return -EMSGSIZE;
	err = dgram_send_begin(&r->d, m, &s);
	if (err)
		return err;
	if (header && s.options_len && sk->family == AF_INET)
		return -EINVAL;
	/* Where others have a port, IPv6's addresses may name the protocol. */
	if (sk->family == AF_INET6 && m->name && s.port && s.port != sk->protocol &&
	    (sk->protocol != IPPROTO_RAW || s.port > 255))
		return -EINVAL;
	if (sk->family == AF_INET6 && addr_is_v4(&s.dst))
		return -ENETUNREACH;
	err = dgram_route(&r->d, m, &s);
	if (err)
		return err;
	dgram_ip_send(&r->d, &s, (u32)n, &ip, &mtu);
	if (!header && ((ip.df && n + ip_header_len(&s.dst, s.options_len) > mtu) ||
			n + ip_header_len(&s.dst, s.options_len) > 0xffff + 40u)) {
		err = dgram_too_long(&r->d, &s, mtu);
		goto out;
	}
	p = dgram_packet(&r->d, m, 0, n);
	if (!IS_ERR(p))
		dgram_mark(&r->d, &s, p);
	if (IS_ERR(p)) {
		err = (int)PTR_ERR(p);
	} else if (header) {
		err = sk->family == AF_INET ? send_with_header(r, &s, p) :
					      send6_with_header(r, &s, p);
	} else if (!fill_checksum(r, &s, p)) {
		packet_free(p);
		err = -EINVAL;
	} else {
		err = ip_send(r->d.is.sk.net, p, &ip);
	}
out:
	dgram_send_end(&s);
	net_run();
	return err ? err : (ssize_t)n;
}

/* --- the socket --- */

struct socket *raw_create(struct net *net, u16 family, int type, int protocol)
{
	struct raw_sock *r = kzalloc(sizeof(*r), 0);

	if (!r)
		return ERR_PTR(-ENOMEM);
	dgram_init(&r->d, net, family, type, protocol, &raw_ops);
	r->d.is.local_port = (u16)protocol; /* getsockname(2) shows it */
	r->checksum = protocol == IPPROTO_ICMPV6 && family == AF_INET6 ? 2 : -1;
	if (protocol == IPPROTO_RAW)
		inet_set_flag(&r->d.is, INET_HDRINCL, true);
	raw_link(r, chain_of(net, protocol));
	return &r->d.is.sk;
}

void raw_release(struct socket *sk)
{
	raw_unlink(raw_sk(sk));
	dgram_close(dgram_sk(sk));
	socket_put(sk);
}

static int raw_bind(struct socket *sk, const struct sockaddr_storage *addr, int len)
{
	struct inet_socket *is = inet_sk(sk);
	struct in6_addr a;
	int ifindex, err;
	u16 port;

	err = inet_bind_addr(is, addr, len, &a, &port, &ifindex);
	if (err)
		return err;
	spin_lock(&sk->lock);
	if (!addr_is_any(&is->remote)) {
		err = -EINVAL;
	} else {
		is->local = a;
		dgram_sk(sk)->addr_locked = !addr_is_any(&a);
		if (ifindex)
			is->sk.bound_dev = ifindex;
	}
	spin_unlock(&sk->lock);
	return err;
}

int raw_connect(struct socket *sk, const struct sockaddr_storage *addr, int len,
		u64 deadline __unused)
{
	struct dgram_sock *d = dgram_sk(sk);
	struct inet_socket *is = &d->is;
	struct in6_addr dst, src, any = { 0 };
	int ifindex = 0, err = 0;
	u16 port = 0;

	if (len < (int)sizeof(addr->ss_family))
		return -EINVAL;
	if (addr->ss_family == AF_UNSPEC) {
		dst = src = is->sk.family == AF_INET ? addr_from_v4(0) : any;
	} else {
		err = dgram_connect_prepare(d, addr, len, &dst, &src, &port, &ifindex);
		if (err)
			return err;
	}
	spin_lock(&sk->lock);
	if (ifindex)
		is->sk.bound_dev = ifindex;
	is->remote = dst;
	is->remote_port = port;
	route_put(&is->route);
	if (!d->addr_locked)
		is->local = src;
	spin_unlock(&sk->lock);
	return 0;
}

static int raw_setsockopt(struct socket *sk, int level, int name, const void __user *val, int len)
{
	struct raw_sock *r = raw_sk(sk);
	u32 filter[8];
	int v;

	bool sum = (name == IPV6_CHECKSUM || name == IPV6_HDRINCL) && sk->family == AF_INET6 &&
		   (level == SOL_IPV6 || level == SOL_RAW);

	if ((level == SOL_RAW && !sum) || level == IPPROTO_ICMPV6) {
		bool v6 = level == IPPROTO_ICMPV6;

		if (name != ICMP_FILTER)
			return -ENOPROTOOPT;
		if (sk->protocol != (v6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP))
			return -EOPNOTSUPP;
		if (len < 0)
			return -EINVAL;
		memcpy(filter, r->icmp_filter, sizeof(filter));
		if (copy_from_user(filter, val, (size_t)min(len, v6 ? (int)sizeof(filter) : 4)))
			return -EFAULT;
		memcpy(r->icmp_filter, filter, sizeof(filter));
		return 0;
	}
	if (sum) {
		if (len < (int)sizeof(v))
			return -EINVAL;
		if (get_user_u32((u32 *)&v, (const u32 __user *)val))
			return -EFAULT;
		if (name == IPV6_HDRINCL) {
			inet_set_flag(&r->d.is, INET_HDRINCL, v);
			return 0;
		}
		if ((sk->protocol == IPPROTO_ICMPV6 && level == SOL_IPV6) || (v > 0 && v & 1))
			return -EINVAL;
		WRITE_ONCE(r->checksum, v < 0 ? -1 : v);
		return 0;
	}
	return inet_setsockopt(sk, level, name, val, len);
}

static int raw_getsockopt(struct socket *sk, int level, int name, void __user *val, int __user *len)
{
	struct raw_sock *r = raw_sk(sk);
	bool v6 = level == IPPROTO_ICMPV6;

	if (name == IPV6_HDRINCL && sk->family == AF_INET6 &&
	    (level == SOL_IPV6 || level == SOL_RAW)) {
		int on = inet_flag(&r->d.is, INET_HDRINCL);

		return sockopt_put(val, len, &on, sizeof(on));
	}
	if (level == SOL_RAW || v6) {
		if (name != ICMP_FILTER)
			return -ENOPROTOOPT;
		if (sk->protocol != (v6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP))
			return -EOPNOTSUPP;
		return sockopt_put(val, len, r->icmp_filter, v6 ? (int)sizeof(r->icmp_filter) : 4);
	}
	if (level == SOL_IPV6 && name == IPV6_CHECKSUM && sk->family == AF_INET6)
		return sockopt_put(val, len, &r->checksum, sizeof(r->checksum));
	return inet_getsockopt(sk, level, name, val, len);
}

static const struct socket_ops raw_ops = {
	.release = raw_release,
	.bind = raw_bind,
	.connect = raw_connect,
	.getname = inet_getname,
	.memory = inet_memory,
	.sendmsg = raw_sendmsg,
	.recvmsg = raw_recvmsg,
	.poll = dgram_poll,
	.shutdown = dgram_shutdown,
	.ioctl = dgram_ioctl,
	.setsockopt = raw_setsockopt,
	.option_changed = inet_option_changed,
	.getsockopt = raw_getsockopt,
	.free = dgram_free,
};
