/*
 * The options of ip(7), and where those of ipv6(7) are shared; SO_BINDTODEVICE of socket(7). Most are
 * a bit or a word that is stored whole; groups are mcast.c's.
 */
#include "net/inet_opt.h"

#include <compiler.h>
#include <err.h>
#include <uapi/errno.h>
#include <uapi/if.h>
#include <uapi/in.h>

#include "alloc/slab.h"
#include "core/cred.h"
#include "lib/string.h"
#include "mm/usercopy.h"
#include "net/ipv4.h"
#include "net/mcast.h"

#define SOURCES_MAX 1024 /* of a filter that is set as a whole */

/* Options that are on or off. */
static const struct {
	u8 name;
	u8 flag;
} switches[] = {
	{ IP_HDRINCL, INET_HDRINCL },		{ IP_RECVERR, INET_RECVERR },
	{ IP_PKTINFO, INET_PKTINFO },		{ IP_RECVTTL, INET_RECVTTL },
	{ IP_RECVTOS, INET_RECVTOS },		{ IP_RECVOPTS, INET_RECVOPTS },
	{ IP_RETOPTS, INET_RETOPTS },		{ IP_RECVORIGDSTADDR, INET_RECVORIGDST },
	{ IP_FREEBIND, INET_FREEBIND },		{ IP_TRANSPARENT, INET_TRANSPARENT },
	{ IP_NODEFRAG, INET_NODEFRAG },		{ IP_BIND_ADDRESS_NO_PORT, INET_BIND_NO_PORT },
	{ IP_MULTICAST_LOOP, INET_MCAST_LOOP }, { IP_MULTICAST_ALL, INET_MCAST_ALL },
	{ IP_ROUTER_ALERT, INET_ROUTER_ALERT }, { IP_RECVFRAGSIZE, INET_RECVFRAGSIZE },
};

static int switch_of(int name)
{
	for (size_t i = 0; i < ARRAY_SIZE(switches); i++)
		if (switches[i].name == name)
			return switches[i].flag;
	return -1;
}

void inet_set_flag(struct inet_socket *is, enum inet_flag f, bool on)
{
	if (on)
		__atomic_fetch_or(&is->ip_flags, 1u << f, __ATOMIC_RELAXED);
	else
		__atomic_fetch_and(&is->ip_flags, ~(1u << f), __ATOMIC_RELAXED);
}

static int bind_to_device(struct inet_socket *is, const void __user *val, int len)
{
	char name[IFNAMSIZ] = { 0 };
	struct netdev *d;

	if (len < 0)
		return -EINVAL;
	if (READ_ONCE(is->bound_dev) && !capable(CAP_NET_RAW))
		return -EPERM;
	if (copy_from_user(name, val, (size_t)min(len, IFNAMSIZ - 1)))
		return -EFAULT;
	d = name[0] ? netdev_find(is->net, name) : NULL;
	if (name[0] && !d)
		return -ENODEV;
	WRITE_ONCE(is->bound_dev, d ? d->ifindex : 0);
	spin_lock(&is->sk.lock);
	route_put(&is->route);
	spin_unlock(&is->sk.lock);
	return 0;
}

static int device_name(const struct inet_socket *is, void __user *val, int __user *ulen)
{
	char name[IFNAMSIZ];
	struct netdev *d;
	u32 len;

	if (!READ_ONCE(is->bound_dev))
		return put_user_u32(0, (u32 __user *)ulen);
	if (get_user_u32(&len, (u32 __user *)ulen))
		return -EFAULT;
	if (len < IFNAMSIZ)
		return -EINVAL;
	d = netdev_by_index(is->net, READ_ONCE(is->bound_dev));
	if (!d)
		return -ENODEV;
	strlcpy(name, d->name, sizeof(name));
	return sockopt_put(val, ulen, name, (int)strlen(name) + 1);
}

/* --- groups --- */

/* The device that IPv4's old structures name by an address. -ENODEV; 0: none is named. */
static int device_of_address(struct inet_socket *is, u32 addr)
{
	struct netdev *d;

	if (!addr)
		return 0;
	d = ip4_device_of(is->net, (__force be32)addr);
	return d ? d->ifindex : -ENODEV;
}

