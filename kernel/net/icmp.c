/*
 * ICMP: RFC 792, with what RFC 1122 3.2.2 and RFC 1812 4.3 make of it. Echo and timestamp are
 * answered, errors go to who sent what they are about (redirects: icmp_redirect.c). What we send is
 * limited in rate: of errors in all, and to one destination.
 */
#include <compiler.h>
#include <uapi/errno.h>
#include <uapi/errqueue.h>
#include <uapi/icmp.h>
#include <uapi/if.h>
#include <uapi/in.h>

#include "core/time.h"
#include "lib/siphash.h"
#include "net/ipv4.h"
#include "net/ipv6_dev.h"
#include "net/mib.h"
#include "net/raw.h"
#include "net/route.h"
#include "net/wire/icmp.h"
#include "sync/log.h"

#define QUOTE_MAX 576 /* RFC 1812 4.3.2.3: of the whole error */
#define BURST	  6 /* errors to one destination at once */

/* Unreachable, by code: what a program is told, and whether a connection ends by it. */
static const struct {
	u8 err;
	bool fatal;
} unreachable[NR_ICMP_UNREACH + 1] = {
	[ICMP_NET_UNREACH] = { ENETUNREACH, false },
	[ICMP_HOST_UNREACH] = { EHOSTUNREACH, false },
	[ICMP_PROT_UNREACH] = { ENOPROTOOPT, true },
	[ICMP_PORT_UNREACH] = { ECONNREFUSED, true },
	[ICMP_FRAG_NEEDED] = { EMSGSIZE, false },
	[ICMP_SR_FAILED] = { EOPNOTSUPP, false },
	[ICMP_NET_UNKNOWN] = { ENETUNREACH, true },
	[ICMP_HOST_UNKNOWN] = { EHOSTDOWN, true },
	[ICMP_HOST_ISOLATED] = { ENONET, true },
	[ICMP_NET_ANO] = { ENETUNREACH, true },
	[ICMP_HOST_ANO] = { EHOSTUNREACH, true },
	[ICMP_NET_UNR_TOS] = { ENETUNREACH, false },
	[ICMP_HOST_UNR_TOS] = { EHOSTUNREACH, false },
	[ICMP_PKT_FILTERED] = { EHOSTUNREACH, true },
	[ICMP_PREC_VIOLATION] = { EHOSTUNREACH, true },
	[ICMP_PREC_CUTOFF] = { EHOSTUNREACH, true },
};

/* --- limits: buckets of tokens, in ns of credit --- */

static bool take_token(struct icmp_bucket *b, u64 now, u64 cost, u64 most)
{
	u64 last = __atomic_load_n(&b->last, __ATOMIC_RELAXED), start;

	do {
		start = max(last, now > most ? now - most : 0);
		if (start + cost > now)
			return false;
	} while (!__atomic_compare_exchange_n(&b->last, &last, start + cost, true, __ATOMIC_RELAXED,
					      __ATOMIC_RELAXED));
	return true;
}

/* RFC 1812 4.3.2.8. The destinations share buckets by a keyed hash. */
static bool may_send(struct net *net, const struct route *r, u8 type)
{
	struct ip4_net *i = net->ip4;
	u64 rate = READ_ONCE(i->icmp_ratelimit) * NSEC_PER_MSEC,
	    now = now_mono() + NSEC_PER_SEC * 60;
	u32 per_sec = READ_ONCE(i->icmp_msgs_per_sec), h;

	if (type > NR_ICMP_TYPES || !(READ_ONCE(i->icmp_ratemask) >> type & 1) ||
	    r->dev->flags & IFF_LOOPBACK)
		return true;
	if (per_sec && !take_token(&i->icmp_all, now, NSEC_PER_SEC / per_sec,
				   NSEC_PER_SEC / per_sec * READ_ONCE(i->icmp_msgs_burst))) {
		mib_count(net, ICMP_LIMIT_GLOBAL);
		return false;
	}
	h = (u32)siphash(&r->dst, sizeof(r->dst), (const struct siphash_key *)net->secret);
	if (!rate || take_token(&i->icmp_to[h % ARRAY_SIZE(i->icmp_to)], now, rate, BURST * rate))
		return true;
	mib_count(net, ICMP_LIMIT_HOST);
	return false;
}

