/*
 * Ports: who has which of a protocol's, and who may share one. socket(7), SO_REUSEADDR and
 * SO_REUSEPORT as Linux has them. Which port comes when none is asked for cannot be guessed
 * (RFC 6056 3.3.1). Sockets that connect without asking for a port share them with each other.
 *
 * Locks: [b] a bucket's.
 */
#include <compiler.h>
#include <uapi/errno.h>

#include "alloc/slab.h"
#include "core/cred.h"
#include "core/random.h"
#include "lib/list.h"
#include "net/inet.h"
#include "net/ipv4.h"

#define PORT_BITS 10

struct port {
	struct hlist_node link; /* [b] */
	u16 number; /* [I] */
	bool bound; /* [b] somebody asked for it: connect(2) does not choose it */
	struct list_head owners; /* [b] of inet_socket.port_link */
	struct list_head waiting; /* [b] of port_wait.link */
};

/* What somebody has of a port. */
struct claim {
	const struct in6_addr *addr;
	int dev;
	u32 uid;
	bool v6only, reuse_addr, reuse_port;
};

struct port_bucket {
	spinlock_t lock; /* RANK_NET_TABLE */
	struct hlist_head ports; /* [b] */
};

struct port_table {
	struct port_bucket bucket[1 << PORT_BITS];
};

struct port_table *port_table_create(void)
{
	struct port_table *t = kzalloc(sizeof(*t), 0);

	for (size_t i = 0; t && i < ARRAY_SIZE(t->bucket); i++)
		spin_init(&t->bucket[i].lock, RANK_NET_TABLE, "ports");
	return t;
}

void port_table_destroy(struct port_table *t)
{
	kfree(t);
}

static struct port_bucket *bucket_of(struct port_table *t, u16 number)
{
	return &t->bucket[number & ((1 << PORT_BITS) - 1)];
}

static struct port *port_find(struct port_bucket *b, u16 number)
{
	struct port *p;

	hlist_for_each_entry(p, &b->ports, link)
		if (p->number == number)
			return p;
	return NULL;
}

static struct claim claim_of(const struct inet_socket *is, const struct in6_addr *addr)
{
	return (struct claim){ .addr = addr,
			       .dev = READ_ONCE(is->sk.bound_dev),
			       .uid = is->uid,
			       .v6only = is->v6only,
			       .reuse_addr = socket_option(&is->sk, OPT_REUSEADDR),
			       .reuse_port = socket_option(&is->sk, OPT_REUSEPORT) };
}

/* Could a packet be for either? */
static bool overlap(const struct claim *a, const struct claim *o)
{
	if (a->dev && o->dev && a->dev != o->dev)
		return false;
	if (addr_is_v4(a->addr) == addr_is_v4(o->addr))
		return addr_is_any(a->addr) || addr_is_any(o->addr) || addr_equal(a->addr, o->addr);
	/* One of either version: :: takes IPv4's, too. */
	if (addr_is_v4(a->addr))
		return addr_is_any(o->addr) && !o->v6only;
	return addr_is_any(a->addr) && !a->v6only;
}

static bool conflict(const struct claim *a, const struct claim *o, bool o_listens)
{
	if (!overlap(a, o) || (a->reuse_port && o->reuse_port && a->uid == o->uid))
		return false;
	return !a->reuse_addr || !o->reuse_addr || o_listens;
}

/* listening: who listens may share it with those who do not. */
static bool any_conflict(const struct inet_socket *is, const struct in6_addr *addr,
			 const struct port *p, bool listening, bool share)
{
	struct claim mine = claim_of(is, addr), other;
	const struct inet_socket *o;
	const struct port_wait *w;

	if (is->reuse) /* with a program of its own it joins nobody */
		mine.reuse_port = false;
	if (!share) {
		mine.reuse_port = false;
		mine.reuse_addr = mine.reuse_addr && READ_ONCE(is->sk.net->ip4->autobind_reuse);
	}
	list_for_each_entry(o, &p->owners, port_link) {
		other = claim_of(o, &o->local);
		if (o != is && (!listening || o->listening) &&
		    conflict(&mine, &other, o->listening))
			return true;
	}
	if (listening)
		return false;
	list_for_each_entry(w, &p->waiting, link) {
		other = (struct claim){ &w->local, w->dev,	  w->uid,
					w->v6only, w->reuse_addr, w->reuse_port };
		if (conflict(&mine, &other, false))
			return true;
	}
	return false;
}

