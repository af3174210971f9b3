/*
 * Control data of AF_INET and AF_INET6 messages, both ways, and the error queue: ip(7), ipv6(7),
 * IP_RECVERR; RFC 3542. No locks but the socket's, for the queue.
 */
#include <compiler.h>
#include <err.h>
#include <uapi/epoll.h>
#include <uapi/errno.h>
#include <uapi/errqueue.h>
#include <uapi/in.h>
#include <uapi/in6.h>
#include <uapi/time.h>
#include <uapi/udp.h>

#include "core/cred.h"
#include "core/time.h"
#include "lib/string.h"
#include "mm/iter.h"
#include "net/dgram.h"
#include "net/inet.h"
#include "net/ipv4.h"
#include "net/route.h"

/* --- of what is received --- */

void inet_recv_common(struct inet_socket *is, struct packet *p, struct message *m)
{
	struct socket *sk = &is->sk;
	u64 stamp;

	if (socket_option(sk, OPT_TIMESTAMP) || socket_option(sk, OPT_TIMESTAMPNS)) {
		stamp = p->stamp ? p->stamp : now_real();
		if (socket_option(sk, OPT_TIMESTAMPNS)) {
			struct timespec ts = { (s64)(stamp / NSEC_PER_SEC),
					       (s64)(stamp % NSEC_PER_SEC) };

			cmsg_put(m, SOL_SOCKET, SO_TIMESTAMPNS, &ts, sizeof(ts));
		} else {
			struct timeval tv = { (s64)(stamp / NSEC_PER_SEC),
					      (s64)(stamp % NSEC_PER_SEC / 1000) };

			cmsg_put(m, SOL_SOCKET, SO_TIMESTAMP, &tv, sizeof(tv));
		}
	}
	if (READ_ONCE(sk->timestamping) & SOF_TIMESTAMPING_SOFTWARE && p->stamp) {
		struct scm_timestamping all = { .ts[0] = { (s64)(p->stamp / NSEC_PER_SEC),
							   (s64)(p->stamp % NSEC_PER_SEC) } };

		cmsg_put(m, SOL_SOCKET, SO_TIMESTAMPING, &all, sizeof(all));
	}
	if (socket_option(sk, OPT_RXQ_OVFL) && ip_received(p)->upper[5])
		cmsg_put(m, SOL_SOCKET, SO_RXQ_OVFL, &ip_received(p)->upper[5], sizeof(u32));
}

/* The ports at the head of a packet of UDP or TCP: 0, if it has none. */
static u16 local_port(const struct packet *p)
{
	u8 proto = ip_received((struct packet *)p)->proto;

	return proto == IPPROTO_UDP || proto == IPPROTO_TCP ?
		       get_be16((u8 *)packet_transport(p) + 2) :
		       0;
}

static void put_pktinfo(struct inet_socket *is, const struct ip_received *r, struct message *m)
{
	struct in_pktinfo info = {
		.ipi_ifindex = r->ifindex,
		.ipi_addr.s_addr = (__force u32)addr_v4(&r->dst),
	};
	struct netdev *d;

	if (r->route_type == ROUTE_LOCAL) {
		info.ipi_spec_dst = info.ipi_addr;
	} else {
		d = netdev_by_index(is->net, r->ifindex);
		if (d)
			info.ipi_spec_dst.s_addr = (__force u32)ip4_select_source(
				is->net, d, addr_v4(&r->src), SCOPE_LINK);
	}
	cmsg_put(m, SOL_IP, IP_PKTINFO, &info, sizeof(info));
}

