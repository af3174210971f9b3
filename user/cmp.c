/*
 * cmp - whether two files are the same (XCU cmp).
 */
#include "common/common.h"

#include <err.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char help[] =
	"usage: cmp [-l | -s] [-b] [-n BYTES] [-i SKIP[:SKIP]] FILE [FILE [SKIP [SKIP]]]\n"
	"Say where two files begin to differ; the status is 1 then, 2 for trouble.\n"
	"  -l  each byte that differs;  -s  nothing\n"
	"  -n  compare no more than that;  -b  show the bytes;  -i  leave out the first so many\n";
static const char names[] = "verbose=l quiet=s silent=s bytes=n print-bytes=b ignore-initial=i";

/* As `cat -v` shows it. */
static const char *visible(int c, char out[5])
{
	char *p = out;

	if (c & 0x80) {
		p = stpcpy(p, "M-");
		c &= 0x7f;
	}
	if (c < 32 || c == 127) {
		*p++ = '^';
		c ^= 0x40;
	}
	*p++ = (char)c;
	*p = 0;
	return out;
}

/* The digits of the shorter file's size. */
static int width_of(FILE *a, FILE *b)
{
	struct stat s, t;
	int n = 20;

	if (!fstat(fileno(a), &s) && !fstat(fileno(b), &t) && S_ISREG(s.st_mode) &&
	    S_ISREG(t.st_mode))
		n = snprintf(NULL, 0, "%lld",
			     (long long)(s.st_size < t.st_size ? s.st_size : t.st_size));
	return n;
}

int main(int argc, char **argv)
{
	bool bytes = false, all = false, silent = false, differ = false;
	char text[5], other[5];
	unsigned long long at = 1, line = 1, most = ULLONG_MAX;
	const char *second;
	char *skip[2] = { NULL, NULL }, *colon;
	FILE *a, *b;
	int width, opt, x, y, n;

	help_option(argc, argv, help);
	while ((opt = option(argc, argv, "lsbn:i:", names)) != -1) {
		if (opt == '?')
			usage(help, 2);
		all |= opt == 'l';
		silent |= opt == 's';
		bytes |= opt == 'b';
		if (opt == 'i') {
			skip[0] = skip[1] = optarg;
			colon = strchr(optarg, ':');
			if (colon) {
				*colon = 0;
				skip[1] = colon + 1;
			}
		}
		if (opt == 'n')
			most = (unsigned long long)number_arg(optarg, 0, LLONG_MAX, true);
	}
	n = argc - optind;
	argv += optind;
	if (n < 1 || n > 4)
		usage(help, 2);
	second = n > 1 ? argv[1] : "-";
	a = strcmp(argv[0], "-") ? fopen(argv[0], "re") : stdin;
	if (!a)
		silent ? exit(2) : err(2, "%s", argv[0]);
	b = strcmp(second, "-") ? fopen(second, "re") : stdin;
	if (!b)
		silent ? exit(2) : err(2, "%s", second);
	for (int i = 0; i < 2; i++) {
		if (i + 2 < n)
			skip[i] = argv[i + 2];
		for (long long k = skip[i] ? number_arg(skip[i], 0, LLONG_MAX, true) : 0; k > 0;
		     k--)
			getc(i ? b : a);
	}
	width = width_of(a, b);
	for (; at <= most; at++) {
		x = getc(a);
		y = getc(b);
		if (x == EOF && y == EOF)
			break;
		if (x == EOF || y == EOF) {
			if (!silent && at == 1)
				fprintf(stderr, "cmp: EOF on %s which is empty\n",
					x == EOF ? argv[0] : second);
			else if (!silent && all)
				fprintf(stderr, "cmp: EOF on %s after byte %llu\n",
					x == EOF ? argv[0] : second, at - 1);
			else if (!silent)
				fprintf(stderr, "cmp: EOF on %s after byte %llu, in line %llu\n",
					x == EOF ? argv[0] : second, at - 1, line);
			return finish(1);
		}
		if (x != y) {
			if (silent)
				return 1;
			if (!all) {
				printf("%s %s differ: %s %llu, line %llu", argv[0], second,
				       bytes ? "byte" : "char", at, line);
				if (bytes)
					printf(" is %3o %s %3o %s", x, visible(x, text), y,
					       visible(y, other));
				putchar('\n');
				return finish(1);
			}
			if (bytes)
				printf("%*llu %3o %-4s %3o %s\n", width, at, x, visible(x, text), y,
				       visible(y, other));
			else
				printf("%*llu %3o %3o\n", width, at, x, y);
			differ = true;
		}
		line += x == '\n';
	}
	return finish(differ);
}
