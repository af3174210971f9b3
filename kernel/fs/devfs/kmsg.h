/* /dev/kmsg (kmsg.c), a row of mem.c's. */
#ifndef DEVFS_KMSG_H
#define DEVFS_KMSG_H

#include "fs/fs.h"

extern const struct file_ops kmsg_fops;
#endif
