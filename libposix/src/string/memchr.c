/*
 * memchr.c - compare and search memory: memcmp, memchr, memrchr, memccpy.
 */
#include "word.h"

#include <string.h>
#include <strings.h>

int memcmp(const void *a, const void *b, size_t n)
{
	const unsigned char *p = a, *q = b;

	if (n >= 16 && (((uintptr_t)p ^ (uintptr_t)q) & (WORD - 1)) == 0) {
		for (; !ALIGNED(p); n--, p++, q++)
			if (*p != *q)
				return *p - *q;
		for (; n >= WORD; n -= WORD, p += WORD, q += WORD)
			if (*(const word *)p != *(const word *)q)
				break;
	}
	for (; n; n--, p++, q++)
		if (*p != *q)
			return *p - *q;
	return 0;
}

int bcmp(const void *a, const void *b, size_t n)
{
	return memcmp(a, b, n);
}

/* Takes as long for buffers that differ as for equal ones. */
int timingsafe_bcmp(const void *a, const void *b, size_t n)
{
	const volatile unsigned char *p = a, *q = b;
	int differ = 0;

	while (n--)
		differ |= *p++ ^ *q++;
	return differ != 0;
}

void *memchr(const void *s, int c, size_t n)
{
	const unsigned char *p = s;
	word all = (unsigned char)c * ONES;

	for (; n && !ALIGNED(p); n--, p++)
		if (*p == (unsigned char)c)
			return (void *)p;
	for (; n >= WORD && !has_zero(*(const word *)p ^ all); n -= WORD)
		p += WORD;
	for (; n; n--, p++)
		if (*p == (unsigned char)c)
			return (void *)p;
	return NULL;
}

void *rawmemchr(const void *s, int c)
{
	return memchr(s, c, SIZE_MAX - (uintptr_t)s);
}

void *memrchr(const void *s, int c, size_t n)
{
	const unsigned char *p = s;
	word all = (unsigned char)c * ONES;

	for (; n && !ALIGNED(p + n); n--)
		if (p[n - 1] == (unsigned char)c)
			return (void *)(p + n - 1);
	while (n >= WORD && !has_zero(*(const word *)(p + n - WORD) ^ all))
		n -= WORD;
	while (n--)
		if (p[n] == (unsigned char)c)
			return (void *)(p + n);
	return NULL;
}

void *memccpy(void *restrict dst, const void *restrict src, int c, size_t n)
{
	const unsigned char *end = memchr(src, c, n);
	size_t k = end ? (size_t)(end + 1 - (const unsigned char *)src) : n;

	memcpy(dst, src, k);
	return end ? (char *)dst + k : NULL;
}

void bcopy(const void *src, void *dst, size_t n)
{
	memmove(dst, src, n);
}
