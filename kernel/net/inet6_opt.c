/*
 * The options of ipv6(7), RFC 3493 and RFC 3542. Most are a bit or a word that is stored whole.
 */
#include "net/inet_opt.h"

#include <compiler.h>
#include <uapi/errno.h>
#include <uapi/in.h>
#include <uapi/in6.h>

#include "core/cred.h"
#include "mm/usercopy.h"
#include "net/ipv6_dev.h"
#include "net/mcast.h"

#define IPV6_DEFAULT_HOPS 64

/* Options that are on or off. */
static const struct {
	u8 name;
	u8 flag;
} switches[] = {
	{ IPV6_RECVERR, INET_RECVERR6 },	   { IPV6_RECVPKTINFO, INET_PKTINFO6 },
	{ IPV6_2292PKTINFO, INET_OLD_PKTINFO },	   { IPV6_RECVHOPLIMIT, INET_RECVHOPLIMIT },
	{ IPV6_2292HOPLIMIT, INET_OLD_HOPLIMIT },  { IPV6_RECVTCLASS, INET_RECVTCLASS },
	{ IPV6_RECVHOPOPTS, INET_RECVHOPOPTS },	   { IPV6_2292HOPOPTS, INET_OLD_HOPOPTS },
	{ IPV6_RECVDSTOPTS, INET_RECVDSTOPTS },	   { IPV6_2292DSTOPTS, INET_OLD_DSTOPTS },
	{ IPV6_RECVRTHDR, INET_RECVRTHDR },	   { IPV6_2292RTHDR, INET_OLD_RTHDR },
	{ IPV6_FLOWINFO, INET_FLOWINFO },	   { IPV6_FLOWINFO_SEND, INET_FLOWINFO_SEND },
	{ IPV6_RECVFRAGSIZE, INET_RECVFRAGSIZE },  { IPV6_DONTFRAG, INET_DONTFRAG6 },
	{ IPV6_MULTICAST_LOOP, INET_MCAST6_LOOP }, { IPV6_MULTICAST_ALL, INET_MCAST6_ALL },
	{ IPV6_RECVPATHMTU, INET_RECVPATHMTU },	   { IPV6_RECVORIGDSTADDR, INET_RECVORIGDST6 },
	{ IPV6_FREEBIND, INET_FREEBIND },	   { IPV6_TRANSPARENT, INET_TRANSPARENT },
};

static int switch_of(int name)
{
	for (size_t i = 0; i < ARRAY_SIZE(switches); i++)
		if (switches[i].name == name)
			return switches[i].flag;
	return -1;
}

static int set_membership(struct inet_socket *is, int name, const void __user *val, int len)
{
	struct ipv6_mreq r;

	if (is->sk.type == SOCK_STREAM)
		return -EPROTO;
	if (len < (int)sizeof(r))
		return -EINVAL;
	if (copy_from_user(&r, val, sizeof(r)))
		return -EFAULT;
	if (addr_is_v4(&r.ipv6mr_multiaddr) || !addr_is_multicast(&r.ipv6mr_multiaddr))
		return name == IPV6_ADD_MEMBERSHIP ? -EINVAL : -EADDRNOTAVAIL;
	return name == IPV6_ADD_MEMBERSHIP ? mcast_join(is, &r.ipv6mr_multiaddr, r.ipv6mr_ifindex) :
					     mcast_leave(is, &r.ipv6mr_multiaddr, r.ipv6mr_ifindex);
}

/* IPV6_ADDRFORM: a socket that is connected to an IPv4 address becomes one of AF_INET. */
static int set_form(struct inet_socket *is, int v)
{
	if (v != AF_INET)
		return -EINVAL;
	if (is->sk.type == SOCK_RAW)
		return -ENOPROTOOPT;
	if (addr_is_any(&is->remote))
		return -ENOTCONN;
	if (is->v6only || !addr_is_v4(&is->remote))
		return -EADDRNOTAVAIL;
	WRITE_ONCE(is->sk.family, AF_INET);
	return 0;
}

static int set_device(struct inet_socket *is, int name, int v)
{
	int bound = READ_ONCE(is->sk.bound_dev),
	    ifindex = name == IPV6_UNICAST_IF ? (int)bswap32((u32)v) : v;

	if (ifindex < 0)
		return name == IPV6_UNICAST_IF ? -EADDRNOTAVAIL : -ENODEV;
	if (ifindex && !netdev_by_index(is->sk.net, ifindex))
		return name == IPV6_UNICAST_IF ? -EADDRNOTAVAIL : -ENODEV;
	if (ifindex && bound && bound != ifindex)
		return -EINVAL;
	if (name == IPV6_UNICAST_IF)
		WRITE_ONCE(is->unicast_dev, ifindex);
	else
		WRITE_ONCE(is->mcast_dev, ifindex);
	return 0;
}

