/*
 * wchar.h - wide characters, which are Unicode code points (C11 7.29, POSIX).
 */
#ifndef _WCHAR_H
#define _WCHAR_H

#include <features.h>

#define __want_size_t
#define __want_wchar_t
#define __want_wint_t
#define __want_wctype_t
#define __want_mbstate_t
#define __want_locale_t
#define __want_va_list
#define __want_FILE
#define __want_NULL
#include <bits/alltypes.h>

#ifndef WEOF
#define WEOF 0xffffffffu
#endif
#ifndef WCHAR_MAX
#define WCHAR_MAX __WCHAR_MAX__
#define WCHAR_MIN (-WCHAR_MAX - 1)
#endif

struct tm;

__BEGIN_DECLS

wint_t btowc(int __c);
int wctob(wint_t __c);
int mbsinit(const mbstate_t *__st);
size_t mbrlen(const char *__restrict __s, size_t __n, mbstate_t *__restrict __st);
size_t mbrtowc(wchar_t *__restrict __wc, const char *__restrict __s, size_t __n,
	       mbstate_t *__restrict __st);
size_t wcrtomb(char *__restrict __s, wchar_t __wc, mbstate_t *__restrict __st);
size_t mbsrtowcs(wchar_t *__restrict __dst, const char **__restrict __src, size_t __n,
		 mbstate_t *__restrict __st);
size_t wcsrtombs(char *__restrict __dst, const wchar_t **__restrict __src, size_t __n,
		 mbstate_t *__restrict __st);

wchar_t *wcscpy(wchar_t *__restrict __dst, const wchar_t *__restrict __src);
wchar_t *wcsncpy(wchar_t *__restrict __dst, const wchar_t *__restrict __src, size_t __n);
wchar_t *wcscat(wchar_t *__restrict __dst, const wchar_t *__restrict __src);
wchar_t *wcsncat(wchar_t *__restrict __dst, const wchar_t *__restrict __src, size_t __n);
int wcscmp(const wchar_t *__a, const wchar_t *__b);
int wcsncmp(const wchar_t *__a, const wchar_t *__b, size_t __n);
int wcscoll(const wchar_t *__a, const wchar_t *__b);
size_t wcsxfrm(wchar_t *__restrict __dst, const wchar_t *__restrict __src, size_t __n);
wchar_t *wcschr(const wchar_t *__s, wchar_t __c);
wchar_t *wcsrchr(const wchar_t *__s, wchar_t __c);
size_t wcsspn(const wchar_t *__s, const wchar_t *__accept);
size_t wcscspn(const wchar_t *__s, const wchar_t *__reject);
wchar_t *wcspbrk(const wchar_t *__s, const wchar_t *__accept);
wchar_t *wcsstr(const wchar_t *__hay, const wchar_t *__needle);
wchar_t *wcstok(wchar_t *__restrict __s, const wchar_t *__restrict __delim,
		wchar_t **__restrict __save);
size_t wcslen(const wchar_t *__s);
wchar_t *wmemchr(const wchar_t *__s, wchar_t __c, size_t __n);
int wmemcmp(const wchar_t *__a, const wchar_t *__b, size_t __n);
wchar_t *wmemcpy(wchar_t *__restrict __dst, const wchar_t *__restrict __src, size_t __n);
wchar_t *wmemmove(wchar_t *__dst, const wchar_t *__src, size_t __n);
wchar_t *wmemset(wchar_t *__dst, wchar_t __c, size_t __n);

long wcstol(const wchar_t *__restrict __s, wchar_t **__restrict __end, int __base);
unsigned long wcstoul(const wchar_t *__restrict __s, wchar_t **__restrict __end, int __base);
long long wcstoll(const wchar_t *__restrict __s, wchar_t **__restrict __end, int __base);
unsigned long long wcstoull(const wchar_t *__restrict __s, wchar_t **__restrict __end, int __base);
float wcstof(const wchar_t *__restrict __s, wchar_t **__restrict __end);
double wcstod(const wchar_t *__restrict __s, wchar_t **__restrict __end);
long double wcstold(const wchar_t *__restrict __s, wchar_t **__restrict __end);

