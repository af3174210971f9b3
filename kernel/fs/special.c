/*
 * Fifos, device nodes and sockets as names in a directory: what their inodes'
 * file operations are before the real thing is opened behind them.
 */
#include <compiler.h>
#include <uapi/errno.h>

#include "dev/block.h"
#include "dev/chardev.h"
#include "fs/blockfile.h"
#include "fs/fs.h"
#include "fs/internal.h"
#include "fs/pipe.h"

static int open_none(struct inode *i __unused, struct file *f __unused)
{
	return -ENXIO;
}

const struct file_ops no_open_fops = {
	.open = open_none,
};

static int open_chardev(struct inode *i, struct file *f)
{
	struct chardev *cd = chardev_find(i->rdev);

	if (!cd)
		return -ENXIO;
	f->ops = cd->ops;
	f->priv = cd->private;
	f->mode &= ~FMODE_PREAD;
	if (f->ops->llseek)
		f->mode |= FMODE_PREAD;
	return f->ops->open ? f->ops->open(i, f) : 0;
}

static const struct file_ops chardev_fops = {
	.open = open_chardev,
};

static const struct file_ops blockdev_fops = {
	.open = blockfile_open,
};

void special_init(struct inode *i)
{
	switch (i->mode & S_IFMT) {
	case S_IFIFO:
		i->fops = &fifo_fops;
		break;
	case S_IFCHR:
		i->fops = &chardev_fops;
		break;
	case S_IFBLK:
		i->fops = &blockdev_fops;
		break;
	default:
		i->fops = &no_open_fops;
		break;
	}
}
