/* See vnet_header.h. */
#include "dev/vnet_header.h"

#include <compiler.h>

#include "dev/flow.h"
#include "lib/string.h"

enum { NEEDS_CSUM = 1, DATA_VALID = 2 };
enum { KIND_NONE, KIND_TCP4, KIND_TCP6 = 4, KIND_UDP = 5, KIND_ECN = 0x80 };

bool vnet_header_apply(struct packet *p, const struct vnet_header *h, bool ethernet)
{
	unsigned kind = h->gso_type & ~(unsigned)KIND_ECN;
	u32 front = packet_headroom(p);
	struct flow f;

	if (h->flags & NEEDS_CSUM) {
		u32 end = (u32)h->csum_start + h->csum_offset + 2;

		if (h->csum_start < (ethernet ? ETH_HEADER : 0) + 20u || end > packet_linear(p))
			return false;
		p->csum = CSUM_PARTIAL;
		p->csum_start = (u16)(front + h->csum_start);
		p->csum_offset = h->csum_offset;
	} else if (h->flags & DATA_VALID) {
		p->csum = CSUM_VERIFIED;
	}
	if (kind == KIND_NONE)
		return true;
	if (!h->gso_size || !flow_read(p->data, packet_linear(p), ethernet, &f) ||
	    f.payload == f.transport)
		return false;
	if (kind == KIND_TCP4 && f.protocol == ETH_TYPE_IPV4 && f.proto == PROTO_TCP)
		p->gso = GSO_TCP4;
	else if (kind == KIND_TCP6 && f.protocol == ETH_TYPE_IPV6 && f.proto == PROTO_TCP)
		p->gso = GSO_TCP6;
	else if (kind == KIND_UDP && f.proto == PROTO_UDP)
		p->gso = GSO_UDP;
	else
		return false;
	p->gso_size = h->gso_size;
	p->gso_segs = (u16)DIV_ROUND_UP(max(p->len, f.payload + 1u) - f.payload, h->gso_size);
	p->transport = (u16)(front + f.transport);
	return true;
}

void vnet_header_of(const struct packet *p, bool ecn, struct vnet_header *h)
{
	u32 front = packet_headroom(p);

	memset(h, 0, sizeof(*h));
	if (p->csum == CSUM_PARTIAL) {
		h->flags = NEEDS_CSUM;
		h->csum_start = (u16)(p->csum_start - front);
		h->csum_offset = p->csum_offset;
	}
	if (p->gso) {
		const u8 *th = packet_transport(p);

		h->gso_type = p->gso == GSO_TCP4 ? KIND_TCP4 :
			      p->gso == GSO_TCP6 ? KIND_TCP6 :
						   KIND_UDP;
		h->gso_size = p->gso_size;
		h->hdr_len = (u16)(p->transport - front +
				   (p->gso == GSO_UDP ? UDP_HEADER : tcp_header_len(th)));
		if (ecn && p->gso != GSO_UDP && (th[13] & TCP_CWR))
			h->gso_type |= KIND_ECN;
	}
}
