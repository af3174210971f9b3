/*
 * ICMP redirects, RFC 792 and RFC 1122 3.2.2.2, RFC 1812 5.2.7.2: sent when a packet leaves by the device
 * it came in by, and heeded for one destination, as net.ipv4.conf.*.{send,accept,secure}_redirects and
 * shared_media say.
 *
 * Locks: [r] net->ip4->redirect_lock. Network context.
 */
#include <compiler.h>
#include <uapi/icmp.h>
#include <uapi/in.h>

#include "lib/siphash.h"
#include "net/ipv4.h"
#include "net/neigh.h"
#include "net/route.h"
#include "net/wire/icmp.h"
#include "sync/log.h"

/* Is a in the prefix of one of the addresses, and b in the same one? */
static bool together(const struct ip4_dev *i, be32 a, be32 b)
{
	const struct ip4_addr *pos;

	list_for_each_entry_rcu(pos, &i->addrs, link)
		if (!((a ^ pos->peer) & pos->mask) && !((b ^ pos->peer) & pos->mask))
			return true;
	return false;
}

/*
 * Is it time for another one to him? Then it is counted. net.ipv4.route.redirect_load is the time before
 * the second, twice that before the third, and so on; redirect_number how many one gets who does not heed
 * them; after redirect_silence it is tried anew.
 */
static bool due(struct net *net, be32 to)
{
	struct ip4_net *n4 = net->ip4;
	u64 h = siphash(&to, sizeof(to), (const struct siphash_key *)net->secret), now = now_mono();
	struct icmp_redirected *e = &n4->redirected[h % ARRAY_SIZE(n4->redirected)];
	u64 load = READ_ONCE(n4->redirect_load) * (NSEC_PER_SEC / REDIRECT_HZ),
	    silence = READ_ONCE(n4->redirect_silence) * (NSEC_PER_SEC / REDIRECT_HZ);
	u32 most = READ_ONCE(n4->redirect_number);
	bool yes;

	spin_lock(&n4->redirect_lock);
	if (e->to != to || now - e->last > silence)
		*e = (struct icmp_redirected){ .to = to };
	yes = e->n < most && (!e->n || now - e->last > load << min(e->n, 20U));
	e->n += yes;
	if (yes || e->n >= most)
		e->last = now;
	spin_unlock(&n4->redirect_lock);
	return yes;
}

void icmp_redirect_sender(struct net *net, struct packet *p, const struct route *r)
{
	const struct ipv4_header *h = (const struct ipv4_header *)p->data;
	const struct ip4_dev *i = ip4_dev(p->dev);
	struct in6_addr src = addr_from_v4(h->src);
	be32 hop = addr_v4(&r->hop), gateway = addr_equal(&r->hop, &r->dst) ? 0 : hop;
	const struct route_entry *e;

	if (!i || !IP4_CONF(i, send_redirects))
		return;
	/* To who is on that link, if he can reach the next router, or it is there anyway. */
	e = route_match(net, &src, 0);
	if (!e || e->c.type != ROUTE_UNICAST || e->c.dev != p->dev || !addr_is_any(&e->c.gateway))
		return;
	if (!IP4_CONF(i, shared_media) && !together(i, h->src, gateway ? gateway : h->src))
		return;
	if (due(net, h->src))
		icmp_send_error(net, p, ICMP_REDIRECT, ICMP_REDIR_HOST, be32_to_cpu(hop));
}

/* Is it a router by which a default route of the device goes? */
static bool is_default_router(struct net *net, const struct netdev *d, be32 a)
{
	struct in6_addr any = addr_from_v4(0);
	const struct route_entry *e = route_match(net, &any, 0);

	return e && !e->c.prefix_len && e->c.dev == d && addr_v4(&e->c.gateway) == a;
}

/* May somebody on this device be told of router `to` by router `from`? */
static bool acceptable(struct net *net, const struct ip4_dev *i, be32 from, be32 to)
{
	struct in6_addr a = addr_from_v4(to);
	const struct ip4_conf *all = &net->ip4->all;
	bool dev = READ_ONCE(i->conf.accept_redirects), both = READ_ONCE(all->accept_redirects);

	if (!(READ_ONCE(i->conf.forwarding) ? dev && both : dev || both))
		return false;
	if (to == from || be32_to_cpu(to) >> 28 >= 0xe || !(be32_to_cpu(to) >> 24))
		return false;
	if (IP4_CONF(i, shared_media))
		return route_addr_type(net, &a) == ROUTE_UNICAST;
	return together(i, to, from) &&
	       !(IP4_CONF(i, secure_redirects) && !is_default_router(net, i->dev, to));
}

/* Once a second, as all that cannot be. */
static void log_refused(const struct ip4_dev *i, be32 router, be32 dst, be32 next)
{
	struct ip4_net *n4 = i->dev->net->ip4;
	const u8 *r = (const u8 *)&router, *d = (const u8 *)&dst, *n = (const u8 *)&next;

	if (!IP4_CONF(i, log_martians) || now_mono() - READ_ONCE(n4->martian_at) < NSEC_PER_SEC)
		return;
	WRITE_ONCE(n4->martian_at, now_mono());
	pr_warn("IPv4: redirect from %u.%u.%u.%u on %s to %u.%u.%u.%u for %u.%u.%u.%u ignored",
		r[0], r[1], r[2], r[3], i->dev->name, n[0], n[1], n[2], n[3], d[0], d[1], d[2],
		d[3]);
}

void icmp_redirected(struct net *net, struct netdev *d, be32 router, be32 src, be32 dst,
		     const struct icmp_header *ih)
{
	struct in6_addr to = addr_from_v4(dst), from = addr_from_v4(src),
			next = addr_from_v4(ih->gateway);
	const struct ip4_dev *i = ip4_dev(d);
	const struct route_entry *e;
	struct neighbour *n;

	if (ih->code > ICMP_REDIR_HOSTTOS || !i || !addr_is_local(net, &from))
		return;
	/* Only who has the packets now may say so. */
	e = route_match(net, &to, 0);
	if (!e || e->c.type != ROUTE_UNICAST || e->c.dev != d || addr_is_any(&e->c.gateway) ||
	    addr_v4(&e->c.gateway) != router)
		return;
	if (!acceptable(net, i, router, ih->gateway)) {
		log_refused(i, router, dst, ih->gateway);
		return;
	}
	/* One that does not answer is no router: as on Linux the next redirect finds out whether it did. */
	n = neigh_find(net, d, &next, true);
	if (!n)
		return;
	if (READ_ONCE(n->state) & NEIGH_VALID)
		route_redirect(net, &to, router, ih->gateway);
	else
		arp_solicit(n, false);
	neigh_put(n);
}
