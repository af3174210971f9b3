/*
 * poll.h - waiting for descriptors (poll(2)).
 */
#ifndef _POLL_H
#define _POLL_H

#include <features.h>
#include <signal.h>
#include <uapi/poll.h>

#ifdef __cplusplus
extern "C" {
#endif

#undef FD_SETSIZE

typedef unsigned long nfds_t;

int poll(struct pollfd *fds, nfds_t count, int ms);
#if __MISC_VISIBLE || __POSIX_VISIBLE >= 202405
int ppoll(struct pollfd *fds, nfds_t count, const struct timespec *timeout, const sigset_t *mask);
#endif

#ifdef __cplusplus
}
#endif

#endif
