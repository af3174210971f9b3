/*
 * Ping sockets, icmp(7): a program without rights sends echo requests, whose identifier is the
 * socket's "port", and is given the replies. Who may is in net.ipv4.ping_group_range.
 */
#include <compiler.h>
#include <err.h>
#include <uapi/errno.h>
#include <uapi/icmp.h>
#include <uapi/in.h>
#include <uapi/in6.h>

#include "alloc/slab.h"
#include "core/cred.h"
#include "core/random.h"
#include "core/sched.h"
#include "mm/iter.h"
#include "net/ipv4.h"
#include "net/raw_impl.h"
#include "net/wire/icmp.h"

#define ICMP6_ECHO_REQUEST 128
#define PING_TRIES	   4096

static const struct socket_ops ping_ops;

static struct hlist_head *chain_of(struct net *net, u16 id)
{
	return &net->raw->ping[id & (RAW_CHAINS - 1)];
}

static struct raw_sock *ping_find(struct net *net, u16 id, const struct in6_addr *local,
				  const struct in6_addr *remote, int ifindex)
{
	struct raw_sock *r;

	hlist_for_each_entry(r, chain_of(net, id), link)
		if (r->d.is.local_port == id && raw_matches(r, local, remote, ifindex))
			return r;
	return NULL;
}

void ping_deliver(struct net *net, struct packet *p)
{
	const struct ip_received *in = ip_received(p);
	const struct icmp_header *h = packet_pull_up(p, sizeof(*h));
	struct raw_sock *r =
		h ? ping_find(net, be16_to_cpu(h->echo.id), &in->dst, &in->src, in->ifindex) : NULL;

	if (r)
		dgram_deliver(&r->d, p);
	else
		packet_free(p);
}

void ping_error(struct net *net, const struct in6_addr *src, const struct in6_addr *dst,
		const void *head, u32 n, int ifindex, const struct ip_error *e)
{
	const struct icmp_header *h = head;
	struct raw_sock *r;

	if (n < sizeof(*h) || h->type != (addr_is_v4(dst) ? ICMP_ECHO : ICMP6_ECHO_REQUEST))
		return;
	r = ping_find(net, be16_to_cpu(h->echo.id), src, dst, ifindex);
	if (r)
		dgram_error(&r->d, e, dst, 0, head, n);
}

/* --- the socket --- */

static bool allowed(const struct net *net)
{
	const struct cred *c = current->cred;
	u32 low = READ_ONCE(net->ip4->ping_low), high = READ_ONCE(net->ip4->ping_high);

	if (low <= c->egid && c->egid <= high)
		return true;
	for (u32 i = 0; i < c->ngroups; i++)
		if (low <= c->groups[i] && c->groups[i] <= high)
			return true;
	return false;
}

struct socket *ping_create(struct net *net, u16 family, int type, int protocol)
{
	struct raw_sock *r;

	if (!allowed(net))
		return ERR_PTR(-EACCES);
	r = kzalloc(sizeof(*r), 0);
	if (!r)
		return ERR_PTR(-ENOMEM);
	dgram_init(&r->d, net, family, type, protocol, &ping_ops);
	return &r->d.is.sk;
}

/* Takes an identifier; id 0: one that is free. [l] is held. */
static int take_id(struct raw_sock *r, u16 id)
{
	struct inet_socket *is = &r->d.is;
	struct raw_net *rn = is->sk.net->raw;
	u16 want = id ? id : (u16)random_u64();
	struct raw_sock *o;
	bool used = true;

	spin_lock(&rn->lock);
	for (int i = 0; i < PING_TRIES && used; i++, want += used) {
		used = !want;
		hlist_for_each_entry(o, chain_of(is->sk.net, want), link)
			used |= o->d.is.local_port == want && o->d.is.sk.family == is->sk.family &&
				!(socket_option(&o->d.is.sk, OPT_REUSEADDR) &&
				  socket_option(&is->sk, OPT_REUSEADDR));
		if (id)
			break;
		if (!used)
			break;
	}
	if (!used) {
		is->local_port = want;
		hlist_add_head(&r->link, chain_of(is->sk.net, want));
		r->linked = true;
	}
	spin_unlock(&rn->lock);
	return used ? -EADDRINUSE : 0;
}