/* The port of that number in b, locked, made if need be. */
static struct port *port_get(struct port_bucket *b, u16 number)
{
	struct port *p = port_find(b, number);

	if (p)
		return p;
	p = kzalloc(sizeof(*p), 0);
	if (!p)
		return NULL;
	p->number = number;
	list_init(&p->owners);
	list_init(&p->waiting);
	hlist_add_head(&p->link, &b->ports);
	return p;
}

static struct port *put(struct port *p)
{
	if (!list_empty(&p->owners) || !list_empty(&p->waiting))
		return NULL;
	hlist_del(&p->link);
	return p; /* to be freed without the lock */
}

static void take(struct inet_socket *is, struct port *p, const struct in6_addr *addr)
{
	is->port = p;
	is->local = *addr;
	is->local_port = p->number;
	list_add_tail(&is->port_link, &p->owners);
}

/* How a port is looked for: the one asked for; or any, nobody's, or one that may be shared. */
enum want { WANT_IT, WANT_FREE, WANT_ANY };

/*
 * Of ports that were not asked for TCP shares none at the same address, whatever its options say, but for
 * SO_REUSEADDR with net.ipv4.ip_autobind_reuse.
 */
static bool shares(const struct inet_socket *is, enum want want)
{
	return want == WANT_IT || is->sk.type != SOCK_STREAM;
}

static int try_bind(struct port_table *t, struct inet_socket *is, const struct in6_addr *addr,
		    u16 number, enum want want)
{
	bool free = want == WANT_FREE;
	struct port_bucket *b = bucket_of(t, number);
	int err = -EADDRINUSE;
	struct port *p;

	spin_lock(&b->lock);
	p = port_find(b, number);
	if (!p || (!free && !any_conflict(is, addr, p, false, shares(is, want)))) {
		p = port_get(b, number);
		err = p ? 0 : -ENOMEM;
		if (p) {
			p->bound = true;
			take(is, p, addr);
		}
	}
	spin_unlock(&b->lock);
	return err;
}

int port_connect(struct port_table *t, struct inet_socket *is, const struct in6_addr *addr,
		 u16 number)
{
	struct port_bucket *b = bucket_of(t, number);
	struct port *p;
	int err = 0;

	spin_lock(&b->lock);
	p = port_get(b, number);
	if (!p)
		err = -ENOMEM;
	else if (p->bound)
		err = -EADDRINUSE;
	else
		take(is, p, addr);
	spin_unlock(&b->lock);
	return err;
}

bool port_reserved(struct net *net, u16 port)
{
	const unsigned long *map = __atomic_load_n(&net->ip4->reserved_ports, __ATOMIC_CONSUME);

	return map && READ_ONCE(map[port / BITS_PER_LONG]) >> port % BITS_PER_LONG & 1;
}

u32 port_range(const struct inet_socket *is, u32 *low)
{
	u32 high = (u32)READ_ONCE(is->sk.net->ip4->local_port_high),
	    own = READ_ONCE(is->port_range);

	*low = (u32)READ_ONCE(is->sk.net->ip4->local_port_low);
	/* The socket's own ends count where they are within. */
	if (*low <= (own & 0xffff) && (own & 0xffff) <= high)
		*low = own & 0xffff;
	if (*low <= own >> 16 && own >> 16 <= high)
		high = own >> 16;
	return high >= *low ? high - *low + 1 : 1;
}

