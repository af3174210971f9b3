/*
 * Segmentation in software: one packet with many segments' payload becomes frames of gso_size, each
 * with the headers of the first, told apart in lengths, IPv4's identification, TCP's sequence number
 * and flags (RFC 9293, 3.1; RFC 3168, 6.1.2 for CWR).
 */
#include "dev/packet.h"

#include <byteorder.h>
#include <compiler.h>
#include <uapi/errno.h>

#include "dev/flow.h"
#include "lib/string.h"

/* The headers of a GSO packet: offsets from its data. */
struct gso {
	u32 network, transport, payload;
	bool v4, tcp;
};

static int gso_headers(struct packet *p, struct gso *g)
{
	u32 front = packet_headroom(p);
	const u8 *h;

	g->network = p->network - front;
	g->transport = p->transport - front;
	g->tcp = p->gso != GSO_UDP;
	if (!p->gso_size || p->network < front || p->transport < p->network + 20 ||
	    !packet_pull_up(p, g->transport + (g->tcp ? TCP_HEADER_MIN : UDP_HEADER)))
		return -EINVAL;
	h = p->data;
	g->v4 = h[g->network] >> 4 == 4;
	if ((p->gso == GSO_TCP4 && !g->v4) || (p->gso == GSO_TCP6 && g->v4) ||
	    g->transport - g->network < (g->v4 ? 20 : 40))
		return -EINVAL;
	g->payload = g->transport + (g->tcp ? tcp_header_len(h + g->transport) : UDP_HEADER);
	if (g->payload < g->transport + (g->tcp ? TCP_HEADER_MIN : UDP_HEADER) ||
	    !packet_pull_up(p, g->payload))
		return -EINVAL;
	return 0;
}

/* References to n bytes of p's pages from off on. False: they are not all in pages, or too many. */
static bool share(struct packet *s, const struct packet *p, u32 off, u32 n)
{
	struct packet_walk w;
	u8 *at;
	u32 k;

	packet_walk_start(&w, p, off);
	while (n && packet_walk_next(&w, &at, &k)) {
		const struct packet_frag *f;

		if (w.piece == 1)
			return false;
		f = &w.p->frag[w.piece - 2];
		k = min(k, n);
		page_get(f->page);
		if (!packet_add_frag(s, f->page, (u32)(at - (u8 *)page_to_virt(f->page)), k)) {
			page_put(f->page);
			return false;
		}
		n -= k;
	}
	return true;
}

static struct packet *one_segment(const struct packet *p, u32 hlen, u32 off, u32 n)
{
	struct packet *s = packet_alloc(packet_headroom(p), hlen);
	bool shared = s && share(s, p, off, n);

	if (s && !shared) {
		packet_free(s);
		s = packet_alloc(packet_headroom(p), hlen + n);
	}
	if (!s)
		return NULL;
	packet_read(p, 0, s->tail, hlen);
	s->tail += hlen;
	s->len += hlen;
	if (!shared)
		packet_read(p, off, packet_put(s, n), n);
	s->protocol = p->protocol;
	s->priority = p->priority;
	s->whom = p->whom;
	s->flow = p->flow;
	s->flow_hashed = p->flow_hashed;
	s->mark = p->mark;
	s->stamp = p->stamp;
	packet_set_offsets(s, p, (s32)(packet_headroom(s) - packet_headroom(p)));
	packet_share_loan(s, p);
	packet_set_dev(s, p->dev);
	return s;
}

/* Makes the headers those of segment i. */
static void tell(struct packet *s, const struct gso *g, unsigned i, u32 gso_size, bool last)
{
	u8 *ip = s->data + g->network, *th = s->data + g->transport;
	u32 n = s->len - g->transport;
	u8 proto = g->tcp ? PROTO_TCP : PROTO_UDP;

	if (g->v4) {
		u32 ihl = (ip[0] & 15u) * 4;

		put_be16(ip + 2, (u16)(s->len - g->network));
		put_be16(ip + 4, (u16)(get_be16(ip + 4) + i));
		put_le16(ip + 10, 0);
		put_le16(ip + 10,
			 csum_fold(csum_bytes(ip, min(ihl, g->transport - g->network), 0)));
	} else {
		put_be16(ip + 4, (u16)(s->len - g->network - 40));
	}
	if (g->tcp) {
		put_be32(th + 4, get_be32(th + 4) + i * gso_size);
		if (!last)
			th[13] &= (u8) ~(TCP_FIN | TCP_PSH);
		if (i)
			th[13] &= (u8)~TCP_CWR;
	} else {
		put_be16(th + 4, (u16)n);
	}
	s->csum = CSUM_PARTIAL;
	s->csum_start = s->transport;
	s->csum_offset = g->tcp ? TCP_CSUM : UDP_CSUM;
	put_le16(th + s->csum_offset, (u16)~csum_fold(csum_pseudo(ip, proto, n)));
}

int packet_segment(struct packet *p, struct list_head *list)
{
	struct packet *s = NULL;
	unsigned i = 0;
	struct gso g;
	int err = gso_headers(p, &g);
	LIST_HEAD(made);

	for (u32 off = g.payload; !err && (off < p->len || !i); off += p->gso_size, i++) {
		u32 n = min((u32)p->gso_size, p->len - off);

		s = one_segment(p, g.payload, off, n);
		if (!s) {
			err = -ENOMEM;
			break;
		}
		tell(s, &g, i, p->gso_size, off + n == p->len);
		list_add_tail(&s->link, &made);
	}
	if (err) {
		packet_free_list(&made);
	} else {
		packet_hand_over(s, p);
		list_splice_tail(&made, list);
	}
	packet_free(p);
	return err;
}
