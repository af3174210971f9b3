/*
 * IPv4 of a network and of its devices: addresses, settings, groups; sending and receiving;
 * ICMP. Fragments are in ipv4_frag.c, options in ipv4_opt.c, ARP in arp.c, groups in igmp.c.
 *
 * Locks: [t] net->mutex, readers use RCU. [w] a word. [I] immutable.
 */
#ifndef NET_IPV4_H
#define NET_IPV4_H

#include <types.h>
#include "core/rcu.h"
#include "core/work.h"
#include "lib/list.h"
#include "net/ip.h"
#include "net/neigh.h"
#include "net/net.h"
#include "net/wire/ipv4.h"

/* RT_SCOPE_* of rtnetlink(7) */
enum {
	SCOPE_UNIVERSE = 0,
	SCOPE_SITE = 200,
	SCOPE_LINK = 253,
	SCOPE_HOST = 254,
	SCOPE_NOWHERE = 255
};

#define IFA_SECONDARY_ \
	0x01 /* IFA_F_SECONDARY, _DEPRECATED, _PERMANENT, _NOPREFIXROUTE of rtnetlink(7) */
#define IFA_DEPRECATED_ 0x20
#define IFA_PERMANENT_	0x80
#define IFA_NOPREFIX_	0x200

/* net.ipv4.conf.DEV.*; one is all's, one the default of new devices. [w] */
struct ip4_conf {
	int forwarding, rp_filter, accept_local, route_localnet, log_martians;
	int arp_accept, arp_announce, arp_filter, arp_ignore, arp_notify, drop_gratuitous_arp;
	int arp_evict_nocarrier, drop_unicast_in_l2_multicast;
	int force_igmp_version, promote_secondaries, proxy_arp, proxy_arp_pvlan;
	int igmpv2_unsolicited_report_interval, igmpv3_unsolicited_report_interval; /* ms */
	int tag; /* a number for whoever wants to keep one */
	int accept_redirects, secure_redirects, send_redirects, shared_media;
	int not_done; /* source routes, forwarding to groups and broadcasts: 0 */
};
/* What a device has, or all have: the larger one. */
#define IP4_CONF(i, field) max(READ_ONCE((i)->conf.field), READ_ONCE((i)->dev->net->ip4->all.field))

/* What both a device and all must say. */
#define IP4_BOTH(i, field) (READ_ONCE((i)->conf.field) && READ_ONCE((i)->dev->net->ip4->all.field))

/* An address of a device. */
struct ip4_addr {
	struct list_head link; /* [t] RCU; primaries before secondaries */
	be32 local, peer; /* [I] peer: of a point-to-point link, else local */
	be32 mask, broadcast; /* [I] broadcast 0: none */
	u8 prefix_len, scope; /* [I] */
	u32 flags; /* [w] IFA_F_* */
	u32 metric; /* [I] of its prefix route */
	char label[IFNAMSIZ]; /* [I] */
	u32 valid, preferred; /* [t] seconds from updated on; ~0: for ever */
	u64 created, updated; /* [I] [t] now_mono() ns */
	struct rcu_head rcu;
};

/* dev->ip4 */
struct ip4_dev {
	struct netdev *dev; /* [I] */
	struct list_head addrs; /* [t] RCU */
	struct ip4_conf conf;
	struct neigh_params neigh;
	struct igmp_dev *igmp; /* [I] its groups */
	struct rcu_head rcu;
};

struct ip4_frags;

/* A rate limit: errors that were sent, as time that has been used up. */
struct icmp_bucket {
	u64 last; /* [a] ns */
};

/* What a hart found to be for us last: the next packet is likely to be like it. */
struct ip4_judged {
	be32 src, dst;
	int ifindex;
	u32 generation; /* of the net; 0: none */
};

/* Whom a redirect was sent to, and how often without that he heeded it. */
struct icmp_redirected {
	be32 to;
	u32 n;
	u64 last; /* now_mono() ns */
};

