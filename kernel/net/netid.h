/*
 * What networks call each other: each may have a number for another one, by which rtnetlink(7) names the
 * network where the other end of a device is (RTM_NEWNSID, IFLA_LINK_NETNSID). Numbers are from 0, and
 * go with the network that they are of.
 */
#ifndef NET_NETID_H
#define NET_NETID_H

#include <types.h>

struct net;

#define NET_ID_ANY (-1)

/* The number `of` has in net; NETNSA_NSID_NOT_ASSIGNED: none. Any context. */
int net_id_find(struct net *net, struct net *of);
/*
 * It gets this one, or the least that is free. The number, -EEXIST (it has one already), -ENOSPC
 * (somebody else has that one), -ENOENT (one of the two ends), -ENOMEM. Listeners are not told.
 */
int net_id_add(struct net *net, struct net *of, int id);
/* The same for whoever has none yet; listeners are told. The number, or NETNSA_NSID_NOT_ASSIGNED. */
int net_id_make(struct net *net, struct net *of);
struct net *net_by_id_get(struct net *net,
			  int id); /* referenced; NULL: nobody has it, or it ended */
/* The least number from `from` on, -1 at the end; *of is valid until the next sleep. */
int net_id_next(struct net *net, int from, struct net **of);
void net_ids_forget(struct net *net); /* it ends: all of it and of others in it. Sleeps */
#endif
