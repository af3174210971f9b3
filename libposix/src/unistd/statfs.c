/*
 * statfs.c - what is known of a file system: statfs(2), and POSIX's statvfs(3).
 */
#include "../internal/syscall.h"

#include <string.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>

int statfs(const char *path, struct statfs *sf)
{
	return (int)RET(SC(__NR_statfs, path, sf));
}

int fstatfs(int fd, struct statfs *sf)
{
	return (int)RET(SC(__NR_fstatfs, fd, sf));
}

static void convert(const struct statfs *sf, struct statvfs *sv)
{
	memset(sv, 0, sizeof(*sv));
	sv->f_bsize = (unsigned long)sf->f_bsize;
	sv->f_frsize = (unsigned long)(sf->f_frsize ? sf->f_frsize : sf->f_bsize);
	sv->f_blocks = (unsigned long)sf->f_blocks;
	sv->f_bfree = (unsigned long)sf->f_bfree;
	sv->f_bavail = (unsigned long)sf->f_bavail;
	sv->f_files = (unsigned long)sf->f_files;
	sv->f_ffree = (unsigned long)sf->f_ffree;
	sv->f_favail = (unsigned long)sf->f_ffree;
	sv->f_fsid = (unsigned int)sf->f_fsid.__val[0] | (unsigned long)sf->f_fsid.__val[1] << 32;
	sv->f_namemax = (unsigned long)sf->f_namelen;
	sv->f_flag = (unsigned long)sf->f_flags & ~0x20ul; /* ST_VALID is the kernel's */
	sv->f_type = (unsigned int)sf->f_type;
}

int statvfs(const char *__restrict path, struct statvfs *__restrict sv)
{
	struct statfs sf;

	if (statfs(path, &sf))
		return -1;
	convert(&sf, sv);
	return 0;
}

int fstatvfs(int fd, struct statvfs *sv)
{
	struct statfs sf;

	if (fstatfs(fd, &sf))
		return -1;
	convert(&sf, sv);
	return 0;
}
