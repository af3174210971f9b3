/*
 * Flows (flow.h): addresses and ports of IPv4 and IPv6 frames with TCP or UDP.
 */
#include "dev/flow.h"

#include <compiler.h>

#include "lib/hash.h"
#include "lib/string.h"

static bool read_ip(const u8 *ip, u32 n, struct flow *f, u64 *hash)
{
	u32 len;

	if (n < 20)
		return false;
	if (ip[0] >> 4 == 4) {
		len = (ip[0] & 15u) * 4;
		if (len < 20 || n < len)
			return false;
		f->protocol = ETH_TYPE_IPV4;
		f->plain = len == 20 && !(get_be16(ip + 6) & 0x3fff); /* MF or an offset */
		f->proto = get_be16(ip + 6) & 0x3fff ? 0 : ip[9];
		/* The same in both directions: what answers a flow belongs to it. */
		*hash = hash64(get_le32(ip + 12) + (u64)get_le32(ip + 16));
	} else {
		len = 40;
		if (ip[0] >> 4 != 6 || n < len)
			return false;
		f->protocol = ETH_TYPE_IPV6;
		f->proto = ip[6];
		f->plain = f->proto == PROTO_TCP || f->proto == PROTO_UDP;
		*hash = hash64(get_le64(ip + 8) + get_le64(ip + 24));
		*hash = hash_mix(*hash, get_le64(ip + 16) + get_le64(ip + 32));
	}
	f->transport = (u16)(f->network + len);
	f->payload = f->transport;
	return true;
}

bool flow_read(const u8 *frame, u32 n, bool ethernet, struct flow *f)
{
	u64 hash;

	memset(f, 0, sizeof(*f));
	f->network = ethernet ? ETH_HEADER : 0;
	if (n < f->network)
		return false;
	if (ethernet && get_be16(frame + 12) != ETH_TYPE_IPV4 &&
	    get_be16(frame + 12) != ETH_TYPE_IPV6)
		return false;
	if (!read_ip(frame + f->network, n - f->network, f, &hash))
		return false;
	if ((f->proto == PROTO_TCP && n >= f->transport + TCP_HEADER_MIN) ||
	    (f->proto == PROTO_UDP && n >= f->transport + UDP_HEADER)) {
		const u8 *th = frame + f->transport;
		u32 len = f->proto == PROTO_TCP ? tcp_header_len(th) : UDP_HEADER;

		hash = hash_mix(hash, get_be16(th) + (u64)get_be16(th + 2));
		if (len >= UDP_HEADER && n >= f->transport + len)
			f->payload = (u16)(f->transport + len);
	} else {
		f->proto = 0;
	}
	f->hash = (u32)hash;
	return true;
}

u32 packet_flow(struct packet *p, bool ethernet)
{
	struct flow f;

	if (!p->flow_hashed) {
		p->flow = flow_read(p->data, packet_linear(p), ethernet, &f) ? f.hash : 0;
		p->flow_hashed = true;
	}
	return p->flow;
}

u32 packet_flow_network(const struct packet *p)
{
	const u8 *net = packet_network(p);
	struct flow f;

	return flow_read(net, (u32)(p->tail - net), false, &f) ? f.hash : 0;
}
