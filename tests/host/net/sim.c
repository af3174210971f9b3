/*
 * The simulation (sim.h): clock, events, links, and the calls on sockets.
 */
#include "sim_impl.h"

#include <compiler.h>
#include <err.h>
#include <uapi/errno.h>
#include <uapi/if.h>
#include <uapi/if_arp.h>
#include <uapi/in.h>
#include <uapi/in6.h>

#include "alloc/slab.h"
#include "core/mutex.h"
#include "dev/netdev.h"
#include "lib/printf.h"
#include "lib/rbtree.h"
#include "lib/string.h"
#include "mm/iter.h"
#include "net/inet.h"
#include "net/ipv4.h"
#include "net/ipv6_dev.h"
#include "net/raw.h"
#include "net/route.h"
#include "net/udp.h"
#include "sync/log.h"

#define MAX_NETS  16
#define MAX_LINKS 16
#define MAX_PORTS 8

static u64 clock, chance, sequence;
static struct rb_root timers, events;
static struct net *nets[MAX_NETS];
static struct sim_link *links[MAX_LINKS];
static unsigned nr_nets, nr_links, nr_macs;
static long live_before;
bool (*sim_tap)(struct netdev *from, const u8 *frame, size_t n);
bool sim_ipv6;

/* A device's end of a link. */
struct port {
	struct sim_link *link;
	struct netdev *dev; /* not counted */
	u64 busy_until; /* it sends till then */
	u64 last; /* when its latest frame arrives: jitter keeps the order */
	u32 waiting;
};

struct sim_link {
	struct sim_link_config c;
	struct port port[MAX_PORTS];
	unsigned nr;
};

/* A frame on its way. */
struct event {
	struct rb_node node;
	u64 when, order;
	struct netdev *to; /* referenced */
	struct packet *p;
	struct port *from; /* whose queue it leaves, if it does */
};

u64 sim_now(void)
{
	return clock;
}

u64 now_mono(void)
{
	return clock;
}

u64 now_real(void)
{
	return clock + 1700000000UL * NSEC_PER_SEC;
}

u64 sim_random(void)
{
	/* splitmix64 (Steele, Lea, Flood) */
	u64 z = chance += 0x9e3779b97f4a7c15UL;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9UL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebUL;
	return z ^ z >> 31;
}

static bool happens(u32 millionths)
{
	return millionths && sim_random() % 1000000 < millionths;
}

/* --- timers --- */

void timer_init(struct timer *t, void (*fn)(struct timer *))
{
	*t = (struct timer){ .fn = fn, .hart = -1 };
}

void timer_start(struct timer *t, u64 expires)
{
	struct rb_node **at = &timers.node, *parent = NULL;

	timer_cancel(t);
	t->expires = expires;
	t->hart = 0;
	while (*at) {
		parent = *at;
		at = expires < rb_entry(parent, struct timer, node)->expires ? &parent->left :
									       &parent->right;
	}
	rb_insert(&timers, &t->node, parent, at, NULL);
}

bool timer_cancel(struct timer *t)
{
	if (t->hart < 0)
		return false;
	rb_erase(&timers, &t->node, NULL);
	t->hart = -1;
	return true;
}

/* --- links --- */

static void schedule(struct netdev *to, struct packet *p, u64 when, struct port *from)
{
	struct rb_node **at = &events.node, *parent = NULL;
	struct event *e = kzalloc(sizeof(*e), 0);

	if (!e) {
		packet_free(p);
		return;
	}
	e->when = when;
	e->order = sequence++;
	e->to = netdev_get(to);
	e->p = p;
	e->from = from;
	while (*at) {
		const struct event *o = rb_entry(*at, struct event, node);

		parent = *at;
		at = when < o->when ? &parent->left : &parent->right;
	}
	rb_insert(&events, &e->node, parent, at, NULL);
}

/* A copy, as a receiver of its own makes it; perhaps spoilt. */
static struct packet *received(const struct sim_link *l, struct packet *p)
{
	struct packet *c = packet_alloc(PACKET_HEADROOM, p->len);

