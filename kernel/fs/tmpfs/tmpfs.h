/* tmpfs: tmpfs(5). */
#ifndef FS_TMPFS_H
#define FS_TMPFS_H

#include "fs/fs.h"

bool tmpfs_owns(const struct inode *i); /* a regular file of some tmpfs */
#endif
