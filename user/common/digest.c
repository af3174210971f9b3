/*
 * digest.c - MD5 (RFC 1321), SHA-1, SHA-256, SHA-512 (FIPS 180-4), CRC-32.
 *
 * Constants are computed where the standards say how: sines, and roots of primes.
 */
#include "digest.h"

#include <string.h>

static const uint32_t md5_k[64] = {
	0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a, 0xa8304613,
	0xfd469501, 0x698098d8, 0x8b44f7af, 0xffff5bb1, 0x895cd7be, 0x6b901122, 0xfd987193,
	0xa679438e, 0x49b40821, 0xf61e2562, 0xc040b340, 0x265e5a51, 0xe9b6c7aa, 0xd62f105d,
	0x02441453, 0xd8a1e681, 0xe7d3fbc8, 0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed,
	0xa9e3e905, 0xfcefa3f8, 0x676f02d9, 0x8d2a4c8a, 0xfffa3942, 0x8771f681, 0x6d9d6122,
	0xfde5380c, 0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70, 0x289b7ec6, 0xeaa127fa,
	0xd4ef3085, 0x04881d05, 0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665, 0xf4292244,
	0x432aff97, 0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92, 0xffeff47d, 0x85845dd1,
	0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1, 0xf7537e82, 0xbd3af235, 0x2ad7d2bb,
	0xeb86d391,
};

/* Fractions of the cube roots of the first 80 primes; SHA-256 has their upper halves. */
static uint64_t sha_k[80];

/* floor(2^64 * fraction of the cube root of p), bit by bit. */
static uint64_t cube_root_fraction(uint64_t p)
{
	unsigned __int128 x = 1;
	uint64_t f = 0;

	while ((x + 1) * (x + 1) * (x + 1) <= p)
		x++;
	for (int bit = 63; bit >= 0; bit--) {
		/* r = x + f / 2^64; is r^3 <= p? in fixed point of 192 bits behind the point */
		uint64_t t = f | 1ull << bit, limb[4] = { t, (uint64_t)x, 0, 0 }, sq[4] = { 0 },
			 cube[6] = { 0 };
		int more = 0;

		for (int i = 0; i < 2; i++) {
			unsigned __int128 carry = 0;

			for (int j = 0; j < 2; j++) {
				carry += (unsigned __int128)limb[i] * limb[j] + sq[i + j];
				sq[i + j] = (uint64_t)carry;
				carry >>= 64;
			}
			if (i + 2 < 4)
				sq[i + 2] += (uint64_t)carry;
		}
		for (int i = 0; i < 4; i++) {
			unsigned __int128 carry = 0;

			for (int j = 0; j < 2 && i + j < 6; j++) {
				carry += (unsigned __int128)sq[i] * limb[j] + cube[i + j];
				cube[i + j] = (uint64_t)carry;
				carry >>= 64;
			}
			if (i + 2 < 6)
				cube[i + 2] += (uint64_t)carry;
		}
		more = cube[4] || cube[5] || cube[3] > p ||
		       (cube[3] == p && (cube[2] || cube[1] || cube[0]));
		if (!more)
			f = t;
	}
	return f;
}

static void fill_sha_k(void)
{
	int n = 0;

	for (uint64_t p = 2; n < 80; p++) {
		int prime = 1;

		for (uint64_t q = 2; q * q <= p && prime; q++)
			prime = p % q != 0;
		if (prime)
			sha_k[n++] = cube_root_fraction(p);
	}
}

static uint32_t rotl32(uint32_t x, int n)
{
	return x << n | x >> (32 - n);
}

static uint32_t rotr32(uint32_t x, int n)
{
	return x >> n | x << (32 - n);
}

static uint64_t rotr64(uint64_t x, int n)
{
	return x >> n | x << (64 - n);
}

