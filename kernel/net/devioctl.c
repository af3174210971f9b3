/*
 * The old way to configure, which net-tools, busybox and many programs still go: netdevice(7). Each
 * request is turned into what rtnetlink would do. devioctl_route.c has routes and ARP.
 *
 * net->mutex is held over each; program memory is touched before and after.
 */
#include "net/devioctl.h"

#include <compiler.h>
#include <uapi/errno.h>
#include <uapi/if.h>
#include <uapi/prctl.h>
#include <uapi/sockios.h>

#include "core/cred.h"
#include "lib/printf.h"
#include "mm/usercopy.h"
#include "net/ipv4.h"
#include "net/ipv6_dev.h"

static be32 mask_of(unsigned bits)
{
	return cpu_to_be32(bits ? ~0u << (32 - bits) : 0);
}

/* The length of a mask; -1: its bits are not in a row. */
static int bits_of(be32 mask)
{
	u32 m = be32_to_cpu(mask), bits = 0;

	while (bits < 32 && (m & 0x80000000u >> bits))
		bits++;
	return bits < 32 && m << bits ? -1 : (int)bits;
}

/* The prefix that classes once gave to an address: RFC 791 2.3. */
static int class_bits(be32 addr)
{
	u32 a = be32_to_cpu(addr);

	if (!a || a == ~0u)
		return 0;
	if (!(a >> 31))
		return 8;
	if (a >> 30 == 2)
		return 16;
	return a >> 29 == 6 ? 24 : a >> 28 == 15 ? 32 : -1;
}

static void put_addr(struct sockaddr *sa, be32 addr)
{
	struct sockaddr_in in = { .sin_family = AF_INET };

	in.sin_addr.s_addr = (__force u32)addr;
	memcpy(sa, &in, sizeof(in));
}

static be32 get_addr(const struct sockaddr *sa)
{
	struct sockaddr_in in;

	memcpy(&in, sa, sizeof(in));
	return (__force be32)in.sin_addr.s_addr;
}

/* The address a name means: that of the label, or a device's first. NULL: none. */
static struct ip4_addr *labelled(const struct netdev *d, const char *label)
{
	const struct ip4_dev *i = ip4_dev(d);
	struct ip4_addr *a;

	if (!i)
		return NULL;
	list_for_each_entry_rcu(a, &i->addrs, link)
		if (str_equal(a->label, label))
			return a;
	return NULL;
}

/* --- IPv4 addresses --- */

static struct ip4_addr_config config_of(const struct ip4_addr *a)
{
	return (struct ip4_addr_config){ .local = a->local,
					 .peer = a->peer,
					 .broadcast = a->broadcast,
					 .prefix_len = a->prefix_len,
					 .scope = a->scope,
					 .flags = a->flags & ~(u32)IFA_SECONDARY_,
					 .metric = a->metric,
					 .valid = ~0u,
					 .preferred = ~0u };
}

static int set_addr4(struct netdev *d, unsigned cmd, const struct ifreq *r, const char *label)
{
	struct ip4_addr *a = labelled(d, label);
	be32 addr = get_addr(&r->ifr_addr), was, was_mask;
	struct ip4_addr_config c = { .valid = ~0u, .preferred = ~0u, .flags = IFA_PERMANENT_ };
	int bits;

	if (r->ifr_addr.sa_family != AF_INET)
		return -EINVAL;
	if (!a && cmd != SIOCSIFADDR)
		return -EADDRNOTAVAIL;
	if (a)
		c = config_of(a);
	was = a ? a->local : 0;
	was_mask = a ? a->mask : 0;
	c.label = label;
	switch (cmd) {
	case SIOCSIFADDR:
		bits = class_bits(addr);
		if (bits < 0)
			return -EINVAL;
		if (a && a->local == addr)
			return 0;
		c.local = c.peer = addr;
		c.broadcast = 0;
		c.scope = be32_to_cpu(addr) >> 24 == 127 ? SCOPE_HOST : SCOPE_UNIVERSE;
		c.prefix_len = d->flags & IFF_POINTOPOINT ? 32 : (u8)bits;
		if ((d->flags & IFF_BROADCAST) && c.prefix_len < 31)
			c.broadcast = addr | ~mask_of(c.prefix_len);
		break;
	case SIOCSIFBRDADDR:
		c.broadcast = addr;
		break;
	case SIOCSIFDSTADDR:
		c.peer = addr;
		break;
	default: /* SIOCSIFNETMASK */
		bits = bits_of(addr);
		if (bits < 0)
			return -EINVAL;
		c.prefix_len = (u8)bits;
		/* A broadcast address that went with the old mask goes with the new one. */
		if ((d->flags & IFF_BROADCAST) && bits < 31 && c.broadcast == (was | ~was_mask))
			c.broadcast = was | ~addr;
		break;
	}
	if (a)
		ip4_addr_del(d, was, a->prefix_len);
	return c.local ? ip4_addr_add(d, &c) : 0;
}

