/*
 * Unix sockets, unix(7), as their files see each other: unix.c has connections, unix_opt.c what they are asked,
 * unix_name.c names, unix_msg.c what is sent, unix_recv.c what is received, unix_gc.c collects sockets that are only on
 * their way to each other.
 *
 * Locks: [l] socket.lock of the socket; of two the one at the lower address first.
 * [n] names_lock of unix_name.c, [s] all_lock of unix.c, [g] unix_gc_mutex, [a] atomic, [I] immutable. Order: gc mutex, names_lock
 * and socket.lock; a name's inode lock is taken alone.
 */
#ifndef NET_UNIX_H
#define NET_UNIX_H

#include "core/mutex.h"
#include "lib/list.h"
#include "lib/rbtree.h"
#include "net/socket.h"

enum unix_state { UNIX_CLOSED, UNIX_LISTENING, UNIX_CONNECTED };

/* A name; never changes. */
struct unix_addr {
	atomic_t refs; /* [a] */
	int len; /* [I] of sun that counts */
	struct sockaddr_un sun; /* [I] */
};

/* Something sent and not received yet: bytes, or a connection that waits for accept(2). */
struct unix_msg {
	struct list_head link; /* [l] of the receiver */
	struct unix_sock *owner; /* [I] whose send buffer it is in, referenced */
	struct unix_sock *embryo; /* [I] the new socket of a connection, referenced */
	struct unix_addr *from; /* [I] the sender's name, referenced, or NULL */
	struct scm_files *files; /* reader_mutex; NULL: none */
	struct ucred cred; /* [I] */
	struct pid *pid; /* [I] cred's, referenced; NULL: there is no cred */
	u64 stamp; /* [I] when it was sent, for SO_TIMESTAMP; 0: not asked for */
	u32 charge; /* [I] bytes of the owner's send buffer */
	u32 len; /* [I] bytes */
	u32 off; /* reader_mutex: bytes that were received */
	unsigned nr_pages; /* [I] 0: the bytes stand in data */
	union {
		u8 data[0];
		struct page *pages[0];
	};
};

/* Messages from it, or to it, tell who sent them: SO_PASSCRED, SO_PASSPIDFD. */
static inline bool unix_wants_sender(const struct socket *sk)
{
	return socket_option(sk, OPT_PASSCRED) || socket_option(sk, OPT_PASSPIDFD);
}

/* What SO_PEERCRED, SO_PEERGROUPS and SO_PEERPIDFD tell: who called connect(2), or listen(2). */
struct unix_peer {
	struct ucred cred;
	struct cred *groups; /* referenced; NULL: nobody */
	struct pid *pid; /* likewise */
};

struct unix_sock {
	struct socket sk; /* first */
	enum unix_state state; /* [l] read at any time */
	bool dead; /* [l] released */
	/*
	 * Referenced. Of a connected stream or seqpacket socket it stays till release; a datagram
	 * socket's changes [l].
	 */
	struct unix_sock *peer;
	struct unix_addr *addr; /* [l] set once; referenced */
	struct path path; /* [l] set once, with addr: the name in the file system; referenced */
	struct rb_node name_link; /* [n] an abstract name */
	struct list_head all_link; /* [s] of all */
	struct list_head queue; /* [l] of struct unix_msg */
	unsigned queued; /* [l] messages in it; read at any time */
	u32 queued_bytes; /* [l] */
	unsigned passed; /* [l] of queued, those that a receiver who peeks waits behind */
	struct unix_msg *oob; /* [l] the urgent byte in the queue, not received; or NULL */
	int backlog; /* [l] of listen(2); of a datagram socket max_dgram_qlen */
	atomic_t wmem; /* [a] bytes charged */
	struct mutex reader_mutex; /* one receiver of bytes at a time */
	struct waitq space; /* who waits for room in this one's queue */
	struct waiter relay; /* on the peer's space: our writers learn of room there */
	bool relayed; /* [l] */
	struct unix_peer maker; /* [l] */
	struct domain *domain; /* [I] referenced: its maker's */

	unsigned in_flight; /* [g] references to its file from messages */
	struct list_head in_flight_link; /* [g] */
	unsigned gc_refs; /* [g] of in_flight, those from outside what may be garbage */
	bool gc_candidate; /* [g] */
	struct list_head gc_link; /* [g] found to be reachable, its children not looked at yet */
};

