/*
 * strcpy.c - copying and appending strings, bounded and not.
 */
#include "word.h"

#include <stdlib.h>
#include <string.h>

char *stpcpy(char *restrict dst, const char *restrict src)
{
	if ((((uintptr_t)dst ^ (uintptr_t)src) & (WORD - 1)) == 0) {
		for (; !ALIGNED(src); dst++, src++)
			if (!(*dst = *src))
				return dst;
		for (; !has_zero(*(const word *)src); dst += WORD, src += WORD)
			*(word *)dst = *(const word *)src;
	}
	while ((*dst = *src)) {
		dst++;
		src++;
	}
	return dst;
}

char *strcpy(char *restrict dst, const char *restrict src)
{
	stpcpy(dst, src);
	return dst;
}

char *stpncpy(char *restrict dst, const char *restrict src, size_t n)
{
	size_t len = strnlen(src, n);

	memcpy(dst, src, len);
	memset(dst + len, 0, n - len);
	return dst + len;
}

char *strncpy(char *restrict dst, const char *restrict src, size_t n)
{
	stpncpy(dst, src, n);
	return dst;
}

char *strcat(char *restrict dst, const char *restrict src)
{
	stpcpy(dst + strlen(dst), src);
	return dst;
}

char *strncat(char *restrict dst, const char *restrict src, size_t n)
{
	char *end = dst + strlen(dst);
	size_t len = strnlen(src, n);

	memcpy(end, src, len);
	end[len] = 0;
	return dst;
}

/* Copies what fits and always ends it (BSD strlcpy(3)); returns strlen(src). */
size_t strlcpy(char *restrict dst, const char *restrict src, size_t size)
{
	size_t len = strlen(src);

	if (size) {
		size_t n = len < size ? len : size - 1;

		memcpy(dst, src, n);
		dst[n] = 0;
	}
	return len;
}

size_t strlcat(char *restrict dst, const char *restrict src, size_t size)
{
	size_t used = strnlen(dst, size);

	return used + strlcpy(dst + used, src, size - used);
}

char *strndup(const char *s, size_t n)
{
	size_t len = strnlen(s, n);
	char *p = malloc(len + 1);

	if (!p)
		return NULL;
	memcpy(p, s, len);
	p[len] = 0;
	return p;
}

char *strdup(const char *s)
{
	return strndup(s, (size_t)-1);
}
