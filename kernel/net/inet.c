/*
 * What AF_INET and AF_INET6 share (inet.h): which protocol a socket gets, addresses in and out,
 * where it may be bound, its route. Options are in inet_opt.c and inet6_opt.c, control data and
 * errors in inet_error.c.
 */
#include "net/inet.h"

#include <compiler.h>
#include <err.h>
#include <uapi/errno.h>
#include <uapi/in.h>
#include <uapi/in6.h>

#include "alloc/slab.h"
#include "core/cred.h"
#include "core/sched.h"
#include "lib/string.h"
#include "net/ipv4.h"
#include "net/ipv6_dev.h"
#include "net/mcast.h"
#include "net/raw.h"
#include "net/reuse.h"
#include "net/route.h"
#include "net/tcp.h"
#include "net/udp.h"

#define ANY_FAMILY 0

/* A row of the table of protocols. */
struct row {
	u16 family; /* ANY_FAMILY: either */
	u16 type;
	int protocol; /* IPPROTO_IP: whatever the program says */
	struct socket *(*create)(struct net *net, u16 family, int type, int protocol);
};

static const struct row rows[] = {
	{ ANY_FAMILY, SOCK_STREAM, IPPROTO_TCP, tcp_create },
	{ ANY_FAMILY, SOCK_DGRAM, IPPROTO_UDP, udp_create },
	{ AF_INET, SOCK_DGRAM, IPPROTO_ICMP, ping_create },
	{ AF_INET6, SOCK_DGRAM, IPPROTO_ICMPV6, ping_create },
	{ ANY_FAMILY, SOCK_RAW, IPPROTO_IP, raw_create },
};

struct socket *inet_create(struct net *net, u16 family, int type, int protocol)
{
	bool known = false;

	if (protocol < 0 || protocol >= IPPROTO_MAX)
		return ERR_PTR(-EINVAL);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct row *r = &rows[i];

		if (r->type != type || (r->family != ANY_FAMILY && r->family != family))
			continue;
		known = true;
		/* Who names none gets the first one; of raw sockets one must be named. */
		if (r->protocol == IPPROTO_IP ? protocol == IPPROTO_IP :
						protocol != r->protocol && protocol != IPPROTO_IP)
			continue;
		if (type == SOCK_RAW && !net_capable(net, CAP_NET_RAW))
			return ERR_PTR(-EPERM);
		return r->create(net, family, type, protocol ? protocol : r->protocol);
	}
	return ERR_PTR(known ? -EPROTONOSUPPORT : -ESOCKTNOSUPPORT);
}

static struct socket *create4(int type, int protocol)
{
	return inet_create(current_net(), AF_INET, type, protocol);
}

static struct socket *create6(int type, int protocol)
{
	return inet_create(current_net(), AF_INET6, type, protocol);
}

const struct socket_family inet_family = { .family = AF_INET, .create = create4 };
const struct socket_family inet6_family = { .family = AF_INET6, .create = create6 };

void inet_init(struct inet_socket *is, struct net *net, u16 family, int type, int protocol,
	       const struct socket_ops *ops)
{
	socket_init(&is->sk, net, family, type, protocol, ops);
	is->local = is->remote = family == AF_INET ? addr_from_v4(0) : (struct in6_addr){ 0 };
	is->mcast_src = is->local;
	is->ttl = -1;
	is->mcast_ttl = 1;
	is->pmtudisc = READ_ONCE(net->ip4->no_pmtu_disc) ? IP_PMTUDISC_DONT : IP_PMTUDISC_WANT;
	is->ip_flags = 1ul << INET_MCAST_LOOP | 1ul << INET_MCAST_ALL | 1ul << INET_MCAST6_LOOP |
		       1ul << INET_MCAST6_ALL;
	is->v6only = family == AF_INET6 && READ_ONCE(net->ip6->bindv6only);
	is->uid = current->cred->euid;
	spin_init(&is->error_lock, RANK_NETDEV, "socket errors");
	list_init(&is->errors);
	list_init(&is->port_link);
}

