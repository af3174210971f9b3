/*
 * sys/inotify.h - what happens to files: inotify(7).
 */
#ifndef _SYS_INOTIFY_H
#define _SYS_INOTIFY_H

#include <features.h>
#include <stdint.h>
#include <uapi/inotify.h>

#ifdef __cplusplus
extern "C" {
#endif

int inotify_init(void);
int inotify_init1(int flags);
int inotify_add_watch(int fd, const char *path, uint32_t mask);
int inotify_rm_watch(int fd, int watch);

#ifdef __cplusplus
}
#endif

#endif
