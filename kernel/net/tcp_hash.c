/*
 * TCP's tables: connections by both addresses and ports, listeners by port. Sequence numbers and
 * timestamps' offsets come from the same key (RFC 6528, RFC 7323 5.4).
 *
 * Readers use RCU; a bucket's lock is one of TCP_HASH_LOCKS. Locking: tcp_impl.h.
 */
#include "net/tcp_impl.h"

#include "alloc/slab.h"
#include "core/random.h"
#include "lib/siphash.h"
#include "net/reuse.h"

u32 tcp_key_hash(const struct tcp_net *tn, const struct tcp_key *k)
{
	const struct siphash_key *key = (const struct siphash_key *)tn->secret;
	u32 ports = (u32)k->local_port << 16 | k->remote_port;

	if (addr_is_v4(&k->remote)) {
		u32 v[3] = { k->local.s6_addr32[3], k->remote.s6_addr32[3], ports };

		return (u32)siphash_table(v, sizeof(v), key);
	}
	struct {
		struct in6_addr a, b;
		u32 ports;
	} v = { k->local, k->remote, ports };

	return (u32)siphash_table(&v, sizeof(v), key);
}

/* What only who has the secret can tell of two addresses and ports. use: tells the uses apart. */
static u64 secret_of(const struct tcp_net *tn, const struct tcp_key *k, u32 ports, u32 use)
{
	const struct siphash_key *key = (const struct siphash_key *)tn->secret;

	if (addr_is_v4(&k->remote)) {
		u32 v[4] = { k->local.s6_addr32[3], k->remote.s6_addr32[3], ports, use };

		return siphash(v, sizeof(v), key);
	}
	struct {
		struct in6_addr a, b;
		u32 ports, use;
	} v = { k->local, k->remote, ports, use };

	return siphash(&v, sizeof(v), key);
}

u32 tcp_isn(const struct tcp_net *tn, const struct tcp_key *k)
{
	u32 ports = (u32)k->local_port << 16 | k->remote_port;

	/* One step in 64 ns: round in 4.6 minutes. */
	return (u32)secret_of(tn, k, ports, 1) + (u32)(now_mono() >> 6);
}

u32 tcp_ts_offset(const struct tcp_net *tn, const struct tcp_key *k)
{
	return tn->conf->timestamps == 1 ? (u32)secret_of(tn, k, 0, 2) : 0;
}

/* Of the bucket of that hash: all of a bucket has one lock. */
static spinlock_t *lock_of(struct tcp_net *tn, u32 hash)
{
	return &tn->locks[(hash >> (32 - TCP_HASH_BITS)) % TCP_HASH_LOCKS];
}

static struct hlist_head *bucket(const struct tcp_net *tn, u32 hash)
{
	return &READ_ONCE(tn->table)[hash >> (32 - TCP_HASH_BITS)];
}

static bool matches(const struct tcp_node *n, const struct tcp_key *k, int ifindex)
{
	return n->key.remote_port == k->remote_port && n->key.local_port == k->local_port &&
	       addr_equal(&n->key.remote, &k->remote) && addr_equal(&n->key.local, &k->local) &&
	       (!n->key.dev || !ifindex || n->key.dev == ifindex);
}

struct tcp_node *tcp_find(struct tcp_net *tn, const struct tcp_key *k, int ifindex)
{
	struct tcp_node *n;
	u32 hash;

	if (unlikely(!READ_ONCE(tn->table)))
		return NULL;
	hash = tcp_key_hash(tn, k);
	hlist_for_each_entry(n, bucket(tn, hash), link)
		if (n->hash == hash && matches(n, k, ifindex))
			return n;
	return NULL;
}

static bool have_table(struct tcp_net *tn)
{
	struct hlist_head *t, *none = NULL;

	if (likely(READ_ONCE(tn->table)))
		return true;
	t = kcalloc(1UL << TCP_HASH_BITS, sizeof(*t));
	if (!t)
		return false;
	if (!__atomic_compare_exchange_n(&tn->table, &none, t, false, __ATOMIC_ACQ_REL,
					 __ATOMIC_ACQUIRE))
		kfree(t);
	return true;
}

int tcp_hash_add(struct tcp_net *tn, struct tcp_node *n)
{
	struct tcp_node *other;
	spinlock_t *lock;
	int err = 0;

	if (!have_table(tn))
		return -ENOMEM;
	n->hash = tcp_key_hash(tn, &n->key);
	lock = lock_of(tn, n->hash);
	spin_lock(lock);
	hlist_for_each_entry(other, bucket(tn, n->hash), link) {
		if (other->hash == n->hash && matches(other, &n->key, n->key.dev)) {
			err = -EADDRINUSE;
			break;
		}
	}
	if (!err)
		hlist_add_head(&n->link, bucket(tn, n->hash));
	spin_unlock(lock);
	return err;
}

