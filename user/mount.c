/*
 * mount, umount - attach file systems to the tree, detach them, list them.
 */
#include "common/common.h"

#include <err.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

static const char help[] = "usage: mount                                   list what is mounted\n"
			   "       mount [-r] [-t TYPE] [-o OPTIONS] SOURCE FOLDER\n"
			   "       umount FOLDER...\n"
			   "  -r  read only\n";

static int list(void)
{
	char line[1024];
	FILE *f = fopen("/proc/self/mounts", "re");

	if (!f)
		err(1, "/proc/self/mounts");
	while (fgets(line, sizeof(line), f)) {
		char *save;
		char *source = strtok_r(line, " ", &save);
		char *folder = strtok_r(NULL, " ", &save);
		char *type = strtok_r(NULL, " ", &save);
		char *options = strtok_r(NULL, " \n", &save);

		if (options)
			printf("%s on %s type %s (%s)\n", source, folder, type, options);
	}
	fclose(f);
	return 0;
}

static int detach(int argc, char **argv)
{
	int status = argc < 2 ? 2 : 0;

	if (status)
		fputs(help, stderr);
	for (int i = 1; i < argc; i++) {
		if (umount(argv[i])) {
			warn("%s", argv[i]);
			status = 1;
		}
	}
	return status;
}

int main(int argc, char **argv)
{
	const char *slash = strrchr(argv[0], '/');
	const char *type = "none", *options = NULL;
	unsigned long flags = 0;
	int opt;

	help_option(argc, argv, help);
	if (!strcmp(slash ? slash + 1 : argv[0], "umount"))
		return detach(argc, argv);
	if (argc == 1)
		return list();
	while ((opt = getopt(argc, argv, "rt:o:")) != -1) {
		switch (opt) {
		case 'r':
			flags |= MS_RDONLY;
			break;
		case 't':
			type = optarg;
			break;
		case 'o':
			options = optarg;
			break;
		default:
			fputs(help, stderr);
			return 2;
		}
	}
	if (argc - optind != 2) {
		fputs(help, stderr);
		return 2;
	}
	if (mount(argv[optind], argv[optind + 1], type, flags, options))
		err(1, "%s on %s", argv[optind], argv[optind + 1]);
	return 0;
}
