/*
 * IPv6 on the host: addresses that make themselves, tests for duplicates, neighbours under loss,
 * routers that are heard, fragments, paths with small MTUs, frames that are spoilt, memory that
 * fails.
 */
#include "sim.h"

#include <err.h>
#include <uapi/errno.h>
#include <uapi/if.h>
#include <uapi/in.h>
#include <uapi/in6.h>
#include <uapi/rtnetlink.h>

#include "mm/iter.h"
#include "net/inet.h"
#include "net/ipv6_dev.h"
#include "net/neigh.h"
#include "net/route.h"
#include "net/wire/eth.h"
#include "net/wire/ipv6.h"
#include "t.h"

#define SECOND NSEC_PER_SEC

static struct net *a, *b;
static struct netdev *da, *db;
static struct sim_link *wire;

static void two(u64 seed, const struct sim_link_config *c)
{
	sim_begin(seed);
	sim_ipv6 = true;
	a = sim_net();
	b = sim_net();
	wire = sim_link(c);
	da = sim_attach(a, wire);
	db = sim_attach(b, wire);
}

static struct ip6_addr *nth(struct netdev *d, unsigned n)
{
	struct ip6_addr *x;

	list_for_each_entry(x, &ip6_dev(d)->addrs, link)
		if (!n--)
			return x;
	return NULL;
}

static bool usable(const struct ip6_addr *x)
{
	return x && !(x->flags & (IFA_F_TENTATIVE | IFA_F_DADFAILED));
}

static struct in6_addr ip(u16 a0, u16 a1, u16 a2, u16 last)
{
	struct in6_addr x = { 0 };

	put_be16(&x.s6_addr[0], a0);
	put_be16(&x.s6_addr[2], a1);
	put_be16(&x.s6_addr[4], a2);
	put_be16(&x.s6_addr[14], last);
	return x;
}

static int add(struct netdev *d, struct in6_addr x, u8 bits)
{
	struct ip6_addr_config c = { .addr = x, .prefix_len = bits, .valid = ~0u, .preferred = ~0u };
	int err;

	mutex_lock(&d->net->mutex);
	err = ip6_addr_add(d, &c);
	mutex_unlock(&d->net->mutex);
	return err;
}

/* --- sockets --- */

static struct sockaddr_storage sock6(const struct in6_addr *x, u16 port, int scope)
{
	struct sockaddr_storage ss = { 0 };
	struct sockaddr_in6 *s = (struct sockaddr_in6 *)&ss;

	s->sin6_family = AF_INET6;
	s->sin6_port = (__force u16)cpu_to_be16(port);
	s->sin6_addr = *x;
	s->sin6_scope_id = (u32)scope;
	return ss;
}

static struct socket *udp(struct net *net, u16 port)
{
	struct socket *sk = sim_socket(net, AF_INET6, SOCK_DGRAM, 0);
	struct sockaddr_storage ss = sock6(&in6addr_any, port, 0);

	if (sk && port)
		sk->ops->bind(sk, &ss, sizeof(struct sockaddr_in6));
	return sk;
}

static ssize_t send6(struct socket *sk, const void *buf, size_t n, struct in6_addr to, u16 port,
		     int scope)
{
	struct sockaddr_storage ss = sock6(&to, port, scope);
	struct iter it;
	struct message m = { .data = &it, .name = &ss, .name_len = sizeof(struct sockaddr_in6) };
	ssize_t r;

	iter_kernel(&it, buf, n);
	r = sk->ops->sendmsg(sk, &m);
	net_run();
	return r;
}

/* --- tests --- */

static unsigned solicitations, from_none;

static bool count_nd(struct netdev *from __unused, const u8 *f, size_t n)
{
	if (n > 54 && get_be16(f + 12) == ETH_P_IPV6 && f[20] == 58 &&
	    f[54] == ND_NEIGHBOR_SOLICIT) {
		solicitations++;
		from_none += !memcmp(f + 22, &in6addr_any, 16);
	}
	return true;
}

