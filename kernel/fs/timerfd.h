/*
 * Timers as reads: timerfd_create(2). The calls of syscall/sys_time.c decode; these act on kernel
 * values, nanoseconds throughout.
 */
#ifndef FS_TIMERFD_H
#define FS_TIMERFD_H

#include <types.h>

struct file;

/* One of the clocks that timerfd knows (checked); flags: TFD_*. ERR_PTR. */
struct file *timerfd_create_file(int clock, int flags);
/* 0, -EINVAL: f is something else, -ECANCELED: the clock was set just now. value 0 disarms. */
int timerfd_set(struct file *f, int flags, u64 value, u64 interval, u64 *old_value,
		u64 *old_interval);
int timerfd_get(struct file *f, u64 *value, u64 *interval); /* 0, -EINVAL */
#endif
