/*
 * strings.h - comparisons without regard to case, and find first set (POSIX).
 */
#ifndef _STRINGS_H
#define _STRINGS_H

#include <features.h>

#define __want_size_t
#define __want_locale_t
#include <bits/alltypes.h>

__BEGIN_DECLS

int strcasecmp(const char *__a, const char *__b);
int strncasecmp(const char *__a, const char *__b, size_t __n);
int strcasecmp_l(const char *__a, const char *__b, locale_t __loc);
int strncasecmp_l(const char *__a, const char *__b, size_t __n, locale_t __loc);
int ffs(int __i);

#if __XSI_VISIBLE || __MISC_VISIBLE
int ffsl(long __i);
int ffsll(long long __i);
#endif
#if __MISC_VISIBLE
int bcmp(const void *__a, const void *__b, size_t __n);
void bcopy(const void *__src, void *__dst, size_t __n);
void bzero(void *__dst, size_t __n);
char *index(const char *__s, int __c);
char *rindex(const char *__s, int __c);
#endif

__END_DECLS

#endif
