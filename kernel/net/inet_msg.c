/*
 * Control data of AF_INET and AF_INET6 messages, both ways: ip(7), ipv6(7), RFC 3542.
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
#include "net/inet_opt.h"
#include "net/ipv4.h"
#include "net/route.h"

/* --- of what is received --- */

void inet_recv_common(struct inet_socket *is, struct packet *p, struct message *m)
{
	struct socket *sk = &is->sk;

	sock_recv_stamps(sk, p->stamp, false, m);
	if (socket_option(sk, OPT_RXQ_OVFL) && ip_received(p)->upper[5])
		cmsg_put(m, SOL_SOCKET, SO_RXQ_OVFL, &ip_received(p)->upper[5], sizeof(u32));
	if (socket_option(sk, OPT_RCVMARK))
		cmsg_put(m, SOL_SOCKET, SO_MARK, &p->mark, sizeof(p->mark));
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
		d = netdev_by_index(is->sk.net, r->ifindex);
		if (d)
			info.ipi_spec_dst.s_addr = (__force u32)ip4_select_source(
				is->sk.net, d, addr_v4(&r->src), SCOPE_LINK);
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
	inet6_recv_ext(is, p, m);
	inet6_recv_old(is, p, m);
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
		return ip4_options_check(is->sk.net, s->options, &s->options_len);
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
				       (!addr_is_local(is->sk.net, &s->src) && !inet_nonlocal(is)) ?
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
	case IPV6_HOPOPTS:
	case IPV6_2292HOPOPTS:
	case IPV6_RTHDRDSTOPTS:
	case IPV6_DSTOPTS:
	case IPV6_2292DSTOPTS:
	case IPV6_RTHDR:
	case IPV6_2292RTHDR:
		return inet6_send_ext(c, s);
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
		return sock_send_cmsg(c, &s->sock);
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
