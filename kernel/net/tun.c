/*
 * TUN and TAP: devices whose other end is a program. What is sent to the device is read from
 * /dev/net/tun, what is written there is received: IP packets (TUN) or Ethernet frames (TAP), with
 * Linux's headers before them as the flags of TUNSETIFF say.
 *
 * A device has queues, one for each descriptor; one that is not persistent goes with the last.
 *
 * Locks: [t] netdev_links_lock and inside it the mutex of the device's network. [l] tun->lock
 * (RANK_NETDEV), taken where packets are queued. [w] a word stored and read whole. [I] does not change.
 */
#include "net/tun.h"

#include <byteorder.h>
#include <compiler.h>
#include <err.h>
#include <uapi/epoll.h>
#include <uapi/errno.h>
#include <uapi/fcntl.h>
#include <uapi/if_arp.h>
#include <uapi/if_tun.h>

#include "alloc/slab.h"
#include "core/cred.h"
#include "core/random.h"
#include "core/task.h"
#include "dev/chardev.h"
#include "dev/flow.h"
#include "dev/vnet_header.h"
#include "fs/fs.h"
#include "fs/poll.h"
#include "lib/string.h"
#include "mm/usercopy.h"
#include "net/net.h"

#define MAX_QUEUES 256
#define HEADERS	   128 /* bytes of a packet written that are linear */
#define FEATURES                                                                          \
	(IFF_TUN | IFF_TAP | IFF_NO_PI | IFF_ONE_QUEUE | IFF_VNET_HDR | IFF_MULTI_QUEUE | \
	 IFF_NO_CARRIER)

struct tun {
	struct netdev *dev; /* [t] [w] RCU: what stands for it now */
	spinlock_t lock;
	u32 flags; /* [t] [w] IFF_* of TUNSETIFF */
	u32 owner, group; /* [t] ~0: anybody with CAP_NET_ADMIN alone */
	bool persist; /* [t] */
	bool dying; /* [t] [w] its device is gone, or about to go */
	int header_size; /* [w] of IFF_VNET_HDR's header */
	int sndbuf; /* [w] kept for TUNGETSNDBUF */
	unsigned nr_queues; /* [l] */
	struct tun_queue *queues[MAX_QUEUES]; /* [l] those that are attached */
};

/* An open file. */
struct tun_queue {
	struct net *net; /* [i] referenced: of who opened the file */
	struct tun *tun; /* [t] [w] NULL: none yet */
	struct netdev *held; /* [t] referenced, so that tun stays: its device when it was attached */
	bool attached; /* [t] */
	struct list_head packets; /* [tun's l] */
	unsigned n; /* [tun's l] */
	struct waitq readers;
};

static const struct netdev_ops tun_ops;

static bool is_tap(const struct tun *t)
{
	return t->flags & IFF_TAP;
}

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
		q = t->queues[packet_flow(p, is_tap(t)) % t->nr_queues];
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

static const struct netdev_ops tun_ops = {
	.transmit = tun_transmit,
	.set_mac = tun_set_mac,
	.free = tun_free,
	.moved = tun_moved,
	.kind = "tun",
	.remove = tun_remove,
};

/* --- attaching --- */

/* [t] */
static int attach(struct tun *t, struct tun_queue *q)
{
	spin_lock(&t->lock);
	if (t->nr_queues == MAX_QUEUES || (t->nr_queues && !(t->flags & IFF_MULTI_QUEUE))) {
		spin_unlock(&t->lock);
		return t->nr_queues == MAX_QUEUES ? -E2BIG : -EBUSY;
	}
	t->queues[t->nr_queues++] = q;
	spin_unlock(&t->lock);
	q->attached = true;
	return 0;
}

/* [t] */
static void detach(struct tun *t, struct tun_queue *q)
{
	LIST_HEAD(gone);

	if (!q->attached)
		return;
	q->attached = false;
	spin_lock(&t->lock);
	for (unsigned i = 0; i < t->nr_queues; i++)
		if (t->queues[i] == q)
			t->queues[i] = t->queues[--t->nr_queues];
	list_splice_tail_init(&q->packets, &gone);
	q->n = 0;
	spin_unlock(&t->lock);
	packet_free_list(&gone);
}

static bool may_use(const struct tun_queue *q, const struct tun *t)
{
	return ((t->owner == ~0u || t->owner == current->cred->euid) &&
		(t->group == ~0u || cred_in_group(current->cred, t->group))) ||
	       net_capable(q->net, CAP_NET_ADMIN);
}

static struct tun *create(const struct tun_queue *q, const char *name, u32 flags)
{
	bool tap = flags & IFF_TAP;
	struct tun *t;
	struct netdev *d;
	int err;