u16 port_nth(u32 low, u32 n, u32 start, u32 i, bool odd)
{
	u32 half = odd ? n / 2 : (n + 1) / 2;

	if (i >= half) {
		i -= half;
		half = n - half;
		odd = !odd;
	}
	return (u16)(low + 2 * ((start % half + i) % half) + odd);
}

int port_bind(struct port_table *t, struct inet_socket *is, const struct in6_addr *addr, u16 port)
{
	u32 low, n = port_range(is, &low), start;
	int err = -EADDRINUSE;

	if (port) {
		if (port < READ_ONCE(is->sk.net->ip4->unprivileged_port) &&
		    !net_capable(is->sk.net, CAP_NET_BIND_SERVICE))
			return -EACCES;
		return try_bind(t, is, addr, port, WANT_IT);
	}
	start = (u32)random_u64();
	for (enum want want = WANT_FREE; want <= WANT_ANY; want++)
		for (u32 k = 0; k < n && err == -EADDRINUSE; k++) {
			port = port_nth(low, n, start, k, true);
			if (!port_reserved(is->sk.net, port))
				err = try_bind(t, is, addr, port, want);
		}
	return err;
}

void port_release(struct port_table *t, struct inet_socket *is)
{
	struct port_bucket *b = bucket_of(t, is->local_port);
	struct port *p = is->port, *gone = NULL;

	if (!p)
		return;
	spin_lock(&b->lock);
	list_del_init(&is->port_link);
	is->port = NULL;
	is->local_port = 0;
	is->listening = false;
	gone = put(p);
	spin_unlock(&b->lock);
	kfree(gone);
}

void port_wait(struct port_table *t, struct port_wait *w, const struct inet_socket *is)
{
	struct port_bucket *b = bucket_of(t, is->local_port);
	struct claim c = claim_of(is, &is->local);

	spin_lock(&b->lock);
	w->port = is->port;
	if (w->port) {
		w->local = *c.addr;
		w->dev = c.dev;
		w->uid = c.uid;
		w->v6only = c.v6only;
		w->reuse_addr = c.reuse_addr;
		w->reuse_port = c.reuse_port;
		list_add_tail(&w->link, &w->port->waiting);
	}
	spin_unlock(&b->lock);
}

void port_wait_end(struct port_table *t, struct port_wait *w)
{
	struct port_bucket *b;
	struct port *gone;

	if (!w->port)
		return;
	b = bucket_of(t, w->port->number);
	spin_lock(&b->lock);
	list_del(&w->link);
	gone = put(w->port);
	spin_unlock(&b->lock);
	w->port = NULL;
	kfree(gone);
}

int port_inherit(struct port_table *t, struct inet_socket *child, struct inet_socket *parent)
{
	struct port_bucket *b = bucket_of(t, parent->local_port);
	struct port *p;

	spin_lock(&b->lock);
	p = port_get(b, parent->local_port); /* it has gone if the parent has */
	if (p) {
		p->bound = true;
		take(child, p, &child->local);
	}
	spin_unlock(&b->lock);
	return p ? 0 : -ENOMEM;
}

int port_listen(struct port_table *t, struct inet_socket *is)
{
	struct port_bucket *b = bucket_of(t, is->local_port);
	int err = 0;

	spin_lock(&b->lock);
	if (any_conflict(is, &is->local, is->port, true, true))
		err = -EADDRINUSE;
	else
		is->listening = true;
	spin_unlock(&b->lock);
	return err;
}

void port_unlisten(struct port_table *t, struct inet_socket *is)
{
	struct port_bucket *b = bucket_of(t, is->local_port);

	spin_lock(&b->lock);
	is->listening = false;
	spin_unlock(&b->lock);
}

void port_set_addr(struct port_table *t, struct inet_socket *is, const struct in6_addr *addr)
{
	struct port_bucket *b = bucket_of(t, is->local_port);

	spin_lock(&b->lock);
	is->local = *addr;
	spin_unlock(&b->lock);
}