int fwide(FILE *__f, int __mode);
wint_t fgetwc(FILE *__f);
wint_t getwc(FILE *__f);
wint_t getwchar(void);
wint_t ungetwc(wint_t __c, FILE *__f);
wchar_t *fgetws(wchar_t *__restrict __dst, int __n, FILE *__restrict __f);
wint_t fputwc(wchar_t __c, FILE *__f);
wint_t putwc(wchar_t __c, FILE *__f);
wint_t putwchar(wchar_t __c);
int fputws(const wchar_t *__restrict __s, FILE *__restrict __f);
int wprintf(const wchar_t *__restrict __fmt, ...);
int fwprintf(FILE *__restrict __f, const wchar_t *__restrict __fmt, ...);
int swprintf(wchar_t *__restrict __dst, size_t __n, const wchar_t *__restrict __fmt, ...);
int vwprintf(const wchar_t *__restrict __fmt, va_list __ap);
int vfwprintf(FILE *__restrict __f, const wchar_t *__restrict __fmt, va_list __ap);
int vswprintf(wchar_t *__restrict __dst, size_t __n, const wchar_t *__restrict __fmt, va_list __ap);
int wscanf(const wchar_t *__restrict __fmt, ...);
int fwscanf(FILE *__restrict __f, const wchar_t *__restrict __fmt, ...);
int swscanf(const wchar_t *__restrict __s, const wchar_t *__restrict __fmt, ...);
int vwscanf(const wchar_t *__restrict __fmt, va_list __ap);
int vfwscanf(FILE *__restrict __f, const wchar_t *__restrict __fmt, va_list __ap);
int vswscanf(const wchar_t *__restrict __s, const wchar_t *__restrict __fmt, va_list __ap);
size_t wcsftime(wchar_t *__restrict __dst, size_t __n, const wchar_t *__restrict __fmt,
		const struct tm *__restrict __tm);

#if __POSIX_VISIBLE >= 200809
size_t mbsnrtowcs(wchar_t *__restrict __dst, const char **__restrict __src, size_t __bytes,
		  size_t __n, mbstate_t *__restrict __st);
size_t wcsnrtombs(char *__restrict __dst, const wchar_t **__restrict __src, size_t __chars,
		  size_t __n, mbstate_t *__restrict __st);
wchar_t *wcsdup(const wchar_t *__s);
size_t wcsnlen(const wchar_t *__s, size_t __max);
wchar_t *wcpcpy(wchar_t *__restrict __dst, const wchar_t *__restrict __src);
wchar_t *wcpncpy(wchar_t *__restrict __dst, const wchar_t *__restrict __src, size_t __n);
int wcscasecmp(const wchar_t *__a, const wchar_t *__b);
int wcsncasecmp(const wchar_t *__a, const wchar_t *__b, size_t __n);
int wcscasecmp_l(const wchar_t *__a, const wchar_t *__b, locale_t __loc);
int wcsncasecmp_l(const wchar_t *__a, const wchar_t *__b, size_t __n, locale_t __loc);
int wcscoll_l(const wchar_t *__a, const wchar_t *__b, locale_t __loc);
size_t wcsxfrm_l(wchar_t *__restrict __dst, const wchar_t *__restrict __src, size_t __n,
		 locale_t __loc);
FILE *open_wmemstream(wchar_t **__out, size_t *__size);
#if __MISC_VISIBLE || __POSIX_VISIBLE >= 202405
size_t wcslcpy(wchar_t *__restrict __dst, const wchar_t *__restrict __src, size_t __size);
size_t wcslcat(wchar_t *__restrict __dst, const wchar_t *__restrict __src, size_t __size);
#endif
#endif

#if __XSI_VISIBLE || __MISC_VISIBLE
int wcwidth(wchar_t __c);
int wcswidth(const wchar_t *__s, size_t __n);
wchar_t *wcswcs(const wchar_t *__hay, const wchar_t *__needle);
#endif

#if __GNU_VISIBLE
wchar_t *wcschrnul(const wchar_t *__s, wchar_t __c);
wchar_t *wmempcpy(wchar_t *__restrict __dst, const wchar_t *__restrict __src, size_t __n);
wint_t fgetwc_unlocked(FILE *__f);
wint_t getwc_unlocked(FILE *__f);
wint_t getwchar_unlocked(void);
wchar_t *fgetws_unlocked(wchar_t *__restrict __dst, int __n, FILE *__restrict __f);
wint_t fputwc_unlocked(wchar_t __c, FILE *__f);
wint_t putwc_unlocked(wchar_t __c, FILE *__f);
wint_t putwchar_unlocked(wchar_t __c);
int fputws_unlocked(const wchar_t *__restrict __s, FILE *__restrict __f);
#endif

__END_DECLS

#endif
