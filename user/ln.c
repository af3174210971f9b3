/*
 * ln - links (XCU ln).
 */
#include "common/backup.h"
#include "common/common.h"
#include "common/resolve.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char help[] =
	"usage: ln [-s [-r]] [-f] [-n] [-v] [-L | -P] TARGET [LINK]\n"
	"       ln [-s] [-f] [-n] [-v] TARGET... FOLDER, or -t FOLDER TARGET...\n"
	"Make another name for a file.\n"
	"  -s      a symbolic link, that holds the target's path;  -r  from where the link is\n"
	"  -f      in the place of one that is there\n"
	"  -n, -T  a link to a folder is not that folder\n"
	"  -v      say what is made;  -b  keep one that is in the way as NAME~\n"
	"  -L, -P  of a target that is a link: what it leads to, or itself\n";
static const char names[] =
	"symbolic=s force=f no-dereference=n no-target-directory=T verbose=v logical=L "
	"physical=P relative=r target-directory=t suffix=S backup=\1::";

static bool symbolic, force, verbose, follow, relative;
static char backup;
static const char *suffix;

/* The way from where `path` will be to `target`; in new memory. */
static char *way_to(const char *target, const char *path)
{
	char *folder = need(strdup(path)), *slash = strrchr(folder, '/'), *out, *p;
	char *to = resolve(target, -1), *from;
	size_t same = 0, ups = 0;

	if (slash)
		slash[slash == folder] = 0;
	from = resolve(slash ? folder : ".", -1);
	free(folder);
	if (!to || !from) {
		free(to);
		free(from);
		return need(strdup(target));
	}
	for (size_t i = 0;; i++) {
		if ((!to[i] || to[i] == '/') && (!from[i] || from[i] == '/'))
			same = i;
		if (to[i] != from[i] || !to[i])
			break;
	}
	for (const char *s = from + same; *s; s++)
		ups += *s == '/' && s[1];
	out = p = need(malloc(3 * ups + strlen(to) + 3));
	for (size_t i = 0; i < ups; i++)
		p = stpcpy(p, i ? "/.." : "..");
	while (to[same] == '/')
		same++;
	strcpy(to[same] && ups ? stpcpy(p, "/") : p, to + same);
	if (!*out)
		strcpy(out, ".");
	free(to);
	free(from);
	return out;
}

static int make(const char *target, const char *path)
{
	char *way = relative ? way_to(target, path) : NULL;
	struct stat a, b;
	int bad = 1;

	if (way)
		target = way;
	if ((force || backup) && !lstat(path, &b)) {
		if (!symbolic && !lstat(target, &a) && a.st_dev == b.st_dev &&
		    a.st_ino == b.st_ino) {
			warnx("'%s' and '%s' are the same file", target, path);
			goto out;
		}
		if (backup ? back_up(path, backup, suffix) : unlink(path))
			goto out;
	}
	bad = symbolic ? symlink(target, path) :
			 linkat(AT_FDCWD, target, AT_FDCWD, path, follow ? AT_SYMLINK_FOLLOW : 0);
	if (bad)
		warn("%s", symbolic || errno == EEXIST ? path : target);
	else if (verbose)
		printf("'%s' %s '%s'\n", path, symbolic ? "->" : "=>", target);
out:
	free(way);
	return bad ? 1 : 0;
}

int main(int argc, char **argv)
{
	bool nofollow = false, plain = false;
	int opt, n, status = 0;
	struct stat st;
	char *last, *folder = NULL;

	help_option(argc, argv, help);
	while ((opt = option(argc, argv, "sfnTvLPrt:bS:", names)) != -1) {
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
		case 'r':
			relative = true;
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
	if (!n || (plain && n != 2) || (relative && !symbolic))
		usage(help, 1);
	if (folder)
		n++;
	last = folder ? folder : n > 1 ? argv[n - 1] : (char *)".";
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
