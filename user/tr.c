/*
 * tr - other characters for some, or none (XCU tr). Characters are bytes.
 */
#include "common/common.h"

#include <ctype.h>
#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char help[] =
	"usage: tr [-c] [-s] [-t] FROM TO\n"
	"       tr [-c] -d [-s] FROM [SQUEEZED]\n"
	"       tr [-c] -s SQUEEZED\n"
	"Copy standard input, each character of FROM becoming that of TO at its place.\n"
	"  -c  all that FROM does not have\n"
	"  -d  take them away\n"
	"  -s  one for several of the last list's in a row\n"
	"Lists have ranges a-z, classes [:alpha:] [=a=], repeats [x*N], and \\n \\t \\\\ \\NNN.\n";
static const char names[] = "complement=c delete=d squeeze-repeats=s truncate-set1=t";

struct list {
	unsigned char c[70000];
	size_t n;
	size_t repeat_at; /* of [x*], which fills up */
	int repeat; /* its character, -1 none */
	int class_case; /* 1 lower, 2 upper: the two stand for each other */
};

static struct list from, to;

static void put(struct list *l, int c)
{
	if (l->n == sizeof(l->c))
		errx(1, "the list is too long");
	l->c[l->n++] = (unsigned char)c;
}

static int character(const char **s)
{
	static const char letters[] = "abfnrtv\\", codes[] = "\a\b\f\n\r\t\v\\";
	int c = (unsigned char)*(*s)++;
	const char *found;

	if (c != '\\' || !**s)
		return c;
	if (**s >= '0' && **s <= '7') {
		c = 0;
		for (int i = 0; i < 3 && **s >= '0' && **s <= '7'; i++)
			c = c * 8 + *(*s)++ - '0';
		return c & 255;
	}
	c = (unsigned char)*(*s)++;
	found = strchr(letters, c);
	return found ? codes[found - letters] : c;
}

static bool class_of(struct list *l, const char *name, size_t n)
{
	static const struct {
		const char *name;
		int (*is)(int);
	} table[] = { { "alnum", isalnum }, { "alpha", isalpha }, { "blank", isblank },
		      { "cntrl", iscntrl }, { "digit", isdigit }, { "graph", isgraph },
		      { "lower", islower }, { "print", isprint }, { "punct", ispunct },
		      { "space", isspace }, { "upper", isupper }, { "xdigit", isxdigit } };

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (strlen(table[i].name) != n || strncmp(table[i].name, name, n))
			continue;
		for (int c = 0; c < 256; c++)
			if (table[i].is(c))
				put(l, c);
		return true;
	}
	return false;
}

/* What is in brackets; whether it was that. */
static bool bracket(struct list *l, const char **s)
{
	const char *p = *s + 1, *end;
	int c;

	if (*p == ':') {
		end = strstr(p + 1, ":]");
		if (!end)
			return false;
		if (!class_of(l, p + 1, (size_t)(end - p - 1)))
			errx(1, "invalid character class");
		*s = end + 2;
		return true;
	}
	if (*p == '=' && p[1]) {
		p++;
		c = character(&p);
		if (strncmp(p, "=]", 2))
			return false;
		put(l, c);
		*s = p + 2;
		return true;
	}
	if (!*p)
		return false;
	c = character(&p);
	if (*p == '*') {
		char *rest;
		unsigned long n = strtoul(p + 1, &rest, p[1] == '0' ? 8 : 10);

		if (*rest != ']')
			return false;
		if (!n) {
			l->repeat = c;
			l->repeat_at = l->n;
		}
		while (n--)
			put(l, c);
		*s = rest + 1;
		return true;
	}
	return false;
}

static void parse(struct list *l, const char *s)
{
	l->repeat = -1;
	l->class_case = !strcmp(s, "[:lower:]") ? 1 : !strcmp(s, "[:upper:]") ? 2 : 0;
	while (*s) {
		int c;

		if (*s == '[' && bracket(l, &s))
			continue;
		c = character(&s);
		if (*s == '-' && s[1]) {
			int last;

			s++;
			last = character(&s);
			if (last < c)
				errx(1, "a range the wrong way round");
			for (; c <= last; c++)
				put(l, c);
		} else {
			put(l, c);
		}
	}
}

static void complement(struct list *l)
{
	bool in[256] = { false };

	for (size_t i = 0; i < l->n; i++)
		in[l->c[i]] = true;
	l->n = 0;
	for (int c = 0; c < 256; c++)
		if (!in[c])
			put(l, c);
}

static void fill(void)
{
	if (to.repeat >= 0 && to.n < from.n) {
		size_t more = from.n - to.n;

		memmove(to.c + to.repeat_at + more, to.c + to.repeat_at, to.n - to.repeat_at);
		memset(to.c + to.repeat_at, to.repeat, more);
		to.n = from.n;
	}
}

int main(int argc, char **argv)
{
	bool others = false, away = false, squeeze = false, cut = false;
	bool gone[256] = { false }, single[256] = { false };
	unsigned char map[256];
	int opt, n, c, before = -1;

	help_option(argc, argv, help);
	while ((opt = option(argc, argv, "+cCdst", names)) != -1) {
		switch (opt) {
		case 'c':
		case 'C':
			others = true;
			break;
		case 'd':
			away = true;
			break;
		case 's':
			squeeze = true;
			break;
		case 't':
			cut = true;
			break;
		default:
			usage(help, 1);
		}
	}
	n = argc - optind;
	if (n < 1 || n > 2 || (away && n != 1 + squeeze) || (!away && !squeeze && n != 2))
		usage(help, 1);
	parse(&from, argv[optind]);
	if (others)
		complement(&from);
	if (n == 2) {
		parse(&to, argv[optind + 1]);
		fill();
	}
	for (c = 0; c < 256; c++)
		map[c] = (unsigned char)c;
	if (away) {
		for (size_t i = 0; i < from.n; i++)
			gone[from.c[i]] = true;
	} else if (n == 2) {
		if (!to.n && !cut)
			errx(1, "when not truncating set1, string2 must be non-empty");
		for (size_t i = 0; i < from.n && (i < to.n || !cut); i++)
			map[from.c[i]] = to.c[i < to.n ? i : to.n - 1];
	}
	if (squeeze) {
		const struct list *last = n == 2 ? &to : &from;

		for (size_t i = 0; i < last->n; i++)
			single[last->c[i]] = true;
	}
	while ((c = getchar()) != EOF) {
		if (gone[c])
			continue;
		c = map[c];
		if (single[c] && c == before)
			continue;
		before = c;
		putchar(c);
	}
	return finish(0);
}
