/*
 * help.c - the --help option that each of our programs has, and those that have no other.
 */
#include "common.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void help_option(int argc, char **argv, const char *text)
{
	if (argc != 2 || strcmp(argv[1], "--help"))
		return;
	fputs(text, stdout);
	exit(0);
}

int no_options(int argc, char **argv, const char *text, int status)
{
	help_option(argc, argv, text);
	if (getopt(argc, argv, "+") != -1)
		usage(text, status);
	return optind;
}
