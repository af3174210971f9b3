/*
 * echo - print words (XCU echo).
 */
#include "common/common.h"
#include "common/words.h"

static const char help[] =
	"usage: echo [-neE] [WORD...]\n"
	"Print the words with blanks between, and a newline.\n"
	"  -n  no newline\n"
	"  -e  \\n \\t \\\\ \\a \\b \\c \\e \\f \\r \\v \\0NNN \\xHH in words have their meaning\n";

int main(int argc, char **argv)
{
	help_option(argc, argv, help);
	return finish(echo_words(argc, argv, false));
}
