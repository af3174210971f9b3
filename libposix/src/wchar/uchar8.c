/*
 * uchar8.c - bytes of UTF-8 to multibyte characters and back (C23 7.30). What is still to come waits in the state: __left
 * has KIND and how many bytes, __have the bytes, the next one lowest, or the character so far.
 */
#include <errno.h>
#include <uchar.h>
#include <wchar.h>

#define OUT   0x40000000u
#define IN    0x20000000u
#define COUNT 3u

size_t mbrtoc8(char8_t *restrict c, const char *restrict s, size_t n, mbstate_t *restrict st)
{
	static __thread mbstate_t own;
	unsigned char bytes[4];
	unsigned int count = 0;
	wchar_t wc = 0;
	size_t k;

	if (!st)
		st = &own;
	if (!s) {
		c = NULL;
		s = "";
		n = 1;
	}
	if (st->__left & OUT) {
		if (c)
			*c = (char8_t)(st->__have & 0xff);
		st->__have >>= 8;
		st->__left--;
		if (!(st->__left & COUNT))
			*st = (mbstate_t){ 0 };
		return (size_t)-3;
	}
	k = mbrtowc(&wc, s, n, st);
	if (k >= (size_t)-2)
		return k;
	if (wc >= 0xd800 && wc < 0xe000) {
		errno = EILSEQ; /* a byte of the C locale, which is no character */
		return (size_t)-1;
	}
	if (wc < 0x80) {
		bytes[0] = (unsigned char)wc;
	} else {
		*st = (mbstate_t){ 0 };
		for (count = wc < 0x800 ? 1 : wc < 0x10000 ? 2 : 3; count; count--) {
			bytes[count] = (unsigned char)(0x80 | (wc & 0x3f));
			wc >>= 6;
			st->__have = st->__have << 8 | bytes[count];
			st->__left++;
		}
		bytes[0] = (unsigned char)((0xff00u >> ((st->__left & COUNT) + 1)) | (unsigned)wc);
		st->__left |= OUT;
	}
	if (c)
		*c = bytes[0];
	return k;
}

/* May b come second, behind a first byte with these bits, with `left` bytes to come? (RFC 3629) */
static int second(unsigned int have, unsigned int left, char8_t b)
{
	if (left == 2)
		return (have || b >= 0xa0) && (have != 0xd || b < 0xa0);
	if (left == 3)
		return (have || b >= 0x90) && (have < 4 || b < 0x90);
	return 1;
}

size_t c8rtomb(char *restrict s, char8_t c, mbstate_t *restrict st)
{
	static __thread mbstate_t own;
	unsigned int left, length, wc;

	if (!st)
		st = &own;
	if (!s) {
		*st = (mbstate_t){ 0 };
		return 1;
	}
	if (!(st->__left & IN)) {
		if (c < 0x80)
			return wcrtomb(s, c, NULL);
		if (c < 0xc2 || c > 0xf4)
			goto bad;
		left = c < 0xe0 ? 1 : c < 0xf0 ? 2 : 3;
		*st = (mbstate_t){ c & (0x3fu >> left), IN | left << 2 | left };
		return 0;
	}
	left = st->__left & COUNT;
	length = st->__left >> 2 & COUNT;
	if ((c & 0xc0) != 0x80 || (left == length && !second(st->__have, left, c)))
		goto bad;
	wc = st->__have << 6 | (c & 0x3fu);
	if (left > 1) {
		*st = (mbstate_t){ wc, IN | length << 2 | (left - 1) };
		return 0;
	}
	*st = (mbstate_t){ 0 };
	return wcrtomb(s, (wchar_t)wc, NULL);
bad:
	*st = (mbstate_t){ 0 };
	errno = EILSEQ;
	return (size_t)-1;
}
