/*
 * head - the beginnings of files (XCU head).
 */
#include "common/common.h"

#include <ctype.h>
#include <err.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char help[] =
	"usage: head [-n LINES | -c BYTES] [-q | -v] [FILE...]\n"
	"Print the first lines (10) or bytes of each file; with a - before the number, all but the last.\n"
	"  -q, -v  never, always with the file's name\n";
static const char names[] = "lines=n bytes=c quiet=q silent=q verbose=v";

/* All but the last `keep` bytes or lines. */
static void all_but(FILE *f, long long keep, bool bytes)
{
	char *data = NULL, *end;
	size_t n = 0, room = 0;

	for (;;) {
		size_t got;

		if (n == room)
			data = need(realloc(data, room = room * 2 + 65536));
		got = fread(data + n, 1, room - n, f);
		if (!got)
			break;
		n += got;
	}
	end = data + n;
	if (bytes) {
		n = (unsigned long long)keep > n ? 0 : n - (size_t)keep;
	} else {
		if (end > data && end[-1] != '\n' && keep > 0)
			keep--;
		else if (end > data && keep > 0)
			end--;
		else if (keep == 0)
			end = data + n;
		for (; keep > 0 && end > data; keep--)
			while (end > data && *--end != '\n')
				continue;
		if (n && data[n - 1] == '\n' && end > data && *end == '\n')
			end++;
		else if (end > data && *end == '\n')
			end++;
		n = (size_t)(end - data);
	}
	fwrite(data, 1, n, stdout);
	free(data);
}

int main(int argc, char **argv)
{
	bool bytes = false, quiet = false, verbose = false, behind = false;
	long long count = 10;
	int opt, status = 0;
	bool first = true;

	help_option(argc, argv, help);
	/* -5 is -n 5 */
	if (argc > 1 && argv[1][0] == '-' && isdigit((unsigned char)argv[1][1])) {
		count = number_arg(argv[1] + 1, 0, LLONG_MAX, true);
		argv[1] = argv[0];
		argv++;
		argc--;
	}
	while ((opt = option(argc, argv, "n:c:qv", names)) != -1) {
		switch (opt) {
		case 'n':
		case 'c':
			bytes = opt == 'c';
			behind = *optarg == '-';
			count = number_arg(optarg + behind, 0, LLONG_MAX, true);
			break;
		case 'q':
			quiet = true;
			break;
		case 'v':
			verbose = true;
			break;
		default:
			usage(help, 1);
		}
	}
	if (optind == argc)
		argv[--optind] = (char *)"-";
	for (int i = optind; i < argc; i++) {
		FILE *f = open_input(argv[i]);
		long long left = count;
		int c;

		if (!f) {
			status = 1;
			continue;
		}
		if (verbose || (!quiet && argc - optind > 1))
			printf("%s==> %s <==\n", first ? "" : "\n",
			       f == stdin ? "standard input" : argv[i]);
		first = false;
		if (behind) {
			all_but(f, count, bytes);
		} else {
			while (left > 0 && (c = getc(f)) != EOF) {
				putchar(c);
				left -= bytes || c == '\n';
			}
			/* the rest of a file is the next reader's */
			if (f == stdin)
				fseek(f, 0, SEEK_CUR);
		}
		close_input(f);
	}
	return finish(status);
}
