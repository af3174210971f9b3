/*
 * tty - the name of the terminal on standard input (XCU tty).
 */
#include "common/common.h"

#include <unistd.h>

static const char help[] =
	"usage: tty [-s]\n"
	"Print the name of the terminal that is standard input; fail if it is none.\n"
	"  -s  print nothing\n";
static const char names[] = "silent=s quiet=s";

int main(int argc, char **argv)
{
	bool silent = false;
	const char *name;
	int opt;

	help_option(argc, argv, help);
	while ((opt = option(argc, argv, "s", names)) != -1) {
		if (opt == '?')
			usage(help, 2);
		silent = true;
	}
	name = isatty(0) ? ttyname(0) : NULL;
	if (!silent)
		puts(name ? name : "not a tty");
	return finish(!name);
}
