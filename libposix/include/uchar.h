/*
 * uchar.h - characters of UTF-16 and UTF-32 (C11 7.28), and bytes of UTF-8 (C23 7.30).
 */
#ifndef _UCHAR_H
#define _UCHAR_H

#include <features.h>

#define __want_size_t
#define __want_mbstate_t
#include <bits/alltypes.h>

#if !defined(__cplusplus) || __cplusplus < 201103L
typedef __CHAR16_TYPE__ char16_t;
typedef __CHAR32_TYPE__ char32_t;
#endif

#if __ISO_C_VISIBLE >= 2023 || __GNU_VISIBLE || defined(__cpp_char8_t)
#ifndef __cpp_char8_t
typedef unsigned char char8_t;
#endif
#define __CHAR8_VISIBLE
#endif

__BEGIN_DECLS

#ifdef __CHAR8_VISIBLE
size_t mbrtoc8(char8_t *__restrict __c, const char *__restrict __s, size_t __n,
	       mbstate_t *__restrict __st);
size_t c8rtomb(char *__restrict __s, char8_t __c, mbstate_t *__restrict __st);
#endif

size_t mbrtoc16(char16_t *__restrict __c, const char *__restrict __s, size_t __n,
		mbstate_t *__restrict __st);
size_t c16rtomb(char *__restrict __s, char16_t __c, mbstate_t *__restrict __st);
size_t mbrtoc32(char32_t *__restrict __c, const char *__restrict __s, size_t __n,
		mbstate_t *__restrict __st);
size_t c32rtomb(char *__restrict __s, char32_t __c, mbstate_t *__restrict __st);

__END_DECLS

#endif