static void recv_cmsgs4(struct inet_socket *is, struct packet *p, struct message *m)
{
	const struct ip_received *r = ip_received(p);
	const struct ipv4_header *h = packet_network(p);
	struct sockaddr_in sin = { .sin_family = AF_INET };
	u8 echo[IPV4_MAX_OPTIONS];
	int v;

	if (inet_flag(is, INET_PKTINFO))
		put_pktinfo(is, r, m);
	if (inet_flag(is, INET_RECVTTL)) {
		v = r->ttl;
		cmsg_put(m, SOL_IP, IP_TTL, &v, sizeof(v));
	}
	if (inet_flag(is, INET_RECVTOS))
		cmsg_put(m, SOL_IP, IP_TOS, &r->tos, 1);
	if (inet_flag(is, INET_RECVOPTS) && r->options_len)
		cmsg_put(m, SOL_IP, IP_RECVOPTS, h + 1, r->options_len);
	if (inet_flag(is, INET_RETOPTS) && r->options_len)
		cmsg_put(m, SOL_IP, IP_RETOPTS, echo, ip4_options_echo(h, echo));
	if (inet_flag(is, INET_RECVORIGDST)) {
		sin.sin_port = (__force u16)cpu_to_be16(local_port(p));
		sin.sin_addr.s_addr = (__force u32)addr_v4(&r->dst);
		cmsg_put(m, SOL_IP, IP_ORIGDSTADDR, &sin, sizeof(sin));
	}
}

static void recv_cmsgs6(struct inet_socket *is, struct packet *p, struct message *m)
{
	const struct ip_received *r = ip_received(p);
	struct in6_pktinfo info = { r->dst, r->ifindex };
	struct sockaddr_in6 sin;
	u32 flow;
	int v;

	if (inet_flag(is, INET_PKTINFO6))
		cmsg_put(m, SOL_IPV6, IPV6_PKTINFO, &info, sizeof(info));
	if (addr_is_v4(&r->dst))
		return;
	if (inet_flag(is, INET_RECVHOPLIMIT)) {
		v = r->ttl;
		cmsg_put(m, SOL_IPV6, IPV6_HOPLIMIT, &v, sizeof(v));
	}
	if (inet_flag(is, INET_RECVTCLASS)) {
		v = r->tos;
		cmsg_put(m, SOL_IPV6, IPV6_TCLASS, &v, sizeof(v));
	}
	if (inet_flag(is, INET_FLOWINFO) && r->flow_label) {
		flow = (__force u32)cpu_to_be32((u32)r->tos << 20 | r->flow_label);
		cmsg_put(m, SOL_IPV6, IPV6_FLOWINFO, &flow, sizeof(flow));
	}
	if (inet_flag(is, INET_RECVORIGDST6)) {
		inet_addr_out(is, &r->dst, local_port(p), r->ifindex,
			      (struct sockaddr_storage *)&sin);
		cmsg_put(m, SOL_IPV6, IPV6_ORIGDSTADDR, &sin, sizeof(sin));
	}
}

void inet_recv_cmsgs(struct inet_socket *is, struct packet *p, struct message *m)
{
	if (is->sk.family == AF_INET6)
		recv_cmsgs6(is, p, m);
	if (addr_is_v4(&ip_received(p)->dst))
		recv_cmsgs4(is, p, m);
}

/* --- of what is sent --- */

/* An int from a control message; out of [low, high] or not an int: false. */
static bool cmsg_int(const struct cmsghdr *c, int low, int high, int *v)
{
	if (c->cmsg_len != sizeof(*c) + sizeof(*v))
		return false;
	memcpy(v, cmsg_data(c), sizeof(*v));
	return *v >= low && *v <= high;
}

static int send_cmsg4(struct inet_socket *is, const struct cmsghdr *c, struct inet_send *s)
{
	size_t n = c->cmsg_len - sizeof(*c);
	struct in_pktinfo info;
	int v;

	switch (c->cmsg_type) {
	case IP_PKTINFO:
		if (n != sizeof(info))
			return -EINVAL;
		memcpy(&info, cmsg_data(c), sizeof(info));
		if (info.ipi_ifindex)
			s->oif = info.ipi_ifindex;
		if (info.ipi_spec_dst.s_addr)
			s->src = addr_from_v4((__force be32)info.ipi_spec_dst.s_addr);
		return 0;
	case IP_TTL:
		if (!cmsg_int(c, 1, 255, &v))
			return -EINVAL;
		s->ttl = v;
		return 0;
	case IP_TOS:
		if (n == 1)
			v = *(const u8 *)cmsg_data(c);
		else if (!cmsg_int(c, 0, 255, &v))
			return -EINVAL;
		s->tos = v;
		return 0;
	case IP_RETOPTS:
		if (n > sizeof(s->options))
			return -EINVAL;
		memcpy(s->options, cmsg_data(c), n);
		s->options_len = (u32)n;
		return ip4_options_check(is->net, s->options, &s->options_len);
	default:
		return -EINVAL;
	}
}

