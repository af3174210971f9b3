/*
 * stdint.h - integer types of fixed width (C11 7.20), from the compiler's own
 * predefined types so that gcc and clang agree with the ABI.
 */
#ifndef _STDINT_H
#define _STDINT_H

#define __want_int8_t
#define __want_int16_t
#define __want_int32_t
#define __want_int64_t
#define __want_uint8_t
#define __want_uint16_t
#define __want_uint32_t
#define __want_uint64_t
#define __want_intptr_t
#define __want_uintptr_t
#define __want_intmax_t
#define __want_uintmax_t
#include <bits/alltypes.h>

typedef __INT8_TYPE__ int_least8_t;
typedef __INT16_TYPE__ int_least16_t;
typedef __INT32_TYPE__ int_least32_t;
typedef __INT64_TYPE__ int_least64_t;
typedef __UINT8_TYPE__ uint_least8_t;
typedef __UINT16_TYPE__ uint_least16_t;
typedef __UINT32_TYPE__ uint_least32_t;
typedef __UINT64_TYPE__ uint_least64_t;

typedef __INT8_TYPE__ int_fast8_t;
typedef __INT64_TYPE__ int_fast16_t;
typedef __INT64_TYPE__ int_fast32_t;
typedef __INT64_TYPE__ int_fast64_t;
typedef __UINT8_TYPE__ uint_fast8_t;
typedef __UINT64_TYPE__ uint_fast16_t;
typedef __UINT64_TYPE__ uint_fast32_t;
typedef __UINT64_TYPE__ uint_fast64_t;

#define INT8_MAX    __INT8_MAX__
#define INT8_MIN    (-INT8_MAX - 1)
#define UINT8_MAX   __UINT8_MAX__
#define INT16_MAX   __INT16_MAX__
#define INT16_MIN   (-INT16_MAX - 1)
#define UINT16_MAX  __UINT16_MAX__
#define INT32_MAX   __INT32_MAX__
#define INT32_MIN   (-INT32_MAX - 1)
#define UINT32_MAX  __UINT32_MAX__
#define INT64_MAX   __INT64_MAX__
#define INT64_MIN   (-INT64_MAX - 1)
#define UINT64_MAX  __UINT64_MAX__
#define INTPTR_MAX  __INTPTR_MAX__
#define INTPTR_MIN  (-INTPTR_MAX - 1)
#define UINTPTR_MAX __UINTPTR_MAX__
#define INTMAX_MAX  __INTMAX_MAX__
#define INTMAX_MIN  (-INTMAX_MAX - 1)
#define UINTMAX_MAX __UINTMAX_MAX__
#define PTRDIFF_MAX __PTRDIFF_MAX__
#define PTRDIFF_MIN (-PTRDIFF_MAX - 1)
#define SIZE_MAX    __SIZE_MAX__
#ifndef WCHAR_MAX
#define WCHAR_MAX __WCHAR_MAX__
#define WCHAR_MIN (-WCHAR_MAX - 1)
#endif
#define WINT_MAX	 0xffffffffu
#define WINT_MIN	 0u

#define INT8_C(c)	 c
#define INT16_C(c)	 c
#define INT32_C(c)	 c
#define INT64_C(c)	 c##L
#define UINT8_C(c)	 c
#define UINT16_C(c)	 c
#define UINT32_C(c)	 c##U
#define UINT64_C(c)	 c##UL
#define INTMAX_C(c)	 c##L
#define UINTMAX_C(c)	 c##UL

#define SIG_ATOMIC_MAX	 INT32_MAX
#define SIG_ATOMIC_MIN	 INT32_MIN
#define INT_LEAST8_MAX	 INT8_MAX
#define INT_LEAST8_MIN	 INT8_MIN
#define UINT_LEAST8_MAX	 UINT8_MAX
#define INT_FAST8_MAX	 INT8_MAX
#define INT_FAST8_MIN	 INT8_MIN
#define UINT_FAST8_MAX	 UINT8_MAX
#define INT_LEAST16_MAX	 INT16_MAX
#define INT_LEAST16_MIN	 INT16_MIN
#define UINT_LEAST16_MAX UINT16_MAX
#define INT_FAST16_MAX	 INT64_MAX
#define INT_FAST16_MIN	 INT64_MIN
#define UINT_FAST16_MAX	 UINT64_MAX
#define INT_LEAST32_MAX	 INT32_MAX
#define INT_LEAST32_MIN	 INT32_MIN
#define UINT_LEAST32_MAX UINT32_MAX
#define INT_FAST32_MAX	 INT64_MAX
#define INT_FAST32_MIN	 INT64_MIN
#define UINT_FAST32_MAX	 UINT64_MAX
#define INT_LEAST64_MAX	 INT64_MAX
#define INT_LEAST64_MIN	 INT64_MIN
#define UINT_LEAST64_MAX UINT64_MAX
#define INT_FAST64_MAX	 INT64_MAX
#define INT_FAST64_MIN	 INT64_MIN
#define UINT_FAST64_MAX	 UINT64_MAX

#endif
