/* itimer.c - the timers of a process: setitimer(2), alarm(2), and the clock's discipline. */
#include "../internal/syscall.h"

#include <errno.h>
#include <stddef.h>
#include <sys/time.h>
#include <sys/timex.h>
#include <unistd.h>

int getitimer(int which, struct itimerval *it)
{
	return (int)RET(SC(__NR_getitimer, which, it));
}

int setitimer(int which, const struct itimerval *__restrict it, struct itimerval *__restrict old)
{
	return (int)RET(SC(__NR_setitimer, which, it, old));
}

/* Seconds rounded, but a timer that runs is never 0. */
unsigned int alarm(unsigned int seconds)
{
	struct itimerval it = { .it_value.tv_sec = seconds }, old = { 0 };

	setitimer(ITIMER_REAL, &it, &old);
	if (old.it_value.tv_usec >= 500000 || (!old.it_value.tv_sec && old.it_value.tv_usec))
		old.it_value.tv_sec++;
	return (unsigned int)old.it_value.tv_sec;
}

unsigned int ualarm(unsigned int us, unsigned int every)
{
	struct itimerval it = { .it_value.tv_usec = us, .it_interval.tv_usec = every }, old = { 0 };

	setitimer(ITIMER_REAL, &it, &old);
	return (unsigned int)(old.it_value.tv_sec * 1000000 + old.it_value.tv_usec);
}

int adjtimex(struct timex *tx)
{
	return (int)RET(SC(__NR_adjtimex, tx));
}

int ntp_adjtime(struct timex *tx)
{
	return adjtimex(tx);
}

int clock_adjtime(clockid_t clock, struct timex *tx)
{
	return (int)RET(SC(__NR_clock_adjtime, clock, tx));
}

int adjtime(const struct timeval *delta, struct timeval *old)
{
	struct timex tx = { 0 };

	if (delta) {
		if (delta->tv_sec > 1000 || delta->tv_sec < -1000) {
			errno = EINVAL;
			return -1;
		}
		tx.offset = delta->tv_sec * 1000000 + delta->tv_usec;
		tx.modes = ADJ_OFFSET_SINGLESHOT;
	} else {
		tx.modes = ADJ_OFFSET_SS_READ;
	}
	if (adjtimex(&tx) < 0)
		return -1;
	if (old) {
		old->tv_sec = tx.offset / 1000000;
		old->tv_usec = tx.offset % 1000000;
	}
	return 0;
}
