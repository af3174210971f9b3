/*
 * chmod.c - who may do what with a file, and whose it is: chmod(2), chown(2), umask(2).
 */
#include "../internal/syscall.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

int fchmodat(int dir, const char *path, mode_t mode, int flags)
{
	if (!flags)
		return (int)RET(SC(__NR_fchmodat, dir, path, mode));
	return (int)RET(SC(__NR_fchmodat2, dir, path, mode, flags));
}

int chmod(const char *path, mode_t mode)
{
	return fchmodat(AT_FDCWD, path, mode, 0);
}

int lchmod(const char *path, mode_t mode)
{
	return fchmodat(AT_FDCWD, path, mode, AT_SYMLINK_NOFOLLOW);
}

int fchmod(int fd, mode_t mode)
{
	return (int)RET(SC(__NR_fchmod, fd, mode));
}

int fchownat(int dir, const char *path, uid_t uid, gid_t gid, int flags)
{
	return (int)RET(SC(__NR_fchownat, dir, path, uid, gid, flags));
}

int chown(const char *path, uid_t uid, gid_t gid)
{
	return fchownat(AT_FDCWD, path, uid, gid, 0);
}

int lchown(const char *path, uid_t uid, gid_t gid)
{
	return fchownat(AT_FDCWD, path, uid, gid, AT_SYMLINK_NOFOLLOW);
}

int fchown(int fd, uid_t uid, gid_t gid)
{
	return (int)RET(SC(__NR_fchown, fd, uid, gid));
}

mode_t umask(mode_t mask)
{
	return (mode_t)SC(__NR_umask, mask);
}
