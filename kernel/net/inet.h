/*
 * What sockets of AF_INET and AF_INET6 have in common: addresses, ports, the options of ip(7) and
 * ipv6(7), the error queue. TCP, UDP, raw and ping sockets embed struct inet_socket first.
 *
 * Locks: as struct socket's. [b] the lock of the port's bucket, too, to change it.
 */
#ifndef NET_INET_H
#define NET_INET_H

#include <types.h>
#include <uapi/epoll.h>
#include <uapi/errno.h>
#include <uapi/in.h>
#include "net/ip.h"
#include "net/net.h"
#include "net/socket.h"

struct inet_options; /* multicast memberships and sources, IPv6's sticky headers: rarely there */

struct inet_socket {
	struct socket sk;
	/* Ports in host order. any/0: not bound, not connected. */
	struct in6_addr local, remote; /* [l] [b]: local */
	u16 local_port, remote_port; /* [l] [b]: local_port */
	struct route route; /* [l] to remote, valid while its generation is the net's */
	u64 ip_flags; /* [a] bits of enum inet_flag */
	u8 min_ttl; /* [w] IP_MINTTL: what is below is dropped */
	s16 ttl, mcast_ttl; /* [w] -1: the default */
	u8 tos; /* [w] also IPV6_TCLASS */
	u8 pmtudisc; /* [w] IP_PMTUDISC_* */
	bool v6only; /* [w] AF_INET6 */
	int mcast_dev, unicast_dev; /* [w] IP_MULTICAST_IF, IP_UNICAST_IF: indices */
	u32 port_range; /* [w] IP_LOCAL_PORT_RANGE: low, high << 16; 0: not narrower */
	int frag_size; /* [w] IPV6_MTU: packets are cut to so many bytes; 0 the path's */
	u16 addr_prefs; /* [w] IPV6_ADDR_PREFERENCES; 0 the default */
	struct in6_addr mcast_src; /* [l] */
	struct inet_options *opt; /* [l] NULL: none */
	spinlock_t error_lock; /* RANK_NETDEV */
	struct list_head errors; /* [error_lock] packets, of the error queue (MSG_ERRQUEUE) */
	struct list_head port_link; /* [b] */
	struct port *port; /* [b] its bucket; NULL: none */
	bool listening; /* [b] its port is shared with nobody who is not SO_REUSEPORT */
	u32 uid; /* [I] the creator's, for SO_REUSEPORT */
	struct reuse_group *reuse; /* [the protocol's table] RCU: reuse.h; NULL: in none */
};

enum inet_flag {
	INET_HDRINCL,
	INET_RECVERR,
	INET_PKTINFO,
	INET_RECVTTL,
	INET_RECVTOS,
	INET_RECVOPTS,
	INET_RETOPTS,
	INET_RECVORIGDST,
	INET_FREEBIND,
	INET_TRANSPARENT,
	INET_NODEFRAG,
	INET_BIND_NO_PORT,
	INET_MCAST_LOOP,
	INET_MCAST_ALL,
	INET_RECVERR6,
	INET_PKTINFO6,
	INET_RECVHOPLIMIT,
	INET_RECVTCLASS,
	INET_RECVHOPOPTS,
	INET_RECVDSTOPTS,
	INET_RECVRTHDR,
	INET_FLOWINFO,
	INET_FLOWINFO_SEND,
	INET_AUTOFLOWLABEL, /* asked for, */
	INET_NO_FLOWLABEL, /* or refused; neither: as the network's setting says */
	INET_RECVFRAGSIZE,
	INET_DONTFRAG6,
	INET_MCAST6_LOOP,
	INET_MCAST6_ALL,
	INET_RECVPATHMTU,
	INET_RECVORIGDST6,
	INET_ROUTER_ALERT,
	INET_PASSSEC,
	/* RFC 2292's */
	INET_OLD_PKTINFO,
	INET_OLD_HOPLIMIT,
	INET_OLD_HOPOPTS,
	INET_OLD_DSTOPTS,
	INET_OLD_RTHDR,
};

static inline struct inet_socket *inet_sk(struct socket *sk)
{
	return (struct inet_socket *)sk;
}
static inline bool inet_flag(const struct inet_socket *is, enum inet_flag f)
{
	return READ_ONCE(is->ip_flags) >> f & 1;
}

/* socket_init and the fields above. */
void inet_init(struct inet_socket *is, struct net *net, u16 family, int type, int protocol,
	       const struct socket_ops *ops);
void inet_destroy(struct inet_socket *is); /* from ops->free: drops route, options, errors */

