/*
 * cp - copy files (XCU cp).
 */
#include "common/common.h"
#include "common/copy.h"

#include <err.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

static const char help[] =
	"usage: cp [-rRadpfinuvlsLPHT] FILE TARGET\n"
	"       cp [OPTION]... FILE... FOLDER\n"
	"       cp [OPTION]... -t FOLDER FILE...\n"
	"Copy files.\n"
	"  -r, -R      folders, and all that is in them\n"
	"  -p          mode, owner and times too;  -a  all of that and links (-dpR)\n"
	"  -d          links as links;  -L -P -H  follow all links, none, those named\n"
	"  -f          take a target away that can't be written;  -i  ask;  -n  leave it;  -u  if it is older\n"
	"  -l, -s      make links, not copies;  -T  the target is no folder to copy into;  -v  say what is done\n";

int main(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "recursive", no_argument, NULL, 'r' },
		{ "archive", no_argument, NULL, 'a' },
		{ "force", no_argument, NULL, 'f' },
		{ "verbose", no_argument, NULL, 'v' },
		{ "update", no_argument, NULL, 'u' },
		{ "no-clobber", no_argument, NULL, 'n' },
		{ "interactive", no_argument, NULL, 'i' },
		{ "preserve", optional_argument, NULL, 'p' },
		{ "dereference", no_argument, NULL, 'L' },
		{ "no-dereference", no_argument, NULL, 'P' },
		{ "target-directory", required_argument, NULL, 't' },
		{ "remove-destination", no_argument, NULL, 1 },
		{ "reflink", optional_argument, NULL, 2 },
		{ "sparse", required_argument, NULL, 2 },
		{ NULL, 0, NULL, 0 },
	};
	const char *folder = NULL;
	struct copy_how how = { 0 };
	bool plain = false;
	int opt, n, status = 0, links = 0;

	help_option(argc, argv, help);
	while ((opt = getopt_long(argc, argv, "rRadpfinuvlsLPHTt:", longs, NULL)) != -1) {
		switch (opt) {
		case 'a':
			how.recursive = true;
			/* fall through */
		case 'p':
		case 'd':
			if (opt != 'd')
				how.mode = how.owner = how.times = true;
			if (opt != 'p') {
				how.links = true;
				links = 'P';
			}
			break;
		case 'r':
		case 'R':
			how.recursive = true;
			break;
		case 'f':
			how.force = true;
			break;
		case 'i':
			how.ask = true;
			how.no_clobber = false;
			break;
		case 'n':
			how.no_clobber = true;
			how.ask = false;
			break;
		case 'u':
			how.update = true;
			break;
		case 'v':
			how.verbose = true;
			break;
		case 'l':
			how.hard = true;
			break;
		case 's':
			how.symbolic = true;
			break;
		case 'L':
		case 'P':
		case 'H':
			links = opt;
			break;
		case 'T':
			plain = true;
			break;
		case 't':
			folder = optarg;
			break;
		case 1:
			how.remove_first = true;
			break;
		case 2:
			break;
		default:
			usage(help, 1);
		}
	}
	/* without -r links are followed, with it they are copied */
	how.follow = links == 'L' || (!links && !how.recursive && !how.hard);
	how.follow_named = links == 'H';
	argv += optind;
	n = sources(argv, argc - optind, plain, &folder, help);
	if (!folder)
		return finish(copy_path(argv[0], argv[1], &how));
	if (!is_folder(folder))
		errx(1, "target '%s' is not a directory", folder);
	for (int i = 0; i < n; i++) {
		char *to = inside(folder, argv[i]);

		status |= copy_path(argv[i], to, &how);
		free(to);
	}
	return finish(status);
}
