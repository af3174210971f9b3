/*
 * IPv4 in: is it sound, is it for us (RFC 791, RFC 1122 3.2.1), to whom it goes, and forwarding
 * (RFC 1812 5.2).
 */
#include <compiler.h>
#include <uapi/errno.h>
#include <uapi/icmp.h>
#include <uapi/if.h>
#include <uapi/in.h>

#include "arch/riscv/cpu.h"
#include "core/time.h"
#include "net/ipv4.h"
#include "net/mib.h"
#include "net/raw.h"
#include "net/route.h"
#include "sync/log.h"

enum verdict { DROP, DELIVER, FORWARD };

static bool is_multicast(be32 a)
{
	return be32_to_cpu(a) >> 28 == 0xe;
}

/* May a packet that came in by d be from src? RFC 1812 5.3.7, 5.3.8. */
static bool valid_source(struct net *net, const struct ip4_dev *i, be32 src, bool dhcp)
{
	struct netdev *d = i->dev;
	struct in6_addr a = addr_from_v4(src);
	bool lo = d->flags & IFF_LOOPBACK;
	int rp = IP4_CONF(i, rp_filter);
	const struct route_entry *e;
	u8 type;

	if (be32_to_cpu(src) >> 24 == 0)
		return !src && (dhcp || lo);
	if (be32_to_cpu(src) >> 24 == 127 && !lo && !IP4_CONF(i, route_localnet))
		return false;
	type = route_addr_type(net, &a);
	if (type == ROUTE_LOCAL && !lo)
		return IP4_CONF(i, accept_local);
	if (type != ROUTE_UNICAST && type != ROUTE_LOCAL)
		return false;
	if (!rp || lo)
		return true;
	e = route_match(net, &a, 0);
	return e && e->c.type == ROUTE_UNICAST && (rp == 2 || e->c.dev == d);
}

/* A source that cannot be: told of once a second, if somebody wants to know. */
static enum verdict martian(const struct ip4_dev *i, const struct ipv4_header *h)
{
	struct ip4_net *n4 = i->dev->net->ip4;
	const u8 *src = (const u8 *)&h->src, *dst = (const u8 *)&h->dst;

	if (!IP4_CONF(i, log_martians) || now_mono() - READ_ONCE(n4->martian_at) < NSEC_PER_SEC)
		return DROP;
	WRITE_ONCE(n4->martian_at, now_mono());
	pr_warn("IPv4: martian source %u.%u.%u.%u for %u.%u.%u.%u on %s", src[0], src[1], src[2],
		src[3], dst[0], dst[1], dst[2], dst[3], i->dev->name);
	return DROP;
}

static enum verdict judge(struct net *net, struct packet *p, const struct ipv4_header *h, u8 *type)
{
	struct ip4_dev *i = ip4_dev(p->dev);
	struct in6_addr dst = addr_from_v4(h->dst);
	bool looped = p->whom == FOR_OUTGOING; /* our own, which ip4_output looped back */
	struct ip4_judged *seen = &net->ip4->judged[hart_id()];
	u32 generation = __atomic_load_n(&net->generation, __ATOMIC_ACQUIRE);
	const struct route_entry *e;

	if (!i)
		return DROP;
	if (is_multicast(h->dst)) {
		*type = ROUTE_MULTICAST;
		if (!igmp_wanted(i, h->dst, h->src, h->proto))
			return DROP;
		return looped || valid_source(net, i, h->src, h->proto == IPPROTO_IGMP) ?
			       DELIVER :
			       martian(i, h);
	}
	*type = ROUTE_BROADCAST;
	if (h->dst == cpu_to_be32(INADDR_BROADCAST))
		return looped || valid_source(net, i, h->src, true) ? DELIVER : martian(i, h);
	if (!(be32_to_cpu(h->dst) >> 24) ||
	    (be32_to_cpu(h->dst) >> 24 == 127 && !(p->dev->flags & IFF_LOOPBACK) &&
	     !IP4_CONF(i, route_localnet)))
		return DROP;
	/* RFC 1122 3.3.6: not for one host, if it came to all of the link, if somebody wants that. */
	if (!looped && (p->whom == FOR_BROADCAST || p->whom == FOR_MULTICAST) &&
	    unlikely(IP4_CONF(i, drop_unicast_in_l2_multicast)) &&
	    route_addr_type(net, &dst) != ROUTE_BROADCAST)
		return DROP;
	if (seen->generation == generation && seen->dst == h->dst && seen->src == h->src &&
	    seen->ifindex == p->dev->ifindex) {
		*type = ROUTE_LOCAL;
		return DELIVER;
	}
	e = route_match(net, &dst, 0);
	if (!looped && !valid_source(net, i, h->src, false))
		return martian(i, h);
	if (e && (e->c.type == ROUTE_LOCAL || e->c.type == ROUTE_BROADCAST)) {
		*type = e->c.type;
		if (e->c.type == ROUTE_LOCAL && !looped)
			*seen = (struct ip4_judged){ h->src, h->dst, p->dev->ifindex, generation };
		return DELIVER;
	}
	*type = ROUTE_UNICAST;
	if (READ_ONCE(i->conf.forwarding) && p->whom == FOR_HOST)
		return FORWARD;
	mib_count(net, e ? IP4_IN_ADDR_ERRORS : IP4_IN_NO_ROUTES);
	return DROP;
}

