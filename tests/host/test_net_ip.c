/*
 * IPv4 on the host: ARP under loss, fragments under everything a link can do, UDP, ICMP, forwarding,
 * memory that fails, and frames that are spoilt. Routes and addresses: test_net_route.c.
 */
#include "sim.h"

#include <uapi/epoll.h>
#include <uapi/errno.h>
#include <uapi/icmp.h>
#include <uapi/if.h>
#include <uapi/in.h>

#include "net/inet.h"
#include "net/ipv4.h"
#include "net/neigh.h"
#include "net/route.h"
#include "net/wire/eth.h"
#include "net/wire/icmp.h"
#include "net/wire/udp.h"
#include "t.h"

#define SECOND NSEC_PER_SEC

/* --- two machines --- */

static struct net *a, *b;
static struct netdev *da, *db;
static struct sim_link *wire;

static void two(u64 seed, const struct sim_link_config *c)
{
	sim_begin(seed);
	a = sim_net();
	b = sim_net();
	wire = sim_link(c);
	da = sim_attach(a, wire);
	db = sim_attach(b, wire);
	sim_address(da, "10.0.0.1", 24);
	sim_address(db, "10.0.0.2", 24);
}

static struct socket *udp(struct net *net, const char *ip, u16 port)
{
	struct socket *sk = sim_socket(net, AF_INET, SOCK_DGRAM, 0);

	if (ip)
		CHECK_EQ(sim_bind(sk, ip, port), 0);
	return sk;
}

static void datagrams_pass(void)
{
	struct socket *x, *y, *z;
	char buf[32];

	two(2, &(struct sim_link_config){ .delay = NSEC_PER_MSEC });
	x = udp(a, NULL, 0);
	y = udp(b, "0.0.0.0", 9);
	CHECK_EQ(sim_send(x, "hello", 5, 0, "10.0.0.2", 9), 5);
	sim_run(SECOND, NULL, NULL);
	CHECK_EQ(sim_receive(y, buf, sizeof(buf), 0), 5);
	CHECK_EQ(sim_receive(y, buf, sizeof(buf), 0), -EAGAIN);
	/* to oneself, by every address that is ours */
	z = udp(a, "0.0.0.0", 9);
	CHECK_EQ(sim_send(x, "me", 2, 0, "10.0.0.1", 9), 2);
	CHECK_EQ(sim_receive(z, buf, sizeof(buf), 0), 2);
	CHECK_EQ(sim_send(x, "me", 2, 0, "127.3.4.5", 9), 2);
	CHECK_EQ(sim_receive(z, buf, sizeof(buf), 0), 2);
	/* to all */
	CHECK_EQ(sim_send(x, "all", 3, 0, "10.0.0.255", 9), -EACCES);
	CHECK_EQ(sim_setsockopt(x, SOL_SOCKET, SO_BROADCAST, 1), 0);
	CHECK_EQ(sim_send(x, "all", 3, 0, "10.0.0.255", 9), 3);
	sim_run(SECOND, NULL, NULL);
	CHECK_EQ(sim_receive(y, buf, sizeof(buf), 0), 3);
	CHECK_EQ(sim_receive(z, buf, sizeof(buf), 0), 3);
	/* refused, and nobody there */
	CHECK_EQ(sim_connect(x, "10.0.0.2", 10, 0), 0);
	CHECK_EQ(sim_send(x, "x", 1, 0, NULL, 0), 1);
	sim_run(SECOND, NULL, NULL);
	CHECK_EQ(sim_receive(x, buf, sizeof(buf), 0), -ECONNREFUSED);
	CHECK_EQ(sim_connect(x, "10.0.0.77", 10, 0), 0);
	CHECK_EQ(sim_setsockopt(x, SOL_IP, IP_RECVERR, 1), 0);
	CHECK_EQ(sim_send(x, "x", 1, 0, NULL, 0), 1);
	sim_run(10 * SECOND, NULL, NULL);
	CHECK_EQ(sim_receive(x, buf, sizeof(buf), 0), -EHOSTUNREACH);
	CHECK_EQ(sim_send(x, "x", 1, 0, "10.1.0.1", 10), -ENETUNREACH);
	sim_close(x);
	sim_close(y);
	sim_close(z);
	CHECK_EQ(sim_end(), 0);
}

