/*
 * The namespace of mounts as a file: namespaces(7). Others there are none.
 */
#ifndef FS_NSFS_H
#define FS_NSFS_H

#include "fs/fs.h"

void nsfs_init(void);
void mount_ns_path(struct path *out); /* its file, referenced */
bool file_is_mount_ns(const struct file *f);
/* setns(2) of it: current is at its root again. 0, -EPERM, -EINVAL: others share root and cwd. */
int mount_ns_enter(void);
#endif
