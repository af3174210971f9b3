/*
 * Routes and addresses on the host: the trie against a naive model, what is remembered of paths, lifetimes of
 * addresses, many devices, which are found by name and by number, and who answers for an address: what
 * net.ipv4.conf has of ARP and of sources.
 */
#include "sim.h"

#include <uapi/errno.h>

#include "net/ipv4.h"
#include "net/neigh.h"
#include "net/route.h"
#include "net/wire/arp.h"
#include "net/wire/eth.h"
#include "t.h"

#define SECOND NSEC_PER_SEC

/* --- routes --- */

#define MODEL_MAX 600

struct model_route {
	struct in6_addr dst;
	u8 len, table;
	u32 metric;
	int dev;
};

static struct model_route model[MODEL_MAX];
static int nr_model;

static bool covers(const struct model_route *m, const struct in6_addr *a)
{
	unsigned bits = m->len + (addr_is_v4(&m->dst) ? 96 : 0);

	if (addr_is_v4(&m->dst) != addr_is_v4(a))
		return false;
	for (unsigned i = 0; i < bits; i++)
		if ((m->dst.s6_addr[i / 8] ^ a->s6_addr[i / 8]) >> (7 - i % 8) & 1)
			return false;
	return true;
}

/* The first of the longest, of the lowest metric; local before main. */
static const struct model_route *model_match(const struct in6_addr *a)
{
	const struct model_route *best = NULL;

	for (int table = 0; table < 2 && !best; table++) {
		for (int i = 0; i < nr_model; i++) {
			const struct model_route *m = &model[i];

			if ((m->table == ROUTE_TABLE_LOCAL) != !table || !covers(m, a))
				continue;
			if (!best || m->len > best->len ||
			    (m->len == best->len && m->metric < best->metric))
				best = m;
		}
	}
	return best;
}

/* Addresses that share prefixes: few values a byte. */
static struct in6_addr some_addr(bool v6)
{
	struct in6_addr a = addr_from_v4(0);

	for (int i = v6 ? 0 : 12; i < 16; i++)
		a.s6_addr[i] = (u8[]){ 0x20, 0x21, 0x40, 0xff }[t_below(4)];
	return a;
}

static void cut(struct in6_addr *a, unsigned bits)
{
	for (unsigned i = bits; i < 128; i++)
		a->s6_addr[i / 8] &= (u8) ~(0x80 >> i % 8);
}

static struct route_config config_of(const struct model_route *m, struct netdev *const devs[2])
{
	return (struct route_config){
		.dst = m->dst,
		.prefix_len = m->len,
		.table = m->table,
		.type = m->table == ROUTE_TABLE_LOCAL ? ROUTE_LOCAL : ROUTE_UNICAST,
		.metric = m->metric,
		.dev = devs[m->dev],
	};
}

static int count_entry(const struct route_entry *e __unused, void *arg)
{
	++*(int *)arg;
	return 0;
}

static bool on_dev(const struct route_entry *e, void *arg)
{
	return e->c.dev == arg;
}

static void route_add_one(struct net *net, struct netdev *const devs[2])
{
	struct model_route m = { .table = t_below(4) ? ROUTE_TABLE_MAIN : ROUTE_TABLE_LOCAL,
				 .metric = (u32)t_below(3),
				 .dev = (int)t_below(2) };
	struct route_config c;
	bool v6 = t_below(2);
	int want = 0;

	m.dst = some_addr(v6);
	m.len = (u8)t_below(v6 ? 129 : 33);
	cut(&m.dst, m.len + (v6 ? 0u : 96u));
	for (int i = 0; i < nr_model; i++)
		if (model[i].len == m.len && model[i].table == m.table &&
		    model[i].metric == m.metric && addr_equal(&model[i].dst, &m.dst) &&
		    (!v6 || model[i].dev == m.dev))
			want = -EEXIST;
	c = config_of(&m, devs);
	CHECK_EQ(route_add(net, &c, ROUTE_CREATE | ROUTE_EXCL), want);
	if (!want)
		model[nr_model++] = m;
}

