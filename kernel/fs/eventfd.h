/* Event counters: eventfd(2). */
#ifndef FS_EVENTFD_H
#define FS_EVENTFD_H

#include "fs/fs.h"

bool file_is_eventfd(const struct file *f);
void eventfd_signal(struct file *f); /* counts one more, as far as it goes; any task context */
struct file *eventfd_create(u32 count, int flags); /* EFD_*; ERR_PTR */
#endif
