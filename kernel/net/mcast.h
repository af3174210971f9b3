/*
 * Groups that sockets are in, and which sources they take: RFC 3678, for both versions. A device is
 * told of them by igmp.c (ipv4.h) and IPv6's mld.c.
 *
 * Locks: a socket's memberships are changed under net->mutex, and read under RCU.
 */
#ifndef NET_MCAST_H
#define NET_MCAST_H

#include <types.h>
#include <compiler.h>
#include <uapi/in.h>
#include <uapi/in6.h>
#include "core/rcu.h"
#include "lib/list.h"
#include "net/inet.h"
#include "net/ip.h"

/* Sources of a group: those that are taken (include), or those that are not. Never changes. */
struct mcast_filter {
	bool include;
	u32 nr;
	struct in6_addr source[];
};

struct mcast_membership {
	struct list_head link; /* [net->mutex] RCU */
	struct in6_addr group; /* [I] */
	int ifindex; /* [I] */
	struct mcast_filter *filter; /* [net->mutex] RCU */
	struct rcu_head rcu;
};

enum { EXT_HOPOPTS, EXT_RTHDR_DSTOPTS, EXT_DSTOPTS, EXT_NR };

/* inet_socket.opt: what few sockets have. */
struct inet_options {
	u8 *ip_options; /* [l] of IPv4's header; NULL: none */
	u32 ip_options_len; /* [l] */
	u8 *ext[EXT_NR]; /* [l] IPv6's extension headers (ipv6_ext.c); NULL: none */
	u8 *all_ext; /* [l] those that all packets get, one behind the other */
	u32 all_ext_len; /* [l] */
	struct list_head groups; /* [net->mutex] RCU: of struct mcast_membership */
	unsigned nr_groups; /* [net->mutex] */
};
/* What all packets of a connected socket get besides their header, and its length. [l] */
static inline u32 inet_sticky_len(const struct inet_socket *is)
{
	const struct inet_options *o = is->opt;

	return likely(!o) ? 0 : addr_is_v4(&is->remote) ? o->ip_options_len : o->all_ext_len;
}
static inline void inet_sticky(const struct inet_socket *is, struct ip_send *s)
{
	const struct inet_options *o = is->opt;

	if (likely(!o))
		return;
	if (addr_is_v4(&is->remote)) {
		s->options = o->ip_options;
		s->options_len = o->ip_options_len;
	} else {
		s->options = o->all_ext;
		s->options_len = o->all_ext_len;
		s->options_first = o->ext[EXT_HOPOPTS] ? IPPROTO_HOPOPTS : IPPROTO_DSTOPTS;
	}
}
/* is->opt, made if need be; NULL: no memory. May sleep. */
struct inet_options *inet_options(struct inet_socket *is);

/* These take net->mutex. 0, -ENODEV, -EADDRINUSE, -EADDRNOTAVAIL, -ENOBUFS, -EINVAL, -ENOMEM. */
/* Sources that a socket of a version may name for a group: igmp_max_msf, mld_max_msf. */
u32 mcast_max_sources(const struct net *net, bool v6);
int mcast_join(struct inet_socket *is, const struct in6_addr *group, int ifindex);
int mcast_leave(struct inet_socket *is, const struct in6_addr *group, int ifindex);
enum mcast_change { MCAST_ADD, MCAST_DROP, MCAST_BLOCK, MCAST_UNBLOCK };
/* One source more or less; MCAST_ADD joins the group if need be. */
int mcast_source(struct inet_socket *is, const struct in6_addr *group,
		 const struct in6_addr *source, int ifindex, enum mcast_change how);
/* The whole filter; takes f over. */
int mcast_set_filter(struct inet_socket *is, const struct in6_addr *group, int ifindex,
		     struct mcast_filter *f);
/* A copy of it, to be kfree'd; ERR_PTR(-EADDRNOTAVAIL). */
struct mcast_filter *mcast_get_filter(struct inet_socket *is, const struct in6_addr *group,
				      int ifindex);
void mcast_leave_all(struct inet_socket *is); /* the socket is going */

/* RCU: does the socket want what came from src to group by that device? */
bool mcast_wanted(const struct inet_socket *is, const struct in6_addr *group,
		  const struct in6_addr *src, int ifindex);

/* A device's group: what its sockets want of it, summed up (RFC 3376 3.2, RFC 3810 4.2). */
struct mcast_sum {
	unsigned users; /* [w] [net->mutex] sockets */
	unsigned exclude; /* [w] [net->mutex] of them, those that want all but some sources */
	struct list_head sources; /* [net->mutex] RCU */
};
struct mcast_source { /* how many of them name it */
	struct list_head link; /* [net->mutex] RCU */
	struct in6_addr addr; /* [I] */
	unsigned include, exclude; /* [w] */
	struct rcu_head rcu;
};
/* f (NULL: everything) counts once more, or (by -1) once less. 0 or -ENOMEM: then partly. */
int mcast_sum_count(struct mcast_sum *m, const struct mcast_filter *f, int by);
void mcast_sum_free(struct mcast_sum *m); /* nobody looks any more */
/* RCU: does any of them want what comes from src (NULL: from somebody)? */
bool mcast_sum_wants(const struct mcast_sum *m, const struct in6_addr *src);
/* Is s of the list that a report of this kind has? */
static inline bool mcast_sum_lists(const struct mcast_sum *m, const struct mcast_source *s,
				   bool exclude)
{
	return exclude ? s->exclude == m->exclude && !s->include : s->include > 0;
}
u32 mcast_sum_length(const struct mcast_sum *m, bool exclude); /* of that list. RCU */

/* IPv6's side (mld.c): as igmp_join and its like; net->mutex held. */
int mld_join(struct netdev *d, const struct in6_addr *group, const struct mcast_filter *f);
void mld_leave(struct netdev *d, const struct in6_addr *group, const struct mcast_filter *f);
int mld_change(struct netdev *d, const struct in6_addr *group, const struct mcast_filter *was,
	       const struct mcast_filter *now);
#endif
