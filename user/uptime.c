/*
 * uptime - how long the machine has been running.
 */
#include "common/common.h"
#include "common/proc.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char help[] =
	"usage: uptime [-p | -s]\n"
	"Print the time, how long the machine has been up, and its load over 1, 5 and 15 minutes.\n"
	"  -p  only how long;  -s  only since when\n";
static const char names[] = "pretty=p since=s";

int main(int argc, char **argv)
{
	char when[32], *load = proc_text("/proc/loadavg");
	unsigned long up = (unsigned long)uptime_seconds();
	time_t now = time(NULL), began = now - (time_t)up;
	double l[3] = { 0 };
	int opt;

	help_option(argc, argv, help);
	while ((opt = option(argc, argv, "ps", names)) != -1) {
		if (opt == '?')
			usage(help, 1);
		if (opt == 's') {
			strftime(when, sizeof(when), "%Y-%m-%d %H:%M:%S", localtime(&began));
			puts(when);
		} else {
			printf("up %lu days, %lu hours, %lu minutes\n", up / 86400, up / 3600 % 24,
			       up / 60 % 60);
		}
		return finish(0);
	}
	if (load)
		sscanf(load, "%lf %lf %lf", &l[0], &l[1], &l[2]);
	free(load);
	strftime(when, sizeof(when), "%H:%M:%S", localtime(&now));
	printf(" %s up ", when);
	if (up >= 86400)
		printf("%lu day%s, ", up / 86400, up >= 172800 ? "s" : "");
	if (up >= 3600)
		printf("%2lu:%02lu", up / 3600 % 24, up / 60 % 60);
	else
		printf("%lu min", up / 60);
	printf(",  load average: %.2f, %.2f, %.2f\n", l[0], l[1], l[2]);
	return finish(0);
}
