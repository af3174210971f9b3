/*
 * wscanf.c - the wscanf family (C11 7.29.2) over the engine of scan.c.
 */
#include "scan.h"
#include "file.h"

#include <limits.h>

int vfwscanf(FILE *restrict f, const wchar_t *restrict fmt, va_list ap)
{
	struct charsrc src = { .f = f, .wide = 1 };
	int n;

	file_lock(f);
	n = __wscan(&src, fmt, ap);
	if (f->flags & F_ERR && !n)
		n = EOF;
	file_unlock(f);
	return n;
}

int vswscanf(const wchar_t *restrict s, const wchar_t *restrict fmt, va_list ap)
{
	struct charsrc src = { .ws = s };

	return __wscan(&src, fmt, ap);
}

int vwscanf(const wchar_t *restrict fmt, va_list ap)
{
	return vfwscanf(stdin, fmt, ap);
}

int wscanf(const wchar_t *restrict fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vfwscanf(stdin, fmt, ap);
	va_end(ap);
	return n;
}

int fwscanf(FILE *restrict f, const wchar_t *restrict fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vfwscanf(f, fmt, ap);
	va_end(ap);
	return n;
}

int swscanf(const wchar_t *restrict s, const wchar_t *restrict fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vswscanf(s, fmt, ap);
	va_end(ap);
	return n;
}
