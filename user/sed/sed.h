/*
 * sed.h - what sed's files share: the script as parse.c makes it and run.c runs it, and the options.
 */
#ifndef USER_SED_H
#define USER_SED_H

#include "common/common.h"

#include <regex.h>
#include <stdbool.h>
#include <stdio.h>

enum address_kind { A_NONE, A_LINE, A_LAST, A_RE, A_STEP, A_PLUS, A_MULTIPLE };

struct address {
	enum address_kind kind;
	long n, step;
	regex_t *re; /* NULL: the last one used */
};

struct output {
	struct output *next;
	char *path;
	FILE *f;
};

struct command {
	struct address from, to;
	bool negated, in_range;
	long range_end;
	char name;
	char *text; /* of a i c r b t : */
	struct command *target;
	regex_t *re;
	int nth;
	bool global, print, ignore, evaluate;
	struct output *out;
	unsigned char *map; /* of y */
};

/* A string that grows; it always ends in a NUL that isn't counted. */
struct text {
	char *s;
	size_t n, room;
};

void put(struct text *t, const char *s, size_t n);
void set(struct text *t, const char *s, size_t n);

/* ---- the script (parse.c) ---------------------------------------------------------------- */

extern struct command *script;
extern size_t count;
void parse(const char *text); /* more of the script; ends the program when it is wrong */
void link_script(void); /* behind the last parse */
_Noreturn void bad(const char *what);

/* ---- the options (main.c) ---------------------------------------------------------------- */

extern bool quiet, extended, in_place, separate;
extern const char *suffix; /* of -i, or NULL */
extern char end; /* of a line */

/* ---- running (run.c) --------------------------------------------------------------------- */

int run(char **files); /* the exit status */

#endif