	if (!net_capable(q->net, CAP_NET_ADMIN))
		return ERR_PTR(-EPERM);
	t = kzalloc(sizeof(*t), 0);
	if (!t)
		return ERR_PTR(-ENOMEM);
	d = netdev_alloc(name[0] ? name :
			 tap	 ? "tap%d" :
				   "tun%d",
			 tap ? ARPHRD_ETHER : ARPHRD_NONE, &tun_ops, t);
	if (!d) {
		kfree(t);
		return ERR_PTR(-ENOMEM);
	}
	spin_init(&t->lock, RANK_NETDEV, "tun");
	t->dev = d;
	t->owner = t->group = ~0u;
	t->header_size = 10;
	t->sndbuf = 0x7fffffff;
	t->flags = flags;
	d->features = NETDEV_SG;
	d->txqlen = tap ? 1000 : 500;
	d->flags = tap ? IFF_BROADCAST | IFF_MULTICAST :
			 IFF_POINTOPOINT | IFF_NOARP | IFF_MULTICAST;
	if (tap) {
		d->addr_len = 6;
		random_bytes(d->addr, 6);
		d->addr[0] = (u8)((d->addr[0] & ~1u) | 2);
		memset(d->broadcast, 0xff, 6);
	}
	err = netdev_register_locked(q->net, d);
	netdev_put(d);
	return err ? ERR_PTR(err) : t;
}

/* TUNSETIFF. [t] */
static int set_if(struct tun_queue *q, struct ifreq *r)
{
	u32 flags = (u16)r->ifr_flags;
	struct netdev *d;
	struct tun *t;
	int err;

	if (q->tun)
		return -EEXIST;
	if (!(flags & (IFF_TUN | IFF_TAP)))
		return -EINVAL;
	if (flags & IFF_TUN)
		flags &= ~(u32)IFF_TAP;
	d = r->ifr_name[0] ? netdev_find(q->net, r->ifr_name) : NULL;
	if (d) {
		if (flags & IFF_TUN_EXCL)
			return -EBUSY;
		t = d->priv;
		if (d->ops != &tun_ops || ((t->flags ^ flags) & (IFF_TUN | IFF_TAP)) ||
		    ((t->flags ^ flags) & IFF_MULTI_QUEUE))
			return -EINVAL;
		if (!may_use(q, t))
			return -EPERM;
		if (t->dying)
			return -EBUSY;
	} else {
		t = create(q, r->ifr_name, flags & FEATURES);
		if (IS_ERR(t))
			return (int)PTR_ERR(t);
	}
	err = attach(t, q);
	if (err)
		return err;
	WRITE_ONCE(t->flags, (flags & FEATURES) | (t->flags & (IFF_TUN | IFF_TAP)));
	q->held = netdev_get(t->dev);
	smp_store_release(&q->tun, t);
	netdev_set_carrier_locked(t->dev, !(flags & IFF_NO_CARRIER));
	memcpy(r->ifr_name, t->dev->name, IFNAMSIZ);
	return 0;
}

/* --- the program's side --- */

/* For what changes q or its device. The network whose mutex is held, too. */
static struct net *config_lock(struct tun_queue *q)
{
	struct net *net;

	netdev_links_lock();
	net = q->tun && !q->tun->dying ? q->tun->dev->net : q->net;
	mutex_lock(&net->mutex);
	return net;
}

static void config_unlock(struct net *net)
{
	mutex_unlock(&net->mutex);
	netdev_links_unlock();
}

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
		net = config_lock(q);
		detach(t, q);
		last = !t->nr_queues && !t->persist && !t->dying;
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
	tap = is_tap(t);
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

/* --- ioctl --- */

static int set_offload(struct tun *t, unsigned long arg)
{
	u32 features = NETDEV_SG;

	if (arg & TUN_F_CSUM) {
		features |= NETDEV_CSUM;
		features |= arg & TUN_F_TSO4 ? NETDEV_TSO4 : 0;
		features |= arg & TUN_F_TSO6 ? NETDEV_TSO6 : 0;
		arg &= ~(unsigned long)(TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6 | TUN_F_TSO_ECN |
					TUN_F_UFO);
	}
	if (arg)
		return -EINVAL;
	WRITE_ONCE(t->dev->features, features);
	return 0;
}

/* Attaches a queue of several again, or detaches it. */
static int set_queue(struct tun_queue *q, const struct ifreq *r)
{
	struct tun *t = q->tun;

	if (r->ifr_flags & IFF_ATTACH_QUEUE) {
		if (q->attached)
			return -EINVAL;
		return may_use(q, t) ? attach(t, q) : -EPERM;
	}
	if (!(r->ifr_flags & IFF_DETACH_QUEUE) || !q->attached || !(t->flags & IFF_MULTI_QUEUE))
		return -EINVAL;
	detach(t, q);
	return 0;
}

static int set_type(struct netdev *d, unsigned long type)
{
	if (d->flags & IFF_UP)
		return -EBUSY;
	d->type = (u16)type;
	return 0;
}

