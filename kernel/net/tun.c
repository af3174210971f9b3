/*
 * TUN and TAP: devices whose other end is a program. What is sent to the device is read from
 * /dev/net/tun, what is written there is received: IP packets (TUN) or Ethernet frames (TAP), with
 * Linux's headers before them as the flags of TUNSETIFF say (tun_ioctl.c).
 *
 * A device has queues, one for each descriptor; one that is not persistent goes with the last.
 *
 * Locks: see tun_dev.h.
 */
#include "net/tun.h"

#include <byteorder.h>
#include <compiler.h>
#include <uapi/epoll.h>
#include <uapi/errno.h>
#include <uapi/fcntl.h>
#include <uapi/rtnetlink.h>

#include "alloc/slab.h"
#include "core/task.h"
#include "core/userns.h"
#include "dev/chardev.h"
#include "dev/flow.h"
#include "dev/vnet_header.h"
#include "fs/poll.h"
#include "lib/string.h"
#include "net/net.h"
#include "net/netlink.h"
#include "net/tun_dev.h"

#define HEADERS 128 /* bytes of a packet written that are linear */

/* --- the device's side --- */

static void tun_transmit(struct netdev *d, struct packet *p)
{
	struct tun *t = d->priv;
	struct tun_queue *q = NULL;

	if (p->uncharge)
		p->uncharge(p);
	p->uncharge = NULL;
	p->sk = NULL;
	if (!packet_own(p)) {
		netdev_stats(d)->tx_dropped++;
		packet_free(p);
		return;
	}
	spin_lock(&t->lock);
	if (t->nr_queues == 1)
		q = t->queues[0];
	else if (t->nr_queues)
		q = t->queues[packet_flow(p, tun_is_tap(t)) % t->nr_queues];
	if (q && q->n < READ_ONCE(d->txqlen)) {
		netdev_count_sent(d, p->len);
		list_add_tail(&p->link, &q->packets);
		q->n++;
		wake_up_key(&q->readers, EPOLLIN | EPOLLRDNORM);
		p = NULL;
	}
	spin_unlock(&t->lock);
	if (p) {
		netdev_stats(d)->tx_dropped++;
		packet_free(p);
	}
}

static int tun_set_mac(struct netdev *d, const u8 *mac)
{
	(void)mac;
	return d->addr_len ? 0 : -EOPNOTSUPP;
}

static void tun_free(struct netdev *d)
{
	kfree(d->priv);
}

static void tun_moved(struct netdev *d, struct netdev *now)
{
	smp_store_release(&((struct tun *)d->priv)->dev, now);
}

/* Its files say so from now on. */
static void tun_remove(struct netdev *d)
{
	struct tun *t = d->priv;

	WRITE_ONCE(t->dying, true);
	spin_lock(&t->lock);
	for (unsigned i = 0; i < t->nr_queues; i++)
		wake_up_key(&t->queues[i]->readers, EPOLLERR | EPOLLIN | EPOLLRDNORM);
	spin_unlock(&t->lock);
	netdev_unregister(d);
}

/* As `ip -d link` shows it. */
static void tun_put_info(const struct netdev *d, struct nl_writer *w)
{
	const struct tun *t = d->priv;
	u32 flags = READ_ONCE(t->flags), owner = READ_ONCE(t->owner), group = READ_ONCE(t->group);

	nla_put_u8(w, IFLA_TUN_TYPE, flags & (IFF_TUN | IFF_TAP));
	if (owner != ~0u)
		nla_put_u32(w, IFLA_TUN_OWNER, uid_shown(current_user_ns(), owner));
	if (group != ~0u)
		nla_put_u32(w, IFLA_TUN_GROUP, gid_shown(current_user_ns(), group));
	nla_put_u8(w, IFLA_TUN_PI, !(flags & IFF_NO_PI));
	nla_put_u8(w, IFLA_TUN_VNET_HDR, !!(flags & IFF_VNET_HDR));
	nla_put_u8(w, IFLA_TUN_PERSIST, READ_ONCE(t->persist));
	nla_put_u8(w, IFLA_TUN_MULTI_QUEUE, !!(flags & IFF_MULTI_QUEUE));
	if (flags & IFF_MULTI_QUEUE) {
		nla_put_u32(w, IFLA_TUN_NUM_QUEUES, READ_ONCE(t->nr_queues));
		nla_put_u32(w, IFLA_TUN_NUM_DISABLED_QUEUES, READ_ONCE(t->nr_disabled));
	}
}

