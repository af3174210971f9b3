/*
 * Network devices (netdev.h): a frame's way between driver and protocols. Out: shown to taps, then
 * what the device cannot do is done here. In: the link header is read, counted, shown, handed on.
 */
#include "dev/netdev.h"

#include <byteorder.h>
#include <compiler.h>
#include <uapi/errno.h>

#include "alloc/slab.h"
#include "arch/riscv/cpu.h"
#include "debug/tracepoint.h"
#include "dev/flow.h"
#include "dev/gro.h"
#include "lib/string.h"

#define ETH_TYPE_802_3 1 /* ETH_P_802_3, _802_2: what has a length in place of a type */
#define ETH_TYPE_802_2 4
#define ETH_TYPE_MIN   0x600

u32 net_stamps;
u32 netdev_max_backlog = 1000;

struct netdev *netdev_alloc(const char *name, u16 type, const struct netdev_ops *ops, void *priv)
{
	struct netdev *d = kzalloc(sizeof(*d), 0);

	if (!d)
		return NULL;
	d->stats = kcalloc(nr_harts, sizeof(*d->stats));
	if (!d->stats) {
		kfree(d);
		return NULL;
	}
	strlcpy(d->name, name, sizeof(d->name));
	d->type = type;
	d->ops = ops;
	d->priv = priv;
	d->gso_max = 65536;
	d->txqlen = 1000;
	d->tx_queues = d->rx_queues = 1;
	d->min_mtu = 68;
	d->max_mtu = 65535;
	d->mtu = 1500;
	d->carrier = true;
	atomic_set(&d->refs, 1);
	list_init(&d->multicast);
	list_init(&d->link);
	return d;
}

static void free_device(struct rcu_head *h)
{
	struct netdev *d = container_of(h, struct netdev, rcu);

	if (d->successor)
		netdev_put(d->successor); /* whose priv is */
	else if (d->ops->free)
		d->ops->free(d);
	kfree(d->stats);
	kfree(d);
}

void netdev_put(struct netdev *d)
{
	if (atomic_dec_and_test(&d->refs))
		call_rcu(&d->rcu, free_device);
}

struct netdev_stats *netdev_stats(struct netdev *d)
{
	return &d->stats[hart_id()];
}

void netdev_count_sent(struct netdev *d, u32 bytes)
{
	struct netdev_stats *s = netdev_stats(d);

	s->tx_packets++;
	s->tx_bytes += bytes;
}

void netdev_sum_stats(const struct netdev *d, struct netdev_stats *sum)
{
	u64 *to = (u64 *)sum;

	memset(sum, 0, sizeof(*sum));
	for (unsigned h = 0; h < nr_harts; h++)
		for (size_t i = 0; i < sizeof(*sum) / sizeof(u64); i++)
			to[i] += READ_ONCE(((const u64 *)&d->stats[h])[i]);
}

/* --- out --- */

static void drop_sent(struct netdev *d, struct packet *p)
{
	netdev_stats(d)->tx_dropped++;
	packet_free(p);
}

static u32 gso_feature(const struct packet *p)
{
	static const u32 by_kind[] = {
		[GSO_TCP4] = NETDEV_TSO4,
		[GSO_TCP6] = NETDEV_TSO6,
		[GSO_UDP] = NETDEV_USO,
	};

	return by_kind[p->gso];
}

/* One frame, with what the device can't do done. */
static void transmit_frame(struct netdev *d, struct packet *p)
{
	if (p->csum == CSUM_PARTIAL && !(d->features & NETDEV_CSUM) && !packet_finish_csum(p)) {
		drop_sent(d, p);
		return;
	}
	/* No device knows of packets in packets. */
	if ((p->nr_frags || p->more) && (!(d->features & NETDEV_SG) || p->more) &&
	    !packet_pull_up(p, p->len)) {
		drop_sent(d, p);
		return;
	}
	if (unlikely(p->stamps & PACKET_STAMP_SENT))
		net_stamp(p, PACKET_STAMP_SENT);
	d->ops->transmit(d, p);
}

void netdev_transmit(struct netdev *d, struct packet *p)
{
	struct packet *s, *next;
	LIST_HEAD(segments);

	packet_set_dev(p, d);
	p->mac = (u16)packet_headroom(p);
	if (!(READ_ONCE(d->flags) & IFF_UP)) {
		drop_sent(d, p);
		return;
	}
	tracepoint(TP_NET_TX, (u32)d->ifindex | (u64)p->len << 32, (u64)p);
	if (unlikely(p->stamps & PACKET_STAMP_SCHED))
		net_stamp(p, PACKET_STAMP_SCHED);
	if (READ_ONCE(net_stamps) && !p->stamp)
		p->stamp = now_real();
	if (READ_ONCE(d->taps))
		net_tap(d, p, true);
	if (!p->gso || ((d->features & gso_feature(p)) && p->len <= d->gso_max)) {
		transmit_frame(d, p);
		return;
	}
	if (packet_segment(p, &segments)) {
		netdev_stats(d)->tx_dropped++;
		return;
	}
	list_for_each_entry_safe(s, next, &segments, link) {
		list_init(&s->link);
		transmit_frame(d, s);
	}
}

/* --- in --- */

/* Whom it is for and what it is, from the Ethernet header; false: no such header. */
static bool read_ethernet(struct packet *p)
{
	static const u8 llc_netware[2] = { 0xff, 0xff };
	const struct netdev *d = p->dev;
	const u8 *h = packet_pull_up(p, ETH_HEADER);

	if (!h)
		return false;
	if (!memcmp(h, d->addr, 6))
		p->whom = FOR_HOST;
	else if (!memcmp(h, d->broadcast, 6))
		p->whom = FOR_BROADCAST;
	else
		p->whom = h[0] & 1 ? FOR_MULTICAST : FOR_OTHER;
	p->protocol = get_be16(h + 12);
	if (p->protocol < ETH_TYPE_MIN) {
		u8 llc[2] = { 0 };

		if (p->len >= ETH_HEADER + 2)
			packet_read(p, ETH_HEADER, llc, 2);
		p->protocol = memcmp(llc, llc_netware, 2) ? ETH_TYPE_802_2 : ETH_TYPE_802_3;
	}
	p->mac = (u16)packet_headroom(p);
	packet_drop_front(p, ETH_HEADER);
	return true;
}

void netdev_deliver(struct packet *p)
{
	struct netdev *d = p->dev;

	if (netdev_ethernet(d)) {
		if (!read_ethernet(p)) {
			netdev_stats(d)->rx_errors++;
			packet_free(p);
			return;
		}
	} else {
		p->mac = (u16)packet_headroom(p);
		p->whom = FOR_HOST;
	}
	p->network = (u16)packet_headroom(p);
	if (p->whom == FOR_MULTICAST)
		netdev_stats(d)->multicast++;
	if (READ_ONCE(net_stamps) && !p->stamp)
		p->stamp = now_real();
	if (READ_ONCE(d->taps))
		net_tap(d, p, false);
	net_receive(p);
}

bool netdev_count_received(struct packet *p)
{
	struct netdev_stats *s = netdev_stats(p->dev);

	if (!(READ_ONCE(p->dev->flags) & IFF_UP)) {
		s->rx_dropped++;
		packet_free(p);
		return false;
	}
	s->rx_packets++;
	s->rx_bytes += p->len;
	tracepoint(TP_NET_RX, (u32)p->dev->ifindex | (u64)p->len << 32, (u64)p);
	return true;
}

void netdev_receive(struct packet *p)
{
	if (netdev_count_received(p))
		netdev_deliver(p);
}
