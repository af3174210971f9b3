/*
 * file.h - a stream from inside. At any time it holds either bytes that were
 * read ahead (rpos < rend) or bytes not yet written (wpos > 0), never both.
 */
#ifndef LIBPOSIX_FILE_H
#define LIBPOSIX_FILE_H

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#define F_READ	   1u /* opened for reading */
#define F_WRITE	   2u /* opened for writing */
#define F_EOF	   4u
#define F_ERR	   8u
#define F_OWN_BUF  16u /* the buffer is on the heap */
#define F_STATIC   32u /* one of the standard three: never freed */
#define F_MODE_SET 64u /* setvbuf has chosen */
#define UNGET_MAX  8 /* bytes kept free before the read buffer */

struct __file {
	int fd;
	unsigned int flags;
	int mode; /* _IOFBF, _IOLBF, _IONBF */
	unsigned char *buf; /* NULL until first used */
	size_t size;
	size_t rpos, rend;
	size_t wpos;
	struct __file *prev, *next; /* the list of open streams; file_list_lock */
	unsigned char tiny[UNGET_MAX + 1]; /* the buffer of an unbuffered stream */
};

/* Give the stream its buffer. Never fails: without memory it gets the tiny one. */
void __file_buffer(FILE *f);

/* Write all that waits; 0 or EOF with F_ERR and errno. */
int __file_flush(FILE *f);

/* Get more bytes to read; 0, or EOF with F_EOF or F_ERR. Drops nothing unread. */
int __file_fill(FILE *f);

/* Append to the stream by its buffering mode; how many bytes were taken. */
size_t __file_write(FILE *f, const void *src, size_t n);

/* fopen's mode string as open(2) flags, or -1 with EINVAL. */
int __file_mode(const char *mode);

/* Where formatted text goes: `put` is called with each piece. */
struct sink {
	int (*put)(struct sink *s, const char *bytes, size_t n); /* 0, or -1 */
	size_t total; /* bytes so far */
};

/* The engine of printf: bytes made, or -1 with errno. */
int __format(struct sink *s, const char *fmt, va_list ap);

#endif
