/*
 * whoami - the name of the effective user.
 */
#include "common/common.h"

#include <unistd.h>

static const char help[] = "usage: whoami\nPrint the name of the user that this runs as.\n";

int main(int argc, char **argv)
{
	if (no_options(argc, argv, help, 1) < argc)
		usage(help, 1);
	puts(user_name(geteuid()));
	return finish(0);
}
