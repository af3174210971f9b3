/*
 * when.c - a time in words: date -d, touch -d, find -newermt.
 */
#include "common.h"

#include <ctype.h>
#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* What is added to a time, as its words say. */
struct step {
	long long seconds;
	int days, months, years;
	int weekday; /* -1: none; 0 to 6: the next such day, that one included, and `weeks` more */
	int weeks;
};

static const char *const days[] = { "sunday",	"monday", "tuesday", "wednesday",
				    "thursday", "friday", "saturday" };

/* Whether the text begins with the word, whole or (from `least` letters on) cut short; it is moved behind it. */
static bool takes(const char **s, const char *word, size_t least)
{
	size_t n = 0, want = strlen(word);

	while (isalpha((unsigned char)(*s)[n]))
		n++;
	if (n && (*s)[n - 1] == 's' && n == want + 1 && !strncasecmp(*s, word, want)) {
		*s += n;
		return true;
	}
	if (n < least || n > want || strncasecmp(*s, word, n) || (n != want && n != least))
		return false;
	*s += n;
	return true;
}

/* A unit of time, n of them. */
static bool unit_of(const char **s, long long n, struct step *out)
{
	if (takes(s, "second", 3)) {
		out->seconds += n;
	} else if (takes(s, "minute", 3)) {
		out->seconds += 60 * n;
	} else if (takes(s, "hour", 4)) {
		out->seconds += 3600 * n;
	} else if (takes(s, "day", 3)) {
		out->days += (int)n;
	} else if (takes(s, "week", 4)) {
		out->days += 7 * (int)n;
	} else if (takes(s, "fortnight", 9)) {
		out->days += 14 * (int)n;
	} else if (takes(s, "month", 5)) {
		out->months += (int)n;
	} else if (takes(s, "year", 4)) {
		out->years += (int)n;
	} else {
		return false;
	}
	return true;
}

/* "+3 days", "2 hours ago", "next week", "last monday", "friday". */
static bool relative(const char **s, struct step *out)
{
	const char *from = *s + (**s == '+' || **s == '-'), *at;
	struct step one = { .weekday = -1 };
	long long n = 1, sign = **s == '-' ? -1 : 1;
	int which = 0;
	char *end;

	from += strspn(from, " ");
	if (isdigit((unsigned char)*from)) {
		n = strtoll(from, &end, 10);
		from = end + strspn(end, " ");
	} else if (takes(&from, "next", 4)) {
		which = 1;
	} else if (takes(&from, "last", 4)) {
		which = -1;
		n = -1;
	} else if (takes(&from, "this", 4)) {
		n = 0;
	}
	from += strspn(from, " ");
	for (int i = 0; i < 7; i++) {
		if (!takes(&from, days[i], 3))
			continue;
		out->weekday = i;
		out->weeks = which;
		*s = from + strspn(from, " ,");
		return true;
	}
	if (!unit_of(&from, n * sign, &one))
		return false;
	at = from + strspn(from, " ");
	if (takes(&at, "ago", 3)) {
		one.seconds = -one.seconds;
		one.days = -one.days;
		one.months = -one.months;
		one.years = -one.years;
		from = at;
	}
	out->seconds += one.seconds;
	out->days += one.days;
	out->months += one.months;
	out->years += one.years;
	*s = from + strspn(from, " ");
	return true;
}

/* "noon", "5pm", "10:30 am": the hour set right; false: the text is none of that. */
static bool half_day(const char **s, struct tm *tm)
{
	const char *at = *s + strspn(*s, " ");
	bool pm;

	if (!takes(&at, "am", 2) && !takes(&at, "pm", 2))
		return false;
	pm = tolower((unsigned char)at[-2]) == 'p';
	if (tm->tm_hour < 1 || tm->tm_hour > 12)
		return false;
	tm->tm_hour = tm->tm_hour % 12 + 12 * pm;
	*s = at;
	return true;
}

/* Whether it is a day that there is. */
static bool real_day(const struct tm *tm)
{
	struct tm copy = *tm;

	copy.tm_hour = 12;
	copy.tm_min = copy.tm_sec = 0;
	timegm(&copy);
	return copy.tm_mday == tm->tm_mday && copy.tm_mon == tm->tm_mon;
}

struct timespec when_is(const char *text, bool utc)
{
	static const char *const forms[] = { "%Y-%m-%d",
					     "%Y/%m/%d",
					     "%m/%d/%Y",
					     "%d %b %Y",
					     "%b %d %Y",
					     "%b %d, %Y",
					     "%a, %d %b %Y",
					     "%a %b %d %H:%M:%S %Y",
					     "%a %b %d %H:%M:%S UTC %Y",
					     "%Y%m%d" };
	struct timespec t = { .tv_sec = time(NULL) };
	const char *s = text, *end = NULL;
	struct step step = { .weekday = -1 };
	long long offset = 0;
	long fraction = 0;
	bool day = false, dated, timed = false, zulu = utc;
	struct tm tm, hour;

