/*
 * stat.c - what is known of a file: stat(2), statx(2).
 */
#include "../internal/syscall.h"

#include <fcntl.h>
#include <sys/stat.h>

int fstatat(int dir, const char *__restrict path, struct stat *__restrict st, int flags)
{
	return (int)RET(SC(__NR_newfstatat, dir, path, st, flags));
}

int stat(const char *__restrict path, struct stat *__restrict st)
{
	return fstatat(AT_FDCWD, path, st, 0);
}

int lstat(const char *__restrict path, struct stat *__restrict st)
{
	return fstatat(AT_FDCWD, path, st, AT_SYMLINK_NOFOLLOW);
}

int fstat(int fd, struct stat *st)
{
	return (int)RET(SC(__NR_fstat, fd, st));
}

int statx(int dir, const char *__restrict path, int flags, unsigned int mask,
	  struct statx *__restrict stx)
{
	return (int)RET(SC(__NR_statx, dir, path, flags, mask, stx));
}
