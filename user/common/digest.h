/*
 * digest.h - check sums of data that comes piece by piece.
 */
#ifndef USER_COMMON_DIGEST_H
#define USER_COMMON_DIGEST_H

#include <stddef.h>
#include <stdint.h>

enum digest_kind { MD5, SHA1, SHA256, SHA512 };

struct digest {
	enum digest_kind kind;
	uint64_t h[8];
	uint64_t bytes;
	unsigned char block[128];
	size_t n;
};

void digest_begin(struct digest *d, enum digest_kind kind);
void digest_add(struct digest *d, const void *data, size_t n);
/* Into `out` of 64 bytes; how many. */
size_t digest_end(struct digest *d, unsigned char *out);

/* CRC-32 as gzip and PNG have it; begins with 0. */
uint32_t crc32(uint32_t crc, const void *data, size_t n);

#endif
