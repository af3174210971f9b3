/*
 * cat - files to standard output, as they are and as they come (XCU cat).
 */
#include "common/common.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static const char help[] =
	"usage: cat [-nbsvETAu] [FILE...]\n"
	"Write the files (standard input without any, or for -) to standard output.\n"
	"  -n, -b  number the lines; those that are not empty\n"
	"  -s      one empty line for several\n"
	"  -v      show bytes that print nothing as ^X and M-X\n"
	"  -E, -T  show ends of lines as $, tabs as ^I;  -A is -vET, -e -vE, -t -vT\n";
static const char names[] =
	"number=n number-nonblank=b squeeze-blank=s show-nonprinting=v show-ends=E "
	"show-tabs=T show-all=A";

static bool number, number_full, squeeze, visible, ends, tabs;
static long line;
static bool at_start = true;
static int empty;

static int copy(int fd, const char *name)
{
	bool wrote;

	if (!copy_fd(fd, 1, &wrote))
		return 0;
	if (wrote)
		err(1, "standard output");
	warn("%s", name);
	return 1;
}

static void put_byte(int c)
{
	if (c == '\t' ? !tabs : !visible || (c >= 32 && c < 127)) {
		putchar(c);
		return;
	}
	if (c >= 128) {
		fputs("M-", stdout);
		c -= 128;
	}
	if (c < 32)
		printf("^%c", c + '@');
	else if (c == 127)
		fputs("^?", stdout);
	else
		putchar(c);
}

static int show(int fd, const char *name)
{
	static unsigned char buf[65536];
	ssize_t n;

	while ((n = read(fd, buf, sizeof(buf))) > 0) {
		for (ssize_t i = 0; i < n; i++) {
			if (at_start && buf[i] == '\n') {
				if (squeeze && empty++)
					continue;
				if (number && !number_full)
					printf("%6ld\t", ++line);
			} else if (at_start) {
				empty = 0;
				if (number)
					printf("%6ld\t", ++line);
			}
			at_start = buf[i] == '\n';
			if (!at_start) {
				put_byte(buf[i]);
			} else {
				if (ends)
					putchar('$');
				putchar('\n');
			}
		}
	}
	fflush(stdout);
	if (n < 0)
		warn("%s", name);
	return n < 0;
}

int main(int argc, char **argv)
{
	int status = 0, opt;
	bool plain;

	help_option(argc, argv, help);
	while ((opt = option(argc, argv, "nbsvETAetu", names)) != -1) {
		if (opt == '?')
			usage(help, 1);
		number |= opt == 'n' || opt == 'b';
		number_full |= opt == 'b';
		squeeze |= opt == 's';
		visible |= opt == 'v' || opt == 'A' || opt == 'e' || opt == 't';
		ends |= opt == 'E' || opt == 'A' || opt == 'e';
		tabs |= opt == 'T' || opt == 'A' || opt == 't';
	}
	plain = !(number || squeeze || visible || ends || tabs);
	if (optind == argc)
		return finish(plain ? copy(0, "standard input") : show(0, "standard input"));
	for (int i = optind; i < argc; i++) {
		int fd = 0;

		if (strcmp(argv[i], "-")) {
			fd = open(argv[i], O_RDONLY);
			if (fd < 0) {
				warn("%s", argv[i]);
				status = 1;
				continue;
			}
		}
		status |= plain ? copy(fd, argv[i]) : show(fd, argv[i]);
		if (fd)
			close(fd);
	}
	return finish(status);
}
