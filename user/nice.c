/*
 * nice - run a program with another priority (XCU nice).
 */
#include "common/common.h"

#include <err.h>
#include <errno.h>
#include <sys/resource.h>
#include <unistd.h>

static const char help[] =
	"usage: nice [-n STEP] [COMMAND [ARGUMENT...]]\n"
	"Run the command that much nicer (10) than this; without one, print how nice this is.\n";
static const char names[] = "adjustment=n";

int main(int argc, char **argv)
{
	int opt, step = 10, now = getpriority(PRIO_PROCESS, 0);

	help_option(argc, argv, help);
	while ((opt = option(argc, argv, "+n:", names)) != -1) {
		if (opt == '?')
			usage(help, 125);
		step = (int)number_arg(optarg, -100, 100, false);
	}
	if (optind == argc) {
		printf("%d\n", now);
		return finish(0);
	}
	if (setpriority(PRIO_PROCESS, 0, now + step))
		warn("cannot set niceness");
	execvp(argv[optind], argv + optind);
	err(errno == ENOENT ? 127 : 126, "%s", argv[optind]);
}
