/*
 * IPv6 (ipv6.h) where no device has it: nothing can be sent, and what comes is dropped.
 */
#include "net/ipv6.h"

#include <compiler.h>
#include <uapi/errno.h>

#include "net/mcast.h"
#include "net/neigh.h"

int ip6_net_init(struct net *net __unused)
{
	return 0;
}

void ip6_net_destroy(struct net *net __unused)
{
}

void ip6_device_event(struct netdev *d __unused, enum netdev_event e __unused)
{
}

void ip6_receive(struct net *net __unused, struct packet *p)
{
	packet_free(p);
}

int ip6_send(struct net *net __unused, struct packet *p, const struct ip_send *s __unused)
{
	packet_free(p);
	return -ENETUNREACH;
}

int ip6_route(struct net *net __unused, const struct route_key *key __unused,
	      struct route *r __unused)
{
	return -ENETUNREACH;
}

void icmp6_unreachable_port(struct net *net __unused, struct packet *p __unused)
{
}

void nd_solicit(struct neighbour *n __unused, bool unicast __unused)
{
}

void ip6_neigh_failed(struct net *net __unused, struct packet *p)
{
	packet_free(p);
}

int mld_join(struct netdev *d __unused, const struct in6_addr *group __unused,
	     const struct mcast_filter *f __unused)
{
	return -ENODEV;
}

void mld_leave(struct netdev *d __unused, const struct in6_addr *group __unused,
	       const struct mcast_filter *f __unused)
{
}

int mld_change(struct netdev *d __unused, const struct in6_addr *group __unused,
	       const struct mcast_filter *was __unused, const struct mcast_filter *now __unused)
{
	return -ENODEV;
}
