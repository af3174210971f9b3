/*
 * sys/timerfd.h - timers that are read: timerfd_create(2).
 */
#ifndef _SYS_TIMERFD_H
#define _SYS_TIMERFD_H

#include <features.h>
#include <time.h>
#include <uapi/ioctl.h>

#ifdef __cplusplus
extern "C" {
#endif

#define TFD_NONBLOCK	  00004000
#define TFD_CLOEXEC	  02000000
#define TFD_TIMER_ABSTIME 1
#ifndef TFD_TIMER_CANCEL_ON_SET
#define TFD_TIMER_CANCEL_ON_SET 2
#endif

int timerfd_create(int clock, int flags);
int timerfd_settime(int fd, int flags, const struct itimerspec *value, struct itimerspec *old);
int timerfd_gettime(int fd, struct itimerspec *value);

#ifdef __cplusplus
}
#endif

#endif