	if (!c)
		return NULL;
	packet_read(p, 0, packet_put(c, p->len), p->len);
	c->csum = p->csum == CSUM_PARTIAL ? CSUM_PARTIAL : CSUM_NONE;
	c->csum_start = (u16)(p->csum_start - packet_headroom(p) + packet_headroom(c));
	c->csum_offset = p->csum_offset;
	c->gso = p->gso;
	c->gso_size = p->gso_size;
	c->gso_segs = p->gso_segs;
	if (happens(l->c.corrupt))
		c->data[sim_random() % c->len] ^= (u8)(1u << sim_random() % 8);
	return c;
}

static void deliver_to(struct sim_link *l, struct port *from, struct netdev *to, struct packet *p,
		       u64 sent)
{
	u64 when = sent + l->c.delay + (l->c.jitter ? sim_random() % l->c.jitter : 0);
	struct packet *c;

	if (happens(l->c.loss))
		return;
	if (happens(l->c.reorder))
		when += l->c.reorder_by ? l->c.reorder_by : l->c.delay * 10 + NSEC_PER_USEC;
	else
		when = from->last = max(when, from->last);
	for (int i = happens(l->c.duplicate) ? 2 : 1; i > 0; i--) {
		c = received(l, p);
		if (c)
			schedule(to, c, when, NULL);
	}
}

static void sim_transmit(struct netdev *d, struct packet *p)
{
	struct port *port = d->priv;
	struct sim_link *l = port->link;
	u64 sent = max(clock, port->busy_until);

	netdev_count_sent(d, p->len);
	if (p->uncharge)
		p->uncharge(p); /* it is out of the machine */
	if (sim_tap && (!packet_pull_up(p, p->len) || !sim_tap(d, p->data, p->len))) {
		packet_free(p);
		return;
	}
	if (l->c.rate) {
		u64 each = p->len * 8UL * NSEC_PER_SEC / l->c.rate;

		if (sent - clock > each * (l->c.queue ? l->c.queue : 1000)) {
			packet_free(p);
			return;
		}
		sent += each;
		port->busy_until = sent;
	}
	for (unsigned i = 0; i < l->nr; i++)
		if (l->port[i].dev && l->port[i].dev != d)
			deliver_to(l, port, l->port[i].dev, p, sent);
	packet_free(p);
}

/* It goes down, as when its machine ends: nothing comes to it any more. */
static void sim_stop(struct netdev *d)
{
	((struct port *)d->priv)->dev = NULL;
}

static int sim_open(struct netdev *d)
{
	((struct port *)d->priv)->dev = d;
	return 0;
}

static const struct netdev_ops sim_dev_ops = {
	.open = sim_open,
	.stop = sim_stop,
	.transmit = sim_transmit,
};

struct sim_link *sim_link(const struct sim_link_config *c)
{
	struct sim_link *l = kzalloc(sizeof(*l), 0);

	l->c = *c;
	links[nr_links++] = l;
	return l;
}

struct sim_link_config *sim_link_of(struct sim_link *l)
{
	return &l->c;
}

struct netdev *sim_attach(struct net *net, struct sim_link *l)
{
	struct port *port = &l->port[l->nr++];
	struct netdev *d = netdev_alloc("eth%d", ARPHRD_ETHER, &sim_dev_ops, port);

	port->link = l;
	port->dev = d;
	d->addr_len = 6;
	memcpy(d->addr, (u8[6]){ 2, 0, 0, 0, 0, (u8)++nr_macs }, 6);
	memset(d->broadcast, 0xff, 6);
	d->flags = IFF_BROADCAST | IFF_MULTICAST;
	d->mtu = l->c.mtu ? l->c.mtu : 1500;
	d->features = l->c.features;
	if (netdev_register(net, d))
		panic("a device does not register");
	mutex_lock(&net->mutex);
	netdev_set_flags(d, IFF_UP, IFF_UP);
	mutex_unlock(&net->mutex);
	netdev_put(d);
	return d;
}

