/*
 * A network, from nothing (net/net.h): its devices and protocols.
 */
#include "net/net.h"

#include <err.h>

#include "core/random.h"
#include "lib/string.h"
#include "net/packet.h"

struct net init_net;

int net_create(struct net *net)
{
	struct netdev *lo;
	int err;

	memset(net, 0, sizeof(*net));
	mutex_init(&net->mutex);
	list_init(&net->devices);
	random_bytes(net->secret, sizeof(net->secret));
	err = packet_net_init(net);
	if (err)
		return err;
	lo = loopback_create(net);
	if (IS_ERR(lo))
		return (int)PTR_ERR(lo);
	net->loopback = lo;
	return 0;
}

void net_receive(struct packet *p)
{
	packet_free(p);
}

void net_device_event(struct netdev *d, enum netdev_event e)
{
	packet_device_event(d, e);
}
