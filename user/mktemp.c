/*
 * mktemp - a new file or folder that nobody else has.
 */
#include "common/common.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char help[] =
	"usage: mktemp [-d] [-u] [-q] [-t] [-p FOLDER] [TEMPLATE]\n"
	"Make a file, its name from TEMPLATE, whose last X's become other letters; print it.\n"
	"  -d         make a folder\n"
	"  -u         take it away again\n"
	"  -p FOLDER  there; else $TMPDIR, else /tmp (also for -t, and without a template)\n";
static const char names[] = "directory=d dry-run=u quiet=q tmpdir=p suffix=\1:";

/* A file or folder of a name that none has; for `away` only the name. */
static bool make(char *path, size_t from, size_t to, bool folder, bool away)
{
	static const char letters[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
	struct stat st;

	for (int tries = 0; tries < 10000; tries++) {
		int fd;

		for (size_t i = from; i < to; i++)
			path[i] = letters[arc4random_uniform(sizeof(letters) - 1)];
		if (away) {
			if (lstat(path, &st))
				return errno == ENOENT;
		} else if (folder) {
			if (!mkdir(path, 0700))
				return true;
		} else {
			fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
			if (fd >= 0)
				return !close(fd);
		}
		if (!away && errno != EEXIST)
			return false;
	}
	return false;
}

int main(int argc, char **argv)
{
	bool folder = false, away = false, quiet = false, inside = false;
	const char *where = getenv("TMPDIR");
	const char *suffix = NULL;
	char *path, *joined;
	size_t from, to;
	int opt;

	help_option(argc, argv, help);
	where = where && *where ? where : "/tmp";
	while ((opt = option(argc, argv, "duqtp:", names)) != -1) {
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
		case 1:
			suffix = optarg;
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
	if (suffix) {
		joined = need(malloc(strlen(path) + strlen(suffix) + 1));
		strcpy(stpcpy(joined, path), suffix);
		free(path);
		path = joined;
	}
	/* the last X's, and what is behind them */
	for (to = strlen(path) - (suffix ? strlen(suffix) : 0);
	     to && path[to - 1] != 'X' && path[to - 1] != '/'; to--)
		;
	for (from = to; from && path[from - 1] == 'X'; from--)
		;
	if (to - from < 3)
		errx(1, "too few X's in template '%s'", path);
	if (!make(path, from, to, folder, away)) {
		if (quiet)
			return 1;
		err(1, "%s", path);
	}
	puts(path);
	return finish(0);
}
