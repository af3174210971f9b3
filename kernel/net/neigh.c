/*
 * Neighbours (neigh.h): the table, and the states of RFC 4861 7.3.2, which serve ARP as well. What
 * is asked on the link is arp.c's and nd.c's.
 *
 * A started timer has a reference. Order: neighbour.lock, then the table's; nothing is sent while
 * either is held.
 */
#include "net/neigh.h"

#include <compiler.h>
#include <uapi/errno.h>
#include <uapi/if.h>

#include "alloc/slab.h"
#include "arch/riscv/cpu.h"
#include "core/random.h"
#include "core/time.h"
#include "lib/siphash.h"
#include "net/ipv4.h"
#include "net/ipv6_dev.h"
#include "net/net.h"
#include "net/route.h"
#include "net/wire/eth.h"

#define TABLE_BITS 8

struct neigh_table {
	spinlock_t lock; /* RANK_NEIGH_TABLE */
	unsigned n; /* [lock] entries */
	struct list_head ages; /* [lock] the longest unused first */
	struct neigh_params params;
	struct hlist_head hash[1 << TABLE_BITS]; /* [lock] RCU */
};

struct neigh_stats {
	u32 n[2][NEIGH_STATS];
};

struct neigh_net {
	struct neigh_stats *stats; /* [I] one a hart, which it writes alone */
	struct neigh_table table[2]; /* IPv4, IPv6 */
};

static void neigh_timer(struct net_timer *t);

static u64 ms(u32 n)
{
	return n * NSEC_PER_MSEC;
}

int neigh_net_init(struct net *net)
{
	net->neigh = kzalloc(sizeof(*net->neigh), 0);
	if (!net->neigh)
		return -ENOMEM;
	net->neigh->stats = kcalloc(nr_harts, sizeof(*net->neigh->stats));
	if (!net->neigh->stats) {
		kfree(net->neigh);
		net->neigh = NULL;
		return -ENOMEM;
	}
	for (int v = 0; v < 2; v++) {
		struct neigh_table *t = &net->neigh->table[v];

		spin_init(&t->lock, RANK_NEIGH_TABLE, "neighbours");
		list_init(&t->ages);
		t->params = (struct neigh_params){
			.base_reachable = 30000,
			.retrans = 1000,
			.delay_probe = 5000,
			.gc_stale = 60000,
			.ucast_probes = 3,
			.mcast_probes = 3,
			.queue_bytes = 212992,
			.locktime = v ? 0 : 1000,
			.gc_thresh1 = 128,
			.gc_thresh2 = 512,
			.gc_thresh3 = 1024,
		};
	}
	return 0;
}

void neigh_net_stop(struct net *net)
{
	if (net->neigh)
		neigh_flush(net, NULL, false);
}

void neigh_net_destroy(struct net *net)
{
	if (net->neigh)
		kfree(net->neigh->stats);
	kfree(net->neigh);
	net->neigh = NULL;
}

void neigh_stat_add(struct net *net, bool v6, enum neigh_stat s, u32 n)
{
	net->neigh->stats[hart_id()].n[v6][s] += n;
}

const u32 *neigh_stats(const struct net *net, bool v6, unsigned hart)
{
	return net->neigh->stats[hart].n[v6];
}

static void count(const struct neighbour *n, enum neigh_stat s, u32 by)
{
	neigh_stat_add(n->net, !addr_is_v4(&n->addr), s, by);
}

static struct neigh_table *table_for(struct net *net, const struct in6_addr *addr)
{
	return &net->neigh->table[!addr_is_v4(addr)];
}

struct neigh_params *neigh_params(struct net *net, bool v6)
{
	return &net->neigh->table[v6].params;
}

/* Its device's own; RCU. */
static const struct neigh_params *params_of(const struct neighbour *n)
{
	const struct ip4_dev *i4 = ip4_dev(n->dev);
	const struct ip6_dev *i6 = ip6_dev(n->dev);

	if (!addr_is_v4(&n->addr))
		return i6 ? &i6->neigh : neigh_params(n->dev->net, true);
	return i4 ? &i4->neigh : neigh_params(n->dev->net, false);
}

