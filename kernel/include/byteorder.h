/*
 * byteorder.h - values of the wire and of disks, and unaligned accesses.
 *
 * riscv64 and the hosts are little-endian.  The get_ and put_ forms take any
 * address, aligned or not.
 */
#ifndef TARN_BYTEORDER_H
#define TARN_BYTEORDER_H

#include <bitops.h>
#include <compiler.h>
#include <types.h>

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "little-endian machines only");

static inline u16 be16_to_cpu(be16 x)
{
	return bswap16((__force u16)x);
}
static inline u32 be32_to_cpu(be32 x)
{
	return bswap32((__force u32)x);
}
static inline be16 cpu_to_be16(u16 x)
{
	return (__force be16)bswap16(x);
}
static inline be32 cpu_to_be32(u32 x)
{
	return (__force be32)bswap32(x);
}
static inline le32 cpu_to_le32(u32 x)
{
	return (__force le32)x;
}
static inline u32 le32_to_cpu(le32 x)
{
	return (__force u32)x;
}
static inline u16 get_le16(const void *p)
{
	const u8 *b = p;

	return (u16)(b[0] | b[1] << 8);
}

static inline u32 get_le32(const void *p)
{
	return get_le16(p) | (u32)get_le16((const u8 *)p + 2) << 16;
}

static inline u64 get_le64(const void *p)
{
	return get_le32(p) | (u64)get_le32((const u8 *)p + 4) << 32;
}

static inline u16 get_be16(const void *p)
{
	return bswap16(get_le16(p));
}
static inline u32 get_be32(const void *p)
{
	return bswap32(get_le32(p));
}
static inline u64 get_be64(const void *p)
{
	return bswap64(get_le64(p));
}

static inline void put_le16(void *p, u16 x)
{
	u8 *b = p;

	b[0] = (u8)x;
	b[1] = (u8)(x >> 8);
}

static inline void put_le32(void *p, u32 x)
{
	put_le16(p, (u16)x);
	put_le16((u8 *)p + 2, (u16)(x >> 16));
}

static inline void put_le64(void *p, u64 x)
{
	put_le32(p, (u32)x);
	put_le32((u8 *)p + 4, (u32)(x >> 32));
}

static inline void put_be16(void *p, u16 x)
{
	put_le16(p, bswap16(x));
}
static inline void put_be32(void *p, u32 x)
{
	put_le32(p, bswap32(x));
}
static inline void put_be64(void *p, u64 x)
{
	put_le64(p, bswap64(x));
}

#endif
