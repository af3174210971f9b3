/*
 * Namespaces as files: namespaces(7).
 */
#ifndef FS_NSFS_H
#define FS_NSFS_H

#include "core/ns.h"
#include "fs/fs.h"

void nsfs_init(void);
int ns_path(struct ns *n, struct path *out); /* its file; n's reference passes. 0 or -ENOMEM */
int ns_fd(struct ns *n); /* a descriptor for it; the same. Or -errno */
struct ns *file_ns(const struct file *f); /* borrowed; NULL: no such file */
/*
 * Namespaces of mounts. A copy of current's, in which fs (nobody else's) is then: ERR_PTR. setns(2):
 * current is at the root of n and has it. 0; -EINVAL: others share root and cwd. mount_ns.c
 */
struct ns *mount_unshare(struct user_ns *owner, struct fs_ctx *fs);
int mount_ns_enter(struct ns *n);
bool current_chrooted(void); /* is current's root not that of its mounts? */
bool d_is_ns_file(const struct dentry *d);
bool mount_is_ns_file(const struct dentry *root); /* of a namespace of mounts */
/* Is d a mount namespace's, current's or an older one: it must not hang in it. */
bool mnt_ns_loops(const struct dentry *d);
#endif
