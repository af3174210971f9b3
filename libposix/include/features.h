/*
 * features.h - which of the library's names a program sees, by the feature-test
 * macros it sets (POSIX.1-2024 2.2.1, feature_test_macros(7)), and what every
 * header needs to be read by C99, C11, C17 and C++ alike.
 *
 *   __POSIX_VISIBLE  year and month of the POSIX that is asked for, 0 for none
 *   __XSI_VISIBLE    year and month of the X/Open extensions, 0 for none
 *   __MISC_VISIBLE   what Linux and the BSDs have besides
 *   __GNU_VISIBLE    what is only for those who say _GNU_SOURCE
 *   __ISO_C_VISIBLE  1990, 1999, 2011 or 2023
 */
#ifndef _FEATURES_H
#define _FEATURES_H

#if defined(_ALL_SOURCE) && !defined(_GNU_SOURCE)
#define _GNU_SOURCE 1
#endif

/* Who asks for nothing and doesn't insist on the bare standard gets nearly all. */
#if !defined(_POSIX_SOURCE) && !defined(_POSIX_C_SOURCE) && !defined(_XOPEN_SOURCE) && \
	!defined(_GNU_SOURCE) && !defined(_BSD_SOURCE) && !defined(_DEFAULT_SOURCE) && \
	!defined(__STRICT_ANSI__)
#define _DEFAULT_SOURCE 1
#endif

#if defined(_GNU_SOURCE)
#define __GNU_VISIBLE	1
#define __MISC_VISIBLE	1
#define __XSI_VISIBLE	800
#define __POSIX_VISIBLE 202405
#else
#define __GNU_VISIBLE 0
#if defined(_DEFAULT_SOURCE) || defined(_BSD_SOURCE)
#define __MISC_VISIBLE	1
#define __XSI_VISIBLE	800
#define __POSIX_VISIBLE 202405
#else
#define __MISC_VISIBLE 0
#if defined(_XOPEN_SOURCE)
#define __XSI_VISIBLE 800
#else
#define __XSI_VISIBLE 0
#endif
#if (defined(_POSIX_C_SOURCE) && _POSIX_C_SOURCE - 0 >= 202405) || \
	(defined(_XOPEN_SOURCE) && _XOPEN_SOURCE - 0 >= 800)
#define __POSIX_VISIBLE 202405
#elif defined(_POSIX_C_SOURCE) || defined(_POSIX_SOURCE) || defined(_XOPEN_SOURCE)
#define __POSIX_VISIBLE 200809
#else
#define __POSIX_VISIBLE 0
#endif
#endif
#endif

#if defined(_ISOC23_SOURCE) || defined(_ISOC2X_SOURCE) || \
	(defined(__STDC_VERSION__) && __STDC_VERSION__ > 201710L)
#define __ISO_C_VISIBLE 2023
#elif defined(_ISOC11_SOURCE) || __POSIX_VISIBLE || defined(__cplusplus) || \
	(defined(__STDC_VERSION__) && __STDC_VERSION__ >= 201112L)
#define __ISO_C_VISIBLE 2011
#elif defined(_ISOC99_SOURCE) || (defined(__STDC_VERSION__) && __STDC_VERSION__ >= 199901L)
#define __ISO_C_VISIBLE 1999
#else
#define __ISO_C_VISIBLE 1990
#endif

#ifdef __cplusplus
#define __BEGIN_DECLS extern "C" {
#define __END_DECLS   }
#else
#define __BEGIN_DECLS
#define __END_DECLS
#endif

#define __NORETURN     __attribute__((__noreturn__))
#define __PURE	       __attribute__((__pure__))
#define __CONST	       __attribute__((__const__))
#define __MALLOC       __attribute__((__malloc__))
#define __PRINTF(m, n) __attribute__((__format__(__printf__, m, n)))
#define __SCANF(m, n)  __attribute__((__format__(__scanf__, m, n)))
#define __STRFTIME(m)  __attribute__((__format__(__strftime__, m, 0)))
#define __FMTARG(m)    __attribute__((__format_arg__(m)))
#define __SENTINEL     __attribute__((__sentinel__))

#endif
