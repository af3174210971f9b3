/*
 * IPv6 fragments put together: RFC 8200 4.5. Fragments that overlap end the whole (RFC 5722); what
 * says it is the only one is one (RFC 6946, 8021); all headers must be in the first (RFC 7112).
 *
 * Locks: [f] ip6_frags.lock (RANK_NET_TABLE). Network context.
 */
#include "net/ipv6_dev.h"

#include <byteorder.h>
#include <compiler.h>
#include <uapi/errno.h>
#include <uapi/in6.h>

#include "alloc/slab.h"
#include "lib/siphash.h"
#include "net/wire/ipv6.h"

#define BUCKETS	    64
#define PIECES_MOST 128 /* of one packet */

struct whole {
	struct list_head link; /* [f] of its bucket */
	struct list_head age_link; /* [f] the oldest first */
	struct in6_addr src, dst; /* [I] */
	u32 id; /* [I] */
	int ifindex; /* [I] it began to come by */
	struct list_head pieces; /* [f] in order of their offsets */
	unsigned n; /* [f] */
	u32 end; /* [f] bytes of the whole; 0: the last piece has not come */
	u32 got; /* [f] bytes that came */
	u32 memory; /* [f] */
	bool dead; /* [f] had an overlap: what still comes of it is dropped */
	u64 until; /* [I] now_mono() ns */
};

struct ip6_frags {
	spinlock_t lock;
	struct net *net; /* [I] */
	struct list_head bucket[BUCKETS]; /* [f] */
	struct list_head ages; /* [f] */
	u32 memory; /* [f] bytes of all */
	struct net_timer timer;
};

/* Kept behind ip_received in a waiting fragment's place for the transport. */
static u32 *offset_of(struct packet *p)
{
	return &ip_received(p)->upper[0];
}
static u32 *length_of(struct packet *p)
{
	return &ip_received(p)->upper[1];
}

static void free_whole(struct ip6_frags *f, struct whole *w)
{
	list_del(&w->link);
	list_del(&w->age_link);
	f->memory -= w->memory;
	packet_free_list(&w->pieces);
	kfree(w);
}

/* RFC 8200 4.5: who sent the first piece is told that the others did not come. */
static void expire(struct net_timer *t)
{
	struct ip6_frags *f = container_of(t, struct ip6_frags, timer);
	struct packet *first = NULL;
	u64 now = now_mono(), next;

	for (;;) {
		const struct netdev *d;
		struct whole *w;

		spin_lock(&f->lock);
		next = 0;
		if (list_empty(&f->ages)) {
			spin_unlock(&f->lock);
			return;
		}
		w = list_first_entry(&f->ages, struct whole, age_link);
		next = w->until;
		if (next > now) {
			spin_unlock(&f->lock);
			net_timer_start(&f->timer, next);
			return;
		}
		if (!list_empty(&w->pieces))
			first = list_first_entry(&w->pieces, struct packet, link);
		if (first && !*offset_of(first))
			list_del_init(&first->link);
		else
			first = NULL;
		d = netdev_by_index(f->net, w->ifindex);
		free_whole(f, w);
		spin_unlock(&f->lock);
		ip6_count(f->net, d, IP6_REASM_TIMEOUT, 1);
		ip6_count(f->net, d, IP6_REASM_FAILS, 1);
		if (first)
			icmp6_error(f->net, first, ICMP6_TIME_EXCEEDED, EXCEED6_REASSEMBLY, 0);
		packet_free(first);
		first = NULL;
	}
}

int ip6_frag_init(struct net *net)
{
	struct ip6_frags *f = kzalloc(sizeof(*f), 0);

	if (!f)
		return -ENOMEM;
	spin_init(&f->lock, RANK_NET_TABLE, "ipv6 fragments");
	f->net = net;
	for (unsigned i = 0; i < BUCKETS; i++)
		list_init(&f->bucket[i]);
	list_init(&f->ages);
	net_timer_init(&f->timer, expire);
	net->ip6->frags = f;
	return 0;
}

void ip6_frag_flush(struct net *net)
{
	struct ip6_frags *f = net->ip6->frags;

	spin_lock(&f->lock);
	while (!list_empty(&f->ages))
		free_whole(f, list_first_entry(&f->ages, struct whole, age_link));
	spin_unlock(&f->lock);
	net_timer_cancel(&f->timer);
}

u32 ip6_frag_memory(struct net *net, unsigned *n)
{
	struct ip6_frags *f = net->ip6->frags;
	struct whole *w;

	*n = 0;
	spin_lock(&f->lock);
	list_for_each_entry(w, &f->ages, age_link)
		++*n;
	spin_unlock(&f->lock);
	return READ_ONCE(f->memory);
}

static struct list_head *bucket(struct net *net, const struct ip_received *r, u32 id)
{
	struct siphash_key key = { { net->secret[0], net->secret[1] } };
	struct {
		struct in6_addr src, dst;
		u32 id, pad;
	} what = { r->src, r->dst, id, 0 };

	return &net->ip6->frags->bucket[siphash_table(&what, sizeof(what), &key) % BUCKETS];
}

/* [f] The packet that the fragment is of, made if need be; NULL: no memory. */
static struct whole *find(struct net *net, struct ip6_frags *f, const struct ip_received *r, u32 id)
{
	struct list_head *b = bucket(net, r, id);
	struct whole *w;

