/*
 * stat.c - what is known of a file: stat(2), statfs(2), times.
 */
#include "../internal/syscall.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statfs.h>

int fstatat(int dir, const char *restrict path, struct stat *restrict st, int flags)
{
	return (int)RET(SC(__NR_newfstatat, dir, path, st, flags));
}

int stat(const char *restrict path, struct stat *restrict st)
{
	return fstatat(AT_FDCWD, path, st, 0);
}

int lstat(const char *restrict path, struct stat *restrict st)
{
	return fstatat(AT_FDCWD, path, st, AT_SYMLINK_NOFOLLOW);
}

int fstat(int fd, struct stat *st)
{
	return (int)RET(SC(__NR_fstat, fd, st));
}

int utimensat(int dir, const char *path, const struct timespec times[2], int flags)
{
	return (int)RET(SC(__NR_utimensat, dir, path, times, flags));
}

int futimens(int fd, const struct timespec times[2])
{
	return (int)RET(SC(__NR_utimensat, fd, 0, times, 0));
}

int statfs(const char *path, struct statfs *sf)
{
	return (int)RET(SC(__NR_statfs, path, sf));
}

int fstatfs(int fd, struct statfs *sf)
{
	return (int)RET(SC(__NR_fstatfs, fd, sf));
}