static int get_addr4(const struct netdev *d, unsigned cmd, struct ifreq *r, const char *label)
{
	const struct ip4_addr *a = labelled(d, label);

	if (!a)
		return -EADDRNOTAVAIL;
	put_addr(&r->ifr_addr, cmd == SIOCGIFADDR    ? a->local :
			       cmd == SIOCGIFNETMASK ? a->mask :
			       cmd == SIOCGIFBRDADDR ? a->broadcast :
						       a->peer);
	return 0;
}

/* --- devices --- */

static int get_device(const struct netdev *d, unsigned cmd, struct ifreq *r)
{
	switch (cmd) {
	case SIOCGIFFLAGS:
		r->ifr_flags = (short)netdev_flags(d);
		return 0;
	case SIOCGIFMETRIC:
		r->ifr_metric = 0;
		return 0;
	case SIOCGIFMTU:
		r->ifr_mtu = (int)d->mtu;
		return 0;
	case SIOCGIFINDEX:
		r->ifr_ifindex = d->ifindex;
		return 0;
	case SIOCGIFTXQLEN:
		r->ifr_qlen = (int)d->txqlen;
		return 0;
	case SIOCGIFMAP:
		memset(&r->ifr_map, 0, sizeof(r->ifr_map));
		return 0;
	case SIOCGHWTSTAMP:
		return -EOPNOTSUPP;
	default: /* SIOCGIFHWADDR */
		memset(&r->ifr_hwaddr, 0, sizeof(r->ifr_hwaddr));
		r->ifr_hwaddr.sa_family = d->type;
		memcpy(r->ifr_hwaddr.sa_data, d->addr, d->addr_len);
		return 0;
	}
}

static int set_device(struct netdev *d, unsigned cmd, const struct ifreq *r, const char *label)
{
	const struct ip4_addr *a;
	char name[IFNAMSIZ];

	switch (cmd) {
	case SIOCSIFFLAGS:
		/* An alias that goes down is taken away: netdevice(7). */
		if (strchr(label, ':')) {
			a = labelled(d, label);
			if (!a)
				return -EADDRNOTAVAIL;
			return r->ifr_flags & IFF_UP ? 0 : ip4_addr_del(d, a->local, a->prefix_len);
		}
		return netdev_set_flags(d, (u32)(u16)r->ifr_flags, 0xffff & ~(u32)IFF_RUNNING);
	case SIOCSIFMTU:
		return r->ifr_mtu < 0 ? -EINVAL : netdev_set_mtu(d, (u32)r->ifr_mtu);
	case SIOCSIFHWADDR:
		if (r->ifr_hwaddr.sa_family != d->type)
			return -EINVAL;
		return netdev_set_mac(d, (const u8 *)r->ifr_hwaddr.sa_data);
	case SIOCSIFTXQLEN:
		if (r->ifr_qlen < 0)
			return -EINVAL;
		WRITE_ONCE(d->txqlen, (u32)r->ifr_qlen);
		return 0;
	case SIOCSIFNAME:
		memcpy(name, r->ifr_newname, IFNAMSIZ);
		name[IFNAMSIZ - 1] = '\0';
		return netdev_rename(d, name);
	case SIOCADDMULTI:
	case SIOCDELMULTI:
		if (r->ifr_hwaddr.sa_family != AF_UNSPEC || !d->addr_len)
			return -EINVAL;
		return netdev_multicast(d, (const u8 *)r->ifr_hwaddr.sa_data,
					cmd == SIOCADDMULTI ? 1 : -1);
	default: /* SIOCSIFMETRIC, and what is of a card that has a PHY or stamps packets */
		return -EOPNOTSUPP;
	}
}

static bool changes(unsigned cmd)
{
	switch (cmd) {
	case SIOCSIFFLAGS:
	case SIOCSIFMETRIC:
	case SIOCSIFMTU:
	case SIOCSIFHWADDR:
	case SIOCSIFNAME:
	case SIOCSIFTXQLEN:
	case SIOCADDMULTI:
	case SIOCDELMULTI:
	case SIOCSIFADDR:
	case SIOCSIFBRDADDR:
	case SIOCSIFDSTADDR:
	case SIOCSIFNETMASK:
	case SIOCGMIIPHY: /* privileged, too */
	case SIOCGMIIREG:
	case SIOCSMIIREG:
	case SIOCSHWTSTAMP:
		return true;
	default:
		return false;
	}
}

