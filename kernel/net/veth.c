/*
 * veth(4): two Ethernet devices joined by a wire within the machine, most often with an end in each of
 * two networks. There is carrier while both ends are up.
 *
 * Locks: [l] netdev_links_lock; what is read on a packet's way is RCU. [v] veth_mutex, taken inside the
 * mutex of a network.
 */
#include "net/veth.h"

#include <compiler.h>
#include <uapi/errno.h>
#include <uapi/if_arp.h>

#include "alloc/slab.h"
#include "arch/riscv/cpu.h"
#include "core/random.h"
#include "core/work.h"
#include "dev/flow.h"
#include "lib/string.h"
#include "net/backlog.h"
#include "net/net.h"

#define ETH_SLACK (ETH_HEADER + 4) /* beyond the MTU: the header and a VLAN's tag */

/* An end. It lives as long as any device that stood for it. */
struct veth {
	struct netdev *dev; /* [l] RCU: what stands for it now */
	struct veth *peer; /* [l] RCU; NULL: they were removed */
	bool up; /* [v] */
	struct backlog *backlogs; /* [I] of what it is to receive */
	struct work carrier_work;
	struct netdev *told; /* [v] referenced while carrier_work is queued */
};

static struct mutex veth_mutex = MUTEX_INIT(veth_mutex);

static void veth_transmit(struct netdev *d, struct packet *p)
{
	struct veth *peer = smp_load_acquire(&((struct veth *)d->priv)->peer);
	struct netdev *to = peer ? smp_load_acquire(&peer->dev) : NULL;
	u32 n = p->len;

	if (!to || !(READ_ONCE(to->flags) & IFF_UP) ||
	    (n > READ_ONCE(to->mtu) + ETH_SLACK && !p->gso)) {
		if (to)
			netdev_stats(to)->rx_dropped++;
		netdev_stats(d)->tx_dropped++;
		packet_free(p);
		return;
	}
	if (to->net != d->net)
		p->mark = 0;
	p->priority = 0;
	if (backlog_add(peer->backlogs, to, p))
		netdev_count_sent(d, n);
	else
		netdev_stats(d)->tx_dropped++;
}

/* --- carrier --- */

/* Its network is told: in a task of its own, for who made the change may hold the mutex of another. */
static void tell_carrier(struct work *w)
{
	struct veth *v = container_of(w, struct veth, carrier_work);
	struct netdev *held;

	netdev_links_lock();
	mutex_lock(&veth_mutex);
	held = v->told;
	v->told = NULL;
	mutex_unlock(&veth_mutex);
	if (v->peer) { /* it is registered still */
		netdev_lock(v->dev);
		net_device_event(v->dev, NETDEV_CHANGED);
		netdev_unlock(v->dev);
	}
	netdev_links_unlock();
	netdev_put(held);
}

/* [v] */
static void set_carrier(struct veth *v, bool on, bool tell)
{
	if (!netdev_note_carrier(v->dev, on) || !tell || v->told)
		return;
	v->told = netdev_get(v->dev);
	work_queue(&v->carrier_work);
}

/* What follows from up or down of v; v's own network hears of it by that. */
static void set_up(struct netdev *d, bool up)
{
	struct veth *v = d->priv;

	mutex_lock(&veth_mutex);
	v->up = up;
	if (v->peer) {
		up = up && v->peer->up;
		set_carrier(v, up, false);
		set_carrier(v->peer, up, true);
	}
	mutex_unlock(&veth_mutex);
}

static int veth_open(struct netdev *d)
{
	set_up(d, true);
	return 0;
}

static void veth_stop(struct netdev *d)
{
	set_up(d, false);
}

/* --- they come, move and go --- */

static int veth_set_mac(struct netdev *d, const u8 *mac)
{
	(void)d;
	(void)mac;
	return 0;
}

static void veth_moved(struct netdev *d, struct netdev *now)
{
	struct veth *v = d->priv;

	mutex_lock(&veth_mutex);
	smp_store_release(&v->dev, now);
	mutex_unlock(&veth_mutex);
}

static struct netdev *veth_peer(const struct netdev *d)
{
	struct veth *peer = smp_load_acquire(&((struct veth *)d->priv)->peer);

	return peer ? smp_load_acquire(&peer->dev) : NULL;
}

static void veth_remove(struct netdev *d)
{
	struct veth *v = d->priv, *peer = v->peer;
	struct netdev *other = peer->dev;

	netdev_get(d);
	netdev_get(other);
	netdev_unregister(d);
	netdev_unregister(other);
	mutex_lock(&veth_mutex);
	smp_store_release(&v->peer, NULL);
	smp_store_release(&peer->peer, NULL);
	mutex_unlock(&veth_mutex);
	synchronize_rcu();
	netdev_put(d);
	netdev_put(other);
}

static void veth_free(struct netdev *d)
{
	struct veth *v = d->priv;

	backlogs_free(v->backlogs);
	kfree(v);
}

static const struct netdev_ops veth_ops = {
	.open = veth_open,
	.stop = veth_stop,
	.transmit = veth_transmit,
	.set_mac = veth_set_mac,
	.free = veth_free,
	.moved = veth_moved,
	.kind = "veth",
	.remove = veth_remove,
	.peer = veth_peer,
};

static struct netdev *make(const struct veth_end *e)
{
	struct veth *v = kzalloc(sizeof(*v), 0);
	struct netdev *d = NULL;

	if (!v)
		return NULL;
	v->backlogs = backlogs_alloc();
	if (v->backlogs)
		d = netdev_alloc(e->name, ARPHRD_ETHER, &veth_ops, v);
	if (!d) {
		backlogs_free(v->backlogs);
		kfree(v);
		return NULL;
	}
	work_init(&v->carrier_work, tell_carrier);
	v->dev = d;
	d->ifindex = e->ifindex;
	d->addr_len = 6;
	memcpy(d->addr, e->mac, 6);
	if (!memcmp(d->addr, "\0\0\0\0\0", 6)) {
		random_bytes(d->addr, 6);
		d->addr[0] = (u8)((d->addr[0] & ~1u) | 2);
	}
	memset(d->broadcast, 0xff, 6);
	d->flags = IFF_BROADCAST | IFF_MULTICAST;
	d->mtu = e->mtu ? e->mtu : d->mtu;
	d->txqlen = e->txqlen;
	d->carrier = false;
	d->no_queue = true;
	d->tx_queues = d->rx_queues = nr_harts; /* a backlog each */
	d->features = NETDEV_CSUM | NETDEV_SG | NETDEV_TSO4 | NETDEV_TSO6 | NETDEV_USO |
		      NETDEV_RXCSUM;
	return d;
}

int veth_create(const struct veth_end end[2], struct netdev *made[2])
{
	struct netdev *d = make(&end[0]), *other = d ? make(&end[1]) : NULL;
	int err = -ENOMEM;

	if (!other)
		goto out_put;
	((struct veth *)d->priv)->peer = other->priv;
	((struct veth *)other->priv)->peer = d->priv;
	err = netdev_register(end[1].net, other);
	if (err)
		goto out_part;
	err = netdev_register(end[0].net, d);
	if (err) {
		netdev_unregister(other);
		goto out_part;
	}
	made[0] = d;
	made[1] = other;
	goto out_put;

out_part:
	smp_store_release(&((struct veth *)d->priv)->peer, NULL);
	smp_store_release(&((struct veth *)other->priv)->peer, NULL);
out_put: /* the registers' references keep them */
	if (d)
		netdev_put(d);
	if (other)
		netdev_put(other);
	return err;
}