void sim_inject(struct netdev *d, const void *frame, size_t n)
{
	struct packet *p = packet_alloc(PACKET_HEADROOM, (u32)n);

	if (!p)
		return;
	memcpy(packet_put(p, (u32)n), frame, n);
	packet_set_dev(p, d);
	netdev_receive(p);
	net_run();
}

/* --- machines --- */

struct in6_addr sim_ip(const char *ip)
{
	u32 v = 0, part = 0;

	for (;; ip++) {
		if (*ip >= '0' && *ip <= '9') {
			part = part * 10 + (u32)(*ip - '0');
			continue;
		}
		v = v << 8 | part;
		part = 0;
		if (!*ip)
			break;
	}
	return addr_from_v4(cpu_to_be32(v));
}

struct net *sim_net(void)
{
	struct net *net = kzalloc(sizeof(*net), 0);

	if (net_create(net))
		panic("a network is not made");
	if (!sim_ipv6)
		net->ip6->dflt.disable_ipv6 = ip6_dev(net->loopback)->conf.disable_ipv6 = 1;
	nets[nr_nets++] = net;
	mutex_lock(&net->mutex);
	netdev_set_flags(net->loopback, IFF_UP, IFF_UP);
	mutex_unlock(&net->mutex);
	return net;
}

void sim_address(struct netdev *d, const char *ip, unsigned prefix_len)
{
	struct in6_addr a = sim_ip(ip);
	u32 host = be32_to_cpu(addr_v4(&a));
	struct ip4_addr_config c = {
		.local = addr_v4(&a),
		.broadcast = prefix_len < 31 ?
				     cpu_to_be32(host | (prefix_len ? ~0u >> prefix_len : ~0u)) :
				     0,
		.prefix_len = (u8)prefix_len,
		.valid = ~0u,
		.preferred = ~0u,
	};

	mutex_lock(&d->net->mutex);
	if (ip4_addr_add(d, &c))
		panic("no address %s", ip);
	mutex_unlock(&d->net->mutex);
}

void sim_gateway(struct net *net, const char *prefix, unsigned prefix_len, const char *via)
{
	struct route_config c = {
		.dst = sim_ip(prefix),
		.prefix_len = (u8)prefix_len,
		.table = ROUTE_TABLE_MAIN,
		.type = ROUTE_UNICAST,
		.gateway = sim_ip(via),
	};

	mutex_lock(&net->mutex);
	if (route_add(net, &c, ROUTE_CREATE | ROUTE_EXCL))
		panic("no route to %s", prefix);
	mutex_unlock(&net->mutex);
}

/* --- running --- */

static void settle(void)
{
	net_run();
	if (sim_locks_held())
		panic("a lock is held between two steps");
	work_flush();
	sim_grace_period();
}

static void arrive(struct event *e)
{
	rb_erase(&events, &e->node, NULL);
	packet_set_dev(e->p, e->to);
	netdev_receive(e->p);
	netdev_put(e->to);
	kfree(e);
}

bool sim_step_until(u64 deadline)
{
	struct rb_node *t, *e;
	u64 timer_at, event_at, when;

	settle();
	t = rb_first(&timers);
	e = rb_first(&events);
	timer_at = t ? rb_entry(t, struct timer, node)->expires : WAIT_FOREVER;
	event_at = e ? rb_entry(e, struct event, node)->when : WAIT_FOREVER;
	when = min(timer_at, event_at);
	if (when > deadline || when == WAIT_FOREVER) {
		if (deadline == WAIT_FOREVER)
			return false;
		clock = max(clock, deadline);
		return true;
	}
	clock = max(clock, when);
	if (event_at <= timer_at) {
		arrive(rb_entry(e, struct event, node));
	} else {
		struct timer *timer = rb_entry(t, struct timer, node);

		timer_cancel(timer);
		timer->fn(timer);
	}
	settle();
	return true;
}

bool sim_step(void)
{
	return sim_step_until(WAIT_FOREVER);
}

