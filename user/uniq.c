/*
 * uniq - lines that repeat the one before (XCU uniq).
 */
#include "common/common.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

static const char help[] =
	"usage: uniq [-c | -d | -D | -u] [-i] [-z] [-f FIELDS] [-s CHARACTERS] [-w CHARACTERS] [INPUT [OUTPUT]]\n"
	"Print each line once that follows itself.\n"
	"  -c  with how often it comes;  -d  only those that repeat;  -D  and all of them;  -u  only those that do not\n"
	"  -i  no matter the case\n"
	"  -f, -s  leave out that many fields, then characters;  -w  compare no more than that\n";
static const char names[] =
	"count=c repeated=d unique=u ignore-case=i skip-fields=f skip-chars=s check-chars=w "
	"zero-terminated=z all-repeated=D";

static bool counts, repeated, single, fold, all;
static char line_end = '\n';
static long fields, skip, most = -1;

static const char *key(const char *s)
{
	for (long i = 0; i < fields; i++) {
		s += strspn(s, " \t");
		s += strcspn(s, " \t\n");
	}
	for (long i = 0; i < skip && *s && *s != '\n'; i++)
		s++;
	return s;
}

static bool same(const char *a, const char *b)
{
	a = key(a);
	b = key(b);
	if (most >= 0)
		return fold ? !strncasecmp(a, b, (size_t)most) : !strncmp(a, b, (size_t)most);
	return fold ? !strcasecmp(a, b) : !strcmp(a, b);
}

static void show(const char *line, unsigned long n)
{
	if ((repeated && n < 2) || (single && n > 1))
		return;
	if (counts)
		printf("%7lu ", n);
	printf("%s%c", line, line_end);
}

int main(int argc, char **argv)
{
	char *line = NULL, *before = NULL;
	size_t room = 0, before_room = 0;
	unsigned long n = 0;
	int opt;

	help_option(argc, argv, help);
	while ((opt = option(argc, argv, "cdDuizf:s:w:", names)) != -1) {
		switch (opt) {
		case 'c':
			counts = true;
			break;
		case 'D':
			all = true;
			break;
		case 'z':
			line_end = 0;
			break;
		case 'd':
			repeated = true;
			break;
		case 'u':
			single = true;
			break;
		case 'i':
			fold = true;
			break;
		case 'f':
			fields = (long)number_arg(optarg, 0, 1 << 30, false);
			break;
		case 's':
			skip = (long)number_arg(optarg, 0, 1 << 30, false);
			break;
		case 'w':
			most = (long)number_arg(optarg, 0, 1 << 30, false);
			break;
		default:
			usage(help, 1);
		}
	}
	if (argc - optind > 2)
		usage(help, 1);
	if (optind < argc && strcmp(argv[optind], "-") && !freopen(argv[optind], "r", stdin))
		err(1, "%s", argv[optind]);
	if (optind + 1 < argc && strcmp(argv[optind + 1], "-") &&
	    !freopen(argv[optind + 1], "w", stdout))
		err(1, "%s", argv[optind + 1]);
	for (ssize_t got; (got = getdelim(&line, &room, line_end, stdin)) > 0;) {
		char *t = before;
		size_t r = before_room;

		if (line[got - 1] == line_end)
			line[got - 1] = 0;
		if (n && same(line, before)) {
			n++;
			if (all && n == 2)
				show(before, n);
			if (all)
				show(line, n);
			continue;
		}
		if (n && !all)
			show(before, n);
		before = line;
		before_room = room;
		line = t;
		room = r;
		n = 1;
	}
	if (n && !all)
		show(before, n);
	free(line);
	free(before);
	return finish(0);
}
