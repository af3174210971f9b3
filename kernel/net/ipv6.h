/*
 * IPv6 as the rest of the network calls it. Addresses, settings and messages of its own are below
 * ipv6*.c; what is shared with IPv4 is in ip.h, route.h and neigh.h.
 */
#ifndef NET_IPV6_H
#define NET_IPV6_H

#include <types.h>
#include "net/ip.h"
#include "net/net.h"

int ip6_net_init(struct net *net);
void ip6_net_stop(struct net *net);
void ip6_net_destroy(struct net *net);
void ip6_device_event(struct netdev *d, enum netdev_event e); /* net->mutex held; sleeps */

/* A frame of ETH_P_IPV6, p->data at the header. p is the callee's. */
void ip6_receive(struct net *net, struct packet *p);
/* ip_send's other half: p is gone. */
int ip6_send(struct net *net, struct packet *p, const struct ip_send *s);
/* route_lookup's other half, for a dst that is not mapped. */
int ip6_route(struct net *net, const struct route_key *key, struct route *r);
/* Port unreachable, or (header_len 0 of a protocol nobody knows) next header. p stays. */
void icmp6_unreachable_port(struct net *net, struct packet *p);
#endif
