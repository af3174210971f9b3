/*
 * Calls that wait under a signal mask of their own: ppoll(2), epoll_pwait(2), io_pgetevents(2). For
 * current alone; nothing is locked.
 */
#ifndef SYSCALL_SIGMASK_H
#define SYSCALL_SIGMASK_H

#include <types.h>
#include <compiler.h>

/*
 * Installs a temporary mask for the call (umask NULL: none), undone when the task returns to user
 * mode. 0, -EINVAL, -EFAULT.
 */
int use_mask(const void __user *umask, size_t size);
/* After it: unless a signal is to be delivered under it, the old one returns at once. */
void restore_mask(long ret);
#endif