unsigned neigh_count(struct net *net, bool v6)
{
	return READ_ONCE(net->neigh->table[v6].n);
}

static void neigh_free(struct rcu_head *h)
{
	struct neighbour *n = container_of(h, struct neighbour, rcu);

	netdev_put(n->dev);
	kfree(n);
}

void neigh_put(struct neighbour *n)
{
	if (n && atomic_dec_and_test(&n->refs))
		call_rcu(&n->rcu, neigh_free);
}

static void news(struct neighbour *n, bool gone)
{
	if (n->net->news && n->net->news->neigh)
		n->net->news->neigh(n, gone);
}

static void start_timer(struct neighbour *n, u64 when)
{
	if (n->dead)
		return;
	neigh_get(n);
	if (net_timer_start(&n->timer, when))
		neigh_put(n);
}

static void stop_timer(struct neighbour *n)
{
	if (net_timer_cancel(&n->timer))
		neigh_put(n);
}

/* --- the table --- */

static struct hlist_head *chain_of(struct net *net, const struct netdev *dev,
				   const struct in6_addr *addr)
{
	struct {
		struct in6_addr a;
		u64 ifindex;
	} key = { *addr, (u64)dev->ifindex };
	u64 h = siphash_table(&key, sizeof(key), (const struct siphash_key *)net->secret);

	return &table_for(net, addr)->hash[h >> (64 - TABLE_BITS)];
}

static struct neighbour *find(struct net *net, const struct netdev *dev,
			      const struct in6_addr *addr)
{
	struct neighbour *n;

	hlist_for_each_entry(n, chain_of(net, dev, addr), hash_link)
		if (n->dev == dev && addr_equal(&n->addr, addr))
			return n;
	return NULL;
}

/* Takes n out; the table's reference is the caller's from then on. False: it was out already. */
static bool unlink_entry(struct neigh_table *t, struct neighbour *n)
{
	bool was;

	spin_lock(&t->lock);
	was = !hlist_unhashed(&n->hash_link);
	if (was) {
		hlist_del(&n->hash_link);
		list_del_init(&n->age_link);
		t->n--;
	}
	spin_unlock(&t->lock);
	return was;
}

/* Packets that wait in vain; called without locks. */
static void fail_queue(struct neighbour *n, struct list_head *queue)
{
	struct packet *p, *next;

	list_for_each_entry_safe(p, next, queue, link) {
		list_init(&p->link);
		if (addr_is_v4(&n->addr))
			ip4_neigh_failed(n->net, p);
		else
			ip6_neigh_failed(n->net, p);
	}
}

void neigh_delete(struct neighbour *n)
{
	LIST_HEAD(queue);

	spin_lock(&n->lock);
	n->dead = true;
	n->state = NEIGH_FAILED;
	stop_timer(n);
	list_splice_init(&n->queue, &queue);
	n->queue_bytes = 0;
	spin_unlock(&n->lock);
	packet_free_list(&queue);
	if (unlink_entry(table_for(n->net, &n->addr), n)) {
		count(n, NEIGH_DESTROYS, 1);
		route_stale(n->net); /* cached routes lead to it */
		news(n, true);
		neigh_put(n);
	}
}

/* The longest unused entry that may go. NULL: all are in use, or meant to stay. */
static struct neighbour *pick_victim(struct neigh_table *t, bool only_old)
{
	u64 now = now_mono();
	struct neighbour *n, *got = NULL;
	unsigned tries = 64;

	spin_lock(&t->lock);
	while (!list_empty(&t->ages) && tries--) {
		n = list_first_entry(&t->ages, struct neighbour, age_link);
		if (!(n->state & (NEIGH_PERMANENT | NEIGH_NOARP)) && atomic_read(&n->refs) == 1 &&
		    (!only_old || now - n->used > ms(params_of(n)->gc_stale))) {
			got = neigh_get(n);
			break;
		}
		list_move_tail(&n->age_link, &t->ages);
	}
	spin_unlock(&t->lock);
	return got;
}

