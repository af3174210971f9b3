/*
 * stream.c - state and position of a stream: eof, errors, buffering, seeking.
 */
#include "file.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

int fileno_unlocked(FILE *f)
{
	if (f->fd < 0) {
		errno = EBADF;
		return -1;
	}
	return f->fd;
}

int fileno(FILE *f)
{
	return fileno_unlocked(f);
}

int feof_unlocked(FILE *f)
{
	return !!(f->flags & F_EOF);
}

int feof(FILE *f)
{
	return feof_unlocked(f);
}

int ferror_unlocked(FILE *f)
{
	return !!(f->flags & F_ERR);
}

int ferror(FILE *f)
{
	return ferror_unlocked(f);
}

void clearerr_unlocked(FILE *f)
{
	f->flags &= ~(F_EOF | F_ERR);
}

void clearerr(FILE *f)
{
	file_lock(f);
	clearerr_unlocked(f);
	file_unlock(f);
}

/* A buffer of the caller's must have room beyond what ungetc keeps to itself. */
int setvbuf(FILE *restrict f, char *restrict buf, int mode, size_t size)
{
	if (mode < _IOFBF || mode > _IONBF) {
		errno = EINVAL;
		return -1;
	}
	file_lock(f);
	if (f->rpos != f->rend || f->wpos != f->wbase) {
		/* Too late for another buffer; how it is emptied may still change. */
		f->mode = mode == _IONBF ? f->mode : mode;
		if (f->wbase)
			f->wfast = f->mode == _IOFBF ? f->wend : NULL;
		file_unlock(f);
		return 0;
	}
	__file_sync(f);
	if (f->flags & F_OWN_BUF)
		free(f->buf - UNGET_MAX);
	f->flags = (f->flags & ~F_OWN_BUF) | F_MODE_SET;
	f->mode = mode;
	f->buf = NULL;
	f->size = 0;
	if (buf && mode != _IONBF && size > 2 * UNGET_MAX) {
		f->buf = (unsigned char *)buf + UNGET_MAX;
		f->size = size - UNGET_MAX;
	}
	file_unlock(f);
	return 0;
}

void setbuf(FILE *restrict f, char *restrict buf)
{
	setvbuf(f, buf, buf ? _IOFBF : _IONBF, BUFSIZ);
}

void setbuffer(FILE *f, char *buf, size_t size)
{
	setvbuf(f, buf, buf ? _IOFBF : _IONBF, size);
}

void setlinebuf(FILE *f)
{
	setvbuf(f, NULL, _IOLBF, 0);
}

int __file_seek(FILE *f, off_t offset, int whence)
{
	off_t ahead = f->rend - f->rpos;

	if (whence < SEEK_SET || whence > SEEK_END) {
		errno = EINVAL;
		return -1;
	}
	if (__file_flush(f))
		return -1;
	if (!f->ops->seek) {
		errno = ESPIPE;
		return -1;
	}
	if (f->ops->seek(f, whence == SEEK_CUR ? offset - ahead : offset, whence) < 0)
		return -1;
	f->rpos = f->rend = f->wbase = f->wpos = f->wend = f->wfast = NULL;
	f->flags &= ~F_EOF;
	f->state = (mbstate_t){ 0 };
	return 0;
}

int fseeko(FILE *f, off_t offset, int whence)
{
	int err;

	file_lock(f);
	err = __file_seek(f, offset, whence);
	file_unlock(f);
	return err;
}

int fseek(FILE *f, long offset, int whence)
{
	return fseeko(f, offset, whence);
}

/* What waits to be appended will stand at the end, wherever the descriptor is. */
off_t __file_tell(FILE *f)
{
	int appends = f->flags & F_APPEND && f->wpos != f->wbase;
	off_t at;

	if (!f->ops->seek) {
		errno = ESPIPE;
		return -1;
	}
	at = f->ops->seek(f, 0, appends ? SEEK_END : SEEK_CUR);
	if (at < 0)
		return -1;
	return at - (f->rend - f->rpos) + (f->wpos - f->wbase);
}

off_t ftello(FILE *f)
{
	off_t at;

	file_lock(f);
	at = __file_tell(f);
	file_unlock(f);
	return at;
}

long ftell(FILE *f)
{
	return ftello(f);
}

void rewind(FILE *f)
{
	file_lock(f);
	__file_seek(f, 0, SEEK_SET);
	f->flags &= ~F_ERR;
	file_unlock(f);
}

int fgetpos(FILE *restrict f, fpos_t *restrict pos)
{
	off_t at = ftello(f);

	if (at < 0)
		return -1;
	pos->__pos = at;
	pos->__state = f->state;
	return 0;
}

int fsetpos(FILE *f, const fpos_t *pos)
{
	if (fseeko(f, pos->__pos, SEEK_SET))
		return -1;
	f->state = pos->__state;
	return 0;
}