static int act(struct net *net, unsigned cmd, struct ifreq *r, const char *label)
{
	struct netdev *d = netdev_find(net, r->ifr_name);

	if (!d)
		return -ENODEV;
	switch (cmd) {
	case SIOCGIFADDR:
	case SIOCGIFNETMASK:
	case SIOCGIFBRDADDR:
	case SIOCGIFDSTADDR:
		return get_addr4(d, cmd, r, label);
	case SIOCSIFADDR:
	case SIOCSIFNETMASK:
	case SIOCSIFBRDADDR:
	case SIOCSIFDSTADDR:
		return set_addr4(d, cmd, r, label);
	default:
		return changes(cmd) ? set_device(d, cmd, r, label) : get_device(d, cmd, r);
	}
}

static long with_device(struct net *net, unsigned cmd, struct ifreq __user *arg)
{
	char label[IFNAMSIZ], *colon;
	struct ifreq r;
	int err;

	if (copy_from_user(&r, arg, sizeof(r)))
		return -EFAULT;
	r.ifr_name[IFNAMSIZ - 1] = '\0';
	memcpy(label, r.ifr_name, sizeof(label));
	colon = strchr(r.ifr_name, ':');
	if (colon)
		*colon = '\0';
	if (changes(cmd) && !net_capable(net, CAP_NET_ADMIN))
		return -EPERM;
	mutex_lock(&net->mutex);
	err = act(net, cmd, &r, label);
	mutex_unlock(&net->mutex);
	memcpy(r.ifr_name, label, sizeof(label));
	if (!err && !changes(cmd) && copy_to_user(arg, &r, sizeof(r)))
		err = -EFAULT;
	return err;
}

static long get_name(struct net *net, struct ifreq __user *arg)
{
	struct netdev *d;
	struct ifreq r;

	if (copy_from_user(&r, arg, sizeof(r)))
		return -EFAULT;
	mutex_lock(&net->mutex);
	d = netdev_by_index(net, r.ifr_ifindex);
	if (d)
		memcpy(r.ifr_name, d->name, sizeof(d->name));
	mutex_unlock(&net->mutex);
	if (!d)
		return -ENODEV;
	return copy_to_user(arg, &r, sizeof(r));
}

/* Every IPv4 address; without a buffer, how much all of them need. */
static long get_conf(struct net *net, struct ifconf __user *arg)
{
	struct ifconf c;
	struct netdev *d;
	u32 used = 0;
	int err = 0;

	if (copy_from_user(&c, arg, sizeof(c)))
		return -EFAULT;
	mutex_lock(&net->mutex);
	list_for_each_entry(d, &net->devices, link) {
		const struct ip4_dev *i = ip4_dev(d);
		const struct ip4_addr *a;

		if (!i)
			continue;
		list_for_each_entry(a, &i->addrs, link) {
			struct ifreq r = { 0 };

			if (c.ifc_buf && (c.ifc_len < 0 || used + sizeof(r) > (u32)c.ifc_len))
				break;
			memcpy(r.ifr_name, a->label, IFNAMSIZ);
			put_addr(&r.ifr_addr, a->local);
			if (c.ifc_buf && !err && copy_to_user(c.ifc_buf + used, &r, sizeof(r)))
				err = -EFAULT;
			used += sizeof(r);
		}
	}
	mutex_unlock(&net->mutex);
	return err ? err : put_user_u32(used, (u32 __user *)&arg->ifc_len);
}

/* ethtool(8): the few requests that need no hardware. */
static long ethtool(struct net *net, struct ifreq __user *arg)
{
	struct ethtool_drvinfo info = { .cmd = ETHTOOL_GDRVINFO };
	struct ethtool_value v = { 0 };
	const struct netdev *d;
	struct ifreq r;
	u32 cmd;
	bool lo = false, carrier = false;

	if (copy_from_user(&r, arg, sizeof(r)) || get_user_u32(&cmd, (u32 __user *)r.ifr_data))
		return -EFAULT;
	r.ifr_name[IFNAMSIZ - 1] = '\0';
	mutex_lock(&net->mutex);
	d = netdev_find(net, r.ifr_name);
	if (d) {
		lo = d->flags & IFF_LOOPBACK;
		strlcpy(info.driver, d->ops->kind ? d->ops->kind : "virtio_net",
			sizeof(info.driver));
		strlcpy(info.version,
			!d->ops->kind		       ? "1.0.0" :
			str_equal(d->ops->kind, "tun") ? "1.6" :
							 "1.0",
			sizeof(info.version));
		carrier = netdev_flags(d) & IFF_RUNNING;
	}
	mutex_unlock(&net->mutex);
	if (!d)
		return -ENODEV;
	switch (cmd) {
	case ETHTOOL_GLINK:
		v.cmd = cmd;
		v.data = carrier;
		return copy_to_user(r.ifr_data, &v, sizeof(v));
	case ETHTOOL_GDRVINFO:
		if (lo)
			return -EOPNOTSUPP;
		return copy_to_user(r.ifr_data, &info, sizeof(info));
	default:
		return -EOPNOTSUPP;
	}
}

