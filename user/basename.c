/*
 * basename - the last part of a path (XCU basename).
 */
#include "common/common.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char help[] =
	"usage: basename PATH [SUFFIX]\n"
	"       basename -a [-s SUFFIX] PATH...\n"
	"Print PATH without the folders before it, and without SUFFIX behind it.\n";
static const char names[] = "multiple=a suffix=s";

static void show(char *path, const char *suffix)
{
	size_t n = strlen(path), s = suffix ? strlen(suffix) : 0;
	const char *name;

	while (n > 1 && path[n - 1] == '/')
		path[--n] = 0;
	name = base_name(path);
	n = strlen(name);
	if (s && s < n && !strcmp(name + n - s, suffix))
		n -= s;
	printf("%.*s\n", (int)n, name);
}

int main(int argc, char **argv)
{
	const char *suffix = NULL;
	bool all = false;
	int opt;

	help_option(argc, argv, help);
	while ((opt = option(argc, argv, "+as:", names)) != -1) {
		if (opt == '?')
			usage(help, 1);
		all = true;
		if (opt == 's')
			suffix = optarg;
	}
	if (optind == argc || (!all && argc - optind > 2))
		usage(help, 1);
	if (!all) {
		show(argv[optind], optind + 1 < argc ? argv[optind + 1] : NULL);
		return finish(0);
	}
	for (int i = optind; i < argc; i++)
		show(argv[i], suffix);
	return finish(0);
}
