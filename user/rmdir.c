/*
 * rmdir - take empty folders away (XCU rmdir).
 */
#include "common/common.h"

#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char help[] =
	"usage: rmdir [-p] [-v] [--ignore-fail-on-non-empty] FOLDER...\n"
	"Take empty folders away.\n"
	"  -p  also those above that are empty then;  -v  say what is taken away\n";
static const char names[] = "parents=p verbose=v ignore-fail-on-non-empty=\1";

int main(int argc, char **argv)
{
	bool parents = false, verbose = false, ignore = false;
	int opt, status = 0;

	help_option(argc, argv, help);
	while ((opt = option(argc, argv, "pv", names)) != -1) {
		if (opt == '?')
			usage(help, 1);
		parents |= opt == 'p';
		verbose |= opt == 'v';
		ignore |= opt == 1;
	}
	if (optind == argc)
		usage(help, 1);
	for (int i = optind; i < argc; i++) {
		for (char *slash = argv[i]; slash;) {
			size_t n = strlen(argv[i]);

			if (verbose)
				printf("rmdir: removing directory, '%s'\n", argv[i]);
			if (rmdir(argv[i])) {
				if (ignore && (errno == ENOTEMPTY || errno == EEXIST))
					break;
				warn("%s", argv[i]);
				status = 1;
				break;
			}
			while (n > 1 && argv[i][n - 1] == '/')
				argv[i][--n] = 0;
			slash = parents ? strrchr(argv[i], '/') : NULL;
			if (slash == argv[i])
				slash = NULL;
			if (slash)
				*slash = 0;
		}
	}
	return status;
}
