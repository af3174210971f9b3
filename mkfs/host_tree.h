/*
 * A folder of this machine as a tree (tree.h): its files' data is read from them when
 * asked for. For mkfs.tarn.
 */
#ifndef MKFS_HOST_TREE_H
#define MKFS_HOST_TREE_H

#include "fs/tarfs/tree.h"

/*
 * Adds all beneath path to t (initialised), but for the file that is open as `not_this`. Complains
 * itself. 0 or a negative errno.
 */
int host_tree_add(struct tar_tree *t, const char *path, bool root_owned, int not_this);
/* Frees what the tree's files are read through; before or after tar_tree_free(). */
void host_tree_free(void);

#endif
