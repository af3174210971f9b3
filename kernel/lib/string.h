/*
 * string.h - memory and byte-string functions.
 *
 * The ISO C ones do what the standard says.  Small constant memcpy, memset and
 * memcmp calls are expanded in place by the compiler.  Nothing here locks,
 * allocates or keeps state; user memory is reached only through mm/usercopy.h.
 */
#ifndef LIB_STRING_H
#define LIB_STRING_H

#include <compiler.h>
#include <types.h>

void *memcpy(void *restrict dst, const void *restrict src, size_t n);
void *memmove(void *dst, const void *src, size_t n);
void *memset(void *dst, int c, size_t n);
int memcmp(const void *a, const void *b, size_t n);
void *memchr(const void *s, int c, size_t n);
void *memrchr(const void *s, int c, size_t n);
void *memmem(const void *hay, size_t hay_len, const void *needle, size_t needle_len);
/* First byte that is not c; NULL: all n bytes are c. */
void *memchr_inv(const void *s, int c, size_t n);

size_t strlen(const char *s);
size_t strnlen(const char *s, size_t max);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t n);
int strcasecmp(const char *a, const char *b);
int strncasecmp(const char *a, const char *b, size_t n);
char *strchr(const char *s, int c);
char *strchrnul(const char *s, int c);
char *strrchr(const char *s, int c);
char *strstr(const char *hay, const char *needle);
size_t strspn(const char *s, const char *accept);
size_t strcspn(const char *s, const char *reject);
char *strpbrk(const char *s, const char *accept);
/* Next token of *s, ended by a byte of delim; *s moves behind it, NULL at the end. */
char *strsep(char **s, const char *delim);

/* Copy or append within size bytes, always ended with NUL; the length tried for. */
size_t strlcpy(char *dst, const char *src, size_t size);
size_t strlcat(char *dst, const char *src, size_t size);
/* As strlcpy, but the length copied, or -E2BIG when it was cut. */
ssize_t strscpy(char *dst, const char *src, size_t size);

static inline bool str_starts_with(const char *s, const char *prefix)
{
	return strncmp(s, prefix, strlen(prefix)) == 0;
}

static inline bool str_equal(const char *a, const char *b)
{
	return strcmp(a, b) == 0;
}

/* Zeroes secrets: the compiler may not leave it out. */
static inline void memzero_explicit(void *p, size_t n)
{
	memset(p, 0, n);
	__asm__ volatile("" : : "r"(p) : "memory");
}

/* ASCII character classes; c is 0..255 (a signed char works too). */
static inline bool isdigit_(int c)
{
	return c >= '0' && c <= '9';
}

static inline bool isupper_(int c)
{
	return c >= 'A' && c <= 'Z';
}

static inline bool islower_(int c)
{
	return c >= 'a' && c <= 'z';
}

static inline bool isalpha_(int c)
{
	return isupper_(c) || islower_(c);
}

static inline bool isalnum_(int c)
{
	return isalpha_(c) || isdigit_(c);
}

static inline bool isspace_(int c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static inline int tolower_(int c)
{
	return isupper_(c) ? c + 'a' - 'A' : c;
}

static inline int toupper_(int c)
{
	return islower_(c) ? c - 'a' + 'A' : c;
}

#ifndef memcpy
#define memcpy(d, s, n)	 __builtin_memcpy(d, s, n)
#define memmove(d, s, n) __builtin_memmove(d, s, n)
#define memset(d, c, n)	 __builtin_memset(d, c, n)
#define memcmp(a, b, n)	 __builtin_memcmp(a, b, n)
#endif

#endif
