/*
 * What packet sockets hear (net/packet.h): net_tap is called for each frame that a device with a tap
 * receives or sends. A frame is cloned for each socket whose protocol, device and filter it passes.
 */
#include <byteorder.h>
#include <compiler.h>
#include <uapi/epoll.h>
#include <uapi/errno.h>

#include "alloc/slab.h"
#include "lib/string.h"
#include "net/packet.h"

int packet_net_init(struct net *net)
{
	net->packet = kzalloc(sizeof(*net->packet), 0);
	if (!net->packet)
		return -ENOMEM;
	list_init(&net->packet->sockets);
	list_init(&net->packet->fanouts);
	return 0;
}

void packet_net_destroy(struct net *net)
{
	kfree(net->packet);
	net->packet = NULL;
}

/* --- who hears --- */

static void count_taps(struct packet_sock *ps, int by)
{
	struct netdev *d;

	list_for_each_entry(d, &ps->sk.net->devices, link)
		if (!ps->ifindex || ps->ifindex == d->ifindex)
			WRITE_ONCE(d->taps, d->taps + (u32)by);
}

void packet_listen(struct packet_sock *ps, bool on)
{
	if (ps->listed == on)
		return;
	ps->listed = on;
	count_taps(ps, on ? 1 : -1);
	if (on)
		list_add_tail_rcu(&ps->link, &ps->sk.net->packet->sockets);
	else
		list_unlink_(&ps->link);
}

void packet_for_each(struct net *net, void (*fn)(struct packet_sock *ps, void *arg), void *arg)
{
	struct packet_sock *ps;

	list_for_each_entry_rcu(ps, &net->packet->sockets, link)
		fn(ps, arg);
}

void packet_device_event(struct netdev *d, enum netdev_event e)
{
	struct packet_sock *ps, *next;

	if (e != NETDEV_REGISTERED && e != NETDEV_DOWN && e != NETDEV_GONE)
		return;
	list_for_each_entry_safe(ps, next, &d->net->packet->sockets, link) {
		if (e == NETDEV_REGISTERED && !ps->ifindex)
			WRITE_ONCE(d->taps, d->taps + 1);
		if (e == NETDEV_REGISTERED || ps->ifindex != d->ifindex)
			continue;
		socket_set_error(&ps->sk, ENETDOWN);
		if (e == NETDEV_GONE) {
			packet_listen(ps, false);
			WRITE_ONCE(ps->ifindex, -1);
		}
		socket_wake_all(&ps->sk);
	}
}

/* --- what is heard --- */

static void describe(const struct packet *p, bool outgoing, struct packet_seen *seen)
{
	const struct netdev *d = p->dev;

	memset(seen, 0, sizeof(*seen));
	seen->from.sll_family = AF_PACKET;
	seen->from.sll_protocol = (__force u16)cpu_to_be16(p->protocol);
	seen->from.sll_ifindex = d->ifindex;
	seen->from.sll_hatype = d->type;
	seen->from.sll_pkttype = p->whom;
	seen->from.sll_halen = d->addr_len;
	if (netdev_ethernet(d))
		memcpy(seen->from.sll_addr, packet_mac(p) + 6, 6);
	seen->status = TP_STATUS_USER;
	if (p->csum == CSUM_PARTIAL)
		seen->status |= TP_STATUS_CSUMNOTREADY;
	else if (!outgoing && p->csum == CSUM_VERIFIED)
		seen->status |= TP_STATUS_CSUM_VALID;
}

/* Queues a clone of p, of which n bytes are kept. False: no room. */
static bool queue(struct packet_sock *ps, const struct packet *p, int off, u32 n,
		  const struct packet_seen *seen)
{
	struct packet *c;
	u32 size;

	/* Room is looked for first: a socket that nobody reads costs no clones. */
	if (READ_ONCE(ps->queued) >= READ_ONCE(ps->sk.rcvbuf))
		return false;
	c = packet_clone(p);
	if (!c || !packet_own(c)) {
		packet_free(c);
		return false;
	}
	if (off < 0)
		packet_push(c, (u32)-off);
	else
		packet_drop_front(c, (u32)off);
	packet_trim(c, n);
	memcpy(c->cb, seen, sizeof(*seen));
	size = packet_truesize(c);
	c->charged = size;
	spin_lock(&ps->queue_lock);
	if (ps->queued + size > ps->sk.rcvbuf && ps->queued) {
		spin_unlock(&ps->queue_lock);
		packet_free(c);
		return false;
	}
	ps->queued += size;
	list_add_tail(&c->link, &ps->queue);
	spin_unlock(&ps->queue_lock);
	return true;
}

static void hear(struct packet_sock *ps, struct packet *p, struct packet_seen seen)
{
	u32 front = packet_headroom(p), kept;
	/* What is received begins at the link header, or (SOCK_DGRAM) behind it. */
	int off = ps->sk.type == SOCK_RAW ? (int)p->mac - (int)front : (int)p->network - (int)front;
	bool room;

	seen.len = (u32)((int)p->len - off);
	kept = socket_filter(&ps->sk, p, off);
	if (!kept)
		return;
	kept = min(kept, seen.len);
	seen.net = (u16)((int)p->network - (int)front - off);
	if (READ_ONCE(ps->ring)) {
		spin_lock(&ps->queue_lock);
		if (off < 0)
			packet_push(p, (u32)-off);
		room = ps->ring && packet_ring_put(ps->ring, p, (u32)max(off, 0), kept, &seen);
		spin_unlock(&ps->queue_lock);
		if (off < 0)
			packet_drop_front(p, (u32)-off);
	} else {
		room = queue(ps, p, off, kept, &seen);
	}
	spin_lock(&ps->queue_lock);
	if (room)
		ps->stats.tp_packets++;
	else
		ps->stats.tp_drops++;
	spin_unlock(&ps->queue_lock);
	socket_wake_in(&ps->sk, EPOLLIN | EPOLLRDNORM);
}

void net_tap(struct netdev *d, struct packet *p, bool outgoing)
{
	struct packet_sock *ps, *who;
	struct packet_seen seen;

	if (outgoing) {
		u32 front = packet_headroom(p);

		if (netdev_ethernet(d) && packet_linear(p) < 14)
			return;
		if (netdev_ethernet(d) && !p->protocol)
			p->protocol = get_be16(p->data + 12);
		if (p->network < front)
			p->network = (u16)(front + (netdev_ethernet(d) ? 14 : 0));
		p->whom = FOR_OUTGOING;
	}
	describe(p, outgoing, &seen);
	if (p->stamp || outgoing)
		seen.stamped = TP_STATUS_TS_SOFTWARE;
	if (!p->stamp)
		p->stamp = now_real();
	list_for_each_entry_rcu(ps, &d->net->packet->sockets, link) {
		u16 protocol = READ_ONCE(ps->protocol);
		int ifindex = READ_ONCE(ps->ifindex);

		if (protocol != ETH_P_ALL && (outgoing || protocol != p->protocol))
			continue;
		if ((ifindex && ifindex != d->ifindex) ||
		    (outgoing && (p->sk == &ps->sk || READ_ONCE(ps->ignore_outgoing))))
			continue;
		who = packet_fanout_choose(ps, p, outgoing);
		if (who)
			hear(who, p, seen);
	}
}
