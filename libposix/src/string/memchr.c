/*
 * memchr.c - compare and search memory: memcmp, memchr, memrchr, memmem.
 */
#include <string.h>

int memcmp(const void *a, const void *b, size_t n)
{
	const unsigned char *p = a, *q = b;

	for (; n; n--, p++, q++)
		if (*p != *q)
			return *p - *q;
	return 0;
}

void *memchr(const void *s, int c, size_t n)
{
	const unsigned char *p = s;

	for (; n; n--, p++)
		if (*p == (unsigned char)c)
			return (void *)p;
	return NULL;
}

void *memrchr(const void *s, int c, size_t n)
{
	const unsigned char *p = s;

	while (n--)
		if (p[n] == (unsigned char)c)
			return (void *)(p + n);
	return NULL;
}

void *memmem(const void *hay, size_t hlen, const void *needle, size_t nlen)
{
	const unsigned char *h = hay, *n = needle;

	if (!nlen)
		return (void *)h;
	while (hlen >= nlen) {
		const unsigned char *p = memchr(h, n[0], hlen - nlen + 1);

		if (!p)
			return NULL;
		if (!memcmp(p, n, nlen))
			return (void *)p;
		hlen -= (size_t)(p + 1 - h);
		h = p + 1;
	}
	return NULL;
}
