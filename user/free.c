/*
 * free - how much memory there is.
 */
#include "common/common.h"
#include "common/proc.h"

#include <err.h>
#include <unistd.h>

static const char help[] =
	"usage: free [-b | -k | -m | -g | -h] [-s SECONDS]\n"
	"Print how much memory there is and is used, in KiB, or bytes, MiB, GiB, or for people.\n";
static const char names[] = "bytes=b kibi=k mebi=m gibi=g human=h seconds=s";

static int shift;
static bool human;

static void put(unsigned long long kib)
{
	char text[24];

	if (human)
		human_size(kib * 1024, text);
	else
		snprintf(text, sizeof(text), "%llu", shift < 0 ? kib << 10 : kib >> shift);
	printf(" %11s", text);
}

int main(int argc, char **argv)
{
	unsigned long long total, unused, cached, available, swap, swap_unused;
	unsigned int pause = 0;
	char *text;
	int opt;

	help_option(argc, argv, help);
	while ((opt = option(argc, argv, "bkmghs:", names)) != -1) {
		switch (opt) {
		case 'b':
			shift = -10;
			break;
		case 'k':
			shift = 0;
			break;
		case 'm':
			shift = 10;
			break;
		case 'g':
			shift = 20;
			break;
		case 'h':
			human = true;
			break;
		case 's':
			pause = (unsigned int)number_arg(optarg, 1, 1 << 20, false);
			break;
		default:
			usage(help, 1);
		}
	}
	do {
		text = proc_text("/proc/meminfo");
		if (!text)
			err(1, "/proc/meminfo");
		total = meminfo(text, "MemTotal");
		unused = meminfo(text, "MemFree");
		cached = meminfo(text, "Cached") + meminfo(text, "Buffers") +
			 meminfo(text, "SReclaimable");
		available = meminfo(text, "MemAvailable");
		swap = meminfo(text, "SwapTotal");
		swap_unused = meminfo(text, "SwapFree");
		printf("%19s %11s %11s %11s %11s %11s\nMem:   ", "total", "used", "free", "shared",
		       "buff/cache", "available");
		put(total);
		put(total > available ? total - available : 0);
		put(unused);
		put(meminfo(text, "Shmem"));
		put(cached);
		put(available);
		fputs("\nSwap:  ", stdout);
		put(swap);
		put(swap - swap_unused);
		put(swap_unused);
		putchar('\n');
		fflush(stdout);
	} while (pause && !sleep(pause));
	return finish(0);
}
