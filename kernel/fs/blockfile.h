/* Block devices as files. */
#ifndef FS_BLOCKFILE_H
#define FS_BLOCKFILE_H

#include "fs/fs.h"

struct block_device;

u64 blockfile_size(const struct file *f); /* bytes; f: open to a block device */
/*
 * For the driver: what is cached goes to the device, and then nowhere, for the device has other bytes now; it is
 * of other size.
 */
void blockfile_reload(struct block_device *bd);
void blockfile_resize(struct block_device *bd, u64 sectors);
int blockfile_open(struct inode *i, struct file *f); /* file_ops.open of block device nodes */
#endif
