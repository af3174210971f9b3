/* Files as block devices: /dev/loop-control, /dev/loopN. */
#ifndef FS_LOOP_H
#define FS_LOOP_H

#include "fs/fs.h"

struct block_device;

void loop_init(void);
bool loop_bound(const struct block_device *bd); /* is it such a device, with a file? */
/* The name of bd's file, in buf of n bytes: losetup(8). NULL: it is no such device, or has none. */
const char *loop_backing_name(struct block_device *bd, char *buf, size_t n);
#endif
