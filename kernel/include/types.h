/*
 * types.h - the integer types of the kernel.
 *
 * On riscv64 and on the x86-64 hosts that run the unit tests `unsigned long` has
 * 64 bits, so u64, size_t and pointers all have the same width, and u64 prints
 * with %lu and %lx.  Includes only headers that the compiler itself provides.
 */
#ifndef TARN_TYPES_H
#define TARN_TYPES_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long u64;
typedef signed char s8;
typedef short s16;
typedef int s32;
typedef long s64;

typedef unsigned long uintptr_t;
typedef long intptr_t;
typedef long ssize_t;
typedef long loff_t; /* file position or length; never negative once checked */
typedef unsigned long ino_t;
typedef u32 umode_t; /* file type and permissions, S_* of uapi/stat.h */
typedef int pid_t;
typedef unsigned int uid_t;
typedef unsigned int gid_t;

typedef u64 ktime_t; /* nanoseconds */
typedef u64 paddr_t; /* physical address */
typedef u64 vaddr_t; /* virtual address, kernel or user, as a number */
typedef u64 sector_t; /* 512-byte units of a block device */

/* Big-endian and little-endian values as they lie on the wire or on disk. */
#ifdef __CHECKER__
#define __bitwise __attribute__((bitwise))
#else
#define __bitwise
#endif
typedef u16 __bitwise le16;
typedef u32 __bitwise le32;
typedef u64 __bitwise le64;
typedef u16 __bitwise be16;
typedef u32 __bitwise be32;
typedef u64 __bitwise be64;

#define U8_MAX	((u8)~0U)
#define U16_MAX ((u16)~0U)
#define U32_MAX ((u32)~0U)
#define U64_MAX ((u64)~0UL)
#define S32_MAX ((s32)0x7fffffff)
#define S32_MIN ((s32)(-S32_MAX - 1))
#define S64_MAX ((s64)0x7fffffffffffffffL)
#define S64_MIN ((s64)(-S64_MAX - 1))

#endif
