/*
 * Fragments of IPv4: RFC 791 3.2, RFC 815, RFC 1122 3.3.2. A datagram in pieces is a tree of its
 * fragments by offset. What overlaps ends it (as RFC 5722 has it for IPv6), a copy of what is there
 * is dropped. All that waits is bounded in bytes, the oldest goes first, and in time.
 *
 * Locks: one for all of a net; nothing is sent under it. A running timer has a reference.
 */
#include <compiler.h>
#include <uapi/errno.h>
#include <uapi/icmp.h>

#include "alloc/slab.h"
#include "core/time.h"
#include "lib/rbtree.h"
#include "lib/siphash.h"
#include "net/ipv4.h"
#include "net/mib.h"
#include "net/wire/eth.h"
#include "sync/spinlock.h"

#define FRAG_BITS 6
#define MAX_LEN	  0xffffu

struct frag_key {
	be32 src, dst;
	be16 id;
	u8 proto, pad;
};

/* One datagram that isn't whole yet. */
struct frag_queue {
	struct hlist_node link; /* [lock] */
	struct list_head age; /* [lock] the oldest first */
	struct frag_key key; /* [I] */
	struct rb_root pieces; /* [lock] of packets, by offset: struct piece in cb */
	u32 end; /* [lock] where the last piece ends; 0: not come yet */
	u32 have; /* [lock] bytes of payload */
	u32 charged; /* [lock] of memory */
	bool done; /* [lock] out of the table */
	atomic_t refs; /* [a] the table's, the timer's */
	struct net *net; /* [I] */
	struct net_timer timer;
};

/* In a fragment's cb. */
struct piece {
	struct rb_node node;
	struct packet *p;
	u32 start, end; /* of the payload */
};

struct ip4_frags {
	spinlock_t lock; /* RANK_NET_TABLE */
	u64 mem; /* [lock] bytes */
	struct list_head ages; /* [lock] */
	struct hlist_head hash[1 << FRAG_BITS]; /* [lock] */
};

static void frag_expire(struct net_timer *t);

int ip4_frag_init(struct net *net)
{
	struct ip4_frags *f = kzalloc(sizeof(*f), 0);

	static_assert(sizeof(struct piece) <= sizeof_field(struct packet, cb), "cb is too small");
	if (!f)
		return -ENOMEM;
	spin_init(&f->lock, RANK_NET_TABLE, "fragments");
	list_init(&f->ages);
	net->ip4->frags = f;
	return 0;
}

u32 ip4_frag_memory(struct net *net, unsigned *n)
{
	struct ip4_frags *f = net->ip4->frags;
	struct frag_queue *q;
	u32 bytes;

	*n = 0;
	spin_lock(&f->lock);
	list_for_each_entry(q, &f->ages, age)
		++*n;
	bytes = (u32)f->mem;
	spin_unlock(&f->lock);
	return bytes;
}

static struct piece *piece_of(struct packet *p)
{
	return (struct piece *)p->cb;
}

static void queue_put(struct frag_queue *q)
{
	if (atomic_dec_and_test(&q->refs))
		kfree(q);
}

/* Out of the table; its packets go to list. The table's reference is dropped. lock is held. */
static void queue_end(struct ip4_frags *f, struct frag_queue *q, struct list_head *list)
{
	struct rb_node *n;

	if (q->done)
		return;
	q->done = true;
	hlist_del(&q->link);
	list_del_init(&q->age);
	f->mem -= q->charged;
	for (n = rb_first(&q->pieces); n; n = rb_next(n))
		list_add_tail(&rb_entry(n, struct piece, node)->p->link, list);
	if (net_timer_cancel(&q->timer))
		queue_put(q);
	queue_put(q);
}

void ip4_frag_flush(struct net *net)
{
	struct ip4_frags *f = net->ip4->frags;
	LIST_HEAD(list);

	if (!f)
		return;
	spin_lock(&f->lock);
	while (!list_empty(&f->ages))
		queue_end(f, list_first_entry(&f->ages, struct frag_queue, age), &list);
	spin_unlock(&f->lock);
	packet_free_list(&list);
}

