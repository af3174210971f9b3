/* sysv.c - System V's signals: sigset(3), sighold(3), sigpause(3). */
#include <errno.h>
#include <signal.h>
#include <stddef.h>

int sighold(int sig)
{
	sigset_t set;

	sigemptyset(&set);
	return sigaddset(&set, sig) ? -1 : sigprocmask(SIG_BLOCK, &set, NULL);
}

int sigrelse(int sig)
{
	sigset_t set;

	sigemptyset(&set);
	return sigaddset(&set, sig) ? -1 : sigprocmask(SIG_UNBLOCK, &set, NULL);
}

int sigignore(int sig)
{
	struct sigaction act = { .sa_handler = SIG_IGN };

	return sigaction(sig, &act, NULL);
}

int sigpause(int sig)
{
	sigset_t set;

	sigprocmask(SIG_BLOCK, NULL, &set);
	return sigdelset(&set, sig) ? -1 : sigsuspend(&set);
}

sighandler_t sigset(int sig, sighandler_t handler)
{
	struct sigaction act = { .sa_handler = handler }, old;
	sigset_t set, before;

	sigemptyset(&set);
	if (sigaddset(&set, sig))
		return SIG_ERR;
	if (handler == SIG_HOLD) {
		if (sigaction(sig, NULL, &old) || sigprocmask(SIG_BLOCK, &set, &before))
			return SIG_ERR;
	} else if (sigaction(sig, &act, &old) || sigprocmask(SIG_UNBLOCK, &set, &before)) {
		return SIG_ERR;
	}
	return sigismember(&before, sig) ? SIG_HOLD : old.sa_handler;
}
