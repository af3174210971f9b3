/*
 * The options that join and leave groups and choose their sources: ip(7), RFC 3678. mcast.c acts.
 * Memberships are guarded there; nothing here takes a lock.
 */
#include "net/inet_opt.h"

#include <compiler.h>
#include <err.h>
#include <uapi/errno.h>
#include <uapi/in.h>

#include "alloc/slab.h"
#include "mm/usercopy.h"
#include "net/ipv4.h"
#include "net/mcast.h"

#define SOURCES_MAX 1024 /* of a filter that is set as a whole */

int inet_device_of(struct inet_socket *is, u32 addr)
{
	struct netdev *d;

	if (!addr)
		return 0;
	d = ip4_device_of(is->sk.net, (__force be32)addr);
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
	ifindex = r.imr_ifindex ? r.imr_ifindex : inet_device_of(is, r.imr_address.s_addr);
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
	ifindex = inet_device_of(is, r.imr_interface);
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
		ifindex = inet_device_of(is, m->imsf_interface);
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
	if (!err && n > mcast_max_sources(is->sk.net, level == SOL_IPV6))
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

/* What set_filter put there: as many sources as there is room for, and how many there are. */
int inet_get_filter(struct inet_socket *is, int level, int name, void __user *val, int __user *ulen)
{
	bool old = name == IP_MSFILTER;
	u32 head = old ? offsetof(struct ip_msfilter, imsf_slist) :
			 offsetof(struct group_filter, gf_slist);
	u32 each = old ? sizeof(u32) : sizeof(struct sockaddr_storage), len, n, room;
	u8 __user *out = (u8 __user *)val + head;
	union {
		struct ip_msfilter m;
		struct group_filter g;
	} u;
	struct sockaddr_storage ss = { 0 };
	struct mcast_filter *f;
	struct in6_addr group;
	int ifindex, err = 0;

	if (get_user_u32(&len, (u32 __user *)ulen))
		return -EFAULT;
	if (len < head)
		return -EINVAL;
	if (copy_from_user(&u, val, head))
		return -EFAULT;
	if (old) {
		group = addr_from_v4((__force be32)u.m.imsf_multiaddr);
		ifindex = inet_device_of(is, u.m.imsf_interface);
		room = u.m.imsf_numsrc;
	} else {
		err = group_addr(level, &u.g.gf_group, &group);
		ifindex = (int)u.g.gf_interface;
		room = u.g.gf_numsrc;
	}
	if (err && level == SOL_IPV6)
		return -EADDRNOTAVAIL;
	if (err || !addr_is_multicast(&group))
		return -EINVAL;
	if (ifindex < 0)
		return ifindex;
	f = mcast_get_filter(is, &group, ifindex);
	if (IS_ERR(f))
		return (int)PTR_ERR(f);
	n = min(f->nr, room);
	if (old) {
		u.m.imsf_fmode = f->include ? MCAST_INCLUDE : MCAST_EXCLUDE;
		u.m.imsf_numsrc = f->nr;
	} else {
		u.g.gf_fmode = f->include ? MCAST_INCLUDE : MCAST_EXCLUDE;
		u.g.gf_numsrc = f->nr;
	}
	for (u32 i = 0; i < n && !err; i++) {
		const struct in6_addr *a = &f->source[i];
		u32 v4 = (__force u32)addr_v4(a);

		ss.ss_family = level == SOL_IP ? AF_INET : AF_INET6;
		if (level == SOL_IP)
			((struct sockaddr_in *)&ss)->sin_addr.s_addr = v4;
		else
			((struct sockaddr_in6 *)&ss)->sin6_addr = *a;
		err = copy_to_user(out + i * each, old ? (void *)&v4 : &ss, each);
	}
	kfree(f);
	if (err || copy_to_user(val, &u, head))
		return -EFAULT;
	return put_user_u32(head + n * each, (u32 __user *)ulen);
}

int inet_set_mcast(struct inet_socket *is, int level, int name, const void __user *val, int len)
{
	if (inet_mroute_option(name))
		return -EOPNOTSUPP;
	switch (level == SOL_IP ? name : -1) {
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
