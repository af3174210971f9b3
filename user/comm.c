/*
 * comm - lines that two sorted files have in common (XCU comm).
 */
#include "common/common.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char help[] =
	"usage: comm [-123] FILE FILE\n"
	"Print three columns: lines only in the first of two sorted files, only in the second, in both.\n"
	"  -1 -2 -3  without that column\n";

struct side {
	FILE *f;
	char *line;
	size_t room;
};

static bool next(struct side *s)
{
	ssize_t n = getline(&s->line, &s->room, s->f);

	if (n > 0 && s->line[n - 1] == '\n')
		s->line[n - 1] = 0;
	return n > 0;
}

int main(int argc, char **argv)
{
	bool hide[3] = { false }, left, right;
	struct side a = { 0 }, b = { 0 };
	int opt;

	help_option(argc, argv, help);
	while ((opt = getopt(argc, argv, "123")) != -1) {
		if (opt == '?')
			usage(help, 1);
		hide[opt - '1'] = true;
	}
	if (argc - optind != 2)
		usage(help, 1);
	a.f = open_input(argv[optind]);
	b.f = open_input(argv[optind + 1]);
	if (!a.f || !b.f)
		return 1;
	left = next(&a);
	right = next(&b);
	while (left || right) {
		int c = !left  ? 1 :
			!right ? -1 :
				 strcoll(a.line, b.line),
		    column = c < 0 ? 0 :
			     c > 0 ? 1 :
				     2;

		if (!hide[column])
			printf("%s%s%s\n", column > 0 && !hide[0] ? "\t" : "",
			       column > 1 && !hide[1] ? "\t" : "", c > 0 ? b.line : a.line);
		if (c <= 0)
			left = next(&a);
		if (c >= 0)
			right = next(&b);
	}
	free(a.line);
	free(b.line);
	return finish(0);
}
