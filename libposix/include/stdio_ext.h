/*
 * stdio_ext.h - what a stream is in the middle of (Solaris; stdio_ext(3)).
 */
#ifndef _STDIO_EXT_H
#define _STDIO_EXT_H

#include <features.h>

#include <stdio.h>

#define FSETLOCKING_QUERY    0
#define FSETLOCKING_INTERNAL 1
#define FSETLOCKING_BYCALLER 2

__BEGIN_DECLS

size_t __fbufsize(FILE *__f);
int __freading(FILE *__f);
int __fwriting(FILE *__f);
int __freadable(FILE *__f);
int __fwritable(FILE *__f);
int __flbf(FILE *__f);
void __fpurge(FILE *__f);
int fpurge(FILE *__f);
size_t __fpending(FILE *__f);
void _flushlbf(void);
int __fsetlocking(FILE *__f, int __type);
size_t __freadahead(FILE *__f);
void __fseterr(FILE *__f);

__END_DECLS

#endif
