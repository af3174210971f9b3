/*
 * mkfifo - make named pipes (XCU mkfifo).
 */
#include "common/common.h"
#include "common/mode.h"

#include <err.h>
#include <unistd.h>

static const char help[] = "usage: mkfifo [-m MODE] NAME...\nMake pipes that have a name.\n";
static const char names[] = "mode=m";

int main(int argc, char **argv)
{
	mode_t mode = 0666;
	bool exact = false;
	int opt, status = 0;

	help_option(argc, argv, help);
	while ((opt = option(argc, argv, "m:", names)) != -1) {
		if (opt == '?' || !mode_parse(optarg, 0666, false, umask(0), &mode))
			usage(help, 1);
		exact = true;
	}
	if (optind == argc)
		usage(help, 1);
	if (exact)
		umask(0);
	for (int i = optind; i < argc; i++) {
		if (mkfifo(argv[i], mode)) {
			warn("%s", argv[i]);
			status = 1;
		}
	}
	return status;
}
