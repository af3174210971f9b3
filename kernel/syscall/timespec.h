/*
 * Times as the ABI writes them and as the kernel does (u64 ns), for the system
 * calls that wait. Nothing is locked; the get and put forms touch user memory.
 */
#ifndef SYSCALL_TIMESPEC_H
#define SYSCALL_TIMESPEC_H

#include <types.h>
#include <compiler.h>
#include <uapi/time.h>

/* A checked, non-negative timespec, saturating: 0, -EFAULT, -EINVAL. */
int get_timespec(u64 *ns, const void __user *uts);
int put_timespec(u64 ns, void __user *uts);
/* On kernel copies. */
int timespec_ns(u64 *ns, const struct timespec *ts);
int timeval_ns(u64 *ns, const struct timeval *tv);
void ns_timespec(u64 ns, struct timespec *ts);
void ns_timeval(u64 ns, struct timeval *tv);
/* now_mono() + ns, saturating below TIME_FOREVER. */
u64 deadline_after(u64 ns);
/* A relative timeout as a deadline: 0 for "at once", WAIT_FOREVER without one. As get_timespec. */
int deadline_from_user(const void __user *uts, u64 *deadline);
#endif