static int set_membership(struct inet_socket *is, int name, const void __user *val, int len)
{
	struct ip_mreqn r = { 0 };
	struct in6_addr group;
	int ifindex;

	if (is->sk.type == SOCK_STREAM)
		return -EPROTO;
	if (len < (int)sizeof(struct ip_mreq))
		return -EINVAL;
	if (copy_from_user(&r, val, len >= (int)sizeof(r) ? sizeof(r) : sizeof(struct ip_mreq)))
		return -EFAULT;
	group = addr_from_v4((__force be32)r.imr_multiaddr.s_addr);
	ifindex = r.imr_ifindex ? r.imr_ifindex : device_of_address(is, r.imr_address.s_addr);
	if (!addr_is_multicast(&group))
		return name == IP_ADD_MEMBERSHIP ? -EINVAL : -EADDRNOTAVAIL;
	if (ifindex < 0)
		return ifindex;
	return name == IP_ADD_MEMBERSHIP ? mcast_join(is, &group, ifindex) :
					   mcast_leave(is, &group, ifindex);
}

static enum mcast_change change_of(int name)
{
	switch (name) {
	case IP_ADD_SOURCE_MEMBERSHIP:
	case MCAST_JOIN_SOURCE_GROUP:
		return MCAST_ADD;
	case IP_DROP_SOURCE_MEMBERSHIP:
	case MCAST_LEAVE_SOURCE_GROUP:
		return MCAST_DROP;
	case IP_BLOCK_SOURCE:
	case MCAST_BLOCK_SOURCE:
		return MCAST_BLOCK;
	default:
		return MCAST_UNBLOCK;
	}
}

static int set_source(struct inet_socket *is, int name, const void __user *val, int len)
{
	struct ip_mreq_source r;
	struct in6_addr group, source;
	int ifindex;

	if (len != (int)sizeof(r))
		return -EINVAL;
	if (copy_from_user(&r, val, sizeof(r)))
		return -EFAULT;
	group = addr_from_v4((__force be32)r.imr_multiaddr);
	source = addr_from_v4((__force be32)r.imr_sourceaddr);
	ifindex = device_of_address(is, r.imr_interface);
	if (ifindex < 0)
		return ifindex;
	return mcast_source(is, &group, &source, ifindex, change_of(name));
}

/* An address of RFC 3678's structures, of the version that level says. */
static int group_addr(int level, const struct sockaddr_storage *ss, struct in6_addr *a)
{
	if (ss->ss_family != (level == SOL_IP ? AF_INET : AF_INET6))
		return -EINVAL;
	if (level == SOL_IP)
		*a = addr_from_v4((__force be32)((const struct sockaddr_in *)ss)->sin_addr.s_addr);
	else
		*a = ((const struct sockaddr_in6 *)ss)->sin6_addr;
	return 0;
}

static int set_group(struct inet_socket *is, int level, int name, const void __user *val, int len)
{
	struct in6_addr group, source;
	struct group_source_req r;
	bool sourced = name != MCAST_JOIN_GROUP && name != MCAST_LEAVE_GROUP;
	int err;

	if (is->sk.type == SOCK_STREAM)
		return -EPROTO;
	if (len < (int)(sourced ? sizeof(r) : sizeof(struct group_req)))
		return -EINVAL;
	if (copy_from_user(&r, val, sourced ? sizeof(r) : sizeof(struct group_req)))
		return -EFAULT;
	err = group_addr(level, &r.gsr_group, &group);
	if (!err && sourced)
		err = group_addr(level, &r.gsr_source, &source);
	if (err)
		return sourced ? -EADDRNOTAVAIL : err;
	if (name == MCAST_JOIN_GROUP)
		return mcast_join(is, &group, (int)r.gsr_interface);
	if (name == MCAST_LEAVE_GROUP)
		return mcast_leave(is, &group, (int)r.gsr_interface);
	err = mcast_source(is, &group, &source, (int)r.gsr_interface, change_of(name));
	return err;
}