u32 ip_reply_mark(struct net *net, const struct packet *p, bool v6)
{
	return READ_ONCE(*(v6 ? &net->ip6->fwmark_reflect : &net->ip4->fwmark_reflect)) ? p->mark :
											  0;
}

/* --- sending --- */

/* p holds the message, whose sum is made here. r is looked up. */
static void icmp_push(struct net *net, struct packet *p, const struct ip_send *s)
{
	struct icmp_header *h = (struct icmp_header *)p->data;

	h->sum = (__force be16)0;
	h->sum = (__force be16)csum_fold(packet_sum(p, 0, p->len, 0));
	ip_send(net, p, s);
}

static bool is_error(u8 type)
{
	return type == ICMP_DEST_UNREACH || type == ICMP_SOURCE_QUENCH || type == ICMP_REDIRECT ||
	       type == ICMP_TIME_EXCEEDED || type == ICMP_PARAMETERPROB;
}

/* RFC 1122 3.2.2: about which packets no error is sent. */
static bool never_about(struct net *net, const struct packet *p, const struct ipv4_header *h)
{
	struct in6_addr src = addr_from_v4(h->src), dst = addr_from_v4(h->dst);
	u32 at = (u32)((const u8 *)h - p->data) + (h->version_ihl & 15) * 4u;
	u8 type, kind = route_addr_type(net, &dst), from = route_addr_type(net, &src);

	if (p->whom == FOR_BROADCAST || p->whom == FOR_MULTICAST || kind == ROUTE_BROADCAST ||
	    kind == ROUTE_MULTICAST || from == ROUTE_BROADCAST || from == ROUTE_MULTICAST ||
	    !(be32_to_cpu(h->src) >> 24) || be16_to_cpu(h->frag) & IPV4_OFFSET)
		return true;
	if (h->proto != IPPROTO_ICMP)
		return false;
	if ((s32)(p->len - at) < 1)
		return true;
	packet_read(p, at, &type, 1);
	return is_error(type);
}

void icmp_send_error(struct net *net, struct packet *p, u8 type, u8 code, u32 info)
{
	struct ipv4_header *h = packet_network(p);
	u32 back = (u32)(p->data - (u8 *)h), quote;
	struct in6_addr dst = addr_from_v4(h->dst);
	u8 options[IPV4_MAX_OPTIONS];
	struct icmp_header *i;
	struct packet *m;
	struct route r;
	struct route_key key = { .dst = addr_from_v4(h->src),
				 .mark = ip_reply_mark(net, p, false) };
	be32 inbound;
	struct ip_send s;

	/* The header may be before the data by now: it comes back for a while. */
	packet_push(p, back);
	if (never_about(net, p, h))
		goto out;
	if (route_addr_type(net, &dst) == ROUTE_LOCAL)
		key.src = dst;
	/* RFC 1812 4.3.2.4 says from where it is sent; some want it from where the packet came. */
	else if (READ_ONCE(net->ip4->icmp_errors_use_inbound) && p->dev &&
		 (inbound = ip4_select_source(net, p->dev, h->src, SCOPE_LINK)) != 0)
		key.src = addr_from_v4(inbound);
	if (route_lookup(net, &key, &r))
		goto out;
	if (!may_send(net, &r, type))
		goto out_route;
	s = (struct ip_send){
		.src = r.src,
		.dst = r.dst,
		.route = &r,
		.proto = IPPROTO_ICMP,
		.tos = (u8)((h->tos & 0x1e) | 0xc0), /* RFC 1812 4.3.2.5 */
		.options = options,
		.options_len = ip4_options_echo(h, options),
	};
	quote = min(p->len, min(QUOTE_MAX, r.mtu) - 20 - s.options_len - (u32)sizeof(*i));
	m = packet_alloc(PACKET_HEADROOM, (u32)sizeof(*i) + quote);
	if (!m)
		goto out_route;
	i = packet_put(m, (u32)sizeof(*i) + quote);
	i->type = type;
	i->code = code;
	i->rest = cpu_to_be32(info);
	packet_read(p, 0, i + 1, quote);
	m->mark = key.mark;
	icmp_push(net, m, &s);
out_route:
	route_put(&r);
out:
	packet_drop_front(p, back);
}

