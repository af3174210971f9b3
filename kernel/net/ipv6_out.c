/*
 * IPv6 sent: routes (RFC 8200, 4861 5.2), the header put before a packet, fragments (RFC 8200 4.5).
 */
#include "net/ipv6_dev.h"

#include <byteorder.h>
#include <compiler.h>
#include <uapi/errno.h>
#include <uapi/if.h>
#include <uapi/in.h>
#include <uapi/in6.h>

#include "core/random.h"
#include "lib/hash.h"
#include "net/neigh.h"
#include "net/route.h"
#include "net/wire/eth.h"
#include "net/wire/ipv6.h"

/* --- routes --- */

static bool has_neighbours(const struct netdev *d)
{
	return netdev_ethernet(d) && !(d->flags & (IFF_LOOPBACK | IFF_NOARP));
}

static int reject(u8 type)
{
	switch (type) {
	case ROUTE_BLACKHOLE:
		return -EINVAL;
	case ROUTE_PROHIBIT:
		return -EACCES;
	default:
		return -EHOSTUNREACH;
	}
}

/* The device for a group: the one asked for, or of the first route to groups. */
static struct netdev *group_device(struct net *net, const struct route_key *key)
{
	const struct route_entry *e = route_match(net, &key->dst, key->oif);

	if (key->oif)
		return netdev_by_index(net, key->oif);
	return e ? e->c.dev : (key->dst.s6_addr[1] & 0x0f) == 1 ? net->loopback : NULL;
}

static void find_mtu(struct net *net, const struct netdev *d, struct route *r, u32 metric)
{
	const struct ip6_dev *i = ip6_dev(d);
	u32 mtu = i ? (u32)READ_ONCE(i->conf.mtu) : d->mtu, path = route_path_mtu(net, &r->dst);

	r->link_mtu = metric ? min(mtu, metric) : mtu;
	r->mtu = path ? min(r->link_mtu, path) : r->link_mtu;
}

int ip6_route(struct net *net, const struct route_key *key, struct route *r)
{
	const struct route_entry *e = NULL;
	const struct ip6_dev *i;
	struct netdev *d;

	*r = (struct route){ .dst = key->dst, .src = key->src, .hop = key->dst };
	r->generation = READ_ONCE(net->generation);
	if (addr_is_multicast(&key->dst)) {
		d = group_device(net, key);
		r->type = ROUTE_MULTICAST;
	} else {
		e = route_match(net, &key->dst, key->oif);
		/* What is ours comes back by the loopback, whichever device has it. */
		if (!e && key->oif && route_addr_type(net, &key->dst) == ROUTE_LOCAL)
			e = route_match(net, &key->dst, 0);
		if (!e)
			return -ENETUNREACH;
		if (e->c.type >= ROUTE_BLACKHOLE)
			return reject(e->c.type);
		r->type = e->c.type;
		d = r->type == ROUTE_LOCAL ? net->loopback : e->c.dev;
		if (!addr_is_any(&e->c.gateway))
			r->hop = e->c.gateway;
	}
	if (!d)
		return -ENETUNREACH;
	if (!(READ_ONCE(d->flags) & IFF_UP))
		return -ENETUNREACH;
	i = ip6_dev(d);
	if (addr_is_any(&key->src)) {
		if (r->type == ROUTE_LOCAL)
			r->src = key->dst;
		else if (e && !addr_is_any(&e->c.prefsrc))
			r->src = e->c.prefsrc;
		else if (!ip6_select_source(net, d, &key->dst, 0, &r->src))
			r->src = in6addr_any;
	}
	r->dev = netdev_get(d);
	find_mtu(net, d, r, e ? e->c.mtu : 0);
	r->hoplimit = e && e->c.hoplimit ? e->c.hoplimit :
		      i			 ? (u8)READ_ONCE(i->conf.hop_limit) :
					   64;
	if (r->type == ROUTE_MULTICAST)
		r->hoplimit = 1;
	r->advmss = e ? e->c.advmss : 0;
	r->initcwnd = e ? e->c.initcwnd : 0;
	if (r->type != ROUTE_MULTICAST && has_neighbours(d)) {
		r->neigh = neigh_find(net, d, &r->hop, true);
		if (!r->neigh) {
			route_put(r);
			return -ENOBUFS;
		}
	}
	return 0;
}

/* --- frames --- */

