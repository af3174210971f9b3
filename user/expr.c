/*
 * expr - an expression of words (XCU expr).
 */
#include "common/common.h"

#include <ctype.h>
#include <err.h>
#include <errno.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>

static const char help[] =
	"usage: expr EXPRESSION\n"
	"Print the expression's value, each number and operator of it a word; 1 is the status of an empty or 0.\n"
	"  A | B, A & B, A = B, != < <= > >=, + - * / %, TEXT : BRE, ( E )\n"
	"  match TEXT BRE, substr TEXT FROM COUNT, index TEXT LETTERS, length TEXT\n";

static char **word;

static char *either(void);

static bool is(const char *s)
{
	return *word && !strcmp(*word, s);
}

static char *next(void)
{
	if (!*word)
		errx(2, "syntax error: something is missing");
	return *word++;
}

static bool as_number(const char *s, long long *out)
{
	char *end;

	errno = 0;
	*out = strtoll(s, &end, 10);
	return *s && !isspace((unsigned char)*s) && *s != '+' && !*end && !errno;
}

static long long number(const char *s)
{
	long long v;

	if (!as_number(s, &v))
		errx(2, "non-integer argument");
	return v;
}

static char *text_of(long long v)
{
	char *s = need(malloc(24));

	snprintf(s, 24, "%lld", v);
	return s;
}

static bool empty(const char *s)
{
	long long v;

	return !*s || (as_number(s, &v) && !v);
}

static char *match(const char *text, const char *pattern)
{
	regmatch_t m[2];
	regex_t re;
	char *anchored = need(malloc(strlen(pattern) + 2)), *out;
	int bad;

	strcpy(anchored, "^");
	strcat(anchored, pattern + (*pattern == '^'));
	bad = regcomp(&re, anchored, 0);
	if (bad) {
		char why[100];

		regerror(bad, &re, why, sizeof(why));
		errx(2, "%s", why);
	}
	if (regexec(&re, text, 2, m, 0))
		out = re.re_nsub ? (char *)"" : text_of(0);
	else if (re.re_nsub)
		out = m[1].rm_so < 0 ?
			      (char *)"" :
			      need(strndup(text + m[1].rm_so, (size_t)(m[1].rm_eo - m[1].rm_so)));
	else
		out = text_of(m[0].rm_eo);
	regfree(&re);
	free(anchored);
	return out;
}

static char *primary(void)
{
	char *w = next(), *a;

	if (!strcmp(w, "(")) {
		a = either();
		if (!is(")"))
			errx(2, "syntax error: a ) is missing");
		word++;
		return a;
	}
	if (!strcmp(w, ")"))
		errx(2, "syntax error: unexpected )");
	if (!strcmp(w, "+") && *word)
		return next();
	if (!strcmp(w, "length") && *word)
		return text_of((long long)strlen(primary()));
	if (!strcmp(w, "match") && *word) {
		a = primary();
		return match(a, primary());
	}
	if (!strcmp(w, "index") && *word) {
		size_t n;

		a = primary();
		n = strcspn(a, primary());
		return text_of(a[n] ? (long long)n + 1 : 0);
	}
	if (!strcmp(w, "substr") && *word) {
		long long from, count, length;

		a = primary();
		length = (long long)strlen(a);
		if (!as_number(primary(), &from) | !as_number(primary(), &count))
			return (char *)"";
		if (from < 1 || from > length || count < 1)
			return (char *)"";
		return need(strndup(a + from - 1, (size_t)count));
	}
	return w;
}

static char *matching(void)
{
	char *a = primary();

	while (is(":")) {
		word++;
		a = match(a, primary());
	}
	return a;
}

static char *product(void)
{
	char *a = matching();

	while (is("*") || is("/") || is("%")) {
		char op = (*word++)[0];
		long long x = number(a), y = number(matching());

		if (op != '*' && !y)
			errx(2, "division by zero");
		if (op == '*') {
			long long v;

			if (__builtin_mul_overflow(x, y, &v))
				errx(2, "the number is too large");
			a = text_of(v);
		} else {
			a = text_of(op == '/' ? x / y : x % y);
		}
	}
	return a;
}

static char *sum(void)
{
	char *a = product();

	while (is("+") || is("-")) {
		char op = (*word++)[0];
		long long x = number(a), y = number(product()), v;

		if (op == '+' ? __builtin_add_overflow(x, y, &v) : __builtin_sub_overflow(x, y, &v))
			errx(2, "the number is too large");
		a = text_of(v);
	}
	return a;
}

static char *comparison(void)
{
	static const char *const ops[] = { "=", "==", "!=", "<", "<=", ">", ">=" };
	char *a = sum();

	for (;;) {
		int op = -1, c;
		long long x, y;
		char *b;

		for (int i = 0; i < 7; i++)
			if (is(ops[i]))
				op = i;
		if (op < 0)
			return a;
		word++;
		b = sum();
		if (as_number(a, &x) && as_number(b, &y))
			c = (x > y) - (x < y);
		else
			c = strcoll(a, b);
		a = text_of(op < 2  ? !c :
			    op == 2 ? c != 0 :
			    op == 3 ? c < 0 :
			    op == 4 ? c <= 0 :
			    op == 5 ? c > 0 :
				      c >= 0);
	}
}

static char *both(void)
{
	char *a = comparison();

	while (is("&")) {
		char *b;

		word++;
		b = comparison();
		if (empty(a) || empty(b))
			a = (char *)"0";
	}
	return a;
}

static char *either(void)
{
	char *a = both();

	while (is("|")) {
		char *b;

		word++;
		b = both();
		if (empty(a))
			a = empty(b) ? (char *)"0" : b;
	}
	return a;
}

int main(int argc, char **argv)
{
	char *value;

	help_option(argc, argv, help);
	word = argv + 1;
	if (is("--"))
		word++;
	if (!*word)
		usage(help, 2);
	value = either();
	if (*word)
		errx(2, "syntax error: unexpected argument '%s'", *word);
	puts(value);
	return finish(empty(value));
}