/* --- ARP --- */

static void arp_resolves_under_loss(void)
{
	for (u64 seed = 1; seed <= 50 && !t.failed; seed++) {
		struct socket *x, *y;
		char buf[8];
		int got = 0;

		two(seed, &(struct sim_link_config){ .delay = NSEC_PER_MSEC,
						     .loss = 300000,
						     .duplicate = 100000,
						     .reorder = 100000 });
		x = udp(a, NULL, 0);
		y = udp(b, "0.0.0.0", 9);
		for (int i = 0; i < 40; i++) {
			sim_send(x, "abc", 3, 0, "10.0.0.2", 9);
			sim_run(SECOND, NULL, NULL);
			while (sim_receive(y, buf, sizeof(buf), 0) == 3)
				got++;
		}
		if (got < 12)
			FAIL("seed %lu: %d of 40", seed, got);
		sim_close(x);
		sim_close(y);
		CHECK_EQ(sim_end(), 0);
	}
}

static int frames_of[2];

static bool count_frames(struct netdev *from __unused, const u8 *frame, size_t n __unused)
{
	frames_of[get_be16(frame + 12) == ETH_P_ARP]++;
	return true;
}

static void arp_states(void)
{
	struct socket *x, *y;
	struct in6_addr addr = sim_ip("10.0.0.2");
	struct neighbour *n;
	char buf[8];

	two(3, &(struct sim_link_config){ .delay = NSEC_PER_MSEC });
	x = udp(a, NULL, 0);
	y = udp(b, "0.0.0.0", 9);
	frames_of[0] = frames_of[1] = 0;
	sim_tap = count_frames;
	for (int i = 0; i < 5; i++)
		sim_send(x, "abc", 3, 0, "10.0.0.2", 9);
	n = neigh_find(a, da, &addr, false);
	CHECK(n != NULL);
	CHECK_EQ(n->state, NEIGH_INCOMPLETE);
	sim_run(SECOND, NULL, NULL);
	CHECK_EQ(n->state, NEIGH_REACHABLE);
	for (int i = 0; i < 5; i++)
		CHECK_EQ(sim_receive(y, buf, sizeof(buf), 0), 3);
	CHECK_EQ(frames_of[0], 5);
	CHECK_EQ(frames_of[1], 2); /* one question, one answer */
	/* unused, it grows stale; used again, it is asked for by unicast and confirmed */
	sim_run(100 * SECOND, NULL, NULL);
	CHECK_EQ(n->state, NEIGH_STALE);
	sim_send(x, "abc", 3, 0, "10.0.0.2", 9);
	CHECK_EQ(n->state, NEIGH_DELAY);
	sim_run(6 * SECOND, NULL, NULL);
	CHECK_EQ(n->state, NEIGH_REACHABLE);
	CHECK_EQ(frames_of[1], 4);
	/* it moves: a gratuitous announcement is believed */
	mutex_lock(&b->mutex);
	db->addr[5] = 0x99;
	mutex_unlock(&b->mutex);
	sim_run(2 * SECOND, NULL, NULL);
	arp_announce(db, addr_v4(&addr));
	sim_run(SECOND, NULL, NULL);
	CHECK_EQ(n->lladdr[5], 0x99);
	/* it dies */
	sim_link_of(wire)->loss = 1000000;
	sim_run(60 * SECOND, NULL, NULL);
	sim_send(x, "abc", 3, 0, "10.0.0.2", 9);
	sim_run(20 * SECOND, NULL, NULL);
	CHECK_EQ(n->state, NEIGH_FAILED);
	neigh_put(n);
	sim_close(x);
	sim_close(y);
	CHECK_EQ(sim_end(), 0);
}