/* RFC 1122 3.3.2: tells the sender, if the piece with the ports is there. */
static void frag_expire(struct net_timer *t)
{
	struct frag_queue *q = container_of(t, struct frag_queue, timer);
	struct net *net = q->net;
	struct ip4_frags *f = net->ip4->frags;
	struct packet *first;
	bool first_there;
	LIST_HEAD(list);

	spin_lock(&f->lock);
	if (!q->done) {
		mib_count(net, IP4_REASM_TIMEOUT);
		mib_count(net, IP4_REASM_FAILS);
	}
	queue_end(f, q, &list);
	spin_unlock(&f->lock);
	first = list_first_entry_or_null(&list, struct packet, link);
	first_there = first && !piece_of(first)->start;
	if (first_there)
		icmp_send_error(net, first, ICMP_TIME_EXCEEDED, ICMP_EXC_FRAGTIME, 0);
	packet_free_list(&list);
	queue_put(q);
}

static struct hlist_head *chain_of(struct net *net, const struct frag_key *key)
{
	u64 h = siphash_table(key, sizeof(*key), (const struct siphash_key *)net->secret);

	return &net->ip4->frags->hash[h >> (64 - FRAG_BITS)];
}

static struct frag_queue *queue_find(struct net *net, const struct frag_key *key)
{
	struct frag_queue *q;

	hlist_for_each_entry(q, chain_of(net, key), link)
		if (!memcmp(&q->key, key, sizeof(*key)))
			return q;
	return NULL;
}

static struct frag_queue *queue_create(struct net *net, const struct frag_key *key)
{
	struct ip4_frags *f = net->ip4->frags;
	struct frag_queue *q = kzalloc(sizeof(*q), 0);

	if (!q)
		return NULL;
	q->key = *key;
	q->net = net;
	q->charged = sizeof(*q);
	f->mem += q->charged;
	atomic_set(&q->refs, 2);
	hlist_add_head(&q->link, chain_of(net, key));
	list_add_tail(&q->age, &f->ages);
	net_timer_init(&q->timer, frag_expire);
	net_timer_start(&q->timer, now_mono() + READ_ONCE(net->ip4->frag_time) * NSEC_PER_SEC);
	return q;
}

enum placed { PLACED, COPY, OVERLAP };

static enum placed place(struct frag_queue *q, struct piece *new)
{
	struct rb_node **at = &q->pieces.node, *parent = NULL;

	while (*at) {
		struct piece *c = rb_entry(*at, struct piece, node);

		parent = *at;
		if (new->end <= c->start)
			at = &parent->left;
		else if (new->start >= c->end)
			at = &parent->right;
		else if (new->start >= c->start &&new->end <= c->end)
			return COPY;
		else
			return OVERLAP;
	}
	rb_insert(&q->pieces, &new->node, parent, at, NULL);
	return PLACED;
}

/* All pieces are there: one packet of them. The list is in order; it is emptied. */
static struct packet *join(struct list_head *list)
{
	struct packet *first = list_first_entry(list, struct packet, link), *p, *last = first;
	struct ipv4_header *h;

	list_del_init(&first->link);
	while (last->more)
		last = last->more;
	while (!list_empty(list)) {
		p = list_first_entry(list, struct packet, link);
		list_del_init(&p->link);
		h = (struct ipv4_header *)p->data;
		packet_drop_front(p, (h->version_ihl & 15) * 4u);
		first->len += p->len;
		last->more = p;
		while (last->more)
			last = last->more;
	}
	first->csum = CSUM_NONE; /* what a device said was of pieces */
	h = (struct ipv4_header *)first->data;
	h->frag = (__force be16)0;
	h->len = cpu_to_be16((u16)first->len);
	return first;
}

struct packet *ip4_reassemble(struct net *net, struct packet *p)
{
	struct ipv4_header *h = (struct ipv4_header *)p->data;
	u32 hlen = (h->version_ihl & 15) * 4u, flags = be16_to_cpu(h->frag);
	struct frag_key key = { h->src, h->dst, h->id, h->proto, 0 };
	struct ip4_frags *f = net->ip4->frags;
	struct piece *piece = piece_of(p);
	struct packet *whole = NULL;
	struct frag_queue *q;
	LIST_HEAD(gone);
	LIST_HEAD(all);

