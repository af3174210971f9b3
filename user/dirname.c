/*
 * dirname - a path without its last part (XCU dirname).
 */
#include "common/common.h"

#include <string.h>
#include <unistd.h>

static const char help[] =
	"usage: dirname PATH...\nPrint each PATH without its last part; . if there is no other.\n";

static void show(const char *path)
{
	size_t n = strlen(path);

	while (n > 1 && path[n - 1] == '/')
		n--;
	while (n && path[n - 1] != '/')
		n--;
	if (!n) {
		puts(".");
		return;
	}
	while (n > 1 && path[n - 1] == '/')
		n--;
	printf("%.*s\n", (int)n, path);
}

int main(int argc, char **argv)
{
	help_option(argc, argv, help);
	if (getopt(argc, argv, "+") != -1 || optind == argc)
		usage(help, 1);
	for (int i = optind; i < argc; i++)
		show(argv[i]);
	return finish(0);
}
