/*
 * output.c - writing to a stream: blocks, bytes, strings.
 */
#include "file.h"

#include <errno.h>
#include <string.h>

size_t fwrite_unlocked(const void *src, size_t size, size_t count, FILE *f)
{
	size_t want, n;

	if (!size || !count)
		return 0;
	if (__builtin_mul_overflow(size, count, &want)) {
		errno = EOVERFLOW;
		return 0;
	}
	file_orient(f, -1);
	n = __file_write(f, src, want);
	return n == want ? count : n / size;
}

size_t fwrite(const void *restrict src, size_t size, size_t count, FILE *restrict f)
{
	size_t n;

	file_lock(f);
	n = fwrite_unlocked(src, size, count, f);
	file_unlock(f);
	return n;
}

int putc_unlocked(int c, FILE *f)
{
	file_orient(f, -1);
	return file_putc(c, f);
}

int fputc_unlocked(int c, FILE *f)
{
	return putc_unlocked(c, f);
}

int fputc(int c, FILE *f)
{
	file_lock(f);
	c = putc_unlocked(c, f);
	file_unlock(f);
	return c;
}

int putc(int c, FILE *f)
{
	return fputc(c, f);
}

int putchar(int c)
{
	return fputc(c, stdout);
}

int putchar_unlocked(int c)
{
	return putc_unlocked(c, stdout);
}

int fputs_unlocked(const char *s, FILE *f)
{
	size_t n = strlen(s);

	file_orient(f, -1);
	return __file_write(f, s, n) == n ? 0 : EOF;
}

int fputs(const char *restrict s, FILE *restrict f)
{
	int err;

	file_lock(f);
	err = fputs_unlocked(s, f);
	file_unlock(f);
	return err;
}

int puts(const char *s)
{
	int err;

	file_lock(stdout);
	err = fputs_unlocked(s, stdout) || putc_unlocked('\n', stdout) == EOF ? EOF : 0;
	file_unlock(stdout);
	return err;
}

int putw(int w, FILE *f)
{
	return fwrite(&w, sizeof(w), 1, f) ? 0 : EOF;
}
