/*
 * mkdir - make folders (XCU mkdir).
 */
#include "common/common.h"
#include "common/mode.h"

#include <err.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char help[] = "usage: mkdir [-p] [-v] [-m MODE] FOLDER...\n"
			   "Make folders.\n"
			   "  -p       those above as well; one that is there already is no error\n"
			   "  -v       say what is made\n"
			   "  -m MODE  with that mode\n";
static const char names[] = "parents=p verbose=v mode=m";

static bool parents, verbose, exact;
static mode_t mode = 0777;

static bool make(const char *path, mode_t m)
{
	if (mkdir(path, m))
		return false;
	if (verbose)
		printf("mkdir: created directory '%s'\n", path);
	return true;
}

static bool make_all(char *path)
{
	struct stat st;

	for (char *p = path + 1; *p; p++) {
		if (*p != '/' || p[-1] == '/' || !p[1 + strspn(p + 1, "/")])
			continue;
		*p = 0;
		if (!make(path, 0777) && errno != EEXIST &&
		    (stat(path, &st) || !S_ISDIR(st.st_mode)))
			return false;
		*p = '/';
	}
	if (make(path, mode))
		return !exact || !chmod(path, mode);
	return errno == EEXIST && !stat(path, &st) && S_ISDIR(st.st_mode);
}

int main(int argc, char **argv)
{
	const char *text = NULL;
	int opt, status = 0;
	mode_t mask;

	help_option(argc, argv, help);
	while ((opt = option(argc, argv, "pvm:", names)) != -1) {
		switch (opt) {
		case 'p':
			parents = true;
			break;
		case 'v':
			verbose = true;
			break;
		case 'm':
			text = optarg;
			break;
		default:
			usage(help, 1);
		}
	}
	if (optind == argc)
		usage(help, 1);
	mask = umask(0);
	umask(mask);
	exact = text;
	if (text && !mode_parse(text, 0777, true, mask, &mode))
		errx(1, "%s: no mode", text);
	for (int i = optind; i < argc; i++) {
		bool ok = parents ? make_all(argv[i]) :
				    make(argv[i], mode) && (!exact || !chmod(argv[i], mode));

		if (!ok) {
			warn("%s", argv[i]);
			status = 1;
		}
	}
	return finish(status);
}
