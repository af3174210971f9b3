/*
 * memory.c - streams without a descriptor: fmemopen, open_memstream,
 * open_wmemstream (POSIX), fopencookie (GNU).
 */
#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

struct cookie {
	void *arg;
	cookie_io_functions_t io;
};

static ssize_t cookie_read(FILE *f, unsigned char *dst, size_t n)
{
	struct cookie *c = f->cookie;

	return c->io.read ? c->io.read(c->arg, (char *)dst, n) : 0;
}

static ssize_t cookie_write(FILE *f, const unsigned char *src, size_t n)
{
	struct cookie *c = f->cookie;

	return c->io.write ? c->io.write(c->arg, (const char *)src, n) : (ssize_t)n;
}

static off_t cookie_seek(FILE *f, off_t offset, int whence)
{
	struct cookie *c = f->cookie;

	if (!c->io.seek) {
		errno = ENOTSUP;
		return -1;
	}
	return c->io.seek(c->arg, &offset, whence) < 0 ? -1 : offset;
}

static int cookie_close(FILE *f)
{
	struct cookie *c = f->cookie;
	int err = c->io.close ? c->io.close(c->arg) : 0;

	free(c);
	return err;
}

static const struct file_ops cookie_ops = {
	.read = cookie_read,
	.write = cookie_write,
	.seek = cookie_seek,
	.close = cookie_close,
};

/* A stream over `ops` with `size` bytes of zeroed state of its own. */
static FILE *memory_file(const char *mode, const struct file_ops *ops, size_t size)
{
	int flags = __file_mode(mode);
	FILE *f;

	if (flags < 0)
		return NULL;
	f = __file_new(flags);
	if (!f)
		return NULL;
	f->cookie = calloc(1, size);
	if (!f->cookie) {
		free(f);
		return NULL;
	}
	f->ops = ops;
	return f;
}

FILE *fopencookie(void *arg, const char *mode, cookie_io_functions_t io)
{
	FILE *f = memory_file(mode, &cookie_ops, sizeof(struct cookie));

	if (!f)
		return NULL;
	*(struct cookie *)f->cookie = (struct cookie){ arg, io };
	return __file_add(f);
}

/* fmemopen: `end` is what a reader sees as the end, `size` what fits. */
struct fixed {
	unsigned char *mem;
	size_t size, end, pos;
	int append;
	int owned;
};

static ssize_t fixed_read(FILE *f, unsigned char *dst, size_t n)
{
	struct fixed *m = f->cookie;

	if (m->pos >= m->end)
		return 0;
	if (n > m->end - m->pos)
		n = m->end - m->pos;
	memcpy(dst, m->mem + m->pos, n);
	m->pos += n;
	return (ssize_t)n;
}

static ssize_t fixed_write(FILE *f, const unsigned char *src, size_t n)
{
	struct fixed *m = f->cookie;

	if (m->append)
		m->pos = m->end;
	if (n > m->size - m->pos)
		n = m->size - m->pos;
	if (!n) {
		errno = ENOSPC;
		return -1;
	}
	memcpy(m->mem + m->pos, src, n);
	m->pos += n;
	if (m->pos > m->end) {
		m->end = m->pos;
		if (m->end < m->size)
			m->mem[m->end] = 0;
		else if (f->flags & F_READ && m->size)
			m->mem[m->size - 1] = 0;
	}
	return (ssize_t)n;
}

/* The new place, or -1 with EINVAL when it lies outside 0..max. */
static off_t place(size_t pos, size_t end, size_t max, off_t offset, int whence)
{
	size_t base = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? pos : end;

	if (offset < -(off_t)base || offset > (off_t)max - (off_t)base) {
		errno = EINVAL;
		return -1;
	}
	return (off_t)base + offset;
}

static off_t fixed_seek(FILE *f, off_t offset, int whence)
{
	struct fixed *m = f->cookie;
	off_t at = place(m->pos, m->end, m->size, offset, whence);

	if (at >= 0)
		m->pos = (size_t)at;
	return at;
}

static int fixed_close(FILE *f)
{
	struct fixed *m = f->cookie;

	if (m->owned)
		free(m->mem);
	free(m);
	return 0;
}

