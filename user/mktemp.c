/*
 * mktemp - a new file or folder that nobody else has.
 */
#include "common/common.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char help[] =
	"usage: mktemp [-d] [-u] [-q] [-t] [-p FOLDER] [TEMPLATE]\n"
	"Make a file, its name from TEMPLATE, whose last X's become other letters; print it.\n"
	"  -d         make a folder\n"
	"  -u         take it away again\n"
	"  -p FOLDER  there; else $TMPDIR, else /tmp (also for -t, and without a template)\n";

int main(int argc, char **argv)
{
	bool folder = false, away = false, quiet = false, inside = false;
	const char *where = getenv("TMPDIR");
	char *path;
	int opt;

	help_option(argc, argv, help);
	where = where && *where ? where : "/tmp";
	while ((opt = getopt(argc, argv, "duqtp:")) != -1) {
		switch (opt) {
		case 'd':
			folder = true;
			break;
		case 'u':
			away = true;
			break;
		case 'q':
			quiet = true;
			break;
		case 'p':
			where = optarg;
			inside = true;
			break;
		case 't':
			inside = true;
			break;
		default:
			usage(help, 1);
		}
	}
	if (argc - optind > 1)
		usage(help, 1);
	if (optind == argc)
		path = path_join(where, "tmp.XXXXXX");
	else
		path = inside ? path_join(where, argv[optind]) : need(strdup(argv[optind]));
	if (strlen(path) < 6 || strcmp(path + strlen(path) - 6, "XXXXXX"))
		errx(1, "%s: too few X's at its end", path);
	if (folder ? !mkdtemp(path) : mkstemp(path) < 0) {
		if (quiet)
			return 1;
		err(1, "%s", path);
	}
	if (away)
		remove(path);
	puts(path);
	return finish(0);
}
