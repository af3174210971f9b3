/*
 * false - fails.
 */
#include "common/common.h"

static const char help[] = "usage: false\nDo nothing, and fail.\n";

int main(int argc, char **argv)
{
	help_option(argc, argv, help);
	return 1;
}
