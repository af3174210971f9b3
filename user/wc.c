/*
 * wc - count lines, words and bytes (XCU wc).
 */
#include "common/common.h"

#include <ctype.h>
#include <err.h>
#include <unistd.h>

static const char help[] =
	"usage: wc [-lwcmL] [FILE...]\n"
	"Count lines (-l), words (-w), bytes (-c), characters (-m); -L is the longest line. Without any: -lwc.\n";
static const char long_names[] = "lines=l words=w bytes=c chars=m max-line-length=L";

enum { LINES, WORDS, CHARS, BYTES, LONGEST, KINDS };
static bool want[KINDS];
static int width = 1;

static void count(FILE *f, unsigned long long *n)
{
	bool in_word = false;
	unsigned long long column = 0;
	int c;

	while ((c = getc(f)) != EOF) {
		n[BYTES]++;
		n[CHARS] += (c & 0xc0) != 0x80;
		if (c == '\n') {
			n[LINES]++;
			column = 0;
		} else if (c == '\t') {
			column = (column | 7) + 1;
		} else if ((c & 0xc0) != 0x80 && c >= 32) {
			column++;
		}
		if (column > n[LONGEST])
			n[LONGEST] = column;
		if (isspace(c)) {
			in_word = false;
		} else if (!in_word) {
			in_word = true;
			n[WORDS]++;
		}
	}
}

static void show(const unsigned long long *n, const char *name)
{
	bool any = false;

	for (int i = 0; i < KINDS; i++) {
		if (!want[i])
			continue;
		printf("%s%*llu", any ? " " : "", width, n[i]);
		any = true;
	}
	printf("%s%s\n", name ? " " : "", name ? name : "");
}

/* As wide as the sizes of all files need, if those are known. */
static void find_width(int n, char **names)
{
	unsigned long long sum = 0;
	bool unknown = false;
	struct stat st;
	int kinds = 0;

	for (int i = 0; i < KINDS; i++)
		kinds += want[i];
	for (int i = 0; i < n; i++) {
		if (stat(names[i], &st))
			continue;
		if (S_ISREG(st.st_mode))
			sum += (unsigned long long)st.st_size;
		else
			unknown = true;
	}
	if (!n) {
		if (kinds == 1)
			return;
		if (!fstat(0, &st) && S_ISREG(st.st_mode))
			sum = (unsigned long long)st.st_size;
		else
			unknown = true;
	}
	if (n == 1 && kinds == 1)
		return;
	for (; sum > 9; sum /= 10)
		width++;
	if (unknown && width < 7)
		width = 7;
}

int main(int argc, char **argv)
{
	unsigned long long total[KINDS] = { 0 };
	int opt, status = 0, n;
	bool any = false;

	help_option(argc, argv, help);
	while ((opt = option(argc, argv, "lwcmL", long_names)) != -1) {
		if (opt == '?')
			usage(help, 1);
		want[opt == 'l' ? LINES :
		     opt == 'w' ? WORDS :
		     opt == 'c' ? BYTES :
		     opt == 'm' ? CHARS :
				  LONGEST] = true;
		any = true;
	}
	if (!any)
		want[LINES] = want[WORDS] = want[BYTES] = true;
	n = argc - optind;
	find_width(n, argv + optind);
	if (!n) {
		count(stdin, total);
		show(total, NULL);
		return finish(0);
	}
	for (int i = optind; i < argc; i++) {
		unsigned long long one[KINDS] = { 0 };
		FILE *f = open_input(argv[i]);

		if (!f) {
			status = 1;
			continue;
		}
		count(f, one);
		if (ferror(f)) {
			warn("%s", argv[i]);
			status = 1;
		}
		close_input(f);
		show(one, argv[i]);
		for (int k = 0; k < KINDS; k++)
			total[k] = k == LONGEST ? (one[k] > total[k] ? one[k] : total[k]) :
						  total[k] + one[k];
	}
	if (n > 1)
		show(total, "total");
	return finish(status);
}