static int ping_bind(struct socket *sk, const struct sockaddr_storage *addr, int len)
{
	struct raw_sock *r = raw_sk(sk);
	struct inet_socket *is = &r->d.is;
	struct in6_addr a;
	int ifindex, err;
	u16 id;

	err = inet_bind_addr(is, addr, len, &a, &id, &ifindex);
	if (err)
		return err;
	spin_lock(&sk->lock);
	err = is->local_port ? -EINVAL : take_id(r, id);
	if (!err) {
		is->local = a;
		r->d.addr_locked = !addr_is_any(&a);
		if (ifindex)
			is->sk.bound_dev = ifindex;
	}
	spin_unlock(&sk->lock);
	return err;
}

static int autobind(struct raw_sock *r)
{
	int err = 0;

	spin_lock(&r->d.is.sk.lock);
	if (!r->d.is.local_port)
		err = take_id(r, 0);
	spin_unlock(&r->d.is.sk.lock);
	return err;
}

static int ping_connect(struct socket *sk, const struct sockaddr_storage *addr, int len,
			u64 deadline)
{
	int err = raw_connect(sk, addr, len, deadline);

	return err ? err : autobind(raw_sk(sk));
}

static ssize_t ping_sendmsg(struct socket *sk, struct message *m)
{
	struct raw_sock *r = raw_sk(sk);
	size_t n = m->data->count;
	bool v4 = sk->family == AF_INET;
	struct icmp_header head, *h;
	struct inet_send s;
	struct ip_send ip;
	struct packet *p;
	u32 sum, mtu;
	int err;

	if (n > 0xffff)
		return -EMSGSIZE;
	if (n < sizeof(head))
		return -EINVAL;
	if (iter_copy_from(m->data, &head, sizeof(head)) != sizeof(head))
		return -EFAULT;
	if (head.type != (v4 ? ICMP_ECHO : ICMP6_ECHO_REQUEST) || head.code)
		return -EINVAL;
	err = dgram_send_begin(&r->d, m, &s);
	if (!err && v4 != addr_is_v4(&s.dst))
		err = -EINVAL;
	if (!err)
		err = autobind(r);
	if (!err)
		err = dgram_route(&r->d, m, &s);
	if (err)
		return err;
	dgram_ip_send(&r->d, &s, (u32)n, &ip, &mtu);
	if (ip.df && n + ip_header_len(&s.dst, s.options_len) > mtu) {
		err = dgram_too_long(&r->d, &s, mtu);
		goto out;
	}
	p = dgram_packet(&r->d, m, sizeof(head), n - sizeof(head));
	if (IS_ERR(p)) {
		err = (int)PTR_ERR(p);
		goto out;
	}
	dgram_mark(&r->d, &s, p);
	h = (struct icmp_header *)p->data;
	*h = head;
	h->echo.id = cpu_to_be16(r->d.is.local_port);
	h->sum = (__force be16)0;
	sum = v4 ? 0 : ip_pseudo_sum(&s.src, &s.dst, IPPROTO_ICMPV6, (u32)n);
	h->sum = (__force be16)csum_fold(packet_sum(p, 0, p->len, sum));
	err = ip_send(r->d.is.sk.net, p, &ip);
out:
	dgram_send_end(&s);
	net_run();
	return err ? err : (ssize_t)n;
}

static ssize_t ping_recvmsg(struct socket *sk, struct message *m)
{
	return dgram_receive(dgram_sk(sk), m, raw_port_of, NULL);
}

static const struct socket_ops ping_ops = {
	.release = raw_release,
	.bind = ping_bind,
	.connect = ping_connect,
	.getname = inet_getname,
	.memory = inet_memory,
	.sendmsg = ping_sendmsg,
	.recvmsg = ping_recvmsg,
	.poll = dgram_poll,
	.shutdown = dgram_shutdown,
	.ioctl = dgram_ioctl,
	.setsockopt = inet_setsockopt,
	.option_changed = inet_option_changed,
	.getsockopt = inet_getsockopt,
	.free = dgram_free,
};
