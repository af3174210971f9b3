/*
 * hello - the smallest program that says that the system runs.
 */
#include "common/common.h"

#include <stdio.h>
#include <sys/utsname.h>

static const char help[] =
	"usage: hello [WORD...]\n"
	"Greet, and name the system; or print the words, a line each, with their numbers.\n";

int main(int argc, char **argv)
{
	struct utsname uts;

	help_option(argc, argv, help);
	for (int i = 1; i < argc; i++)
		printf("%d: %s\n", i, argv[i]);
	if (argc > 1)
		return 0;
	if (uname(&uts)) {
		perror("uname");
		return 1;
	}
	printf("Hello from %s %s on %s.\n", uts.sysname, uts.release, uts.machine);
	return 0;
}
