/*
 * clock.c - clocks and sleeping. clock_gettime goes through the vDSO when the
 * kernel offers one: no trap.
 */
#include "../internal/libc.h"
#include "../internal/syscall.h"

#include <errno.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

typedef int gettime_fn(clockid_t id, struct timespec *ts);

static int gettime_call(clockid_t id, struct timespec *ts)
{
	return (int)SC(__NR_clock_gettime, id, ts);
}

static int gettime_first(clockid_t id, struct timespec *ts);

/* Resolved at the first use; any thread finds the same answer. */
static gettime_fn *gettime = gettime_first;

static int gettime_first(clockid_t id, struct timespec *ts)
{
	gettime_fn *fn = (gettime_fn *)__vdso_sym("__vdso_clock_gettime");

	if (!fn)
		fn = gettime_call;
	__atomic_store_n(&gettime, fn, __ATOMIC_RELAXED);
	return fn(id, ts);
}

int clock_gettime(clockid_t id, struct timespec *ts)
{
	return (int)RET(__atomic_load_n(&gettime, __ATOMIC_RELAXED)(id, ts));
}

int clock_getres(clockid_t id, struct timespec *ts)
{
	return (int)RET(SC(__NR_clock_getres, id, ts));
}

int clock_settime(clockid_t id, const struct timespec *ts)
{
	return (int)RET(SC(__NR_clock_settime, id, ts));
}

/* CLOCK_THREAD_CPUTIME_ID can't be slept on: the sleeper uses none. */
int clock_nanosleep(clockid_t id, int flags, const struct timespec *want, struct timespec *left)
{
	if (id == CLOCK_THREAD_CPUTIME_ID)
		return EINVAL;
	return (int)-SCC(__NR_clock_nanosleep, id, flags, want, left);
}

int nanosleep(const struct timespec *want, struct timespec *left)
{
	return (int)RET(SCC(__NR_nanosleep, want, left));
}

unsigned int sleep(unsigned int seconds)
{
	struct timespec ts = { .tv_sec = seconds };

	return nanosleep(&ts, &ts) ? (unsigned int)ts.tv_sec : 0;
}

int usleep(unsigned int us)
{
	struct timespec ts = { .tv_sec = us / 1000000, .tv_nsec = us % 1000000 * 1000l };

	return nanosleep(&ts, NULL);
}

time_t time(time_t *out)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	if (out)
		*out = ts.tv_sec;
	return ts.tv_sec;
}

int gettimeofday(struct timeval *restrict tv, void *restrict zone)
{
	struct timespec ts;

	(void)zone;
	clock_gettime(CLOCK_REALTIME, &ts);
	tv->tv_sec = ts.tv_sec;
	tv->tv_usec = ts.tv_nsec / 1000;
	return 0;
}

int settimeofday(const struct timeval *tv, const struct timezone *zone)
{
	return (int)RET(SC(__NR_settimeofday, tv, zone));
}

int timespec_get(struct timespec *ts, int base)
{
	if (base != 1 || clock_gettime(CLOCK_REALTIME, ts))
		return 0;
	return base;
}

/* A process' clock: ~pid above three bits (all its threads, scheduled). */
int clock_getcpuclockid(pid_t pid, clockid_t *id)
{
	clockid_t clock = (clockid_t)(~(unsigned int)pid << 3 | 2);
	long raw = SC(__NR_clock_getres, clock, NULL);

	if (raw)
		return raw == -EINVAL ? ESRCH : (int)-raw;
	*id = clock;
	return 0;
}

int timespec_getres(struct timespec *ts, int base)
{
	if (base != TIME_UTC || (ts && clock_getres(CLOCK_REALTIME, ts)))
		return 0;
	return base;
}

int stime(const time_t *t)
{
	struct timespec ts = { .tv_sec = *t };

	return clock_settime(CLOCK_REALTIME, &ts);
}
