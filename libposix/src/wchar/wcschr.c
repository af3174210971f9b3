/*
 * wcschr.c - looking for characters and strings in wide strings (C11 7.29.4.5).
 */
#include <wchar.h>

wchar_t *wcschrnul(const wchar_t *s, wchar_t c)
{
	while (*s && *s != c)
		s++;
	return (wchar_t *)s;
}

wchar_t *wcschr(const wchar_t *s, wchar_t c)
{
	wchar_t *p = wcschrnul(s, c);

	return *p == c ? p : NULL;
}

wchar_t *wcsrchr(const wchar_t *s, wchar_t c)
{
	const wchar_t *p = s + wcslen(s);

	for (;; p--) {
		if (*p == c)
			return (wchar_t *)p;
		if (p == s)
			return NULL;
	}
}

size_t wcsspn(const wchar_t *s, const wchar_t *accept)
{
	const wchar_t *p = s;

	while (*p && wcschr(accept, *p))
		p++;
	return (size_t)(p - s);
}

size_t wcscspn(const wchar_t *s, const wchar_t *reject)
{
	const wchar_t *p = s;

	while (*p && !wcschr(reject, *p))
		p++;
	return (size_t)(p - s);
}

wchar_t *wcspbrk(const wchar_t *s, const wchar_t *accept)
{
	s += wcscspn(s, accept);
	return *s ? (wchar_t *)s : NULL;
}

wchar_t *wcstok(wchar_t *restrict s, const wchar_t *restrict delim, wchar_t **restrict save)
{
	wchar_t *token;

	if (!s)
		s = *save;
	if (!s)
		return NULL;
	s += wcsspn(s, delim);
	if (!*s) {
		*save = NULL;
		return NULL;
	}
	token = s;
	s += wcscspn(s, delim);
	*save = *s ? s + 1 : NULL;
	*s = 0;
	return token;
}

/*
 * The needle's longest border tells how far a failed match may be kept, so no
 * character of the hay is read twice (Knuth, Morris, Pratt): the borders are found
 * again at each miss instead of being stored, which the short needles of practice
 * don't notice.
 */
wchar_t *wcsstr(const wchar_t *hay, const wchar_t *needle)
{
	size_t n = wcslen(needle), have = 0;

	if (!n)
		return (wchar_t *)hay;
	hay = wcschr(hay, *needle);
	for (const wchar_t *p = hay; p && *p;) {
		if (*p == needle[have]) {
			p++;
			if (++have == n)
				return (wchar_t *)(p - n);
			continue;
		}
		if (!have) {
			p = wcschr(p, *needle);
			continue;
		}
		/* The longest shorter beginning that what was matched ends with. */
		size_t k = have - 1;

		while (k && wmemcmp(needle, needle + have - k, k))
			k--;
		have = k;
	}
	return NULL;
}

wchar_t *wcswcs(const wchar_t *hay, const wchar_t *needle)
{
	return wcsstr(hay, needle);
}