void tcp_hash_del(struct tcp_net *tn, struct tcp_node *n)
{
	spinlock_t *lock;

	if (hlist_unhashed(&n->link))
		return;
	lock = lock_of(tn, n->hash);
	spin_lock(lock);
	if (!hlist_unhashed(&n->link))
		hlist_del(&n->link);
	spin_unlock(lock);
}

bool tcp_hash_replace(struct tcp_net *tn, struct tcp_node *old, struct tcp_node *n)
{
	spinlock_t *lock = lock_of(tn, old->hash);
	bool was;

	n->hash = old->hash;
	spin_lock(lock);
	was = !hlist_unhashed(&old->link);
	if (was) {
		/* First in, then out: a look-up finds one of them. */
		hlist_add_head(&n->link, bucket(tn, n->hash));
		hlist_del(&old->link);
	}
	spin_unlock(lock);
	return was;
}

/* Into the table, if nobody has the same key; a TIME-WAIT may make way. */
static int add_connecting(struct tcp_sock *ts)
{
	struct tcp_net *tn = ts->tn;
	struct tcp_node *other;
	int err;

	ts->node.key.local_port = ts->inet.local_port;
	err = tcp_hash_add(tn, &ts->node);
	if (likely(err != -EADDRINUSE))
		return err;
	other = tcp_find(tn, &ts->node.key, ts->node.key.dev);
	if (!other || !tcp_tw_reusable(other, ts))
		return err;
	tcp_tw_kill(container_of(other, struct tcp_tw, node));
	err = tcp_hash_add(tn, &ts->node);
	if (err)
		ts->write_seq = ts->ts_recent = 0;
	return err;
}

/*
 * RFC 6056 3.3.4: the ports to one destination are used one after the other, from somewhere on
 * that nobody else can tell: so the next one is nearly always free, however many are in use.
 */
static int choose_port(struct tcp_sock *ts)
{
	struct tcp_net *tn = ts->tn;
	const struct tcp_key *k = &ts->node.key;
	u64 hash = secret_of(tn, k, k->remote_port, 4);
	u32 *salt = &tn->port_salt[hash % ARRAY_SIZE(tn->port_salt)];
	u32 low, n = port_range(&ts->inet, &low), start = (u32)(hash >> 32) + READ_ONCE(*salt);
	int err;

	for (u32 i = 0; i < n; i++) {
		u16 port = port_nth(low, n, start, i, false);

		err = port_reserved(ts->inet.sk.net, port) ?
			      -EADDRINUSE :
			      port_connect(tn->ports, &ts->inet, &k->local, port);
		if (err == -EADDRINUSE)
			continue;
		if (err)
			return err;
		err = add_connecting(ts);
		if (!err) {
			WRITE_ONCE(*salt, READ_ONCE(*salt) + i + 1 + (u32)(random_u64() & 3));
			return 0;
		}
		port_release(tn->ports, &ts->inet);
		if (err != -EADDRINUSE)
			return err;
	}
	return -EADDRNOTAVAIL;
}

int tcp_hash_connect(struct tcp_sock *ts)
{
	int err;

	if (!ts->inet.local_port)
		return choose_port(ts);
	err = add_connecting(ts);
	if (!err)
		port_set_addr(ts->tn->ports, &ts->inet, &ts->node.key.local);
	return err == -EADDRINUSE ? -EADDRNOTAVAIL : err;
}

/* --- listeners --- */

struct tcp_listeners *tcp_listeners_alloc(u32 size)
{
	struct tcp_listeners *t = kzalloc(sizeof(*t) + size * sizeof(t->bucket[0]), 0);

	if (t)
		t->size = size;
	return t;
}

/* addr NULL: of those that are bound to none. */
static struct hlist_head *listen_bucket(struct tcp_listeners *t, const struct in6_addr *addr,
					u16 port)
{
	u32 h = port * 0x9e3779b1U;

	for (unsigned i = 0; addr && i < 4; i++)
		h = (h ^ addr->s6_addr32[i]) * 0x9e3779b1U;
	return &t->bucket[(h >> 16 ^ h) & (t->size - 1)];
}

static struct hlist_head *listeners_of(struct tcp_listeners *t, const struct tcp_key *k)
{
	return listen_bucket(t, addr_is_any(&k->local) ? NULL : &k->local, k->local_port);
}

static void free_listeners(struct rcu_head *h)
{
	kfree(container_of(h, struct tcp_listeners, rcu));
}

