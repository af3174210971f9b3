/*
 * hexdump - files in hexadecimal.
 */
#include "common/common.h"

#include <ctype.h>
#include <err.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

static const char help[] =
	"usage: hexdump [-C] [-v] [-n COUNT] [-s SKIP] [FILE...]\n"
	"Print bytes in hexadecimal, two and two as numbers; with -C one by one, and the text beside.\n"
	"  -v  lines that repeat, too\n"
	"  -n, -s  only COUNT bytes, after SKIP\n";
static const char names[] = "canonical=C no-squeezing=v length=n skip=s";

static bool canonical;

static void show(unsigned long long at, const unsigned char *p, size_t n)
{
	if (!canonical) {
		printf("%07llx", at);
		for (size_t i = 0; i < 16; i += 2) {
			if (i < n)
				printf(" %04x", p[i] | (i + 1 < n ? p[i + 1] << 8 : 0));
			else
				printf("     ");
		}
		putchar('\n');
		return;
	}
	printf("%08llx ", at);
	for (size_t i = 0; i < 16; i++) {
		if (i < n)
			printf("%s%02x", i == 8 ? "  " : " ", p[i]);
		else
			printf("%s  ", i == 8 ? "  " : " ");
	}
	printf("  |");
	for (size_t i = 0; i < n; i++)
		putchar(p[i] >= 32 && p[i] < 127 ? p[i] : '.');
	puts("|");
}

int main(int argc, char **argv)
{
	unsigned long long at = 0, skip = 0, most = ULLONG_MAX;
	unsigned char p[16], before[16];
	bool all = false, repeats = false, any = false;
	size_t n = 0;
	int opt, status = 0;

	help_option(argc, argv, help);
	while ((opt = option(argc, argv, "Cvn:s:", names)) != -1) {
		switch (opt) {
		case 'C':
			canonical = true;
			break;
		case 'v':
			all = true;
			break;
		case 'n':
			most = (unsigned long long)number_arg(optarg, 0, LLONG_MAX, true);
			break;
		case 's':
			skip = (unsigned long long)number_arg(optarg, 0, LLONG_MAX, true);
			break;
		default:
			usage(help, 1);
		}
	}
	if (optind == argc)
		argv[--optind] = (char *)"-";
	for (int i = optind; i < argc; i++) {
		FILE *f = open_input(argv[i]);
		int c;

		if (!f) {
			status = 1;
			continue;
		}
		while (most && (c = getc(f)) != EOF) {
			if (at < skip) {
				at++;
				continue;
			}
			most--;
			p[n++] = (unsigned char)c;
			if (n < 16)
				continue;
			if (any && !all && !memcmp(p, before, 16)) {
				if (!repeats)
					puts("*");
				repeats = true;
			} else {
				show(at, p, n);
				repeats = false;
			}
			any = true;
			memcpy(before, p, 16);
			at += n;
			n = 0;
		}
		close_input(f);
	}
	if (n)
		show(at, p, n);
	at += n;
	if (at)
		printf(canonical ? "%08llx\n" : "%07llx\n", at);
	return finish(status);
}