void inet_destroy(struct inet_socket *is)
{
	route_put(&is->route);
	reuse_leave(is); /* a group of its own, if any */
	mcast_leave_all(is);
	if (is->opt) {
		kfree(is->opt->ip_options);
		for (unsigned i = 0; i < EXT_NR; i++)
			kfree(is->opt->ext[i]);
		kfree(is->opt->all_ext);
	}
	kfree(is->opt);
	packet_free_list(&is->errors);
}

/* --- addresses --- */

int inet_addr_in(const struct inet_socket *is, const struct sockaddr_storage *ss, int len,
		 struct in6_addr *addr, u16 *port, int *ifindex)
{
	const struct sockaddr_in *v4 = (const struct sockaddr_in *)ss;
	const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)ss;

	*ifindex = 0;
	if (len < (int)sizeof(ss->ss_family))
		return -EINVAL;
	if (is->sk.family == AF_INET || ss->ss_family == AF_INET) {
		if (len < (int)sizeof(*v4))
			return -EINVAL;
		if (ss->ss_family != AF_INET)
			return -EAFNOSUPPORT;
		if (is->sk.family == AF_INET6 && is->v6only)
			return -ENETUNREACH;
		*addr = addr_from_v4((__force be32)v4->sin_addr.s_addr);
		*port = be16_to_cpu((__force be16)v4->sin_port);
		return 0;
	}
	if (len < (int)offsetof(struct sockaddr_in6, sin6_scope_id))
		return -EINVAL;
	if (ss->ss_family != AF_INET6)
		return -EAFNOSUPPORT;
	*addr = v6->sin6_addr;
	*port = be16_to_cpu((__force be16)v6->sin6_port);
	if (addr_is_v4(addr) && is->v6only)
		return -ENETUNREACH;
	if (len >= (int)sizeof(*v6) && addr_is_link_local(addr) && !addr_is_v4(addr))
		*ifindex = (int)v6->sin6_scope_id;
	return 0;
}

int inet_addr_out(const struct inet_socket *is, const struct in6_addr *addr, u16 port, int ifindex,
		  struct sockaddr_storage *ss)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)ss;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)ss;

	if (is->sk.family == AF_INET) {
		memset(v4, 0, sizeof(*v4));
		v4->sin_family = AF_INET;
		v4->sin_port = (__force u16)cpu_to_be16(port);
		v4->sin_addr.s_addr = (__force u32)addr_v4(addr);
		return sizeof(*v4);
	}
	memset(v6, 0, sizeof(*v6));
	v6->sin6_family = AF_INET6;
	v6->sin6_port = (__force u16)cpu_to_be16(port);
	v6->sin6_addr = *addr;
	if (addr_is_link_local(addr) && !addr_is_v4(addr))
		v6->sin6_scope_id = (u32)ifindex;
	return sizeof(*v6);
}

int inet_bind_addr(struct inet_socket *is, const struct sockaddr_storage *ss, int len,
		   struct in6_addr *addr, u16 *port, int *ifindex)
{
	const struct sockaddr_in *v4 = (const struct sockaddr_in *)ss;
	struct sockaddr_storage copy;
	int err;

	if (is->sk.family == AF_INET6) {
		if (len < (int)offsetof(struct sockaddr_in6, sin6_scope_id))
			return -EINVAL;
		if (ss->ss_family != AF_INET6)
			return -EAFNOSUPPORT;
	} else if (len >= (int)sizeof(*v4) && ss->ss_family == AF_UNSPEC && !v4->sin_addr.s_addr) {
		/* bind(2): what old programs leave out */
		copy = *ss;
		copy.ss_family = AF_INET;
		ss = &copy;
	}
	err = inet_addr_in(is, ss, len, addr, port, ifindex);
	if (err)
		return err == -ENETUNREACH ? -EINVAL : err;
	return inet_check_bind(is, addr, *ifindex);
}

