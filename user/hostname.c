/*
 * hostname - the machine's name.
 */
#include "common/common.h"

#include <err.h>
#include <string.h>
#include <unistd.h>

static const char help[] = "usage: hostname [NAME]\nPrint the machine's name, or set it.\n";

int main(int argc, char **argv)
{
	char name[256];

	help_option(argc, argv, help);
	if (argc > 2)
		usage(help, 1);
	if (argc == 2) {
		if (sethostname(argv[1], strlen(argv[1])))
			err(1, "%s", argv[1]);
		return 0;
	}
	if (gethostname(name, sizeof(name)))
		err(1, "gethostname");
	puts(name);
	return finish(0);
}
