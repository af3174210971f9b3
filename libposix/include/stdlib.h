/*
 * stdlib.h - memory, conversions, environment, sorting, ending (C11 7.22, POSIX).
 */
#ifndef _STDLIB_H
#define _STDLIB_H

#include <features.h>

#define __want_size_t
#define __want_wchar_t
#define __want_locale_t
#define __want_NULL
#include <bits/alltypes.h>

#define EXIT_SUCCESS 0
#define EXIT_FAILURE 1
#define RAND_MAX     0x7fffffff

typedef struct {
	int quot, rem;
} div_t;

typedef struct {
	long quot, rem;
} ldiv_t;

typedef struct {
	long long quot, rem;
} lldiv_t;

#if __POSIX_VISIBLE
#include <bits/wait.h>
#endif
#if __MISC_VISIBLE
#include <alloca.h>
#endif

__BEGIN_DECLS

size_t __ctype_get_mb_cur_max(void);
#define MB_CUR_MAX (__ctype_get_mb_cur_max())

void *malloc(size_t __size) __MALLOC;
void *calloc(size_t __count, size_t __size) __MALLOC;
void *realloc(void *__p, size_t __size);
void *aligned_alloc(size_t __align, size_t __size);
void free(void *__p);

__NORETURN void exit(int __status);
__NORETURN void _Exit(int __status);
__NORETURN void abort(void);
__NORETURN void quick_exit(int __status);
int atexit(void (*__fn)(void));
int at_quick_exit(void (*__fn)(void));
int system(const char *__command);
char *getenv(const char *__name);

int atoi(const char *__s);
long atol(const char *__s);
long long atoll(const char *__s);
double atof(const char *__s);
long strtol(const char *__restrict __s, char **__restrict __end, int __base);
unsigned long strtoul(const char *__restrict __s, char **__restrict __end, int __base);
long long strtoll(const char *__restrict __s, char **__restrict __end, int __base);
unsigned long long strtoull(const char *__restrict __s, char **__restrict __end, int __base);
float strtof(const char *__restrict __s, char **__restrict __end);
double strtod(const char *__restrict __s, char **__restrict __end);
long double strtold(const char *__restrict __s, char **__restrict __end);

#if __ISO_C_VISIBLE >= 2023 || __GNU_VISIBLE
int strfromd(char *__restrict __buf, size_t __n, const char *__restrict __format, double __x);
int strfromf(char *__restrict __buf, size_t __n, const char *__restrict __format, float __x);
int strfroml(char *__restrict __buf, size_t __n, const char *__restrict __format, long double __x);
#endif

int abs(int __n);
long labs(long __n);
long long llabs(long long __n);
div_t div(int __num, int __den);
ldiv_t ldiv(long __num, long __den);
lldiv_t lldiv(long long __num, long long __den);

void qsort(void *__base, size_t __count, size_t __size, int (*__cmp)(const void *, const void *));
void *bsearch(const void *__key, const void *__base, size_t __count, size_t __size,
	      int (*__cmp)(const void *, const void *));

int rand(void);
void srand(unsigned int __seed);

int mblen(const char *__s, size_t __n);
int mbtowc(wchar_t *__restrict __wc, const char *__restrict __s, size_t __n);
int wctomb(char *__s, wchar_t __wc);
size_t mbstowcs(wchar_t *__restrict __dst, const char *__restrict __src, size_t __n);
size_t wcstombs(char *__restrict __dst, const wchar_t *__restrict __src, size_t __n);

#if __POSIX_VISIBLE
int setenv(const char *__name, const char *__value, int __overwrite);
int unsetenv(const char *__name);
int posix_memalign(void **__out, size_t __align, size_t __size);
int rand_r(unsigned int *__seed);
int mkstemp(char *__template);
#if __MISC_VISIBLE || __POSIX_VISIBLE >= 202405
int mkostemp(char *__template, int __flags);
#endif
char *mkdtemp(char *__template);
int getsubopt(char **__opts, char *const *__keys, char **__value);
#if __MISC_VISIBLE || __POSIX_VISIBLE >= 202405
void *reallocarray(void *__p, size_t __count, size_t __size);
void qsort_r(void *__base, size_t __count, size_t __size,
	     int (*__cmp)(const void *, const void *, void *), void *__arg);
char *secure_getenv(const char *__name);
#endif
char *realpath(const char *__restrict __path, char *__restrict __out);
#endif

#if __XSI_VISIBLE || __MISC_VISIBLE
long a64l(const char *__s);
char *l64a(long __n);
double drand48(void);
double erand48(unsigned short __x[3]);
long lrand48(void);
long nrand48(unsigned short __x[3]);
long mrand48(void);
long jrand48(unsigned short __x[3]);
void srand48(long __seed);
unsigned short *seed48(unsigned short __x[3]);
void lcong48(unsigned short __p[7]);
long random(void);
void srandom(unsigned int __seed);
char *initstate(unsigned int __seed, char *__state, size_t __size);
char *setstate(char *__state);
int putenv(char *__assignment);
int posix_openpt(int __flags);
int grantpt(int __fd);
int unlockpt(int __fd);
char *ptsname(int __fd);
int ptsname_r(int __fd, char *__buf, size_t __size);
char *ecvt(double __x, int __digits, int *__point, int *__sign);
char *fcvt(double __x, int __digits, int *__point, int *__sign);
char *gcvt(double __x, int __digits, char *__buf);
void setkey(const char *__key);
#endif

#if __MISC_VISIBLE
char *mktemp(char *__template);
int mkstemps(char *__template, int __suffix);
int mkostemps(char *__template, int __suffix, int __flags);
void *valloc(size_t __size);
void *memalign(size_t __align, size_t __size);
int getloadavg(double __avg[], int __n);
int clearenv(void);
unsigned int arc4random(void);
unsigned int arc4random_uniform(unsigned int __bound);
void arc4random_buf(void *__dst, size_t __n);
long long strtonum(const char *__s, long long __min, long long __max, const char **__err);
#endif

#if __GNU_VISIBLE
float strtof_l(const char *__restrict __s, char **__restrict __end, locale_t __loc);
double strtod_l(const char *__restrict __s, char **__restrict __end, locale_t __loc);
long double strtold_l(const char *__restrict __s, char **__restrict __end, locale_t __loc);
long strtol_l(const char *__restrict __s, char **__restrict __end, int __base, locale_t __loc);
unsigned long strtoul_l(const char *__restrict __s, char **__restrict __end, int __base,
			locale_t __loc);
long long strtoll_l(const char *__restrict __s, char **__restrict __end, int __base,
		    locale_t __loc);
unsigned long long strtoull_l(const char *__restrict __s, char **__restrict __end, int __base,
			      locale_t __loc);
char *canonicalize_file_name(const char *__path);
#endif

__END_DECLS

#endif