long dev_ioctl(struct net *net, unsigned cmd, unsigned long uarg)
{
	struct ifreq __user *arg = (struct ifreq __user *)uarg;

	switch (cmd) {
	case SIOCGIFCONF:
		return get_conf(net, (struct ifconf __user *)uarg);
	case SIOCGIFNAME:
		return get_name(net, arg);
	case SIOCETHTOOL:
		return ethtool(net, arg);
	case SIOCGIFFLAGS:
	case SIOCGIFMETRIC:
	case SIOCGIFMTU:
	case SIOCGIFINDEX:
	case SIOCGIFTXQLEN:
	case SIOCGIFMAP:
	case SIOCGIFHWADDR:
	case SIOCSIFFLAGS:
	case SIOCSIFMETRIC:
	case SIOCSIFMTU:
	case SIOCSIFHWADDR:
	case SIOCSIFNAME:
	case SIOCSIFTXQLEN:
	case SIOCADDMULTI:
	case SIOCDELMULTI:
	case SIOCGMIIPHY:
	case SIOCGMIIREG:
	case SIOCSMIIREG:
	case SIOCSHWTSTAMP:
	case SIOCGHWTSTAMP:
		return with_device(net, cmd, arg);
	default:
		return -ENOTTY;
	}
}

/* SIOCSIFADDR, SIOCDIFADDR of an AF_INET6 socket: struct in6_ifreq. */
static long addr6(struct net *net, unsigned cmd, const struct in6_ifreq __user *arg)
{
	struct ip6_addr_config c = { .valid = ~0u, .preferred = ~0u };
	struct in6_ifreq r;
	struct netdev *d;
	long err;

	if (!net_capable(net, CAP_NET_ADMIN))
		return -EPERM;
	if (copy_from_user(&r, arg, sizeof(r)))
		return -EFAULT;
	if (r.ifr6_prefixlen > 128)
		return -EINVAL;
	c.addr = r.ifr6_addr;
	c.prefix_len = (u8)r.ifr6_prefixlen;
	mutex_lock(&net->mutex);
	d = netdev_by_index(net, r.ifr6_ifindex);
	err = !d		 ? -ENODEV :
	      cmd == SIOCSIFADDR ? ip6_addr_add(d, &c) :
				   ip6_addr_del(d, &c.addr, c.prefix_len);
	mutex_unlock(&net->mutex);
	return err;
}

long inet_ioctl(struct socket *sk, unsigned cmd, unsigned long arg)
{
	struct net *net = sk->net;

	switch (cmd) {
	case SIOCGSTAMP:
	case SIOCGSTAMPNS:
	case SIOCGSTAMP_NEW:
	case SIOCGSTAMPNS_NEW:
		return sock_ioctl_stamp(sk, cmd, arg);
	default:
		break;
	}
	if (sk->family == AF_INET6) {
		switch (cmd) {
		case SIOCSIFADDR:
		case SIOCDIFADDR:
			return addr6(net, cmd, (const struct in6_ifreq __user *)arg);
		case SIOCADDRT:
		case SIOCDELRT:
			return route6_ioctl(net, cmd, arg);
		default:
			return dev_ioctl(net, cmd, arg);
		}
	}
	switch (cmd) {
	case SIOCADDRT:
	case SIOCDELRT:
		return route4_ioctl(net, cmd, arg);
	case SIOCSARP:
	case SIOCGARP:
	case SIOCDARP:
		return arp_ioctl(net, cmd, arg);
	case SIOCGIFADDR:
	case SIOCGIFNETMASK:
	case SIOCGIFBRDADDR:
	case SIOCGIFDSTADDR:
	case SIOCSIFADDR:
	case SIOCSIFNETMASK:
	case SIOCSIFBRDADDR:
	case SIOCSIFDSTADDR:
		return with_device(net, cmd, (struct ifreq __user *)arg);
	default:
		return dev_ioctl(net, cmd, arg);
	}
}
