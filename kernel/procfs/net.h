/* What the files of /proc/net are made by: net.c has the table, net_*.c
 * the rest. */
#ifndef PROCFS_NET_H
#define PROCFS_NET_H

#include "lib/printf.h"
#include "net/net.h"
#include "procfs/procfs.h"

/* The network that a file of the folder is about. */
static inline struct net *net_of(const struct subject *s)
{
	return net_of_ns(s->net);
}

void text_addr6(struct text *out, const struct in6_addr *a); /* 32 hexadecimal digits */

int net_dev_show(struct text *out, const struct subject *s);
int net_dev_mcast_show(struct text *out, const struct subject *s);
int net_if_inet6_show(struct text *out, const struct subject *s);
int net_route_show(struct text *out, const struct subject *s);
bool net_has_routes4(struct net *net);
int net_rt_cache_show(struct text *out, const struct subject *s);
int net_ipv6_route_show(struct text *out, const struct subject *s);
int net_arp_show(struct text *out, const struct subject *s);
int net_igmp_show(struct text *out, const struct subject *s);
int net_igmp6_show(struct text *out, const struct subject *s);
int net_snmp6_show(struct text *out, const struct subject *s);
int net_dev_snmp6_lookup(const struct subject *s, const char *name, struct place *to);
bool net_dev_snmp6_next(const struct subject *s, u64 *key, char *name, struct place *to);
int net_rt6_stats_show(struct text *out, const struct subject *s);
int net_neigh_stat_show(struct text *out, const struct subject *s); /* data: not NULL: IPv6's */
int net_tcp_show(struct text *out, const struct subject *s);
int net_snmp_show(struct text *out, const struct subject *s);
int net_netstat_show(struct text *out, const struct subject *s);
int net_pnp_show(struct text *out, const struct subject *s);
int net_netlink_show(struct text *out, const struct subject *s);

int net_protocols_show(struct text *out, const struct subject *s);
int net_packet_show(struct text *out, const struct subject *s);
int net_ptype_show(struct text *out, const struct subject *s);
int net_softnet_show(struct text *out, const struct subject *s);
int net_psched_show(struct text *out, const struct subject *s);
int net_mcfilter_show(struct text *out, const struct subject *s);
int net_mcfilter6_show(struct text *out, const struct subject *s);
int net_fib_trie_show(struct text *out, const struct subject *s); /* data: in numbers */
int net_none_show(struct text *out, const struct subject *s); /* data: the line of names */

/* Of AF_INET and, where the row's data is not NULL, AF_INET6. */
int net_udp_show(struct text *out, const struct subject *s);
int net_raw_show(struct text *out, const struct subject *s);
int net_icmp_show(struct text *out, const struct subject *s);
int net_sockstat_show(struct text *out, const struct subject *s);
#endif
