/*
 * parse.c - the words of the command line become an expression.
 */
#include "find.h"

#include "common/mode.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	const char *name;
	int op;
	bool takes;
} primaries[] = {
	{ "-name", P_NAME, true },
	{ "-iname", P_INAME, true },
	{ "-path", P_PATH, true },
	{ "-ipath", P_IPATH, true },
	{ "-wholename", P_PATH, true },
	{ "-iwholename", P_IPATH, true },
	{ "-lname", P_LNAME, true },
	{ "-ilname", P_ILNAME, true },
	{ "-regex", P_REGEX, true },
	{ "-iregex", P_IREGEX, true },
	{ "-regextype", P_TRUE, true },
	{ "-xtype", P_XTYPE, true },
	{ "-uid", P_UID, true },
	{ "-gid", P_GID, true },
	{ "-noleaf", P_TRUE, false },
	{ "-type", P_TYPE, true },
	{ "-size", P_SIZE, true },
	{ "-empty", P_EMPTY, false },
	{ "-links", P_LINKS, true },
	{ "-inum", P_INUM, true },
	{ "-mtime", P_MTIME, true },
	{ "-atime", P_ATIME, true },
	{ "-ctime", P_CTIME, true },
	{ "-mmin", P_MMIN, true },
	{ "-amin", P_AMIN, true },
	{ "-cmin", P_CMIN, true },
	{ "-perm", P_PERM, true },
	{ "-user", P_USER, true },
	{ "-group", P_GROUP, true },
	{ "-nouser", P_NOUSER, false },
	{ "-nogroup", P_NOGROUP, false },
	{ "-samefile", P_SAMEFILE, true },
	{ "-readable", P_READABLE, false },
	{ "-writable", P_WRITABLE, false },
	{ "-executable", P_EXECUTABLE, false },
	{ "-true", P_TRUE, false },
	{ "-false", P_FALSE, false },
	{ "-maxdepth", P_MAXDEPTH, true },
	{ "-mindepth", P_MINDEPTH, true },
	{ "-depth", P_DEPTH, false },
	{ "-d", P_DEPTH, false },
	{ "-xdev", P_XDEV, false },
	{ "-mount", P_XDEV, false },
	{ "-prune", P_PRUNE, false },
	{ "-quit", P_QUIT, false },
	{ "-print", P_PRINT, false },
	{ "-print0", P_PRINT0, false },
	{ "-ls", P_LS, false },
	{ "-printf", P_PRINTF, true },
	{ "-delete", P_DELETE, false },
	{ "-exec", P_EXEC, false },
	{ "-ok", P_OK, false },
	{ "-execdir", P_EXECDIR, false },
};

static char **word;
static bool extended, basic; /* -regextype */
long max_depth = 1l << 30, min_depth;
bool depth_first, acts;
int flags;

static struct node *sequence(void);

static struct node *new_node(int op, struct node *a, struct node *b)
{
	struct node *n = need(calloc(1, sizeof(*n)));

	n->op = op;
	n->a = a;
	n->b = b;
	return n;
}

static bool is(const char *s)
{
	return *word && !strcmp(*word, s);
}

static void number(struct node *n, const char *s)
{
	char *end;

	n->compare = *s == '+' ? 1 : *s == '-' ? -1 : 0;
	s += n->compare != 0;
	n->n = strtoll(s, &end, 10);
	if (end == s)
		errx(1, "%s: no number", s);
	n->text = end;
}

static void command(struct node *n, const char *name)
{
	n->argv = word;
	while (*word && strcmp(*word, ";")) {
		if (!strcmp(*word, "+") && n->argc && !strcmp(word[-1], "{}")) {
			n->plus = true;
			break;
		}
		word++;
		n->argc++;
	}
	if (!*word || !n->argc)
		errx(1, "missing argument to '%s'", name);
	*word++ = NULL;
	if (n->plus)
		n->argc--;
	acts = true;
}

/* -regex: of the whole path; by itself in Emacs' syntax, where + and ? are operators without a backslash. */
static void expression(struct node *n, const char *arg)
{
	char *text = need(malloc(2 * strlen(arg) + 16)), *p = text;
	int bad;

	p = stpcpy(p, extended ? "^(" : "^\\(");
	for (bool set = false; *arg; arg++) {
		if (!set && *arg == '\\' && arg[1]) {
			*p++ = *arg++;
			*p++ = *arg;
			continue;
		}
		if (!extended && !basic && !set && (*arg == '+' || *arg == '?'))
			*p++ = '\\';
		set = set ? *arg != ']' : *arg == '[';
		*p++ = *arg;
	}
	strcpy(p, extended ? ")$" : "\\)$");
	bad = regcomp(&n->re, text,
		      REG_NOSUB | (extended ? REG_EXTENDED : 0) |
			      (n->op == P_IREGEX ? REG_ICASE : 0));
	if (bad)
		errx(1, "%s: no regular expression", text);
	free(text);
}

