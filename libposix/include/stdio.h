/*
 * stdio.h - buffered streams (C11 7.21, POSIX), formatted input and output.
 */
#ifndef _STDIO_H
#define _STDIO_H

#include <features.h>

#define __want_size_t
#define __want_ssize_t
#define __want_off_t
#define __want_va_list
#define __want_FILE
#define __want_mbstate_t
#define __want_NULL
#include <bits/alltypes.h>

#define EOF	     (-1)
#define BUFSIZ	     4096
#define FILENAME_MAX 4096
#define FOPEN_MAX    1000
#define TMP_MAX	     10000
#define L_tmpnam     20
#define L_ctermid    20
#define L_cuserid    32
#define P_tmpdir     "/tmp"

#define _IOFBF	     0
#define _IOLBF	     1
#define _IONBF	     2

#ifndef SEEK_SET
#define SEEK_SET 0
#define SEEK_CUR 1
#define SEEK_END 2
#endif

typedef struct {
	off_t __pos;
	mbstate_t __state;
} fpos_t;

__BEGIN_DECLS

extern FILE *stdin;
extern FILE *stdout;
extern FILE *stderr;
#define stdin  stdin
#define stdout stdout
#define stderr stderr

FILE *fopen(const char *__restrict __path, const char *__restrict __mode);
FILE *freopen(const char *__restrict __path, const char *__restrict __mode, FILE *__restrict __f);
int fclose(FILE *__f);
int fflush(FILE *__f);
int setvbuf(FILE *__restrict __f, char *__restrict __buf, int __mode, size_t __size);
void setbuf(FILE *__restrict __f, char *__restrict __buf);
int feof(FILE *__f);
int ferror(FILE *__f);
void clearerr(FILE *__f);
FILE *tmpfile(void);
char *tmpnam(char *__buf);

size_t fread(void *__restrict __dst, size_t __size, size_t __count, FILE *__restrict __f);
size_t fwrite(const void *__restrict __src, size_t __size, size_t __count, FILE *__restrict __f);
int fgetc(FILE *__f);
int getc(FILE *__f);
int getchar(void);
int ungetc(int __c, FILE *__f);
char *fgets(char *__restrict __dst, int __size, FILE *__restrict __f);
int fputc(int __c, FILE *__f);
int putc(int __c, FILE *__f);
int putchar(int __c);
int fputs(const char *__restrict __s, FILE *__restrict __f);
int puts(const char *__s);

int fseek(FILE *__f, long __offset, int __whence);
long ftell(FILE *__f);
void rewind(FILE *__f);
int fgetpos(FILE *__restrict __f, fpos_t *__restrict __pos);
int fsetpos(FILE *__f, const fpos_t *__pos);

int printf(const char *__restrict __fmt, ...) __PRINTF(1, 2);
int fprintf(FILE *__restrict __f, const char *__restrict __fmt, ...) __PRINTF(2, 3);
int sprintf(char *__restrict __dst, const char *__restrict __fmt, ...) __PRINTF(2, 3);
int snprintf(char *__restrict __dst, size_t __size, const char *__restrict __fmt, ...)
	__PRINTF(3, 4);
int vprintf(const char *__restrict __fmt, va_list __ap) __PRINTF(1, 0);
int vfprintf(FILE *__restrict __f, const char *__restrict __fmt, va_list __ap) __PRINTF(2, 0);
int vsprintf(char *__restrict __dst, const char *__restrict __fmt, va_list __ap) __PRINTF(2, 0);
int vsnprintf(char *__restrict __dst, size_t __size, const char *__restrict __fmt, va_list __ap)
	__PRINTF(3, 0);
int scanf(const char *__restrict __fmt, ...) __SCANF(1, 2);
int fscanf(FILE *__restrict __f, const char *__restrict __fmt, ...) __SCANF(2, 3);
int sscanf(const char *__restrict __s, const char *__restrict __fmt, ...) __SCANF(2, 3);
int vscanf(const char *__restrict __fmt, va_list __ap) __SCANF(1, 0);
int vfscanf(FILE *__restrict __f, const char *__restrict __fmt, va_list __ap) __SCANF(2, 0);
int vsscanf(const char *__restrict __s, const char *__restrict __fmt, va_list __ap) __SCANF(2, 0);

