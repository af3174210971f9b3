/*
 * Netlink, netlink(7): sockets that carry messages between programs and the kernel. A protocol of
 * it (rtnetlink, sock_diag) is a row of the table in netlink.c: it answers requests, writes dumps
 * part by part, and tells groups of news. netlink_msg.c builds and reads messages.
 *
 * Requests are handled in the sender's context and may sleep. netlink_notify and netlink_unicast
 * may be called with any spinlock of the network held.
 */
#ifndef NET_NETLINK_H
#define NET_NETLINK_H

#include <types.h>
#include <uapi/netlink.h>
#include "lib/string.h"
#include "net/ip.h"
#include "net/net.h"
#include "net/netlink_post.h"
#include "net/socket.h"

struct netlink_sock;

/* --- building a message: netlink_msg.c --- */
struct nl_writer {
	u8 *buf;
	u32 len, cap; /* bytes written and room */
	struct nlmsghdr *msg; /* the message begun last */
	bool full; /* something did not fit: the message is taken back by nl_end */
};
/* Room for n bytes of messages; false: no memory. kfree(w->buf) is due. */
bool nl_writer_init(struct nl_writer *w, u32 n);
/* A new message with a zeroed family header of n bytes, which is returned; NULL: full. */
void *nl_begin(struct nl_writer *w, u16 type, u16 flags, u32 seq, u32 port, u32 n);
int nl_end(struct nl_writer *w); /* 0, or -EMSGSIZE and the message is gone */
void nla_put(struct nl_writer *w, u16 type, const void *data, u32 n);
void *nla_reserve(struct nl_writer *w, u16 type, u32 n); /* zeroed; NULL: full */
static inline void nla_put_u8(struct nl_writer *w, u16 type, u8 v)
{
	nla_put(w, type, &v, sizeof(v));
}
static inline void nla_put_u32(struct nl_writer *w, u16 type, u32 v)
{
	nla_put(w, type, &v, sizeof(v));
}
static inline void nla_put_string(struct nl_writer *w, u16 type, const char *s)
{
	nla_put(w, type, s, (u32)strlen(s) + 1);
}
/* An address in the form of its family: 4 or 16 bytes. */
void nla_put_addr(struct nl_writer *w, u16 type, const struct in6_addr *a);
u32 nla_nest(struct nl_writer *w, u16 type); /* to be handed to nla_nest_end */
void nla_nest_end(struct nl_writer *w, u32 at);

/* --- reading one --- */
/* What an error is about, for NETLINK_EXT_ACK: the words and the attribute. */
struct nl_extack {
	const char *text;
	const struct nlattr *attr;
};
struct nl_request {
	struct netlink_sock *sock;
	struct net *net;
	const struct nlmsghdr *msg;
	struct nl_extack ext;
	bool strict; /* NETLINK_GET_STRICT_CHK */
};
int nl_fail(struct nl_request *rq, int err, const char *text); /* err */

static inline u32 nla_len(const struct nlattr *a)
{
	return a->nla_len - (u32)sizeof(*a);
}
static inline const void *nla_data(const struct nlattr *a)
{
	return a + 1;
}
u32 nla_u32(const struct nlattr *a); /* 0 if it is shorter */

/* What an attribute must be: the least bytes, the most (0: any), or a string. */
struct nl_policy {
	u16 min, max;
	bool string;
};
/*
 * Attributes of the request behind a family header of n bytes into at[0..max]; the last of a type
 * counts, unknown types are skipped. policy by type, rows of zero: anything. 0 or -EINVAL,
 * -ERANGE (too short or long).
 */
int nl_parse(struct nl_request *rq, u32 n, const struct nl_policy *policy, unsigned max,
	     const struct nlattr **at);
/* The same for what is nested in an attribute. */
int nl_parse_nested(struct nl_request *rq, const struct nlattr *nest,
		    const struct nl_policy *policy, unsigned max, const struct nlattr **at);
