/*
 * The routing tables (route.h): two tables of two tries each, and what ICMP said of paths' MTUs
 * (RFC 1191 6.3, RFC 8201 5.2).
 */
#include "net/route.h"

#include <compiler.h>
#include <uapi/errno.h>
#include <uapi/if.h>

#include "alloc/slab.h"
#include "core/time.h"
#include "lib/hash.h"
#include "lib/siphash.h"
#include "net/ipv4.h"
#include "net/ipv6_dev.h"
#include "net/neigh.h"
#include "net/net.h"
#include "net/route_trie.h"
#include "sync/spinlock.h"

#define RTNH_F_ONLINK	 4u
#define PATH_BITS	 8
#define REDIRECT_SECONDS 300 /* how long a redirect holds: Linux's net.ipv4.route.gc_timeout */
#define PATH_MAX_	 2048 /* paths remembered: ICMP comes from strangers */

struct route_net {
	struct route_trie trie[2][2]; /* [net->mutex] RCU: local, main; IPv4, IPv6 */
	spinlock_t path_lock;
	unsigned nr_paths; /* [path_lock] */
	struct hlist_head paths[1 << PATH_BITS]; /* [path_lock] RCU */
};

int route_net_init(struct net *net)
{
	net->routes = kzalloc(sizeof(*net->routes), 0);
	if (!net->routes)
		return -ENOMEM;
	spin_init(&net->routes->path_lock, RANK_NET_TABLE, "route paths");
	return 0;
}

static void path_free(struct rcu_head *h)
{
	kfree(container_of(h, struct route_path, rcu));
}

static bool any_entry(const struct route_entry *e __unused, void *arg __unused)
{
	return true;
}

void route_net_destroy(struct net *net)
{
	struct route_net *rn = net->routes;
	struct route_path *p;
	struct hlist_node *n;

	if (!rn)
		return;
	route_purge(net, false, any_entry, NULL);
	route_purge(net, true, any_entry, NULL);
	for (size_t i = 0; i < ARRAY_SIZE(rn->paths); i++)
		hlist_for_each_entry_safe(p, n, &rn->paths[i], link)
			call_rcu(&p->rcu, path_free);
	kfree(rn);
	net->routes = NULL;
}

static struct route_trie *trie_of(struct net *net, u8 table, bool v6)
{
	return &net->routes->trie[table == ROUTE_TABLE_LOCAL ? 0 : 1][v6];
}

/* The prefix of c as the trie counts. */
static u8 bits_of(const struct route_config *c)
{
	return (u8)(c->prefix_len + (addr_is_v4(&c->dst) ? 96 : 0));
}

void route_stale(struct net *net)
{
	__atomic_fetch_add(&net->generation, 1, __ATOMIC_RELEASE);
}

void route_changed(struct net *net)
{
	__atomic_fetch_add(&net->changes, 1, __ATOMIC_RELEASE);
	route_stale(net);
}

/* --- changes --- */

static void entry_free(struct rcu_head *h)
{
	struct route_entry *e = container_of(h, struct route_entry, rcu);

	if (e->c.dev)
		netdev_put(e->c.dev);
	kfree(e);
}

static void news(struct net *net, const struct route_entry *e, bool gone)
{
	route_changed(net);
	/* As on Linux: what IPv4 loses with its device, nobody is told one by one. */
	if (gone && addr_is_v4(&e->c.dst) && e->c.dev && !(e->c.dev->flags & IFF_UP))
		return;
	if (net->news && net->news->route)
		net->news->route(net, e, gone);
}

static void entry_remove(struct net *net, struct route_node *n, struct route_entry *e, bool tell)
{
	struct route_trie *t = trie_of(net, e->c.table, !addr_is_v4(&e->c.dst));

	list_unlink_(&e->link);
	trie_drop(t, n);
	if (tell)
		news(net, e, true);
	call_rcu(&e->rcu, entry_free);
}

