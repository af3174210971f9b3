/*
 * A network, from nothing (net/net.h): its devices and protocols.
 */
#include "net/net.h"

#include <err.h>

#include "core/random.h"
#include "lib/string.h"

struct net init_net;

int net_create(struct net *net)
{
	struct netdev *lo;

	memset(net, 0, sizeof(*net));
	mutex_init(&net->mutex);
	list_init(&net->devices);
	random_bytes(net->secret, sizeof(net->secret));
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
	(void)d;
	(void)e;
}

void net_tap(struct netdev *d, struct packet *p, bool outgoing)
{
	(void)d;
	(void)p;
	(void)outgoing;
}
