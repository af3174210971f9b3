/*
 * sigset.c - sets of signals 1..64 without the library's own two.
 */
#include "../internal/thread.h"

#include <errno.h>
#include <signal.h>

#define OWN (1ul << (SIGCANCEL - 1) | 1ul << (SIGALL - 1))

static int bad(int sig)
{
	if (sig >= 1 && sig <= 64 && sig != SIGCANCEL && sig != SIGALL)
		return 0;
	errno = EINVAL;
	return 1;
}

int sigemptyset(sigset_t *set)
{
	*set = 0;
	return 0;
}

int sigfillset(sigset_t *set)
{
	*set = ~OWN;
	return 0;
}

int sigaddset(sigset_t *set, int sig)
{
	if (bad(sig))
		return -1;
	*set |= 1ul << (sig - 1);
	return 0;
}

int sigdelset(sigset_t *set, int sig)
{
	if (bad(sig))
		return -1;
	*set &= ~(1ul << (sig - 1));
	return 0;
}

int sigismember(const sigset_t *set, int sig)
{
	if (bad(sig))
		return -1;
	return (int)(*set >> (sig - 1)) & 1;
}

int sigisemptyset(const sigset_t *set)
{
	return !*set;
}

int sigandset(sigset_t *out, const sigset_t *a, const sigset_t *b)
{
	*out = *a & *b;
	return 0;
}

int sigorset(sigset_t *out, const sigset_t *a, const sigset_t *b)
{
	*out = *a | *b;
	return 0;
}
