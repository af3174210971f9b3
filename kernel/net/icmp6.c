/*
 * ICMPv6, RFC 4443: echo, errors about packets that could not be served, and errors about ours. What
 * is neighbour discovery's or MLD's is handed on. Network context.
 */
#include "net/ipv6_dev.h"

#include <byteorder.h>
#include <compiler.h>
#include <uapi/errno.h>
#include <uapi/errqueue.h>
#include <uapi/if.h>
#include <uapi/in6.h>

#include "core/time.h"
#include "lib/siphash.h"
#include "net/ipv4.h"
#include "net/neigh.h"
#include "net/raw.h"
#include "net/route.h"
#include "net/wire/eth.h"
#include "net/wire/ipv6.h"

/* --- sending --- */

static void put_sum(struct packet *p, const struct in6_addr *src, const struct in6_addr *dst)
{
	struct icmp6_header *h = (struct icmp6_header *)p->data;

	h->sum = (__force be16)0;
	h->sum = (__force be16)csum_fold(
		packet_sum(p, 0, p->len, ip_pseudo_sum(src, dst, IPPROTO_ICMPV6, p->len)));
}

/* ndisc_tclass: the traffic class of neighbour discovery's own messages. */
static u8 nd_class(const struct netdev *d, const struct packet *p)
{
	u8 type = ((const struct icmp6_header *)p->data)->type;
	const struct ip6_dev *i = ip6_dev(d);

	return i && type >= ND_ROUTER_SOLICIT && type <= ND_REDIRECT ?
		       (u8)READ_ONCE(i->conf.ndisc_tclass) :
		       0;
}

int icmp6_send(struct net *net, struct netdev *d, struct packet *p, const struct in6_addr *src,
	       const struct in6_addr *dst, u8 hops, bool router_alert)
{
	static const u8 alert[8] = { [2] = IPV6_TLV_ROUTER_ALERT, [3] = 2, [6] = IPV6_TLV_PADN };
	struct route r = { .dev = d, .dst = *dst, .src = *src, .hop = *dst, .mtu = d->mtu };
	struct ip_send s = { .src = *src,
			     .dst = *dst,
			     .route = &r,
			     .proto = IPPROTO_ICMPV6,
			     .ttl = hops,
			     .tos = nd_class(d, p),
			     .no_loop = true,
			     .options = router_alert ? alert : NULL,
			     .options_len = router_alert ? sizeof(alert) : 0,
			     .options_first = IPPROTO_HOPOPTS };
	int err;

	put_sum(p, src, dst);
	r.type = addr_is_multicast(dst) ? ROUTE_MULTICAST : ROUTE_UNICAST;
	if (r.type == ROUTE_UNICAST && netdev_ethernet(d) &&
	    !(d->flags & (IFF_LOOPBACK | IFF_NOARP))) {
		r.neigh = neigh_find(net, d, dst, true);
		if (!r.neigh) {
			packet_free(p);
			return -ENOBUFS;
		}
	}
	err = ip6_send(net, p, &s);
	neigh_put(r.neigh);
	return err;
}

/* RFC 4443 2.4 f: a bucket of tokens for all, and a pause for each host by a hash of it. */
static bool may_send(struct net *net, const struct route *r, u8 type)
{
	struct ip6_net *n6 = net->ip6;
	u64 now = now_mono(), gap = READ_ONCE(n6->icmp_ratelimit) * NSEC_PER_MSEC, *last;
	struct siphash_key key = { { net->secret[0], net->secret[1] } };

	if (!gap || (r->dev->flags & IFF_LOOPBACK) ||
	    !(READ_ONCE(n6->icmp_ratemask[type / 64]) >> type % 64 & 1))
		return true;
	last = &n6->error_last[siphash(&r->dst, sizeof(r->dst), &key) % ARRAY_SIZE(n6->error_last)];
	if (now < READ_ONCE(*last) + gap / 8 && READ_ONCE(*last))
		goto limited;
	if (now > READ_ONCE(n6->error_refill) + NSEC_PER_SEC) {
		WRITE_ONCE(n6->error_refill, now);
		WRITE_ONCE(n6->error_tokens, ICMP6_BURST * 20);
	}
	if (!READ_ONCE(n6->error_tokens))
		goto limited;
	WRITE_ONCE(n6->error_tokens, n6->error_tokens - 1);
	WRITE_ONCE(*last, now);
	return true;
limited:
	ip6_count(net, r->dev, ICMP6_LIMIT_HOST, 1);
	return false;
}

/* RFC 4443 2.4 e: about which packets no error is sent. */
static bool never_about(const struct packet *p, const struct ip_received *r, u8 type, u8 code)
{
	bool group_too = type == ICMP6_PACKET_TOO_BIG ||
			 (type == ICMP6_PARAM_PROB && code == PARAM6_OPTION);
	u32 skip = (u32)(p->data - (u8 *)packet_network(p));
	u8 inner;

	if (addr_is_any(&r->src) || addr_is_multicast(&r->src))
		return true;
	if ((addr_is_multicast(&r->dst) || p->whom == FOR_MULTICAST || p->whom == FOR_BROADCAST) &&
	    !group_too)
		return true;
	if (r->proto != IPPROTO_ICMPV6 || r->header_len < skip)
		return false;
	if (r->header_len - skip >= p->len)
		return true;
	packet_read(p, r->header_len - skip, &inner, 1);
	return inner < ICMP6_INFO || inner == ND_REDIRECT;
}

