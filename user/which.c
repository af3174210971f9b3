/*
 * which - where programs are.
 */
#include "common/common.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char help[] =
	"usage: which [-a] NAME...\n"
	"Print the path of each program that $PATH finds; with -a, all of them.\n";
static const char names[] = "all=a";

static bool runnable(const char *path)
{
	struct stat st;

	return !stat(path, &st) && S_ISREG(st.st_mode) && !access(path, X_OK);
}

static bool find(const char *name, bool all)
{
	const char *path = getenv("PATH");
	bool found = false;

	if (strchr(name, '/')) {
		if (runnable(name))
			puts(name);
		return runnable(name);
	}
	while (path && *path && (all || !found)) {
		size_t n = strcspn(path, ":");
		char *folder = need(strndup(path, n)), *full = path_join(n ? folder : ".", name);

		if (runnable(full)) {
			puts(full);
			found = true;
		}
		free(folder);
		free(full);
		path += n + (path[n] == ':');
	}
	return found;
}

int main(int argc, char **argv)
{
	bool all = false;
	int opt, status = 0;

	help_option(argc, argv, help);
	while ((opt = option(argc, argv, "a", names)) != -1) {
		if (opt == '?')
			usage(help, 2);
		all = true;
	}
	if (optind == argc)
		return 1;
	for (int i = optind; i < argc; i++)
		status |= !find(argv[i], all);
	return finish(status);
}
