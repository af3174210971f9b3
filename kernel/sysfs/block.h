/* Folders of block devices: the arg of their subjects is the device's place among all, from 0. */
#ifndef SYSFS_BLOCK_H
#define SYSFS_BLOCK_H

#include "dev/block.h"
#include "fs/tree/tree.h"

struct block_device *block_at(u64 i); /* NULL: there are fewer */
/* The folder "loop" of one that is bound to a file: lookup and next of struct node. */
int loop_folder_lookup(const struct subject *s, const char *name, struct place *to);
bool loop_folder_next(const struct subject *s, u64 *key, char *name, struct place *to);
#endif
