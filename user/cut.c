/*
 * cut - parts of lines (XCU cut).
 */
#include "common/common.h"

#include <ctype.h>
#include <err.h>
#include <getopt.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

static const char help[] =
	"usage: cut -b LIST | -c LIST | -f LIST [-d CHARACTER] [-s] [--complement] [--output-delimiter=TEXT] [FILE...]\n"
	"Print bytes (-b), characters (-c) or fields (-f) of each line. LIST is 2, 2-4, -4, 2-, and more with commas.\n"
	"  -d  what is between fields (a tab)\n"
	"  -s  leave out lines without it\n";
static const char names[] =
	"complement=\1 output-delimiter=\2: delimiter=d fields=f only-delimited=s bytes=b "
	"characters=c zero-terminated=z";

static struct range {
	long from, to;
} * ranges;
static size_t count;
static bool others, only;
static char line_end = '\n'; /* -z: NUL */
static char delimiter = '\t';
static const char *between;

static int by_start(const void *a, const void *b)
{
	const struct range *x = a, *y = b;

	return (x->from > y->from) - (x->from < y->from);
}

static void parse(char *list)
{
	for (char *s = strtok(list, ", "); s; s = strtok(NULL, ", ")) {
		struct range r = { .from = 1, .to = LONG_MAX };
		char *end = s;

		if (*s != '-')
			r.from = r.to = strtol(s, &end, 10);
		if (*end == '-') {
			r.to = LONG_MAX;
			if (*++end)
				r.to = strtol(end, &end, 10);
		}
		if (*end || r.from < 1 || r.to < r.from)
			errx(1, "%s: invalid range", s);
		ranges = need(realloc(ranges, (count + 1) * sizeof(*ranges)));
		ranges[count++] = r;
	}
	if (!count)
		errx(1, "an empty list");
	qsort(ranges, count, sizeof(*ranges), by_start);
}

static bool wanted(long n)
{
	bool in = false;

	for (size_t i = 0; i < count && !in; i++)
		in = n >= ranges[i].from && n <= ranges[i].to;
	return in != others;
}

static void bytes(const char *s, size_t len, bool characters)
{
	bool any = false, last = false;
	long n = 0;

	for (size_t i = 0; i < len; i++) {
		bool want;

		if (!characters || (s[i] & 0xc0) != 0x80)
			n++;
		want = wanted(n);
		if (want && !last && any && between)
			fputs(between, stdout);
		if (want)
			putchar(s[i]);
		any |= want;
		last = want;
	}
	putchar(line_end);
}

static void fields(char *s, size_t len)
{
	bool any = false;
	long n = 1;

	if (!memchr(s, delimiter, len)) {
		if (!only) {
			fwrite(s, 1, len, stdout);
			putchar(line_end);
		}
		return;
	}
	for (char *end = s + len;; n++) {
		char *next = memchr(s, delimiter, (size_t)(end - s));

		if (wanted(n)) {
			if (any && between)
				fputs(between, stdout);
			else if (any)
				putchar(delimiter);
			any = true;
			fwrite(s, 1, (size_t)((next ? next : end) - s), stdout);
		}
		if (!next)
			break;
		s = next + 1;
	}
	putchar(line_end);
}

int main(int argc, char **argv)
{
	int opt, how = 0, status = 0;
	char *line = NULL;
	size_t room = 0;

	help_option(argc, argv, help);
	while ((opt = option(argc, argv, "b:c:f:d:snz", names)) != -1) {
		switch (opt) {
		case 'b':
		case 'c':
		case 'f':
			if (how)
				errx(1, "only one list");
			how = opt;
			parse(optarg);
			break;
		case 'd':
			if (optarg[0] && optarg[1])
				errx(1, "the delimiter must be a single character");
			delimiter = *optarg;
			break;
		case 's':
			only = true;
			break;
		case 1:
			others = true;
			break;
		case 2:
			between = optarg;
			break;
		case 'z':
			line_end = 0;
			break;
		case 'n':
			break;
		default:
			usage(help, 1);
		}
	}
	if (!how)
		usage(help, 1);
	if (optind == argc)
		argv[--optind] = (char *)"-";
	for (int i = optind; i < argc; i++) {
		FILE *f = open_input(argv[i]);
		ssize_t n;

		if (!f) {
			status = 1;
			continue;
		}
		while ((n = getdelim(&line, &room, line_end, f)) > 0) {
			if (line[n - 1] == line_end)
				line[--n] = 0;
			if (how == 'f')
				fields(line, (size_t)n);
			else
				bytes(line, (size_t)n, how == 'c');
		}
		close_input(f);
	}
	free(line);
	return finish(status);
}