static inline struct unix_sock *to_unix(struct socket *sk)
{
	return container_of(sk, struct unix_sock, sk);
}
static inline struct unix_sock *unix_get(struct unix_sock *u)
{
	socket_get(&u->sk);
	return u;
}
static inline void unix_put(struct unix_sock *u)
{
	socket_put(&u->sk);
}

extern const struct socket_family unix_family;
extern int unix_max_dgram_qlen; /* net.unix.max_dgram_qlen */
void unix_init(void);
/*
 * The socket of a name, referenced; ERR_PTR(-ECONNREFUSED, -EPROTOTYPE, -EINVAL, or what the path
 * walk says).
 */
struct unix_sock *unix_find(const struct sockaddr_storage *addr, int len, int type);
int unix_autobind(struct unix_sock *u);
int unix_bind(struct socket *sk, const struct sockaddr_storage *addr, int len);
void unix_forget_name(struct unix_sock *u);
/* The name as it leaves; its length. */
int unix_copy_addr(const struct unix_addr *a, struct sockaddr_storage *out);
void unix_addr_put(struct unix_addr *a); /* NULL allowed */
/* Throws away what was sent and never received. */
void unix_drop_queue(struct list_head *queue);
/* The peer of a datagram socket becomes p, whose reference passes (NULL: none). */
void unix_set_peer(struct unix_sock *u, struct unix_sock *p);
/* Is there no room in to's queue for another datagram of `from`? */
bool unix_queue_full(struct unix_sock *from, struct unix_sock *to);
/* Has room come meanwhile? Else our writers are told when it does. */
bool unix_relay(struct unix_sock *u, struct unix_sock *peer);

/* For /proc/net/unix: all sockets of a network, in order of creation, under a lock: fn does not sleep. */
void unix_for_each(const struct net *net, void (*fn)(const struct unix_sock *u, void *arg),
		   void *arg);

/* --- unix_msg.c --- */
struct unix_msg *unix_msg_alloc(size_t len); /* room for len bytes; NULL: no memory */
void unix_msg_free(struct unix_msg *msg);
ssize_t unix_stream_sendmsg(struct socket *sk, struct message *m);
ssize_t unix_packet_sendmsg(struct socket *sk, struct message *m); /* datagrams, seqpackets */
bool unix_writable(const struct unix_sock *u);
/* n bytes from off on; fewer than n: the receiver's memory ended. */
size_t unix_msg_drain(const struct unix_msg *msg, size_t off, size_t n, struct iter *it);

static inline bool unix_wants_stamps(const struct unix_sock *u)
{
	return socket_option(&u->sk, OPT_TIMESTAMP) || socket_option(&u->sk, OPT_TIMESTAMPNS);
}

/* --- unix_recv.c --- */
ssize_t unix_stream_recvmsg(struct socket *sk, struct message *m);
ssize_t unix_packet_recvmsg(struct socket *sk, struct message *m);

/* --- unix_oob.c --- */
/* [reader_mutex] A read has come to msg, the mark or the urgent byte: what it goes on with, or NULL. */
struct unix_msg *unix_pass_oob(struct unix_sock *u, struct unix_msg *msg, unsigned flags,
			       bool copied);
ssize_t unix_oob_recvmsg(struct unix_sock *u, struct message *m);
bool unix_at_mark(struct unix_sock *u);
bool unix_unread(const struct unix_sock *u); /* [l] is there more in the queue than a mark? */

/* --- unix_opt.c --- */
u32 unix_stream_poll(struct socket *sk, struct file *f, struct poll_table *pt);
u32 unix_packet_poll(struct socket *sk, struct file *f, struct poll_table *pt);
long unix_ioctl(struct socket *sk, unsigned cmd, unsigned long arg);
int unix_getsockopt(struct socket *sk, int level, int name, void __user *val, int __user *ulen);
void unix_memory(struct socket *sk, u32 *received, u32 *sent);

/* --- unix_gc.c --- */
void unix_gc_init(void);
void unix_attach(struct unix_msg *msg); /* its files are on their way from now on */
void unix_detach(struct unix_msg *msg); /* and no longer */
/* A second reference to each for one who only peeks. NULL: no memory. */
struct scm_files *unix_peek_files(const struct unix_msg *msg);
void unix_gc_kick(void); /* a socket was closed: perhaps others are only in flight now */
#endif
