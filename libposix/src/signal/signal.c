/*
 * signal.c - signals: actions, masks, sending, waiting. The kernel's set is 8
 * bytes; the vDSO supplies the return from a handler, so there is no restorer.
 */
#include "../internal/syscall.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#define SET_BYTES 8

int sigaction(int sig, const struct sigaction *restrict act, struct sigaction *restrict old)
{
	return (int)RET(SC(__NR_rt_sigaction, sig, act, old, SET_BYTES));
}

/* As BSD has it: restarted calls, the handler stays. */
sighandler_t signal(int sig, sighandler_t handler)
{
	struct sigaction act = { .sa_handler = handler, .sa_flags = SA_RESTART }, old;

	return sigaction(sig, &act, &old) ? SIG_ERR : old.sa_handler;
}

int sigprocmask(int how, const sigset_t *restrict set, sigset_t *restrict old)
{
	return (int)RET(SC(__NR_rt_sigprocmask, how, set, old, SET_BYTES));
}

int sigpending(sigset_t *set)
{
	return (int)RET(SC(__NR_rt_sigpending, set, SET_BYTES));
}

int sigsuspend(const sigset_t *mask)
{
	return (int)RET(SC(__NR_rt_sigsuspend, mask, SET_BYTES));
}

int sigtimedwait(const sigset_t *restrict set, siginfo_t *restrict info,
		 const struct timespec *restrict timeout)
{
	return (int)RET(SC(__NR_rt_sigtimedwait, set, info, timeout, SET_BYTES));
}

int sigwaitinfo(const sigset_t *restrict set, siginfo_t *restrict info)
{
	return sigtimedwait(set, info, NULL);
}

int sigaltstack(const stack_t *restrict stack, stack_t *restrict old)
{
	return (int)RET(SC(__NR_sigaltstack, stack, old));
}

int kill(pid_t pid, int sig)
{
	return (int)RET(SC(__NR_kill, pid, sig));
}

int tgkill(pid_t pid, pid_t tid, int sig)
{
	return (int)RET(SC(__NR_tgkill, pid, tid, sig));
}

int killpg(pid_t pgrp, int sig)
{
	if (pgrp < 0) {
		errno = EINVAL;
		return -1;
	}
	return kill(-pgrp, sig);
}

int raise(int sig)
{
	return tgkill(getpid(), gettid(), sig);
}

int pause(void)
{
	return (int)RET(SC(__NR_ppoll, 0, 0, 0, 0, SET_BYTES));
}
