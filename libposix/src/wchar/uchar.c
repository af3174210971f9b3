/*
 * uchar.c - char16_t and char32_t to multibyte characters and back (C11 7.28). The
 * second half of a surrogate pair waits in the state: __left is ~0 then.
 */
#include <errno.h>
#include <stdlib.h>
#include <uchar.h>
#include <wchar.h>

#define PENDING (~0u)

size_t mbrtoc32(char32_t *restrict c, const char *restrict s, size_t n, mbstate_t *restrict st)
{
	static __thread mbstate_t own;
	wchar_t wc = 0;
	size_t k;

	if (!st)
		st = &own;
	if (!s)
		return mbrtoc32(NULL, "", 1, st);
	k = mbrtowc(&wc, s, n, st);
	if (c && k < (size_t)-2)
		*c = (char32_t)wc;
	return k;
}

size_t c32rtomb(char *restrict s, char32_t c, mbstate_t *restrict st)
{
	return wcrtomb(s, (wchar_t)c, st);
}

size_t mbrtoc16(char16_t *restrict c, const char *restrict s, size_t n, mbstate_t *restrict st)
{
	static __thread mbstate_t own;
	wchar_t wc = 0;
	size_t k;

	if (!st)
		st = &own;
	if (!s)
		return mbrtoc16(NULL, "", 1, st);
	if (st->__left == PENDING) {
		if (c)
			*c = (char16_t)st->__have;
		*st = (mbstate_t){ 0 };
		return (size_t)-3;
	}
	k = mbrtowc(&wc, s, n, st);
	if (k >= (size_t)-2)
		return k;
	if (wc >= 0x10000) {
		st->__have = 0xdc00u | ((unsigned int)wc & 0x3ff);
		st->__left = PENDING;
		wc = 0xd7c0 + (wc >> 10);
	}
	if (c)
		*c = (char16_t)wc;
	return k;
}

size_t c16rtomb(char *restrict s, char16_t c, mbstate_t *restrict st)
{
	static __thread mbstate_t own;

	if (!st)
		st = &own;
	if (!s) {
		if (!st->__left)
			return 1;
		goto bad;
	}
	if (!st->__left && c >= 0xd800 && c < 0xdc00) {
		*st = (mbstate_t){ c, PENDING };
		return 0;
	}
	if (st->__left) {
		unsigned int high = st->__have;

		if (c < 0xdc00 || c >= 0xe000)
			goto bad;
		*st = (mbstate_t){ 0 };
		return wcrtomb(s, (wchar_t)(((high - 0xd7c0) << 10) | (c & 0x3ffu)), NULL);
	}
	return wcrtomb(s, c, NULL);
bad:
	*st = (mbstate_t){ 0 };
	errno = EILSEQ;
	return (size_t)-1;
}
