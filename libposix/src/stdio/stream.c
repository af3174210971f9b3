/*
 * stream.c - state and position of a stream: eof, errors, buffering, seeking.
 */
#include "file.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

int fileno(FILE *f)
{
	return f->fd;
}

int feof(FILE *f)
{
	return !!(f->flags & F_EOF);
}

int ferror(FILE *f)
{
	return !!(f->flags & F_ERR);
}

void clearerr(FILE *f)
{
	f->flags &= ~(F_EOF | F_ERR);
}

/* A buffer of the caller's must have room beyond what ungetc keeps to itself. */
int setvbuf(FILE *restrict f, char *restrict buf, int mode, size_t size)
{
	if (mode < _IOFBF || mode > _IONBF) {
		errno = EINVAL;
		return -1;
	}
	if (f->rpos != f->rend || __file_flush(f))
		return -1;
	if (f->flags & F_OWN_BUF)
		free(f->buf);
	f->flags = (f->flags & ~F_OWN_BUF) | F_MODE_SET;
	f->mode = mode;
	f->buf = NULL;
	f->rpos = f->rend = 0;
	if (buf && mode != _IONBF && size > 2 * UNGET_MAX) {
		f->buf = (unsigned char *)buf;
		f->size = size;
	}
	return 0;
}

void setbuf(FILE *restrict f, char *restrict buf)
{
	setvbuf(f, buf, buf ? _IOFBF : _IONBF, BUFSIZ);
}

int fseeko(FILE *f, off_t offset, int whence)
{
	if (__file_flush(f))
		return -1;
	if (whence == SEEK_CUR)
		offset -= (off_t)(f->rend - f->rpos);
	if (lseek(f->fd, offset, whence) < 0)
		return -1;
	f->rpos = f->rend = 0;
	f->flags &= ~F_EOF;
	return 0;
}

int fseek(FILE *f, long offset, int whence)
{
	return fseeko(f, offset, whence);
}

off_t ftello(FILE *f)
{
	off_t at = lseek(f->fd, 0, SEEK_CUR);

	if (at < 0)
		return -1;
	return at - (off_t)(f->rend - f->rpos) + (off_t)f->wpos;
}

long ftell(FILE *f)
{
	return ftello(f);
}

void rewind(FILE *f)
{
	fseeko(f, 0, SEEK_SET);
	clearerr(f);
}
