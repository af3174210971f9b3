/*
 * rm - take files away (XCU rm).
 */
#include "common/common.h"

#include <err.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char help[] = "usage: rm [-f | -i] [-r] [-d] [-v] FILE...\n"
			   "Take files away.\n"
			   "  -r, -R  folders, and all that is in them;  -d  empty folders\n"
			   "  -f      never ask; files that are not there are no error\n"
			   "  -i      always ask\n"
			   "  -v      say what is taken away\n";
static const char names[] =
	"recursive=r force=f verbose=v dir=d interactive=\2:: one-file-system=\1";

static bool force, ask, recursive, folders, verbose, terminal, one_device;
static int status;

static void failed(const char *path)
{
	if (force && (errno == ENOENT || errno == ENOTDIR))
		return;
	warn("cannot remove '%s'", path);
	status = 1;
}

static bool may(const struct walk *w, const char *what)
{
	if (ask)
		return confirm("rm: remove %s '%s'? ", what, w->path);
	if (!force && terminal && !S_ISLNK(w->st.st_mode) && access(w->path, W_OK))
		return confirm("rm: remove write-protected %s '%s'? ", what, w->path);
	return true;
}

static void visit(struct walk *w, enum walk_event event)
{
	switch (event) {
	case WALK_ERROR:
		failed(w->path);
		break;
	case WALK_FOLDER:
		if (!recursive && !folders) {
			warnx("cannot remove '%s': Is a directory", w->path);
			status = 1;
			w->skip = true;
		} else if (!recursive) {
			w->skip = true;
		} else if (ask && !confirm("rm: descend into directory '%s'? ", w->path)) {
			w->skip = true;
			w->arg = w;
		}
		break;
	case WALK_LEFT:
		if ((!recursive && !folders) || w->arg == w || !may(w, "directory"))
			break;
		if (rmdir(w->path))
			failed(w->path);
		else if (verbose)
			printf("removed directory '%s'\n", w->path);
		break;
	default:
		if (!may(w, S_ISREG(w->st.st_mode) ?
				    w->st.st_size ? "regular file" : "regular empty file" :
			    S_ISLNK(w->st.st_mode) ? "symbolic link" :
						     "file"))
			break;
		if (unlink(w->path))
			failed(w->path);
		else if (verbose)
			printf("removed '%s'\n", w->path);
		break;
	}
}

int main(int argc, char **argv)
{
	int opt;

	help_option(argc, argv, help);
	while ((opt = option(argc, argv, "firRdv", names)) != -1) {
		switch (opt) {
		case 'f':
			force = true;
			ask = false;
			break;
		case 2:
			if (optarg && (!strcmp(optarg, "never") || !strcmp(optarg, "no"))) {
				ask = false;
				break;
			}
			/* fall through */
		case 'i':
			ask = true;
			force = false;
			break;
		case 'r':
		case 'R':
			recursive = true;
			break;
		case 'd':
			folders = true;
			break;
		case 'v':
			verbose = true;
			break;
		case 1:
			one_device = true;
			break;
		default:
			usage(help, 1);
		}
	}
	if (optind == argc && !force)
		usage(help, 1);
	terminal = isatty(0);
	for (int i = optind; i < argc; i++) {
		size_t n = strlen(argv[i]);
		const char *name;

		while (n > 1 && argv[i][n - 1] == '/')
			n--;
		argv[i][n] = 0;
		name = base_name(argv[i]);
		if (!strcmp(name, ".") || !strcmp(name, "..") || !strcmp(argv[i], "/")) {
			warnx("refusing to remove '%s'", argv[i]);
			status = 1;
			continue;
		}
		walk(argv[i], one_device ? WALK_ONE_DEVICE : 0, visit, NULL);
	}
	return finish(status);
}
