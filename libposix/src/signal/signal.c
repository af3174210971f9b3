/*
 * signal.c - signals: actions, masks, sending. The kernel's set is 8 bytes; the
 * vDSO supplies the return from a handler, so there is no restorer. The two
 * signals of the library itself (thread.h) are not to be had.
 */
#include "../internal/syscall.h"
#include "../internal/thread.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#define SET_BYTES 8

int __libc_current_sigrtmin(void)
{
	return SIGALL + 1;
}

int __libc_current_sigrtmax(void)
{
	return _NSIG;
}

int sigaction(int sig, const struct sigaction *__restrict act, struct sigaction *__restrict old)
{
	struct sigaction mine;

	if (sig == SIGCANCEL || sig == SIGALL) {
		errno = EINVAL;
		return -1;
	}
	/* What a program didn't write into may be anything. */
	if (act) {
		mine = *act;
		mine.__pad = 0;
		act = &mine;
	}
	return (int)RET(SC(__NR_rt_sigaction, sig, act, old, SET_BYTES));
}

/* As BSD has it: restarted calls, the handler stays. */
sighandler_t signal(int sig, sighandler_t handler)
{
	struct sigaction act = { .sa_handler = handler, .sa_flags = SA_RESTART }, old;

	return sigaction(sig, &act, &old) ? SIG_ERR : old.sa_handler;
}

sighandler_t bsd_signal(int sig, sighandler_t handler)
{
	return signal(sig, handler);
}

int sigprocmask(int how, const sigset_t *__restrict set, sigset_t *__restrict old)
{
	const sigset_t own = 1ul << (SIGCANCEL - 1) | 1ul << (SIGALL - 1);
	sigset_t mine;
	long raw;

	if (set && how != SIG_UNBLOCK) {
		mine = *set & ~own;
		set = &mine;
	}
	raw = SC(__NR_rt_sigprocmask, how, set, old, SET_BYTES);
	if (!raw && old)
		*old &= ~own;
	return (int)RET(raw);
}

int sigpending(sigset_t *set)
{
	return (int)RET(SC(__NR_rt_sigpending, set, SET_BYTES));
}

int sigaltstack(const stack_t *__restrict stack, stack_t *__restrict old)
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
	long tid = SC(__NR_gettid);

	return (int)RET(SC(__NR_tgkill, SC(__NR_getpid), tid, sig));
}

int sigqueue(pid_t pid, int sig, const union sigval value)
{
	siginfo_t info;

	memset(&info, 0, sizeof(info));
	info.si_signo = sig;
	info.si_code = SI_QUEUE;
	info.si_pid = getpid();
	info.si_uid = getuid();
	info.si_value = value;
	return (int)RET(SC(__NR_rt_sigqueueinfo, pid, sig, &info));
}

int siginterrupt(int sig, int interrupt)
{
	struct sigaction act;

	if (sigaction(sig, NULL, &act))
		return -1;
	if (interrupt)
		act.sa_flags &= ~(unsigned long)SA_RESTART;
	else
		act.sa_flags |= SA_RESTART;
	return sigaction(sig, &act, NULL);
}
