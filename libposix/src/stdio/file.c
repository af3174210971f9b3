/*
 * file.c - the buffer of a stream, the three standard streams, and the list of
 * all open ones. file_list_lock guards the list only.
 */
#include "file.h"
#include "../internal/libc.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static FILE file_err = { .fd = 2, .flags = F_WRITE | F_STATIC | F_MODE_SET, .mode = _IONBF };
static FILE file_out = { .fd = 1, .flags = F_WRITE | F_STATIC, .next = &file_err };
static FILE file_in = { .fd = 0, .flags = F_READ | F_STATIC, .next = &file_out };

#undef stdin
#undef stdout
#undef stderr
FILE *stdin = &file_in;
FILE *stdout = &file_out;
FILE *stderr = &file_err;

static int file_list_lock;
static FILE *file_list = &file_in;

void __file_buffer(FILE *f)
{
	if (f->buf)
		return;
	if (!(f->flags & F_MODE_SET)) {
		int saved = errno;

		f->mode = isatty(f->fd) ? _IOLBF : _IOFBF;
		f->flags |= F_MODE_SET;
		errno = saved;
	}
	if (f->mode != _IONBF)
		f->buf = malloc(UNGET_MAX + BUFSIZ);
	if (f->buf) {
		f->flags |= F_OWN_BUF;
		f->size = UNGET_MAX + BUFSIZ;
	} else {
		f->buf = f->tiny;
		f->size = sizeof(f->tiny);
		f->mode = _IONBF;
	}
}

/* write(2) until all is out. */
static int write_all(FILE *f, const unsigned char *p, size_t n)
{
	while (n) {
		ssize_t w = write(f->fd, p, n);

		if (w < 0) {
			if (errno == EINTR)
				continue;
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
	size_t n = f->wpos;

	f->wpos = 0;
	return n ? write_all(f, f->buf, n) : 0;
}

int __file_fill(FILE *f)
{
	ssize_t n;

	if (!(f->flags & F_READ)) {
		errno = EBADF;
		f->flags |= F_ERR;
		return EOF;
	}
	if (f->flags & F_EOF)
		return EOF;
	if (__file_flush(f))
		return EOF;
	__file_buffer(f);
	/* What a terminal is asked must be seen before the answer is awaited. */
	if (f->mode != _IOFBF && f != &file_out && file_out.mode == _IOLBF)
		__file_flush(&file_out);
	do
		n = read(f->fd, f->buf + UNGET_MAX, f->size - UNGET_MAX);
	while (n < 0 && errno == EINTR);
	f->rpos = f->rend = UNGET_MAX;
	if (n <= 0) {
		f->flags |= n ? F_ERR : F_EOF;
		return EOF;
	}
	f->rend += (size_t)n;
	return 0;
}

/* Leave reading: put the file offset back to where the caller believes it is. */
static void forget_read(FILE *f)
{
	if (f->rpos < f->rend) {
		int saved = errno;

		lseek(f->fd, -(off_t)(f->rend - f->rpos), SEEK_CUR);
		errno = saved;
	}
	f->rpos = f->rend = 0;
}

size_t __file_write(FILE *f, const void *src, size_t n)
{
	const unsigned char *p = src;
	size_t line = 0;

	if (!(f->flags & F_WRITE)) {
		errno = EBADF;
		f->flags |= F_ERR;
		return 0;
	}
	forget_read(f);
	__file_buffer(f);
	if (f->mode == _IONBF)
		return write_all(f, p, n) ? 0 : n;
	if (f->mode == _IOLBF) {
		const unsigned char *nl = memrchr(p, '\n', n);

		line = nl ? (size_t)(nl + 1 - p) : 0;
	}
	if (f->wpos + n > f->size || line) {
		size_t now = n >= f->size ? n : line;

		if (f->wpos + now <= f->size) {
			memcpy(f->buf + f->wpos, p, now);
			f->wpos += now;
			if (__file_flush(f))
				return 0;
		} else if (__file_flush(f) || write_all(f, p, now)) {
			return 0;
		}
		p += now;
		n -= now;
		if (f->wpos + n > f->size && __file_flush(f))
			return 0;
	}
	memcpy(f->buf + f->wpos, p, n);
	f->wpos += n;
	return (size_t)(p + n - (const unsigned char *)src);
}

int __file_mode(const char *mode)
{
	int flags;

	switch (mode[0]) {
	case 'r':
		flags = O_RDONLY;
		break;
	case 'w':
		flags = O_WRONLY | O_CREAT | O_TRUNC;
		break;
	case 'a':
		flags = O_WRONLY | O_CREAT | O_APPEND;
		break;
	default:
		errno = EINVAL;
		return -1;
	}
	for (const char *p = mode + 1; *p; p++) {
		if (*p == '+')
			flags = (flags & ~O_ACCMODE) | O_RDWR;
		else if (*p == 'e')
			flags |= O_CLOEXEC;
		else if (*p == 'x')
			flags |= O_EXCL;
	}
	return flags;
}

FILE *fdopen(int fd, const char *mode)
{
	int flags = __file_mode(mode);
	FILE *f;

	if (flags < 0)
		return NULL;
	f = calloc(1, sizeof(*f));
	if (!f)
		return NULL;
	f->fd = fd;
	if ((flags & O_ACCMODE) != O_WRONLY)
		f->flags |= F_READ;
	if ((flags & O_ACCMODE) != O_RDONLY)
		f->flags |= F_WRITE;
	__lock(&file_list_lock);
	f->next = file_list;
	file_list->prev = f;
	file_list = f;
	__unlock(&file_list_lock);
	return f;
}

FILE *fopen(const char *restrict path, const char *restrict mode)
{
	int flags = __file_mode(mode);
	int fd;
	FILE *f;

	if (flags < 0)
		return NULL;
	fd = open(path, flags, 0666);
	if (fd < 0)
		return NULL;
	f = fdopen(fd, mode);
	if (!f)
		close(fd);
	return f;
}

int fclose(FILE *f)
{
	int err = __file_flush(f);

	forget_read(f);
	__lock(&file_list_lock);
	if (f->prev)
		f->prev->next = f->next;
	else
		file_list = f->next;
	if (f->next)
		f->next->prev = f->prev;
	__unlock(&file_list_lock);
	if (close(f->fd))
		err = EOF;
	if (f->flags & F_OWN_BUF)
		free(f->buf);
	if (!(f->flags & F_STATIC))
		free(f);
	return err;
}

int fflush(FILE *f)
{
	int err = 0;

	if (f) {
		forget_read(f);
		return __file_flush(f);
	}
	__lock(&file_list_lock);
	for (f = file_list; f; f = f->next)
		err |= __file_flush(f);
	__unlock(&file_list_lock);
	return err ? EOF : 0;
}

void __stdio_exit(void)
{
	fflush(NULL);
	forget_read(&file_in);
}