/* Two that can't stand beside each other: IPv6 tells routes by their way, too. */
static bool same_route(const struct route_config *a, const struct route_config *b)
{
	if (a->metric != b->metric || a->tos != b->tos)
		return false;
	return addr_is_v4(&a->dst) ||
	       (a->dev == b->dev && addr_equal(&a->gateway, &b->gateway) && a->type == b->type);
}

static bool has_dev(u8 type)
{
	return type < ROUTE_BLACKHOLE;
}

/* RFC 1812 5.2.4: a gateway is a neighbour on a link that is up. */
static int check_gateway(struct net *net, struct route_config *c)
{
	bool v6 = !addr_is_v4(&c->dst);
	const struct route_entry *e;

	if (addr_is_v4(&c->gateway) == v6)
		return -EINVAL;
	if (c->flags & RTNH_F_ONLINK) {
		if (!c->dev)
			return -ENODEV;
		return route_addr_type(net, &c->gateway) == ROUTE_UNICAST ? 0 : -EINVAL;
	}
	if (v6 && addr_is_link_local(&c->gateway))
		return c->dev ? 0 : -EINVAL;
	e = route_match(net, &c->gateway, c->dev ? c->dev->ifindex : 0);
	if (!e || !e->c.dev)
		return v6 ? -EHOSTUNREACH : -ENETUNREACH;
	if (v6 && e->c.dev->flags & IFF_LOOPBACK)
		return -EHOSTUNREACH;
	if (e->c.type != ROUTE_UNICAST && (v6 || e->c.type != ROUTE_LOCAL))
		return -EINVAL;
	if (!addr_is_any(&e->c.gateway))
		return v6 ? -EHOSTUNREACH : -ENETUNREACH;
	if (!c->dev)
		c->dev = e->c.dev;
	return 0;
}

static int check_config(struct net *net, struct route_config *c)
{
	int err;

	if (c->type < ROUTE_UNICAST || c->type > ROUTE_PROHIBIT ||
	    c->prefix_len > (addr_is_v4(&c->dst) ? 32 : 128))
		return -EINVAL;
	if (!has_dev(c->type)) {
		c->dev = NULL;
		return 0;
	}
	if (!addr_is_any(&c->gateway)) {
		err = check_gateway(net, c);
		if (err)
			return err;
	}
	if (!c->dev)
		return -ENODEV;
	if (!(READ_ONCE(c->dev->flags) & IFF_UP))
		return -ENETDOWN;
	if (!addr_is_any(&c->prefsrc) && addr_is_v4(&c->dst) &&
	    route_addr_type(net, &c->prefsrc) != ROUTE_LOCAL)
		return c->type == ROUTE_LOCAL && addr_equal(&c->prefsrc, &c->dst) ? 0 : -EINVAL;
	return 0;
}

int route_add(struct net *net, const struct route_config *want, unsigned flags)
{
	struct route_entry *e, *pos, *old = NULL, *fresh = kzalloc(sizeof(*fresh), 0);
	struct list_head *before = NULL;
	struct route_bits key = route_bits_of(&want->dst), end;
	struct route_trie *t;
	struct route_node *n;
	int err;

	if (!fresh)
		return -ENOMEM;
	fresh->c = *want;
	t = trie_of(net, want->table, !addr_is_v4(&want->dst));
	err = check_config(net, &fresh->c);
	if (err)
		goto out_free;
	n = trie_find(t, &key, bits_of(want));
	if (n)
		list_for_each_entry(e, &n->entries, link)
			if (!old && same_route(&e->c, &fresh->c))
				old = e;
	err = -EEXIST;
	if (old && (flags & ROUTE_EXCL || !(flags & (ROUTE_REPLACE | ROUTE_APPEND))))
		goto out_free;
	err = -ENOENT;
	if (!old && !(flags & ROUTE_CREATE))
		goto out_free;
	err = -ENOMEM;
	n = trie_get(t, &key, bits_of(want));
	if (!n)
		goto out_free;
	end = n->key;
	err = -EINVAL;
	if (end.hi != key.hi || end.lo != key.lo) { /* bits behind the prefix */
		trie_drop(t, n);
		goto out_free;
	}
	if (fresh->c.dev)
		netdev_get(fresh->c.dev);
	before = &n->entries;
	list_for_each_entry(pos, &n->entries, link) {
		if (pos->c.metric > fresh->c.metric ||
		    (pos->c.metric == fresh->c.metric && pos->c.tos < fresh->c.tos)) {
			before = &pos->link;
			break;
		}
	}
	if (old && flags & ROUTE_REPLACE)
		before = &old->link;
	list_add_tail_rcu(&fresh->link, before);
	news(net, fresh, false);
	if (old && flags & ROUTE_REPLACE)
		entry_remove(net, n, old, false); /* the news of what replaces it is all */
	return 0;

out_free:
	kfree(fresh);
	return err;
}