/* -newerXY: X of the file against Y of the argument, or a time (Y: t); -newer, -anewer, -cnewer. */
static bool newer(const char *name, struct node **out)
{
	char what = 'm', of = 'm';
	struct node *n;
	struct stat st;

	if (!strcmp(name, "-anewer") || !strcmp(name, "-cnewer")) {
		what = name[1];
	} else if (!strncmp(name, "-newer", 6) && name[6] && name[7] && !name[8] &&
		   strchr("acm", name[6]) && strchr("acmt", name[7])) {
		what = name[6];
		of = name[7];
	} else if (strcmp(name, "-newer")) {
		return false;
	}
	word++;
	if (!*word)
		errx(1, "missing argument to '%s'", name);
	n = *out = new_node(P_NEWER, NULL, NULL);
	n->which = what;
	if (of == 't') {
		n->st.st_mtim = when_is(*word, false);
	} else {
		if (stat(*word, &st))
			err(1, "%s", *word);
		n->st.st_mtim = of == 'a' ? st.st_atim : of == 'c' ? st.st_ctim : st.st_mtim;
	}
	word++;
	return true;
}

static void prepare(struct node *n, const char *arg)
{
	const char *s = arg;
	mode_t mode;

	switch (n->op) {
	case P_SIZE:
	case P_LINKS:
	case P_INUM:
	case P_UID:
	case P_GID:
	case P_MTIME:
	case P_ATIME:
	case P_CTIME:
	case P_MMIN:
	case P_AMIN:
	case P_CMIN:
		number(n, arg);
		break;
	case P_SAMEFILE:
		if (stat(arg, &n->st))
			err(1, "%s", arg);
		break;
	case P_REGEX:
	case P_IREGEX:
		expression(n, arg);
		break;
	case P_PERM:
		n->compare = *s == '-' || *s == '/' ? *s++ : 0;
		if (!mode_parse(s, 0, false, 0, &mode))
			errx(1, "invalid mode '%s'", arg);
		n->n = mode;
		break;
	case P_USER:
		if (!user_id(arg, &n->st.st_uid))
			errx(1, "'%s' is not the name of a known user", arg);
		break;
	case P_GROUP:
		if (!group_id(arg, &n->st.st_gid))
			errx(1, "'%s' is not the name of an existing group", arg);
		break;
	case P_MAXDEPTH:
		max_depth = (long)number_arg(arg, 0, 1 << 30, false);
		break;
	case P_MINDEPTH:
		min_depth = (long)number_arg(arg, 0, 1 << 30, false);
		break;
	case P_DEPTH:
		depth_first = true;
		break;
	case P_XDEV:
		flags |= WALK_ONE_DEVICE;
		break;
	case P_DELETE:
		depth_first = acts = true;
		break;
	case P_PRINT:
	case P_PRINT0:
	case P_LS:
	case P_PRINTF:
		acts = true;
		break;
	case P_EXEC:
	case P_OK:
	case P_EXECDIR:
		command(n, arg);
		break;
	default:
		break;
	}
}

static struct node *primary(void)
{
	struct node *n;

	if (!*word)
		errx(1, "an expression is missing");
	if (is("!") || is("-not")) {
		word++;
		return new_node('!', primary(), NULL);
	}
	if (is("(")) {
		word++;
		n = sequence();
		if (!is(")"))
			errx(1, "a ) is missing");
		word++;
		return n;
	}
	if (newer(*word, &n))
		return n;
	for (size_t i = 0; i < sizeof(primaries) / sizeof(primaries[0]); i++) {
		const char *name = *word;

		if (strcmp(name, primaries[i].name))
			continue;
		word++;
		n = new_node(primaries[i].op, NULL, NULL);
		if (primaries[i].takes) {
			if (!*word)
				errx(1, "missing argument to '%s'", name);
			n->text = *word++;
		}
		if (!strcmp(name, "-regextype")) {
			extended = strstr(n->text, "extended") || strstr(n->text, "egrep") ||
				   strstr(n->text, "awk");
			basic = !extended && strcmp(n->text, "emacs") != 0;
		}
		prepare(n, primaries[i].takes ? n->text : name);
		return n;
	}
	errx(1, "unknown predicate '%s'", *word);
}

static struct node *both(void)
{
	struct node *n = primary();

	while (*word && !is(")") && !is("-o") && !is("-or") && !is(",")) {
		if (is("-a") || is("-and"))
			word++;
		n = new_node('&', n, primary());
	}
	return n;
}

static struct node *either(void)
{
	struct node *n = both();

	while (is("-o") || is("-or")) {
		word++;
		n = new_node('|', n, both());
	}
	return n;
}

static struct node *sequence(void)
{
	struct node *n = either();

	while (is(",")) {
		word++;
		n = new_node(',', n, either());
	}
	return n;
}

struct node *parse(char **words)
{
	struct node *n;

	word = words;
	n = *word ? sequence() : new_node(P_TRUE, NULL, NULL);
	if (*word)
		errx(1, "unexpected '%s'", *word);
	return acts ? n : new_node('&', n, new_node(P_PRINT, NULL, NULL));
}