static int send_cmsg6(struct inet_socket *is, const struct cmsghdr *c, struct inet_send *s)
{
	struct in6_pktinfo info;
	int v;

	switch (c->cmsg_type) {
	case IPV6_PKTINFO:
	case IPV6_2292PKTINFO:
		if (c->cmsg_len < sizeof(*c) + sizeof(info))
			return -EINVAL;
		memcpy(&info, cmsg_data(c), sizeof(info));
		if (info.ipi6_ifindex) {
			if (s->oif && s->oif != info.ipi6_ifindex)
				return -EINVAL;
			s->oif = info.ipi6_ifindex;
		}
		if (addr_is_any(&info.ipi6_addr))
			return 0;
		s->src = info.ipi6_addr;
		return addr_is_v4(&s->src) != addr_is_v4(&s->dst) ||
				       (!addr_is_local(is->net, &s->src) &&
					!inet_flag(is, INET_FREEBIND)) ?
			       -EINVAL :
			       0;
	case IPV6_HOPLIMIT:
	case IPV6_2292HOPLIMIT:
		if (!cmsg_int(c, -1, 255, &v))
			return -EINVAL;
		s->ttl = v;
		return 0;
	case IPV6_TCLASS:
		if (!cmsg_int(c, -1, 255, &v))
			return -EINVAL;
		s->tos = v;
		return 0;
	case IPV6_DONTFRAG:
		if (!cmsg_int(c, 0, 1, &v))
			return -EINVAL;
		s->dontfrag = v;
		return 0;
	case IPV6_FLOWINFO:
		if (!cmsg_int(c, S32_MIN, S32_MAX, &v))
			return -EINVAL;
		s->flow_label = bswap32((u32)v) & 0xfffff;
		return 0;
	default:
		return -EINVAL;
	}
}

static int send_cmsg(struct inet_socket *is, const struct cmsghdr *c, struct inet_send *s)
{
	bool v6 = is->sk.family == AF_INET6;

	switch (c->cmsg_level) {
	case SOL_SOCKET:
		switch (c->cmsg_type) {
		case SO_MARK:
			if (!capable(CAP_NET_ADMIN) && !capable(CAP_NET_RAW))
				return -EPERM;
			return cmsg_int(c, S32_MIN, S32_MAX, (int *)&s->mark) ? 0 : -EINVAL;
		case SCM_RIGHTS:
		case SCM_CREDENTIALS:
			return 0;
		default:
			return -EINVAL;
		}
	case SOL_UDP:
		if (c->cmsg_type != UDP_SEGMENT || is->sk.protocol != IPPROTO_UDP)
			return -EINVAL;
		if (c->cmsg_len != sizeof(*c) + sizeof(u16))
			return -EINVAL;
		memcpy(&s->segment, cmsg_data(c), sizeof(u16));
		s->has_segment = true;
		return 0;
	case SOL_IPV6:
		if (!v6)
			return 0;
		/* What IPv4 can do of it. */
		if (addr_is_v4(&s->dst) && c->cmsg_type != IPV6_PKTINFO)
			return 0;
		return send_cmsg6(is, c, s);
	case SOL_IP:
		return v6 && !addr_is_v4(&s->dst) ? 0 : send_cmsg4(is, c, s);
	default:
		return 0;
	}
}

int inet_send_cmsgs(struct inet_socket *is, const struct message *m, struct inet_send *s)
{
	const struct cmsghdr *c;
	size_t off = 0;
	int err = 0;

	while (!err && (c = cmsg_next(m, &off)))
		err = IS_ERR(c) ? (int)PTR_ERR(c) : send_cmsg(is, c, s);
	return err;
}