/* A storm of questions: the table has a limit, and a neighbour in use stays. */
static void arp_storm(void)
{
	struct {
		struct eth_header eth;
		u8 arp[28];
	} __packed f = { .eth = { .dst = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff },
				  .src = { 2, 9, 9, 9, 9, 9 },
				  .type = (__force be16)0x0608 } };

	two(4, &(struct sim_link_config){ .delay = NSEC_PER_MSEC });
	memcpy(f.arp, "\0\1\x08\0\6\4\0\1", 8);
	memcpy(f.arp + 8, f.eth.src, 6);
	for (u32 i = 0; i < 20000; i++) {
		put_be32(f.arp + 14, 0x0a000003 + i % 65536);
		put_be32(f.arp + 24, 0x0a000001);
		sim_inject(da, &f, sizeof(f));
		if (i % 100 == 0)
			sim_run(NSEC_PER_MSEC, NULL, NULL);
	}
	CHECK(neigh_count(a, false) <= 1024);
	CHECK_EQ(sim_end(), 0);
}

/* --- fragments --- */

static u8 pattern(u32 seed, u32 i)
{
	return (u8)(seed * 31 + i * 7 + (i >> 8));
}

static void fragments_come_together(void)
{
	static u8 out[65000], in[65000];

	for (u32 seed = 1; seed <= 60 && !t.failed; seed++) {
		struct socket *x, *y;
		u32 n, got = 0;
		ssize_t r;

		two(seed, &(struct sim_link_config){ .delay = NSEC_PER_MSEC,
						     .jitter = NSEC_PER_MSEC,
						     .duplicate = 200000,
						     .reorder = 300000,
						     .mtu = seed % 3 ? 1500 : 576 });
		x = udp(a, NULL, 0);
		y = udp(b, "0.0.0.0", 9);
		sim_setsockopt(y, SOL_SOCKET, SO_RCVBUFFORCE, 8 << 20);
		sim_setsockopt(x, SOL_SOCKET, SO_SNDBUFFORCE, 8 << 20);
		CHECK_EQ(sim_setsockopt(x, SOL_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DONT), 0);
		for (int k = 0; k < 5; k++) {
			n = (u32)(sim_random() % 60000 + 1);
			for (u32 i = 0; i < n; i++)
				out[i] = pattern(seed, i);
			CHECK_EQ(sim_send(x, out, n, 0, "10.0.0.2", 9), n);
			sim_run(SECOND, NULL, NULL);
			while ((r = sim_receive(y, in, sizeof(in), 0)) > 0) {
				CHECK_EQ(r, n);
				for (ssize_t i = 0; i < r; i++)
					if (in[i] != pattern(seed, (u32)i)) {
						FAIL("seed %u byte %ld", seed, i);
						break;
					}
				got++;
			}
		}
		CHECK(got >= 5); /* a link that repeats all of one repeats it */
		sim_close(x);
		sim_close(y);
		CHECK_EQ(sim_end(), 0);
	}
}

/* A frame with a piece of a datagram for a. */
static void piece(u16 id, u32 start, u32 len, bool more, u8 fill)
{
	struct {
		struct eth_header eth;
		struct ipv4_header ip;
		u8 data[1480];
	} __packed __aligned(2) f = { 0 };

	memcpy(f.eth.dst, da->addr, 6);
	memcpy(f.eth.src, db->addr, 6);
	f.eth.type = cpu_to_be16(ETH_P_IP);
	f.ip.version_ihl = 0x45;
	f.ip.len = cpu_to_be16((u16)(20 + len));
	f.ip.id = cpu_to_be16(id);
	f.ip.frag = cpu_to_be16((u16)(start / 8 | (more ? IPV4_MF : 0)));
	f.ip.ttl = 64;
	f.ip.proto = IPPROTO_UDP;
	f.ip.src = addr_v4(&(struct in6_addr){ .s6_addr32 = { 0, 0, 0, 0x0200000a } });
	f.ip.dst = addr_v4(&(struct in6_addr){ .s6_addr32 = { 0, 0, 0, 0x0100000a } });
	f.ip.sum = (__force be16)ip4_header_sum(&f.ip, 20);
	memset(f.data, fill, len);
	if (!start) {
		put_be16(f.data, 7);
		put_be16(f.data + 2, 9);
		put_be16(f.data + 4, 2000); /* the datagram's length; no sum */
		put_be16(f.data + 6, 0);
	}
	sim_inject(da, &f, 34 + len);
}

