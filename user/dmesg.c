/*
 * dmesg - what the kernel has said.
 */
#include "common/common.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <sys/klog.h>
#include <unistd.h>

static const char help[] =
	"usage: dmesg [-c | -C] [-r] [-n LEVEL]\n"
	"Print the kernel's log.\n"
	"  -c, -C  clear it after, clear it only;  -r  with the levels;  -n  up to which level goes to the console\n";
static const char names[] = "clear=C read-clear=c raw=r console-level=n";

enum { READ_ALL = 3, CLEAR = 5, CONSOLE_LEVEL = 8, SIZE = 10 };

int main(int argc, char **argv)
{
	bool raw = false, clear = false;
	int opt, size, n;
	char *text;

	help_option(argc, argv, help);
	while ((opt = option(argc, argv, "cCrn:", names)) != -1) {
		switch (opt) {
		case 'c':
			clear = true;
			break;
		case 'C':
			if (klogctl(CLEAR, NULL, 0) < 0)
				err(1, "klogctl");
			return 0;
		case 'r':
			raw = true;
			break;
		case 'n':
			if (klogctl(CONSOLE_LEVEL, NULL, (int)number_arg(optarg, 1, 8, false)) < 0)
				err(1, "klogctl");
			return 0;
		default:
			usage(help, 1);
		}
	}
	size = klogctl(SIZE, NULL, 0);
	size = size > 0 ? size : 65536;
	text = need(malloc((size_t)size + 1));
	n = klogctl(READ_ALL, text, size);
	if (n < 0)
		err(1, "klogctl");
	text[n] = 0;
	for (char *line = text; *line;) {
		size_t len = strcspn(line, "\n");
		char *s = line;

		if (!raw && *s == '<' && memchr(s, '>', len))
			s = (char *)memchr(s, '>', len) + 1;
		printf("%.*s\n", (int)(line + len - s), s);
		line += len + (line[len] == '\n');
	}
	if (clear)
		klogctl(CLEAR, NULL, 0);
	free(text);
	return finish(0);
}
