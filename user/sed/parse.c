/*
 * parse.c - the script: text to commands, labels to the commands they lead to.
 */
#include "sed.h"

#include <ctype.h>
#include <err.h>
#include <stdlib.h>
#include <string.h>

struct command *script;
size_t count;
static size_t room;
static struct output *outputs;

/* ---- texts ------------------------------------------------------------------------------- */

void put(struct text *t, const char *s, size_t n)
{
	if (t->n + n + 1 > t->room)
		t->s = need(realloc(t->s, t->room = (t->n + n + 1) * 2));
	memcpy(t->s + t->n, s, n);
	t->n += n;
	t->s[t->n] = 0;
}

void set(struct text *t, const char *s, size_t n)
{
	t->n = 0;
	put(t, s, n);
}

/* ---- parsing ----------------------------------------------------------------------------- */

static const char *at;

_Noreturn void bad(const char *what)
{
	errx(1, "-e expression: %s", what);
}

static void blanks(void)
{
	while (*at == ' ' || *at == '\t')
		at++;
}

/* Up to the delimiter, which is passed over; "\n" becomes a newline, "\d" the delimiter. */
static char *delimited(char d, bool regex)
{
	struct text t = { 0 };
	bool bracket = false;

	put(&t, "", 0);
	for (; *at != d || bracket; at++) {
		if (!*at || (*at == '\n' && regex && !bracket))
			bad("unterminated expression");
		if (*at == '\\' && !bracket) {
			at++;
			if (!*at)
				bad("unterminated expression");
			if (*at == d && d != '\\') {
				/* a delimiter that has a meaning of its own loses it */
				if (regex && strchr("|+?(){}.*[^$", d) && d != '/' && !extended &&
				    strchr(".*[^$", d))
					put(&t, "\\", 1);
				put(&t, at, 1);
			} else if (*at == 'n') {
				put(&t, "\n", 1);
			} else if (*at == 't' && regex) {
				put(&t, "\t", 1);
			} else {
				put(&t, "\\", 1);
				put(&t, at, 1);
			}
			continue;
		}
		if (regex && *at == '[' && !bracket) {
			bracket = true;
			put(&t, at, 1);
			if (at[1] == '^')
				put(&t, ++at, 1);
			if (at[1] == ']')
				put(&t, ++at, 1);
			continue;
		}
		if (bracket && *at == '[' && (at[1] == ':' || at[1] == '.' || at[1] == '=')) {
			char kind = at[1];

			put(&t, at, 2);
			for (at += 2; *at && !(at[0] == kind && at[1] == ']'); at++)
				put(&t, at, 1);
			if (!*at)
				bad("unterminated expression");
			put(&t, at, 2);
			at++;
			continue;
		}
		if (bracket && *at == '\\' && at[1] == 'n') {
			put(&t, "\n", 1);
			at++;
			continue;
		}
		if (bracket && *at == ']')
			bracket = false;
		put(&t, at, 1);
	}
	at++;
	return t.s;
}

static regex_t *compile(const char *text, bool ignore)
{
	regex_t *re;
	int code;

	if (!*text)
		return NULL;
	re = need(malloc(sizeof(*re)));
	code = regcomp(re, text, (extended ? REG_EXTENDED : 0) | (ignore ? REG_ICASE : 0));
	if (code) {
		char why[100];

		regerror(code, re, why, sizeof(why));
		bad(why);
	}
	return re;
}

static bool parse_address(struct address *a)
{
	char *rest;

	blanks();
	if (isdigit((unsigned char)*at)) {
		a->kind = A_LINE;
		a->n = strtol(at, &rest, 10);
		at = rest;
		if (*at == '~') {
			a->kind = A_STEP;
			a->step = strtol(at + 1, &rest, 10);
			at = rest;
		}
	} else if (*at == '$') {
		a->kind = A_LAST;
		at++;
	} else if (*at == '/' || (*at == '\\' && at[1])) {
		char *text;
		bool ignore = false;

		at += *at == '\\';
		text = (at++, delimited(at[-1], true));
		for (; *at == 'I' || *at == 'M'; at++)
			ignore |= *at == 'I';
		a->kind = A_RE;
		a->re = compile(text, ignore);
		free(text);
	} else {
		return false;
	}
	return true;
}

static struct output *open_output(const char *path)
{
	struct output *o;

	for (o = outputs; o; o = o->next)
		if (!strcmp(o->path, path))
			return o;
	o = need(calloc(1, sizeof(*o)));
	o->path = need(strdup(path));
	o->f = !strcmp(path, "/dev/stdout") ? stdout :
	       !strcmp(path, "/dev/stderr") ? stderr :
					      fopen(path, "w");
	if (!o->f)
		err(4, "couldn't open file %s", path);
	o->next = outputs;
	return outputs = o;
}

/* The text of a, i and c: lines that end in a backslash go on. */
static char *text_argument(void)
{
	struct text t = { 0 };

	put(&t, "", 0);
	blanks();
	if (*at == '\\') {
		/* what stands behind the backslash on the same line keeps its blanks */
		const char *p = at + 1;

		while (*p == ' ' || *p == '\t')
			p++;
		at = *p == '\n' ? p + 1 : at + 1;
	}
	for (; *at && *at != '\n'; at++) {
		if (*at == '\\' && at[1])
			at++;
		put(&t, at, 1);
	}
	put(&t, "\n", 1);
	return t.s;
}

