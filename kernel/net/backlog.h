/*
 * Frames that one device of this machine hands to another (or to itself): they are received on the hart
 * that sent them, when whoever did calls net_run, or from the network thread.
 */
#ifndef NET_BACKLOG_H
#define NET_BACKLOG_H

#include "dev/netdev.h"

struct backlog {
	struct net_work work;
	struct list_head packets; /* [h] */
	u32 n; /* [h] */
};

struct backlog *backlogs_alloc(void); /* one a hart; NULL: no memory */
void backlogs_free(struct backlog *b); /* and what is in them; NULL allowed */
/*
 * d, whose backlogs b are, receives p soon, whole, as it was sent (no segments, no checksums): from here
 * on it counts against the receiver. False: there is no room, and p is gone; d counted it as dropped.
 */
bool backlog_add(struct backlog *b, struct netdev *d, struct packet *p);
#endif
