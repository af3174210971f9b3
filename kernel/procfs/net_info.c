/*
 * /proc/net: the files that tell how the network is made: protocols, packet, ptype, softnet_stat, the
 * sources of groups, and fib_trie, which shows the tables of IPv4's routes as the tries they are. Layouts
 * are Linux's.
 */
#include "procfs/net.h"

#include <byteorder.h>
#include <uapi/errno.h>

#include "alloc/slab.h"
#include "arch/riscv/cpu.h"
#include "net/inet.h"
#include "net/ipv4.h"
#include "net/ipv6_dev.h"
#include "net/netlink.h"
#include "net/packet.h"
#include "net/raw.h"
#include "net/route.h"
#include "net/tcp.h"
#include "net/udp.h"
#include "net/unix.h"

/* --- sockets by protocol --- */

enum {
	PACKET,
	PING6,
	RAW6,
	UDP6,
	TCP6,
	UNIX_STREAM,
	UNIX,
	PING,
	RAW,
	UDP,
	TCP,
	NETLINK,
	PROTOCOLS
};

static void count_packet(struct packet_sock *ps __unused, void *n)
{
	((unsigned *)n)[PACKET]++;
}

static void count_ping(struct raw_sock *r, void *n)
{
	((unsigned *)n)[r->d.is.sk.family == AF_INET6 ? PING6 : PING]++;
}

static void count_raw(struct raw_sock *r, void *n)
{
	((unsigned *)n)[r->d.is.sk.family == AF_INET6 ? RAW6 : RAW]++;
}

static void count_udp(struct udp_sock *u, void *n)
{
	((unsigned *)n)[u->d.is.sk.family == AF_INET6 ? UDP6 : UDP]++;
}

static bool count_tcp(const struct tcp_row *r, void *n)
{
	((unsigned *)n)[r->family == AF_INET6 ? TCP6 : TCP] += r->sk != NULL;
	return true;
}

static void count_unix(const struct unix_sock *u, void *n)
{
	((unsigned *)n)[u->sk.type == SOCK_STREAM ? UNIX_STREAM : UNIX]++;
}

static void count_netlink(const struct netlink_row *r, void *n)
{
	((unsigned *)n)[NETLINK] += r->sk != NULL;
}

static void count_sockets(struct net *net, unsigned n[PROTOCOLS])
{
	memset(n, 0, PROTOCOLS * sizeof(*n));
	packet_for_each(net, count_packet, n);
	raw_for_each(net, true, count_ping, n);
	raw_for_each(net, false, count_raw, n);
	udp_for_each(net, count_udp, n);
	tcp_for_each(net, count_tcp, n);
	unix_for_each(net, count_unix, n);
	netlink_for_each(net, count_netlink, n);
}

