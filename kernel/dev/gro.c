/*
 * Generic receive offload: TCP segments of one flow that arrive in one batch and in order are joined
 * into one packet, so that the protocols run once for many. Joined is only what packet_segment could
 * cut into the same frames again: same headers but for lengths, identification and sequence number,
 * checksums right, and all but the last of one size.
 *
 * State is the hart's own, in network context, and empty between batches: no lock.
 */
#include "dev/gro.h"

#include <byteorder.h>
#include <compiler.h>

#include "arch/riscv/thread.h"
#include "dev/flow.h"
#include "dev/netdev.h"
#include "lib/string.h"

#define MAX_HELD 8 /* flows in a batch */
#define MAX_LEN	 65535u /* of the network layer */

/* Kept in the cb of a packet that is held. */
struct held {
	u32 next_seq;
	struct packet *last; /* of `more` */
	u16 network, transport, payload; /* offsets from data */
};

static struct gro {
	struct list_head held;
	unsigned n;
} gros[MAX_HARTS];

static struct held *held(struct packet *p)
{
	static_assert(sizeof(struct held) <= sizeof(p->cb), "cb is too small");
	return (struct held *)p->cb;
}

/* Headers of the whole are made right; it goes up. */
static void release(struct gro *g, struct packet *p)
{
	struct held *h = held(p);
	u8 *ip = p->data + h->network;

	list_del_init(&p->link);
	g->n--;
	if (p->gso_segs > 1) {
		u32 len = p->len - h->network;

		if (ip[0] >> 4 == 4) {
			put_be16(ip + 2, (u16)len);
			put_le16(ip + 10, 0);
			put_le16(ip + 10, csum_fold(csum_bytes(ip, 20, 0)));
		} else {
			put_be16(ip + 4, (u16)(len - 40));
		}
		p->gso = ip[0] >> 4 == 4 ? GSO_TCP4 : GSO_TCP6;
		p->transport = (u16)(packet_headroom(p) + h->transport);
		p->csum = CSUM_PARTIAL;
		p->csum_start = p->transport;
		p->csum_offset = TCP_CSUM;
		put_le16(p->data + h->transport + TCP_CSUM,
			 (u16)~csum_fold(csum_pseudo(ip, PROTO_TCP, p->len - h->transport)));
	} else {
		p->gso_size = 0;
	}
	memset(p->cb, 0, sizeof(p->cb));
	netdev_deliver(p);
}

void netdev_flush(void)
{
	struct gro *g = &gros[hart_id()];

	while (g->n)
		release(g, list_first_entry(&g->held, struct packet, link));
}

/* The payload of p joins that of `to`. */
static void join(struct packet *to, struct packet *p, u32 payload)
{
	struct held *h = held(to);

	packet_drop_front(p, payload);
	to->len += p->len;
	h->next_seq += p->len;
	to->gso_segs++;
	if (!to->more && !packet_linear(p) && !p->more &&
	    to->nr_frags + p->nr_frags <= PACKET_MAX_FRAGS) {
		to->len -= p->len;
		for (unsigned i = 0; i < p->nr_frags; i++)
			packet_add_frag(to, p->frag[i].page, p->frag[i].off, p->frag[i].len);
		p->nr_frags = 0;
		packet_free(p);
		return;
	}
	if (h->last)
		h->last->more = p;
	else
		to->more = p;
	h->last = p;
}

/* Has p's flow the addresses and ports of `to`? */
static bool same_flow(const struct packet *to, const struct packet *p, const struct flow *f)
{
	const struct held *h = held((struct packet *)to);
	u32 ip = f->network, addrs = f->protocol == ETH_TYPE_IPV4 ? 12 : 8;

	return to->dev == p->dev && to->flow == f->hash && h->network == f->network &&
	       to->data[ip] == p->data[ip] && h->transport == f->transport &&
	       !memcmp(to->data + ip + addrs, p->data + ip + addrs, f->transport - ip - addrs + 4);
}

