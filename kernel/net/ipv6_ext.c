/*
 * IPv6's extension headers and programs (RFC 3542): those that a socket puts into all it sends or one
 * message brings as control data, and those of what was received. Routing headers are refused: type 0
 * is deprecated (RFC 5095), and no other is done here.
 *
 * Locks: [l] the socket's, for its own headers.
 */
#include <byteorder.h>
#include <compiler.h>
#include <err.h>
#include <uapi/errno.h>
#include <uapi/in.h>
#include <uapi/in6.h>

#include "alloc/slab.h"
#include "core/cred.h"
#include "lib/string.h"
#include "mm/usercopy.h"
#include "net/dgram.h"
#include "net/inet_opt.h"
#include "net/mcast.h"
#include "net/wire/ipv6.h"

static u32 ext_len(const u8 *h)
{
	return 8u + h[1] * 8u;
}

/* Where a socket keeps it; NULL: no such option. [l] to use what stands there */
static u8 **place(struct inet_options *o, int name)
{
	switch (name) {
	case IPV6_HOPOPTS:
		return &o->ext[EXT_HOPOPTS];
	case IPV6_RTHDRDSTOPTS:
		return &o->ext[EXT_RTHDR_DSTOPTS];
	case IPV6_DSTOPTS:
		return &o->ext[EXT_DSTOPTS];
	default:
		return NULL;
	}
}

/* Both as they go on the wire, in *n bytes; NULL: there are none, or, if *n says that there are, no memory. */
static u8 *join(const u8 *hop, const u8 *dst, u32 *n)
{
	u32 nhop = hop ? ext_len(hop) : 0, ndst = dst ? ext_len(dst) : 0;
	u8 *all;

	*n = nhop + ndst;
	all = *n ? kmalloc(*n, 0) : NULL;
	if (all) {
		memcpy(all, hop, nhop);
		memcpy(all + nhop, dst, ndst);
		all[0] = IPPROTO_DSTOPTS; /* the last one's is set by who sends */
	}
	return all;
}

int inet6_set_ext(struct inet_socket *is, int name, const void __user *val, int len)
{
	struct inet_options *o;
	u8 *new = NULL, *old, *all;
	u32 n;

	if (name != IPV6_RTHDR && !net_capable(is->sk.net, CAP_NET_RAW))
		return -EPERM;
	if (val && len) {
		if (len < 2 || len & 7 || len > 8 * 255)
			return -EINVAL;
		new = memdup_user(val, (size_t)len);
		if (IS_ERR(new))
			return (int)PTR_ERR(new);
		if (ext_len(new) > (u32)len || name == IPV6_RTHDR) {
			kfree(new);
			return -EINVAL;
		}
	}
	if (name == IPV6_RTHDR)
		return 0;
	o = inet_options(is);
	if (!o) {
		kfree(new);
		return -ENOMEM;
	}
	spin_lock(&is->sk.lock);
	old = *place(o, name);
	*place(o, name) = new;
	all = join(o->ext[EXT_HOPOPTS], o->ext[EXT_DSTOPTS], &n);
	if (n && !all) {
		*place(o, name) = old;
		spin_unlock(&is->sk.lock);
		kfree(new);
		return -ENOMEM;
	}
	swap(o->all_ext, all);
	o->all_ext_len = n;
	spin_unlock(&is->sk.lock);
	kfree(old);
	kfree(all);
	return 0;
}

int inet6_get_ext(struct inet_socket *is, int name, void __user *val, int __user *ulen)
{
	u8 *copy = NULL, **at;
	int n = 0, err;

	spin_lock(&is->sk.lock);
	at = is->opt ? place(is->opt, name) : NULL;
	if (at && *at) {
		n = (int)ext_len(*at);
		copy = kmemdup(*at, (size_t)n);
	}
	spin_unlock(&is->sk.lock);
	if (n && !copy)
		return -ENOMEM;
	err = sockopt_put(val, ulen, copy, n);
	kfree(copy);
	return err;
}

/* --- sent --- */

