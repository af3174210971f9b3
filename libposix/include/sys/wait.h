/*
 * sys/wait.h - the ends of children. The low byte of a status says how: 0 an
 * exit, 0x7f a stop, else the signal and 0x80 for a core file.
 */
#ifndef _SYS_WAIT_H
#define _SYS_WAIT_H

#include <features.h>
#include <bits/wait.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

#if __MISC_VISIBLE
#define W_EXITCODE(status, sig) ((status) << 8 | (sig))
#define W_STOPCODE(sig)		((sig) << 8 | 0x7f)
#endif

typedef int idtype_t;

pid_t wait(int *status);
pid_t waitpid(pid_t pid, int *status, int options);
#if __MISC_VISIBLE
pid_t wait3(int *status, int options, struct rusage *usage);
pid_t wait4(pid_t pid, int *status, int options, struct rusage *usage);
#endif
int waitid(idtype_t type, id_t id, siginfo_t *info, int options);

#ifdef __cplusplus
}
#endif

#endif