static void overlaps_are_dropped(void)
{
	struct socket *y;
	u8 buf[3000];

	two(5, &(struct sim_link_config){ .delay = NSEC_PER_MSEC });
	y = udp(a, "0.0.0.0", 9);
	piece(1, 0, 1000, true, 1); /* whole, with a copy */
	piece(1, 0, 1000, true, 1);
	piece(1, 1000, 1000, false, 2);
	CHECK_EQ(sim_receive(y, buf, sizeof(buf), 0), 1992);
	CHECK_EQ(buf[991], 1);
	CHECK_EQ(buf[992], 2);
	piece(2, 0, 1008, true, 1); /* eight bytes twice, and different */
	piece(2, 1000, 1000, false, 2);
	piece(2, 1008, 992, false, 2);
	CHECK_EQ(sim_receive(y, buf, sizeof(buf), 0), -EAGAIN);
	piece(3, 1000, 1000, false, 2); /* two ends */
	piece(3, 1000, 1000, true, 2);
	piece(3, 2000, 800, false, 2);
	piece(3, 0, 1000, true, 1);
	CHECK_EQ(sim_receive(y, buf, sizeof(buf), 0), -EAGAIN);
	piece(4, 1000, 1000, false, 2); /* the other way round */
	piece(4, 0, 1000, true, 1);
	CHECK_EQ(sim_receive(y, buf, sizeof(buf), 0), 1992);
	piece(5, 65528, 800, false, 1); /* beyond what a length can say */
	piece(5, 65528, 8, true, 1);
	sim_run(40 * SECOND, NULL, NULL);
	sim_close(y);
	CHECK_EQ(sim_end(), 0);
}

static void bombs_are_bounded(void)
{
	extern long live;
	long before;

	two(6, &(struct sim_link_config){ .delay = NSEC_PER_MSEC });
	before = live;
	for (u32 i = 0; i < 60000; i++)
		piece((u16)i, 8 * (i % 1000) + 8, 1000, true, 1);
	/* 4 MiB of pieces with their headers */
	CHECK(live - before < 12000);
	sim_run(60 * SECOND, NULL, NULL);
	CHECK(live - before < 200); /* time ends them all */
	CHECK_EQ(sim_end(), 0);
}

/* --- paths, forwarding, errors --- */