static void forward(struct net *net, struct packet *p)
{
	struct ipv4_header *h = (struct ipv4_header *)p->data;
	struct route_key key = { .dst = addr_from_v4(h->dst) };
	struct route r;
	int err;

	if (h->ttl <= 1) {
		mib_count(net, IP4_IN_HDR_ERRORS);
		icmp_send_error(net, p, ICMP_TIME_EXCEEDED, ICMP_EXC_TTL, 0);
		goto drop;
	}
	err = route_lookup(net, &key, &r);
	if (err) {
		mib_count(net, err == -ENETUNREACH ? IP4_IN_NO_ROUTES : IP4_IN_ADDR_ERRORS);
		icmp_send_error(net, p, ICMP_DEST_UNREACH,
				err == -EACCES	     ? ICMP_PKT_FILTERED :
				err == -EHOSTUNREACH ? ICMP_HOST_UNREACH :
						       ICMP_NET_UNREACH,
				0);
		goto drop;
	}
	/* RFC 1191 6.: what strangers' ICMP says is for packets of ours, unless told otherwise. */
	if (!READ_ONCE(net->ip4->forward_use_pmtu))
		r.mtu = r.link_mtu;
	if (p->len > r.mtu && !p->gso && be16_to_cpu(h->frag) & IPV4_DF) {
		mib_count(net, IP4_FRAG_FAILS);
		icmp_send_error(net, p, ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED, r.mtu);
		route_put(&r);
		goto drop;
	}
	if (!packet_need_headroom(p, 16)) {
		route_put(&r);
		goto drop;
	}
	if (unlikely(r.dev == p->dev))
		icmp_redirect_sender(net, p, &r);
	h = (struct ipv4_header *)p->data;
	h->ttl--;
	if (p->csum == CSUM_VERIFIED)
		p->csum = CSUM_NONE; /* as it came, it goes on */
	mib_count(net, IP4_FORWARDED);
	ip4_output(net, p, &r, false);
	route_put(&r);
	return;
drop:
	packet_free(p);
}

/* A whole packet for us, p->data at its header. */
static void deliver(struct net *net, struct packet *p, u8 type)
{
	struct ipv4_header *h = (struct ipv4_header *)p->data;
	u32 hlen = (h->version_ihl & 15) * 4u;
	struct ip_received *r = ip_received(p);
	const struct ip_protocol *proto;
	bool raw;

	*r = (struct ip_received){
		.src = addr_from_v4(h->src),
		.dst = addr_from_v4(h->dst),
		.ifindex = p->dev->ifindex,
		.proto = h->proto,
		.ttl = h->ttl,
		.tos = h->tos,
		.options_len = (u8)(hlen - 20),
		.header_len = (u16)hlen,
		.route_type = type,
	};
	p->network = (u16)packet_headroom(p);
	packet_drop_front(p, hlen);
	p->transport = (u16)packet_headroom(p);
	raw = raw_deliver(net, p);
	proto = ip_protocol(r->proto);
	mib_count(net, proto || raw ? IP4_IN_DELIVERS : IP4_IN_UNKNOWN_PROTOS);
	if (proto) {
		proto->input(net, p);
		return;
	}
	if (!raw)
		icmp_send_error(net, p, ICMP_DEST_UNREACH, ICMP_PROT_UNREACH, 0);
	packet_free(p);
}

void ip4_receive(struct net *net, struct packet *p)
{
	/* By the ECN bits: not, ECT(1), ECT(0), CE. */
	static const u8 ecn[] = { IP4_IN_NO_ECT, IP4_IN_ECT1, IP4_IN_ECT0, IP4_IN_CE };
	struct ipv4_header *h;
	u32 hlen, len;
	int bad;
	u8 type;

	if (p->whom == FOR_OTHER)
		goto drop;
	mib_count(net, IP4_IN_RECEIVES);
	mib_add(net, IP4_IN_OCTETS, p->len);
	h = packet_pull_up(p, sizeof(*h));
	if (!h || h->version_ihl >> 4 != 4)
		goto bad_header;
	hlen = (h->version_ihl & 15) * 4u;
	if (hlen < sizeof(*h))
		goto bad_header;
	mib_add(net, (enum mib)ecn[h->tos & 3], max((u64)p->gso_segs, 1UL));
	h = packet_pull_up(p, hlen);
	if (!h)
		goto bad_header;
	if (ip4_header_sum(h, hlen)) {
		mib_count(net, IP4_IN_CSUM_ERRORS);
		goto bad_header;
	}
	len = be16_to_cpu(h->len);
	if (p->gso && p->len > 0xffff)
		len = p->len;
	if (len > p->len) {
		mib_count(net, IP4_IN_TRUNCATED);
		goto drop;
	}
	if (len < hlen)
		goto bad_header;
	packet_trim(p, len);
	p->network = (u16)packet_headroom(p);
	p->transport = (u16)(p->network + hlen);
	if (hlen > sizeof(*h)) {
		bad = ip4_options_receive(net, p, h);
		if (bad) {
			if (bad > 0)
				icmp_send_error(net, p, ICMP_PARAMETERPROB, 0, (u32)bad << 24);
			goto bad_header;
		}
	}
	switch (judge(net, p, h, &type)) {
	case DELIVER:
		if (type == ROUTE_MULTICAST || type == ROUTE_BROADCAST) {
			bool all = type == ROUTE_BROADCAST;

			mib_count(net, all ? IP4_IN_BCAST : IP4_IN_MCAST);
			mib_add(net, all ? IP4_IN_BCAST_OCTETS : IP4_IN_MCAST_OCTETS, p->len);
		}
		if (be16_to_cpu(h->frag) & (IPV4_MF | IPV4_OFFSET)) {
			p = ip4_reassemble(net, p);
			if (!p)
				return;
		}
		deliver(net, p, type);
		return;
	case FORWARD:
		forward(net, p);
		return;
	default:
		goto drop;
	}
bad_header:
	mib_count(net, IP4_IN_HDR_ERRORS);
drop:
	packet_free(p);
}
