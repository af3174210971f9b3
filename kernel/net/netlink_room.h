/*
 * What netlink.c (sockets) and netlink_io.c (messages) share.
 *
 * Locks: [q] the socket's queue_lock (RANK_NETLINK), [t] netlink_net's lock to change and RCU to
 * read, [d] dump_mutex, [w] a word stored and read whole, [I] immutable.
 */
#ifndef NET_NETLINK_ROOM_H
#define NET_NETLINK_ROOM_H

#include "core/cred.h"
#include "core/mutex.h"
#include "core/rcu.h"
#include "net/netlink.h"

#define NETLINK_GROUPS_MAX 64
/* What a message takes of a receive buffer besides its bytes. */
#define NETLINK_CHARGE 512

enum netlink_flag {
	NETLINK_F_PKTINFO,
	NETLINK_F_BROADCAST_ERROR,
	NETLINK_F_NO_ENOBUFS,
	NETLINK_F_ALL_NSID,
	NETLINK_F_CAP_ACK,
	NETLINK_F_EXT_ACK,
	NETLINK_F_STRICT,
};

/* Something received and not read yet. */
struct netlink_msg {
	struct list_head link; /* [q] */
	u32 from, group; /* [I] the sender's port (0 kernel); to which group, 0 none */
	struct ucred cred; /* [I] the sender's */
	u32 len;
	u8 *data; /* [I] kmalloc'ed */
};

struct netlink_sock {
	struct socket sk; /* first */
	const struct nl_protocol *protocol; /* [I] */
	struct cred *cred; /* [I] the opener's */
	struct list_head link; /* [t] of all of the net */
	u32 port; /* [t] 0: not bound */
	u64 groups; /* [w] [t] to change: group n is bit n - 1 */
	u32 peer, peer_group; /* [w] of connect(2) */
	u32 flags; /* [w] bits of enum netlink_flag */
	spinlock_t queue_lock;
	struct list_head queue; /* [q] of struct netlink_msg */
	u32 used; /* [q] bytes of the receive buffer; read at any time */
	u32 drops; /* [w] */
	bool congested; /* [q] it missed something and has not read the rest yet */
	struct mutex dump_mutex;
	struct nl_dump *dump; /* [d] under way, or NULL; looked at at any time */
	struct nlmsghdr dump_head; /* [d] the request's */
	u32 longest_read; /* [w] bytes of room of the largest read */
	struct rcu_head rcu;
};

struct netlink_net {
	spinlock_t lock; /* RANK_FS */
	struct list_head sockets; /* [lock] RCU */
	int next_port; /* [lock] for who does not get its process's number */
	struct nl_request *asking; /* [net->mutex] */
	struct task *asker; /* [w] whose request that is; NULL: nobody's */
};

static inline struct netlink_sock *to_netlink(struct socket *sk)
{
	return container_of(sk, struct netlink_sock, sk);
}
static inline bool netlink_flag(const struct netlink_sock *n, enum netlink_flag f)
{
	return READ_ONCE(n->flags) >> f & 1;
}

int netlink_autobind(struct netlink_sock *n);
struct netlink_sock *netlink_find(struct net *net, int protocol, u32 port); /* RCU; NULL */
void netlink_drop_queue(struct netlink_sock *n);
void netlink_end_dump(struct netlink_sock *n); /* [d] */

/* --- netlink_io.c --- */
ssize_t netlink_sendmsg(struct socket *sk, struct message *m);
ssize_t netlink_recvmsg(struct socket *sk, struct message *m);
#endif
