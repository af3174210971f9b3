/*
 * IPv4 out: which way (RFC 1122 3.3.1, RFC 1812 5.2.4), the header, and onto the link.
 */
#include <compiler.h>
#include <uapi/errno.h>
#include <uapi/if.h>
#include <uapi/icmp.h>
#include <uapi/in.h>

#include "lib/siphash.h"
#include "net/ipv4.h"
#include "net/mib.h"
#include "net/neigh.h"
#include "net/route.h"
#include "net/wire/eth.h"

static bool is_multicast(be32 a)
{
	return be32_to_cpu(a) >> 28 == 0xe;
}

static bool is_zeronet(be32 a)
{
	return !(be32_to_cpu(a) >> 24);
}

static bool is_loopback(be32 a)
{
	return be32_to_cpu(a) >> 24 == 127;
}

static bool is_lbcast(be32 a)
{
	return a == cpu_to_be32(INADDR_BROADCAST);
}

/* 224.0.0.0/24: never forwarded. */
static bool is_local_multicast(be32 a)
{
	return be32_to_cpu(a) >> 8 == 0xe00000;
}

static int route_error(u8 type)
{
	return type == ROUTE_PROHIBIT	 ? -EACCES :
	       type == ROUTE_UNREACHABLE ? -EHOSTUNREACH :
					   -EINVAL;
}

/* The rest of r, once device, source and type are known. e: the entry it is by, or NULL. */
static int route_finish(struct net *net, struct route *r, struct netdev *d, be32 src,
			const struct route_entry *e)
{
	be32 dst = addr_v4(&r->dst);
	const struct route_path *path;
	u32 mtu;

	if (is_loopback(src) && !(d->flags & IFF_LOOPBACK) &&
	    !READ_ONCE(net->ip4->all.route_localnet))
		return -EINVAL;
	if (is_lbcast(dst))
		r->type = ROUTE_BROADCAST;
	else if (is_multicast(dst))
		r->type = ROUTE_MULTICAST;
	else if (is_zeronet(dst))
		return -EINVAL;
	r->src = addr_from_v4(src);
	r->hop = e && !addr_is_any(&e->c.gateway) && r->type == ROUTE_UNICAST ? e->c.gateway :
										r->dst;
	r->link_mtu = r->mtu = e && e->c.mtu ? e->c.mtu : READ_ONCE(d->mtu);
	r->advmss = e ? e->c.advmss : 0;
	r->initcwnd = e ? e->c.initcwnd : 0;
	r->hoplimit = e && e->c.hoplimit ? e->c.hoplimit : (u8)READ_ONCE(net->ip4->default_ttl);
	if (r->type == ROUTE_UNICAST) {
		path = route_path(net, &r->dst);
		mtu = path ? READ_ONCE(path->mtu) : 0;
		if (mtu && mtu < r->mtu)
			r->mtu = mtu;
		if (path && READ_ONCE(path->via) && e && !addr_is_any(&e->c.gateway) &&
		    addr_v4(&e->c.gateway) == READ_ONCE(path->instead_of))
			r->hop = addr_from_v4(READ_ONCE(path->via));
		if (netdev_ethernet(d) && !(d->flags & (IFF_LOOPBACK | IFF_NOARP))) {
			r->neigh = neigh_find(net, d, &r->hop, true);
			if (!r->neigh)
				return -ENOBUFS;
		}
	}
	r->dev = netdev_get(d);
	return 0;
}

