/*
 * Raw sockets, raw(7), and ping sockets, icmp(7): they are given copies of what comes in, by protocol
 * and by identifier.
 */
#ifndef NET_RAW_H
#define NET_RAW_H

#include <types.h>
#include "net/dgram.h"
#include "net/wire/ipv4.h"

struct raw_sock {
	struct dgram_sock d; /* first */
	struct hlist_node link; /* [raw_net.lock] RCU: by protocol; ping sockets by identifier */
	bool linked; /* [raw_net.lock] */
	u32 icmp_filter[8]; /* [w] bits of types that are not wanted; ICMP uses the first */
	int checksum; /* [w] IPV6_CHECKSUM: where it is put, -1: nowhere */
};

static inline struct raw_sock *raw_sk(struct socket *sk)
{
	return container_of(sk, struct raw_sock, d.is.sk);
}

int raw_net_init(struct net *net);
void raw_net_destroy(struct net *net);
struct socket *raw_create(struct net *net, u16 family, int type, int protocol);
struct socket *ping_create(struct net *net, u16 family, int type, int protocol);
/* Copies of p, which begins at its transport header, to raw sockets. True: there was one. */
bool raw_deliver(struct net *net, struct packet *p);
/* An error about a packet whose network header is h, with n bytes in all. */
void raw_error(struct net *net, const struct ipv4_header *h, u32 n, int ifindex,
	       const struct ip_error *e);
void raw6_error(struct net *net, const struct in6_addr *src, const struct in6_addr *dst, u8 proto,
		const void *head, u32 n, int ifindex, const struct ip_error *e);
/* An echo reply of either version, p->data at it; p is the callee's. */
void ping_deliver(struct net *net, struct packet *p);
void ping_error(struct net *net, const struct in6_addr *src, const struct in6_addr *dst,
		const void *head, u32 n, int ifindex, const struct ip_error *e);
/* For /proc/net/raw and icmp; RCU. */
void raw_for_each(struct net *net, bool ping, void (*fn)(struct raw_sock *r, void *arg), void *arg);
#endif
