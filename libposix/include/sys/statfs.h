/*
 * sys/statfs.h - what is known of a file system (statfs(2)).
 */
#ifndef _SYS_STATFS_H
#define _SYS_STATFS_H

#include <features.h>
#include <uapi/statfs.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
	int __val[2];
} fsid_t;

struct statfs {
	long f_type;
	long f_bsize;
	long f_blocks;
	long f_bfree;
	long f_bavail;
	long f_files;
	long f_ffree;
	fsid_t f_fsid;
	long f_namelen;
	long f_frsize;
	long f_flags;
	long f_spare[4];
};

int statfs(const char *path, struct statfs *sf);
int fstatfs(int fd, struct statfs *sf);

#if __MISC_VISIBLE
#define statfs64  statfs
#define fstatfs64 fstatfs
#endif

#ifdef __cplusplus
}
#endif

#endif
