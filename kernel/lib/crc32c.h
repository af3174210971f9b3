/*
 * crc32c.h - CRC-32C (Castagnoli, RFC 3720 appendix B.4).
 *
 * crc32c(0, data, n) is the checksum of one buffer; passing the result as crc goes
 * on with the next one. The table is constant; nothing locks.
 */
#ifndef LIB_CRC32C_H
#define LIB_CRC32C_H

#include <types.h>

u32 crc32c(u32 crc, const void *data, size_t n);

#endif
