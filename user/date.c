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
	"usage: date [-u] [-R | -I[date|seconds|ns]] [-d TIME | -f FILE | -r FILE] [+FORMAT]\n"
	"       date [-u] -s TIME\n"
	"Print the time as strftime(3)'s FORMAT says (%N: nanoseconds).\n"
	"  -u       in UTC\n"
	"  -R, -I   as mail has it; as ISO 8601 has it\n"
	"  -d TIME  that time: @SECONDS, YYYY-MM-DD[ hh:mm[:ss]][Z], MM/DD/YYYY, hh:mm, 5pm, now, today, yesterday,\n"
	"           tomorrow, noon, a weekday, next or last one or unit; and +N or -N units behind, or N units ago:\n"
	"           seconds, minutes, hours, days, weeks, months, years\n"
	"  -f FILE  the time on each of its lines\n"
	"  -r FILE  when the file was changed\n"
	"  -s TIME  set the clock\n";
static const char names[] =
	"utc=u universal=u rfc-email=R iso-8601=I date=d reference=r set=s rfc-3339=\1: file=f";

static bool utc;

/* strftime, and %N. */
static void show(const char *format, const struct timespec *t)
{
	char *f = need(malloc(strlen(format) * 9 + 2)), *p = f, text[4096];
	struct tm tm;

	if (!(utc ? gmtime_r : localtime_r)(&t->tv_sec, &tm))
		errx(1, "%lld seconds are out of range", (long long)t->tv_sec);
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
		} else if (*s == '%' && s[1] == 'q') {
			struct tm q;

			(utc ? gmtime_r : localtime_r)(&t->tv_sec, &q);
			p += sprintf(p, "%d", q.tm_mon / 3 + 1);
			s++;
		} else if (*s == '%' && s[1]) {
			*p++ = *s++;
			*p++ = *s;
		} else {
			*p++ = *s;
		}
	}
	*p = 0;
	if (utc)
		tm.tm_zone = "UTC";
	text[0] = 0;
	if (*f)
		strftime(text, sizeof(text), f, &tm);
	puts(text);
	free(f);
}

/* -f: a time on each line. */
static int show_list(const char *path, const char *format)
{
	FILE *f = open_input(path);
	char *line = NULL;
	size_t room = 0;
	ssize_t n;

	if (!f)
		return 1;
	while ((n = getline(&line, &room, f)) > 0) {
		struct timespec t;

		line[n - (line[n - 1] == '\n')] = 0;
		t = when_is(line, utc);
		show(format, &t);
	}
	free(line);
	close_input(f);
	return 0;
}

int main(int argc, char **argv)
{
	const char *format = "%a %b %e %H:%M:%S %Z %Y", *when = NULL, *set = NULL, *list = NULL;
	struct timespec t;
	struct stat st;
	int opt;

	help_option(argc, argv, help);
	clock_gettime(CLOCK_REALTIME, &t);
	while ((opt = option(argc, argv, "uRI::d:f:r:s:", names)) != -1) {
		switch (opt) {
		case 'u':
			utc = true;
			break;
		case 'R':
			format = "%a, %d %b %Y %H:%M:%S %z";
			break;
		case 'I':
			format = !optarg || *optarg == 'd' ? "%Y-%m-%d" :
				 *optarg == 'h'		   ? "%Y-%m-%dT%H%:z" :
				 *optarg == 'm'		   ? "%Y-%m-%dT%H:%M%:z" :
				 *optarg == 's'		   ? "%Y-%m-%dT%H:%M:%S%:z" :
							     "%Y-%m-%dT%H:%M:%S,%N%:z";
			break;
		case 1:
			format = *optarg == 'd' ? "%Y-%m-%d" :
				 *optarg == 's' ? "%Y-%m-%d %H:%M:%S%:z" :
						  "%Y-%m-%d %H:%M:%S.%N%:z";
			break;
		case 'f':
			list = optarg;
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
		t = when_is(when, utc);
	if (set) {
		t = when_is(set, utc);
		if (clock_settime(CLOCK_REALTIME, &t))
			err(1, "the clock");
	}
	if (optind < argc) {
		if (argv[optind][0] != '+')
			errx(1, "%s: no format", argv[optind]);
		format = argv[optind] + 1;
	}
	if (list)
		return finish(show_list(list, format));
	show(format, &t);
	return finish(0);
}
