/*
 * whoami - the name of the effective user.
 */
#include "common/common.h"

#include <unistd.h>

static const char help[] = "usage: whoami\nPrint the name of the user that this runs as.\n";

int main(int argc, char **argv)
{
	help_option(argc, argv, help);
	puts(user_name(geteuid()));
	return finish(0);
}
