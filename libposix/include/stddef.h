/*
 * stddef.h - size_t, NULL, offsetof (C11 7.19).
 */
#ifndef _STDDEF_H
#define _STDDEF_H

#include <features.h>

#define __want_size_t
#define __want_ptrdiff_t
#define __want_wchar_t
#define __want_NULL
#include <bits/alltypes.h>

#define offsetof(type, member) __builtin_offsetof(type, member)

#if __ISO_C_VISIBLE >= 2011
#ifndef __def_max_align_t
#define __def_max_align_t
typedef struct {
	long long __ll __attribute__((__aligned__(__alignof__(long long))));
	long double __ld __attribute__((__aligned__(__alignof__(long double))));
} max_align_t;
#endif
#endif
#ifdef __cplusplus
#if __cplusplus >= 201103L
typedef decltype(nullptr) nullptr_t;
#endif
#endif

#endif
