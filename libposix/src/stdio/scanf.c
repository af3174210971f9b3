/*
 * scanf.c - the scanf family over the engine of scan.c.
 */
#include "scan.h"
#include "file.h"

#include <limits.h>

int vfscanf(FILE *restrict f, const char *restrict fmt, va_list ap)
{
	struct charsrc src = { .f = f };
	int n;

	file_lock(f);
	file_orient(f, -1);
	n = __scan(&src, fmt, ap);
	if (f->flags & F_ERR && !n)
		n = EOF;
	file_unlock(f);
	return n;
}

int vsscanf(const char *restrict s, const char *restrict fmt, va_list ap)
{
	struct charsrc src = { .s = (const unsigned char *)s };

	return __scan(&src, fmt, ap);
}

int vscanf(const char *restrict fmt, va_list ap)
{
	return vfscanf(stdin, fmt, ap);
}

int scanf(const char *restrict fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vfscanf(stdin, fmt, ap);
	va_end(ap);
	return n;
}

int fscanf(FILE *restrict f, const char *restrict fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vfscanf(f, fmt, ap);
	va_end(ap);
	return n;
}

int sscanf(const char *restrict s, const char *restrict fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsscanf(s, fmt, ap);
	va_end(ap);
	return n;
}