static struct mcast_filter *new_filter(u32 mode, u32 n)
{
	struct mcast_filter *f = kzalloc(sizeof(*f) + n * sizeof(f->source[0]), 0);

	if (f) {
		f->include = mode == MCAST_INCLUDE;
		f->nr = n;
	}
	return f;
}

/* IP_MSFILTER and MCAST_MSFILTER: the whole filter. */
static int set_filter(struct inet_socket *is, int level, int name, const void __user *val, int len)
{
	bool old = name == IP_MSFILTER;
	size_t head = old ? offsetof(struct ip_msfilter, imsf_slist) :
			    offsetof(struct group_filter, gf_slist);
	size_t each = old ? sizeof(u32) : sizeof(struct sockaddr_storage);
	struct mcast_filter *f;
	struct in6_addr group;
	u32 mode, n;
	int ifindex, err;
	void *buf;

	if (len < (int)head)
		return -EINVAL;
	if (len > (int)(head + SOURCES_MAX * each))
		return -ENOBUFS;
	buf = memdup_user(val, (size_t)len);
	if (IS_ERR(buf))
		return (int)PTR_ERR(buf);
	if (old) {
		const struct ip_msfilter *m = buf;

		mode = m->imsf_fmode;
		n = m->imsf_numsrc;
		group = addr_from_v4((__force be32)m->imsf_multiaddr);
		ifindex = device_of_address(is, m->imsf_interface);
		err = ifindex < 0 ? ifindex : 0;
	} else {
		const struct group_filter *g = buf;

		mode = g->gf_fmode;
		n = g->gf_numsrc;
		ifindex = (int)g->gf_interface;
		err = group_addr(level, &g->gf_group, &group);
	}
	if (!err && (n > SOURCES_MAX || head + n * each > (size_t)len))
		err = -EINVAL;
	if (!err && n > (u32)READ_ONCE(is->net->ip4->igmp_max_msf))
		err = -ENOBUFS;
	if (!err && (mode > MCAST_INCLUDE || !addr_is_multicast(&group)))
		err = -EINVAL;
	f = err ? NULL : new_filter(mode, n);
	for (u32 i = 0; f && i < n && !err; i++) {
		if (old)
			f->source[i] = addr_from_v4(
				(__force be32)((const struct ip_msfilter *)buf)->imsf_slist[i]);
		else
			err = group_addr(level, &((const struct group_filter *)buf)->gf_slist[i],
					 &f->source[i]);
	}
	kfree(buf);
	if (err) {
		kfree(f);
		return err;
	}
	return f ? mcast_set_filter(is, &group, ifindex, f) : -ENOMEM;
}

static int get_msfilter(struct inet_socket *is, void __user *val, int __user *ulen)
{
	u32 head = offsetof(struct ip_msfilter, imsf_slist), len, n;
	struct ip_msfilter m;
	struct mcast_filter *f;
	struct in6_addr group;
	u32 __user *out = (u32 __user *)((u8 __user *)val + head);
	int ifindex, err = 0;

	if (get_user_u32(&len, (u32 __user *)ulen))
		return -EFAULT;
	if (len < head)
		return -EINVAL;
	if (copy_from_user(&m, val, head))
		return -EFAULT;
	group = addr_from_v4((__force be32)m.imsf_multiaddr);
	if (!addr_is_multicast(&group))
		return -EINVAL;
	ifindex = device_of_address(is, m.imsf_interface);
	if (ifindex < 0)
		return ifindex;
	f = mcast_get_filter(is, &group, ifindex);
	if (IS_ERR(f))
		return (int)PTR_ERR(f);
	n = min(f->nr, m.imsf_numsrc);
	m.imsf_fmode = f->include ? MCAST_INCLUDE : MCAST_EXCLUDE;
	m.imsf_numsrc = f->nr;
	for (u32 i = 0; i < n && !err; i++)
		err = put_user_u32((__force u32)addr_v4(&f->source[i]), &out[i]);
	kfree(f);
	if (err || copy_to_user(val, &m, head))
		return -EFAULT;
	return put_user_u32(head + n * 4, (u32 __user *)ulen);
}

