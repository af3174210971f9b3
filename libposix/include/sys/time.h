/*
 * sys/time.h - microsecond times and interval timers.
 */
#ifndef _SYS_TIME_H
#define _SYS_TIME_H

#include <sys/types.h>
#include <uapi/time.h>

int gettimeofday(struct timeval *restrict tv, void *restrict zone);
int setitimer(int which, const struct itimerval *restrict it, struct itimerval *restrict old);

#endif
