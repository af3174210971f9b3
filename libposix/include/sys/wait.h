/*
 * sys/wait.h - the ends of children. The low byte of a status says how: 0 an
 * exit, 0x7f a stop, else the signal and 0x80 for a core file.
 */
#ifndef _SYS_WAIT_H
#define _SYS_WAIT_H

#include <signal.h>
#include <sys/resource.h>
#include <sys/types.h>
#include <uapi/wait.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef int idtype_t;

#define WEXITSTATUS(s)	(((s) >> 8) & 0xff)
#define WTERMSIG(s)	((s)&0x7f)
#define WSTOPSIG(s)	WEXITSTATUS(s)
#define WIFEXITED(s)	(WTERMSIG(s) == 0)
#define WIFSTOPPED(s)	(((s)&0xff) == 0x7f)
#define WIFSIGNALED(s)	(WTERMSIG(s) != 0 && !WIFSTOPPED(s) && (s) != 0xffff)
#define WIFCONTINUED(s) ((s) == 0xffff)
#define WCOREDUMP(s)	((s)&0x80)
#define W_EXITCODE(status, sig) ((status) << 8 | (sig))
#define W_STOPCODE(sig)	((sig) << 8 | 0x7f)

pid_t wait(int *status);
pid_t waitpid(pid_t pid, int *status, int options);
pid_t wait3(int *status, int options, struct rusage *usage);
pid_t wait4(pid_t pid, int *status, int options, struct rusage *usage);
int waitid(idtype_t type, id_t id, siginfo_t *info, int options);

#ifdef __cplusplus
}
#endif

#endif