	list_for_each_entry(w, b, link)
		if (w->id == id && addr_equal(&w->src, &r->src) && addr_equal(&w->dst, &r->dst) &&
		    (!ip6_link_scope(&r->dst) || w->ifindex == r->ifindex))
			return w;
	/* Too much waits: the oldest give way. */
	while (f->memory > READ_ONCE(net->ip6->frag_high) && !list_empty(&f->ages))
		free_whole(f, list_first_entry(&f->ages, struct whole, age_link));
	/* No room at all: none is put together. */
	w = READ_ONCE(net->ip6->frag_high) ? kzalloc(sizeof(*w), 0) : NULL;
	if (!w)
		return NULL;
	w->src = r->src;
	w->dst = r->dst;
	w->id = id;
	w->ifindex = r->ifindex;
	w->memory = sizeof(*w);
	f->memory += w->memory;
	list_init(&w->pieces);
	w->until = now_mono() + READ_ONCE(net->ip6->frag_time) * NSEC_PER_SEC;
	list_add(&w->link, b);
	if (list_empty(&f->ages))
		net_timer_start(&f->timer, w->until);
	list_add_tail(&w->age_link, &f->ages);
	return w;
}

/* [f] Puts a piece in its place. False: it does not fit what is there, and nothing does any more. */
static bool insert(struct whole *w, struct packet *p, u32 off, u32 n, bool more, bool *twice)
{
	struct list_head *at = &w->pieces;
	struct packet *o;

	*twice = false;
	if (w->dead || (w->end && off + n > w->end) || (!more && w->end && off + n != w->end) ||
	    w->n >= PIECES_MOST)
		return false;
	list_for_each_entry(o, &w->pieces, link) {
		u32 from = *offset_of(o), to = from + *length_of(o);

		if (from == off && to == off + n) {
			*twice = true; /* RFC 8200: one that came twice may be dropped alone */
			return true;
		}
		if (off < to && from < off + n)
			return false;
		if (!more && to > off + n)
			return false;
		if (from > off && at == &w->pieces)
			at = &o->link;
	}
	*offset_of(p) = off;
	*length_of(p) = n;
	list_add_tail(&p->link, at);
	w->n++;
	w->got += n;
	if (!more)
		w->end = off + n;
	return true;
}

/* The whole of its pieces, the first's headers before them. NULL: they do not fit into one. */
static struct packet *join(struct list_head *pieces, u32 at, u32 next_at)
{
	struct packet *first = list_first_entry(pieces, struct packet, link), *p, *n;
	struct packet **tail = &first->more;
	u32 len;

	list_del_init(&first->link);
	len = first->len;
	/* The fragment header goes: what is before it moves up. */
	first->data[next_at] = first->data[at];
	memmove(first->data + 8, first->data, at);
	first->data += 8;
	first->len -= 8;
	first->network = (u16)packet_headroom(first);
	len -= 8;
	while (*tail)
		tail = &(*tail)->more;
	list_for_each_entry_safe(p, n, pieces, link) {
		list_del_init(&p->link);
		packet_drop_front(p, p->len - *length_of(p));
		packet_set_dev(p, NULL);
		len += p->len;
		*tail = p;
		while (*tail)
			tail = &(*tail)->more;
	}
	first->len = len;
	put_be16(first->data + offsetof(struct ipv6_header, payload), (u16)(len - IPV6_HLEN));
	first->csum = CSUM_NONE;
	return first;
}

struct packet *ip6_reassemble(struct net *net, struct packet *p, u32 at, u32 next_at)
{
	const struct ip_received *r = ip_received(p);
	const struct ipv6_frag *h = (const void *)(p->data + at);
	struct ip6_frags *f = net->ip6->frags;
	u32 off = be16_to_cpu(h->off) & IPV6_FRAG_OFF, n = p->len - at - 8, id = be32_to_cpu(h->id);
	bool more = be16_to_cpu(h->off) & IPV6_MF, twice = false, ok = false;
	const struct netdev *d = p->dev;
	LIST_HEAD(done);
	struct whole *w;

	ip6_count(net, d, IP6_REASM_REQDS, 1);
	if (!off && !more) {
		ip6_count(net, d, IP6_REASM_OKS, 1);
		return p;
	}
	if ((more && (n % 8 || !n)) || off + n + at > 65535 + IPV6_HLEN) {
		icmp6_error(net, p, ICMP6_PARAM_PROB, PARAM6_HEADER,
			    more && n % 8 ? (u32)offsetof(struct ipv6_header, payload) : at + 2);
		ip6_count(net, d, IP6_REASM_FAILS, 1);
		packet_free(p);
		return NULL;
	}
	spin_lock(&f->lock);
	w = find(net, f, r, id);
	if (w) {
		ok = insert(w, p, off, n, more, &twice);
		if (ok && !twice) {
			w->memory += packet_truesize(p);
			f->memory += packet_truesize(p);
			p = NULL;
		} else if (!ok) {
			/* RFC 5722: all of it goes, and what is still to come of it. */
			packet_free_list(&w->pieces);
			f->memory -= w->memory - (u32)sizeof(*w);
			w->memory = sizeof(*w);
			w->dead = true;
		}
		if (!w->dead && w->end && w->got == w->end) {
			list_splice_init(&w->pieces, &done);
			free_whole(f, w);
		}
	}
	spin_unlock(&f->lock);
	packet_free(p);
	if (!ok)
		ip6_count(net, d, IP6_REASM_FAILS, 1);
	if (list_empty(&done))
		return NULL;
	ip6_count(net, d, IP6_REASM_OKS, 1);
	return join(&done, at, next_at);
}