/* RFC 5014: one of each kind at most. Addresses made by key are not done: either is right. */
static int set_preferences(struct inet_socket *is, int v)
{
	int kind = v &
		   (IPV6_PREFER_SRC_TMP | IPV6_PREFER_SRC_PUBLIC | IPV6_PREFER_SRC_PUBTMP_DEFAULT);
	int home = v & (IPV6_PREFER_SRC_HOME | IPV6_PREFER_SRC_COA);
	int cga = v & (IPV6_PREFER_SRC_CGA | IPV6_PREFER_SRC_NONCGA);

	if (kind & (kind - 1) || home & (home - 1) || cga & (cga - 1))
		return -EINVAL;
	WRITE_ONCE(is->addr_prefs,
		   (u16)((kind & ~IPV6_PREFER_SRC_PUBTMP_DEFAULT) | (home & IPV6_PREFER_SRC_COA)));
	return 0;
}

/* net.ipv6.auto_flowlabels: 0 never, 1 who does not refuse, 2 who asks for it, 3 everybody. */
bool inet6_auto_label(const struct inet_socket *is)
{
	int mode = READ_ONCE(is->sk.net->ip6->auto_flowlabels);

	if (mode == 1)
		return !inet_flag(is, INET_NO_FLOWLABEL);
	return mode == 3 || (mode == 2 && inet_flag(is, INET_AUTOFLOWLABEL));
}

static int set_number(struct inet_socket *is, int name, int v)
{
	switch (name) {
	case IPV6_AUTOFLOWLABEL:
		inet_set_flag(is, INET_AUTOFLOWLABEL, v != 0);
		inet_set_flag(is, INET_NO_FLOWLABEL, v == 0);
		return 0;
	case IPV6_V6ONLY:
		if (READ_ONCE(is->local_port) && is->sk.type != SOCK_RAW)
			return -EINVAL;
		WRITE_ONCE(is->v6only, v != 0);
		return 0;
	case IPV6_UNICAST_HOPS:
		if (v < -1 || v > 255)
			return -EINVAL;
		WRITE_ONCE(is->ttl, (s16)(v ? v : 0));
		return 0;
	case IPV6_MULTICAST_HOPS:
		if (is->sk.type == SOCK_STREAM)
			return -ENOPROTOOPT;
		if (v < -1 || v > 255)
			return -EINVAL;
		WRITE_ONCE(is->mcast_ttl, (s16)(v == -1 ? 1 : v));
		return 0;
	case IPV6_TCLASS:
		if (v < -1 || v > 255)
			return -EINVAL;
		WRITE_ONCE(is->tos, (u8)(v < 0 ? 0 : v));
		return 0;
	case IPV6_MTU_DISCOVER:
		if (v < IPV6_PMTUDISC_DONT || v > IPV6_PMTUDISC_OMIT)
			return -EINVAL;
		WRITE_ONCE(is->pmtudisc, (u8)v);
		return 0;
	case IPV6_MTU:
		if (v && v < 1280)
			return -EINVAL;
		WRITE_ONCE(is->frag_size, v);
		return 0;
	case IPV6_MULTICAST_IF:
	case IPV6_UNICAST_IF:
		if (name == IPV6_MULTICAST_IF && is->sk.type == SOCK_STREAM)
			return -ENOPROTOOPT;
		return set_device(is, name, v);
	case IPV6_MINHOPCOUNT:
		if (v < 0 || v > 255)
			return -EINVAL;
		WRITE_ONCE(is->min_ttl, (u8)v);
		return 0;
	case IPV6_ADDR_PREFERENCES:
		return set_preferences(is, v);
	case IPV6_ADDRFORM:
		return set_form(is, v);
	case IPV6_MULTICAST_LOOP:
		if (v != 0 && v != 1)
			return -EINVAL;
		break;
	case IPV6_TRANSPARENT:
		if (v && !net_capable(is->sk.net, CAP_NET_RAW) &&
		    !net_capable(is->sk.net, CAP_NET_ADMIN))
			return -EPERM;
		break;
	case IPV6_RECVERR:
		if (!v)
			inet_purge_errors(is);
		break;
	default:
		break;
	}
	if (switch_of(name) < 0)
		return -ENOPROTOOPT;
	inet_set_flag(is, (enum inet_flag)switch_of(name), v);
	return 0;
}

