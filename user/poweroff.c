/*
 * poweroff, reboot, halt - end the machine: by its init, or with -f at once.
 */
#include "common/common.h"

#include <err.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/reboot.h>
#include <unistd.h>

static const char help[] =
	"usage: poweroff [-f]     reboot [-f]     halt [-f]\n"
	"Ask process 1 to stop everything and power off (reboot: restart) the machine.\n"
	"  -f  don't ask: sync and do it now\n"
	"Run as process 1, it acts at once. halt powers off too.\n";

int main(int argc, char **argv)
{
	const char *slash = strrchr(argv[0], '/');
	const char *name = slash ? slash + 1 : argv[0];
	int restart = !strcmp(name, "reboot");
	int force = 0, c;

	help_option(argc, argv, help);
	while ((c = getopt(argc, argv, "f")) != -1) {
		if (c != 'f')
			usage(help, 2);
		force = 1;
	}
	if (optind < argc)
		usage(help, 2);
	if (force || getpid() == 1) {
		sync();
		reboot(restart ? RB_AUTOBOOT : RB_POWER_OFF);
		err(1, "reboot");
	}
	if (kill(1, restart ? SIGTERM : SIGUSR2))
		err(1, "process 1");
	return 0;
}
