/*
 * The devices of a network: names, numbers, up and down, and what of it programs may change
 * (dev/netdev.h). All changes are under net->mutex, the caller's or taken here; look-ups are RCU's.
 *
 * A device never changes its network: one that moves gets a new struct netdev there, with the driver's
 * priv, and the old one goes as an unplugged one would, while who still has it (a packet, a cached
 * route) finds in it the network it was in.
 */
#include <compiler.h>
#include <uapi/errno.h>

#include "alloc/slab.h"
#include "arch/riscv/cpu.h"
#include "core/rcu.h"
#include "lib/printf.h"
#include "lib/string.h"
#include "net/net.h"

static struct mutex links_mutex = MUTEX_INIT(links_mutex);

void netdev_links_lock(void)
{
	mutex_lock(&links_mutex);
}

void netdev_links_unlock(void)
{
	mutex_unlock(&links_mutex);
}

static struct hlist_head *names(struct net *net, const char *name)
{
	u32 h = 0;

	while (*name)
		h = h * 31 + (u8)*name++;
	return &net->device_names[h % NET_DEVICE_HASH];
}

static struct hlist_head *numbers(struct net *net, int ifindex)
{
	return &net->device_numbers[(u32)ifindex % NET_DEVICE_HASH];
}

struct netdev *netdev_find(struct net *net, const char *name)
{
	struct netdev *d;

	hlist_for_each_entry(d, names(net, name), name_link)
		if (str_equal(d->name, name))
			return d;
	return NULL;
}

struct netdev *netdev_by_index(struct net *net, int ifindex)
{
	struct netdev *d;

	hlist_for_each_entry(d, numbers(net, ifindex), number_link)
		if (d->ifindex == ifindex)
			return d;
	return NULL;
}

void netdev_lock(struct netdev *d)
{
	mutex_lock(&d->net->mutex);
}

void netdev_unlock(struct netdev *d)
{
	mutex_unlock(&d->net->mutex);
}

/* A name as netdevice(7) allows: not empty, not "." or "..", no '/', ':' or blank. */
static bool valid_name(const char *name)
{
	size_t n = strnlen(name, IFNAMSIZ);

	if (!n || n == IFNAMSIZ || str_equal(name, ".") || str_equal(name, ".."))
		return false;
	for (size_t i = 0; i < n; i++)
		if (name[i] == '/' || name[i] == ':' || name[i] == ' ' ||
		    (name[i] >= '\t' && name[i] <= '\r'))
			return false;
	return true;
}

/* The name, with the lowest free number in place of its %d. */
static int choose_name(struct net *net, const char *want, char name[IFNAMSIZ])
{
	const char *percent = strchr(want, '%');

	if (!valid_name(want))
		return -EINVAL;
	strlcpy(name, want, IFNAMSIZ);
	if (!percent)
		return netdev_find(net, name) ? -EEXIST : 0;
	if (percent[1] != 'd' || strchr(percent + 2, '%'))
		return -EINVAL;
	for (int i = 0; i < 32768; i++) {
		snprintf(name, IFNAMSIZ, "%.*s%d%s", (int)(percent - want), want, i, percent + 2);
		if (!netdev_find(net, name))
			return 0;
	}
	return -ENFILE;
}

/* The next one that nobody has. */
static int free_number(struct net *net)
{
	do
		net->last_ifindex = net->last_ifindex == S32_MAX ? 1 : net->last_ifindex + 1;
	while (netdev_by_index(net, net->last_ifindex));
	return net->last_ifindex;
}

/* Before what a device of that number belongs in the list, which is in their order: dumps go on by it. */
static struct list_head *after_lower(struct net *net, int ifindex)
{
	struct netdev *d;

	list_for_each_entry(d, &net->devices, link)
		if (d->ifindex > ifindex)
			break;
	return &d->link;
}

int netdev_register_locked(struct net *net, struct netdev *d)
{
	char name[IFNAMSIZ];
	int err = choose_name(net, d->name, name);

	if (err)
		return err;
	if (d->ifindex && netdev_by_index(net, d->ifindex))
		return -EBUSY;
	strlcpy(d->name, name, sizeof(d->name));
	if (!d->ifindex)
		d->ifindex = free_number(net);
	d->net = net;
	hlist_add_head(&d->name_link, names(net, d->name));
	hlist_add_head(&d->number_link, numbers(net, d->ifindex));
	list_add_tail_rcu(&netdev_get(d)->link, after_lower(net, d->ifindex));
	net_device_event(d, NETDEV_REGISTERED);
	return 0;
}

int netdev_register(struct net *net, struct netdev *d)
{
	int err;

	mutex_lock(&net->mutex);
	err = netdev_register_locked(net, d);
	mutex_unlock(&net->mutex);
	return err;
}

