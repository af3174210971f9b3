/*
 * dirent.h - reading directories. The record is the kernel's (getdents64(2)).
 */
#ifndef _DIRENT_H
#define _DIRENT_H

#include <features.h>
#include <sys/types.h>
#include <uapi/dirent.h>

#ifdef __cplusplus
extern "C" {
#endif

struct dirent {
	ino_t d_ino;
	off_t d_off;
	unsigned short d_reclen;
	unsigned char d_type;
	char d_name[256];
};
#define d_fileno d_ino
#if __MISC_VISIBLE
#define IFTODT(mode)  (((mode)&0170000) >> 12)
#define DTTOIF(dtype) ((dtype) << 12)
#endif
#define _DIRENT_HAVE_D_TYPE
#define _DIRENT_HAVE_D_RECLEN
#define _DIRENT_HAVE_D_OFF

typedef struct __dir DIR;

DIR *opendir(const char *path);
DIR *fdopendir(int fd);
int closedir(DIR *d);
struct dirent *readdir(DIR *d);
int readdir_r(DIR *__restrict d, struct dirent *__restrict entry, struct dirent **__restrict out);
void rewinddir(DIR *d);
#if __XSI_VISIBLE
void seekdir(DIR *d, long at);
long telldir(DIR *d);
#endif
int dirfd(DIR *d);
int scandir(const char *path, struct dirent ***out, int (*want)(const struct dirent *),
	    int (*cmp)(const struct dirent **, const struct dirent **));
int alphasort(const struct dirent **a, const struct dirent **b);
#if __MISC_VISIBLE
int versionsort(const struct dirent **a, const struct dirent **b);
#endif
#if __MISC_VISIBLE
ssize_t getdents(int fd, struct dirent *buf, size_t n);
#endif
#if __MISC_VISIBLE
ssize_t getdents64(int fd, void *buf, size_t n);
#endif
#if __MISC_VISIBLE || __POSIX_VISIBLE >= 202405
ssize_t posix_getdents(int fd, void *buf, size_t n, int flags);
#endif

#if __MISC_VISIBLE
#define dirent64    dirent
#define readdir64   readdir
#define scandir64   scandir
#define alphasort64 alphasort
#endif

#ifdef __cplusplus
}
#endif

#endif
