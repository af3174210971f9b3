/*
 * vmmap - the address space of a process, area by area, with what of it is in memory.
 */
#include "common/common.h"
#include "common/proc.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

static const char help[] =
	"usage: vmmap [PID]\n"
	"Print each area of a process's address space (this one's): size, what of it is in memory, what is its\n"
	"own, permissions and file, from /proc/PID/smaps; then the sums.\n";

struct area {
	unsigned long from, to, rss, own, swap;
	char perms[8];
	char name[512];
};

static unsigned long sum_size, sum_rss, sum_own;

static void show(const struct area *a)
{
	unsigned long size = (a->to - a->from) / 1024;

	printf("%010lx-%010lx %8luK %8luK %8luK %s %s\n", a->from, a->to, size, a->rss, a->own,
	       a->perms, a->name);
	sum_size += size;
	sum_rss += a->rss;
	sum_own += a->own;
}

int main(int argc, char **argv)
{
	struct area a = { 0 };
	bool any = false;
	char path[64], *text;

	help_option(argc, argv, help);
	if (argc > 2)
		usage(help, 1);
	snprintf(path, sizeof(path), "/proc/%.20s/smaps", argc > 1 ? argv[1] : "self");
	text = proc_text(path);
	if (!text)
		err(1, "%s", path);
	printf("%-21s %9s %9s %9s %s %s\n", "area", "size", "resident", "own", "mode", "file");
	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
		unsigned long from, to;
		int name = 0;
		char perms[8];

		if (sscanf(line, "%lx-%lx %7s %*s %*s %*s %n", &from, &to, perms, &name) >= 3) {
			if (any)
				show(&a);
			memset(&a, 0, sizeof(a));
			a.from = from;
			a.to = to;
			strcpy(a.perms, perms);
			snprintf(a.name, sizeof(a.name), "%s", name ? line + name : "");
			any = true;
		} else if (!strncmp(line, "Rss:", 4)) {
			a.rss = strtoul(line + 4, NULL, 10);
		} else if (!strncmp(line, "Private_", 8)) {
			a.own += strtoul(strchr(line, ':') + 1, NULL, 10);
		}
	}
	if (any)
		show(&a);
	printf("%-21s %8luK %8luK %8luK\n", "all", sum_size, sum_rss, sum_own);
	free(text);
	return finish(0);
}
