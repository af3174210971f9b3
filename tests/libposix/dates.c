/*
 * dates.c - times and zones: gmtime, mktime, strftime, strptime, the rules of TZ.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static void show(const struct tm *tm)
{
	printf(" %d-%d-%d %d:%d:%d w%d y%d dst%d %ld %s", tm->tm_year, tm->tm_mon, tm->tm_mday,
	       tm->tm_hour, tm->tm_min, tm->tm_sec, tm->tm_wday, tm->tm_yday, tm->tm_isdst,
	       tm->tm_gmtoff, tm->tm_zone ? tm->tm_zone : "-");
}

static const time_t times[] = { 0,	    -1,		 951782400,    951868800,
				1078012799, 1709164800,	 1711846799,   1711846800,
				1711850400, 1729990799,	 1729990800,   1729994400,
				4102444799, -2208988800, 253402300799, -62167219200,
				1718000000, 1700000000,	 2147483647,   2147483648 };

static void zones(void)
{
	static const char *const tz[] = { "UTC0",
					  "EST5EDT,M3.2.0,M11.1.0",
					  "CET-1CEST,M3.5.0,M10.5.0/3",
					  "<+0530>-5:30",
					  "NZST-12NZDT,M9.5.0,M4.1.0/3",
					  "AAA3BBB,J60/1,J300",
					  "XXX-1:30:15YYY,59/2:30,299",
					  "IST-2IDT,M3.4.4/26,M10.5.0" };

	for (size_t z = 0; z < sizeof(tz) / sizeof(*tz); z++) {
		setenv("TZ", tz[z], 1);
		tzset();
		printf("%s: %s %s %ld %d\n", tz[z], tzname[0], tzname[1], timezone, daylight);
		for (size_t i = 0; i < sizeof(times) / sizeof(*times); i++) {
			struct tm tm;
			time_t t = times[i], back;

			localtime_r(&t, &tm);
			show(&tm);
			back = mktime(&tm);
			printf(" %ld\n", (long)(back - t));
		}
	}
}

static void formats(void)
{
	static const char all[] = "aAbBcCdDeFgGhHIjmMnprRStTuUVwWxXyYzZ%klPs";
	struct tm tm;

	setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
	tzset();
	for (size_t i = 0; i < sizeof(times) / sizeof(*times); i++) {
		char fmt[3] = "%", out[128];

		if (times[i] < -62135596800 || times[i] > 253402300000)
			continue;
		localtime_r(&times[i], &tm);
		for (const char *p = all; *p; p++) {
			fmt[1] = *p;
			printf("%s=", strftime(out, sizeof(out), fmt, &tm) ? out : "(none)");
		}
		putchar('\n');
	}
	char out[64];
	printf("%zu %zu ", strftime(out, 4, "%Y", &tm), strftime(out, 5, "%Y", &tm));
	strftime(out, sizeof(out), "%-d|%_d|%05d|%^a|%#Z|%10Y|%e", &tm);
	printf("%s\n%s", out, asctime(&tm));
}

static void parses(void)
{
	static const char *const p[][2] = {
		{ "%Y-%m-%d %H:%M:%S", "2024-02-29 23:59:60" },
		{ "%d %b %y", "1 jan 69" },
		{ "%d %B %y", "01 December 68" },
		{ "%a, %d %b %Y", "Thu, 29 Feb 2024" },
		{ "%I:%M %p", "12:30 am" },
		{ "%I:%M %p", "12:30 PM" },
		{ "%j %Y", "060 2023" },
		{ "%D", "2/3/04" },
		{ "%T", "1:2:3" },
		{ "%R", "24:00" },
		{ "%Y%m%d", "20240131" },
		{ "%z", "+0530" },
		{ "%z", "-08:00" },
		{ "%m", "13" },
		{ "%Yx", "2000y" },
		{ "%c", "Thu Feb 29 12:00:00 2024" },
		{ "%s", "86400" },
	};

	setenv("TZ", "UTC0", 1);
	for (size_t i = 0; i < sizeof(p) / sizeof(*p); i++) {
		struct tm tm = { 0 };
		char *end = strptime(p[i][1], p[i][0], &tm);

		tm.tm_zone = NULL;
		printf("%s:", p[i][0]);
		if (end) {
			show(&tm);
			printf(" %d", (int)(end - p[i][1]));
		}
		putchar('\n');
	}
}

int main(void)
{
	struct tm tm = { .tm_year = 124,
			 .tm_mon = 14,
			 .tm_mday = -5,
			 .tm_hour = 30,
			 .tm_min = -61,
			 .tm_sec = 3600 };

	for (size_t i = 0; i < sizeof(times) / sizeof(*times); i++) {
		struct tm g;

		gmtime_r(&times[i], &g);
		g.tm_zone = NULL;
		show(&g);
		printf(" %ld\n", (long)(timegm(&g) - times[i]));
	}
	printf("%ld", (long)timegm(&tm));
	tm.tm_zone = NULL;
	show(&tm);
	errno = 0;
	printf("\n%d %d\n", gmtime(&(time_t){ 1l << 60 }) == NULL, errno == EOVERFLOW);
	zones();
	formats();
	parses();
	setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
	for (int dst = -1; dst < 2; dst++) {
		tm = (struct tm){ .tm_year = 124,
				  .tm_mon = 9,
				  .tm_mday = 27,
				  .tm_hour = 2,
				  .tm_min = 30,
				  .tm_isdst = dst };
		if (dst >= 0)
			printf("%ld\n", (long)mktime(&tm));
		tm = (struct tm){
			.tm_year = 124, .tm_mon = 6, .tm_mday = 1, .tm_hour = 12, .tm_isdst = dst
		};
		printf("%ld", (long)mktime(&tm));
		show(&tm);
		putchar('\n');
	}
	return 0;
}
