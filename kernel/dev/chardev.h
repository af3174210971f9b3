/*
 * Character devices: a name under /dev and a number to file operations.
 * Drivers and rooms register; devfs shows them. The operations are fs's
 * struct file_ops, opaque here.
 */
#ifndef DEV_CHARDEV_H
#define DEV_CHARDEV_H

#include <types.h>
#include "lib/list.h"

struct file_ops;

/* Nothing changes once it is registered; link is the table's (dev/chardev.c). */
struct chardev {
	const char *name; /* below /dev; may hold slashes ("virtio-ports/x") */
	u64 dev; /* MKDEV(major, minor) */
	u32 mode; /* permission bits */
	const struct file_ops *ops;
	void *private;
	struct list_head link;
};

void chardev_register(struct chardev *cd); /* before or after devfs is mounted; any task context */
struct chardev *chardev_find(u64 dev); /* NULL */
void chardev_for_each(void (*fn)(struct chardev *cd, void *arg), void *arg);
extern void (*chardev_added)(struct chardev *cd); /* devfs hooks in */
#endif
