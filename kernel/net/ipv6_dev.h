/*
 * IPv6 of a network and of its devices: addresses (RFC 4291), settings, groups; what the files
 * ipv6*.c, icmp6.c, nd*.c, mld.c share. What others call is in ipv6.h.
 *
 * Locks: [t] net->mutex to change, RCU to read. [w] a word stored and read whole. [I] immutable.
 * [r] ip6_dev.lock (RANK_NET_TABLE): what network context changes.
 *
 * Router advertisements and the ends of address tests change [t] things; network context cannot
 * sleep, so it leaves them to a work queue (nd_work in nd_router.c).
 */
#ifndef NET_IPV6_DEV_H
#define NET_IPV6_DEV_H

#include <types.h>
#include "core/rcu.h"
#include "core/work.h"
#include "lib/list.h"
#include "net/ip.h"
#include "net/ipv6.h"
#include "net/neigh.h"
#include "net/net.h"
#include "sync/spinlock.h"

/* net.ipv6.conf.DEV.*; one is all's, one the default of new devices. [w] */
struct ip6_conf {
	int forwarding, hop_limit, mtu, accept_ra, accept_redirects, autoconf, dad_transmits;
	int router_solicitations, router_solicitation_interval, router_solicitation_delay;
	int force_mld_version, use_tempaddr, max_addresses, accept_ra_defrtr, accept_ra_pinfo;
	int accept_ra_rtr_pref, accept_ra_mtu, accept_source_route, disable_ipv6, accept_dad;
	int addr_gen_mode, keep_addr_on_down, ndisc_notify;
	int accept_ra_min_hop_limit, ra_defrtr_metric, drop_unsolicited_na, mc_forwarding;
	int temp_valid_lft, temp_prefered_lft, regen_max_retry, max_desync_factor;
	int accept_ra_min_lft, accept_ra_rt_info_min_plen, accept_ra_rt_info_max_plen;
	int accept_untracked_na, drop_unicast_in_l2_multicast, enhanced_dad, force_tllao;
	int mldv1_unsolicited_report_interval, mldv2_unsolicited_report_interval; /* ms */
	int ndisc_evict_nocarrier, ndisc_tclass, ra_honor_pio_life, regen_min_advance;
	int router_solicitation_max_interval, suppress_frag_ndisc, use_oif_addrs_only;
	struct in6_addr secret; /* stable_secret [t] */
	bool secret_set; /* [t] */
};
/* What a device or all say; what both must. */
#define IP6_EITHER(i, field) \
	(READ_ONCE((i)->conf.field) || READ_ONCE((i)->dev->net->ip6->all.field))
#define IP6_BOTH(i, field) (READ_ONCE((i)->conf.field) && READ_ONCE((i)->dev->net->ip6->all.field))
enum { GEN_EUI64, GEN_NONE, GEN_STABLE, GEN_RANDOM }; /* addr_gen_mode */

/* An address of a device. */
struct ip6_addr {
	struct list_head link; /* [t] RCU; wider scopes first */
	struct ip6_dev *dev; /* [I] */
	struct in6_addr addr, peer; /* [I] peer: any, or of a point-to-point link */
	u8 prefix_len, scope, proto; /* [I] scope: RT_SCOPE_*; proto: IFAPROT_* */
	u32 flags; /* [w] IFA_F_* */
	u32 metric; /* [I] of its prefix route; 0 the default */
	u32 valid, preferred; /* [t] seconds from updated on; ~0: for ever */
	u64 created, updated; /* [I] [t] now_mono() ns */
	bool autoconf; /* [I] made from an advertised prefix */
	bool no_route; /* [I] has no prefix route of its own */
	struct in6_addr of; /* [I] a temporary one's: whose; else any */
	u32 retry; /* [I] a stable one's: how many before it were somebody else's */
	u32 regenerated; /* [t] temporary ones made for it since; a temporary one's: its successor is */
	int dad_left; /* [r] solicitations to be sent still, RFC 4862 5.4; or what it came to, DAD_* */
	u64 dad_next; /* [r] when, now_mono() ns; 0: no test */
	struct rcu_head rcu;
};

enum { DAD_ALONE = -1, DAD_DUPLICATE = -2 }; /* the test's end, for the work queue */