/* It is found no more: a reference is the caller's, after a grace period. */
static void leave(struct netdev *d)
{
	struct netdev_multicast *m, *next;

	netdev_set_flags(d, 0, IFF_UP);
	net_device_event(d, NETDEV_GONE);
	list_unlink_(&d->link);
	hlist_del(&d->name_link);
	hlist_del(&d->number_link);
	list_for_each_entry_safe(m, next, &d->multicast, link)
		kfree(m);
	list_init(&d->multicast);
}

void netdev_unregister(struct netdev *d)
{
	struct net *net = d->net;

	mutex_lock(&net->mutex);
	leave(d);
	mutex_unlock(&net->mutex);
	synchronize_rcu();
	netdev_put(d);
}

/* What is to stand for it elsewhere, as far as that can be said before it is down. NULL: no memory. */
static struct netdev *heir(const struct netdev *d, struct net *to, const char *name, int ifindex)
{
	struct netdev *n = netdev_alloc(name, d->type, d->ops, d->priv);

	if (!n)
		return NULL;
	n->net = to;
	n->ifindex = ifindex;
	n->addr_len = d->addr_len;
	memcpy(n->addr, d->addr, sizeof(n->addr));
	memcpy(n->broadcast, d->broadcast, sizeof(n->broadcast));
	n->mtu = d->mtu;
	n->min_mtu = d->min_mtu;
	n->max_mtu = d->max_mtu;
	n->features = d->features;
	n->gso_max = d->gso_max;
	n->txqlen = d->txqlen;
	n->group = d->group;
	strlcpy(n->alias, d->alias, sizeof(n->alias));
	n->tx_queues = d->tx_queues;
	n->rx_queues = d->rx_queues;
	n->no_queue = d->no_queue;
	return n;
}

/* What could still change until nobody used it any more. */
static void inherit(struct netdev *n, const struct netdev *d)
{
	n->flags = d->flags;
	n->carrier = d->carrier;
	n->carrier_ups = d->carrier_ups;
	n->carrier_downs = d->carrier_downs;
	n->promisc = d->promisc;
	n->allmulti = d->allmulti;
	memcpy(n->stats, d->stats, nr_harts * sizeof(*n->stats));
}

/* The name and number it will have there. 0 or -errno. */
static int choose_place(const struct netdev *d, struct net *to, const char *want,
			char name[IFNAMSIZ], int *ifindex, const char **why)
{
	int err;

	strlcpy(name, d->name, IFNAMSIZ);
	if (netdev_find(to, name)) {
		*why = "An interface with the same name exists in the target netns";
		if (!want)
			return -EEXIST;
		err = choose_name(to, want, name);
		*why = err ? "Unable to use the name for the new interface in the target netns" :
			     NULL;
		if (err)
			return err;
	}
	if (*ifindex && netdev_by_index(to, *ifindex)) {
		*why = "The ifindex is not available in the target netns";
		return -EBUSY;
	}
	if (!*ifindex)
		*ifindex = netdev_by_index(to, d->ifindex) ? free_number(to) : d->ifindex;
	return 0;
}

int netdev_move(struct netdev *d, struct net *to, const char *want, int ifindex,
		struct netdev **now, const char **why)
{
	struct net *from = d->net;
	struct netdev *n = NULL;
	char name[IFNAMSIZ];
	int err;

	*now = d;
	if (d->flags & IFF_LOOPBACK)
		return -EINVAL;
	if (from == to)
		return 0;
	mutex_lock(&from->mutex);
	mutex_lock(&to->mutex);
	err = choose_place(d, to, want, name, &ifindex, why);
	if (!err) {
		n = heir(d, to, name, ifindex);
		err = n ? 0 : -ENOMEM;
	}
	if (err)
		goto out_unlock;
	d->successor = netdev_get(n);
	leave(d);
	synchronize_rcu(); /* nobody sends by it any more, or is about to hand on what it received */
	inherit(n, d);
	if (d->ops->moved)
		d->ops->moved(d, n);
	synchronize_rcu(); /* nor has anybody found it by priv */
	netdev_register_locked(to, n); /* the place was looked for under the same mutex */
out_unlock:
	mutex_unlock(&to->mutex);
	mutex_unlock(&from->mutex);
	if (err)
		return err;
	netdev_put(n);
	netdev_put(d);
	*now = n;
	return 0;
}

u32 netdev_flags(const struct netdev *d)
{
	u32 flags = READ_ONCE(d->flags);

	if ((flags & IFF_UP) && READ_ONCE(d->carrier))
		flags |= IFF_RUNNING | IFF_LOWER_UP;
	return flags;
}

int netdev_operstate(const struct netdev *d)
{
	const struct netdev *peer;

	if (!(d->flags & IFF_UP))
		return IF_OPER_DOWN;
	if (d->flags & IFF_LOOPBACK)
		return IF_OPER_UNKNOWN;
	if (d->carrier)
		return IF_OPER_UP;
	/* As Linux: the number is looked for here, wherever the other end is. */
	peer = d->ops->peer ? d->ops->peer(d) : NULL;
	peer = peer ? netdev_by_index(d->net, peer->ifindex) : NULL;
	return peer && peer != d && !peer->carrier ? IF_OPER_LOWERLAYERDOWN : IF_OPER_DOWN;
}

