/*
 * sys/statvfs.h - what is known of a file system, as POSIX has it: statvfs(3).
 */
#ifndef _SYS_STATVFS_H
#define _SYS_STATVFS_H

#include <features.h>
#include <sys/types.h>
#include <uapi/mount.h>

#ifdef __cplusplus
extern "C" {
#endif

struct statvfs {
	unsigned long f_bsize, f_frsize;
	fsblkcnt_t f_blocks, f_bfree, f_bavail;
	fsfilcnt_t f_files, f_ffree, f_favail;
	unsigned long f_fsid, f_flag, f_namemax;
	unsigned int f_type;
	int __pad[5];
};

int statvfs(const char *__restrict path, struct statvfs *__restrict sv);
int fstatvfs(int fd, struct statvfs *sv);

#if __MISC_VISIBLE
#define statvfs64  statvfs
#define fstatvfs64 fstatvfs
#endif

#ifdef __cplusplus
}
#endif

#endif
