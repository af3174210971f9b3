/*
 * when.c - a time in words: date -d, touch -d, find -newermt.
 */
#include "common.h"

#include <ctype.h>
#include <err.h>
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* What is added to a time, as its words say. */
struct step {
	long long seconds, days, months, years;
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

static _Noreturn void no_time(const char *text)
{
	errx(1, "%s: no time", text);
}

/* A unit of time, n of them. */
static bool unit_of(const char **s, long long n, struct step *out)
{
	static const struct unit {
		const char *name;
		size_t least, offset;
		int times;
	} units[] = {
		{ "second", 3, offsetof(struct step, seconds), 1 },
		{ "minute", 3, offsetof(struct step, seconds), 60 },
		{ "hour", 4, offsetof(struct step, seconds), 3600 },
		{ "day", 3, offsetof(struct step, days), 1 },
		{ "week", 4, offsetof(struct step, days), 7 },
		{ "fortnight", 9, offsetof(struct step, days), 14 },
		{ "month", 5, offsetof(struct step, months), 1 },
		{ "year", 4, offsetof(struct step, years), 1 },
	};

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		const char *from = *s;
		long long *sum = (long long *)((char *)out + units[i].offset);

		if (!takes(s, units[i].name, units[i].least))
			continue;
		if (__builtin_mul_overflow(n, units[i].times, &n) ||
		    __builtin_add_overflow(*sum, n, sum))
			no_time(from);
		return true;
	}
	return false;
}

/* One of a date's numbers and what is added. */
static void advance(int *field, long long by, const char *text)
{
	if (__builtin_add_overflow(*field, by, field))
		no_time(text);
}

/* "@SECONDS", with a fraction. */
static struct timespec since_1970(const char *text)
{
	struct timespec t = { 0 };
	long digit = 100000000;
	char *at;

	if (!isdigit((unsigned char)text[1 + (text[1] == '-' || text[1] == '+')]))
		no_time(text);
	errno = 0;
	t.tv_sec = strtoll(text + 1, &at, 10);
	if (errno)
		no_time(text);
	if (*at == '.' || *at == ',')
		for (at++; isdigit((unsigned char)*at); at++, digit /= 10)
			t.tv_nsec += (*at - '0') * digit;
	if (*at)
		no_time(text);
	if (text[1] == '-' && t.tv_nsec) {
		if (__builtin_sub_overflow(t.tv_sec, 1, &t.tv_sec))
			no_time(text);
		t.tv_nsec = 1000000000 - t.tv_nsec;
	}
	return t;
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
		errno = 0;
		n = strtoll(from, &end, 10);
		if (errno)
			no_time(from);
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
	if (__builtin_add_overflow(out->seconds, one.seconds, &out->seconds) ||
	    __builtin_add_overflow(out->days, one.days, &out->days) ||
	    __builtin_add_overflow(out->months, one.months, &out->months) ||
	    __builtin_add_overflow(out->years, one.years, &out->years))
		no_time(*s);
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

	if (*s == '@')
		return since_1970(s);
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
			no_time(text);
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
	if (*s == 'Z' || !strncmp(s, "UTC", 3) || !strncmp(s, "GMT", 3)) {
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
			no_time(text);
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
	advance(&tm.tm_mday, step.days, text);
	advance(&tm.tm_mon, step.months, text);
	advance(&tm.tm_year, step.years, text);
	if (day) {
		tm.tm_isdst = -1;
		errno = 0;
		t.tv_sec = zulu ? timegm(&tm) : mktime(&tm);
		if (t.tv_sec == -1 && errno)
			no_time(text);
		t.tv_nsec = fraction;
	}
	if (__builtin_add_overflow(t.tv_sec, step.seconds, &t.tv_sec) ||
	    __builtin_add_overflow(t.tv_sec, offset, &t.tv_sec))
		no_time(text);
	return t;
}