static int set_mcast_if(struct inet_socket *is, const void __user *val, int len)
{
	struct ip_mreqn r = { 0 };
	struct netdev *d;
	int ifindex, bound = READ_ONCE(is->bound_dev);

	if (is->sk.type == SOCK_STREAM || len < (int)sizeof(struct in_addr))
		return -EINVAL;
	if (len >= (int)sizeof(struct ip_mreq)) {
		if (copy_from_user(&r, val,
				   len >= (int)sizeof(r) ? sizeof(r) : sizeof(struct ip_mreq)))
			return -EFAULT;
	} else if (copy_from_user(&r.imr_address, val, sizeof(struct in_addr))) {
		return -EFAULT;
	}
	ifindex = r.imr_ifindex;
	if (!ifindex) {
		ifindex = device_of_address(is, r.imr_address.s_addr);
		if (ifindex < 0)
			return -EADDRNOTAVAIL;
	}
	d = ifindex ? netdev_by_index(is->net, ifindex) : NULL;
	if (ifindex && (!d || (bound && bound != ifindex)))
		return d ? -EINVAL : -EADDRNOTAVAIL;
	WRITE_ONCE(is->mcast_dev, ifindex);
	spin_lock(&is->sk.lock);
	is->mcast_src = addr_from_v4((__force be32)r.imr_address.s_addr);
	spin_unlock(&is->sk.lock);
	return 0;
}

int inet_set_mcast(struct inet_socket *is, int level, int name, const void __user *val, int len)
{
	if (inet_mroute_option(name))
		return -EOPNOTSUPP;
	switch (name) {
	case MCAST_JOIN_GROUP:
	case MCAST_LEAVE_GROUP:
	case MCAST_JOIN_SOURCE_GROUP:
	case MCAST_LEAVE_SOURCE_GROUP:
	case MCAST_BLOCK_SOURCE:
	case MCAST_UNBLOCK_SOURCE:
		return set_group(is, level, name, val, len);
	case MCAST_MSFILTER:
		return set_filter(is, level, name, val, len);
	default:
		return -ENOPROTOOPT;
	}
}

/* --- the header's options --- */

static int set_ip_options(struct inet_socket *is, const void __user *val, int len)
{
	struct inet_options *o = inet_options(is);
	u32 n = (u32)len;
	u8 *opt, *old;
	int err;

	if (len < 0 || len > IPV4_MAX_OPTIONS)
		return -EINVAL;
	if (!o)
		return -ENOMEM;
	opt = kzalloc(IPV4_MAX_OPTIONS, 0);
	if (!opt)
		return -ENOMEM;
	err = copy_from_user(opt, val, n) ? -EFAULT : ip4_options_check(is->net, opt, &n);
	if (err) {
		kfree(opt);
		return err;
	}
	spin_lock(&is->sk.lock);
	old = o->ip_options;
	o->ip_options = n ? opt : NULL;
	o->ip_options_len = n;
	spin_unlock(&is->sk.lock);
	kfree(old);
	if (!n)
		kfree(opt);
	return 0;
}

static int get_ip_options(struct inet_socket *is, void __user *val, int __user *len)
{
	u8 copy[IPV4_MAX_OPTIONS];
	u32 n = 0;

	spin_lock(&is->sk.lock);
	if (is->opt && is->opt->ip_options) {
		n = is->opt->ip_options_len;
		memcpy(copy, is->opt->ip_options, n);
	}
	spin_unlock(&is->sk.lock);
	return sockopt_put(val, len, copy, (int)n);
}

/* --- set --- */

