/*
 * sync - write to disk what is not there yet.
 */
#include "common/common.h"

#include <err.h>
#include <fcntl.h>
#include <unistd.h>

static const char help[] = "usage: sync [-d] [FILE...]\n"
			   "Write what is changed in memory to the disks, or only these files.\n"
			   "  -d  only their data\n";
static const char names[] = "data=d";

int main(int argc, char **argv)
{
	bool data = false;
	int opt, status = 0;

	help_option(argc, argv, help);
	while ((opt = option(argc, argv, "d", names)) != -1) {
		if (opt == '?')
			usage(help, 1);
		data = true;
	}
	if (optind == argc)
		sync();
	for (int i = optind; i < argc; i++) {
		int fd = open(argv[i], O_RDONLY | O_NONBLOCK);

		if (fd < 0 || (data ? fdatasync(fd) : fsync(fd))) {
			warn("%s", argv[i]);
			status = 1;
		}
		if (fd >= 0)
			close(fd);
	}
	return status;
}
