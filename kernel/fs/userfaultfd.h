/* The descriptor of userfaultfd(2), and /dev/userfaultfd. */
#ifndef FS_USERFAULTFD_H
#define FS_USERFAULTFD_H

#include "fs/fs.h"

struct file *userfaultfd_file(unsigned flags); /* checked; for current's memory. ERR_PTR */
bool userfaultfd_allowed(unsigned flags); /* may current have one that sees the kernel's faults? */
extern int userfaultfd_unprivileged; /* proc(5) */
void userfaultfd_init(void);
#endif