/* The same behind a header of n bytes in it, a multiple of 4, which are there. */
int nl_parse_behind(struct nl_request *rq, const struct nlattr *nest, u32 n,
		    const struct nl_policy *policy, unsigned max, const struct nlattr **at);
/* The family header of a request, at least n bytes; NULL: too short. */
static inline const void *nl_header(const struct nl_request *rq, u32 n)
{
	return rq->msg->nlmsg_len < sizeof(*rq->msg) + n ? NULL : rq->msg + 1;
}
/* An address of the family, mapped if it is IPv4's; false: its length is wrong. */
bool nla_addr(const struct nlattr *a, u8 family, struct in6_addr *addr);

/* --- answering --- */
/*
 * A dump: `part` writes messages until one does not fit (it returns -EMSGSIZE and will be called
 * again, with its own state where it left it) or all are written (0). The messages bear seq, port.
 */
struct nl_dump {
	struct net *net;
	u32 seq, port;
	u16 flags; /* of each message: NLM_F_MULTI and what was found out */
	u32 changes; /* of the net; others between parts are NLM_F_DUMP_INTR */
	int (*part)(struct nl_dump *d, struct nl_writer *w);
	u64 at[4]; /* part's own: where to go on */
	u32 filter[4];
	u8 request[128]; /* the request's payload, cut to that */
	u32 request_len;
	void *data; /* freed with the dump */
};
/* From a request's handler. 0 (and no acknowledgement is due any more), -EBUSY, -ENOMEM. */
int nl_dump_start(struct nl_request *rq, int (*part)(struct nl_dump *, struct nl_writer *),
		  const u32 filter[4], void *data);
/* A dump that ends with an error before anything was written. */
int nl_dump_fail(struct nl_request *rq, int err);
/* The messages in w, whose buffer passes, go to the requester. */
int nl_reply(struct nl_request *rq, struct nl_writer *w);
/* They go to who listens to a group of a protocol. The buffer passes; if it is full, to nobody. */
void nl_notify(struct net *net, int protocol, u32 group, struct nl_writer *w);
bool nl_listened(struct net *net, int protocol, u32 group);
/*
 * The request that changes the configuration now, net->mutex held; NULL: none any more. nl_asked: the
 * same, if current is who asks.
 */
void nl_set_asking(struct net *net, struct nl_request *rq);
struct nl_request *nl_asked(struct net *net);
/* News that such a request makes: they bear its numbers, and with NLM_F_ECHO come back to it. */
void nl_notify_asked(struct nl_request *rq, u32 group, struct nl_writer *w);
u32 nl_port(const struct nl_request *rq);
bool nl_capable(const struct nl_request *rq, int cap); /* sender and opener of the socket */
/* The same over another network. */
bool nl_capable_in(const struct nl_request *rq, const struct net *net, int cap);

#define NL_DUMP_STARTED 1 /* from a handler: no acknowledgement */

struct nl_protocol {
	int number; /* NETLINK_* */
	u32 groups;
	bool anybody_listens, anybody_sends; /* to groups and others, without CAP_NET_ADMIN */
	/* 0, NL_DUMP_STARTED or -errno. NULL: the kernel does not listen. */
	int (*request)(struct nl_request *rq);
};
extern const struct nl_protocol rtnetlink_protocol, sock_diag_protocol;

/* --- sockets --- */
extern const struct socket_family netlink_family;
int netlink_net_init(struct net *net); /* 0 or -ENOMEM */
void netlink_net_destroy(struct net *net);
/* For /proc/net/netlink. */
struct netlink_row {
	int protocol;
	u32 port, groups, received, refs, drops;
	bool dumping;
	u64 inode;
	struct socket *sk; /* NULL: the kernel's own end of a protocol */
};
void netlink_for_each(struct net *net, void (*fn)(const struct netlink_row *r, void *arg),
		      void *arg);
#endif
