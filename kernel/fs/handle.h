/* File handles: what names a file of a file system without a path. */
#ifndef FS_HANDLE_H
#define FS_HANDLE_H

#include "fs/fs.h"

#define FID_WORDS 3
struct fid {
	u8 type; /* handle_type of struct file_handle */
	u8 bytes; /* used of data */
	u32 data[FID_WORDS];
};

/* 0 or -EOPNOTSUPP. Any context; takes no lock. */
int inode_fid(const struct inode *i, struct fid *out);
#endif
