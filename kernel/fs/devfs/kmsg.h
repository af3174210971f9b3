/* /dev/kmsg (kmsg.c), a row of mem.c's. */
#ifndef DEVFS_KMSG_H
#define DEVFS_KMSG_H

#include "fs/fs.h"

extern const struct file_ops kmsg_fops;

/* Which lines of programs are taken: /proc/sys/kernel/printk_devkmsg. */
enum kmsg_writers { KMSG_RATELIMIT, KMSG_ON, KMSG_OFF };
extern int kmsg_writers; /* [a] */
#endif
