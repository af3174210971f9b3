/*
 * A network, from nothing (net/net.h): its devices and protocols, and where received frames and the
 * devices' news go.
 */
#include "net/net.h"

#include <err.h>
#include <uapi/errno.h>

#include "core/random.h"
#include "lib/string.h"
#include "net/ipv4.h"
#include "net/ipv6.h"
#include "net/mib.h"
#include "net/neigh.h"
#include "net/packet.h"
#include "net/raw.h"
#include "net/route.h"
#include "net/tcp.h"
#include "net/udp.h"
#include "net/wire/eth.h"

struct net init_net;

/* What a network is made of, in order; taken apart the other way round. */
static const struct {
	int (*init)(struct net *net);
	void (*destroy)(struct net *net);
	void (*stop)(struct net *net); /* nothing new begins; what waits for a timer goes */
} parts[] = {
	{ mib_net_init, mib_net_destroy, NULL },
	{ packet_net_init, packet_net_destroy, NULL },
	{ route_net_init, route_net_destroy, NULL },
	{ neigh_net_init, neigh_net_destroy, neigh_net_stop },
	{ ip4_net_init, ip4_net_destroy, ip4_net_stop },
	{ ip6_net_init, ip6_net_destroy, ip6_net_stop },
	{ tcp_net_init, tcp_net_destroy, tcp_net_stop },
	{ udp_net_init, udp_net_destroy, NULL },
	{ raw_net_init, raw_net_destroy, NULL },
};

int net_create(struct net *net)
{
	struct netdev *lo;
	int err;

	memset(net, 0, sizeof(*net));
	mutex_init(&net->mutex);
	list_init(&net->devices);
	list_init(&net->ids);
	list_init(&net->id_of);
	random_bytes(net->secret, sizeof(net->secret));
	ip_loop_init(net);
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		err = parts[i].init(net);
		if (err) {
			net_destroy(net);
			return err;
		}
	}
	lo = loopback_create(net);
	if (IS_ERR(lo)) {
		net_destroy(net);
		return (int)PTR_ERR(lo);
	}
	net->loopback = lo;
	return 0;
}

/* Both bear with what was not made. */
void net_stop(struct net *net)
{
	netdev_links_lock();
	while (!list_empty(&net->devices))
		netdev_unregister(list_first_entry(&net->devices, struct netdev, link));
	netdev_links_unlock();
	for (size_t i = ARRAY_SIZE(parts); i > 0; i--)
		if (parts[i - 1].stop)
			parts[i - 1].stop(net);
}

void net_finish(struct net *net)
{
	packet_free_list(&net->looped);
	for (size_t i = ARRAY_SIZE(parts); i > 0; i--)
		parts[i - 1].destroy(net);
}

void net_destroy(struct net *net)
{
	net_stop(net);
	net_finish(net);
}

void net_receive(struct packet *p)
{
	struct net *net = p->dev->net;

	switch (p->protocol) {
	case ETH_P_IP:
		ip4_receive(net, p);
		break;
	case ETH_P_IPV6:
		ip6_receive(net, p);
		break;
	case ETH_P_ARP:
		arp_receive(net, p);
		break;
	default:
		packet_free(p);
		break;
	}
}

static void tell(struct netdev *d, enum netdev_event e)
{
	if (d->net->news && d->net->news->link)
		d->net->news->link(d, e);
}

void net_device_event(struct netdev *d, enum netdev_event e)
{
	if (e == NETDEV_DOWN) /* before what goes with it */
		tell(d, e);
	packet_device_event(d, e);
	ip4_device_event(d, e);
	ip6_device_event(d, e);
	if (e == NETDEV_DOWN || e == NETDEV_GONE)
		neigh_flush(d->net, d, false);
	route_changed(d->net);
	if (e != NETDEV_DOWN)
		tell(d, e);
}
