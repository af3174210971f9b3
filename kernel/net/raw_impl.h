/*
 * Inside of raw.c and ping.c: their tables, and what both do alike.
 */
#ifndef NET_RAW_IMPL_H
#define NET_RAW_IMPL_H

#include "net/raw.h"
#include "sync/spinlock.h"

#define RAW_CHAINS 64

struct raw_net {
	spinlock_t lock; /* RANK_NET_TABLE */
	struct hlist_head by_proto[RAW_CHAINS]; /* [lock] RCU */
	struct hlist_head ping[RAW_CHAINS]; /* [lock] RCU: by identifier */
};

bool raw_matches(const struct raw_sock *r, const struct in6_addr *local,
		 const struct in6_addr *remote, int ifindex);
u16 raw_port_of(struct packet *p); /* 0: there is none */
void raw_release(struct socket *sk);
int raw_connect(struct socket *sk, const struct sockaddr_storage *addr, int len, u64 deadline);
#endif
