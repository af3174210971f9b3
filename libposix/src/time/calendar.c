/*
 * calendar.c - gmtime(3), timegm(3), strftime(3) for the proleptic Gregorian
 * calendar. The only time zone is UTC, so localtime is gmtime. Years are
 * counted from March, which puts the leap day last.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define DAYS_400Y	   146097l
#define DAYS_TO_2000_03_01 11017l /* from 1970-01-01 */

static long floor_div(long a, long b)
{
	return a / b - (a % b < 0);
}

struct tm *gmtime_r(const time_t *restrict t, struct tm *restrict tm)
{
	long days = floor_div(*t, 86400);
	long secs = *t - days * 86400;
	long d = days - DAYS_TO_2000_03_01;
	long era = floor_div(d, DAYS_400Y);
	long doe = d - era * DAYS_400Y;
	long yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	long doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	long mon = (5 * doy + 2) / 153; /* 0 is March */
	long year = 2000 + era * 400 + yoe + (mon >= 10);
	int leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	if (year - 1900 > INT_MAX || year - 1900 < INT_MIN) {
		errno = EOVERFLOW;
		return NULL;
	}
	memset(tm, 0, sizeof(*tm));
	tm->tm_sec = (int)(secs % 60);
	tm->tm_min = (int)(secs / 60 % 60);
	tm->tm_hour = (int)(secs / 3600);
	tm->tm_mday = (int)(doy - (153 * mon + 2) / 5 + 1);
	tm->tm_mon = (int)(mon >= 10 ? mon - 10 : mon + 2);
	tm->tm_year = (int)(year - 1900);
	tm->tm_yday = (int)(mon >= 10 ? doy - 306 : doy + 59 + leap);
	tm->tm_wday = (int)(days + 4 - floor_div(days + 4, 7) * 7);
	tm->tm_zone = "UTC";
	return tm;
}

struct tm *gmtime(const time_t *t)
{
	static struct tm tm;

	return gmtime_r(t, &tm);
}

struct tm *localtime_r(const time_t *restrict t, struct tm *restrict tm)
{
	return gmtime_r(t, tm);
}

struct tm *localtime(const time_t *t)
{
	return gmtime(t);
}

/* Fields out of their range are carried over, and *tm is made regular. */
time_t timegm(struct tm *tm)
{
	long mon = tm->tm_mon - 2l;
	long year = tm->tm_year + 1900l + floor_div(mon, 12);
	long era = floor_div(year, 400);
	long yoe = year - era * 400;
	long doy, doe;
	time_t t;

	mon -= floor_div(mon, 12) * 12;
	doy = (153 * mon + 2) / 5 + tm->tm_mday - 1;
	doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
	t = (era - 5) * DAYS_400Y + doe + DAYS_TO_2000_03_01;
	t = t * 86400 + tm->tm_hour * 3600l + tm->tm_min * 60l + tm->tm_sec;
	gmtime_r(&t, tm);
	return t;
}

time_t mktime(struct tm *tm)
{
	return timegm(tm);
}

static const char days[7][10] = { "Sunday",   "Monday", "Tuesday", "Wednesday",
				  "Thursday", "Friday", "Saturday" };
static const char months[12][10] = { "January",	  "February", "March",	  "April",
				     "May",	  "June",     "July",	  "August",
				     "September", "October",  "November", "December" };

/* One conversion into `out`; how long it is, or -1 for an unknown letter. */
static int convert(char *out, size_t size, char c, const struct tm *tm)
{
	switch (c) {
	case 'Y':
		return snprintf(out, size, "%d", tm->tm_year + 1900);
	case 'y':
		return snprintf(out, size, "%02d", (tm->tm_year % 100 + 100) % 100);
	case 'm':
		return snprintf(out, size, "%02d", tm->tm_mon + 1);
	case 'd':
		return snprintf(out, size, "%02d", tm->tm_mday);
	case 'e':
		return snprintf(out, size, "%2d", tm->tm_mday);
	case 'H':
		return snprintf(out, size, "%02d", tm->tm_hour);
	case 'I':
		return snprintf(out, size, "%02d", (tm->tm_hour + 11) % 12 + 1);
	case 'M':
		return snprintf(out, size, "%02d", tm->tm_min);
	case 'S':
		return snprintf(out, size, "%02d", tm->tm_sec);
	case 'p':
		return snprintf(out, size, "%s", tm->tm_hour < 12 ? "AM" : "PM");
	case 'j':
		return snprintf(out, size, "%03d", tm->tm_yday + 1);
	case 'a':
		return snprintf(out, size, "%.3s", days[tm->tm_wday % 7]);
	case 'A':
		return snprintf(out, size, "%s", days[tm->tm_wday % 7]);
	case 'b':
	case 'h':
		return snprintf(out, size, "%.3s", months[tm->tm_mon % 12]);
	case 'B':
		return snprintf(out, size, "%s", months[tm->tm_mon % 12]);
	case 'F':
		return snprintf(out, size, "%d-%02d-%02d", tm->tm_year + 1900, tm->tm_mon + 1,
				tm->tm_mday);
	case 'T':
		return snprintf(out, size, "%02d:%02d:%02d", tm->tm_hour, tm->tm_min, tm->tm_sec);
	case 'R':
		return snprintf(out, size, "%02d:%02d", tm->tm_hour, tm->tm_min);
	case 's':
		return snprintf(out, size, "%ld",
				(long)timegm(&(struct tm){ .tm_year = tm->tm_year,
							   .tm_mon = tm->tm_mon,
							   .tm_mday = tm->tm_mday,
							   .tm_hour = tm->tm_hour,
							   .tm_min = tm->tm_min,
							   .tm_sec = tm->tm_sec }));
	case 'z':
		return snprintf(out, size, "+0000");
	case 'Z':
		return snprintf(out, size, "UTC");
	case 'n':
		return snprintf(out, size, "\n");
	case 't':
		return snprintf(out, size, "\t");
	case '%':
		return snprintf(out, size, "%%");
	default:
		return -1;
	}
}

/* 0 when the text does not fit, or has a conversion this library lacks. */
size_t strftime(char *restrict dst, size_t size, const char *restrict fmt,
		const struct tm *restrict tm)
{
	size_t n = 0;

	for (; *fmt; fmt++) {
		char one[32] = { *fmt };
		int len = 1;

		if (*fmt == '%')
			len = convert(one, sizeof(one), *++fmt, tm);
		if (len < 0 || n + (size_t)len + 1 > size)
			return 0;
		memcpy(dst + n, one, (size_t)len);
		n += (size_t)len;
	}
	if (n < size)
		dst[n] = 0;
	return n;
}
