/*
 * realpath - paths with all links followed (XCU realpath).
 */
#include "common/common.h"
#include "common/resolve.h"

#include <err.h>
#include <stdlib.h>
#include <unistd.h>

static const char help[] =
	"usage: realpath [-e | -E | -m] [-q] PATH...\n"
	"Print the absolute paths, without links and dots.\n"
	"  -e  all of the path must be there;  -m  nothing need be;  else all but its last part\n"
	"  -q  no messages\n";
static const char names[] = "canonicalize-existing=e canonicalize-missing=m quiet=q";

int main(int argc, char **argv)
{
	int opt, missing = 1, status = 0;
	bool quiet = false;

	help_option(argc, argv, help);
	while ((opt = option(argc, argv, "eEmq", names)) != -1) {
		if (opt == '?')
			usage(help, 1);
		if (opt == 'q')
			quiet = true;
		else
			missing = opt == 'e' ? 0 : opt == 'm' ? -1 : 1;
	}
	if (optind == argc)
		usage(help, 1);
	for (int i = optind; i < argc; i++) {
		char *path = resolve(argv[i], missing);

		if (path) {
			puts(path);
		} else {
			status = 1;
			if (!quiet)
				warn("%s", argv[i]);
		}
		free(path);
	}
	return finish(status);
}
