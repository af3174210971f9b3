/*
 * yes - a line again and again.
 */
#include "common/common.h"

static const char help[] =
	"usage: yes [WORD...]\nPrint the words, else y, line after line until somebody ends it.\n";

int main(int argc, char **argv)
{
	help_option(argc, argv, help);
	for (;;) {
		for (int i = 1; i < argc; i++)
			if (printf("%s%s", i > 1 ? " " : "", argv[i]) < 0)
				return finish(1);
		if (puts(argc > 1 ? "" : "y") < 0)
			return finish(1);
	}
}