static void collect(struct neigh_table *t)
{
	struct neighbour *n;

	if (READ_ONCE(t->n) < READ_ONCE(t->params.gc_thresh1))
		return;
	n = pick_victim(t, READ_ONCE(t->n) < READ_ONCE(t->params.gc_thresh2));
	if (n) {
		count(n, NEIGH_FORCED_GC, 1);
		neigh_delete(n);
		neigh_put(n);
	}
}

static struct neighbour *create(struct net *net, struct netdev *dev, const struct in6_addr *addr)
{
	struct neigh_table *t = table_for(net, addr);
	struct neighbour *n, *other;

	collect(t);
	if (READ_ONCE(t->n) >= READ_ONCE(t->params.gc_thresh3)) {
		neigh_stat_add(net, !addr_is_v4(addr), NEIGH_FULL, 1);
		return NULL;
	}
	n = kzalloc(sizeof(*n), 0);
	if (!n)
		return NULL;
	atomic_set(&n->refs, 2);
	spin_init(&n->lock, RANK_NEIGH, "neighbour");
	n->net = net;
	n->dev = netdev_get(dev);
	n->addr = *addr;
	n->used = n->updated = now_mono();
	n->confirmed = 0;
	list_init(&n->queue);
	net_timer_init(&n->timer, neigh_timer);
	spin_lock(&t->lock);
	other = find(net, dev, addr);
	if (other) {
		neigh_get(other);
		spin_unlock(&t->lock);
		netdev_put(dev);
		kfree(n);
		return other;
	}
	hlist_add_head(&n->hash_link, chain_of(net, dev, addr));
	list_add_tail(&n->age_link, &t->ages);
	t->n++;
	spin_unlock(&t->lock);
	count(n, NEIGH_ALLOCS, 1);
	return n;
}

struct neighbour *neigh_find(struct net *net, struct netdev *dev, const struct in6_addr *addr,
			     bool may_create)
{
	struct neighbour *n = find(net, dev, addr);

	neigh_stat_add(net, !addr_is_v4(addr), NEIGH_LOOKUPS, 1);
	if (n && atomic_inc_not_zero(&n->refs)) {
		count(n, NEIGH_HITS, 1);
		return n;
	}
	return may_create ? create(net, dev, addr) : NULL;
}

int neigh_for_each(struct net *net, bool v6, int (*fn)(struct neighbour *n, void *arg), void *arg)
{
	struct neigh_table *t = &net->neigh->table[v6];
	struct neighbour *n;
	int ret;

	for (size_t i = 0; i < ARRAY_SIZE(t->hash); i++)
		hlist_for_each_entry(n, &t->hash[i], hash_link)
			if ((ret = fn(n, arg)) != 0)
				return ret;
	return 0;
}

struct flush {
	struct netdev *dev;
	bool keep;
	struct neighbour *found;
};

static int flush_one(struct neighbour *n, void *arg)
{
	struct flush *f = arg;

	if ((f->dev && n->dev != f->dev) || (f->keep && n->state & NEIGH_PERMANENT))
		return 0;
	f->found = neigh_get(n);
	return 1;
}

void neigh_flush_version(struct net *net, struct netdev *dev, bool keep_permanent, bool v6)
{
	struct flush f = { dev, keep_permanent, NULL };

	while (neigh_for_each(net, v6, flush_one, &f)) {
		neigh_delete(f.found);
		neigh_put(f.found);
	}
}

void neigh_flush(struct net *net, struct netdev *dev, bool keep_permanent)
{
	neigh_flush_version(net, dev, keep_permanent, false);
	neigh_flush_version(net, dev, keep_permanent, true);
}

/* --- states --- */

/* Whom the next question goes to: the neighbour alone, programs that listen (app_solicit), all of the link. */
enum question { ASK_NONE, ASK_ONE, ASK_PROGRAMS, ASK_ALL };

/* n->lock is held. ASK_NONE: all have been asked in vain. */
static enum question next_question(struct neighbour *n)
{
	const struct neigh_params *c = params_of(n);
	bool probe = n->state == NEIGH_PROBE;
	u32 one = probe ? c->ucast_probes : 0, programs = one + c->app_probes,
	    last = programs + (probe ? c->mcast_reprobes : c->mcast_probes);

