/*
 * File handles: name_to_handle_at(2), open_by_handle_at(2), and the ids of fanotify(7). A handle is
 * the number of an inode, never given to another, with the generation of its file system.
 */
#ifndef FS_HANDLE_H
#define FS_HANDLE_H

#include "fs/fs.h"

#define FID_WORDS 3
struct fid {
	u8 type; /* handle_type of struct file_handle */
	u8 bytes; /* of data that count */
	u32 data[FID_WORDS];
};

/* What i is called, whatever its names become: 0. Any context. */
int inode_fid(const struct inode *i, struct fid *out);
/*
 * The same of what d names, and fid_path will find it, so it is remembered: -ENOMEM; -EOPNOTSUPP:
 * nothing is found by a number in that file system.
 */
int dentry_fid(struct dentry *d, struct fid *out);
/* The file of that handle on m: referenced. 0, -ESTALE, -ENOMEM, -EOPNOTSUPP. */
int fid_path(struct mount *m, const struct fid *fid, struct path *out);
/* D_HANDLE: a name goes; an inode goes; a file system goes. */
void handle_forget(struct dentry *d);
void handle_forget_inode(struct inode *i);
void handle_forget_super(struct super *sb);
#endif
