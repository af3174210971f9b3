/*
 * sys/statfs.h - what is known of a file system (statfs(2)).
 */
#ifndef _SYS_STATFS_H
#define _SYS_STATFS_H

#include <uapi/statfs.h>

int statfs(const char *path, struct statfs *sf);
int fstatfs(int fd, struct statfs *sf);

#endif