static void routes_against_a_model(void)
{
	struct netdev *devs[2];
	struct net *net;
	int n;

	sim_begin(1);
	net = sim_net();
	devs[0] = sim_attach(net, sim_link(&(struct sim_link_config){ 0 }));
	devs[1] = sim_attach(net, sim_link(&(struct sim_link_config){ 0 }));
	mutex_lock(&net->mutex);
	route_purge(net, false, on_dev, net->loopback);
	nr_model = 0;
	for (int round = 0; round < 4000 && !t.failed; round++) {
		struct in6_addr a = some_addr(t_below(2));
		const struct model_route *m = model_match(&a);
		const struct route_entry *e = route_match(net, &a, 0);
		int i;

		CHECK_EQ(!m, !e);
		if (m && e) {
			CHECK_EQ(e->c.prefix_len, m->len);
			CHECK_EQ(e->c.metric, m->metric);
			CHECK_EQ(e->c.table, m->table);
			CHECK(covers(m, &e->c.dst));
		}
		if (nr_model < MODEL_MAX && t_below(nr_model < 400 ? 2 : 4)) {
			route_add_one(net, devs);
		} else if (nr_model) {
			struct route_config c;

			i = (int)t_below((u64)nr_model);
			c = config_of(&model[i], devs);
			/* metric 0 means any: the first, which then is the lowest */
			CHECK_EQ(route_del(net, &c), 0);
			for (int j = 0; j < nr_model && !model[i].metric; j++)
				if (model[j].len == model[i].len &&
				    model[j].table == model[i].table && !model[j].metric &&
				    model[j].dev == model[i].dev &&
				    addr_equal(&model[j].dst, &model[i].dst))
					i = j;
			model[i] = model[--nr_model];
		}
		if (round % 64 == 0)
			sim_run(0, NULL, NULL);
	}
	n = 0;
	route_for_each(net, false, count_entry, &n);
	route_for_each(net, true, count_entry, &n);
	CHECK_EQ(n, nr_model);
	for (int v6 = 0; v6 < 2; v6++)
		for (int i = 0; i < 2; i++)
			route_purge(net, v6, on_dev, devs[i]);
	n = 0;
	route_for_each(net, false, count_entry, &n);
	route_for_each(net, true, count_entry, &n);
	CHECK_EQ(n, 0);
	mutex_unlock(&net->mutex);
	CHECK_EQ(sim_end(), 0);
}

/* --- one machine --- */

static struct net *a;
static struct netdev *da;

static void one_machine(u64 seed)
{
	sim_begin(seed);
	a = sim_net();
	da = sim_attach(a, sim_link(&(struct sim_link_config){ .delay = NSEC_PER_MSEC }));
	sim_address(da, "10.0.0.1", 24);
}

/* More than there are chains in the tables of names and numbers. */
static void many_devices(void)
{
	static struct netdev *devs[3 * NET_DEVICE_HASH];
	struct sim_link *wire = NULL;

	one_machine(23);
	for (size_t i = 0; i < ARRAY_SIZE(devs); i++) {
		if (i % 8 == 0)
			wire = sim_link(&(struct sim_link_config){ .delay = NSEC_PER_MSEC });
		devs[i] = sim_attach(a, wire);
		CHECK(devs[i] != NULL);
	}
	for (size_t i = 0; i < ARRAY_SIZE(devs); i++) {
		CHECK(netdev_find(a, devs[i]->name) == devs[i]);
		CHECK(netdev_by_index(a, devs[i]->ifindex) == devs[i]);
	}
	CHECK(!netdev_find(a, "eth999"));
	CHECK(!netdev_by_index(a, 9999));
	for (size_t i = 0; i < ARRAY_SIZE(devs); i += 2) {
		char name[IFNAMSIZ];
		int index = devs[i]->ifindex;

		strlcpy(name, devs[i]->name, sizeof(name));
		netdev_unregister(devs[i]);
		CHECK(!netdev_find(a, name));
		CHECK(!netdev_by_index(a, index));
	}
	for (size_t i = 1; i < ARRAY_SIZE(devs); i += 2)
		CHECK(netdev_by_index(a, devs[i]->ifindex) == netdev_find(a, devs[i]->name));
	CHECK_EQ(sim_end(), 0);
}

