/*
 * Routes and ARP by ioctl(2): SIOCADDRT and SIOCDELRT with struct rtentry or in6_rtmsg, and arp(7).
 */
#include "net/devioctl.h"

#include <compiler.h>
#include <uapi/errno.h>
#include <uapi/if.h>
#include <uapi/if_arp.h>
#include <uapi/prctl.h>
#include <uapi/rtnetlink.h>
#include <uapi/sockios.h>

#include "core/cred.h"
#include "mm/usercopy.h"
#include "net/ipv4.h"
#include "net/neigh.h"
#include "net/route.h"

static be32 addr_of(const struct sockaddr *sa)
{
	struct sockaddr_in in;

	memcpy(&in, sa, sizeof(in));
	return (__force be32)in.sin_addr.s_addr;
}

/* A struct rtentry as a route; dev is its name, or "". 0 or -errno. */
static int read_rtentry(struct net *net, const struct rtentry *rt, const char *dev,
			struct route_config *c)
{
	u32 mask = be32_to_cpu(addr_of(&rt->rt_genmask)), dst = be32_to_cpu(addr_of(&rt->rt_dst));
	u8 bits = 0;

	if (rt->rt_dst.sa_family != AF_INET)
		return -EAFNOSUPPORT;
	if (rt->rt_flags & RTF_HOST)
		bits = 32;
	else if (rt->rt_genmask.sa_family != AF_INET && (mask || rt->rt_genmask.sa_family))
		return -EAFNOSUPPORT;
	while (bits < 32 && (mask & 0x80000000u >> bits))
		bits++;
	if (!(rt->rt_flags & RTF_HOST) && bits < 32 && mask << bits)
		return -EINVAL;
	if (bits < 32 && (dst & (bits ? ~0u >> bits : ~0u)))
		return -EINVAL;
	*c = (struct route_config){
		.dst = addr_from_v4(addr_of(&rt->rt_dst)),
		.gateway = addr_from_v4(0),
		.prefsrc = addr_from_v4(0),
		.prefix_len = bits,
		.table = ROUTE_TABLE_MAIN,
		.type = rt->rt_flags & RTF_REJECT ? ROUTE_UNREACHABLE : ROUTE_UNICAST,
		.scope = rt->rt_flags & RTF_REJECT ? RT_SCOPE_HOST : RT_SCOPE_LINK,
		.protocol = RTPROT_BOOT,
		.metric = rt->rt_metric > 0 ? (u32)rt->rt_metric - 1 : 0,
		.mtu = rt->rt_flags & RTF_MTU ? (u32)rt->rt_mtu : 0
	};
	if (dev[0]) {
		c->dev = netdev_find(net, dev);
		if (!c->dev)
			return -ENODEV;
	}
	if (rt->rt_gateway.sa_family == AF_INET && addr_of(&rt->rt_gateway)) {
		c->gateway = addr_from_v4(addr_of(&rt->rt_gateway));
		if (rt->rt_flags & RTF_GATEWAY)
			c->scope = RT_SCOPE_UNIVERSE;
	}
	return (rt->rt_flags & RTF_GATEWAY) && addr_is_any(&c->gateway) ? -EINVAL : 0;
}

long route4_ioctl(struct net *net, unsigned cmd, unsigned long arg)
{
	struct route_config c;
	char dev[IFNAMSIZ] = "";
	struct rtentry rt;
	long err;

	if (!net_capable(net, CAP_NET_ADMIN))
		return -EPERM;
	if (copy_from_user(&rt, (const void __user *)arg, sizeof(rt)))
		return -EFAULT;
	if (rt.rt_dev && copy_from_user(dev, rt.rt_dev, sizeof(dev) - 1))
		return -EFAULT;
	mutex_lock(&net->mutex);
	err = read_rtentry(net, &rt, dev, &c);
	if (!err && cmd == SIOCADDRT) {
		err = route_add(net, &c, ROUTE_CREATE);
	} else if (!err) {
		c.scope = 0; /* whatever they were */
		c.protocol = 0;
		err = route_del(net, &c);
	}
	mutex_unlock(&net->mutex);
	return err;
}

