/*
 * date - the time, in any form; setting it (XCU date).
 */
#include "common/common.h"

#include <ctype.h>
#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char help[] =
	"usage: date [-u] [-R | -I[date|seconds|ns]] [-d TIME | -r FILE] [+FORMAT]\n"
	"       date [-u] -s TIME\n"
	"Print the time as strftime(3)'s FORMAT says (%N: nanoseconds).\n"
	"  -u       in UTC\n"
	"  -R, -I   as mail has it; as ISO 8601 has it\n"
	"  -d TIME  that time: @SECONDS, YYYY-MM-DD[ hh:mm[:ss]][Z], hh:mm, now, today, yesterday, tomorrow,\n"
	"           and +N or -N seconds, minutes, hours, days, weeks behind\n"
	"  -r FILE  when the file was changed\n"
	"  -s TIME  set the clock\n";

static bool utc;

/* "+3 days", "2 hours ago": seconds, the text moved behind it. */
static bool relative(const char **s, long long *out)
{
	static const struct {
		const char *name;
		long long seconds;
	} units[] = {
		{ "sec", 1 }, { "min", 60 }, { "hour", 3600 }, { "day", 86400 }, { "week", 604800 }
	};
	const char *from = *s + (**s == '+' || **s == '-');
	char *end;
	long long n;

	from += strspn(from, " ");
	n = strtoll(from, &end, 10);
	if (end == from)
		return false;
	if (**s == '-')
		n = -n;
	end += strspn(end, " ");
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (strncmp(end, units[i].name, strlen(units[i].name)))
			continue;
		while (isalpha((unsigned char)*end))
			end++;
		end += strspn(end, " ");
		if (!strncmp(end, "ago", 3)) {
			n = -n;
			end += 3;
		}
		*out += n * units[i].seconds;
		*s = end + strspn(end, " ");
		return true;
	}
	return false;
}

static struct timespec parse(const char *text)
{
	static const char *const forms[] = { "%Y-%m-%d", "%Y/%m/%d", "%d %b %Y", "%b %d %Y",
					     "%a %b %d %H:%M:%S %Y" };
	struct timespec t = { .tv_sec = time(NULL) };
	const char *s = text, *end = NULL;
	long long offset = 0;
	bool day = false, zulu = utc;
	struct tm tm;

	if (*s == '@') {
		char *rest;
		double v = strtod(s + 1, &rest);

		if (rest == s + 1 || *rest)
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
		if (end) {
			tm = try;
			day = true;
			s = end + (*end == 'T' && isdigit((unsigned char)end[1]));
			s += strspn(s, " ");
		}
	}
	end = strptime(s, "%H:%M:%S", &tm);
	if (!end) {
		end = strptime(s, "%H:%M", &tm);
		if (end)
			tm.tm_sec = 0;
	}
	if (end) {
		s = end + strspn(end, " ");
		day = true;
	}
	if (*s == 'Z' || !strncmp(s, "UTC", 3)) {
		zulu = true;
		s += *s == 'Z' ? 1 : 3;
	} else if (day && (*s == '+' || *s == '-') && isdigit((unsigned char)s[1]) &&
		   isdigit((unsigned char)s[2]) && (isdigit((unsigned char)s[3]) || s[3] == ':')) {
		int hours = (s[1] - '0') * 10 + s[2] - '0';
		const char *m = s + 3 + (s[3] == ':');
		int minutes = (m[0] - '0') * 10 + m[1] - '0';

		offset = (*s == '+' ? -1 : 1) * (hours * 3600 + minutes * 60);
		zulu = true;
		s = m + 2;
	}
	s += strspn(s, " ");
	while (*s) {
		if (!strncmp(s, "now", 3) || !strncmp(s, "today", 5)) {
			s += *s == 'n' ? 3 : 5;
		} else if (!strncmp(s, "yesterday", 9)) {
			offset -= 86400;
			s += 9;
		} else if (!strncmp(s, "tomorrow", 8)) {
			offset += 86400;
			s += 8;
		} else if (!relative(&s, &offset)) {
			errx(1, "%s: no time", text);
		}
		s += strspn(s, " ");
	}
	tm.tm_isdst = -1;
	if (day)
		t.tv_sec = zulu ? timegm(&tm) : mktime(&tm);
	t.tv_sec += offset;
	return t;
}

/* strftime, and %N. */
static void show(const char *format, const struct timespec *t)
{
	char *f = need(malloc(strlen(format) * 9 + 2)), *p = f, text[4096];
	struct tm tm;

	for (const char *s = format; *s; s++) {
		if (*s == '%' && s[1] == 'N') {
			p += sprintf(p, "%09ld", t->tv_nsec);
			s++;
		} else if (*s == '%' && isdigit((unsigned char)s[1]) && s[2] == 'N') {
			int width = s[1] - '0';

			p += sprintf(p, "%09ld", t->tv_nsec) - 9 + width;
			s += 2;
		} else if (*s == '%' && s[1] == ':' && s[2] == 'z') {
			struct tm z;

			localtime_r(&t->tv_sec, &z);
			if (utc)
				z.tm_gmtoff = 0;
			p += sprintf(p, "%c%02ld:%02ld", z.tm_gmtoff < 0 ? '-' : '+',
				     labs(z.tm_gmtoff) / 3600, labs(z.tm_gmtoff) / 60 % 60);
			s += 2;
		} else if (*s == '%' && s[1]) {
			*p++ = *s++;
			*p++ = *s;
		} else {
			*p++ = *s;
		}
	}
	*p = 0;
	if (utc)
		gmtime_r(&t->tv_sec, &tm);
	else
		localtime_r(&t->tv_sec, &tm);
	if (utc)
		tm.tm_zone = "UTC";
	text[0] = 0;
	if (*f)
		strftime(text, sizeof(text), f, &tm);
	puts(text);
	free(f);
}

int main(int argc, char **argv)
{
	const char *format = "%a %b %e %H:%M:%S %Z %Y", *when = NULL, *set = NULL;
	struct timespec t;
	struct stat st;
	int opt;

	help_option(argc, argv, help);
	clock_gettime(CLOCK_REALTIME, &t);
	while ((opt = getopt(argc, argv, "uRI::d:r:s:")) != -1) {
		switch (opt) {
		case 'u':
			utc = true;
			break;
		case 'R':
			format = "%a, %d %b %Y %H:%M:%S %z";
			break;
		case 'I':
			format = !optarg || *optarg == 'd' ? "%Y-%m-%d" :
				 *optarg == 's'		   ? "%Y-%m-%dT%H:%M:%S%:z" :
							     "%Y-%m-%dT%H:%M:%S,%N%:z";
			break;
		case 'd':
			when = optarg;
			break;
		case 'r':
			if (stat(optarg, &st))
				err(1, "%s", optarg);
			t = st.st_mtim;
			break;
		case 's':
			set = optarg;
			break;
		default:
			usage(help, 1);
		}
	}
	if (utc)
		setenv("TZ", "UTC0", 1);
	tzset();
	if (when)
		t = parse(when);
	if (set) {
		t = parse(set);
		if (clock_settime(CLOCK_REALTIME, &t))
			err(1, "the clock");
	}
	if (optind < argc) {
		if (argv[optind][0] != '+')
			errx(1, "%s: no format", argv[optind]);
		format = argv[optind] + 1;
	}
	show(format, &t);
	return finish(0);
}
