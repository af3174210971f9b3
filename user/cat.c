/*
 * cat - files to standard output, as they are and as they come.
 */
#include "common/common.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static const char help[] =
	"usage: cat [FILE...]\n"
	"Write the files (standard input without any, or for -) to standard output.\n";

static char buf[65536];

static void write_all(const char *p, size_t n)
{
	while (n) {
		ssize_t w = write(1, p, n);

		if (w < 0 && errno == EINTR)
			continue;
		if (w < 0)
			err(1, "standard output");
		p += w;
		n -= (size_t)w;
	}
}

static int copy(int fd, const char *name)
{
	ssize_t n;

	while ((n = read(fd, buf, sizeof(buf))) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			warn("%s", name);
			return 1;
		}
		write_all(buf, (size_t)n);
	}
	return 0;
}

int main(int argc, char **argv)
{
	int status = 0;

	help_option(argc, argv, help);
	if (argc == 1)
		return copy(0, "standard input");
	for (int i = 1; i < argc; i++) {
		int fd = 0;

		if (strcmp(argv[i], "-")) {
			fd = open(argv[i], O_RDONLY);
			if (fd < 0) {
				warn("%s", argv[i]);
				status = 1;
				continue;
			}
		}
		status |= copy(fd, argv[i]);
		if (fd)
			close(fd);
	}
	return status;
}