/* can: which of proto_ops' calls a protocol has, in the order of the heading. */
int net_protocols_show(struct text *out, const struct subject *s)
{
	static const struct {
		const char *name;
		u32 size;
		bool press;
		u16 header;
		const char *can;
	} rows[PROTOCOLS] = {
		[PACKET] = { "PACKET", sizeof(struct packet_sock), false, 0, "nnnnnnnnnnnnnnnnnn" },
		[PING6] = { "PINGv6", sizeof(struct raw_sock), false, 0, "yyynnynnyyyyyyyyyn" },
		[RAW6] = { "RAWv6", sizeof(struct raw_sock), false, 0, "yyynyyynyyyyyyyynn" },
		[UDP6] = { "UDPv6", sizeof(struct udp_sock), false, 0, "yyynyyynyyyynnyyyn" },
		[TCP6] = { "TCPv6", 0, true, 320, "yyyyyyyyyyyynyyyyy" },
		[UNIX_STREAM] = { "UNIX-STREAM", sizeof(struct unix_sock), false, 0,
				  "ynnnnnnnnnnnnnnynn" },
		[UNIX] = { "UNIX", sizeof(struct unix_sock), false, 0, "ynnnnnnnnnnnnnnnnn" },
		[PING] = { "PING", sizeof(struct raw_sock), false, 0, "yyynnynnyyyyyyyyyn" },
		[RAW] = { "RAW", sizeof(struct raw_sock), false, 0, "yyynyyynyyyyyyyynn" },
		[UDP] = { "UDP", sizeof(struct udp_sock), false, 0, "yyynyyynyyyynnyyyn" },
		[TCP] = { "TCP", 0, true, 320, "yyyyyyyyyyyynyyyyy" },
		[NETLINK] = { "NETLINK", sizeof(struct socket), false, 0, "nnnnnnnnnnnnnnnnnn" },
	};
	unsigned n[PROTOCOLS];
	struct tcp_counts tcp;

	count_sockets(net_of(s), n);
	tcp_count(net_of(s), &tcp);
	text_puts(out,
		  "protocol  size sockets  memory press maxhdr  slab module     cl co di ac io in "
		  "de sh ss gs se re bi br ha uh gp em\n");
	for (unsigned i = 0; i < PROTOCOLS; i++) {
		text_printf(out, "%-9s %4u %6u  %6ld   %-3s %6u   %-3s  %-10s", rows[i].name,
			    rows[i].size ? rows[i].size : tcp_sock_size(), n[i],
			    rows[i].press	  ? (long)tcp.mem :
			    i == UDP || i == UDP6 ? 0 :
						    -1L,
			    rows[i].press ? "no" : "NI", (unsigned)rows[i].header, "yes", "kernel");
		for (const char *c = rows[i].can; *c; c++)
			text_printf(out, " %2c", *c);
		text_puts(out, "\n");
	}
	return 0;
}

static void put_packet(struct packet_sock *ps, void *out)
{
	const struct file *f = READ_ONCE(ps->sk.file);

	text_printf(out, "%016lx %-6d %-4d %04x   %-5d %1d %-6u %-6u %-6lu\n", 0UL,
		    atomic_read(&ps->sk.refs) + 1, (int)ps->sk.type,
		    (unsigned)READ_ONCE(ps->protocol), READ_ONCE(ps->ifindex), 1,
		    READ_ONCE(ps->queued), f ? f->inode->uid : 0, f ? f->inode->ino : 0UL);
}

int net_packet_show(struct text *out, const struct subject *s)
{
	text_printf(out, "%-17sRefCnt Type Proto  Iface R Rmem   User   Inode\n", "sk");
	packet_for_each(net_of(s), put_packet, out);
	return 0;
}

static void put_tap(struct packet_sock *ps, void *out)
{
	u16 protocol = READ_ONCE(ps->protocol);
	int ifindex = READ_ONCE(ps->ifindex);
	const struct netdev *d = ifindex > 0 ? netdev_by_index(ps->sk.net, ifindex) : NULL;

	if (protocol == 3) /* ETH_P_ALL */
		text_puts(out, "ALL ");
	else
		text_printf(out, "%04x", protocol);
	text_printf(out, " %-8s %s\n", d ? d->name : "", "packet_rcv");
}

int net_ptype_show(struct text *out, const struct subject *s)
{
	text_puts(out, "Type Device      Function\n");
	packet_for_each(net_of(s), put_tap, out);
	text_puts(out, "0800          ip_rcv\n0806          arp_rcv\n86dd          ipv6_rcv\n");
	return 0;
}

/* Of each hart: frames that came, dropped, times it had to stop; its number is the 13th. */
int net_softnet_show(struct text *out, const struct subject *s __unused)
{
	for (unsigned h = 0; h < nr_harts; h++) {
		const struct netdev *d;
		u64 n = 0, dropped = 0;

		list_for_each_entry_rcu(d, &current_net()->devices, link) {
			n += READ_ONCE(d->stats[h].rx_packets);
			dropped += READ_ONCE(d->stats[h].rx_dropped);
		}
		text_printf(out, "%08x %08x", (u32)n, (u32)dropped);
		for (unsigned i = 2; i < 15; i++)
			text_printf(out, " %08x", i == 12 ? h : 0u);
		text_puts(out, "\n");
	}
	return 0;
}

