/*
 * input.c - reading from a stream: blocks, bytes, lines.
 */
#include "file.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

size_t fread_unlocked(void *dst, size_t size, size_t count, FILE *f)
{
	size_t want;

	if (!size || !count)
		return 0;
	if (__builtin_mul_overflow(size, count, &want)) {
		errno = EOVERFLOW;
		return 0;
	}
	file_orient(f, -1);
	return __file_read(f, dst, want) / size;
}

size_t fread(void *restrict dst, size_t size, size_t count, FILE *restrict f)
{
	size_t n;

	file_lock(f);
	n = fread_unlocked(dst, size, count, f);
	file_unlock(f);
	return n;
}

int getc_unlocked(FILE *f)
{
	file_orient(f, -1);
	return file_getc(f);
}

int fgetc_unlocked(FILE *f)
{
	return getc_unlocked(f);
}

int fgetc(FILE *f)
{
	int c;

	file_lock(f);
	c = getc_unlocked(f);
	file_unlock(f);
	return c;
}

int getc(FILE *f)
{
	return fgetc(f);
}

int getchar(void)
{
	return fgetc(stdin);
}

int getchar_unlocked(void)
{
	return getc_unlocked(stdin);
}

int ungetc(int c, FILE *f)
{
	file_lock(f);
	file_orient(f, -1);
	c = __file_unget(c, f);
	file_unlock(f);
	return c;
}

/* How much of the buffer goes up to and with `delim`, at most max; *found: it is there. */
static size_t span(FILE *f, int delim, size_t max, int *found)
{
	size_t n = (size_t)(f->rend - f->rpos);
	unsigned char *p;

	if (n > max)
		n = max;
	p = memchr(f->rpos, delim, n);
	*found = p != NULL;
	return p ? (size_t)(p + 1 - f->rpos) : n;
}

char *fgets_unlocked(char *dst, int size, FILE *f)
{
	size_t left = (size_t)size - 1;
	char *p = dst;
	int found = 0;

	file_orient(f, -1);
	if (size < 1)
		return NULL;
	while (left && !found) {
		size_t n;

		if (f->rpos == f->rend && __file_fill(f)) {
			if (p == dst || f->flags & F_ERR)
				return NULL;
			break;
		}
		n = span(f, '\n', left, &found);
		memcpy(p, f->rpos, n);
		f->rpos += n;
		p += n;
		left -= n;
	}
	*p = 0;
	return dst;
}

char *fgets(char *restrict dst, int size, FILE *restrict f)
{
	char *line;

	file_lock(f);
	line = fgets_unlocked(dst, size, f);
	file_unlock(f);
	return line;
}

static ssize_t get_delim(char **line, size_t *room, int delim, FILE *f)
{
	size_t n = 0;
	int found = 0;

	if (!*line)
		*room = 0;
	while (!found) {
		size_t more;

		if (f->rpos == f->rend && __file_fill(f)) {
			if (!n || f->flags & F_ERR)
				return -1;
			break;
		}
		more = span(f, delim, SIZE_MAX, &found);
		if (n + more + 1 > *room) {
			size_t want = n + more + 1 > 2 * *room ? n + more + 1 : 2 * *room;
			char *p;

			if (want < 120)
				want = 120;
			p = realloc(*line, want);
			if (!p) {
				f->flags |= F_ERR;
				return -1;
			}
			*line = p;
			*room = want;
		}
		memcpy(*line + n, f->rpos, more);
		f->rpos += more;
		n += more;
	}
	(*line)[n] = 0;
	return (ssize_t)n;
}

ssize_t getdelim(char **restrict line, size_t *restrict room, int delim, FILE *restrict f)
{
	ssize_t n;

	if (!line || !room) {
		errno = EINVAL;
		return -1;
	}
	file_lock(f);
	file_orient(f, -1);
	n = get_delim(line, room, delim, f);
	file_unlock(f);
	return n;
}

ssize_t getline(char **restrict line, size_t *restrict room, FILE *restrict f)
{
	return getdelim(line, room, '\n', f);
}

/* BSD: the line stays the stream's, and bears no closing zero that counts. */
char *fgetln(FILE *f, size_t *len)
{
	size_t room = 0;
	ssize_t n;

	free(f->line);
	f->line = NULL;
	n = getline(&f->line, &room, f);
	if (n < 0)
		return NULL;
	*len = (size_t)n;
	return f->line;
}

int getw(FILE *f)
{
	int w;

	return fread(&w, sizeof(w), 1, f) ? w : EOF;
}