/* A copy of what is sent to a group we are in ourselves comes back. */
static void loop_back(struct net *net, struct packet *p, struct netdev *d)
{
	const struct ip6_dev *i = ip6_dev(d);
	struct in6_addr dst;
	struct packet *copy;

	memcpy(&dst, ((const struct ipv6_header *)p->data)->dst, 16);
	if (!i || (d->flags & IFF_LOOPBACK) || !mld_wanted(i, &dst, NULL))
		return;
	copy = packet_clone(p);
	if (!copy)
		return;
	packet_set_dev(copy, d);
	ip_loop_back(net, copy);
}

/* Onto the link. */
static int emit(struct packet *p, const struct route *r)
{
	u8 mac[ETH_ALEN] = { 0x33, 0x33 };

	p->network = (u16)packet_headroom(p);
	p->protocol = ETH_P_IPV6;
	packet_set_dev(p, r->dev);
	if (r->neigh) {
		neigh_send(r->neigh, p);
	} else {
		memcpy(mac + 2, ((const struct ipv6_header *)p->data)->dst + 12, 4);
		link_send(r->dev, r->type == ROUTE_MULTICAST ? mac : r->dev->addr, p);
	}
	return 0;
}

int ip6_output(struct net *net, struct packet *p, const struct route *r, bool may_fragment)
{
	p->network = (u16)packet_headroom(p);
	p->protocol = ETH_P_IPV6;
	packet_set_dev(p, r->dev);
	ip6_count(net, r->dev, IP6_OUT_OCTETS, p->len);
	ip6_count(net, r->dev, IP6_OUT_TRANSMITS, 1);
	if (!p->gso && p->len > r->mtu) {
		if (may_fragment)
			return ip6_fragment(net, p, r, r->mtu);
		packet_free(p);
		return -EMSGSIZE;
	}
	return emit(p, r);
}

int ip6_local_out(struct net *net, struct packet *p, const struct route *r, bool loop,
		  bool may_fragment)
{
	const struct ipv6_header *h = (const struct ipv6_header *)p->data;

	p->network = (u16)packet_headroom(p);
	if (r->type == ROUTE_MULTICAST) {
		ip6_count(net, r->dev, IP6_OUT_MCAST_PKTS, 1);
		ip6_count(net, r->dev, IP6_OUT_MCAST_OCTETS, p->len);
		if (loop)
			loop_back(net, p, r->dev);
		if (!h->hops || (h->dst[1] & 0x0f) <= 1) {
			/* RFC 4291 2.7: does not leave the machine. */
			if (!(r->dev->flags & IFF_LOOPBACK)) {
				packet_free(p);
				return 0;
			}
		}
	}
	return ip6_output(net, p, r, may_fragment);
}

/* RFC 6437 3: one for each flow, of addresses, ports and protocol; never 0, which means none. */
static u32 label_of_flow(const struct net *net, const struct packet *p, const struct ip_send *s)
{
	const u32 *a = s->src.s6_addr32, *b = s->dst.s6_addr32;
	u64 h = net->secret[1] ^ s->proto;

	for (unsigned i = 0; i < 4; i += 2) {
		h = hash_mix(h, (u64)a[i] << 32 | a[i + 1]);
		h = hash_mix(h, (u64)b[i] << 32 | b[i + 1]);
	}
	if ((s->proto == IPPROTO_TCP || s->proto == IPPROTO_UDP) && packet_linear(p) >= 4)
		h = hash_mix(h, get_be32(p->data));
	h = (h ^ h >> 32) & 0xfffff;
	return h ? (u32)h : 1;
}

/* p begins at its transport header. */
static u32 flow_word(const struct net *net, const struct packet *p, const struct ip_send *s)
{
	u32 label = s->flow_label;

	if (!label && s->auto_label)
		label = label_of_flow(net, p, s);
	return 6u << 28 | (u32)s->tos << 20 | (label & 0xfffff);
}

