/*
 * strcmp.c - comparison of strings; by words as long as both are equally aligned.
 */
#include "word.h"

#include <ctype.h>
#include <locale.h>
#include <string.h>
#include <strings.h>

int strcmp(const char *a, const char *b)
{
	if ((((uintptr_t)a ^ (uintptr_t)b) & (WORD - 1)) == 0) {
		for (; !ALIGNED(a); a++, b++)
			if (*a != *b || !*a)
				return (unsigned char)*a - (unsigned char)*b;
		for (;; a += WORD, b += WORD) {
			word w = *(const word *)a;

			if (w != *(const word *)b || has_zero(w))
				break;
		}
	}
	for (; *a && *a == *b; a++, b++)
		;
	return (unsigned char)*a - (unsigned char)*b;
}

int strncmp(const char *a, const char *b, size_t n)
{
	for (; n; n--, a++, b++)
		if (*a != *b || !*a)
			return (unsigned char)*a - (unsigned char)*b;
	return 0;
}

/* Both locales collate by the value of the bytes, which for UTF-8 is that of characters. */
int strcoll(const char *a, const char *b)
{
	return strcmp(a, b);
}

int strcoll_l(const char *a, const char *b, locale_t loc)
{
	(void)loc;
	return strcmp(a, b);
}

size_t strxfrm(char *restrict dst, const char *restrict src, size_t n)
{
	return strlcpy(dst, src, n);
}

size_t strxfrm_l(char *restrict dst, const char *restrict src, size_t n, locale_t loc)
{
	(void)loc;
	return strlcpy(dst, src, n);
}

int strcasecmp(const char *a, const char *b)
{
	return strncasecmp(a, b, (size_t)-1);
}

int strncasecmp(const char *a, const char *b, size_t n)
{
	for (; n; n--, a++, b++) {
		int x = tolower((unsigned char)*a), y = tolower((unsigned char)*b);

		if (x != y || !x)
			return x - y;
	}
	return 0;
}

int strcasecmp_l(const char *a, const char *b, locale_t loc)
{
	(void)loc;
	return strcasecmp(a, b);
}

int strncasecmp_l(const char *a, const char *b, size_t n, locale_t loc)
{
	(void)loc;
	return strncasecmp(a, b, n);
}
