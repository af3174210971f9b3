/*
 * Extended attributes: xattr(7). The vfs_* check names, permissions and limits and take the inode's
 * rwsem; what a file system does with them is in its inode_ops (in memory: memxattr_*, fs/memfs.h).
 */
#ifndef FS_XATTR_H
#define FS_XATTR_H

#include "fs/fs.h"

#define FILE_CAPS "security.capability"

/*
 * Kernel strings and buffers; name is not empty and at most XATTR_NAME_MAX long. n 0 asks for the
 * size.
 */
ssize_t vfs_getxattr(const struct path *p, const char *name, void *buf, size_t n);
/* What is stored, whatever current may see of it. */
ssize_t xattr_stored(struct inode *i, const char *name, void *buf, size_t n);
bool xattr_root_of_ours(u32 kuid); /* is it root of current's user namespace, or of one above it? */
int vfs_setxattr(const struct path *p, const char *name, const void *v, size_t n, int flags);
ssize_t vfs_listxattr(const struct path *p, char *buf, size_t n);
int vfs_removexattr(const struct path *p, const char *name);
#endif
