/*
 * true - succeeds.
 */
#include "common/common.h"

static const char help[] = "usage: true\nDo nothing, and succeed.\n";

int main(int argc, char **argv)
{
	help_option(argc, argv, help);
	return 0;
}
