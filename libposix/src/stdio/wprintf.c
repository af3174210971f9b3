/*
 * wprintf.c - the wprintf family (C11 7.29.2): wide formats into streams and arrays.
 */
#include "file.h"
#include "format.h"

#include <errno.h>
#include <limits.h>
#include <wchar.h>

struct stream_sink {
	struct sink sink;
	FILE *file;
};

static int put_ascii(struct sink *s, const char *bytes, size_t n)
{
	FILE *f = ((struct stream_sink *)s)->file;

	while (n--)
		if (__file_putwc((unsigned char)*bytes++, f) == WEOF)
			return -1;
	return 0;
}

static int put_wide(struct sink *s, const wchar_t *chars, size_t n)
{
	FILE *f = ((struct stream_sink *)s)->file;

	while (n--)
		if (__file_putwc(*chars++, f) == WEOF)
			return -1;
	return 0;
}

int vfwprintf(FILE *restrict f, const wchar_t *restrict fmt, va_list ap)
{
	struct stream_sink s = { .sink = { .spill = put_ascii, .spill_wide = put_wide, .wide = 1 },
				 .file = f };
	int n;

	file_lock(f);
	n = __wformat(&s.sink, fmt, ap);
	file_unlock(f);
	return n;
}

struct array_sink {
	struct sink sink;
	wchar_t *dst;
	size_t left; /* room, the closing zero apart */
};

static int keep_ascii(struct sink *s, const char *bytes, size_t n)
{
	struct array_sink *a = (struct array_sink *)s;

	for (; n && a->left; n--, a->left--)
		*a->dst++ = (unsigned char)*bytes++;
	s->full = n > 0;
	return 0;
}

static int keep_wide(struct sink *s, const wchar_t *chars, size_t n)
{
	struct array_sink *a = (struct array_sink *)s;

	for (; n && a->left; n--, a->left--)
		*a->dst++ = *chars++;
	s->full = n > 0;
	return 0;
}

/* Unlike vsnprintf this one fails when the text doesn't fit. */
int vswprintf(wchar_t *restrict dst, size_t size, const wchar_t *restrict fmt, va_list ap)
{
	struct array_sink s = { .sink = { .spill = keep_ascii, .spill_wide = keep_wide, .wide = 1 },
				.dst = dst,
				.left = size ? size - 1 : 0 };
	int n = __wformat(&s.sink, fmt, ap);

	if (size)
		*s.dst = 0;
	if (n >= 0 && (size_t)n >= size) {
		errno = EOVERFLOW;
		return -1;
	}
	return n;
}

int vwprintf(const wchar_t *restrict fmt, va_list ap)
{
	return vfwprintf(stdout, fmt, ap);
}

int wprintf(const wchar_t *restrict fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vfwprintf(stdout, fmt, ap);
	va_end(ap);
	return n;
}

int fwprintf(FILE *restrict f, const wchar_t *restrict fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vfwprintf(f, fmt, ap);
	va_end(ap);
	return n;
}

int swprintf(wchar_t *restrict dst, size_t size, const wchar_t *restrict fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vswprintf(dst, size, fmt, ap);
	va_end(ap);
	return n;
}
