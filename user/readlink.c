/*
 * readlink - what symbolic links hold.
 */
#include "common/common.h"
#include "common/resolve.h"

#include <err.h>
#include <stdlib.h>
#include <unistd.h>

static const char help[] =
	"usage: readlink [-n] [-f | -e | -m] LINK...\n"
	"Print what the links hold.\n"
	"  -f  the path with all links followed; its last part need not be there\n"
	"  -e  likewise, but all of it must be there;  -m  nothing need be there\n"
	"  -n  no newline\n";
static const char names[] =
	"canonicalize=f canonicalize-existing=e canonicalize-missing=m no-newline=n quiet=q "
	"silent=s verbose=v";

int main(int argc, char **argv)
{
	int opt, how = 0, status = 0;
	bool newline = true;
	char target[4096];

	help_option(argc, argv, help);
	while ((opt = option(argc, argv, "nfemvqs", names)) != -1) {
		if (opt == '?')
			usage(help, 1);
		else if (opt == 'n')
			newline = false;
		else if (opt == 'f' || opt == 'e' || opt == 'm')
			how = opt;
	}
	if (optind == argc)
		usage(help, 1);
	for (int i = optind; i < argc; i++) {
		if (how) {
			char *path = resolve(argv[i], how == 'e' ? 0 : how == 'f' ? 1 : -1);

			if (path)
				printf("%s%s", path, newline ? "\n" : "");
			else
				status = 1;
			free(path);
		} else {
			ssize_t n = readlink(argv[i], target, sizeof(target));

			if (n >= 0)
				printf("%.*s%s", (int)n, target, newline ? "\n" : "");
			else
				status = 1;
		}
	}
	return finish(status);
}
