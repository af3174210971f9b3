/* sigwait.c - sleeping until a signal comes: sigsuspend(2), sigwait(3), pause(2). */
#include "../internal/syscall.h"
#include "../internal/thread.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <unistd.h>

#define SET_BYTES 8

int sigsuspend(const sigset_t *mask)
{
	sigset_t mine = *mask & ~(1ul << (SIGCANCEL - 1) | 1ul << (SIGALL - 1));

	return (int)RET(SCC(__NR_rt_sigsuspend, &mine, SET_BYTES));
}

int sigtimedwait(const sigset_t *__restrict set, siginfo_t *__restrict info,
		 const struct timespec *__restrict timeout)
{
	sigset_t mine = *set & ~(1ul << (SIGCANCEL - 1) | 1ul << (SIGALL - 1));

	int sig = (int)RET(SCC(__NR_rt_sigtimedwait, &mine, info, timeout, SET_BYTES));

	/* POSIX lets raise and pthread_kill look like kill, which is what programs ask for. */
	if (sig > 0 && info && info->si_code == SI_TKILL)
		info->si_code = SI_USER;
	return sig;
}

int sigwaitinfo(const sigset_t *__restrict set, siginfo_t *__restrict info)
{
	return sigtimedwait(set, info, NULL);
}

/* POSIX: no EINTR here. */
int sigwait(const sigset_t *__restrict set, int *__restrict sig)
{
	siginfo_t info;
	int saved = errno;

	while (sigtimedwait(set, &info, NULL) < 0) {
		if (errno != EINTR) {
			int err = errno;

			errno = saved;
			return err;
		}
	}
	errno = saved;
	*sig = info.si_signo;
	return 0;
}

int pause(void)
{
	return (int)RET(SCC(__NR_ppoll, 0, 0, 0, 0, SET_BYTES));
}
