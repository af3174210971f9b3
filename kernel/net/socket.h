/*
 * Sockets: what socket(2) makes. A protocol embeds struct socket as its first
 * member and implements socket_ops; this layer gives it a file, a descriptor,
 * the options of socket(7) that all have, and messages with control data.
 *
 * Locks: [l] sk->lock, [a] atomic, [I] immutable, [w] a word stored and read whole at any time.
 */
#ifndef NET_SOCKET_H
#define NET_SOCKET_H

#include <types.h>
#include <atomic.h>
#include <uapi/socket.h>
#include "core/wait.h"
#include "fs/fs.h"
#include "mm/iter.h"

struct socket;
struct net;
struct scm_files;

/* SO_* that are on or off; bits of sk->options. */
enum socket_option {
	OPT_DEBUG,
	OPT_REUSEADDR,
	OPT_REUSEPORT,
	OPT_DONTROUTE,
	OPT_BROADCAST,
	OPT_KEEPALIVE,
	OPT_OOBINLINE,
	OPT_NO_CHECK,
	OPT_LINGER,
	OPT_PASSCRED,
	OPT_TIMESTAMP,
	OPT_TIMESTAMPNS,
	OPT_RXQ_OVFL,
	OPT_TSTAMP_NEW, /* stamps are told by SO_*_NEW */
	OPT_GSTAMP, /* SIOCGSTAMP was asked */
	OPT_ZEROCOPY,
	OPT_PASSPIDFD,
	OPT_PASSSEC,
	OPT_SELECT_ERR_QUEUE,
	OPT_NOFCS,
	OPT_WIFI_STATUS,
	OPT_RCVMARK,
};

/* sk->shutdown */
#define STAMP_NONE	U64_MAX
#define STAMP_STATS_MAX 320

#define SHUT_RECEIVE	1u
#define SHUT_SEND	2u
#define SHUT_BOTH	3u

/* One message on its way in or out: what sendmsg(2) and recvmsg(2) describe. */
struct message {
	struct iter *data;
	struct sockaddr_storage *name; /* send: where to, NULL: not given; receive: room, or NULL */
	int name_len; /* of what stands in name */
	unsigned flags; /* MSG_* of the call */
	unsigned out_flags; /* receive: MSG_* for msg_flags */
	/* Send: the control data, a copy. */
	const void *control;
	size_t control_len;
	/* Receive: room for control data, as far as it is left. */
	void __user *room;
	size_t room_len;
	u64 deadline; /* absolute ns until which to wait; 0: not at all */
};

struct socket_ops {
	/* The last descriptor is closed. Ends with socket_put of the file's reference. */
	void (*release)(struct socket *sk);
	/* Addresses are kernel copies; len is at least that of the family. */
	int (*bind)(struct socket *sk, const struct sockaddr_storage *addr, int len);
	int (*connect)(struct socket *sk, const struct sockaddr_storage *addr, int len,
		       u64 deadline);
	int (*socketpair)(struct socket *a, struct socket *b);
	int (*listen)(struct socket *sk, int backlog);
	struct socket *(*accept)(struct socket *sk, u64 deadline); /* ERR_PTR; one reference */
	/* The peer of one just accepted, though it may be gone; NULL: getname says. The length. */
	int (*accept_name)(struct socket *sk, struct sockaddr_storage *addr);
	/* The length of the address put there, or -errno. */
	int (*getname)(struct socket *sk, struct sockaddr_storage *addr, bool peer);
	/* Bytes of memory that what waits to be read and to be sent takes; NULL: not known. */
	void (*memory)(struct socket *sk, u32 *received, u32 *sent);
	ssize_t (*sendmsg)(struct socket *sk, struct message *m);
	ssize_t (*recvmsg)(struct socket *sk, struct message *m);
	u32 (*poll)(struct socket *sk, struct file *f, struct poll_table *pt);
	int (*shutdown)(struct socket *sk, unsigned how); /* SHUT_RECEIVE, SHUT_SEND or both */
	long (*ioctl)(struct socket *sk, unsigned cmd, unsigned long arg); /* -ENOTTY: unknown */
	/*
	 * Levels above SOL_SOCKET, and what of SOL_SOCKET socket_setsockopt leaves to protocols.
	 * NULL: -EOPNOTSUPP.
	 */
	int (*setsockopt)(struct socket *sk, int level, int name, const void __user *val, int len);
	int (*getsockopt)(struct socket *sk, int level, int name, void __user *val,
			  int __user *len);
	/* SOL_SOCKET's option `name` was set by socket_setsockopt. NULL: nothing to be done */
	void (*option_changed)(struct socket *sk, int name);
	/*
	 * The lock of the table where those stand that share ports (SO_REUSEPORT), and whether sk is in it. NULL:
	 * they have none.
	 */
	spinlock_t *(*share_lock)(struct socket *sk, bool *there);
	/* TCP: from where OPT_ID (SO_TIMESTAMPING) counts is set; 0 or -EINVAL. NULL: from 0 */
	int (*stamp_base)(struct socket *sk, u32 flags);
	/* OPT_STATS of it: up to STAMP_STATS_MAX bytes of netlink attributes. NULL: none. */
	u32 (*stamp_stats)(struct socket *sk, void *buf, int ttl);
	int (*mmap)(struct socket *sk, struct file_map *m); /* NULL: -ENODEV */
	void (*free)(struct socket *sk); /* the last reference went */
};