bool sim_run(u64 ns, bool (*done)(void *arg), void *arg)
{
	u64 end = clock + ns;

	settle();
	while (!(done && done(arg))) {
		if (clock >= end)
			return false;
		sim_step_until(end);
	}
	return true;
}

void sim_begin(u64 seed)
{
	static bool booted;

	if (!booted) {
		packet_init();
		net_context_init();
	}
	booted = true;
	clock = NSEC_PER_SEC;
	chance = seed * 0x9e3779b97f4a7c15UL + 1;
	sequence = 0;
	nr_nets = nr_links = nr_macs = 0;
	sim_tap = NULL;
	sim_fail_after = -1;
	sim_capable = true;
	sim_ipv6 = false;
	live_before = live;
}

/* What is on its way stays there. */
static void drop_frames(void)
{
	struct rb_node *n;

	while ((n = rb_first(&events))) {
		struct event *e = rb_entry(n, struct event, node);

		rb_erase(&events, n, NULL);
		packet_free(e->p);
		netdev_put(e->to);
		kfree(e);
	}
}

long sim_end(void)
{
	struct rb_node *n;

	sim_fail_after = -1;
	settle();
	for (unsigned i = 0; i < nr_nets; i++) {
		net_destroy(nets[i]);
		drop_frames();
		settle();
	}
	/* Timers that were started by what is gone now have nothing to do. */
	while ((n = rb_first(&timers))) {
		struct timer *t = rb_entry(n, struct timer, node);

		clock = max(clock, t->expires);
		timer_cancel(t);
		t->fn(t);
		settle();
	}
	for (unsigned i = 0; i < nr_nets; i++)
		kfree(nets[i]);
	for (unsigned i = 0; i < nr_links; i++)
		kfree(links[i]);
	return live - live_before;
}

/* --- sockets --- */

struct sockaddr_storage sim_addr(const char *ip, u16 port)
{
	struct sockaddr_storage ss = { 0 };
	struct sockaddr_in *a = (struct sockaddr_in *)&ss;
	struct in6_addr addr = sim_ip(ip);

	a->sin_family = AF_INET;
	a->sin_port = (__force u16)cpu_to_be16(port);
	a->sin_addr.s_addr = (__force u32)addr_v4(&addr);
	return ss;
}

struct socket *sim_socket(struct net *net, u16 family, int type, int protocol)
{
	struct socket *sk = inet_create(net, family, type, protocol);

	return IS_ERR(sk) ? NULL : sk;
}

int sim_bind(struct socket *sk, const char *ip, u16 port)
{
	struct sockaddr_storage a = sim_addr(ip, port);

	return sk->ops->bind(sk, &a, sizeof(struct sockaddr_in));
}

int sim_connect(struct socket *sk, const char *ip, u16 port, u64 deadline)
{
	struct sockaddr_storage a = sim_addr(ip, port);

	return sk->ops->connect(sk, &a, sizeof(struct sockaddr_in), deadline);
}

ssize_t sim_send(struct socket *sk, const void *buf, size_t n, unsigned flags, const char *ip,
		 u16 port)
{
	struct sockaddr_storage a;
	struct iter it;
	struct message m = { .data = &it, .flags = flags };

	iter_kernel(&it, buf, n);
	if (ip) {
		a = sim_addr(ip, port);
		m.name = &a;
		m.name_len = sizeof(struct sockaddr_in);
	}
	return sk->ops->sendmsg(sk, &m);
}

ssize_t sim_receive(struct socket *sk, void *buf, size_t n, unsigned flags)
{
	struct iter it;
	struct message m = { .data = &it, .flags = flags };

	iter_kernel(&it, buf, n);
	return sk->ops->recvmsg(sk, &m);
}

int sim_setsockopt(struct socket *sk, int level, int name, int value)
{
	return socket_setsockopt(sk, level, name, &value, sizeof(value));
}

void sim_close(struct socket *sk)
{
	sk->ops->release(sk);
	net_run();
}
