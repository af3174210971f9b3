/*
 * od - files in octal and other forms (XCU od).
 */
#include "common/common.h"

#include <ctype.h>
#include <err.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char help[] =
	"usage: od [-A d|o|x|n] [-j SKIP] [-N COUNT] [-t TYPES] [-bcdosxv] [-w[BYTES]] [FILE...]\n"
	"Print bytes as numbers. TYPES are a (names), c (characters), d u o x (numbers; a size C S I L 1 2 4 8 behind),\n"
	"f (floats, size F D 4 8), each with a z for the text as well. -b -c -d -o -s -x are -t o1 c u2 o2 d2 x2.\n"
	"  -A  how offsets are printed\n"
	"  -v  lines that repeat, too\n";
static const char long_names[] =
	"address-radix=A skip-bytes=j read-bytes=N format=t output-duplicates=v width=w";

static struct form {
	char kind;
	int size, width; /* width of a field in columns, without the blank */
	bool text;
} forms[16];
static int count;
static char base = 'o';
static size_t row = 16;
static bool all;
static FILE *current;
static char **names;
static int status;

static void add(char kind, int size, bool text)
{
	static const int octal[] = { 0, 3, 6, 0, 11, 0, 0, 0, 22 },
			 hex[] = { 0, 2, 4, 0, 8, 0, 0, 0, 16 };
	static const int decimal[] = { 0, 4, 6, 0, 11, 0, 0, 0, 20 },
			 plain[] = { 0, 3, 5, 0, 10, 0, 0, 0, 20 };
	struct form *f = &forms[count < 15 ? count++ : 15];

	f->kind = kind;
	f->size = size;
	f->text = text;
	f->width = kind == 'o' ? octal[size] :
		   kind == 'x' ? hex[size] :
		   kind == 'd' ? decimal[size] :
		   kind == 'u' ? plain[size] :
		   kind == 'f' ? (size == 4 ? 15 : 24) :
				 3;
}

static void types(const char *s)
{
	while (*s) {
		char kind = *s++;
		int size = kind == 'f' ? 8 : kind == 'a' || kind == 'c' ? 1 : 4;
		bool text;

		if (!strchr("acdfoux", kind))
			errx(1, "%c: no type", kind);
		if (isdigit((unsigned char)*s)) {
			size = (int)strtol(s, (char **)&s, 10);
		} else if (*s && strchr("CSILFD", *s)) {
			size = *s == 'C' ? 1 : *s == 'S' ? 2 : *s == 'I' || *s == 'F' ? 4 : 8;
			s++;
		}
		if ((size != 1 && size != 2 && size != 4 && size != 8) || (kind == 'f' && size < 4))
			errx(1, "%d: no size", size);
		text = *s == 'z';
		s += text;
		add(kind, size, text);
	}
}

static int next(void)
{
	for (;;) {
		int c;

		if (!current) {
			if (!*names)
				return EOF;
			current = open_input(*names++);
			if (!current) {
				status = 1;
				continue;
			}
		}
		c = getc(current);
		if (c != EOF)
			return c;
		close_input(current);
		current = NULL;
	}
}

static void offset(unsigned long long at)
{
	if (base != 'n')
		printf(base == 'd' ? "%07llu" : base == 'x' ? "%06llx" : "%07llo", at);
}

static void put_char(unsigned char c, bool named)
{
	static const char *const control[] = { "nul", "soh", "stx", "etx", "eot", "enq", "ack",
					       "bel", "bs",  "ht",  "nl",  "vt",  "ff",	 "cr",
					       "so",  "si",  "dle", "dc1", "dc2", "dc3", "dc4",
					       "nak", "syn", "etb", "can", "em",  "sub", "esc",
					       "fs",  "gs",  "rs",  "us",  "sp" };
	static const char codes[] = "\0\a\b\t\n\v\f\r", *letters = "0abtnvfr";

	if (named) {
		c &= 127;
		if (c == 127)
			printf("del");
		else if (c <= 32)
			printf("%3s", control[c]);
		else
			printf("%3c", c);
		return;
	}
	if (memchr(codes, c, 8))
		printf(" \\%c", letters[(const char *)memchr(codes, c, 8) - codes]);
	else if (isprint(c))
		printf("%3c", c);
	else
		printf("%03o", c);
}

/* A float as the shortest text that gives the same one. */
static void put_float(double v, int size, int width)
{
	char text[64];

	for (int digits = size == 4 ? 6 : 15; digits <= 17; digits++) {
		snprintf(text, sizeof(text), "%.*g", digits, v);
		if (size == 4 ? (float)strtod(text, NULL) == (float)v : strtod(text, NULL) == v)
			break;
	}
	printf("%*s", width, text);
}

