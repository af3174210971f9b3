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
	const unsigned char *p = (const unsigned char *)a, *q = (const unsigned char *)b;
	unsigned int c, d;

	/* Many differ at once. */
#pragma GCC unroll 2
	for (int i = 0; i < 2; i++)
		if ((c = p[i]) != (d = q[i]) || !c)
			return (int)(c - d);
	if (ALIGNED((uintptr_t)p ^ (uintptr_t)q)) {
		if (!ALIGNED(p)) {
			size_t n = WORD - ((uintptr_t)p & (WORD - 1));

#pragma GCC unroll 6
			for (int i = 2; i < 8; i++)
				if ((c = p[i]) != (d = q[i]) || !c)
					return (int)(c - d);
			p += n;
			q += n;
		}
		for (;; p += WORD, q += WORD) {
			word w = *(const word *)p;

			if (w != *(const word *)q)
				break;
			if (has_zero(w))
				return 0;
		}
	}
	for (;; p += 4, q += 4) {
		if ((c = p[0]) != (d = q[0]) || !c)
			break;
		if ((c = p[1]) != (d = q[1]) || !c)
			break;
		if ((c = p[2]) != (d = q[2]) || !c)
			break;
		if ((c = p[3]) != (d = q[3]) || !c)
			break;
	}
	return (int)(c - d);
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