enum ip6_stat { /* as /proc/net/snmp6 orders them */
		IP6_IN_RECEIVES,
		IP6_IN_HDR_ERRORS,
		IP6_IN_TOO_BIG,
		IP6_IN_NO_ROUTES,
		IP6_IN_ADDR_ERRORS,
		IP6_IN_UNKNOWN_PROTOS,
		IP6_IN_TRUNCATED,
		IP6_IN_DISCARDS,
		IP6_IN_DELIVERS,
		IP6_OUT_FORW,
		IP6_OUT_REQUESTS,
		IP6_OUT_DISCARDS,
		IP6_OUT_NO_ROUTES,
		IP6_REASM_TIMEOUT,
		IP6_REASM_REQDS,
		IP6_REASM_OKS,
		IP6_REASM_FAILS,
		IP6_FRAG_OKS,
		IP6_FRAG_FAILS,
		IP6_FRAG_CREATES,
		IP6_IN_MCAST_PKTS,
		IP6_OUT_MCAST_PKTS,
		IP6_IN_OCTETS,
		IP6_OUT_OCTETS,
		IP6_IN_MCAST_OCTETS,
		IP6_OUT_MCAST_OCTETS,
		IP6_IN_NO_ECT, /* these four by the ECN bits of the header: see ip6_receive */
		IP6_IN_ECT1,
		IP6_IN_ECT0,
		IP6_IN_CE,
		IP6_OUT_TRANSMITS,
		ICMP6_IN_MSGS,
		ICMP6_IN_ERRORS,
		ICMP6_OUT_MSGS,
		ICMP6_OUT_ERRORS,
		ICMP6_IN_CSUM_ERRORS,
		ICMP6_LIMIT_HOST,
		IP6_STATS,
};

struct mld_dev;

/* dev->ip6 */
struct ip6_dev {
	struct netdev *dev; /* [I] */
	struct list_head addrs; /* [t] RCU */
	struct ip6_conf conf;
	struct neigh_params neigh;
	spinlock_t lock;
	struct mld_dev *mld; /* [I] its groups */
	struct net_timer timer; /* address tests and router solicitations */
	int rs_left; /* [r] router solicitations to be sent still */
	u64 rs_next; /* [r] when; 0: none */
	u64 rs_pause; /* [r] ns between the last two; 0: before the second */
	u64 timer_at; /* [r] when the timer runs next; 0: not at all */
	u8 nonce[6]; /* [r] of the last test sent, RFC 7527 */
	u8 token[8]; /* [I] the interface identifier: modified EUI-64, RFC 4291 A */
	u32 ra_mtu; /* [w] of an advertisement; 0 none */
	bool up; /* [t] */
	struct ip6_net *net; /* [I] */
	struct list_head counted_link; /* [counted_lock] */
	u64 (*stats)[IP6_STATS]; /* [I] one row a hart, each written by its hart alone */
	u32 icmp_types[2][256]; /* [a] received and sent messages by type */
	struct rcu_head rcu;
};

struct ip6_frags;

/* net->ip6 */
struct ip6_net {
	struct net *net; /* [I] */
	struct ip6_conf all, dflt; /* [w] */
	struct ip6_frags *frags; /* [I] of ipv6_frag.c */
	int bindv6only, auto_flowlabels, flowlabel_reflect, idgen_retries; /* [w] */
	int nonlocal_bind, fwmark_reflect, min_adv_mss; /* [w] */
	int max_dst_length, max_hbh_length; /* [w] bytes of a header of options */
	unsigned long icmp_ratemask[4]; /* [w] bits by type: whose rate is limited */
	u32 icmp_ratelimit; /* [w] ms between two errors to one host; 0: none */
	int icmp_echo_ignore_all, icmp_echo_ignore_multicast; /* [w] */
	u32 frag_high, frag_low, frag_time; /* [w] bytes, bytes, seconds */
	int mld_max_msf, mld_qrv, mtu_expires, max_dst_opts, max_hbh_opts; /* [w] */
	spinlock_t counted_lock; /* RANK_NET_TABLE */
	/* [counted_lock] devices whose counters are part of the network's */
	struct list_head counted;
	u64 (*stats)[IP6_STATS]; /* [I] what was no device's: one row a hart, as a device's */
	u64 gone[IP6_STATS]; /* [counted_lock] of devices that are no more */
	u32 (*icmp_types)[2][256]; /* [I] a hart's received and sent messages by type */
	u64 error_last[64]; /* [w] when a host, by a hash of it, was told of an error */
	u32 error_tokens; /* [w] errors that may be sent still in this second */
	u64 error_refill; /* [w] now_mono() ns */
	spinlock_t nd_lock; /* RANK_NET_TABLE */
	struct list_head nd_queue; /* [nd_lock] advertisements that wait for the work queue */
	unsigned nd_queued; /* [nd_lock] */
	struct work nd_work;
	struct net_timer nd_timer; /* lifetimes of addresses and routes */
};

