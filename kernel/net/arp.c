/*
 * ARP: whose link address an IPv4 address has, RFC 826. A probe of RFC 5227 is answered, an address
 * that others claim is defended; for what is behind us we answer if proxy_arp asks for it (RFC 1027).
 * What is learnt is kept in neigh.c.
 */
#include <compiler.h>
#include <uapi/errno.h>
#include <uapi/icmp.h>
#include <uapi/if.h>
#include <uapi/in.h>

#include "core/time.h"
#include "net/ipv4.h"
#include "net/neigh.h"
#include "net/route.h"
#include "net/wire/arp.h"
#include "net/wire/eth.h"

static void arp_send(struct netdev *dev, u16 op, const u8 *to, be32 sender, const u8 *target_mac,
		     be32 target)
{
	struct packet *p = packet_alloc(PACKET_HEADROOM, sizeof(struct arp_packet));
	struct arp_packet *a;

	if (!p)
		return;
	a = packet_put(p, sizeof(*a));
	a->hardware = cpu_to_be16(ARPHRD_ETHER);
	a->protocol = cpu_to_be16(ETH_P_IP);
	a->hardware_len = ETH_ALEN;
	a->protocol_len = 4;
	a->op = cpu_to_be16(op);
	memcpy(a->sender_mac, dev->addr, ETH_ALEN);
	a->sender = sender;
	if (target_mac)
		memcpy(a->target_mac, target_mac, ETH_ALEN);
	else
		memset(a->target_mac, 0, ETH_ALEN);
	a->target = target;
	p->protocol = ETH_P_ARP;
	p->network = (u16)packet_headroom(p);
	link_send(dev, to, p);
}

/* net.ipv4.conf.*.arp_announce: the address that the packet which waits has, if it may be told. */
static be32 sender_of(struct neighbour *n, be32 target)
{
	struct ip4_dev *i = ip4_dev(n->dev);
	int level = i ? IP4_CONF(i, arp_announce) : 2;
	struct in6_addr a;
	struct packet *p;
	be32 src = 0;

	spin_lock(&n->lock);
	p = list_first_entry_or_null(&n->queue, struct packet, link);
	if (p && level < 2)
		src = ((const struct ipv4_header *)packet_network(p))->src;
	spin_unlock(&n->lock);
	a = addr_from_v4(src);
	if (src && route_addr_type(n->net, &a) == ROUTE_LOCAL &&
	    (!level || (ip4_on_link(i, src) && ip4_on_link(i, target))))
		return src;
	return ip4_select_source(n->net, n->dev, target, SCOPE_LINK);
}

void arp_solicit(struct neighbour *n, bool unicast)
{
	be32 target = addr_v4(&n->addr), sender = sender_of(n, target);
	u8 mac[8];

	if (unicast) {
		spin_lock(&n->lock);
		memcpy(mac, n->lladdr, sizeof(mac));
		spin_unlock(&n->lock);
	}
	arp_send(n->dev, ARP_REQUEST, unicast ? mac : n->dev->broadcast, sender, NULL, target);
}

void arp_announce(struct netdev *dev, be32 addr)
{
	arp_send(dev, ARP_REQUEST, dev->broadcast, addr, NULL, addr);
}

/* net.ipv4.conf.*.arp_ignore: do we answer for target, which is ours, on d? */
static bool ignored(struct net *net, const struct ip4_dev *i, const struct in6_addr *target,
		    be32 sender)
{
	bool here = route_addr_type_on(net, target, i->dev->ifindex) == ROUTE_LOCAL;

	switch (IP4_CONF(i, arp_ignore)) {
	case 0:
		return false;
	case 1:
		return !here;
	case 2:
		return !here || !ip4_on_link(i, sender);
	default:
		return true;
	}
}

