/*
 * civil.h - days and dates of the proleptic Gregorian calendar, and time zones.
 */
#ifndef LIBPOSIX_CIVIL_H
#define LIBPOSIX_CIVIL_H

#include <time.h>

static inline long __floor_div(long a, long b)
{
	return a / b - (a % b < 0);
}

static inline int __leap(long year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

/* Days from 1970-01-01 to the first of January of `year`. */
static inline long __days_to_year(long year)
{
	long y = year - 1;

	return 365 * (year - 1970) + (__floor_div(y, 4) - 492) - (__floor_div(y, 100) - 19) +
	       (__floor_div(y, 400) - 4);
}

/* Days of the year before month 0..11. */
int __month_start(int month, int leap);

/* The fields of a time that is `offset` seconds ahead of UTC; 0, or -1 with EOVERFLOW. */
int __civil(time_t t, long offset, struct tm *tm);

/* Seconds since 1970 of the fields as if they were UTC's; fields may be out of range. */
time_t __seconds(const struct tm *tm);

/* What local time is at t. */
struct local {
	long offset;
	int dst;
	const char *name;
};

void __local_at(time_t t, struct local *out);
/* The other of standard and daylight saving time nearest to t; 0 when there is none. */
int __local_other(time_t t, int dst, struct local *out);
void __tz_load(void);

#endif