static inline struct ip6_dev *ip6_dev(const struct netdev *d)
{
	return (struct ip6_dev *)__atomic_load_n(&d->ip6, __ATOMIC_CONSUME);
}
/*
 * Counters, of a network and of each of its devices. d: the one it happened on, in net; NULL: none. Network
 * context, or a task of the network that does not sleep meanwhile.
 */
void ip6_count(struct net *net, const struct netdev *d, enum ip6_stat s, u64 n);
void ip6_count_icmp(struct net *net, const struct netdev *d, bool out, u8 type);
u64 ip6_stat(struct net *net, enum ip6_stat s);
u64 ip6_icmp_stat(struct net *net, bool out, u8 type);
u64 ip6_dev_stat(const struct ip6_dev *i, enum ip6_stat s);
/* forwarding was written: routers are in a group of their own. net->mutex held */
void ip6_dev_forwarding(struct ip6_dev *i, bool was, bool now);
void ip6_dev_disable(struct ip6_dev *i, bool off); /* disable_ipv6 was written; net->mutex held */
#define ICMP6_BURST 50 /* errors at once, to all hosts */

/* --- kinds of addresses --- */
extern const struct in6_addr in6addr_any, in6addr_loopback, ip6_all_nodes, ip6_all_routers,
	ip6_all_mld2;
u8 ip6_scope(const struct in6_addr *a); /* RFC 4291 2.7: 1 interface, 2 link, 5 site, 14 global */
u8 ip6_scope_rt(const struct in6_addr *a); /* as RT_SCOPE_* */
static inline bool ip6_link_scope(const struct in6_addr *a)
{
	return (a->s6_addr[0] == 0xfe && (a->s6_addr[1] & 0xc0) == 0x80) ||
	       (a->s6_addr[0] == 0xff && (a->s6_addr[1] & 0x0f) <= 2);
}
struct in6_addr ip6_solicited_node(const struct in6_addr *a); /* RFC 4291 2.7.1 */
bool ip6_prefix_match(const struct in6_addr *a, const struct in6_addr *b, unsigned bits);
unsigned ip6_common_bits(const struct in6_addr *a, const struct in6_addr *b);

/* --- addresses (ipv6_addr.c); net->mutex held --- */
struct ip6_addr_config {
	struct in6_addr addr, peer; /* peer any: none */
	u8 prefix_len, proto;
	u32 flags, metric, valid, preferred; /* seconds, ~0: for ever */
	bool autoconf, no_route;
	u32 retry;
	struct in6_addr of;
};
/* With its routes and group, tested first (RFC 4862) where there is a link. 0, -EEXIST, -EINVAL,
 * -EADDRNOTAVAIL, -ENOMEM, -EACCES (IPv6 is off on d). */
int ip6_addr_add(struct netdev *d, const struct ip6_addr_config *c);
int ip6_addr_change(struct netdev *d, const struct ip6_addr_config *c); /* lifetimes, flags */
int ip6_addr_del(struct netdev *d, const struct in6_addr *addr, u8 prefix_len); /* 128 < any */
/* RCU. ifindex 0: any device's. NULL: none. */
struct ip6_addr *ip6_addr_find(struct net *net, const struct in6_addr *addr, int ifindex);
/* RCU: one of d's that may be sent from to link scope; false: none yet. */
bool ip6_link_local(const struct ip6_dev *i, struct in6_addr *addr);
void ip6_addr_remove(struct ip6_addr *a); /* of a list walked with _safe */
/* [t] Routes to and by its addresses are there from when it is raised; tests wait for the link. */
void ip6_addrs_up(struct ip6_dev *i);
void ip6_addrs_ready(struct ip6_dev *i);
/* [t] it goes down, and this one stays: to be tested again. */
void ip6_addr_keep(struct ip6_addr *a);
void ip6_addr_dad_end(struct net *net); /* work queue: what the tests came to */
/* The shortest time until a lifetime ends, having dealt with what has ended; ns. */
u64 ip6_addr_age(struct net *net);

/* --- identifiers (ipv6_gen.c); net->mutex held --- */
/*
 * Behind the prefix in addr's first half the identifier that d's addr_gen_mode says; *flags: what the
 * address bears then. False: there is none (no secret).
 */