	if (*s == '@') {
		char *rest;
		double v = strtod(s + 1, &rest);

		if (rest == s + 1 || *rest || strpbrk(s, "eExX"))
			errx(1, "%s: no time", text);
		t.tv_sec = (time_t)v;
		t.tv_nsec = (long)((v - (double)t.tv_sec) * 1e9);
		return t;
	}
	if (utc)
		gmtime_r(&t.tv_sec, &tm);
	else
		localtime_r(&t.tv_sec, &tm);
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]) && !day; i++) {
		struct tm try = { 0 };

		end = strptime(s, forms[i], &try);
		if (end && isdigit((unsigned char)*end) && end[-1] != ' ')
			end = NULL;
		if (end && !real_day(&try))
			errx(1, "%s: no time", text);
		if (end) {
			tm = try;
			day = true;
			s = end + (*end == 'T' && isdigit((unsigned char)end[1]));
			s += strspn(s, " ");
		}
	}
	dated = day;
	hour = tm;
	end = strptime(s, "%H:%M:%S", &hour);
	if (!end) {
		hour = tm;
		end = strptime(s, "%H:%M", &hour);
		hour.tm_sec = 0;
	}
	if (end) {
		half_day(&end, &hour);
	} else {
		hour = tm;
		end = strptime(s, "%H", &hour);
		hour.tm_min = hour.tm_sec = 0;
		if (end && !half_day(&end, &hour))
			end = NULL;
	}
	if (end) {
		tm = hour;
		timed = true;
	}
	if (end) {
		s = end + strspn(end, " ");
		day = true;
	}
	if (end && (*s == '.' || *s == ',') && isdigit((unsigned char)s[1])) {
		long digit = 100000000;

		for (s++; isdigit((unsigned char)*s); s++, digit /= 10)
			fraction += (*s - '0') * digit;
		s += strspn(s, " ");
	}
	if (*s == 'Z' || !strncmp(s, "UTC", 3)) {
		zulu = true;
		s += *s == 'Z' ? 1 : 3;
	} else if (timed && (*s == '+' || *s == '-') && isdigit((unsigned char)s[1])) {
		/* +2, +02, +0200, +02:00 */
		int digits = (int)strspn(s + 1, "0123456789"), zone = atoi(s + 1);

		if (digits <= 2 && s[1 + digits] == ':' && isdigit((unsigned char)s[2 + digits])) {
			zone = zone * 60 + atoi(s + 2 + digits);
			digits += 1 + (int)strspn(s + 2 + digits, "0123456789");
		} else {
			zone = digits <= 2 ? zone * 60 : zone / 100 * 60 + zone % 100;
		}
		offset = (*s == '+' ? -60 : 60) * zone;
		zulu = true;
		s += 1 + digits;
	}
	s += strspn(s, " ");
	while (*s) {
		if (takes(&s, "now", 3) || takes(&s, "today", 5)) {
			;
		} else if (takes(&s, "yesterday", 9)) {
			step.days--;
		} else if (takes(&s, "tomorrow", 8)) {
			step.days++;
		} else if (takes(&s, "noon", 4) || takes(&s, "midnight", 8)) {
			tm.tm_hour = tolower((unsigned char)s[-1]) == 'n' ? 12 : 0;
			tm.tm_min = tm.tm_sec = 0;
			day = true;
		} else if (!relative(&s, &step)) {
			errx(1, "%s: no time", text);
		}
		s += strspn(s, " ");
	}
	tm.tm_isdst = -1;
	if (step.weekday >= 0 && !dated) {
		if (!day)
			tm.tm_hour = tm.tm_min = tm.tm_sec = 0;
		(void)(zulu ? timegm(&tm) : mktime(&tm));
		tm.tm_mday += (step.weekday - tm.tm_wday + 7) % 7 + 7 * step.weeks;
		if (step.weeks > 0 && step.weekday != tm.tm_wday)
			tm.tm_mday -= 7;
		day = true;
	}
	if (step.days || step.months || step.years)
		day = true;
	else if (!day && step.seconds == 0 && !offset)
		return t;
	tm.tm_mday += step.days;
	tm.tm_mon += step.months;
	tm.tm_year += step.years;
	if (day) {
		tm.tm_isdst = -1;
		t.tv_sec = zulu ? timegm(&tm) : mktime(&tm);
		t.tv_nsec = fraction;
	}
	t.tv_sec += offset + step.seconds;
	return t;
}
