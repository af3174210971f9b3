/*
 * strfrom.c - one number as snprintf would print it (C23 7.24.1.3): the format is %, perhaps a precision, and one of
 * aAeEfFgG; what another does isn't defined, and here it prints nothing.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int make(char *buf, size_t n, const char *format, int is_long, ...)
{
	char full[32];
	size_t len = strlen(format);
	int conv = len ? format[len - 1] : 0, made;
	va_list ap;

	if (len < 2 || len > 20 || format[0] != '%' || !strchr("aAeEfFgG", conv) ||
	    (len > 2 && (format[1] != '.' || strspn(format + 2, "0123456789") != len - 3))) {
		errno = EINVAL;
		return -1;
	}
	memcpy(full, format, len - 1);
	snprintf(full + len - 1, sizeof(full) - len + 1, "%s%c", is_long ? "L" : "", conv);
	va_start(ap, is_long);
	made = vsnprintf(buf, n, full, ap);
	va_end(ap);
	return made;
}

int strfromd(char *restrict buf, size_t n, const char *restrict format, double x)
{
	return make(buf, n, format, 0, x);
}

int strfromf(char *restrict buf, size_t n, const char *restrict format, float x)
{
	return make(buf, n, format, 0, (double)x);
}

int strfroml(char *restrict buf, size_t n, const char *restrict format, long double x)
{
	return make(buf, n, format, 1, x);
}