struct socket {
	atomic_t refs; /* [a] */
	u16 family, type; /* [I] AF_*, SOCK_* */
	int protocol; /* [I] */
	const struct socket_ops *ops; /* [I] */
	struct net *net; /* [I] referenced */
	struct file *file; /* [w] not counted; NULL before accept(2) and after release */
	spinlock_t lock; /* RANK_SOCKET */
	struct waitq readers, writers; /* who waits to receive or accept; to send or connect */
	struct list_head asyncs; /* fs/async.h */
	bool nospace; /* [w] somebody waits for room to send */
	int err; /* [a] for SO_ERROR; 0 none */
	u32 shutdown; /* [l] SHUT_*; read at any time */
	u32 options; /* [a] by enum socket_option */
	u32 sndbuf, rcvbuf; /* [w] bytes */
	u32 buf_lock; /* [a] SOCK_*_LOCK: which of them somebody set, so that they stay */
	atomic_t wmem, rmem; /* [a] bytes charged: inet.h, sock_charge_* */
	atomic_t drops; /* [a] packets for which there was no room */
	int rcvlowat; /* [w] bytes */
	int peek_off; /* [w] SO_PEEK_OFF; -1 off */
	u32 priority, mark; /* [w] */
	int bound_dev; /* [w] SO_BINDTODEVICE, or the scope of a link-local address; 0 none */
	int incoming_cpu; /* [w] SO_INCOMING_CPU: a hart; -1 none */
	u64 max_pacing_rate; /* [w] SO_MAX_PACING_RATE: bytes a second; ~0 none */
	int linger; /* [w] seconds */
	u64 rcvtimeo, sndtimeo; /* [w] ns; 0: for ever */
	u32 timestamping; /* [w] SO_TIMESTAMPING: SOF_* */
	u32 stamp_id; /* [a] SOF_TIMESTAMPING_OPT_ID: the next number; TCP: of the first byte */
	u64 last_stamp; /* [w] of the last packet read, for SIOCGSTAMP; 0 not known; STAMP_NONE */
	atomic_t loans; /* [a] calls with MSG_ZEROCOPY so far */
	u32 stamping; /* [a] counted in net_stamps: its packets bear the time of their receipt */
	u64 cookie; /* [a] SO_COOKIE; 0 not asked for yet */
	struct socket_filter *filter; /* [l] RCU: SO_ATTACH_FILTER; NULL: none */
	bool filter_locked; /* [l] SO_LOCK_FILTER */
};

/* May a buffer be made larger or smaller by the kernel? */
static inline bool sock_buf_locked(const struct socket *sk, u32 which)
{
	return READ_ONCE(sk->buf_lock) & which;
}

