/*
 * chown, chgrp - other owners for files (XCU chown, chgrp).
 */
#include "common/common.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char help[] =
	"usage: chown [-R] [-h] [-v] [-f] USER[:[GROUP]] | :GROUP | --reference=FILE FILE...\n"
	"       chgrp [-R] [-h] [-v] [-f] GROUP | --reference=FILE FILE...\n"
	"Give files another owner and group; USER: is the user's own group.\n"
	"  -R  folders and all that is in them\n"
	"  -h  links themselves\n"
	"  -v  say what is done;  -f  no messages\n";
static const char names[] =
	"reference=\1: recursive=R no-dereference=h verbose=v changes=c quiet=f silent=f";

static uid_t uid = (uid_t)-1;
static gid_t gid = (gid_t)-1;
static bool recursive, links, verbose, quiet;
static int status;

static void visit(struct walk *w, enum walk_event event)
{
	if (event == WALK_ERROR) {
		if (!quiet)
			warn("cannot access '%s'", w->path);
		status = 1;
		return;
	}
	if (event == WALK_FOLDER && !recursive)
		w->skip = true;
	/* folders after what is in them: the way there may be lost */
	if (event == WALK_FOLDER)
		return;
	if (links || (recursive && w->depth) ? lchown(w->path, uid, gid) :
					       chown(w->path, uid, gid)) {
		if (!quiet)
			warn("changing ownership of '%s'", w->path);
		status = 1;
	} else if (verbose) {
		printf("ownership of '%s' is %u:%u\n", w->path,
		       uid == (uid_t)-1 ? w->st.st_uid : uid,
		       gid == (gid_t)-1 ? w->st.st_gid : gid);
	}
}

static void parse(char *who, bool only_group)
{
	char *colon = only_group ? NULL : strchr(who, ':');

	if (only_group) {
		if (*who && !group_id(who, &gid))
			errx(1, "invalid group: '%s'", who);
		return;
	}
	if (colon)
		*colon++ = 0;
	if (*who && !user_id(who, &uid))
		errx(1, "invalid user: '%s'", who);
	if (colon && *colon && !group_id(colon, &gid))
		errx(1, "invalid group: '%s'", colon);
	if (colon && !*colon && *who)
		gid = user_group(uid);
}

int main(int argc, char **argv)
{
	bool reference = false;
	struct stat st;
	int opt;

	help_option(argc, argv, help);
	while ((opt = option(argc, argv, "RhvfHLPc", names)) != -1) {
		switch (opt) {
		case 'R':
			recursive = true;
			break;
		case 'h':
			links = true;
			break;
		case 'v':
			verbose = true;
			break;
		case 'f':
			quiet = true;
			break;
		case 'H':
		case 'L':
		case 'P':
		case 'c':
			break;
		case 1:
			if (stat(optarg, &st))
				err(1, "%s", optarg);
			uid = strcmp(base_name(argv[0]), "chgrp") ? st.st_uid : uid;
			gid = st.st_gid;
			reference = true;
			break;
		default:
			usage(help, 1);
		}
	}
	if (!reference && optind < argc)
		parse(argv[optind++], !strcmp(base_name(argv[0]), "chgrp"));
	if (optind >= argc)
		usage(help, 1);
	for (int i = optind; i < argc; i++)
		walk(argv[i], links || recursive ? 0 : WALK_FOLLOW_FIRST, visit, NULL);
	return finish(status);
}
