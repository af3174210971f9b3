/*
 * procfs: /proc.
 */
#include <err.h>
#include <uapi/errno.h>

#include "fs/fs.h"
#include "fs/internal.h"

static const struct super_ops proc_super_ops = { .evict_inode = memfs_evict };

static struct super *proc_mount(const struct file_system *fs, const char *source, u64 flags, const char *data)
{
	struct super *sb = super_alloc(fs, &proc_super_ops, NULL);
	struct inode *root;

	(void)source;
	(void)flags;
	(void)data;
	if (!sb)
		return ERR_PTR(-ENOMEM);
	root = memfs_inode(sb, S_IFDIR | 0555, 0, NULL);
	if (!IS_ERR(root))
		sb->root = d_alloc_root(sb, root);
	return sb->root ? sb : ERR_PTR(-ENOMEM);
}

static const struct file_system proc_fs = {
	.name = "proc",
	.flags = FS_NODEV | FS_SINGLE,
	.mount = proc_mount,
};
FILE_SYSTEM(proc_fs);
