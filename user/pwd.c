/*
 * pwd - the current folder (XCU pwd).
 */
#include "common/common.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char help[] =
	"usage: pwd [-L | -P]\n"
	"Print the current folder: as $PWD has it, if that is it (-L), or without links (-P).\n";
static const char names[] = "logical=L physical=P";

int main(int argc, char **argv)
{
	const char *pwd = getenv("PWD");
	struct stat here, there;
	bool logical = false;
	char *path;
	int opt;

	help_option(argc, argv, help);
	while ((opt = option(argc, argv, "LP", names)) != -1) {
		if (opt == '?')
			usage(help, 1);
		logical = opt == 'L';
	}
	if (logical && pwd && *pwd == '/' && !strstr(pwd, "/.") && !stat(pwd, &there) &&
	    !stat(".", &here) && here.st_ino == there.st_ino && here.st_dev == there.st_dev) {
		puts(pwd);
		return finish(0);
	}
	path = getcwd(NULL, 0);
	if (!path)
		err(1, "the current folder");
	puts(path);
	return finish(0);
}
