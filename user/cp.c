/*
 * cp - copy files (XCU cp).
 */
#include "common/common.h"
#include "common/backup.h"
#include "common/copy.h"

#include <err.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

static const char help[] =
	"usage: cp [-rRadpfinuvlsLPHTbx] [-S SUFFIX] [--parents] FILE TARGET\n"
	"       cp [OPTION]... FILE... FOLDER\n"
	"       cp [OPTION]... -t FOLDER FILE...\n"
	"Copy files.\n"
	"  -r, -R      folders, and all that is in them\n"
	"  -p          mode, owner and times too;  -a  all of that and links (-dpR)\n"
	"  -b          keep one that is in the way as NAME~, or with -S's suffix;  -x  stay on one file system\n"
	"  -d          links as links;  -L -P -H  follow all links, none, those named\n"
	"  -f          take a target away that can't be written;  -i  ask;  -n  leave it;  -u  if it is older\n"
	"  -l, -s      make links, not copies;  -T  the target is no folder to copy into;  -v  say what is done\n";
static const char names[] =
	"recursive=r archive=a one-file-system=x force=f verbose=v update=u no-clobber=n interactive=i "
	"preserve=\6:: no-preserve=\7: dereference=L no-dereference=P target-directory=t no-target-directory=T "
	"link=l symbolic-link=s suffix=S backup=\3:: parents=\4 attributes-only=\5 "
	"remove-destination=\1 reflink=\2:: sparse=\2:";

/* --preserve and --no-preserve: what the words name is kept, or not. */
static void preserve(struct copy_how *how, const char *words, bool keep)
{
	static const char *const names_of[] = { "mode", "ownership", "timestamps", "links",
						"all",	"xattr",     "context" };

	while (*words) {
		size_t n = strcspn(words, ","), i;
		bool all;

		for (i = 0; i < 7 && (strlen(names_of[i]) != n || strncmp(words, names_of[i], n));
		     i++)
			;
		if (i == 7)
			errx(1, "invalid argument '%s' for '--preserve'", words);
		all = i == 4;
		if (all || i == 0)
			how->mode = keep;
		if (all || i == 1)
			how->owner = keep;
		if (all || i == 2)
			how->times = keep;
		if (all || i == 3)
			how->links = keep;
		words += n + (words[n] == ',');
	}
}

/* --parents: the whole path below the folder; what it lacks is made. New memory. */
static char *below(const char *folder, const char *file)
{
	char *to = path_join(folder, file), *from = need(strdup(file));
	struct stat st;

	for (char *slash = strchr(from + (*from == '/'), '/'); slash;
	     slash = strchr(slash + 1, '/')) {
		char *made;

		*slash = 0;
		made = path_join(folder, from);
		if (!stat(from, &st))
			mkdir(made, st.st_mode & 07777);
		free(made);
		*slash = '/';
	}
	free(from);
	return to;
}

int main(int argc, char **argv)
{
	const char *folder = NULL;
	struct copy_how how = { 0 };
	bool plain = false, parents = false;
	int opt, n, status = 0, links = 0;

	help_option(argc, argv, help);
	while ((opt = option(argc, argv, "rRadpfinuvlsLPHTt:bS:x", names)) != -1) {
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
		case 'x':
			how.one_device = true;
			break;
		case 'b':
		case 3:
			how.backup = backup_kind(optarg);
			break;
		case 'S':
			how.suffix = optarg;
			how.backup = how.backup ? how.backup : backup_kind(NULL);
			break;
		case 4:
			parents = true;
			break;
		case 6:
		case 7:
			preserve(&how, optarg ? optarg : "mode,ownership,timestamps", opt == 6);
			break;
		case 5:
			how.attributes_only = true;
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
		char *to = parents ? below(folder, argv[i]) : inside(folder, argv[i]);

		status |= copy_path(argv[i], to, &how);
		free(to);
	}
	return finish(status);
}