/* The answer to a request, in the request's own packet: back to where it came from. */
static void reply(struct net *net, struct packet *p, u8 type)
{
	struct ip_received *in = ip_received(p);
	struct ip_received was = *in;
	u8 options[IPV4_MAX_OPTIONS];
	struct icmp_header *h;
	struct route_key key = { .dst = was.src, .mark = ip_reply_mark(net, p, false) };
	struct route r;
	struct ip_send s = {
		.proto = IPPROTO_ICMP,
		.tos = was.tos,
		.options = options,
		.options_len = ip4_options_echo(packet_network(p), options),
	};

	if (was.route_type == ROUTE_LOCAL)
		key.src = was.dst;
	if (route_lookup(net, &key, &r)) {
		packet_free(p);
		return;
	}
	if (!may_send(net, &r, type))
		goto drop;
	s.src = r.src;
	s.dst = r.dst;
	s.route = &r;
	packet_set_dev(p, NULL);
	p->csum = CSUM_NONE;
	p->mark = key.mark;
	p->stamp = 0;
	h = packet_pull_up(p, sizeof(*h));
	if (!h)
		goto drop;
	h->type = type;
	h->code = 0;
	icmp_push(net, p, &s);
	route_put(&r);
	return;
drop:
	route_put(&r);
	packet_free(p);
}

/* --- receiving --- */

/* RFC 1191 7.1: a router that tells no MTU: the next lower plateau. */
static u32 plateau(u32 len)
{
	static const u16 sizes[] = { 32000, 17914, 8166, 4352, 2002, 1492, 576, 296, 216, 128, 68 };

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++)
		if (len > sizes[i])
			return sizes[i];
	return 68;
}

/* RFC 1122 3.2.2: nobody may send an error about a broadcast. Said once a second. */
static void told_of_broadcast(struct packet *p, const struct icmp_header *ih,
			      const struct ipv4_header *h)
{
	struct ip4_net *n4 = p->dev->net->ip4;
	be32 from = addr_v4(&ip_received(p)->src);
	const u8 *src = (const u8 *)&from, *dst = (const u8 *)&h->dst;

	if (now_mono() - READ_ONCE(n4->bogus_at) < NSEC_PER_SEC && READ_ONCE(n4->bogus_at))
		return;
	WRITE_ONCE(n4->bogus_at, now_mono());
	pr_warn("IPv4: %u.%u.%u.%u sent an ICMP error of type %u, code %u about a broadcast: %u.%u.%u.%u on %s",
		src[0], src[1], src[2], src[3], ih->type, ih->code, dst[0], dst[1], dst[2], dst[3],
		p->dev->name);
}

/* An error about a packet that we, as it says, have sent. */
static void receive_error(struct net *net, struct packet *p, const struct icmp_header *ih)
{
	const struct ipv4_header *h = (const struct ipv4_header *)(ih + 1);
	struct ip_error e = {
		.origin = SO_EE_ORIGIN_ICMP,
		.type = ih->type,
		.code = ih->code,
		.offender = ip_received(p)->src,
	};
	struct in6_addr src, dst;
	const struct ip_protocol *proto;
	u32 hlen, n = p->len - (u32)sizeof(*ih);
	bool broadcast;

	if (n < sizeof(*h))
		return;
	hlen = (h->version_ihl & 15) * 4u;
	if (h->version_ihl >> 4 != 4 || hlen < sizeof(*h) || n < hlen)
		return;
	switch (ih->type) {
	case ICMP_REDIRECT:
		icmp_redirected(net, p->dev, addr_v4(&ip_received(p)->src), h->src, h->dst, ih);
		return;
	case ICMP_DEST_UNREACH:
		if (ih->code > NR_ICMP_UNREACH)
			return;
		e.err = unreachable[ih->code].err;
		e.fatal = unreachable[ih->code].fatal;
		if (ih->code == ICMP_FRAG_NEEDED) {
			if (READ_ONCE(net->ip4->no_pmtu_disc) == 2)
				return;
			e.info = be16_to_cpu(ih->frag.mtu);
			if (!e.info)
				e.info = plateau(be16_to_cpu(h->len));
		}
		break;
	case ICMP_PARAMETERPROB:
		e.info = ih->pointer;
		e.err = EPROTO;
		e.fatal = true;
		break;
	case ICMP_TIME_EXCEEDED:
		if (ih->code == ICMP_EXC_FRAGTIME)
			return;
		e.err = EHOSTUNREACH;
		break;
	default:
		return;
	}
	src = addr_from_v4(h->src);
	dst = addr_from_v4(h->dst);
	broadcast = route_addr_type(net, &dst) == ROUTE_BROADCAST;
	if (broadcast && !READ_ONCE(net->ip4->icmp_ignore_bogus)) {
		told_of_broadcast(p, ih, h);
		return;
	}
	/* RFC 1122 3.2.2.1: only what could be from us; broadcasts have no one path. */
	if (e.err == EMSGSIZE && !broadcast && addr_is_local(net, &src) && e.info >= 68)
		route_update_mtu(net, &dst, e.info);
	raw_error(net, h, n, p->dev->ifindex, &e);
	if (n < hlen + 8)
		return;
	proto = ip_protocol(h->proto);
	if (proto && proto->error)
		proto->error(net, &src, &dst, (const u8 *)h + hlen, n - hlen, p->dev->ifindex, &e);
}

