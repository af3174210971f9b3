/*
 * wcs.c - strings of wide characters: length, copies, comparison (C11 7.29.4, POSIX).
 */
#include <stdint.h>
#include <stdlib.h>
#include <wchar.h>
#include <wctype.h>

size_t wcslen(const wchar_t *s)
{
	const wchar_t *p = s;

	while (*p)
		p++;
	return (size_t)(p - s);
}

size_t wcsnlen(const wchar_t *s, size_t max)
{
	size_t n = 0;

	while (n < max && s[n])
		n++;
	return n;
}

wchar_t *wcpcpy(wchar_t *restrict dst, const wchar_t *restrict src)
{
	while ((*dst = *src++))
		dst++;
	return dst;
}

wchar_t *wcscpy(wchar_t *restrict dst, const wchar_t *restrict src)
{
	wcpcpy(dst, src);
	return dst;
}

wchar_t *wcpncpy(wchar_t *restrict dst, const wchar_t *restrict src, size_t n)
{
	size_t len = wcsnlen(src, n);

	wmemcpy(dst, src, len);
	wmemset(dst + len, 0, n - len);
	return dst + len;
}

wchar_t *wcsncpy(wchar_t *restrict dst, const wchar_t *restrict src, size_t n)
{
	wcpncpy(dst, src, n);
	return dst;
}

wchar_t *wcscat(wchar_t *restrict dst, const wchar_t *restrict src)
{
	wcpcpy(dst + wcslen(dst), src);
	return dst;
}

wchar_t *wcsncat(wchar_t *restrict dst, const wchar_t *restrict src, size_t n)
{
	size_t len = wcsnlen(src, n);
	wchar_t *end = dst + wcslen(dst);

	wmemcpy(end, src, len);
	end[len] = 0;
	return dst;
}

size_t wcslcpy(wchar_t *restrict dst, const wchar_t *restrict src, size_t size)
{
	size_t n = wcslen(src);

	if (size) {
		size_t k = n < size ? n : size - 1;

		wmemcpy(dst, src, k);
		dst[k] = 0;
	}
	return n;
}

size_t wcslcat(wchar_t *restrict dst, const wchar_t *restrict src, size_t size)
{
	size_t n = wcsnlen(dst, size);

	return n + (n == size ? wcslen(src) : wcslcpy(dst + n, src, size - n));
}

wchar_t *wcsdup(const wchar_t *s)
{
	size_t n = wcslen(s) + 1;
	wchar_t *p = malloc(n * sizeof(*p));

	return p ? wmemcpy(p, s, n) : NULL;
}

static int order(wchar_t a, wchar_t b)
{
	return a < b ? -1 : a > b;
}

int wcsncmp(const wchar_t *a, const wchar_t *b, size_t n)
{
	for (; n; n--, a++, b++)
		if (*a != *b || !*a)
			return order(*a, *b);
	return 0;
}

int wcscmp(const wchar_t *a, const wchar_t *b)
{
	return wcsncmp(a, b, SIZE_MAX);
}

int wcscoll(const wchar_t *a, const wchar_t *b)
{
	return wcscmp(a, b);
}

int wcscoll_l(const wchar_t *a, const wchar_t *b, locale_t loc)
{
	(void)loc;
	return wcscmp(a, b);
}

size_t wcsxfrm(wchar_t *restrict dst, const wchar_t *restrict src, size_t n)
{
	return wcslcpy(dst, src, n);
}

size_t wcsxfrm_l(wchar_t *restrict dst, const wchar_t *restrict src, size_t n, locale_t loc)
{
	(void)loc;
	return wcslcpy(dst, src, n);
}

int wcsncasecmp(const wchar_t *a, const wchar_t *b, size_t n)
{
	for (; n; n--, a++, b++) {
		wchar_t x = (wchar_t)towlower((wint_t)*a), y = (wchar_t)towlower((wint_t)*b);

		if (x != y || !x)
			return order(x, y);
	}
	return 0;
}

int wcscasecmp(const wchar_t *a, const wchar_t *b)
{
	return wcsncasecmp(a, b, SIZE_MAX);
}

int wcscasecmp_l(const wchar_t *a, const wchar_t *b, locale_t loc)
{
	(void)loc;
	return wcsncasecmp(a, b, SIZE_MAX);
}

int wcsncasecmp_l(const wchar_t *a, const wchar_t *b, size_t n, locale_t loc)
{
	(void)loc;
	return wcsncasecmp(a, b, n);
}
