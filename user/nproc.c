/*
 * nproc - how many harts there are to run on.
 */
#include "common/common.h"

#include <err.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char help[] =
	"usage: nproc [--all]\n"
	"Print how many harts this process may run on; with --all, how many there are.\n";

int main(int argc, char **argv)
{
	cpu_set_t set;

	help_option(argc, argv, help);
	if (argc == 2 && !strcmp(argv[1], "--all")) {
		printf("%ld\n", sysconf(_SC_NPROCESSORS_CONF));
		return finish(0);
	}
	if (no_options(argc, argv, help, 1) < argc)
		usage(help, 1);
	if (sched_getaffinity(0, sizeof(set), &set))
		err(1, "sched_getaffinity");
	printf("%d\n", CPU_COUNT(&set));
	return finish(0);
}
