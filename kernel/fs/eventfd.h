/* Event counters: eventfd(2). */
#ifndef FS_EVENTFD_H
#define FS_EVENTFD_H

#include "fs/fs.h"

struct file *eventfd_create(u32 count, int flags); /* EFD_*; ERR_PTR */
#endif
