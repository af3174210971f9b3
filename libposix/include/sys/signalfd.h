/*
 * sys/signalfd.h - signals that are read: signalfd(2).
 */
#ifndef _SYS_SIGNALFD_H
#define _SYS_SIGNALFD_H

#include <signal.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

int signalfd(int fd, const sigset_t *set, int flags);

#ifdef __cplusplus
}
#endif

#endif
