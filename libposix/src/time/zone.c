/*
 * zone.c - time zones: the rules of TZ (POSIX 8.3: std offset dst offset,start,end) and
 * the files of the zone data base (RFC 8536), whose footer is such a rule too. What is
 * loaded is kept until TZ changes; zone_lock guards it.
 */
#include "civil.h"
#include "../internal/libc.h"

#include <ctype.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NAME_ROOM 16
#define FILE_MAX  (256 * 1024)

/* When in the year a change happens, in seconds of local time from its day. */
struct change {
	char kind; /* 'J' day 1..365 without leap days, 'D' day 0..365, 'M' month, week, day */
	int month, week, day;
	long at;
};

struct rule {
	char std[NAME_ROOM], dst[NAME_ROOM];
	long std_offset, dst_offset; /* ahead of UTC */
	int has_dst;
	struct change begin, end;
};

char *tzname[2] = { (char *)"UTC", (char *)"UTC" };
int daylight;
long timezone;

static int zone_lock;
static char *loaded; /* the TZ that is in force; NULL: none yet */
static struct rule rule;

/* Of a file: when each type begins, and what the types are. */
static unsigned char *file;
static const unsigned char *times, *kinds, *types, *names;
static size_t time_count, type_count, name_bytes;

/* ---- rules --------------------------------------------------------------------------- */

static const char *parse_name(const char *p, char out[NAME_ROOM])
{
	const char *begin = p;
	size_t n;

	if (*p == '<') {
		for (p = ++begin; *p && *p != '>'; p++)
			;
		if (!*p)
			return NULL;
		n = (size_t)(p++ - begin);
	} else {
		while (isalpha((unsigned char)*p))
			p++;
		n = (size_t)(p - begin);
	}
	if (n < 3 || n >= NAME_ROOM)
		return NULL;
	memcpy(out, begin, n);
	out[n] = 0;
	return p;
}

/* [+-]hh[:mm[:ss]] as seconds. */
static const char *parse_time(const char *p, long *out)
{
	int sign = *p == '-' ? -1 : 1;
	long total = 0, unit = 3600;

	if (*p == '+' || *p == '-')
		p++;
	if (!isdigit((unsigned char)*p))
		return NULL;
	for (;;) {
		long n = 0;

		while (isdigit((unsigned char)*p) && n < 1000)
			n = n * 10 + *p++ - '0';
		total += n * unit;
		unit /= 60;
		if (*p != ':' || !unit)
			break;
		p++;
	}
	*out = sign * total;
	return p;
}

static const char *parse_number(const char *p, int *out)
{
	if (!p || !isdigit((unsigned char)*p))
		return NULL;
	for (*out = 0; isdigit((unsigned char)*p) && *out < 1000; p++)
		*out = *out * 10 + *p - '0';
	return p;
}

static const char *parse_change(const char *p, struct change *c)
{
	*c = (struct change){ .at = 7200 };
	if (*p == 'M') {
		c->kind = 'M';
		p = parse_number(p + 1, &c->month);
		if (!p || *p != '.')
			return NULL;
		p = parse_number(p + 1, &c->week);
		if (!p || *p != '.')
			return NULL;
		p = parse_number(p + 1, &c->day);
		if (!p || c->month < 1 || c->month > 12 || c->week < 1 || c->week > 5 || c->day > 6)
			return NULL;
	} else {
		c->kind = *p == 'J' ? 'J' : 'D';
		p = parse_number(p + (*p == 'J'), &c->day);
		if (!p || c->day > 365 || (c->kind == 'J' && !c->day))
			return NULL;
	}
	return *p == '/' ? parse_time(p + 1, &c->at) : p;
}

/* 0, or -1 when it is no rule. */
static int parse_rule(const char *p, struct rule *r)
{
	long west;

	memset(r, 0, sizeof(*r));
	p = parse_name(p, r->std);
	if (!p || !(p = parse_time(p, &west)))
		return -1;
	r->std_offset = -west;
	if (!*p)
		return 0;
	p = parse_name(p, r->dst);
	if (!p)
		return -1;
	r->has_dst = 1;
	r->dst_offset = r->std_offset + 3600;
	if (*p && *p != ',') {
		p = parse_time(p, &west);
		if (!p)
			return -1;
		r->dst_offset = -west;
	}
	if (!*p)
		p = ",M3.2.0,M11.1.0";
	if (*p++ != ',' || !(p = parse_change(p, &r->begin)) || *p++ != ',' ||
	    !(p = parse_change(p, &r->end)))
		return -1;
	return *p ? -1 : 0;
}