int inet6_send_ext(const struct cmsghdr *c, struct inet_send *s)
{
	bool hop = c->cmsg_type == IPV6_HOPOPTS || c->cmsg_type == IPV6_2292HOPOPTS;
	const u8 *h = cmsg_data(c), **to = hop ? &s->hopopts : &s->dstopts;

	if (c->cmsg_type == IPV6_RTHDR || c->cmsg_type == IPV6_2292RTHDR)
		return -EINVAL;
	if ((*to && c->cmsg_type != IPV6_DSTOPTS) || c->cmsg_len < sizeof(*c) + 2 ||
	    c->cmsg_len < sizeof(*c) + ext_len(h))
		return -EINVAL;
	if (!net_capable(current_net(), CAP_NET_RAW))
		return -EPERM;
	/* Those before a routing header go nowhere without one. */
	if (c->cmsg_type != IPV6_RTHDRDSTOPTS)
		*to = h;
	s->has_ext = true;
	return 0;
}

int inet6_build_ext(struct inet_socket *is, struct inet_send *s)
{
	const u8 *hop = s->hopopts, *dst = s->dstopts;

	if (likely(!s->has_ext && !READ_ONCE(is->opt)))
		return 0;
	spin_lock(&is->sk.lock);
	if (!s->has_ext && is->opt) {
		hop = is->opt->ext[EXT_HOPOPTS];
		dst = is->opt->ext[EXT_DSTOPTS];
	}
	s->ext = join(hop, dst, &s->options_len);
	s->ext_first = hop ? IPPROTO_HOPOPTS : IPPROTO_DSTOPTS;
	spin_unlock(&is->sk.lock);
	return s->options_len && !s->ext ? -ENOBUFS : 0;
}

/* --- received --- */

/* The headers between the network header and the transport's that the flags ask for. */
static void put_headers(struct inet_socket *is, struct packet *p, struct message *m,
			const enum inet_flag flag[3], const int type[3])
{
	const u8 *net = packet_network(p), *end = packet_transport(p), *at = net + IPV6_HLEN;
	u8 next = net[offsetof(struct ipv6_header, next)];

	while (end - at >= 8) {
		int kind = next == IPPROTO_HOPOPTS ? 0 :
			   next == IPPROTO_DSTOPTS ? 1 :
			   next == IPPROTO_ROUTING ? 2 :
						     3;
		u32 n = next == IPPROTO_FRAGMENT ? 8 : ext_len(at);

		if ((kind == 3 && next != IPPROTO_FRAGMENT) || n > (u32)(end - at))
			return;
		if (kind < 3 && inet_flag(is, flag[kind]))
			cmsg_put(m, SOL_IPV6, type[kind], at, n);
		next = at[0];
		at += n;
	}
}

void inet6_recv_ext(struct inet_socket *is, struct packet *p, struct message *m)
{
	static const enum inet_flag flags[3] = { INET_RECVHOPOPTS, INET_RECVDSTOPTS,
						 INET_RECVRTHDR };
	static const int types[3] = { IPV6_HOPOPTS, IPV6_DSTOPTS, IPV6_RTHDR };

	if (ip_received(p)->header_len > IPV6_HLEN)
		put_headers(is, p, m, flags, types);
}

/* The same as RFC 2292 had it. */
void inet6_recv_old(struct inet_socket *is, struct packet *p, struct message *m)
{
	static const enum inet_flag flags[3] = { INET_OLD_HOPOPTS, INET_OLD_DSTOPTS,
						 INET_OLD_RTHDR };
	static const int types[3] = { IPV6_2292HOPOPTS, IPV6_2292DSTOPTS, IPV6_2292RTHDR };
	const struct ip_received *r = ip_received(p);
	struct in6_pktinfo info = { r->dst, r->ifindex };
	int hops = r->ttl;

	if (inet_flag(is, INET_OLD_PKTINFO))
		cmsg_put(m, SOL_IPV6, IPV6_2292PKTINFO, &info, sizeof(info));
	if (inet_flag(is, INET_OLD_HOPLIMIT))
		cmsg_put(m, SOL_IPV6, IPV6_2292HOPLIMIT, &hops, sizeof(hops));
	if (r->header_len > IPV6_HLEN)
		put_headers(is, p, m, flags, types);
}