	if (n->probes >= last)
		return ASK_NONE;
	n->probes++;
	/* Who answers none sent to him alone may have another link address by now. */
	return n->probes <= one ? ASK_ONE : n->probes <= programs ? ASK_PROGRAMS : ASK_ALL;
}

static void solicit(struct neighbour *n, enum question q)
{
	if (q == ASK_NONE)
		return;
	if (q == ASK_PROGRAMS) {
		if (n->net->news && n->net->news->neigh_asked)
			n->net->news->neigh_asked(n);
	} else if (addr_is_v4(&n->addr)) {
		arp_solicit(n, q == ASK_ONE);
	} else {
		nd_solicit(n, q == ASK_ONE);
	}
}

/* RFC 4861 6.3.2: between a half and one and a half of the base, anew each time. */
static u64 reachable_time(const struct neighbour *n)
{
	u64 base = ms(READ_ONCE(params_of(n)->base_reachable));

	return base / 2 + random_u64() % (base + 1);
}

static void neigh_timer(struct net_timer *timer)
{
	struct neighbour *n = container_of(timer, struct neighbour, timer);
	const struct neigh_params *c = params_of(n);
	enum question ask = ASK_NONE;
	bool told = false;
	u64 now = now_mono(), confirmed;
	LIST_HEAD(queue);

	spin_lock(&n->lock);
	confirmed = READ_ONCE(n->confirmed);
	switch (n->dead ? NEIGH_FAILED : n->state) {
	case NEIGH_REACHABLE:
		if (now < confirmed + ms(c->base_reachable)) {
			start_timer(n, confirmed + ms(c->base_reachable));
		} else if (now < READ_ONCE(n->used) + ms(c->delay_probe)) {
			n->state = NEIGH_DELAY;
			start_timer(n, now + ms(c->delay_probe));
		} else {
			n->state = NEIGH_STALE;
			told = true;
		}
		break;
	case NEIGH_DELAY:
		if (now < confirmed + ms(c->delay_probe)) {
			n->state = NEIGH_REACHABLE;
			n->updated = now;
			start_timer(n, confirmed + reachable_time(n));
			told = true;
			break;
		}
		n->state = NEIGH_PROBE;
		n->probes = 0;
		fallthrough;
	case NEIGH_PROBE:
	case NEIGH_INCOMPLETE:
		ask = next_question(n);
		if (ask == ASK_NONE) {
			n->state = NEIGH_FAILED;
			n->updated = now;
			count(n, NEIGH_RES_FAILED, 1);
			list_splice_init(&n->queue, &queue);
			n->queue_bytes = 0;
			told = true;
			break;
		}
		start_timer(n, now + ms(c->retrans));
		break;
	default:
		break;
	}
	spin_unlock(&n->lock);
	solicit(n, ask);
	fail_queue(n, &queue);
	if (told)
		news(n, false);
	neigh_put(n);
}

void link_send(struct netdev *dev, const u8 *mac, struct packet *p)
{
	struct eth_header *h;

	if (netdev_ethernet(dev)) {
		if (!packet_need_headroom(p, sizeof(*h))) {
			packet_free(p);
			return;
		}
		h = packet_push(p, sizeof(*h));
		memcpy(h->dst, mac, ETH_ALEN);
		memcpy(h->src, dev->addr, ETH_ALEN);
		h->type = cpu_to_be16(p->protocol);
	}
	netdev_transmit(dev, p);
}

/* p waits; what is too much goes, the oldest first. n->lock is held. */
static void enqueue(struct neighbour *n, struct packet *p, struct list_head *drop)
{
	u32 most = READ_ONCE(params_of(n)->queue_bytes);

	list_add_tail(&p->link, &n->queue);
	n->queue_bytes += packet_truesize(p);
	while (n->queue_bytes > most && !list_is_singular(&n->queue)) {
		struct packet *old = list_first_entry(&n->queue, struct packet, link);

		n->queue_bytes -= min(n->queue_bytes, packet_truesize(old));
		list_move_tail(&old->link, drop);
		count(n, NEIGH_DISCARDS, 1);
	}
}