/* Local seconds since 1970 at which the change of that year happens. */
static long when(const struct change *c, long year)
{
	long days = __days_to_year(year);
	int leap = __leap(year);

	if (c->kind == 'J') {
		days += c->day - 1 + (leap && c->day >= 60);
	} else if (c->kind == 'D') {
		days += c->day;
	} else {
		int first, length;

		days += __month_start(c->month - 1, leap);
		length = c->month == 12 ?
				 31 :
				 __month_start(c->month, leap) - __month_start(c->month - 1, leap);
		first = (int)(c->day - (days + 4) % 7);
		if ((days + 4) % 7 < 0)
			first -= 7;
		first = (first % 7 + 7) % 7 + 7 * (c->week - 1);
		while (first >= length)
			first -= 7;
		days += first;
	}
	return days * 86400 + c->at;
}

static void use_rule(time_t t, struct local *out)
{
	struct tm tm;
	int dst = 0;

	if (rule.has_dst && !__civil(t, rule.std_offset, &tm)) {
		long year = tm.tm_year + 1900l;
		long begin = when(&rule.begin, year) - rule.std_offset;
		long end = when(&rule.end, year) - rule.dst_offset;

		dst = begin <= end ? t >= begin && t < end : t >= begin || t < end;
	}
	out->dst = dst;
	out->offset = dst ? rule.dst_offset : rule.std_offset;
	out->name = dst ? rule.dst : rule.std;
}

/* ---- files --------------------------------------------------------------------------- */

static int64_t big(const unsigned char *p, int n)
{
	int64_t v = (signed char)*p;

	while (--n)
		v = (int64_t)((uint64_t)v << 8 | *++p);
	return v;
}

static void use_type(size_t i, struct local *out)
{
	const unsigned char *t = types + 6 * (i < type_count ? i : 0);

	out->offset = big(t, 4);
	out->dst = t[4] != 0;
	out->name = t[5] < name_bytes ? (const char *)names + t[5] : "";
}

/* How many changes were at or before t. */
static size_t changes_before(time_t t)
{
	size_t low = 0, high = time_count;

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (big(times + 8 * mid, 8) <= t)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static void local_at(time_t t, struct local *out)
{
	size_t n = file ? changes_before(t) : 0;

	if (!file || (n == time_count && rule.std[0]))
		use_rule(t, out);
	else if (!n)
		use_type(0, out);
	else
		use_type(kinds[n - 1], out);
}

/* The second part of the file (8-byte times) of `size` bytes at p; 0 when it is sound. */
static int use_file(const unsigned char *p, size_t size)
{
	size_t skip, n[6];
	const char *footer;
	char text[128];

	for (int part = 0; part < 2; part++) {
		size_t wide = part ? 8 : 4;

		if (size < 44 || memcmp(p, "TZif", 4) || p[4] < '2')
			return -1;
		for (int i = 0; i < 6; i++) {
			n[i] = (size_t)big(p + 20 + 4 * i, 4);
			if (n[i] > FILE_MAX)
				return -1;
		}
		skip = 44 + n[3] * wide + n[3] + n[4] * 6 + n[5] + n[2] * (wide + 4) + n[1] + n[0];
		if (skip > size)
			return -1;
		if (part)
			break;
		p += skip;
		size -= skip;
	}
	if (!n[4] || !n[5] || p[44 + n[3] * 9 + n[4] * 6 + n[5] - 1])
		return -1;
	times = p + 44;
	kinds = times + 8 * n[3];
	types = kinds + n[3];
	names = types + 6 * n[4];
	time_count = n[3];
	type_count = n[4];
	name_bytes = n[5];
	memset(&rule, 0, sizeof(rule));
	/* A newline, the rule for what comes after the last change, a newline. */
	footer = (const char *)p + skip;
	size -= skip;
	if (size > 2 && size < sizeof(text)) {
		memcpy(text, footer + 1, size - 2);
		text[size - 2] = 0;
		if (parse_rule(text, &rule))
			memset(&rule, 0, sizeof(rule));
	}
	return 0;
}

static int load_path(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;
	ssize_t n = -1;

	if (fd < 0)
		return -1;
	if (!fstat(fd, &st) && S_ISREG(st.st_mode) && st.st_size <= FILE_MAX) {
		file = malloc((size_t)st.st_size + 1);
		if (file)
			n = read(fd, file, (size_t)st.st_size);
	}
	close(fd);
	if (n >= 0 && !use_file(file, (size_t)n))
		return 0;
	free(file);
	file = NULL;
	return -1;
}

static int load_name(const char *name)
{
	static const char *const places[] = { "/usr/share/zoneinfo/", "/etc/zoneinfo/",
					      "/share/zoneinfo/" };
	char path[256];

	if (*name == '/')
		return load_path(name);
	if (strstr(name, ".."))
		return -1;
	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
		if (snprintf(path, sizeof(path), "%s%s", places[i], name) < (int)sizeof(path) &&
		    !load_path(path))
			return 0;
	}
	return -1;
}

