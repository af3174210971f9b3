/*
 * time.h - clocks, timers, sleeping, and the calendar (C11 7.27, POSIX).
 */
#ifndef _TIME_H
#define _TIME_H

#include <features.h>

#define __want_size_t
#define __want_time_t
#define __want_clock_t
#define __want_clockid_t
#define __want_timer_t
#define __want_pid_t
#define __want_locale_t
#define __want_NULL
#include <bits/alltypes.h>

#include <uapi/time.h>

#define CLOCKS_PER_SEC 1000000l
#define TIME_UTC       1

struct tm {
	int tm_sec;
	int tm_min;
	int tm_hour;
	int tm_mday;
	int tm_mon;
	int tm_year;
	int tm_wday;
	int tm_yday;
	int tm_isdst;
	long tm_gmtoff;
	const char *tm_zone;
};

__BEGIN_DECLS

clock_t clock(void);
time_t time(time_t *__out);
double difftime(time_t __a, time_t __b);
time_t mktime(struct tm *__tm);
size_t strftime(char *__restrict __dst, size_t __size, const char *__restrict __fmt,
		const struct tm *__restrict __tm) __STRFTIME(3);
struct tm *gmtime(const time_t *__t);
struct tm *localtime(const time_t *__t);
char *asctime(const struct tm *__tm);
char *ctime(const time_t *__t);
int timespec_get(struct timespec *__ts, int __base);
#if __MISC_VISIBLE || __POSIX_VISIBLE >= 202405
int timespec_getres(struct timespec *__ts, int __base);
#endif

#if __POSIX_VISIBLE
struct sigevent;

size_t strftime_l(char *__restrict __dst, size_t __size, const char *__restrict __fmt,
		  const struct tm *__restrict __tm, locale_t __loc) __STRFTIME(3);
struct tm *gmtime_r(const time_t *__restrict __t, struct tm *__restrict __tm);
struct tm *localtime_r(const time_t *__restrict __t, struct tm *__restrict __tm);
char *asctime_r(const struct tm *__restrict __tm, char *__restrict __buf);
char *ctime_r(const time_t *__t, char *__buf);
void tzset(void);
extern char *tzname[2];
#if __MISC_VISIBLE || __POSIX_VISIBLE >= 202405
time_t timegm(struct tm *__tm);
#endif

int nanosleep(const struct timespec *__want, struct timespec *__left);
int clock_getres(clockid_t __id, struct timespec *__ts);
int clock_gettime(clockid_t __id, struct timespec *__ts);
int clock_settime(clockid_t __id, const struct timespec *__ts);
int clock_nanosleep(clockid_t __id, int __flags, const struct timespec *__want,
		    struct timespec *__left);
int clock_getcpuclockid(pid_t __pid, clockid_t *__id);
int timer_create(clockid_t __id, struct sigevent *__restrict __ev, timer_t *__restrict __timer);
int timer_delete(timer_t __timer);
int timer_settime(timer_t __timer, int __flags, const struct itimerspec *__restrict __new,
		  struct itimerspec *__restrict __old);
int timer_gettime(timer_t __timer, struct itimerspec *__cur);
int timer_getoverrun(timer_t __timer);
#endif

#if __XSI_VISIBLE || __MISC_VISIBLE
char *strptime(const char *__restrict __s, const char *__restrict __fmt,
	       struct tm *__restrict __tm);
extern int daylight;
extern long timezone;
extern int getdate_err;
struct tm *getdate(const char *__s);
#endif

#if __MISC_VISIBLE
int stime(const time_t *__t);
time_t timelocal(struct tm *__tm);
#endif

__END_DECLS

#endif
