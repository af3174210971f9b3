/*
 * dirent.c - reading directories over getdents64(2). The library's struct
 * dirent is the kernel's record, so entries are handed out where they lie.
 */
#include "../internal/syscall.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct __dir {
	int fd;
	size_t at, end; /* what of buf is still to be handed out */
	off_t tell;
	char buf[4096] __attribute__((aligned(8)));
};

DIR *fdopendir(int fd)
{
	struct stat st;
	DIR *d;

	if (fstat(fd, &st))
		return NULL;
	if (!S_ISDIR(st.st_mode)) {
		errno = ENOTDIR;
		return NULL;
	}
	d = calloc(1, sizeof(*d));
	if (d)
		d->fd = fd;
	return d;
}

DIR *opendir(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d;

	if (fd < 0)
		return NULL;
	d = fdopendir(fd);
	if (!d)
		close(fd);
	return d;
}

int closedir(DIR *d)
{
	int fd = d->fd;

	free(d);
	return close(fd);
}

struct dirent *readdir(DIR *d)
{
	struct dirent *e;

	if (d->at == d->end) {
		long n = SC(__NR_getdents64, d->fd, d->buf, sizeof(d->buf));

		if (n <= 0) {
			/* A directory that was removed meanwhile has no more entries. */
			if (n < 0 && n != -ENOENT)
				RET(n);
			return NULL;
		}
		d->at = 0;
		d->end = (size_t)n;
	}
	e = (struct dirent *)(d->buf + d->at);
	d->at += e->d_reclen;
	d->tell = e->d_off;
	return e;
}

void seekdir(DIR *d, long at)
{
	d->tell = lseek(d->fd, at, SEEK_SET);
	d->at = d->end = 0;
}

void rewinddir(DIR *d)
{
	seekdir(d, 0);
}

long telldir(DIR *d)
{
	return d->tell;
}

int dirfd(DIR *d)
{
	return d->fd;
}

int alphasort(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

typedef int compare_fn(const void *, const void *);

int scandir(const char *path, struct dirent ***out, int (*want)(const struct dirent *),
	    int (*cmp)(const struct dirent **, const struct dirent **))
{
	struct dirent **list = NULL, *e;
	size_t count = 0, room = 0;
	DIR *d = opendir(path);

	if (!d)
		return -1;
	for (errno = 0; (e = readdir(d)); errno = 0) {
		if (want && !want(e))
			continue;
		if (count == room) {
			struct dirent **p = reallocarray(list, 2 * room + 16, sizeof(*p));

			if (!p)
				goto out_free;
			list = p;
			room = 2 * room + 16;
		}
		list[count] = malloc(e->d_reclen);
		if (!list[count])
			goto out_free;
		memcpy(list[count++], e, e->d_reclen);
	}
	if (errno)
		goto out_free;
	closedir(d);
	if (cmp)
		qsort(list, count, sizeof(*list), (compare_fn *)cmp);
	*out = list;
	return (int)count;
out_free:
	while (count)
		free(list[--count]);
	free(list);
	closedir(d);
	return -1;
}
