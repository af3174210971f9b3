/*
 * The loopback device: what is sent comes back on the same hart, whole (no segments, no checksums),
 * when whoever sent it calls net_run, or from the network thread.
 *
 * Locks: none. Each hart has a list of its own, which only tasks touch.
 */
#include <compiler.h>
#include <err.h>
#include <uapi/errno.h>
#include <uapi/if_arp.h>

#include "alloc/slab.h"
#include "arch/riscv/cpu.h"
#include "dev/netdev.h"
#include "net/net.h"

#define BATCH 64 /* packets before other work has its turn */

struct lo_hart {
	struct net_work work;
	struct list_head packets; /* [h] */
	u32 n; /* [h] */
};

static void lo_receive(struct net_work *w)
{
	struct lo_hart *lo = container_of(w, struct lo_hart, work);

	for (unsigned i = 0; lo->n; i++) {
		struct packet *p = list_first_entry(&lo->packets, struct packet, link);

		if (i == BATCH) {
			net_work_queue_run(w);
			return;
		}
		list_del_init(&p->link);
		lo->n--;
		netdev_receive(p);
	}
}

static void lo_transmit(struct netdev *d, struct packet *p)
{
	struct lo_hart *lo = (struct lo_hart *)d->priv + hart_id();

	/* From here on it counts against the receiver. */
	if (p->uncharge)
		p->uncharge(p);
	p->uncharge = NULL;
	p->sk = NULL;
	p->stamp = 0; /* when it is received is another time */
	if (lo->n >= READ_ONCE(netdev_max_backlog) || !packet_own(p)) {
		netdev_stats(d)->rx_dropped++;
		packet_free(p);
		return;
	}
	netdev_count_sent(d, p->len);
	list_add_tail(&p->link, &lo->packets);
	lo->n++;
	net_work_queue_run(&lo->work);
}

static void lo_free(struct netdev *d)
{
	struct lo_hart *lo = d->priv;

	for (unsigned h = 0; h < nr_harts; h++)
		packet_free_list(&lo[h].packets);
	kfree(lo);
}

static const struct netdev_ops lo_ops = {
	.transmit = lo_transmit,
	.free = lo_free,
};

struct netdev *loopback_create(struct net *net)
{
	struct lo_hart *lo = kcalloc(nr_harts, sizeof(*lo));
	struct netdev *d = lo ? netdev_alloc("lo", ARPHRD_LOOPBACK, &lo_ops, lo) : NULL;
	int err;

	if (!d) {
		kfree(lo);
		return ERR_PTR(-ENOMEM);
	}
	for (unsigned h = 0; h < nr_harts; h++) {
		net_work_init(&lo[h].work, lo_receive);
		list_init(&lo[h].packets);
	}
	d->addr_len = 6;
	d->flags = IFF_LOOPBACK;
	d->min_mtu = 0;
	d->max_mtu = ~0u >> 1;
	d->mtu = 65536;
	d->gso_max = 65536 + PACKET_HEADROOM;
	d->features = NETDEV_CSUM | NETDEV_SG | NETDEV_TSO4 | NETDEV_TSO6 | NETDEV_USO |
		      NETDEV_RXCSUM;
	err = netdev_register(net, d);
	netdev_put(d); /* the register's reference keeps it */
	return err ? ERR_PTR(err) : d;
}