/* net->ip4 */
struct ip4_net {
	struct ip4_conf all, dflt; /* [w] */
	struct ip4_frags *frags; /* [I] of ipv4_frag.c */
	struct ip4_judged judged[MAX_HARTS]; /* [that hart, network context] */
	u32 ids[256]; /* [a] the next identification, by a hash of addresses */
	/* net.ipv4.*, [w] */
	int default_ttl, forward, no_pmtu_disc, min_pmtu, mtu_expires;
	int icmp_echo_ignore_all, icmp_echo_ignore_broadcasts, icmp_ignore_bogus;
	u32 icmp_ratelimit, icmp_ratemask; /* ms; bits by type */
	u32 icmp_msgs_per_sec, icmp_msgs_burst;
	struct icmp_bucket icmp_all, icmp_to[256]; /* in all; by a hash of the destination */
	spinlock_t redirect_lock; /* RANK_NET_TABLE */
	struct icmp_redirected redirected[64]; /* [redirect_lock] by a hash of whom */
	int icmp_errors_use_inbound, fwmark_reflect, forward_use_pmtu, nonlocal_bind,
		autobind_reuse;
	int min_adv_mss, igmp_qrv, igmp_link_local_reports;
	u32 redirect_number, redirect_load, redirect_silence; /* how many; ticks of REDIRECT_HZ */
	unsigned long *reserved_ports; /* a bit each; NULL: none. Set once [t] */
	u32 frag_high, frag_low, frag_time; /* bytes, bytes, seconds */
	int local_port_low, local_port_high;
	int unprivileged_port; /* ports below it want CAP_NET_BIND_SERVICE */
	u32 ping_low, ping_high; /* ping_group_range */
	int igmp_max_memberships, igmp_max_msf;
	struct net *net; /* [I] */
	u64 martian_at; /* [w] when the last one was logged */
	u64 bogus_at; /* [w] the same, of an error about a broadcast */
	struct work age_work; /* lifetimes of addresses */
	struct net_timer age_timer;
};

int ip4_net_init(struct net *net);
void ip4_net_stop(struct net *net);
void ip4_net_destroy(struct net *net);
void ip4_device_event(struct netdev *d, enum netdev_event e); /* net->mutex held; sleeps */

static inline struct ip4_dev *ip4_dev(const struct netdev *d)
{
	return (struct ip4_dev *)__atomic_load_n(&d->ip4, __ATOMIC_CONSUME);
}

/* --- addresses (ip4_addr.c); net->mutex held, they may sleep --- */
struct ip4_addr_config {
	be32 local, peer, broadcast; /* peer 0: local; broadcast 0: none */
	u8 prefix_len, scope;
	u32 flags, metric, valid, preferred; /* seconds, ~0: for ever */
	const char *label; /* NULL: the device's name */
	const char **why; /* what was wrong, in words; NULL: nobody asks */
};
/* With its routes: local, prefix, broadcast. 0, -EEXIST, -EINVAL, -ENOMEM, -ENOBUFS. */
int ip4_addr_add(struct netdev *d, const struct ip4_addr_config *c);
int ip4_addr_change(struct netdev *d, const struct ip4_addr_config *c); /* lifetimes; -ENOENT */
/* prefix_len > 32: any. 0 or -EADDRNOTAVAIL. */
int ip4_addr_del(struct netdev *d, be32 local, u8 prefix_len);

/* RCU: the address to send with from d to dst (RFC 1122 3.3.4.3); scope: the widest allowed. 0: none */
be32 ip4_select_source(struct net *net, struct netdev *d, be32 dst, u8 scope);
struct netdev *ip4_device_of(struct net *net, be32 local); /* whose address it is; NULL */
bool ip4_on_link(const struct ip4_dev *i, be32 a); /* in the prefix of one of its addresses */

/* --- packets --- */
/* A frame of ETH_P_IP, p->data at the header. p is the callee's. */
void ip4_receive(struct net *net, struct packet *p);
int ip4_send(struct net *net, struct packet *p, const struct ip_send *s);
/*
 * Sends a packet with its header (but sum and, if it is 0, id), as raw sockets and forwarding do,
 * along r; cut if need be and allowed. loop: we get what goes to a group that we are in. p is gone.
 * 0 or -errno.
 */
