/*
 * The loopback device: what is sent comes back on the same hart (net/backlog.h).
 */
#include <compiler.h>
#include <err.h>
#include <uapi/errno.h>
#include <uapi/if_arp.h>

#include "net/backlog.h"
#include "net/net.h"

static void lo_transmit(struct netdev *d, struct packet *p)
{
	u32 n = p->len;

	if (backlog_add(d->priv, d, p))
		netdev_count_sent(d, n);
}

static void lo_free(struct netdev *d)
{
	backlogs_free(d->priv);
}

static const struct netdev_ops lo_ops = {
	.transmit = lo_transmit,
	.free = lo_free,
};

struct netdev *loopback_create(struct net *net)
{
	struct backlog *b = backlogs_alloc();
	struct netdev *d = b ? netdev_alloc("lo", ARPHRD_LOOPBACK, &lo_ops, b) : NULL;
	int err;

	if (!d) {
		backlogs_free(b);
		return ERR_PTR(-ENOMEM);
	}
	d->addr_len = 6;
	d->flags = IFF_LOOPBACK;
	d->min_mtu = 0;
	d->max_mtu = ~0u >> 1;
	d->mtu = 65536;
	d->no_queue = true;
	d->gso_max = 65536 + PACKET_HEADROOM;
	d->features = NETDEV_CSUM | NETDEV_SG | NETDEV_TSO4 | NETDEV_TSO6 | NETDEV_USO |
		      NETDEV_RXCSUM;
	err = netdev_register(net, d);
	netdev_put(d); /* the register's reference keeps it */
	return err ? ERR_PTR(err) : d;
}