/* The families AF_INET and AF_INET6: a row by (type, protocol) in inet.c says who creates. */
extern const struct socket_family inet_family, inet6_family;
/* What they do, in a net. ERR_PTR(-EINVAL, -EPERM, -ESOCKTNOSUPPORT, -EPROTONOSUPPORT, -ENOMEM). */
struct socket *inet_create(struct net *net, u16 family, int type, int protocol);

/*
 * From a program's address to ours: family checked against the socket's (AF_UNSPEC is the
 * caller's), mapped addresses against v6only; *ifindex: the scope of a link-local one, 0. 0,
 * -EAFNOSUPPORT, -EINVAL, -ENETUNREACH.
 */
int inet_addr_in(const struct inet_socket *is, const struct sockaddr_storage *ss, int len,
		 struct in6_addr *addr, u16 *port, int *ifindex);
/* And back, in the socket's family; the length. */
int inet_addr_out(const struct inet_socket *is, const struct in6_addr *addr, u16 port, int ifindex,
		  struct sockaddr_storage *ss);
/* May it be bound to: local, any, multicast, or freebind. 0 or -EADDRNOTAVAIL. */
int inet_check_bind(struct inet_socket *is, const struct in6_addr *addr, int ifindex);
/* May its address be one that nobody here has: by its options, or net.ipv4.ip_nonlocal_bind and net.ipv6's. */
bool inet_nonlocal(const struct inet_socket *is);

/* bind(2)'s address: inet_addr_in, with what only bind allows and refuses, and inet_check_bind. */
int inet_bind_addr(struct inet_socket *is, const struct sockaddr_storage *ss, int len,
		   struct in6_addr *addr, u16 *port, int *ifindex);
int inet_getname(struct socket *sk, struct sockaddr_storage *addr, bool peer);

bool inet6_auto_label(const struct inet_socket *is); /* do its packets bear their flow's label? */
/* Its address and dst are of one version, or it has none: 0, -ENETUNREACH (dst is of IPv4), -EAFNOSUPPORT. */
static inline int inet_check_version(const struct inet_socket *is, const struct in6_addr *dst)
{
	if (addr_is_any(&is->local) || addr_is_v4(&is->local) == addr_is_v4(dst))
		return 0;
	return addr_is_v4(dst) ? -ENETUNREACH : -EAFNOSUPPORT;
}
/* What `::` means as a destination: 127.0.0.1 or ::1. */
static inline struct in6_addr inet_this_host(const struct inet_socket *is)
{
	struct in6_addr a = { 0 };

	if (is->sk.family == AF_INET || (!addr_is_any(&is->local) && addr_is_v4(&is->local)))
		return addr_from_v4(cpu_to_be32(INADDR_LOOPBACK));
	a.s6_addr[15] = 1;
	return a;
}
/* What the socket's options say about the way to dst. */
void inet_route_key(const struct inet_socket *is, const struct in6_addr *dst,
		    struct route_key *key);
/*
 * IP_MTU_DISCOVER: is a packet of len bytes, network header and all, along r to have DF? *mtu: what
 * counts as fitting.
 */
bool inet_df(const struct inet_socket *is, const struct route *r, u32 len, u32 *mtu);
/* The route to dst with the socket's options, cached in is->route; [l] is held. 0 or -errno. */
int inet_route(struct inet_socket *is, const struct in6_addr *dst);

/* The way that is known may be another now: socket_ops.option_changed. */
void inet_option_changed(struct socket *sk, int name);
/* IPPROTO_IP and IPPROTO_IPV6 options; -ENOPROTOOPT for unknown ones. */
int inet_setsockopt(struct socket *sk, int level, int name, const void __user *val, int len);
int inet_getsockopt(struct socket *sk, int level, int name, void __user *val, int __user *len);
/* SIOCGIFADDR and its like, SIOCADDRT, SIOCGIFCONF; -ENOTTY for unknown ones (net/devioctl.c). */
long inet_ioctl(struct socket *sk, unsigned cmd, unsigned long arg);
/* The control messages that the socket's flags ask for, about a received packet. */
void inet_recv_cmsgs(struct inet_socket *is, struct packet *p, struct message *m);

/* Those that all of SOL_SOCKET may ask for: timestamps, drops. */
void inet_recv_common(struct inet_socket *is, struct packet *p, struct message *m);
/* What the control data of a message to be sent asks for. 0 or -errno. */
struct inet_send;
int inet_send_cmsgs(struct inet_socket *is, const struct message *m, struct inet_send *s);

/* Puts an error on the queue, with n bytes of what we had sent to dst. */
void inet_queue_error(struct inet_socket *is, const struct ip_error *e, const struct in6_addr *dst,
		      u16 port, const void *data, u32 n);
