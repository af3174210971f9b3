/*
 * TUN and TAP devices: how they are made and attached to (TUNSETIFF), and what ioctls ask and change:
 * Documentation/networking/tuntap. Locks: see tun_dev.h.
 */
#include <compiler.h>
#include <err.h>
#include <uapi/errno.h>
#include <uapi/if_arp.h>

#include "alloc/slab.h"
#include "core/cred.h"
#include "core/random.h"
#include "core/task.h"
#include "lib/string.h"
#include "mm/usercopy.h"
#include "net/net.h"
#include "net/tun_dev.h"

#define FEATURES                                                                          \
	(IFF_TUN | IFF_TAP | IFF_NO_PI | IFF_ONE_QUEUE | IFF_VNET_HDR | IFF_MULTI_QUEUE | \
	 IFF_NO_CARRIER)

/* --- attaching --- */

/* [t] */
static int attach(struct tun *t, struct tun_queue *q)
{
	spin_lock(&t->lock);
	if (t->nr_queues == TUN_QUEUES || (t->nr_queues && !(t->flags & IFF_MULTI_QUEUE))) {
		spin_unlock(&t->lock);
		return t->nr_queues == TUN_QUEUES ? -E2BIG : -EBUSY;
	}
	t->queues[t->nr_queues++] = q;
	spin_unlock(&t->lock);
	q->attached = true;
	return 0;
}

/* [t] */
void tun_detach(struct tun *t, struct tun_queue *q)
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
	d->tx_queues = d->rx_queues = flags & IFF_MULTI_QUEUE ? TUN_QUEUES : 1;
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

struct net *tun_config_lock(struct tun_queue *q)
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
	int err;

	if (r->ifr_flags & IFF_ATTACH_QUEUE) {
		if (q->attached)
			return -EINVAL;
		err = may_use(q, t) ? attach(t, q) : -EPERM;
		t->nr_disabled -= !err;
		return err;
	}
	if (!(r->ifr_flags & IFF_DETACH_QUEUE) || !q->attached || !(t->flags & IFF_MULTI_QUEUE))
		return -EINVAL;
	tun_detach(t, q);
	t->nr_disabled++;
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

long tun_ioctl(struct file *f, unsigned cmd, unsigned long arg)
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
		net = tun_config_lock(q);
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
	net = tun_config_lock(q);
	err = q->tun->dying ? -EBADFD : set_number(q->tun, cmd, arg, v);
	config_unlock(net);
	return err;
}
