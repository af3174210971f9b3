/*
 * dirent.h - reading directories. The record is the kernel's (getdents64(2)).
 */
#ifndef _DIRENT_H
#define _DIRENT_H

#include <sys/types.h>
#include <uapi/dirent.h>

struct dirent {
	ino_t d_ino;
	off_t d_off;
	unsigned short d_reclen;
	unsigned char d_type;
	char d_name[256];
};

typedef struct __dir DIR;

DIR *opendir(const char *path);
DIR *fdopendir(int fd);
int closedir(DIR *d);
struct dirent *readdir(DIR *d);
void rewinddir(DIR *d);
void seekdir(DIR *d, long at);
long telldir(DIR *d);
int dirfd(DIR *d);
int scandir(const char *path, struct dirent ***out, int (*want)(const struct dirent *),
	    int (*cmp)(const struct dirent **, const struct dirent **));
int alphasort(const struct dirent **a, const struct dirent **b);

#endif
