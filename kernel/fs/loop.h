/* Files as block devices: /dev/loop-control, /dev/loopN. */
#ifndef FS_LOOP_H
#define FS_LOOP_H

#include "fs/fs.h"

struct block_device;
struct loop_info64;

void loop_init(void);
bool loop_bound(const struct block_device *bd); /* is it such a device, with a file? */
int loop_status(struct block_device *bd, struct loop_info64 *info); /* 0; -ENXIO: it is not */
/* The name of bd's file, in buf of n bytes: losetup(8). NULL: it is no such device, or has none. */
const char *loop_backing_name(struct block_device *bd, char *buf, size_t n);
#endif
