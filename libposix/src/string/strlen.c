/*
 * strlen.c - length of strings.
 */
#include "word.h"

#include <string.h>

size_t strlen(const char *s)
{
	const char *p = s;

	for (; !ALIGNED(p); p++)
		if (!*p)
			return (size_t)(p - s);
	while (!has_zero(*(const word *)p))
		p += WORD;
	return (size_t)(find_zero(p) - s);
}

size_t strnlen(const char *s, size_t max)
{
	const char *p = memchr(s, 0, max);

	return p ? (size_t)(p - s) : max;
}