/* listen_lock held. Who looks for one meanwhile looks again: a chain may lead it astray. */
static void listeners_grow(struct tcp_net *tn)
{
	struct tcp_listeners *old = tn->listeners, *t;
	struct hlist_node *next;
	struct tcp_node *n;

	if (tn->nr_listeners <= 2 * old->size || old->size >= TCP_LISTENERS_MOST)
		return;
	t = tcp_listeners_alloc(old->size * 8);
	if (!t)
		return; /* chains are longer then */
	WRITE_ONCE(tn->listen_moves, tn->listen_moves + 1);
	smp_mb();
	for (u32 i = 0; i < old->size; i++) {
		hlist_for_each_entry_safe(n, next, &old->bucket[i], link) {
			hlist_del(&n->link);
			hlist_add_head(&n->link, listeners_of(t, &n->key));
		}
	}
	smp_store_release(&tn->listeners, t);
	smp_mb();
	WRITE_ONCE(tn->listen_moves, tn->listen_moves + 1);
	call_rcu(&old->rcu, free_listeners);
}

/* One of the group that ts belongs to; NULL: it is the first. */
static struct inet_socket *group_of(struct hlist_head *chain, const struct tcp_sock *ts)
{
	const struct inet_socket *is = &ts->inet;
	struct tcp_node *n;

	hlist_for_each_entry(n, chain, link) {
		struct inet_socket *o = &tcp_node_sock(n)->inet;

		if (n->key.local_port == ts->node.key.local_port &&
		    n->key.dev == ts->node.key.dev &&
		    addr_equal(&n->key.local, &ts->node.key.local) && o->uid == is->uid &&
		    o->sk.family == is->sk.family && o->v6only == is->v6only &&
		    socket_option(&o->sk, OPT_REUSEPORT))
			return o;
	}
	return NULL;
}

spinlock_t *tcp_share_lock(struct socket *sk, bool *there)
{
	*there = tcp_sk(sk)->state != TCP_CLOSE;
	return &tcp_sk(sk)->tn->listen_lock;
}

void tcp_listen_add(struct tcp_sock *ts)
{
	struct tcp_net *tn = ts->tn;
	struct hlist_head *chain;

	ts->node.key.local = ts->inet.local;
	ts->node.key.local_port = ts->inet.local_port;
	ts->node.key.dev = ts->inet.sk.bound_dev;
	spin_lock(&tn->listen_lock);
	tn->nr_listeners++;
	listeners_grow(tn);
	chain = listeners_of(tn->listeners, &ts->node.key);
	if (socket_option(&ts->inet.sk, OPT_REUSEPORT))
		reuse_join(&ts->inet, group_of(chain, ts));
	hlist_add_head(&ts->node.link, chain);
	spin_unlock(&tn->listen_lock);
}

void tcp_listen_del(struct tcp_sock *ts)
{
	spin_lock(&ts->tn->listen_lock);
	if (!hlist_unhashed(&ts->node.link)) {
		hlist_del(&ts->node.link);
		ts->tn->nr_listeners--;
		reuse_leave(&ts->inet);
	}
	spin_unlock(&ts->tn->listen_lock);
}

/* How well it fits; 0: not at all. */
static int score(const struct tcp_sock *ts, const struct tcp_segment *seg)
{
	const struct tcp_key *k = &ts->node.key;
	u16 family = ts->inet.sk.family;
	bool v4 = addr_is_v4(&seg->dst);
	int s = 1;

	if (k->local_port != seg->dport || READ_ONCE(ts->state) != TCP_LISTEN)
		return 0;
	if (v4 ? family == AF_INET6 && ts->inet.v6only : family == AF_INET)
		return 0;
	if (!addr_is_any(&k->local)) {
		if (!addr_equal(&k->local, &seg->dst))
			return 0;
		s += 4;
	}
	if (k->dev) {
		if (k->dev != seg->ifindex)
			return 0;
		s += 2;
	}
	return s + (v4 == (family == AF_INET)) + reuse_wants_hart(&ts->inet.sk);
}

/* The best of a chain, which has no one's from another. */
static struct tcp_sock *best_of(const struct tcp_segment *seg, struct hlist_head *chain)
{
	struct tcp_sock *best = NULL;
	struct tcp_node *n;
	int most = 0, s;

	hlist_for_each_entry(n, chain, link) {
		s = score(tcp_node_sock(n), seg);
		if (s > most) {
			most = s;
			best = tcp_node_sock(n);
		}
	}
	return best;
}