int net_psched_show(struct text *out, const struct subject *s __unused)
{
	text_printf(out, "%08x %08x %08x %08x\n", 1000u, 64u, 1000000u, 1000000000u);
	return 0;
}

/* Nobody can have one: what is left is the line of names. */
int net_none_show(struct text *out, const struct subject *s)
{
	text_puts(out, s->node->data ? s->node->data : "");
	return 0;
}

/* --- sources of groups --- */

struct sources {
	struct text *out;
	const struct netdev *dev;
};

static void source_row(be32 group, be32 source, unsigned include, unsigned exclude, void *arg)
{
	const struct sources *k = arg;

	text_printf(k->out, "%3d %6.6s 0x%08x 0x%08x %6u %6u\n", k->dev->ifindex, k->dev->name,
		    be32_to_cpu(group), be32_to_cpu(source), include, exclude);
}

int net_mcfilter_show(struct text *out, const struct subject *s)
{
	struct sources k = { .out = out };

	text_puts(out, "Idx Device        MCA        SRC    INC    EXC\n");
	list_for_each_entry_rcu(k.dev, &net_of(s)->devices, link)
		if (ip4_dev(k.dev))
			igmp_for_each_source(ip4_dev(k.dev), source_row, &k);
	return 0;
}

static void source6_row(const struct in6_addr *group, const struct in6_addr *source,
			unsigned include, unsigned exclude, void *arg)
{
	const struct sources *k = arg;

	text_printf(k->out, "%3d %6.6s ", k->dev->ifindex, k->dev->name);
	text_addr6(k->out, group);
	text_puts(k->out, " ");
	text_addr6(k->out, source);
	text_printf(k->out, " %6u %6u\n", include, exclude);
}

int net_mcfilter6_show(struct text *out, const struct subject *s)
{
	struct sources k = { .out = out };

	text_puts(out,
		  "Idx Device                Multicast Address                   Source Address "
		  "   INC    EXC\n");
	list_for_each_entry_rcu(k.dev, &net_of(s)->devices, link)
		if (ip6_dev(k.dev))
			mld_for_each_source(ip6_dev(k.dev), source6_row, &k);
	return 0;
}

/* --- the tries of IPv4's routes --- */

/* The entries of one table, in order of address; more than `most` are left out. */
struct leaves {
	u8 table;
	u32 n, most;
	struct leaf {
		u32 key;
		u8 len, scope, type, tos;
	} * leaf;
};
struct trie_sum {
	u32 leaves, inner, depth, deepest;
};

static int take_leaf(const struct route_entry *e, void *arg)
{
	struct leaves *l = arg;

	if (e->c.table != l->table)
		return 0;
	if (l->leaf && l->n < l->most)
		l->leaf[l->n] = (struct leaf){ be32_to_cpu(addr_v4(&e->c.dst)), e->c.prefix_len,
					       e->c.scope, e->c.type, e->c.tos };
	l->n++;
	return 0;
}

/* 0; or -ENOMEM. leaf is to be freed. */
static int take_leaves(struct net *net, struct leaves *l, u8 table)
{
	*l = (struct leaves){ .table = table };
	route_for_each(net, false, take_leaf, l);
	l->most = l->n;
	l->leaf = kmalloc((l->n + 1) * sizeof(*l->leaf), 0);
	if (!l->leaf)
		return -ENOMEM;
	l->n = 0;
	route_for_each(net, false, take_leaf, l);
	l->n = min(l->n, l->most);
	/* A prefix comes before what is in it; of one key the longest is first. */
	for (u32 i = 1; i < l->n; i++)
		for (u32 j = i; j && (l->leaf[j].key < l->leaf[j - 1].key ||
				      (l->leaf[j].key == l->leaf[j - 1].key &&
				       l->leaf[j].len > l->leaf[j - 1].len));
		     j--) {
			struct leaf swap = l->leaf[j];

			l->leaf[j] = l->leaf[j - 1];
			l->leaf[j - 1] = swap;
		}
	return 0;
}

