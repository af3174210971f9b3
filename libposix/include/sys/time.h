/*
 * sys/time.h - microsecond times and interval timers.
 */
#ifndef _SYS_TIME_H
#define _SYS_TIME_H

#include <features.h>
#include <sys/select.h>
#include <sys/types.h>
#include <uapi/time.h>

#ifdef __cplusplus
extern "C" {
#endif

#if __MISC_VISIBLE
#define timerisset(t) ((t)->tv_sec || (t)->tv_usec)
#define timerclear(t) ((void)((t)->tv_sec = (t)->tv_usec = 0))
#define timercmp(a, b, op) \
	((a)->tv_sec == (b)->tv_sec ? (a)->tv_usec op(b)->tv_usec : (a)->tv_sec op(b)->tv_sec)
#define timeradd(a, b, out)                                         \
	do {                                                        \
		(out)->tv_sec = (a)->tv_sec + (b)->tv_sec;          \
		(out)->tv_usec = (a)->tv_usec + (b)->tv_usec;       \
		if ((out)->tv_usec >= 1000000)                      \
			(out)->tv_sec++, (out)->tv_usec -= 1000000; \
	} while (0)
#define timersub(a, b, out)                                         \
	do {                                                        \
		(out)->tv_sec = (a)->tv_sec - (b)->tv_sec;          \
		(out)->tv_usec = (a)->tv_usec - (b)->tv_usec;       \
		if ((out)->tv_usec < 0)                             \
			(out)->tv_sec--, (out)->tv_usec += 1000000; \
	} while (0)
#define TIMEVAL_TO_TIMESPEC(tv, ts) \
	((void)((ts)->tv_sec = (tv)->tv_sec, (ts)->tv_nsec = (tv)->tv_usec * 1000))
#define TIMESPEC_TO_TIMEVAL(tv, ts) \
	((void)((tv)->tv_sec = (ts)->tv_sec, (tv)->tv_usec = (ts)->tv_nsec / 1000))
#endif

int gettimeofday(struct timeval *__restrict tv, void *__restrict zone);
#if __MISC_VISIBLE
int settimeofday(const struct timeval *tv, const struct timezone *zone);
int adjtime(const struct timeval *delta, struct timeval *old);
#endif
int getitimer(int which, struct itimerval *it);
int setitimer(int which, const struct itimerval *__restrict it, struct itimerval *__restrict old);
int utimes(const char *path, const struct timeval times[2]);
#if __MISC_VISIBLE
int lutimes(const char *path, const struct timeval times[2]);
int futimes(int fd, const struct timeval times[2]);
int futimesat(int dir, const char *path, const struct timeval times[2]);
#endif

#ifdef __cplusplus
}
#endif

#endif
