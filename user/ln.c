/*
 * ln - links (XCU ln).
 */
#include "common/common.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char help[] = "usage: ln [-s] [-f] [-n] [-v] [-L | -P] TARGET [LINK]\n"
			   "       ln [-s] [-f] [-n] [-v] TARGET... FOLDER\n"
			   "Make another name for a file.\n"
			   "  -s      a symbolic link, that holds the target's path\n"
			   "  -f      in the place of one that is there\n"
			   "  -n, -T  a link to a folder is not that folder\n"
			   "  -v      say what is made\n"
			   "  -L, -P  of a target that is a link: what it leads to, or itself\n";

static bool symbolic, force, verbose, follow;

static int make(const char *target, const char *path)
{
	struct stat a, b;

	if (force && !lstat(path, &b)) {
		if (!symbolic && !lstat(target, &a) && a.st_dev == b.st_dev &&
		    a.st_ino == b.st_ino) {
			warnx("'%s' and '%s' are the same file", target, path);
			return 1;
		}
		unlink(path);
	}
	if (symbolic ? symlink(target, path) :
		       linkat(AT_FDCWD, target, AT_FDCWD, path, follow ? AT_SYMLINK_FOLLOW : 0)) {
		warn("%s", symbolic || errno == EEXIST ? path : target);
		return 1;
	}
	if (verbose)
		printf("'%s' %s '%s'\n", path, symbolic ? "->" : "=>", target);
	return 0;
}

int main(int argc, char **argv)
{
	bool nofollow = false, plain = false;
	int opt, n, status = 0;
	struct stat st;
	char *last;

	help_option(argc, argv, help);
	while ((opt = getopt(argc, argv, "sfnTvLP")) != -1) {
		switch (opt) {
		case 's':
			symbolic = true;
			break;
		case 'f':
			force = true;
			break;
		case 'n':
			nofollow = true;
			break;
		case 'T':
			plain = true;
			break;
		case 'v':
			verbose = true;
			break;
		case 'L':
		case 'P':
			follow = opt == 'L';
			break;
		default:
			usage(help, 1);
		}
	}
	argv += optind;
	n = argc - optind;
	if (!n || (plain && n != 2))
		usage(help, 1);
	last = n > 1 ? argv[n - 1] : (char *)".";
	if (plain || (nofollow && !lstat(last, &st) && S_ISLNK(st.st_mode)) || stat(last, &st) ||
	    !S_ISDIR(st.st_mode)) {
		if (n > 2)
			errx(1, "%s: not a folder", last);
		return finish(make(argv[0], last));
	}
	for (int i = 0; i < (n > 1 ? n - 1 : 1); i++) {
		char *full = path_join(last, base_name(argv[i]));

		status |= make(argv[i], full);
		free(full);
	}
	return finish(status);
}
