/*
 * sys/pidfd.h - processes as descriptors: pidfd_open(2).
 */
#ifndef _SYS_PIDFD_H
#define _SYS_PIDFD_H

#include <signal.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

#define PIDFD_NONBLOCK 00004000
#define PIDFD_THREAD   00000200

int pidfd_open(pid_t pid, unsigned int flags);
int pidfd_getfd(int pidfd, int fd, unsigned int flags);
int pidfd_send_signal(int pidfd, int sig, siginfo_t *info, unsigned int flags);

#ifdef __cplusplus
}
#endif

#endif
