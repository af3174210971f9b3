/*
 * touch - set the times of files, making them (XCU touch).
 */
#include "common/common.h"

#include <ctype.h>
#include <err.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char help[] =
	"usage: touch [-acmh] [-r FILE | -t [[CC]YY]MMDDhhmm[.SS] | -d TIME] FILE...\n"
	"Set the times of the files to now; make those that are not there.\n"
	"  -a, -m   only the time of access, of modification\n"
	"  -c       make no files\n"
	"  -h       links themselves\n"
	"  -r FILE  to that file's times\n"
	"  -d TIME  to a time as date(1) reads it: YYYY-MM-DD[ hh:mm[:ss]][Z], @SECONDS, yesterday, 2 hours ago\n";
static const char names[] = "no-create=c no-dereference=h reference=r date=d";

static int two(const char *s)
{
	if (!isdigit((unsigned char)s[0]) || !isdigit((unsigned char)s[1]))
		errx(1, "%s: no time", s);
	return (s[0] - '0') * 10 + s[1] - '0';
}

/* [[CC]YY]MMDDhhmm[.SS] */
static time_t stamp(const char *s)
{
	time_t now = time(NULL);
	struct tm tm = *localtime(&now);
	size_t n = strcspn(s, ".");

	tm.tm_sec = s[n] ? two(s + n + 1) : 0;
	tm.tm_isdst = -1;
	if (n == 12) {
		tm.tm_year = two(s) * 100 + two(s + 2) - 1900;
		s += 4;
	} else if (n == 10) {
		tm.tm_year = two(s) < 69 ? two(s) + 100 : two(s);
		s += 2;
	} else if (n != 8) {
		errx(1, "%s: no time", s);
	}
	tm.tm_mon = two(s) - 1;
	tm.tm_mday = two(s + 2);
	tm.tm_hour = two(s + 4);
	tm.tm_min = two(s + 6);
	return mktime(&tm);
}

int main(int argc, char **argv)
{
	struct timespec times[2] = { { .tv_nsec = UTIME_NOW }, { .tv_nsec = UTIME_NOW } };
	bool make = true, access_only = false, change_only = false;
	int opt, status = 0, flags = 0;
	struct stat st;

	help_option(argc, argv, help);
	while ((opt = option(argc, argv, "acmhfr:t:d:", names)) != -1) {
		switch (opt) {
		case 'a':
			access_only = true;
			break;
		case 'm':
			change_only = true;
			break;
		case 'c':
			make = false;
			break;
		case 'h':
			flags = AT_SYMLINK_NOFOLLOW;
			make = false;
			break;
		case 'f':
			break;
		case 'r':
			if (flags ? lstat(optarg, &st) : stat(optarg, &st))
				err(1, "%s", optarg);
			times[0] = st.st_atim;
			times[1] = st.st_mtim;
			break;
		case 't':
			times[0] = times[1] = (struct timespec){ .tv_sec = stamp(optarg) };
			break;
		case 'd':
			times[0] = times[1] = when_is(optarg, false);
			break;
		default:
			usage(help, 1);
		}
	}
	if (optind == argc)
		usage(help, 1);
	if (access_only && !change_only)
		times[1].tv_nsec = UTIME_OMIT;
	if (change_only && !access_only)
		times[0].tv_nsec = UTIME_OMIT;
	for (int i = optind; i < argc; i++) {
		if (make) {
			int fd = open(argv[i], O_WRONLY | O_CREAT | O_NONBLOCK | O_NOCTTY, 0666);

			if (fd >= 0)
				close(fd);
		} else if (flags ? lstat(argv[i], &st) : stat(argv[i], &st)) {
			continue;
		}
		if (utimensat(AT_FDCWD, argv[i], times, flags)) {
			warn("%s", argv[i]);
			status = 1;
		}
	}
	return status;
}
