/*
 * calendar.c - times into dates and back: gmtime, localtime, mktime, timegm, asctime,
 * ctime (C11 7.27).
 */
#include "civil.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

int __month_start(int month, int leap)
{
	static const short days[] = { 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334 };

	return days[month] + (leap && month > 1);
}

int __civil(time_t t, long offset, struct tm *tm)
{
	long days, secs, year, left;
	int month = 11, leap;

	if (t > (1l << 62) || t < -(1l << 62)) {
		errno = EOVERFLOW;
		return -1;
	}
	t += offset;
	days = __floor_div(t, 86400);
	secs = t - days * 86400;
	/* 400 years have 146,097 days: never more than one year off. */
	year = 1970 + __floor_div(days, 146097) * 400 +
	       (days - __floor_div(days, 146097) * 146097) * 400 / 146097;
	while (__days_to_year(year) > days)
		year--;
	while (__days_to_year(year + 1) <= days)
		year++;
	if (year - 1900 > INT_MAX || year - 1900 < INT_MIN) {
		errno = EOVERFLOW;
		return -1;
	}
	leap = __leap(year);
	left = days - __days_to_year(year);
	while (__month_start(month, leap) > left)
		month--;
	tm->tm_sec = (int)(secs % 60);
	tm->tm_min = (int)(secs / 60 % 60);
	tm->tm_hour = (int)(secs / 3600);
	tm->tm_mday = (int)(left - __month_start(month, leap)) + 1;
	tm->tm_mon = month;
	tm->tm_year = (int)(year - 1900);
	tm->tm_yday = (int)left;
	tm->tm_wday = (int)(days + 4 - __floor_div(days + 4, 7) * 7);
	tm->tm_gmtoff = offset;
	tm->tm_isdst = 0;
	return 0;
}

time_t __seconds(const struct tm *tm)
{
	long year = tm->tm_year + 1900l + __floor_div(tm->tm_mon, 12);
	int month = (int)(tm->tm_mon - 12 * __floor_div(tm->tm_mon, 12));
	long days = __days_to_year(year) + __month_start(month, __leap(year)) + tm->tm_mday - 1l;

	return days * 86400 + tm->tm_hour * 3600l + tm->tm_min * 60l + tm->tm_sec;
}

struct tm *gmtime_r(const time_t *restrict t, struct tm *restrict tm)
{
	if (__civil(*t, 0, tm))
		return NULL;
	tm->tm_zone = "UTC";
	return tm;
}

static struct tm shared;

struct tm *gmtime(const time_t *t)
{
	return gmtime_r(t, &shared);
}

struct tm *localtime_r(const time_t *restrict t, struct tm *restrict tm)
{
	struct local here;

	__local_at(*t, &here);
	if (__civil(*t, here.offset, tm))
		return NULL;
	tm->tm_isdst = here.dst;
	tm->tm_zone = here.name;
	return tm;
}

struct tm *localtime(const time_t *t)
{
	tzset();
	return localtime_r(t, &shared);
}

/* Fields out of their range are carried over, and *tm is made regular. */
time_t timegm(struct tm *tm)
{
	time_t t = __seconds(tm);

	return gmtime_r(&t, tm) ? t : -1;
}

/*
 * The offset depends on the result, so it is guessed twice. In the hour that a change
 * leaves out, or gives twice, tm_isdst decides; without it, the offset before the change.
 */
time_t mktime(struct tm *tm)
{
	time_t wall = __seconds(tm), t;
	struct local here, other;
	struct tm made;

	tzset();
	__local_at(wall, &here);
	t = wall - here.offset;
	__local_at(t, &here);
	if (wall - here.offset != t) {
		t = wall - here.offset;
		__local_at(t, &other);
		if (other.offset != here.offset) {
			/* A time that the clock skipped. */
			t = wall - (other.offset < here.offset ? other.offset : here.offset);
			__local_at(t, &here);
		}
	}
	if (tm->tm_isdst >= 0 && !!tm->tm_isdst != here.dst &&
	    __local_other(t, !!tm->tm_isdst, &other)) {
		t = wall - other.offset;
		__local_at(t, &here);
	}
	if (!localtime_r(&t, &made))
		return -1;
	*tm = made;
	return t;
}

time_t timelocal(struct tm *tm)
{
	return mktime(tm);
}

double difftime(time_t a, time_t b)
{
	return (double)(a - b);
}

char *asctime_r(const struct tm *restrict tm, char *restrict buf)
{
	static const char days[] = "SunMonTueWedThuFriSat";
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	unsigned int d = (unsigned int)tm->tm_wday, m = (unsigned int)tm->tm_mon;
	int n = snprintf(buf, 26, "%.3s %.3s%3d %.2d:%.2d:%.2d %ld\n", d < 7 ? days + 3 * d : "???",
			 m < 12 ? months + 3 * m : "???", tm->tm_mday, tm->tm_hour, tm->tm_min,
			 tm->tm_sec, 1900l + tm->tm_year);

	if (n < 26)
		return buf;
	errno = EOVERFLOW;
	return NULL;
}

char *asctime(const struct tm *tm)
{
	static char buf[26];

	return asctime_r(tm, buf);
}

char *ctime_r(const time_t *t, char *buf)
{
	struct tm tm;

	return localtime_r(t, &tm) ? asctime_r(&tm, buf) : NULL;
}

char *ctime(const time_t *t)
{
	struct tm *tm = localtime(t);

	return tm ? asctime(tm) : NULL;
}
