/*
 * sleep - wait.
 */
#include "common/common.h"

#include <err.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const char help[] =
	"usage: sleep NUMBER[smhd]...\n"
	"Wait for the sum of the times: seconds, minutes, hours or days, and parts of them.\n";

int main(int argc, char **argv)
{
	static const char letters[] = "smhd";
	static const int units[] = { 1, 60, 3600, 86400 };
	struct timespec t;
	double sum = 0;

	help_option(argc, argv, help);
	if (argc < 2)
		usage(help, 1);
	for (int i = 1; i < argc; i++) {
		char *end;
		double v = strtod(argv[i], &end);
		const char *unit = *end ? strchr(letters, *end) : letters;

		if (end == argv[i] || !unit || (*end && end[1]) || !(v >= 0))
			errx(1, "%s: no time", argv[i]);
		sum += v * units[unit - letters];
	}
	if (sum > 1e15)
		sum = 1e15;
	t.tv_sec = (time_t)sum;
	t.tv_nsec = (long)((sum - (double)t.tv_sec) * 1e9);
	while (nanosleep(&t, &t) && errno == EINTR)
		continue;
	return 0;
}
