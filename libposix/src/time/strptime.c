/*
 * strptime.c - dates from text (POSIX strptime), getdate.
 */
#include "civil.h"

#include <ctype.h>
#include <langinfo.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* What can only be settled when all is read. */
struct partial {
	int century, year2; /* -1: not given */
	int pm; /* 0 am, 1 pm, -1: not given */
	int hour12;
	int has_year, has_month, has_mday, has_yday, has_wday;
	int week, week_from; /* %U (0) and %W (1); -1 */
};

/* Digits, `max` of them, between low and high; a sign where `is_signed`. */
static const char *number(const char *s, int max, long low, long high, long *out)
{
	long n = 0;
	int negative = 0, any = 0;

	while (isspace((unsigned char)*s))
		s++;
	if (low < 0 && (*s == '-' || *s == '+'))
		negative = *s++ == '-';
	for (; max && isdigit((unsigned char)*s); max--, any = 1)
		n = n * 10 + *s++ - '0';
	if (negative)
		n = -n;
	if (!any || n < low || n > high)
		return NULL;
	*out = n;
	return s;
}

/* One of `count` words from item `full` on, or their short forms from `brief` on. */
static const char *word(const char *s, nl_item full, nl_item brief, int count, int *out)
{
	for (int i = 0; i < 2 * count; i++) {
		const char *w = nl_langinfo(i < count ? full + i : brief + i - count);
		size_t n = strlen(w);

		if (n && !strncasecmp(s, w, n)) {
			*out = i % count;
			return s + n;
		}
	}
	return NULL;
}

/* Z, +hh, +hhmm, +hh:mm. */
static const char *offset(const char *s, struct tm *tm)
{
	long hours, minutes = 0;
	int sign;

	while (isspace((unsigned char)*s))
		s++;
	if (*s == 'Z') {
		tm->tm_gmtoff = 0;
		return s + 1;
	}
	if (*s != '+' && *s != '-')
		return NULL;
	sign = *s++ == '-' ? -1 : 1;
	if (!isdigit((unsigned char)s[0]) || !isdigit((unsigned char)s[1]))
		return NULL;
	hours = (s[0] - '0') * 10 + s[1] - '0';
	s += 2;
	if (*s == ':')
		s++;
	if (isdigit((unsigned char)s[0]) && isdigit((unsigned char)s[1])) {
		minutes = (s[0] - '0') * 10 + s[1] - '0';
		s += 2;
	}
	if (minutes > 59)
		return NULL;
	tm->tm_gmtoff = sign * (hours * 3600 + minutes * 60);
	return s;
}

static const char *zone(const char *s, struct tm *tm)
{
	tzset();
	for (int i = 0; i < 2; i++) {
		size_t n = strlen(tzname[i]);

		if (n && !strncmp(s, tzname[i], n)) {
			tm->tm_isdst = i;
			return s + n;
		}
	}
	while (isalpha((unsigned char)*s))
		s++;
	return s;
}

static const char *parse(const char *s, const char *fmt, struct tm *tm, struct partial *p);

static const char *field(const char *s, int max, long low, long high, int *out)
{
	long n;

	s = number(s, max, low, high, &n);
	if (s)
		*out = (int)n;
	return s;
}

static const char *convert(const char *s, char conv, int width, struct tm *tm, struct partial *p)
{
	long n;
	int i;

	switch (conv) {
	case 'a':
	case 'A':
		p->has_wday = 1;
		return word(s, DAY_1, ABDAY_1, 7, &tm->tm_wday);
	case 'b':
	case 'B':
	case 'h':
		p->has_month = 1;
		return word(s, MON_1, ABMON_1, 12, &tm->tm_mon);
	case 'c':
		return parse(s, "%a %b %e %H:%M:%S %Y", tm, p);
	case 'C':
		return field(s, width ? width : 2, 0, 99, &p->century);
	case 'd':
	case 'e':
		p->has_mday = 1;
		return field(s, 2, 1, 31, &tm->tm_mday);
	case 'D':
	case 'x':
		return parse(s, "%m/%d/%y", tm, p);
	case 'F':
		return parse(s, "%Y-%m-%d", tm, p);
	case 'g':
		return field(s, 2, 0, 99, &i);
	case 'G':
		return number(s, width ? width : 4, -999999, 999999, &n);
	case 'H':
	case 'k':
		p->pm = -1;
		p->hour12 = 0;
		return field(s, 2, 0, 23, &tm->tm_hour);
	case 'I':
	case 'l':
		s = field(s, 2, 1, 12, &tm->tm_hour);
		tm->tm_hour %= 12;
		p->hour12 = 1;
		return s;
	case 'j':
		p->has_yday = 1;
		s = field(s, 3, 1, 366, &tm->tm_yday);
		tm->tm_yday--;
		return s;
	case 'm':
		p->has_month = 1;
		s = field(s, 2, 1, 12, &tm->tm_mon);
		tm->tm_mon--;
		return s;
	case 'M':
		return field(s, 2, 0, 59, &tm->tm_min);
	case 'n':
	case 't':
		while (isspace((unsigned char)*s))
			s++;
		return s;
	case 'p':
	case 'P':
		return word(s, AM_STR, AM_STR, 2, &p->pm);
	case 'r':
		return parse(s, "%I:%M:%S %p", tm, p);
	case 'R':
		return parse(s, "%H:%M", tm, p);
	case 's': {
		time_t t;

		s = number(s, 20, -0x7fffffffffffffff, 0x7fffffffffffffff, &n);
		t = n;
		return s && localtime_r(&t, tm) ? s : NULL;
	}
	case 'S':
		return field(s, 2, 0, 60, &tm->tm_sec);
	case 'T':
	case 'X':
		return parse(s, "%H:%M:%S", tm, p);
	case 'u':
		p->has_wday = 1;
		s = field(s, 1, 1, 7, &tm->tm_wday);
		tm->tm_wday %= 7;
		return s;
	case 'U':
	case 'W':
		p->week_from = conv == 'W';
		return field(s, 2, 0, 53, &p->week);
	case 'V':
		return field(s, 2, 1, 53, &i);
	case 'w':
		p->has_wday = 1;
		return field(s, 1, 0, 6, &tm->tm_wday);
	case 'y':
		return field(s, 2, 0, 99, &p->year2);
	case 'Y':
		p->has_year = 1;
		p->century = p->year2 = -1;
		s = number(s, width ? width : 4, -999999999, 999999999, &n);
		tm->tm_year = s ? (int)(n - 1900) : 0;
		return s;
	case 'z':
		return offset(s, tm);
	case 'Z':
		return zone(s, tm);
	case '%':
		return *s == '%' ? s + 1 : NULL;
	default:
		return NULL;
	}
}

