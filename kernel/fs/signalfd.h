/*
 * Signals as reads: signalfd(2). The calls of syscall/sys_poll.c decode; these act on kernel values.
 */
#ifndef FS_SIGNALFD_H
#define FS_SIGNALFD_H

#include "core/signal.h"

struct file;

/* flags: SFD_*, checked. Without SIGKILL and SIGSTOP, which nobody takes. ERR_PTR. */
struct file *signalfd_create(ksigset_t mask, int flags);
/* Another mask for one that there is: 0, or -EINVAL when f is something else. */
int signalfd_set_mask(struct file *f, ksigset_t mask);
#endif