void perror(const char *__what);
int remove(const char *__path);
int rename(const char *__from, const char *__to);

#if __POSIX_VISIBLE
FILE *fdopen(int __fd, const char *__mode);
int fileno(FILE *__f);
FILE *popen(const char *__command, const char *__mode);
int pclose(FILE *__f);
FILE *fmemopen(void *__restrict __buf, size_t __size, const char *__restrict __mode);
FILE *open_memstream(char **__out, size_t *__size);
ssize_t getdelim(char **__restrict __line, size_t *__restrict __room, int __delim,
		 FILE *__restrict __f);
ssize_t getline(char **__restrict __line, size_t *__restrict __room, FILE *__restrict __f);
int fseeko(FILE *__f, off_t __offset, int __whence);
off_t ftello(FILE *__f);
int dprintf(int __fd, const char *__restrict __fmt, ...) __PRINTF(2, 3);
int vdprintf(int __fd, const char *__restrict __fmt, va_list __ap) __PRINTF(2, 0);
#if __MISC_VISIBLE || __POSIX_VISIBLE >= 202405
int asprintf(char **__restrict __out, const char *__restrict __fmt, ...) __PRINTF(2, 3);
int vasprintf(char **__restrict __out, const char *__restrict __fmt, va_list __ap) __PRINTF(2, 0);
#endif
void flockfile(FILE *__f);
int ftrylockfile(FILE *__f);
void funlockfile(FILE *__f);
int getc_unlocked(FILE *__f);
int getchar_unlocked(void);
int putc_unlocked(int __c, FILE *__f);
int putchar_unlocked(int __c);
int renameat(int __fromdir, const char *__from, int __todir, const char *__to);
char *ctermid(char *__buf);
#endif

#if __XSI_VISIBLE || __MISC_VISIBLE
char *tempnam(const char *__dir, const char *__prefix);
#endif

#if __MISC_VISIBLE
int getw(FILE *__f);
int putw(int __w, FILE *__f);
char *fgetln(FILE *__f, size_t *__len);
char *cuserid(char *__buf);
void setbuffer(FILE *__f, char *__buf, size_t __size);
void setlinebuf(FILE *__f);
int fgetc_unlocked(FILE *__f);
int fputc_unlocked(int __c, FILE *__f);
int fflush_unlocked(FILE *__f);
size_t fread_unlocked(void *__dst, size_t __size, size_t __count, FILE *__f);
size_t fwrite_unlocked(const void *__src, size_t __size, size_t __count, FILE *__f);
void clearerr_unlocked(FILE *__f);
int feof_unlocked(FILE *__f);
int ferror_unlocked(FILE *__f);
int fileno_unlocked(FILE *__f);
#endif

#if __GNU_VISIBLE
#include <uapi/fcntl.h>

typedef ssize_t cookie_read_function_t(void *__cookie, char *__buf, size_t __n);
typedef ssize_t cookie_write_function_t(void *__cookie, const char *__buf, size_t __n);
typedef int cookie_seek_function_t(void *__cookie, off_t *__offset, int __whence);
typedef int cookie_close_function_t(void *__cookie);
typedef struct {
	cookie_read_function_t *read;
	cookie_write_function_t *write;
	cookie_seek_function_t *seek;
	cookie_close_function_t *close;
} cookie_io_functions_t;

FILE *fopencookie(void *__cookie, const char *__mode, cookie_io_functions_t __io);
int renameat2(int __fromdir, const char *__from, int __todir, const char *__to,
	      unsigned int __flags);
char *fgets_unlocked(char *__dst, int __size, FILE *__f);
int fputs_unlocked(const char *__s, FILE *__f);
#define fopen64	  fopen
#define fseeko64  fseeko
#define ftello64  ftello
#define tmpfile64 tmpfile
#define off64_t	  off_t
#endif

__END_DECLS

#endif
