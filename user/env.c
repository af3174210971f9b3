/*
 * env - run a program with another environment, or print it (XCU env).
 */
#include "common/common.h"

#include <err.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char help[] =
	"usage: env [-i] [-0] [-u NAME]... [-C FOLDER] [NAME=VALUE]... [COMMAND [ARGUMENT...]]\n"
	"Run the command with these variables too; without one, print the environment.\n"
	"  -i, -         with an empty environment to begin with\n"
	"  -u NAME       without this one\n"
	"  -C FOLDER     in that folder\n"
	"  -0            end lines with NUL\n";

int main(int argc, char **argv)
{
	extern char **environ;
	char newline = '\n';
	int opt, i;

	help_option(argc, argv, help);
	while ((opt = getopt(argc, argv, "+i0u:C:")) != -1) {
		switch (opt) {
		case 'i':
			clearenv();
			break;
		case 'u':
			unsetenv(optarg);
			break;
		case 'C':
			if (chdir(optarg))
				err(125, "%s", optarg);
			break;
		case '0':
			newline = 0;
			break;
		default:
			usage(help, 125);
		}
	}
	i = optind;
	if (i < argc && !strcmp(argv[i], "-")) {
		clearenv();
		i++;
	}
	for (; i < argc && strchr(argv[i], '='); i++)
		if (putenv(argv[i]))
			err(125, "%s", argv[i]);
	if (i == argc) {
		for (char **e = environ; e && *e; e++)
			printf("%s%c", *e, newline);
		return finish(0);
	}
	execvp(argv[i], argv + i);
	err(errno == ENOENT ? 127 : 126, "%s", argv[i]);
}
