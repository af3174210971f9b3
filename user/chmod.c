/*
 * chmod - other modes for files (XCU chmod).
 */
#include "common/common.h"
#include "common/mode.h"

#include <err.h>
#include <getopt.h>
#include <string.h>

static const char help[] =
	"usage: chmod [-R] [-v | -c] [-f] MODE FILE...\n"
	"       chmod [-R] [-v | -c] [-f] --reference=FILE FILE...\n"
	"Give files a mode: an octal number, or [ugoa][+-=][rwxXst...], and more with commas.\n"
	"  -R      folders and all that is in them\n"
	"  -v, -c  say what is done; only where it changes something\n"
	"  -f      no messages\n";
static const char names[] = "reference=\1: recursive=R verbose=v changes=c quiet=f silent=f";

static const char *text;
static mode_t mask, fixed;
static bool recursive, verbose, changes, quiet;
static int status;

static void visit(struct walk *w, enum walk_event event)
{
	mode_t mode = fixed, old = w->st.st_mode & 07777;
	char a[11], b[11];

	if (event == WALK_ERROR) {
		if (!quiet)
			warn("cannot access '%s'", w->path);
		status = 1;
		return;
	}
	if (event == WALK_LEFT)
		return;
	if (event == WALK_FOLDER && !recursive)
		w->skip = true;
	if (S_ISLNK(w->st.st_mode) && w->depth)
		return;
	if (text)
		mode_parse(text, old, S_ISDIR(w->st.st_mode), mask, &mode);
	/* a number does not take set-id bits from a folder */
	if (text && *text >= '0' && *text <= '7' && S_ISDIR(w->st.st_mode) && strlen(text) < 5)
		mode |= old & 06000;
	if (chmod(w->path, mode)) {
		if (!quiet)
			warn("'%s'", w->path);
		status = 1;
	} else if (verbose || (changes && mode != old)) {
		mode_string(old, a);
		mode_string(mode, b);
		if (mode == old)
			printf("mode of '%s' retained as %04o (%s)\n", w->path, mode, b + 1);
		else
			printf("mode of '%s' changed from %04o (%s) to %04o (%s)\n", w->path, old,
			       a + 1, mode, b + 1);
	}
}

int main(int argc, char **argv)
{
	bool reference = false;
	struct stat st;
	int opt;
	mode_t any;

	help_option(argc, argv, help);
	for (;;) {
		/* -x, -rwx and the like are modes */
		const char *w = optind < argc ? argv[optind] : NULL;

		if (w && w[0] == '-' && w[1] && strchr("rwxXstugo", w[1]))
			break;
		opt = option(argc, argv, "+Rvcf", names);
		if (opt == -1)
			break;
		switch (opt) {
		case 'R':
			recursive = true;
			break;
		case 'v':
			verbose = true;
			break;
		case 'c':
			changes = true;
			break;
		case 'f':
			quiet = true;
			break;
		case 1:
			if (stat(optarg, &st))
				err(1, "%s", optarg);
			fixed = st.st_mode & 07777;
			reference = true;
			break;
		default:
			usage(help, 1);
		}
	}
	if (!reference && optind < argc)
		text = argv[optind++];
	if (optind >= argc)
		usage(help, 1);
	mask = umask(0);
	umask(mask);
	if (text && !mode_parse(text, 0, false, mask, &any))
		errx(1, "invalid mode: '%s'", text);
	for (int i = optind; i < argc; i++) {
		/* `chmod 755 -R folder` */
		if (!strcmp(argv[i], "-R")) {
			recursive = true;
			continue;
		}
		walk(argv[i], WALK_FOLLOW_FIRST, visit, NULL);
	}
	return finish(status);
}