static int set_number(struct inet_socket *is, int name, int v, int len)
{
	bool stream = is->sk.type == SOCK_STREAM;

	switch (name) {
	case IP_TOS:
		if (stream)
			v = (v & ~3) | (is->tos & 3);
		WRITE_ONCE(is->tos, (u8)v);
		return 0;
	case IP_TTL:
		if (len < 1 || (v != -1 && (v < 1 || v > 255)))
			return -EINVAL;
		WRITE_ONCE(is->ttl, (s16)v);
		return 0;
	case IP_MTU_DISCOVER:
		if (v < IP_PMTUDISC_DONT || v > IP_PMTUDISC_OMIT)
			return -EINVAL;
		WRITE_ONCE(is->pmtudisc, (u8)v);
		return 0;
	case IP_MULTICAST_TTL:
		if (stream || len < 1 || v < -1 || v > 255)
			return -EINVAL;
		WRITE_ONCE(is->mcast_ttl, (s16)(v == -1 ? 1 : v));
		return 0;
	case IP_MINTTL:
		if (len < 1 || v < 0 || v > 255)
			return -EINVAL;
		WRITE_ONCE(is->min_ttl, (u8)v);
		return 0;
	case IP_RECVERR:
		inet_set_flag(is, INET_RECVERR, v);
		if (!v)
			inet_purge_errors(is);
		return 0;
	case IP_HDRINCL:
	case IP_NODEFRAG:
		if (is->sk.type != SOCK_RAW)
			return -ENOPROTOOPT;
		break;
	case IP_ROUTER_ALERT:
		return -EINVAL; /* of raw sockets; raw.c has it */
	case IP_TRANSPARENT:
		if (v && !capable(CAP_NET_RAW) && !capable(CAP_NET_ADMIN))
			return -EPERM;
		fallthrough;
	case IP_FREEBIND:
	case IP_MULTICAST_LOOP:
		if (len < 1)
			return -EINVAL;
		break;
	case IP_MULTICAST_ALL:
		if (len < 1 || (v != 0 && v != 1))
			return -EINVAL;
		break;
	case IP_PASSSEC:
		return 0;
	default:
		break;
	}
	if (switch_of(name) < 0)
		return -ENOPROTOOPT;
	inet_set_flag(is, (enum inet_flag)switch_of(name), v);
	return 0;
}

int inet_opt_number(const void __user *val, int len, int *v)
{
	u8 byte = 0;

	*v = 0;
	if (len >= (int)sizeof(*v))
		return get_user_u32((u32 *)v, (const u32 __user *)val);
	if (len < 1)
		return 0;
	if (get_user_u8(&byte, val))
		return -EFAULT;
	*v = byte;
	return 0;
}

static int set_unicast_if(struct inet_socket *is, const void __user *val, int len)
{
	u32 raw;
	int ifindex;

	if (len != (int)sizeof(raw))
		return -EINVAL;
	if (get_user_u32(&raw, val))
		return -EFAULT;
	ifindex = (int)bswap32(raw);
	if (ifindex && !netdev_by_index(is->net, ifindex))
		return -EADDRNOTAVAIL;
	if (ifindex && is->bound_dev && is->bound_dev != ifindex)
		return -EINVAL;
	WRITE_ONCE(is->unicast_dev, ifindex);
	return 0;
}

static int set_ip(struct inet_socket *is, int name, const void __user *val, int len)
{
	int v, err;

	switch (name) {
	case IP_OPTIONS:
		return set_ip_options(is, val, len);
	case IP_UNICAST_IF:
		return set_unicast_if(is, val, len);
	case IP_MULTICAST_IF:
		return set_mcast_if(is, val, len);
	case IP_ADD_MEMBERSHIP:
	case IP_DROP_MEMBERSHIP:
		return set_membership(is, name, val, len);
	case IP_ADD_SOURCE_MEMBERSHIP:
	case IP_DROP_SOURCE_MEMBERSHIP:
	case IP_BLOCK_SOURCE:
	case IP_UNBLOCK_SOURCE:
		return set_source(is, name, val, len);
	case IP_MSFILTER:
		return set_filter(is, SOL_IP, name, val, len);
	default:
		break;
	}
	err = inet_set_mcast(is, SOL_IP, name, val, len);
	if (err != -ENOPROTOOPT)
		return err;
	err = inet_opt_number(val, len, &v);
	return err ? err : set_number(is, name, v, len);
}