/* A family of protocols; socket.c has the table of them. */
struct socket_family {
	u16 family;
	/* A socket with one reference, or ERR_PTR(-ESOCKTNOSUPPORT, -EPROTONOSUPPORT, -ENOMEM). */
	struct socket *(*create)(int type, int protocol);
};

void net_init(void);
/* type: SOCK_* without flags. ERR_PTR. */
struct socket *socket_create(int family, int type, int protocol);
/* Fills in what all have; refs 1. */
void socket_init(struct socket *sk, struct net *net, u16 family, int type, int protocol,
		 const struct socket_ops *ops);
static inline struct socket *socket_get(struct socket *sk)
{
	atomic_inc(&sk->refs);
	return sk;
}
void socket_put(struct socket *sk);
/* A file for it that takes over the reference; flags: O_NONBLOCK. ERR_PTR, and the socket goes. */
struct file *socket_file(struct socket *sk, int flags);
int socket_count(void); /* that have a file */
/* The socket behind a file; NULL: it is none. */
struct socket *file_socket(const struct file *f);

static inline bool socket_option(const struct socket *sk, enum socket_option o)
{
	return READ_ONCE(sk->options) >> o & 1;
}
static inline void socket_switch(struct socket *sk, enum socket_option o, bool on)
{
	if (on)
		__atomic_fetch_or(&sk->options, 1u << o, __ATOMIC_RELAXED);
	else
		__atomic_fetch_and(&sk->options, ~(1u << o), __ATOMIC_RELAXED);
}
/* Until when a call may wait (absolute ns, WAIT_FOREVER), with its flags and timeout. */
u64 socket_deadline(const struct socket *sk, unsigned msg_flags, u64 timeo);
/*
 * Waits on q until ready(sk), as one of those of whom a wake takes one. 0; -EAGAIN past the
 * deadline; -EINTR or -ERESTARTSYS.
 */
int socket_wait(struct waitq *q, struct socket *sk, bool (*ready)(void *sk), u64 deadline);
int socket_take_error(struct socket *sk); /* -errno once, then 0 */
static inline void socket_set_error(struct socket *sk, int err)
{
	__atomic_store_n(&sk->err, err, __ATOMIC_RELEASE);
}
u64 socket_cookie(struct socket *sk); /* its number, for the life of the system */
void socket_wake_all(struct socket *sk); /* state changed: everybody looks */
/* There is something to receive (key: which EPOLL*), or room again to send; SIGIO tells of it. */
void socket_wake_in(struct socket *sk, u32 key);
void socket_wake_out(struct socket *sk);

/* The calls, on kernel values (sys_socket.c). m->flags may bear MSG_*. */
ssize_t socket_sendmsg(struct file *f, struct message *m);
ssize_t socket_recvmsg(struct file *f, struct message *m);

/* --- options (net/sockopt.c) --- */
extern u32 sock_optmem_max; /* net.core.optmem_max: bytes of control data of one call */
extern u32 sock_wmem_default, sock_rmem_default, sock_wmem_max, sock_rmem_max; /* net.core.* */
extern int somaxconn; /* net.core.somaxconn */
int socket_setsockopt(struct socket *sk, int level, int name, const void __user *val, int len);
void socket_meminfo(struct socket *sk, u32 m[]); /* SK_MEMINFO_VARS words */
int socket_getsockopt(struct socket *sk, int level, int name, void __user *val, int __user *len);
/* Copies an option of n bytes out, cut to what there is room for, and its length. 0 or -errno. */
int sockopt_put(void __user *val, int __user *ulen, const void *v, int n);

/* --- stamps (net/stamp.c): SO_TIMESTAMP and its like --- */
int sock_set_stamps(struct socket *sk, int name, int val);
int sock_get_stamps(const struct socket *sk, int name);
/* What the options ask for about a packet that came at `stamp` (0: not known), or about an error. */
void sock_recv_stamps(struct socket *sk, u64 stamp, bool error, struct message *m);
long sock_ioctl_stamp(struct socket *sk, unsigned cmd, unsigned long arg); /* SIOCGSTAMP, NS, NEW */
struct packet;
/* p is to be stamped as flags (SOF_*) say: charged to sk. */
void sock_stamp_tx(struct socket *sk, u32 flags, struct packet *p);
/* What SOL_SOCKET's control data ask for a message; before: the socket's own. */
struct sock_send {
	u32 mark;
	u32 stamps; /* SOF_* */
};
int sock_send_cmsg(const struct cmsghdr *c, struct sock_send *s); /* 0, -EINVAL, -EPERM */