static void receive_timestamp(struct net *net, struct packet *p, struct icmp_header *h)
{
	u32 ms = (u32)(now_real() / NSEC_PER_MSEC % 86400000);

	if (p->len < 20 || !packet_pull_up(p, 20)) {
		packet_free(p);
		return;
	}
	h = (struct icmp_header *)p->data;
	put_be32((u8 *)h + 12, ms);
	put_be32((u8 *)h + 16, ms);
	packet_trim(p, 20);
	reply(net, p, ICMP_TIMESTAMPREPLY);
}

static void icmp_input(struct net *net, struct packet *p)
{
	struct ip_received *r = ip_received(p);
	struct icmp_header *h;
	bool one;

	if (p->csum == CSUM_NONE && csum_fold(packet_sum(p, 0, p->len, 0))) {
		mib_count(net, ICMP_IN_MSGS);
		mib_count(net, ICMP_IN_CSUM_ERRORS);
		mib_count(net, ICMP_IN_ERRORS);
		goto drop;
	}
	h = packet_pull_up(p, sizeof(*h));
	if (!h) {
		mib_count(net, ICMP_IN_MSGS);
		mib_count(net, ICMP_IN_ERRORS);
		goto drop;
	}
	mib_count_icmp(net, false, h->type);
	one = r->route_type == ROUTE_LOCAL;
	/* RFC 1122 3.2.2.6, 3.2.2.8: requests to all may be ignored, and are. */
	if (!one && (h->type != ICMP_ECHO || READ_ONCE(net->ip4->icmp_echo_ignore_broadcasts)) &&
	    h->type != ICMP_ECHOREPLY)
		goto drop;
	switch (h->type) {
	case ICMP_ECHO:
		if (READ_ONCE(net->ip4->icmp_echo_ignore_all))
			goto drop;
		reply(net, p, ICMP_ECHOREPLY);
		return;
	case ICMP_TIMESTAMP:
		receive_timestamp(net, p, h);
		return;
	case ICMP_ECHOREPLY:
		ping_deliver(net, p);
		return;
	case ICMP_DEST_UNREACH:
	case ICMP_TIME_EXCEEDED:
	case ICMP_PARAMETERPROB:
	case ICMP_REDIRECT:
		h = packet_pull_up(p, p->len);
		if (h)
			receive_error(net, p, h);
		break;
	default:
		break;
	}
drop:
	packet_free(p);
}

/* What comes back of our pings. */
static void icmp_error(struct net *net, const struct in6_addr *src, const struct in6_addr *dst,
		       const void *head, u32 n, int ifindex, const struct ip_error *e)
{
	ping_error(net, src, dst, head, n, ifindex, e);
}

const struct ip_protocol icmp_protocol = {
	.number = IPPROTO_ICMP,
	.input = icmp_input,
	.error = icmp_error,
};
