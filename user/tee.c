/*
 * tee - standard input to standard output and to files (XCU tee).
 */
#include "common/common.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

static const char help[] = "usage: tee [-a] [-i] [FILE...]\n"
			   "Copy standard input to standard output and to the files.\n"
			   "  -a  add to the files\n"
			   "  -i  ignore interrupts\n";
static const char names[] = "append=a ignore-interrupts=i";

int main(int argc, char **argv)
{
	int opt, mode = O_TRUNC, n, status = 0, *fds;
	static char buf[65536];
	ssize_t got;

	help_option(argc, argv, help);
	while ((opt = option(argc, argv, "ai", names)) != -1) {
		if (opt == '?')
			usage(help, 1);
		if (opt == 'a')
			mode = O_APPEND;
		else
			signal(SIGINT, SIG_IGN);
	}
	n = argc - optind;
	fds = need(calloc((size_t)n + 1, sizeof(*fds)));
	fds[n] = 1;
	for (int i = 0; i < n; i++) {
		fds[i] = open(argv[optind + i], O_WRONLY | O_CREAT | mode, 0666);
		if (fds[i] < 0) {
			warn("%s", argv[optind + i]);
			status = 1;
		}
	}
	while ((got = read(0, buf, sizeof(buf))) != 0) {
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			err(1, "standard input");
		for (int i = 0; i <= n; i++) {
			if (fds[i] >= 0 && write_all(fds[i], buf, (size_t)got)) {
				warn("%s", i < n ? argv[optind + i] : "standard output");
				status = 1;
				fds[i] = -1;
			}
		}
	}
	free(fds);
	return status;
}
