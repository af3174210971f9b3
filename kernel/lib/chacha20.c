/*
 * chacha20.c - the ChaCha20 block function; see chacha20.h and RFC 8439.
 */
#include "lib/chacha20.h"

#include <bitops.h>
#include <byteorder.h>

/* RFC 8439, section 2.1 */
static void quarter_round(u32 x[16], int a, int b, int c, int d)
{
	x[a] += x[b];
	x[d] = rol32(x[d] ^ x[a], 16);
	x[c] += x[d];
	x[b] = rol32(x[b] ^ x[c], 12);
	x[a] += x[b];
	x[d] = rol32(x[d] ^ x[a], 8);
	x[c] += x[d];
	x[b] = rol32(x[b] ^ x[c], 7);
}

void chacha20_block(const u8 key[CHACHA20_KEY_SIZE], u32 counter,
		    const u8 nonce[CHACHA20_NONCE_SIZE], u8 out[CHACHA20_BLOCK_SIZE])
{
	u32 start[16] = { 0x61707865, 0x3320646e, 0x79622d32, 0x6b206574 };
	u32 x[16];

	for (int i = 0; i < 8; i++)
		start[4 + i] = get_le32(key + 4 * i);
	start[12] = counter;
	for (int i = 0; i < 3; i++)
		start[13 + i] = get_le32(nonce + 4 * i);
	for (int i = 0; i < 16; i++)
		x[i] = start[i];
	for (int i = 0; i < 10; i++) {
		quarter_round(x, 0, 4, 8, 12);
		quarter_round(x, 1, 5, 9, 13);
		quarter_round(x, 2, 6, 10, 14);
		quarter_round(x, 3, 7, 11, 15);
		quarter_round(x, 0, 5, 10, 15);
		quarter_round(x, 1, 6, 11, 12);
		quarter_round(x, 2, 7, 8, 13);
		quarter_round(x, 3, 4, 9, 14);
	}
	for (int i = 0; i < 16; i++)
		put_le32(out + 4 * i, x[i] + start[i]);
}