/* Numbers by value or by address. [t] */
static long set_number(struct tun *t, unsigned cmd, unsigned long arg, u32 v)
{
	switch (cmd) {
	case TUNSETNOCSUM:
	case TUNSETDEBUG:
		return 0;
	case TUNSETPERSIST:
		t->persist = arg != 0;
		return 0;
	case TUNSETOWNER:
		t->owner = (u32)arg;
		return 0;
	case TUNSETGROUP:
		t->group = (u32)arg;
		return 0;
	case TUNSETLINK:
		return set_type(t->dev, arg);
	case TUNSETOFFLOAD:
		return set_offload(t, arg);
	case TUNSETSNDBUF:
		if ((int)v <= 0)
			return -EINVAL;
		WRITE_ONCE(t->sndbuf, (int)v);
		return 0;
	case TUNSETVNETHDRSZ:
		if ((int)v < 10)
			return -EINVAL;
		WRITE_ONCE(t->header_size, (int)v);
		return 0;
	case TUNSETVNETLE:
		return 0; /* it always is */
	default: /* TUNSETCARRIER */
		netdev_set_carrier_locked(t->dev, v);
		return 0;
	}
}

static long get_number(struct tun *t, unsigned cmd, unsigned long arg)
{
	int v = cmd == TUNGETSNDBUF ? t->sndbuf : cmd == TUNGETVNETHDRSZ ? t->header_size : 1;

	return put_user_u32((u32)v, (u32 __user *)arg);
}

static u32 shown_flags(const struct tun *t)
{
	return (t->flags & FEATURES) | (t->persist ? IFF_PERSIST : 0);
}

/* What takes a struct ifreq. [t] */
static long with_ifreq(struct tun_queue *q, unsigned cmd, struct ifreq *r)
{
	struct tun *t = q->tun;

	if (cmd == TUNSETIFF) {
		r->ifr_name[IFNAMSIZ - 1] = '\0';
		return set_if(q, r);
	}
	if (!t || t->dying)
		return -EBADFD;
	switch (cmd) {
	case TUNSETQUEUE:
		return set_queue(q, r);
	case TUNGETIFF:
		memcpy(r->ifr_name, t->dev->name, IFNAMSIZ);
		r->ifr_flags = (short)shown_flags(t);
		return 0;
	case SIOCGIFHWADDR:
		memset(&r->ifr_hwaddr, 0, sizeof(r->ifr_hwaddr));
		r->ifr_hwaddr.sa_family = t->dev->type;
		memcpy(r->ifr_hwaddr.sa_data, t->dev->addr, 6);
		return 0;
	default: /* SIOCSIFHWADDR */
		return netdev_set_mac(t->dev, (const u8 *)r->ifr_hwaddr.sa_data);
	}
}

static long tun_ioctl(struct file *f, unsigned cmd, unsigned long arg)
{
	struct tun_queue *q = f->priv;
	struct net *net;
	struct ifreq r;
	long err;
	u32 v = 0;

	switch (cmd) {
	case TUNGETFEATURES:
		return put_user_u32(FEATURES, (u32 __user *)arg);
	case TUNSETIFF:
	case TUNSETQUEUE:
	case TUNGETIFF:
	case SIOCGIFHWADDR:
	case SIOCSIFHWADDR:
		if (copy_from_user(&r, (void __user *)arg, sizeof(r)))
			return -EFAULT;
		net = config_lock(q);
		err = with_ifreq(q, cmd, &r);
		config_unlock(net);
		if (!err && cmd != TUNSETQUEUE && cmd != SIOCSIFHWADDR &&
		    copy_to_user((void __user *)arg, &r, sizeof(r)))
			err = -EFAULT;
		return err;
	case TUNSETSNDBUF:
	case TUNSETVNETHDRSZ:
	case TUNSETVNETLE:
	case TUNSETCARRIER:
		if (get_user_u32(&v, (const u32 __user *)arg))
			return -EFAULT;
		break;
	case TUNSETNOCSUM:
	case TUNSETDEBUG:
	case TUNSETPERSIST:
	case TUNSETOWNER:
	case TUNSETGROUP:
	case TUNSETLINK:
	case TUNSETOFFLOAD:
	case TUNGETSNDBUF:
	case TUNGETVNETHDRSZ:
	case TUNGETVNETLE:
		break;
	default:
		return q->tun ? -EINVAL : -EBADFD;
	}
	if (!q->tun)
		return -EBADFD;
	if (cmd == TUNGETSNDBUF || cmd == TUNGETVNETHDRSZ || cmd == TUNGETVNETLE)
		return get_number(q->tun, cmd, arg);
	net = config_lock(q);
	err = q->tun->dying ? -EBADFD : set_number(q->tun, cmd, arg, v);
	config_unlock(net);
	return err;
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
