/*
 * Ports: who has which of a protocol's, and who may share one. socket(7), SO_REUSEADDR and
 * SO_REUSEPORT as Linux has them. Which port comes when none is asked for cannot be guessed
 * (RFC 6056 3.3.1).
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
	struct list_head owners; /* [b] of inet_socket.port_link */
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

/* Could a packet be for either? */
static bool overlap(const struct inet_socket *a, const struct in6_addr *addr,
		    const struct inet_socket *o)
{
	int dev = READ_ONCE(a->bound_dev), odev = READ_ONCE(o->bound_dev);

	if (dev && odev && dev != odev)
		return false;
	if (addr_is_v4(addr) == addr_is_v4(&o->local))
		return addr_is_any(addr) || addr_is_any(&o->local) || addr_equal(addr, &o->local);
	/* One of either version: :: takes IPv4's, too. */
	if (addr_is_v4(addr))
		return addr_is_any(&o->local) && !o->v6only;
	return addr_is_any(addr) && !a->v6only;
}

static bool conflict(const struct inet_socket *a, const struct in6_addr *addr,
		     const struct inet_socket *o, bool listening)
{
	if (a == o || !overlap(a, addr, o))
		return false;
	if (socket_option(&a->sk, OPT_REUSEPORT) && socket_option(&o->sk, OPT_REUSEPORT) &&
	    a->uid == o->uid)
		return false;
	if (listening)
		return o->listening;
	return !socket_option(&a->sk, OPT_REUSEADDR) || !socket_option(&o->sk, OPT_REUSEADDR) ||
	       o->listening;
}

static bool any_conflict(const struct inet_socket *is, const struct in6_addr *addr,
			 const struct port *p, bool listening)
{
	const struct inet_socket *o;

	list_for_each_entry(o, &p->owners, port_link)
		if (conflict(is, addr, o, listening))
			return true;
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
	hlist_add_head(&p->link, &b->ports);
	return p;
}

static void take(struct inet_socket *is, struct port *p, const struct in6_addr *addr)
{
	is->port = p;
	is->local = *addr;
	is->local_port = p->number;
	list_add_tail(&is->port_link, &p->owners);
}

/* free: it must be nobody's. */
static int try_bind(struct port_table *t, struct inet_socket *is, const struct in6_addr *addr,
		    u16 number, bool free)
{
	struct port_bucket *b = bucket_of(t, number);
	int err = -EADDRINUSE;
	struct port *p;

	spin_lock(&b->lock);
	p = port_find(b, number);
	if (!p || (!free && !any_conflict(is, addr, p, false))) {
		p = port_get(b, number);
		err = p ? 0 : -ENOMEM;
		if (p)
			take(is, p, addr);
	}
	spin_unlock(&b->lock);
	return err;
}

int port_bind(struct port_table *t, struct inet_socket *is, const struct in6_addr *addr, u16 port)
{
	const struct ip4_net *i = is->net->ip4;
	u32 low = (u32)READ_ONCE(i->local_port_low), n, start;
	int err = -EADDRINUSE;

	if (port) {
		if (port < READ_ONCE(i->unprivileged_port) && !capable(CAP_NET_BIND_SERVICE))
			return -EACCES;
		return try_bind(t, is, addr, port, false);
	}
	n = (u32)READ_ONCE(i->local_port_high) - low + 1;
	start = (u32)(random_u64() % n);
	for (int free = 1; free >= 0; free--)
		for (u32 k = 0; k < n && err == -EADDRINUSE; k++)
			err = try_bind(t, is, addr, (u16)(low + (start + k) % n), free);
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
	if (list_empty(&p->owners)) {
		hlist_del(&p->link);
		gone = p;
	}
	spin_unlock(&b->lock);
	kfree(gone);
}

int port_inherit(struct port_table *t, struct inet_socket *child, struct inet_socket *parent)
{
	struct port_bucket *b = bucket_of(t, parent->local_port);
	struct port *p;

	spin_lock(&b->lock);
	p = port_get(b, parent->local_port); /* it has gone if the parent has */
	if (p)
		take(child, p, &child->local);
	spin_unlock(&b->lock);
	return p ? 0 : -ENOMEM;
}

int port_listen(struct port_table *t, struct inet_socket *is)
{
	struct port_bucket *b = bucket_of(t, is->local_port);
	int err = 0;

	spin_lock(&b->lock);
	if (any_conflict(is, &is->local, is->port, true))
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