long route6_ioctl(struct net *net, unsigned cmd, unsigned long arg)
{
	struct route_config c;
	struct in6_rtmsg rt;
	long err = 0;

	if (!net_capable(net, CAP_NET_ADMIN))
		return -EPERM;
	if (copy_from_user(&rt, (const void __user *)arg, sizeof(rt)))
		return -EFAULT;
	if (rt.rtmsg_dst_len > 128 || rt.rtmsg_src_len)
		return -EINVAL;
	c = (struct route_config){ .dst = rt.rtmsg_dst,
				   .gateway = rt.rtmsg_gateway,
				   .prefix_len = (u8)rt.rtmsg_dst_len,
				   .table = ROUTE_TABLE_MAIN,
				   .type = rt.rtmsg_flags & RTF_REJECT ? ROUTE_UNREACHABLE :
									 ROUTE_UNICAST,
				   .protocol = RTPROT_BOOT,
				   .metric = rt.rtmsg_metric ? rt.rtmsg_metric : 1024 };
	mutex_lock(&net->mutex);
	if (rt.rtmsg_ifindex) {
		c.dev = netdev_by_index(net, rt.rtmsg_ifindex);
		err = c.dev ? 0 : -ENODEV;
	}
	if (!err && cmd == SIOCADDRT) {
		err = route_add(net, &c, ROUTE_CREATE);
	} else if (!err) {
		c.protocol = 0;
		c.metric = rt.rtmsg_metric;
		err = route_del(net, &c);
	}
	mutex_unlock(&net->mutex);
	return err;
}

/* --- ARP --- */

/* The device a request means: named, or the one that the address is reached by. */
static struct netdev *arp_device(struct net *net, const struct arpreq *r)
{
	struct in6_addr addr = addr_from_v4(addr_of(&r->arp_pa));
	const struct route_entry *e;

	if (r->arp_dev[0])
		return netdev_find(net, r->arp_dev);
	e = route_match(net, &addr, 0);
	return e ? e->c.dev : NULL;
}

/* SIOCGARP, SIOCDARP */
static int arp_act(struct net *net, unsigned cmd, struct arpreq *r)
{
	struct in6_addr addr = addr_from_v4(addr_of(&r->arp_pa));
	struct netdev *d = arp_device(net, r);
	struct neighbour *n;
	int err = -ENXIO;

	if (!d)
		return r->arp_dev[0] ? -ENODEV : -ENETUNREACH;
	n = neigh_find(net, d, &addr, false);
	if (!n)
		return err;
	spin_lock(&n->lock);
	if (n->state & NEIGH_VALID) {
		memset(&r->arp_ha, 0, sizeof(r->arp_ha));
		if (cmd == SIOCGARP)
			memcpy(r->arp_ha.sa_data, n->lladdr, d->addr_len);
		err = 0;
	}
	if (cmd == SIOCGARP) {
		r->arp_ha.sa_family = d->type;
		r->arp_flags = (n->state & NEIGH_VALID ? ATF_COM : 0) |
			       (n->state & NEIGH_PERMANENT ? ATF_PERM : 0);
		memcpy(r->arp_dev, d->name, sizeof(r->arp_dev));
	}
	spin_unlock(&n->lock);
	if (cmd == SIOCDARP)
		neigh_delete(n);
	neigh_put(n);
	return err;
}

static int arp_set(struct net *net, const struct arpreq *r)
{
	struct in6_addr addr = addr_from_v4(addr_of(&r->arp_pa));
	struct netdev *d = arp_device(net, r);
	struct neighbour *n;

	if (!d)
		return r->arp_dev[0] ? -ENODEV : -EINVAL;
	if (r->arp_ha.sa_family && r->arp_ha.sa_family != d->type)
		return -EINVAL;
	n = neigh_find(net, d, &addr, true);
	if (!n)
		return -ENOBUFS;
	neigh_update(n, r->arp_flags & ATF_COM ? (const u8 *)r->arp_ha.sa_data : NULL,
		     r->arp_flags & ATF_PERM ? NEIGH_PERMANENT : NEIGH_STALE,
		     NEIGH_OVERRIDE | NEIGH_ADMIN);
	neigh_put(n);
	return 0;
}

long arp_ioctl(struct net *net, unsigned cmd, unsigned long uarg)
{
	struct arpreq __user *arg = (struct arpreq __user *)uarg;
	struct arpreq r;
	long err;

	if (cmd != SIOCGARP && !net_capable(net, CAP_NET_ADMIN))
		return -EPERM;
	if (copy_from_user(&r, arg, sizeof(r)))
		return -EFAULT;
	r.arp_dev[sizeof(r.arp_dev) - 1] = '\0';
	if (r.arp_pa.sa_family != AF_INET)
		return -EPFNOSUPPORT;
	if (r.arp_flags & (ATF_PUBL | ATF_NETMASK))
		return r.arp_flags & ATF_PUBL ? -EOPNOTSUPP : -EINVAL;
	mutex_lock(&net->mutex);
	err = cmd == SIOCSARP ? arp_set(net, &r) : arp_act(net, cmd, &r);
	mutex_unlock(&net->mutex);
	if (!err && cmd == SIOCGARP && copy_to_user(arg, &r, sizeof(r)))
		err = -EFAULT;
	return err;
}