void neigh_send(struct neighbour *n, struct packet *p)
{
	const struct neigh_params *c = params_of(n);
	enum question ask = ASK_NONE;
	u64 now = now_mono();
	LIST_HEAD(drop);
	u8 mac[8];

	WRITE_ONCE(n->used, now);
	spin_lock(&n->lock);
	if (n->state & NEIGH_VALID) {
		if (n->state == NEIGH_STALE) {
			n->state = NEIGH_DELAY;
			n->updated = now;
			start_timer(n, now + ms(c->delay_probe));
		}
		memcpy(mac, n->lladdr, sizeof(mac));
		spin_unlock(&n->lock);
		link_send(n->dev, mac, p);
		return;
	}
	if (n->dead) {
		list_add_tail(&p->link, &drop);
	} else {
		if (n->state != NEIGH_INCOMPLETE) { /* new, or it failed before */
			n->state = NEIGH_INCOMPLETE;
			n->probes = 0;
			n->updated = now;
			ask = next_question(n);
			start_timer(n, now + ms(c->retrans));
		}
		enqueue(n, p, &drop);
	}
	spin_unlock(&n->lock);
	packet_free_list(&drop);
	solicit(n, ask);
}

void neigh_update(struct neighbour *n, const u8 *lladdr, u8 state, unsigned flags)
{
	u64 now = now_mono();
	u8 was, mac[8] = { 0 };
	bool changed = false, told;
	struct packet *p, *next;
	LIST_HEAD(queue);

	spin_lock(&n->lock);
	was = n->state;
	/* What the administrator said stands against what the link says. */
	if (n->dead || (!(flags & NEIGH_ADMIN) && was & (NEIGH_NOARP | NEIGH_PERMANENT))) {
		spin_unlock(&n->lock);
		return;
	}
	if (lladdr && was & NEIGH_VALID && memcmp(lladdr, n->lladdr, n->dev->addr_len) != 0) {
		if (!(flags & NEIGH_OVERRIDE)) {
			if (flags & NEIGH_WEAK && was & NEIGH_REACHABLE)
				state = NEIGH_STALE;
			else if (!(flags & NEIGH_WEAK))
				state = was;
			lladdr = NULL;
			if (!(flags & NEIGH_WEAK)) {
				spin_unlock(&n->lock);
				return;
			}
		} else {
			changed = true;
		}
	}
	if (flags & NEIGH_ROUTER_KNOWN)
		n->flags = (u8)((n->flags & ~NEIGH_FLAG_ROUTER) |
				(flags & NEIGH_ISROUTER ? NEIGH_FLAG_ROUTER : 0));
	if (lladdr)
		memcpy(n->lladdr, lladdr, n->dev->addr_len);
	/* Hearsay makes nothing worse that is known to work. */
	if (state == NEIGH_STALE && !changed && !(flags & NEIGH_ADMIN) && was & NEIGH_VALID &&
	    lladdr)
		state = was;
	n->state = state;
	n->updated = now;
	if (state & (NEIGH_REACHABLE | NEIGH_PERMANENT | NEIGH_NOARP))
		WRITE_ONCE(n->confirmed, now);
	if (state != was || state == NEIGH_REACHABLE) {
		stop_timer(n);
		if (state == NEIGH_REACHABLE)
			start_timer(n, now + reachable_time(n));
		else if (state & (NEIGH_DELAY | NEIGH_PROBE | NEIGH_INCOMPLETE)) {
			n->probes = 0;
			start_timer(n, now);
		}
	}
	told = state != was || changed;
	if (state & NEIGH_VALID || state == NEIGH_FAILED) {
		list_splice_init(&n->queue, &queue);
		n->queue_bytes = 0;
	}
	memcpy(mac, n->lladdr, sizeof(mac));
	spin_unlock(&n->lock);
	if (state == NEIGH_FAILED)
		fail_queue(n, &queue);
	else
		list_for_each_entry_safe(p, next, &queue, link) {
			list_init(&p->link);
			link_send(n->dev, mac, p);
		}
	if (told)
		news(n, false);
}
