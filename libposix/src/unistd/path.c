/*
 * path.c - what is done to names: links, directories, access.
 */
#include "../internal/syscall.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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

int mknodat(int dir, const char *path, mode_t mode, dev_t dev)
{
	return (int)RET(SC(__NR_mknodat, dir, path, mode, dev));
}

int mknod(const char *path, mode_t mode, dev_t dev)
{
	return mknodat(AT_FDCWD, path, mode, dev);
}

int mkfifoat(int dir, const char *path, mode_t mode)
{
	return mknodat(dir, path, mode | S_IFIFO, 0);
}

int mkfifo(const char *path, mode_t mode)
{
	return mkfifoat(AT_FDCWD, path, mode);
}

int linkat(int dir, const char *from, int to_dir, const char *to, int flags)
{
	return (int)RET(SC(__NR_linkat, dir, from, to_dir, to, flags));
}

int link(const char *from, const char *to)
{
	return linkat(AT_FDCWD, from, AT_FDCWD, to, 0);
}

int symlinkat(const char *target, int dir, const char *path)
{
	return (int)RET(SC(__NR_symlinkat, target, dir, path));
}

int symlink(const char *target, const char *path)
{
	return symlinkat(target, AT_FDCWD, path);
}

ssize_t readlinkat(int dir, const char *__restrict path, char *__restrict dst, size_t size)
{
	return RET(SC(__NR_readlinkat, dir, path, dst, size));
}

ssize_t readlink(const char *__restrict path, char *__restrict dst, size_t size)
{
	return readlinkat(AT_FDCWD, path, dst, size);
}

int renameat2(int dir, const char *from, int to_dir, const char *to, unsigned int flags)
{
	return (int)RET(SC(__NR_renameat2, dir, from, to_dir, to, flags));
}

int renameat(int dir, const char *from, int to_dir, const char *to)
{
	return (int)RET(SC(__NR_renameat2, dir, from, to_dir, to, 0));
}

int rename(const char *from, const char *to)
{
	return renameat(AT_FDCWD, from, AT_FDCWD, to);
}

int faccessat(int dir, const char *path, int mode, int flags)
{
	if (!flags)
		return (int)RET(SC(__NR_faccessat, dir, path, mode));
	return (int)RET(SC(__NR_faccessat2, dir, path, mode, flags));
}

int access(const char *path, int mode)
{
	return faccessat(AT_FDCWD, path, mode, 0);
}

int eaccess(const char *path, int mode)
{
	return faccessat(AT_FDCWD, path, mode, AT_EACCESS);
}

int euidaccess(const char *path, int mode)
{
	return eaccess(path, mode);
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
