/*
 * The devices of a network: names, numbers, up and down, and what of it programs may change
 * (dev/netdev.h). All changes are under net->mutex, the caller's or taken here; look-ups are RCU's.
 */
#include <compiler.h>
#include <uapi/errno.h>

#include "alloc/slab.h"
#include "lib/printf.h"
#include "lib/string.h"
#include "net/net.h"

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

int netdev_register_locked(struct net *net, struct netdev *d)
{
	char name[IFNAMSIZ];
	int err = choose_name(net, d->name, name);

	if (err)
		return err;
	strlcpy(d->name, name, sizeof(d->name));
	d->ifindex = ++net->last_ifindex;
	d->net = net;
	hlist_add_head(&d->name_link, names(net, d->name));
	hlist_add_head(&d->number_link, numbers(net, d->ifindex));
	list_add_tail_rcu(&netdev_get(d)->link, &net->devices);
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

void netdev_unregister(struct netdev *d)
{
	struct net *net = d->net;
	struct netdev_multicast *m, *next;

	mutex_lock(&net->mutex);
	netdev_set_flags(d, 0, IFF_UP);
	net_device_event(d, NETDEV_GONE);
	list_unlink_(&d->link);
	hlist_del(&d->name_link);
	hlist_del(&d->number_link);
	list_for_each_entry_safe(m, next, &d->multicast, link)
		kfree(m);
	list_init(&d->multicast);
	mutex_unlock(&net->mutex);
	synchronize_rcu();
	netdev_put(d);
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
	if (!(d->flags & IFF_UP))
		return IF_OPER_DOWN;
	if (d->flags & IFF_LOOPBACK)
		return IF_OPER_UNKNOWN;
	return d->carrier ? IF_OPER_UP : IF_OPER_DOWN;
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

void netdev_set_carrier_locked(struct netdev *d, bool on)
{
	if (d->carrier == on)
		return;
	WRITE_ONCE(d->carrier, on);
	net_device_event(d, NETDEV_CHANGED);
}

void netdev_set_carrier(struct netdev *d, bool on)
{
	netdev_lock(d);
	netdev_set_carrier_locked(d, on);
	netdev_unlock(d);
}