static void put_v4(struct text *out, const char *before, u32 a)
{
	text_printf(out, "%s%u.%u.%u.%u", before, a >> 24, a >> 16 & 255, a >> 8 & 255, a & 255);
}

static void put_leaf(struct text *out, const struct leaf *l, u32 n, unsigned indent)
{
	static const char *const types[] = { "UNSPEC",	  "UNICAST",	 "LOCAL",
					     "BROADCAST", "ANYCAST",	 "MULTICAST",
					     "BLACKHOLE", "UNREACHABLE", "PROHIBIT" };

	text_printf(out, "%*s", (int)indent, "");
	put_v4(out, "|-- ", l->key);
	text_puts(out, "\n");
	for (u32 i = 0; i < n; i++) {
		text_printf(out, "%*s/%u %s %s", (int)indent + 3, "", l[i].len,
			    l[i].scope == SCOPE_HOST ? "host" :
			    l[i].scope == SCOPE_LINK ? "link" :
						       "universe",
			    l[i].type < ARRAY_SIZE(types) ? types[l[i].type] : "?");
		if (l[i].tos)
			text_printf(out, " tos=%u", l[i].tos);
		text_puts(out, "\n");
	}
}

/* The part of the trie over n leaves: to out, unless that is NULL, and into sum. */
static void walk_trie(struct text *out, const struct leaf *l, u32 n, unsigned depth,
		      struct trie_sum *sum)
{
	u32 differ = l[0].key ^ l[n - 1].key, split = 0;
	unsigned bits, indent = 2 + 3 * depth;

	if (!differ) {
		if (out)
			put_leaf(out, l, n, indent);
		sum->leaves++;
		sum->depth += depth;
		sum->deepest = max(sum->deepest, depth);
		return;
	}
	bits = clz64(differ) - 32;
	while (l[split].key >> (31 - bits) == l[0].key >> (31 - bits))
		split++;
	sum->inner++;
	if (out) {
		text_printf(out, "%*s", (int)indent, "");
		put_v4(out, "+-- ", bits ? l[0].key & ~0u << (32 - bits) : 0);
		text_printf(out, "/%u 1 0 0\n", bits);
	}
	walk_trie(out, l, split, depth + 1, sum);
	walk_trie(out, l + split, n - split, depth + 1, sum);
}

static int put_table(struct text *out, struct net *net, const char *name, u8 table, bool sums)
{
	struct trie_sum sum = { 0 };
	struct leaves l;
	u32 average;

	if (take_leaves(net, &l, table))
		return -ENOMEM;
	text_printf(out, "%s:\n", name);
	if (l.n)
		walk_trie(sums ? NULL : out, l.leaf, l.n, 0, &sum);
	kfree(l.leaf);
	if (!sums)
		return 0;
	average = sum.leaves ? sum.depth * 100 / sum.leaves : 0;
	text_printf(out,
		    "\tAver depth:     %u.%02u\n\tMax depth:      %u\n\tLeaves:         %u\n"
		    "\tPrefixes:       %u\n\tInternal nodes: %u\n",
		    average / 100, average % 100, sum.deepest, sum.leaves, l.n, sum.inner);
	if (sum.inner)
		text_printf(out, "\t  1: %u\n", sum.inner);
	text_printf(out, "\tPointers: %u\nNull ptrs: 0\nTotal size: %lu  kB\n\n", 2 * sum.inner,
		    DIV_ROUND_UP(sum.inner * 80UL + l.n * sizeof(struct route_entry), 1024UL));
	return 0;
}

int net_fib_trie_show(struct text *out, const struct subject *s)
{
	struct net *net = net_of(s);
	bool sums = s->node->data != NULL;

	if (sums)
		text_printf(out, "Basic info: size of leaf: %zu bytes, size of tnode: %u bytes.\n",
			    sizeof(struct route_entry), 80u);
	if (!net_has_routes4(net))
		return 0;
	if (put_table(out, net, "Main", ROUTE_TABLE_MAIN, sums))
		return -ENOMEM;
	return put_table(out, net, "Local", ROUTE_TABLE_LOCAL, sums);
}
