/*
 * echo - print the arguments.
 */
#include "common/common.h"

#include <stdio.h>
#include <string.h>

static const char help[] = "usage: echo [-n] [WORD...]\n"
			   "Print the words with a space between them and a newline at the end.\n"
			   "  -n  no newline\n";

int main(int argc, char **argv)
{
	int newline = 1, first = 1;

	help_option(argc, argv, help);
	if (argc > 1 && !strcmp(argv[1], "-n")) {
		newline = 0;
		first = 2;
	}
	for (int i = first; i < argc; i++)
		printf("%s%s", i > first ? " " : "", argv[i]);
	if (newline)
		putchar('\n');
	return fflush(stdout) ? 1 : 0;
}
