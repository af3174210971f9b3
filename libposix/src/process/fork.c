/*
 * fork.c - new processes: fork(2), and the wait family for their ends.
 */
#include "../internal/syscall.h"

#include <sched.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

/* Stream and heap locks are held for short sections only; fork from one thread. */
pid_t fork(void)
{
	return (pid_t)RET(SC(__NR_clone, SIGCHLD, 0, 0, 0, 0));
}

pid_t wait4(pid_t pid, int *status, int options, struct rusage *usage)
{
	return (pid_t)RET(SC(__NR_wait4, pid, status, options, usage));
}

pid_t waitpid(pid_t pid, int *status, int options)
{
	return wait4(pid, status, options, NULL);
}

pid_t wait(int *status)
{
	return waitpid(-1, status, 0);
}

int waitid(idtype_t type, id_t id, siginfo_t *info, int options)
{
	return (int)RET(SC(__NR_waitid, type, id, info, options, 0));
}
