/*
 * test, [ - check files and compare words (XCU test).
 */
#include "common/common.h"
#include "common/words.h"

#include <string.h>

static const char help[] =
	"usage: test EXPRESSION, [ EXPRESSION ]\n"
	"Whether the expression holds: 0 if so, 1 if not, 2 if it is none.\n"
	"  -e -f -d -h -p -S -b -c FILE   there is one; a file, folder, link, pipe, socket, block or character device\n"
	"  -r -w -x -s -u -g -k FILE      may be read, written, run; is not empty; has set-id or sticky bits\n"
	"  -t NUMBER                      that descriptor is a terminal\n"
	"  -n WORD, -z WORD               not empty, empty\n"
	"  A = B, A != B, A < B, A > B    as texts\n"
	"  A -eq B, -ne -lt -le -gt -ge   as numbers\n"
	"  A -nt B, A -ot B, A -ef B      newer, older, the same file\n"
	"  ! E, ( E ), E -a E, E -o E\n";

int main(int argc, char **argv)
{
	const char *name = base_name(argv[0]);

	if (!strcmp(name, "["))
		argv[0] = (char *)"[";
	help_option(argc, argv, help);
	return test_words(argc, argv);
}
