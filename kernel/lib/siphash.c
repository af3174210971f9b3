/*
 * siphash.c - SipHash-2-4; see siphash.h and the paper of Aumasson and Bernstein.
 */
#include "lib/siphash.h"

#include <bitops.h>
#include <byteorder.h>

static void sip_rounds(u64 v[4], int n)
{
	while (n--) {
		v[0] += v[1];
		v[2] += v[3];
		v[1] = rol64(v[1], 13) ^ v[0];
		v[3] = rol64(v[3], 16) ^ v[2];
		v[0] = rol64(v[0], 32);
		v[2] += v[1];
		v[0] += v[3];
		v[1] = rol64(v[1], 17) ^ v[2];
		v[3] = rol64(v[3], 21) ^ v[0];
		v[2] = rol64(v[2], 32);
	}
}

u64 siphash(const void *data, size_t n, const struct siphash_key *key)
{
	/* "somepseudorandomlygeneratedbytes", the paper's initial state */
	u64 v[4] = {
		key->k[0] ^ 0x736f6d6570736575UL,
		key->k[1] ^ 0x646f72616e646f6dUL,
		key->k[0] ^ 0x6c7967656e657261UL,
		key->k[1] ^ 0x7465646279746573UL,
	};
	const u8 *p = data;
	u64 last = (u64)n << 56;

	for (; n >= 8; n -= 8, p += 8) {
		u64 m = get_le64(p);

		v[3] ^= m;
		sip_rounds(v, 2);
		v[0] ^= m;
	}
	for (size_t i = 0; i < n; i++)
		last |= (u64)p[i] << (8 * i);
	v[3] ^= last;
	sip_rounds(v, 2);
	v[0] ^= last;
	v[2] ^= 0xff;
	sip_rounds(v, 4);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}
