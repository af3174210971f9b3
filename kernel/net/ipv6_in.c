/*
 * IPv6 received: RFC 8200 3 and 4, the header and those behind it, on the way to a protocol or to
 * another link. Network context; a packet is whoever's it was handed to.
 */
#include "net/ipv6_dev.h"

#include <byteorder.h>
#include <compiler.h>
#include <uapi/errno.h>
#include <uapi/if.h>
#include <uapi/in.h>
#include <uapi/in6.h>

#include "net/neigh.h"
#include "net/raw.h"
#include "net/route.h"
#include "net/wire/ipv6.h"

static void drop(struct net *net, struct packet *p, enum ip6_stat why)
{
	ip6_count(net, p->dev, why, 1);
	packet_free(p);
}

/* RFC 4443 3.4, about the byte at `at` behind p->network; p is gone. */
static void problem(struct net *net, struct packet *p, u8 code, u32 at)
{
	icmp6_error(net, p, ICMP6_PARAM_PROB, code, at);
	drop(net, p, IP6_IN_HDR_ERRORS);
}

/*
 * The options of a header (RFC 8200 4.2) that begins at `at` and is n bytes long. False: one of them
 * says that the packet is not to be processed, and it is gone.
 */
static bool read_options(struct net *net, struct packet *p, u32 at, u32 n, bool hop_by_hop)
{
	const struct ip_received *r = ip_received(p);
	const u8 *h = p->data + at;
	int left = hop_by_hop ? net->ip6->max_hbh_opts : net->ip6->max_dst_opts;
	int most = hop_by_hop ? net->ip6->max_hbh_length : net->ip6->max_dst_length;
	u32 pad = 0; /* bytes of padding up to here */

	if (n > (u32)most)
		goto too_much;
	for (u32 o = 2; o < n;) {
		u32 len;

		if (h[o] == IPV6_TLV_PAD1) {
			if (++pad > 7)
				goto too_much;
			o++;
			continue;
		}
		if (o + 2 > n || o + 2 + h[o + 1] > n) {
			problem(net, p, PARAM6_HEADER, at + o);
			return false;
		}
		len = 2u + h[o + 1];
		pad = h[o] == IPV6_TLV_PADN ? pad + len : 0;
		if (pad > 7)
			goto too_much;
		if (h[o] == IPV6_TLV_PADN || (h[o] == IPV6_TLV_ROUTER_ALERT && len == 4)) {
			o += len;
			continue;
		}
		if (left-- <= 0)
			goto too_much;
		switch (h[o] >> 6) { /* what is to be done by who does not know it */
		case 0:
			break;
		case 3:
			if (addr_is_multicast(&r->dst)) {
				drop(net, p, IP6_IN_HDR_ERRORS);
				return false;
			}
			fallthrough;
		case 2:
			problem(net, p, PARAM6_OPTION, at + o);
			return false;
		default:
			drop(net, p, IP6_IN_HDR_ERRORS);
			return false;
		}
		o += len;
	}
	return true;

too_much: /* of options, or of what only aligns them (RFC 4942 2.1.9.5) */
	drop(net, p, IP6_IN_HDR_ERRORS);
	return false;
}

/* The extension header at `at`, whole and linear; its length in *n. NULL: cut off, and p is gone. */
static const struct ipv6_ext *extension(struct net *net, struct packet *p, u32 at, u32 *n)
{
	const struct ipv6_ext *e = packet_pull_up(p, at + (u32)sizeof(*e));

	if (e) {
		*n = 8u + ((const struct ipv6_ext *)(p->data + at))->len * 8u;
		e = packet_pull_up(p, at + *n);
	}
	p->network = (u16)packet_headroom(p);
	if (e)
		return (const struct ipv6_ext *)(p->data + at);
	drop(net, p, IP6_IN_TRUNCATED);
	return NULL;
}

/* RFC 8200 4.4, RFC 5095: a routing header that has nothing left to say is passed over. */
static bool read_routing(struct net *net, struct packet *p, u32 at)
{
	if (!p->data[at + 3])
		return true;
	problem(net, p, PARAM6_HEADER, at + 2);
	return false;
}