/* The names of the latest standard and daylight saving time, for tzname. */
static void set_globals(void)
{
	static char std[NAME_ROOM], dst[NAME_ROOM];
	struct local here;

	strcpy(std, rule.std[0] ? rule.std : "UTC");
	strcpy(dst, rule.has_dst ? rule.dst : std);
	timezone = -rule.std_offset;
	daylight = rule.has_dst;
	for (size_t i = 0; file && i < time_count; i++) {
		use_type(kinds[i], &here);
		if (here.dst)
			daylight = 1;
		if (rule.std[0])
			continue;
		strlcpy(here.dst ? dst : std, here.name, NAME_ROOM);
		if (!here.dst)
			timezone = -here.offset;
	}
	if (file && !time_count && !rule.std[0]) {
		use_type(0, &here);
		strlcpy(std, here.name, NAME_ROOM);
		strcpy(dst, std);
		timezone = -here.offset;
	}
	tzname[0] = std;
	tzname[1] = dst;
}

static void load(void)
{
	const char *tz = getenv("TZ");
	const char *name = tz ? tz : "/etc/localtime";

	if (loaded && !strcmp(loaded, name))
		return;
	free(loaded);
	loaded = strdup(name);
	free(file);
	file = NULL;
	time_count = 0;
	memset(&rule, 0, sizeof(rule));
	if (*name == ':') {
		if (load_name(name + 1))
			memset(&rule, 0, sizeof(rule));
	} else if (!tz || !*tz || parse_rule(name, &rule)) {
		memset(&rule, 0, sizeof(rule));
		if (!*name || load_name(name))
			memset(&rule, 0, sizeof(rule));
	}
	if (!file && !rule.std[0])
		strcpy(rule.std, "UTC");
	set_globals();
}

void tzset(void)
{
	__lock(&zone_lock);
	load();
	__unlock(&zone_lock);
}

void __local_at(time_t t, struct local *out)
{
	__lock(&zone_lock);
	if (!loaded)
		load();
	local_at(t, out);
	__unlock(&zone_lock);
}

int __local_other(time_t t, int dst, struct local *out)
{
	int found = 0;

	__lock(&zone_lock);
	if (rule.has_dst && (!file || changes_before(t) == time_count)) {
		out->dst = dst;
		out->offset = dst ? rule.dst_offset : rule.std_offset;
		out->name = dst ? rule.dst : rule.std;
		found = 1;
	}
	for (size_t n = file && !found ? changes_before(t) : 0, k = 0; k < 4 && !found; k++) {
		/* The neighbours: before, after, and one more each way. */
		size_t i = k == 0 ? n : k == 1 ? n - 2 : k == 2 ? n + 1 : n - 3;

		if (i >= time_count)
			continue;
		use_type(kinds[i], out);
		found = out->dst == dst;
	}
	__unlock(&zone_lock);
	return found;
}