static int count_path(const struct route_path *p __unused, void *arg)
{
	++*(int *)arg;
	return 0;
}

/* What ICMP said is forgotten in time, or when asked to. */
static void paths_are_forgotten(void)
{
	struct in6_addr one = sim_ip("10.0.0.77"), other = sim_ip("10.0.0.78");
	int n = 0;

	one_machine(22);
	a->ip4->mtu_expires = 30;
	route_update_mtu(a, &one, 1400);
	route_update_mtu(a, &other, 100);
	CHECK_EQ(route_path_mtu(a, &one), 1400);
	CHECK_EQ(route_path_mtu(a, &other), 552);
	route_path_for_each(a, false, count_path, &n);
	route_path_for_each(a, true, count_path, &n);
	CHECK_EQ(n, 2);
	sim_run(29 * SECOND, NULL, NULL);
	route_update_mtu(a, &other, 600); /* no better, but news */
	sim_run(2 * SECOND, NULL, NULL);
	CHECK_EQ(route_path_mtu(a, &one), 0);
	CHECK_EQ(route_path_mtu(a, &other), 552);
	route_path_flush(a, true);
	CHECK_EQ(route_path_mtu(a, &other), 552);
	route_path_flush(a, false);
	CHECK_EQ(route_path_mtu(a, &other), 0);
	n = 0;
	route_path_for_each(a, false, count_path, &n);
	CHECK_EQ(n, 0);
	CHECK_EQ(sim_end(), 0);
}

/* Lifetimes of addresses: deprecated, then gone with their routes; promoted ones live on. */
static struct ip4_addr *addr_of(struct netdev *d, be32 local)
{
	struct ip4_addr *x;

	list_for_each_entry(x, &ip4_dev(d)->addrs, link)
		if (x->local == local)
			return x;
	return NULL;
}

static int lend(struct netdev *d, struct ip4_addr_config *c, bool change)
{
	int err;

	mutex_lock(&d->net->mutex);
	err = change ? ip4_addr_change(d, c) : ip4_addr_add(d, c);
	mutex_unlock(&d->net->mutex);
	return err;
}

static void lifetimes_end(void)
{
	struct ip4_addr_config c = { .local = sim_ip("10.7.0.1").s6_addr32[3],
				     .prefix_len = 24,
				     .valid = 30,
				     .preferred = 10 };
	struct ip4_addr_config second = { .local = sim_ip("10.7.0.2").s6_addr32[3],
					  .prefix_len = 24,
					  .valid = 60,
					  .preferred = 60 };
	struct in6_addr there = sim_ip("10.7.0.9");

	one_machine(21);
	ip4_dev(da)->conf.promote_secondaries = 1;
	CHECK_EQ(lend(da, &c, false), 0);
	CHECK_EQ(lend(da, &second, false), 0);
	CHECK_EQ(addr_of(da, second.local)->flags & (IFA_SECONDARY_ | IFA_PERMANENT_),
		 IFA_SECONDARY_);
	sim_run(9 * SECOND, NULL, NULL);
	CHECK_EQ(addr_of(da, c.local)->flags & IFA_DEPRECATED_, 0);
	sim_run(2 * SECOND, NULL, NULL);
	CHECK_EQ(addr_of(da, c.local)->flags & IFA_DEPRECATED_, IFA_DEPRECATED_);
	sim_run(18 * SECOND, NULL, NULL);
	CHECK(addr_of(da, c.local) != NULL);
	/* it takes its route with it, but for who shares it */
	sim_run(2 * SECOND, NULL, NULL);
	CHECK(!addr_of(da, c.local));
	CHECK_EQ(addr_of(da, second.local)->flags & IFA_SECONDARY_, 0);
	CHECK(route_match(a, &there, da->ifindex) != NULL);
	/* what is lent again lasts from now on; for ever, too */
	sim_run(25 * SECOND, NULL, NULL);
	CHECK_EQ(lend(da, &second, true), 0);
	sim_run(55 * SECOND, NULL, NULL);
	CHECK(addr_of(da, second.local) != NULL);
	second.valid = ~0u;
	CHECK_EQ(lend(da, &second, true), 0);
	sim_run(100 * SECOND, NULL, NULL);
	CHECK_EQ(addr_of(da, second.local)->flags & IFA_PERMANENT_, IFA_PERMANENT_);
	second.valid = 5;
	second.preferred = 0;
	CHECK_EQ(lend(da, &second, true), 0);
	CHECK_EQ(addr_of(da, second.local)->flags & IFA_DEPRECATED_, IFA_DEPRECATED_);
	sim_run(6 * SECOND, NULL, NULL);
	CHECK(!addr_of(da, second.local));
	CHECK(!route_match(a, &there, da->ifindex));
	CHECK_EQ(sim_end(), 0);
}