int route_del(struct net *net, const struct route_config *c)
{
	struct route_bits key = route_bits_of(&c->dst);
	struct route_trie *t = trie_of(net, c->table, !addr_is_v4(&c->dst));
	struct route_node *n = trie_find(t, &key, bits_of(c));
	struct route_entry *e;

	if (!n)
		return -ESRCH;
	list_for_each_entry(e, &n->entries, link) {
		if ((c->type && c->type != e->c.type) || (c->tos && c->tos != e->c.tos) ||
		    (c->scope && c->scope != SCOPE_NOWHERE && c->scope != e->c.scope) ||
		    (c->protocol && c->protocol != e->c.protocol) ||
		    (c->metric && c->metric != e->c.metric) || (c->dev && c->dev != e->c.dev) ||
		    (!addr_is_any(&c->gateway) && !addr_equal(&c->gateway, &e->c.gateway)) ||
		    (!addr_is_any(&c->prefsrc) && !addr_equal(&c->prefsrc, &e->c.prefsrc)))
			continue;
		entry_remove(net, n, e, true);
		return 0;
	}
	return -ESRCH;
}

int route_for_each(struct net *net, bool v6, int (*fn)(const struct route_entry *e, void *arg),
		   void *arg)
{
	const struct route_entry *e;
	int ret;

	for (int table = 1; table >= 0; table--)
		for (struct route_node *n = net->routes->trie[table][v6].root; n; n = trie_next(n))
			list_for_each_entry(e, &n->entries, link)
				if ((ret = fn(e, arg)) != 0)
					return ret;
	return 0;
}

void route_count_nodes(struct net *net, bool v6, unsigned n[2])
{
	n[0] = n[1] = 0;
	for (int table = 1; table >= 0; table--)
		for (struct route_node *k = net->routes->trie[table][v6].root; k;
		     k = trie_next(k)) {
			n[0]++;
			n[1] += !list_empty(&k->entries);
		}
}

/* Takes out one of them; taking out moves nodes, so the walk begins anew. */
static bool purge_one(struct net *net, struct route_node *n,
		      bool (*fn)(const struct route_entry *e, void *arg), void *arg)
{
	struct route_entry *e;

	for (; n; n = trie_next(n))
		list_for_each_entry(e, &n->entries, link)
			if (fn(e, arg)) {
				entry_remove(net, n, e, true);
				return true;
			}
	return false;
}

void route_purge(struct net *net, bool v6, bool (*fn)(const struct route_entry *e, void *arg),
		 void *arg)
{
	for (int table = 0; table < 2; table++)
		while (purge_one(net, net->routes->trie[table][v6].root, fn, arg))
			;
}

/* --- look-ups --- */

static bool usable(const struct route_entry *e, int oif)
{
	if (e->c.expires && e->c.expires < now_mono())
		return false;
	return !oif || (e->c.dev && e->c.dev->ifindex == oif);
}

static const struct route_entry *match_in(const struct route_trie *t, const struct route_bits *key,
					  int oif)
{
	const struct route_entry *e, *best = NULL;
	struct route_node *n = trie_enter(__atomic_load_n(&t->root, __ATOMIC_CONSUME), key);

	for (; n; n = trie_down(n, key)) {
		list_for_each_entry_rcu(e, &n->entries, link) {
			if (e->c.tos || !usable(e, oif))
				continue;
			best = e;
			break;
		}
	}
	return best;
}