static const struct inet_word words[] = {
	INET_WORD(IPV6_V6ONLY, v6only),		 INET_WORD(IPV6_MULTICAST_HOPS, mcast_ttl),
	INET_WORD(IPV6_MULTICAST_IF, mcast_dev), INET_WORD(IPV6_TCLASS, tos),
	INET_WORD(IPV6_MTU_DISCOVER, pmtudisc),	 INET_WORD(IPV6_MINHOPCOUNT, min_ttl),
};

static int get_number(struct inet_socket *is, int name, int *v)
{
	if (inet_get_word(is, words, ARRAY_SIZE(words), name, v))
		return 0;
	switch (name) {
	case IPV6_AUTOFLOWLABEL:
		*v = inet_flag(is, INET_AUTOFLOWLABEL) || inet_flag(is, INET_NO_FLOWLABEL) ?
			     inet_flag(is, INET_AUTOFLOWLABEL) :
			     READ_ONCE(is->sk.net->ip6->auto_flowlabels) & 1;
		return 0;
	case IPV6_UNICAST_HOPS:
		*v = READ_ONCE(is->ttl);
		if (*v < 0)
			*v = IPV6_DEFAULT_HOPS;
		return 0;
	case IPV6_UNICAST_IF:
		*v = (int)bswap32((u32)READ_ONCE(is->unicast_dev));
		return 0;
	case IPV6_MTU:
		*v = inet_path_mtu(is);
		return *v < 0 ? *v : 0;
	case IPV6_ADDR_PREFERENCES:
		*v = READ_ONCE(is->addr_prefs);
		if (!(*v & (IPV6_PREFER_SRC_TMP | IPV6_PREFER_SRC_PUBLIC)))
			*v |= IPV6_PREFER_SRC_PUBTMP_DEFAULT;
		if (!(*v & IPV6_PREFER_SRC_COA))
			*v |= IPV6_PREFER_SRC_HOME;
		return 0;
	default:
		break;
	}
	if (switch_of(name) < 0)
		return -ENOPROTOOPT;
	*v = inet_flag(is, (enum inet_flag)switch_of(name));
	return 0;
}

int inet6_setsockopt(struct inet_socket *is, int name, const void __user *val, int len)
{
	int v = 0, err;

	switch (name) {
	case IPV6_ADD_MEMBERSHIP:
	case IPV6_DROP_MEMBERSHIP:
		return set_membership(is, name, val, len);
	case IPV6_HOPOPTS:
	case IPV6_RTHDRDSTOPTS:
	case IPV6_RTHDR:
	case IPV6_DSTOPTS:
		return inet6_set_ext(is, name, val, len);
	default:
		break;
	}
	err = inet_set_mcast(is, SOL_IPV6, name, val, len);
	if (err != -ENOPROTOOPT)
		return err;
	if (len >= (int)sizeof(v)) {
		if (get_user_u32((u32 *)&v, (const u32 __user *)val))
			return -EFAULT;
	} else if (name != IPV6_DONTFRAG) {
		return get_number(is, name, &v) == -ENOPROTOOPT ? -ENOPROTOOPT : -EINVAL;
	}
	return set_number(is, name, v);
}

int inet6_getsockopt(struct inet_socket *is, int name, void __user *val, int __user *len)
{
	struct ip6_mtuinfo info = { .ip6m_addr.sin6_family = AF_INET6 };
	int v = 0, err;

	if (inet_mroute_option(name))
		return -EOPNOTSUPP;
	switch (name) {
	case IPV6_HOPOPTS:
	case IPV6_RTHDRDSTOPTS:
	case IPV6_RTHDR:
	case IPV6_DSTOPTS:
		return inet6_get_ext(is, name, val, len);
	case MCAST_MSFILTER:
		return inet_get_filter(is, SOL_IPV6, name, val, len);
	case IPV6_PATHMTU:
		v = inet_path_mtu(is);
		if (v < 0)
			return v;
		info.ip6m_mtu = (u32)v;
		spin_lock(&is->sk.lock);
		info.ip6m_addr.sin6_addr = is->remote;
		spin_unlock(&is->sk.lock);
		return sockopt_put(val, len, &info, sizeof(info));
	default:
		err = get_number(is, name, &v);
		return err ? err : sockopt_put(val, len, &v, sizeof(v));
	}
}
