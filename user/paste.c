/*
 * paste - lines of several files beside each other (XCU paste).
 */
#include "common/common.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char help[] = "usage: paste [-s] [-d LIST] [FILE...]\n"
			   "Print the lines of the files side by side, with tabs between.\n"
			   "  -d LIST  these characters between, in turn\n"
			   "  -s       the lines of each file in one\n";
static const char names[] = "serial=s delimiters=d";

static char list[256] = "\t";
static size_t count = 1;

static void between(size_t i)
{
	if (list[i % count])
		putchar(list[i % count]);
}

static void set_list(const char *s)
{
	count = 0;
	for (; *s && count < sizeof(list); s++) {
		char c = *s;

		if (c == '\\' && s[1]) {
			c = *++s;
			c = c == 'n' ? '\n' : c == 't' ? '\t' : c == '0' ? 0 : c;
		}
		list[count++] = c;
	}
	if (!count)
		list[count++] = 0;
}

int main(int argc, char **argv)
{
	bool serial = false;
	int opt, n, status = 0;
	FILE **files;
	char *line = NULL;
	size_t room = 0;
	ssize_t got;

	help_option(argc, argv, help);
	while ((opt = option(argc, argv, "sd:", names)) != -1) {
		if (opt == '?')
			usage(help, 1);
		if (opt == 's')
			serial = true;
		else
			set_list(optarg);
	}
	if (optind == argc)
		argv[--optind] = (char *)"-";
	n = argc - optind;
	files = need(calloc((size_t)n, sizeof(*files)));
	for (int i = 0; i < n; i++) {
		files[i] = open_input(argv[optind + i]);
		if (!files[i])
			return 1;
	}
	for (int i = 0; serial && i < n; i++) {
		for (size_t k = 0; (got = getline(&line, &room, files[i])) > 0; k++) {
			if (k)
				between(k - 1);
			fwrite(line, 1, (size_t)(got - (line[got - 1] == '\n')), stdout);
		}
		putchar('\n');
	}
	for (bool more = !serial; more;) {
		int waiting = 0; /* files that had no line yet in this row */

		more = false;
		for (int i = 0; i < n; i++) {
			got = files[i] ? getline(&line, &room, files[i]) : -1;
			if (got <= 0) {
				if (files[i] && files[i] != stdin)
					fclose(files[i]);
				files[i] = NULL;
				waiting += more;
				if (more && i) {
					between((size_t)i - 1);
					waiting = 0;
				}
				continue;
			}
			if (!more)
				for (int k = 0; k < i; k++)
					between((size_t)k);
			else
				between((size_t)i - 1);
			more = true;
			fwrite(line, 1, (size_t)(got - (line[got - 1] == '\n')), stdout);
		}
		if (more)
			putchar('\n');
	}
	free(files);
	free(line);
	return finish(status);
}