void icmp6_error(struct net *net, struct packet *p, u8 type, u8 code, u32 info)
{
	const struct ip_received *rx = ip_received(p);
	u32 back = (u32)(p->data - (u8 *)packet_network(p)), quote, linear;
	struct route_key key = { .dst = rx->src, .mark = ip_reply_mark(net, p, true) };
	struct icmp6_header *h;
	struct packet *m;
	struct ip_send s;
	struct route r;

	if (never_about(p, rx, type, code))
		return;
	if (ip6_link_scope(&rx->src))
		key.oif = rx->ifindex;
	if (rx->route_type == ROUTE_LOCAL)
		key.src = rx->dst;
	if (route_lookup(net, &key, &r))
		return;
	quote = min(p->len + back, (u32)(IPV6_MIN_MTU - IPV6_HLEN - sizeof(*h)));
	m = may_send(net, &r, type) && !addr_is_any(&r.src) ?
		    packet_alloc(PACKET_HEADROOM, (u32)sizeof(*h) + quote) :
		    NULL;
	if (!m) {
		route_put(&r);
		return;
	}
	h = packet_put(m, (u32)sizeof(*h) + quote);
	*h = (struct icmp6_header){ .type = type, .code = code, .rest = cpu_to_be32(info) };
	linear = min(back, quote);
	m->mark = key.mark;
	memcpy(h + 1, packet_network(p), linear);
	packet_read(p, 0, (u8 *)(h + 1) + linear, quote - linear);
	put_sum(m, &r.src, &r.dst);
	s = (struct ip_send){
		.src = r.src, .dst = r.dst, .route = &r, .proto = IPPROTO_ICMPV6, .tos = 0
	};
	ip_send(net, m, &s);
	route_put(&r);
}

void icmp6_unreachable_port(struct net *net, struct packet *p)
{
	icmp6_error(net, p, ICMP6_DST_UNREACH, UNREACH6_PORT, 0);
}

void ip6_neigh_failed(struct net *net, struct packet *p)
{
	const struct ipv6_header *h = packet_pull_up(p, IPV6_HLEN);
	struct ip_received *r = ip_received(p);

	if (h) {
		/* Ours, too, comes back as an error: by the loopback, to the socket. */
		p->network = (u16)packet_headroom(p);
		*r = (struct ip_received){ .proto = h->next, .header_len = IPV6_HLEN };
		memcpy(&r->src, h->src, 16);
		memcpy(&r->dst, h->dst, 16);
		r->ifindex = p->dev ? p->dev->ifindex : 0;
		p->whom = FOR_HOST;
		icmp6_error(net, p, ICMP6_DST_UNREACH, UNREACH6_ADDR, 0);
	}
	packet_free(p);
}

/* --- receiving --- */

/* The request goes back as it is: identifier, sequence number and data. */
static void echo(struct net *net, struct packet *p)
{
	const struct ip_received *rx = ip_received(p);
	bool group = addr_is_multicast(&rx->dst);
	struct route_key key = { .dst = rx->src, .mark = ip_reply_mark(net, p, true) };
	struct icmp6_header *h;
	struct ip_send s;
	struct packet *m;
	struct route r;

	if (net->ip6->icmp_echo_ignore_all || (group && net->ip6->icmp_echo_ignore_multicast) ||
	    !packet_pull_up(p, p->len))
		return;
	if (!group)
		key.src = rx->dst;
	if (ip6_link_scope(&rx->src))
		key.oif = rx->ifindex;
	if (route_lookup(net, &key, &r))
		return;
	m = packet_alloc(PACKET_HEADROOM, p->len);
	if (m && !addr_is_any(&r.src)) {
		h = packet_put(m, p->len);
		memcpy(h, p->data, p->len);
		h->type = ICMP6_ECHO_REPLY;
		m->mark = key.mark;
		put_sum(m, &r.src, &r.dst);
		s = (struct ip_send){ .src = r.src,
				      .dst = r.dst,
				      .route = &r,
				      .proto = IPPROTO_ICMPV6,
				      .tos = rx->tos,
				      .flow_label = READ_ONCE(net->ip6->flowlabel_reflect) & 4 ?
							    rx->flow_label :
							    0,
				      .local_fragments = true };
		ip_send(net, m, &s);
	} else {
		packet_free(m);
	}
	route_put(&r);
}

/* What an error means to a program. */
static void translate(struct ip_error *e)
{
	switch (e->type) {
	case ICMP6_DST_UNREACH:
		e->err = e->code == UNREACH6_PORT		   ? ECONNREFUSED :
			 e->code == UNREACH6_ADMIN || e->code >= 5 ? EACCES :
			 e->code == UNREACH6_NOROUTE		   ? ENETUNREACH :
								     EHOSTUNREACH;
		e->fatal = e->err == ECONNREFUSED || e->err == EACCES;
		break;
	case ICMP6_PACKET_TOO_BIG:
		e->err = EMSGSIZE;
		break;
	case ICMP6_PARAM_PROB:
		e->err = EPROTO;
		e->fatal = true;
		break;
	case ICMP6_TIME_EXCEEDED:
		e->err = EHOSTUNREACH;
		break;
	default:
		e->err = EPROTO;
		break;
	}
}