int ip4_route(struct net *net, const struct route_key *key, struct route *r)
{
	be32 dst = addr_v4(&key->dst), src = addr_is_any(&key->src) ? 0 : addr_v4(&key->src);
	struct netdev *oif = NULL, *d;
	const struct route_entry *e;

	r->type = ROUTE_UNICAST;
	if (src && (is_multicast(src) || is_lbcast(src) || is_zeronet(src)))
		return -EINVAL;
	if (key->oif) {
		oif = netdev_by_index(net, key->oif);
		if (!oif)
			return -ENODEV;
		if (!(oif->flags & IFF_UP) || !ip4_dev(oif))
			return -ENETUNREACH;
		if (is_local_multicast(dst) || is_lbcast(dst))
			return route_finish(net, r, oif,
					    src ? src : ip4_select_source(net, oif, 0, SCOPE_LINK),
					    NULL);
		if (!src && (is_multicast(dst) || !dst))
			src = ip4_select_source(net, oif, 0, dst ? SCOPE_UNIVERSE : SCOPE_HOST);
	} else if (src && (is_multicast(dst) || is_lbcast(dst))) {
		/* A program that bound itself means the device of that address. */
		d = ip4_device_of(net, src);
		if (d)
			return route_finish(net, r, d, src, NULL);
	}
	if (!dst) {
		dst = src ? src : cpu_to_be32(INADDR_LOOPBACK);
		src = dst;
		r->dst = addr_from_v4(dst);
		r->type = ROUTE_LOCAL;
		return route_finish(net, r, net->loopback, src, NULL);
	}
	e = route_match(net, &key->dst, key->oif);
	if (!e) {
		if (!oif) {
			mib_count(net, IP4_OUT_NO_ROUTES);
			return -ENETUNREACH;
		}
		/* Told the device, it is taken to be on that link. */
		if (!src)
			src = ip4_select_source(net, oif, 0, SCOPE_LINK);
		return route_finish(net, r, oif, src, NULL);
	}
	r->type = e->c.type;
	if (r->type >= ROUTE_BLACKHOLE)
		return route_error(r->type);
	if (!src && !addr_is_any(&e->c.prefsrc))
		src = addr_v4(&e->c.prefsrc);
	if (r->type == ROUTE_LOCAL) {
		/* Of a whole prefix that is ours, say 127/8, each address answers for itself. */
		if (addr_is_any(&key->src) && e->c.prefix_len < 32)
			src = dst;
		d = net->loopback;
		if (!(d->flags & IFF_UP))
			return -ENETUNREACH;
		return route_finish(net, r, d, src ? src : dst, NULL);
	}
	if (!src)
		src = ip4_select_source(net, e->c.dev,
					addr_is_any(&e->c.gateway) ? 0 : addr_v4(&e->c.gateway),
					e->c.scope);
	return route_finish(net, r, e->c.dev, src, e);
}

u16 ip4_header_sum(const void *header, u32 n)
{
	return csum_fold(csum_bytes(header, n, 0));
}

u16 ip4_next_id(struct net *net, be32 src, be32 dst, u8 proto)
{
	struct {
		be32 src, dst;
		u32 proto;
	} key = { src, dst, proto };
	u64 h = siphash(&key, sizeof(key), (const struct siphash_key *)net->secret);

	return (u16)__atomic_fetch_add(&net->ip4->ids[h % ARRAY_SIZE(net->ip4->ids)], 1,
				       __ATOMIC_RELAXED);
}

/* Onto the link: a neighbour's address, or the one that goes with the kind of address. */
static void emit(struct packet *p, const struct route *r)
{
	u8 mac[6] = { 0x01, 0x00, 0x5e };
	u32 group;

	if (r->neigh) {
		neigh_send(r->neigh, p);
	} else if (r->type == ROUTE_MULTICAST) { /* RFC 1112 6.4 */
		group = be32_to_cpu(addr_v4(&r->dst));
		mac[3] = group >> 16 & 0x7f;
		mac[4] = (u8)(group >> 8);
		mac[5] = (u8)group;
		link_send(r->dev, mac, p);
	} else if (r->type == ROUTE_BROADCAST) {
		link_send(r->dev, r->dev->broadcast, p);
	} else {
		link_send(r->dev, r->dev->addr, p);
	}
}

int ip4_emit(struct net *net __unused, struct packet *p, const struct route *r)
{
	struct ipv4_header *h = (struct ipv4_header *)p->data;
	u32 hlen = (h->version_ihl & 15) * 4u;

	h->sum = (__force be16)0;
	h->sum = (__force be16)ip4_header_sum(h, hlen);
	emit(p, r);
	return 0;
}