int ip4_output(struct net *net, struct packet *p, const struct route *r, bool loop);
/* The end of it: the header's sum, and onto the link. */
int ip4_emit(struct net *net, struct packet *p, const struct route *r);
/* Looks up a route for a packet; the rules of source and device are route(7)'s. */
int ip4_route(struct net *net, const struct route_key *key, struct route *r);
u16 ip4_header_sum(const void *header, u32 n); /* RFC 1071; the word to be put there */
u16 ip4_next_id(struct net *net, be32 src, be32 dst, u8 proto); /* RFC 6864 */

/* --- fragments (ipv4_frag.c) --- */
int ip4_frag_init(struct net *net);
void ip4_frag_flush(struct net *net);
u32 ip4_frag_memory(struct net *net, unsigned *n); /* bytes; *n: how many packets wait */
/* p is a fragment for us: the whole packet, once it is; or NULL. */
struct packet *ip4_reassemble(struct net *net, struct packet *p);
/* Cuts p, whose header of hlen bytes is there, and sends the pieces. */
int ip4_fragment(struct net *net, struct packet *p, const struct route *r, u32 mtu);

/* --- options (ipv4_opt.c) --- */
/*
 * Checks the options of a received packet and does what they ask of us. 0; where the bad byte stands,
 * as parameter problem tells it; or -EACCES: a source route.
 */
int ip4_options_receive(struct net *net, struct packet *p, struct ipv4_header *h);
/* What a program gives to IP_OPTIONS, *n bytes of 40, padded in place to words. 0 or -EINVAL. */
int ip4_options_check(struct net *net, u8 *opt, u32 *n);
void ip4_options_stamp(struct net *net, u8 *opt, u32 n, be32 src); /* of a packet that we send */
/* The options of a reply to a packet that came with these (RFC 1122 3.2.2.6): how many bytes. */
u32 ip4_options_echo(const struct ipv4_header *h, u8 *out);
void ip4_options_fragment(u8 *opt, u32 n); /* what only the first fragment has goes */

/* --- ICMP (icmp.c) --- */
/* An error about p, whose header is at p->network; never about what RFC 1122 3.2.2 forbids. */
void icmp_send_error(struct net *net, struct packet *p, u8 type, u8 code, u32 info);

/* --- redirects (icmp_redirect.c) --- */
#define REDIRECT_HZ 250 /* ticks in a second, of redirect_load and redirect_silence */
/* p goes on along r by the device it came in by: its sender may be told of the shorter way. */
void icmp_redirect_sender(struct net *net, struct packet *p, const struct route *r);
/* A router says that another one is nearer to dst, about a packet of ours. ih is its message. */
struct icmp_header;
void icmp_redirected(struct net *net, struct netdev *d, be32 router, be32 src, be32 dst,
		     const struct icmp_header *ih);

/* --- groups (igmp.c) --- */
int igmp_dev_init(struct ip4_dev *i);
void igmp_dev_event(struct ip4_dev *i, bool up);
void igmp_dev_destroy(struct ip4_dev *i); /* leaves all; after a grace period: igmp_dev_free */
void igmp_dev_free(struct ip4_dev *i);
/* RCU: does d take packets of src to group? proto: IGMP itself comes to all. */
bool igmp_wanted(const struct ip4_dev *i, be32 group, be32 src, u8 proto);
struct mcast_filter;
/* How many sockets of d's want the group, with which sources: net->mutex held. 0 or -errno. */
int igmp_join(struct netdev *d, be32 group, const struct mcast_filter *f);
void igmp_leave(struct netdev *d, be32 group, const struct mcast_filter *f);
int igmp_change(struct netdev *d, be32 group, const struct mcast_filter *was,
		const struct mcast_filter *now);
/* For /proc/net/igmp and mcfilter. RCU. */
void igmp_for_each_source(const struct ip4_dev *i,
			  void (*fn)(be32 group, be32 source, unsigned include, unsigned exclude,
				     void *arg),
			  void *arg);
void igmp_for_each(const struct ip4_dev *i,
		   void (*fn)(be32 group, unsigned users, bool timer, void *arg), void *arg);
#endif