static void put_value(const struct form *f, const unsigned char *p, int width)
{
	uint64_t u = 0;
	int64_t d;
	double real;
	float single;

	for (int i = f->size; i-- > 0;)
		u = u << 8 | p[i];
	d = f->size == 8 ? (int64_t)u : (int64_t)(u << (64 - 8 * f->size)) >> (64 - 8 * f->size);
	printf("%*s", width - f->width, "");
	switch (f->kind) {
	case 'a':
	case 'c':
		put_char(*p, f->kind == 'a');
		break;
	case 'o':
		printf("%0*llo", f->width, (unsigned long long)u);
		break;
	case 'x':
		printf("%0*llx", f->width, (unsigned long long)u);
		break;
	case 'u':
		printf("%*llu", f->width, (unsigned long long)u);
		break;
	case 'd':
		printf("%*lld", f->width, (long long)d);
		break;
	default:
		memcpy(&single, p, 4);
		memcpy(&real, p, f->size == 8 ? 8 : 4);
		put_float(f->size == 4 ? (double)single : real, f->size, f->width);
		break;
	}
}

static void show(unsigned long long at, const unsigned char *p, size_t n)
{
	int widest = 0; /* columns a byte of the widest form takes, times 8 */

	for (int i = 0; i < count; i++)
		if ((forms[i].width + 1) * 8 / forms[i].size > widest)
			widest = (forms[i].width + 1) * 8 / forms[i].size;
	for (int i = 0; i < count; i++) {
		const struct form *f = &forms[i];
		int width = widest * f->size / 8;

		if (i)
			printf("%*s", base == 'n' ? 0 : base == 'x' ? 6 : 7, "");
		else
			offset(at);
		for (size_t k = 0; k < n; k += (size_t)f->size)
			put_value(f, p + k, width);
		if (f->text) {
			for (size_t k = n; k < row; k += (size_t)f->size)
				printf("%*s", width, "");
			printf("  >");
			for (size_t k = 0; k < n; k++)
				putchar(isprint(p[k]) ? p[k] : '.');
			putchar('<');
		}
		putchar('\n');
	}
}

int main(int argc, char **argv)
{
	unsigned long long at = 0, skip = 0, most = ULLONG_MAX;
	unsigned char *p, *before;
	bool repeats = false, any = false;
	static char *input[] = { (char *)"-", NULL };
	size_t n;
	int opt, c = 0;

	help_option(argc, argv, help);
	while ((opt = option(argc, argv, "A:j:N:t:abcdDfFHhiIlLoOsvxXw::", long_names)) != -1) {
		switch (opt) {
		case 'A':
			base = *optarg;
			if (!base || !strchr("doxn", base))
				usage(help, 1);
			break;
		case 'j':
			skip = strtoull(optarg, NULL, 0);
			break;
		case 'N':
			most = strtoull(optarg, NULL, 0);
			break;
		case 't':
			types(optarg);
			break;
		case 'v':
			all = true;
			break;
		case 'b':
			add('o', 1, false);
			break;
		case 'c':
			add('c', 1, false);
			break;
		case 'd':
			add('u', 2, false);
			break;
		case 'o':
			add('o', 2, false);
			break;
		case 's':
			add('d', 2, false);
			break;
		case 'a':
			add('a', 1, false);
			break;
		case 'i':
			add('d', 4, false);
			break;
		case 'I':
		case 'l':
		case 'L':
			add('d', 8, false);
			break;
		case 'D':
			add('u', 4, false);
			break;
		case 'O':
			add('o', 4, false);
			break;
		case 'X':
		case 'H':
			add('x', 4, false);
			break;
		case 'f':
			add('f', 4, false);
			break;
		case 'F':
			add('f', 8, false);
			break;
		case 'x':
		case 'h':
			add('x', 2, false);
			break;
		case 'w':
			row = optarg ? (size_t)number_arg(optarg, 1, 4096, false) : 32;
			break;
		default:
			usage(help, 1);
		}
	}
	if (!count)
		add('o', 2, false);
	names = optind < argc ? argv + optind : input;
	for (; at < skip; at++)
		if (next() == EOF)
			errx(1, "cannot skip past end of combined input");
	p = need(calloc(1, row + 8));
	before = need(calloc(1, row + 8));
	do {
		unsigned char *t;

		for (n = 0; n < row && most && (c = next()) != EOF; n++, most--)
			p[n] = (unsigned char)c;
		if (!n)
			break;
		memset(p + n, 0, row + 8 - n);
		if (any && n == row && !all && !memcmp(p, before, row)) {
			if (!repeats)
				puts("*");
			repeats = true;
		} else {
			show(at, p, n);
			repeats = false;
		}
		any = true;
		at += n;
		t = p;
		p = before;
		before = t;
	} while (n == row);
	if (base != 'n') {
		offset(at);
		putchar('\n');
	}
	free(p);
	free(before);
	return finish(status);
}
