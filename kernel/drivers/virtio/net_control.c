/*
 * virtio-net (net.h): the device found, its features, the control queue (5.1.6.5), link state and
 * announcements, and its reset when it does what it may not.
 *
 * Commands are given one at a time, under the network's mutex, and waited for.
 */
#include <compiler.h>
#include <err.h>
#include <uapi/errno.h>
#include <uapi/if_arp.h>

#include "alloc/slab.h"
#include "arch/riscv/cpu.h"
#include "arch/riscv/memlayout.h"
#include "core/random.h"
#include "core/task.h"
#include "drivers/virtio/net.h"
#include "lib/string.h"
#include "sync/log.h"

#define CONFIG_STATUS 6
#define CONFIG_PAIRS  8
#define CONFIG_MTU    10

enum { LINK_UP = 1, ANNOUNCE = 2 }; /* of status */
enum { CTRL_RX = 0, CTRL_MAC = 1, CTRL_ANNOUNCE = 3, CTRL_MQ = 4 };
enum {
	RX_PROMISC = 0,
	RX_ALLMULTI = 1,
	MAC_TABLE = 0,
	MAC_ADDR = 1,
	ANNOUNCE_ACK = 0,
	MQ_PAIRS = 0
};

#define MAX_MACS     32 /* groups: more, and all are wanted */
#define COMMAND_NS   (2 * NSEC_PER_SEC)
#define COMMAND_POLL (50 * NSEC_PER_USEC)

/* [d] the device's while a command is under way */
struct vnet_command {
	u8 class, command;
	u8 ack; /* 0 OK */
	u8 data[16 + MAX_MACS * 6];
};

/*
 * Gives a command with n bytes of data and waits for the answer. 0; -EIO: it refuses, or does not
 * answer, and then is reset. Sleeps. [t]
 */
static int command(struct vnet *n, u8 class, u8 cmd, u32 size)
{
	struct vnet_command *c = n->command;
	struct vq_seg segs[] = {
		{ virt_to_phys(c), 2 },
		{ virt_to_phys(c->data), size },
		{ virt_to_phys(&c->ack), 1 },
	};
	u64 end = now_mono() + COMMAND_NS;

	if (!n->ctrl || n->down)
		return -EIO;
	c->class = class;
	c->command = cmd;
	c->ack = 1;
	if (!size)
		segs[1] = segs[2];
	if (vq_add(n->ctrl, segs, size ? 2 : 1, 1, c))
		return -EIO;
	vq_kick(n->ctrl);
	while (!vq_get(n->ctrl, NULL)) {
		if (n->ctrl->broken || now_mono() > end) {
			n->down = true;
			if (!n->resetting)
				vnet_restart(n, "a command is not answered");
			return -EIO;
		}
		sleep_until(now_mono() + COMMAND_POLL, TASK_UNINTERRUPTIBLE);
	}
	return c->ack ? -EIO : 0;
}

static void rx_command(struct vnet *n, u8 cmd, bool on)
{
	n->command->data[0] = on;
	command(n, CTRL_RX, cmd, 1);
}

static void set_rx_mode(struct netdev *d)
{
	struct vnet *n = d->priv;
	struct netdev_multicast *m;
	u32 count = 0;
	u8 *at;

	if (!(n->vd->features & F_CTRL_RX) || !n->ctrl)
		return;
	list_for_each_entry(m, &d->multicast, link)
		count++;
	rx_command(n, RX_PROMISC, d->promisc > 0);
	rx_command(n, RX_ALLMULTI, d->allmulti > 0 || count > MAX_MACS);
	if (count > MAX_MACS)
		return;
	/* Two tables: of single addresses none but our own, of groups these. */
	at = n->command->data;
	memset(at, 0, 4);
	memcpy(at + 4, &count, 4);
	at += 8;
	list_for_each_entry(m, &d->multicast, link) {
		memcpy(at, m->addr, 6);
		at += 6;
	}
	/* The device reads them as two segments of one chain or as one: 5.1.6.5.2 and 2.7.4.2. */
	command(n, CTRL_MAC, MAC_TABLE, 8 + count * 6);
}

static int set_mac(struct netdev *d, const u8 *mac)
{
	struct vnet *n = d->priv;

	if (!(n->vd->features & F_CTRL_MAC) || !n->ctrl)
		return -EOPNOTSUPP;
	memcpy(n->command->data, mac, 6);
	return command(n, CTRL_MAC, MAC_ADDR, 6);
}

static int set_pairs(struct vnet *n)
{
	u16 pairs = (u16)n->nr_pairs;

	if (!(n->vd->features & F_MQ) || !n->ctrl)
		return 0;
	memcpy(n->command->data, &pairs, 2);
	return command(n, CTRL_MQ, MQ_PAIRS, 2);
}

