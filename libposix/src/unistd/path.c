/*
 * path.c - what is done to names: open(2), links, directories, permissions.
 */
#include "../internal/syscall.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int openat(int dir, const char *path, int flags, ...)
{
	va_list ap;
	int mode = 0;

	va_start(ap, flags);
	if (flags & (O_CREAT | __O_TMPFILE))
		mode = va_arg(ap, int);
	va_end(ap);
	return (int)RET(SC(__NR_openat, dir, path, flags, mode));
}

int open(const char *path, int flags, ...)
{
	va_list ap;
	int mode = 0;

	va_start(ap, flags);
	if (flags & (O_CREAT | __O_TMPFILE))
		mode = va_arg(ap, int);
	va_end(ap);
	return openat(AT_FDCWD, path, flags, mode);
}

int creat(const char *path, mode_t mode)
{
	return open(path, O_WRONLY | O_CREAT | O_TRUNC, mode);
}

int unlinkat(int dir, const char *path, int flags)
{
	return (int)RET(SC(__NR_unlinkat, dir, path, flags));
}

int unlink(const char *path)
{
	return unlinkat(AT_FDCWD, path, 0);
}

int rmdir(const char *path)
{
	return unlinkat(AT_FDCWD, path, AT_REMOVEDIR);
}

int remove(const char *path)
{
	return unlink(path) && (errno != EISDIR || rmdir(path)) ? -1 : 0;
}

int mkdirat(int dir, const char *path, mode_t mode)
{
	return (int)RET(SC(__NR_mkdirat, dir, path, mode));
}

int mkdir(const char *path, mode_t mode)
{
	return mkdirat(AT_FDCWD, path, mode);
}

int mknod(const char *path, mode_t mode, dev_t dev)
{
	return (int)RET(SC(__NR_mknodat, AT_FDCWD, path, mode, dev));
}

int mkfifo(const char *path, mode_t mode)
{
	return mknod(path, mode | S_IFIFO, 0);
}

int link(const char *from, const char *to)
{
	return (int)RET(SC(__NR_linkat, AT_FDCWD, from, AT_FDCWD, to, 0));
}

int symlink(const char *target, const char *path)
{
	return (int)RET(SC(__NR_symlinkat, target, AT_FDCWD, path));
}

ssize_t readlink(const char *restrict path, char *restrict dst, size_t size)
{
	return RET(SC(__NR_readlinkat, AT_FDCWD, path, dst, size));
}

int rename(const char *from, const char *to)
{
	return (int)RET(SC(__NR_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0));
}

int access(const char *path, int mode)
{
	return (int)RET(SC(__NR_faccessat, AT_FDCWD, path, mode));
}

int chdir(const char *path)
{
	return (int)RET(SC(__NR_chdir, path));
}

int fchdir(int fd)
{
	return (int)RET(SC(__NR_fchdir, fd));
}

int chroot(const char *path)
{
	return (int)RET(SC(__NR_chroot, path));
}

/* The kernel counts the closing zero; a buffer of our own when `dst` is NULL. */
char *getcwd(char *dst, size_t size)
{
	char *own = NULL;

	if (!dst) {
		if (!size)
			size = PATH_MAX;
		dst = own = malloc(size);
		if (!own)
			return NULL;
	}
	if (RET(SC(__NR_getcwd, dst, size)) < 0) {
		free(own);
		return NULL;
	}
	return dst;
}

int chmod(const char *path, mode_t mode)
{
	return (int)RET(SC(__NR_fchmodat, AT_FDCWD, path, mode));
}

int fchmod(int fd, mode_t mode)
{
	return (int)RET(SC(__NR_fchmod, fd, mode));
}

int chown(const char *path, uid_t uid, gid_t gid)
{
	return (int)RET(SC(__NR_fchownat, AT_FDCWD, path, uid, gid, 0));
}

int lchown(const char *path, uid_t uid, gid_t gid)
{
	return (int)RET(SC(__NR_fchownat, AT_FDCWD, path, uid, gid, AT_SYMLINK_NOFOLLOW));
}

int fchown(int fd, uid_t uid, gid_t gid)
{
	return (int)RET(SC(__NR_fchown, fd, uid, gid));
}

mode_t umask(mode_t mask)
{
	return (mode_t)SC(__NR_umask, mask);
}
