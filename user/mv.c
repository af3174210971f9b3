/*
 * mv - other names for files, and other places (XCU mv).
 */
#include "common/backup.h"
#include "common/common.h"
#include "common/copy.h"

#include <err.h>
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char help[] =
	"usage: mv [-finuvTb] [-S SUFFIX] FILE TARGET\n"
	"       mv [-finuvb] FILE... FOLDER\n"
	"Rename a file, or move files into a folder, on another file system too.\n"
	"  -f  never ask;  -i  ask before one is overwritten;  -n  overwrite none;  -u  only older ones\n"
	"  -b  keep one that is in the way as NAME~, or with -S's suffix\n"
	"  -T  the target is no folder to move into;  -v  say what is done\n";
static const char names[] =
	"force=f interactive=i no-clobber=n update=u verbose=v no-target-directory=T "
	"target-directory=t suffix=S backup=\1::";

static bool force, ask, no_clobber, update, verbose;
static char backup;
static const char *suffix;
static int bad;

static void remove_one(struct walk *w, enum walk_event event)
{
	if (event == WALK_FOLDER)
		return;
	if (event == WALK_LEFT ? rmdir(w->path) : unlink(w->path)) {
		warn("cannot remove '%s'", w->path);
		bad = 1;
	}
}

static int across(const char *from, const char *to)
{
	static const struct copy_how all = { .recursive = true,
					     .mode = true,
					     .owner = true,
					     .times = true,
					     .links = true,
					     .remove_first = true };
	if (copy_path(from, to, &all))
		return 1;
	bad = 0;
	walk(from, 0, remove_one, NULL);
	return bad;
}

static int move(const char *from, const char *to)
{
	struct stat a, b;
	int status = 0;

	if (lstat(from, &a)) {
		warn("cannot stat '%s'", from);
		return 1;
	}
	if (!lstat(to, &b)) {
		if (no_clobber)
			return 0;
		if (update && b.st_mtim.tv_sec >= a.st_mtim.tv_sec)
			return 0;
		if (a.st_dev == b.st_dev && a.st_ino == b.st_ino && a.st_nlink < 2) {
			warnx("'%s' and '%s' are the same file", from, to);
			return 1;
		}
		if (ask ? !confirm("mv: overwrite '%s'? ", to) :
			  !force && isatty(0) && !S_ISLNK(b.st_mode) && access(to, W_OK) &&
				    !confirm("mv: replace '%s', overriding mode %04o? ", to,
					     b.st_mode & 07777))
			return 0;
		if (backup && back_up(to, backup, suffix))
			return 1;
	}
	if (rename(from, to)) {
		if (errno != EXDEV) {
			warn("cannot move '%s' to '%s'", from, to);
			return 1;
		}
		status = across(from, to);
	}
	if (verbose && !status)
		printf("renamed '%s' -> '%s'\n", from, to);
	return status;
}

int main(int argc, char **argv)
{
	const char *folder = NULL;
	bool plain = false;
	int opt, n, status = 0;

	help_option(argc, argv, help);
	while ((opt = option(argc, argv, "finuvTt:bS:", names)) != -1) {
		switch (opt) {
		case 'f':
			force = true;
			ask = no_clobber = false;
			break;
		case 'i':
			ask = true;
			force = no_clobber = false;
			break;
		case 'n':
			no_clobber = true;
			break;
		case 'u':
			update = true;
			break;
		case 'v':
			verbose = true;
			break;
		case 'T':
			plain = true;
			break;
		case 'b':
		case 1:
			backup = backup_kind(optarg);
			break;
		case 'S':
			suffix = optarg;
			backup = backup ? backup : backup_kind(NULL);
			break;
		case 't':
			folder = optarg;
			break;
		default:
			usage(help, 1);
		}
	}
	argv += optind;
	n = sources(argv, argc - optind, plain, &folder, help);
	if (!folder)
		return finish(move(argv[0], argv[1]));
	for (int i = 0; i < n; i++) {
		char *to = inside(folder, argv[i]);

		status |= move(argv[i], to);
		free(to);
	}
	return finish(status);
}