static void kick_pairs(struct vnet *n)
{
	for (unsigned i = 0; i < n->nr_pairs; i++)
		net_work_queue_on(&n->pair[i].work, n->pair[i].hart);
}

static int vnet_open(struct netdev *d)
{
	struct vnet *n = d->priv;

	if (!n->filled && n->nr_pairs > 1 && set_pairs(n))
		return -EIO;
	WRITE_ONCE(n->filled, true);
	kick_pairs(n); /* gives the device its first buffers */
	return 0;
}

static void vnet_moved(struct netdev *d, struct netdev *now)
{
	struct vnet *n = d->priv;

	smp_store_release(&n->dev, netdev_get(now));
	synchronize_rcu();
	netdev_put(d);
}

static const struct netdev_ops vnet_ops = {
	.open = vnet_open,
	.transmit = vnet_transmit,
	.set_rx_mode = set_rx_mode,
	.set_mac = set_mac,
	.moved = vnet_moved,
};

/* --- news of the device --- */

static u16 status(struct vnet *n)
{
	u16 s = LINK_UP;

	if (n->vd->features & F_STATUS)
		virtio_config_read(n->vd, CONFIG_STATUS, &s, sizeof(s));
	return s;
}

static void config_work(struct work *w)
{
	struct vnet *n = container_of(w, struct vnet, config_work);
	u16 s;

	if (virtio_needs_reset(n->vd)) {
		vnet_restart(n, "the device asks for it");
		return;
	}
	s = status(n);
	netdev_links_lock();
	netdev_set_carrier(n->dev, s & LINK_UP);
	if ((s & ANNOUNCE) && (n->vd->features & F_ANNOUNCE)) {
		netdev_lock(n->dev);
		net_device_event(n->dev, NETDEV_ANNOUNCE);
		command(n, CTRL_ANNOUNCE, ANNOUNCE_ACK, 0);
		netdev_unlock(n->dev);
	}
	netdev_links_unlock();
}

static void config_changed(struct virtio_device *vd)
{
	struct vnet *n = vd->priv;

	work_queue(&n->config_work);
}

void vnet_restart(struct vnet *n, const char *why)
{
	WRITE_ONCE(n->why, why);
	work_queue(&n->reset_work);
}

/* Takes the device down, everything back from it, and up again. */
static void reset_work(struct work *w)
{
	struct vnet *n = container_of(w, struct vnet, reset_work);
	bool up = false;

	netdev_links_lock();
	netdev_lock(n->dev);
	pr_err("%s: reset: %s", n->dev->name, n->why);
	WRITE_ONCE(n->down, true);
	synchronize_rcu(); /* whoever was at work on the queues has seen it, or is done */
	if (virtio_reset(n->vd)) {
		/* One that does not stop may write where its buffers are: they stay its own. */
		pr_err("%s: it is gone", n->dev->name);
		netdev_unlock(n->dev);
		netdev_links_unlock();
		return;
	}
	up = !virtio_restart(n->vd);
	for (unsigned i = 0; i < n->nr_pairs; i++) {
		struct vnet_pair *q = &n->pair[i];

		vnet_pair_empty(q);
		up = up && !vq_restart(q->rx) && !vq_restart(q->tx);
	}
	if (n->ctrl) {
		vq_take_back(n->ctrl);
		up = up && !vq_restart(n->ctrl);
	}
	if (up) {
		virtio_ready(n->vd);
		WRITE_ONCE(n->down, false);
		n->resetting = true;
		set_pairs(n);
		set_rx_mode(n->dev);
		n->resetting = false;
		kick_pairs(n);
	}
	if (n->down)
		pr_err("%s: it is gone", n->dev->name);
	netdev_unlock(n->dev);
	netdev_links_unlock();
}

/* --- the device is found --- */

/* Large frames need buffers that go together, and somebody who vouches for their checksum. */
static u64 choose(u64 f)
{
	if (!(f & F_MRG_RXBUF) || !(f & F_GUEST_CSUM))
		f &= ~(F_GUEST_TSO4 | F_GUEST_TSO6);
	if (!(f & F_CSUM))
		f &= ~(F_HOST_TSO4 | F_HOST_TSO6 | F_HOST_USO);
	if (!(f & (F_HOST_TSO4 | F_HOST_TSO6)))
		f &= ~F_HOST_ECN;
	if (!(f & F_CTRL_VQ))
		f &= ~(F_CTRL_RX | F_CTRL_MAC | F_MQ | F_ANNOUNCE);
	return f;
}

