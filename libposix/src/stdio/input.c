/*
 * input.c - reading from a stream: blocks, bytes, lines.
 */
#include "file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

size_t fread(void *restrict dst, size_t size, size_t count, FILE *restrict f)
{
	unsigned char *p = dst;
	size_t want, left;

	if (!size || !count)
		return 0;
	if (__builtin_mul_overflow(size, count, &want)) {
		errno = EOVERFLOW;
		return 0;
	}
	left = want;
	while (left) {
		size_t n = f->rend - f->rpos;

		if (!n) {
			if (__file_fill(f))
				break;
			continue;
		}
		if (n > left)
			n = left;
		memcpy(p, f->buf + f->rpos, n);
		f->rpos += n;
		p += n;
		left -= n;
	}
	return (want - left) / size;
}

int fgetc(FILE *f)
{
	if (f->rpos == f->rend && __file_fill(f))
		return EOF;
	return f->buf[f->rpos++];
}

int getc(FILE *f)
{
	return fgetc(f);
}

int getchar(void)
{
	return fgetc(stdin);
}

int ungetc(int c, FILE *f)
{
	if (c == EOF || !(f->flags & F_READ) || __file_flush(f))
		return EOF;
	__file_buffer(f);
	if (f->rpos == f->rend)
		f->rpos = f->rend = UNGET_MAX;
	if (!f->rpos)
		return EOF;
	f->buf[--f->rpos] = (unsigned char)c;
	f->flags &= ~F_EOF;
	return (unsigned char)c;
}

char *fgets(char *restrict dst, int size, FILE *restrict f)
{
	int n = 0;

	if (size < 1)
		return NULL;
	while (n < size - 1) {
		int c = fgetc(f);

		if (c == EOF) {
			if (!n || ferror(f))
				return NULL;
			break;
		}
		dst[n++] = (char)c;
		if (c == '\n')
			break;
	}
	dst[n] = 0;
	return dst;
}

ssize_t getdelim(char **restrict line, size_t *restrict room, int delim, FILE *restrict f)
{
	size_t n = 0;
	int c;

	if (!*line)
		*room = 0;
	do {
		c = fgetc(f);
		if (c == EOF && (!n || ferror(f)))
			return -1;
		if (n + 2 > *room) {
			size_t want = *room ? 2 * *room : 128;
			char *p = realloc(*line, want);

			if (!p)
				return -1;
			*line = p;
			*room = want;
		}
		if (c != EOF)
			(*line)[n++] = (char)c;
	} while (c != EOF && c != delim);
	(*line)[n] = 0;
	return (ssize_t)n;
}

ssize_t getline(char **restrict line, size_t *restrict room, FILE *restrict f)
{
	return getdelim(line, room, '\n', f);
}
