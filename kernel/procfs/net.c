/*
 * /proc/net, which is /proc/self/net: proc_pid_net(5), of the network of who reads it.
 */
#include "procfs/net.h"

#include "net/unix.h"

/* /proc/net/unix's St column, as <linux/net.h> numbers the states. */
enum { SS_UNCONNECTED = 1, SS_CONNECTING = 2, SS_CONNECTED = 3, SS_DISCONNECTING = 4 };
#define ACCEPTS (1u << 16) /* the flag of a listening socket */

static void unix_row(const struct unix_sock *u, void *arg)
{
	const struct file *f = READ_ONCE(u->sk.file);
	const struct unix_addr *a = READ_ONCE(u->addr);
	bool connected = u->state == UNIX_CONNECTED;
	unsigned state = f ? (connected ? SS_CONNECTED : SS_UNCONNECTED) :
			     (connected ? SS_CONNECTING : SS_DISCONNECTING);

	/* The address of a structure is nobody's business: zero, as for who has no
   * CAP_SYSLOG. */
	text_printf(arg, "%016lx: %08X %08X %08X %04X %02X %5lu", 0UL,
		    (unsigned)atomic_read(&u->sk.refs) + 1, 0U,
		    u->state == UNIX_LISTENING ? ACCEPTS : 0U, (unsigned)u->sk.type, state,
		    f ? f->inode->ino : 0UL);
	if (a) {
		size_t len = (size_t)a->len - offsetof(struct sockaddr_un, sun_path);
		bool path = a->sun.sun_path[0];

		text_puts(arg, " ");
		for (size_t i = 0; i < len - path; i++)
			text_printf(arg, "%c", a->sun.sun_path[i] ? a->sun.sun_path[i] : '@');
	}
	text_puts(arg, "\n");
}

static int unix_show(struct text *out, const struct subject *s)
{
	text_puts(out, "Num       RefCount Protocol Flags    Type St Inode Path\n");
	unix_for_each(net_of(s), unix_row, out);
	return 0;
}

#define NODE_NET_KIND(nm, fn, six, kinds)                                          \
	{                                                                          \
		.name = (nm), .mode = S_IFREG | 0444, .show = (fn), .data = (six), \
		.flags = (kinds)                                                   \
	}
#define NODE_NET(nm, fn, six)	  NODE_NET_KIND(nm, fn, six, 0)
#define NODE_NET_ONE(nm, fn, six) NODE_NET_KIND(nm, fn, six, NODE_ONE_TEXT)
/* A file of each version of IP. */
#define NODE_NET_IP(nm, fn)	    NODE_NET(nm, fn, NULL), NODE_NET(nm "6", fn, "6")
#define NODE_NET_PLAIN(nm, fn, six) NODE_NET_KIND(nm, fn, six, NODE_MACHINE)

static const struct node stat_table[] = {
	NODE_NET("arp_cache", net_neigh_stat_show, NULL),
	NODE_NET("ndisc_cache", net_neigh_stat_show, "6"),
	{ .name = NULL },
};

const struct node net_table[] = {
	NODE_NET("anycast6", net_none_show, NULL),
	NODE_NET("arp", net_arp_show, NULL),
	NODE_NET("dev", net_dev_show, NULL),
	NODE_NET("dev_mcast", net_dev_mcast_show, NULL),
	{ .name = "dev_snmp6",
	  .mode = S_IFDIR | 0555,
	  .lookup = net_dev_snmp6_lookup,
	  .next = net_dev_snmp6_next },
	NODE_NET("fib_trie", net_fib_trie_show, NULL),
	NODE_NET_ONE("fib_triestat", net_fib_trie_show, "sums"),
	NODE_NET_IP("icmp", net_icmp_show),
	NODE_NET("if_inet6", net_if_inet6_show, NULL),
	NODE_NET("igmp", net_igmp_show, NULL),
	NODE_NET("igmp6", net_igmp6_show, NULL),
	/* Nobody routes multicast: MRT_INIT is refused. */
	NODE_NET(
		"ip6_mr_cache", net_none_show,
		"Group                            Origin                           Iif      Pkts  Bytes     Wrong  Oifs\n"),
	NODE_NET("ip6_mr_vif", net_none_show,
		 "Interface      BytesIn  PktsIn  BytesOut PktsOut Flags\n"),
	NODE_NET("ip_mr_cache", net_none_show,
		 "Group    Origin   Iif     Pkts    Bytes    Wrong Oifs\n"),
	NODE_NET("ip_mr_vif", net_none_show,
		 "Interface      BytesIn  PktsIn  BytesOut PktsOut Flags Local    Remote\n"),
	NODE_NET("ip6_flowlabel", net_none_show,
		 "Label S Owner  Users  Linger Expires  Dst                              Opt\n"),
	NODE_NET("ipv6_route", net_ipv6_route_show, NULL),
	NODE_NET("mcfilter", net_mcfilter_show, NULL),
	NODE_NET("mcfilter6", net_mcfilter6_show, NULL),
	NODE_NET("netlink", net_netlink_show, NULL),
	NODE_NET_ONE("netstat", net_netstat_show, NULL),
	NODE_NET("packet", net_packet_show, NULL),
	NODE_NET_PLAIN("pnp", net_pnp_show, NULL),
	NODE_NET("protocols", net_protocols_show, NULL),
	NODE_NET_PLAIN("psched", net_psched_show, NULL),
	NODE_NET("ptype", net_ptype_show, NULL),
	NODE_NET_IP("raw", net_raw_show),
	NODE_NET("route", net_route_show, NULL),
	NODE_NET_ONE("rt6_stats", net_rt6_stats_show, NULL),
	NODE_NET_PLAIN("rt_cache", net_rt_cache_show, NULL),
	NODE_NET_ONE("snmp6", net_snmp6_show, NULL),
	NODE_NET_ONE("snmp", net_snmp_show, NULL),
	NODE_NET_ONE("sockstat", net_sockstat_show, NULL),
	NODE_NET_ONE("sockstat6", net_sockstat_show, "6"),
	NODE_NET_PLAIN("softnet_stat", net_softnet_show, NULL),
	NODE_DIR("stat", stat_table),
	NODE_NET_IP("tcp", net_tcp_show),
	NODE_NET_IP("udp", net_udp_show),
	NODE_NET_IP("udplite", net_udp_show),
	NODE_NET("unix", unix_show, NULL),
	{ .name = NULL },
};
