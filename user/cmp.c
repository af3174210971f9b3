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
	"usage: cmp [-l | -s] [-n BYTES] FILE [FILE [SKIP [SKIP]]]\n"
	"Say where two files begin to differ; the status is 1 then, 2 for trouble.\n"
	"  -l  each byte that differs;  -s  nothing\n"
	"  -n  compare no more than that\n";

int main(int argc, char **argv)
{
	bool all = false, silent = false, differ = false;
	unsigned long long at = 1, line = 1, most = ULLONG_MAX;
	const char *second;
	FILE *a, *b;
	int opt, x, y, n;

	help_option(argc, argv, help);
	while ((opt = getopt(argc, argv, "lsn:")) != -1) {
		if (opt == '?')
			usage(help, 2);
		all |= opt == 'l';
		silent |= opt == 's';
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
	for (int i = 0; i < 2 && i + 2 < n; i++)
		for (long long skip = number_arg(argv[i + 2], 0, LLONG_MAX, true); skip > 0; skip--)
			getc(i ? b : a);
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
				printf("%s %s differ: char %llu, line %llu\n", argv[0], second, at,
				       line);
				return finish(1);
			}
			printf("%llu %3o %3o\n", at, x, y);
			differ = true;
		}
		line += x == '\n';
	}
	return finish(differ);
}
