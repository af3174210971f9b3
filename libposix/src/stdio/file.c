/*
 * file.c - the buffer of a stream: how it is filled, written out, and how a stream
 * turns from reading to writing and back.
 */
#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void __file_buffer(FILE *f)
{
	unsigned char *mem = NULL;

	if (f->buf)
		return;
	if (!(f->flags & F_MODE_SET)) {
		int saved = errno;

		f->mode = f->ops == &__fd_ops && isatty(f->fd) ? _IOLBF : _IOFBF;
		f->flags |= F_MODE_SET;
		errno = saved;
	}
	if (f->mode != _IONBF)
		mem = malloc(UNGET_MAX + BUFSIZ);
	if (mem) {
		f->flags |= F_OWN_BUF;
		f->buf = mem + UNGET_MAX;
		f->size = BUFSIZ;
	} else {
		f->buf = f->tiny + UNGET_MAX;
		f->size = 1;
		f->mode = _IONBF;
	}
}

/* Write until all is out. */
static int write_all(FILE *f, const unsigned char *p, size_t n)
{
	while (n) {
		ssize_t w = f->ops->write(f, p, n);

		if (w < 0 || (!w && f->ops != &__fd_ops)) {
			f->flags |= F_ERR;
			return EOF;
		}
		p += w;
		n -= (size_t)w;
	}
	return 0;
}

int __file_flush(FILE *f)
{
	size_t n = (size_t)(f->wpos - f->wbase);

	f->wpos = f->wbase;
	return n ? write_all(f, f->wbase, n) : 0;
}

int __file_fill(FILE *f)
{
	ssize_t n;

	if (!(f->flags & F_READ)) {
		errno = EBADF;
		f->flags |= F_ERR;
		return EOF;
	}
	if (f->wbase) {
		if (__file_flush(f))
			return EOF;
		f->wbase = f->wpos = f->wend = f->wfast = NULL;
	}
	if (f->flags & F_EOF)
		return EOF;
	__file_buffer(f);
	/* What a terminal is asked must be seen before the answer is awaited. */
	if (f->mode != _IOFBF && f->ops == &__fd_ops)
		_flushlbf();
	n = f->ops->read(f, f->buf, f->size);
	f->rpos = f->rend = f->buf;
	if (n <= 0) {
		f->flags |= n ? F_ERR : F_EOF;
		return EOF;
	}
	f->rend += n;
	return 0;
}

int __file_sync(FILE *f)
{
	int err = __file_flush(f);

	f->wbase = f->wpos = f->wend = f->wfast = NULL;
	if (f->rpos != f->rend && f->ops->seek) {
		int saved = errno;

		f->ops->seek(f, -(off_t)(f->rend - f->rpos), SEEK_CUR);
		errno = saved;
	}
	f->rpos = f->rend = NULL;
	return err;
}

int __file_begin_write(FILE *f)
{
	if (!(f->flags & F_WRITE)) {
		errno = EBADF;
		f->flags |= F_ERR;
		return EOF;
	}
	if (f->wbase)
		return 0;
	__file_sync(f);
	__file_buffer(f);
	f->wbase = f->wpos = f->buf;
	f->wend = f->buf + f->size;
	f->wfast = f->mode == _IOFBF ? f->wend : NULL;
	return 0;
}

/*
 * The buffer is filled to the brim before it goes out, so that files are written
 * in whole blocks; what is longer than the buffer doesn't pass through it.
 */
static int append(FILE *f, const unsigned char *p, size_t n)
{
	size_t room = (size_t)(f->wend - f->wpos);

	if (n > room) {
		if (f->wpos == f->wbase) {
			if (n >= f->size)
				return write_all(f, p, n);
		} else {
			memcpy(f->wpos, p, room);
			f->wpos += room;
			p += room;
			n -= room;
		}
		if (__file_flush(f))
			return EOF;
		if (n >= f->size)
			return write_all(f, p, n);
	}
	memcpy(f->wpos, p, n);
	f->wpos += n;
	return 0;
}

size_t __file_write(FILE *f, const void *src, size_t n)
{
	const unsigned char *p = src;
	size_t line = 0;

	if (__file_begin_write(f))
		return 0;
	if (f->mode == _IONBF)
		return write_all(f, p, n) ? 0 : n;
	if (f->mode == _IOLBF) {
		const unsigned char *nl = memrchr(p, '\n', n);

		line = nl ? (size_t)(nl + 1 - p) : 0;
		if (line && (append(f, p, line) || __file_flush(f)))
			return 0;
	}
	return append(f, p + line, n - line) ? line : n;
}

int __file_putc(int c, FILE *f)
{
	unsigned char b = (unsigned char)c;

	return __file_write(f, &b, 1) ? b : EOF;
}

size_t __file_read(FILE *f, void *dst, size_t n)
{
	unsigned char *p = dst;
	size_t left = n;

	while (left) {
		size_t have = (size_t)(f->rend - f->rpos);
		ssize_t got;

		if (!have) {
			/* Long reads go straight to where they are wanted. */
			if (left < f->size || f->wbase || !f->buf || !(f->flags & F_READ) ||
			    f->flags & F_EOF || f->mode != _IOFBF) {
				if (__file_fill(f))
					break;
				continue;
			}
			got = f->ops->read(f, p, left - left % f->size);
			f->rpos = f->rend = f->buf;
			if (got <= 0) {
				f->flags |= got ? F_ERR : F_EOF;
				break;
			}
			p += got;
			left -= (size_t)got;
			continue;
		}
		if (have > left)
			have = left;
		memcpy(p, f->rpos, have);
		f->rpos += have;
		p += have;
		left -= have;
	}
	return n - left;
}

int __file_unget(int c, FILE *f)
{
	if (c == EOF || !(f->flags & F_READ))
		return EOF;
	if (f->wbase && __file_sync(f))
		return EOF;
	__file_buffer(f);
	if (!f->rpos)
		f->rpos = f->rend = f->buf;
	if (f->rpos <= f->buf - UNGET_MAX)
		return EOF;
	*--f->rpos = (unsigned char)c;
	f->flags &= ~F_EOF;
	return (unsigned char)c;
}

static ssize_t fd_read(FILE *f, unsigned char *dst, size_t n)
{
	return read(f->fd, dst, n);
}

static ssize_t fd_write(FILE *f, const unsigned char *src, size_t n)
{
	return write(f->fd, src, n);
}

static off_t fd_seek(FILE *f, off_t offset, int whence)
{
	return lseek(f->fd, offset, whence);
}

static int fd_close(FILE *f)
{
	return close(f->fd);
}

const struct file_ops __fd_ops = {
	.read = fd_read,
	.write = fd_write,
	.seek = fd_seek,
	.close = fd_close,
};