static void addresses_make_themselves(void)
{
	struct socket *x, *y;
	struct in6_addr to;
	char buf[16];

	two(1, &(struct sim_link_config){ .delay = NSEC_PER_MSEC });
	solicitations = from_none = 0;
	sim_tap = count_nd;
	CHECK(nth(da, 0) && !nth(da, 1));
	CHECK_EQ(nth(da, 0)->flags & IFA_F_TENTATIVE, IFA_F_TENTATIVE);
	sim_run(5 * SECOND, NULL, NULL);
	CHECK(usable(nth(da, 0)));
	CHECK(usable(nth(db, 0)));
	CHECK_EQ(solicitations, 2);
	CHECK_EQ(from_none, 2);
	/* the identifier is the link address's: RFC 4291 A */
	CHECK_EQ(nth(da, 0)->addr.s6_addr[8], da->addr[0] ^ 2);
	CHECK_EQ(nth(da, 0)->addr.s6_addr[11], 0xff);
	to = nth(db, 0)->addr;
	x = udp(a, 0);
	y = udp(b, 9);
	CHECK_EQ(send6(x, "hello", 5, to, 9, 0), -EINVAL); /* which link? */
	CHECK_EQ(send6(x, "hello", 5, to, 9, da->ifindex), 5);
	sim_run(SECOND, NULL, NULL);
	CHECK_EQ(sim_receive(y, buf, sizeof(buf), 0), 5);
	CHECK_EQ(send6(x, "me", 2, in6addr_loopback, 9, 0), 2);
	sim_close(x);
	sim_close(y);
	CHECK_EQ(sim_end(), 0);
}

