/*
 * Steering the real-time clock: adjtimex(2), clock_settime(2). No lock held; any of
 * these may step the clock, and then wakes time_set_wait.
 */
#ifndef CORE_NTP_H
#define CORE_NTP_H

#include <types.h>
#include <uapi/time.h>

void ntp_init(void);
/* adjtimex(2) on a kernel copy, which the present state replaces: TIME_*, -EPERM, -EINVAL. */
int ntp_adjust(struct timex *t);
void ntp_clock_set(u64 real_ns); /* settimeofday(2): steps, and forgets what was under way */
#endif