const struct route_entry *route_match(struct net *net, const struct in6_addr *dst, int oif)
{
	struct route_bits key = route_bits_of(dst);
	bool v6 = !addr_is_v4(dst);
	const struct route_entry *e = match_in(&net->routes->trie[0][v6], &key, oif);

	return e ? e : match_in(&net->routes->trie[1][v6], &key, oif);
}

u8 route_addr_type_on(struct net *net, const struct in6_addr *a, int ifindex)
{
	struct route_bits key = route_bits_of(a);
	const struct route_entry *e;

	if (addr_is_multicast(a))
		return ROUTE_MULTICAST;
	if (addr_is_v4(a) && addr_v4(a) == cpu_to_be32(0xffffffff))
		return ROUTE_BROADCAST;
	e = match_in(&net->routes->trie[0][!addr_is_v4(a)], &key, ifindex);
	return e ? e->c.type : ROUTE_UNICAST;
}

u8 route_addr_type(struct net *net, const struct in6_addr *a)
{
	return route_addr_type_on(net, a, 0);
}

bool addr_is_local(struct net *net, const struct in6_addr *a)
{
	return route_addr_type(net, a) == ROUTE_LOCAL;
}

bool addr_is_loopback(const struct in6_addr *a)
{
	return addr_is_v4(a) ? a->s6_addr[12] == 127 :
			       !a->s6_addr32[0] && !a->s6_addr32[1] && !a->s6_addr32[2] &&
				       be32_to_cpu(addr_v4(a)) == 1;
}

bool addr_is_link_local(const struct in6_addr *a)
{
	if (addr_is_v4(a))
		return a->s6_addr[12] == 169 && a->s6_addr[13] == 254;
	return (a->s6_addr[0] == 0xfe && (a->s6_addr[1] & 0xc0) == 0x80) ||
	       (a->s6_addr[0] == 0xff && (a->s6_addr[1] & 0xf) <= 2 && a->s6_addr[1] & 0xf);
}

int route_lookup(struct net *net, const struct route_key *key, struct route *r)
{
	*r = (struct route){ .dst = key->dst, .generation = READ_ONCE(net->generation) };
	return addr_is_v4(&key->dst) ? ip4_route(net, key, r) : ip6_route(net, key, r);
}

void route_put(struct route *r)
{
	neigh_put(r->neigh);
	if (r->dev)
		netdev_put(r->dev);
	r->neigh = NULL;
	r->dev = NULL;
}

/* --- paths --- */

static struct hlist_head *path_chain(struct net *net, const struct in6_addr *dst)
{
	u64 h = siphash_table(dst, sizeof(*dst), (const struct siphash_key *)net->secret);

	return &net->routes->paths[hash_index(h, PATH_BITS)];
}

static struct route_path *path_find(struct net *net, const struct in6_addr *dst)
{
	struct route_path *p;

	hlist_for_each_entry(p, path_chain(net, dst), link)
		if (addr_equal(&p->dst, dst))
			return p;
	return NULL;
}

const struct route_path *route_path(struct net *net, const struct in6_addr *dst)
{
	struct route_path *p;

	if (!READ_ONCE(net->routes->nr_paths))
		return NULL;
	p = path_find(net, dst);
	return p && READ_ONCE(p->expires) > now_mono() ? p : NULL;
}

u32 route_path_mtu(struct net *net, const struct in6_addr *dst)
{
	const struct route_path *p = route_path(net, dst);

	return p ? READ_ONCE(p->mtu) : 0;
}

