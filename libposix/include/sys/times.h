/*
 * sys/times.h - processor time of a process and its children: times(2).
 */
#ifndef _SYS_TIMES_H
#define _SYS_TIMES_H

#include <features.h>
#include <sys/types.h>
#include <uapi/time.h>

#ifdef __cplusplus
extern "C" {
#endif

clock_t times(struct tms *buf);

#ifdef __cplusplus
}
#endif

#endif