/* Do we answer for target on d: as the one who has it, or for who is behind us? */
static bool answers(struct net *net, struct netdev *d, be32 target, be32 sender)
{
	const struct ip4_dev *i = ip4_dev(d);
	struct in6_addr to = addr_from_v4(target), from = addr_from_v4(sender);
	u8 type = route_addr_type(net, &to);
	const struct route_entry *e;

	if (be32_to_cpu(target) >> 24 == 127)
		return false;
	if (type == ROUTE_LOCAL && !ignored(net, i, &to, sender)) {
		if (!sender || !IP4_CONF(i, arp_filter))
			return true;
		/* Only where what we send to the asker goes out. */
		e = route_match(net, &from, 0);
		return e && e->c.dev == d;
	}
	if (type != ROUTE_UNICAST || !sender || !READ_ONCE(i->conf.forwarding))
		return false;
	e = route_match(net, &to, 0);
	if (!e || e->c.type != ROUTE_UNICAST)
		return false;
	/* RFC 3069: hosts of one link that may not talk to each other but by us. */
	if (e->c.dev == d)
		return READ_ONCE(i->conf.proxy_arp_pvlan) && sender != target;
	return IP4_CONF(i, proxy_arp);
}

/* net.ipv4.conf.*.arp_accept: is who tells of himself unasked remembered? */
static bool accepts(const struct ip4_dev *i, be32 sender)
{
	int level = IP4_CONF(i, arp_accept);

	return level == 1 || (level == 2 && ip4_on_link(i, sender));
}

void arp_receive(struct net *net, struct packet *p)
{
	struct netdev *d = p->dev;
	struct arp_packet *a = packet_pull_up(p, sizeof(*a));
	struct in6_addr sender;
	struct neighbour *n;
	bool gratuitous, for_us;
	u16 op;

	if (!a || !netdev_ethernet(d) || d->flags & (IFF_LOOPBACK | IFF_NOARP) || !ip4_dev(d) ||
	    p->whom == FOR_OTHER || a->hardware != cpu_to_be16(ARPHRD_ETHER) ||
	    a->protocol != cpu_to_be16(ETH_P_IP) || a->hardware_len != ETH_ALEN ||
	    a->protocol_len != 4)
		goto out;
	op = be16_to_cpu(a->op);
	if (op != ARP_REQUEST && op != ARP_REPLY)
		goto out;
	if (be32_to_cpu(a->target) >> 28 == 0xe || a->sender_mac[0] & 1 ||
	    !memcmp(a->sender_mac, d->addr, ETH_ALEN))
		goto out;
	if (!a->sender) { /* RFC 5227 2.1.1: a probe; it is answered and nothing is learnt */
		if (op == ARP_REQUEST && answers(net, d, a->target, a->sender))
			arp_send(d, ARP_REPLY, a->sender_mac, a->target, a->sender_mac, a->sender);
		goto out;
	}
	sender = addr_from_v4(a->sender);
	if (route_addr_type(net, &sender) != ROUTE_UNICAST) {
		/* RFC 5227 2.4: somebody claims an address of ours: defend it. */
		if (addr_is_local(net, &sender) && a->sender == a->target)
			arp_announce(d, a->sender);
		goto out;
	}
	gratuitous = a->sender == a->target;
	if (gratuitous && IP4_CONF(ip4_dev(d), drop_gratuitous_arp))
		goto out;
	for_us = !gratuitous && answers(net, d, a->target, a->sender);
	if (op == ARP_REQUEST && for_us) {
		n = neigh_find(net, d, &sender, true);
		if (n)
			neigh_update(n, a->sender_mac, NEIGH_STALE, NEIGH_OVERRIDE);
		neigh_put(n);
		arp_send(d, ARP_REPLY, a->sender_mac, a->target, a->sender_mac, a->sender);
		goto out;
	}
	/* Others are learnt only if we talk to them: RFC 826's Merge_flag. */
	n = neigh_find(net, d, &sender,
		       (gratuitous || op == ARP_REPLY) && accepts(ip4_dev(d), a->sender));
	if (n) {
		bool answer = op == ARP_REPLY && p->whom == FOR_HOST;

		u64 lock = READ_ONCE(ip4_dev(d)->neigh.locktime) * NSEC_PER_MSEC;

		if (now_mono() > READ_ONCE(n->updated) + lock || !(n->state & NEIGH_VALID) ||
		    gratuitous)
			neigh_update(n, a->sender_mac, answer ? NEIGH_REACHABLE : NEIGH_STALE,
				     NEIGH_OVERRIDE);
		neigh_put(n);
	}
out:
	packet_free(p);
}

void ip4_neigh_failed(struct net *net, struct packet *p)
{
	p->transport = 0;
	icmp_send_error(net, p, ICMP_DEST_UNREACH, ICMP_HOST_UNREACH, 0);
	packet_free(p);
}
