/*
 * Sockets whose messages are packets: UDP, raw and ping sockets. The queue of received packets and
 * how it is read, what a message to be sent asks for, poll and ioctl are the same for all three.
 *
 * Locks: [l] the socket's. [r] read_mutex: who reads. Order: read_mutex, then [l].
 */
#ifndef NET_DGRAM_H
#define NET_DGRAM_H

#include <types.h>
#include "core/mutex.h"
#include "core/rcu.h"
#include "net/inet.h"

struct dgram_sock {
	struct inet_socket is; /* first */
	/*
	 * [l] to add, [r] and [l] to take: of packets whose data is what a program reads. With
	 * [r] alone the first ones stay as they are.
	 */
	struct list_head queue;
	u32 queue_bytes; /* [l] of payload */
	bool dead; /* [l] closed: nothing is queued any more */
	bool addr_locked, port_locked; /* [l] bind(2) named it: connect(2) does not change it */
	struct mutex read_mutex;
	struct rcu_head rcu;
};

static inline struct dgram_sock *dgram_sk(struct socket *sk)
{
	return container_of(sk, struct dgram_sock, is.sk);
}

void dgram_init(struct dgram_sock *d, struct net *net, u16 family, int type, int protocol,
		const struct socket_ops *ops);
/* The last descriptor is closed, and it is in no table: empties it. Then socket_put is due. */
void dgram_close(struct dgram_sock *d);
/* ops->free's: after a grace period the memory goes. */
void dgram_free(struct socket *sk);

/* p is for d: queued and read, or dropped and counted. Network context. */
void dgram_deliver(struct dgram_sock *d, struct packet *p);
/* ICMP said something of what d sent: kept for IP_RECVERR, told by the next call. */
void dgram_error(struct dgram_sock *d, const struct ip_error *e, const struct in6_addr *dst,
		 u16 port, const void *data, u32 n);

/*
 * Receives; who says where from (the port of it). Flags and control data are done here; extra, if
 * not NULL, adds a protocol's own.
 */
ssize_t dgram_receive(struct dgram_sock *d, struct message *m, u16 (*port_of)(struct packet *p),
		      void (*extra)(struct dgram_sock *d, struct packet *p, struct message *m));
u32 dgram_poll(struct socket *sk, struct file *f, struct poll_table *pt);
long dgram_ioctl(struct socket *sk, unsigned cmd, unsigned long arg);
int dgram_shutdown(struct socket *sk, unsigned how);

/* What one message to be sent asks for: name and control data, and the socket's options. */
struct inet_send {
	struct in6_addr dst, src; /* src any: choose */
	u16 port;
	int oif;
	int ttl, tos, dontfrag; /* -1: the socket's */
	struct sock_send sock;
	u32 flow_label;
	bool has_segment;
	u16 segment; /* UDP_SEGMENT */
	u32 options_len;
	u8 options[40]; /* of IPv4's header */
	/* IPv6's extension headers: of the control data, and all of them as they go; kfree */
	const u8 *hopopts, *dstopts;
	u8 *ext, ext_first;
	bool has_ext; /* the control data have some: the socket's own do not count */
	bool connected; /* to where the socket is */
	struct route route; /* looked up by dgram_route; dgram_send_end is due */
};
/* Without a name: where it is connected to. 0 or -errno (-EDESTADDRREQ, ...). */
int dgram_send_begin(struct dgram_sock *d, const struct message *m, struct inet_send *s);
int dgram_route(struct dgram_sock *d, const struct message *m, struct inet_send *s);
void dgram_send_end(struct inet_send *s);
/* What ip_send is to be told for n bytes behind the network header. *mtu: what fits uncut. */
void dgram_ip_send(struct dgram_sock *d, const struct inet_send *s, u32 n, struct ip_send *ip,
		   u32 *mtu);
/*
 * A packet with room for header bytes, payload from m, charged to the socket; waits for room.
 * ERR_PTR.
 */
struct packet *dgram_packet(struct dgram_sock *d, struct message *m, u32 header, size_t n);
/* What the message's control data, or the socket, ask for: mark and stamps. */
void dgram_mark(struct dgram_sock *d, const struct inet_send *s, struct packet *p);
/* What did not fit: -EMSGSIZE, and the news of it on the error queue. */
int dgram_too_long(struct dgram_sock *d, const struct inet_send *s, u32 mtu);

/* connect(2) of a datagram socket: where it sends to and hears from. [l] is not held. */
int dgram_connect_prepare(struct dgram_sock *d, const struct sockaddr_storage *addr, int len,
			  struct in6_addr *dst, struct in6_addr *src, u16 *port, int *ifindex);
#endif