/* Everything else of the headers, that has to be equal. Window and checksum are the first one's. */
static bool same_headers(const struct packet *to, const struct packet *p, const struct flow *f)
{
	const u8 *a = to->data, *b = p->data;
	const u8 *ta = a + f->transport, *tb = b + f->transport;
	u32 ip = f->network;

	if (held((struct packet *)to)->payload != f->payload || memcmp(a, b, ip) != 0)
		return false;
	if (f->protocol == ETH_TYPE_IPV4 ? /* TOS; flags, TTL; IPv6: class and label, hop limit */
		    a[ip + 1] != b[ip + 1] || a[ip + 6] != b[ip + 6] || a[ip + 8] != b[ip + 8] :
		    memcmp(a + ip, b + ip, 4) != 0 || a[ip + 7] != b[ip + 7])
		return false;
	return !memcmp(ta + 8, tb + 8, 4) && !memcmp(ta + 14, tb + 14, 2) &&
	       !memcmp(ta + TCP_HEADER_MIN, tb + TCP_HEADER_MIN,
		       f->payload - f->transport - TCP_HEADER_MIN);
}

/* Is it a segment with data and nothing unusual, of the length its header says, and whole? */
static bool joinable(struct packet *p, struct flow *f)
{
	const u8 *ip, *th;
	u32 len, n;

	f->proto = 0;
	if (!netdev_ethernet(p->dev) || !flow_read(p->data, packet_linear(p), true, f) ||
	    f->proto != PROTO_TCP || !f->plain || f->payload < f->transport + TCP_HEADER_MIN ||
	    p->gso || p->more)
		return false;
	ip = p->data + f->network;
	th = p->data + f->transport;
	len = f->protocol == ETH_TYPE_IPV4 ? get_be16(ip + 2) : get_be16(ip + 4) + 40u;
	if (len > p->len - f->network || len <= (u32)f->payload - f->network ||
	    (th[13] & ~(TCP_PSH | TCP_ACK)) || !(th[13] & TCP_ACK))
		return false;
	if (f->protocol == ETH_TYPE_IPV4 && csum_fold(csum_bytes(ip, 20, 0)))
		return false;
	packet_trim(p, f->network + len); /* Ethernet's padding */
	n = p->len - f->transport;
	if (p->csum == CSUM_NONE) {
		if (csum_fold(packet_sum(p, f->transport, n, csum_pseudo(ip, PROTO_TCP, n))))
			return false;
		p->csum = CSUM_VERIFIED;
	}
	return true;
}

static struct packet *find(struct gro *g, const struct packet *p, const struct flow *f)
{
	struct packet *to;

	list_for_each_entry(to, &g->held, link)
		if (same_flow(to, p, f))
			return to;
	return NULL;
}

void netdev_receive_gro(struct packet *p)
{
	struct gro *g = &gros[hart_id()];
	u32 payload_len, seq;
	struct packet *to;
	struct flow f;
	bool push;

	if (!g->held.next)
		list_init(&g->held);
	if (!netdev_count_received(p))
		return;
	if (!joinable(p, &f)) {
		/* What is held of its flow was before it. */
		to = f.proto == PROTO_TCP ? find(g, p, &f) : NULL;
		if (to)
			release(g, to);
		netdev_deliver(p);
		return;
	}
	payload_len = p->len - f.payload;
	seq = get_be32(p->data + f.transport + 4);
	push = p->data[f.transport + 13] & TCP_PSH;
	p->flow = f.hash;
	p->flow_hashed = true;
	to = find(g, p, &f);
	if (to && same_headers(to, p, &f) && held(to)->next_seq == seq &&
	    payload_len <= to->gso_size && to->len + payload_len <= MAX_LEN) {
		bool last = payload_len < to->gso_size || push;

		if (push)
			to->data[f.transport + 13] |= TCP_PSH;
		join(to, p, f.payload);
		if (last)
			release(g, to);
		return;
	}
	if (to)
		release(g, to);
	if (push) {
		netdev_deliver(p);
		return;
	}
	if (g->n == MAX_HELD)
		release(g, list_first_entry(&g->held, struct packet, link));
	*held(p) = (struct held){
		.next_seq = seq + payload_len,
		.network = f.network,
		.transport = f.transport,
		.payload = f.payload,
	};
	p->gso_size = (u16)min(payload_len, MAX_LEN);
	p->gso_segs = 1;
	list_add_tail(&p->link, &g->held);
	g->n++;
}
