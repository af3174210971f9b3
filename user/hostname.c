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
	int at;

	at = no_options(argc, argv, help, 1);
	if (argc > at + 1)
		usage(help, 1);
	if (argc > at) {
		if (sethostname(argv[at], strlen(argv[at])))
			err(1, "%s", argv[at]);
		return 0;
	}
	if (gethostname(name, sizeof(name)))
		err(1, "gethostname");
	puts(name);
	return finish(0);
}
