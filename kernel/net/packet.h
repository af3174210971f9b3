/*
 * Packet sockets (packet(7)): frames as they pass a device, and frames to be sent as they are.
 * packet_socket.c has the calls, packet_send.c sends, packet_opt.c has options, packet_input.c what comes, packet_ring.c the mapped ring.
 *
 * Locks: [q] ps->queue_lock, taken on the way of any packet: it ranks behind all sockets. [t] the
 * network's mutex. [w] a word stored and read whole.
 */
#ifndef NET_PACKET_H
#define NET_PACKET_H

#include <uapi/if_packet.h>
#include "net/net.h"
#include "net/socket.h"

extern const struct socket_family packet_family;
int packet_net_init(struct net *net); /* 0 or -ENOMEM */
void packet_net_destroy(struct net *net);
void packet_device_event(struct netdev *d, enum netdev_event e); /* [t] */

/* Of a network. */
struct packet_net {
	struct list_head sockets; /* [t] RCU: that hear */
	struct list_head fanouts; /* [t] groups of PACKET_FANOUT */
};

struct packet_membership {
	struct list_head link;
	int ifindex, count;
	unsigned short type, alen;
	u8 addr[8];
};

struct packet_ring; /* frames in memory that a program maps */

struct packet_sock {
	struct socket sk;
	struct list_head link; /* [t] RCU: of those that hear */
	u16 protocol; /* [w] ETH_P_*, 0: hears nothing */
	int ifindex; /* [w] 0: all devices; -1: its device is gone */
	bool listed; /* [t] on the list, and counted in the devices' taps */
	bool ignore_outgoing, auxdata, origdev; /* [w] */
	struct list_head memberships; /* [t] */
	atomic_t sent; /* bytes on their way out */
	spinlock_t queue_lock; /* RANK_NETDEV */
	struct list_head queue; /* [q] received packets */
	u32 queued; /* [q] memory they take */
	struct tpacket_stats stats; /* [q] since they were asked for */
	struct packet_ring *ring; /* [q] [t] to set; NULL: none */
	struct packet_ring *sends; /* [q] [t] to set; the ring that is sent from, NULL: none */
	struct mutex send_mutex; /* [s] one task at a time sends from it */
	bool loss; /* [w] PACKET_LOSS: a frame that can't be sent is passed over */
	u32 freezes; /* [q] times that a program had all blocks */
	struct packet_fanout *fanout; /* [t] RCU: shares what it hears; NULL: with nobody */
	bool rolls; /* [t] it gives what it has no room for to others */
	u32 roll_to; /* [w] the member that had room last */
	u64 rolled, roll_failed; /* [a] frames */
	int version; /* [w] TPACKET_V* */
	u32 reserve; /* [w] bytes before each frame of the ring */
	bool vnet; /* [w] PACKET_VNET_HDR: a header of dev/vnet_header.h is before each frame */
	struct rcu_head rcu;
};

static inline struct packet_sock *packet_sk(struct socket *sk)
{
	return container_of(sk, struct packet_sock, sk);
}

#define PACKET_VNET_SIZE 10u /* of the header's 12 bytes */

/* What is remembered of a queued packet, in its cb. */
struct packet_seen {
	struct sockaddr_ll from;
	u32 len; /* before it was cut to what the filter keeps */
	u32 status; /* TP_STATUS_* */
	u32 stamped; /* TP_STATUS_TS_SOFTWARE: its time is that of its arrival or sending; 0 */
	u16 mac, net; /* offsets from what is received */
};

/* RCU: those that hear. */
void packet_for_each(struct net *net, void (*fn)(struct packet_sock *ps, void *arg), void *arg);
/* packet_input.c: takes it on the list of those that hear, or off. [t] */
void packet_listen(struct packet_sock *ps, bool on);

/* --- packet_send.c --- */
ssize_t packet_sendmsg(struct socket *sk, struct message *m);

/* --- packet_opt.c --- */
int packet_setsockopt(struct socket *sk, int level, int name, const void __user *val, int len);
int packet_getsockopt(struct socket *sk, int level, int name, void __user *val, int __user *len);
void packet_drop_members(struct packet_sock *ps); /* all. [t] */

/* --- packet_ring.c --- */
/*
 * Gives the socket a ring to receive or to send with, or takes it (frames 0). 0, -EINVAL, -ENOMEM, -EBUSY,
 * -EOPNOTSUPP (it has one of the other kind). Sleeps.
 */
int packet_ring_set(struct packet_sock *ps, const struct tpacket_req3 *req, bool sends);
void packet_ring_put_sender(struct packet_ring *r); /* a reference; NULL allowed */
int packet_ring_map(struct packet_sock *ps, struct file_map *m);
void packet_ring_free(struct packet_ring *r); /* NULL allowed */
/* n bytes at off of a frame into the ring; false: full. [q] */
bool packet_ring_put(struct packet_ring *r, struct packet *p, u32 off, u32 n,
		     const struct packet_seen *seen);
bool packet_ring_ready(const struct packet_ring *r); /* a frame waits to be read. [q] */
bool packet_ring_room(const struct packet_ring *r); /* for one more. A hint without [q] */

/* --- packet_fanout.c --- */
/* PACKET_FANOUT. 0, -EINVAL, -EALREADY, -ENOSPC, -ENOMEM, -EFAULT. */
int packet_fanout_join(struct packet_sock *ps, const void __user *val, int len);
void packet_fanout_leave(struct packet_sock *ps); /* [t] */
int packet_fanout_get(const struct packet_sock *ps);
int packet_fanout_filter(struct packet_sock *ps, const void __user *val, int len); /* _DATA */
/* Who of its fanout hears p, which ps would: NULL: another one answers for it. RCU. */
struct packet_sock *packet_fanout_choose(struct packet_sock *ps, struct packet *p, bool outgoing);
#endif
