/*
 * printf.c - the printf family over the engine of format.c: into streams,
 * descriptors, buffers and fresh memory.
 */
#include "file.h"
#include "format.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct file_sink {
	struct sink sink;
	FILE *file;
};

/* The text of a fully buffered stream is made in its buffer. */
static void lend(struct file_sink *s)
{
	if (s->file->wfast) {
		s->sink.pos = (char *)s->file->wpos;
		s->sink.end = (char *)s->file->wfast;
	}
}

static void give_back(struct file_sink *s)
{
	if (s->sink.pos)
		s->file->wpos = (unsigned char *)s->sink.pos;
	s->sink.pos = s->sink.end = NULL;
}

static int put_file(struct sink *s, const char *bytes, size_t n)
{
	struct file_sink *fs = (struct file_sink *)s;
	size_t done;

	give_back(fs);
	done = __file_write(fs->file, bytes, n);
	lend(fs);
	return done == n ? 0 : -1;
}

static int format_file(FILE *f, const char *fmt, va_list ap)
{
	struct file_sink s = { .sink.spill = put_file, .file = f };
	int n;

	if (__file_begin_write(f))
		return -1;
	lend(&s);
	n = __format(&s.sink, fmt, ap);
	give_back(&s);
	return n;
}

/* An unbuffered stream gets the whole text in one write where it fits. */
static int format_unbuffered(FILE *f, const char *fmt, va_list ap)
{
	unsigned char room[512];
	FILE once = { .fd = f->fd,
		      .flags = F_WRITE | F_MODE_SET,
		      .mode = _IOFBF,
		      .ops = f->ops,
		      .cookie = f->cookie,
		      .buf = room,
		      .size = sizeof(room) };
	int n = format_file(&once, fmt, ap);

	if (__file_flush(&once))
		n = -1;
	f->flags |= once.flags & F_ERR;
	return n;
}

int vfprintf(FILE *restrict f, const char *restrict fmt, va_list ap)
{
	int n;

	file_lock(f);
	file_orient(f, -1);
	if (f->flags & F_WRITE && f->mode == _IONBF && f->flags & F_MODE_SET && !f->rend)
		n = format_unbuffered(f, fmt, ap);
	else
		n = format_file(f, fmt, ap);
	file_unlock(f);
	return n;
}

int vdprintf(int fd, const char *restrict fmt, va_list ap)
{
	FILE once = { .fd = fd, .flags = F_WRITE | F_MODE_SET, .mode = _IONBF, .ops = &__fd_ops };

	return format_unbuffered(&once, fmt, ap);
}

/* What fits of the last piece, and then no more. */
static int put_memory(struct sink *s, const char *bytes, size_t n)
{
	(void)n;
	memcpy(s->pos, bytes, (size_t)(s->end - s->pos));
	s->pos = s->end;
	s->full = 1;
	return 0;
}

int vsnprintf(char *restrict dst, size_t size, const char *restrict fmt, va_list ap)
{
	char none;
	struct sink s = { .spill = put_memory, .pos = size ? dst : &none };
	int n;

	if (size > (size_t)PTRDIFF_MAX - (uintptr_t)dst)
		size = (size_t)PTRDIFF_MAX - (uintptr_t)dst;
	s.end = s.pos + (size ? size - 1 : 0);
	n = __format(&s, fmt, ap);
	*s.pos = 0;
	return n;
}

int vsprintf(char *restrict dst, const char *restrict fmt, va_list ap)
{
	return vsnprintf(dst, PTRDIFF_MAX, fmt, ap);
}

int vasprintf(char **restrict out, const char *restrict fmt, va_list ap)
{
	char first[256];
	va_list again;
	int n;

	va_copy(again, ap);
	n = vsnprintf(first, sizeof(first), fmt, again);
	va_end(again);
	*out = n < 0 ? NULL : malloc((size_t)n + 1);
	if (!*out)
		return -1;
	if ((size_t)n >= sizeof(first))
		return vsnprintf(*out, (size_t)n + 1, fmt, ap);
	memcpy(*out, first, (size_t)n + 1);
	return n;
}

int vprintf(const char *restrict fmt, va_list ap)
{
	return vfprintf(stdout, fmt, ap);
}

int printf(const char *restrict fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vfprintf(stdout, fmt, ap);
	va_end(ap);
	return n;
}

int fprintf(FILE *restrict f, const char *restrict fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vfprintf(f, fmt, ap);
	va_end(ap);
	return n;
}

int dprintf(int fd, const char *restrict fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vdprintf(fd, fmt, ap);
	va_end(ap);
	return n;
}

int sprintf(char *restrict dst, const char *restrict fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsprintf(dst, fmt, ap);
	va_end(ap);
	return n;
}

int snprintf(char *restrict dst, size_t size, const char *restrict fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(dst, size, fmt, ap);
	va_end(ap);
	return n;
}

int asprintf(char **restrict out, const char *restrict fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vasprintf(out, fmt, ap);
	va_end(ap);
	return n;
}
