/*
 * tail - the ends of files, and what is added to them (XCU tail).
 */
#include "common/common.h"

#include <ctype.h>
#include <err.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char help[] =
	"usage: tail [-f | -F] [-s SECONDS] [-n LINES | -c BYTES] [-q | -v] [FILE...]\n"
	"Print the last lines (10) or bytes of each file; with a + before the number, from that one on.\n"
	"  -f          go on with what is added;  -F  also to a new file of that name\n"
	"  -s SECONDS  how often to look\n"
	"  -q, -v      never, always with the file's name\n";
static const char long_names[] =
	"lines=n bytes=c quiet=q silent=q verbose=v follow=\1:: retry=\2 sleep-interval=s";

static long long count = 10;
static bool bytes, from_start;

static void skip(FILE *f)
{
	int c;

	for (long long left = count - 1; left > 0 && (c = getc(f)) != EOF;)
		left -= bytes || c == '\n';
	while ((c = getc(f)) != EOF)
		putchar(c);
}

/* Read on from where no more than what is wanted lies before the end. */
static void seek_back(FILE *f)
{
	char buf[4096];
	long long lines = 0;
	off_t end, at;

	if (fseeko(f, 0, SEEK_END) || (end = ftello(f)) < 0)
		return;
	if (bytes) {
		fseeko(f, count > end ? 0 : end - count, SEEK_SET);
		return;
	}
	for (at = end; at > 0;) {
		size_t n = at > (off_t)sizeof(buf) ? sizeof(buf) : (size_t)at;

		at -= (off_t)n;
		fseeko(f, at, SEEK_SET);
		n = fread(buf, 1, n, f);
		while (n--) {
			if (buf[n] != '\n' || at + (off_t)n == end - 1)
				continue;
			if (++lines >= count) {
				fseeko(f, at + (off_t)n + 1, SEEK_SET);
				return;
			}
		}
	}
	fseeko(f, 0, SEEK_SET);
}

static void last(FILE *f)
{
	char *data = NULL, *p;
	size_t n = 0, room = 0, got;

	if (!count) {
		fseeko(f, 0, SEEK_END);
		return;
	}
	seek_back(f);
	do {
		if (n == room)
			data = need(realloc(data, room = room * 2 + 65536));
		got = fread(data + n, 1, room - n, f);
		n += got;
		/* of a pipe, only what may still be wanted is kept */
		if (bytes && n > (size_t)count * 2 + 65536) {
			memmove(data, data + n - (size_t)count, (size_t)count);
			n = (size_t)count;
		}
	} while (got);
	p = data + n;
	if (bytes) {
		p = (unsigned long long)count > n ? data : p - count;
	} else {
		long long left = count;

		if (p > data && p[-1] == '\n')
			p--;
		while (p > data) {
			if (p[-1] == '\n' && !--left)
				break;
			p--;
		}
	}
	fwrite(p, 1, (size_t)(data + n - p), stdout);
	free(data);
}

/* Goes on for ever with all the files that could be opened. */
static void follow(FILE **files, char **names, int n, bool by_name, double pause)
{
	struct timespec t = { .tv_sec = (time_t)pause,
			      .tv_nsec = (long)((pause - (double)(time_t)pause) * 1e9) };
	int shown = n - 1;

	for (;;) {
		for (int i = 0; i < n; i++) {
			struct stat there, here;
			bool any = false;
			int c;

			if (by_name && !stat(names[i], &there) &&
			    (!files[i] ||
			     (!fstat(fileno(files[i]), &here) && here.st_ino != there.st_ino))) {
				if (files[i])
					fclose(files[i]);
				files[i] = fopen(names[i], "re");
			}
			if (!files[i])
				continue;
			clearerr(files[i]);
			if (!fstat(fileno(files[i]), &here) && S_ISREG(here.st_mode) &&
			    here.st_size < ftello(files[i])) {
				warnx("%s: file truncated", names[i]);
				fseeko(files[i], 0, SEEK_SET);
			}
			while ((c = getc(files[i])) != EOF) {
				if (!any && n > 1 && shown != i)
					printf("\n==> %s <==\n", names[i]);
				any = true;
				shown = i;
				putchar(c);
			}
		}
		if (fflush(stdout))
			exit(1);
		nanosleep(&t, NULL);
	}
}

int main(int argc, char **argv)
{
	bool quiet = false, verbose = false, on = false, by_name = false;
	int opt, status = 0, n;
	double pause = 1;
	FILE **files;

	help_option(argc, argv, help);
	/* -5 is -n 5 */
	if (argc > 1 && (argv[1][0] == '-' || argv[1][0] == '+') &&
	    isdigit((unsigned char)argv[1][1])) {
		from_start = argv[1][0] == '+';
		count = number_arg(argv[1] + 1, 0, LLONG_MAX, true);
		argv[1] = argv[0];
		argv++;
		argc--;
	}
	while ((opt = option(argc, argv, "n:c:qvfFs:", long_names)) != -1) {
		switch (opt) {
		case 'n':
		case 'c':
			bytes = opt == 'c';
			from_start = *optarg == '+';
			count = number_arg(optarg + (*optarg == '-' || from_start), 0, LLONG_MAX,
					   true);
			break;
		case 'q':
			quiet = true;
			break;
		case 'v':
			verbose = true;
			break;
		case 'f':
		case 'F':
			on = true;
			by_name = opt == 'F';
			break;
		case 1:
			on = true;
			by_name = optarg && !strcmp(optarg, "name");
			break;
		case 2:
			break;
		case 's':
			pause = strtod(optarg, NULL);
			break;
		default:
			usage(help, 1);
		}
	}
	if (optind == argc)
		argv[--optind] = (char *)"-";
	n = argc - optind;
	files = need(calloc((size_t)n, sizeof(*files)));
	for (int i = 0; i < n; i++) {
		FILE *f = open_input(argv[optind + i]);

		if (!f) {
			status = 1;
			continue;
		}
		if (verbose || (!quiet && n > 1))
			printf("%s==> %s <==\n", i ? "\n" : "",
			       f == stdin ? "standard input" : argv[optind + i]);
		if (from_start)
			skip(f);
		else
			last(f);
		if (on)
			files[i] = f;
		else
			close_input(f);
	}
	if (on)
		follow(files, argv + optind, n, by_name, pause);
	free(files);
	return finish(status);
}
