/*
 * uapi/types.h - fixed-width names for the ABI headers.
 *
 * The headers of this folder describe Linux's riscv64 ABI under Linux's own names.
 * The kernel and libposix both include them; they include only each other, and
 * tests/check/abi_headers.py compares every constant and every structure with
 * Debian's linux-libc-dev.  Layouts carry static asserts.
 */
#ifndef UAPI_TYPES_H
#define UAPI_TYPES_H

typedef unsigned char __u8;
typedef signed char __s8;
typedef unsigned short __u16;
typedef short __s16;
typedef unsigned int __u32;
typedef int __s32;
typedef unsigned long __u64;
typedef long __s64;

#ifndef __user
#ifdef __CHECKER__
#define __user __attribute__((noderef, address_space(1)))
#else
#define __user
#endif
#endif

#ifdef __cplusplus
#define UAPI_SIZE(type, size) static_assert(sizeof(type) == (size), #type)
#define UAPI_OFFSET(type, member, off) \
	static_assert(__builtin_offsetof(type, member) == (off), #type)
#else
#define UAPI_SIZE(type, size) _Static_assert(sizeof(type) == (size), "size of " #type)
#define UAPI_OFFSET(type, member, off) \
	_Static_assert(__builtin_offsetof(type, member) == (off), "offset of " #type "." #member)
#endif

#endif