static void paths_are_found(void)
{
	struct net *r;
	struct sim_link *second;
	struct netdev *r1, *r2, *dc;
	struct net *c;
	struct socket *x, *y, *p;
	static u8 big[1400];
	char buf[2000];

	/* a - r - c, where the second link is narrow */
	sim_begin(7);
	a = sim_net();
	r = sim_net();
	c = sim_net();
	wire = sim_link(&(struct sim_link_config){ .delay = NSEC_PER_MSEC });
	second = sim_link(&(struct sim_link_config){ .delay = NSEC_PER_MSEC, .mtu = 1000 });
	da = sim_attach(a, wire);
	r1 = sim_attach(r, wire);
	r2 = sim_attach(r, second);
	dc = sim_attach(c, second);
	sim_address(da, "10.0.0.1", 24);
	sim_address(r1, "10.0.0.254", 24);
	sim_address(r2, "10.0.1.254", 24);
	sim_address(dc, "10.0.1.1", 24);
	sim_gateway(a, "0.0.0.0", 0, "10.0.0.254");
	sim_gateway(c, "0.0.0.0", 0, "10.0.1.254");
	x = udp(a, NULL, 0);
	y = udp(c, "0.0.0.0", 9);
	CHECK_EQ(sim_send(x, "hello", 5, 0, "10.0.1.1", 9), 5);
	sim_run(SECOND, NULL, NULL);
	CHECK_EQ(sim_receive(y, buf, sizeof(buf), 0), -EAGAIN); /* it does not forward yet */
	ip4_dev(r1)->conf.forwarding = ip4_dev(r2)->conf.forwarding = 1;
	CHECK_EQ(sim_send(x, "hello", 5, 0, "10.0.1.1", 9), 5);
	sim_run(SECOND, NULL, NULL);
	CHECK_EQ(sim_receive(y, buf, sizeof(buf), 0), 5);
	/* too big for the second link: the router says so, the next one is cut by us */
	CHECK_EQ(sim_send(x, big, sizeof(big), 0, "10.0.1.1", 9), sizeof(big));
	sim_run(SECOND, NULL, NULL);
	CHECK_EQ(sim_receive(y, buf, sizeof(buf), 0), -EAGAIN);
	CHECK_EQ(sim_send(x, big, sizeof(big), 0, "10.0.1.1", 9), sizeof(big));
	sim_run(SECOND, NULL, NULL);
	CHECK_EQ(sim_receive(y, buf, sizeof(buf), 0), sizeof(big));
	CHECK_EQ(sim_setsockopt(x, SOL_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DO), 0);
	CHECK_EQ(sim_send(x, big, sizeof(big), 0, "10.0.1.1", 9), -EMSGSIZE);
	/* without DF the router cuts */
	CHECK_EQ(sim_setsockopt(x, SOL_IP, IP_MTU_DISCOVER, IP_PMTUDISC_PROBE), 0);
	CHECK_EQ(sim_setsockopt(x, SOL_IP, IP_MTU_DISCOVER, IP_PMTUDISC_INTERFACE), 0);
	CHECK_EQ(sim_send(x, big, sizeof(big), 0, "10.0.1.1", 9), sizeof(big));
	sim_run(SECOND, NULL, NULL);
	CHECK_EQ(sim_receive(y, buf, sizeof(buf), 0), sizeof(big));
	/* what is known is forgotten after ten minutes */
	sim_run(601 * SECOND, NULL, NULL);
	CHECK_EQ(route_path_mtu(
			 a, &(struct in6_addr){ .s6_addr32 = { 0, 0, 0xffff0000, 0x0101000a } }),
		 0);
	/* it does not go for ever */
	p = sim_socket(a, AF_INET, SOCK_RAW, IPPROTO_ICMP);
	CHECK_EQ(sim_setsockopt(x, SOL_IP, IP_TTL, 1), 0);
	CHECK_EQ(sim_setsockopt(x, SOL_IP, IP_RECVERR, 1), 0);
	CHECK_EQ(sim_send(x, "x", 1, 0, "10.0.1.1", 9), 1);
	sim_run(SECOND, NULL, NULL);
	CHECK_EQ(sim_receive(x, buf, sizeof(buf), 0), -EHOSTUNREACH);
	CHECK_EQ(sim_receive(p, buf, sizeof(buf), 0), 20 + 8 + 20 + 8 + 1);
	CHECK_EQ(buf[20], ICMP_TIME_EXCEEDED);
	sim_close(p);
	sim_close(x);
	sim_close(y);
	CHECK_EQ(sim_end(), 0);
}

