/*
 * kill - send signals (XCU kill).
 */
#include "common/common.h"
#include "common/signals.h"

#include <err.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

static const char help[] =
	"usage: kill [-s SIGNAL | -SIGNAL] PID...\n"
	"       kill -l [STATUS | NAME]...\n"
	"Send a signal (TERM) to processes; a negative PID is a group's. -l lists signals.\n";

/* Of the two names that 29 has, this program's is the other one than the shell's. */
static const char *name_of(int sig)
{
	return sig == SIGIO ? "POLL" : signal_by_number(sig);
}

static int list(int argc, char **argv)
{
	if (!argc)
		for (int i = 1; i < 32; i++)
			printf("%s%c", name_of(i) ? name_of(i) : "?", i % 8 && i < 31 ? ' ' : '\n');
	for (int i = 0; i < argc; i++) {
		int n = signal_by_name(argv[i]);

		if (argv[i][0] >= '0' && argv[i][0] <= '9') {
			n = atoi(argv[i]) & 127;
			if (n && !name_of(n))
				errx(1, "%s: no signal", argv[i]);
			puts(n ? name_of(n) : "EXIT");
		} else if (n >= 0) {
			printf("%d\n", n);
		} else {
			errx(1, "%s: no signal", argv[i]);
		}
	}
	return finish(0);
}

int main(int argc, char **argv)
{
	int sig = SIGTERM, i = 1, status = 0;

	help_option(argc, argv, help);
	if (argc > 1 && (!strcmp(argv[1], "-l") || !strcmp(argv[1], "-L")))
		return list(argc - 2, argv + 2);
	if (i < argc && argv[i][0] == '-' && argv[i][1] && strcmp(argv[i], "--")) {
		const char *name = argv[i] + 1;

		if (!strcmp(name, "s") || !strcmp(name, "n"))
			name = ++i < argc ? argv[i] : "";
		sig = signal_by_name(name);
		if (sig < 0)
			errx(1, "%s: no signal", name);
		i++;
	}
	if (i < argc && !strcmp(argv[i], "--"))
		i++;
	if (i == argc)
		usage(help, 1);
	for (; i < argc; i++) {
		char *end;
		long pid = strtol(argv[i], &end, 10);

		if (end == argv[i] || *end) {
			warnx("%s: no process", argv[i]);
			status = 1;
		} else if (kill((pid_t)pid, sig)) {
			warn("%s", argv[i]);
			status = 1;
		}
	}
	return status;
}
