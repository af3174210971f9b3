/*
 * printf - print words by a format (XCU printf).
 */
#include "common/common.h"
#include "common/words.h"

static const char help[] =
	"usage: printf FORMAT [WORD...]\n"
	"Print the words as FORMAT says, again until all are used: %s %d %i %u %o %x %X %c %f %e %g, and %b,\n"
	"a word with backslashes as echo has them.\n";

int main(int argc, char **argv)
{
	help_option(argc, argv, help);
	return finish(printf_words(argc, argv));
}