static void read_config(struct vnet *n)
{
	struct netdev *d = n->dev;
	u64 f = n->vd->features;
	u16 mtu = 0;

	d->addr_len = 6;
	memset(d->broadcast, 0xff, 6);
	if (f & F_MAC)
		virtio_config_read(n->vd, 0, d->addr, 6);
	if (!(f & F_MAC) || (d->addr[0] & 1) || !memcmp(d->addr, "\0\0\0\0\0", 6)) {
		random_bytes(d->addr, 6);
		d->addr[0] = (u8)((d->addr[0] & ~1u) | 2); /* one of ours, locally given */
	}
	if (f & F_MTU)
		virtio_config_read(n->vd, CONFIG_MTU, &mtu, sizeof(mtu));
	d->max_mtu = f & F_MRG_RXBUF ? 65521 : RX_BUFFER - VNET_HEADER - 18;
	if (mtu >= d->min_mtu && mtu <= d->max_mtu) {
		d->max_mtu = mtu;
		d->mtu = mtu;
	}
	d->flags = IFF_BROADCAST | IFF_MULTICAST;
	d->features = NETDEV_SG;
	d->features |= f & F_CSUM ? NETDEV_CSUM : 0;
	d->features |= f & F_HOST_TSO4 ? NETDEV_TSO4 : 0;
	d->features |= f & F_HOST_TSO6 ? NETDEV_TSO6 : 0;
	d->features |= f & F_HOST_USO ? NETDEV_USO : 0;
	d->features |= f & F_GUEST_CSUM ? NETDEV_RXCSUM : 0;
	d->gso_max = 65536;
	d->carrier = status(n) & LINK_UP;
}

static void vnet_free(struct vnet *n)
{
	for (unsigned i = 0; n && i < n->nr_pairs; i++)
		vnet_pair_free(&n->pair[i]);
	if (!n)
		return;
	vq_free(n->ctrl);
	kfree(n->command);
	kfree(n);
}

static unsigned pairs_offered(struct virtio_device *vd)
{
	u16 pairs = 1;

	if (vd->features & F_MQ)
		virtio_config_read(vd, CONFIG_PAIRS, &pairs, sizeof(pairs));
	return clamp((unsigned)pairs, 1u, 0x8000u);
}

static int make_queues(struct vnet *n)
{
	if (n->vd->features & F_CTRL_VQ) {
		n->command = kzalloc(sizeof(*n->command), 0);
		if (!n->command)
			return -ENOMEM;
		n->ctrl = virtio_queue(n->vd, 2 * n->max_pairs, 16);
		if (IS_ERR(n->ctrl)) /* promised and not there: as if it had not been promised */
			n->ctrl = NULL;
	}
	if (!n->ctrl)
		n->nr_pairs = 1;
	for (unsigned i = 0; i < n->nr_pairs; i++)
		if (!vnet_pair_init(n, i))
			return -ENOMEM;
	return 0;
}

static int vnet_probe(struct virtio_device *vd)
{
	unsigned offered = pairs_offered(vd), pairs = min(offered, nr_harts);
	struct vnet *n = kzalloc(sizeof(*n) + pairs * sizeof(n->pair[0]), 0);
	int err = -ENOMEM;

	if (!n)
		return -ENOMEM;
	n->vd = vd;
	n->max_pairs = offered;
	n->nr_pairs = pairs;
	work_init(&n->config_work, config_work);
	work_init(&n->reset_work, reset_work);
	n->dev = netdev_alloc("eth%d", ARPHRD_ETHER, &vnet_ops, n);
	if (n->dev) {
		n->dev->tx_queues = n->dev->rx_queues = pairs;
		err = make_queues(n);
	}
	if (err)
		goto out_free;
	read_config(n);
	vd->priv = n;
	virtio_ready(vd);
	err = netdev_register(&init_net, n->dev);
	if (!err) {
		pr_info("virtio-net: %s, %u queue pair%s", n->dev->name, n->nr_pairs,
			n->nr_pairs > 1 ? "s" : "");
		return 0;
	}
	vd->priv = NULL;
	virtio_reset(vd);
out_free:
	if (n->dev)
		netdev_put(n->dev);
	vnet_free(n);
	return err;
}

VIRTIO_DRIVER(virtio_net) = {
	.name = "virtio-net",
	.device_id = VIRTIO_ID_NET,
	.features = F_CSUM | F_GUEST_CSUM | F_MTU | F_MAC | F_GUEST_TSO4 | F_GUEST_TSO6 |
		    F_HOST_TSO4 | F_HOST_TSO6 | F_HOST_ECN | F_MRG_RXBUF | F_STATUS | F_CTRL_VQ |
		    F_CTRL_RX | F_ANNOUNCE | F_MQ | F_CTRL_MAC | F_HOST_USO,
	.choose = choose,
	.probe = vnet_probe,
	.interrupt = vnet_interrupt,
	.config_changed = config_changed,
};