/* Where the transport begins in a quoted packet; 0: not in what is quoted. */
static u32 quoted_transport(const u8 *q, u32 n, u8 *proto)
{
	u32 at = IPV6_HLEN;
	u8 next = q[offsetof(struct ipv6_header, next)];

	while (at + 8 <= n) {
		switch (next) {
		case IPPROTO_FRAGMENT:
			if (get_be16(q + at + 2) & IPV6_FRAG_OFF)
				return 0;
			next = q[at];
			at += 8;
			break;
		case IPPROTO_HOPOPTS:
		case IPPROTO_DSTOPTS:
		case IPPROTO_ROUTING:
			next = q[at];
			at += 8u + q[at + 1] * 8u;
			break;
		default:
			*proto = next;
			return at;
		}
	}
	return 0;
}

/* An error about a packet of ours: to the transport that sent it. */
static void error_received(struct net *net, struct packet *p)
{
	const struct ip_received *rx = ip_received(p);
	const struct icmp6_header *h = packet_pull_up(p, p->len);
	struct in6_addr src, dst;
	struct ip_error e;
	const u8 *q;
	u32 n, at;
	u8 proto;

	if (!h || p->len < sizeof(*h) + IPV6_HLEN + 8)
		return;
	e = (struct ip_error){ .origin = SO_EE_ORIGIN_ICMP6,
			       .type = h->type,
			       .code = h->code,
			       .info = be32_to_cpu(h->rest),
			       .offender = rx->src };
	translate(&e);
	q = (const u8 *)(h + 1);
	n = p->len - (u32)sizeof(*h);
	memcpy(&src, q + offsetof(struct ipv6_header, src), 16);
	memcpy(&dst, q + offsetof(struct ipv6_header, dst), 16);
	if (h->type == ICMP6_PACKET_TOO_BIG) {
		/* RFC 8201 4: less than the least is no reason to go below it. */
		if (e.info < IPV6_MIN_MTU)
			e.info = IPV6_MIN_MTU;
		route_update_mtu(net, &dst, e.info);
	}
	at = quoted_transport(q, n, &proto);
	if (!at || n - at < 8)
		return;
	raw6_error(net, &src, &dst, proto, q + at, n - at, rx->ifindex, &e);
	if (ip_protocol(proto) && ip_protocol(proto)->error)
		ip_protocol(proto)->error(net, &src, &dst, q + at, n - at, rx->ifindex, &e);
}

/* Of our echo requests: ping sockets ask. */
static void icmp6_error_about(struct net *net, const struct in6_addr *src,
			      const struct in6_addr *dst, const void *head, u32 n, int ifindex,
			      const struct ip_error *e)
{
	const struct icmp6_header *h = head;

	if (h->type == ICMP6_ECHO_REQUEST)
		ping_error(net, src, dst, head, n, ifindex, e);
}

static void icmp6_input(struct net *net, struct packet *p)
{
	const struct ip_received *rx = ip_received(p);
	const struct icmp6_header *h = packet_pull_up(p, sizeof(*h));

	if (!h) {
		ip6_count(net, p->dev, ICMP6_IN_ERRORS, 1);
		packet_free(p);
		return;
	}
	if (p->csum == CSUM_NONE &&
	    csum_fold(packet_sum(p, 0, p->len,
				 ip_pseudo_sum(&rx->src, &rx->dst, IPPROTO_ICMPV6, p->len)))) {
		ip6_count(net, p->dev, ICMP6_IN_CSUM_ERRORS, 1);
		ip6_count(net, p->dev, ICMP6_IN_ERRORS, 1);
		packet_free(p);
		return;
	}
	ip6_count_icmp(net, p->dev, false, h->type);
	switch (h->type) {
	case ICMP6_ECHO_REQUEST:
		echo(net, p);
		break;
	case ICMP6_ECHO_REPLY:
		ping_deliver(net, p);
		return;
	case ICMP6_DST_UNREACH:
	case ICMP6_PACKET_TOO_BIG:
	case ICMP6_TIME_EXCEEDED:
	case ICMP6_PARAM_PROB:
		error_received(net, p);
		break;
	case MLD_QUERY:
		mld_receive(net, p);
		return;
	case ND_ROUTER_SOLICIT:
	case ND_ROUTER_ADVERT:
	case ND_NEIGHBOR_SOLICIT:
	case ND_NEIGHBOR_ADVERT:
	case ND_REDIRECT:
		nd_receive(net, p, h->type);
		return;
	default:
		break;
	}
	packet_free(p);
}

const struct ip_protocol icmp6_protocol = {
	.number = IPPROTO_ICMPV6,
	.input = icmp6_input,
	.error = icmp6_error_about,
};