/* --- filters (net/filter.c): SO_ATTACH_FILTER of socket(7) --- */
int socket_attach_filter(struct socket *sk, const void __user *val, int len);
int socket_detach_filter(struct socket *sk); /* -ENOENT: there is none */
/* sk, which nobody knows yet, has the filter of `from`, and its lock. `from` is locked. */
void socket_inherit_filter(struct socket *sk, const struct socket *from);
/* SO_GET_FILTER: instructions copied out, or how many there are. -errno. */
int socket_get_filter(struct socket *sk, void __user *val, int __user *len);
/*
 * How much of a packet may come in: all of it without a filter; 0: it is not for this socket. The
 * filter sees it from byte off of p->data on, or from so many bytes before it.
 */
u32 socket_filter(struct socket *sk, const struct packet *p, int off);
/* The same of a message of len bytes that is no packet; read: n bytes of it from off on, which are there. */
u32 socket_filter_read(struct socket *sk, u32 len,
		       void (*read)(const void *msg, u32 off, void *buf, u32 n), const void *msg);
void socket_filter_free(struct socket *sk); /* the socket goes */
struct socket_filter *packet_filter_load(const void __user *val, int len); /* ERR_PTR */
/* Loads one and has it put in its place. 0, what that returns, or -EPERM where SO_LOCK_FILTER was set. */
int socket_filter_set(struct socket *sk, const void __user *val, int len,
		      int (*put_in_place)(struct socket *sk, struct socket_filter *f));
/* Gives up a reference: without any it is freed after a grace period. NULL allowed. */
void packet_filter_put(struct socket_filter *f);
u32 packet_filter_run(const struct socket_filter *f, const struct packet *p, int off);

/* --- control data (net/cmsg.c) --- */
static inline const void *cmsg_data(const struct cmsghdr *c)
{
	return c + 1;
}
/*
 * The next header in m's control data, from *off on; NULL at the end. ERR_PTR(-EINVAL): its length
 * is not possible.
 */
const struct cmsghdr *cmsg_next(const struct message *m, size_t *off);
/* Hands a piece of control data out; MSG_CTRUNC in out_flags when room lacks. */
void cmsg_put(struct message *m, int level, int type, const void *data, size_t n);

/* Behind a piece of n bytes of data that stands in the room already. */
void cmsg_end(struct message *m, size_t n);

/* --- scm.c: files on their way, unix(7), SCM_RIGHTS --- */
#define SCM_MAX_FILES 253
struct scm_files {
	unsigned n;
	u32 uid; /* whose in-flight count they are in */
	unsigned unix_sockets; /* of them */
	struct file *file[]; /* referenced */
};
struct scm {
	struct scm_files *files; /* NULL: none */
	struct ucred cred;
	struct pid *pid; /* cred's, if SCM_CREDENTIALS were given: referenced; else NULL */
};
/* Reads what a sender gave of SOL_SOCKET. 0 or -errno; then scm_drop is due. */
int scm_import(const struct message *m, struct scm *scm);
void scm_drop(struct scm *scm);
void scm_put_cred(struct message *m, struct ucred c); /* SCM_CREDENTIALS */
/* SCM_PIDFD: a pidfd of p for current, or, as a number, why not. p is not NULL. */
void scm_put_pidfd(struct message *m, struct pid *p);
struct ucred
ucred_shown(struct ucred c); /* to current, in whose namespaces numbers may be others */
struct scm_files *scm_files_dup(const struct scm_files *files); /* NULL: no memory */
void scm_files_put(struct scm_files *files); /* NULL allowed */
/* Gives files to current as descriptors, and their numbers to m. They stay the caller's. */
void scm_export_files(struct message *m, const struct scm_files *files);
#endif
