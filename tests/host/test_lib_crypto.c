/*
 * test_lib_crypto.c - published test vectors of SipHash, ChaCha20, CRC-32C; hash spread.
 */
#include "tests/host/t.h"
#include "lib/chacha20.h"
#include "lib/crc32c.h"
#include "lib/hash.h"
#include "lib/siphash.h"
#include "lib/string.h"

/* The paper's appendix A, and the reference implementation's first and last vector. */
static void siphash_vectors(void)
{
	struct siphash_key key = { { 0x0706050403020100UL, 0x0f0e0d0c0b0a0908UL } },
			   none = { { 0 } };
	u8 in[64];

	for (int i = 0; i < 64; i++)
		in[i] = (u8)i;
	CHECK_EQ(siphash(in, 15, &key), 0xa129ca6149be45e5UL);
	CHECK_EQ(siphash(in, 0, &key), 0x726fdb47dd0e0e31UL);
	CHECK_EQ(siphash(in, 1, &key), 0x74f839c593dc67fdUL);
	CHECK_EQ(siphash(in, 63, &key), 0x958a324ceb064572UL);
	/* CPython hashes bytes so, without a secret (PYTHONHASHSEED=0). */
	CHECK_EQ(siphash_table(in, 1, &none), 0x68a914128e01e473UL);
	CHECK_EQ(siphash_table(in, 7, &none), 0x2f098ab0c751325aUL);
	CHECK_EQ(siphash_table(in, 8, &none), 0xead411e67ebe2eeaUL);
	CHECK_EQ(siphash_table(in, 12, &none), 0xa6baf4fb0f9fe1c2UL);
	CHECK_EQ(siphash_table(in, 36, &none), 0xac77921fcc642bd3UL);
}

/* RFC 8439, section 2.3.2 */
static void chacha20_vector(void)
{
	static const u8 want[64] = {
		0x10, 0xf1, 0xe7, 0xe4, 0xd1, 0x3b, 0x59, 0x15, 0x50, 0x0f, 0xdd, 0x1f, 0xa3,
		0x20, 0x71, 0xc4, 0xc7, 0xd1, 0xf4, 0xc7, 0x33, 0xc0, 0x68, 0x03, 0x04, 0x22,
		0xaa, 0x9a, 0xc3, 0xd4, 0x6c, 0x4e, 0xd2, 0x82, 0x64, 0x46, 0x07, 0x9f, 0xaa,
		0x09, 0x14, 0xc2, 0xd7, 0x05, 0xd9, 0x8b, 0x02, 0xa2, 0xb5, 0x12, 0x9c, 0xd1,
		0xde, 0x16, 0x4e, 0xb9, 0xcb, 0xd0, 0x83, 0xe8, 0xa2, 0x50, 0x3c, 0x4e,
	};
	u8 key[32], nonce[12] = { 0, 0, 0, 9, 0, 0, 0, 0x4a, 0, 0, 0, 0 }, out[64];

	for (int i = 0; i < 32; i++)
		key[i] = (u8)i;
	chacha20_block(key, 1, nonce, out);
	CHECK_EQ(memcmp(out, want, 64), 0);
}

/* RFC 3720, appendix B.4, and the table computed again. */
static void crc32c_vectors(void)
{
	u8 buf[256];

	memset(buf, 0, 32);
	CHECK_EQ(crc32c(0, buf, 32), 0x8a9136aa);
	memset(buf, 0xff, 32);
	CHECK_EQ(crc32c(0, buf, 32), 0x62a8ab43);
	for (int i = 0; i < 32; i++)
		buf[i] = (u8)i;
	CHECK_EQ(crc32c(0, buf, 32), 0x46dd794e);
	CHECK_EQ(crc32c(0, "123456789", 9), 0xe3069283);
	CHECK_EQ(crc32c(crc32c(0, "1234", 4), "56789", 5), 0xe3069283);
	CHECK_EQ(crc32c(0, "", 0), 0);
	for (u32 i = 0; i < 256; i++) {
		u32 x = 0xffffffff ^ i;
		u8 b = (u8)i;

		for (int k = 0; k < 8; k++)
			x = x >> 1 ^ (x & 1 ? 0x82f63b78 : 0);
		CHECK_EQ(crc32c(0, &b, 1), ~x);
	}
}

/* Close keys spread evenly over a table. */
static void hash_spread(void)
{
	unsigned int fill[256] = { 0 };
	u8 text[40] = { 0 };

	for (u64 i = 0; i < 256 * 64; i++)
		fill[hash_index(hash64(i * 4096), 8)]++;
	for (int i = 0; i < 256; i++)
		CHECK(fill[i] > 24 && fill[i] < 120);
	for (size_t n = 1; n < sizeof(text); n++) {
		CHECK(hash_bytes(text, n, 1) != hash_bytes(text, n - 1, 1));
		CHECK(hash_bytes(text, n, 1) != hash_bytes(text, n, 2));
		text[n - 1] = 1;
		CHECK(hash_bytes(text, n, 1) != hash_bytes("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
							   "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
							   "\0\0\0\0",
							   n, 1));
		text[n - 1] = 0;
	}
}

int main(void)
{
	RUN(siphash_vectors);
	RUN(chacha20_vector);
	RUN(crc32c_vectors);
	RUN(hash_spread);
	return t_done();
}