/* --- who answers --- */

static unsigned questions, answers;
static struct arp_packet last;

static bool see_arp(struct netdev *from __unused, const u8 *frame, size_t n)
{
	if (get_be16(frame + 12) != ETH_P_ARP || n < ETH_HLEN + sizeof(last))
		return true;
	memcpy(&last, frame + ETH_HLEN, sizeof(last));
	if (be16_to_cpu(last.op) == ARP_REQUEST)
		questions++;
	else
		answers++;
	return true;
}

static be32 v4(const char *ip)
{
	struct in6_addr addr = sim_ip(ip);

	return addr_v4(&addr);
}

/* From sk to a port where nobody listens; what was said meanwhile is counted. */
static void ask(struct socket *sk, const char *ip)
{
	questions = answers = 0;
	sim_tap = see_arp;
	sim_send(sk, "x", 1, 0, ip, 9);
	sim_run(100 * NSEC_PER_MSEC, NULL, NULL);
	sim_tap = NULL;
}

/* Two devices of b on the same wire: both have all of b's addresses, unless they are told not to. */
static void arp_filters(void)
{
	struct net *b;
	struct netdev *d[2];
	struct sim_link *wire;
	struct socket *x;

	sim_begin(31);
	a = sim_net();
	b = sim_net();
	wire = sim_link(&(struct sim_link_config){ .delay = NSEC_PER_MSEC });
	da = sim_attach(a, wire);
	sim_address(da, "10.0.0.1", 24);
	for (int i = 0; i < 2; i++)
		d[i] = sim_attach(b, wire);
	sim_address(d[0], "10.0.0.2", 24);
	sim_address(d[1], "10.0.0.3", 24);
	x = sim_socket(a, AF_INET, SOCK_DGRAM, 0);
	ask(x, "10.0.0.3");
	CHECK_EQ(questions, 1);
	CHECK_EQ(answers, 2);
	/* only who has it */
	b->ip4->all.arp_ignore = 1;
	neigh_flush(a, da, false);
	ask(x, "10.0.0.3");
	CHECK_EQ(answers, 1);
	CHECK(!memcmp(last.sender_mac, d[1]->addr, 6));
	/* only who would send to the asker: the first of two routes */
	b->ip4->all.arp_ignore = 0;
	b->ip4->all.arp_filter = 1;
	neigh_flush(a, da, false);
	ask(x, "10.0.0.3");
	CHECK_EQ(answers, 1);
	CHECK(!memcmp(last.sender_mac, d[0]->addr, 6));
	sim_close(x);
	CHECK_EQ(sim_end(), 0);
}

/* Which of our addresses a question bears. */
static void arp_announces(void)
{
	struct socket *x;

	one_machine(32);
	sim_address(sim_attach(a, sim_link(&(struct sim_link_config){ 0 })), "192.168.9.1", 24);
	x = sim_socket(a, AF_INET, SOCK_DGRAM, 0);
	CHECK_EQ(sim_bind(x, "192.168.9.1", 0), 0);
	ask(x, "10.0.0.7");
	CHECK_EQ(questions, 1);
	CHECK_EQ(last.sender, v4("192.168.9.1"));
	for (int level = 1; level <= 2; level++) {
		ip4_dev(da)->conf.arp_announce = level;
		ask(x, level == 1 ? "10.0.0.8" : "10.0.0.9");
		CHECK_EQ(last.sender, v4("10.0.0.1"));
	}
	sim_close(x);
	CHECK_EQ(sim_end(), 0);
}

