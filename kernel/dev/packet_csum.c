/*
 * The Internet checksum (RFC 1071) over memory and packets. Sums are of the words as they lie in
 * memory, so that a folded one is stored as it is; the order of bytes does not matter (RFC 1071,
 * 2 (B)).
 */
#include "dev/packet.h"

#include <bitops.h>
#include <byteorder.h>
#include <compiler.h>

/* Eight bytes more, with the carry brought round. */
static inline u64 add64(u64 sum, u64 x)
{
	sum += x;
	return sum + (sum < x);
}

static u32 fold64(u64 sum)
{
	sum = (sum & 0xffffffff) + (sum >> 32);
	return (u32)((sum & 0xffffffff) + (sum >> 32));
}

u32 csum_bytes(const void *p, size_t n, u32 sum)
{
	const u8 *b = p;
	bool odd = ((u64)b & 1) && n;
	u64 s = 0;
	u32 r;

	if (odd) { /* the words' halves are the wrong way round until the end */
		s = (u64)*b++ << 8;
		n--;
	}
	if (n >= 2 && ((u64)b & 2)) {
		s += *(const u16 *)b;
		b += 2;
		n -= 2;
	}
	if (n >= 4 && ((u64)b & 4)) {
		s += *(const u32 *)b;
		b += 4;
		n -= 4;
	}
	while (n >= 32) {
		const u64 *q = (const u64 *)b;

		s = add64(s, q[0]);
		s = add64(s, q[1]);
		s = add64(s, q[2]);
		s = add64(s, q[3]);
		b += 32;
		n -= 32;
	}
	for (; n >= 8; b += 8, n -= 8)
		s = add64(s, *(const u64 *)b);
	if (n >= 4) {
		s = add64(s, *(const u32 *)b);
		b += 4;
		n -= 4;
	}
	if (n >= 2) {
		s = add64(s, *(const u16 *)b);
		b += 2;
		n -= 2;
	}
	if (n)
		s = add64(s, *b);
	r = fold64(s);
	if (odd) {
		r = (r & 0xffff) + (r >> 16);
		r = (r & 0xffff) + (r >> 16);
		r = bswap16((u16)r);
	}
	return csum_add(sum, r);
}

u32 csum_pseudo(const void *ip, u8 proto, u32 n)
{
	const u8 *h = ip;
	u32 sum = h[0] >> 4 == 4 ? csum_bytes(h + 12, 8, 0) : csum_bytes(h + 8, 32, 0);

	sum = csum_add(sum, bswap32(n));
	return csum_add(sum, bswap16(proto));
}

u32 packet_sum(const struct packet *p, u32 off, u32 n, u32 sum)
{
	struct packet_walk w;
	bool odd = false;
	u8 *at;
	u32 k;

	packet_walk_start(&w, p, off);
	while (n && packet_walk_next(&w, &at, &k)) {
		u32 s;

		k = min(k, n);
		s = csum_bytes(at, k, 0);
		if (odd) {
			s = (s & 0xffff) + (s >> 16);
			s = bswap16((u16)((s & 0xffff) + (s >> 16)));
		}
		sum = csum_add(sum, s);
		odd ^= k & 1;
		n -= k;
	}
	return sum;
}

bool packet_finish_csum(struct packet *p)
{
	u32 start = p->csum_start - packet_headroom(p);
	u16 sum;

	if (p->csum != CSUM_PARTIAL)
		return true;
	if (!packet_pull_up(p, start + p->csum_offset + 2))
		return false;
	/* The pseudo header's sum stands where the checksum goes, and is summed with the rest. */
	sum = csum_fold(packet_sum(p, start, p->len - start, 0));
	/* UDP has no 0 (RFC 768), and to the others it is the same (RFC 1624, 3). */
	put_le16(p->data + start + p->csum_offset, sum ? sum : 0xffff);
	p->csum = CSUM_NONE;
	return true;
}