/* --- the error queue --- */

/* In the cb of a packet there. */
struct queued_error {
	struct sock_extended_err ee;
	struct in6_addr offender, dst;
	u16 port;
};

void inet_queue_error(struct inet_socket *is, const struct ip_error *e, const struct in6_addr *dst,
		      u16 port, const void *data, u32 n)
{
	struct packet *p = packet_alloc(0, n);
	struct queued_error *q;

	static_assert(sizeof(*q) <= sizeof_field(struct packet, cb), "cb is too small");
	if (!p)
		return;
	if (n)
		memcpy(packet_put(p, n), data, n);
	q = (struct queued_error *)p->cb;
	*q = (struct queued_error){
		.ee = { .ee_errno = (u32)e->err,
			.ee_origin = e->origin,
			.ee_type = e->type,
			.ee_code = e->code,
			.ee_info = e->info },
		.offender = e->offender,
		.dst = *dst,
		.port = port,
	};
	if (!sock_charge_receive(&is->sk, p)) {
		packet_free(p);
		return;
	}
	spin_lock(&is->sk.lock);
	list_add_tail(&p->link, &is->errors);
	spin_unlock(&is->sk.lock);
	wake_up_key(&is->sk.readers, EPOLLERR);
}

/* IP_RECVERR's control data: the error, and who told of it (of family 0: we ourselves). */
static void put_error(struct inet_socket *is, const struct queued_error *q, struct message *m)
{
	bool v6 = is->sk.family == AF_INET6,
	     told = q->ee.ee_origin == SO_EE_ORIGIN_ICMP || q->ee.ee_origin == SO_EE_ORIGIN_ICMP6;
	struct {
		struct sock_extended_err ee;
		struct sockaddr_storage offender;
	} data = { .ee = q->ee };
	int n = v6 ? (int)sizeof(struct sockaddr_in6) : (int)sizeof(struct sockaddr_in);

	if (told)
		n = inet_addr_out(is, &q->offender, 0, is->bound_dev, &data.offender);
	cmsg_put(m, v6 ? SOL_IPV6 : SOL_IP, v6 ? IPV6_RECVERR : IP_RECVERR, &data,
		 sizeof(data.ee) + (size_t)n);
}

ssize_t inet_recv_error(struct inet_socket *is, struct message *m)
{
	struct socket *sk = &is->sk;
	struct packet *p, *next;
	struct queued_error *q;
	size_t n;
	ssize_t ret;

	spin_lock(&sk->lock);
	p = list_first_entry_or_null(&is->errors, struct packet, link);
	if (p)
		list_del_init(&p->link);
	next = list_first_entry_or_null(&is->errors, struct packet, link);
	/* The next call tells of the next one, if it is ICMP's. */
	if (next && ((struct queued_error *)next->cb)->ee.ee_origin != SO_EE_ORIGIN_LOCAL)
		socket_set_error(sk, (int)((struct queued_error *)next->cb)->ee.ee_errno);
	else if (p && !next)
		socket_set_error(sk, 0);
	spin_unlock(&sk->lock);
	if (!p)
		return -EAGAIN;
	q = (struct queued_error *)p->cb;
	n = min((size_t)p->len, m->data->count);
	if (n < p->len)
		m->out_flags |= MSG_TRUNC;
	ret = packet_copy_to_iter(p, 0, m->data, n) == n ? (ssize_t)n : -EFAULT;
	if (ret >= 0) {
		if (socket_option(sk, OPT_TIMESTAMP) || socket_option(sk, OPT_TIMESTAMPNS))
			p->stamp = 0;
		if (m->name)
			m->name_len = inet_addr_out(is, &q->dst, q->port, is->bound_dev, m->name);
		put_error(is, q, m);
		m->out_flags |= MSG_ERRQUEUE;
	}
	packet_free(p);
	return ret;
}
