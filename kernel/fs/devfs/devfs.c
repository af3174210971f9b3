/*
 * devfs: /dev, shown as Linux's devtmpfs. One in-memory file system that the
 * kernel fills with a node for every registered device, and that user space may
 * add to. Nodes that come later are made as they come.
 */
#include <compiler.h>
#include <err.h>
#include <uapi/errno.h>
#include <uapi/statfs.h>

#include "alloc/slab.h"
#include "core/mutex.h"
#include "dev/block.h"
#include "dev/chardev.h"
#include "fs/fs.h"
#include "fs/internal.h"
#include "lib/string.h"
#include "sync/log.h"

static struct super *devfs_super; /* set once, by the first mount */

static int devfs_statfs(struct super *sb __unused, struct statfs *st)
{
	st->f_type = 0x01021994; /* TMPFS_MAGIC, as devtmpfs says */
	st->f_bsize = PAGE_SIZE;
	st->f_namelen = NAME_MAX;
	return 0;
}

static const struct super_ops devfs_super_ops = {
	.evict_inode = memfs_evict,
	.statfs = devfs_statfs,
};

/* The directory that holds the last component of name, made as needed. Returns that component. */
static const char *make_parents(struct inode **dir, const char *name)
{
	const char *slash;

	while ((slash = strchr(name, '/'))) {
		struct memdir *d = (*dir)->priv;
		struct mement *e = memdir_find(d, name, (size_t)(slash - name));

		if (!e) {
			struct inode *i = memfs_inode(devfs_super, S_IFDIR | 0755, 0, NULL);

			if (IS_ERR(i))
				return NULL;
			if (memdir_add(d, name, (size_t)(slash - name), i)) {
				inode_put(i);
				return NULL;
			}
			(*dir)->nlink++;
			inode_put(i);
			e = memdir_find(d, name, (size_t)(slash - name));
		}
		*dir = e->inode;
		name = slash + 1;
	}
	return name;
}

/* Adds a node (or symlink, or directory). A negative dentry of that name must not outlive it. */
static void add_node(const char *name, u32 mode, u64 dev, const char *target)
{
	struct inode *dir = devfs_super->root->inode, *i;
	struct dentry *d;
	const char *last;

	rwsem_write_lock(&devfs_super->root->inode->rwsem);
	last = make_parents(&dir, name);
	i = last ? memfs_inode(devfs_super, mode, dev, target) : ERR_PTR(-ENOMEM);
	if (!IS_ERR(i)) {
		if (!memdir_add(dir->priv, last, strlen(last), i) && S_ISDIR(mode))
			dir->nlink++;
		inode_put(i);
	} else {
		pr_warn("devfs: no memory for /dev/%s", name);
	}
	d = dir == devfs_super->root->inode ? d_lookup(devfs_super->root, name, strlen(name)) :
					      NULL;
	if (d) {
		if (!d->inode)
			d_drop(d);
		d_put(d);
	}
	rwsem_write_unlock(&devfs_super->root->inode->rwsem);
}

static void add_chardev(struct chardev *cd)
{
	add_node(cd->name, S_IFCHR | cd->mode, cd->dev, NULL);
}

static void add_each_chardev(struct chardev *cd, void *arg __unused)
{
	add_chardev(cd);
}

static void add_block(struct block_device *bd)
{
	add_node(bd->name, S_IFBLK | 0660, bd->dev, NULL);
}

static void add_each_block(struct block_device *bd, void *arg __unused)
{
	add_block(bd);
}

static struct super *devfs_mount(const struct file_system *fs, const char *source __unused,
				 u64 flags __unused, const char *data __unused)
{
	struct super *sb = memfs_super(fs, &devfs_super_ops, 0755);

	if (IS_ERR(sb))
		return sb;
	devfs_super = sb;
	atomic_inc(&sb->refs); /* stays when it is unmounted: devices do */
	add_node("fd", S_IFLNK | 0777, 0, "/proc/self/fd");
	add_node("stdin", S_IFLNK | 0777, 0, "/proc/self/fd/0");
	add_node("stdout", S_IFLNK | 0777, 0, "/proc/self/fd/1");
	add_node("stderr", S_IFLNK | 0777, 0, "/proc/self/fd/2");
	add_node("pts", S_IFDIR | 0755, 0, NULL);
	add_node("shm", S_IFDIR | 01777, 0, NULL);
	chardev_for_each(add_each_chardev, NULL);
	block_for_each(add_each_block, NULL);
	chardev_added = add_chardev;
	block_added = add_block;
	return sb;
}

static const struct file_system devfs = {
	.name = "devtmpfs",
	.flags = FS_NODEV | FS_SINGLE | FS_HANDLES | FS_ATTRS,
	.mount = devfs_mount,
};
FILE_SYSTEM(devfs);
