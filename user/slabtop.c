/*
 * slabtop - the kernel's caches of small objects, the largest first.
 */
#include "common/common.h"
#include "common/proc.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char help[] =
	"usage: slabtop [-o] [-d SECONDS] [-s a|c|n|o]\n"
	"Show the kernel's caches of objects from /proc/slabinfo, each SECONDS (3) anew.\n"
	"  -o  once;  -s  by objects in use (a), memory (c), name (n), size of an object (o)\n";

struct cache {
	char name[64];
	unsigned long used, all, size, per_slab, pages, bytes;
};

static char order = 'c';

static int compare(const void *va, const void *vb)
{
	const struct cache *a = va, *b = vb;
	unsigned long x = order == 'a' ? a->used : order == 'o' ? a->size : a->bytes;
	unsigned long y = order == 'a' ? b->used : order == 'o' ? b->size : b->bytes;

	if (order == 'n' || x == y)
		return strcmp(a->name, b->name);
	return x < y ? 1 : -1;
}

static void show(bool clear)
{
	char *text = proc_text("/proc/slabinfo");
	struct cache *list = NULL, *c;
	unsigned long used = 0, all = 0, bytes = 0;
	size_t n = 0;

	if (!text)
		err(1, "/proc/slabinfo");
	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
		list = need(realloc(list, (n + 1) * sizeof(*list)));
		c = &list[n];
		if (*line == '#' || sscanf(line, "%63s %lu %lu %lu %lu %lu", c->name, &c->used,
					   &c->all, &c->size, &c->per_slab, &c->pages) != 6)
			continue;
		c->bytes = c->per_slab ?
				   (c->all + c->per_slab - 1) / c->per_slab * c->pages * 4096 :
				   c->all * c->size;
		used += c->used;
		all += c->all;
		bytes += c->bytes;
		n++;
	}
	qsort(list, n, sizeof(*list), compare);
	if (clear)
		fputs("\033[H\033[2J", stdout);
	printf("%lu of %lu objects in use, %lu KiB in %zu caches\n\n", used, all, bytes / 1024, n);
	printf("%8s %8s %4s %8s %8s  %s\n", "OBJECTS", "IN USE", "USE", "SIZE", "KIB", "NAME");
	for (size_t i = 0; i < n && (!clear || i < 20); i++)
		printf("%8lu %8lu %3lu%% %8lu %8lu  %s\n", list[i].all, list[i].used,
		       list[i].all ? list[i].used * 100 / list[i].all : 0, list[i].size,
		       list[i].bytes / 1024, list[i].name);
	fflush(stdout);
	free(list);
	free(text);
}

int main(int argc, char **argv)
{
	unsigned int pause = 3;
	bool once = false;
	int opt;

	help_option(argc, argv, help);
	while ((opt = getopt(argc, argv, "od:s:")) != -1) {
		switch (opt) {
		case 'o':
			once = true;
			break;
		case 'd':
			pause = (unsigned int)number_arg(optarg, 1, 1 << 20, false);
			break;
		case 's':
			order = *optarg;
			break;
		default:
			usage(help, 1);
		}
	}
	do
		show(!once && isatty(1));
	while (!once && !sleep(pause));
	return finish(0);
}
