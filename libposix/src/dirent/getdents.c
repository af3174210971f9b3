/* getdents.c - a directory's records as the kernel gives them: getdents64(2), posix_getdents(3). */
#include "../internal/syscall.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <string.h>

ssize_t getdents64(int fd, void *buf, size_t n)
{
	return RET(SC(__NR_getdents64, fd, buf, n > INT_MAX ? INT_MAX : n));
}

ssize_t getdents(int fd, struct dirent *buf, size_t n)
{
	return getdents64(fd, buf, n);
}

ssize_t posix_getdents(int fd, void *buf, size_t n, int flags)
{
	if (flags) {
		errno = EOPNOTSUPP;
		return -1;
	}
	return getdents64(fd, buf, n);
}

/* The old reentrant form: an errno value, and NULL at the end. */
int readdir_r(DIR *__restrict d, struct dirent *__restrict entry, struct dirent **__restrict out)
{
	int saved = errno, err;
	struct dirent *got;

	errno = 0;
	got = readdir(d);
	err = errno;
	errno = saved;
	*out = NULL;
	if (!got)
		return err;
	memcpy(entry, got, got->d_reclen);
	*out = entry;
	return 0;
}

int versionsort(const struct dirent **a, const struct dirent **b)
{
	return strverscmp((*a)->d_name, (*b)->d_name);
}
