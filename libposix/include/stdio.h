/*
 * stdio.h - buffered streams (C11 7.21, POSIX). A stream may be used by one
 * thread at a time.
 */
#ifndef _STDIO_H
#define _STDIO_H

#include <stdarg.h>
#include <stddef.h>
#include <sys/types.h>

#define EOF	     (-1)
#define BUFSIZ	     4096
#define FILENAME_MAX 4096
#define FOPEN_MAX    1024

#define _IOFBF	     0
#define _IOLBF	     1
#define _IONBF	     2

#ifndef SEEK_SET
#define SEEK_SET 0
#define SEEK_CUR 1
#define SEEK_END 2
#endif

typedef struct __file FILE;

extern FILE *stdin;
extern FILE *stdout;
extern FILE *stderr;
#define stdin  stdin
#define stdout stdout
#define stderr stderr

FILE *fopen(const char *restrict path, const char *restrict mode);
FILE *fdopen(int fd, const char *mode);
int fclose(FILE *f);
int fflush(FILE *f);
int setvbuf(FILE *restrict f, char *restrict buf, int mode, size_t size);
void setbuf(FILE *restrict f, char *restrict buf);
int fileno(FILE *f);
int feof(FILE *f);
int ferror(FILE *f);
void clearerr(FILE *f);

size_t fread(void *restrict dst, size_t size, size_t count, FILE *restrict f);
size_t fwrite(const void *restrict src, size_t size, size_t count, FILE *restrict f);
int fgetc(FILE *f);
int getc(FILE *f);
int getchar(void);
int ungetc(int c, FILE *f);
char *fgets(char *restrict dst, int size, FILE *restrict f);
ssize_t getline(char **restrict line, size_t *restrict room, FILE *restrict f);
ssize_t getdelim(char **restrict line, size_t *restrict room, int delim, FILE *restrict f);
int fputc(int c, FILE *f);
int putc(int c, FILE *f);
int putchar(int c);
int fputs(const char *restrict s, FILE *restrict f);
int puts(const char *s);

int fseek(FILE *f, long offset, int whence);
int fseeko(FILE *f, off_t offset, int whence);
long ftell(FILE *f);
off_t ftello(FILE *f);
void rewind(FILE *f);

int printf(const char *restrict fmt, ...) __attribute__((format(printf, 1, 2)));
int fprintf(FILE *restrict f, const char *restrict fmt, ...) __attribute__((format(printf, 2, 3)));
int dprintf(int fd, const char *restrict fmt, ...) __attribute__((format(printf, 2, 3)));
int sprintf(char *restrict dst, const char *restrict fmt, ...)
	__attribute__((format(printf, 2, 3)));
int snprintf(char *restrict dst, size_t size, const char *restrict fmt, ...)
	__attribute__((format(printf, 3, 4)));
int asprintf(char **restrict out, const char *restrict fmt, ...)
	__attribute__((format(printf, 2, 3)));
int vprintf(const char *restrict fmt, va_list ap) __attribute__((format(printf, 1, 0)));
int vfprintf(FILE *restrict f, const char *restrict fmt, va_list ap)
	__attribute__((format(printf, 2, 0)));
int vdprintf(int fd, const char *restrict fmt, va_list ap) __attribute__((format(printf, 2, 0)));
int vsprintf(char *restrict dst, const char *restrict fmt, va_list ap)
	__attribute__((format(printf, 2, 0)));
int vsnprintf(char *restrict dst, size_t size, const char *restrict fmt, va_list ap)
	__attribute__((format(printf, 3, 0)));
int vasprintf(char **restrict out, const char *restrict fmt, va_list ap)
	__attribute__((format(printf, 2, 0)));

void perror(const char *what);
int remove(const char *path);
int rename(const char *from, const char *to);

#endif
