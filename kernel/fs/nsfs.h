/*
 * Namespaces as files: namespaces(7).
 */
#ifndef FS_NSFS_H
#define FS_NSFS_H

#include "core/ns.h"
#include "fs/fs.h"

void nsfs_init(void);
int ns_path(struct ns *n, struct path *out); /* its file; n's reference passes. 0 or -ENOMEM */
struct ns *file_ns(const struct file *f); /* borrowed; NULL: no such file */
/* setns(2) of that of mounts: current is at its root again. 0, -EPERM, -EINVAL: others share root and cwd. */
int mount_ns_enter(void);
#endif