static const char *parse(const char *s, const char *fmt, struct tm *tm, struct partial *p)
{
	for (; *fmt && s; fmt++) {
		int width = 0;

		if (isspace((unsigned char)*fmt)) {
			while (isspace((unsigned char)*s))
				s++;
			continue;
		}
		if (*fmt != '%') {
			s = *s == *fmt ? s + 1 : NULL;
			continue;
		}
		fmt++;
		while (*fmt && strchr("_-^#+", *fmt))
			fmt++;
		while (isdigit((unsigned char)*fmt) && width < 1000)
			width = width * 10 + *fmt++ - '0';
		if (*fmt == 'E' || *fmt == 'O')
			fmt++;
		if (!*fmt)
			return NULL;
		s = convert(s, *fmt, width, tm, p);
	}
	return s;
}

/* Fields that follow from others. */
static void settle(struct tm *tm, struct partial *p)
{
	int leap;

	if (p->hour12 && p->pm > 0)
		tm->tm_hour += 12;
	if (p->year2 >= 0 || p->century >= 0) {
		int year2 = p->year2 >= 0 ? p->year2 : 0;

		tm->tm_year = p->century >= 0 ? p->century * 100 - 1900 + year2 :
						year2 + (year2 < 69 ? 100 : 0);
		p->has_year = 1;
	}
	leap = __leap(tm->tm_year + 1900l);
	if (p->week >= 0 && p->has_wday && !p->has_month && !p->has_yday) {
		long first = (__days_to_year(tm->tm_year + 1900l) + 4) % 7;
		int day = (tm->tm_wday + 7 - p->week_from) % 7;

		first = (first + 14 - p->week_from) % 7;
		tm->tm_yday = (int)((7 - first) % 7 + (p->week - 1) * 7 + day);
		p->has_yday = tm->tm_yday >= 0;
	}
	if (p->has_yday && !(p->has_month && p->has_mday)) {
		int month = 11;

		while (__month_start(month, leap) > tm->tm_yday)
			month--;
		tm->tm_mon = month;
		tm->tm_mday = tm->tm_yday - __month_start(month, leap) + 1;
		p->has_month = p->has_mday = 1;
	}
	if (p->has_month && p->has_mday) {
		if (!p->has_yday)
			tm->tm_yday = __month_start(tm->tm_mon, leap) + tm->tm_mday - 1;
		if (p->has_year && !p->has_wday) {
			long days = __days_to_year(tm->tm_year + 1900l) + tm->tm_yday + 4;

			tm->tm_wday = (int)(days - __floor_div(days, 7) * 7);
		}
	}
}

char *strptime(const char *restrict s, const char *restrict fmt, struct tm *restrict tm)
{
	struct partial p = { .century = -1, .year2 = -1, .pm = -1, .week = -1 };

	s = parse(s, fmt, tm, &p);
	if (s)
		settle(tm, &p);
	return (char *)s;
}

int getdate_err;

/* The formats stand in the file that DATEMSK names, one a line. */
struct tm *getdate(const char *s)
{
	static struct tm tm;
	const char *path = getenv("DATEMSK");
	time_t now = time(NULL);
	char line[128];
	FILE *f;

	getdate_err = 1;
	if (!path || !*path)
		return NULL;
	f = fopen(path, "re");
	getdate_err = 2;
	if (!f)
		return NULL;
	getdate_err = 7;
	while (fgets(line, sizeof(line), f)) {
		const char *end;

		line[strcspn(line, "\n")] = 0;
		localtime_r(&now, &tm);
		end = strptime(s, line, &tm);
		if (end && !*end) {
			tm.tm_isdst = -1;
			mktime(&tm);
			getdate_err = 0;
			break;
		}
	}
	fclose(f);
	return getdate_err ? NULL : &tm;
}