/* To whoever has the protocol. p->data is at its header. */
static void to_protocol(struct net *net, struct packet *p, u32 next_at)
{
	struct ip_received *r = ip_received(p);
	const struct ip_protocol *proto = ip_protocol(r->proto);
	bool raw = raw_deliver(net, p);

	if (proto) {
		ip6_count(net, p->dev, IP6_IN_DELIVERS, 1);
		proto->input(net, p);
		return;
	}
	if (raw) {
		ip6_count(net, p->dev, IP6_IN_DELIVERS, 1);
		packet_free(p);
		return;
	}
	ip6_count(net, p->dev, IP6_IN_UNKNOWN_PROTOS, 1);
	icmp6_error(net, p, ICMP6_PARAM_PROB, PARAM6_NEXT_HEADER, next_at);
	packet_free(p);
}

void ip6_deliver(struct net *net, struct packet *p)
{
	u32 at = ip_received(p)->header_len, next_at = offsetof(struct ipv6_header, next), n;
	u8 next = p->data[next_at];
	const struct ipv6_ext *e;

	if (next == IPPROTO_HOPOPTS) { /* was read when it came */
		next_at = IPV6_HLEN;
		next = p->data[next_at];
	}
	for (;;) {
		switch (next) {
		case IPPROTO_FRAGMENT:
			if (!extension(net, p, at, &n))
				return;
			p = ip6_reassemble(net, p, at, next_at);
			if (!p)
				return;
			ip_received(p)->fragmented = true;
			/* The header is gone, or (RFC 6946) stays and is passed over. */
			next = p->data[next_at];
			if (next != IPPROTO_FRAGMENT)
				continue;
			next_at = at;
			next = p->data[at];
			at += 8;
			continue;
		case IPPROTO_DSTOPTS:
		case IPPROTO_ROUTING:
			e = extension(net, p, at, &n);
			if (!e || (next == IPPROTO_DSTOPTS ? !read_options(net, p, at, n, false) :
							     !read_routing(net, p, at)))
				return;
			next_at = at;
			next = p->data[at];
			at += n;
			continue;
		case IPPROTO_HOPOPTS:
			problem(net, p, PARAM6_NEXT_HEADER, next_at);
			return;
		case IPPROTO_NONE:
			packet_free(p);
			return;
		default:
			break;
		}
		break;
	}
	if (at > p->len) {
		drop(net, p, IP6_IN_TRUNCATED);
		return;
	}
	ip_received(p)->proto = next;
	ip_received(p)->header_len = (u16)at;
	packet_drop_front(p, at);
	p->transport = (u16)packet_headroom(p);
	to_protocol(net, p, next_at);
}

/* --- to another link --- */

static void forward(struct net *net, struct packet *p)
{
	const struct ip_received *rx = ip_received(p);
	struct route_key key = { .dst = rx->dst };
	u32 size = p->gso ? p->gso_size + 100u : p->len;
	struct route r;
	int err;

	if (p->whom != FOR_HOST || addr_is_multicast(&rx->src) || addr_is_any(&rx->src) ||
	    addr_equal(&rx->src, &in6addr_loopback)) {
		drop(net, p, IP6_IN_DISCARDS);
		return;
	}
	if (rx->ttl <= 1) {
		icmp6_error(net, p, ICMP6_TIME_EXCEEDED, EXCEED6_HOPS, 0);
		drop(net, p, IP6_IN_HDR_ERRORS);
		return;
	}
	err = route_lookup(net, &key, &r);
	if (err) {
		icmp6_error(net, p, ICMP6_DST_UNREACH,
			    err == -EACCES ? UNREACH6_ADMIN : UNREACH6_NOROUTE, 0);
		drop(net, p, IP6_IN_NO_ROUTES);
		return;
	}
	/* RFC 4007 9: what is of one link does not leave it. */
	if (ip6_link_scope(&rx->src) || ip6_link_scope(&rx->dst)) {
		if (r.dev != p->dev)
			icmp6_error(net, p, ICMP6_DST_UNREACH, UNREACH6_SCOPE, 0);
		drop(net, p, IP6_IN_ADDR_ERRORS);
	} else if (r.type == ROUTE_LOCAL || (!p->gso && size > r.mtu)) {
		if (r.type != ROUTE_LOCAL)
			icmp6_error(net, p, ICMP6_PACKET_TOO_BIG, 0, r.mtu);
		drop(net, p, IP6_IN_TOO_BIG);
	} else if (!packet_need_headroom(p, PACKET_HEADROOM / 2) || !packet_pull_up(p, IPV6_HLEN)) {
		drop(net, p, IP6_IN_DISCARDS);
	} else {
		((struct ipv6_header *)p->data)->hops--;
		ip6_count(net, r.dev, IP6_OUT_FORW, 1);
		ip6_output(net, p, &r, false);
	}
	route_put(&r);
}

/* --- received --- */

