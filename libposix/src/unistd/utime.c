/*
 * utime.c - the times of a file, in all the forms that they were ever given: utimensat(2),
 * utimes(2), utime(2).
 */
#include "../internal/syscall.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <utime.h>

int utimensat(int dir, const char *path, const struct timespec times[2], int flags)
{
	return (int)RET(SC(__NR_utimensat, dir, path, times, flags));
}

int futimens(int fd, const struct timespec times[2])
{
	return (int)RET(SC(__NR_utimensat, fd, 0, times, 0));
}

static int set(int dir, const char *path, const struct timeval tv[2], int flags)
{
	struct timespec ts[2];

	if (!tv)
		return (int)RET(SC(__NR_utimensat, dir, path, NULL, flags));
	for (int i = 0; i < 2; i++) {
		if ((unsigned long)tv[i].tv_usec >= 1000000ul)
			return (int)RET(-EINVAL);
		ts[i].tv_sec = tv[i].tv_sec;
		ts[i].tv_nsec = tv[i].tv_usec * 1000;
	}
	return (int)RET(SC(__NR_utimensat, dir, path, ts, flags));
}

int utimes(const char *path, const struct timeval times[2])
{
	return set(AT_FDCWD, path, times, 0);
}

int lutimes(const char *path, const struct timeval times[2])
{
	return set(AT_FDCWD, path, times, AT_SYMLINK_NOFOLLOW);
}

int futimes(int fd, const struct timeval times[2])
{
	return set(fd, NULL, times, 0);
}

int futimesat(int dir, const char *path, const struct timeval times[2])
{
	return set(dir, path, times, 0);
}

int utime(const char *path, const struct utimbuf *times)
{
	struct timeval tv[2];

	if (!times)
		return set(AT_FDCWD, path, NULL, 0);
	tv[0] = (struct timeval){ times->actime, 0 };
	tv[1] = (struct timeval){ times->modtime, 0 };
	return set(AT_FDCWD, path, tv, 0);
}