static uint32_t be32(const unsigned char *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static void md5_block(uint64_t *h, const unsigned char *p)
{
	static const unsigned char turns[4][4] = {
		{ 7, 12, 17, 22 }, { 5, 9, 14, 20 }, { 4, 11, 16, 23 }, { 6, 10, 15, 21 }
	};
	uint32_t a = (uint32_t)h[0], b = (uint32_t)h[1], c = (uint32_t)h[2], d = (uint32_t)h[3],
		 w[16];

	for (int i = 0; i < 16; i++)
		w[i] = (uint32_t)p[i * 4] | (uint32_t)p[i * 4 + 1] << 8 |
		       (uint32_t)p[i * 4 + 2] << 16 | (uint32_t)p[i * 4 + 3] << 24;
	for (int i = 0; i < 64; i++) {
		uint32_t f, t;
		int g;

		switch (i / 16) {
		case 0:
			f = (b & c) | (~b & d);
			g = i;
			break;
		case 1:
			f = (d & b) | (~d & c);
			g = (5 * i + 1) % 16;
			break;
		case 2:
			f = b ^ c ^ d;
			g = (3 * i + 5) % 16;
			break;
		default:
			f = c ^ (b | ~d);
			g = 7 * i % 16;
			break;
		}
		t = d;
		d = c;
		c = b;
		b += rotl32(a + f + md5_k[i] + w[g], turns[i / 16][i % 4]);
		a = t;
	}
	h[0] = (uint32_t)(h[0] + a);
	h[1] = (uint32_t)(h[1] + b);
	h[2] = (uint32_t)(h[2] + c);
	h[3] = (uint32_t)(h[3] + d);
}

static void sha1_block(uint64_t *h, const unsigned char *p)
{
	static const uint32_t k[4] = { 0x5a827999, 0x6ed9eba1, 0x8f1bbcdc, 0xca62c1d6 };
	uint32_t v[5], w[80];

	for (int i = 0; i < 5; i++)
		v[i] = (uint32_t)h[i];
	for (int i = 0; i < 80; i++)
		w[i] = i < 16 ? be32(p + i * 4) :
				rotl32(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
	for (int i = 0; i < 80; i++) {
		uint32_t f = i < 20	       ? (v[1] & v[2]) | (~v[1] & v[3]) :
			     i < 40 || i >= 60 ? v[1] ^ v[2] ^ v[3] :
						 (v[1] & v[2]) | (v[1] & v[3]) | (v[2] & v[3]);
		uint32_t t = rotl32(v[0], 5) + f + v[4] + k[i / 20] + w[i];

		v[4] = v[3];
		v[3] = v[2];
		v[2] = rotl32(v[1], 30);
		v[1] = v[0];
		v[0] = t;
	}
	for (int i = 0; i < 5; i++)
		h[i] = (uint32_t)(h[i] + v[i]);
}

static void sha256_block(uint64_t *h, const unsigned char *p)
{
	uint32_t v[8], w[64];

	for (int i = 0; i < 8; i++)
		v[i] = (uint32_t)h[i];
	for (int i = 0; i < 64; i++) {
		if (i < 16) {
			w[i] = be32(p + i * 4);
			continue;
		}
		w[i] = w[i - 16] + w[i - 7] +
		       (rotr32(w[i - 15], 7) ^ rotr32(w[i - 15], 18) ^ w[i - 15] >> 3) +
		       (rotr32(w[i - 2], 17) ^ rotr32(w[i - 2], 19) ^ w[i - 2] >> 10);
	}
	for (int i = 0; i < 64; i++) {
		uint32_t t1 = v[7] + (rotr32(v[4], 6) ^ rotr32(v[4], 11) ^ rotr32(v[4], 25)) +
			      ((v[4] & v[5]) ^ (~v[4] & v[6])) + (uint32_t)(sha_k[i] >> 32) + w[i];
		uint32_t t2 = (rotr32(v[0], 2) ^ rotr32(v[0], 13) ^ rotr32(v[0], 22)) +
			      ((v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]));

		memmove(v + 1, v, 7 * sizeof(*v));
		v[4] += t1;
		v[0] = t1 + t2;
	}
	for (int i = 0; i < 8; i++)
		h[i] = (uint32_t)(h[i] + v[i]);
}

static void sha512_block(uint64_t *h, const unsigned char *p)
{
	uint64_t v[8], w[80];

	memcpy(v, h, sizeof(v));
	for (int i = 0; i < 80; i++) {
		if (i < 16) {
			w[i] = (uint64_t)be32(p + i * 8) << 32 | be32(p + i * 8 + 4);
			continue;
		}
		w[i] = w[i - 16] + w[i - 7] +
		       (rotr64(w[i - 15], 1) ^ rotr64(w[i - 15], 8) ^ w[i - 15] >> 7) +
		       (rotr64(w[i - 2], 19) ^ rotr64(w[i - 2], 61) ^ w[i - 2] >> 6);
	}
	for (int i = 0; i < 80; i++) {
		uint64_t t1 = v[7] + (rotr64(v[4], 14) ^ rotr64(v[4], 18) ^ rotr64(v[4], 41)) +
			      ((v[4] & v[5]) ^ (~v[4] & v[6])) + sha_k[i] + w[i];
		uint64_t t2 = (rotr64(v[0], 28) ^ rotr64(v[0], 34) ^ rotr64(v[0], 39)) +
			      ((v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]));

		memmove(v + 1, v, 7 * sizeof(*v));
		v[4] += t1;
		v[0] = t1 + t2;
	}
	for (int i = 0; i < 8; i++)
		h[i] += v[i];
}

