/*
 * UDP, RFC 768, for both versions (udp.c, udp_out.c). Datagrams find their socket by hashes: of the
 * four addresses and ports for connected ones, else of local address and port, then of the port.
 */
#ifndef NET_UDP_H
#define NET_UDP_H

#include <types.h>
#include "net/dgram.h"

struct udp_sock {
	struct dgram_sock d; /* first */
	struct hlist_node hash_link; /* [udp_net.lock] RCU */
	bool hashed, on_device; /* [udp_net.lock] it was bound to a device when it was hashed */
	/* [w] options of udp(7) */
	bool cork, gro, no_check6_tx, no_check6_rx;
	u16 segment;
	struct mutex cork_mutex;
	struct packet *pending; /* [cork_mutex] what waits for the end of its datagram; NULL: none */
	struct inet_send *pending_to; /* [cork_mutex] */
};

static inline struct udp_sock *udp_sk(struct socket *sk)
{
	return container_of(sk, struct udp_sock, d.is.sk);
}

int udp_net_init(struct net *net);
void udp_net_destroy(struct net *net);
struct socket *udp_create(struct net *net, u16 family, int type, int protocol);
ssize_t udp_sendmsg(struct socket *sk, struct message *m);
void udp_flush(struct udp_sock *u); /* throws away what is corked */
int udp_uncork(struct udp_sock *u); /* sends it. 0 or -errno */
/* A port of its own before the first datagram goes. 0 or -errno. */
int udp_autobind(struct udp_sock *u);
void udp_abort(struct socket *sk, int err); /* err > 0 */
/* For /proc/net/udp: all; RCU, fn does not sleep. */
void udp_for_each(struct net *net, void (*fn)(struct udp_sock *u, void *arg), void *arg);
#endif
