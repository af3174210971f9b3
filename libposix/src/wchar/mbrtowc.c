/*
 * mbrtowc.c - from multibyte characters to wide ones and back (C11 7.29.6): UTF-8 as
 * RFC 3629 has it (no surrogates, nothing above 0x10ffff, nothing longer than it need
 * be) in C.UTF-8, single bytes in C.
 *
 * A character half read is in the state: what is known of it, and how many bytes are
 * still to come.
 */
#include "../locale/locale.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <wchar.h>

#define ILSEQ (errno = EILSEQ, (size_t)-1)

/* In a state: only the first byte has been seen. */
#define FRESH 0x80000000u

/* May b be the second byte, with `have` from the first and `left` to come, b too? */
static int follows(unsigned int have, unsigned int left, unsigned char b)
{
	if ((b & 0xc0) != 0x80)
		return 0;
	if (left == 2)
		return (have || b >= 0xa0) && (have != 0xd || b < 0xa0);
	if (left == 3)
		return (have || b >= 0x90) && (have < 4 || b < 0x90);
	return 1;
}

size_t mbrtowc(wchar_t *restrict wc, const char *restrict s, size_t n, mbstate_t *restrict st)
{
	static __thread mbstate_t own;
	const unsigned char *p = (const unsigned char *)s;
	unsigned int have, left;
	size_t used = 0;
	wchar_t none;

	if (!st)
		st = &own;
	if (!s) {
		if (!st->__left)
			return 0;
		*st = (mbstate_t){ 0 };
		return ILSEQ;
	}
	if (!wc)
		wc = &none;
	if (!n)
		return (size_t)-2;
	have = st->__have;
	left = st->__left;
	if (!left) {
		unsigned char b = *p;

		if (b < 0x80) {
			*wc = b;
			return b != 0;
		}
		if (!__utf8()) {
			*wc = BYTE_CHAR(b);
			return 1;
		}
		if (b < 0xc2 || b > 0xf4)
			return ILSEQ;
		left = b < 0xe0 ? 1 : b < 0xf0 ? 2 : 3;
		have = b & (0x3f >> left);
		used = 1;
	} else if (have & FRESH) {
		have &= ~FRESH;
	} else {
		goto rest;
	}
	if (used == n) {
		*st = (mbstate_t){ have | FRESH, left };
		return (size_t)-2;
	}
	if (!follows(have, left, p[used]))
		goto bad;
	have = have << 6 | (p[used++] & 0x3f);
	left--;
rest:
	while (left) {
		if (used == n) {
			*st = (mbstate_t){ have, left };
			return (size_t)-2;
		}
		if ((p[used] & 0xc0) != 0x80)
			goto bad;
		have = have << 6 | (p[used++] & 0x3f);
		left--;
	}
	*st = (mbstate_t){ 0 };
	*wc = (wchar_t)have;
	return used;
bad:
	*st = (mbstate_t){ 0 };
	return ILSEQ;
}

size_t wcrtomb(char *restrict s, wchar_t wc, mbstate_t *restrict st)
{
	unsigned int c = (unsigned int)wc;

	(void)st; /* UTF-8 has no shift states */
	if (!s)
		return 1;
	if (c < 0x80) {
		*s = (char)c;
		return 1;
	}
	if (!__utf8()) {
		if (!IS_BYTE_CHAR(c))
			return ILSEQ;
		*s = (char)c;
		return 1;
	}
	if (c < 0x800) {
		s[0] = (char)(0xc0 | c >> 6);
		s[1] = (char)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		if (c - 0xd800 < 0x800)
			return ILSEQ;
		s[0] = (char)(0xe0 | c >> 12);
		s[1] = (char)(0x80 | (c >> 6 & 0x3f));
		s[2] = (char)(0x80 | (c & 0x3f));
		return 3;
	}
	if (c > 0x10ffff)
		return ILSEQ;
	s[0] = (char)(0xf0 | c >> 18);
	s[1] = (char)(0x80 | (c >> 12 & 0x3f));
	s[2] = (char)(0x80 | (c >> 6 & 0x3f));
	s[3] = (char)(0x80 | (c & 0x3f));
	return 4;
}

size_t mbrlen(const char *restrict s, size_t n, mbstate_t *restrict st)
{
	static __thread mbstate_t own;

	return mbrtowc(NULL, s, n, st ? st : &own);
}

int mbsinit(const mbstate_t *st)
{
	return !st || !st->__left;
}

wint_t btowc(int c)
{
	if (c >= 0 && c < 0x80)
		return (wint_t)c;
	return c < 0 || c > 255 || __utf8() ? WEOF : (wint_t)BYTE_CHAR(c);
}

int wctob(wint_t c)
{
	if (c < 0x80)
		return (int)c;
	return !__utf8() && IS_BYTE_CHAR(c) ? (int)(c & 0xff) : EOF;
}

size_t __ctype_get_mb_cur_max(void)
{
	return __utf8() ? 4 : 1;
}

int mblen(const char *s, size_t n)
{
	return mbtowc(NULL, s, n);
}

int mbtowc(wchar_t *restrict wc, const char *restrict s, size_t n)
{
	mbstate_t st = { 0 };
	size_t k;

	if (!s)
		return 0;
	k = mbrtowc(wc, s, n, &st);
	if (k == (size_t)-2) {
		errno = EILSEQ;
		return -1;
	}
	return (int)k;
}

int wctomb(char *s, wchar_t wc)
{
	return s ? (int)wcrtomb(s, wc, NULL) : 0;
}
