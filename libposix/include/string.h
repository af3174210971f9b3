/*
 * string.h - memory and string functions (C11 7.24, POSIX, and the BSD ones that
 * everybody has).
 */
#ifndef _STRING_H
#define _STRING_H

#include <features.h>

#define __want_size_t
#define __want_locale_t
#define __want_NULL
#include <bits/alltypes.h>

#if __MISC_VISIBLE
#include <strings.h>
#endif

__BEGIN_DECLS

void *memcpy(void *__restrict __dst, const void *__restrict __src, size_t __n);
void *memmove(void *__dst, const void *__src, size_t __n);
void *memset(void *__dst, int __c, size_t __n);
int memcmp(const void *__a, const void *__b, size_t __n);
void *memchr(const void *__s, int __c, size_t __n);
size_t strlen(const char *__s);
int strcmp(const char *__a, const char *__b);
int strncmp(const char *__a, const char *__b, size_t __n);
int strcoll(const char *__a, const char *__b);
size_t strxfrm(char *__restrict __dst, const char *__restrict __src, size_t __n);
char *strcpy(char *__restrict __dst, const char *__restrict __src);
char *strncpy(char *__restrict __dst, const char *__restrict __src, size_t __n);
char *strcat(char *__restrict __dst, const char *__restrict __src);
char *strncat(char *__restrict __dst, const char *__restrict __src, size_t __n);
char *strchr(const char *__s, int __c);
char *strrchr(const char *__s, int __c);
char *strstr(const char *__hay, const char *__needle);
size_t strspn(const char *__s, const char *__accept);
size_t strcspn(const char *__s, const char *__reject);
char *strpbrk(const char *__s, const char *__accept);
char *strtok(char *__restrict __s, const char *__restrict __delim);
char *strerror(int __err);

#if __POSIX_VISIBLE
void *memccpy(void *__restrict __dst, const void *__restrict __src, int __c, size_t __n);
#if __MISC_VISIBLE || __POSIX_VISIBLE >= 202405
void *memmem(const void *__hay, size_t __hlen, const void *__needle, size_t __nlen);
#endif
size_t strnlen(const char *__s, size_t __max);
char *stpcpy(char *__restrict __dst, const char *__restrict __src);
char *stpncpy(char *__restrict __dst, const char *__restrict __src, size_t __n);
#if __MISC_VISIBLE || __POSIX_VISIBLE >= 202405
size_t strlcpy(char *__restrict __dst, const char *__restrict __src, size_t __size);
size_t strlcat(char *__restrict __dst, const char *__restrict __src, size_t __size);
#endif
char *strtok_r(char *__restrict __s, const char *__restrict __delim, char **__restrict __save);
char *strdup(const char *__s) __MALLOC;
char *strndup(const char *__s, size_t __n) __MALLOC;
char *strsignal(int __sig);
char *strerror_l(int __err, locale_t __loc);
int strcoll_l(const char *__a, const char *__b, locale_t __loc);
size_t strxfrm_l(char *__restrict __dst, const char *__restrict __src, size_t __n, locale_t __loc);
int strerror_r(int __err, char *__buf, size_t __size);
#endif

#if __MISC_VISIBLE
void explicit_bzero(void *__dst, size_t __n);
char *strsep(char **__restrict __s, const char *__restrict __delim);
void *memrchr(const void *__s, int __c, size_t __n);
void *mempcpy(void *__restrict __dst, const void *__restrict __src, size_t __n);
char *strchrnul(const char *__s, int __c);
char *strcasestr(const char *__hay, const char *__needle);
int timingsafe_bcmp(const void *__a, const void *__b, size_t __n);
#endif
#if __GNU_VISIBLE
#define strdupa(s) __builtin_strcpy((char *)__builtin_alloca(__builtin_strlen(s) + 1), s)
int strverscmp(const char *__a, const char *__b);
void *rawmemchr(const void *__s, int __c);
const char *strerrordesc_np(int __err);
const char *strerrorname_np(int __err);
#endif

__END_DECLS

#endif
