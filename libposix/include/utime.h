/*
 * utime.h - the times of a file, in seconds: utime(2).
 */
#ifndef _UTIME_H
#define _UTIME_H

#include <features.h>
#include <sys/types.h>
#include <uapi/time.h>

#ifdef __cplusplus
extern "C" {
#endif

int utime(const char *path, const struct utimbuf *times);

#ifdef __cplusplus
}
#endif

#endif