/* Who tells of himself unasked is remembered only if that is wanted. */
static void arp_accepts(void)
{
	struct {
		struct eth_header eth;
		struct arp_packet arp;
	} __packed f = { .eth = { .dst = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff },
				  .src = { 2, 9, 9, 9, 9, 9 },
				  .type = cpu_to_be16(ETH_P_ARP) } };
	struct in6_addr far = sim_ip("10.9.0.1"), near = sim_ip("10.0.0.77");
	struct {
		struct in6_addr who;
		int accept, drop;
		bool known;
	} rows[] = { { near, 0, 0, false },
		     { near, 1, 1, false },
		     { far, 2, 0, false },
		     { near, 2, 0, true },
		     { far, 1, 0, true } };
	struct neighbour *n;

	one_machine(33);
	sim_gateway(a, "0.0.0.0", 0, "10.0.0.2");
	memcpy(&f.arp, "\0\1\x08\0\6\4\0\1", 8);
	memcpy(f.arp.sender_mac, f.eth.src, 6);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		f.arp.sender = f.arp.target = addr_v4(&rows[i].who);
		ip4_dev(da)->conf.arp_accept = rows[i].accept;
		ip4_dev(da)->conf.drop_gratuitous_arp = rows[i].drop;
		sim_inject(da, &f, sizeof(f));
		n = neigh_find(a, da, &rows[i].who, false);
		CHECK_EQ(n != NULL, rows[i].known);
		neigh_put(n);
	}
	CHECK_EQ(sim_end(), 0);
}

/* a believes that c is on its own wire; r, between them, answers for c if it may. */
static void proxies_answer(void)
{
	struct net *r, *c;
	struct sim_link *wire;
	struct netdev *d, *dc;
	struct socket *x, *y;
	char buf[8];

	sim_begin(34);
	a = sim_net();
	r = sim_net();
	c = sim_net();
	wire = sim_link(&(struct sim_link_config){ .delay = NSEC_PER_MSEC });
	da = sim_attach(a, wire);
	d = sim_attach(r, wire);
	sim_address(da, "10.0.0.1", 16);
	sim_address(d, "10.0.0.2", 24);
	wire = sim_link(&(struct sim_link_config){ .delay = NSEC_PER_MSEC });
	sim_address(sim_attach(r, wire), "10.0.1.1", 24);
	dc = sim_attach(c, wire);
	sim_address(dc, "10.0.1.2", 24);
	sim_gateway(c, "0.0.0.0", 0, "10.0.1.1");
	x = sim_socket(a, AF_INET, SOCK_DGRAM, 0);
	y = sim_socket(c, AF_INET, SOCK_DGRAM, 0);
	CHECK_EQ(sim_bind(y, "0.0.0.0", 9), 0);
	ip4_dev(d)->conf.forwarding = 1;
	ask(x, "10.0.1.2");
	CHECK_EQ(answers, 0);
	r->ip4->all.proxy_arp = 1;
	sim_run(5 * SECOND, NULL, NULL);
	ask(x, "10.0.1.2");
	sim_run(SECOND, NULL, NULL);
	CHECK_EQ(sim_receive(y, buf, sizeof(buf), 0), 1);
	/* not for who is on the asker's side, nor without forwarding */
	ask(x, "10.0.0.9");
	CHECK_EQ(answers, 0);
	ip4_dev(d)->conf.forwarding = 0;
	ask(x, "10.0.1.3");
	CHECK_EQ(answers, 0);
	sim_close(x);
	sim_close(y);
	CHECK_EQ(sim_end(), 0);
}

int main(void)
{
	RUN(routes_against_a_model);
	RUN(many_devices);
	RUN(lifetimes_end);
	RUN(paths_are_forgotten);
	RUN(arp_filters);
	RUN(arp_announces);
	RUN(arp_accepts);
	RUN(proxies_answer);
	return t_done();
}