const struct netdev_ops tun_ops = {
	.transmit = tun_transmit,
	.set_mac = tun_set_mac,
	.free = tun_free,
	.moved = tun_moved,
	.kind = "tun",
	.put_info = tun_put_info,
	.remove = tun_remove,
};

/* --- the program's side --- */

static int tun_open(struct inode *i, struct file *f)
{
	struct tun_queue *q = kzalloc(sizeof(*q), 0);

	(void)i;
	if (!q)
		return -ENOMEM;
	q->net = net_get(current_net());
	list_init(&q->packets);
	waitq_init(&q->readers);
	f->priv = q;
	f->mode |= FMODE_STREAM;
	return 0;
}

static void tun_release(struct file *f)
{
	struct tun_queue *q = f->priv;
	struct tun *t = q->tun;
	struct net *net;
	bool last;

	if (t) {
		net = tun_config_lock(q);
		t->nr_disabled -= !q->attached;
		tun_detach(t, q);
		last = !t->nr_queues && !t->nr_disabled && !t->persist && !t->dying;
		if (!last && !t->dying && !t->nr_queues)
			netdev_set_carrier_locked(t->dev, false);
		mutex_unlock(&net->mutex);
		if (last)
			tun_remove(t->dev);
		netdev_links_unlock();
		netdev_put(q->held);
	}
	net_put(q->net);
	kfree(q);
}

static bool readable(void *arg)
{
	struct tun_queue *q = arg;

	return !list_empty(&q->packets) || READ_ONCE(q->tun->dying);
}

static struct packet *take(struct tun_queue *q)
{
	struct packet *p;

	spin_lock(&q->tun->lock);
	p = list_first_entry_or_null(&q->packets, struct packet, link);
	if (p) {
		list_del_init(&p->link);
		q->n--;
	}
	spin_unlock(&q->tun->lock);
	return p;
}

/* What goes before the packet for the program, and what of it has room. 0 or -errno. */
static int put_headers(const struct tun *t, const struct packet *p, struct iter *it)
{
	int size = READ_ONCE(t->header_size);

	if (!(t->flags & IFF_NO_PI)) {
		struct tun_pi pi = { .proto = (__force u16)cpu_to_be16(p->protocol) };
		u32 vnet = t->flags & IFF_VNET_HDR ? (u32)size : 0;

		if (it->count < sizeof(pi))
			return -EINVAL;
		if (it->count < sizeof(pi) + vnet + p->len)
			pi.flags = TUN_PKT_STRIP;
		if (iter_copy_to(it, &pi, sizeof(pi)) != sizeof(pi))
			return -EFAULT;
	}
	if (t->flags & IFF_VNET_HDR) {
		struct vnet_header h;
		size_t n = min((size_t)size, sizeof(h));

		if (it->count < (size_t)size)
			return -EINVAL;
		vnet_header_of(p, false, &h);
		if (iter_copy_to(it, &h, n) != n ||
		    iter_zero(it, (size_t)size - n) != (size_t)size - n)
			return -EFAULT;
	}
	return 0;
}

static ssize_t tun_read(struct file *f, struct iter *it, u64 *pos)
{
	struct tun_queue *q = f->priv;
	size_t room = it->count, n;
	struct packet *p;
	int err;

	(void)pos;
	if (!smp_load_acquire(&q->tun))
		return -EBADFD;
	while (!(p = take(q))) {
		if (READ_ONCE(q->tun->dying))
			return -EBADFD;
		if (f->flags & O_NONBLOCK)
			return -EAGAIN;
		err = wait_until(&q->readers, readable, q, TASK_INTERRUPTIBLE, WAIT_FOREVER);
		if (err)
			return err;
	}
	err = put_headers(q->tun, p, it);
	if (!err) {
		n = min(it->count, (size_t)p->len);
		if (packet_copy_to_iter(p, 0, it, n) != n)
			err = -EFAULT;
	}
	packet_free(p);
	return err ? err : (ssize_t)(room - it->count);
}