static void pings_are_answered(void)
{
	struct icmp_header *h;
	struct socket *p, *raw;
	u8 ping[64] = { ICMP_ECHO, 0 }, buf[200];

	two(8, &(struct sim_link_config){ .delay = NSEC_PER_MSEC });
	a->ip4->ping_low = 0;
	p = sim_socket(a, AF_INET, SOCK_DGRAM, IPPROTO_ICMP);
	raw = sim_socket(b, AF_INET, SOCK_RAW, IPPROTO_ICMP);
	CHECK(p != NULL);
	ping[7] = 1;
	CHECK_EQ(sim_send(p, ping, sizeof(ping), 0, "10.0.0.2", 0), sizeof(ping));
	sim_run(SECOND, NULL, NULL);
	CHECK_EQ(sim_receive(p, buf, sizeof(buf), 0), sizeof(ping));
	h = (struct icmp_header *)buf;
	CHECK_EQ(h->type, ICMP_ECHOREPLY);
	CHECK_EQ(be16_to_cpu(h->echo.seq), 1);
	CHECK_EQ(sim_receive(raw, buf, sizeof(buf), 0), 20 + sizeof(ping));
	ping[0] = ICMP_ECHOREPLY;
	CHECK_EQ(sim_send(p, ping, sizeof(ping), 0, "10.0.0.2", 0), -EINVAL);
	sim_close(p);
	sim_close(raw);
	CHECK_EQ(sim_end(), 0);
}

/* --- groups --- */

static void groups_are_joined(void)
{
	struct ip_mreqn r = { .imr_ifindex = 0 };
	struct in6_addr group = sim_ip("239.1.2.3");
	struct socket *x, *y;
	char buf[8];

	two(9, &(struct sim_link_config){ .delay = NSEC_PER_MSEC });
	x = udp(a, NULL, 0);
	y = udp(b, "0.0.0.0", 9);
	r.imr_ifindex = da->ifindex;
	CHECK_EQ(socket_setsockopt(x, SOL_IP, IP_MULTICAST_IF, &r, sizeof(r)), 0);
	CHECK_EQ(sim_send(x, "abc", 3, 0, "239.1.2.3", 9), 3);
	sim_run(SECOND, NULL, NULL);
	CHECK_EQ(sim_receive(y, buf, sizeof(buf), 0), -EAGAIN);
	r.imr_ifindex = db->ifindex;
	r.imr_multiaddr.s_addr = (__force u32)addr_v4(&group);
	frames_of[0] = 0;
	sim_tap = count_frames;
	CHECK_EQ(socket_setsockopt(y, SOL_IP, IP_ADD_MEMBERSHIP, &r, sizeof(r)), 0);
	CHECK_EQ(socket_setsockopt(y, SOL_IP, IP_ADD_MEMBERSHIP, &r, sizeof(r)), -EADDRINUSE);
	sim_run(5 * SECOND, NULL, NULL);
	CHECK_EQ(frames_of[0], 2); /* told twice */
	CHECK_EQ(sim_send(x, "abc", 3, 0, "239.1.2.3", 9), 3);
	sim_run(SECOND, NULL, NULL);
	CHECK_EQ(sim_receive(y, buf, sizeof(buf), 0), 3);
	CHECK_EQ(socket_setsockopt(y, SOL_IP, IP_DROP_MEMBERSHIP, &r, sizeof(r)), 0);
	CHECK_EQ(socket_setsockopt(y, SOL_IP, IP_DROP_MEMBERSHIP, &r, sizeof(r)), -EADDRNOTAVAIL);
	CHECK_EQ(sim_send(x, "abc", 3, 0, "239.1.2.3", 9), 3);
	sim_run(SECOND, NULL, NULL);
	CHECK_EQ(sim_receive(y, buf, sizeof(buf), 0), -EAGAIN);
	sim_close(x);
	sim_close(y);
	CHECK_EQ(sim_end(), 0);
}

/* --- abuse --- */