static void neighbours_under_loss(void)
{
	for (u64 seed = 1; seed <= 40 && !t.failed; seed++) {
		struct socket *x, *y;
		struct in6_addr to;
		char buf[8];
		int got = 0;

		two(seed, &(struct sim_link_config){ .delay = NSEC_PER_MSEC, .duplicate = 100000 });
		sim_run(5 * SECOND, NULL, NULL);
		sim_link_of(wire)->loss = 300000;
		sim_link_of(wire)->reorder = 100000;
		to = nth(db, 0)->addr;
		x = udp(a, 0);
		y = udp(b, 9);
		for (int i = 0; i < 40; i++) {
			send6(x, "abc", 3, to, 9, da->ifindex);
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

/* RFC 4862 5.4: whoever is first has it; at one time, nobody or one. */
static void duplicates_are_found(void)
{
	for (u64 seed = 1; seed <= 20 && !t.failed; seed++) {
		struct in6_addr x = ip(0x2001, 0xdb8, 0, 1);

		two(seed, &(struct sim_link_config){ .delay = NSEC_PER_MSEC });
		sim_run(3 * SECOND, NULL, NULL);
		CHECK_EQ(add(da, x, 64), 0);
		if (seed & 1)
			sim_run(5 * SECOND, NULL, NULL);
		CHECK_EQ(add(db, x, 64), 0);
		CHECK_EQ(add(db, x, 64), -EEXIST);
		sim_run(5 * SECOND, NULL, NULL);
		if (seed & 1) {
			CHECK(usable(ip6_addr_find(a, &x, 0)));
			CHECK(!usable(ip6_addr_find(b, &x, 0)));
		} else {
			CHECK(!usable(ip6_addr_find(a, &x, 0)) || !usable(ip6_addr_find(b, &x, 0)));
		}
		CHECK_EQ(sim_end(), 0);
	}
}

/* An advertisement of a router that is no machine of ours. */
struct advert {
	struct eth_header eth;
	struct ipv6_header ip;
	struct nd_router_advert ra;
	u8 mac[8];
	struct nd_opt_prefix prefix;
	u8 mtu[8];
} __packed __aligned(2);

static void advertise(struct netdev *to, u16 lifetime, u32 valid, u32 preferred, u8 hops, u16 from)
{
	struct advert f = {
		.eth = { .dst = { 0x33, 0x33, 0, 0, 0, 1 },
			 .src = { 2, 0, 0, 0, 0, 0xee },
			 .type = cpu_to_be16(ETH_P_IPV6) },
		.ip = { .flow = cpu_to_be32(6u << 28), .next = IPPROTO_ICMPV6, .hops = hops },
		.ra = { .type = ND_ROUTER_ADVERT,
			.hop_limit = 33,
			.lifetime = cpu_to_be16(lifetime) },
		.mac = { ND_OPT_SOURCE_MAC, 1, 2, 0, 0, 0, 0, 0xee },
		.prefix = { .type = ND_OPT_PREFIX,
			    .len = 4,
			    .prefix_len = 64,
			    .flags = 0xc0,
			    .valid = cpu_to_be32(valid),
			    .preferred = cpu_to_be32(preferred),
			    .prefix = { 0x20, 0x01, 0x0d, 0xb8, 0, 1 } },
		.mtu = { ND_OPT_MTU, 1, 0, 0, 0, 0, 1400 >> 8, 1400 & 0xff },
	};
	u32 n = sizeof(f) - offsetof(struct advert, ra), sum;
	struct in6_addr src = ip(from, 0, 0, 0xee);

	f.ip.payload = cpu_to_be16((u16)n);
	memcpy(f.ip.src, &src, 16);
	memcpy(f.ip.dst, &ip6_all_nodes, 16);
	sum = ip_pseudo_sum(&src, &ip6_all_nodes, IPPROTO_ICMPV6, n);
	f.ra.sum = (__force be16)csum_fold(csum_bytes(&f.ra, n, sum));
	sim_inject(to, &f, sizeof(f));
}

static void routers_are_heard(void)
{
	struct in6_addr far = ip(0x2001, 0xdb8, 0x99, 1), router = ip(0xfe80, 0, 0, 0xee), mine;
	const struct route_entry *e;
	struct route_key key = { .dst = far };
	struct route r;

	two(3, &(struct sim_link_config){ .delay = NSEC_PER_MSEC });
	sim_run(3 * SECOND, NULL, NULL);
	/* what is not from this link, or not from a router's own address, is nothing */
	advertise(da, 1800, 30, 20, 254, 0xfe80);
	advertise(da, 1800, 30, 20, 255, 0x2001);
	sim_run(3 * SECOND, NULL, NULL);
	CHECK(!route_match(a, &far, 0));
	CHECK(!nth(da, 1));
	advertise(da, 60, 30, 20, 255, 0xfe80);
	sim_run(3 * SECOND, NULL, NULL);
	e = route_match(a, &far, 0);
	CHECK(e && addr_equal(&e->c.gateway, &router) && !e->c.prefix_len);
	CHECK(usable(nth(da, 0)));
	mine = nth(da, 0)->addr;
	CHECK_EQ(mine.s6_addr[5], 1);
	CHECK_EQ(ip6_dev(da)->conf.hop_limit, 33);
	CHECK_EQ(route_lookup(a, &key, &r), 0);
	CHECK(addr_equal(&r.src, &mine));
	CHECK_EQ(r.mtu, 1400);
	CHECK_EQ(r.hoplimit, 33);
	route_put(&r);
	/* deprecated, then gone; the router too */
	sim_run(20 * SECOND, NULL, NULL);
	CHECK_EQ(ip6_addr_find(a, &mine, 0)->flags & IFA_F_DEPRECATED, IFA_F_DEPRECATED);
	sim_run(10 * SECOND, NULL, NULL);
	CHECK(!ip6_addr_find(a, &mine, 0));
	CHECK(route_match(a, &far, 0) != NULL);
	sim_run(40 * SECOND, NULL, NULL);
	CHECK(!route_match(a, &far, 0));
	/* nobody can take an address away at once: RFC 4862 5.5.3 e */
	advertise(da, 60, 86400, 86400, 255, 0xfe80);
	sim_run(3 * SECOND, NULL, NULL);
	advertise(da, 0, 1, 0, 255, 0xfe80);
	sim_run(10 * SECOND, NULL, NULL);
	CHECK(ip6_addr_find(a, &mine, 0) != NULL);
	CHECK(!route_match(a, &far, 0));
	CHECK_EQ(sim_end(), 0);
}

/* Identifiers that tell nothing of the card, the same each time; others after a collision: RFC 7217. */
static struct in6_addr local_by(struct netdev *d, int mode, u8 secret)
{
	struct in6_addr x = { 0 };
	struct ip6_addr *o, *next;

	mutex_lock(&d->net->mutex);
	list_for_each_entry_safe(o, next, &ip6_dev(d)->addrs, link)
		ip6_addr_remove(o);
	memset(&ip6_dev(d)->conf.secret, secret, 16);
	ip6_dev(d)->conf.secret_set = secret != 0;
	ip6_dev(d)->conf.addr_gen_mode = GEN_NONE;
	CHECK_EQ(ip6_set_gen_mode(ip6_dev(d), mode), 0);
	mutex_unlock(&d->net->mutex);
	sim_run(3 * SECOND, NULL, NULL);
	o = nth(d, 0);
	CHECK(usable(o));
	if (o)
		x = o->addr;
	return x;
}

static void identifiers_are_stable(void)
{
	struct in6_addr token, first, again, other, taken;
	struct ip6_addr *x;

	two(5, &(struct sim_link_config){ .delay = NSEC_PER_MSEC });
	sim_run(3 * SECOND, NULL, NULL);
	token = nth(da, 0)->addr;
	CHECK_EQ(ip6_set_gen_mode(ip6_dev(da), GEN_STABLE), -EINVAL); /* there is no secret */
	CHECK_EQ(ip6_set_gen_mode(ip6_dev(da), 4), -EINVAL);
	first = local_by(da, GEN_STABLE, 7);
	CHECK_EQ(nth(da, 0)->flags & IFA_F_STABLE_PRIVACY, IFA_F_STABLE_PRIVACY);
	other = local_by(da, GEN_STABLE, 8);
	again = local_by(da, GEN_STABLE, 7);
	CHECK(!addr_equal(&first, &token) && !addr_equal(&first, &other));
	CHECK(addr_equal(&first, &again));
	again = local_by(da, GEN_EUI64, 0);
	CHECK(addr_equal(&again, &token));
	local_by(da, GEN_RANDOM, 0);
	/* somebody else has it: the next */
	CHECK_EQ(add(db, first, 64), 0);
	sim_run(3 * SECOND, NULL, NULL);
	mutex_lock(&a->mutex);
	ip6_addr_remove(nth(da, 0));
	memset(&ip6_dev(da)->conf.secret, 7, 16);
	ip6_dev(da)->conf.addr_gen_mode = GEN_STABLE;
	ip6_gen_mode(ip6_dev(da));
	mutex_unlock(&a->mutex);
	sim_run(5 * SECOND, NULL, NULL);
	CHECK(ip6_link_local(ip6_dev(da), &taken) && !addr_equal(&taken, &first));
	x = ip6_addr_find(a, &taken, 0);
	CHECK(x && usable(x) && x->retry == 1);
	/* of a router's prefix, too */
	advertise(da, 60, 300, 200, 255, 0xfe80);
	sim_run(3 * SECOND, NULL, NULL);
	x = nth(da, 0);
	CHECK(x->addr.s6_addr[0] == 0x20 && (x->flags & IFA_F_STABLE_PRIVACY));
	CHECK(memcmp(&x->addr.s6_addr[8], &first.s6_addr[8], 8) != 0);
	CHECK_EQ(sim_end(), 0);
}

static struct ip6_addr *temporary(struct netdev *d, bool old)
{
	struct ip6_addr *x;

	list_for_each_entry(x, &ip6_dev(d)->addrs, link)
		if ((x->flags & IFA_F_TEMPORARY) && !(x->flags & IFA_F_DEPRECATED) == !old)
			return x;
	return NULL;
}

static unsigned count_all(struct netdev *d)
{
	unsigned n = 0;

	while (nth(d, n))
		n++;
	return n;
}

/* RFC 8981: preferred to the one they belong to, followed by others, gone with it. */
static void temporary_addresses(void)
{
	struct in6_addr far = ip(0x2001, 0xdb8, 0x99, 1), first, src;
	struct ip6_addr *x, *pub;

	two(6, &(struct sim_link_config){ .delay = NSEC_PER_MSEC });
	ip6_dev(da)->conf.use_tempaddr = 2;
	ip6_dev(da)->conf.temp_valid_lft = 400;
	ip6_dev(da)->conf.temp_prefered_lft = 200;
	ip6_dev(da)->conf.max_desync_factor = 20;
	sim_run(3 * SECOND, NULL, NULL);
	advertise(da, 1800, 3000, 2000, 255, 0xfe80);
	sim_run(3 * SECOND, NULL, NULL);
	x = temporary(da, false);
	CHECK(usable(x) && x->preferred <= 200 && x->preferred >= 180 && x->valid == 400);
	CHECK_EQ(count_all(da), 3);
	first = x->addr;
	pub = ip6_addr_find(a, &x->of, 0);
	CHECK(pub && !(pub->flags & IFA_F_TEMPORARY));
	CHECK(ip6_select_source(a, da, &far, 0, &src) && addr_equal(&src, &first));
	ip6_dev(da)->conf.use_tempaddr = 1;
	CHECK(ip6_select_source(a, da, &far, 0, &src) && addr_equal(&src, &pub->addr));
	CHECK(ip6_select_source(a, da, &far, IPV6_PREFER_SRC_TMP, &src) &&
	      addr_equal(&src, &first));
	/* the next one is there before the first is deprecated */
	sim_run(172 * SECOND, NULL, NULL);
	CHECK(!temporary(da, true));
	sim_run(24 * SECOND, NULL, NULL);
	x = temporary(da, true);
	CHECK(x && addr_equal(&x->addr, &first));
	CHECK(usable(temporary(da, false)));
	CHECK_EQ(count_all(da), 4);
	/* the router speaks again: none is made, none lives longer than it may */
	advertise(da, 1800, 3000, 2000, 255, 0xfe80);
	sim_run(3 * SECOND, NULL, NULL);
	CHECK_EQ(count_all(da), 4);
	sim_run(200 * SECOND, NULL, NULL);
	CHECK(!ip6_addr_find(a, &first, 0));
	/* they go with what they belong to */
	pub = nth(da, 0);
	while (pub && (pub->flags & IFA_F_TEMPORARY))
		pub = list_next_entry(pub, link);
	mutex_lock(&a->mutex);
	CHECK_EQ(ip6_addr_del(da, &pub->addr, 64), 0);
	mutex_unlock(&a->mutex);
	CHECK_EQ(count_all(da), 1);
	CHECK_EQ(sim_end(), 0);
}

static void fragments_come_together(void)
{
	static u8 out[60000], in[60000];

	for (u32 seed = 1; seed <= 30 && !t.failed; seed++) {
		struct in6_addr to = ip(0x2001, 0xdb8, 0, 2);
		struct socket *x, *y;
		u32 got = 0;
		ssize_t n;

		two(seed, &(struct sim_link_config){ .delay = NSEC_PER_MSEC,
						     .jitter = NSEC_PER_MSEC,
						     .mtu = seed % 3 ? 1500 : 1280 });
		add(da, ip(0x2001, 0xdb8, 0, 1), 64);
		add(db, to, 64);
		sim_run(5 * SECOND, NULL, NULL);
		sim_link_of(wire)->duplicate = 200000;
		sim_link_of(wire)->reorder = 300000;
		x = udp(a, 0);
		y = udp(b, 9);
		sim_setsockopt(y, SOL_SOCKET, SO_RCVBUFFORCE, 8 << 20);
		sim_setsockopt(x, SOL_SOCKET, SO_SNDBUFFORCE, 8 << 20);
		for (int k = 0; k < 5; k++) {
			u32 size = (u32)(sim_random() % 55000 + 1);

			for (u32 i = 0; i < size; i++)
				out[i] = (u8)(seed * 31 + i * 7 + (i >> 8));
			CHECK_EQ(send6(x, out, size, to, 9, 0), size);
			sim_run(SECOND, NULL, NULL);
			while ((n = sim_receive(y, in, sizeof(in), 0)) > 0) {
				CHECK_EQ(n, size);
				CHECK(!memcmp(in, out, (size_t)n));
				got++;
			}
		}
		CHECK(got >= 5);
		sim_close(x);
		sim_close(y);
		CHECK_EQ(sim_end(), 0);
	}
}

static void paths_are_found(void)
{
	static u8 out[4000], in[4000];
	struct in6_addr far = ip(0x2001, 0xdb8, 2, 2), near = ip(0x2001, 0xdb8, 1, 2);
	struct sim_link *l[2];
	struct socket *x, *y;
	struct net *r, *host[2];
	struct netdev *d[2], *at[2];

	sim_begin(5);
	sim_ipv6 = true;
	r = sim_net();
	for (int i = 0; i < 2; i++) {
		struct route_config c = { .table = ROUTE_TABLE_MAIN,
					  .type = ROUTE_UNICAST,
					  .metric = 1024 };

		l[i] = sim_link(&(struct sim_link_config){ .delay = NSEC_PER_MSEC,
							   .mtu = i ? 1300 : 1500 });
		host[i] = sim_net();
		at[i] = sim_attach(r, l[i]);
		d[i] = sim_attach(host[i], l[i]);
		ip6_dev(at[i])->conf.forwarding = 1;
		add(at[i], ip(0x2001, 0xdb8, (u16)(i + 1), 1), 64);
		add(d[i], i ? far : near, 64);
		c.gateway = ip(0x2001, 0xdb8, (u16)(i + 1), 1);
		mutex_lock(&host[i]->mutex);
		CHECK_EQ(route_add(host[i], &c, ROUTE_CREATE), 0);
		mutex_unlock(&host[i]->mutex);
	}
	sim_run(5 * SECOND, NULL, NULL);
	x = udp(host[0], 0);
	y = udp(host[1], 9);
	CHECK_EQ(send6(x, out, 100, far, 9, 0), 100);
	sim_run(SECOND, NULL, NULL);
	CHECK_EQ(sim_receive(y, in, sizeof(in), 0), 100);
	/* the first that is too big is lost, and says so; the next is cut at its source */
	CHECK_EQ(route_path_mtu(host[0], &far), 0);
	CHECK_EQ(send6(x, out, 1400, far, 9, 0), 1400);
	sim_run(SECOND, NULL, NULL);
	CHECK_EQ(route_path_mtu(host[0], &far), 1300);
	sim_receive(x, in, sizeof(in), 0);
	CHECK_EQ(send6(x, out, 1400, far, 9, 0), 1400);
	sim_run(SECOND, NULL, NULL);
	CHECK_EQ(sim_receive(y, in, sizeof(in), 0), 1400);
	sim_close(x);
	sim_close(y);
	CHECK_EQ(sim_end(), 0);
}

/* --- headers of a socket's own --- */

static unsigned tcp_frames, with_options;
static size_t longest;

static bool see_tcp(struct netdev *from, const u8 *f, size_t n)
{
	bool v6 = get_be16(f + 12) == ETH_P_IPV6;

	if (from != da || (v6 ? f[20] != IPPROTO_TCP && f[20] != IPPROTO_DSTOPTS :
				get_be16(f + 12) != ETH_P_IP || f[23] != IPPROTO_TCP))
		return true;
	tcp_frames++;
	with_options += v6 ? f[20] == IPPROTO_DSTOPTS && f[54] == IPPROTO_TCP && f[56] == 1 :
			     (f[14] & 15) == 6 && f[34] == 1;
	longest = max(longest, n);
	return true;
}

/* A transfer from a to b, with an option in each packet from the SYN on; segments are so much shorter. */
static void options_of_connections(void)
{
	static const u8 dst[8] = { 0, 0, 1, 4 }, nops[4] = { 1, 1, 1, 0 };
	static u8 data[100000], got[100000];
	struct in6_addr to = ip(0xfd00, 0, 0, 2);

	for (int v6 = 0; v6 < 2; v6++) {
		struct socket *l, *x, *y;
		struct sockaddr_storage ss = sock6(&to, 80, 0);
		int len = v6 ? (int)sizeof(struct sockaddr_in6) : (int)sizeof(struct sockaddr_in);
		size_t sent = 0, n = 0;
		ssize_t r;

		two(40 + (u64)v6, &(struct sim_link_config){ .delay = NSEC_PER_MSEC });
		add(da, ip(0xfd00, 0, 0, 1), 64);
		add(db, to, 64);
		sim_address(da, "10.0.0.1", 24);
		sim_address(db, "10.0.0.2", 24);
		sim_run(5 * SECOND, NULL, NULL);
		if (!v6)
			ss = sim_addr("10.0.0.2", 80);
		l = sim_socket(b, v6 ? AF_INET6 : AF_INET, SOCK_STREAM, 0);
		CHECK_EQ(l->ops->bind(l, &ss, len), 0);
		CHECK_EQ(l->ops->listen(l, 1), 0);
		x = sim_socket(a, v6 ? AF_INET6 : AF_INET, SOCK_STREAM, 0);
		CHECK_EQ(v6 ? x->ops->setsockopt(x, SOL_IPV6, IPV6_DSTOPTS, (void __user *)dst,
						 sizeof(dst)) :
			      x->ops->setsockopt(x, SOL_IP, IP_OPTIONS, (void __user *)nops, 4),
			 0);
		tcp_frames = with_options = 0;
		longest = 0;
		sim_tap = see_tcp;
		x->ops->connect(x, &ss, len, 0);
		sim_run(SECOND, NULL, NULL);
		y = l->ops->accept(l, 0);
		CHECK(!IS_ERR(y));
		for (size_t i = 0; i < sizeof(data); i++)
			data[i] = (u8)(i * 7 + i / 251);
		for (int i = 0; i < 1000 && n < sizeof(data); i++) {
			r = sim_send(x, data + sent, sizeof(data) - sent, 0, NULL, 0);
			sent += r > 0 ? (size_t)r : 0;
			r = sim_receive(y, got + n, sizeof(got) - n, 0);
			n += r > 0 ? (size_t)r : 0;
			sim_run(10 * NSEC_PER_MSEC, NULL, NULL);
		}
		CHECK_EQ(n, sizeof(data));
		CHECK(!memcmp(data, got, sizeof(data)));
		CHECK(tcp_frames > 60);
		CHECK_EQ(with_options, tcp_frames);
		CHECK_EQ(longest, 1514);
		/* taken back, with the connection up */
		CHECK_EQ(v6 ? x->ops->setsockopt(x, SOL_IPV6, IPV6_DSTOPTS, NULL, 0) :
			      x->ops->setsockopt(x, SOL_IP, IP_OPTIONS, NULL, 0),
			 0);
		with_options = 0;
		CHECK(sim_send(x, data, 5000, 0, NULL, 0) > 0);
		sim_run(SECOND, NULL, NULL);
		CHECK_EQ(with_options, 0);
		sim_tap = NULL;
		sim_close(x);
		sim_close(y);
		sim_close(l);
		sim_run(200 * SECOND, NULL, NULL);
		CHECK_EQ(sim_end(), 0);
	}
}

static void spoilt_frames(void)
{
	for (u64 seed = 1; seed <= 40 && !t.failed; seed++) {
		struct in6_addr to = ip(0x2001, 0xdb8, 0, 2);
		struct socket *x, *y;
		static u8 out[3000], in[4000];

		two(seed, &(struct sim_link_config){ .delay = NSEC_PER_MSEC });
		add(da, ip(0x2001, 0xdb8, 0, 1), 64);
		add(db, to, 64);
		sim_run(5 * SECOND, NULL, NULL);
		sim_link_of(wire)->corrupt = 400000;
		sim_link_of(wire)->duplicate = 100000;
		sim_link_of(wire)->reorder = 100000;
		memset(out, (int)seed, sizeof(out));
		x = udp(a, 0);
		y = udp(b, 9);
		for (int i = 0; i < 60; i++) {
			u32 n = (u32)(sim_random() % sizeof(out) + 1);
			ssize_t got;

			send6(x, out, n, to, (u16)(9 + (i % 4 == 3)), 0);
			advertise(db, 60, 100, 100, 255, 0xfe80);
			sim_run(SECOND / 2, NULL, NULL);
			sim_receive(x, in, sizeof(in), 0);
			while ((got = sim_receive(y, in, sizeof(in), 0)) > 0)
				for (ssize_t k = 0; k < got; k++)
					CHECK_EQ(in[k], (u8)seed);
		}
		sim_close(x);
		sim_close(y);
		CHECK_EQ(sim_end(), 0);
	}
}

static void memory_fails(void)
{
	static u8 out[3000];

	for (int n = 0; n < 150 && !t.failed; n++) {
		struct in6_addr to = ip(0x2001, 0xdb8, 0, 2);
		struct socket *x, *y;
		char buf[4000];

		two(11, &(struct sim_link_config){ .delay = NSEC_PER_MSEC });
		sim_run(3 * SECOND, NULL, NULL);
		sim_fail_after = n;
		add(da, ip(0x2001, 0xdb8, 0, 1), 64);
		add(db, to, 64);
		advertise(da, 60, 100, 100, 255, 0xfe80);
		x = udp(a, 0);
		y = udp(b, 9);
		sim_run(3 * SECOND, NULL, NULL);
		if (x && y) {
			send6(x, out, sizeof(out), to, 9, 0);
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
	RUN(addresses_make_themselves);
	RUN(neighbours_under_loss);
	RUN(duplicates_are_found);
	RUN(routers_are_heard);
	RUN(identifiers_are_stable);
	RUN(temporary_addresses);
	RUN(fragments_come_together);
	RUN(paths_are_found);
	RUN(options_of_connections);
	RUN(spoilt_frames);
	RUN(memory_fails);
	return t_done();
}