int route_path_for_each(struct net *net, bool v6, int (*fn)(const struct route_path *p, void *arg),
			void *arg)
{
	struct route_path *p;
	int err = 0;

	for (size_t i = 0; i < ARRAY_SIZE(net->routes->paths); i++)
		hlist_for_each_entry(p, &net->routes->paths[i], link)
			if (!err && addr_is_v4(&p->dst) == !v6 &&
			    READ_ONCE(p->expires) > now_mono())
				err = fn(p, arg);
	return err;
}

void route_path_flush(struct net *net, bool v6)
{
	struct route_net *rn = net->routes;
	struct route_path *p;

	spin_lock(&rn->path_lock);
	for (size_t i = 0; i < ARRAY_SIZE(rn->paths); i++)
		hlist_for_each_entry(p, &rn->paths[i], link)
			if (addr_is_v4(&p->dst) == !v6)
				WRITE_ONCE(p->expires, 0);
	spin_unlock(&rn->path_lock);
	route_stale(net);
}

static u64 path_end(struct net *net, const struct in6_addr *dst)
{
	int seconds = addr_is_v4(dst) ? READ_ONCE(net->ip4->mtu_expires) :
					READ_ONCE(net->ip6->mtu_expires);

	return now_mono() + (u64)max(seconds, 0) * NSEC_PER_SEC;
}

/* Makes room: what is over, and of a full chain its oldest. */
static void path_expire(struct route_net *rn, struct hlist_head *chain, bool full)
{
	struct route_path *p, *oldest = NULL;
	struct hlist_node *n;
	u64 now = now_mono();

	hlist_for_each_entry_safe(p, n, chain, link) {
		if (p->expires > now) {
			oldest = p; /* new ones come in front */
			continue;
		}
		hlist_del(&p->link);
		rn->nr_paths--;
		call_rcu(&p->rcu, path_free);
	}
	if (full && oldest && rn->nr_paths >= PATH_MAX_) {
		hlist_del(&oldest->link);
		rn->nr_paths--;
		call_rcu(&oldest->rcu, path_free);
	}
}

/* The entry of dst, made if there is none. *known: it was there and holds. NULL: no room. [path_lock] */
static struct route_path *path_get(struct net *net, const struct in6_addr *dst, bool *known)
{
	struct route_net *rn = net->routes;
	struct route_path *p = path_find(net, dst);

	*known = p && p->expires > now_mono();
	if (p)
		return p;
	path_expire(rn, path_chain(net, dst), true);
	p = rn->nr_paths < PATH_MAX_ ? kzalloc(sizeof(*p), 0) : NULL;
	if (!p)
		return NULL;
	p->dst = *dst;
	rn->nr_paths++;
	hlist_add_head(&p->link, path_chain(net, dst));
	return p;
}

void route_redirect(struct net *net, const struct in6_addr *dst, be32 instead_of, be32 via)
{
	struct route_net *rn = net->routes;
	struct route_path *p;
	bool known;

	spin_lock(&rn->path_lock);
	p = path_get(net, dst, &known);
	if (p) {
		if (!known)
			WRITE_ONCE(p->mtu, 0);
		WRITE_ONCE(p->instead_of, instead_of);
		WRITE_ONCE(p->via, via);
		WRITE_ONCE(p->expires, now_mono() + REDIRECT_SECONDS * NSEC_PER_SEC);
	}
	spin_unlock(&rn->path_lock);
	route_stale(net);
}

void route_update_mtu(struct net *net, const struct in6_addr *dst, u32 mtu)
{
	struct route_net *rn = net->routes;
	struct route_path *p;
	bool known;

	mtu = max(mtu, addr_is_v4(dst) ? (u32)READ_ONCE(net->ip4->min_pmtu) : 1280u);
	spin_lock(&rn->path_lock);
	p = path_get(net, dst, &known);
	if (p) {
		if (!known)
			WRITE_ONCE(p->via, 0);
		/* Only an expired one may rise. */
		if (!known || !p->mtu || mtu < p->mtu)
			WRITE_ONCE(p->mtu, mtu);
		WRITE_ONCE(p->expires, path_end(net, dst));
	}
	spin_unlock(&rn->path_lock);
	route_stale(net);
}