int inet_check_bind(struct inet_socket *is, const struct in6_addr *addr, int ifindex)
{
	int dev = READ_ONCE(is->sk.bound_dev);
	u8 type;

	if (addr_is_any(addr))
		return 0;
	if (!addr_is_v4(addr) && addr_is_link_local(addr)) {
		if (dev && ifindex && dev != ifindex)
			return -EINVAL;
		if (!ifindex && !dev)
			return -EINVAL;
		if (!netdev_by_index(is->sk.net, ifindex ? ifindex : dev))
			return -ENODEV;
	}
	if (inet_nonlocal(is))
		return 0;
	type = route_addr_type_on(is->sk.net, addr, addr_is_v4(addr) ? 0 : ifindex ? ifindex : dev);
	return type == ROUTE_LOCAL || type == ROUTE_MULTICAST || type == ROUTE_BROADCAST ?
		       0 :
		       -EADDRNOTAVAIL;
}

bool inet_nonlocal(const struct inet_socket *is)
{
	const struct net *net = is->sk.net;

	return inet_flag(is, INET_FREEBIND) || inet_flag(is, INET_TRANSPARENT) ||
	       READ_ONCE(*(is->sk.family == AF_INET ? &net->ip4->nonlocal_bind :
						      &net->ip6->nonlocal_bind));
}

int inet_getname(struct socket *sk, struct sockaddr_storage *addr, bool peer)
{
	struct inet_socket *is = inet_sk(sk);

	if (peer && !is->remote_port)
		return -ENOTCONN;
	return peer ? inet_addr_out(is, &is->remote, is->remote_port, is->sk.bound_dev, addr) :
		      inet_addr_out(is, &is->local, is->local_port, is->sk.bound_dev, addr);
}

/* --- routes --- */

void inet_route_key(const struct inet_socket *is, const struct in6_addr *dst, struct route_key *key)
{
	*key = (struct route_key){
		.dst = *dst,
		.src = is->local,
		.oif = READ_ONCE(is->sk.bound_dev),
		.mark = READ_ONCE(is->sk.mark),
		.tos = READ_ONCE(is->tos),
	};
	if (addr_is_v4(dst) != addr_is_v4(&key->src))
		key->src = addr_is_v4(dst) ? addr_from_v4(0) : (struct in6_addr){ 0 };
	if (!addr_is_multicast(dst)) {
		/* A socket bound to a group or to all sends from its device's address. */
		if (addr_is_multicast(&key->src))
			key->src = addr_is_v4(dst) ? addr_from_v4(0) : (struct in6_addr){ 0 };
		if (!key->oif)
			key->oif = READ_ONCE(is->unicast_dev);
		return;
	}
	if (addr_is_multicast(&key->src) || addr_is_any(&key->src))
		key->src = addr_is_v4(dst) == addr_is_v4(&is->mcast_src) ? is->mcast_src :
			   addr_is_v4(dst)				 ? addr_from_v4(0) :
									   (struct in6_addr){ 0 };
	if (!key->oif)
		key->oif = READ_ONCE(is->mcast_dev);
}

int inet_route(struct inet_socket *is, const struct in6_addr *dst)
{
	struct route_key key;

	if (route_valid(&is->route, READ_ONCE(is->sk.net->generation)) &&
	    addr_equal(&is->route.dst, dst))
		return 0;
	route_put(&is->route);
	inet_route_key(is, dst, &key);
	return route_lookup(is->sk.net, &key, &is->route);
}

bool inet_df(const struct inet_socket *is, const struct route *r, u32 len, u32 *mtu)
{
	u8 how = READ_ONCE(is->pmtudisc);

	*mtu = r->mtu;
	switch (how) {
	case IP_PMTUDISC_DO:
		return true;
	case IP_PMTUDISC_PROBE: /* the path's is not believed */
		*mtu = READ_ONCE(r->dev->mtu);
		return true;
	case IP_PMTUDISC_INTERFACE:
	case IP_PMTUDISC_OMIT:
		*mtu = READ_ONCE(r->dev->mtu);
		return false;
	case IP_PMTUDISC_WANT:
		return len <= r->mtu;
	default:
		return false;
	}
}