/* RFC 4291 2.5, 2.7; RFC 4007: addresses that do not come from a link. */
static bool sane(const struct packet *p, const struct ip_received *r)
{
	bool lo = p->dev->flags & IFF_LOOPBACK;

	if (addr_is_multicast(&r->src) || addr_is_any(&r->dst))
		return false;
	if (!lo &&
	    (addr_equal(&r->src, &in6addr_loopback) || addr_equal(&r->dst, &in6addr_loopback)))
		return false;
	if (addr_is_v4(&r->src) || addr_is_v4(&r->dst))
		return false; /* mapped ones are for programs, not for wires: RFC 4942 2.2.2 */
	if (!addr_is_multicast(&r->dst))
		return true;
	return (r->dst.s6_addr[1] & 0x0f) > (lo ? 0 : 1);
}

static void route_in(struct net *net, struct packet *p, struct ip6_dev *i)
{
	struct ip_received *r = ip_received(p);

	if (addr_is_multicast(&r->dst)) {
		r->route_type = ROUTE_MULTICAST;
		ip6_count(net, p->dev, IP6_IN_MCAST_PKTS, 1);
		ip6_count(net, p->dev, IP6_IN_MCAST_OCTETS, p->len);
		if (mld_wanted(i, &r->dst, &r->src))
			ip6_deliver(net, p);
		else
			packet_free(p);
		return;
	}
	r->route_type = ip6_link_scope(&r->dst) && !(p->dev->flags & IFF_LOOPBACK) ?
				route_addr_type_on(net, &r->dst, p->dev->ifindex) :
				route_addr_type(net, &r->dst);
	if (r->route_type == ROUTE_LOCAL)
		ip6_deliver(net, p);
	else if (i->conf.forwarding)
		forward(net, p);
	else
		drop(net, p, IP6_IN_ADDR_ERRORS);
}

void ip6_receive(struct net *net, struct packet *p)
{
	/* By the ECN bits: not, ECT(1), ECT(0), CE. */
	static const u8 ecn[] = { IP6_IN_NO_ECT, IP6_IN_ECT1, IP6_IN_ECT0, IP6_IN_CE };
	struct ip_received *r = ip_received(p);
	struct ip6_dev *i = ip6_dev(p->dev);
	const struct ipv6_header *h;
	u32 flow, payload, n;

	if (p->whom == FOR_OTHER || !i || i->conf.disable_ipv6) {
		packet_free(p);
		return;
	}
	ip6_count(net, p->dev, IP6_IN_RECEIVES, 1);
	ip6_count(net, p->dev, IP6_IN_OCTETS, p->len);
	h = packet_pull_up(p, IPV6_HLEN);
	if (!h || p->data[0] >> 4 != 6) {
		drop(net, p, IP6_IN_HDR_ERRORS);
		return;
	}
	p->network = (u16)packet_headroom(p);
	flow = be32_to_cpu(h->flow);
	payload = be16_to_cpu(h->payload);
	ip6_count(net, p->dev, (enum ip6_stat)ecn[flow >> 20 & 3], max((u64)p->gso_segs, 1UL));
	*r = (struct ip_received){
		.ifindex = p->dev->ifindex,
		.proto = h->next,
		.ttl = h->hops,
		.tos = (u8)(flow >> 20),
		.flow_label = flow & 0xfffff,
		.header_len = IPV6_HLEN,
	};
	memcpy(&r->src, h->src, 16);
	memcpy(&r->dst, h->dst, 16);
	/* A packet that was joined on its way (GRO) may be longer than the field says. */
	if (payload || h->next == IPPROTO_HOPOPTS || !p->gso) {
		if (payload + IPV6_HLEN > p->len) {
			drop(net, p, IP6_IN_TRUNCATED);
			return;
		}
		packet_trim(p, payload + IPV6_HLEN);
	}
	/* For one host, but to all of the link. */
	if ((p->whom == FOR_BROADCAST || p->whom == FOR_MULTICAST) && !addr_is_multicast(&r->dst) &&
	    READ_ONCE(i->conf.drop_unicast_in_l2_multicast)) {
		packet_free(p);
		return;
	}
	if (!sane(p, r)) {
		drop(net, p, IP6_IN_ADDR_ERRORS);
		return;
	}
	if (h->next == IPPROTO_HOPOPTS) {
		if (!extension(net, p, IPV6_HLEN, &n) || !read_options(net, p, IPV6_HLEN, n, true))
			return;
		r->header_len = (u16)(IPV6_HLEN + n);
	}
	route_in(net, p, i);
}
