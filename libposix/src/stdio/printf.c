/*
 * printf.c - the printf family over the engine of format.c: into streams,
 * descriptors, buffers and fresh memory.
 */
#include "file.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct file_sink {
	struct sink sink;
	FILE *file;
};

static int put_file(struct sink *s, const char *bytes, size_t n)
{
	FILE *f = ((struct file_sink *)s)->file;

	return __file_write(f, bytes, n) == n ? 0 : -1;
}

/* An unbuffered stream gets the whole text in one write where it fits. */
int vfprintf(FILE *restrict f, const char *restrict fmt, va_list ap)
{
	struct file_sink s = { .sink.put = put_file, .file = f };
	unsigned char room[UNGET_MAX + 512];
	FILE once = { .fd = f->fd,
		      .flags = F_WRITE | F_MODE_SET,
		      .mode = _IOFBF,
		      .buf = room,
		      .size = sizeof(room) };
	int n;

	if (f->mode != _IONBF || !(f->flags & F_WRITE))
		return __format(&s.sink, fmt, ap);
	s.file = &once;
	n = __format(&s.sink, fmt, ap);
	if (__file_flush(&once))
		n = -1;
	f->flags |= once.flags & F_ERR;
	return n;
}

int vdprintf(int fd, const char *restrict fmt, va_list ap)
{
	FILE once = { .fd = fd, .flags = F_WRITE | F_MODE_SET, .mode = _IONBF };

	return vfprintf(&once, fmt, ap);
}

struct memory_sink {
	struct sink sink;
	char *dst;
	size_t left; /* room, the closing zero apart */
};

static int put_memory(struct sink *s, const char *bytes, size_t n)
{
	struct memory_sink *m = (struct memory_sink *)s;

	if (n > m->left)
		n = m->left;
	memcpy(m->dst, bytes, n);
	m->dst += n;
	m->left -= n;
	return 0;
}

int vsnprintf(char *restrict dst, size_t size, const char *restrict fmt, va_list ap)
{
	char none;
	struct memory_sink m = { .sink.put = put_memory,
				 .dst = size ? dst : &none,
				 .left = size ? size - 1 : 0 };
	int n = __format(&m.sink, fmt, ap);

	*m.dst = 0;
	return n;
}

int vsprintf(char *restrict dst, const char *restrict fmt, va_list ap)
{
	return vsnprintf(dst, INT_MAX, fmt, ap);
}

int vasprintf(char **restrict out, const char *restrict fmt, va_list ap)
{
	va_list again;
	int n;

	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	*out = n < 0 ? NULL : malloc((size_t)n + 1);
	if (!*out)
		return -1;
	return vsnprintf(*out, (size_t)n + 1, fmt, ap);
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