/* Options with every length, wrong ones too: told of, and never walked for ever. */
static void malformed_options(void)
{
	struct {
		struct eth_header eth;
		struct ipv4_header ip;
		u8 opt[8], data[8];
	} __packed __aligned(2) f = { 0 };

	two(12, &(struct sim_link_config){ .delay = NSEC_PER_MSEC });
	memcpy(f.eth.dst, da->addr, 6);
	memcpy(f.eth.src, db->addr, 6);
	f.eth.type = cpu_to_be16(ETH_P_IP);
	f.ip.version_ihl = 0x47;
	f.ip.len = cpu_to_be16(36);
	f.ip.ttl = 64;
	f.ip.proto = 253;
	f.ip.src = cpu_to_be32(0x0a000002);
	f.ip.dst = cpu_to_be32(0x0a000001);
	for (u32 kind = 0; kind < 256; kind++)
		for (u32 len = 0; len < 16; len++) {
			f.opt[0] = (u8)kind;
			f.opt[1] = (u8)len;
			f.opt[2] = (u8)t_below(12);
			f.ip.sum = (__force be16)0;
			f.ip.sum = (__force be16)ip4_header_sum(&f.ip, 28);
			sim_inject(da, &f, sizeof(f));
		}
	sim_run(SECOND, NULL, NULL);
	CHECK_EQ(sim_end(), 0);
}

static void spoilt_frames(void)
{
	static u8 out[3000];
	char buf[4000];

	for (u64 seed = 1; seed <= 100 && !t.failed; seed++) {
		struct socket *x, *y;

		two(seed, &(struct sim_link_config){ .delay = NSEC_PER_MSEC,
						     .corrupt = 500000,
						     .duplicate = 100000,
						     .reorder = 100000 });
		x = udp(a, NULL, 0);
		y = udp(b, "0.0.0.0", 9);
		sim_setsockopt(x, SOL_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DONT);
		for (int i = 0; i < 30; i++) {
			size_t n = sim_random() % sizeof(out);

			memset(out, (int)n, n);
			sim_send(x, out, n, 0, "10.0.0.2", 9);
			sim_run(NSEC_PER_MSEC * 50, NULL, NULL);
			while (1) {
				ssize_t r = sim_receive(y, buf, sizeof(buf), 0);

				if (r < 0)
					break;
				for (ssize_t k = 0; k < r; k++)
					if ((u8)buf[k] != (u8)r) {
						FAIL("seed %lu: byte %ld of %ld", seed, k, r);
						break;
					}
			}
		}
		sim_close(x);
		sim_close(y);
		CHECK_EQ(sim_end(), 0);
	}
}

/* Each allocation in turn fails: nothing breaks, nothing is lost. */
static void memory_fails(void)
{
	static u8 out[3000];

	for (int n = 0; n < 120 && !t.failed; n++) {
		struct socket *x, *y;
		char buf[4000];

		two(11, &(struct sim_link_config){ .delay = NSEC_PER_MSEC });
		sim_fail_after = n;
		x = sim_socket(a, AF_INET, SOCK_DGRAM, 0);
		y = sim_socket(b, AF_INET, SOCK_DGRAM, 0);
		if (x && y) {
			sim_bind(y, "0.0.0.0", 9);
			sim_setsockopt(x, SOL_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DONT);
			sim_send(x, out, sizeof(out), 0, "10.0.0.2", 9);
			sim_send(x, "abc", 3, 0, "10.0.0.2", 10);
			sim_run(SECOND, NULL, NULL);
			sim_receive(y, buf, sizeof(buf), 0);
		}
		if (x)
			sim_close(x);
		if (y)
			sim_close(y);
		CHECK_EQ(sim_end(), 0);
	}
}

int main(void)
{
	RUN(datagrams_pass);
	RUN(arp_resolves_under_loss);
	RUN(arp_states);
	RUN(arp_storm);
	RUN(fragments_come_together);
	RUN(overlaps_are_dropped);
	RUN(bombs_are_bounded);
	RUN(paths_are_found);
	RUN(pings_are_answered);
	RUN(groups_are_joined);
	RUN(malformed_options);
	RUN(spoilt_frames);
	RUN(memory_fails);
	return t_done();
}
