/*
 * sys/statfs.h - what is known of a file system (statfs(2)).
 */
#ifndef _SYS_STATFS_H
#define _SYS_STATFS_H

#include <uapi/statfs.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef __kernel_fsid_t fsid_t;

int statfs(const char *path, struct statfs *sf);
int fstatfs(int fd, struct statfs *sf);

#define statfs64  statfs
#define fstatfs64 fstatfs

#ifdef __cplusplus
}
#endif

#endif