ssize_t inet_recv_error(struct inet_socket *is, struct message *m); /* MSG_ERRQUEUE */
void inet_purge_errors(struct inet_socket *is);
/* What poll(2) says of the queue: EPOLLERR, and with SO_SELECT_ERR_QUEUE EPOLLPRI. */
static inline u32 inet_poll_errors(const struct inet_socket *is)
{
	if (list_empty(&is->errors))
		return 0;
	return EPOLLERR | (socket_option(&is->sk, OPT_SELECT_ERR_QUEUE) ? EPOLLPRI : 0);
}
/* SCM_TSTAMP_*: `sent`, which bears key, got so far now. ttl of what acknowledged it, or -1. */
void inet_queue_stamp(struct inet_socket *is, const struct packet *sent, u32 key, u32 type,
		      int ttl);
/*
 * A loan for a call of n bytes with MSG_ZEROCOPY: its number counts, and news of it come when the last
 * reference went. `before`, if these are the next call's after it: that one again. NULL: too much is
 * lent already (-ENOBUFS).
 */
struct packet_loan *inet_lend(struct inet_socket *is, size_t n, struct packet_loan *before);
void inet_lend_end(struct packet_loan *l, bool used); /* the caller's reference; NULL allowed */

/* --- buffers: what packets take counts against sndbuf and rcvbuf, and all against the system --- */
struct sock_sysctl {
	int udp_mem[3]; /* [w] pages, of all but TCP; the last one is the most */
};
extern struct sock_sysctl sock_sysctl;
/* The three of such a row: about that share of memory, as Linux has it. */
void sock_mem_shares(int *mem, u32 part);
u64 sock_memory(void); /* pages charged */
bool sock_charge_receive(struct socket *sk, struct packet *p); /* false: no room */
bool sock_charge_send(struct socket *sk, struct packet *p); /* its uncharge wakes the writers */
bool sock_writable(const struct socket *sk); /* half of the buffer is free: poll */
u32 sock_receive_used(const struct socket *sk), sock_send_used(const struct socket *sk);
void inet_memory(struct socket *sk, u32 *received, u32 *sent); /* of both, an operation */

/* --- ports --- */
/*
 * Ports of one protocol: a hash of buckets. conflict rules are socket(7)'s REUSEADDR and
 * REUSEPORT as Linux has them.
 */
struct port_table;
struct port;
struct port_table *port_table_create(void);
void port_table_destroy(struct port_table *t);
/* port 0: an ephemeral one (RFC 6056). 0, -EADDRINUSE, -EACCES (below 1024), -ENOMEM. [l] held. */
int port_bind(struct port_table *t, struct inet_socket *is, const struct in6_addr *addr, u16 port);
void port_release(struct port_table *t, struct inet_socket *is);
/*
 * connect(2)'s, one of the range: shared with others who connect, if nobody asked for it. 0,
 * -EADDRINUSE, -ENOMEM. [l] held. How many there are, from *low on; and in which order to try
 * them: every second one first, so that bind(2), which is for the odd ones, finds free ones soon.
 */
int port_connect(struct port_table *t, struct inet_socket *is, const struct in6_addr *addr,
		 u16 number);
u32 port_range(const struct inet_socket *is, u32 *low);
/* net.ipv4.ip_local_reserved_ports: only for who asks for it. */
bool port_reserved(struct net *net, u16 port);
u16 port_nth(u32 low, u32 n, u32 start, u32 i, bool odd);
/* TIME-WAIT goes on to hold what a socket had, as bind(2) sees it. */
struct port_wait {
	struct list_head link; /* [b] */
	struct port *port; /* [b] NULL: none */
	struct in6_addr local; /* [I], and what follows */
	int dev;
	u32 uid;
	bool v6only, reuse_addr, reuse_port;
};
void port_wait(struct port_table *t, struct port_wait *w, const struct inet_socket *is);
void port_wait_end(struct port_table *t, struct port_wait *w);
/* A child of listen(2) has its parent's port, whoever else has it. [l] of the child. 0 or -ENOMEM. */
int port_inherit(struct port_table *t, struct inet_socket *child, struct inet_socket *parent);
/* listen(2): -EADDRINUSE if others that share the port listen too, or would not be allowed to. */
int port_listen(struct port_table *t, struct inet_socket *is);
void port_unlisten(struct port_table *t, struct inet_socket *is);
/* connect(2) gave it an address: what it conflicts with changes, it stays where it is. */
void port_set_addr(struct port_table *t, struct inet_socket *is, const struct in6_addr *addr);
#endif
