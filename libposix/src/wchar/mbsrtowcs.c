/*
 * mbsrtowcs.c - strings of multibyte characters to wide strings and back.
 */
#include "../locale/locale.h"

#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

size_t mbsnrtowcs(wchar_t *restrict dst, const char **restrict src, size_t bytes, size_t n,
		  mbstate_t *restrict st)
{
	static __thread mbstate_t own;
	const char *s = *src;
	mbstate_t copy;
	size_t done = 0;

	if (!st)
		st = &own;
	if (!dst) {
		/* Only counted: nothing changes. */
		copy = *st;
		st = &copy;
		n = SIZE_MAX;
	}
	while (done < n && bytes) {
		wchar_t wc;
		size_t k;

		if (st->__left == 0 && (unsigned char)(*s - 1) < 0x7f) {
			wc = *s;
			k = 1;
		} else {
			k = mbrtowc(&wc, s, bytes, st);
		}
		if (k == (size_t)-1) {
			if (dst)
				*src = s;
			return k;
		}
		if (k == (size_t)-2) {
			s += bytes;
			break;
		}
		if (dst)
			*dst++ = wc;
		if (!wc) {
			if (dst)
				*src = NULL;
			return done;
		}
		done++;
		s += k;
		bytes -= k;
	}
	if (dst)
		*src = s;
	return done;
}

size_t mbsrtowcs(wchar_t *restrict dst, const char **restrict src, size_t n, mbstate_t *restrict st)
{
	/* The zero ends it, and is never passed. */
	return mbsnrtowcs(dst, src, SIZE_MAX, n, st);
}

size_t wcsnrtombs(char *restrict dst, const wchar_t **restrict src, size_t chars, size_t n,
		  mbstate_t *restrict st)
{
	const wchar_t *s = *src;
	size_t done = 0;
	char mb[MB_LEN_MAX];

	if (!dst)
		n = SIZE_MAX;
	for (; chars && done < n; chars--, s++) {
		size_t k = wcrtomb(mb, *s, st);

		if (k == (size_t)-1) {
			if (dst)
				*src = s;
			return k;
		}
		if (k > n - done)
			break;
		if (dst) {
			memcpy(dst, mb, k);
			dst += k;
		}
		if (!*s) {
			if (dst)
				*src = NULL;
			return done;
		}
		done += k;
	}
	if (dst)
		*src = s;
	return done;
}

size_t wcsrtombs(char *restrict dst, const wchar_t **restrict src, size_t n, mbstate_t *restrict st)
{
	return wcsnrtombs(dst, src, SIZE_MAX, n, st);
}

size_t mbstowcs(wchar_t *restrict dst, const char *src, size_t n)
{
	mbstate_t st = { 0 };

	return mbsrtowcs(dst, &src, n, &st);
}

size_t wcstombs(char *restrict dst, const wchar_t *src, size_t n)
{
	mbstate_t st = { 0 };

	return wcsrtombs(dst, &src, n, &st);
}
