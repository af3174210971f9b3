/*
 * clear - an empty screen.
 */
#include "common/common.h"

static const char help[] = "usage: clear\nMake the screen empty.\n";

int main(int argc, char **argv)
{
	if (no_options(argc, argv, help, 1) < argc)
		usage(help, 1);
	fputs("\033[H\033[2J\033[3J", stdout);
	return finish(0);
}