int inet_setsockopt(struct socket *sk, int level, int name, const void __user *val, int len)
{
	struct inet_socket *is = inet_sk(sk);

	switch (level) {
	case SOL_SOCKET:
		return name == SO_BINDTODEVICE ? bind_to_device(is, val, len) : -ENOPROTOOPT;
	case SOL_IP:
		return set_ip(is, name, val, len);
	case SOL_IPV6:
		return sk->family == AF_INET6 ? inet6_setsockopt(is, name, val, len) : -ENOPROTOOPT;
	default:
		return -ENOPROTOOPT;
	}
}

/* --- get --- */

int inet_path_mtu(struct inet_socket *is)
{
	int v = -ENOTCONN;

	spin_lock(&is->sk.lock);
	if (!addr_is_any(&is->remote) && !inet_route(is, &is->remote))
		v = (int)is->route.mtu;
	spin_unlock(&is->sk.lock);
	return v;
}

static int get_ip(struct inet_socket *is, int name, int *v)
{
	switch (name) {
	case IP_TOS:
		*v = READ_ONCE(is->tos);
		return 0;
	case IP_TTL:
		*v = READ_ONCE(is->ttl);
		if (*v < 0)
			*v = READ_ONCE(is->net->ip4->default_ttl);
		return 0;
	case IP_MTU_DISCOVER:
		*v = READ_ONCE(is->pmtudisc);
		return 0;
	case IP_MTU:
		*v = inet_path_mtu(is);
		return *v < 0 ? *v : 0;
	case IP_MULTICAST_TTL:
		*v = READ_ONCE(is->mcast_ttl);
		return 0;
	case IP_MINTTL:
		*v = READ_ONCE(is->min_ttl);
		return 0;
	case IP_PASSSEC:
		*v = 0;
		return 0;
	case IP_PROTOCOL:
		*v = is->sk.protocol;
		return 0;
	case IP_UNICAST_IF:
		*v = (int)bswap32((u32)READ_ONCE(is->unicast_dev));
		return 0;
	case IP_HDRINCL:
	case IP_ROUTER_ALERT:
		if (name == IP_ROUTER_ALERT)
			return -ENOPROTOOPT;
		break;
	default:
		break;
	}
	if (switch_of(name) < 0)
		return -ENOPROTOOPT;
	*v = inet_flag(is, (enum inet_flag)switch_of(name));
	return 0;
}

/* A number as ip(7) gives it: a byte, if there is room for no more and it fits. */
static int put_number(void __user *val, int __user *ulen, int v)
{
	u8 byte = (u8)v;
	u32 len;

	if (get_user_u32(&len, (u32 __user *)ulen))
		return -EFAULT;
	if ((int)len < 0)
		return -EINVAL;
	if (len < sizeof(v) && len && v >= 0 && v <= 255)
		return sockopt_put(val, ulen, &byte, 1);
	return sockopt_put(val, ulen, &v, sizeof(v));
}

int inet_getsockopt(struct socket *sk, int level, int name, void __user *val, int __user *len)
{
	struct inet_socket *is = inet_sk(sk);
	struct in_addr a;
	int v = 0, err;

	switch (level) {
	case SOL_SOCKET:
		if (name == SO_BINDTODEVICE)
			return device_name(is, val, len);
		if (name != SO_ACCEPTCONN)
			return -ENOPROTOOPT;
		return sockopt_put(val, len, &v, sizeof(v));
	case SOL_IP:
		break;
	case SOL_IPV6:
		return sk->family == AF_INET6 ? inet6_getsockopt(is, name, val, len) : -EOPNOTSUPP;
	default:
		return sk->family == AF_INET6 ? -ENOPROTOOPT : -EOPNOTSUPP;
	}
	if (inet_mroute_option(name))
		return -EOPNOTSUPP;
	switch (name) {
	case IP_OPTIONS:
		return get_ip_options(is, val, len);
	case IP_MULTICAST_IF:
		spin_lock(&sk->lock);
		a.s_addr = (__force u32)addr_v4(&is->mcast_src);
		spin_unlock(&sk->lock);
		return sockopt_put(val, len, &a, sizeof(a));
	case IP_MSFILTER:
		return get_msfilter(is, val, len);
	default:
		err = get_ip(is, name, &v);
		return err ? err : put_number(val, len, v);
	}
}
