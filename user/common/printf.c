/*
 * printf.c - the printf command (XCU printf): the format again and again until all words are used.
 */
#include "words.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct args {
	char **w;
	int n, at;
	int status;
	const char *name;
};

static const char *next(struct args *a)
{
	return a->at < a->n ? a->w[a->at++] : NULL;
}

static void check(struct args *a, const char *s, const char *end)
{
	if (*end || end == s)
		fprintf(stderr, "%s: %s: %s\n", a->name, s,
			end == s ? "expected numeric value" : "not completely converted");
	else if (errno == ERANGE)
		fprintf(stderr, "%s: %s: %s\n", a->name, s, strerror(errno));
	else
		return;
	a->status = 1;
}

static long long integer(struct args *a, bool is_signed)
{
	const char *s = next(a);
	long long v;
	char *end;

	if (!s)
		return 0;
	if (*s == '\'' || *s == '"')
		return (unsigned char)s[1];
	errno = 0;
	v = is_signed || *s == '-' ? strtoll(s, &end, 0) : (long long)strtoull(s, &end, 0);
	check(a, s, end);
	return v;
}

static double real(struct args *a)
{
	const char *s = next(a);
	double v;
	char *end;

	if (!s)
		return 0;
	if (*s == '\'' || *s == '"')
		return (unsigned char)s[1];
	errno = 0;
	v = strtod(s, &end);
	check(a, s, end);
	return v;
}

/* The word of %b, its escapes done; whether \c ended all. */
static bool unescape(const char *s, char **out, size_t *n)
{
	char *p = malloc(strlen(s) + 1);

	*out = p;
	*n = 0;
	while (p && *s) {
		int c = (unsigned char)*s++;

		if (c == '\\') {
			c = escape_char(&s, true);
			if (c == -1)
				return true;
			if (c == -2)
				c = '\\';
		}
		p[(*n)++] = (char)c;
	}
	return false;
}

/* Text that may hold NULs, padded to a width. */
static void put_padded(const char *s, size_t n, int width, int precision, bool left)
{
	if (precision >= 0 && n > (size_t)precision)
		n = (size_t)precision;
	if (!left)
		for (int i = (int)n; i < width; i++)
			putchar(' ');
	fwrite(s, 1, n, stdout);
	if (left)
		for (int i = (int)n; i < width; i++)
			putchar(' ');
}

static bool conversion(const char **fmt, struct args *a)
{
	char spec[64], flags[8];
	const char *f = *fmt;
	int width = 0, precision = -1;
	size_t n = 0;
	char kind;

	while (*f && strchr("-+ #0", *f)) {
		if (n < sizeof(flags) - 1 && !memchr(flags, *f, n))
			flags[n++] = *f;
		f++;
	}
	flags[n] = 0;
	if (*f == '*') {
		width = (int)integer(a, true);
		f++;
	} else {
		width = (int)strtol(f, (char **)&f, 10);
	}
	if (*f == '.') {
		f++;
		if (*f == '*') {
			precision = (int)integer(a, true);
			f++;
		} else {
			precision = isdigit((unsigned char)*f) ? (int)strtol(f, (char **)&f, 10) :
								 0;
		}
	}
	if (width < 0) {
		strcpy(flags, "-");
		width = -width;
	}
	kind = *f ? *f++ : 0;
	*fmt = f;
	n = (size_t)snprintf(spec, sizeof(spec), "%%%s%d", flags, width);
	/* a width of none is not a flag 0 */
	if (!width)
		n = (size_t)snprintf(spec, sizeof(spec), "%%%s", flags);
	if (precision >= 0)
		n += (size_t)snprintf(spec + n, sizeof(spec) - n, ".%d", precision);
	switch (kind) {
	case 'd':
	case 'i':
		strcpy(spec + n, "lld");
		printf(spec, integer(a, true));
		return true;
	case 'o':
	case 'u':
	case 'x':
	case 'X':
		snprintf(spec + n, sizeof(spec) - n, "ll%c", kind);
		printf(spec, integer(a, false));
		return true;
	case 'a':
	case 'A':
	case 'e':
	case 'E':
	case 'f':
	case 'F':
	case 'g':
	case 'G':
		snprintf(spec + n, sizeof(spec) - n, "%c", kind);
		printf(spec, real(a));
		return true;
	case 'c': {
		const char *s = next(a);

		put_padded(s ? s : "", s && *s, width, -1, strchr(flags, '-') != NULL);
		return true;
	}
	case 's': {
		const char *s = next(a);

		put_padded(s ? s : "", s ? strlen(s) : 0, width, precision,
			   strchr(flags, '-') != NULL);
		return true;
	}
	case 'b': {
		const char *s = next(a);
		char *text;
		bool over = unescape(s ? s : "", &text, &n);

		put_padded(text ? text : "", n, width, precision, strchr(flags, '-') != NULL);
		free(text);
		return !over;
	}
	default:
		fprintf(stderr, "%s: %%%c: invalid directive\n", a->name, kind);
		a->status = 1;
		return false;
	}
}

/* The format once; whether to go on. */
static bool once(const char *f, struct args *a)
{
	while (*f) {
		int c = (unsigned char)*f++;

		if (c == '\\') {
			if (*f == '"' || *f == '\'') {
				putchar(*f++);
				continue;
			}
			if (*f == 'c')
				return false;
			c = escape_char(&f, false);
			putchar(c == -2 ? '\\' : c);
		} else if (c == '%' && *f == '%') {
			putchar('%');
			f++;
		} else if (c == '%') {
			if (!conversion(&f, a))
				return false;
		} else {
			putchar(c);
		}
	}
	return true;
}

int printf_words(int argc, char **argv)
{
	struct args a = { .name = argv[0] };
	int i = argc > 1 && !strcmp(argv[1], "--") ? 2 : 1, before;

	if (i >= argc) {
		fprintf(stderr, "usage: printf FORMAT [WORD...]\n");
		return 2;
	}
	a.w = argv + i + 1;
	a.n = argc - i - 1;
	do {
		before = a.at;
		if (!once(argv[i], &a))
			break;
	} while (a.at < a.n && a.at > before);
	return a.status;
}
