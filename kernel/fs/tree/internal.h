/* What the files of fs/tree share. */
#ifndef FS_TREE_INTERNAL_H
#define FS_TREE_INTERNAL_H

#include "fs/tree/tree.h"

/* What an inode of a tree is about; [I]. */
static inline struct place *place_of(const struct inode *i)
{
	return i->priv;
}

/* A subject whose contents current may see: 0, -ESRCH, -EACCES. */
int tree_subject_checked(const struct inode *i, struct subject *s);

/* view.c: text files, and those of NODE_MOUNTS. */
extern const struct file_ops tree_text_fops, tree_mounts_fops;
#endif