/* Of those that share its port the one for this segment. */
static struct tcp_sock *one_of(struct tcp_net *tn, struct tcp_sock *best,
			       const struct tcp_segment *seg)
{
	struct tcp_key k = { seg->dst, seg->src, seg->dport, seg->sport, 0 };
	struct tcp_sock *ts;

	if (!READ_ONCE(best->inet.reuse))
		return best;
	ts = tcp_sk(&reuse_select(&best->inet, tcp_key_hash(tn, &k), seg->p, 0)->sk);
	return READ_ONCE(ts->state) == TCP_LISTEN ? ts : best; /* it may be just going */
}

struct tcp_sock *tcp_find_listener(struct tcp_net *tn, const struct tcp_segment *seg)
{
	struct tcp_listeners *t;
	struct tcp_sock *best;
	u32 moves;

	do {
		moves = READ_ONCE(tn->listen_moves);
		smp_mb();
		t = smp_load_acquire(&tn->listeners);
		/* One that is bound to the address fits better than any that is not. */
		best = best_of(seg, listen_bucket(t, &seg->dst, seg->dport));
		if (!best || addr_is_any(&best->node.key.local))
			best = best_of(seg, listen_bucket(t, NULL, seg->dport));
		smp_mb();
	} while (unlikely(moves % 2 || moves != READ_ONCE(tn->listen_moves)));
	return best ? one_of(tn, best, seg) : NULL;
}

/* --- everybody --- */

static void fill_sock(struct tcp_sock *ts, struct tcp_row *r)
{
	const struct tcp_listen *l = READ_ONCE(ts->listen);
	struct file *f = READ_ONCE(ts->inet.sk.file);
	u64 now = now_mono(), at = 0;

	*r = (struct tcp_row){ .family = ts->inet.sk.family,
			       .state = READ_ONCE(ts->state),
			       .local = ts->node.key.local,
			       .remote = ts->node.key.remote,
			       .local_port = ts->node.key.local_port,
			       .remote_port = ts->node.key.remote_port,
			       .bound_dev = ts->inet.sk.bound_dev,
			       .retransmits = ts->retransmits,
			       .probes = ts->probes_out,
			       .inode = f ? f->inode->ino : 0,
			       .uid = f ? f->inode->uid : 0,
			       .refs = (u32)atomic_read(&ts->inet.sk.refs),
			       .v6only = ts->inet.v6only,
			       .shutdown = ts->inet.sk.shutdown,
			       .sk = &ts->inet.sk };
	if (r->state == TCP_LISTEN && l) {
		r->rx_queue = l->nr_accept;
		r->tx_queue = l->backlog;
		return;
	}
	r->rx_queue = tcp_inq(ts);
	r->tx_queue = ts->write_seq - ts->snd_una;
	if (ts->at[TCP_T_REXMIT]) {
		r->timer = ts->rexmit == TCP_R_PROBE ? 4 : 1;
		at = ts->at[TCP_T_REXMIT];
	} else if (ts->at[TCP_T_KEEPALIVE]) {
		r->timer = 2;
		at = ts->at[TCP_T_KEEPALIVE];
	}
	r->timer_left = at > now ? at - now : 0;
}

static void fill_node(const struct tcp_node *n, struct tcp_row *r)
{
	u64 now = now_mono();

	*r = (struct tcp_row){ .family = addr_is_v4(&n->key.remote) ? AF_INET : AF_INET6,
			       .state = TCP_SYN_RECV,
			       .local = n->key.local,
			       .remote = n->key.remote,
			       .local_port = n->key.local_port,
			       .remote_port = n->key.remote_port,
			       .bound_dev = n->key.dev };
	if (n->kind == TCP_KIND_TW) {
		const struct tcp_tw *tw = container_of(n, struct tcp_tw, node);

		r->state = tw->state;
		r->timer = 3;
		r->timer_left = tw->expires > now ? tw->expires - now : 0;
	} else {
		const struct tcp_req *req = container_of(n, struct tcp_req, node);

		r->timer = 1;
		r->retransmits = req->timeouts;
	}
}

void tcp_for_each(struct net *net, bool (*fn)(const struct tcp_row *row, void *arg), void *arg)
{
	struct tcp_net *tn = net->tcp;
	struct tcp_row row;
	struct tcp_node *n;

	struct tcp_listeners *t = smp_load_acquire(&tn->listeners);

	for (u32 i = 0; i < t->size; i++) {
		hlist_for_each_entry(n, &t->bucket[i], link) {
			fill_sock(tcp_node_sock(n), &row);
			if (!fn(&row, arg))
				return;
		}
	}
	for (unsigned i = 0; READ_ONCE(tn->table) && i < 1 << TCP_HASH_BITS; i++) {
		hlist_for_each_entry(n, &tn->table[i], link) {
			if (n->kind == TCP_KIND_SOCK)
				fill_sock(tcp_node_sock(n), &row);
			else
				fill_node(n, &row);
			if (!fn(&row, arg))
				return;
		}
	}
}
