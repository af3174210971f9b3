/*
 * sys/prctl.h - settings of the calling process or thread (prctl(2)).
 */
#ifndef _SYS_PRCTL_H
#define _SYS_PRCTL_H

#include <features.h>
#include <uapi/prctl.h>
#if !UAPI_LINUX && __has_include(<linux/prctl.h>)
#include <linux/prctl.h>
#endif

#ifdef __cplusplus
extern "C" {
#endif

int prctl(int option, ...);

#ifdef __cplusplus
}
#endif

#endif