/* The headers before a packet that is written. */
static int take_headers(const struct tun *t, struct iter *it, struct tun_pi *pi,
			struct vnet_header *h)
{
	int size = READ_ONCE(t->header_size);

	memset(pi, 0, sizeof(*pi));
	memset(h, 0, sizeof(*h));
	if (!(t->flags & IFF_NO_PI)) {
		if (it->count < sizeof(*pi))
			return -EINVAL;
		if (iter_copy_from(it, pi, sizeof(*pi)) != sizeof(*pi))
			return -EFAULT;
	}
	if (t->flags & IFF_VNET_HDR) {
		size_t n = min((size_t)size, sizeof(*h));

		if (it->count < (size_t)size)
			return -EINVAL;
		if (iter_copy_from(it, h, n) != n)
			return -EFAULT;
		iter_advance(it, (size_t)size - n);
		if (h->flags & 1 && (size_t)h->csum_start + h->csum_offset + 2 > it->count)
			return -EINVAL;
	}
	return 0;
}

static ssize_t tun_write(struct file *f, struct iter *it, u64 *pos)
{
	struct tun_queue *q = f->priv;
	struct tun *t = smp_load_acquire(&q->tun);
	size_t all = it->count, n, linear;
	struct vnet_header h;
	struct packet *p;
	struct tun_pi pi;
	bool tap;
	int err;

	(void)pos;
	if (!t || READ_ONCE(t->dying))
		return -EBADFD;
	if (!(READ_ONCE(t->dev->flags) & IFF_UP))
		return -EIO;
	tap = tun_is_tap(t);
	err = take_headers(t, it, &pi, &h);
	if (err)
		return err;
	n = it->count;
	if ((tap && n < ETH_HEADER) || n > 65535 + ETH_HEADER)
		return -EINVAL;
	linear = n <= PAGE_SIZE / 2 ? n : max((size_t)HEADERS, (size_t)h.hdr_len);
	linear = min(min(linear, n), (size_t)PAGE_SIZE / 2);
	p = packet_alloc(PACKET_HEADROOM / 2, (u32)linear);
	if (!p)
		return -ENOMEM;
	err = -EFAULT;
	if (iter_copy_from(it, packet_put(p, (u32)linear), linear) != linear)
		goto out_free;
	err = packet_append_iter(p, it, n - linear);
	if (err)
		goto out_free;
	err = -EINVAL;
	if (!tap) {
		p->protocol = be16_to_cpu((__force be16)pi.proto);
		if (t->flags & IFF_NO_PI) {
			u8 version = n ? p->data[0] >> 4 : 0;

			if (version != 4 && version != 6)
				goto out_free;
			p->protocol = version == 4 ? ETH_TYPE_IPV4 : ETH_TYPE_IPV6;
		}
	}
	if ((t->flags & IFF_VNET_HDR) && !vnet_header_apply(p, &h, tap))
		goto out_free;
	packet_set_dev(p, READ_ONCE(t->dev));
	netdev_receive(p);
	net_run();
	return (ssize_t)all;

out_free:
	netdev_stats(t->dev)->rx_errors++;
	packet_free(p);
	return err;
}

static u32 tun_poll(struct file *f, struct poll_table *pt)
{
	struct tun_queue *q = f->priv;
	struct tun *t = smp_load_acquire(&q->tun);
	u32 mask = 0;

	if (!t)
		return EPOLLERR;
	poll_wait(f, &q->readers, pt);
	if (!list_empty(&q->packets))
		mask |= EPOLLIN | EPOLLRDNORM;
	if (READ_ONCE(t->dev->flags) & IFF_UP)
		mask |= EPOLLOUT | EPOLLWRNORM;
	return READ_ONCE(t->dying) ? EPOLLERR : mask;
}

static const struct file_ops tun_fops = {
	.open = tun_open,
	.read = tun_read,
	.write = tun_write,
	.poll = tun_poll,
	.ioctl = tun_ioctl,
	.release = tun_release,
};

static struct chardev tun_chardev = {
	.name = "net/tun",
	.dev = MKDEV(10, 200),
	.mode = 0666,
	.ops = &tun_fops,
};

void tun_init(void)
{
	chardev_register(&tun_chardev);
}
