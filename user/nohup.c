/*
 * nohup - run a program that a hang-up does not end (XCU nohup).
 */
#include "common/common.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

static const char help[] =
	"usage: nohup COMMAND [ARGUMENT...]\n"
	"Run the command; hang-ups do not end it. What it would write to a terminal goes to nohup.out.\n";

static int open_log(void)
{
	const char *home = getenv("HOME");
	int fd = open("nohup.out", O_WRONLY | O_CREAT | O_APPEND, 0600);

	if (fd < 0 && home) {
		char *path = path_join(home, "nohup.out");

		fd = open(path, O_WRONLY | O_CREAT | O_APPEND, 0600);
		free(path);
	}
	if (fd < 0)
		err(125, "nohup.out");
	return fd;
}

int main(int argc, char **argv)
{
	int first = no_options(argc, argv, help, 125);

	if (first >= argc)
		usage(help, 125);
	if (isatty(0)) {
		int fd = open("/dev/null", O_WRONLY);

		dup2(fd, 0);
		close(fd);
	}
	if (isatty(1)) {
		warnx("ignoring input and appending output to 'nohup.out'");
		dup2(open_log(), 1);
	}
	if (isatty(2))
		dup2(1, 2);
	signal(SIGHUP, SIG_IGN);
	execvp(argv[first], argv + first);
	err(errno == ENOENT ? 127 : 126, "%s", argv[first]);
}
