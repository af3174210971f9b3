/* Pairs of devices, veth(4): net/veth.c. */
#ifndef NET_VETH_H
#define NET_VETH_H

#include <types.h>
#include <uapi/if.h>

struct net;
struct netdev;

/* What one end is to be like. */
struct veth_end {
	struct net *net;
	char name[IFNAMSIZ]; /* may hold a %d */
	int ifindex; /* 0: any */
	u8 mac[6]; /* all 0: a random one */
	u32 mtu; /* 0: 1500 */
	u32 txqlen; /* packets */
};
/*
 * Two devices, each of which receives what the other one sends: end[0]'s in made[0]. end[1] is registered
 * first, as Linux does. netdev_links_lock is held. 0 or netdev_register's errors, -ENOMEM.
 */
int veth_create(const struct veth_end end[2], struct netdev *made[2]);
#endif