static void rx_mode(struct netdev *d)
{
	if (d->ops->set_rx_mode)
		d->ops->set_rx_mode(d);
}

static int set_up(struct netdev *d, bool up)
{
	int err;

	if (up) {
		d->used = true;
		err = d->ops->open ? d->ops->open(d) : 0;
		if (err)
			return err;
		WRITE_ONCE(d->flags, d->flags | IFF_UP);
		rx_mode(d);
		net_device_event(d, NETDEV_UP);
	} else {
		WRITE_ONCE(d->flags, d->flags & ~(u32)IFF_UP);
		net_device_event(d, NETDEV_DOWN);
		if (d->ops->stop)
			d->ops->stop(d);
	}
	return 0;
}

int netdev_set_flags(struct netdev *d, u32 flags, u32 mask)
{
	const u32 plain = IFF_DEBUG | IFF_NOTRAILERS | IFF_NOARP | IFF_DYNAMIC | IFF_MULTICAST |
			  IFF_PORTSEL | IFF_AUTOMEDIA;
	u32 changed = (d->flags ^ flags) & mask;
	int err = 0;

	WRITE_ONCE(d->flags, d->flags ^ (changed & (plain | IFF_PROMISC | IFF_ALLMULTI)));
	if (changed & IFF_PROMISC)
		netdev_promisc(d, flags & IFF_PROMISC ? 1 : -1);
	if (changed & IFF_ALLMULTI)
		netdev_allmulti(d, flags & IFF_ALLMULTI ? 1 : -1);
	if (changed & IFF_UP)
		err = set_up(d, flags & IFF_UP);
	else if (changed & (plain | IFF_PROMISC | IFF_ALLMULTI))
		net_device_event(d, NETDEV_CHANGED);
	return err;
}

int netdev_set_mtu(struct netdev *d, u32 mtu)
{
	int err;

	if (mtu < d->min_mtu || mtu > d->max_mtu)
		return -EINVAL;
	if (mtu == d->mtu)
		return 0;
	err = d->ops->set_mtu ? d->ops->set_mtu(d, mtu) : 0;
	if (err)
		return err;
	WRITE_ONCE(d->mtu, mtu);
	net_device_event(d, NETDEV_CHANGED);
	return 0;
}

int netdev_set_mac(struct netdev *d, const u8 *mac)
{
	int err;

	if (!d->ops->set_mac)
		return -EOPNOTSUPP;
	if (mac[0] & 1 || !memcmp(mac, "\0\0\0\0\0", 6))
		return -EADDRNOTAVAIL;
	err = d->ops->set_mac(d, mac);
	if (err)
		return err;
	memcpy(d->addr, mac, d->addr_len);
	net_device_event(d, NETDEV_CHANGED);
	return 0;
}

int netdev_rename(struct netdev *d, const char *name)
{
	char chosen[IFNAMSIZ];
	int err;

	if (str_equal(d->name, name))
		return 0;
	err = choose_name(d->net, name, chosen);
	if (err)
		return err;
	hlist_del(&d->name_link);
	strlcpy(d->name, chosen, sizeof(d->name));
	hlist_add_head(&d->name_link, names(d->net, chosen));
	net_device_event(d, NETDEV_RENAMED);
	return 0;
}

int netdev_multicast(struct netdev *d, const u8 *addr, int by)
{
	struct netdev_multicast *m;

	list_for_each_entry(m, &d->multicast, link) {
		if (memcmp(m->addr, addr, d->addr_len) != 0)
			continue;
		m->users += by;
		if (m->users)
			return 0;
		list_del(&m->link);
		kfree(m);
		rx_mode(d);
		return 0;
	}
	if (by < 0)
		return 0;
	m = kzalloc(sizeof(*m), 0);
	if (!m)
		return -ENOMEM;
	memcpy(m->addr, addr, d->addr_len);
	m->users = by;
	list_add_tail(&m->link, &d->multicast);
	rx_mode(d);
	return 0;
}

void netdev_promisc(struct netdev *d, int by)
{
	d->promisc += by;
	rx_mode(d);
}

void netdev_allmulti(struct netdev *d, int by)
{
	d->allmulti += by;
	rx_mode(d);
}

bool netdev_note_carrier(struct netdev *d, bool on)
{
	u32 *times = on ? &d->carrier_ups : &d->carrier_downs;

	if (d->carrier == on)
		return false;
	WRITE_ONCE(d->carrier, on);
	WRITE_ONCE(*times, *times + 1);
	return true;
}

void netdev_set_carrier_locked(struct netdev *d, bool on)
{
	if (!netdev_note_carrier(d, on))
		return;
	net_device_event(d, NETDEV_CHANGED);
}

void netdev_set_carrier(struct netdev *d, bool on)
{
	netdev_lock(d);
	netdev_set_carrier_locked(d, on);
	netdev_unlock(d);
}