/* A file's name or a label: to the end of the line, labels also to a semicolon. */
static char *word_argument(bool label)
{
	size_t n;
	char *s;

	blanks();
	n = strcspn(at, label ? "\n;" : "\n");
	s = need(strndup(at, n));
	at += n;
	while (label && n && isspace((unsigned char)s[n - 1]))
		s[--n] = 0;
	return s;
}

static void parse_substitute(struct command *c)
{
	char d = *at++, *re;

	if (!d || d == '\n' || d == '\\')
		bad("unterminated `s' command");
	re = delimited(d, true);
	{
		/* the replacement keeps its backslashes */
		struct text t = { 0 };

		put(&t, "", 0);
		for (; *at != d; at++) {
			if (!*at)
				bad("unterminated `s' command");
			if (*at == '\\' && at[1]) {
				at++;
				if (*at == d && d != '&') {
					put(&t, at, 1);
					continue;
				}
				put(&t, "\\", 1);
			}
			put(&t, at, 1);
		}
		at++;
		c->text = t.s;
	}
	c->nth = 1;
	for (;; at++) {
		if (*at == 'g') {
			c->global = true;
		} else if (*at == 'p') {
			c->print = true;
		} else if (*at == 'i' || *at == 'I') {
			c->ignore = true;
		} else if (isdigit((unsigned char)*at)) {
			c->nth = (int)strtol(at, (char **)&at, 10);
			at--;
			if (!c->nth)
				bad("number option to `s' command may not be zero");
		} else if (*at == 'w') {
			char *path;

			at++;
			path = word_argument(false);
			c->out = open_output(path);
			free(path);
			break;
		} else if (*at != 'm' && *at != 'M') {
			break;
		}
	}
	c->re = compile(re, c->ignore);
	free(re);
}

static void parse_map(struct command *c)
{
	char d = *at++, *from = delimited(d, false), *to = delimited(d, false), *p = from, *q = to;

	c->map = need(malloc(256));
	for (int i = 0; i < 256; i++)
		c->map[i] = (unsigned char)i;
	while (*p && *q) {
		if (*p == '\\' && p[1] == '\\')
			p++;
		if (*q == '\\' && q[1] == '\\')
			q++;
		c->map[(unsigned char)*p++] = (unsigned char)*q++;
	}
	if (*p || *q)
		bad("strings for `y' command are different lengths");
	free(from);
	free(to);
}

static void parse_command(struct command *c)
{
	if (parse_address(&c->from)) {
		blanks();
		if (*at == ',') {
			at++;
			blanks();
			if (*at == '+' || *at == '~') {
				c->to.kind = *at == '+' ? A_PLUS : A_MULTIPLE;
				c->to.n = strtol(at + 1, (char **)&at, 10);
			} else if (!parse_address(&c->to)) {
				bad("unexpected `,'");
			}
		}
	}
	blanks();
	while (*at == '!' || *at == ' ') {
		c->negated |= *at == '!';
		at++;
	}
	c->name = *at;
	if (!c->name)
		bad("missing command");
	at++;
	switch (c->name) {
	case '{':
		return;
	case 'a':
	case 'i':
	case 'c':
		c->text = text_argument();
		return;
	case ':':
		c->text = word_argument(true);
		if (!*c->text)
			bad("\":\" lacks a label");
		break;
	case 'b':
	case 't':
	case 'T':
		c->text = word_argument(true);
		break;
	case 'r':
		c->text = word_argument(false);
		break;
	case 'w': {
		char *path = word_argument(false);

		c->out = open_output(path);
		free(path);
		break;
	}
	case 's':
		parse_substitute(c);
		break;
	case 'y':
		parse_map(c);
		break;
	case 'q':
	case 'Q':
	case 'l':
		blanks();
		c->nth = (int)strtol(at, (char **)&at, 10);
		break;
	default:
		if (!strchr("}dDgGhHnNpPx=", c->name))
			errx(1, "-e expression: unknown command: `%c'", c->name);
		break;
	}
	blanks();
	if (*at && *at != '\n' && *at != ';' && *at != '}' && *at != '#')
		bad("extra characters after command");
}

void parse(const char *text)
{
	at = text;
	if (!count && at[0] == '#' && at[1] == 'n' && (at[2] == '\n' || !at[2]))
		quiet = true;
	for (;;) {
		while (*at == ';' || isspace((unsigned char)*at))
			at++;
		if (*at == '#') {
			at += strcspn(at, "\n");
			continue;
		}
		if (!*at)
			return;
		if (count == room)
			script = need(realloc(script, (room = room * 2 + 16) * sizeof(*script)));
		memset(&script[count], 0, sizeof(*script));
		parse_command(&script[count++]);
	}
}

/* Where b, t, T and { lead. */
void link_script(void)
{
	size_t *open = need(calloc(count + 1, sizeof(*open))), depth = 0;

	for (size_t i = 0; i < count; i++) {
		struct command *c = &script[i];

		if (c->name == '{') {
			open[depth++] = i;
		} else if (c->name == '}') {
			if (!depth)
				bad("unexpected `}'");
			script[open[--depth]].target = c;
		} else if (strchr("btT", c->name) && *c->text) {
			for (size_t k = 0; k < count && !c->target; k++)
				if (script[k].name == ':' && !strcmp(script[k].text, c->text))
					c->target = &script[k];
			if (!c->target)
				errx(1, "-e expression: can't find label for jump to `%s'",
				     c->text);
		}
	}
	if (depth)
		bad("unmatched `{'");
	free(open);
}
