/*
 * mknod - make device files and pipes.
 */
#include "common/common.h"
#include "common/mode.h"

#include <err.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

static const char help[] = "usage: mknod [-m MODE] NAME b|c|u MAJOR MINOR\n"
			   "       mknod [-m MODE] NAME p\n"
			   "Make a block (b) or character (c, u) device's file, or a pipe (p).\n";
static const char names[] = "mode=m";

int main(int argc, char **argv)
{
	mode_t mode = 0666;
	dev_t dev = 0;
	int opt, n;
	char kind;

	help_option(argc, argv, help);
	while ((opt = option(argc, argv, "m:", names)) != -1) {
		if (opt == '?' || !mode_parse(optarg, 0666, false, umask(0), &mode))
			usage(help, 1);
	}
	argv += optind;
	n = argc - optind;
	kind = n > 1 ? argv[1][0] : 0;
	if (!kind || !strchr("bcup", kind) || n != (kind == 'p' ? 2 : 4))
		usage(help, 1);
	if (kind != 'p')
		dev = makedev((unsigned int)number_arg(argv[2], 0, 4095, false),
			      (unsigned int)number_arg(argv[3], 0, 1048575, false));
	if (mknod(argv[0], mode | (kind == 'p' ? S_IFIFO : kind == 'b' ? S_IFBLK : S_IFCHR), dev))
		err(1, "%s", argv[0]);
	return 0;
}
