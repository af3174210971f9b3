/*
 * Those that share an address and a port by SO_REUSEPORT (socket(7)): a group in the order in which they came, of
 * which one gets what comes: whom a program names (SO_ATTACH_REUSEPORT_CBPF), else who asked for this hart
 * (SO_INCOMING_CPU), else the one of the flow's hash.
 *
 * Locks: [t] of the protocol's table, which finds them (socket_ops.share_lock): groups change under it. Look-ups
 * are RCU's, and so are members.
 */
#ifndef NET_REUSE_H
#define NET_REUSE_H

#include <types.h>
#include "arch/riscv/thread.h"
#include "core/rcu.h"
#include "net/inet.h"

struct packet;

struct reuse_group {
	struct rcu_head rcu;
	u32 n, room; /* [t]; n is read at any time */
	struct socket_filter *program; /* [t] RCU; NULL: none */
	struct inet_socket *member[]; /* [t], each read at any time */
};

/*
 * is, which asked for SO_REUSEPORT, is found from now on; other: one of its group, NULL if it is the first. [t].
 * Without memory it stays alone.
 */
void reuse_join(struct inet_socket *is, struct inet_socket *other);
/* [t]. The last member takes its place. No-op if it is in none. */
void reuse_leave(struct inet_socket *is);
/*
 * Who of best's group gets it. p: the packet, whose payload begins at byte off of p->data; NULL: it is not known.
 * flow: a hash of the four addresses and ports. RCU.
 */
struct inet_socket *reuse_select(struct inet_socket *best, u32 flow, const struct packet *p,
				 int off);
/* Has anybody ever asked for a hart? Then a packet's place in it counts when sockets are looked for. */
extern bool reuse_by_hart;
/* Does it want what comes on this hart? */
bool reuse_wants_hart(const struct socket *sk);
/* A connected one got something on this hart. */
static inline void reuse_note_hart(struct socket *sk)
{
	if (READ_ONCE(sk->incoming_cpu) != (int)hart_id())
		WRITE_ONCE(sk->incoming_cpu, (int)hart_id());
}

/* SO_ATTACH_REUSEPORT_CBPF, SO_DETACH_REUSEPORT_BPF. 0, -EINVAL, -EFAULT, -EPERM, -ENOMEM, -ENOENT. */
int reuse_attach(struct socket *sk, const void __user *val, int len);
int reuse_detach(struct socket *sk);
#endif
