/*
 * file.h - a stream from inside. It is either reading (rpos..rend are bytes not
 * yet given out), or writing (wbase..wpos are bytes not yet written), or neither;
 * never both. Buffers begin UNGET_MAX bytes before `buf`, for ungetc.
 *
 * Locking: everything in a stream belongs to who holds its lock (file_lock); the
 * functions named __file_* are called with it held. A lock may be taken again by
 * its owner. prev and next belong to file_list_lock of list.c.
 */
#ifndef LIBPOSIX_FILE_H
#define LIBPOSIX_FILE_H

#include "../internal/libc.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <sys/types.h>
#include <wchar.h>

#define F_READ	   1u /* opened for reading */
#define F_WRITE	   2u /* opened for writing */
#define F_EOF	   4u
#define F_ERR	   8u
#define F_OWN_BUF  16u /* the buffer is on the heap */
#define F_STATIC   32u /* one of the standard three: never freed */
#define F_MODE_SET 64u /* setvbuf has chosen, or it isn't a terminal */
#define F_APPEND   128u
#define F_NOLOCK   256u /* __fsetlocking: the caller sees to it */
#define UNGET_MAX  8

struct file_ops {
	ssize_t (*read)(FILE *f, unsigned char *dst, size_t n);
	ssize_t (*write)(FILE *f, const unsigned char *src, size_t n);
	off_t (*seek)(FILE *f, off_t offset, int whence);
	int (*close)(FILE *f);
};

struct __file {
	unsigned char *rpos, *rend;
	unsigned char *wbase, *wpos;
	unsigned char *wfast; /* putc needs nobody's help before it: NULL unless fully buffered */
	unsigned char *wend;
	unsigned char *buf;
	size_t size;
	unsigned int flags;
	int mode; /* _IOFBF, _IOLBF, _IONBF */
	int fd;
	int lock;
	uintptr_t owner;
	int depth;
	int wide; /* fwide: 0 not decided, 1 wide, -1 bytes */
	mbstate_t state; /* of a multibyte character half read or half written */
	const struct file_ops *ops;
	void *cookie;
	struct __file *prev, *next;
	char *line; /* fgetln's */
	pid_t child; /* popen's: the command, and the next such stream */
	struct __file *next_command;
	int utf8; /* the encoding when it became wide */
	unsigned char tiny[UNGET_MAX + 1]; /* the buffer of an unbuffered stream */
};

extern const struct file_ops __fd_ops;

static inline void file_lock(FILE *f)
{
	uintptr_t me = (uintptr_t)__builtin_thread_pointer();

	if (__atomic_load_n(&f->owner, __ATOMIC_RELAXED) != me) {
		if (f->flags & F_NOLOCK)
			return;
		__lock(&f->lock);
		__atomic_store_n(&f->owner, me, __ATOMIC_RELAXED);
	}
	f->depth++;
}

static inline void file_unlock(FILE *f)
{
	if (f->depth && !--f->depth) {
		__atomic_store_n(&f->owner, 0, __ATOMIC_RELAXED);
		__unlock(&f->lock);
	}
}

/* Give the stream its buffer. Never fails: without memory it gets the tiny one. */
void __file_buffer(FILE *f);

/* Write all that waits; 0 or EOF with F_ERR and errno. */
int __file_flush(FILE *f);

/* Get more bytes to read; 0, or EOF with F_EOF or F_ERR. Drops nothing unread. */
int __file_fill(FILE *f);

/* Leave reading or writing: the descriptor stands where the caller believes it does. */
int __file_sync(FILE *f);

/* Begin writing; 0, or EOF with F_ERR and errno. */
int __file_begin_write(FILE *f);

/* Append to the stream by its buffering mode; how many bytes were taken. */
size_t __file_write(FILE *f, const void *src, size_t n);
int __file_putc(int c, FILE *f);
size_t __file_read(FILE *f, void *dst, size_t n);
int __file_unget(int c, FILE *f);
int __file_seek(FILE *f, off_t offset, int whence);
off_t __file_tell(FILE *f);
wint_t __file_getwc(FILE *f);
wint_t __file_putwc(wchar_t c, FILE *f);
wint_t __file_ungetwc(wint_t c, FILE *f);

static inline int file_getc(FILE *f)
{
	if (f->rpos == f->rend && __file_fill(f))
		return EOF;
	return *f->rpos++;
}

static inline int file_putc(int c, FILE *f)
{
	if (f->wpos < f->wfast)
		return *f->wpos++ = (unsigned char)c;
	return __file_putc(c, f);
}

/* The first use of a stream decides whether it is one of bytes or of wide characters. */
static inline void file_orient(FILE *f, int wide)
{
	if (!f->wide)
		f->wide = wide;
}

/* fopen's mode string as open(2) flags, or -1 with EINVAL. */
int __file_mode(const char *mode);

/* A stream that is not open yet, with F_READ and F_WRITE by open(2)'s flags; NULL: ENOMEM. */
FILE *__file_new(int open_flags);
/* It is open: put it on the list of those that exit flushes. */
FILE *__file_add(FILE *f);
void __file_remove(FILE *f);

#endif
