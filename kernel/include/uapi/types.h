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

/*
 * Who sees what. The kernel sees all. A program comes here through a header of the C library: UAPI_KERNEL is
 * 0, which hides what that library defines in its own way; UAPI_LINUX is 0 when Linux's own headers are there
 * (linux/, asm/), and what those define is taken from them; UAPI_MISC is whether the program's feature-test
 * macros ask for more than POSIX. Our own programs say UAPI_ALL.
 */
#ifdef __POSIX_VISIBLE
#define UAPI_KERNEL 0
#define UAPI_MISC   __MISC_VISIBLE
#if defined(UAPI_ALL) || (__MISC_VISIBLE && !__has_include(<linux/types.h>))
#define UAPI_LINUX 1
#else
#define UAPI_LINUX 0
#endif
#else
#define UAPI_KERNEL 1
#define UAPI_MISC   1
#define UAPI_LINUX  1
#endif

/* As Linux has them for programs; the kernel's u64 is long, as printk's formats are. */
#if UAPI_KERNEL
typedef unsigned long __u64;
typedef long __s64;
#else
__extension__ typedef unsigned long long __u64;
__extension__ typedef long long __s64;
#endif

#ifndef __user
#ifdef __CHECKER__
#define __user __attribute__((noderef, address_space(1)))
#else
#define __user
#endif
#endif

#if defined(__cplusplus) && __cplusplus < 201103L
#define UAPI_SIZE(type, size) typedef char uapi_holds[sizeof(type) == (size) ? 1 : -1]
#define UAPI_OFFSET(type, member, off) \
	typedef char uapi_holds[__builtin_offsetof(type, member) == (off) ? 1 : -1]
#elif defined(__cplusplus)
#define UAPI_SIZE(type, size) static_assert(sizeof(type) == (size), #type)
#define UAPI_OFFSET(type, member, off) \
	static_assert(__builtin_offsetof(type, member) == (off), #type)
#else
#define UAPI_SIZE(type, size) _Static_assert(sizeof(type) == (size), "size of " #type)
#define UAPI_OFFSET(type, member, off) \
	_Static_assert(__builtin_offsetof(type, member) == (off), "offset of " #type "." #member)
#endif

#endif