	mib_count(net, IP4_REASM_REQDS);
	piece->p = p;
	piece->start = (flags & IPV4_OFFSET) * 8;
	piece->end = piece->start + p->len - hlen;
	/* RFC 1858, and what could never be put together. */
	if (piece->end > MAX_LEN - hlen || piece->end == piece->start ||
	    (flags & IPV4_MF && (p->len - hlen) & 7)) {
		packet_free(p);
		return NULL;
	}
	spin_lock(&f->lock);
	while (f->mem > READ_ONCE(net->ip4->frag_high) && !list_empty(&f->ages)) {
		queue_end(f, list_first_entry(&f->ages, struct frag_queue, age), &gone);
		mib_count(net, IP4_REASM_FAILS);
	}
	q = queue_find(net, &key);
	if (!q)
		q = queue_create(net, &key);
	if (!q) {
		list_add_tail(&p->link, &gone);
		goto out;
	}
	/* There is one end, and nothing behind it. */
	if ((q->end && (piece->end > q->end || (!(flags & IPV4_MF) && piece->end != q->end))) ||
	    (!(flags & IPV4_MF) && rb_last(&q->pieces) &&
	     rb_entry(rb_last(&q->pieces), struct piece, node)->end > piece->end)) {
		queue_end(f, q, &gone);
		list_add_tail(&p->link, &gone);
		goto out;
	}
	switch (place(q, piece)) {
	case OVERLAP:
		mib_count(net, IP4_REASM_OVERLAPS);
		mib_count(net, IP4_REASM_FAILS);
		queue_end(f, q, &gone);
		fallthrough;
	case COPY:
		list_add_tail(&p->link, &gone);
		goto out;
	default:
		break;
	}
	if (!(flags & IPV4_MF))
		q->end = piece->end;
	q->have += piece->end - piece->start;
	q->charged += packet_truesize(p);
	f->mem += packet_truesize(p);
	if (q->end && q->have == q->end) {
		queue_end(f, q, &all);
		whole = join(&all);
		mib_count(net, IP4_REASM_OKS);
	}
out:
	spin_unlock(&f->lock);
	packet_free_list(&gone);
	return whole;
}

/* --- cutting --- */

int ip4_fragment(struct net *net, struct packet *p, const struct route *r, u32 mtu)
{
	struct ipv4_header *h = (struct ipv4_header *)p->data, *fh;
	u32 hlen = (h->version_ihl & 15) * 4u, room = (mtu - hlen) & ~7u, at = hlen;
	u16 frag = be16_to_cpu(h->frag), offset = frag & IPV4_OFFSET;
	struct packet *f;
	int err = 0;

	if (mtu < hlen + 8 || !packet_finish_csum(p)) {
		packet_free(p);
		return mtu < hlen + 8 ? -EMSGSIZE : -ENOMEM;
	}
	if (p->loan)
		p->loan->copied = true;
	while (at < p->len && !err) {
		u32 n = min(room, p->len - at);
		bool last = at + n == p->len;

		h = (struct ipv4_header *)p->data;
		f = packet_alloc(PACKET_HEADROOM, hlen + n);
		if (!f) {
			err = -ENOMEM;
			break;
		}
		fh = packet_put(f, hlen + n);
		memcpy(fh, h, hlen);
		if (at > hlen && hlen > 20)
			ip4_options_fragment((u8 *)(fh + 1), hlen - 20);
		packet_read(p, at, (u8 *)fh + hlen, n);
		fh->len = cpu_to_be16((u16)(hlen + n));
		fh->frag = cpu_to_be16((u16)(offset + (at - hlen) / 8) |
				       (last ? frag & IPV4_MF : IPV4_MF));
		f->protocol = ETH_P_IP;
		f->network = (u16)packet_headroom(f);
		f->transport = (u16)(f->network + hlen);
		f->priority = p->priority;
		f->mark = p->mark;
		f->stamp = p->stamp;
		if (at == hlen)
			packet_hand_over(f, p);
		at += n;
		mib_count(net, IP4_FRAG_CREATES);
		err = ip4_emit(net, f, r);
	}
	mib_count(net, err ? IP4_FRAG_FAILS : IP4_FRAG_OKS);
	packet_free(p);
	return err;
}