static const struct file_ops fixed_ops = {
	.read = fixed_read,
	.write = fixed_write,
	.seek = fixed_seek,
	.close = fixed_close,
};

FILE *fmemopen(void *restrict buf, size_t size, const char *restrict mode)
{
	struct fixed *m;
	FILE *f;

	f = memory_file(mode, &fixed_ops, sizeof(*m));
	if (!f)
		return NULL;
	m = f->cookie;
	m->mem = buf;
	m->size = size;
	if (!buf) {
		m->mem = calloc(1, size ? size : 1);
		m->owned = 1;
		if (!m->mem) {
			free(m);
			free(f);
			return NULL;
		}
	}
	m->append = *mode == 'a';
	if (*mode == 'r')
		m->end = size;
	else if (*mode == 'a')
		m->pos = m->end = strnlen((char *)m->mem, size);
	else if (size)
		m->mem[0] = 0;
	return __file_add(f);
}

/*
 * open_memstream and open_wmemstream: memory that grows. After each flush *out and
 * *size tell where it is and where the last character stands, behind which is a zero.
 */
struct growing {
	char **out;
	size_t *size;
	char *mem;
	size_t room, end, pos; /* in characters of `unit` bytes */
	size_t unit;
	mbstate_t state;
};

static void publish(struct growing *g)
{
	*g->out = g->mem;
	*g->size = g->pos < g->end ? g->pos : g->end;
}

static int grow(struct growing *g, size_t need)
{
	size_t want = g->room;
	char *p;

	if (need < g->room)
		return 0;
	while (want <= need)
		want *= 2;
	p = realloc(g->mem, want * g->unit);
	if (!p)
		return -1;
	memset(p + g->room * g->unit, 0, (want - g->room) * g->unit);
	g->mem = p;
	g->room = want;
	return 0;
}

static ssize_t growing_write(FILE *f, const unsigned char *src, size_t n)
{
	struct growing *g = f->cookie;
	size_t used = 0;

	if (g->unit == 1) {
		if (grow(g, g->pos + n))
			return -1;
		memcpy(g->mem + g->pos, src, n);
		g->pos += n;
	}
	while (g->unit > 1 && used < n) {
		wchar_t wc;
		size_t k = mbrtowc(&wc, (const char *)src + used, n - used, &g->state);

		if (k == (size_t)-1 || grow(g, g->pos + 1))
			return -1;
		if (k == (size_t)-2)
			break;
		((wchar_t *)g->mem)[g->pos++] = wc;
		used += k ? k : 1;
	}
	if (g->pos > g->end)
		g->end = g->pos;
	publish(g);
	return (ssize_t)n;
}

static off_t growing_seek(FILE *f, off_t offset, int whence)
{
	struct growing *g = f->cookie;
	off_t at = place(g->pos, g->end, SSIZE_MAX / g->unit - 1, offset, whence);

	if (at < 0)
		return -1;
	if (grow(g, (size_t)at))
		return -1;
	g->pos = (size_t)at;
	publish(g);
	return at;
}

static int growing_close(FILE *f)
{
	publish(f->cookie);
	free(f->cookie);
	return 0;
}

static const struct file_ops growing_ops = {
	.write = growing_write,
	.seek = growing_seek,
	.close = growing_close,
};

static FILE *open_growing(char **out, size_t *size, size_t unit)
{
	struct growing *g;
	FILE *f;

	if (!out || !size) {
		errno = EINVAL;
		return NULL;
	}
	f = memory_file("w", &growing_ops, sizeof(*g));
	if (!f)
		return NULL;
	g = f->cookie;
	*g = (struct growing){ .out = out, .size = size, .room = 128, .unit = unit };
	g->mem = calloc(g->room, unit);
	if (!g->mem) {
		free(g);
		free(f);
		return NULL;
	}
	if (unit > 1)
		fwide(f, 1);
	publish(g);
	return __file_add(f);
}

FILE *open_memstream(char **out, size_t *size)
{
	return open_growing(out, size, 1);
}

FILE *open_wmemstream(wchar_t **out, size_t *size)
{
	return open_growing((char **)out, size, sizeof(wchar_t));
}
