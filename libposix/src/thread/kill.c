/*
 * kill.c - signals to one thread: pthread_kill(3), pthread_sigqueue(3),
 * pthread_sigmask(3). A thread that ended and wasn't joined takes none, and that
 * is no error.
 */
#include "list.h"

#include "../internal/syscall.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

int pthread_kill(pthread_t thread, int sig)
{
	struct thread *t;
	sigset_t old;
	long raw = -ESRCH;

	if (sig < 0 || sig > _NSIG || sig == SIGCANCEL || sig == SIGALL)
		return EINVAL;
	if (thread == (pthread_t)__self())
		return (int)-SC(__NR_tkill, __self()->tid, sig);
	__signals_block(&old);
	__threads_lock();
	t = __threads_find(thread);
	if (t)
		raw = t->detach != EXITED && t->tid ? SC(__NR_tgkill, getpid(), t->tid, sig) : 0;
	__threads_unlock();
	__signals_restore(&old);
	return (int)-raw;
}

int pthread_sigqueue(pthread_t thread, int sig, const union sigval value)
{
	siginfo_t info;
	struct thread *t;
	long raw = -ESRCH;

	memset(&info, 0, sizeof(info));
	info.si_signo = sig;
	info.si_code = SI_QUEUE;
	info.si_pid = getpid();
	info.si_uid = getuid();
	info.si_value = value;
	__threads_lock();
	t = __threads_find(thread);
	if (t)
		raw = SC(__NR_rt_tgsigqueueinfo, info.si_pid, t->tid, sig, &info);
	__threads_unlock();
	return (int)-raw;
}

/* The library's own two stay unblocked. */
int pthread_sigmask(int how, const sigset_t *__restrict set, sigset_t *__restrict old)
{
	const sigset_t own = 1ul << (SIGCANCEL - 1) | 1ul << (SIGALL - 1);
	sigset_t mine;
	long raw;

	if (set) {
		mine = how == SIG_UNBLOCK ? *set : *set & ~own;
		set = &mine;
	}
	raw = SC(__NR_rt_sigprocmask, how, set, old, 8);
	if (!raw && old)
		*old &= ~own;
	return (int)-raw;
}
