/*
 * find - files of trees that an expression chooses (XCU find).
 */
#include "find.h"

#include <err.h>
#include <string.h>

static const char help[] =
	"usage: find [-H | -L | -P] [PATH...] [EXPRESSION]\n"
	"Walk the trees and do with each file what the expression says (-print).\n"
	"  -name -iname -path -ipath GLOB, -regex -iregex EXPRESSION, -type -xtype b,c,d,p,f,l,s, -size N[ckMGb], -empty, -links N, -inum N\n"
	"  -mtime -atime -ctime -mmin -amin -cmin N, -newer -anewer -cnewer FILE, -newerXY FILE (-newermt TIME),\n"
	"  -perm [-/]MODE, -user -group NAME, -uid -gid N, -nouser -nogroup\n"
	"  -samefile FILE, -lname -ilname GLOB, -readable -writable -executable, -true -false\n"
	"  -maxdepth -mindepth N, -depth, -xdev, -prune, -quit\n"
	"  -print -print0 -ls -printf FORMAT -delete, -exec -ok COMMAND ;, -exec COMMAND {} +, -execdir\n"
	"  ! E, -not E, E E, E -a E, E -o E, E , E, ( E );  numbers may be +N, -N, N\n";

int status;
time_t now;
const char *root;

static void visit(struct walk *w, enum walk_event event)
{
	if (event == WALK_ERROR) {
		warn("'%s'", w->path);
		status = 1;
		return;
	}
	if (event != (depth_first && S_ISDIR(w->st.st_mode) ? WALK_LEFT : WALK_FOLDER) &&
	    event != WALK_FILE) {
		if (event == WALK_FOLDER)
			w->skip = w->depth >= max_depth;
		return;
	}
	if (w->depth >= min_depth && w->depth <= max_depth)
		evaluate(w->arg, w);
	if (event == WALK_FOLDER && w->depth >= max_depth)
		w->skip = true;
}

/* The letter of -H, -L or -P; 0: it is none of them. */
static char links_option(const char *s)
{
	return s[0] == '-' && s[1] && strchr("HLP", s[1]) && !s[2] ? s[1] : 0;
}

int main(int argc, char **argv)
{
	static char *here[] = { (char *)"." };
	char **paths;
	struct node *expression;
	int n = 0;

	help_option(argc, argv, help);
	now = time(NULL);
	for (paths = argv + 1; *paths && links_option(*paths); paths++)
		flags = links_option(*paths) == 'L' ? WALK_FOLLOW :
			links_option(*paths) == 'H' ? WALK_FOLLOW_FIRST :
						      0;
	while (paths[n] && paths[n][0] != '-' && strcmp(paths[n], "!") && strcmp(paths[n], "("))
		n++;
	expression = parse(paths + n);
	if (!n) {
		paths = here;
		n = 1;
	}
	for (int i = 0; i < n; i++) {
		root = paths[i];
		walk(paths[i], flags, visit, expression);
	}
	finish_commands(expression);
	return finish(status);
}