int ip6_send(struct net *net, struct packet *p, const struct ip_send *s)
{
	const struct route *r = s->route;
	u32 flow = flow_word(net, p, s);
	struct ipv6_header *h;
	u8 type;

	if (!packet_need_headroom(p, IPV6_HLEN + s->options_len + 32)) {
		packet_free(p);
		return -ENOMEM;
	}
	if (s->options_len) {
		u8 *x = packet_push(p, s->options_len), *last = x;

		memcpy(x, s->options, s->options_len);
		while (last + 8u + last[1] * 8u < x + s->options_len)
			last += 8u + last[1] * 8u;
		last[0] = s->proto;
	}
	h = packet_push(p, IPV6_HLEN);
	h->flow = cpu_to_be32(flow);
	h->payload = cpu_to_be16(p->len - IPV6_HLEN > 65535 ? 0 : (u16)(p->len - IPV6_HLEN));
	h->next = s->options_len ? s->options_first : s->proto;
	h->hops = s->ttl ? s->ttl : s->ttl_zero ? 0 : r->hoplimit;
	memcpy(h->src, &s->src, 16);
	memcpy(h->dst, &s->dst, 16);
	if (p->len - IPV6_HLEN > 65535) {
		packet_free(p);
		return -EMSGSIZE;
	}
	ip6_count(net, r->dev, IP6_OUT_REQUESTS, 1);
	if (s->proto == IPPROTO_ICMPV6 && p->len > IPV6_HLEN + s->options_len) {
		packet_read(p, IPV6_HLEN + s->options_len, &type, 1);
		ip6_count_icmp(net, r->dev, true, type);
	}
	return ip6_local_out(net, p, r, !s->no_loop, s->local_fragments && !s->df);
}

/* --- fragments --- */

/* How much of p stands before the fragment header: what routers on the way look at. */
static u32 unfragmentable(const struct packet *p, u32 *next_at)
{
	u32 at = IPV6_HLEN, linear = packet_linear(p), end = IPV6_HLEN;
	u8 next = p->data[offsetof(struct ipv6_header, next)];

	*next_at = offsetof(struct ipv6_header, next);
	while ((next == IPPROTO_HOPOPTS || next == IPPROTO_DSTOPTS || next == IPPROTO_ROUTING) &&
	       at + 8 <= linear) {
		u32 n = 8u + p->data[at + 1] * 8u;

		if (next != IPPROTO_DSTOPTS || p->data[at] == IPPROTO_ROUTING) {
			end = at + n;
			*next_at = at;
		}
		next = p->data[at];
		at += n;
	}
	return min(end, linear);
}

/* One piece: n bytes at off of what can be cut. */
static struct packet *piece(const struct packet *p, u32 head, u32 next_at, u32 off, u32 n, u32 id)
{
	struct packet *f = packet_alloc(PACKET_HEADROOM, head + 8 + n);
	bool last = head + off + n == p->len;
	struct ipv6_frag *x;
	u8 *at;

	if (!f)
		return NULL;
	at = packet_put(f, head + 8 + n);
	packet_read(p, 0, at, head);
	packet_read(p, head + off, at + head + 8, n);
	x = (struct ipv6_frag *)(at + head);
	x->next = at[next_at];
	x->reserved = 0;
	x->off = cpu_to_be16((u16)(off | (last ? 0 : IPV6_MF)));
	x->id = cpu_to_be32(id);
	at[next_at] = IPPROTO_FRAGMENT;
	((struct ipv6_header *)at)->payload = cpu_to_be16((u16)(head + 8 + n - IPV6_HLEN));
	f->priority = p->priority;
	f->mark = p->mark;
	return f;
}

int ip6_fragment(struct net *net, struct packet *p, const struct route *r, u32 mtu)
{
	u32 next_at, head = unfragmentable(p, &next_at), id = (u32)random_u64(), room;
	int err = 0;

	if (p->csum == CSUM_PARTIAL && !packet_finish_csum(p))
		err = -ENOMEM;
	room = mtu > head + 16 ? (mtu - head - 8) & ~7u : 0;
	if (!room)
		err = -EMSGSIZE;
	if (p->loan)
		p->loan->copied = true;
	for (u32 off = 0; !err && head + off < p->len; off += room) {
		struct packet *f = piece(p, head, next_at, off, min(room, p->len - head - off), id);

		if (!f) {
			err = -ENOMEM;
			break;
		}
		if (!off)
			packet_hand_over(f, p);
		ip6_count(net, r->dev, IP6_FRAG_CREATES, 1);
		err = emit(f, r);
	}
	ip6_count(net, r->dev, err ? IP6_FRAG_FAILS : IP6_FRAG_OKS, 1);
	packet_free(p);
	return err;
}
