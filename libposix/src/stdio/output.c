/*
 * output.c - writing to a stream: blocks, bytes, strings.
 */
#include "file.h"

#include <errno.h>
#include <string.h>

size_t fwrite(const void *restrict src, size_t size, size_t count, FILE *restrict f)
{
	size_t want;

	if (!size || !count)
		return 0;
	if (__builtin_mul_overflow(size, count, &want)) {
		errno = EOVERFLOW;
		return 0;
	}
	return __file_write(f, src, want) / size;
}

int fputc(int c, FILE *f)
{
	unsigned char b = (unsigned char)c;

	return __file_write(f, &b, 1) ? b : EOF;
}

int putc(int c, FILE *f)
{
	return fputc(c, f);
}

int putchar(int c)
{
	return fputc(c, stdout);
}

int fputs(const char *restrict s, FILE *restrict f)
{
	size_t n = strlen(s);

	return __file_write(f, s, n) == n ? 0 : EOF;
}

int puts(const char *s)
{
	return fputs(s, stdout) || fputc('\n', stdout) == EOF ? EOF : 0;
}
