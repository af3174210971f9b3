/*
 * siphash.c - SipHash-2-4 and SipHash-1-3; see siphash.h and the paper of Aumasson and Bernstein.
 */
#include "lib/siphash.h"

#include <bitops.h>
#include <byteorder.h>
#include <compiler.h>

struct sip {
	u64 a, b, c, d;
};

static __always_inline struct sip sip_rounds(struct sip v, int n)
{
	while (n--) {
		v.a += v.b;
		v.c += v.d;
		v.b = rol64(v.b, 13) ^ v.a;
		v.d = rol64(v.d, 16) ^ v.c;
		v.a = rol64(v.a, 32);
		v.c += v.b;
		v.a += v.d;
		v.b = rol64(v.b, 17) ^ v.c;
		v.d = rol64(v.d, 21) ^ v.a;
		v.c = rol64(v.c, 32);
	}
	return v;
}

/* A word goes in. */
static __always_inline struct sip sip_word(struct sip v, u64 m, int rounds)
{
	v.d ^= m;
	v = sip_rounds(v, rounds);
	v.a ^= m;
	return v;
}

typedef u32 __attribute__((may_alias)) half_t;

/* Most of what is hashed is made of words. */
static inline u32 half(const u8 *p)
{
	return (uintptr_t)p % sizeof(half_t) ? get_le32(p) : *(const half_t *)p;
}

static __always_inline u64 sip(const void *data, size_t n, const struct siphash_key *key,
			       int rounds, int last_rounds)
{
	/* "somepseudorandomlygeneratedbytes", the paper's initial state */
	struct sip v = {
		key->k[0] ^ 0x736f6d6570736575UL,
		key->k[1] ^ 0x646f72616e646f6dUL,
		key->k[0] ^ 0x6c7967656e657261UL,
		key->k[1] ^ 0x7465646279746573UL,
	};
	const u8 *p = data;
	u64 last = (u64)n << 56;

	for (; n >= 8; n -= 8, p += 8)
		v = sip_word(v, half(p) | (u64)half(p + 4) << 32, rounds);
	if (n >= 4)
		last |= half(p);
	for (size_t i = n & 4; i < n; i++)
		last |= (u64)p[i] << (8 * i);
	v = sip_word(v, last, rounds);
	v.c ^= 0xff;
	v = sip_rounds(v, last_rounds);
	return v.a ^ v.b ^ v.c ^ v.d;
}

u64 siphash(const void *data, size_t n, const struct siphash_key *key)
{
	return sip(data, n, key, 2, 4);
}

u64 siphash_table(const void *data, size_t n, const struct siphash_key *key)
{
	return sip(data, n, key, 1, 3);
}
