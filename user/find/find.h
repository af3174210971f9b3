/*
 * find.h - what find's files share: the expression as parse.c makes it and evaluate.c asks it of a file, whose
 * actions are actions.c's.
 */
#ifndef USER_FIND_H
#define USER_FIND_H

#include "common/common.h"

#include <regex.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <time.h>

struct node {
	int op; /* '!' '&' '|' ',' or a primary's index behind 256 */
	struct node *a, *b;
	const char *text;
	long long n;
	int compare; /* 1 more, -1 less, 0 equal; of -perm '-' '/' 0 */
	struct stat st; /* NEWER: the time is st_mtim */
	char which; /* of NEWER: a, c or m */
	regex_t re;
	char **argv;
	int argc;
	bool plus;
	char **pending;
	size_t pending_count, pending_size;
};

enum {
	P_NAME = 256,
	P_INAME,
	P_PATH,
	P_IPATH,
	P_LNAME,
	P_TYPE,
	P_SIZE,
	P_EMPTY,
	P_LINKS,
	P_INUM,
	P_MTIME,
	P_ATIME,
	P_CTIME,
	P_MMIN,
	P_AMIN,
	P_CMIN,
	P_NEWER,
	P_PERM,
	P_USER,
	P_GROUP,
	P_NOUSER,
	P_NOGROUP,
	P_SAMEFILE,
	P_READABLE,
	P_WRITABLE,
	P_EXECUTABLE,
	P_TRUE,
	P_FALSE,
	P_MAXDEPTH,
	P_MINDEPTH,
	P_DEPTH,
	P_XDEV,
	P_PRUNE,
	P_QUIT,
	P_PRINT,
	P_PRINT0,
	P_LS,
	P_PRINTF,
	P_DELETE,
	P_EXEC,
	P_OK,
	P_EXECDIR,
	P_REGEX,
	P_IREGEX,
	P_UID,
	P_GID,
	P_XTYPE,
	P_ILNAME
};

/* Set by the expression's options while it is parsed. */
extern long max_depth, min_depth;
extern bool depth_first, acts; /* acts: something is done with files, and -print isn't meant */
extern int flags; /* of walk() */

extern int status;
extern time_t now;
extern const char *root; /* the path of the tree that is walked */

struct node *parse(char **words); /* no words: what is always true */
bool evaluate(struct node *n, struct walk *w);

/* ---- actions.c ---- */

bool execute(struct node *n, struct walk *w);
void finish_commands(struct node *n); /* those of -exec {} + that still wait for more files */
void list(const struct walk *w);
void put_format(const char *f, const struct walk *w);
char type_letter(mode_t m);

#endif
