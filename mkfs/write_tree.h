/*
 * A tree as an archive, its members one behind the other as the store writes them: for
 * mkfs.tarn and tarn-compact.
 */
#ifndef MKFS_WRITE_TREE_H
#define MKFS_WRITE_TREE_H

#include "image.h"
#include "fs/tarfs/tree.h"

/*
 * Writes t's members from the image's first byte on, the root's last, and two sectors of zeros;
 * *end: the first of these. The tree's names forget where they lay. Complains itself.
 */
int write_tree(struct tar_tree *t, struct tar_image *out, u64 *end);
/* The bytes that it would take, zeros included. Reads no data. Negative errno. */
s64 tree_bytes(struct tar_tree *t);
/*
 * Gives an image with an archive that ends at `end` its journal and, unless told otherwise, an index.
 */
int finish_image(struct tar_image *m, u64 end, bool index);

/* The same for one that has its journal: replayed, with its free space as all readers bear it. */
int settle_image(struct tar_image *m, bool index);

#endif
