/*
 * chacha20.h - the ChaCha20 block function (RFC 8439, section 2.3).
 *
 * The random generator's engine. No state of its own; nothing locks.
 */
#ifndef LIB_CHACHA20_H
#define LIB_CHACHA20_H

#include <types.h>

#define CHACHA20_KEY_SIZE   32
#define CHACHA20_NONCE_SIZE 12
#define CHACHA20_BLOCK_SIZE 64

void chacha20_block(const u8 key[CHACHA20_KEY_SIZE], u32 counter,
		    const u8 nonce[CHACHA20_NONCE_SIZE], u8 out[CHACHA20_BLOCK_SIZE]);

#endif
