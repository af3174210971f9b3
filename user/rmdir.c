/*
 * rmdir - take empty folders away (XCU rmdir).
 */
#include "common/common.h"

#include <err.h>
#include <string.h>
#include <unistd.h>

static const char help[] = "usage: rmdir [-p] FOLDER...\n"
			   "Take empty folders away.\n"
			   "  -p  also those above that are empty then\n";

int main(int argc, char **argv)
{
	bool parents = false;
	int opt, status = 0;

	help_option(argc, argv, help);
	while ((opt = getopt(argc, argv, "p")) != -1) {
		if (opt == '?')
			usage(help, 1);
		parents = true;
	}
	if (optind == argc)
		usage(help, 1);
	for (int i = optind; i < argc; i++) {
		for (char *slash = argv[i]; slash;) {
			size_t n = strlen(argv[i]);

			if (rmdir(argv[i])) {
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
