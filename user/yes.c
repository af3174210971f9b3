/*
 * yes - a line again and again.
 */
#include "common/common.h"

static const char help[] =
	"usage: yes [WORD...]\nPrint the words, else y, line after line until somebody ends it.\n";

int main(int argc, char **argv)
{
	int first = no_options(argc, argv, help, 1);

	for (;;) {
		for (int i = first; i < argc; i++)
			if (printf("%s%s", i > first ? " " : "", argv[i]) < 0)
				return finish(1);
		if (puts(argc > first ? "" : "y") < 0)
			return finish(1);
	}
}