/* Our own copy of what goes to a group we are in, or to all. */
static void loop_copy(struct net *net, const struct packet *p, const struct route *r)
{
	struct packet *c = packet_clone(p);
	struct ipv4_header *h;

	if (!c)
		return;
	packet_set_dev(c, r->dev);
	h = (struct ipv4_header *)c->data;
	h->sum = (__force be16)0;
	h->sum = (__force be16)ip4_header_sum(h, (h->version_ihl & 15) * 4u);
	ip_loop_back(net, c);
}

int ip4_output(struct net *net, struct packet *p, const struct route *r, bool loop)
{
	struct ipv4_header *h = (struct ipv4_header *)p->data;
	u32 mtu = r->mtu;

	p->protocol = ETH_P_IP;
	p->network = (u16)packet_headroom(p);
	h->len = cpu_to_be16((u16)min(p->len, 0xffffu));
	if (r->type >= ROUTE_BROADCAST && !(r->dev->flags & IFF_LOOPBACK)) {
		if (r->type == ROUTE_BROADCAST ||
		    (loop && igmp_wanted(ip4_dev(r->dev), h->dst, h->src, h->proto)))
			loop_copy(net, p, r);
		if (r->type == ROUTE_MULTICAST && !h->ttl) {
			packet_free(p); /* not beyond this machine */
			return 0;
		}
	}
	mib_count(net, IP4_OUT_TRANSMITS);
	mib_add(net, IP4_OUT_OCTETS, p->len);
	if (r->type == ROUTE_MULTICAST || r->type == ROUTE_BROADCAST) {
		bool all = r->type == ROUTE_BROADCAST;

		mib_count(net, all ? IP4_OUT_BCAST : IP4_OUT_MCAST);
		mib_add(net, all ? IP4_OUT_BCAST_OCTETS : IP4_OUT_MCAST_OCTETS, p->len);
	}
	if (p->len <= mtu || p->gso)
		return ip4_emit(net, p, r);
	if (be16_to_cpu(h->frag) & IPV4_DF) {
		mib_count(net, IP4_FRAG_FAILS);
		packet_free(p);
		return -EMSGSIZE;
	}
	return ip4_fragment(net, p, r, mtu);
}

int ip4_send(struct net *net, struct packet *p, const struct ip_send *s)
{
	u32 hlen = 20 + s->options_len;
	const struct route *r = s->route;
	struct ipv4_header *h;
	u8 type;

	if (p->len + hlen > 0xffff && !p->gso) {
		packet_free(p);
		return -EMSGSIZE;
	}
	if (!packet_need_headroom(p, hlen + 16)) {
		packet_free(p);
		return -ENOMEM;
	}
	p->transport = (u16)packet_headroom(p);
	h = packet_push(p, hlen);
	h->version_ihl = (u8)(0x40 | hlen / 4);
	h->tos = s->tos;
	h->frag = cpu_to_be16(s->df ? IPV4_DF : 0);
	h->ttl = s->ttl ? s->ttl : s->ttl_zero ? 0 : r->hoplimit;
	h->proto = s->proto;
	h->src = addr_v4(&s->src);
	h->dst = addr_v4(&s->dst);
	if (s->options_len) {
		memcpy(h + 1, s->options, s->options_len);
		ip4_options_stamp(net, (u8 *)(h + 1), s->options_len, h->src);
	}
	mib_count(net, IP4_OUT_REQUESTS);
	if (s->proto == IPPROTO_ICMP && p->len > hlen) {
		packet_read(p, hlen, &type, 1);
		mib_count_icmp(net, true, type);
	}
	/* One that can't be cut needs none (RFC 6864 4.1); what segments will be, does. */
	h->id = cpu_to_be16(s->df && !p->gso ? 0 : ip4_next_id(net, h->src, h->dst, h->proto));
	return ip4_output(net, p, r, !s->no_loop);
}
