/*
 * Routes and addresses on the host: the trie against a naive model, what is remembered of paths, lifetimes of
 * addresses, and many devices, which are found by name and by number.
 */
#include "sim.h"

#include <uapi/errno.h>

#include "net/ipv4.h"
#include "net/route.h"
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

int main(void)
{
	RUN(routes_against_a_model);
	RUN(many_devices);
	RUN(lifetimes_end);
	RUN(paths_are_forgotten);
	return t_done();
}
