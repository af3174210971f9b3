/* Block devices as files. */
#ifndef FS_BLOCKFILE_H
#define FS_BLOCKFILE_H

#include "fs/fs.h"

int blockfile_open(struct inode *i, struct file *f); /* file_ops.open of block device nodes */
#endif
