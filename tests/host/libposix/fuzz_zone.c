/*
 * fuzz_zone.c - libFuzzer: TZ. A rule made of the input's bytes is taken as the host's C library takes it; any
 * text, and any file, do no harm.
 */
#include "lp.h"

static char *when(char *p, const uint8_t *d)
{
	if (d[0] % 3 == 0)
		p += sprintf(p, ",J%u", 1 + d[1] % 365u);
	else if (d[0] % 3 == 1)
		p += sprintf(p, ",%u", d[1] % 365u);
	else
		p += sprintf(p, ",M%u.%u.%u", 1 + d[1] % 12u, 1 + d[2] % 5u, d[3] % 7u);
	if (d[0] & 0x80)
		p += sprintf(p, "/%u:%02u", d[4] % 24u, d[5] % 60u);
	return p;
}

/* Both take it, at many times. */
static void compare(const char *rule)
{
	setenv("TZ", rule, 1);
	tzset();
	world_tz = rule;
	world_file = NULL;
	lp_tzset();
	for (time_t t = 86400; t < 4000000000; t += 7654321) {
		struct tm a, b;

		lp_localtime_r(&t, &a);
		/* At the turn of the year the host takes the rule of the year in UTC, which isn't the year there. */
		gmtime_r(&t, &b);
		if (b.tm_yday < 2 || b.tm_yday > 362)
			continue;
		localtime_r(&t, &b);
		if (a.tm_gmtoff != b.tm_gmtoff || a.tm_hour != b.tm_hour ||
		    a.tm_mday != b.tm_mday || a.tm_yday != b.tm_yday ||
		    !a.tm_isdst != !b.tm_isdst || strcmp(a.tm_zone, b.tm_zone))
			FAIL("\"%s\" at %ld: %ld %s, host %ld %s", rule, (long)t, a.tm_gmtoff,
			     a.tm_zone, b.tm_gmtoff, b.tm_zone);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const time_t some[] = { 0, -1, 1700000000, 4102444800, -5000000000, 253402300799 };
	char text[128], *p = text;
	unsigned char *file;
	struct tm tm;

	if (size < 16)
		return 0;
	if (data[0] % 3 == 0) {
		p += sprintf(p, "AB%c%c%u:%02u", 'A' + data[1] % 26, "+-"[data[2] & 1],
			     data[3] % 13u, data[4] % 60u);
		if (data[5] & 1) {
			p += sprintf(p, "CDE");
			p = when(when(p, data + 6),
				 data + 10 < data + size - 6 ? data + 10 : data + size - 6);
		}
		compare(text);
		return 0;
	}
	if (data[0] % 3 == 1) {
		size_t n = size - 1 < sizeof(text) - 1 ? size - 1 : sizeof(text) - 1;

		memcpy(text, data + 1, n);
		text[n] = 0;
		world_tz = text;
		world_file = NULL;
	} else {
		world_tz = data[1] & 1 ? "Some/Where" : ":Else/Where";
		file = malloc(size - 2);
		memcpy(file, data + 2, size - 2);
		world_file = file;
		world_size = size - 2;
	}
	lp_tzset();
	for (size_t i = 0; i < sizeof(some) / sizeof(*some); i++) {
		char out[100];

		if (!lp_localtime_r(&some[i], &tm))
			continue;
		lp_strftime(out, sizeof(out), "%c %Z %z %s %G %V", &tm);
		lp_mktime(&tm);
	}
	if (world_file)
		free((void *)world_file);
	/* the next one loads its own */
	world_file = NULL;
	world_tz = "UTC0";
	lp_tzset();
	return 0;
}
