/*
 * ext.c - questions about the middle of a stream (stdio_ext(3)).
 */
#include "file.h"

#include <stdio_ext.h>

size_t __fbufsize(FILE *f)
{
	return f->size;
}

int __freading(FILE *f)
{
	return !(f->flags & F_WRITE) || f->rend;
}

int __fwriting(FILE *f)
{
	return !(f->flags & F_READ) || f->wbase;
}

int __freadable(FILE *f)
{
	return !!(f->flags & F_READ);
}

int __fwritable(FILE *f)
{
	return !!(f->flags & F_WRITE);
}

int __flbf(FILE *f)
{
	return f->mode == _IOLBF;
}

void __fpurge(FILE *f)
{
	f->wpos = f->wbase;
	f->rpos = f->rend;
}

int fpurge(FILE *f)
{
	__fpurge(f);
	return 0;
}

size_t __fpending(FILE *f)
{
	return (size_t)(f->wpos - f->wbase);
}

size_t __freadahead(FILE *f)
{
	return (size_t)(f->rend - f->rpos);
}

void __fseterr(FILE *f)
{
	f->flags |= F_ERR;
}