bool ip6_gen_address(struct ip6_dev *i, struct in6_addr *addr, u32 retry, u32 *flags);
/* A stable one is somebody else's: another, if any is left. */
void ip6_gen_again(struct ip6_addr *a);
int ip6_set_gen_mode(struct ip6_dev *i, int mode); /* 0, or -EINVAL: none, or it lacks a secret */
void ip6_gen_mode(struct ip6_dev *i); /* a link-local address by it, where there is a link */
/* The temporary addresses of pub, whose lifetimes are new; fresh: it is itself. */
void ip6_temp_manage(struct ip6_addr *pub, bool fresh);
void ip6_temp_remove(struct ip6_addr *pub); /* those of pub, which goes */
void ip6_temp_failed(struct ip6_addr *t); /* t is somebody else's: it goes for another */
u64 ip6_temp_age(struct ip6_addr *t, u64 now); /* makes its successor when due; when that is; ~0 */

/* RFC 6724. pref: IPV6_PREFER_SRC_*. d: the device to be sent by, may be NULL. RCU. */
bool ip6_select_source(struct net *net, const struct netdev *d, const struct in6_addr *dst,
		       unsigned pref, struct in6_addr *src);

/* --- sending and receiving --- */
/* Sends p, an ICMPv6 message whose header is at its data, by d; src any: chosen. p is gone. */
int icmp6_send(struct net *net, struct netdev *d, struct packet *p, const struct in6_addr *src,
	       const struct in6_addr *dst, u8 hops, bool router_alert);
/* An error about p, whose header is at p->network (RFC 4443 2.4). p stays. */
void icmp6_error(struct net *net, struct packet *p, u8 type, u8 code, u32 info);
/* Along r, p->data at its IPv6 header, cut if it must be and may be. */
int ip6_output(struct net *net, struct packet *p, const struct route *r, bool may_fragment);
/* The same of what was made here: to a group, loop: it comes back to us if we are in it. */
int ip6_local_out(struct net *net, struct packet *p, const struct route *r, bool loop,
		  bool may_fragment);
/* p with its header at p->network is for us; it goes through its headers to a protocol. */
void ip6_deliver(struct net *net, struct packet *p);

/* --- fragments (ipv6_frag.c) --- */
int ip6_frag_init(struct net *net);
void ip6_frag_flush(struct net *net);
/*
 * p->data at the IPv6 header, its fragment header at `at`, said to be next by the byte at next_at. The
 * whole packet without it (or the same, if it is one already); NULL: p is kept or gone.
 */
struct packet *ip6_reassemble(struct net *net, struct packet *p, u32 at, u32 next_at);
u32 ip6_frag_memory(struct net *net, unsigned *n); /* bytes; *n: how many packets wait */
int ip6_fragment(struct net *net, struct packet *p, const struct route *r, u32 mtu);

/* --- neighbour discovery (nd.c, nd_router.c) --- */
void nd_receive(struct net *net, struct packet *p, u8 type);
void nd_dev_up(struct ip6_dev *i); /* begins to ask for routers; net->mutex held */
void nd_dev_down(struct ip6_dev *i);
void nd_timer_kick(struct ip6_dev *i, u64 when); /* its timer runs by then */
void nd_timer_run(struct net_timer *t);
int nd_net_init(struct net *net);
void nd_net_stop(struct net *net);
void nd_queue_advert(struct net *net, struct packet *p); /* p passes; for the work queue */
void nd_kick_work(struct net *net); /* ip6_addr_dad_end and ip6_addr_age are due */
/* Sends a solicitation of target from src (any: a test for duplicates) to dst. */
void nd_send_solicit(struct netdev *d, const struct in6_addr *target, const struct in6_addr *src,
		     const struct in6_addr *dst, const u8 *nonce);
void nd_send_advert(struct netdev *d, const struct in6_addr *target, const struct in6_addr *src,
		    const struct in6_addr *dst, bool solicited, bool asked_all);
/* ndisc_notify: all of its addresses to all nodes. RCU. */
void nd_announce(struct ip6_dev *i);
void nd_send_router_solicit(struct ip6_dev *i);

/* --- groups (mld.c; joining is in mcast.h) --- */
int mld_dev_init(struct ip6_dev *i);
void mld_dev_event(struct ip6_dev *i, bool up);
void mld_dev_stop(struct ip6_dev *i); /* net->mutex held */
void mld_dev_free(struct ip6_dev *i); /* a grace period later */
bool mld_wanted(const struct ip6_dev *i, const struct in6_addr *group, const struct in6_addr *src);
void mld_receive(struct net *net, struct packet *p); /* a query; p is the callee's */
void mld_for_each_source(const struct ip6_dev *i,
			 void (*fn)(const struct in6_addr *group, const struct in6_addr *source,
				    unsigned include, unsigned exclude, void *arg),
			 void *arg);
void mld_for_each(const struct ip6_dev *i,
		  void (*fn)(const struct in6_addr *group, int users, void *arg), void *arg);
#endif
