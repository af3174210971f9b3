/*
 * The options of ip(7), and where those of ipv6(7) are shared. Most are a bit or a word that is stored whole;
 * groups are mcast.c's.
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
	{ IP_PASSSEC, INET_PASSSEC },
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
		__atomic_fetch_or(&is->ip_flags, 1ul << f, __ATOMIC_RELAXED);
	else
		__atomic_fetch_and(&is->ip_flags, ~(1ul << f), __ATOMIC_RELAXED);
}

/* --- groups --- */

static int set_mcast_if(struct inet_socket *is, const void __user *val, int len)
{
	struct ip_mreqn r = { 0 };
	struct netdev *d;
	int ifindex, bound = READ_ONCE(is->sk.bound_dev);

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
		ifindex = inet_device_of(is, r.imr_address.s_addr);
		if (ifindex < 0)
			return -EADDRNOTAVAIL;
	}
	d = ifindex ? netdev_by_index(is->sk.net, ifindex) : NULL;
	if (ifindex && (!d || (bound && bound != ifindex)))
		return d ? -EINVAL : -EADDRNOTAVAIL;
	WRITE_ONCE(is->mcast_dev, ifindex);
	spin_lock(&is->sk.lock);
	is->mcast_src = addr_from_v4((__force be32)r.imr_address.s_addr);
	spin_unlock(&is->sk.lock);
	return 0;
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
	err = copy_from_user(opt, val, n) ? -EFAULT : ip4_options_check(is->sk.net, opt, &n);
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

void inet_option_changed(struct socket *sk, int name)
{
	if (name != SO_BINDTODEVICE && name != SO_BINDTOIFINDEX && name != SO_CNX_ADVICE)
		return;
	spin_lock(&sk->lock);
	route_put(&inet_sk(sk)->route);
	spin_unlock(&sk->lock);
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
		if (v && !net_capable(is->sk.net, CAP_NET_RAW) &&
		    !net_capable(is->sk.net, CAP_NET_ADMIN))
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
	default:
		break;
	}
	if (switch_of(name) < 0)
		return -ENOPROTOOPT;
	inet_set_flag(is, (enum inet_flag)switch_of(name), v);
	return 0;
}

/* An option's number: an int, or, of shorter ones, a byte. 0 or -EFAULT. */
static int inet_opt_number(const void __user *val, int len, int *v)
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
	if (ifindex && !netdev_by_index(is->sk.net, ifindex))
		return -EADDRNOTAVAIL;
	if (ifindex && is->sk.bound_dev && is->sk.bound_dev != ifindex)
		return -EINVAL;
	WRITE_ONCE(is->unicast_dev, ifindex);
	return 0;
}

static int set_port_range(struct inet_socket *is, const void __user *val, int len)
{
	u32 v;

	if (len != (int)sizeof(v))
		return -EINVAL;
	if (get_user_u32(&v, val))
		return -EFAULT;
	if (v & 0xffff && v >> 16 && (v & 0xffff) > v >> 16)
		return -EINVAL;
	WRITE_ONCE(is->port_range, v);
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
	case IP_LOCAL_PORT_RANGE:
		return set_port_range(is, val, len);
	case IP_MULTICAST_IF:
		return set_mcast_if(is, val, len);
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

bool inet_get_word(const struct inet_socket *is, const struct inet_word *words, size_t n, int name,
		   int *v)
{
	for (; n; n--, words++) {
		const u8 *at = (const u8 *)is + words->off;

		if (words->name != name)
			continue;
		*v = words->size == 1 ? READ_ONCE(*at) :
		     words->size == 2 ? READ_ONCE(*(const s16 *)at) :
					READ_ONCE(*(const int *)at);
		return true;
	}
	return false;
}

static const struct inet_word words[] = {
	INET_WORD(IP_TOS, tos),
	INET_WORD(IP_MTU_DISCOVER, pmtudisc),
	INET_WORD(IP_MULTICAST_TTL, mcast_ttl),
	INET_WORD(IP_MINTTL, min_ttl),
	INET_WORD(IP_LOCAL_PORT_RANGE, port_range),
	INET_WORD(IP_PROTOCOL, sk.protocol),
};

static int get_ip(struct inet_socket *is, int name, int *v)
{
	if (inet_get_word(is, words, ARRAY_SIZE(words), name, v))
		return 0;
	switch (name) {
	case IP_TTL:
		*v = READ_ONCE(is->ttl);
		if (*v < 0)
			*v = READ_ONCE(is->sk.net->ip4->default_ttl);
		return 0;
	case IP_MTU:
		*v = inet_path_mtu(is);
		return *v < 0 ? *v : 0;
	case IP_UNICAST_IF:
		*v = (int)bswap32((u32)READ_ONCE(is->unicast_dev));
		return 0;
	case IP_ROUTER_ALERT:
		return -ENOPROTOOPT;
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
	case MCAST_MSFILTER:
		return inet_get_filter(is, level, name, val, len);
	default:
		err = get_ip(is, name, &v);
		return err ? err : put_number(val, len, v);
	}
}