static const struct {
	size_t block, length, out;
	void (*run)(uint64_t *, const unsigned char *);
	uint64_t start[8];
} kinds[] = {
	[MD5] = { 64, 8, 16, md5_block, { 0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476 } },
	[SHA1] = { 64,
		   8,
		   20,
		   sha1_block,
		   { 0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0 } },
	[SHA256] = { 64,
		     8,
		     32,
		     sha256_block,
		     { 0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c,
		       0x1f83d9ab, 0x5be0cd19 } },
	[SHA512] = { 128,
		     16,
		     64,
		     sha512_block,
		     { 0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b,
		       0xa54ff53a5f1d36f1, 0x510e527fade682d1, 0x9b05688c2b3e6c1f,
		       0x1f83d9abfb41bd6b, 0x5be0cd19137e2179 } },
};

void digest_begin(struct digest *d, enum digest_kind kind)
{
	if (!sha_k[0] && kind >= SHA256)
		fill_sha_k();
	memset(d, 0, sizeof(*d));
	d->kind = kind;
	memcpy(d->h, kinds[kind].start, sizeof(d->h));
}

void digest_add(struct digest *d, const void *data, size_t n)
{
	const unsigned char *p = data;
	size_t block = kinds[d->kind].block;

	d->bytes += n;
	while (n) {
		size_t take = block - d->n < n ? block - d->n : n;

		memcpy(d->block + d->n, p, take);
		d->n += take;
		p += take;
		n -= take;
		if (d->n == block) {
			kinds[d->kind].run(d->h, d->block);
			d->n = 0;
		}
	}
}

size_t digest_end(struct digest *d, unsigned char *out)
{
	size_t block = kinds[d->kind].block, tail = kinds[d->kind].length, n = kinds[d->kind].out;
	size_t word = d->kind == SHA512 ? 8 : 4;
	uint64_t bits = d->bytes * 8;

	digest_add(d, "\200", 1);
	while (d->n != block - tail)
		digest_add(d, "", 1);
	memset(d->block + d->n, 0, tail);
	for (size_t i = 0; i < 8; i++)
		d->block[block - 8 + i] =
			(unsigned char)(d->kind == MD5 ? bits >> 8 * i : bits >> (56 - 8 * i));
	kinds[d->kind].run(d->h, d->block);
	for (size_t i = 0; i < n; i++) {
		size_t in = i % word;

		out[i] = (unsigned char)(d->h[i / word] >>
					 8 * (d->kind == MD5 ? in : word - 1 - in));
	}
	return n;
}

uint32_t crc32(uint32_t crc, const void *data, size_t n)
{
	static uint32_t table[256];
	const unsigned char *p = data;

	for (uint32_t i = 1; i < 256 && !table[255]; i++) {
		uint32_t v = i;

		for (int bit = 0; bit < 8; bit++)
			v = v >> 1 ^ (v & 1 ? 0xedb88320 : 0);
		table[i] = v;
	}
	crc = ~crc;
	while (n--)
		crc = table[(crc ^ *p++) & 255] ^ crc >> 8;
	return ~crc;
}
