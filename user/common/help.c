/*
 * help.c - the --help option that each of our programs has.
 */
#include "common.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void help_option(int argc, char **argv, const char *text)
{
	if (argc != 2 || strcmp(argv[1], "--help"))
		return;
	fputs(text, stdout);
	exit(0);
}
