/*
 * seq - numbers in a row.
 */
#include "common/common.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char help[] = "usage: seq [-w] [-s TEXT] [-f FORMAT] [FIRST [STEP]] LAST\n"
			   "Print the numbers from FIRST (1) to LAST.\n"
			   "  -w         all of one width, with zeros before\n"
			   "  -s TEXT    between them, for newlines\n"
			   "  -f FORMAT  of printf, for one floating number\n";
static const char names[] = "equal-width=w separator=s format=f";

/* Digits behind the point. */
static int places(const char *s)
{
	const char *point = strchr(s, '.');

	return point ? (int)strspn(point + 1, "0123456789") : 0;
}

static long double number(const char *s)
{
	char *end;
	long double v = strtold(s, &end);

	if (end == s || *end)
		errx(1, "%s: no number", s);
	return v;
}

static long double magnitude(long double v)
{
	return v < 0 ? -v : v;
}

int main(int argc, char **argv)
{
	const char *separator = "\n", *format = NULL;
	int precision = 0, width = 0, opt, n;
	long double first = 1, step = 1, last;
	bool even = false, small;
	long count;

	help_option(argc, argv, help);
	while (optind < argc &&
	       !(argv[optind][0] == '-' && argv[optind][1] &&
		 strchr("0123456789.", argv[optind][1])) &&
	       (opt = option(argc, argv, "+ws:f:", names)) != -1) {
		switch (opt) {
		case 'w':
			even = true;
			break;
		case 's':
			separator = optarg;
			break;
		case 'f':
			format = optarg;
			break;
		default:
			usage(help, 1);
		}
	}
	n = argc - optind;
	argv += optind;
	if (n < 1 || n > 3)
		usage(help, 1);
	last = number(argv[n - 1]);
	if (n > 1) {
		first = number(argv[0]);
		precision = places(argv[0]);
	}
	if (n > 2) {
		step = number(argv[1]);
		if (places(argv[1]) > precision)
			precision = places(argv[1]);
		if (step == 0)
			errx(1, "a step of 0");
	}
	count = (long)((last - first) / step + 1e-10L);
	if ((last - first) / step < 0)
		count = -1;
	if (even && count >= 0) {
		int a = snprintf(NULL, 0, "%.*Lf", precision, first);
		int b = snprintf(NULL, 0, "%.*Lf", precision, first + count * step);

		width = a > b ? a : b;
	}
	small = magnitude(first) < 1e15L && magnitude(last) < 1e15L && magnitude(step) < 1e15L;
	for (long i = 0; i <= count; i++) {
		if (i)
			fputs(separator, stdout);
		if (format)
			printf(format, (double)(first + i * step));
		else if (!precision && small)
			printf("%0*ld", width, (long)first + i * (long)step);
		else
			printf("%0*.*Lf", width, precision, first + i * step);
		if (ferror(stdout))
			break;
	}
	if (count >= 0)
		putchar('\n');
	return finish(0);
}
